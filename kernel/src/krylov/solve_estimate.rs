//! What a solver says of its solution.

use crate::error::Stop;

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
