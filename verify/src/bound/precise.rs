//! Sums as if in twice the precision, and plane rotations.

use dashu_ratio::Relaxed;
use teeter::Float;

use super::{gamma, lanes, smallest_subnormal, unit_roundoff};
use crate::oracle::exact::{Exact, abs, whole};

/// h = ⌈n/L⌉ + 2log₂L + 1: roundings between what one sum misses and the total of what is missed.
#[must_use]
pub fn precise_height<T: Float>(n: usize) -> usize {
    n.div_ceil(lanes::<T>()) + 2 * lanes::<T>().ilog2() as usize + 1
}

/// |ŝ − s| ≤ u|s| + γₕ²Σ|xᵢ| (Ogita, Rump, Oishi 2005, Proposition 4.5, for the lanes and the tree).
///
/// The sums lose at most γₐΣ|xᵢ| in all, a = ⌈n/L⌉ − 1 + log₂L the height of the tree (Higham 2002, §4.2), and
/// lose it exactly; adding up what they lost rounds b = ⌈n/L⌉ + 2log₂L times at most, two a level of
/// the tree. The last sum rounds once: u|s| + (1 + u)γₐγᵦΣ|xᵢ|, and both a and b are below h.
#[must_use]
pub fn sum_precise<T: Float>(n: usize, value: &Exact, magnitude: &Exact) -> Exact {
    let gamma = gamma::<T>(precise_height::<T>(n));
    unit_roundoff::<T>() * abs(value) + &gamma * &gamma * magnitude
}

/// As [`sum_precise`], and 5nη (Ogita, Rump, Oishi 2005, Proposition 5.5 and its remark on underflow).
///
/// A product leaves its error too: a is one more, and joining both errors rounds once, where b counts
/// the first sum, which is with +0 and does not.
#[must_use]
pub fn dot_precise<T: Float>(n: usize, value: &Exact, magnitude: &Exact) -> Exact {
    sum_precise::<T>(n, value, magnitude) + whole(5 * n) * smallest_subnormal::<T>()
}

/// Of a plane rotation: ĉ and ŝ within γ₃, r̂ within γ₂, relative, and η each.
///
/// A square and the sum round f² + g² twice, which its root halves, and rounds once more: γ₂; the
/// quotient rounds once: γ₃ (Higham 2002, Lemma 3.1; for the algorithm Anderson 2017, §3, LAPACK 3.10
/// `dlartg`). Scaled, a square that underflows loses η/2 against 1; the smaller of f and g may lose η/2 by
/// scaling, its quotient, and r when scaled back, η/2 by rounding.
#[must_use]
pub fn givens<T: Float>() -> [Exact; 3] {
    [gamma::<T>(3), gamma::<T>(2), smallest_subnormal::<T>()]
}

/// |x̂² + ŷ² − (x² + y²)| ≤ ((1 + 3γ₂ + 2γ₂²)(1 + γ₃)² − 1)(x² + y²) for one rotated pair, barring underflow.
///
/// ĉ² + ŝ² ≤ ρ² = (1 + γ₃)² ([`givens`]), and as much below 1. Either element errs by γ₂(|ĉ||x| + |ŝ||y|) ≤ γ₂ρ‖z‖
/// (Cauchy, Schwarz), both together by √2·γ₂ρ‖z‖, so the square by (2√2γ₂ + 2γ₂²)ρ²‖z‖², and 2√2 < 3.
#[must_use]
pub fn rotation_square<T: Float>(square: &Exact) -> Exact {
    let (one, two, three) = (Relaxed::ONE, gamma::<T>(2), gamma::<T>(3));
    let rounded = &one + whole(3) * &two + whole(2) * &two * &two;
    let turned = (&one + &three) * (&one + &three);
    (rounded * turned - one) * square
}
