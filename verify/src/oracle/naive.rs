//! Textbook loops over row-major matrices.

use std::ops::{AddAssign, Mul};

/// C = AB, in whole numbers or in f64; a: m × k, b: k × n.
#[must_use]
pub fn product<E>(a: &[E], b: &[E], shape: [usize; 3]) -> Vec<E>
where
    E: Copy + Default + AddAssign + Mul<Output = E>,
{
    let [m, k, n] = shape;
    let mut c = vec![E::default(); m * n];
    for i in 0..m {
        for p in 0..k {
            for j in 0..n {
                c[i * n + j] += a[i * k + p] * b[p * n + j];
            }
        }
    }
    c
}

/// y = Ax for a square matrix in f64.
#[must_use]
pub fn apply(a: &[f64], x: &[f64]) -> Vec<f64> {
    let n = x.len();
    (0..n).map(|i| (0..n).map(|j| a[i * n + j] * x[j]).sum()).collect()
}

/// xᵀy in f64.
#[must_use]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// ‖x‖ in f64.
#[must_use]
pub fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// ‖A‖_F
#[must_use]
pub fn frobenius(a: &[f64]) -> f64 {
    norm(a)
}

/// AᵀBA or its like: the product of three square matrices, in f64.
#[must_use]
pub fn triple(a: &[f64], b: &[f64], c: &[f64], n: usize) -> Vec<f64> {
    multiply(&multiply(a, b, n), c, n)
}

/// AB for square matrices, in f64.
#[must_use]
pub fn multiply(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut c = vec![0.0; n * n];
    for i in 0..n {
        for p in 0..n {
            for j in 0..n {
                c[i * n + j] += a[i * n + p] * b[p * n + j];
            }
        }
    }
    c
}

/// Aᵀ
#[must_use]
pub fn transpose(a: &[f64], n: usize) -> Vec<f64> {
    (0..n * n).map(|e| a[(e % n) * n + e / n]).collect()
}
