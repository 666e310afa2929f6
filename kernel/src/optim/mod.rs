//! One step of learning: read the gradient, update the state, write the parameters.
//!
//! Every optimizer is two structs. Its constants are public fields named after the papers,
//! and have no default, so that an experiment states what it used; its state borrows the
//! caller's slices, so that it can be saved, restored and placed anywhere. No optimizer
//! knows the model: whoever needs a gradient at another point moves the parameters there,
//! hands them out to read, and takes them back ([`Sam::perturb`], [`Tracer::ahead`]).
//!
//! ```text
//! gradient ─► step ─► params                                      Sgd, Adam and its kin
//! gradient ─► perturb ─► gradient there ─► restore ─► step        Sam, then Sgd or Adam
//! gradient ─► ahead ─► behind ─► penalty ─► gradient + ρ penalty ─► step        Tracer
//! ```
//!
//! | type        | update, d = gradient + `weight_decay`·w                                 | state |
//! |-------------|-------------------------------------------------------------------------|-------|
//! | [`Sgd`]     | w ← w − ηd, or with momentum (Polyak, Nesterov, moving average)          | 0, n  |
//! | [`Adam`]    | w ← w − η m̂/(√v̂ + ε), decay decoupled                                    | 2n    |
//! | [`Padam`]   | Adam's with max v to the power 2p in place of v; p = ½: AMSGrad          | 3n    |
//! | [`BoundedAdam`] | Adam's with √v̂ held below or above a bound                          | 2n    |
//! | [`NAdam`]   | Adam's with Nesterov's momentum                                         | 2n    |
//! | [`AdaHessian`] | Adam's with the curvature in place of the gradient in v              | 2n    |
//! | [`Sophia`]  | w ← w − η clip(m/max(γh, ε), ±1), h the curvature                        | 2n    |
//! | [`RmsProp`] | w ← w − ηd/(√v + ε), or with momentum                                   | n, 2n |
//! | [`Sam`]     | moves to w + ρ g/‖g‖ for the gradient there                              | n     |
//! | [`UnnormalizedSam`], [`Asam`] | move to w + ρg, to w + ρT²g/‖Tg‖ with T = \|w\| + η    | n     |
//! | [`Gsam`], [`LookSam`] | SAM's gradient less α of the part beside it; every k steps only | 0, n |
//! | [`Tracer`]  | adds the gradient of ρ Tr(G⁻¹H) by two gradients more                    | n     |
//! | [`TracePenalty`] | adds the gradient of λ Tr H, likewise; SEHT-H and SEHT-D              | n     |
//! | [`IterateAverage`] | mean or exponential average of iterates: SWA, tail, EMA          | n     |
//! | [`Gadam`], [`GadamX`] | Adam, Padam with an average of their iterates                 | 3n, 4n |
//! | [`Lookahead`] | every k steps slow ← slow + α(w − slow), w ← slow                     | n     |
//! | [`Schedule`] | what η is multiplied by in step t: warm-up, cosine, step, averaging    | 0     |
//!
//! [`soft_threshold`] is the proximal step of the Lasso after any of them; [`add_noise`] and its kin
//! put Gaussian noise on weights, gradients, activations and directions.
//!
//! The rule of all: a non-finite gradient changes nothing, neither a parameter nor a state,
//! and is an error that names the place. Steps are one pass over memory, elementwise, and
//! give the same bits on every machine.
//!
//! Every state can be saved as bytes and restored: [`Saved`](crate::state::Saved).
//!
//! Not here: clipping (a rate over the norm that the report tells), the search for constants.

mod ada_hessian;
mod adam;
mod averaging;
mod bounded_adam;
mod displaced;
mod gadam;
mod lookahead;
mod nadam;
mod noise;
mod padam;
mod pass;
mod penalty;
mod penalty_mean;
mod proximal;
mod rms_prop;
mod sam;
mod sam_kin;
mod saved;
mod schedule;
mod sgd;
mod sophia;
mod surrogate;
mod trace_penalty;
mod tracer;

pub use ada_hessian::AdaHessian;
pub use adam::{Adam, AdamState, EpsilonPlacement};
pub use averaging::{AverageKind, AverageState, IterateAverage};
pub use bounded_adam::{BoundedAdam, RootBound};
pub use gadam::{Gadam, GadamX};
pub use lookahead::{Lookahead, LookaheadState};
pub use nadam::NAdam;
pub use noise::{add_noise, add_noise_along, noise_penalty, perturb_with_noise};
pub use padam::{Padam, PadamState, PartialPower};
pub use penalty::{
    Ahead, Behind, Displacement, Penalty, RankOne, first_difference_distance,
    second_difference_distance, tracer_scratch_len,
};
pub use penalty_mean::PenaltyMean;
pub use proximal::soft_threshold;
pub use rms_prop::{RmsProp, RmsPropState};
pub use sam::{Perturbed, Sam};
pub use sam_kin::{Asam, UnnormalizedSam};
pub use schedule::{Schedule, ScheduleShape};
pub use sgd::{Momentum, Sgd, SgdState};
pub use sophia::{Sophia, SophiaState};
pub use surrogate::{Gsam, LookSam, LookSamState};
pub use trace_penalty::{TracePenalty, TracePenaltyState, TraceProbe};
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
