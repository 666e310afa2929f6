//! The smooth ramp.

use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part_mut};
use crate::vector::exp::{constants, exp_pair, powers};
use crate::vector::log1p::{self, log_pair};
use crate::vector::pair::{fast_two_sum, two_sum};

/// xᵢ ← log(1 + exp xᵢ), for every i.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// max(x, 0) + log(1 + e), e = exp(−|x|) as a pair of numbers from the reduction of
/// [`exp_in_place`](crate::vector::exp_in_place), the logarithm as in
/// [`log1p_in_place`](crate::vector::log1p_in_place); parts are added from the small ones up and rounded
/// once at the end. No table, no branch.
///
/// # Accuracy
/// At most 1.7 units in the last place (`verify/src/bound/elementary.rs` counts them). Monotone in f32.
/// Subnormal results below the normal ones, then 0; x itself from where e vanishes; ∞ gives ∞, −∞
/// gives 0, NaN gives NaN. The same bits on every machine.
///
/// # Cost
/// About 90 flops per element, one of them a division.
#[inline]
pub fn softplus_in_place<T: Float>(machine: Machine, x: &mut [T]) {
    machine.run(Softplus { x });
}

struct Softplus<'a, T> {
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Softplus<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut x = self.x;
        while let Some(x) = part_mut(&mut x, S::WIDTH) {
            simd.store(softplus_lanes(simd, simd.load(x)), x);
        }
    }
}

/// log(1 + eˣ) in each lane.
#[inline(always)]
pub(crate) fn softplus_lanes<T: Float, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let (zero, one) = (simd.splat(T::ZERO), simd.splat(T::ONE));
    let highest = simd.splat(T::from_f64(constants::<T>().lowest));
    let a = simd.abs(x);
    // A comparison with NaN is false, so NaN goes through.
    let a = simd.select_less([highest, a], highest, a);
    let (k, [e, e_low]) = exp_pair(simd, simd.sub(zero, a));
    let [first, second] = powers(simd, k);
    let e = simd.mul(simd.mul(e, first), second);
    let e_low = simd.mul(simd.mul(e_low, first), second);
    let [u, rest] = fast_two_sum(simd, one, e);
    let log2 = log1p::constants::<T>().log2_once;
    let [high, low] = log_pair(simd, u, [rest, e_low], log2);
    let [sum, rest] = two_sum(simd, simd.select_less([zero, x], x, zero), high);
    let value = simd.add(sum, simd.add(rest, low));
    simd.select_less([highest, x], x, value)
}
