//! Linear models through the SVD of their design: evidence, ridge, filters, bases.
//!
//! The computed s, U, V are those of a design Φ + E with exactly orthogonal factors, ‖E‖_F ≤ η‖Φ‖_F: the residual of the
//! decomposition, and each factor's distance to the nearest orthogonal one, which its defect bounds. c = Uᵀt then
//! carries (√r + 1)γ of ‖t‖. Everything else are sums of r terms.

use teeter::Float;

use super::{eigen, factor, gamma_f64, svd};

/// Norms that the bounds are made of; of the true problem, in f64.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// N × k.
    pub shape: [usize; 2],
    /// ‖Φ‖_F
    pub design: f64,
    /// ‖t‖
    pub targets: f64,
    /// ‖t − Φw‖
    pub residual: f64,
    /// ‖w‖
    pub weights: f64,
}

/// η.
#[must_use]
pub fn design<T: Float>(shape: [usize; 2]) -> f64 {
    svd::residual::<T>(shape)
        + svd::orthogonal::<T>(shape)
        + svd::rotated::<T>(shape[0].min(shape[1]))
}

/// ‖ĉ − Uᵀt‖ and what is outside, over ‖t‖.
fn projection<T: Float>([n, k]: [usize; 2]) -> f64 {
    let root = (n.min(k) as f64).sqrt();
    2.0 * (root + 1.0) * gamma_f64::<T>(n + k + 8)
}

/// ‖Φᵀ(t − Φŵ) − αŵ‖: ŵ is exact for Φ + E, so that −Eᵀr̂ + (Φ + E)ᵀEŵ is left; the projection and the sums, through Φ.
/// The check's own products in f64 are of the same kind.
#[must_use]
pub fn stationarity<T: Float>(sizes: Sizes) -> f64 {
    let Sizes { shape, design: phi, targets, residual, weights } = sizes;
    let moved = design::<T>(shape) * phi * (residual + phi * weights);
    let rounded = projection::<T>(shape) * phi * (targets + phi * weights);
    1.1 * (moved + rounded)
}

/// |Σf − Σf̂| for ridge: |df/ds| = 2sα/(s² + α)² ≤ 0.65/√α, r values that E moves by η‖Φ‖ at most (Weyl); 8u each.
#[must_use]
pub fn degrees<T: Float>(sizes: Sizes, alpha: f64) -> f64 {
    let r = sizes.shape[0].min(sizes.shape[1]) as f64;
    let moved = 0.65 / alpha.sqrt() * design::<T>(sizes.shape) * sizes.design;
    r * (moved + (r + 8.0) * T::UNIT_ROUNDOFF.to_f64())
}

/// log evidence. With x = κη(2 + κη), κ = ‖Φ‖√(β/α), E changes C = ΦΦᵀ/α + I/β by at most x in C's own norm, hence ½log det C
/// by rx and ½tᵀC⁻¹t = `energy` by x/(1 − x) of itself (x ≤ ½ here). The projection changes β‖t‖²/2 by twice its part. `magnitude`:
/// the sum of sizes of the terms, r + 16 roundings.
#[must_use]
pub fn log_evidence<T: Float>(
    sizes: Sizes,
    [alpha, beta]: [f64; 2],
    [energy, magnitude]: [f64; 2],
) -> f64 {
    let r = sizes.shape[0].min(sizes.shape[1]) as f64;
    let coupling = sizes.design * (beta / alpha).sqrt() * design::<T>(sizes.shape);
    let x = coupling * (2.0 + coupling);
    let projected = 2.0 * projection::<T>(sizes.shape) * beta * sizes.targets * sizes.targets;
    (r + 2.0 * energy) * x + projected + (r + 16.0) * T::UNIT_ROUNDOFF.to_f64() * magnitude
}

/// The oracle's log density by Cholesky of C in f64: ΔC = γ₃ₙ₊₅ of C's norm, over its least eigenvalue 1/β, as x above; and
/// forming C.
#[must_use]
pub fn log_density(sizes: Sizes, [alpha, beta]: [f64; 2], energy: f64) -> f64 {
    let n = sizes.shape[0];
    let condition = 1.0 + sizes.design * sizes.design * beta / alpha;
    let x = gamma_f64::<f64>(3 * n + sizes.shape[1] + 8) * n as f64 * condition;
    (n as f64 + 2.0 * energy) * x
}

