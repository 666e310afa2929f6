//! A strip of a matrix, copied so that a tile reads it from end to end.

#![allow(unsafe_code, reason = "writes memory that nobody has initialized; see `Buffer`")]

use core::mem::MaybeUninit;

use crate::float::Float;
use crate::simd::arch::{PACK_BYTES, STRIP_BYTES, TILE_BYTES};
use crate::simd::{Simd, Window, WindowMut};

/// Memory on the stack for packed strips. Not initialized: its zeros would cost more than a
/// small product.
#[repr(align(64))]
pub(crate) struct Buffer<const WORDS: usize>([MaybeUninit<u64>; WORDS]);

/// Room for a packed operand.
pub(crate) type OperandBuffer = Buffer<{ PACK_BYTES / 8 }>;

/// Room for the largest tile.
pub(crate) type TileBuffer = Buffer<{ TILE_BYTES / 8 }>;

pub(crate) use crate::simd::arch::PANEL_COLUMNS;

/// Room for a strip of as many columns.
pub(crate) type PanelBuffer = Buffer<{ PANEL_COLUMNS * STRIP_BYTES / 8 }>;

/// Columns of a panel that are the same number on every machine.
pub(crate) const WIDE_COLUMNS: usize = 256;

/// Room for a strip of as many columns.
pub(crate) type WideBuffer = Buffer<{ WIDE_COLUMNS * STRIP_BYTES / 8 }>;

/// Columns of a panel that is too small for a large frame.
pub(crate) const SMALL_COLUMNS: usize = 32;

/// Room for a strip of as many columns.
pub(crate) type SmallBuffer = Buffer<{ SMALL_COLUMNS * STRIP_BYTES / 8 }>;

/// Lanes of the widest machine: 512 bits of f32.
pub(super) const LANES_MAX: usize = 16;

impl<const WORDS: usize> Buffer<WORDS> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self([MaybeUninit::uninit(); WORDS])
    }

    /// Elements that it holds.
    #[inline(always)]
    pub(crate) const fn capacity<T: Float>() -> usize {
        WORDS * 8 / size_of::<T>()
    }

    /// αA, column by column, each padded with zeros to `strip` elements, a multiple of the width;
    /// `None` if it does not fit.
    #[inline(always)]
    pub(crate) fn pack<T: Float, S: Simd<T>>(
        &mut self,
        simd: S,
        alpha: T,
        a: Window<'_, T>,
        strip: usize,
    ) -> Option<WindowMut<'_, T>> {
        if strip.checked_mul(a.cols)? > Self::capacity::<T>() {
            return None;
        }
        let target = self.0.as_mut_ptr().cast::<T>();
        // SAFETY: the memory has room for the columns of `a`.
        unsafe { fill(simd, alpha, a, strip, target)? };
        // SAFETY: all `strip` elements of all columns have been written, and the borrow is ours.
        Some(unsafe { WindowMut::from_raw(target, [a.rows, a.cols], [1, strip]) })
    }

    /// The memory, whatever its size: what packs into several sizes is compiled once.
    #[inline(always)]
    pub(crate) fn words(&mut self) -> &mut [MaybeUninit<u64>] {
        &mut self.0
    }
}

/// αA, column by column, each padded with zeros to `strip` elements, a multiple of the width, after `lead`
/// columns of zeros, and with more of them up to `cols`; `None` if it does not fit. The padding belongs
/// to the window.
#[inline(always)]
pub(crate) fn pack_padded<'a, T: Float, S: Simd<T>>(
    simd: S,
    memory: &'a mut [MaybeUninit<u64>],
    alpha: T,
    a: Window<'_, T>,
    [strip, lead, cols]: [usize; 3],
) -> Option<WindowMut<'a, T>> {
    let end = lead.checked_add(a.cols)?;
    if strip.checked_mul(cols)? > memory.len() * 8 / size_of::<T>() || cols < end {
        return None;
    }
    let target = memory.as_mut_ptr().cast::<T>();
    // SAFETY: the memory has room for `cols` columns.
    unsafe { fill(simd, alpha, a, strip, target.add(lead * strip))? };
    for row in (0..strip).step_by(S::WIDTH) {
        // SAFETY: the columns to `lead` and from `end` to `cols`, `strip` apart, lie in the memory.
        unsafe {
            fill_zeros(simd, lead, target.add(row), strip);
            fill_zeros(simd, cols - end, target.add(end * strip + row), strip);
        }
    }
    // SAFETY: all `strip` elements of all columns have been written, and the borrow is ours.
    Some(unsafe { WindowMut::from_raw(target, [strip, cols], [1, strip]) })
}

