//! Single lanes of a vector, by a number that is known when compiled: then these become one shuffle.

use crate::float::Float;
use crate::simd::Simd;
use crate::simd::pack::LANES_MAX;

/// Lane k; +0.0 if there is none.
#[inline(always)]
pub(crate) fn lane<T: Float, S: Simd<T>>(simd: S, v: S::V, k: usize) -> T {
    let mut lanes = [T::ZERO; LANES_MAX];
    simd.store(v, &mut lanes);
    lanes.get(k).copied().unwrap_or(T::ZERO)
}

/// The vector with `value` in lane k.
#[inline(always)]
pub(crate) fn with_lane<T: Float, S: Simd<T>>(simd: S, v: S::V, k: usize, value: T) -> S::V {
    let mut lanes = [T::ZERO; LANES_MAX];
    simd.store(v, &mut lanes);
    if let Some(lane) = lanes.get_mut(k) {
        *lane = value;
    }
    simd.load(&lanes)
}
