//! How far traces are off at one budget, by every estimator, and what their intervals hold.

use serde::Serialize;
use teeter::matrix::MatRef;
use teeter::operator::Dense;
use teeter::random::Stream;
use teeter::trace::{
    HutchinsonOptions, Probe, TraceEstimate, hutch_pp, hutch_pp_scratch_len, hutchinson,
    hutchinson_scratch_len, xnystrace, xnystrace_deflated, xnystrace_scratch_len, xtrace,
    xtrace_scratch_len,
};
use teeter::{Error, Machine};

use super::coverage::spectra;
use crate::bound::{gamma_f64, trace as bound};
use crate::input::matrix;

/// An estimator by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Estimator {
    /// Plain Hutchinson.
    Hutchinson,
    /// Hutch++.
    HutchPp,
    /// XTrace.
    XTrace,
    /// XNysTrace, for A ⪰ 0.
    XNysTrace,
    /// The same, half of its products Lanczos'.
    Deflated,
}

impl Estimator {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::Hutchinson, Self::HutchPp, Self::XTrace, Self::XNysTrace, Self::Deflated];

    /// What the documents say to take: XNysTrace after Lanczos where A ⪰ 0, Hutchinson's where nothing decays.
    #[must_use]
    pub fn advised(values: &[f64]) -> Self {
        if values.iter().all(|&x| x >= 0.0) { Self::Deflated } else { Self::Hutchinson }
    }

    /// Signs where lengths are the variance, normals where directions count.
    fn probe(self) -> Probe {
        match self {
            Self::Hutchinson | Self::HutchPp => Probe::Rademacher,
            Self::XTrace | Self::XNysTrace | Self::Deflated => Probe::Gaussian,
        }
    }

    fn run(
        self,
        machine: Machine,
        a: &[f64],
        options: &HutchinsonOptions<f64>,
    ) -> Result<TraceEstimate<f64>, Error> {
        let (n, m) = (a.len().isqrt(), options.products);
        let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
        let len = match self {
            Self::Hutchinson => hutchinson_scratch_len(n),
            Self::HutchPp => hutch_pp_scratch_len(n, m),
            Self::XTrace => xtrace_scratch_len(n, m),
            Self::XNysTrace | Self::Deflated => xnystrace_scratch_len(n, m),
        };
        let scratch = &mut vec![f64::NAN; len];
        match self {
            Self::Hutchinson => hutchinson(machine, &mut operator, options, scratch),
            Self::HutchPp => hutch_pp(machine, &mut operator, options, scratch),
            Self::XTrace => xtrace(machine, &mut operator, options, scratch),
            Self::XNysTrace => xnystrace(machine, &mut operator, options, scratch),
            Self::Deflated => xnystrace_deflated(machine, &mut operator, options, m / 2, scratch),
        }
    }
}

/// One spectrum and estimator.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Of the matrix.
    pub spectrum: &'static str,
    /// What estimated.
    pub estimator: Estimator,
    /// The median of |estimate − trace| over |trace|.
    pub error: f64,
    /// The share of seeds whose interval at 95 % holds the trace.
    pub covered: f64,
    /// The mean half width of it over that of one that knows the variance of the estimate.
    pub width: f64,
    /// The largest error allowed, where this is the estimator advised for the spectrum.
    pub target: Option<f64>,
}

impl Row {
    /// Whether the interval holds what it says, and the error is within its target.
    #[must_use]
    pub fn passed(&self) -> bool {
        let [low, _] = bound::coverage(0.95);
        self.covered >= low && self.target.is_none_or(|target| self.error <= target)
    }
}

/// All spectra of order n and all estimators, `seeds` runs each of so many products.
///
/// The estimator advised must be as good as the survey's best figure for the spectrum, and as every other
/// estimator of the peers in this run: Hutchinson's and Hutch++.
///
/// # Errors
/// If the kernel refuses (it does not).
pub fn measure(machine: Machine, n: usize, products: usize, seeds: u64) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for (number, (spectrum, values)) in spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 71 + number as u64);
        let advised = Estimator::advised(&values);
        let mut of_peers = f64::MAX;
        for estimator in Estimator::ALL {
            let definite = matches!(estimator, Estimator::XNysTrace | Estimator::Deflated);
            if definite && advised != Estimator::Deflated {
                continue;
            }
            let run = |seed| {
                let (probe, stream) = (estimator.probe(), Stream::new(2027, seed));
                let options = HutchinsonOptions { probe, products, confidence: 0.95, stream };
                estimator.run(machine, &a, &options)
            };
            let list = (0..seeds).map(run).collect::<Result<Vec<_>, Error>>()?;
            let mut row = summary(&a, &list, (spectrum, estimator));
            if matches!(estimator, Estimator::Hutchinson | Estimator::HutchPp) {
                of_peers = of_peers.min(row.error);
            }
            row.target = (estimator == advised).then(|| bound::accuracy(spectrum).min(of_peers));
            rows.push(row);
        }
    }
    Ok(rows)
}

fn summary(
    a: &[f64],
    list: &[TraceEstimate<f64>],
    (spectrum, estimator): (&'static str, Estimator),
) -> Row {
    let n = a.len().isqrt();
    let trace: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
    let count = list.len() as f64;
    // Intervals hold chance, not rounding, which is all that is left where an estimate is exact.
    let size: f64 = (0..n).map(|i| a[i * (n + 1)].abs()).sum();
    let rounding = gamma_f64::<f64>(n) * size;
    let holds =
        |e: &&TraceEstimate<f64>| e.lower - rounding <= trace && trace <= e.upper + rounding;
    let covered = list.iter().filter(holds).count() as f64;
    let mut errors: Vec<f64> = list.iter().map(|e| (e.value - trace).abs()).collect();
    errors.sort_by(f64::total_cmp);
    let root = (errors.iter().map(|x| x * x).sum::<f64>() / count).sqrt();
    let width = list.iter().map(|e| (e.upper - e.lower) / 2.0).sum::<f64>() / count;
    Row {
        spectrum,
        estimator,
        error: errors[errors.len() / 2] / trace.abs(),
        covered: covered / count,
        width: width / (bound::normal_quantile(0.95) * root),
        target: None,
    }
}
