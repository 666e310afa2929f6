//! What is trained: a loss L of parameters w, with its derivatives.
//!
//! Everything the laboratory measures is read off one expansion,
//!
//! ```text
//!     L(w + v)  =  L(w)  +  gᵀv  +  ½ vᵀHv  +  O(‖v‖³)
//! ```
//!
//! and an [`Objective`] gives L, g and the product Hv, exactly: no differences, no matrix H.
//! For L = (1/N) Σ ℓ(fₙ(w)), H falls into two parts,
//!
//! ```text
//!     H  =  (1/N) Σ Jₙᵀ ℓ″ Jₙ  +  (1/N) Σₙ Σⱼ (∂ℓ/∂fₙⱼ) ∇²fₙⱼ
//! ```
//!
//! the first of which is the Gauss–Newton matrix, never negative for a convex ℓ; the second
//! vanishes where the residuals do, and where f is linear.
//!
//! | item                | is                                                              |
//! |---------------------|-----------------------------------------------------------------|
//! | [`Objective`]       | L, g, Hv, Gauss–Newton product, Fisher diagonal                  |
//! | [`At`]              | an objective evaluated at a point, which the borrow holds fast   |
//! | [`Hessian`], [`GaussNewton`] | the products as operators, for `krylov` and `trace`     |
//! | [`Quadratic`]       | ½(w − c)ᵀA(w − c)                                               |
//! | [`Mlp`]             | a multilayer perceptron on data                                  |
//! | [`Network`]         | any list of layers: convolutions, attention, residuals, …        |
//! | [`smooth_labels`]   | label smoothing of targets                                      |
//! | [`mlp_initialize`]  | where its training starts                                        |
//!
//! Not here: minibatches (make an [`Mlp`] per batch, by views of the data), regularizers
//! (add them to loss, gradient and product).

mod activation;
mod at;
mod initialize;
mod loss;
mod mlp;
mod mlp_direction;
mod mlp_gradient;
mod network;
mod quadratic;
mod shape;

use crate::error::Error;
use crate::float::Float;

pub use at::{At, GaussNewton, Hessian};
pub use initialize::mlp_initialize;
pub use mlp::Mlp;
pub use network::{
    AttentionMask, Dropout, Network, NetworkLayer, NetworkShape, network_param_len,
    network_scratch_len, smooth_labels,
};
pub use quadratic::{Quadratic, quadratic_scratch_len};
pub use shape::{Activation, Loss, MlpShape, mlp_param_len, mlp_scratch_len};

/// A loss of n parameters, with its derivatives.
///
/// `evaluate` keeps what the others need; they refer to the point of the last evaluation and
/// must be given the same `params` again. [`At`] sees to that; call these directly only to
/// implement it.
pub trait Objective<T: Float> {
    /// n.
    fn dim(&self) -> usize;

    /// L(w); keeps what the other methods need.
    ///
    /// A loss that is NaN or infinite is an answer: training must see that it diverges.
    ///
    /// # Errors
    /// `Error::Length` if `params` does not fit.
    fn evaluate(&mut self, params: &[T]) -> Result<T, Error>;

    /// out ← ∇L(w). Overwrites all of `out`, reads none of it.
    ///
    /// # Errors
    /// `Error::Length` if a length does not fit; `Error::State` before the first evaluation.
    fn gradient(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error>;

    /// out ← ∇²L(w) v. Overwrites all of `out`, reads none of it.
    ///
    /// # Errors
    /// Those of [`Objective::gradient`].
    fn hessian_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error>;

    /// out ← (1/N) Σ Jₙᵀ ℓ″ Jₙ v, the Gauss–Newton part of the Hessian product.
    ///
    /// # Errors
    /// Those of [`Objective::gradient`].
    fn gauss_newton_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error>;

    /// out ← (1/N) Σ gₙ ⊙ gₙ, gₙ the gradient of sample n alone: the diagonal of the empirical
    /// Fisher matrix (with the data's targets, not the model's).
    ///
    /// # Errors
    /// Those of [`Objective::gradient`].
    fn fisher_diagonal(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error>;
}
