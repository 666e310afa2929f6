//! Triangular matrix times matrix.

use core::ops::Range;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::block::{
    BLOCK, Block, STRIP, Strip, diagonal_block, load_lanes, store_lanes, transposed,
};
use crate::matrix::{MatMut, MatRef, Side, Triangle, TriangularRef, gemm};
use crate::simd::{Machine, Operation, Simd, WindowMut};

/// B ← αAB, or B ← αBA, for triangular A.
///
/// # Shapes
/// `a`: n × n on the left of `b`: n × m, or on the right of `b`: m × n, any strides; the other
/// triangle of `a` and a unit diagonal are not read. α = 0 reads neither `a` nor `b`.
///
/// # Method
/// Sixteen rows of B at a time, those first that no others still need: the products with rows beyond
/// the 16 × 16 block on the diagonal by `gemm`, those within it in registers. BA is (AᵀBᵀ)ᵀ.
///
/// # Accuracy
/// bᵢⱼ is one chain from 0 over the p that the triangle has, ascending: plus aᵢₚ·fl(αbₚⱼ), or from the
/// right aₚⱼ·fl(αbᵢₚ). For finite data from the left these are the bits of [`gemm`] on a full matrix
/// with zeros. Strict gives the same bits on every machine and in every layout, Fused (one rounding
/// per multiply-add, within blocks too) on every fused one. |B̂ − αAB| ≤ γₙ₊₁|α||A||B| per element,
/// barring over- and underflow. NaN and infinity propagate to the elements that depend on them.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `b` is untouched then.
///
/// # Cost
/// n²m flops; 10 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{Diagonal, MatMut, MatRef, Side, Triangle, trmm}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let a = a.triangular(Triangle::Lower, Diagonal::NonUnit);
/// let mut b = [1.0, 10.0];
/// trmm(Machine::detect(), 1.0, Side::Left(a), MatMut::row_major(&mut b, 2, 1)?)?;
/// assert_eq!(b, [2.0, 41.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dtrmm")]
pub fn trmm<T: Float>(
    machine: Machine,
    alpha: T,
    a: Side<TriangularRef<'_, T>>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    let (a, b) = from_the_left(a, b)?;
    let (n, m, mut b) = (b.rows(), b.cols(), b);
    if m == 0 {
        return Ok(());
    }
    if alpha == T::ZERO {
        return scale(machine, alpha, b);
    }
    let (mut sums, mut memory) = ([[T::ZERO; STRIP]; BLOCK], None);
    let copy: &mut [[T; STRIP]] =
        if b.rb().col_stride() == 1 { &mut [] } else { memory.insert([[T::ZERO; STRIP]; BLOCK]) };
    let count = n.div_ceil(BLOCK);
    for turn in 0..count {
        // Upwards for a lower triangle, downwards for an upper one: what is read is still old.
        let start = BLOCK * if a.triangle == Triangle::Lower { count - 1 - turn } else { turn };
        let size = BLOCK.min(n - start);
        let (above, rest) = b.rb_mut().split_at_row(start)?;
        let (mut here, below) = rest.split_at_row(size)?;
        let rows = Rows { machine, alpha, a, start, block: diagonal_block(a, start) };
        for col in (0..m).step_by(STRIP) {
            let cols = STRIP.min(m - col);
            let target = here.rb_mut().sub([0, col], [size, cols])?;
            let others = match a.triangle {
                Triangle::Lower => above.rb().sub([0, col], [start, cols])?,
                Triangle::Upper => below.rb().sub([0, col], [below.rows(), cols])?,
            };
            rows.multiply(others, target, (&mut sums, copy))?;
        }
    }
    Ok(())
}

/// Sixteen rows of A, and the block of them on the diagonal.
struct Rows<'a, T> {
    machine: Machine,
    alpha: T,
    a: TriangularRef<'a, T>,
    start: usize,
    block: Block<T>,
}

