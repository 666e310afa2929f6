//! Rows of a window, exchanged.

#![allow(unsafe_code, reason = "walks over windows without a check per element; see each function")]

use crate::float::Float;
use crate::simd::WindowMut;

/// Which exchange comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Forward,
    Backward,
}

/// Row `first + k` ↔ row `places[k]`, for all k in order; nothing at all, and `None`, where one of them is no row.
pub(crate) fn exchange_rows<T: Float>(
    a: &mut WindowMut<'_, T>,
    first: usize,
    places: &[usize],
    order: Order,
) -> Option<()> {
    let rows = a.rows;
    let all = first <= rows && places.len() <= rows - first;
    if !all || !places.iter().all(|&place| place < rows) {
        return None;
    }
    if a.cols == 0 {
        return Some(());
    }
    if a.col_stride == 1 && a.row_stride != 1 {
        for step in 0..places.len() {
            let k = at(step, places.len(), order);
            swap_rows(a, first + k, places.get(k).copied()?);
        }
        return Some(());
    }
    let (data, cols, strides) = (a.pointer(), a.cols, [a.row_stride, a.col_stride]);
    // As whole numbers: two of them are written at a time, one vector.
    // SAFETY: all rows are rows of the window, all columns its columns; a number has the size of one of these.
    unsafe {
        if T::BITS == 64 {
            exchange_u64(data.cast(), cols, strides, (first, places, order));
        } else {
            exchange_u32(data.cast(), cols, strides, (first, places, order));
        }
    }
    Some(())
}

#[inline(always)]
fn at(step: usize, len: usize, order: Order) -> usize {
    if order == Order::Forward { step } else { len - 1 - step }
}

type Places<'a> = (usize, &'a [usize], Order);

/// # Safety
/// - As for [`columns`].
#[inline(never)]
unsafe fn exchange_u64(data: *mut u64, cols: usize, strides: [usize; 2], places: Places<'_>) {
    // SAFETY: by the contract.
    unsafe { all_columns(data, cols, strides, places) }
}

/// # Safety
/// - As for [`columns`].
#[inline(never)]
unsafe fn exchange_u32(data: *mut u32, cols: usize, strides: [usize; 2], places: Places<'_>) {
    // SAFETY: by the contract.
    unsafe { all_columns(data, cols, strides, places) }
}

/// Four columns at a time: an index is read once for all.
///
/// # Safety
/// - As for [`columns`].
#[inline(always)]
unsafe fn all_columns<U: Copy>(
    data: *mut U,
    cols: usize,
    [row_stride, col_stride]: [usize; 2],
    places: Places<'_>,
) {
    let mut col = 0;
    while col < cols {
        let column = data.wrapping_add(col.wrapping_mul(col_stride));
        // SAFETY: `col` and, if there are four more, the three after it are columns.
        unsafe {
            if cols - col >= 4 {
                columns::<U, 4>(column, [row_stride, col_stride], places);
                col += 4;
            } else {
                columns::<U, 1>(column, [row_stride, col_stride], places);
                col += 1;
            }
        }
    }
}

/// # Safety
/// - Of each of the N columns from `data` on, the rows that are exchanged are valid for reading and writing.
#[inline(always)]
unsafe fn columns<U: Copy, const N: usize>(
    data: *mut U,
    [row_stride, col_stride]: [usize; 2],
    (first, places, order): Places<'_>,
) {
    for step in 0..places.len() {
        let k = at(step, places.len(), order);
        let Some(&place) = places.get(k) else { return };
        let (mut x, mut y) = (
            data.wrapping_add((first + k).wrapping_mul(row_stride)),
            data.wrapping_add(place.wrapping_mul(row_stride)),
        );
        for _ in 0..N {
            // SAFETY: by the contract.
            unsafe {
                let (upper, lower) = (x.read(), y.read());
                x.write(lower);
                y.write(upper);
            }
            (x, y) = (x.wrapping_add(col_stride), y.wrapping_add(col_stride));
        }
    }
}

/// Row k ↔ row `place`; nothing where one of them is no row.
#[inline(always)]
pub(crate) fn swap_rows<T: Float>(a: &mut WindowMut<'_, T>, k: usize, place: usize) {
    if k == place || k >= a.rows || place >= a.rows || a.cols == 0 {
        return;
    }
    let (mut x, mut y) = (
        a.pointer().wrapping_add(k.wrapping_mul(a.row_stride)),
        a.pointer().wrapping_add(place.wrapping_mul(a.row_stride)),
    );
    if a.col_stride == 1 {
        // SAFETY: two rows of the window; as no two elements share an address, neither do adjacent rows.
        unsafe { core::ptr::swap_nonoverlapping(x, y, a.cols) };
        return;
    }
    for _ in 0..a.cols {
        // SAFETY: elements of this column.
        unsafe {
            let (upper, lower) = (x.read(), y.read());
            x.write(lower);
            y.write(upper);
        }
        (x, y) = (x.wrapping_add(a.col_stride), y.wrapping_add(a.col_stride));
    }
}
