//! What curvature says about training: how sharp is too sharp, and how many directions count.
//!
//! On a quadratic ½λw², gradient descent multiplies w by 1 − ηλ, and so it is stable only
//! while λ < 2/η. Training sharpens until it sits at that edge. The ratio λ₁/(2/η) is what
//! everything about phases rests on; each update rule has a number of its own in place of 2.
//!
//! | function                            | answers                                              |
//! |-------------------------------------|------------------------------------------------------|
//! | [`stability_threshold`]             | the largest stable sharpness of an update rule       |
//! | [`largest_learning_rate`]           | the inverse: the rate that a sharpness still bears   |
//! | [`PhaseTracker`]                    | sharpening, at the edge, or unstable?                |
//! | [`effective_parameters`], [`sane`]  | how many directions the data determine               |
//! | [`rotation_angle`]                  | how far an eigenvector has turned                    |
//!
//! | [`relative_progress`], [`step_alpha`] | did the step pass the minimum, or its edge?          |
//! | [`curvature_from_slopes`], [`curvature_from_losses`] | the curvature along a step            |
//! | [`CriticalSharpness`]               | 2/η_c: the rate that no longer lowers the loss       |
//!
//! All of it works on numbers that other layers measure: `krylov` gives λ₁ and Ritz values.
//!
//! Not here: measuring; evidence, random-matrix laws, batch scaling.

mod critical;
mod effective;
mod gauge;
mod phase;
mod rotation;
mod stability;

pub use critical::{CriticalEstimate, CriticalSharpness, CriticalSharpnessOptions};
pub use effective::{
    EffectiveBounds, effective_parameters, effective_parameters_clipped,
    effective_parameters_truncated, effective_parameters_weighted, sane, sane_alpha,
};
pub use gauge::{
    Gauge, StepFit, StepObservation, curvature_from_losses, curvature_from_slopes,
    relative_progress, step_alpha,
};
pub use phase::{Phase, PhaseOptions, PhaseTracker};
pub use rotation::rotation_angle;
pub use stability::{
    UpdateRule, largest_learning_rate, stability_threshold, stability_threshold_with_decay,
};
