//! Rectangular and symmetric matrices of every kind that a factorization must survive, row-major.

use teeter::Float;

use super::{Source, matrix};
use crate::oracle::naive;

/// A matrix and what is hard about it.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// What is hard about it.
    pub name: &'static str,
    /// Its elements, row-major.
    pub a: Vec<T>,
}

/// Exponent of 1e±300 (f64) or 1e±30 (f32), where squares over- and underflow.
#[must_use]
pub fn extreme_power<T: Float>() -> i32 {
    if T::BITS == 32 { 99 } else { 996 }
}

fn named<T: Float>(name: &'static str, a: &[f64], power: i32) -> Named<T> {
    Named { name, a: a.iter().map(|&x| T::from_f64(x).scale_by_power(power)).collect() }
}

/// m × n, uniform in [−1, 1).
#[must_use]
pub fn uniform(m: usize, n: usize, seed: u64) -> Vec<f64> {
    let source = &mut Source::new(seed);
    (0..m * n).map(|_| source.unit()).collect()
}

/// m × n, whole numbers in [−4, 4].
#[must_use]
pub fn whole(m: usize, n: usize, seed: u64) -> Vec<f64> {
    let source = &mut Source::new(seed);
    (0..m * n).map(|_| source.whole(-4, 4) as f64).collect()
}

/// m × n of rank r in whole numbers: a product of factors with entries in [−2, 2].
#[must_use]
pub fn of_rank(m: usize, n: usize, rank: usize, seed: u64) -> Vec<f64> {
    let source = &mut Source::new(seed);
    let left: Vec<i64> = (0..m * rank).map(|_| source.whole(-2, 2)).collect();
    let right: Vec<i64> = (0..rank * n).map(|_| source.whole(-2, 2)).collect();
    naive::product(&left, &right, [m, rank, n]).iter().map(|&x| x as f64).collect()
}

/// m × n matrices for LU and QR.
#[must_use]
pub fn rectangular<T: Float>(m: usize, n: usize) -> Vec<Named<T>> {
    let a = uniform(m, n, 11);
    let graded = |by_rows: bool| -> Vec<f64> {
        let place = |e: usize| if by_rows { e / n.max(1) } else { e % n.max(1) };
        a.iter().enumerate().map(|(e, x)| x * 0.5_f64.powi(place(e) as i32)).collect()
    };
    // Columns that differ by little: almost of rank one.
    let clustered: Vec<f64> =
        a.iter().enumerate().map(|(e, x)| 1.0 + (e / n.max(1)) as f64 + 1e-3 * x).collect();
    let power = extreme_power::<T>();
    vec![
        named("uniform", &a, 0),
        named("whole", &whole(m, n, 12), 0),
        named("graded rows", &graded(true), 0),
        named("graded columns", &graded(false), 0),
        named("clustered", &clustered, 0),
        named("rank two", &of_rank(m, n, 2.min(m.min(n)), 13), 0),
        named("zero", &vec![0.0; m * n], 0),
        named("huge", &a, power),
        named("tiny", &a, -power),
    ]
}

/// m × n, uniform, in numbers that have lost most of their digits.
#[must_use]
pub fn subnormal<T: Float>(m: usize, n: usize) -> Named<T> {
    named("subnormal", &uniform(m, n, 14), if T::BITS == 32 { -140 } else { -1060 })
}

/// Symmetric positive definite n × n matrices.
#[must_use]
pub fn positive<T: Float>(n: usize) -> Vec<Named<T>> {
    let of = |f: &dyn Fn(f64) -> f64| {
        let values: Vec<f64> = (0..n).map(|i| f(i as f64 / n as f64)).collect();
        matrix::with_spectrum(&values, 21)
    };
    let power = extreme_power::<T>();
    let linear = of(&|t| 1.0 + t);
    vec![
        named("linear", &linear, 0),
        named("geometric", &of(&|t| 1000.0_f64.powf(t)), 0),
        named("clustered", &of(&|t| 1.0 + 1e-9 * t), 0),
        named("whole", &matrix::whole_positive(n, 22), 0),
        named("huge", &linear, power),
        named("tiny", &linear, -power),
    ]
}

/// Symmetric indefinite n × n matrices.
#[must_use]
pub fn indefinite<T: Float>(n: usize) -> Vec<Named<T>> {
    let power = extreme_power::<T>();
    let list = matrix::spectra(n);
    let mut all: Vec<Named<T>> = list
        .iter()
        .map(|(name, values)| named(name, &matrix::with_spectrum(values, 31), 0))
        .collect();
    let whole = matrix::whole_symmetric(n, 32);
    // A zero diagonal: no pivot of order one exists at first.
    let mut hollow = whole.clone();
    (0..n).for_each(|i| hollow[i * n + i] = 0.0);
    all.push(named("whole", &whole, 0));
    all.push(named("hollow", &hollow, 0));
    all.push(named("zero", &vec![0.0; n * n], 0));
    all.push(named("huge", &whole, power - 4));
    all.push(named("tiny", &whole, -power));
    all
}

/// Quasi-definite n × n matrices [[H, Bᵀ], [B, −G]], the second with rows and columns interleaved.
#[must_use]
pub fn quasi_definite<T: Float>(n: usize) -> Vec<Named<T>> {
    let half = n.div_ceil(2);
    let mut a = matrix::whole_positive(n, 41);
    for (e, x) in a.iter_mut().enumerate() {
        if e / n >= half && e % n >= half {
            *x = -*x;
        }
    }
    let order: Vec<usize> = (0..n).map(|i| if i % 2 == 0 { i / 2 } else { half + i / 2 }).collect();
    let mixed: Vec<f64> = (0..n * n).map(|e| a[order[e / n] * n + order[e % n]]).collect();
    let power = extreme_power::<T>() - 12;
    vec![
        named("quasi-definite", &a, 0),
        named("interleaved", &mixed, 0),
        named("positive", &matrix::whole_positive(n, 42), 0),
        named("negative", &matrix::whole_positive(n, 43).iter().map(|x| -x).collect::<Vec<_>>(), 0),
        named("huge", &a, power),
        named("tiny", &mixed, -power),
    ]
}