/// 2αE_W + 2βE_D = N by the choice of β: sums, quotient and products, relative.
#[must_use]
pub fn balance<T: Float>() -> f64 {
    8.0 * T::UNIT_ROUNDOFF.to_f64()
}

/// |2αE_W − γ|/γ when the search has converged: what was asked for, and the rounding of both sides and of N times a share.
#[must_use]
pub fn fixed_point<T: Float>(tolerance: f64, rows: usize) -> f64 {
    2.0 * tolerance + 32.0 * rows as f64 * T::UNIT_ROUNDOFF.to_f64()
}

/// The central difference of the log evidence over ±h in log α or log β: h²/6 of the third derivative, which is at most
/// 8(r + energies) since each term is a smooth step or an energy of ratios; and the difference of two values.
#[must_use]
pub fn slope(sizes: Sizes, energy: f64, value: f64, h: f64) -> f64 {
    let r = sizes.shape[0].min(sizes.shape[1]) as f64;
    h * h / 6.0 * 8.0 * (r + energy) + value / h
}

/// A share: four roundings for ridge and the flow.
#[must_use]
pub fn share<T: Float>() -> f64 {
    4.0 * T::UNIT_ROUNDOFF.to_f64()
}

/// A share of descent: 8u/(1 − x), x = ηλ < 1.
#[must_use]
pub fn descent<T: Float>(x: f64) -> f64 {
    8.0 * T::UNIT_ROUNDOFF.to_f64() / (1.0 - x)
}

/// Ridge's α for a direction of descent: (1 − x)ᵗ and the share.
#[must_use]
pub fn ridge_of_descent<T: Float>(x: f64, steps: u32) -> f64 {
    16.0 * T::UNIT_ROUNDOFF.to_f64() * (1.0 + f64::from(steps) * x) / (1.0 - x)
}

/// max over x of (1 − e⁻ˣ)(1 + x)/x, at x = 1.7933: the most that a stopped flow keeps beside ridge (science.md §10.2),
/// rounded up in the last digit given.
pub const FLOW_OVER_RIDGE: f64 = 1.298_44;

/// Mean and variance of a prediction. A dot product with v errs by γₖ‖φ‖; E turns the sums as in [`stationarity`], through
/// A⁻¹ with least eigenvalue α: `gain` = max s/(s² + ρ).
#[must_use]
pub fn prediction<T: Float>(sizes: Sizes, features: f64, ratio: f64) -> [f64; 2] {
    let [n, k] = sizes.shape;
    let gain = 0.5 / ratio.sqrt();
    let eta = design::<T>(sizes.shape) * sizes.design;
    let weights = eta * (sizes.residual / ratio + 2.0 * gain * sizes.weights)
        + gain * projection::<T>(sizes.shape) * sizes.targets;
    let rounded = gamma_f64::<T>(n + 2 * k + 16) * (n.min(k) as f64).sqrt();
    let mean = features * (weights + 2.0 * rounded * sizes.weights.max(gain * sizes.targets));
    // φᵀ(ρA⁻¹)φ ≤ ‖φ‖²: E moves it by 2gain·η, rounding by γ each.
    [
        1.1 * mean,
        features * features * (4.0 * gain * eta + 4.0 * rounded + 2.0 * design::<T>(sizes.shape)),
    ]
}

/// Probabilities from logarithms: m + 4 roundings and the argument's, at most |log p| of them twice.
#[must_use]
pub fn shares<T: Float>(count: usize, log_share: f64) -> f64 {
    (count as f64 + 4.0 + 2.0 * log_share.abs()) * T::UNIT_ROUNDOFF.to_f64()
}

/// ½‖L⁻¹Tᵀ‖² of U = LLᵀ: γ₂ₚ₊₅pκ(U), the sum, and the same of the oracle.
#[must_use]
pub fn moody<T: Float>([n, p]: [usize; 2], condition: f64) -> f64 {
    let own = gamma_f64::<T>(2 * p + 5) * p as f64 * condition + gamma_f64::<T>(n * p + 2);
    own + gamma_f64::<f64>(3 * p + n + 5) * p as f64 * condition
}

/// Ω of Gaussians against a sum over a grid of step h: the kernel's 16(1 + v²)u of magnitudes, the grid's n roundings, and
/// what is left of the integral beyond the grid and between its points: both e^{−32}-like for h ≤ s/4, ends 9s away.
#[must_use]
pub fn bending<T: Float>(v: f64, magnitude: f64, points: usize, diagonal: f64) -> f64 {
    let own = 16.0 * (1.0 + v * v) * T::UNIT_ROUNDOFF.to_f64() * magnitude;
    // The transform of φ″φ″ is a polynomial of degree 4 times exp(−s²ω²/4); at ω = 2π/h it is below exp(−150).
    own + (gamma_f64::<f64>(points + 40) + (-32.0_f64).exp()) * diagonal
}

