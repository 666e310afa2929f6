//! The generalized problem (A, G) as an operator, G = LLᵀ.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, MatRef, Triangle, TriangularRef, trsv};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// L⁻¹AL⁻ᵀ: the curvature A measured in the metric G = LLᵀ.
///
/// Symmetric where A is, with the eigenvalues of G⁻¹A, those of Av = μGv: v = L⁻ᵀx for an
/// eigenvector x. For diagonal G take [`crate::operator::Preconditioned`].
#[derive(Debug)]
pub struct Congruent<'a, A, T> {
    machine: Machine,
    operator: A,
    l: TriangularRef<'a, T>,
    solved: &'a mut [T],
}

impl<'a, A: LinearOperator<T>, T: Float> Congruent<'a, A, T> {
    /// `l`⁻¹ · `operator` · `l`⁻ᵀ.
    ///
    /// # Shapes
    /// `operator`: n × n. `l`: n × n, its lower triangle as `cholesky_in_place` leaves it; the upper
    /// one is not read. `scratch`: at least n.
    ///
    /// # Method
    /// Two `trsv` around the product.
    ///
    /// # Accuracy
    /// |Lŷ − AL⁻ᵀx| ≤ γₙ|L||ŷ| + |A||L⁻ᵀ|γₙ|Lᵀ||z| beside the product's error, z = L⁻ᵀx as
    /// computed: it grows with the condition of L. The same bits on every machine if the product
    /// is. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Length` if `l` does not fit, `Error::Short` for too little scratch. Of a product:
    /// `Error::Pivot` if the diagonal of `l` has a zero or NaN, what the operator returns.
    ///
    /// # Cost
    /// Of a product: one of the operator, 2n² flops.
    ///
    /// # Source
    /// Higham 2002, Theorem 8.5; Golub, Van Loan 2013, §8.7.2.
    pub fn new(
        machine: Machine,
        operator: A,
        l: MatRef<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = operator.dim();
        check::same_len("l.rows", n, l.rows())?;
        check::same_len("l.cols", n, l.cols())?;
        let mut scratch = scratch;
        let solved = check::take(&mut scratch, n)?;
        let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);
        Ok(Self { machine, operator, l, solved })
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Congruent<'_, A, T> {
    fn dim(&self) -> usize {
        self.operator.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.dim(), x.len())?;
        check::same_len("y", self.dim(), y.len())?;
        vector::copy(x, self.solved)?;
        trsv(self.machine, self.l.t(), self.solved)?;
        self.operator.apply(self.solved, y)?;
        trsv(self.machine, self.l, y)
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Congruent<'_, A, T> {}
