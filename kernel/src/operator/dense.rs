//! Matrices in memory as operators.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// A symmetric matrix in memory. That it is symmetric is the caller's promise.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T> {
    machine: Machine,
    a: MatRef<'a, T>,
}

impl<'a, T: Float> Dense<'a, T> {
    /// The operator of the matrix `a`, n × n.
    ///
    /// # Errors
    /// `Error::Length` if `a` is not square.
    pub fn new(machine: Machine, a: MatRef<'a, T>) -> Result<Self, Error> {
        check::same_len("a.cols", a.rows(), a.cols())?;
        Ok(Self { machine, a })
    }
}

impl<T: Float> LinearOperator<T> for Dense<'_, T> {
    fn dim(&self) -> usize {
        self.a.rows()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        gemv(self.machine, T::ONE, self.a, x, T::ZERO, y)
    }
}

impl<T: Float> Symmetric<T> for Dense<'_, T> {}

/// The diagonal matrix diag(d).
#[derive(Clone, Copy, Debug)]
pub struct Diagonal<'a, T> {
    diagonal: &'a [T],
}

impl<'a, T: Float> Diagonal<'a, T> {
    /// The operator of the diagonal d.
    #[must_use]
    pub fn new(diagonal: &'a [T]) -> Self {
        Self { diagonal }
    }
}

impl<T: Float> LinearOperator<T> for Diagonal<'_, T> {
    fn dim(&self) -> usize {
        self.diagonal.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.diagonal.len(), x.len())?;
        check::same_len("y", self.diagonal.len(), y.len())?;
        for ((y, &x), &d) in y.iter_mut().zip(x).zip(self.diagonal) {
            *y = d * x;
        }
        Ok(())
    }
}

impl<T: Float> Symmetric<T> for Diagonal<'_, T> {}

/// I: where an operator is asked for and there is none to give, as a preconditioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    n: usize,
}

impl Identity {
    /// The identity of order n. A product is a copy.
    #[must_use]
    pub const fn new(n: usize) -> Self {
        Self { n }
    }
}

impl<T: Float> LinearOperator<T> for Identity {
    fn dim(&self) -> usize {
        self.n
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.n, x.len())?;
        check::same_len("y", self.n, y.len())?;
        vector::copy(x, y)
    }
}

impl<T: Float> Symmetric<T> for Identity {}
