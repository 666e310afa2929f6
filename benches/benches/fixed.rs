//! Sizes known when compiled, beside everyone who may be called there.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::fixed;
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, settings};
use teeter_benches::peer::{Number, Peer, TeeterFixed};
use teeter_benches::reference::{Reference, gamma};

/// What the table measures too, here alone and with its answer checked.
fn beside_peers<T: Number>(criterion: &mut Criterion) {
    for operation in Operation::ALL {
        for n in [4, 8, 12] {
            let layout = if operation.class() == teeter_benches::operation::Class::Vector {
                Layout::Vector
            } else {
                Layout::Col
            };
            let case = Case::<T>::new(Shape { operation, layout, n });
            let Some(mut task) = TeeterFixed.task(&case) else { continue };
            task.run(1);
            let verdict = Reference::new(&case).check(&task.answer());
            assert!(verdict.is_ok(), "{} at n = {n}: {verdict:?}", operation.name());
            let name = format!("fixed {} {}", operation.name(), T::NAME);
            criterion
                .benchmark_group(name)
                .bench_function(n.to_string(), |bencher| bencher.iter(|| task.run(1)));
        }
    }
}

/// Both substitutions with L of ones, whose solutions are known: Lx = (1, 2, …) has x = 1.
fn substitution(criterion: &mut Criterion) {
    const N: usize = 8;
    let l: [[f64; N]; N] = std::array::from_fn(|j| std::array::from_fn(|i| f64::from(i >= j)));
    let rising: [f64; N] = std::array::from_fn(|i| (i + 1) as f64);
    let falling: [f64; N] = std::array::from_fn(|i| (N - i) as f64);
    let check = |x: &[f64; N]| all_close(x, [1.0; N], gamma(N, f64::EPSILON / 2.0));
    let forward = |x: &mut [f64; N]| {
        *x = rising;
        fixed::solve_lower(&l, x).expect("ones on the diagonal");
    };
    alone(criterion, ("fixed solve_lower", N), [0.0; N], forward, check);
    let backward = |x: &mut [f64; N]| {
        *x = falling;
        fixed::solve_lower_transposed(&l, x).expect("ones on the diagonal");
    };
    alone(criterion, ("fixed solve_lower_transposed", N), [0.0; N], backward, check);
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, substitution
}
criterion_main!(layer);
