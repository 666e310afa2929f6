//! The hyperbolic tangent.

use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part_mut};

/// xᵢ ← tanh xᵢ, for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// With a = |x| and 2a = k·log 2 + r, |r| ≤ ½ log 2: m = exp(2a) − 1 = 2ᵏp + (2ᵏ − 1), p the
/// Taylor polynomial of exp(r) − 1; then tanh a = m/(m + 2), and the sign of x is put
/// back. No table, no branch: the same steps for every element on every machine.
///
/// # Accuracy
/// Relative error at most 5u (2.5 units in the last place): p carries 1.6u (the last two
/// Horner steps and the sum r + r²q, the terms before them damped by |r|/2), the sum for
/// k ≥ 1 another 1.5u (its operands are at least 0.41 of its result apart), m + 2 and the
/// quotient one rounding each, damped by 2/(m + 2) where p's error enters twice. Odd
/// exactly: tanh(−x) = −tanh x; tanh ±0 = ±0; |result| ≤ 1; subnormals are returned as
/// they are; NaN gives NaN. The same bits on every machine.
///
/// # Cost
/// About 30 flops and two divisions' time per vector.
///
/// # Source
/// Reduction after Cody and Waite 1980, *Software Manual for the Elementary Functions*.
#[inline]
pub fn tanh_in_place<T: Float>(machine: Machine, x: &mut [T]) {
    machine.run(Tanh { x });
}

struct Tanh<'a, T> {
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Tanh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut x = self.x;
        while let Some(x) = part_mut(&mut x, S::WIDTH) {
            simd.store(tanh_lanes(simd, simd.load(x)), x);
        }
    }
}

/// What the method needs of a format.
struct Constants {
    /// tanh rounds to 1 from here on: 1 − tanh a < 2e^(−2a) < u/2.
    largest: f64,
    /// 1.5·2^(p−1): adding it rounds to a whole number, held in the low bits.
    round: f64,
    /// log 2, with so many trailing zeros that k times it is exact.
    log2_high: f64,
    /// The rest of log 2.
    log2_low: f64,
    /// Taylor terms, from 1/2! on: the first one left out is below u/4 of r.
    terms: usize,
}

const SINGLE: Constants = Constants {
    largest: 9.5,
    round: 12_582_912.0,
    log2_high: f32::from_bits(0x3F31_7180) as f64,
    log2_low: f32::from_bits(0x3717_F7D1) as f64,
    terms: 7,
};

const DOUBLE: Constants = Constants {
    largest: 20.0,
    round: 6_755_399_441_055_744.0,
    log2_high: f64::from_bits(0x3FE6_2E42_FEE0_0000),
    log2_low: f64::from_bits(0x3DEA_39EF_3579_3C76),
    terms: 12,
};

/// 1/j! for j = 2, 3, …, 13.
const INVERSE_FACTORIALS: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

#[inline(always)]
pub(crate) fn tanh_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let constants = if T::BITS == 32 { SINGLE } else { DOUBLE };
    let splat = |value: f64| simd.splat(T::from_f64(value));
    let (one, two) = (simd.splat(T::ONE), simd.splat(T::TWO));

    // A comparison with NaN is false, so NaN goes through.
    let largest = splat(constants.largest);
    let a = simd.abs(x);
    let a = simd.select_less([largest, a], largest, a);
    let y = simd.mul(two, a);

    let round = splat(constants.round);
    let biased = simd.add(simd.mul(y, splat(core::f64::consts::LOG2_E)), round);
    let k = simd.sub(biased, round);
    let r = simd.sub(y, simd.mul(k, splat(constants.log2_high)));
    let r = simd.sub(r, simd.mul(k, splat(constants.log2_low)));

    let mut q = simd.splat(T::ZERO);
    for &term in INVERSE_FACTORIALS.iter().take(constants.terms).rev() {
        q = simd.add(simd.mul(q, r), splat(term));
    }
    let p = simd.add(r, simd.mul(simd.mul(r, r), q));

    let power = simd.power_of_two(biased);
    let m = simd.add(simd.mul(power, p), simd.sub(power, one));
    simd.copysign(simd.div(m, simd.add(m, two)), x)
}
