//! The inner loops of a Cortex-M with a floating-point unit, in f32: the arithmetic of `portable.rs`, in
//! its order, in assembly.
//!
//! Why by hand: the compiler reads memory one number at a time, where the machine reads up to 32 registers in an
//! instruction; it keeps 32 accumulators and spills them; and at opt-level "s", which firmware
//! prefers, it keeps tiles in memory. These are the loops that firmware lives on; they are as fast at
//! either level.
//!
//! Multiply and add are two instructions in the loops over k: the technical reference manual of the Cortex-M4
//! gives vmla three cycles, and these one each. In [`dot`], where loads bind, vmla: it rounds the product
//! before it adds (ARMv7-M Architecture Reference Manual, VMLA), so the bits are the same.
//!
//! They are functions by the calling convention, not blocks of assembly within one: the compiler allows
//! those no s-register unless it sees `vfp2` (see `float/sqrt.rs`).
//!
//! | file         | holds                                  |
//! |--------------|----------------------------------------|
//! | `cholesky.rs`| columns of a factor                    |
//! | `dot.rs`     | the reduction                          |
//! | `product.rs` | tiles of `gemm`, strips of `gemv`      |
//! | `update.rs`  | a multiple of one vector subtracted    |

#![allow(unsafe_code, reason = "functions in assembly, and windows read by pointer")]

use crate::float::Float;
use crate::simd::{Window, WindowMut};
use cholesky::{Columns, columns_f32};
use dot::dot_f32;
use product::{Strip, Tiles, strip_f32, tiles_add, tiles_subtract};
use update::subtract_scaled_f32;

/// Tells the assembler of the unit, which the compiler does not see either.
macro_rules! unit {
    () => {
        ".fpu fpv4-sp-d16"
    };
}

/// The lines of assembly that apply one operation to several registers.
macro_rules! lines {
    ($operation:literal: $($registers:literal),+ $(,)?) => {
        concat!($($operation, " ", $registers, "\n"),+)
    };
}

/// s16…s31 ← 0; r7 is lost.
macro_rules! zeros {
    () => {
        "movs r7, #0
        vmov d8, r7, r7
        vmov d9, r7, r7
        vmov d10, r7, r7
        vmov d11, r7, r7
        vmov d12, r7, r7
        vmov d13, r7, r7
        vmov d14, r7, r7
        vmov d15, r7, r7"
    };
}

/// s16…s31 ± a·b for a in s0…s3, b in s4…s7; a result is not used by the instruction after it, which
/// would wait.
macro_rules! outer_product {
    ($operation:literal) => {
        concat!(
            lines!("vmul.f32": "s8, s0, s4", "s9, s1, s4", "s10, s2, s4", "s11, s3, s4",
                "s12, s0, s5", "s13, s1, s5", "s14, s2, s5", "s15, s3, s5"),
            lines!($operation: "s16, s16, s8", "s17, s17, s9", "s18, s18, s10", "s19, s19, s11",
                "s20, s20, s12", "s21, s21, s13", "s22, s22, s14", "s23, s23, s15"),
            lines!("vmul.f32": "s8, s0, s6", "s9, s1, s6", "s10, s2, s6", "s11, s3, s6",
                "s12, s0, s7", "s13, s1, s7", "s14, s2, s7", "s15, s3, s7"),
            lines!($operation: "s24, s24, s8", "s25, s25, s9", "s26, s26, s10", "s27, s27, s11",
                "s28, s28, s12", "s29, s29, s13", "s30, s30, s14", "s31, s31, s15"),
        )
    };
}

mod cholesky;
mod dot;
mod product;
mod update;

/// Rows and columns of [`tiles`].
const TILE: usize = 4;

/// Rows of [`strip`].
const STRIP: usize = 16;

const fn bytes(stride: usize) -> usize {
    // A stride that overflows belongs to one row or column: it is added, but nothing is read there.
    stride.wrapping_mul(size_of::<f32>())
}

/// xᵀy in the order of every reduction, the shorter length counting; `None` but for f32.
#[inline(always)]
pub(crate) fn dot<T: Float>(x: &[T], y: &[T]) -> Option<T> {
    let n = x.len().min(y.len());
    if T::BITS != 32 {
        return None;
    }
    // SAFETY: T is f32, `Float` being sealed, and both slices have n elements.
    unsafe {
        let dot = dot_f32(x.as_ptr().cast(), y.as_ptr().cast(), n);
        Some((&raw const dot).cast::<T>().read())
    }
}

