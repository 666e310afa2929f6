//! The machine: what finding it costs, and what entering it costs.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use teeter::{Machine, vector};
use teeter_benches::group::{alone, settings};

fn machine(criterion: &mut Criterion) {
    let best = Machine::detect();
    alone(
        criterion,
        ("detect", 1),
        None,
        |found| *found = Some(Machine::detect()),
        |found| {
            (*found == Some(best)).then_some(()).ok_or_else(|| format!("{found:?} after {best:?}"))
        },
    );
    // Four products: nearly all of it is the way in and out.
    let (x, y) = ([1.0_f64, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]);
    let mut group = criterion.benchmark_group("dispatch");
    for machine in Machine::present() {
        assert_eq!(vector::dot(machine, &x, &y), Ok(20.0), "{machine:?}");
        group.bench_function(BenchmarkId::from_parameter(machine.name()), |bencher| {
            bencher.iter(|| vector::dot(std::hint::black_box(machine), &x, &y));
        });
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = machine
}
criterion_main!(layer);
