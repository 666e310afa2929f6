//! Configuration and reports as arrays of numbers. The places are the interface to JavaScript (`host/web/teeter.js`): they stay.

use teeter::Error;
use teeter::objective::{Activation, Loss};

use crate::{Config, HIDDEN_MAX, Rule, StepReport, SurveyReport};

/// Numbers of a configuration: seed, train, test, batch, d, classes, activation, loss, rule, β, η, then the units of up to
/// [`HIDDEN_MAX`] hidden layers, 0 for none.
pub const CONFIG_LEN: usize = 11 + HIDDEN_MAX;

/// Numbers of a step.
pub const STEP_LEN: usize = 20;

/// Numbers of a survey.
pub const SURVEY_LEN: usize = 24;

/// A whole number that 53 bits hold.
fn whole(argument: &'static str, found: f64) -> Result<u64, Error> {
    let high = 9_007_199_254_740_991.0;
    // Only what `as` leaves unchanged is whole.
    let value = found as u64;
    if (0.0..=high).contains(&found) && value as f64 == found {
        Ok(value)
    } else {
        Err(Error::Range { argument, found, low: 0.0, high })
    }
}

fn count(argument: &'static str, found: f64) -> Result<usize, Error> {
    let high = f64::from(u32::MAX);
    let refused = Error::Range { argument, found, low: 0.0, high };
    usize::try_from(whole(argument, found)?).map_err(|_| refused)
}

/// One of `choices` by its number.
fn choice<C: Copy>(argument: &'static str, found: f64, choices: &[C]) -> Result<C, Error> {
    let high = choices.len() as f64 - 1.0;
    let refused = Error::Range { argument, found, low: 0.0, high };
    choices.get(count(argument, found)?).copied().ok_or(refused)
}

/// A configuration from its numbers.
///
/// # Errors
/// `Error::Range` for the first number outside its range.
pub fn config(numbers: &[f64; CONFIG_LEN]) -> Result<Config, Error> {
    let [
        seed,
        train,
        test,
        batch,
        columns,
        classes,
        activation,
        loss,
        rule,
        beta,
        rate,
        hidden @ ..,
    ] = *numbers;
    for (argument, found) in [("columns", columns), ("classes", classes)] {
        // 0 would end the list of widths early, and another width would stand for it.
        if count(argument, found)? == 0 {
            return Err(Error::Range { argument, found, low: 1.0, high: f64::from(u32::MAX) });
        }
    }
    let mut widths = [0; HIDDEN_MAX + 2];
    let given = hidden.iter().take_while(|&&units| units != 0.0);
    let all = core::iter::once(&columns).chain(given).chain([&classes]);
    for (width, &found) in widths.iter_mut().zip(all) {
        *width = count("width", found)?;
    }
    let (gd, polyak, nesterov) = (Rule::GradientDescent, Rule::Polyak(beta), Rule::Nesterov(beta));
    let activations =
        [Activation::Tanh, Activation::Relu, Activation::Softplus, Activation::Identity];
    let config = Config {
        seed: whole("seed", seed)?,
        train: count("train", train)?,
        test: count("test", test)?,
        batch: count("batch", batch)?,
        widths,
        activation: choice("activation", activation, &activations)?,
        loss: choice("loss", loss, &[Loss::HalfSquared, Loss::CrossEntropy])?,
        rule: choice("rule", rule, &[gd, polyak, nesterov])?,
        learning_rate: rate,
    };
    config.check()?;
    Ok(config)
}

/// The numbers of a step: step, loss, accuracy, λ₁, its residual, lag, drift; measured λ₁ (a lower bound at its step), its residual,
/// its age; eigenvalues beyond the threshold; threshold, ratio, phase (0 stable, 1 sharpening, 2 edge, 3 unstable), first step at the edge (−1:
/// none), instabilities, catapults, ‖g‖, ‖Δw‖, products.
#[must_use]
pub fn step(report: &StepReport) -> [f64; STEP_LEN] {
    let tracked = report.sharpness;
    [
        report.step as f64,
        report.loss,
        report.accuracy,
        tracked.value,
        tracked.residual,
        tracked.lag,
        tracked.drift,
        tracked.measured,
        tracked.measured_residual,
        tracked.measured_age as f64,
        tracked.beyond_limit as f64,
        report.threshold,
        report.ratio,
        f64::from(report.phase as u32),
        report.first_edge_step.map_or(-1.0, |step| step as f64),
        f64::from(report.instabilities),
        f64::from(report.catapults),
        report.gradient_norm,
        report.update_norm,
        tracked.products as f64,
    ]
}

/// The numbers of a survey: step, test loss, test accuracy, products; Tr(G⁻¹H), its standard error and interval; λ₁ (a lower
/// bound), its residual, its upper bound; λ_min, its lower bound; Tr H and interval; ‖H‖_F and interval; effective parameters and interval;
/// α; confidence.
#[must_use]
pub fn survey(report: &SurveyReport) -> [f64; SURVEY_LEN] {
    let (summary, ratio) = (report.summary, report.trace_ratio);
    let effective = summary.effective.trace;
    [
        report.step as f64,
        report.test_loss,
        report.test_accuracy,
        (summary.products + ratio.products) as f64,
        ratio.value,
        ratio.standard_error,
        ratio.lower,
        ratio.upper,
        summary.largest.value,
        summary.largest.residual,
        summary.largest.upper,
        summary.smallest.value,
        summary.smallest.lower,
        summary.trace.value,
        summary.trace.lower,
        summary.trace.upper,
        summary.frobenius.value,
        summary.frobenius.lower,
        summary.frobenius.upper,
        effective.value,
        effective.lower,
        effective.upper,
        summary.alpha,
        summary.confidence,
    ]
}
