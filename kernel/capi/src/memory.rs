//! Pointers from C, checked once.

use crate::status::{
    TEETER_LENGTH, TEETER_MISALIGNED, TEETER_NULL, TEETER_OK, TEETER_OVERLAP, TeeterStatus,
};

/// Refuses what cannot be a slice of `n` elements.
fn check<T>(pointer: *const T, n: usize) -> Result<(), TeeterStatus> {
    if pointer.is_null() {
        return Err(TEETER_NULL);
    }
    if !pointer.is_aligned() {
        return Err(TEETER_MISALIGNED);
    }
    match n.checked_mul(size_of::<T>()) {
        Some(bytes) if bytes <= isize::MAX as usize => Ok(()),
        _ => Err(TEETER_LENGTH),
    }
}

/// A slice to read.
///
/// # Safety
/// - If it is not null and aligned, `pointer` is valid for reading `n` elements while 'a lasts.
pub(crate) unsafe fn input<'a, T>(pointer: *const T, n: usize) -> Result<&'a [T], TeeterStatus> {
    check(pointer, n)?;
    // SAFETY: not null, aligned, small enough; readable as the caller vouches.
    Ok(unsafe { core::slice::from_raw_parts(pointer, n) })
}

/// A slice to write.
///
/// # Safety
/// - If it is not null and aligned, `pointer` is valid for reading and writing `n` elements
///   while 'a lasts, and nothing else reaches them.
pub(crate) unsafe fn output<'a, T>(pointer: *mut T, n: usize) -> Result<&'a mut [T], TeeterStatus> {
    check(pointer, n)?;
    // SAFETY: not null, aligned, small enough; exclusive as the caller vouches.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer, n) })
}

/// Refuses two ranges that share a byte.
pub(crate) fn apart<A, B>(
    (a, a_len): (*const A, usize),
    (b, b_len): (*const B, usize),
) -> Result<(), TeeterStatus> {
    let end = |start: usize, bytes: Option<usize>| bytes.and_then(|bytes| start.checked_add(bytes));
    let (a_start, b_start) = (a.addr(), b.addr());
    let a_end = end(a_start, a_len.checked_mul(size_of::<A>())).ok_or(TEETER_LENGTH)?;
    let b_end = end(b_start, b_len.checked_mul(size_of::<B>())).ok_or(TEETER_LENGTH)?;
    if a_start < b_end && b_start < a_end { Err(TEETER_OVERLAP) } else { Ok(()) }
}

/// The status of a body that may stop early.
pub(crate) fn status(body: impl FnOnce() -> Result<(), TeeterStatus>) -> TeeterStatus {
    body().err().unwrap_or(TEETER_OK)
}
