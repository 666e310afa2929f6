//! What can go wrong in the laboratory. Every message names the place, the value found, and what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::number::{decimal, exact};

/// A place in a table: source, row and column, both counted from one as editors do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File name, or the name of the built-in set.
    pub source: String,
    /// What a row is called there: "line" of a text file, "row" of an array.
    pub row_word: &'static str,
    /// Row, from one.
    pub row: u64,
    /// Column, from one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} {}, column {}", self.source, self.row_word, self.row, self.column)
    }
}

/// One training run that did not train.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// η of that run.
    pub learning_rate: f64,
    /// The loss before the first step.
    pub initial_loss: f64,
    /// What was seen.
    pub sign: DivergenceSign,
    /// η·λ₁/2 at the last measurement, and its step.
    pub last_ratio: Option<(usize, f64)>,
}

/// By what a run is known not to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DivergenceSign {
    /// Loss, gradient or curvature are not finite.
    NotFinite {
        /// Where.
        step: usize,
        /// The loss there; if it is finite, its derivatives are not.
        loss: f64,
    },
    /// The loss is so high that nothing brings it back.
    Exploded {
        /// Where.
        step: usize,
        /// The loss there.
        loss: f64,
    },
    /// All steps are taken, and the loss is above the initial one.
    Risen {
        /// First step of the last quarter.
        from: usize,
        /// The last step.
        step: usize,
        /// Median of the losses between them.
        loss: f64,
    },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { learning_rate, initial_loss, sign, last_ratio } = self;
        write!(f, "training at η = {} ", exact(*learning_rate))?;
        let initial = decimal(*initial_loss);
        match sign {
            DivergenceSign::NotFinite { step, loss } if loss.is_finite() => {
                let loss = decimal(*loss);
                write!(
                    f,
                    "diverged: at step {step} the loss is {loss}, its derivatives are not finite"
                )?;
            }
            DivergenceSign::NotFinite { step, loss } | DivergenceSign::Exploded { step, loss } => {
                let loss = decimal(*loss);
                write!(
                    f,
                    "diverged: at step {step} the loss is {loss}, where it began at {initial}"
                )?;
            }
            DivergenceSign::Risen { from, step, loss } => {
                let loss = decimal(*loss);
                let end = if from == step {
                    format!("at the last step, {step}, it is {loss}")
                } else {
                    format!("from step {from} to step {step} its median is {loss}")
                };
                write!(f, "did not lower the loss: {end}, where it began at {initial}")?;
            }
        }
        if let Some((at, value)) = last_ratio {
            write!(f, "; η·λ₁/2 was {} when last measured, at step {at}", decimal(*value))?;
        }
        Ok(())
    }
}

