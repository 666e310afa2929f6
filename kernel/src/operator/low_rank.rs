//! A diagonal and a few directions more.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// D + U diag(c) Uᵀ: a covariance of few factors, a Fisher matrix of k gradients, a spectrum with
/// outliers.
///
/// The signs of the curvature go into c; for D + UCUᵀ with a full C = VMVᵀ pass UV and M.
#[derive(Debug)]
pub struct LowRankPlusDiagonal<'a, T> {
    machine: Machine,
    diagonal: &'a [T],
    factor: MatRef<'a, T>,
    weights: &'a [T],
    inner: &'a mut [T],
}

impl<'a, T: Float> LowRankPlusDiagonal<'a, T> {
    /// diag(`diagonal`) + `factor` · diag(`weights`) · `factor`ᵀ.
    ///
    /// # Shapes
    /// `diagonal`: n. `factor`: n × k, any strides. `weights`: k. `scratch`: at least k.
    ///
    /// # Method
    /// y ← d ⊙ x, then y ← y + U(c ⊙ Uᵀx), by two `gemv`.
    ///
    /// # Accuracy
    /// |ŷ − y| ≤ γₙ₊ₖ₊₅ (|d||x| + |U||c||Uᵀ||x|) per element, barring over- and underflow. The same
    /// bits on every machine. NaN and infinity propagate. For k = 0 it is the diagonal.
    ///
    /// # Errors
    /// `Error::Length` if a length does not fit, `Error::Short` for too little scratch.
    ///
    /// # Cost
    /// Of a product: 4nk + n + k flops.
    ///
    /// # Source
    /// Higham 2002, §3.5.
    pub fn new(
        machine: Machine,
        diagonal: &'a [T],
        factor: MatRef<'a, T>,
        weights: &'a [T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::same_len("factor.rows", diagonal.len(), factor.rows())?;
        check::same_len("weights", factor.cols(), weights.len())?;
        let mut scratch = scratch;
        let inner = check::take(&mut scratch, factor.cols())?;
        Ok(Self { machine, diagonal, factor, weights, inner })
    }
}

impl<T: Float> LinearOperator<T> for LowRankPlusDiagonal<'_, T> {
    fn dim(&self) -> usize {
        self.diagonal.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.diagonal.len(), x.len())?;
        check::same_len("y", self.diagonal.len(), y.len())?;
        gemv(self.machine, T::ONE, self.factor.t(), x, T::ZERO, self.inner)?;
        vector::multiply(self.machine, self.weights, self.inner)?;
        vector::copy(x, y)?;
        vector::multiply(self.machine, self.diagonal, y)?;
        gemv(self.machine, T::ONE, self.factor, self.inner, T::ONE, y)
    }
}

impl<T: Float> Symmetric<T> for LowRankPlusDiagonal<'_, T> {}
