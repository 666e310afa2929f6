//! Bounds of LDLᵀ with pivots of order one and two.

use teeter::Float;

use super::{gamma, smallest_subnormal};
use crate::oracle::exact::{Exact, from, whole};

/// Roundings that a block of order two adds.
///
/// Its inverse by the formula scaled by q: quotients, products, difference and determinant round ten times
/// at most, relative to |c||D⁻¹|, since |pr/q²| < α² < 0.42. So |l̂D − c| ≤ 10u|c||D⁻¹||D|, and
/// |D||D⁻¹||D| ≤ 5.8|D| element by element for |p|, |r| ≤ α|q|: (3 + α²)/(1 − α²). 10·5.8 < 64, with room for the second order.
const BLOCK: usize = 64;

/// |PAPᵀ − L̂D̂L̂ᵀ| ≤ γₙ₊₆₄(|A| + |L̂||D̂||L̂ᵀ|): each element a chain of n products that round once before they are
/// subtracted (Higham 2002, Lemma 8.4), and the blocks. Underflow as in LDLᵀ without pivoting, thrice for the
/// block's quotients.
#[must_use]
pub fn factor<T: Float>(n: usize, magnitude: &Exact, largest: &Exact) -> Exact {
    let lost = (whole(4 * n) + whole(4) * largest) * smallest_subnormal::<T>();
    gamma::<T>(n + BLOCK) * magnitude + lost
}

/// |b − Ax̂| ≤ γ₃ₙ₊₁₂₈(|A| + Pᵀ|L̂||D̂||L̂ᵀ|P)|x̂|: the factorization's, γₙ of each unit triangle (Theorem 8.5), the block's
/// once more.
#[must_use]
pub fn solve<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(3 * n + 2 * BLOCK) * magnitude
}

/// The largest |lᵢⱼ|: 1/(1 − α) beside a block of order two whose row and column it is the largest of (Ashcraft,
/// Grimes, Lewis 1998, §2.2), 1/α < that beside one of order one; ten roundings.
#[must_use]
pub fn multiplier<T: Float>() -> Exact {
    let alpha = (1.0 + 17.0_f64.sqrt()) / 8.0;
    from(1.0 / (1.0 - alpha) * (1.0 + 4.0 * f64::EPSILON)) * (whole(1) + gamma::<T>(10))
}

/// log|det|, n logarithms or two for each block of order two: within γₙ₊₆ of the sum of their sizes, where what
/// 1 − pr/q² loses, two roundings of at most 0.42 against at least 0.58, weighs 2 a block.
#[must_use]
pub fn log_determinant<T: Float>(n: usize, magnitude: f64, blocks: usize) -> f64 {
    let own = super::gamma_f64::<T>(n + 6) + super::gamma_f64::<f64>(n + 6);
    own * (magnitude + 2.0 * blocks as f64)
}
