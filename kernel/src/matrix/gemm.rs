//! Matrix times matrix.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};
use crate::simd::{
    Machine, Operation, Simd, Window, WindowMut, accumulate, block_mut, part, part_mut,
};

/// C ← αAB + βC.
///
/// Transposes are views: for AᵀB pass `a.t()`.
///
/// # Shapes
/// `a`: m × k, `b`: k × n, `c`: m × n, any strides. β = 0 does not read `c`; α = 0 reads neither
/// `a` nor `b`.
///
/// # Method
/// Blocks of C stay in registers while k runs; no packing of operands whose rows or
/// columns run the way C's do, and packing through a few kilobytes of stack otherwise.
///
/// # Accuracy
/// cᵢⱼ is one chain over p: fl(βcᵢⱼ), then + aᵢₚ·fl(αbₚⱼ) for p = 0, 1, …, whatever the layout, the
/// tile and the machine: Strict gives the same bits on every machine, Fused (one rounding per
/// multiply-add) on every fused one. |Ĉ − C| ≤ γ₍ₖ₊₂₎(|α||A||B| + |β||C|) per element, barring over-
/// and underflow. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `c` is untouched then.
///
/// # Cost
/// 2mnk flops; at most 4 KiB of stack, no scratch.
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, MatRef, gemm}};
/// let a = MatRef::row_major(&[1.0, 2.0, 3.0, 4.0], 2, 2)?;
/// let mut product = [f64::NAN; 4];
/// gemm(Machine::detect(), 1.0, a, a, 0.0, MatMut::row_major(&mut product, 2, 2)?)?;
/// assert_eq!(product, [7.0, 10.0, 15.0, 22.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dgemm")]
pub fn gemm<T: Float>(
    machine: Machine,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("b.rows", a.cols(), b.rows())?;
    check::same_len("c.rows", a.rows(), c.rows())?;
    check::same_len("c.cols", b.cols(), c.cols())?;
    if c.rows() == 0 || c.cols() == 0 {
        // Nothing to write, and the other side of an empty shape may be any number.
        return Ok(());
    }
    let (mut a, mut b, c) = (a.window(), b.window(), c.window());
    if alpha == T::ZERO {
        let (Some(left), Some(right)) = (a.sub([0, 0], [a.rows, 0]), b.sub([0, 0], [0, b.cols]))
        else {
            return Ok(());
        };
        (a, b) = (left, right);
    }
    let along_rows = c.col_stride == 1 && (c.row_stride != 1 || c.rows < c.cols);
    let product = if along_rows {
        Gemm { a: b.t(), b: a.t(), c: c.t(), alpha, alpha_on: Side::Vector, beta }
    } else {
        Gemm { a, b, c, alpha, alpha_on: Side::Broadcast, beta }
    };
    machine.run(product);
    Ok(())
}

/// Which operand of the oriented product the caller's B has become; α belongs to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Vector,
    Broadcast,
}

/// C ← AB + βC with vectors along the columns of C, which are adjacent as a rule.
struct Gemm<'a, T> {
    a: Window<'a, T>,
    b: Window<'a, T>,
    c: WindowMut<'a, T>,
    alpha: T,
    alpha_on: Side,
    beta: T,
}

/// Vectors in a column of the tile.
const TILE_VECTORS: usize = 2;

/// Elements of the stack block through which A is packed.
const PACK_LEN: usize = 512;

/// Elements of the stack block through which a tile of C goes if its columns are not adjacent:
/// two vectors of eight by six columns.
const STAGE_LEN: usize = 192;

impl<T: Float> Operation<T> for Gemm<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { a, b, mut c, alpha, alpha_on, beta } = self;
        let strip = TILE_VECTORS * S::WIDTH;
        let factor = if alpha_on == Side::Vector { alpha } else { T::ONE };
        let direct = a.cols == 0 || (a.row_stride == 1 && factor == T::ONE);
        let depth = if direct { a.cols.max(1) } else { PACK_LEN / strip };
        // Initialized only where it is used: its zeros cost more than a small product.
        let mut memory;
        let pack: &mut [T] = if direct {
            &mut []
        } else {
            memory = [T::ZERO; PACK_LEN];
            &mut memory
        };
        for row in (0..a.rows).step_by(strip) {
            let rows = strip.min(a.rows - row);
            // One round at least, for the sake of β; the chain goes on from block to block.
            for start in (0..a.cols.max(1)).step_by(depth) {
                let k = depth.min(a.cols - start);
                let (Some(mut a), Some(b), Some(c)) = (
                    a.sub([row, start], [rows, k]),
                    b.sub([start, 0], [k, b.cols]),
                    c.rb_mut().sub([row, 0], [rows, b.cols]),
                ) else {
                    return;
                };
                if !direct {
                    copy_scaled(a, factor, pack, strip);
                    let Some(packed) = Window::new(pack, [rows, k], [1, strip]) else { return };
                    a = packed;
                }
                let beta = if start == 0 { beta } else { T::ONE };
                if alpha == T::ONE || alpha_on == Side::Vector {
                    columns(simd, a, b, |b| b, beta, c);
                } else {
                    columns(simd, a, b, |b| alpha * b, beta, c);
                }
            }
        }
    }
}

