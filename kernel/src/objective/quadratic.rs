//! The bowl: the objective whose every property is known.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::objective::Objective;
use crate::simd::Machine;
use crate::vector;

/// L(w) = ½(w − c)ᵀA(w − c), A symmetric.
///
/// Gradient A(w − c), Hessian A everywhere: where gradient descent is stable on it, and
/// where not, is a formula. The Gauss–Newton matrix is A too, and the Fisher diagonal is
/// g ⊙ g: there is one sample, the whole.
#[derive(Debug)]
pub struct Quadratic<'a, T> {
    machine: Machine,
    a: MatRef<'a, T>,
    center: &'a [T],
    offset: &'a mut [T],
    gradient: &'a mut [T],
    is_evaluated: bool,
}

/// Elements of scratch that [`Quadratic::new`] needs: 2n.
#[must_use]
pub const fn quadratic_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

impl<'a, T: Float> Quadratic<'a, T> {
    /// The bowl of the matrix `a` around `center`. That `a` is symmetric is the caller's promise.
    ///
    /// # Shapes
    /// `a`: n × n, any strides. `center`: n. `scratch`: at least [`quadratic_scratch_len`]`(n)`.
    ///
    /// # Errors
    /// `Error::Length` if `a` is not square or `center` not as long; `Error::Short` if `scratch`
    /// is too short.
    pub fn new(
        machine: Machine,
        a: MatRef<'a, T>,
        center: &'a [T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::same_len("a.cols", a.rows(), a.cols())?;
        check::same_len("center", a.rows(), center.len())?;
        check::at_least("scratch", quadratic_scratch_len(a.rows()), scratch.len())?;
        let mut scratch = scratch;
        let offset = check::take(&mut scratch, a.rows())?;
        let gradient = check::take(&mut scratch, a.rows())?;
        Ok(Self { machine, a, center, offset, gradient, is_evaluated: false })
    }

    fn check_out(&self, params: &[T], out: &[T]) -> Result<(), Error> {
        check::same_len("params", self.dim(), params.len())?;
        check::same_len("out", self.dim(), out.len())?;
        if self.is_evaluated { Ok(()) } else { Err(Error::State { expected: "evaluate" }) }
    }
}

impl<T: Float> Objective<T> for Quadratic<'_, T> {
    fn dim(&self) -> usize {
        self.a.rows()
    }

    fn evaluate(&mut self, params: &[T]) -> Result<T, Error> {
        check::same_len("params", self.dim(), params.len())?;
        for ((offset, &w), &c) in self.offset.iter_mut().zip(params).zip(self.center) {
            *offset = w - c;
        }
        gemv(self.machine, T::ONE, self.a, self.offset, T::ZERO, self.gradient)?;
        self.is_evaluated = true;
        Ok(T::HALF * vector::dot(self.machine, self.offset, self.gradient)?)
    }

    fn gradient(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        vector::copy(self.gradient, out)
    }

    fn hessian_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        gemv(self.machine, T::ONE, self.a, v, T::ZERO, out)
    }

    fn gauss_newton_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error> {
        self.hessian_product(params, v, out)
    }

    fn fisher_diagonal(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        self.gradient(params, out)?;
        vector::multiply(self.machine, self.gradient, out)
    }
}
