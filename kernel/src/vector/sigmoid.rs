//! The logistic function.

use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part_mut};
use crate::vector::exp::{constants, exp_pair, powers};
use crate::vector::pair::{divide, fast_two_sum};

/// xᵢ ← 1/(1 + exp(−xᵢ)), for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// With e = exp(−|x|) as a pair of numbers, from the reduction of
/// [`exp_in_place`](crate::vector::exp_in_place): 1/(1 + e) for x ≥ 0 and e/(1 + e) below, numerator,
/// denominator and quotient as pairs, rounded once at the end. No table, no branch.
///
/// # Accuracy
/// At most 1.2 units in the last place (`verify/src/bound/elementary.rs` counts them). Monotone in f32.
/// ½ for ±0; 1 for ∞ and from where e vanishes; subnormal results below the normal ones, then 0, 0 for
/// −∞; NaN gives NaN. f(x) + f(−x) = 1 within 2u: both round the same e. The same bits on every machine.
///
/// # Cost
/// About 65 flops per element, one of them a division.
#[doc(alias = "logistic")]
#[doc(alias = "expit")]
#[inline]
pub fn sigmoid_in_place<T: Float>(machine: Machine, x: &mut [T]) {
    machine.run(Sigmoid { x });
}

struct Sigmoid<'a, T> {
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Sigmoid<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut x = self.x;
        while let Some(x) = part_mut(&mut x, S::WIDTH) {
            simd.store(sigmoid_lanes(simd, simd.load(x)), x);
        }
    }
}

/// 1/(1 + e⁻ˣ) in each lane.
#[inline(always)]
pub(crate) fn sigmoid_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let (zero, one) = (simd.splat(T::ZERO), simd.splat(T::ONE));
    let lowest = simd.splat(T::from_f64(-constants::<T>().lowest));
    let y = simd.sub(zero, simd.abs(x));
    // A comparison with NaN is false, so NaN goes through.
    let y = simd.select_less([y, lowest], lowest, y);
    let (k, [e, e_low]) = exp_pair(simd, y);
    let [first, second] = powers(simd, k);
    let power = simd.mul(first, second);
    let [high, low] = fast_two_sum(simd, one, simd.mul(e, power));
    let denominator = [high, simd.add(low, simd.mul(e_low, power))];
    // Below 0 the numerator is exp x, its power of two kept apart until the end.
    let negative = [x, zero];
    let numerator = [simd.select_less(negative, e, one), simd.select_less(negative, e_low, zero)];
    let [head, tail] = divide(simd, numerator, denominator);
    let value = simd.add(head, tail);
    let value = simd.mul(value, simd.select_less(negative, first, one));
    simd.mul(value, simd.select_less(negative, second, one))
}
