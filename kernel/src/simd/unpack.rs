//! A packed strip, written back to where it came from.

#![allow(unsafe_code, reason = "walks over windows without a check per element; see each function")]

use crate::float::Float;
use crate::simd::pack::{LANES_MAX, transposed};
use crate::simd::{Simd, Window, WindowMut};

/// Writes rows of a strip whose rows are adjacent: the first `first + 1` elements of row 0, one more of each
/// row after it, and no other element. Nothing where the shapes do not fit.
#[inline(always)]
pub(crate) fn unpack_lower<T: Float, S: Simd<T>>(
    simd: S,
    strip: Window<'_, T>,
    first: usize,
    target: &mut WindowMut<'_, T>,
) {
    let fits = strip.rows == target.rows
        && strip.cols == target.cols
        && strip.row_stride == 1
        && strip.cols <= first.saturating_add(strip.rows);
    if !fits {
        return;
    }
    if target.row_stride == 1 || target.rows <= 1 {
        columns(simd, strip, first, target);
    } else if target.col_stride == 1 || target.cols <= 1 {
        rows(simd, strip, first, target);
    } else {
        for j in 0..strip.cols {
            for i in j.saturating_sub(first)..strip.rows {
                if let Some(value) = strip.get(i, j) {
                    let _ = target.set(i, j, value);
                }
            }
        }
    }
}

/// Into adjacent rows, a column after the other.
#[inline(always)]
fn columns<T: Float, S: Simd<T>>(
    simd: S,
    strip: Window<'_, T>,
    first: usize,
    target: &mut WindowMut<'_, T>,
) {
    let lanes = lane_numbers(simd);
    let end = strip.rows - strip.rows % S::WIDTH;
    let mask = simd.mask(strip.rows - end);
    let (mut from, mut to) = (strip.pointer(), target.pointer());
    for j in 0..strip.cols {
        let above = j.saturating_sub(first);
        let mut row = above - above % S::WIDTH;
        if above > row {
            let mask = simd.mask(strip.rows - row);
            // What stands above the diagonal is written back as it is: to read from the diagonal on, across
            // two vectors that were just written, would wait for both.
            let lower = [simd.splat(T::from_usize(above - row)), lanes];
            // SAFETY: the mask has no more lanes than column j has elements from `row` on.
            unsafe {
                let [x, kept] = [
                    simd.load_masked(from.wrapping_add(row), mask),
                    simd.load_masked(to.wrapping_add(row), mask),
                ];
                simd.store_masked(simd.select_less(lower, x, kept), to.wrapping_add(row), mask);
            }
            row += S::WIDTH;
        }
        while row < end {
            // SAFETY: column j has WIDTH elements from `row` on.
            unsafe {
                simd.store_pointer(simd.load_pointer(from.wrapping_add(row)), to.wrapping_add(row))
            }
            row += S::WIDTH;
        }
        if row < strip.rows {
            // SAFETY: the mask has as many lanes as column j has elements from `end` on.
            unsafe {
                let x = simd.load_masked(from.wrapping_add(row), mask);
                simd.store_masked(x, to.wrapping_add(row), mask);
            }
        }
        from = from.wrapping_add(strip.col_stride);
        to = to.wrapping_add(target.col_stride);
    }
}

/// ½, 3/2, … in the lanes: a lane's number is above all that are not greater.
#[inline(always)]
fn lane_numbers<T: Float, S: Simd<T>>(simd: S) -> S::V {
    let mut numbers = [T::ZERO; LANES_MAX];
    for (i, number) in numbers.iter_mut().enumerate() {
        *number = T::from_usize(i) + T::HALF;
    }
    simd.load(&numbers)
}

/// Into adjacent columns, WIDTH rows by WIDTH columns at a time through registers.
#[inline(always)]
fn rows<T: Float, S: Simd<T>>(
    simd: S,
    strip: Window<'_, T>,
    first: usize,
    target: &mut WindowMut<'_, T>,
) {
    for row in (0..strip.rows).step_by(S::WIDTH) {
        let count = S::WIDTH.min(strip.rows - row);
        let mask = simd.mask(count);
        let longest = strip.cols.min(first + row + count);
        for col in (0..longest).step_by(S::WIDTH) {
            let cols = S::WIDTH.min(longest - col);
            let mut lines = [simd.splat(T::ZERO); LANES_MAX];
            for (j, line) in lines.iter_mut().enumerate().take(S::WIDTH) {
                if j < cols {
                    // SAFETY: column col + j of the strip has `count` adjacent elements from `row` on.
                    *line = unsafe {
                        let column = (col + j).wrapping_mul(strip.col_stride);
                        let source = strip.pointer().wrapping_add(column.wrapping_add(row));
                        simd.load_masked(source, mask)
                    };
                }
            }
            let lines = transposed(simd, lines);
            for (i, &line) in lines.iter().enumerate().take(S::WIDTH) {
                let len = (first + row + i + 1).min(longest).saturating_sub(col).min(cols);
                if i < count && len > 0 {
                    // SAFETY: row row + i of the target has `len` adjacent elements from `col` on.
                    unsafe {
                        let line_start = (row + i).wrapping_mul(target.row_stride);
                        let line_target =
                            target.pointer().wrapping_add(line_start.wrapping_add(col));
                        simd.store_masked(line, line_target, simd.mask(len));
                    }
                }
            }
        }
    }
}
