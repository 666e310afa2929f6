//! What a solver is asked for, and what it says of its solution.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;

/// What [`conjugate_gradient`](crate::krylov::conjugate_gradient) asks for and may spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveOptions<'a, T> {
    /// ‖b − Ax‖ ≤ tolerance·‖b‖ is enough, 0 or more; √ε is usual. 0: as small as rounding lets it be.
    pub tolerance: T,
    /// Products allowed, at least 1.
    pub product_max: usize,
    /// Not above the smallest eigenvalue of A; 0 if nothing is known. It bounds the error, and changes no step.
    pub floor: T,
    /// The diagonal of M ≈ A, positive; `None` for M = I. Diagonal elements of A are the usual choice.
    pub preconditioner: Option<&'a [T]>,
}

/// How far x is from solving Ax = b, and its price. Always filled, whatever `stop` says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct SolveEstimate<T> {
    /// `Converged`: the tolerance was reached. `LimitReached`: the budget was used up, or residuals no longer halve.
    pub stop: Stop,
    /// ‖b − Ax‖
    pub residual: T,
    /// That over ‖b‖; 0 for b = 0.
    pub relative_residual: T,
    /// Whether it was found from a product with x, or carried on from step to step.
    pub verified: bool,
    /// ‖x* − x‖_A four steps ago was no less than this, and usually not much more; of fewer steps, from the first one.
    pub energy_before: T,
    /// ‖x* − x‖_A is no more: ‖b − Ax‖/√μ, μ the floor that was given; ∞ for 0.
    pub energy_upper: T,
    /// ‖x* − x‖₂ is no more: ‖b − Ax‖/μ; ∞ for μ = 0.
    pub error_upper: T,
    /// Products with A used.
    pub products: usize,
    /// Steps among them.
    pub steps: usize,
}

/// Tolerance, budget, floor and preconditioner.
pub(super) fn check_options<T: Float>(
    n: usize,
    options: &SolveOptions<'_, T>,
) -> Result<(), Error> {
    let SolveOptions { tolerance, product_max, floor, preconditioner } = *options;
    check::not_empty("n", n)?;
    check::in_range("tolerance", tolerance, 0.0, f64::MAX)?;
    check::in_range("product_max", product_max as f64, 1.0, f64::INFINITY)?;
    check::in_range("floor", floor, 0.0, f64::MAX)?;
    let Some(diagonal) = preconditioner else { return Ok(()) };
    check::same_len("preconditioner", n, diagonal.len())?;
    let refused = |d: &T| !(d.is_finite() && *d > T::ZERO);
    match diagonal.iter().enumerate().find(|(_, d)| refused(d)) {
        Some((index, d)) => Err(Error::Pivot { index, value: d.to_f64() }),
        None => Ok(()),
    }
}
