//! The caller's mistakes, each one comparison, made once at the public edge.

use crate::error::Error;
use crate::float::Float;

/// `found` must equal `expected`.
#[inline(always)]
pub(crate) fn same_len(argument: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { argument, expected, found }) }
}

/// `found` must be at least `needed`.
#[inline(always)]
pub(crate) fn at_least(argument: &'static str, needed: usize, found: usize) -> Result<(), Error> {
    if found >= needed { Ok(()) } else { Err(Error::Short { argument, needed, found }) }
}

/// `n` must not be zero.
#[inline(always)]
pub(crate) fn not_empty(argument: &'static str, n: usize) -> Result<(), Error> {
    if n > 0 { Ok(()) } else { Err(Error::Empty { argument }) }
}

/// `value` must lie in [low, high]; NaN does not.
#[inline(always)]
pub(crate) fn in_range<T: Float>(
    argument: &'static str,
    value: T,
    low: f64,
    high: f64,
) -> Result<(), Error> {
    let found = value.to_f64();
    if found >= low && found <= high {
        Ok(())
    } else {
        Err(Error::Range { argument, found, low, high })
    }
}

/// How a call ends whose inner step found memory that is not as it was checked to be. No input reaches this; were
/// it reached, by a defect of this crate, what is left of `argument`, of `len` lines, is no answer.
#[cold]
pub(crate) const fn refused(argument: &'static str, len: usize) -> Error {
    Error::Length { argument, expected: len, found: 0 }
}

/// Every element must be finite.
#[inline]
pub(crate) fn finite<T: Float>(argument: &'static str, x: &[T]) -> Result<(), Error> {
    match x.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite { argument, index }),
    }
}

/// The elements before `at` and the rest; a shortfall is reported, not panicked on.
#[inline(always)]
pub(crate) fn split<T>(x: &mut [T], at: usize) -> Result<(&mut [T], &mut [T]), Error> {
    let found = x.len();
    x.split_at_mut_checked(at).ok_or(Error::Short { argument: "scratch", needed: at, found })
}

/// Splits `len` elements off the front of memory lent for the call.
#[inline(always)]
pub(crate) fn take<'a, T>(scratch: &mut &'a mut [T], len: usize) -> Result<&'a mut [T], Error> {
    let (front, rest) = split(core::mem::take(scratch), len)?;
    *scratch = rest;
    Ok(front)
}
