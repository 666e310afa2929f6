//! What the criterion files in `benches/` share.
//!
//! A group is named after the function, so that its name finds its benchmark. Each answer is
//! checked before its time is taken: a fast wrong answer stops the run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use teeter::Machine;

use crate::case::{Case, Layout, Operation, Shape};
use crate::peer::{Number, Peer, Task, Teeter};
use crate::reference::Reference;

/// Short runs: the figures that count come from interleaved rounds, not from here.
#[must_use]
pub fn settings() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
}

/// teeter and every peer that offers the operation, at these layouts and sizes.
///
/// # Panics
/// If an answer is wrong: with the name of who gave it, and the bound.
pub fn with_peers<T: Number>(
    criterion: &mut Criterion,
    name: &str,
    (operation, layouts): (Operation, &[Layout]),
    sizes: &[usize],
) {
    let machine = Machine::detect();
    let mut group = criterion.benchmark_group(name);
    for (&layout, &n) in layouts.iter().flat_map(|layout| sizes.iter().map(move |n| (layout, n))) {
        let case = Case::<T>::new(Shape { operation, layout, n });
        let reference = Reference::new(&case);
        let mut bench = |peer: &dyn Peer<T>| {
            let Some(mut task) = peer.task(&case) else { return };
            task.run(1);
            let verdict = reference.check(&task.answer());
            assert!(verdict.is_ok(), "{name} {}: {verdict:?}", peer.name());
            let id = BenchmarkId::new(peer.name(), format!("{} {layout} {n}", T::NAME));
            group.bench_function(id, |bencher| {
                bencher.iter_custom(|repetitions| time(&mut *task, repetitions));
            });
        };
        bench(&Teeter(machine));
        if operation.fuses() {
            bench(&Teeter(machine.fused()));
        }
        T::peers().iter().for_each(|peer| bench(&**peer));
    }
}

fn time(task: &mut dyn Task, repetitions: u64) -> Duration {
    let start = Instant::now();
    task.run(repetitions as usize);
    start.elapsed()
}

/// One function of ours at one size; `state` is what it works on, `check` judges what is left
/// there after the first run.
///
/// # Panics
/// If `check` says no.
pub fn alone<S>(
    criterion: &mut Criterion,
    (name, n): (&str, usize),
    mut state: S,
    mut step: impl FnMut(&mut S),
    check: impl FnOnce(&S) -> Result<(), String>,
) {
    step(&mut state);
    let verdict = check(&state);
    assert!(verdict.is_ok(), "{name} at n = {n}: {verdict:?}");
    criterion.benchmark_group(name).bench_function(BenchmarkId::from_parameter(n), |bencher| {
        bencher.iter(|| step(black_box(&mut state)));
    });
}

/// Whether a number is within what is allowed of the right one.
///
/// # Errors
/// Both numbers and the bound.
pub fn close(found: f64, right: f64, allowed: f64) -> Result<(), String> {
    if (found - right).abs() <= allowed {
        Ok(())
    } else {
        Err(format!("{found:e} is not within {allowed:e} of {right:e}"))
    }
}

/// Whether all of some numbers are within what is allowed of the right ones.
///
/// # Errors
/// The first that is not.
pub fn all_close(
    found: &[f64],
    right: impl IntoIterator<Item = f64>,
    allowed: f64,
) -> Result<(), String> {
    found.iter().zip(right).try_for_each(|(&found, right)| close(found, right, allowed))
}
