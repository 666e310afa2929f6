//! Matrices known only by their product.
//!
//! A Hessian is never formed: all that is known of it is v ↦ Hv. Everything in `krylov`
//! and `trace` works from such products and counts them.
//!
//! | type               | is                                    | a product costs          |
//! |--------------------|---------------------------------------|--------------------------|
//! | [`Dense`]          | a symmetric matrix in memory          | 2n² flops                |
//! | [`Diagonal`]       | diag(d)                               | n flops                  |
//! | [`Identity`]       | I                                     | a copy                   |
//! | [`Shifted`]        | A + σI                                | one of A, 2n flops       |
//! | [`Scaled`]         | cA                                    | one of A, n flops        |
//! | [`Preconditioned`] | DAD, D diagonal (P^−½ A P^−½)         | one of A, 2n flops       |
//! | [`Congruent`]      | L⁻¹AL⁻ᵀ, G = LLᵀ                      | one of A, 2n² flops      |
//! | [`Deflated`]       | (I − QQᵀ)A(I − QQᵀ)                   | one of A, 8nk flops      |
//! | [`Sum`], [`SumOf`] | A + B, Σ wₖAₖ                         | one of each              |
//! | [`SubRange`], [`Selected`] | PᵀAP: a layer, a list of coordinates | one of A          |
//! | [`LowRankPlusDiagonal`] | D + U diag(c) Uᵀ                 | 4nk flops                |
//! | [`Kronecker`]      | A ⊗ B                                 | 2pq(p + q) flops         |
//! | [`FiniteDifference`] | a Hessian from gradients            | two gradients            |
//! | [`FromFn`]         | whatever a closure computes           | the closure              |
//!
//! [`check_operator`] tells whether an operator is what it should be.
//!
//! Not here: nonsymmetric operators with their transposes.

mod adapt;
mod audit;
mod congruent;
mod deflated;
mod dense;
mod finite_difference;
mod from_fn;
mod kronecker;
mod low_rank;
mod principal;
mod report;
mod sum;

use crate::error::Error;
use crate::float::Float;

pub use adapt::{Preconditioned, Scaled, Shifted};
pub use audit::{check_operator, check_operator_scratch_len};
pub use congruent::Congruent;
pub use deflated::{Deflated, deflated_scratch_len};
pub use dense::{Dense, Diagonal, Identity};
pub use finite_difference::{
    Difference, DifferenceError, DifferenceOptions, FiniteDifference, finite_difference_scratch_len,
};
pub use from_fn::FromFn;
pub use kronecker::Kronecker;
pub use low_rank::LowRankPlusDiagonal;
pub use principal::{Selected, SubRange, principal_scratch_len};
pub use report::{AuditOptions, Finding, OperatorReport, Verdict};
pub use sum::{Sum, SumOf};

/// A square matrix A known only by the product x ↦ Ax.
///
/// `apply` takes `&mut self` because the usual operator, a Hessian, keeps its activations
/// in buffers of its own and reuses them from call to call.
pub trait LinearOperator<T: Float> {
    /// n, for an n × n operator.
    fn dim(&self) -> usize;

    /// y ← Ax. Overwrites all of `y`, reads none of it.
    ///
    /// # Shapes
    /// `x`, `y`: n.
    ///
    /// # Errors
    /// `Error::Length` if a length does not fit; `Error::Operator` with a code of its own if
    /// the operator cannot give the product. The caller of the method gets either back.
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error>;
}

/// A promise that A = Aᵀ.
///
/// On an operator that breaks it, Lanczos returns numbers without meaning. [`check_operator`] probes
/// it as uᵀ(Aw) = wᵀ(Au).
pub trait Symmetric<T: Float>: LinearOperator<T> {}

impl<T: Float, A: LinearOperator<T> + ?Sized> LinearOperator<T> for &mut A {
    fn dim(&self) -> usize {
        (**self).dim()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        (**self).apply(x, y)
    }
}

impl<T: Float, A: Symmetric<T> + ?Sized> Symmetric<T> for &mut A {}