/// C ← βC ± AB for a strip of four adjacent rows; `false`, and nothing done, where it is none, or its columns
/// are not a multiple of four.
#[inline(always)]
pub(crate) fn tiles<T: Float, const SUBTRACT: bool>(
    (a, b): (Window<'_, T>, Window<'_, T>),
    beta: T,
    c: &mut WindowMut<'_, T>,
) -> bool {
    let adjacent = a.rows == TILE && c.rows == TILE && a.row_stride == 1 && c.row_stride == 1;
    let fits = a.cols == b.rows && b.cols == c.cols && b.cols > 0 && b.cols.is_multiple_of(TILE);
    if T::BITS != 32 || !adjacent || !fits {
        return false;
    }
    let mut tiles = Tiles {
        a: a.pointer().cast(),
        a_step: bytes(a.col_stride),
        k: a.cols,
        b: b.pointer().cast(),
        b_row: bytes(b.row_stride),
        b_col: bytes(b.col_stride),
        c: c.pointer().cast(),
        c_step: bytes(c.col_stride),
        count: b.cols / TILE,
        beta: f32::from_bits(beta.to_bits_u64() as u32),
    };
    // SAFETY: T is f32; the windows hold A: 4 × k, B: k × 4·count and C: 4 × 4·count at these steps.
    unsafe { if SUBTRACT { tiles_subtract(&mut tiles) } else { tiles_add(&mut tiles) } }
    true
}

/// y ← A(αx) + βy for sixteen adjacent rows, a chain each; `false`, and nothing done, where they are not.
#[inline(always)]
pub(crate) fn strip<T: Float>(
    [alpha, beta]: [T; 2],
    a: Window<'_, T>,
    x: &[T],
    y: &mut [T],
) -> bool {
    let fits = a.rows == STRIP && a.row_stride == 1 && y.len() == STRIP && x.len() == a.cols;
    if T::BITS != 32 || !fits {
        return false;
    }
    let [alpha, beta] = [alpha, beta].map(|factor| f32::from_bits(factor.to_bits_u64() as u32));
    let (a_step, k) = (bytes(a.col_stride), a.cols);
    let (x, y) = (x.as_ptr().cast(), y.as_mut_ptr().cast());
    // SAFETY: T is f32; the window holds 16 × k at this step, x has k elements and y 16.
    unsafe { strip_f32(&Strip { a: a.pointer().cast(), a_step, k, x, y, alpha, beta }) }
    true
}

/// The columns of a Cholesky factor from `first` on, over the lower part of A, n × n, whose earlier ones are
/// finished: the first pivot that is not good, as index and value, if there is one. `None`, and nothing done, where
/// rows are not adjacent, or those that are left are not a multiple of four.
#[inline(always)]
pub(crate) fn cholesky<T: Float>(
    a: &mut WindowMut<'_, T>,
    first: usize,
    is_good: impl Fn(T) -> bool,
) -> Option<Result<(), (usize, T)>> {
    let left = a.rows.checked_sub(first)?;
    let fits = a.cols == a.rows && a.row_stride == 1 && left > 0 && left.is_multiple_of(TILE);
    if T::BITS != 32 || !fits {
        return None;
    }
    let mut columns = Columns {
        row: a.pointer().wrapping_add(first).cast(),
        step: bytes(a.col_stride),
        finished: first,
        below: left / TILE - 1,
        unusual: 0,
        pivots: [0.0; TILE],
        block: [0.0; 10],
    };
    loop {
        // SAFETY: T is f32; the window holds the rows from `first` on, all their columns at this step.
        unsafe { columns_f32(&mut columns) }
        if columns.unusual != 0 {
            for (k, pivot) in columns.pivots.iter().enumerate() {
                // SAFETY: T is f32.
                let pivot = unsafe { (&raw const *pivot).cast::<T>().read() };
                if !is_good(pivot) {
                    return Some(Err((columns.finished - TILE + k, pivot)));
                }
            }
        }
        if columns.below > left {
            return Some(Ok(()));
        }
    }
}

/// y ← y − factor·x, the shorter length counting; `false`, and nothing done, but for f32.
#[inline(always)]
pub(crate) fn subtract_scaled<T: Float>(factor: T, x: &[T], y: &mut [T]) -> bool {
    if T::BITS != 32 {
        return false;
    }
    let n = x.len().min(y.len());
    let factor = f32::from_bits(factor.to_bits_u64() as u32);
    // SAFETY: T is f32, and both slices have n elements.
    unsafe { subtract_scaled_f32(x.as_ptr().cast(), y.as_mut_ptr().cast(), n, factor) }
    true
}