/// Ω of Gaussians against the fourth derivative of the Gram matrix by Cauchy's integral on a circle of radius s, m points:
/// 4!/sᵐ... of e^{v²/4}-bounded values; the m roundings.
#[must_use]
pub fn fourth_derivative<T: Float>(v: f64, magnitude: f64, largest: f64, points: usize) -> f64 {
    let own = 16.0 * (1.0 + v * v) * T::UNIT_ROUNDOFF.to_f64() * magnitude;
    // Aliasing: coefficients of order 4 + m, below (e/(2m))^{m/2} by the order of growth 2 of exp(−z²/4).
    let aliased = (1.36 / points as f64).powf(points as f64 / 2.0);
    own + 24.0 * largest * (gamma_f64::<f64>(points + 60) + aliased)
}

/// A Gaussian's value: (4 + 4v²)u, and the oracle's.
#[must_use]
pub fn gaussian<T: Float>(v: f64) -> f64 {
    (4.0 + 4.0 * v * v) * (T::UNIT_ROUNDOFF.to_f64() + f64::UNIT_ROUNDOFF)
}

/// The normal equations of generalized ridge, ‖Φᵀ(t − Φŵ) − αΩŵ‖: QR moves Φ by E, the solves and the eigenproblem move Ω by what
/// R carries back: `spread` = ‖|R||R⁻¹|‖² bounds their growth.
#[must_use]
pub fn generalized<T: Float>(sizes: Sizes, penalty: f64, spread: f64) -> f64 {
    let [n, k] = sizes.shape;
    let eta = factor::qr::<T>(n, k) + factor::reflected::<T>(n, k);
    let phi = sizes.design;
    let moved = eta * phi * (sizes.residual + phi * sizes.weights);
    let rounded = projection::<T>(sizes.shape) * phi * (sizes.targets + phi * sizes.weights);
    let solves = (4.0 * gamma_f64::<T>(k) + 2.2 * eigen::<T>(k)) * spread;
    1.1 * (moved + rounded + solves * (penalty + phi * phi) * sizes.weights)
}

/// The gap of the Lasso: N + k + 8 roundings of the magnitudes it is summed from, here and in the check.
#[must_use]
pub fn gap<T: Float>([n, k]: [usize; 2], magnitude: f64) -> f64 {
    2.0 * gamma_f64::<T>(n + k + 8) * magnitude
}

/// Moody's identity over all sign vectors, exact but for rounding: fitted values err by at most ‖ΦA⁻¹‖ ≤ 1/2√α times
/// [`stationarity`], squares by twice that times their length, Tr S by [`degrees`].
#[must_use]
pub fn moody_gap<T: Float>(sizes: Sizes, alpha: f64) -> f64 {
    let fitted = stationarity::<T>(sizes) * 0.5 / alpha.sqrt();
    let each = fitted + projection::<T>(sizes.shape) * sizes.targets;
    let length = sizes.targets + 1.0;
    8.0 * each * length
        + 2.0 * degrees::<T>(sizes, alpha)
        + gamma_f64::<T>(sizes.shape[0] + sizes.shape[1] + 16) * length * length
}

/// Σλ/(λ + α) by faer's eigenvalues of ΦᵀΦ: formed within γₙ, found within [`eigen`], of ‖Φ‖_F²; dλ counts 1/α at most.
#[must_use]
pub fn dense_degrees([n, k]: [usize; 2], design: f64, alpha: f64) -> f64 {
    let moved = (gamma_f64::<f64>(n) + eigen::<f64>(k)) * design * design;
    k as f64 * (moved / alpha + 4.0 * f64::EPSILON)
}

/// log evidence by faer's Cholesky of I + ΦᵀΦβ/α: ΔA = γ₃ₖ₊₅ₙ of its norm, over its least eigenvalue 1, for the determinant
/// and the energies.
#[must_use]
pub fn dense_evidence([n, k]: [usize; 2], condition: f64, energy: f64) -> f64 {
    let x = gamma_f64::<f64>(3 * k + n + 8) * k as f64 * condition;
    (k as f64 + 2.0 * energy) * x
}
