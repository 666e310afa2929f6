//! Optimizers, their thresholds, and the quantities read off curvature.

use teeter::Float;

/// The step of a first Adam update, relative: m and v carry 2u and 3u (v halved by its root),
/// the corrections are exact at t = 1 up to one rounding each; rate/correction, product,
/// v/correction (halved), root, sum with ε and quotient one each: 2 + 1.5 + 1.5 + 6 < 12.
#[must_use]
pub fn first_adam_step<T: Float>() -> f64 {
    12.0 * T::UNIT_ROUNDOFF.to_f64()
}

/// ‖w‖ after a move of length ρ from 0: the norm of g and that of w carry (h/2 + 2)u each, the
/// quotient and the product one rounding each; h ≤ n/16 + 6.
#[must_use]
pub fn moved_norm<T: Float>(n: usize) -> f64 {
    (n as f64 / 16.0 + 6.0 + 4.0 + 2.0) * T::UNIT_ROUNDOFF.to_f64()
}

/// SAM's fixed point m' = ηλρ + (ηλ − 1)m of the norm contracts by |1 − ηλ| and each turn adds
/// fewer than 10 roundings; the initial error is gone when `turns` are enough.
#[must_use]
pub fn fixed_point(contraction: f64, turns: i32) -> f64 {
    10.0 * f64::EPSILON / (1.0 - contraction) + contraction.powi(turns)
}

/// A stability threshold or a rate: at most 8 roundings, relative.
#[must_use]
pub fn threshold<T: Float>() -> f64 {
    8.0 * T::UNIT_ROUNDOFF.to_f64()
}

/// The inverse of a threshold: twice 8 roundings, and for SAM the condition of the root, below 2.
#[must_use]
pub fn inverse_threshold<T: Float>() -> f64 {
    3.0 * threshold::<T>()
}

/// A sum of n positive shares: n − 1 additions, three roundings in each share, and as many in
/// the test's own sum.
#[must_use]
pub fn shares(n: usize) -> f64 {
    2.0 * (n as f64 + 3.0) * f64::EPSILON / 2.0
}

/// An angle: (h + 6)u with h ≤ n/16 + 6, and the test's own vectors as much.
#[must_use]
pub fn angle(n: usize) -> f64 {
    2.0 * (n as f64 / 16.0 + 12.0) * f64::EPSILON / 2.0
}

/// A second difference of the gradients of a cubic, which has no truncation. `size` bounds the sum
/// of magnitudes of the terms of a gradient. Each gradient carries at most 2·6 + 7 roundings of
/// it, and each displaced point 3 of its own, which a gradient of second degree doubles: 25u,
/// below 13 of `EPSILON`. Four gradients' worth, divided by ε².
#[must_use]
pub fn second_difference(size: f64, terms: f64, epsilon: f64) -> f64 {
    4.0 * terms * f64::EPSILON * size / (epsilon * epsilon)
}

/// A first difference of gradients of a quadratic, which has no truncation: each gradient
/// carries `terms` roundings, and the displaced point one of ‖w‖, that curvature turns into one of
/// the gradient; divided by ε.
#[must_use]
pub fn first_difference(size: f64, terms: f64, epsilon: f64) -> f64 {
    2.0 * terms * f64::EPSILON * size / epsilon
}

/// How far a quantity must move to be called not invariant: far above any rounding.
pub const CHANGED: f64 = 1e-2;

/// Turns after which a mode one per cent from its threshold has decided: the slowest moves by
/// 1 − 0.01/2 a turn, and 0.995^6000 < 1e-13.
pub const TURNS: usize = 6_000;

/// Where a mode counts as at rest, from 1; and its inverse as diverged. One per cent to either side of
/// the threshold a mode shrinks or grows by at least 0.5 % a turn: [`TURNS`] are plenty for either.
pub const AT_REST: f64 = 1e-6;

/// [`shares`] in either format, against a sum in f64.
#[must_use]
pub fn shares_in<T: Float>(n: usize) -> f64 {
    (n as f64 + 3.0) * (T::UNIT_ROUNDOFF.to_f64() + f64::UNIT_ROUNDOFF)
}

/// What two programs of one formula may differ by, if one has running bound `error` and the other
/// rounds at most twice as often (the shorter forms of decay, quotient and average in use need no more).
#[must_use]
pub fn two_programs(error: f64) -> f64 {
    3.0 * error
}

