//! A block of C in registers while k runs: the inner loop of levels 2 and 3.

#![allow(unsafe_code, reason = "walks over windows without a check per element; see each function")]

use crate::float::Float;
use crate::simd::{Simd, Window, WindowMut, lane};

/// NR columns of MV vectors each.
pub(crate) type Tile<V, const MV: usize, const NR: usize> = [[V; MV]; NR];

/// Vectors in the tallest column of a tile on this machine.
#[inline(always)]
pub(crate) const fn tile_vectors<T: Float, S: Simd<T>>() -> usize {
    match S::TILE_COLUMNS {
        [_, 0, _] => 1,
        [_, _, 0] => 2,
        _ => 3,
    }
}

/// Vectors of the next strip of rows, of `left` ones: as many as a tile has, but four are two
/// and two rather than three and one, for one alone has too few chains to fill the pipelines.
#[inline(always)]
pub(crate) fn strip_vectors<T: Float, S: Simd<T>>(left: usize) -> usize {
    even_vectors(left, const { tile_vectors::<T, S>() })
}

/// The same where a strip has at most `most` vectors.
#[inline(always)]
pub(crate) fn even_vectors(left: usize, most: usize) -> usize {
    if left == most + 1 && most == 3 { 2 } else { left.min(most) }
}

/// Whether a column of `rows` elements is MV vectors, the last one perhaps not full.
#[inline(always)]
const fn is_column<T: Float, S: Simd<T>, const MV: usize>(rows: usize) -> bool {
    rows > (MV - 1) * S::WIDTH && rows <= MV * S::WIDTH
}

/// acc[j] ← acc[j] ± Σₚ a(·, p) · scale(b(p, j)), p in order, for NR columns of MV vectors; − with `SUBTRACT`.
///
/// `a`: more than MV − 1 and at most MV vectors of rows, adjacent, × k. `b`: k × NR, any strides. Each
/// lane is one chain over p, so neither the tile's shape nor the machine can change a bit.
/// Lanes beyond the rows of `a` add ±0·b: they hold garbage and are not stored.
///
/// Where the shapes do not fit, `acc` is returned untouched.
#[inline(always)]
pub(crate) fn accumulate<T, S, const MV: usize, const NR: usize, const SUBTRACT: bool>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    scale: impl Fn(T) -> T,
    acc: Tile<S::V, MV, NR>,
) -> Tile<S::V, MV, NR>
where
    T: Float,
    S: Simd<T>,
{
    let fits = is_column::<T, S, MV>(a.rows)
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
    let mask = simd.mask(a.rows - (MV - 1) * S::WIDTH);
    if !S::MASKS_ARE_FREE && a.rows == MV * S::WIDTH {
        // SAFETY: `fits`, and a column is MV vectors, none of them in need of a mask.
        return unsafe { run::<T, S, MV, NR, SUBTRACT>(simd, a, b, (None, scale), acc) };
    }
    // SAFETY: `fits` gives more than MV − 1 vectors a column, and the mask the lanes that are left.
    unsafe { run::<T, S, MV, NR, SUBTRACT>(simd, a, b, (Some(mask), scale), acc) }
}

/// The loop over k; with a mask for the last vector of a column of `a`, or `None` if that is full.
///
/// # Safety
/// - The columns of `a` are as many as the rows of `b`, which has NR columns.
/// - A column of `a` is valid for reading MV − 1 vectors of adjacent elements and, beyond them, the lanes of the
///   mask or a whole vector.
#[inline(always)]
unsafe fn run<T, S, const MV: usize, const NR: usize, const SUBTRACT: bool>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    (mask, scale): (Option<S::Mask>, impl Fn(T) -> T),
    mut acc: Tile<S::V, MV, NR>,
) -> Tile<S::V, MV, NR>
where
    T: Float,
    S: Simd<T>,
{
    let (mut column, mut row) = (a.pointer(), b.pointer());
    for _ in 0..a.cols {
        let mut vectors = [simd.splat(T::ZERO); MV];
        for (v, vector) in vectors.iter_mut().enumerate() {
            let at = column.wrapping_add(v * S::WIDTH);
            *vector = match mask {
                // SAFETY: the last vector of a column, by the contract as long as the mask.
                Some(mask) if v + 1 == MV => unsafe { simd.load_masked(at, mask) },
                // SAFETY: by the contract a whole vector.
                _ => unsafe { simd.load_pointer(at) },
            };
        }
        for (j, sums) in acc.iter_mut().enumerate() {
            let factor = row.wrapping_add(j.wrapping_mul(b.col_stride));
            // SAFETY: p < k = b.rows and j < NR = b.cols, so (p, j) is an element of `b`.
            let factor = simd.splat(scale(unsafe { factor.read() }));
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = if SUBTRACT {
                    simd.neg_mul_add(vector, factor, *sum)
                } else {
                    simd.mul_add(vector, factor, *sum)
                };
            }
        }
        // The step after the last one may leave the memory: it is not read through.
        column = column.wrapping_add(a.col_stride);
        row = row.wrapping_add(b.row_stride);
    }
    acc
}