impl<T: Float> Rows<'_, T> {
    /// These rows of αAB, for some columns: over `target`, which holds the rows of B within the
    /// block, from `others`, those beyond it.
    fn multiply(
        &self,
        others: MatRef<'_, T>,
        target: MatMut<'_, T>,
        (sums, copy): (&mut Strip<T>, &mut [[T; STRIP]]),
    ) -> Result<(), Error> {
        let Self { machine, alpha, a, start, block } = self;
        let (size, triangle, mut target) = (target.rows(), a.triangle, target);
        // The chain begins where it does not overwrite what its second half needs.
        if triangle == Triangle::Lower {
            let beside = a.matrix.sub([*start, 0], [size, others.rows()])?;
            let view = MatMut::strided(sums.as_flattened_mut(), [size, target.cols()], [STRIP, 1])?;
            gemm(*machine, *alpha, beside, others, T::ZERO, view)?;
        }
        transposed(target.rb_mut(), copy, |panel| {
            machine.run(Multiply { block, triangle, alpha: *alpha, sums, panel });
        })?;
        if triangle == Triangle::Upper && others.rows() > 0 {
            let beside = a.matrix.sub([*start, start + size], [size, others.rows()])?;
            gemm(*machine, *alpha, beside, others, T::ONE, target)?;
        }
        Ok(())
    }
}

/// P ← S + αPDᵀ for a block D on the diagonal: some vectors of rows of P at a time.
struct Multiply<'a, T> {
    block: &'a Block<T>,
    triangle: Triangle,
    alpha: T,
    /// Sᵀ
    sums: &'a Strip<T>,
    panel: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Multiply<'_, T> {
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

impl<T: Float> Multiply<'_, T> {
    /// Some rows of the panel, V vectors at most; how many they are.
    #[inline(always)]
    fn lanes<S: Simd<T>, const V: usize>(&mut self, simd: S, rows: Range<usize>) -> usize {
        let Self { block, triangle, alpha, sums, panel } = self;
        let (size, alpha) = (panel.cols.min(BLOCK), simd.splat(*alpha));
        let mut old = [[simd.splat(T::ZERO); V]; BLOCK];
        for (j, old) in old.iter_mut().enumerate().take(size) {
            let Some(column) = panel.rb().column(j) else { break };
            *old = load_lanes(simd, column.get(rows.clone()).unwrap_or(&[]));
            for vector in old {
                *vector = simd.mul(alpha, *vector);
            }
        }
        for (i, (line, sums)) in block.iter().zip(sums.iter()).enumerate().take(size) {
            let mut sum: [S::V; V] = load_lanes(simd, sums.get(rows.clone()).unwrap_or(&[]));
            let range = match triangle {
                Triangle::Lower => 0..i + 1,
                Triangle::Upper => i..size,
            };
            let (Some(line), Some(old)) = (line.get(range.clone()), old.get(range)) else { break };
            for (&factor, old) in line.iter().zip(old) {
                let factor = simd.splat(factor);
                for (sum, &old) in sum.iter_mut().zip(old) {
                    *sum = simd.mul_add(old, factor, *sum);
                }
            }
            let Some(column) = panel.column(i) else { break };
            store_lanes(simd, sum, column.get_mut(rows.clone()).unwrap_or(&mut []));
        }
        rows.len()
    }
}

/// The operand of the left, and B to fit it: what stands on the right is transposed.
pub(super) fn from_the_left<'a, 'b, T: Float>(
    a: Side<TriangularRef<'a, T>>,
    b: MatMut<'b, T>,
) -> Result<(TriangularRef<'a, T>, MatMut<'b, T>), Error> {
    match a {
        Side::Left(a) => {
            check::same_len("b.rows", a.order()?, b.rows())?;
            Ok((a, b))
        }
        Side::Right(a) => {
            check::same_len("b.cols", a.order()?, b.cols())?;
            Ok((a.t(), b.t()))
        }
    }
}

/// B ← αB; α = 0 does not read B.
pub(super) fn scale<T: Float>(machine: Machine, alpha: T, b: MatMut<'_, T>) -> Result<(), Error> {
    let left = MatRef::strided(&[], [b.rows(), 0], [1, 1])?;
    let right = MatRef::strided(&[], [0, b.cols()], [1, 1])?;
    gemm(machine, T::ONE, left, right, alpha, b)
}
