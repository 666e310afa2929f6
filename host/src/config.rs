//! What an experiment is asked to do: plain structs, checked once before anything runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::LabelColumn;
use crate::error::HostError;
use crate::number::exact;

/// Most hidden units per layer, most layers, most learning rates: a slip of the finger should not ask for a week or a terabyte.
const WIDTH_LIMIT: usize = 4096;
const DEPTH_LIMIT: usize = 16;
const RATE_LIMIT: usize = 12;
const STEP_LIMIT: usize = 1_000_000;

/// Where the rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// The built-in handwritten digits.
    Digits,
    /// A `.csv` or `.npy` file of the user's.
    File(PathBuf),
}

/// The order in which rows are split into training and test part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// As the source has them.
    AsGiven,
    /// Drawn from the seed.
    Shuffled,
}

/// What the hidden units compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// tanh x.
    Tanh,
    /// max(x, 0).
    Relu,
    /// ln(1 + eˣ).
    Softplus,
    /// x: a deep linear network.
    Identity,
}

/// What is minimized, averaged over the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// ½‖f − onehot‖².
    HalfSquared,
    /// −log softmax(f) of the right class.
    CrossEntropy,
}

/// The network between the features and the classes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Units of each hidden layer.
    pub hidden: Vec<usize>,
    /// What they compute.
    pub activation: Activation,
    /// What is minimized.
    pub loss: Loss,
}

/// `teeter edge`: gradient descent at several learning rates, its curvature measured along the way.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeConfig {
    /// Where the rows come from.
    pub data: DataSource,
    /// Which column of a file holds the class.
    pub label_column: LabelColumn,
    /// As given, or shuffled by the seed.
    pub order: RowOrder,
    /// Rows to train on; `None` takes [`DIGITS_TRAIN`] of the digits and four fifths of a file.
    pub train: Option<usize>,
    /// The network.
    pub network: Network,
    /// η of each run.
    pub rates: Vec<f64>,
    /// Steps of each run.
    pub steps: usize,
    /// Steps between two measurements.
    pub measure_every: usize,
    /// Initial parameters, probes and shuffling follow from it alone.
    pub seed: u64,
    /// Runs at the same time; `None` asks the system. The results do not depend on it.
    pub threads: Option<usize>,
    /// Directory of the result.
    pub out: PathBuf,
}

/// Rows of the digits trained on unless told otherwise.
pub const DIGITS_TRAIN: usize = 1500;

impl EdgeConfig {
    /// Rows to train on of `rows` in total.
    pub fn train_rows(&self, rows: usize) -> usize {
        match (self.train, &self.data) {
            (Some(train), _) => train,
            (None, DataSource::Digits) => DIGITS_TRAIN,
            (None, DataSource::File(_)) => rows - rows / 5,
        }
    }

    /// Checks every range; what passes can run.
    ///
    /// # Errors
    /// [`HostError::Setting`] for the first setting outside its range.
    pub fn check(&self) -> Result<(), HostError> {
        if self.rates.is_empty() || self.rates.len() > RATE_LIMIT {
            let found = format!("a list of {}", self.rates.len());
            return Err(setting("the learning rates", found, "one to twelve numbers"));
        }
        for (index, &rate) in self.rates.iter().enumerate() {
            check_rate(rate)?;
            if self.rates.iter().take(index).any(|&other| other == rate) {
                return Err(setting("a learning rate", exact(rate), "given only once"));
            }
        }
        if self.network.hidden.len() > DEPTH_LIMIT {
            let found = self.network.hidden.len();
            return Err(setting("the number of hidden layers", found, "at most 16"));
        }
        for &width in &self.network.hidden {
            check_width(width)?;
        }
        check_steps(self.steps)?;
        if self.measure_every == 0 || self.measure_every > self.steps {
            let found = self.measure_every;
            return Err(setting("the measuring interval", found, "from 1 to the number of steps"));
        }
        if self.threads == Some(0) {
            return Err(setting("the number of threads", 0, "at least 1"));
        }
        Ok(())
    }
}

/// A learning rate is a positive number.
///
/// # Errors
/// [`HostError::Setting`] otherwise.
pub fn check_rate(rate: f64) -> Result<(), HostError> {
    // 2/η, too, is a number of full precision.
    if rate > 0.0 && rate.is_normal() && (2.0 / rate).is_normal() {
        Ok(())
    } else {
        Err(setting("a learning rate", exact(rate), "a finite number above 0, such as 0.3"))
    }
}

/// A hidden layer has units.
///
/// # Errors
/// [`HostError::Setting`] otherwise.
pub fn check_width(width: usize) -> Result<(), HostError> {
    if (1..=WIDTH_LIMIT).contains(&width) {
        Ok(())
    } else {
        Err(setting("the width of a hidden layer", width, "from 1 to 4096"))
    }
}

/// A run has steps.
///
/// # Errors
/// [`HostError::Setting`] otherwise.
pub fn check_steps(steps: usize) -> Result<(), HostError> {
    if (1..=STEP_LIMIT).contains(&steps) {
        Ok(())
    } else {
        Err(setting("the number of steps", steps, "from 1 to 1000000"))
    }
}

fn setting(setting: &'static str, found: impl ToString, expected: &'static str) -> HostError {
    HostError::Setting { setting, found: found.to_string(), expected }
}
