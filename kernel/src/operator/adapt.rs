//! Operators made of operators.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// A + σI.
#[derive(Debug)]
pub struct Shifted<A, T> {
    machine: Machine,
    operator: A,
    shift: T,
}

impl<A: LinearOperator<T>, T: Float> Shifted<A, T> {
    /// `operator` + `shift`·I.
    pub fn new(machine: Machine, operator: A, shift: T) -> Self {
        Self { machine, operator, shift }
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Shifted<A, T> {
    fn dim(&self) -> usize {
        self.operator.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        self.operator.apply(x, y)?;
        vector::axpy(self.machine, self.shift, x, y)
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Shifted<A, T> {}

/// cA.
#[derive(Debug)]
pub struct Scaled<A, T> {
    machine: Machine,
    operator: A,
    factor: T,
}

impl<A: LinearOperator<T>, T: Float> Scaled<A, T> {
    /// `factor`·`operator`.
    pub fn new(machine: Machine, operator: A, factor: T) -> Self {
        Self { machine, operator, factor }
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Scaled<A, T> {
    fn dim(&self) -> usize {
        self.operator.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        self.operator.apply(x, y)?;
        vector::scale(self.machine, self.factor, y);
        Ok(())
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Scaled<A, T> {}

/// DAD for a diagonal D.
///
/// With D = P^−½ it is the preconditioned operator P^−½ A P^−½, whose eigenvalues are those
/// of P⁻¹A; its trace is Tr(P⁻¹A). So it is the generalized problem Av = μGv for a diagonal G too: dᵢ =
/// 1/√gᵢ, and v = Dx for an eigenvector x. For a dense G take [`crate::operator::Congruent`].
#[derive(Debug)]
pub struct Preconditioned<'a, A, T> {
    machine: Machine,
    operator: A,
    diagonal: &'a [T],
    scratch: &'a mut [T],
}

impl<'a, A: LinearOperator<T>, T: Float> Preconditioned<'a, A, T> {
    /// diag(d) · `operator` · diag(d).
    ///
    /// # Shapes
    /// `diagonal`: n. `scratch`: at least n.
    ///
    /// # Errors
    /// `Error::Length` or `Error::Short` if a length does not fit.
    pub fn new(
        machine: Machine,
        operator: A,
        diagonal: &'a [T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = operator.dim();
        check::same_len("diagonal", n, diagonal.len())?;
        let mut scratch = scratch;
        let scratch = check::take(&mut scratch, n)?;
        Ok(Self { machine, operator, diagonal, scratch })
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Preconditioned<'_, A, T> {
    fn dim(&self) -> usize {
        self.operator.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        vector::copy(x, self.scratch)?;
        vector::multiply(self.machine, self.diagonal, self.scratch)?;
        self.operator.apply(self.scratch, y)?;
        vector::multiply(self.machine, self.diagonal, y)
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Preconditioned<'_, A, T> {}