/// Columns of `a`, times `factor`, one after the other at `strip` elements.
#[inline(always)]
fn copy_scaled<T: Float>(a: Window<'_, T>, factor: T, target: &mut [T], strip: usize) {
    let mut target = target;
    for p in 0..a.cols {
        let Some(column) = block_mut(&mut target, strip) else { return };
        for (i, element) in column.iter_mut().enumerate().take(a.rows) {
            *element = factor * a.get(i, p).unwrap_or(T::ZERO);
        }
    }
}

/// One strip of C, tile after tile; through the stack where columns of C are not adjacent.
#[inline(always)]
fn columns<T: Float, S: Simd<T>>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    scale: impl Fn(T) -> T + Copy,
    beta: T,
    mut c: WindowMut<'_, T>,
) {
    let tile_columns = S::TILE_COLUMNS[1].clamp(4, 6);
    let adjacent = c.row_stride == 1;
    let mut memory;
    let stage: &mut [T] = if adjacent {
        &mut []
    } else {
        memory = [T::ZERO; STAGE_LEN];
        &mut memory
    };
    for col in (0..b.cols).step_by(tile_columns) {
        let cols = tile_columns.min(b.cols - col);
        let (Some(b), Some(mut c)) =
            (b.sub([0, col], [b.rows, cols]), c.rb_mut().sub([0, col], [a.rows, cols]))
        else {
            return;
        };
        if !adjacent {
            copy_scaled(c.rb(), T::ONE, stage, a.rows);
        }
        // One call for both: the tiles are compiled once.
        let target = if adjacent {
            c.rb_mut().sub([0, 0], [a.rows, cols])
        } else {
            WindowMut::new(stage, [a.rows, cols], [1, a.rows])
        };
        let Some(target) = target else { return };
        tile(simd, a, b, scale, beta, target);
        if !adjacent {
            let mut elements = stage.iter();
            for j in 0..cols {
                for (i, &element) in (0..a.rows).zip(elements.by_ref()) {
                    let _ = c.set(i, j, element);
                }
            }
        }
    }
}

/// One tile, by its exact size: a chain costs what it costs, empty columns nothing.
#[inline(always)]
fn tile<T: Float, S: Simd<T>>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    scale: impl Fn(T) -> T + Copy,
    beta: T,
    c: WindowMut<'_, T>,
) {
    let one_vector = a.rows <= S::WIDTH;
    match (one_vector, b.cols) {
        (true, 1) => tile_of::<T, S, 1, 1>(simd, a, b, scale, beta, c),
        (true, 2) => tile_of::<T, S, 1, 2>(simd, a, b, scale, beta, c),
        (true, 3) => tile_of::<T, S, 1, 3>(simd, a, b, scale, beta, c),
        (true, 4) => tile_of::<T, S, 1, 4>(simd, a, b, scale, beta, c),
        (true, 5) => tile_of::<T, S, 1, 5>(simd, a, b, scale, beta, c),
        (true, _) => tile_of::<T, S, 1, 6>(simd, a, b, scale, beta, c),
        (false, 1) => tile_of::<T, S, TILE_VECTORS, 1>(simd, a, b, scale, beta, c),
        (false, 2) => tile_of::<T, S, TILE_VECTORS, 2>(simd, a, b, scale, beta, c),
        (false, 3) => tile_of::<T, S, TILE_VECTORS, 3>(simd, a, b, scale, beta, c),
        (false, 4) => tile_of::<T, S, TILE_VECTORS, 4>(simd, a, b, scale, beta, c),
        (false, 5) => tile_of::<T, S, TILE_VECTORS, 5>(simd, a, b, scale, beta, c),
        (false, _) => tile_of::<T, S, TILE_VECTORS, 6>(simd, a, b, scale, beta, c),
    }
}

#[inline(always)]
fn tile_of<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    a: Window<'_, T>,
    b: Window<'_, T>,
    scale: impl Fn(T) -> T,
    beta: T,
    mut c: WindowMut<'_, T>,
) {
    let mut acc = [[simd.splat(T::ZERO); MV]; NR];
    if beta != T::ZERO {
        let beta = simd.splat(beta);
        for (j, sums) in acc.iter_mut().enumerate() {
            let Some(mut column) = c.rb().column(j) else { return };
            for sum in sums {
                *sum = simd.mul(beta, simd.load(part(&mut column, S::WIDTH).unwrap_or(&[])));
            }
        }
    }
    let acc = accumulate(simd, a, b, scale, acc);
    for (j, sums) in acc.iter().enumerate() {
        let Some(mut column) = c.column(j) else { return };
        for &sum in sums {
            simd.store(sum, part_mut(&mut column, S::WIDTH).unwrap_or(&mut []));
        }
    }
}
