//! How often an interval holds the trace, over many seeds, and how wide it is.

use serde::Serialize;
use teeter::matrix::MatRef;
use teeter::operator::{Dense, LinearOperator};
use teeter::random::Stream;
use teeter::trace::{Hutchinson, Probe, TraceEstimate};
use teeter::{Error, Machine};

use crate::bound::trace as bound;
use crate::input::matrix;
use crate::oracle::naive;

/// Budgets at which the intervals are looked at.
pub const PRODUCTS: [usize; 5] = [4, 8, 16, 32, 64];

/// One spectrum, budget and confidence.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Of the matrix.
    pub spectrum: &'static str,
    /// Products behind each interval.
    pub products: usize,
    /// What was asked for.
    pub confidence: f64,
    /// The share of seeds whose interval holds the trace.
    pub covered: f64,
    /// The mean width over that of an interval that knows the variance of the probes.
    pub width: f64,
}

impl Row {
    /// Whether share and width are what is promised.
    #[must_use]
    pub fn passed(&self) -> bool {
        let [low, high] = bound::coverage(self.confidence);
        (low..=high).contains(&self.covered) && self.width <= bound::WIDTH
    }
}

/// The spectra of n values on which estimates are compared: slow decay, few that dominate equally, both signs
/// and nearly flat, a network's few outliers over a bulk, fast decay.
#[must_use]
pub fn spectra(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let of = |f: &dyn Fn(f64) -> f64| (0..n).map(|i| f(i as f64)).collect::<Vec<f64>>();
    let last = (n - 1) as f64;
    vec![
        ("1/i", of(&|i| 1.0 / (i + 1.0))),
        ("rank 5 and bulk", of(&|i| if i < 5.0 { 1.0 } else { 1e-3 })),
        ("indefinite", of(&|i| 2.0 * i / last - 1.0 + 3e-3)),
        (
            "network",
            of(&|i| if i < 10.0 { 10.0 / (i + 1.0) } else { 0.01 * (1.0 - i / (2.0 * last)) }),
        ),
        ("0.9^i", of(&|i| 0.9_f64.powf(i))),
    ]
}

/// All spectra of order n, budgets and confidences, `seeds` runs each: seed s is stream s.
///
/// # Errors
/// If the kernel refuses (it does not).
pub fn measure(machine: Machine, n: usize, seeds: u64) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for (number, (spectrum, values)) in spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 71 + number as u64);
        let trace: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        let squares: f64 = (0..n).map(|i| a[i * (n + 1)].powi(2)).sum();
        let deviation = (2.0 * (naive::dot(&a, &a) - squares)).sqrt();
        let mut counts = [[(0_u32, 0.0); CONFIDENCES.len()]; PRODUCTS.len()];
        for seed in 0..seeds {
            for (counts, estimates) in counts.iter_mut().zip(run(machine, &a, seed)?) {
                for ((covered, width), e) in counts.iter_mut().zip(estimates) {
                    *covered += u32::from(e.lower <= trace && trace <= e.upper);
                    *width += (e.upper - e.lower) / 2.0;
                }
            }
        }
        for (&products, counts) in PRODUCTS.iter().zip(&counts) {
            for (&confidence, &(covered, width)) in CONFIDENCES.iter().zip(counts) {
                let error = deviation / (products as f64).sqrt();
                let ideal = bound::normal_quantile(confidence) * error;
                let covered = f64::from(covered) / seeds as f64;
                let width = width / seeds as f64 / ideal;
                rows.push(Row { spectrum, products, confidence, covered, width });
            }
        }
    }
    Ok(rows)
}

const CONFIDENCES: [f64; 2] = [0.95, 0.99];

/// The estimates at each budget on the way to the largest, at each confidence.
fn run(
    machine: Machine,
    a: &[f64],
    seed: u64,
) -> Result<Vec<[TraceEstimate<f64>; CONFIDENCES.len()]>, Error> {
    let n = a.len().isqrt();
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let (mut z, mut product) = (vec![f64::NAN; n], vec![f64::NAN; n]);
    let mut estimator = Hutchinson::new(Stream::new(2026, seed), Probe::Rademacher);
    let mut list = Vec::new();
    for products in PRODUCTS {
        while estimator.products() < products {
            estimator.probe_into(&mut z);
            operator.apply(&z, &mut product)?;
            estimator.push(machine, &z, &product)?;
        }
        let [lower, higher] = CONFIDENCES;
        list.push([estimator.estimate(lower)?, estimator.estimate(higher)?]);
    }
    Ok(list)
}
