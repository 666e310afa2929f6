//! What happened, as numbers. Everything shown to people is made from a [`Record`] and nothing else.
//!
//! No time of day, duration, machine or path is recorded: the same flags and version give the same bytes.
//!
//! | file | what |
//! |---|---|
//! | `summary.rs` | one line per learning rate, for people and for `summary.json` |
//! | `jsonl.rs` | one event per line |
//! | `folder.rs` | a directory in which a result is whole or not there |
//! | `watch.rs` | a glance at a run while it goes on |

mod folder;
mod jsonl;
mod summary;
mod watch;

use serde::{Deserialize, Serialize};

use crate::config::{Network, RowOrder};

pub use crate::record::folder::{Folder, OwnFile};
pub use crate::record::jsonl::{Event, events, write_events};
pub use crate::record::summary::{RunSummary, Summary, summarize};
pub(crate) use crate::record::summary::{last_quarter, median};
pub use crate::record::watch::{Glance, Silent, Watch};

/// One experiment, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was asked for and found in the data.
    pub configuration: Configuration,
    /// One per learning rate, in the order asked for.
    pub runs: Vec<Run>,
}

/// What was asked for, and the sizes that follow from the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Version of this program.
    pub version: String,
    /// Name of the data.
    pub data: String,
    /// The column with the class as asked for: its number or name; `None` for the last.
    pub label_column: Option<String>,
    /// As given, or shuffled.
    pub order: RowOrder,
    /// Rows trained on.
    pub train_rows: usize,
    /// Rows tested on.
    pub test_rows: usize,
    /// Features per row.
    pub features: usize,
    /// The label of each class.
    pub classes: Vec<i64>,
    /// Layers, activation, loss.
    pub network: Network,
    /// Number of parameters.
    pub parameters: usize,
    /// η of each run.
    pub rates: Vec<f64>,
    /// Steps of each run.
    pub steps: usize,
    /// Steps between two measurements.
    pub measure_every: usize,
    /// Steps between two estimates of the traces.
    pub trace_every: usize,
    /// The seed.
    pub seed: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Random probes per trace.
    pub probes: usize,
    /// What one measurement leaves of the running mean of squared gradients in G.
    pub fisher_decay: f64,
    /// Damping of G relative to its mean entry.
    pub fisher_damping: f64,
}

/// One learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// η.
    pub learning_rate: f64,
    /// The largest curvature at which gradient descent is stable, 2/η.
    pub threshold: f64,
    /// The loss before each step, and after the last: steps + 1 numbers.
    pub losses: Vec<f64>,
    /// From step 0 to the last.
    pub measurements: Vec<Measurement>,
    /// Of the Hessian at the start.
    pub before: Spectrum,
    /// Of the Hessian at the end.
    pub after: Spectrum,
}

/// Everything measured at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// Steps taken so far.
    pub step: usize,
    /// Training loss.
    pub loss: f64,
    /// Share of training rows whose class has the largest output.
    pub train_accuracy: f64,
    /// The same of the test rows.
    pub test_accuracy: f64,
    /// Largest eigenvalue λ₁ of the Hessian.
    pub sharpness: Sharpness,
    /// η·λ₁/2.
    pub ratio: f64,
    /// What random probes tell; dearer, and so not at every measurement.
    pub traces: Option<Traces>,
    /// Angle in degrees between the top eigenvector now and at the measurement before.
    pub rotation: Option<f64>,
    /// Where training stands.
    pub phase: Phase,
}

/// What random probes tell of the whole spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Tr H.
    pub trace: Estimate,
    /// Tr(G⁻¹H).
    pub trace_ratio: Estimate,
    /// Tr |H|(|H| + αI)⁻¹ with α half the largest |θ| found: the sharpness-adjusted number of effective parameters.
    pub effective_parameters: Estimate,
}

/// An eigenvalue and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sharpness {
    /// The Ritz value θ.
    pub value: f64,
    /// ‖Hv − θv‖: an eigenvalue lies within this distance.
    pub residual: f64,
    /// Hessian products used.
    pub products: usize,
}

/// A random estimate and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean over the probes.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end of the confidence interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// Half the width of the band around η·λ₁/2 = 1 that counts as the edge. A run has reached the edge at the first measurement with
/// η·λ₁/2 ≥ 1 − this; it stays there as long as η·λ₁/2 is within this of 1.
pub const EDGE_BAND: f64 = 0.05;

/// Where training stands with respect to the edge, by [`EDGE_BAND`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Below the edge, η·λ₁/2 lower than at the measurement before, or the first measurement.
    Stable,
    /// Below the edge, η·λ₁/2 not lower than at the measurement before.
    Sharpening,
    /// At the edge; or beyond it, the loss not higher than at the measurement before.
    Edge,
    /// Beyond the edge, the loss higher than at the measurement before.
    Unstable,
}

impl Phase {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Sharpening => "progressive sharpening",
            Self::Edge => "edge of stability",
            Self::Unstable => "instability",
        }
    }
}

/// Ritz values of the Hessian from one random start: nodes and weights of a Gauss quadrature of its spectral density.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// The step it was taken at.
    pub step: usize,
    /// Ascending.
    pub values: Vec<f64>,
    /// Share of the density at each; their sum is 1.
    pub weights: Vec<f64>,
    /// Error bound of each value.
    pub residuals: Vec<f64>,
}
