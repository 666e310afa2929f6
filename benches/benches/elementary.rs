//! Level 1 beyond the BLAS: elementary functions.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::{Machine, vector};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, settings};

const SIZES: [usize; 2] = [16, 1024];

/// Ours at most 1.7 units in the last place, the references' at most one for each of two calls and one
/// for each of two operations, amplified by at most 1: below 6 units of the largest.
const ALLOWED: f64 = 6.0 * f64::EPSILON;

fn input(n: usize) -> Vec<f64> {
    Case::<f64>::new(Shape { operation: Operation::Dot, layout: Layout::Vector, n }).x.to_vec()
}

fn functions(criterion: &mut Criterion) {
    type Call = fn(Machine, &mut [f64]);
    type Row = (&'static str, Call, fn(f64) -> f64);
    let m = Machine::detect();
    let list: [Row; 4] = [
        ("exp_in_place", vector::exp_in_place, f64::exp),
        ("sigmoid_in_place", vector::sigmoid_in_place, |x| 1.0 / (1.0 + (-x).exp())),
        ("softplus_in_place", vector::softplus_in_place, |x| x.exp().ln_1p()),
        ("log1p_in_place", vector::log1p_in_place, |x| (x.abs()).ln_1p()),
    ];
    for n in SIZES {
        for (name, call, reference) in list {
            let x: Vec<f64> = if name == "log1p_in_place" {
                input(n).iter().map(|x| x.abs()).collect()
            } else {
                input(n)
            };
            let right: Vec<f64> = x.iter().map(|&x| reference(x)).collect();
            let largest = right.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
            alone(
                criterion,
                (name, n),
                (x.clone(), x),
                |(x, y)| {
                    y.clone_from(x);
                    call(m, y);
                },
                |(_, y)| all_close(y, right.iter().copied(), ALLOWED * largest),
            );
        }
    }
}

criterion_group! { name = benches; config = settings(); targets = functions }
criterion_main!(benches);
