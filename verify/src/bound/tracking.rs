//! Bounds of eigenvalues followed along a training run.

use teeter::Float;

use super::{eigen, gamma_f64, lanczos};

/// Median error of λ₁ over λ₁, at one or two products a step: what the project promises (issue 4, 4), no theorem.
pub const MEDIAN: f64 = 0.01;

/// ‖Av − θv‖/|θ| that the search beside it is asked for at each step. For symmetric A an eigenvalue lies as near to θ, so
/// that the reference is off by a hundredth of [`MEDIAN`] at most.
pub const REFERENCE: f64 = 1e-4;

/// A Rayleigh quotient of two products, its residual, and a Ritz value of k: over ‖A‖_F.
///
/// The products are the test's own, so that their rounding is no part of it; vᵀw of n terms errs by γₙ, the
/// combinations of k columns by γ₍ₖ₊₂₎√k each time the basis is turned, the small problem by [`eigen`]; `defect` is the
/// largest element of |VᵀV − I|. All of that is within one step of Lanczos, [`lanczos`], beside the small problem.
#[must_use]
pub fn ritz<T: Float>(n: usize, k: usize, defect: f64) -> f64 {
    lanczos::<T>(n, k, defect) + eigen::<T>(k)
}

/// What turning columns of products rounds, over ‖A‖_F, after `turns` turns: each makes n-vectors of k terms, γ₍ₖ₊₂₎√k of
/// the largest, twice (mended and turned).
#[must_use]
pub fn turned<T: Float>(k: usize, turns: usize) -> f64 {
    turns as f64 * 2.0 * (k as f64).sqrt() * gamma_f64::<T>(k + 2)
}

/// The largest element of |VᵀV − I| after V(3I − VᵀV)/2 and a turn: VᵀV is known within γ₍ₙ₊₂₎ in each element, and the
/// product of k terms rounds γ₍ₖ₊₂₎√k, both twice; eigenvectors of the small problem are orthonormal within [`eigen`]. The
/// vector that joined is orthogonal within less.
#[must_use]
pub fn orthonormal<T: Float>(n: usize, k: usize) -> f64 {
    let root = (k as f64).sqrt();
    2.0 * root * (gamma_f64::<T>(n + 2) + 2.0 * gamma_f64::<T>(k + 2))
        + eigen::<T>(k)
        + gamma_f64::<f64>(n)
}
