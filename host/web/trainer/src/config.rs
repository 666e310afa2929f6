//! What is trained.

use teeter::Error;
use teeter::curvature::{UpdateRule, stability_threshold};
use teeter::objective::{Activation, Loss, MlpShape, mlp_param_len};
use teeter::optim::Momentum;

/// Hidden layers at most.
pub const HIDDEN_MAX: usize = 4;

/// Units of a layer, features and classes at most.
const WIDTH_MAX: usize = 1024;

/// Rows at most: their memory must be less than what 32 bits can address.
const ROWS_MAX: usize = 16_384;

/// How the gradient moves the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// w ← w − ηg.
    GradientDescent,
    /// Polyak's heavy ball with this β in [0, 1).
    Polyak(f64),
    /// Nesterov's, with this β in [0, 1).
    Nesterov(f64),
}

impl Rule {
    pub(crate) fn momentum(self) -> Momentum<f64> {
        match self {
            Self::GradientDescent => Momentum::None,
            Self::Polyak(beta) => Momentum::Polyak(beta),
            Self::Nesterov(beta) => Momentum::Nesterov(beta),
        }
    }

    /// The sharpness up to which it is stable: 2/η for gradient descent.
    ///
    /// # Errors
    /// `Error::Range` for a rate that is not positive, or β outside [0, 1).
    pub fn threshold(self, learning_rate: f64) -> Result<f64, Error> {
        let rule = match self {
            Self::GradientDescent => UpdateRule::GradientDescent,
            Self::Polyak(beta) => UpdateRule::Polyak { beta },
            Self::Nesterov(beta) => UpdateRule::Nesterov { beta },
        };
        stability_threshold(rule, learning_rate)
    }
}

/// A network, rows to train it on, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Initial parameters and probes follow from it alone.
    pub seed: u64,
    /// Rows to train on: the first.
    pub train: usize,
    /// Rows to test on: those behind them.
    pub test: usize,
    /// Rows of a gradient, one window after the other; all of `train` for gradient descent proper.
    pub batch: usize,
    /// d, hidden layers, classes; zeros behind them.
    pub widths: [usize; HIDDEN_MAX + 2],
    /// Of the hidden units.
    pub activation: Activation,
    /// What is minimized.
    pub loss: Loss,
    /// How the gradient moves the parameters.
    pub rule: Rule,
    /// η at the start.
    pub learning_rate: f64,
}

fn within(argument: &'static str, found: usize, low: usize, high: usize) -> Result<(), Error> {
    if (low..=high).contains(&found) {
        return Ok(());
    }
    let [found, low, high] = [found, low, high].map(|x| x as f64);
    Err(Error::Range { argument, found, low, high })
}

impl Config {
    /// What passes can be trained.
    ///
    /// # Errors
    /// `Error::Range` for the first number outside its range.
    pub fn check(&self) -> Result<(), Error> {
        within("train", self.train, 1, ROWS_MAX)?;
        within("test", self.test, 1, ROWS_MAX)?;
        within("batch", self.batch, 1, self.train)?;
        within("layers", self.widths().len(), 2, HIDDEN_MAX + 2)?;
        self.widths().iter().try_for_each(|&width| within("width", width, 1, WIDTH_MAX))?;
        self.rule.threshold(self.learning_rate).map(|_| ())
    }

    /// d, hidden layers, classes.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        let count = self.widths.iter().position(|&width| width == 0).unwrap_or(self.widths.len());
        self.widths.get(..count).unwrap_or_default()
    }

    /// d.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.widths().first().copied().unwrap_or(0)
    }

    /// Classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.widths().last().copied().unwrap_or(0)
    }

    /// Parameters.
    #[must_use]
    pub fn params(&self) -> usize {
        mlp_param_len(self.widths())
    }

    pub(crate) fn shape(&self) -> MlpShape<'_> {
        MlpShape { widths: self.widths(), activation: self.activation, loss: self.loss }
    }

    /// Where the rows of a step's gradient begin: windows in turn, the incomplete one at the end left out.
    pub(crate) fn window(&self, step: u64) -> usize {
        let windows = (self.train / self.batch.max(1)).max(1) as u64;
        // Below `train`, which is a usize.
        (step % windows) as usize * self.batch
    }
}
