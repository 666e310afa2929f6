//! The exponential, and its reduction that tanh, sigmoid and softplus share.

use crate::float::Float;
use crate::simd::{Elementwise, Machine, Operation, Simd, renew_slowly};
use crate::vector::pair::{Pair, fast_two_sum};

/// xᵢ ← exp xᵢ, for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// x = k·log 2 + r, |r| ≤ ½ log 2, with log 2 in three parts, so that r carries its rounding error
/// along; exp r = 1 + r + (½r² + r³p), p a minimax polynomial of degree 4 (f32) or 8 (f64); the sum
/// 1 + r is exact as a pair. Then times 2ᵏ in two steps, so that the range ends where the format
/// does. No table, no branch: the same steps for every element on every machine.
///
/// # Accuracy
/// At most 1 unit in the last place (`verify/src/bound/elementary.rs` counts them). Monotone in f32.
/// exp ±0 = 1; ∞ above the format and for ∞, 0 below it and for −∞, subnormal numbers in between; NaN
/// gives NaN. The same bits on every machine.
///
/// # Cost
/// About 35 flops per element.
///
/// # Source
/// Cody and Waite 1980, *Software Manual for the Elementary Functions*, §6; Tang 1989,
/// doi:10.1145/63522.214389.
#[inline]
pub fn exp_in_place<T: Float>(machine: Machine, x: &mut [T]) {
    machine.run(Exp { x });
}

struct Exp<'a, T> {
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Exp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        renew_slowly(simd, self.x, ExpLanes);
    }
}

#[derive(Clone, Copy)]
struct ExpLanes;

impl<T: Float> Elementwise<T> for ExpLanes {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, _: S::V) -> S::V {
        exp_lanes(simd, x)
    }
}

/// What the method needs of a format.
pub(crate) struct Constants {
    /// exp overflows from here on, and vanishes from the negative of [`Constants::lowest`] on.
    highest: f64,
    pub(crate) lowest: f64,
    /// 1.5·2^(p−1): adding it rounds to a whole number, held in the low bits.
    pub(crate) round: f64,
    /// log 2 in parts, the first ones so short that k times them is exact.
    log2: [f64; 3],
    /// p(r) ≈ (eʳ − 1 − r − ½r²)/r³ on |r| ≤ ½ log 2, from the constant term on: minimax for the relative
    /// error of eʳ, coefficients rounded to the format.
    terms: &'static [f64],
}

/// The error of `terms` is 2^−32.9 = 0.002u, relative to eʳ.
const SINGLE: Constants = Constants {
    highest: 89.0,
    lowest: 104.0,
    round: 12_582_912.0,
    log2: [0.693_145_751_953_125, 1.428_590_621_799_230_6e-6, 1.619_850_954_759_361e-11],
    terms: &[0.166_666_657, 0.041_666_463, 0.008_333_586_16, 0.001_393_523_42, 0.000_197_334_622],
};

/// The error of `terms` is 2^−57.3 = 0.06u, relative to eʳ.
const DOUBLE: Constants = Constants {
    highest: 710.0,
    lowest: 746.0,
    round: 6_755_399_441_055_744.0,
    log2: [0.693_147_180_560_117_7, -1.723_944_452_561_082_6e-13, -4.008_656_105_520_17e-26],
    terms: &[
        0.166_666_666_666_664_33,
        0.041_666_666_666_603_95,
        0.008_333_333_333_500_047,
        0.001_388_888_892_680_108_2,
        0.000_198_412_694_662_095_5,
        2.480_150_867_566_887_6e-5,
        2.755_764_086_201_335e-6,
        2.762_518_989_503_759e-7,
        2.497_838_585_088_84e-8,
    ],
};

#[inline(always)]
pub(crate) const fn constants<T: Float>() -> Constants {
    if T::BITS == 32 { SINGLE } else { DOUBLE }
}

/// p(x), Horner's rule, from the constant term on.
#[inline(always)]
pub(crate) fn polynomial<T: Float, S: Simd<T>>(simd: S, x: S::V, terms: &[f64]) -> S::V {
    let mut p = simd.splat(T::ZERO);
    for &term in terms.iter().rev() {
        p = simd.add(simd.mul(p, x), simd.splat(T::from_f64(term)));
    }
    p
}

/// exp y = 2ᵏ(1 + r + c), from [`reduce`].
pub(crate) struct Reduced<V> {
    /// k, a whole number.
    pub(crate) k: V,
    /// |r| ≤ ½ log 2
    pub(crate) r: V,
    /// exp r − 1 − r, and what r was rounded by.
    pub(crate) c: V,
}

/// For y from −`lowest` to `highest`; NaN goes through.
#[inline(always)]
pub(crate) fn reduce<T: Float, S: Simd<T>>(simd: S, y: S::V) -> Reduced<S::V> {
    let constants = constants::<T>();
    let splat = |value: f64| simd.splat(T::from_f64(value));
    let round = splat(constants.round);
    let biased = simd.add(simd.mul(y, splat(core::f64::consts::LOG2_E)), round);
    let k = simd.sub(biased, round);
    let [first, second, third] = constants.log2;
    // Both products and the first difference are exact, the second one as a pair.
    let y = simd.sub(y, simd.mul(k, splat(first)));
    let step = simd.mul(k, splat(second));
    let r = simd.sub(y, step);
    let rest = simd.sub(simd.sub(simd.sub(y, r), step), simd.mul(k, splat(third)));

    let p = polynomial(simd, r, constants.terms);
    let q = simd.add(splat(0.5), simd.mul(r, p));
    let c = simd.add(rest, simd.mul(simd.mul(r, r), q));
    Reduced { k, r, c }
}

/// exp y = 2ᵏ(high + low): k, and the pair, high in [0.7, 1.42] and rounded to nearest.
#[inline(always)]
pub(crate) fn exp_pair<T: Float, S: Simd<T>>(simd: S, y: S::V) -> (S::V, Pair<T, S>) {
    let Reduced { k, r, c } = reduce(simd, y);
    let [high, low] = fast_two_sum(simd, simd.splat(T::ONE), r);
    (k, fast_two_sum(simd, high, simd.add(low, c)))
}

/// 2ᵏ as two factors, each a normal number wherever 2ᵏ is a number at all, subnormals included.
#[inline(always)]
pub(crate) fn powers<T: Float, S: Simd<T>>(simd: S, k: S::V) -> [S::V; 2] {
    let round = simd.splat(T::from_f64(constants::<T>().round));
    let biased = simd.add(simd.mul(k, simd.splat(T::HALF)), round);
    let rest = simd.sub(k, simd.sub(biased, round));
    [simd.power_of_two(biased), simd.power_of_two(simd.add(rest, round))]
}

/// eˣ in each lane.
#[inline(always)]
pub(crate) fn exp_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let constants = constants::<T>();
    let highest = simd.splat(T::from_f64(constants.highest));
    let lowest = simd.splat(T::from_f64(-constants.lowest));
    // A comparison with NaN is false, so NaN goes through.
    let x = simd.select_less([highest, x], highest, x);
    let x = simd.select_less([x, lowest], lowest, x);
    let (k, [value, _]) = exp_pair(simd, x);
    let [first, second] = powers(simd, k);
    simd.mul(simd.mul(value, first), second)
}
