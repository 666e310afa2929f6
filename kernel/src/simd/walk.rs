//! How loops walk over slices: by splitting, which neither divides nor can panic.

use crate::float::Float;
use crate::simd::Simd;

/// Splits `len` elements off the front; `None` if there are fewer.
#[inline(always)]
pub(crate) fn block<'a, T>(x: &mut &'a [T], len: usize) -> Option<&'a [T]> {
    let (front, rest) = x.split_at_checked(len)?;
    *x = rest;
    Some(front)
}

/// Splits `len` elements off the front; `None` if there are fewer.
#[inline(always)]
pub(crate) fn block_mut<'a, T>(x: &mut &'a mut [T], len: usize) -> Option<&'a mut [T]> {
    if len > x.len() {
        return None;
    }
    let (front, rest) = core::mem::take(x).split_at_mut_checked(len)?;
    *x = rest;
    Some(front)
}

/// Splits at most `len` elements off the front; `None` if there are none.
#[inline(always)]
pub(crate) fn part<'a, T>(x: &mut &'a [T], len: usize) -> Option<&'a [T]> {
    if x.is_empty() { None } else { block(x, len.min(x.len())) }
}

/// Splits at most `len` elements off the front; `None` if there are none.
#[inline(always)]
pub(crate) fn part_mut<'a, T>(x: &mut &'a mut [T], len: usize) -> Option<&'a mut [T]> {
    if x.is_empty() { None } else { block_mut(x, len.min(x.len())) }
}

/// Vectors in flight, so that loads overlap.
const UNROLL: usize = 4;

/// yᵢ ← f(xᵢ, yᵢ), a vector at a time, as far as the shorter goes: the loop of every elementwise
/// update.
#[inline(always)]
pub(crate) fn update<T: Float, S: Simd<T>>(
    simd: S,
    x: &[T],
    y: &mut [T],
    f: impl Fn(S::V, S::V) -> S::V,
) {
    let (mut x, mut y) = (x, y);
    let len = S::WIDTH * UNROLL;
    while x.len() >= len
        && y.len() >= len
        && let (Some(mut x), Some(mut y)) = (block(&mut x, len), block_mut(&mut y, len))
    {
        for _ in 0..UNROLL {
            let (Some(x), Some(y)) = (block(&mut x, S::WIDTH), block_mut(&mut y, S::WIDTH)) else {
                return;
            };
            simd.store(f(simd.load(x), simd.load(y)), y);
        }
    }
    while let (Some(x), Some(y)) = (part(&mut x, S::WIDTH), part_mut(&mut y, S::WIDTH)) {
        simd.store(f(simd.load(x), simd.load(y)), y);
    }
}

/// xᵢ ← f(xᵢ), a vector at a time, for cheap f.
#[inline(always)]
pub(crate) fn renew<T: Float, S: Simd<T>>(simd: S, x: &mut [T], f: impl Fn(S::V) -> S::V) {
    let mut x = x;
    let len = S::WIDTH * UNROLL;
    while x.len() >= len
        && let Some(mut x) = block_mut(&mut x, len)
    {
        for _ in 0..UNROLL {
            let Some(x) = block_mut(&mut x, S::WIDTH) else { return };
            simd.store(f(simd.load(x)), x);
        }
    }
    while let Some(x) = part_mut(&mut x, S::WIDTH) {
        simd.store(f(simd.load(x)), x);
    }
}

/// (xᵢ, yᵢ) ← f(xᵢ, yᵢ), a vector at a time.
#[inline(always)]
pub(crate) fn exchange<T: Float, S: Simd<T>>(
    simd: S,
    x: &mut [T],
    y: &mut [T],
    f: impl Fn(S::V, S::V) -> [S::V; 2],
) {
    let (mut x, mut y) = (x, y);
    while let (Some(x), Some(y)) = (part_mut(&mut x, S::WIDTH), part_mut(&mut y, S::WIDTH)) {
        let [a, b] = f(simd.load(x), simd.load(y));
        simd.store(a, x);
        simd.store(b, y);
    }
}
