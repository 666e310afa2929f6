//! One step of learning: read the gradient, update the state, write the parameters.
//!
//! Every optimizer is two structs. Its constants are public fields named after the papers,
//! and have no default, so that an experiment states what it used; its state borrows the
//! caller's slices, so that it can be saved, restored and placed anywhere. No optimizer
//! knows the model: whoever needs a gradient at another point moves the parameters there,
//! hands them out to read, and takes them back ([`Sam::perturb`], [`Tracer::ahead`]).
//!
//! ```text
//! gradient ─► step ─► params                                      Sgd, Adam
//! gradient ─► perturb ─► gradient there ─► restore ─► step        Sam, then Sgd or Adam
//! gradient ─► ahead ─► behind ─► penalty ─► gradient + ρ penalty ─► step        Tracer
//! ```
//!
//! | type        | update, d = gradient + `weight_decay`·w                                 | state |
//! |-------------|-------------------------------------------------------------------------|-------|
//! | [`Sgd`]     | w ← w − ηd, or with momentum (Polyak, Nesterov, moving average)          | 0, n  |
//! | [`Adam`]    | w ← w − η m̂/(√v̂ + ε), decay decoupled                                    | 2n    |
//! | [`Sam`]     | moves to w + ρ g/‖g‖ for the gradient there                              | n     |
//! | [`Tracer`]  | adds the gradient of ρ Tr(G⁻¹H) by two gradients more                    | n     |
//!
//! The rule of all: a non-finite gradient changes nothing, neither a parameter nor a state,
//! and is an error that names the place. Steps are one pass over memory, elementwise, and
//! give the same bits on every machine.
//!
//! Not here: schedules, averaging, clipping, the search for constants.

mod adam;
mod displaced;
mod pass;
mod penalty;
mod sam;
mod sgd;
mod tracer;

pub use adam::{Adam, AdamState, EpsilonPlacement};
pub use penalty::{
    Ahead, Behind, Displacement, Penalty, RankOne, first_difference_distance,
    second_difference_distance, tracer_scratch_len,
};
pub use sam::{Perturbed, Sam};
pub use sgd::{Momentum, Sgd, SgdState};
pub use tracer::{Tracer, TracerState};

/// What a step did.
///
/// # Accuracy
/// `gradient_norm`: that of `vector::norm2`. `update_norm`: relative error at most
/// (h/2 + 2)u of the update computed, h = ⌈n/L⌉ + log₂L + 1, L = 16 (f64) or 32 (f32) lanes;
/// parts of the update smaller than 2⁻⁶⁰ (f32) or 2⁻⁵⁰⁰ (f64) times the step's own scale,
/// η‖g‖ or for Adam η, count as 0, and ∞ stands for more than its inverse.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct StepReport<T> {
    /// ‖g‖ of the gradient that was given; ∞ if only the norm overflows.
    pub gradient_norm: T,
    /// ‖w_new − w_old‖ before w is rounded.
    pub update_norm: T,
}
