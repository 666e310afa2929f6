//! Triangular systems with many right-hand sides: what the solves of all factorizations share.
//!
//! Each element of the answer is one chain over k, in blocks of 16: the products with finished
//! blocks by `gemm`, those within a block by substitution, never fused. The layout changes no bit.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::simd::{Machine, Operation, Simd, WindowMut};

/// Rows solved at a time. A constant of the algorithm: on a fused machine products with other
/// blocks fuse and those within a block do not.
pub(super) const BLOCK: usize = 16;

/// A block of a matrix on the stack, column by column.
pub(super) type Block<T> = [[T; BLOCK]; BLOCK];

/// Which triangle holds the coefficients; the other one is not read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Triangle {
    Lower,
    Upper,
}

/// Whether the diagonal is read or stands for ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Diagonal {
    Unit,
    Stored,
}

/// B ← T⁻¹B for a square triangular T without zeros on its diagonal.
pub(super) fn solve<T: Float>(
    machine: Machine,
    kind: (Triangle, Diagonal),
    t: MatRef<'_, T>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    let (n, mut b) = (t.rows(), b);
    let blocks = n.div_ceil(BLOCK);
    for step in 0..blocks {
        let index = if kind.0 == Triangle::Lower { step } else { blocks - 1 - step };
        let start = index * BLOCK;
        let size = BLOCK.min(n - start);
        let (above, rest) = b.rb_mut().split_at_row(start)?;
        let (mut middle, below) = rest.split_at_row(size)?;
        let (solved, factors) = if kind.0 == Triangle::Lower {
            (above.rb(), t.sub([start, 0], [size, start])?)
        } else {
            (below.rb(), t.sub([start, start + size], [size, n - start - size])?)
        };
        if solved.rows() > 0 {
            gemm(machine, -T::ONE, factors, solved, T::ONE, middle.rb_mut())?;
        }
        let lower = gather(kind, t.sub([start, start], [size, size])?);
        let rows = middle.t().window();
        machine.strict().run(Substitute { lower: &lower, kind, rows });
    }
    Ok(())
}

/// The block as a lower triangle in the order of substitution: backwards for an upper one.
fn gather<T: Float>((triangle, diagonal): (Triangle, Diagonal), t: MatRef<'_, T>) -> Block<T> {
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    let last = t.rows().saturating_sub(1);
    for (k, column) in block.iter_mut().enumerate().take(t.cols()) {
        for (j, element) in column.iter_mut().enumerate().take(t.rows()).skip(k) {
            let stored = match triangle {
                Triangle::Lower => t.get(j, k),
                Triangle::Upper => t.get(last - j, last - k),
            };
            let one = j == k && diagonal == Diagonal::Unit;
            *element = if one { T::ONE } else { stored.unwrap_or(T::ZERO) };
        }
    }
    block
}

/// Substitution within a block, for a vector of right-hand sides at a time.
struct Substitute<'a, T> {
    lower: &'a Block<T>,
    kind: (Triangle, Diagonal),
    /// A right-hand side in each row.
    rows: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Substitute<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { lower, kind: (triangle, diagonal), mut rows } = self;
        let size = rows.cols.min(BLOCK);
        for row in (0..rows.rows).step_by(S::WIDTH) {
            let count = S::WIDTH.min(rows.rows - row);
            let mut x = [simd.splat(T::ZERO); BLOCK];
            for (j, x) in x.iter_mut().enumerate().take(size) {
                let column = if triangle == Triangle::Lower { j } else { size - 1 - j };
                *x = read_lanes(simd, &rows, (row, count), column);
            }
            let mut rest = x.get_mut(..size).unwrap_or(&mut []);
            for (k, column) in lower.iter().enumerate() {
                let Some((pivot, later)) = rest.split_first_mut() else { break };
                let below = column.get(k..).unwrap_or(&[]);
                let [d, below @ ..] = below else { break };
                if diagonal == Diagonal::Stored {
                    *pivot = simd.div(*pivot, simd.splat(*d));
                }
                for (x, &factor) in later.iter_mut().zip(below) {
                    *x = simd.sub(*x, simd.mul(*pivot, simd.splat(factor)));
                }
                rest = later;
            }
            for (j, &x) in x.iter().enumerate().take(size) {
                let column = if triangle == Triangle::Lower { j } else { size - 1 - j };
                write_lanes(simd, &mut rows, (row, count), column, x);
            }
        }
    }
}

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

/// Rows `row..row + count` of column j as lanes, whatever the strides.
#[inline(always)]
fn read_lanes<T: Float, S: Simd<T>>(
    simd: S,
    rows: &WindowMut<'_, T>,
    (row, count): (usize, usize),
    j: usize,
) -> S::V {
    if let Some(column) = rows.rb().column(j) {
        return simd.load(column.get(row..row + count).unwrap_or(&[]));
    }
    let mut lanes = [T::ZERO; LANES_MAX];
    for (i, lane) in lanes.iter_mut().enumerate().take(count) {
        *lane = rows.rb().get(row + i, j).unwrap_or(T::ZERO);
    }
    simd.load(&lanes)
}

/// The reverse of [`read_lanes`].
#[inline(always)]
fn write_lanes<T: Float, S: Simd<T>>(
    simd: S,
    rows: &mut WindowMut<'_, T>,
    (row, count): (usize, usize),
    j: usize,
    x: S::V,
) {
    if let Some(column) = rows.column(j) {
        simd.store(x, column.get_mut(row..row + count).unwrap_or(&mut []));
        return;
    }
    let mut lanes = [T::ZERO; LANES_MAX];
    simd.store(x, &mut lanes);
    for (i, &lane) in lanes.iter().enumerate().take(count) {
        let _ = rows.set(row + i, j, lane);
    }
}
