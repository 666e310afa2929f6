//! log(1 + x), and its kernel that softplus shares.

use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part_mut};
use crate::vector::exp::{self, polynomial};
use crate::vector::pair::{Pair, fast_two_sum, two_sum};

/// xᵢ ← log(1 + xᵢ), for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// 1 + x = 2ᵏ(1 + f) with what that sum rounds carried along, 1 + f in [√½, √2);
/// log(1 + f) = f − (f²/2 − s(f²/2 + s²p(s²))), s = f/(2 + f), p a minimax polynomial of degree 2 (f32) or
/// 6 (f64); k·log 2 in two parts. No table, no branch: the same steps for every element on every machine.
///
/// # Accuracy
/// At most 1.4 units in the last place (`verify/src/bound/elementary.rs` counts them). Monotone in f32. ±0
/// gives ±0, subnormal numbers come back as they are; −1 gives −∞, less NaN; ∞ gives ∞, NaN gives
/// NaN. The same bits on every machine.
///
/// # Cost
/// About 45 flops per element, one of them a division.
///
/// # Source
/// The form of the series is that of fdlibm's `e_log.c` (Sun Microsystems 1993); the carried rest after
/// Kahan's `log1p`; coefficients and bound are ours.
#[doc(alias = "ln_1p")]
#[inline]
pub fn log1p_in_place<T: Float>(machine: Machine, x: &mut [T]) {
    machine.run(Log1p { x });
}

struct Log1p<'a, T> {
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Log1p<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut x = self.x;
        while let Some(x) = part_mut(&mut x, S::WIDTH) {
            simd.store(log1p_lanes(simd, simd.load(x)), x);
        }
    }
}

/// What the method needs of a format.
pub(crate) struct Constants {
    /// log 2, so short that k times it is exact, and the rest.
    log2: [f64; 2],
    /// log 2 to full length, and the rest: for k = 0 and 1.
    pub(crate) log2_once: [f64; 2],
    /// p(z) ≈ (log((1 + s)/(1 − s)) − 2s)/s³, z = s² ≤ (√2 − 1)⁴, from the constant term on: minimax
    /// for the relative error of the logarithm.
    terms: &'static [f64],
}

/// The error of `terms` is 2^−30 = 0.02u, relative to the logarithm.
const SINGLE: Constants = Constants {
    log2: [0.693_145_751_953_125, 1.428_606_820_309_417_2e-6],
    log2_once: [core::f32::consts::LN_2 as f64, -1.904_654_299_957_768e-9],
    terms: &[0.666_667_759, 0.399_775_326, 0.298_719_972],
};

/// The error of `terms` is 2^−58.8 = 0.02u, relative to the logarithm.
const DOUBLE: Constants = Constants {
    log2: [0.693_147_180_560_117_7, -1.723_944_452_561_483_5e-13],
    log2_once: [core::f64::consts::LN_2, 2.319_046_813_846_299_6e-17],
    terms: &[
        0.666_666_666_666_673_4,
        0.399_999_999_994_139_65,
        0.285_714_287_425_621_44,
        0.222_221_985_537_855_05,
        0.181_835_654_072_483_37,
        0.153_140_211_187_506_84,
        0.147_962_611_680_092_92,
    ],
};

#[inline(always)]
pub(crate) const fn constants<T: Float>() -> Constants {
    if T::BITS == 32 { SINGLE } else { DOUBLE }
}

/// log(u + rest + low) as a pair to add, for u ≥ 2⁻ᵖ, |rest| ≤ a unit of u, |low| ≤ half a unit of rest.
#[inline(always)]
pub(crate) fn log_pair<T: Float, S: Simd<T>>(
    simd: S,
    u: S::V,
    [rest, low]: Pair<T, S>,
    log2: [f64; 2],
) -> Pair<T, S> {
    let terms = constants::<T>().terms;
    let splat = |value: f64| simd.splat(T::from_f64(value));
    let (one, two, half) = (simd.splat(T::ONE), simd.splat(T::TWO), simd.splat(T::HALF));
    // u = 2ᵏm, m in [√½, √2).
    let (exponent, mantissa) = (simd.exponent(u), simd.mantissa(u));
    let lower = [mantissa, splat(core::f64::consts::SQRT_2)];
    let k = simd.select_less(lower, exponent, simd.add(exponent, one));
    let m = simd.select_less(lower, mantissa, simd.mul(half, mantissa));
    // f + g = (u + rest + low)/2ᵏ − 1; from 2⁶⁴ on the rest is below everything.
    let most = splat(64.0);
    let down = simd.sub(splat(exp::constants::<T>().round), simd.select_less([most, k], most, k));
    let down = simd.power_of_two(down);
    let [f, g] = fast_two_sum(simd, simd.sub(m, one), simd.mul(rest, down));
    let g = simd.add(g, simd.mul(low, down));

    // log(1 + f) = f − (f²/2 − s(f²/2 + z·p(z))), s = f/(2 + f).
    let s = simd.div(f, simd.add(two, f));
    let z = simd.mul(s, s);
    let p = simd.mul(z, polynomial(simd, z, terms));
    let square = simd.mul(simd.mul(half, f), f);
    let c = simd.sub(square, simd.mul(s, simd.add(square, p)));
    // g/(1 + f) within g·z·2.
    let g = simd.sub(g, simd.mul(simd.mul(two, s), g));

    let [high, low] = log2;
    let [high, rest] = fast_two_sum(simd, simd.mul(k, splat(high)), f);
    let low = simd.add(simd.mul(k, splat(low)), g);
    [high, simd.add(rest, simd.sub(low, c))]
}

/// log(1 + x) in each lane.
#[inline(always)]
pub(crate) fn log1p_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(T::ONE);
    let [u, rest] = two_sum(simd, one, x);
    let [high, low] = log_pair(simd, u, [rest, simd.splat(T::ZERO)], constants::<T>().log2);
    let value = simd.copysign(simd.add(high, low), x);
    // −1 gives −∞, less gives NaN; ∞ gives ∞. NaN itself compares as false and goes through.
    let minus_one = simd.splat(-T::ONE);
    let beyond = simd.select_less([x, minus_one], simd.splat(T::NAN), simd.splat(-T::INFINITY));
    let next = simd.splat(-T::ONE + T::UNIT_ROUNDOFF);
    let value = simd.select_less([x, next], beyond, value);
    simd.select_less([simd.splat(T::MAX), x], x, value)
}
