//! Intervals looked at after every product: the martingale that they solve, and how often they ever miss.

use serde::Serialize;
use teeter::matrix::MatRef;
use teeter::operator::{Dense, LinearOperator};
use teeter::random::{Stream, normals_into};
use teeter::trace::{Hutchinson, Probe, student_sequence_quantile, student_t_quantile};
use teeter::{Error, Float, Machine};

use super::coverage::spectra;
use super::{Context, Measured, Worst};
use crate::bound::{self, sequence as own};
use crate::input::matrix;
use crate::subject::Subject;

/// Every property of them.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        the_martingale_is_at_its_limit(subject),
        known_variance_gives_the_mixture_of_robbins(subject),
    ]
}

/// a = 2·log(1/δ) + log(1 + a), by halving.
fn scale(log: f64) -> f64 {
    let (mut low, mut high) = (0.0, 10.0 * log + 10.0);
    for _ in 0..200 {
        let middle: f64 = 0.5 * (low + high);
        if middle < 2.0 * log + middle.ln_1p() { low = middle } else { high = middle }
    }
    low
}

const CONFIDENCES: [f64; 3] = [0.5, 0.95, 0.99];

/// log of the ratio of densities at the t found, against log 1/δ.
#[must_use]
pub fn the_martingale_is_at_its_limit<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for confidence in CONFIDENCES {
        let confidence = T::from_f64(confidence);
        let log = -(1.0 - confidence.to_f64()).ln();
        for (samples, freedom, narrowest) in
            [(8, 7, 8), (12, 11, 32), (32, 31, 32), (256, 255, 32), (64, 20, 16), (1000, 4000, 100)]
        {
            let t = student_sequence_quantile(confidence, samples, freedom, narrowest);
            let t = t.map_or(f64::NAN, T::to_f64);
            let (nu, grown) =
                (freedom as f64, 1.0 + samples as f64 * scale(log) / narrowest as f64);
            let far = (t * t / nu).ln_1p() - (t * t / (nu * grown)).ln_1p();
            let found = 0.5 * (nu + 1.0) * far - 0.5 * grown.ln();
            worst.see_f64((found - log).abs(), own::martingale::<T>(nu, log + grown.ln()));
        }
    }
    worst.finish(Context::of("trace", subject), "the martingale is at its limit")
}

/// ν → ∞: t² = (1 + 1/(mg))·(2·log(1/δ) + log(1 + mg)).
#[must_use]
pub fn known_variance_gives_the_mixture_of_robbins<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for confidence in CONFIDENCES {
        let confidence = T::from_f64(confidence);
        let log = -(1.0 - confidence.to_f64()).ln();
        for (samples, narrowest) in [(1, 1), (4, 32), (32, 32), (500, 32)] {
            let t = student_sequence_quantile(confidence, samples, usize::MAX, narrowest);
            let grown = samples as f64 * scale(log) / narrowest as f64;
            let truth = ((1.0 + 1.0 / grown) * (2.0 * log + grown.ln_1p())).sqrt();
            // With 2³² − 1 degrees the power is within its own square of its limit, relative, and so is 1/G's.
            let limit =
                truth * (2.0 * log + grown.ln_1p()) * (1.0 + 1.0 / grown) / f64::from(u32::MAX);
            let allowed = limit + own::martingale::<T>(2.0, 1.0) * truth;
            worst.see_f64((t.map_or(f64::NAN, T::to_f64) - truth).abs(), allowed);
        }
    }
    worst.finish(Context::of("trace", subject), "a known variance gives the mixture of Robbins")
}

/// One spectrum and confidence: how often an interval ever misses, looked at after every product.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Of the matrix.
    pub spectrum: &'static str,
    /// What was asked for.
    pub confidence: f64,
    /// The share of seeds whose sequence misses at some look.
    pub sequence: f64,
    /// The same of the interval for a number of products that was fixed beforehand, at some 30 looks.
    pub fixed: f64,
    /// The largest share allowed.
    pub allowed: f64,
    /// The mean width of the sequence at 32 products over that of the fixed interval.
    pub width: f64,
}

impl Row {
    /// Whether the sequence holds what it promises.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.sequence <= self.allowed
    }

    /// Whether the fixed interval would have passed.
    #[must_use]
    pub fn fixed_passed(&self) -> bool {
        self.fixed <= self.allowed
    }
}

/// Looks of each run.
pub const LOOKS: std::ops::RangeInclusive<usize> = 4..=256;

/// Products at which the sequence is to be narrowest.
pub const NARROWEST: usize = 32;

const ASKED: [f64; 2] = [0.95, 0.99];

