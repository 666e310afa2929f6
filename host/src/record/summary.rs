//! One line per learning rate.

use serde::{Deserialize, Serialize};

use crate::record::{Configuration, Measurement, Phase, Record, Run};

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
    /// First measured step with λ₁ at or above the threshold.
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
    let tail = run.measurements.iter().filter(|at| at.step >= last_quarter(steps));
    let median = median(tail.map(|at| at.sharpness.value).collect())?;
    let beyond = |at: &&Measurement| at.sharpness.value >= run.threshold;
    Some(RunSummary {
        learning_rate: run.learning_rate,
        threshold: run.threshold,
        sharpness_tail_median: median,
        ratio: median / run.threshold,
        first_step_at_edge: run.measurements.iter().find(beyond).map(|at| at.step),
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
