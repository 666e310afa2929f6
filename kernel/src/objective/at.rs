//! An objective at a point, by borrow.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::objective::Objective;
use crate::operator::{LinearOperator, Symmetric};

/// An objective evaluated at `params`.
///
/// It borrows both, so that neither can change while gradients and products are asked for:
/// a product from the activations of another point does not compile.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::MatRef};
/// use teeter::objective::{At, Quadratic, quadratic_scratch_len};
/// use teeter::operator::LinearOperator;
///
/// let mut scratch = [0.0; quadratic_scratch_len(2)];
/// let a = MatRef::row_major(&[2.0, 0.0, 0.0, 4.0], 2, 2)?;
/// let mut bowl = Quadratic::new(Machine::detect(), a, &[1.0, 1.0], &mut scratch)?;
///
/// let mut at = At::new(&mut bowl, &[2.0, 2.0])?;
/// assert_eq!(at.loss(), 3.0);
/// let mut out = [0.0; 2];
/// at.gradient(&mut out)?;
/// assert_eq!(out, [2.0, 4.0]);
/// at.hessian().apply(&[1.0, 1.0], &mut out)?;
/// assert_eq!(out, [2.0, 4.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct At<'a, O: ?Sized, T> {
    objective: &'a mut O,
    params: &'a [T],
    loss: T,
}

impl<'a, O: Objective<T> + ?Sized, T: Float> At<'a, O, T> {
    /// Evaluates `objective` at `params`.
    ///
    /// # Errors
    /// Those of [`Objective::evaluate`].
    pub fn new(objective: &'a mut O, params: &'a [T]) -> Result<Self, Error> {
        let loss = objective.evaluate(params)?;
        Ok(Self { objective, params, loss })
    }

    /// L(w).
    pub fn loss(&self) -> T {
        self.loss
    }

    /// w.
    pub fn params(&self) -> &'a [T] {
        self.params
    }

    /// The objective, to read what it kept: outputs, accuracy.
    pub fn objective(&self) -> &O {
        self.objective
    }

    /// out ← ∇L(w).
    ///
    /// # Errors
    /// Those of [`Objective::gradient`].
    pub fn gradient(&mut self, out: &mut [T]) -> Result<(), Error> {
        self.objective.gradient(self.params, out)
    }

    /// out ← (1/N) Σ gₙ ⊙ gₙ.
    ///
    /// # Errors
    /// Those of [`Objective::fisher_diagonal`].
    pub fn fisher_diagonal(&mut self, out: &mut [T]) -> Result<(), Error> {
        self.objective.fisher_diagonal(self.params, out)
    }

    /// H = ∇²L(w) as an operator.
    pub fn hessian(&mut self) -> Hessian<'_, O, T> {
        Hessian { objective: self.objective, params: self.params }
    }

    /// The Gauss–Newton matrix at w as an operator.
    pub fn gauss_newton(&mut self) -> GaussNewton<'_, O, T> {
        GaussNewton { objective: self.objective, params: self.params }
    }
}

/// v ↦ Hv at the point of an [`At`].
#[derive(Debug)]
pub struct Hessian<'a, O: ?Sized, T> {
    objective: &'a mut O,
    params: &'a [T],
}

impl<O: Objective<T> + ?Sized, T: Float> LinearOperator<T> for Hessian<'_, O, T> {
    fn dim(&self) -> usize {
        self.objective.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.objective.dim(), x.len())?;
        check::same_len("y", self.objective.dim(), y.len())?;
        self.objective.hessian_product(self.params, x, y)
    }
}

impl<O: Objective<T> + ?Sized, T: Float> Symmetric<T> for Hessian<'_, O, T> {}

/// v ↦ Gv, G the Gauss–Newton matrix at the point of an [`At`].
#[derive(Debug)]
pub struct GaussNewton<'a, O: ?Sized, T> {
    objective: &'a mut O,
    params: &'a [T],
}

impl<O: Objective<T> + ?Sized, T: Float> LinearOperator<T> for GaussNewton<'_, O, T> {
    fn dim(&self) -> usize {
        self.objective.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.objective.dim(), x.len())?;
        check::same_len("y", self.objective.dim(), y.len())?;
        self.objective.gauss_newton_product(self.params, x, y)
    }
}

impl<O: Objective<T> + ?Sized, T: Float> Symmetric<T> for GaussNewton<'_, O, T> {}
