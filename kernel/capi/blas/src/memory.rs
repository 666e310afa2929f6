//! Pointers, increments and leading dimensions as vectors and matrices.

use std::borrow::Cow;
use std::slice;

use teeter::Float;
use teeter::matrix::{MatMut, MatRef};
use teeter::simd::{Window, WindowMut};

use crate::report::Checked;

/// A vector or matrix to read: its first element, and its increment or leading dimension.
pub(crate) type In<T> = (*const T, i32);

/// A vector or matrix to write.
pub(crate) type Out<T> = (*mut T, i32);

/// A size, which must not be negative.
pub(crate) fn size(place: i32, n: i32) -> Result<usize, i32> {
    usize::try_from(n).map_err(|_| place)
}

/// A leading dimension must be at least the number of rows, and 1.
pub(crate) fn leading(place: i32, found: i32, rows: usize) -> Checked {
    match usize::try_from(found) {
        Ok(found) if found >= rows.max(1) => Ok(()),
        _ => Err(place),
    }
}

/// An increment must not be zero.
pub(crate) fn increment(place: i32, found: i32) -> Checked {
    if found == 0 { Err(place) } else { Ok(()) }
}

/// A matrix of columns to read. Never a slice: between its columns others may write.
///
/// # Safety
/// - Its elements are valid for reads, and nothing writes there during 'a.
pub(crate) unsafe fn matrix<'a, T>((data, leading): In<T>, shape: [usize; 2]) -> MatRef<'a, T> {
    // SAFETY: the caller vouches for the elements.
    unsafe { Window::from_raw(data, shape, [1, leading.unsigned_abs() as usize]) }.into()
}

/// A matrix of columns to write.
///
/// # Safety
/// - Its elements are valid for reads and writes and reached by nothing else during 'a; `leading` has passed
///   its check.
pub(crate) unsafe fn matrix_mut<'a, T>(
    (data, leading): Out<T>,
    shape: [usize; 2],
) -> MatMut<'a, T> {
    // SAFETY: the caller vouches for the elements; a column ends before the next begins.
    unsafe { WindowMut::from_raw(data, shape, [1, leading.unsigned_abs() as usize]) }.into()
}

/// Where element i of n lies: with a negative increment the first is the last in memory.
#[inline(always)]
pub(crate) fn offset(i: usize, n: usize, increment: i32) -> isize {
    let step = increment as isize;
    if increment < 0 { (i as isize + 1 - n as isize) * step } else { i as isize * step }
}

/// n elements to read, in order: where they lie if they are adjacent, else a copy.
///
/// # Safety
/// - They are valid for reads, and nothing writes there during 'a.
pub(crate) unsafe fn vector<'a, T: Float>(n: usize, (data, step): In<T>) -> Cow<'a, [T]> {
    if n == 0 {
        Cow::Borrowed(&[])
    } else if step == 1 {
        // SAFETY: the caller vouches for n elements.
        Cow::Borrowed(unsafe { slice::from_raw_parts(data, n) })
    } else {
        // SAFETY: element i of n, which the caller vouches for.
        let element = |i| unsafe { data.offset(offset(i, n, step)).read() };
        Cow::Owned((0..n).map(element).collect())
    }
}

/// Lets `change` have n elements, in order, and keeps what it leaves there.
///
/// # Safety
/// - They are valid for reads and writes, and reached by nothing else meanwhile; no increment of 0.
pub(crate) unsafe fn renew<T: Float>(
    n: usize,
    (data, step): Out<T>,
    change: impl FnOnce(&mut [T]),
) {
    if n == 0 {
        return;
    }
    if step == 1 {
        // SAFETY: the caller vouches for n elements.
        return change(unsafe { slice::from_raw_parts_mut(data, n) });
    }
    // SAFETY: the caller vouches for the elements.
    let mut copy = unsafe { vector(n, (data.cast_const(), step)) }.into_owned();
    change(&mut copy);
    for (i, value) in copy.into_iter().enumerate() {
        // SAFETY: element i of n.
        unsafe { data.offset(offset(i, n, step)).write(value) }
    }
}

/// Whether two vectors are adjacent elements each, and share none.
pub(crate) fn are_plain<T>(n: usize, (x, x_step): In<T>, (y, y_step): In<T>) -> bool {
    let bytes = n * size_of::<T>();
    x_step == 1 && y_step == 1 && x.addr().abs_diff(y.addr()) >= bytes
}
