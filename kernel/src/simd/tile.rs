//! A block of C in registers while k runs: the inner loop of levels 2 and 3.

#![allow(unsafe_code, reason = "reads windows without a check per element; see `accumulate`")]

use crate::float::Float;
use crate::simd::{Simd, Window};

/// acc[j] ← acc[j] + Σₚ a(·, p) · scale(b(p, j)), p in order, for NR columns of MV vectors.
///
/// `a`: at most MV·WIDTH rows, adjacent, × k. `b`: k × NR, any strides. Each lane is one
/// chain over p, so neither the tile's shape nor the machine can change a bit. Lanes
/// beyond the rows of `a` add +0.0·b: they hold garbage and are not stored.
///
/// Where the shapes do not fit, `acc` is returned untouched.
#[inline(always)]
pub(crate) fn accumulate<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    scale: impl Fn(T) -> T,
    acc: [[S::V; MV]; NR],
) -> [[S::V; MV]; NR] {
    let fits = a.rows > (MV - 1) * S::WIDTH
        && a.rows <= MV * S::WIDTH
        && (a.row_stride == 1 || a.rows == 1 || a.cols == 0)
        && a.cols == b.rows
        && b.cols == NR;
    debug_assert!(
        fits,
        "tile {MV}x{NR} does not fit {} x {} and {} x {}",
        a.rows, a.cols, b.rows, b.cols
    );
    if !fits {
        return acc;
    }
    if a.rows == MV * S::WIDTH {
        // SAFETY: `fits` gives MV·WIDTH adjacent elements at each of the k columns of `a`.
        let load =
            |column: *const T, v: usize| unsafe { simd.load_pointer(column.add(v * S::WIDTH)) };
        run(simd, a, b, (load, scale), acc)
    } else {
        let mask = simd.mask(a.rows - (MV - 1) * S::WIDTH);
        let load = |column: *const T, v: usize| {
            if v + 1 < MV {
                // SAFETY: `fits` gives more than (MV − 1)·WIDTH adjacent elements a column.
                unsafe { simd.load_pointer(column.add(v * S::WIDTH)) }
            } else {
                // SAFETY: the mask has the lanes that are left of the rows of `a`.
                unsafe { simd.load_masked(column.add(v * S::WIDTH), mask) }
            }
        };
        run(simd, a, b, (load, scale), acc)
    }
}

/// The loop over k, for one way of loading a column of `a`.
#[inline(always)]
fn run<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    (load, scale): (impl Fn(*const T, usize) -> S::V, impl Fn(T) -> T),
    mut acc: [[S::V; MV]; NR],
) -> [[S::V; MV]; NR] {
    let (mut column, mut row) = (a.pointer(), b.pointer());
    let k = a.cols;
    for p in 0..k {
        let mut vectors = [simd.splat(T::ZERO); MV];
        for (v, vector) in vectors.iter_mut().enumerate() {
            *vector = load(column, v);
        }
        for (j, sums) in acc.iter_mut().enumerate() {
            // SAFETY: p < k = b.rows and j < NR = b.cols, so (p, j) is an element of `b`.
            let factor = simd.splat(scale(unsafe { row.add(j * b.col_stride).read() }));
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = simd.mul_add(vector, factor, *sum);
            }
        }
        if p + 1 < k {
            // SAFETY: column p + 1 < k is in the window.
            column = unsafe { column.add(a.col_stride) };
            // SAFETY: row p + 1 < k is in the window.
            row = unsafe { row.add(b.row_stride) };
        }
    }
    acc
}