/// αA, column by column, each padded with zeros to `strip` elements; `None` if there are no rows or they do
/// not fit a strip.
///
/// # Safety
/// - `target` is valid for writing `strip` elements for each column of `a`.
#[inline(always)]
unsafe fn fill<T: Float, S: Simd<T>>(
    simd: S,
    alpha: T,
    a: Window<'_, T>,
    strip: usize,
    target: *mut T,
) -> Option<()> {
    if a.rows == 0 || a.rows > strip || !strip.is_multiple_of(S::WIDTH) {
        return None;
    }
    let alpha_lanes = simd.splat(alpha);
    for row in (0..strip).step_by(S::WIDTH) {
        let rows = S::WIDTH.min(a.rows.saturating_sub(row));
        let part = a.sub([row.min(a.rows), 0], [rows, a.cols])?;
        // SAFETY: the WIDTH rows from `row` on lie within a column; the columns by the contract.
        unsafe {
            let target = target.add(row);
            if rows == 0 {
                fill_zeros(simd, a.cols, target, strip);
            } else if part.row_stride == 1 || rows == 1 {
                copy_columns(simd, alpha_lanes, part, target, strip);
            } else if part.col_stride == 1 || part.cols == 1 {
                transpose(simd, alpha_lanes, part, target, strip);
            } else {
                gather(alpha, part, target, strip, S::WIDTH);
            }
        }
    }
    Some(())
}

/// # Safety
/// - `target` is valid for writing WIDTH elements at each of `cols` columns, `strip` apart.
#[inline(always)]
unsafe fn fill_zeros<T: Float, S: Simd<T>>(simd: S, cols: usize, target: *mut T, strip: usize) {
    let mut target = target;
    for _ in 0..cols {
        // SAFETY: by the contract.
        unsafe { simd.store_pointer(simd.splat(T::ZERO), target) }
        target = target.wrapping_add(strip);
    }
}

/// At most WIDTH adjacent rows.
///
/// # Safety
/// - `target` is valid for writing WIDTH elements at each column of `a`, `strip` apart.
#[inline(always)]
unsafe fn copy_columns<T: Float, S: Simd<T>>(
    simd: S,
    alpha: S::V,
    a: Window<'_, T>,
    target: *mut T,
    strip: usize,
) {
    let (mut source, mut target) = (a.pointer(), target);
    let full = !S::MASKS_ARE_FREE && a.rows == S::WIDTH;
    let mask = simd.mask(a.rows);
    for _ in 0..a.cols {
        // SAFETY: a column has as many adjacent rows as the mask has lanes; the target by the
        // contract.
        unsafe {
            let column =
                if full { simd.load_pointer(source) } else { simd.load_masked(source, mask) };
            simd.store_pointer(simd.mul(alpha, column), target);
        }
        source = source.wrapping_add(a.col_stride);
        target = target.wrapping_add(strip);
    }
}

/// At most WIDTH rows whose columns are adjacent, WIDTH columns at a time through registers.
///
/// # Safety
/// - `target` is valid for writing WIDTH elements at each column of `a`, `strip` apart.
#[inline(always)]
unsafe fn transpose<T: Float, S: Simd<T>>(
    simd: S,
    alpha: S::V,
    a: Window<'_, T>,
    target: *mut T,
    strip: usize,
) {
    for col in (0..a.cols).step_by(S::WIDTH) {
        let cols = S::WIDTH.min(a.cols - col);
        let mask = simd.mask(cols);
        let mut lines = [simd.splat(T::ZERO); LANES_MAX];
        for (i, line) in lines.iter_mut().enumerate().take(S::WIDTH) {
            if i < a.rows {
                // SAFETY: row i has `cols` adjacent elements from `col` on.
                unsafe {
                    let row = i.wrapping_mul(a.row_stride).wrapping_add(col);
                    let source = a.pointer().wrapping_add(row);
                    let row = if !S::MASKS_ARE_FREE && cols == S::WIDTH {
                        simd.load_pointer(source)
                    } else {
                        simd.load_masked(source, mask)
                    };
                    *line = simd.mul(alpha, row);
                }
            }
        }
        let lines = transposed(simd, lines);
        for (j, &line) in lines.iter().enumerate().take(S::WIDTH) {
            if j < cols {
                // SAFETY: by the contract; col + j is a column of `a`.
                unsafe { simd.store_pointer(line, target.add((col + j) * strip)) }
            }
        }
    }
}

/// Element j of vector i becomes element i of vector j, for the first WIDTH vectors: log₂ WIDTH
/// rounds of interleaving the lower with the upper half.
#[inline(always)]
pub(super) fn transposed<T: Float, S: Simd<T>>(
    simd: S,
    lines: [S::V; LANES_MAX],
) -> [S::V; LANES_MAX] {
    let mut lines = lines;
    let half = S::WIDTH / 2;
    let mut round = 1;
    while round < S::WIDTH {
        let before = lines;
        let (lower, upper) = before.split_at_checked(half).unwrap_or((&[], &[]));
        for ((pair, &low), &high) in lines.as_chunks_mut::<2>().0.iter_mut().zip(lower).zip(upper) {
            *pair = simd.interleave(low, high);
        }
        round *= 2;
    }
    lines
}

/// At most `width` rows with any strides, one element after the other.
///
/// # Safety
/// - `target` is valid for writing `width` elements at each column of `a`, `strip` apart.
#[inline(always)]
unsafe fn gather<T: Float>(alpha: T, a: Window<'_, T>, target: *mut T, strip: usize, width: usize) {
    for p in 0..a.cols {
        for i in 0..width {
            let value = a.get(i, p).map_or(T::ZERO, |value| alpha * value);
            // SAFETY: by the contract.
            unsafe { target.add(p * strip + i).write(value) }
        }
    }
}
