//! Blocks on the diagonal: what level 3 does not leave to `gemm`.

use crate::float::Float;
use crate::matrix::{Diagonal, Triangle, TriangularRef};
use crate::simd::{Simd, WindowMut, part, part_mut};

/// Rows and columns of a block on the diagonal. A constant of the algorithms: it fits the stack of
/// a microcontroller, and `gemm` is near its speed at this depth.
pub(super) const BLOCK: usize = 16;

/// A block, row by row.
pub(super) type Block<T> = [[T; BLOCK]; BLOCK];

/// The block of a triangular matrix that begins at (start, start); ones on a unit diagonal, zeros
/// in the other triangle and beyond the matrix.
pub(super) fn diagonal_block<T: Float>(a: TriangularRef<'_, T>, start: usize) -> Block<T> {
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    for (i, row) in block.iter_mut().enumerate() {
        for (j, element) in row.iter_mut().enumerate() {
            let inside = match a.triangle {
                Triangle::Lower => i >= j,
                Triangle::Upper => i <= j,
            };
            if i == j && a.diagonal == Diagonal::Unit {
                *element = T::ONE;
            } else if inside {
                *element = a.matrix.get(start + i, start + j).unwrap_or(T::ZERO);
            }
        }
    }
    block
}

/// Vectors of a strip of the panel beside a block, so that latencies overlap.
pub(super) const VECTORS: usize = 2;

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

/// Rows `row..row + rows` of column j of the panel as lanes, whatever the strides.
#[inline(always)]
pub(super) fn read_lanes<T: Float, S: Simd<T>>(
    simd: S,
    panel: &WindowMut<'_, T>,
    (row, rows): (usize, usize),
    j: usize,
) -> [S::V; VECTORS] {
    let mut memory;
    let mut source = match panel.rb().column(j) {
        Some(column) => column.get(row..row + rows).unwrap_or(&[]),
        None => {
            memory = [T::ZERO; VECTORS * LANES_MAX];
            for (i, lane) in memory.iter_mut().enumerate().take(rows) {
                *lane = panel.rb().get(row + i, j).unwrap_or(T::ZERO);
            }
            &memory
        }
    };
    load_lanes(simd, &mut source)
}

/// The next lanes of a slice.
#[inline(always)]
pub(super) fn load_lanes<T: Float, S: Simd<T>>(simd: S, source: &mut &[T]) -> [S::V; VECTORS] {
    let mut lanes = [simd.splat(T::ZERO); VECTORS];
    for vector in &mut lanes {
        *vector = simd.load(part(source, S::WIDTH).unwrap_or(&[]));
    }
    lanes
}

/// The reverse of [`read_lanes`].
#[inline(always)]
pub(super) fn write_lanes<T: Float, S: Simd<T>>(
    simd: S,
    panel: &mut WindowMut<'_, T>,
    (row, rows): (usize, usize),
    j: usize,
    lanes: [S::V; VECTORS],
) {
    let mut memory = [T::ZERO; VECTORS * LANES_MAX];
    let adjacent = panel.row_stride == 1 || panel.rows == 1;
    let mut target = match panel.column(j) {
        Some(column) => column.get_mut(row..row + rows).unwrap_or(&mut []),
        None => &mut memory,
    };
    for vector in lanes {
        simd.store(vector, part_mut(&mut target, S::WIDTH).unwrap_or(&mut []));
    }
    if !adjacent {
        for (i, &lane) in memory.iter().enumerate().take(rows) {
            let _ = panel.set(row + i, j, lane);
        }
    }
}
