//! The effective number of parameters of a matrix in memory: by eigenvalues, and by a factor.

use crate::check;
use crate::curvature::effective_parameters;
use crate::error::Error;
use crate::factor::{cholesky_in_place, symmetric_eigen, symmetric_eigen_scratch_len};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, Triangle, trsv};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`effective_parameters_dense`] needs.
#[must_use]
pub const fn effective_parameters_dense_scratch_len(n: usize) -> usize {
    symmetric_eigen_scratch_len(n).saturating_add(n)
}

/// Σ |λᵢ|/(|λᵢ| + α) of a symmetric matrix, from all of its eigenvalues.
///
/// # Shapes
/// `h`: n × n, any strides; only the lower triangle is read, all of it is overwritten by the eigenvectors. `scratch`: at least
/// [`effective_parameters_dense_scratch_len`] (n).
///
/// # Units
/// As [`effective_parameters`].
///
/// # Method
/// [`symmetric_eigen`], then [`effective_parameters`].
///
/// # Accuracy
/// Each eigenvalue is within 10·n·u·‖H‖_F, and |λ|/(|λ| + α) has a slope of at most 1/α: the error is at most
/// 10·n²·u·‖H‖_F/α + (n + 2)u·n. 0 for n = 0.
///
/// # Errors
/// `Error::Range` for α as in [`effective_parameters`]; those of [`symmetric_eigen`].
///
/// # Cost
/// That of [`symmetric_eigen`]. [`effective_parameters_cholesky`] needs a tenth, for one α and H ⪰ 0.
///
/// # Source
/// As [`effective_parameters`].
pub fn effective_parameters_dense<T: Float>(
    machine: Machine,
    h: MatMut<'_, T>,
    alpha: T,
    scratch: &mut [T],
) -> Result<T, Error> {
    let n = h.rows();
    check::in_range("alpha", alpha, 0.0, T::MAX.to_f64())?;
    let needed = effective_parameters_dense_scratch_len(n);
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let values = check::take(&mut scratch, n)?;
    symmetric_eigen(machine, h, values, scratch)?;
    effective_parameters(values, alpha)
}

/// Tr((H + αI)⁻¹H) = n − α‖L⁻¹‖_F², LLᵀ = H + αI: the effective number of parameters by one factorization.
///
/// # Shapes
/// `h`: n × n, symmetric, any strides; its lower triangle is read and overwritten by L. `scratch`: at least n.
///
/// # Units
/// As [`effective_parameters`].
///
/// # Method
/// [`cholesky_in_place`] of H + αI; then the columns of L⁻¹, one triangular solve each, of which only the lengths are kept.
///
/// # Accuracy
/// To first order, A = H + αI: γₙ₊₄·α·Tr A·Tr A⁻² of the factor, 2γₙ·√(Tr A·Tr A⁻¹)·αTr A⁻¹ of the solves, γₙ₊₁₀·n of the sum. Not
/// relative: where the result is small beside n, α large beside the eigenvalues, digits are lost. H need not be ⪰ 0 as long
/// as H + αI is positive definite; then negative eigenvalues count λ/(λ + α), below 0. 0 for n = 0.
///
/// # Errors
/// `Error::Range` for α not positive; `Error::Length`, `Error::Short`; `Error::Pivot`, `Error::NotFinite` as
/// [`cholesky_in_place`]: H + αI is not positive definite.
///
/// # Cost
/// 2n³/3 flops.
///
/// # Source
/// MacKay 1992, *Neural Computation* 4, 415: γ = k − αTr A⁻¹.
///
/// # Example
/// ```
/// use teeter::{Machine, curvature::effective_parameters_cholesky, matrix::MatMut};
/// let mut h = [2.0, 1.0, 1.0, 2.0]; // eigenvalues 3 and 1
/// let view = MatMut::row_major(&mut h, 2, 2)?;
/// let found = effective_parameters_cholesky(Machine::detect(), view, 1.0, &mut [0.0; 2])?;
/// assert!((found - 1.25_f64).abs() < 1e-14); // ¾ + ½
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn effective_parameters_cholesky<T: Float>(
    machine: Machine,
    h: MatMut<'_, T>,
    alpha: T,
    scratch: &mut [T],
) -> Result<T, Error> {
    let (n, mut h) = (h.rows(), h);
    check::same_len("h.cols", n, h.cols())?;
    check::in_range("alpha", alpha, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
    check::at_least("scratch", n, scratch.len())?;
    for i in 0..n {
        let shifted = h.get(i, i).unwrap_or(T::NAN) + alpha;
        let _ = h.set(i, i, shifted);
    }
    cholesky_in_place(machine, h.rb_mut())?;
    let (root, mut total) = (alpha.sqrt(), T::ZERO);
    for j in 0..n {
        let (column, _) = check::split(scratch, n - j)?;
        column.fill(T::ZERO);
        if let Some(first) = column.first_mut() {
            *first = root;
        }
        let part = h.rb().sub([j, j], [n - j, n - j])?;
        trsv(machine, part.triangular(Triangle::Lower, Diagonal::NonUnit), column)?;
        let length = vector::norm2(machine, column);
        total += length * length;
    }
    Ok(T::from_usize(n) - total)
}
