//! Matrices known only by their product.
//!
//! A Hessian is never formed: all that is known of it is v ↦ Hv. Everything in `krylov`
//! and `trace` works from such products and counts them.
//!
//! | type               | is                                    | a product costs          |
//! |--------------------|---------------------------------------|--------------------------|
//! | [`Dense`]          | a symmetric matrix in memory          | 2n² flops                |
//! | [`Diagonal`]       | diag(d)                               | n flops                  |
//! | [`Shifted`]        | A + σI                                | one of A, 2n flops       |
//! | [`Scaled`]         | cA                                    | one of A, n flops        |
//! | [`Preconditioned`] | DAD, D diagonal (P^−½ A P^−½)         | one of A, 2n flops       |
//! | [`FromFn`]         | whatever a closure computes           | the closure              |
//!
//! Not here: nonsymmetric operators with their transposes.

mod adapt;
mod dense;
mod from_fn;

use crate::error::Error;
use crate::float::Float;

pub use adapt::{Preconditioned, Scaled, Shifted};
pub use dense::{Dense, Diagonal};
pub use from_fn::FromFn;

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
/// Nothing checks it here: on an operator that breaks it, Lanczos returns numbers without
/// meaning. Tests probe it as uᵀ(Aw) = wᵀ(Au).
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