/// Counts of a row on the way.
#[derive(Clone, Copy, Default)]
struct Tally {
    sequence: u32,
    fixed: u32,
    widths: f64,
}

impl Tally {
    fn row(self, spectrum: &'static str, confidence: f64, seeds: u64) -> Row {
        let of = |count: u32| f64::from(count) / seeds as f64;
        Row {
            spectrum,
            confidence,
            sequence: of(self.sequence),
            fixed: of(self.fixed),
            allowed: own::share(seeds, 1.0 - confidence, bound::RARE),
            width: self.widths / seeds as f64,
        }
    }
}

/// The spectra of `coverage` and one of rank one, on matrices of order n, with signs; `seeds` runs each.
///
/// # Errors
/// If the kernel refuses (it does not).
pub fn measure(machine: Machine, n: usize, seeds: u64) -> Result<Vec<Row>, Error> {
    let mut list = spectra(n);
    list.push(("rank one", (0..n).map(|i| f64::from(u8::from(i == 0))).collect()));
    let mut rows = Vec::new();
    for (number, (spectrum, values)) in list.into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 171 + number as u64);
        let trace: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        let mut operator = Dense::new(machine, MatRef::row_major(&a, n, n)?)?;
        let mut tallies = [Tally::default(); ASKED.len()];
        for seed in 0..seeds {
            let (mut z, mut product) = (vec![f64::NAN; n], vec![f64::NAN; n]);
            let mut estimator = Hutchinson::new(Stream::new(2027, seed), Probe::Rademacher);
            let mut missed = [[false; 2]; ASKED.len()];
            for look in 1..=*LOOKS.end() {
                estimator.probe_into(&mut z);
                operator.apply(&z, &mut product)?;
                estimator.push(machine, &z, &product)?;
                if !LOOKS.contains(&look) {
                    continue;
                }
                for ((&confidence, missed), tally) in
                    ASKED.iter().zip(&mut missed).zip(&mut tallies)
                {
                    let wide = estimator.sequence(confidence, NARROWEST)?;
                    missed[0] |= !(wide.lower <= trace && trace <= wide.upper);
                    // The quantile of Student costs a search: some 30 looks, and only while it has not missed.
                    let looked = look % (1 + look / 10) == 0 && !missed[1];
                    if looked || look == NARROWEST {
                        let narrow = estimator.estimate(confidence)?;
                        missed[1] |= !(narrow.lower <= trace && trace <= narrow.upper);
                        if look == NARROWEST {
                            tally.widths +=
                                (wide.upper - wide.lower) / (narrow.upper - narrow.lower);
                        }
                    }
                }
            }
            for (missed, tally) in missed.iter().zip(&mut tallies) {
                tally.sequence += u32::from(missed[0]);
                tally.fixed += u32::from(missed[1]);
            }
        }
        let done = ASKED.iter().zip(tallies);
        rows.extend(done.map(|(&confidence, tally)| tally.row(spectrum, confidence, seeds)));
    }
    Ok(rows)
}

/// The theorem itself: normal samples with the scatter of their own, from the second to the 256th.
///
/// # Errors
/// If the kernel refuses (it does not).
pub fn measure_normals(seeds: u64) -> Result<Vec<Row>, Error> {
    let mut tallies = [Tally::default(); ASKED.len()];
    let last = *LOOKS.end();
    let table = |confidence: f64| -> Result<Vec<[f64; 2]>, Error> {
        (2..=last)
            .map(|m| {
                let often = student_sequence_quantile(confidence, m, m - 1, NARROWEST)?;
                Ok([often, student_t_quantile(confidence, m - 1)?])
            })
            .collect()
    };
    let tables = [table(ASKED[0])?, table(ASKED[1])?];
    for seed in 0..seeds {
        let mut samples = vec![f64::NAN; last];
        normals_into(Stream::new(2028, seed), &mut samples);
        for (table, tally) in tables.iter().zip(&mut tallies) {
            let (mut sum, mut squares, mut missed) = (samples[0], samples[0].powi(2), [false; 2]);
            for (i, (x, [often, once])) in samples[1..].iter().zip(table).enumerate() {
                let m = (i + 2) as f64;
                sum += x;
                squares += x * x;
                let error = ((squares - sum * sum / m) / (m - 1.0) / m).sqrt();
                let t = (sum / m / error).abs();
                missed[0] |= t > *often;
                missed[1] |= t > *once;
                if i + 2 == NARROWEST {
                    tally.widths += often / once;
                }
            }
            tally.sequence += u32::from(missed[0]);
            tally.fixed += u32::from(missed[1]);
        }
    }
    let done = ASKED.iter().zip(tallies);
    Ok(done.map(|(&confidence, tally)| tally.row("normal samples", confidence, seeds)).collect())
}
