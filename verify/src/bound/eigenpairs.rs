//! Bounds of eigenpairs that were asked for within √ε.

use teeter::Float;

use super::eigen;

/// k eigenvalues of order n, over ‖A‖₂, where residuals of √ε·‖A‖ were asked for, and the residuals themselves.
///
/// k orthonormal vectors with residuals of at most r have k eigenvalues, copies counted, within √k·r of
/// theirs (Parlett 1998, §11.5). Beside that the rounding of whoever answers and of the matrix,
/// [`eigen`] of ‖A‖_F ≤ √n·‖A‖₂ each.
#[must_use]
pub fn asked<T: Float>(n: usize, k: usize) -> f64 {
    let rounding = (n as f64).sqrt() * (eigen::<T>(n) + eigen::<f64>(n));
    (k as f64).sqrt() * T::EPSILON.sqrt().to_f64() + rounding
}

/// Products over those of ARPACK, at most: what the project promises of its searches, no theorem.
pub const PRODUCTS: f64 = 1.1;

/// Time beside the products over that of the products, at most: promised likewise, for a product of a network
/// or of a full matrix at n = 10⁴ and 30 vectors.
pub const OVERHEAD: f64 = 0.1;

/// ‖Av − θv‖/|θ| where √ε was asked for: what the search ends at, and the rounding that parts it from the true one,
/// less than a tenth of √ε where |θ| is not below ‖A‖/10⁴.
#[must_use]
pub fn relative_residual() -> f64 {
    1.1 * f64::EPSILON.sqrt()
}
