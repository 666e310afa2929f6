//! Bytes into what a network reads.

use teeter::matrix::MatRef;
use teeter::{Error, Float};

use crate::{Config, take};

/// Rows and what the network should answer to each.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// rows × d, standardized.
    pub inputs: MatRef<'a, f64>,
    /// rows × classes: 1 at the class, 0 elsewhere.
    pub targets: MatRef<'a, f64>,
}

impl<'a> Part<'a> {
    pub(crate) fn pair(self) -> (MatRef<'a, f64>, MatRef<'a, f64>) {
        (self.inputs, self.targets)
    }

    /// `count` rows from `start` on.
    pub(crate) fn rows(self, start: usize, count: usize) -> Result<Self, Error> {
        Ok(Self {
            inputs: self.inputs.sub([start, 0], [count, self.inputs.cols()])?,
            targets: self.targets.sub([start, 0], [count, self.targets.cols()])?,
        })
    }
}

/// Rows to train on and rows to test on.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The first rows.
    pub train: Part<'a>,
    /// The rows behind them, shifted and scaled as those were.
    pub test: Part<'a>,
}

/// Elements of memory that [`Data::new`] needs.
#[must_use]
pub fn data_len(config: &Config) -> usize {
    (config.train + config.test) * (config.columns() + config.classes())
}

impl<'a> Data<'a> {
    /// Each feature shifted and scaled to mean 0 and variance 1 over the training rows, by the laboratory's formulas
    /// in their order; a feature that is constant there is only shifted.
    ///
    /// # Shapes
    /// `pixels`: (train + test) × d, row after row. `labels`: train + test. `memory`: at least [`data_len`].
    ///
    /// # Errors
    /// Those of [`Config::check`]; `Error::Length` if pixels or labels do not fit, `Error::Short` for too little memory,
    /// `Error::Range` for a label that is no class.
    pub fn new(
        config: &Config,
        pixels: &[u8],
        labels: &[u8],
        memory: &'a mut [f64],
    ) -> Result<Self, Error> {
        config.check()?;
        let (columns, classes) = (config.columns(), config.classes());
        let rows = config.train + config.test;
        let fits = |argument, expected, found| {
            if expected == found {
                Ok(())
            } else {
                Err(Error::Length { argument, expected, found })
            }
        };
        fits("pixels", rows * columns, pixels.len())?;
        fits("labels", rows, labels.len())?;
        let mut memory = memory;
        let inputs = take(&mut memory, rows * columns)?;
        let targets = take(&mut memory, rows * classes)?;
        for column in 0..columns {
            let values = || pixels.iter().skip(column).step_by(columns).map(|&x| f64::from(x));
            let (mean, scale) = moments(|| values().take(config.train));
            for (to, x) in inputs.iter_mut().skip(column).step_by(columns).zip(values()) {
                *to = (x - mean) / scale;
            }
        }
        targets.fill(0.0);
        for (row, &label) in targets.chunks_mut(classes).zip(labels) {
            let found = f64::from(label);
            let high = classes as f64 - 1.0;
            *row.get_mut(usize::from(label)).ok_or(Error::Range {
                argument: "label",
                found,
                low: 0.0,
                high,
            })? = 1.0;
        }
        let inputs = MatRef::row_major(inputs, rows, columns)?;
        let all = Part { inputs, targets: MatRef::row_major(targets, rows, classes)? };
        let (train, test) = (all.rows(0, config.train)?, all.rows(config.train, config.test)?);
        Ok(Self { train, test })
    }
}

/// Mean and standard deviation; the value and 1 where there is only one.
fn moments<I: Iterator<Item = f64>>(values: impl Fn() -> I) -> (f64, f64) {
    let (n, first) = (values().count() as f64, values().next().unwrap_or(0.0));
    if values().all(|x| x == first) {
        return (first, 1.0);
    }
    let mean = values().sum::<f64>() / n;
    let squares = values().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, Float::sqrt(squares / n))
}
