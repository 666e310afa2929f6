//! The small problem: eigenvalues of T and what they say about A.

use crate::check;
use crate::error::{Error, Stop};
use crate::factor::{tridiagonal_rows, tridiagonal_vectors};
use crate::float::Float;
use crate::krylov::Lanczos;
use crate::matrix::{MatMut, gemv};
use crate::simd::{Machine, pieces_mut};
use crate::vector;

/// An eigenvalue, its certificate and its price. Always filled, whatever `stop` says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Eigenpair<T> {
    /// Why the iteration stopped.
    pub stop: Stop,
    /// The eigenvalue θ = vᵀAv.
    pub value: T,
    /// ‖Av − θv‖ for the unit vector v returned beside it, computed from a product.
    pub residual: T,
    /// θ − residual: some eigenvalue of A lies in [lower, upper].
    pub lower: T,
    /// θ + residual.
    pub upper: T,
    /// Products with A used.
    pub products: usize,
    /// Steps of the last Krylov process, the order of its T.
    pub steps: usize,
    /// The largest element of |QᵀQ − I| for its basis.
    pub orthogonality: T,
}

/// Elements of scratch that [`ritz_values`] needs: 2k for k steps.
#[must_use]
pub const fn ritz_scratch_len(steps: usize) -> usize {
    steps.saturating_mul(2)
}

/// The Ritz values θ of a Lanczos process, with the weight and the residual of each.
///
/// The weights are those of the Gauss quadrature Σ wᵢ f(θᵢ) ≈ qᵀf(A)q, q the unit start
/// vector: exact for polynomials of degree up to 2k − 1. The residual ‖Ay − θy‖ = β|sₖ| of the
/// Ritz vector y costs no product; an eigenvalue lies within it of θ.
///
/// # Shapes
/// `values`, `weights`, `residuals`: k = `lanczos.steps()`. `scratch`: 2k.
///
/// # Method
/// Implicit QL on T with the first and last row of the vectors rotated along.
///
/// # Accuracy
/// Values within 10·k·u·‖T‖ of those of T, ascending; weights within 20·k·u; the same bits on every
/// machine.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; nothing is changed then.
///
/// # Cost
/// O(k²) flops, no product.
///
/// # Source
/// Parlett 1998, §13.2; Golub, Welsch 1969, doi:10.1090/S0025-5718-69-99647-1.
pub fn ritz_values<T: Float>(
    lanczos: &Lanczos<'_, T>,
    values: &mut [T],
    weights: &mut [T],
    residuals: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let k = lanczos.steps();
    check::same_len("values", k, values.len())?;
    check::same_len("weights", k, weights.len())?;
    check::same_len("residuals", k, residuals.len())?;
    check::at_least("scratch", ritz_scratch_len(k), scratch.len())?;
    let mut scratch = scratch;
    let off_diagonal = check::take(&mut scratch, k.saturating_sub(1))?;
    vector::copy(lanczos.diagonal(), values)?;
    vector::copy(lanczos.off_diagonal(), off_diagonal)?;
    tridiagonal_rows(values, off_diagonal, weights, residuals)?;
    for weight in weights {
        *weight *= *weight;
    }
    let beta = lanczos.residual_norm();
    for residual in residuals {
        *residual = beta * residual.abs();
    }
    Ok(())
}

/// The unit Ritz vector number `index` in ascending order of its value, and that value.
///
/// # Shapes
/// `vector`: n. `scratch`: at least k² + 2k, k = `lanczos.steps()`.
///
/// # Accuracy
/// y = Qs with ‖s‖ = 1 within 10·k·u, so ‖y‖ = 1 as far as Q is orthonormal.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `Error::Range` if there is no
/// such value.
///
/// # Cost
/// 3k³ + 2nk flops, no product.
pub fn ritz_vector<T: Float>(
    machine: Machine,
    lanczos: &Lanczos<'_, T>,
    index: usize,
    vector: &mut [T],
    scratch: &mut [T],
) -> Result<T, Error> {
    let k = lanczos.steps();
    check::same_len("vector", lanczos.basis()?.rows(), vector.len())?;
    let high = k.saturating_sub(1);
    check::in_range("index", T::from_usize(index), 0.0, high as f64)?;
    check::at_least("scratch", k.saturating_mul(k.saturating_add(2)), scratch.len())?;
    let mut scratch = scratch;
    let s = check::take(&mut scratch, k * k)?;
    let values = check::take(&mut scratch, k)?;
    let off_diagonal = check::take(&mut scratch, k.saturating_sub(1))?;
    vector::copy(lanczos.diagonal(), values)?;
    vector::copy(lanczos.off_diagonal(), off_diagonal)?;
    for (j, column) in pieces_mut(s, k).enumerate() {
        for (i, element) in column.iter_mut().enumerate() {
            *element = if i == j { T::ONE } else { T::ZERO };
        }
    }
    let mut s = MatMut::col_major(s, k, k)?;
    tridiagonal_vectors(values, off_diagonal, s.rb_mut())?;
    let coefficients = s.rb().column(index).unwrap_or(&[]);
    gemv(machine, T::ONE, lanczos.basis()?, coefficients, T::ZERO, vector)?;
    Ok(values.get(index).copied().unwrap_or(T::NAN))
}