/// Reads the NR columns of `c`, whose rows are adjacent; zeros where the shape does not fit.
#[inline(always)]
pub(crate) fn load_tile<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    c: Window<'_, T>,
) -> Tile<S::V, MV, NR> {
    let mut acc = [[simd.splat(T::ZERO); MV]; NR];
    if !is_column::<T, S, MV>(c.rows) || c.cols != NR || (c.row_stride != 1 && c.rows > 1) {
        return acc;
    }
    let full = !S::MASKS_ARE_FREE && c.rows == MV * S::WIDTH;
    let mask = simd.mask(c.rows - (MV - 1) * S::WIDTH);
    let mut column = c.pointer();
    for sums in &mut acc {
        for (v, sum) in sums.iter_mut().enumerate() {
            let at = column.wrapping_add(v * S::WIDTH);
            *sum = if v + 1 < MV || full {
                // SAFETY: this column has more than v·WIDTH + WIDTH − 1 elements.
                unsafe { simd.load_pointer(at) }
            } else {
                // SAFETY: the mask has the lanes that are left of the column.
                unsafe { simd.load_masked(at, mask) }
            };
        }
        column = column.wrapping_add(c.col_stride);
    }
    acc
}

/// Writes the NR columns of `c`, whose rows are adjacent; nothing where the shape does not fit.
#[inline(always)]
pub(crate) fn store_tile<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    acc: &Tile<S::V, MV, NR>,
    c: &mut WindowMut<'_, T>,
) {
    if !is_column::<T, S, MV>(c.rows) || c.cols != NR || (c.row_stride != 1 && c.rows > 1) {
        return;
    }
    let full = c.rows == MV * S::WIDTH;
    let mask = simd.mask(c.rows - (MV - 1) * S::WIDTH);
    let mut column = c.pointer();
    for sums in acc {
        for (v, &sum) in sums.iter().enumerate() {
            let at = column.wrapping_add(v * S::WIDTH);
            if v + 1 < MV || full {
                // SAFETY: this column has more than v·WIDTH + WIDTH − 1 elements.
                unsafe { simd.store_pointer(sum, at) }
            } else {
                // SAFETY: the mask has the lanes that are left of the column.
                unsafe { simd.store_masked(sum, at, mask) }
            }
        }
        column = column.wrapping_add(c.col_stride);
    }
}

/// Element (i, j) of a tile; 0 where there is none.
#[inline(always)]
pub(crate) fn tile_element<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    acc: &Tile<S::V, MV, NR>,
    i: usize,
    j: usize,
) -> T {
    let v = acc.get(j).and_then(|column| column.get(i / S::WIDTH));
    v.map_or(T::ZERO, |&v| lane(simd, v, i % S::WIDTH))
}

/// What a column is multiplied by, and then divided by, once nothing is left to subtract: the reciprocal of its
/// pivot and 1 or, where that is not a normal number, 1 and the pivot.
pub(crate) struct Scales<'a, T, const NR: usize> {
    pub(crate) factors: Option<&'a [T; NR]>,
    pub(crate) divisors: Option<&'a [T; NR]>,
}

/// acc ← acc·L⁻ᵀ for lower triangular L, NR × NR: column by column, each scaled and subtracted from the later
/// ones. Each lane goes on with its chain in order. The diagonal of L is not read.
///
/// Where the shape does not fit, `acc` is returned untouched.
#[inline(always)]
pub(crate) fn substitute<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    l: Window<'_, T>,
    scales: &Scales<'_, T, NR>,
    mut acc: Tile<S::V, MV, NR>,
) -> Tile<S::V, MV, NR> {
    if l.rows != NR || l.cols != NR {
        return acc;
    }
    eliminate::<T, S, MV, NR, 0>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 1>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 2>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 3>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 4>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 5>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 6>(simd, l, scales, &mut acc);
    eliminate::<T, S, MV, NR, 7>(simd, l, scales, &mut acc);
    acc
}

/// The step of [`substitute`] for column C; the columns are written out, since a loop over them would
/// keep the tile in memory.
#[inline(always)]
fn eliminate<T: Float, S: Simd<T>, const MV: usize, const NR: usize, const C: usize>(
    simd: S,
    l: Window<'_, T>,
    scales: &Scales<'_, T, NR>,
    acc: &mut Tile<S::V, MV, NR>,
) {
    if C >= NR {
        return;
    }
    let Some(([.., current], later)) = acc.split_at_mut_checked(C + 1) else { return };
    if let Some(factors) = scales.factors {
        let factor = simd.splat(factors.get(C).copied().unwrap_or(T::ONE));
        for x in current.iter_mut() {
            *x = simd.mul(*x, factor);
        }
    }
    if let Some(divisors) = scales.divisors {
        let divisor = simd.splat(divisors.get(C).copied().unwrap_or(T::ONE));
        for x in current.iter_mut() {
            *x = simd.div(*x, divisor);
        }
    }
    let start = C.wrapping_mul(l.col_stride).wrapping_add((C + 1).wrapping_mul(l.row_stride));
    let mut row = l.pointer().wrapping_add(start);
    for column in later {
        // SAFETY: the loop ends with row NR − 1 of column C of `l`, which is NR × NR.
        let factor = simd.splat(unsafe { row.read() });
        for (x, &solved) in column.iter_mut().zip(current.iter()) {
            *x = simd.neg_mul_add(solved, factor, *x);
        }
        row = row.wrapping_add(l.row_stride);
    }
}
