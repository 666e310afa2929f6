//! Optimizers beyond the first four, and linear models.

use teeter::curvature::{
    EvidenceOptions, GeneralizedRidge, LassoOptions, LinearModel, MarchenkoPastur, MeanSquare,
    SpectralFilter, lasso, lasso_alpha_max, semicircle_cumulative,
};
use teeter::matrix::MatRef;
use teeter::optim::{
    AdaHessian, AdamState, Asam, AverageState, BoundedAdam, Gadam, GadamX, Gsam, IterateAverage,
    LookSam, LookSamState, Lookahead, LookaheadState, NAdam, Padam, PadamState, RmsProp,
    RmsPropState, Schedule, Sophia, SophiaState, UnnormalizedSam, add_noise, soft_threshold,
};
use teeter::random::Stream;
use teeter::{Error, Machine};

#[unsafe(no_mangle)]
pub fn every_adam(
    rules: (&NAdam<f32>, &BoundedAdam<f32>, &AdaHessian<f32>, &Gadam<f32>),
    gradient: &[f32],
    adam: &mut AdamState<'_, f32>,
    average: &mut AverageState<'_, f32>,
    params: &mut [f32],
) -> Result<f32, Error> {
    let (machine, (nadam, bounded, hessian, gadam)) = (Machine::native(), rules);
    let mut moved = nadam.step(machine, gradient, adam, params)?.update_norm;
    moved += bounded.step(machine, gradient, adam, params)?.update_norm;
    moved += hessian.step(machine, gradient, gradient, adam, params)?.update_norm;
    Ok(moved + gadam.step(machine, gradient, adam, average, params)?.update_norm)
}

#[unsafe(no_mangle)]
pub fn every_padam(
    rules: (&Padam<f32>, &GadamX<f32>, &RmsProp<f32>, &Sophia<f32>),
    states: (&mut PadamState<'_, f32>, &mut RmsPropState<'_, f32>, &mut SophiaState<'_, f32>),
    average: &mut AverageState<'_, f32>,
    gradient: &[f32],
    params: &mut [f32],
) -> Result<f32, Error> {
    let machine = Machine::native();
    let ((padam, gadam, rms, sophia), (first, second, third)) = (rules, states);
    let mut moved = padam.step(machine, gradient, first, params)?.update_norm;
    moved += gadam.step(machine, gradient, first, average, params)?.update_norm;
    moved += rms.step(machine, gradient, second, params)?.update_norm;
    sophia.update_curvature(machine, gradient, third)?;
    Ok(moved + sophia.step(machine, gradient, third, params)?.update_norm)
}

#[unsafe(no_mangle)]
pub fn every_sam(
    rules: (&UnnormalizedSam<f32>, &Asam<f32>, &Gsam<f32>, &LookSam<f32>),
    state: &mut LookSamState<'_, f32>,
    [gradient, ahead]: [&mut [f32]; 2],
    [params, saved]: [&mut [f32]; 2],
) -> Result<(), Error> {
    let (machine, (plain, scaled, gap, look)) = (Machine::native(), rules);
    plain.perturb(machine, gradient, params, saved)?.restore();
    scaled.perturb(machine, gradient, params, saved)?.restore();
    look.keep(machine, gradient, ahead, state)?;
    look.reuse(machine, state, gradient)?;
    gap.combine(machine, gradient, ahead)
}

#[unsafe(no_mangle)]
pub fn every_average(
    rules: (&IterateAverage<f32>, &Lookahead<f32>, &Schedule<f32>),
    states: (&mut AverageState<'_, f32>, &mut LookaheadState<'_, f32>),
    params: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, (average, ahead, schedule), (mean, slow)) = (Machine::native(), rules, states);
    average.update(machine, params, mean)?;
    ahead.update(machine, slow, params)?;
    add_noise(machine, 0.1, Stream::new(1, 2), params, scratch)?;
    soft_threshold(machine, 0.1, params)?;
    schedule.factor(params.len() as u64)
}

#[unsafe(no_mangle)]
pub fn every_linear_model(
    [rows, cols]: [usize; 2],
    [design, targets]: [&[f32]; 2],
    options: (&EvidenceOptions<f32>, &LassoOptions<f32>),
    [memory, scratch, weights]: [&mut [f32]; 3],
) -> Result<f32, Error> {
    let (machine, matrix) = (Machine::native(), MatRef::row_major(design, rows, cols)?);
    let model = LinearModel::new(machine, matrix, targets, memory, scratch)?;
    model.weights_into(SpectralFilter::Ridge { alpha: 0.5 }, weights)?;
    let fit = model.maximize_evidence(options.0)?.evidence;
    let mut sum = model.predict(weights, [fit.alpha, fit.beta])?.mean;
    sum += lasso_alpha_max(machine, matrix, targets, scratch)?;
    sum += lasso(machine, (matrix, targets), options.1, weights, scratch)?.gap;
    let penalty = MatRef::row_major(design, cols, cols)?;
    let ridge = GeneralizedRidge::new(machine, (matrix, targets), penalty, memory, scratch)?;
    ridge.weights_into(0.5, weights)?;
    MeanSquare::new(machine, design, [cols, 2], memory, scratch)?;
    sum += MarchenkoPastur::new(1.0, 0.5)?.cumulative(sum)?;
    Ok(sum + semicircle_cumulative(sum, 1.0)?)
}
