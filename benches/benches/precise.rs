//! Level 1: sums as if in twice the precision, exchanges and plane rotations.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::vector::{self, Givens};
use teeter::{Float, Machine};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, close, settings};
use teeter_benches::reference::gamma;

/// In L1; in L2; beyond.
const SIZES: [usize; 3] = [16, 1024, 65_536];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A rotation by whole numbers over 5, rounded.
const TURN: (f64, f64) = (0.6, 0.8);

fn input(n: usize) -> Case<f64> {
    Case::new(Shape { operation: Operation::Dot, layout: Layout::Vector, n })
}

fn sums(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let case = input(n);
        let products: Vec<f64> = case.x.iter().zip(case.y.iter()).map(|(x, y)| x * y).collect();
        let magnitude: f64 = case.x.iter().map(|x| x.abs()).sum();
        // The plain sum is within γₙ of the exact one, and the precise one within much less.
        let (total, allowed) = (case.x.iter().sum(), 2.0 * gamma(n, UNIT) * magnitude);
        alone(
            criterion,
            ("sum_precise", n),
            (input(n).x, f64::NAN),
            |(x, out)| *out = vector::sum_precise(m, x),
            |(_, out)| close(*out, total, allowed),
        );
        let magnitude: f64 = products.iter().map(|x| x.abs()).sum();
        let (total, allowed) = (products.iter().sum(), 2.0 * gamma(n, UNIT) * magnitude);
        alone(
            criterion,
            ("dot_precise", n),
            (input(n), f64::NAN),
            |(s, out)| *out = vector::dot_precise(m, &s.x, &s.y).unwrap_or(f64::NAN),
            |(_, out)| close(*out, total, allowed),
        );
    }
}

fn turns(criterion: &mut Criterion) {
    let m = Machine::detect();
    let (c, s) = TURN;
    for n in SIZES {
        let before = input(n);
        let (x, y) = (&before.x, &before.y);
        alone(
            criterion,
            ("swap", n),
            input(n),
            |s| assert_eq!(vector::swap(m, &mut s.x, &mut s.y), Ok(()), "equal lengths"),
            |s| {
                all_close(&s.x, y.iter().copied(), 0.0)?;
                all_close(&s.y, x.iter().copied(), 0.0)
            },
        );
        alone(
            criterion,
            ("rotate", n),
            input(n),
            |s| assert_eq!(vector::rotate(m, TURN, &mut s.x, &mut s.y), Ok(()), "equal lengths"),
            |state| {
                let pairs = || x.iter().zip(y.iter());
                all_close(&state.x, pairs().map(|(x, y)| c * x + s * y), 0.0)?;
                all_close(&state.y, pairs().map(|(x, y)| c * y - s * x), 0.0)
            },
        );
    }
}

/// One rotation of moderate numbers, and one that must be scaled.
fn rotations(criterion: &mut Criterion) {
    for (name, power) in [("givens", 0), ("givens scaled", 600)] {
        let [f, g, right] = [3.0_f64, 4.0, 5.0].map(|x| x.scale_by_power(power));
        let none = Givens { c: f64::NAN, s: f64::NAN, r: f64::NAN };
        alone(
            criterion,
            (name, 1),
            ([f, g], none),
            |([f, g], out)| *out = vector::givens(*f, *g),
            |(_, out)| {
                close(out.c, TURN.0, 2.0 * gamma(3, UNIT) * TURN.0)?;
                close(out.s, TURN.1, 2.0 * gamma(3, UNIT) * TURN.1)?;
                close(out.r, right, gamma(2, UNIT) * right)
            },
        );
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = sums, turns, rotations
}
criterion_main!(layer);
