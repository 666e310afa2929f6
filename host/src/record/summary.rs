//! One line per learning rate.

use serde::{Deserialize, Serialize};

use crate::record::{Configuration, EDGE_BAND, Measurement, Phase, Record, Run};

/// `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Which experiment.
    pub experiment: String,
    /// What was asked for.
    pub configuration: Configuration,
    /// One per learning rate.
    pub runs: Vec<RunSummary>,
}

/// How one run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// η.
    pub learning_rate: f64,
    /// 2/η.
    pub threshold: f64,
    /// Median of λ₁ over the last quarter of the steps.
    pub sharpness_tail_median: f64,
    /// That median over the threshold: 1 at the edge.
    pub ratio: f64,
    /// Least η·λ₁/2 measured in the last quarter.
    pub ratio_tail_min: f64,
    /// Largest η·λ₁/2 measured in the last quarter. The run stayed at the edge if both are within [`EDGE_BAND`] of 1.
    pub ratio_tail_max: f64,
    /// Median over the last quarter of the residual bound of λ₁: an eigenvalue lies within it.
    pub sharpness_residual_tail_median: f64,
    /// Largest residual bound of the last quarter; the median of λ₁ is uncertain by no more.
    pub sharpness_residual_tail_max: f64,
    /// Largest η·λ₁/2 measured at all.
    pub ratio_max: f64,
    /// Where.
    pub ratio_max_step: usize,
    /// How many times an instability began: η·λ₁/2 above 1 + [`EDGE_BAND`], and the loss higher than at the measurement before.
    pub instabilities: usize,
    /// First measured step with η·λ₁/2 ≥ 1 − [`EDGE_BAND`].
    pub first_step_at_edge: Option<usize>,
    /// At the last step.
    pub phase_final: Phase,
    /// At the last step.
    pub loss_final: f64,
    /// At the last step.
    pub train_accuracy: f64,
    /// At the last step.
    pub test_accuracy: f64,
}

/// Reduces a record to one line per learning rate.
pub fn summarize(record: &Record) -> Summary {
    Summary {
        experiment: "edge".to_owned(),
        configuration: record.configuration.clone(),
        runs: record
            .runs
            .iter()
            .filter_map(|run| of_run(run, record.configuration.steps))
            .collect(),
    }
}

/// `None` without a measurement, which no finished run is.
fn of_run(run: &Run, steps: usize) -> Option<RunSummary> {
    let last = run.measurements.last()?;
    let tail: Vec<_> =
        run.measurements.iter().filter(|at| at.step >= last_quarter(steps)).collect();
    let of_tail =
        |value: fn(&Measurement) -> f64| tail.iter().map(|at| value(at)).collect::<Vec<_>>();
    let [sharpness, residuals] =
        [of_tail(|at| at.sharpness.value), of_tail(|at| at.sharpness.residual)];
    let greatest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = sharpness.iter().copied().fold(f64::INFINITY, f64::min);
    let ratio = |at: &Measurement| at.sharpness.value / run.threshold;
    let highest =
        run.measurements.iter().max_by(|one, other| ratio(one).total_cmp(&ratio(other)))?;
    let stretches = run.measurements.chunk_by(|one, next| one.phase == next.phase);
    let unstable =
        |stretch: &&[Measurement]| stretch.first().is_some_and(|at| at.phase == Phase::Unstable);
    let (ratio_tail_max, sharpness_residual_tail_max) =
        (greatest(&sharpness) / run.threshold, greatest(&residuals));
    let sharpness_tail_median = median(sharpness)?;
    Some(RunSummary {
        learning_rate: run.learning_rate,
        threshold: run.threshold,
        sharpness_tail_median,
        ratio: sharpness_tail_median / run.threshold,
        ratio_tail_min: least / run.threshold,
        ratio_tail_max,
        sharpness_residual_tail_median: median(residuals)?,
        sharpness_residual_tail_max,
        ratio_max: ratio(highest),
        ratio_max_step: highest.step,
        instabilities: stretches.filter(unstable).count(),
        first_step_at_edge: run
            .measurements
            .iter()
            .find(|at| ratio(at) >= 1.0 - EDGE_BAND)
            .map(|at| at.step),
        phase_final: last.phase,
        loss_final: last.loss,
        train_accuracy: last.train_accuracy,
        test_accuracy: last.test_accuracy,
    })
}

/// First of the steps that tell how a run of `steps` steps ended.
pub(crate) fn last_quarter(steps: usize) -> usize {
    steps - steps / 4
}

/// Of an even number, the mean of the middle two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(lower + (upper - lower) / 2.0)
}
