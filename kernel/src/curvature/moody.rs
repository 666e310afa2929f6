//! Moody's effective number of parameters and the prediction error that follows from it.

use crate::check;
use crate::error::Error;
use crate::factor::cholesky_in_place;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, trsm};
use crate::simd::{Machine, pieces_mut};

/// The error to expect on new targets at the same inputs: E_train + 2σ²p_eff/n.
///
/// Exact in the mean for any linear smoother ŷ = Sy with p_eff = Tr S and independent noise of variance σ², whatever
/// the true function; Akaike's when nothing is regularized. `LinearFit::degrees_of_freedom` is p_eff of a linear model.
///
/// # Units
/// `train_error` is a mean of squares, not of half squares; so is the result.
///
/// # Accuracy
/// 4u of the sum of magnitudes.
///
/// # Errors
/// `Error::Range` for a negative, infinite or NaN error, variance or p_eff, or n = 0.
///
/// # Cost
/// Four flops.
///
/// # Source
/// Moody 1992, NIPS 4, 847, eq. 1.
///
/// # Example
/// ```
/// use teeter::curvature::generalized_prediction_error;
/// assert_eq!(generalized_prediction_error(1.0, 0.5, 2.0, 4), Ok(1.5));
/// ```
#[doc(alias = "gpe")]
#[doc(alias = "mallows_cp")]
pub fn generalized_prediction_error<T: Float>(
    train_error: T,
    noise_variance: T,
    effective: T,
    n: usize,
) -> Result<T, Error> {
    let largest = T::MAX.to_f64();
    check::in_range("train_error", train_error, 0.0, largest)?;
    check::in_range("noise_variance", noise_variance, 0.0, largest)?;
    check::in_range("effective", effective, 0.0, largest)?;
    check::in_range("n", T::from_usize(n), 1.0, largest)?;
    Ok(train_error + T::TWO * noise_variance * (effective / T::from_usize(n)))
}

/// Elements of scratch that [`effective_parameters_nonlinear`] needs: pn.
#[must_use]
pub const fn effective_parameters_nonlinear_scratch_len(n: usize, p: usize) -> usize {
    n.saturating_mul(p)
}

/// p_eff = ½ Tr(TU⁻¹Tᵀ) of a nonlinear model: Moody's, from mixed derivatives and the Hessian.
///
/// Tᵢₐ = ∂²(nE)/∂yᵢ∂wₐ, how targets pull at weights, and U = ∂²(nE + regularizer)/∂w∂w, with nE = Σ(y − f)²: for a linear model
/// T = −2Φ, U = 2ΦᵀΦ + 2αI, and p_eff = Σλ/(λ + α). With squares halved T and U are halved, and so is the
/// result: give what it is the derivative of.
///
/// # Shapes
/// `mixed`: T, n × p, any strides. `curvature`: U, p × p, the lower triangle is read and becomes L of U = LLᵀ.
/// `scratch`: at least [`effective_parameters_nonlinear_scratch_len`] (n, p).
///
/// # Method
/// U = LLᵀ, half the sum of squares of L⁻¹Tᵀ: no term is negative.
///
/// # Accuracy
/// That of U + ΔU, |ΔU| ≤ γ₂ₚ₊₅|L||Lᵀ|: relative error at most γ₂ₚ₊₅·p·κ(U), and γ₍ₙₚ₊₂₎ of the sum. 0 for n = 0 or p = 0.
///
/// # Errors
/// `Error::Length`, `Error::Short`; `Error::NotFinite`; `Error::Pivot` if U is not positive definite: the model is not at
/// a minimum, and p_eff has no meaning.
///
/// # Cost
/// p³/3 + np² flops.
///
/// # Source
/// Moody 1992, NIPS 4, 847, eq. 14.
pub fn effective_parameters_nonlinear<T: Float>(
    machine: Machine,
    mixed: MatRef<'_, T>,
    curvature: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<T, Error> {
    let (n, p, mut curvature) = (mixed.rows(), mixed.cols(), curvature);
    check::same_len("curvature.rows", p, curvature.rows())?;
    check::same_len("curvature.cols", p, curvature.cols())?;
    let needed = effective_parameters_nonlinear_scratch_len(n, p);
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let solved = check::take(&mut scratch, needed)?;
    for (i, column) in pieces_mut(solved, p).enumerate() {
        for (a, x) in column.iter_mut().enumerate() {
            *x = mixed.get(i, a).unwrap_or(T::ZERO);
        }
        check::finite("mixed", column)?;
    }
    cholesky_in_place(machine, curvature.rb_mut())?;
    let factor = curvature.rb().triangular(Triangle::Lower, Diagonal::NonUnit);
    trsm(machine, T::ONE, Side::Left(factor), MatMut::col_major(solved, p, n)?)?;
    Ok(T::HALF * solved.iter().fold(T::ZERO, |sum, &x| sum + x * x))
}
