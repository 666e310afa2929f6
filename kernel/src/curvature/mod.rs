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
//! | [`effective_parameters_nonlinear`]  | the same by Moody, from mixed derivatives            |
//! | [`generalized_prediction_error`]    | the error to expect on new targets                   |
//! | [`effective_parameters_dense`], [`effective_parameters_cholesky`] | the same of a matrix in memory |
//! | [`effective_parameters_solve`], [`effective_parameters_quadrature`] | the same from products |
//! | [`curvature_report`], [`CurvatureReport`] | all of a curvature from one pass of products   |
//! | [`rotation_angle`]                  | how far an eigenvector has turned                    |
//! | [`LinearModel`], [`SpectralFilter`] | every ridge, every early stop, from one factorization |
//! | [`LinearModel::maximize_evidence`]  | how strong a prior the data ask for                  |
//! | [`evidence_shares`], [`average_predictions`] | several models weighed by their evidence    |
//! | [`GeneralizedRidge`]                | least squares under wᵀΩw, for every α                |
//! | [`gaussian_bending_into`]           | Ω: what it costs to bend a basis-function network    |
//! | [`lasso`]                           | least squares under Σ\|w\|, with a duality gap       |
//! | [`MarchenkoPastur`], [`semicircle_density`], [`semicircle_spike`] | what noise does to a spectrum |
//! | [`BatchNoise`], [`batch_learning_rate`], [`scaled_learning_rate`] | what the batch size does to curvature and η |
//! | [`noise_scale`], [`temperature`]    | how hot training is                                  |
//! | [`MeanSquare`]                      | when SGD itself is stable, exactly; where it settles |
//! | [`BatchSharpness`], [`HessianVariability`], [`UpdateLine`] | curvature as batches and steps see it |
//! | [`BoxMaximizer`]                    | Keskar's sharpness                                   |
//! | [`Catapult`], [`product_step`], [`SelfStabilization`], [`central_flow_step`] | training in small, exactly |
//! | [`relative_progress`], [`step_alpha`] | did the step pass the minimum, or its edge?          |
//! | [`curvature_from_slopes`], [`curvature_from_losses`] | the curvature along a step            |
//! | [`CriticalSharpness`]               | 2/η_c: the rate that no longer lowers the loss       |
//! | [`RateController`]                  | η at a fraction of the threshold; divergence taken back |
//! | [`rescale_layers`], [`scalar_curvature`] | what depends on coordinates, and what does not  |
//!
//! Most of it works on numbers that other layers measure: `krylov` gives λ₁ and Ritz values. What
//! fits linear models takes their design: a basis, or what the last layer of a network is fed.
//!
//! Not here: the proximal step (`optim`).

mod basis;
mod batch;
mod controller;
mod controller_state;
mod critical;
mod dynamics;
mod effective;
mod effective_matrix;
mod effective_products;
mod evidence;
mod filter;
mod gauge;
mod geometry;
mod keskar;
mod lasso;
mod linear_model;
mod mean_square;
mod moody;
mod phase;
mod random_matrix;
mod report;
mod ridge;
mod rotation;
mod stability;
mod stochastic;

pub use basis::{
    gaussian_basis_into, gaussian_bending_into, polynomial_basis_into, polynomial_bending_into,
};
pub use batch::{
    BatchNoise, BatchScaling, batch_eigenvalue, batch_learning_rate, noise_scale,
    scaled_learning_rate, temperature,
};
pub use controller::RateController;
pub use controller_state::{
    Advice, Diagnosis, MeasuredSharpness, RateControllerState, RateObservation,
};
pub use critical::{CriticalEstimate, CriticalSharpness, CriticalSharpnessOptions};
pub use dynamics::{Catapult, CentralStep, SelfStabilization, central_flow_step, product_step};
pub use effective::{
    EffectiveBounds, effective_parameters, effective_parameters_clipped,
    effective_parameters_truncated, effective_parameters_weighted, sane, sane_alpha,
};
pub use effective_matrix::{
    effective_parameters_cholesky, effective_parameters_dense,
    effective_parameters_dense_scratch_len,
};
pub use effective_products::{
    effective_parameters_quadrature, effective_parameters_quadrature_scratch_len,
    effective_parameters_seen, effective_parameters_solve, effective_parameters_solve_scratch_len,
};
pub use evidence::{
    Evidence, EvidenceFit, EvidenceOptions, EvidenceStop, Prediction, average_predictions,
    evidence_shares,
};
pub use filter::{SpectralFilter, ridge_of_descent};
pub use gauge::{
    Gauge, StepFit, StepObservation, curvature_from_losses, curvature_from_slopes,
    relative_progress, step_alpha,
};
pub use geometry::{
    FlattestScale, GraphTerms, LayerMut, flattest_rescaling, rescale_layers, scalar_curvature,
};
pub use keskar::{BoxMaximizer, BoxOptions, BoxSharpness, box_maximizer_len};
pub use lasso::{LassoFit, LassoOptions, lasso, lasso_alpha_max, lasso_scratch_len};
pub use linear_model::{LinearFit, LinearModel, linear_model_memory_len, linear_model_scratch_len};
pub use mean_square::{
    MeanSquare, MeanSquareThreshold, mean_square_memory_len, mean_square_scratch_len,
};
pub use moody::{
    effective_parameters_nonlinear, effective_parameters_nonlinear_scratch_len,
    generalized_prediction_error,
};
pub use phase::{Phase, PhaseOptions, PhaseTracker};
pub use random_matrix::{
    MarchenkoPastur, Spike, marchenko_pastur_spike, semicircle_cumulative, semicircle_density,
    semicircle_spike,
};
pub use report::{
    CurvatureReport, CurvatureSummary, Damping, ReportOptions, curvature_report,
    curvature_report_machine_scratch_len, curvature_report_scratch_len,
};
pub use ridge::{GeneralizedRidge, generalized_ridge_memory_len, generalized_ridge_scratch_len};
pub use rotation::rotation_angle;
pub use stability::{
    UpdateRule, largest_learning_rate, stability_threshold, stability_threshold_with_decay,
};
pub use stochastic::{
    BatchMean, BatchSharpness, HessianVariability, NoiseDamping, UpdateLine, curvature_along,
    hessian_variability_len,
};
