//! Random-matrix laws, stochastic stability, small dynamics, geometry.

use teeter::Float;

use super::{dot_height, eigen, gamma_f64};

/// A formula of so many roundings, here and in f64 again.
#[must_use]
pub fn formula<T: Float>(roundings: usize) -> f64 {
    gamma_f64::<T>(roundings) + gamma_f64::<f64>(roundings)
}

/// A moment of a density by Chebyshev quadrature of n nodes, which is exact: density 12u and its edges' 8u, which weigh
/// b/(x − a) and b/(b − x) under a root that vanishes there: at most n² each at the outermost nodes, below 4n on average;
/// powers k, sums n.
#[must_use]
pub fn moment<T: Float>(nodes: usize, power: usize) -> f64 {
    gamma_f64::<T>(12 + 8 * 4 * nodes + power) + gamma_f64::<f64>(4 * nodes + 4 * power)
}

/// Simpson's rule with step h on a function of size m that is analytic within a distance r of the real line:
/// h⁴/180·|f⁗|·length, |f⁗| ≤ 24m/r⁴ (Cauchy).
#[must_use]
pub fn simpson(h: f64, [size, radius, length]: [f64; 3]) -> f64 {
    h.powi(4) / 180.0 * 24.0 * size / radius.powi(4) * length
}

/// The cumulative laws, absolute: 64(1 + 1/q) units of f64, and the format's.
#[must_use]
pub fn cumulative<T: Float>(ratio: f64) -> f64 {
    64.0 * (1.0 + 1.0 / ratio) * f64::EPSILON + T::UNIT_ROUNDOFF.to_f64()
}

/// How far one matrix of order P may stray from the limit of its spike: the standard deviation is at most √2σ (Capitaine,
/// Donati-Martin, Féral 2009, Theorem 2.2), six of them, and as much again for what is of smaller order. A convention in
/// the last part.
#[must_use]
pub fn spike_scatter(sigma: f64) -> f64 {
    12.0 * 2.0_f64.sqrt() * sigma
}

/// ρ(Q(η*)) − 1 for d parameters: eigenvectors of H turn Q by `eigen` d of it; the modes' eigenproblem of order m errs by
/// eigen(m) of C^{−½}DC^{−½}; `condition` = λ₁/λ_min⁺ is how C^{−½} stretches errors. The oracle's Q rounds d² products.
#[must_use]
pub fn mean_square<T: Float>(d: usize, samples: usize, condition: f64) -> f64 {
    let m = d * (d + 1) / 2;
    let own = 2.0 * eigen::<T>(m) * m as f64
        + 4.0 * eigen::<T>(d)
        + 2.0 * gamma_f64::<T>(samples + 4 * d);
    (own + gamma_f64::<f64>(samples + 8 * d * d) * m as f64) * condition.max(1.0) * 4.0
}

/// A Rayleigh quotient over ‖Hg‖/‖g‖: two norms and a dot product.
#[must_use]
pub fn quotient<T: Float>(n: usize) -> f64 {
    gamma_f64::<T>(2 * dot_height::<T>(n) + 6) + gamma_f64::<f64>(n + 4)
}

/// Welford over m batches of size at most s: as [`super::running_mean`], and the scatter twice that and its heights.
#[must_use]
pub fn scatter<T: Float>(batches: usize, n: usize, size: f64) -> f64 {
    (batches * (dot_height::<T>(n) + 16)) as f64 * 2.0 * T::UNIT_ROUNDOFF.to_f64() * size
}

/// The time average of x² of the cubic map, and 2(y_T − y₀)/(ηbT), add to 2a/b: a telescoping sum of T steps, each of which
/// rounds four times a size that `magnitude` bounds on average.
#[must_use]
pub fn telescoped(steps: usize, magnitude: f64) -> f64 {
    gamma_f64::<f64>(steps + 8) * 8.0 * magnitude
}

/// Scalar curvature beside the shape operator by faer's inverse: 12u of magnitudes, and n³ of the oracle's products, whose
/// metric I + ggᵀ has condition 1 + ‖g‖².
#[must_use]
pub fn scalar<T: Float>(n: usize, magnitude: f64, condition: f64) -> f64 {
    let own = gamma_f64::<T>(12 + 2 * n) * magnitude;
    own + gamma_f64::<f64>(16 * n) * n as f64 * magnitude * condition
}

/// |λ₁/threshold − 1| of the sixty-parameter bed: empirical (science.md §3.9), no theorem.
pub const BED: f64 = 0.1;

/// Steps after which ln|w| per step, one per cent from a threshold, has its sign: the slowest mode moves by 0.05 % a step, and
/// the start weighs |ln| of a few over this many.
pub const GROWTH_STEPS: usize = 20_000;
