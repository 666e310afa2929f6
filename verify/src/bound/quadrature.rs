//! Bounds of quadrature rules and of what is read off them.

use statrs::distribution::{ContinuousCDF, Normal};
use teeter::Float;

use super::{eigen, gamma_f64, lanczos};

/// Σ wᵢ f(θᵢ) − e₁ᵀf(T)e₁ for a rule of k nodes of an exactly given T.
///
/// Nodes within E‖T‖ of those of T, E = [`eigen`]; components of the vectors within E in norm, so that Σ|wᵢ − ŵᵢ|
/// ≤ 2E + E²; then f itself within 8u of its size, and k + 1 roundings of the sum. `size` is the largest |f|,
/// `slope` the largest |f′| on the interval of the nodes, `norm` the largest |θ|.
#[must_use]
pub fn rule<T: Float>(k: usize, size: f64, slope: f64, norm: f64) -> f64 {
    let e = eigen::<T>(k);
    let weights = (2.0 * e + e * e) * size;
    weights + slope * e * norm + gamma_f64::<T>(k + 9) * size
}

/// The diagonal element of Radau's rule where β² ≤ d² for all pivots d: each is within 3u of its terms, each at
/// most `norm` in size, and passes on no more than it has, so k + 1 of them differ by 3(k + 1)u·norm.
/// It moves every node by no more, and a weight by no more relative to the gap of the nodes.
#[must_use]
pub fn radau_element<T: Float>(k: usize, norm: f64) -> f64 {
    gamma_f64::<T>(3 * (k + 1)) * norm
}

/// qᵀf(A)q − Σ wᵢ f(θᵢ) for a process of k = n steps whose vectors were seen to be orthonormal within `defect`.
///
/// T differs from QᵀAQ by [`lanczos`]·‖A‖_F in each element, so by n times that in norm, and by what is left
/// over, `residual`. Q differs from an orthogonal matrix by nω in norm. f(T) moves by `lipschitz` times that: for
/// x/(x + a) and 1/(x + a) and A ⪰ 0, as the resolvent is at most 1/a in norm, ‖f(A) − f(B)‖ ≤ ‖A − B‖/a, a ≤ 1 for
/// the former, /a² for the latter. `size` is the largest |f|.
#[must_use]
pub fn full_process<T: Float>(
    n: usize,
    [frobenius, defect, residual]: [f64; 3],
    [size, lipschitz]: [f64; 2],
) -> f64 {
    let order = n as f64;
    let moved = order * lanczos::<T>(n, n, defect) * frobenius
        + 2.0 * order * defect * frobenius
        + residual;
    lipschitz * moved + 2.0 * order * defect * size + rule::<T>(n, size, lipschitz, frobenius)
}

/// α₁ = qᵀAq and α₁² + β₁² = ‖Aq‖² after one step and two: a product within γ₍ₙ₊₂₎‖A‖_F, then a dot, an update and a
/// norm, γ₍ₙ₊₂₎ each, of numbers of size ‖A‖_F; q itself within γ₍ₙ₊₂₎ of its length. Relative to ‖A‖_F.
#[must_use]
pub fn first_moments<T: Float>(n: usize) -> f64 {
    6.0 * gamma_f64::<T>(n + 2)
}

/// The share of a Gaussian beyond four standard deviations on either side together: what a grid that ends there does
/// not see of a node at its end.
#[must_use]
pub fn beyond_margin() -> f64 {
    2.0 * Normal::standard().cdf(-4.0)
}
