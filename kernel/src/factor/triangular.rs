//! What the factorizations share: the width of their blocks, and triangular solves by `trsm`.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, trsm};
use crate::simd::Machine;

/// Rows or columns at a time. A constant of the algorithms: what is done within a block and what by
/// products decides bits.
pub(super) const BLOCK: usize = 16;

/// A block of a matrix on the stack, column by column.
pub(super) type Block<T> = [[T; BLOCK]; BLOCK];

/// B ← T⁻¹B for a square triangular T without zeros on its diagonal.
pub(super) fn solve<T: Float>(
    machine: Machine,
    (triangle, diagonal): (Triangle, Diagonal),
    t: MatRef<'_, T>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    trsm(machine, T::ONE, Side::Left(t.triangular(triangle, diagonal)), b)
}
