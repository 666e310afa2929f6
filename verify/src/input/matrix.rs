//! Matrices, row-major in f64.

use super::Source;
use crate::oracle::naive;

/// A symmetric matrix QΛQᵀ with these eigenvalues, Q a product of at most six Householder reflections.
///
/// Its eigenvalues are `values` within rounding of order n·u·‖A‖; for exact spectra see
/// [`second_difference`], [`clement`].
#[must_use]
pub fn with_spectrum(values: &[f64], seed: u64) -> Vec<f64> {
    reflected(values, seed, values.len().min(6))
}

/// The same with n reflections: no eigenvector keeps near an axis, and no axis near an eigenvector.
#[must_use]
pub fn with_spectrum_mixed(values: &[f64], seed: u64) -> Vec<f64> {
    reflected(values, seed, values.len())
}

fn reflected(values: &[f64], seed: u64, reflections: usize) -> Vec<f64> {
    let n = values.len();
    let source = &mut Source::new(seed);
    let mut a = vec![0.0; n * n];
    for (i, value) in values.iter().enumerate() {
        a[i * n + i] = *value;
    }
    for _ in 0..reflections {
        let v: Vec<f64> = (0..n).map(|_| source.unit()).collect();
        let scale = 2.0 / naive::dot(&v, &v);
        // (I − svvᵀ)A(I − svvᵀ) = A − v wᵀ − w vᵀ, w = sAv − ½s²(vᵀAv)v.
        let p = naive::apply(&a, &v);
        let shift = 0.5 * scale * scale * naive::dot(&v, &p);
        let w: Vec<f64> = p.iter().zip(&v).map(|(p, v)| scale * p - shift * v).collect();
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
            }
        }
    }
    for i in 0..n {
        for j in 0..i {
            a[i * n + j] = a[j * n + i];
        }
    }
    a
}

/// Named spectra of n values: spread, repeated, clustered, ill-conditioned, indefinite.
#[must_use]
pub fn spectra(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let of = |f: &dyn Fn(f64) -> f64| (0..n).map(|i| f(i as f64)).collect::<Vec<f64>>();
    vec![
        ("linear", of(&|i| 1.0 + i)),
        ("repeated", of(&|i| if i < 3.0 { 4.0 } else { 1.0 })),
        ("clustered", of(&|i| 1.0 + 1e-9 * i)),
        ("geometric", of(&|i| 0.5_f64.powf(i))),
        ("indefinite", of(&|i| (i - 2.5) * if i % 2.0 == 0.0 { 1.0 } else { -1.0 })),
        ("rank one", of(&|i| if i == 0.0 { 7.0 } else { 0.0 })),
    ]
}

/// A symmetric positive definite whole-number matrix BBᵀ + nI, entries exact in f32 for n ≤ 64.
#[must_use]
pub fn whole_positive(n: usize, seed: u64) -> Vec<f64> {
    let source = &mut Source::new(seed);
    let b: Vec<f64> = (0..n * n).map(|_| source.whole(-3, 3) as f64).collect();
    let mut a = naive::multiply(&b, &naive::transpose(&b, n), n);
    for i in 0..n {
        a[i * n + i] += n as f64;
    }
    a
}

/// A symmetric whole-number matrix with entries in [−4, 4].
#[must_use]
pub fn whole_symmetric(n: usize, seed: u64) -> Vec<f64> {
    let source = &mut Source::new(seed);
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            a[i * n + j] = source.whole(-4, 4) as f64;
            a[j * n + i] = a[i * n + j];
        }
    }
    a
}

/// 1/(i + j + 1): condition about e^{3.5n}.
#[must_use]
pub fn hilbert(n: usize) -> Vec<f64> {
    (0..n * n).map(|e| 1.0 / (1 + e / n + e % n) as f64).collect()
}

/// The tridiagonal (−1, 2, −1): diagonal, off-diagonal, and its eigenvalues 4 sin²(πj/2(n + 1)).
#[must_use]
pub fn second_difference(n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let step = std::f64::consts::FRAC_PI_2 / (n + 1) as f64;
    let values = (1..=n).map(|j| 4.0 * (step * j as f64).sin().powi(2)).collect();
    (vec![2.0; n], vec![-1.0; n.saturating_sub(1)], values)
}

/// Clement's tridiagonal: zero diagonal, √(i(n − i)) beside it; eigenvalues −(n−1), −(n−3), …, n−1.
#[must_use]
pub fn clement(n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let off = (1..n).map(|i| ((i * (n - i)) as f64).sqrt()).collect();
    let values = (0..n).map(|i| 2.0 * i as f64 - (n as f64 - 1.0)).collect();
    (vec![0.0; n], off, values)
}

/// Wilkinson's W: |i − h| on the diagonal, ones beside it; its large eigenvalues come in pairs
/// that agree to many digits.
#[must_use]
pub fn wilkinson(n: usize) -> (Vec<f64>, Vec<f64>) {
    let half = (n as f64 - 1.0) / 2.0;
    ((0..n).map(|i| (i as f64 - half).abs()).collect(), vec![1.0; n.saturating_sub(1)])
}

/// The dense form of a symmetric tridiagonal matrix.
#[must_use]
pub fn dense(diagonal: &[f64], off_diagonal: &[f64]) -> Vec<f64> {
    let n = diagonal.len();
    let mut a = vec![0.0; n * n];
    for (i, &value) in diagonal.iter().enumerate() {
        a[i * n + i] = value;
    }
    for (i, &value) in off_diagonal.iter().enumerate() {
        a[i * n + i + 1] = value;
        a[(i + 1) * n + i] = value;
    }
    a
}

/// Twice the tallest strip (48 rows of f32) and one more; then the seams of blocks, 64 and 256 columns.
pub fn orders_across_seams() -> impl Iterator<Item = usize> {
    (0..=97).chain([127, 128, 129, 255, 256, 257, 280, 305])
}

/// Lower triangular, of small whole numbers below a diagonal that repeats these: with powers of two there, sums and
/// reciprocals of its factorizations are exact.
///
/// # Panics
/// If there are no numbers for the diagonal.
#[must_use]
pub fn whole_lower(n: usize, diagonal: &[f64]) -> Vec<f64> {
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => diagonal[i % diagonal.len()],
        // Sparse below, so that sums stay below 2²⁴.
        std::cmp::Ordering::Greater => {
            [0.0, 1.0, -1.0, 0.0, 2.0, 0.0, -2.0][(3 * i + 5 * j + i * j) % 7]
        }
    };
    (0..n * n).map(|e| entry(e / n, e % n)).collect()
}