/// ‖(move)/t‖ for a move of relative length ρ: [`moved_norm`] and two roundings more for the scale t, and one
/// rounding of each parameter to which the move was added and one when it is read off, over √n elements.
#[must_use]
pub fn adaptive_move(n: usize, rho: f64) -> f64 {
    let added = 2.0 * (n as f64).sqrt() * f64::UNIT_ROUNDOFF * (1.0 + rho) * 4.0;
    rho * (moved_norm::<f64>(n) + 2.0 * f64::UNIT_ROUNDOFF) + added
}

/// ⟨x − cy, y⟩ with c = ⟨x, y⟩/⟨y, y⟩ computed: c is off by (2h + 1)u‖x‖/‖y‖ and two roundings follow, h ≤
/// n/16 + 6; and what reading x − cy off y − α(x − cy) adds, three roundings of both over α.
#[must_use]
pub fn orthogonal<T: Float>(n: usize, [x, y]: [f64; 2], alpha: f64) -> f64 {
    let u = T::UNIT_ROUNDOFF.to_f64();
    let h = n as f64 / 16.0 + 6.0;
    2.0 * (h + 2.0) * u * x * y + 3.0 * u * (x + y / alpha) * y
}

/// The running mean of n iterates, relative to the largest: δₙ = (1 − 1/n)δₙ₋₁ + u + 6u/n, the share, the
/// difference and their product thrice on at most twice the largest, the sum once.
#[must_use]
pub fn mean<T: Float>(n: usize) -> f64 {
    (n as f64 / 2.0 + 7.0) * (T::UNIT_ROUNDOFF.to_f64() + f64::UNIT_ROUNDOFF)
}

/// The same for δ ← βδ + u + 6(1 − β)u.
#[must_use]
pub fn exponential_average<T: Float>(beta: f64) -> f64 {
    (7.0 + 1.0 / (1.0 - beta)) * (T::UNIT_ROUNDOFF.to_f64() + f64::UNIT_ROUNDOFF)
}

/// The mean square of n normals, relative: its standard deviation is √(2/n); six of them are passed once
/// in 5·10⁸ runs.
#[must_use]
pub fn sample_variance(n: usize) -> f64 {
    6.0 * (2.0 / n as f64).sqrt()
}

/// A factor of a schedule, absolute: at most 8 roundings of numbers up to 1 and a cosine; a power at most 2 for
/// each of 6 binary digits of a count below 64.
#[must_use]
pub fn schedule<T: Float>() -> f64 {
    12.0 * (T::UNIT_ROUNDOFF.to_f64() + f64::UNIT_ROUNDOFF)
}

/// ½σ²·mean of m forms, each a sum of `terms` squares that were summed twice: m and `terms` additions, and
/// as many roundings again in the test's own sums.
#[must_use]
pub fn noise_penalty(m: usize, terms: usize) -> f64 {
    2.0 * (m as f64 / 16.0 + 8.0 + 2.0 * terms as f64) * f64::UNIT_ROUNDOFF
}

/// The limit of w ← S(w − ηλ(w − c), ηt), relative to |c|: a contraction by 1 − ηλ that adds at most 6
/// roundings of |c| a turn.
#[must_use]
pub fn proximal_limit(rate: f64) -> f64 {
    6.0 * f64::UNIT_ROUNDOFF / rate.min(1.0)
}

/// A central difference of an objective whose terms sum to `size` in magnitude: 16 roundings of each of two
/// values and of their arguments, over 2h.
#[must_use]
pub fn directional_difference(size: f64, h: f64) -> f64 {
    2.0 * 16.0 * f64::UNIT_ROUNDOFF * size / h
}

/// The mean of m products of two numbers of size s and variance 1: six standard deviations, at most s each.
#[must_use]
pub fn sample_mean(m: usize, s: f64) -> f64 {
    6.0 * s / (m as f64).sqrt()
}

/// The running mean of m penalties of size s (`PenaltyMean::push`): (m/2 + 7)u.
#[must_use]
pub fn penalty_mean(m: usize, s: f64) -> f64 {
    (m as f64 / 2.0 + 7.0) * f64::UNIT_ROUNDOFF * s
}
