//! Products of lines with a vector, summed in registers: the inner loop of `dot`, and of `gemv` where rows
//! are adjacent.

#![allow(unsafe_code, reason = "walks over slices of one checked length; see each function")]

use crate::float::Float;
use crate::simd::{REGISTERS_MAX, Simd, registers};

/// Whether a vector of n elements is no longer than a cache line: see [`Operation::is_short`].
///
/// [`Operation::is_short`]: crate::simd::Operation::is_short
#[inline(always)]
pub(crate) const fn is_short<T: Float>(n: usize) -> bool {
    n <= 64 / size_of::<T>()
}

/// The lanes of the virtual register (`tree.rs`), for N reductions side by side.
pub(crate) type Sums<V, const N: usize> = [[V; N]; REGISTERS_MAX];

/// Element i of each line times xᵢ, added to lane i mod L of its sums; x is read once. The lines are
/// at least as long as x, else nothing is added.
///
/// By pointers: of slices, the compiler counts the length of each line apart.
#[inline(always)]
pub(crate) fn line_products<T: Float, S: Simd<T>, const N: usize>(
    simd: S,
    lines: [&[T]; N],
    x: &[T],
) -> Sums<S::V, N> {
    let count = registers::<T, S>();
    let mut sums = [[simd.splat(T::ZERO); N]; REGISTERS_MAX];
    let n = x.len();
    if lines.iter().any(|line| line.len() < n) {
        return sums;
    }
    let (lines, x) = (lines.map(<[T]>::as_ptr), x.as_ptr());
    let mut left = n;
    let mut at = 0;
    while left >= count * S::WIDTH {
        for sums in sums.iter_mut().take(count) {
            // SAFETY: `left` elements follow `at`, at first count·WIDTH and here at least WIDTH.
            unsafe { add_vector(simd, sums, lines, x, at) }
            at += S::WIDTH;
        }
        left -= count * S::WIDTH;
    }
    for sums in sums.iter_mut().take(count) {
        // No `break`: at its one target the compiler would keep the sums in memory.
        let here = left.min(S::WIDTH);
        if here == S::WIDTH {
            // SAFETY: `left` elements follow `at`.
            unsafe { add_vector(simd, sums, lines, x, at) }
        } else if here > 0 {
            // SAFETY: as above; so many are read.
            unsafe { add_rest(simd, sums, lines, (x, here), at) }
        }
        (at, left) = (at + here, left - here);
    }
    sums
}

/// # Safety
/// - `lines` and `x` are valid for reading WIDTH elements from `at` on.
#[inline(always)]
unsafe fn add_vector<T: Float, S: Simd<T>, const N: usize>(
    simd: S,
    sums: &mut [S::V; N],
    lines: [*const T; N],
    x: *const T,
    at: usize,
) {
    // SAFETY: the caller vouches for the elements.
    let x = unsafe { simd.load_pointer(x.add(at)) };
    for (sum, line) in sums.iter_mut().zip(lines) {
        // SAFETY: as above.
        let line = unsafe { simd.load_pointer(line.add(at)) };
        *sum = simd.add(*sum, simd.mul(line, x));
    }
}

/// # Safety
/// - `lines` and `x` are valid for reading `left` elements from `at` on.
#[inline(always)]
unsafe fn add_rest<T: Float, S: Simd<T>, const N: usize>(
    simd: S,
    sums: &mut [S::V; N],
    lines: [*const T; N],
    (x, left): (*const T, usize),
    at: usize,
) {
    let mask = simd.mask(left);
    // SAFETY: the caller vouches for the elements of the mask.
    let x = unsafe { simd.load_masked(x.add(at), mask) };
    for (sum, line) in sums.iter_mut().zip(lines) {
        // SAFETY: as above.
        let line = unsafe { simd.load_masked(line.add(at), mask) };
        *sum = simd.add(*sum, simd.mul(line, x));
    }
}
