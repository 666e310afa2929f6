//! A ⊗ B.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;

/// A ⊗ B of two symmetric matrices: a layer's curvature in K-FAC.
///
/// Element (iq + j, kq + l) is aᵢₖbⱼₗ, q the order of B. A vector of the product is a p × q matrix X
/// written **row after row**, and then (A ⊗ B) vec X = vec(AXBᵀ). Who writes columns one below the
/// other, as most books do, has Xᵀ in the same memory, and reads the same as BXᵀAᵀ. The eigenvalues
/// are the products of those of A and B, its trace is Tr A · Tr B.
///
/// That A and B are symmetric is the caller's promise; of others it is A ⊗ B all the same.
#[derive(Debug)]
pub struct Kronecker<'a, T> {
    machine: Machine,
    a: MatRef<'a, T>,
    b: MatRef<'a, T>,
    inner: &'a mut [T],
}

impl<'a, T: Float> Kronecker<'a, T> {
    /// `a` ⊗ `b`.
    ///
    /// # Shapes
    /// `a`: p × p, `b`: q × q, any strides. `scratch`: at least pq.
    ///
    /// # Method
    /// XBᵀ, then A times that, by two `gemm`: fused on a fused machine.
    ///
    /// # Accuracy
    /// |Ŷ − Y| ≤ γ₍ₚ₊q₊₄₎ |A||X||Bᵀ| per element, barring over- and underflow. The same bits on every
    /// machine of one arithmetic. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Length` if `a` or `b` is not square, `Error::Short` for too little scratch,
    /// `Error::Range` if pq overflows.
    ///
    /// # Cost
    /// Of a product: 2pq(p + q) flops in place of the 2p²q² of the matrix.
    ///
    /// # Source
    /// Higham 2002, §3.5; Van Loan 2000, doi:10.1016/S0377-0427(00)00393-9.
    ///
    /// # Example
    /// ```
    /// use teeter::matrix::MatRef;
    /// use teeter::operator::{Kronecker, LinearOperator};
    /// let a = MatRef::row_major(&[0.0, 1.0, 1.0, 0.0], 2, 2)?;
    /// let b = MatRef::row_major(&[3.0], 1, 1)?;
    /// let mut scratch = [0.0; 2];
    /// let mut operator = Kronecker::new(teeter::Machine::detect(), a, b, &mut scratch)?;
    /// let mut y = [0.0; 2];
    /// operator.apply(&[1.0, 2.0], &mut y)?;
    /// assert_eq!(y, [6.0, 3.0]);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn new(
        machine: Machine,
        a: MatRef<'a, T>,
        b: MatRef<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::same_len("a.cols", a.rows(), a.cols())?;
        check::same_len("b.cols", b.rows(), b.cols())?;
        let Some(n) = a.rows().checked_mul(b.rows()) else {
            let (found, high) = (a.rows() as f64 * b.rows() as f64, usize::MAX as f64);
            return Err(Error::Range { argument: "a.rows", found, low: 0.0, high });
        };
        let mut scratch = scratch;
        let inner = check::take(&mut scratch, n)?;
        Ok(Self { machine, a, b, inner })
    }
}

impl<T: Float> LinearOperator<T> for Kronecker<'_, T> {
    fn dim(&self) -> usize {
        self.inner.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.inner.len(), x.len())?;
        check::same_len("y", self.inner.len(), y.len())?;
        let (p, q) = (self.a.rows(), self.b.rows());
        let x = MatRef::row_major(x, p, q)?;
        let inner = MatMut::row_major(self.inner, p, q)?;
        gemm(self.machine, T::ONE, x, self.b.t(), T::ZERO, inner)?;
        let inner = MatRef::row_major(self.inner, p, q)?;
        gemm(self.machine, T::ONE, self.a, inner, T::ZERO, MatMut::row_major(y, p, q)?)
    }
}

impl<T: Float> Symmetric<T> for Kronecker<'_, T> {}
