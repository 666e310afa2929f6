//! The hyperbolic tangent.

use crate::float::Float;
use crate::simd::{Elementwise, Machine, Operation, Simd, renew_slowly};
use crate::vector::exp::{Reduced, constants, reduce};
use crate::vector::pair::{Pair, divide, fast_two_sum};

/// xᵢ ← tanh xᵢ, for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// With e = exp(−2|x|), reduced as in [`exp_in_place`](crate::vector::exp_in_place): tanh |x| = (1 − e)/(1 + e),
/// numerator, denominator and quotient as pairs of numbers, rounded once at the end; the sign of x
/// is put back. No table, no branch: the same steps for every element on every machine.
///
/// # Accuracy
/// At most 1.7 units in the last place, 0.502 where |x| ≥ 3.5 (`verify/src/bound/elementary.rs` counts them). Monotone in f32. Odd
/// exactly: tanh(−x) = −tanh x; tanh ±0 = ±0; |result| ≤ 1; subnormal numbers come back as they are; NaN
/// gives NaN. The same bits on every machine.
///
/// # Cost
/// About 60 flops per element, one of them a division.
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
        renew_slowly(simd, self.x, TanhLanes);
    }
}

#[derive(Clone, Copy)]
struct TanhLanes;

impl<T: Float> Elementwise<T> for TanhLanes {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, _: S::V) -> S::V {
        tanh_lanes(simd, x)
    }
}

/// e = exp y and 1 − e, each as a pair, for −60 ≤ y ≤ 0: 2ᵏ is a normal number. 1 − e keeps its relative
/// accuracy where e is near 1.
#[inline(always)]
pub(crate) fn exp_and_complement<T: Float, S: Simd<T>>(
    simd: S,
    y: S::V,
) -> (Pair<T, S>, Pair<T, S>) {
    let Reduced { k, r, c } = reduce(simd, y);
    let one = simd.splat(T::ONE);
    let power = simd.power_of_two(simd.add(k, simd.splat(T::from_f64(constants::<T>().round))));
    let (r, c) = (simd.mul(power, r), simd.mul(power, c));
    let [e, low] = fast_two_sum(simd, power, r);
    let e = fast_two_sum(simd, e, simd.add(low, c));
    // 1 − 2ᵏ is 0, or larger than 2ᵏr.
    let zero = simd.splat(T::ZERO);
    let [rest, missed] = fast_two_sum(simd, one, simd.sub(zero, power));
    let [high, low] = fast_two_sum(simd, rest, simd.sub(zero, r));
    (e, fast_two_sum(simd, high, simd.sub(simd.add(low, missed), c)))
}

/// 1 − e⁻ᶻ in each lane, for z ≥ 0 or NaN, accurate near 0.
#[inline(always)]
pub(crate) fn complement_lanes<T: Float, S: Simd<T>>(simd: S, z: S::V) -> S::V {
    // e⁻⁶⁰ is below the half unit of 1 in either format.
    let lowest = simd.splat(T::from_f64(-60.0));
    let y = simd.sub(simd.splat(T::ZERO), z);
    let y = simd.select_less([y, lowest], lowest, y);
    let (_, [value, _]) = exp_and_complement(simd, y);
    value
}

/// tanh x in each lane.
#[inline(always)]
pub(crate) fn tanh_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    // tanh rounds to 1 from here on: 1 − tanh a < 2e^(−2a) < u/2.
    let largest = simd.splat(T::from_f64(if T::BITS == 32 { 9.5 } else { 20.0 }));
    let a = simd.abs(x);
    // A comparison with NaN is false, so NaN goes through.
    let a = simd.select_less([largest, a], largest, a);
    let (e, complement) = exp_and_complement(simd, simd.mul(simd.splat(-T::TWO), a));
    let [high, low] = fast_two_sum(simd, simd.splat(T::ONE), e[0]);
    let [head, tail] = divide(simd, complement, [high, simd.add(low, e[1])]);
    simd.copysign(simd.add(head, tail), x)
}
