//! Four inner products with one vector at once.

use crate::float::Float;
use crate::simd::{Simd, line_products, sum_registers_each};

/// Products that run side by side.
pub(crate) const DOTS: usize = 4;

/// Whether the sums of [`DOTS`] products stay in registers.
#[inline(always)]
pub(crate) const fn dots_fit<T: Float, S: Simd<T>>() -> bool {
    let sums = DOTS * 128 / (size_of::<T>() * S::WIDTH);
    // A machine whose tiles are three vectors tall has 32 registers.
    sums <= 8 || (sums <= 16 && S::TILE_COLUMNS[2] > 0)
}

/// aᵀx for each of four a, in the order of `dot_lanes`: the same bits. x is read once, and the four
/// trees at the end share their shuffles.
#[inline(always)]
pub(crate) fn dot_each_lanes<T: Float, S: Simd<T>>(
    simd: S,
    rows: [&[T]; DOTS],
    x: &[T],
) -> [T; DOTS] {
    sum_registers_each(simd, line_products(simd, rows, x))
}
