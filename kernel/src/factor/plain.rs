//! What factorizations in place have in common.

use crate::float::Float;
use crate::simd::own;

/// y ← y − factor·x, the shorter length counting; a product and a difference, rounded apart.
#[inline(always)]
pub(super) fn subtract<T: Float>(factor: T, x: &[T], y: &mut [T]) {
    if own::subtract_scaled(factor, x, y) {
        return;
    }
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= factor * x;
    }
}
