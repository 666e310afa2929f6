//! Matrices of which one triangle is stored, and the sides they may stand on.
//!
//! What a triangle is goes with the operand that has it, not with the call: so its transpose,
//! which is a triangle of the other kind, cannot be taken for one of the same kind.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};

/// Which triangle of a square matrix, its diagonal included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triangle {
    /// Elements (i, j) with i ≥ j.
    Lower,
    /// Elements (i, j) with i ≤ j.
    Upper,
}

impl Triangle {
    /// The triangle that this one becomes in the transpose.
    #[inline(always)]
    #[must_use]
    pub const fn t(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }
}

/// What stands on the diagonal of a triangular matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagonal {
    /// What is stored there.
    NonUnit,
    /// Ones; what is stored there is not read.
    Unit,
}

/// On which side of the other factor an operand stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<M> {
    /// AB
    Left(M),
    /// BA
    Right(M),
}

/// A triangular matrix to read: the other triangle of its view is taken for zero, unread.
///
/// # Example
/// ```
/// use teeter::matrix::{Diagonal, MatRef, Triangle, trsv};
/// let l = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);
/// let mut x = [4.0, 10.0];
/// trsv(teeter::Machine::detect(), l, &mut x)?; // L⁻¹x
/// assert_eq!(x, [2.0, 2.0]);
/// trsv(teeter::Machine::detect(), l.t(), &mut x)?; // L⁻ᵀx
/// assert_eq!(x, [0.75, 0.5]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct TriangularRef<'a, T> {
    pub(super) matrix: MatRef<'a, T>,
    pub(super) triangle: Triangle,
    pub(super) diagonal: Diagonal,
}

/// A symmetric matrix to read from one triangle of its view; the other is not read.
#[derive(Debug)]
pub struct SymmetricRef<'a, T> {
    matrix: MatRef<'a, T>,
    triangle: Triangle,
}

/// A symmetric matrix to write in one triangle of its view; the other is neither read nor written.
#[derive(Debug)]
pub struct SymmetricMut<'a, T> {
    matrix: MatMut<'a, T>,
    triangle: Triangle,
}

impl<T> Clone for TriangularRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for TriangularRef<'_, T> {}

impl<T> Clone for SymmetricRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for SymmetricRef<'_, T> {}

impl<'a, T> MatRef<'a, T> {
    /// The triangular matrix in one triangle of this view.
    #[inline(always)]
    #[must_use]
    pub fn triangular(self, triangle: Triangle, diagonal: Diagonal) -> TriangularRef<'a, T> {
        TriangularRef { matrix: self, triangle, diagonal }
    }

    /// The symmetric matrix that one triangle of this view stands for.
    #[inline(always)]
    #[must_use]
    pub fn symmetric(self, triangle: Triangle) -> SymmetricRef<'a, T> {
        SymmetricRef { matrix: self, triangle }
    }
}

impl<'a, T> MatMut<'a, T> {
    /// The symmetric matrix that one triangle of this view stands for.
    #[inline(always)]
    #[must_use]
    pub fn symmetric(self, triangle: Triangle) -> SymmetricMut<'a, T> {
        SymmetricMut { matrix: self, triangle }
    }
}

impl<'a, T: Float> TriangularRef<'a, T> {
    /// The transpose: a triangle of the other kind.
    #[inline(always)]
    #[must_use]
    pub fn t(self) -> Self {
        Self { matrix: self.matrix.t(), triangle: self.triangle.t(), diagonal: self.diagonal }
    }

    /// Rows and columns, once they are known to be equal.
    pub(super) fn order(self) -> Result<usize, Error> {
        check::same_len("a.cols", self.matrix.rows(), self.matrix.cols())?;
        Ok(self.matrix.rows())
    }

    /// No pivot may be zero or NaN.
    pub(super) fn check_pivots(self) -> Result<(), Error> {
        if self.diagonal == Diagonal::Unit {
            return Ok(());
        }
        for index in 0..self.matrix.rows() {
            let pivot = self.matrix.get(index, index).unwrap_or(T::NAN);
            if pivot == T::ZERO || pivot.is_nan() {
                return Err(Error::Pivot { index, value: pivot.to_f64() });
            }
        }
        Ok(())
    }
}

impl<'a, T> SymmetricRef<'a, T> {
    /// The view whose lower triangle is the stored one.
    pub(super) fn lower(self) -> Result<MatRef<'a, T>, Error> {
        check::same_len("a.cols", self.matrix.rows(), self.matrix.cols())?;
        Ok(match self.triangle {
            Triangle::Lower => self.matrix,
            Triangle::Upper => self.matrix.t(),
        })
    }
}

impl<'a, T> SymmetricMut<'a, T> {
    /// The view whose lower triangle is the stored one; `argument` names its columns.
    pub(super) fn lower(self, argument: &'static str) -> Result<MatMut<'a, T>, Error> {
        check::same_len(argument, self.matrix.rows(), self.matrix.cols())?;
        Ok(match self.triangle {
            Triangle::Lower => self.matrix,
            Triangle::Upper => self.matrix.t(),
        })
    }
}
