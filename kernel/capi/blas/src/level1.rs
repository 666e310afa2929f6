//! Level 1: vectors. Adjacent elements go to the kernel; others are met one by one, or in blocks of a copy.

use std::slice;

use teeter::{Float, vector};

use crate::machine::machine;
use crate::memory::{In, Out, are_plain, offset, renew, vector as elements};

/// Elements copied at a time where they are not adjacent: two vectors of f64 take 4 KiB of stack.
const BLOCK: usize = 256;

/// n ≥ 0 as a length; nothing is done for less.
fn len(n: i32) -> usize {
    usize::try_from(n).unwrap_or(0)
}

/// No length that fits can be refused.
fn fitting<T: Float>(result: Result<T, teeter::Error>) -> T {
    result.unwrap_or(T::NAN)
}

/// Lets `visit` have a copy of some elements of both vectors after the other. A function of its own, so that calls
/// with adjacent elements do not make room for the copies.
///
/// # Safety
/// - n elements of each are valid for reads.
#[inline(never)]
unsafe fn blocks<T: Float>(n: usize, vectors: [In<T>; 2], mut visit: impl FnMut(&[T], &[T])) {
    let mut copies = [[T::ZERO; BLOCK]; 2];
    for start in (0..n).step_by(BLOCK) {
        let count = BLOCK.min(n - start);
        for (copy, (data, step)) in copies.iter_mut().zip(vectors) {
            for (i, copy) in copy.iter_mut().enumerate().take(count) {
                // SAFETY: element start + i < n, which the caller vouches for.
                *copy = unsafe { data.offset(offset(start + i, n, step)).read() };
            }
        }
        let [x, y] = &copies;
        visit(x.get(..count).unwrap_or(&[]), y.get(..count).unwrap_or(&[]));
    }
}

/// Lets `change` have each pair of elements in turn; increments of 0 and shared elements are the caller's wish.
///
/// # Safety
/// - n elements of each are valid for whatever `change` does with them.
#[inline(never)]
unsafe fn pairs<T>(
    n: usize,
    (x, x_step): In<T>,
    (y, y_step): Out<T>,
    mut change: impl FnMut(*const T, *mut T),
) {
    for i in 0..n {
        // SAFETY: element i of n in each.
        unsafe { change(x.offset(offset(i, n, x_step)), y.offset(offset(i, n, y_step))) }
    }
}

/// xᵀy.
///
/// # Safety
/// - n elements of each are valid for reads; so everywhere below, and for writes where they are written.
#[inline(always)]
pub(crate) unsafe fn dot<T: Float>(n: i32, x: In<T>, y: In<T>) -> T {
    let n = len(n);
    if n > 0 && x.1 == 1 && y.1 == 1 {
        // SAFETY: the caller vouches for n adjacent elements.
        let (x, y) = unsafe { (slice::from_raw_parts(x.0, n), slice::from_raw_parts(y.0, n)) };
        return fitting(vector::dot(machine(), x, y));
    }
    let (machine, mut sum) = (machine(), T::ZERO);
    // SAFETY: the caller vouches for the elements.
    unsafe { blocks(n, [x, y], |x, y| sum += fitting(vector::dot(machine, x, y))) }
    sum
}

/// ‖x‖₂, free of overflow and underflow on the way.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn norm2<T: Float>(n: i32, x: In<T>) -> T {
    let (machine, n) = (machine(), len(n));
    if x.1 == 1 {
        // SAFETY: the caller vouches for the elements.
        return vector::norm2(machine, &unsafe { elements(n, x) });
    }
    let mut norm = T::ZERO;
    // SAFETY: as above.
    unsafe {
        blocks(n, [x, x], |x, _| norm = vector::norm2(machine, &[norm, vector::norm2(machine, x)]));
    }
    norm
}

/// Σ |xᵢ|.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn sum_abs<T: Float>(n: i32, x: In<T>) -> T {
    let n = if x.1 > 0 { len(n) } else { 0 };
    // SAFETY: the caller vouches for the elements.
    vector::sum_abs(machine(), &unsafe { elements(n, x) })
}

