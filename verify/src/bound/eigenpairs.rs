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
