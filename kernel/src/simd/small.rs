//! A small matrix, between a window and arrays.

#![allow(unsafe_code, reason = "elements of a window whose shape was compared")]

use crate::float::Float;
use crate::simd::{Window, WindowMut};

/// The columns of a window of R × C; `None` if it has another shape.
#[inline(always)]
pub(crate) fn to_columns<T: Float, const R: usize, const C: usize>(
    a: Window<'_, T>,
) -> Option<[[T; R]; C]> {
    if a.rows != R || a.cols != C {
        return None;
    }
    let mut columns = [[T::ZERO; R]; C];
    let start = a.pointer();
    for (j, column) in columns.iter_mut().enumerate() {
        let from = start.wrapping_add(j.wrapping_mul(a.col_stride));
        if a.row_stride == 1 {
            // SAFETY: the R rows of column j are adjacent elements of this window.
            *column = unsafe { from.cast::<[T; R]>().read() };
        } else {
            for (i, element) in column.iter_mut().enumerate() {
                // SAFETY: i < R = rows and j < C = cols, so (i, j) is an element of this window.
                *element = unsafe { from.wrapping_add(i.wrapping_mul(a.row_stride)).read() };
            }
        }
    }
    Some(columns)
}

/// Which elements to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// All.
    Full,
    /// Those on and below the diagonal.
    Lower,
}

/// Writes columns to a window of R × C; nothing if it has another shape.
#[inline(always)]
pub(crate) fn write_columns<T: Float, const R: usize, const C: usize>(
    columns: &[[T; R]; C],
    written: Written,
    a: &mut WindowMut<'_, T>,
) -> Option<()> {
    if a.rows != R || a.cols != C {
        return None;
    }
    let start = a.pointer();
    for (j, column) in columns.iter().enumerate() {
        let to = start.wrapping_add(j.wrapping_mul(a.col_stride));
        let first = if written == Written::Lower { j } else { 0 };
        if a.row_stride == 1 {
            let len = R.saturating_sub(first);
            let (from, to) = (column.as_ptr().wrapping_add(first), to.wrapping_add(first));
            // SAFETY: rows `first` to R of column j are adjacent elements of this window, and `column` is not there.
            unsafe { from.copy_to_nonoverlapping(to, len) };
            continue;
        }
        for (i, &element) in column.iter().enumerate().skip(first) {
            // SAFETY: i < R = rows and j < C = cols, so (i, j) is an element of this window.
            unsafe { to.wrapping_add(i.wrapping_mul(a.row_stride)).write(element) };
        }
    }
    Some(())
}
