//! Blocks on the diagonal: what level 3 does not leave to `gemm`.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, Triangle, TriangularRef};
use crate::simd::{Simd, WindowMut, part, part_mut};

/// Rows and columns of a block on the diagonal. A constant of the algorithms: it fits the stack of
/// a microcontroller, and `gemm` is near its speed at this depth.
pub(super) const BLOCK: usize = 16;

/// A block, row by row.
pub(super) type Block<T> = [[T; BLOCK]; BLOCK];

/// Columns of B that are worked on at once.
pub(super) const STRIP: usize = 32;

/// Some rows of B within a strip, row by row.
pub(super) type Strip<T> = [[T; STRIP]; BLOCK];

/// The block of a triangular matrix that begins at (start, start); ones on a unit diagonal, zeros
/// in the other triangle and beyond the matrix.
pub(super) fn diagonal_block<T: Float>(a: TriangularRef<'_, T>, start: usize) -> Block<T> {
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    let size = BLOCK.min(a.matrix.rows().saturating_sub(start));
    for (i, row) in block.iter_mut().enumerate().take(size) {
        let (first, count) = match a.triangle {
            Triangle::Lower => (0, i + 1),
            Triangle::Upper => (i, size - i),
        };
        for (j, element) in row.iter_mut().enumerate().skip(first).take(count) {
            *element = if i == j && a.diagonal == Diagonal::Unit {
                T::ONE
            } else {
                a.matrix.get(start + i, start + j).unwrap_or(T::ZERO)
            };
        }
    }
    block
}

/// Hands on the transpose of `rows`, whose columns are then adjacent: the memory itself if there is
/// no `copy`, else the copy made there, which is copied back. `rows`: at most BLOCK × STRIP.
///
/// Copied whole, not vector by vector: a vector load right after the scalar stores it depends on
/// waits for all of them.
pub(super) fn transposed<T: Float>(
    rows: MatMut<'_, T>,
    copy: &mut [[T; STRIP]],
    work: impl FnOnce(WindowMut<'_, T>),
) -> Result<(), Error> {
    let ([size, cols], mut rows) = ([rows.rows(), rows.cols()], rows);
    let in_place = copy.is_empty();
    for j in 0..cols {
        if let Some(column) = rows.column(j) {
            for (line, &mut value) in copy.iter_mut().zip(column) {
                line.get_mut(j).into_iter().for_each(|element| *element = value);
            }
        } else {
            for (i, line) in copy.iter_mut().enumerate().take(size) {
                let value = rows.get(i, j).unwrap_or(T::ZERO);
                line.get_mut(j).into_iter().for_each(|element| *element = value);
            }
        }
    }
    let window = if in_place {
        rows.rb_mut().t()
    } else {
        MatMut::strided(copy.as_flattened_mut(), [cols, size], [1, STRIP])?
    };
    work(window.window());
    for j in 0..cols {
        if let Some(column) = rows.column(j) {
            for (line, element) in copy.iter().zip(column) {
                line.get(j).into_iter().for_each(|&value| *element = value);
            }
        } else {
            for (i, line) in copy.iter().enumerate().take(size) {
                let _ = rows.set(i, j, line.get(j).copied().unwrap_or(T::ZERO));
            }
        }
    }
    Ok(())
}

/// The next lanes of a slice.
#[inline(always)]
pub(super) fn load_lanes<T: Float, S: Simd<T>, const V: usize>(simd: S, source: &[T]) -> [S::V; V] {
    let (mut source, mut lanes) = (source, [simd.splat(T::ZERO); V]);
    for vector in &mut lanes {
        *vector = simd.load(part(&mut source, S::WIDTH).unwrap_or(&[]));
    }
    lanes
}

/// The reverse of [`load_lanes`].
#[inline(always)]
pub(super) fn store_lanes<T: Float, S: Simd<T>, const V: usize>(
    simd: S,
    lanes: [S::V; V],
    target: &mut [T],
) {
    let mut target = target;
    for vector in lanes {
        simd.store(vector, part_mut(&mut target, S::WIDTH).unwrap_or(&mut []));
    }
}
