//! What is left of an operator when known directions are taken out.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// (I − QQᵀ)A(I − QQᵀ), the columns of Q orthonormal.
///
/// When to use: for the rest of a trace, Tr A = Tr QᵀAQ + Tr of this, whatever Q spans; for the next
/// eigenvalue once some are found. Projected on both sides it is symmetric where A is, also if Q is
/// not an invariant subspace; A − QΛQᵀ is not then what remains.
#[derive(Debug)]
pub struct Deflated<'a, A, T> {
    machine: Machine,
    operator: A,
    q: MatRef<'a, T>,
    inner: &'a mut [T],
    projected: &'a mut [T],
}

/// Elements of scratch that [`Deflated::new`] needs: n + k.
#[must_use]
pub const fn deflated_scratch_len(n: usize, k: usize) -> usize {
    n.saturating_add(k)
}

impl<'a, A: LinearOperator<T>, T: Float> Deflated<'a, A, T> {
    /// `operator` without the directions of `q`. That they are orthonormal is the caller's promise.
    ///
    /// # Shapes
    /// `operator`: n × n. `q`: n × k, any strides. `scratch`: at least [`deflated_scratch_len`] (n, k).
    ///
    /// # Method
    /// x − Q(Qᵀx), the product, the same again: four `gemv`.
    ///
    /// # Accuracy
    /// |ŷ − y| ≤ γ₍₃ₙ₊₂ₖ₊₁₀₎ |P||A||P||x| per element for a product that errs by γₙ₊₂|A||x|, with
    /// |P| = I + |Q||Qᵀ|, y what the formula says of the Q that is stored. Where QᵀQ = I + E the
    /// deflated directions keep −E of their length: one pass is as good as Q. The same bits on every
    /// machine if the product is. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Length` if `q` does not fit, `Error::Short` for too little scratch. Of a product:
    /// what the operator returns.
    ///
    /// # Cost
    /// Of a product: one of the operator, 8nk flops.
    ///
    /// # Source
    /// Higham 2002, §3.5; Parlett 1998, §5.
    pub fn new(
        machine: Machine,
        operator: A,
        q: MatRef<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = operator.dim();
        check::same_len("q.rows", n, q.rows())?;
        check::at_least("scratch", deflated_scratch_len(n, q.cols()), scratch.len())?;
        let mut scratch = scratch;
        let projected = check::take(&mut scratch, n)?;
        let inner = check::take(&mut scratch, q.cols())?;
        Ok(Self { machine, operator, q, inner, projected })
    }
}

/// x ← x − Q(Qᵀx)
fn project<T: Float>(
    machine: Machine,
    q: MatRef<'_, T>,
    inner: &mut [T],
    x: &mut [T],
) -> Result<(), Error> {
    gemv(machine, T::ONE, q.t(), x, T::ZERO, inner)?;
    gemv(machine, -T::ONE, q, inner, T::ONE, x)
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Deflated<'_, A, T> {
    fn dim(&self) -> usize {
        self.operator.dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.dim(), x.len())?;
        check::same_len("y", self.dim(), y.len())?;
        vector::copy(x, self.projected)?;
        project(self.machine, self.q, self.inner, self.projected)?;
        self.operator.apply(self.projected, y)?;
        project(self.machine, self.q, self.inner, y)
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Deflated<'_, A, T> {}
