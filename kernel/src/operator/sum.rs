//! Sums of operators: two of them, or a weighted list.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// A + B.
///
/// When to use: a loss and its penalty, a data term and a prior. For many of one kind, such as the
/// Hessians of mini-batches, take [`SumOf`]; for A + σI take [`crate::operator::Shifted`].
#[derive(Debug)]
pub struct Sum<'a, A, B, T> {
    machine: Machine,
    first: A,
    second: B,
    product: &'a mut [T],
}

impl<'a, A, B, T: Float> Sum<'a, A, B, T>
where
    A: LinearOperator<T>,
    B: LinearOperator<T>,
{
    /// `first` + `second`.
    ///
    /// # Shapes
    /// Both n × n. `scratch`: at least n.
    ///
    /// # Method
    /// Both products, then one sum per element, the first operator's on the right: y ← Bx + Ax.
    ///
    /// # Accuracy
    /// One rounding per element beside those of the products. The same bits on every machine if
    /// the products are. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Length` if `second` is of another order than `first`, `Error::Short` for too little
    /// scratch. Of a product: what either operator returns.
    ///
    /// # Cost
    /// Of a product: one of each, n flops.
    pub fn new(machine: Machine, first: A, second: B, scratch: &'a mut [T]) -> Result<Self, Error> {
        let n = first.dim();
        check::same_len("second", n, second.dim())?;
        let mut scratch = scratch;
        let product = check::take(&mut scratch, n)?;
        Ok(Self { machine, first, second, product })
    }
}

impl<A, B, T: Float> LinearOperator<T> for Sum<'_, A, B, T>
where
    A: LinearOperator<T>,
    B: LinearOperator<T>,
{
    fn dim(&self) -> usize {
        self.first.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.dim(), x.len())?;
        check::same_len("y", self.dim(), y.len())?;
        self.first.apply(x, self.product)?;
        self.second.apply(x, y)?;
        vector::axpy(self.machine, T::ONE, self.product, y)
    }
}

impl<A: Symmetric<T>, B: Symmetric<T>, T: Float> Symmetric<T> for Sum<'_, A, B, T> {}

/// Σ wₖAₖ over a slice of operators: the Hessian of all data from those of its mini-batches.
///
/// With wₖ the share of the samples in batch k it is the Hessian of the mean loss. A batch drawn
/// anew at each product is another thing: no operator at all, and
/// [`check_operator`](crate::operator::check_operator) says so. Operators of different types go in
/// as `&mut dyn LinearOperator`, which is an operator.
#[derive(Debug)]
pub struct SumOf<'a, A, T> {
    machine: Machine,
    operators: &'a mut [A],
    weights: &'a [T],
    product: &'a mut [T],
}

impl<'a, A: LinearOperator<T>, T: Float> SumOf<'a, A, T> {
    /// Σ `weights`ₖ · `operators`ₖ.
    ///
    /// # Shapes
    /// `operators`: m ≥ 1, each n × n. `weights`: m. `scratch`: at least n.
    ///
    /// # Method
    /// Each element is one chain over k: + fl(wₖ(Aₖx)ᵢ) for k = 0, 1, … from 0.
    ///
    /// # Accuracy
    /// |ŷ − y| ≤ γₘ₊₁ Σ|wₖ||Aₖx| per element beside the errors of the products, barring over- and
    /// underflow. The same bits on every machine if the products are. NaN and infinity propagate,
    /// also for a weight of 0.
    ///
    /// # Errors
    /// `Error::Empty` without operators, for then n is not known; `Error::Length` if one is of
    /// another order than the first, or the weights are not as many; `Error::Short` for too little
    /// scratch. Of a product: what the first operator to refuse returns.
    ///
    /// # Cost
    /// Of a product: one of each operator, 2mn flops.
    ///
    /// # Source
    /// Higham 2002, §3.1.
    ///
    /// # Example
    /// ```
    /// use teeter::operator::{Diagonal, LinearOperator, SumOf};
    /// let mut batches = [Diagonal::new(&[1.0, 2.0]), Diagonal::new(&[3.0, 8.0])];
    /// let mut scratch = [0.0; 2];
    /// let mut mean =
    ///     SumOf::new(teeter::Machine::detect(), &mut batches, &[0.5, 0.5], &mut scratch)?;
    /// let mut y = [0.0; 2];
    /// mean.apply(&[1.0, 1.0], &mut y)?;
    /// assert_eq!(y, [2.0, 5.0]);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn new(
        machine: Machine,
        operators: &'a mut [A],
        weights: &'a [T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("operators", operators.len())?;
        check::same_len("weights", operators.len(), weights.len())?;
        let n = operators.first().map_or(0, A::dim);
        for operator in operators.iter() {
            check::same_len("operators", n, operator.dim())?;
        }
        let mut scratch = scratch;
        let product = check::take(&mut scratch, n)?;
        Ok(Self { machine, operators, weights, product })
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for SumOf<'_, A, T> {
    fn dim(&self) -> usize {
        self.product.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.dim(), x.len())?;
        check::same_len("y", self.dim(), y.len())?;
        y.fill(T::ZERO);
        for (operator, &weight) in self.operators.iter_mut().zip(self.weights) {
            operator.apply(x, self.product)?;
            vector::axpy(self.machine, weight, self.product, y)?;
        }
        Ok(())
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for SumOf<'_, A, T> {}
