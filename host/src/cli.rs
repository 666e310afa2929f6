//! Flags become a configuration. The only file that knows flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{
    Activation, DataSource, EdgeConfig, Loss, Network, RowOrder, check_rate, check_steps,
    check_width,
};
use crate::data::LabelColumn;

/// Trains a real network at the edge of stability, and measures the curvature it finds there.
///
/// Gradient descent with learning rate η on a quadratic is stable while its largest curvature λ₁ is below 2/η. A neural network
/// sharpens until it reaches that bound, and then hovers about it: η·λ₁/2 settles near 1. This program lets you watch it.
#[derive(Debug, Parser)]
#[command(name = "teeter", version, max_term_width = 100, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; `edge` if left out, and then its flags stand here.
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    edge: EdgeArgs,
}

const EXAMPLES: &str = "\
Examples:
  teeter                                      the digits at η = 0.3, 0.5 and 0.8
  teeter --rates 0.2,0.4 --steps 4000         other learning rates, for longer
  teeter --data wine.csv --shuffle            your own table, the class in its last column
  teeter edge --rates 0.2,0.4                 the same as without `edge`

The result is a directory: report.html to look at, summary.json and record.jsonl to compute with.";

const EDGE_EXAMPLES: &str = "\
Examples:
  teeter edge
  teeter edge --rates 0.1 --hidden 64 --activation softplus --out wide
  teeter edge --data flowers.csv --label-column species_id --train 120 --shuffle
  teeter edge --data features.npy --steps 500 --measure-every 5

The same flags and the same version give the same record, bit for bit, on any machine.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  teeter replay device.log
  teeter replay device.log --seed 8           names the first tensor that another seed changes

Ends with 0 if all that can be read is the same to the bit, with 1 if something differs or was changed. A log that ends too early
is one of a run that was interrupted: it is compared as far as it goes.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Train at several learning rates and see each reach its edge of stability.
    #[command(after_help = EDGE_EXAMPLES)]
    Edge(EdgeArgs),
    /// Compute a device's training again from its log, and say where it is not the same.
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
struct ReplayArgs {
    /// The log, as the device wrote it.
    #[arg(value_name = "LOG")]
    log: PathBuf,

    /// Train from another seed than the log's.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct EdgeArgs {
    /// Table to train on, .csv or .npy; the built-in handwritten digits if left out.
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    data: Option<PathBuf>,

    /// Column with the class: its name in the header, or its number from 1; the last if left out.
    #[arg(long, value_name = "COLUMN", requires = "data", help_heading = "Data")]
    label_column: Option<String>,

    /// Rows to train on, the rest to test on; 1500 of the digits, four fifths of a file if left out.
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Data")]
    train: Option<usize>,

    /// Draw the order of the rows from the seed before splitting; for files sorted by class.
    #[arg(long, help_heading = "Data")]
    shuffle: bool,

    /// Units of each hidden layer.
    #[arg(long, value_name = "UNITS", value_delimiter = ',', value_parser = width, default_value = "32,32",
          help_heading = "Network")]
    hidden: Vec<usize>,

    /// What hidden units compute.
    #[arg(long, value_enum, default_value = "tanh", help_heading = "Network")]
    activation: ActivationFlag,

    /// What is minimized: ½‖f − onehot‖², or the cross-entropy of the softmax.
    #[arg(long, value_enum, default_value = "half-squared", help_heading = "Network")]
    loss: LossFlag,

    /// Learning rates η, one run each.
    #[arg(long, value_name = "ETA", value_delimiter = ',', value_parser = rate, default_value = "0.3,0.5,0.8",
          allow_negative_numbers = true, help_heading = "Training")]
    rates: Vec<f64>,

    /// Steps of full-batch gradient descent.
    #[arg(long, value_name = "N", value_parser = steps, default_value = "2000", help_heading = "Training")]
    steps: usize,

    /// Steps between two measurements; about an eightieth of the steps if left out.
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Training")]
    measure_every: Option<usize>,

    /// Initial parameters, probes and shuffling follow from it.
    #[arg(long, default_value = "0", help_heading = "Training")]
    seed: u64,

    /// Runs at the same time; as many as there are processors if left out.
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Training")]
    threads: Option<usize>,

    /// Directory of the result, which appears when complete; an earlier result there is replaced, nothing else.
    #[arg(long, value_name = "DIR", default_value = "target/teeter/edge", help_heading = "Result")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ActivationFlag {
    Tanh,
    Relu,
    Softplus,
    Identity,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LossFlag {
    HalfSquared,
    CrossEntropy,
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// `teeter edge`.
    Edge(EdgeConfig),
    /// `teeter replay`.
    Replay {
        /// The file.
        log: PathBuf,
        /// Instead of the log's.
        seed: Option<u64>,
    },
}

impl Cli {
    /// The request, defaults filled in.
    pub fn into_request(self) -> Request {
        match self.command {
            Some(Command::Edge(args)) => Request::Edge(args.into_config()),
            Some(Command::Replay(ReplayArgs { log, seed })) => Request::Replay { log, seed },
            None => Request::Edge(self.edge.into_config()),
        }
    }
}

impl EdgeArgs {
    fn into_config(self) -> EdgeConfig {
        EdgeConfig {
            data: self.data.map_or(DataSource::Digits, DataSource::File),
            label_column: match self.label_column {
                None => LabelColumn::Last,
                Some(text) => text.parse().map_or(LabelColumn::Name(text), LabelColumn::Number),
            },
            order: if self.shuffle { RowOrder::Shuffled } else { RowOrder::AsGiven },
            train: self.train,
            network: Network {
                hidden: self.hidden,
                activation: match self.activation {
                    ActivationFlag::Tanh => Activation::Tanh,
                    ActivationFlag::Relu => Activation::Relu,
                    ActivationFlag::Softplus => Activation::Softplus,
                    ActivationFlag::Identity => Activation::Identity,
                },
                loss: match self.loss {
                    LossFlag::HalfSquared => Loss::HalfSquared,
                    LossFlag::CrossEntropy => Loss::CrossEntropy,
                },
            },
            measure_every: self.measure_every.unwrap_or_else(|| measure_every(self.steps)),
            rates: self.rates,
            steps: self.steps,
            seed: self.seed,
            threads: self.threads,
            out: self.out,
        }
    }
}

/// An odd interval: at the edge the parameters swing from side to side at every step, and both sides should be seen.
fn measure_every(steps: usize) -> usize {
    (steps / 80) | 1
}

fn rate(text: &str) -> Result<f64, String> {
    let rate =
        text.trim().parse().map_err(|_| "not a number; write for example 0.3,0.5".to_owned())?;
    check_rate(rate).map_err(|error| error.to_string())?;
    Ok(rate)
}

fn steps(text: &str) -> Result<usize, String> {
    let steps = positive(text)?;
    check_steps(steps).map_err(|error| error.to_string())?;
    Ok(steps)
}

fn width(text: &str) -> Result<usize, String> {
    let width = positive(text.trim())?;
    check_width(width).map_err(|error| error.to_string())?;
    Ok(width)
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("not a whole number above 0".to_owned()),
    }
}
