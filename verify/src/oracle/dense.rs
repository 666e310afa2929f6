//! Rectangular row-major matrices in f64, and factors read out of what a factorization leaves.

use teeter::Float;

pub use super::naive::product;

/// Aᵀ; a: m × n.
#[must_use]
pub fn transpose(a: &[f64], shape: [usize; 2]) -> Vec<f64> {
    let [m, n] = shape;
    (0..m * n).map(|e| a[e % m * n + e / m]).collect()
}

/// |A|
#[must_use]
pub fn size(a: &[f64]) -> Vec<f64> {
    a.iter().map(|x| x.abs()).collect()
}

/// A − B
#[must_use]
pub fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The largest sum of a column's sizes: ‖A‖₁ of m × n.
#[must_use]
pub fn norm1(a: &[f64], shape: [usize; 2]) -> f64 {
    let n = shape[1];
    let sum = |j: usize| a.iter().skip(j).step_by(n.max(1)).map(|x| x.abs()).sum::<f64>();
    (0..n).map(sum).fold(0.0, |max, x| if x.is_nan() || x > max { x } else { max })
}

/// Euclidean norms of the columns of m × n.
#[must_use]
pub fn column_norms(a: &[f64], shape: [usize; 2]) -> Vec<f64> {
    let n = shape[1];
    (0..n).map(|j| a.iter().skip(j).step_by(n.max(1)).map(|x| x * x).sum::<f64>().sqrt()).collect()
}

/// I of m × n.
#[must_use]
pub fn identity(shape: [usize; 2]) -> Vec<f64> {
    let [m, n] = shape;
    (0..m * n).map(|e| if e / n == e % n { 1.0 } else { 0.0 }).collect()
}

/// The power of two that brings max|aᵢⱼ| near 1.
#[must_use]
pub fn power<T: Float>(a: &[T]) -> i32 {
    let largest = a.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
    if largest == T::ZERO || !largest.is_finite() { 0 } else { -largest.exponent() }
}

/// 2ᵏA in f64: exact, for products that neither overflow nor vanish.
#[must_use]
pub fn scaled<T: Float>(a: &[T], power: i32) -> Vec<f64> {
    a.iter().map(|x| x.to_f64().scale_by_power(power)).collect()
}

/// What is on and above the diagonal of m × n, in its first r rows.
#[must_use]
pub fn upper<T: Float>(a: &[T], shape: [usize; 2]) -> Vec<T> {
    let [m, n] = shape;
    let r = m.min(n);
    (0..r * n).map(|e| if e % n >= e / n { a[e] } else { T::ZERO }).collect()
}

/// What is below the diagonal of m × n, in its first r columns, with ones on it.
#[must_use]
pub fn unit_lower<T: Float>(a: &[T], shape: [usize; 2]) -> Vec<T> {
    let [m, n] = shape;
    let r = m.min(n);
    let element = |e: usize| {
        let (i, j) = (e / r, e % r);
        if i > j {
            a[i * n + j]
        } else if i == j {
            T::ONE
        } else {
            T::ZERO
        }
    };
    (0..m * r).map(element).collect()
}

/// Rows exchanged as `pivots` say: PA.
#[must_use]
pub fn permuted<T: Float>(a: &[T], n: usize, pivots: &[usize]) -> Vec<T> {
    let mut a = a.to_vec();
    for (k, &place) in pivots.iter().enumerate() {
        for j in 0..n {
            a.swap(k * n + j, place * n + j);
        }
    }
    a
}
