//! faer, as the second opinion on factorizations and eigenvalues. Row-major in and out.

use faer::{Mat, Side};

fn matrix(a: &[f64], rows: usize, cols: usize) -> Mat<f64> {
    Mat::from_fn(rows, cols, |i, j| a[i * cols + j])
}

/// AB; a: m × k, b: k × n.
#[must_use]
pub fn product(a: &[f64], b: &[f64], shape: [usize; 3]) -> Vec<f64> {
    let [m, k, n] = shape;
    let c = matrix(a, m, k) * matrix(b, k, n);
    (0..m * n).map(|e| c[(e / n, e % n)]).collect()
}

/// L with A = LLᵀ; `None` if A is not positive definite.
#[must_use]
pub fn cholesky(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let factor = matrix(a, n, n).llt(Side::Lower).ok()?;
    let l = factor.L();
    Some((0..n * n).map(|e| if e % n <= e / n { l[(e / n, e % n)] } else { 0.0 }).collect())
}

/// The eigenvalues of a symmetric matrix, ascending; reads the lower triangle.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn eigenvalues(a: &[f64], n: usize) -> Vec<f64> {
    matrix(a, n, n).self_adjoint_eigenvalues(Side::Lower).expect("faer converges on finite input")
}

/// The eigenvalues of any square matrix, real and imaginary part.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn general_eigenvalues(a: &[f64], n: usize) -> Vec<[f64; 2]> {
    let values = matrix(a, n, n).eigenvalues().expect("faer converges on finite input");
    values.iter().map(|value| [value.re, value.im]).collect()
}

/// A⁻¹, by partial-pivoting LU.
#[must_use]
pub fn inverse(a: &[f64], n: usize) -> Vec<f64> {
    use faer::linalg::solvers::DenseSolveCore;
    let inverse = matrix(a, n, n).partial_piv_lu().inverse();
    (0..n * n).map(|e| inverse[(e / n, e % n)]).collect()
}

/// The eigenvalues, ascending, and the last component of each unit eigenvector.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn eigen_last_components(a: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let eigen = matrix(a, n, n).self_adjoint_eigen(Side::Lower).expect("faer converges");
    let (values, vectors) = (eigen.S().column_vector(), eigen.U());
    ((0..n).map(|i| values[i]).collect(), (0..n).map(|i| vectors[(n - 1, i)]).collect())
}

/// A⁺ (n × m) of m × n, by the SVD; singular values below max(m, n)·ε·σ₁ count as 0.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn pseudo_inverse(a: &[f64], [m, n]: [usize; 2]) -> Vec<f64> {
    let (values, u, v) = svd(a, [m, n]);
    let r = values.len();
    let least = threshold(&values, [m, n]);
    let inverse = |k: usize| if values[k] > least { 1.0 / values[k] } else { 0.0 };
    let element = |e: usize| (0..r).map(|k| v[(e / m, k)] * inverse(k) * u[(e % m, k)]).sum();
    (0..n * m).map(element).collect()
}

/// How many singular values exceed max(m, n)·ε·σ₁.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn rank(a: &[f64], shape: [usize; 2]) -> usize {
    let (values, _, _) = svd(a, shape);
    let least = threshold(&values, shape);
    values.iter().filter(|&&value| value > least).count()
}

/// x of min ‖Ax − b‖, by the pseudo-inverse.
#[must_use]
pub fn least_squares(a: &[f64], b: &[f64], [m, n]: [usize; 2]) -> Vec<f64> {
    let inverse = pseudo_inverse(a, [m, n]);
    (0..n).map(|i| (0..m).map(|j| inverse[i * m + j] * b[j]).sum()).collect()
}

fn threshold(values: &[f64], [m, n]: [usize; 2]) -> f64 {
    values.first().map_or(0.0, |largest| m.max(n) as f64 * f64::EPSILON * largest)
}

/// Σ, descending, U and V.
///
/// # Panics
/// If faer does not converge; no finite matrix known makes it.
#[must_use]
pub fn svd(a: &[f64], [m, n]: [usize; 2]) -> (Vec<f64>, Mat<f64>, Mat<f64>) {
    let svd = matrix(a, m, n).thin_svd().expect("faer converges on finite input");
    let s = svd.S().column_vector();
    ((0..s.nrows()).map(|k| s[k]).collect(), svd.U().to_owned(), svd.V().to_owned())
}