/// Everything that stops the laboratory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The file is missing or unreadable.
    #[error(
        "cannot read {}: {source}. Give an existing .csv or .npy file, or none to train on the built-in digits",
        path.display()
    )]
    Read {
        /// The file asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The name does not tell the format.
    #[error("{}: only files ending in .csv or .npy are read. Rename or convert the file", path.display())]
    Format {
        /// The file asked for.
        path: PathBuf,
    },
    /// Not one row of data.
    #[error("{source_name} holds no rows. Each row needs numbers, and the class as an integer")]
    NoRows {
        /// The source.
        source_name: String,
    },
    /// Features need at least one column beside the label.
    #[error("{source_name} has {columns} column(s). At least one feature and the label are needed")]
    TooNarrow {
        /// The source.
        source_name: String,
        /// Columns found.
        columns: usize,
    },
    /// A field that is not a number.
    #[error("{place}: found \"{found}\" where a number was expected. {advice}")]
    NotANumber {
        /// Where.
        place: Place,
        /// The text there.
        found: String,
        /// What to do.
        advice: &'static str,
    },
    /// NaN or an infinity.
    #[error(
        "{place}: found {found}; only finite numbers can be trained on. Drop the row or fill in the value"
    )]
    NotFinite {
        /// Where.
        place: Place,
        /// The value there.
        found: f64,
    },
    /// A row of another length.
    #[error(
        "{source_name}, line {line}: {found} columns where the lines before have {expected}. \
         Complete or remove the line"
    )]
    Ragged {
        /// The source.
        source_name: String,
        /// Line, from one.
        line: u64,
        /// Columns of the first row.
        expected: usize,
        /// Columns of this row.
        found: usize,
    },
    /// A class must be a whole number.
    #[error(
        "{place}: the label is {}, not an integer. Labels are class numbers; if another column holds them, \
         name it with --label-column",
        exact(*found)
    )]
    Label {
        /// Where.
        place: Place,
        /// The value there.
        found: f64,
    },
    /// Too many different labels for a classification.
    #[error(
        "{source_name}: the label column holds {classes} different values, more than {limit}. That looks like a \
         measurement, not a class; name the right column with --label-column"
    )]
    ManyClasses {
        /// The source.
        source_name: String,
        /// Different labels.
        classes: usize,
        /// Most that are accepted.
        limit: usize,
    },
    /// Nothing to tell apart.
    #[error(
        "{source_name}: every label is {label}. At least two classes are needed; is --label-column right?"
    )]
    OneClass {
        /// The source.
        source_name: String,
        /// The only label.
        label: i64,
    },
    /// No such column.
    #[error("{source_name} has no column {wanted}. Available: {available}")]
    LabelColumn {
        /// The source.
        source_name: String,
        /// What was asked for.
        wanted: String,
        /// What there is.
        available: String,
    },
    /// The split leaves no row to test.
    #[error(
        "{source_name} has {rows} rows; {train} to train on leave none to test. Lower --train to at most {}",
        rows.saturating_sub(1)
    )]
    TooFewRows {
        /// The source.
        source_name: String,
        /// Rows there are.
        rows: usize,
        /// Rows asked for.
        train: usize,
    },
    /// The test part has a class that training never sees: the rows are sorted by class.
    #[error(
        "{source_name}: class {label} occurs only after the first {train} rows, so training never sees it. \
         Shuffle the rows with --shuffle, or raise --train"
    )]
    UnseenClass {
        /// The source.
        source_name: String,
        /// Its label in the source.
        label: i64,
        /// Rows trained on.
        train: usize,
    },
    /// A feature of extreme size.
    #[error(
        "{source_name}: the standard deviation of feature {feature} comes out as {}, so it cannot be standardized. \
         Give the feature in another unit",
        exact(*scale)
    )]
    Scale {
        /// The source.
        source_name: String,
        /// Which feature, from one, the label not counted.
        feature: usize,
        /// The deviation computed.
        scale: f64,
    },
    /// The array file is damaged or of another kind.
    #[error("{}: {reason}. A two-dimensional numeric array is needed, as numpy.save writes it", path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A setting outside its range.
    #[error("{setting} is {found}; it must be {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// The value given.
        found: String,
        /// The range.
        expected: &'static str,
    },
    /// Runs that did not train.
    #[error("{}. {} Nothing was written", join(.0), advice(.0))]
    Diverged(Vec<Divergence>),
    /// The kernel refused.
    #[error("{doing}: {source}")]
    Kernel {
        /// What the laboratory was about to do.
        doing: &'static str,
        /// The kernel's reason.
        source: teeter::Error,
    },
    /// The log of a device is missing or unreadable.
    #[error("cannot read {}: {source}. Give the log that a device wrote", path.display())]
    LogRead {
        /// The file asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The log of a device cannot be replayed.
    #[error("{} cannot be replayed: {reason}", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A result cannot be written.
    #[error("cannot write {}: {source}. Choose another directory with --out", path.display())]
    Write {
        /// File or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The output directory belongs to something else.
    #[error(
        "{} holds {found}, which is no part of a result. A result has a directory to itself, so nothing was written; \
         choose another with --out",
        path.display()
    )]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// The first foreign entry: what it is, and its name.
        found: String,
    },
    /// A chart could not be drawn.
    #[error("cannot draw the chart \"{title}\": {reason}")]
    Chart {
        /// Its title.
        title: String,
        /// The drawing library's reason.
        reason: String,
    },
}

fn join(divergences: &[Divergence]) -> String {
    let lines: Vec<String> = divergences.iter().map(ToString::to_string).collect();
    lines.join(". Also, ")
}

fn advice(divergences: &[Divergence]) -> &'static str {
    let leapt = |of: &Divergence| matches!(of.sign, DivergenceSign::Risen { .. });
    if divergences.iter().all(leapt) {
        "Lower the learning rate; or take more --steps, for a loss that leaps at first may yet fall."
    } else {
        "Lower the learning rate, or start from another --seed."
    }
}
