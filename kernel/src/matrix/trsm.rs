//! The triangular solve of many vectors.

use core::ops::Range;

use crate::error::Error;
use crate::float::Float;
use crate::matrix::block::{BLOCK, Block, STRIP, load_lanes, store_lanes, transposed};
use crate::matrix::trmm::{from_the_left, scale};
use crate::matrix::{Diagonal, MatMut, Side, Triangle, TriangularRef, gemm};
use crate::simd::{Machine, Operation, Simd, WindowMut};

/// B ← αA⁻¹B, or B ← αBA⁻¹, for triangular A: solves AX = αB or XA = αB, X over B.
///
/// # Shapes
/// `a`: n × n on the left of `b`: n × m, or on the right of `b`: m × n, any strides; the other
/// triangle of `a` and a unit diagonal are not read. α = 0 reads neither `a` nor `b`.
///
/// # Method
/// Sixteen rows of X at a time: the products with the rows already found by `gemm`, the 16 × 16
/// block on the diagonal by substitution in registers. XA = αB is AᵀXᵀ = αBᵀ.
///
/// # Accuracy
/// xᵢⱼ is one chain from fl(αbᵢⱼ): − aᵢₚ·xₚⱼ, then a division by aᵢᵢ (not a product with its reciprocal). For
/// a lower triangle p = 0, …, i − 1. For an upper one first p beyond the block of 16, ascending, then
/// p within it, descending to i + 1. Strict gives the same bits on every machine and in every layout,
/// Fused (one rounding per multiply-add, within blocks too) on every fused one. Each column x of the
/// computed X solves (A + E)x = fl(αb) with |E| ≤ γₙ|A|, barring over- and underflow; so do the rows,
/// with Aᵀ, from the right. NaN and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit, `Error::Pivot` if an element of a diagonal that is not
/// unit is zero or NaN; `b` is untouched then.
///
/// # Cost
/// n²m flops, nm divisions (none for a unit diagonal); 6 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Higham 2002, Theorem 8.5, column by column.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{Diagonal, MatMut, MatRef, Side, Triangle, trsm}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let a = a.triangular(Triangle::Lower, Diagonal::NonUnit);
/// let mut b = [4.0, 10.0];
/// trsm(Machine::detect(), 1.0, Side::Left(a), MatMut::row_major(&mut b, 2, 1)?)?;
/// assert_eq!(b, [2.0, 2.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dtrsm")]
pub fn trsm<T: Float>(
    machine: Machine,
    alpha: T,
    a: Side<TriangularRef<'_, T>>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    let (a, b) = from_the_left(a, b)?;
    let (n, m, mut b) = (b.rows(), b.cols(), b);
    if alpha == T::ZERO {
        return scale(machine, alpha, b);
    }
    a.check_pivots()?;
    if m == 0 {
        return Ok(());
    }
    let mut memory = None;
    let copy: &mut [[T; STRIP]] =
        if b.rb().col_stride() == 1 { &mut [] } else { memory.insert([[T::ZERO; STRIP]; BLOCK]) };
    let count = n.div_ceil(BLOCK);
    for turn in 0..count {
        let start = BLOCK * if a.triangle == Triangle::Lower { turn } else { count - 1 - turn };
        let size = BLOCK.min(n - start);
        let (above, rest) = b.rb_mut().split_at_row(start)?;
        let (mut here, below) = rest.split_at_row(size)?;
        let (col, found) = match a.triangle {
            Triangle::Lower => (0, above.rb()),
            Triangle::Upper => (start + size, below.rb()),
        };
        if found.rows() > 0 {
            let beside = a.matrix.sub([start, col], [size, found.rows()])?;
            gemm(machine, -T::ONE, beside, found, alpha, here.rb_mut())?;
        } else if alpha != T::ONE {
            scale(machine, alpha, here.rb_mut())?;
        }
        let block = substitution(a, start, size);
        let (block, triangle, diagonal) = (&block, a.triangle, a.diagonal);
        for col in (0..m).step_by(STRIP) {
            let strip = here.rb_mut().sub([0, col], [size, STRIP.min(m - col)])?;
            transposed(strip, copy, |panel| {
                machine.run(Solve { block, triangle, diagonal, panel });
            })?;
        }
    }
    Ok(())
}

/// The block on the diagonal in the order of substitution: its row r belongs to the unknown found
/// r-th, negated before the diagonal, so that one multiply-add subtracts.
fn substitution<T: Float>(a: TriangularRef<'_, T>, start: usize, size: usize) -> Block<T> {
    let mut ordered = [[T::ONE; BLOCK]; BLOCK];
    for (r, line) in ordered.iter_mut().enumerate().take(size) {
        for (s, element) in line.iter_mut().enumerate().take(r + 1) {
            let (i, j) = (place(a.triangle, r, size), place(a.triangle, s, size));
            let stored = a.matrix.get(start + i, start + j).unwrap_or(T::ONE);
            *element = if r == s { stored } else { -stored };
        }
    }
    ordered
}

/// Which unknown of a block is found r-th.
#[inline(always)]
fn place(triangle: Triangle, r: usize, size: usize) -> usize {
    match triangle {
        Triangle::Lower => r,
        Triangle::Upper => (size - 1).saturating_sub(r),
    }
}

/// P ← PD⁻ᵀ for a block D on the diagonal: some vectors of rows of P at a time.
struct Solve<'a, T> {
    /// As [`substitution`] leaves it.
    block: &'a Block<T>,
    triangle: Triangle,
    diagonal: Diagonal,
    panel: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Solve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let mut row = 0;
        while row < self.panel.rows {
            let rest = self.panel.rows - row;
            // As many vectors as there is work for, so that latencies overlap.
            row += if rest > 2 * S::WIDTH {
                self.lanes::<S, 4>(simd, row..row + rest.min(4 * S::WIDTH))
            } else {
                self.lanes::<S, 2>(simd, row..row + rest)
            };
        }
    }
}

impl<T: Float> Solve<'_, T> {
    /// Some rows of the panel, V vectors at most; how many they are.
    #[inline(always)]
    fn lanes<S: Simd<T>, const V: usize>(&mut self, simd: S, rows: Range<usize>) -> usize {
        let Self { block, triangle, diagonal, panel } = self;
        let size = panel.cols.min(BLOCK);
        let mut found = [[simd.splat(T::ZERO); V]; BLOCK];
        for (r, line) in block.iter().enumerate().take(size) {
            let Some((before, [target, ..])) = found.split_at_mut_checked(r) else { break };
            let Some(column) = panel.column(place(*triangle, r, size)) else { break };
            let Some(column) = column.get_mut(rows.clone()) else { break };
            let mut x: [S::V; V] = load_lanes(simd, column);
            for (&factor, earlier) in line.iter().zip(before.iter()) {
                let factor = simd.splat(factor);
                for (x, &earlier) in x.iter_mut().zip(earlier) {
                    *x = simd.mul_add(earlier, factor, *x);
                }
            }
            if *diagonal == Diagonal::NonUnit {
                let pivot = simd.splat(line.get(r).copied().unwrap_or(T::ONE));
                for x in &mut x {
                    *x = simd.div(*x, pivot);
                }
            }
            *target = x;
            store_lanes(simd, x, column);
        }
        rows.len()
    }
}
