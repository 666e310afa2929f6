//! Level 1.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::{Machine, vector};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, close, settings, with_peers};
use teeter_benches::peer::Number;
use teeter_benches::reference::gamma;

/// In L1; in L2; beyond.
const SIZES: [usize; 3] = [16, 1024, 65_536];

const UNIT: f64 = f64::EPSILON / 2.0;

fn beside_peers<T: Number>(criterion: &mut Criterion) {
    let layouts = &[Layout::Vector];
    with_peers::<T>(criterion, "dot", (Operation::Dot, layouts), &SIZES);
    with_peers::<T>(criterion, "axpy", (Operation::Axpy, layouts), &SIZES);
    with_peers::<T>(criterion, "norm2", (Operation::Norm2, layouts), &SIZES);
    with_peers::<T>(criterion, "tanh_in_place", (Operation::Tanh, layouts), &SIZES);
}

fn input(n: usize) -> Case<f64> {
    Case::new(Shape { operation: Operation::Dot, layout: Layout::Vector, n })
}

fn reductions(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let x = input(n).x;
        let (total, magnitude) = (x.iter().sum::<f64>(), x.iter().map(|x| x.abs()).sum::<f64>());
        // Either order of summation within γₙ of the exact sum.
        let allowed = 2.0 * gamma(n, UNIT) * magnitude;
        let largest = x.iter().map(|x| x.abs()).fold(0.0, f64::max);

        let state = || (input(n).x, f64::NAN);
        alone(
            criterion,
            ("sum", n),
            state(),
            |(x, out)| *out = vector::sum(m, x),
            |(_, out)| close(*out, total, allowed),
        );
        alone(
            criterion,
            ("sum_abs", n),
            state(),
            |(x, out)| *out = vector::sum_abs(m, x),
            |(_, out)| close(*out, magnitude, allowed),
        );
        alone(
            criterion,
            ("argmax_abs", n),
            (input(n).x, n),
            |(x, out)| *out = vector::argmax_abs(m, x).unwrap_or(usize::MAX),
            |(x, out)| close(x.get(*out).map_or(f64::NAN, |x| x.abs()), largest, 0.0),
        );
        alone(
            criterion,
            ("first_not_finite", n),
            (input(n).x, Some(0)),
            |(x, out)| *out = vector::first_not_finite(m, x),
            |(_, out)| out.map_or(Ok(()), |i| Err(format!("number {i} is finite"))),
        );
    }
}

fn updates(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let before = input(n);
        let (x, y) = (&before.x, &before.y);
        // −1 changes no magnitude, however often it is applied.
        alone(
            criterion,
            ("scale", n),
            input(n),
            |s| vector::scale(m, -1.0, &mut s.x),
            |s| all_close(&s.x, x.iter().map(|x| -x), 0.0),
        );
        alone(
            criterion,
            ("multiply", n),
            input(n),
            |s| {
                s.y.copy_from_slice(&s.x);
                assert_eq!(vector::multiply(m, &s.x, &mut s.y), Ok(()), "equal lengths");
            },
            |s| all_close(&s.y, x.iter().map(|x| x * x), 0.0),
        );
        alone(
            criterion,
            ("copy", n),
            input(n),
            |s| assert_eq!(vector::copy(&s.x, &mut s.y), Ok(()), "equal lengths"),
            |s| all_close(&s.y, x.iter().copied(), 0.0),
        );
        assert_ne!(&**x, &**y, "a copy of equal vectors would show nothing");
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, reductions, updates
}
criterion_main!(layer);