/// The first place, from 0, of the largest |xᵢ|; none without elements.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn argmax_abs<T: Float>(n: i32, x: In<T>) -> Option<usize> {
    let n = if x.1 > 0 { len(n) } else { 0 };
    // SAFETY: the caller vouches for the elements.
    vector::argmax_abs(machine(), &unsafe { elements(n, x) }).ok()
}

/// y ← αx + y.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn axpy<T: Float>(n: i32, alpha: T, x: In<T>, y: Out<T>) {
    let n = len(n);
    if n == 0 || alpha == T::ZERO {
        return;
    }
    if are_plain(n, x, (y.0, y.1)) {
        // SAFETY: n adjacent elements each, which share none.
        let (x, y) = unsafe { (slice::from_raw_parts(x.0, n), slice::from_raw_parts_mut(y.0, n)) };
        let done = vector::axpy(machine(), alpha, x, y);
        debug_assert!(done.is_ok(), "lengths are equal");
        return;
    }
    // SAFETY: the caller vouches for the elements.
    unsafe { pairs(n, x, y, |x, y| y.write(alpha * x.read() + y.read())) }
}

/// x ← αx.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn scale<T: Float>(n: i32, alpha: T, x: Out<T>) {
    let n = if x.1 > 0 { len(n) } else { 0 };
    if x.1 == 1 {
        // SAFETY: the caller vouches for the elements.
        return unsafe { renew(n, x, |x| vector::scale(machine(), alpha, x)) };
    }
    // SAFETY: as above.
    unsafe { pairs(n, (x.0, x.1), x, |_, x| x.write(alpha * x.read())) }
}

/// y ← x.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn copy<T: Float>(n: i32, x: In<T>, y: Out<T>) {
    let n = len(n);
    if are_plain(n, x, (y.0, y.1)) {
        // SAFETY: n adjacent elements each, which share none.
        return unsafe { x.0.copy_to_nonoverlapping(y.0, n) };
    }
    // SAFETY: the caller vouches for the elements.
    unsafe { pairs(n, x, y, |x, y| y.write(x.read())) }
}

/// x ↔ y.
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn swap<T: Float>(n: i32, x: Out<T>, y: Out<T>) {
    let n = len(n);
    if n > 0 && are_plain(n, (x.0, x.1), (y.0, y.1)) {
        // SAFETY: n adjacent elements each, which share none.
        let (x, y) =
            unsafe { (slice::from_raw_parts_mut(x.0, n), slice::from_raw_parts_mut(y.0, n)) };
        let done = vector::swap(machine(), x, y);
        debug_assert!(done.is_ok(), "lengths are equal");
        return;
    }
    // SAFETY: the caller vouches for the elements, of x for writes too.
    unsafe { pairs(n, (x.0, x.1), y, |x, y| x.cast_mut().swap(y)) }
}

/// (x, y) ← (cx + sy, cy − sx).
///
/// # Safety
/// - As for [`dot`].
#[inline(always)]
pub(crate) unsafe fn rotate<T: Float>(n: i32, x: Out<T>, y: Out<T>, [c, s]: [T; 2]) {
    let n = len(n);
    if n > 0 && are_plain(n, (x.0, x.1), (y.0, y.1)) {
        // SAFETY: n adjacent elements each, which share none.
        let (x, y) =
            unsafe { (slice::from_raw_parts_mut(x.0, n), slice::from_raw_parts_mut(y.0, n)) };
        let done = vector::rotate(machine(), (c, s), x, y);
        debug_assert!(done.is_ok(), "lengths are equal");
        return;
    }
    let turn = |x: *const T, y: *mut T| {
        // SAFETY: the caller vouches for both, for reads and writes.
        unsafe {
            let (old_x, old_y) = (x.read(), y.read());
            x.cast_mut().write(c * old_x + s * old_y);
            y.write(c * old_y - s * old_x);
        }
    };
    // SAFETY: as above.
    unsafe { pairs(n, (x.0, x.1), y, turn) }
}
