//! Intervals that may be looked at after every product, and the stop rule that they allow.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::operator::LinearOperator;
use crate::simd::Machine;
use crate::trace::{
    Hutchinson, HutchinsonOptions, TraceEstimate, hutchinson_scratch_len, student_t_quantile,
};

/// Turns by which the scale of the mixture is found; each shrinks the error to a third or less.
const TURNS: usize = 40;

/// The root of a = 2·log(1/δ) + log(1 + a), over the samples at which the sequence is to be narrowest.
fn scale(log: f64, narrowest: usize) -> f64 {
    let mut a = 2.0 * log;
    for _ in 0..TURNS {
        a = 2.0 * log + libm::log1p(a);
    }
    a / narrowest as f64
}

/// t such that a running Student's t of normal samples is ever above it in size, at any number of samples from the
/// first on, with chance at most 1 − `confidence`.
///
/// [`student_t_quantile`] holds for a number of samples that was fixed beforehand. Looked at after every sample, and stopped
/// where it pleases, its interval fails far more often than it says: one at 95 % at some look of 4 to 256 in nearly half of runs.
/// This one is about 1.6 times as wide, and may be looked at as often as one likes.
///
/// # Shapes
/// `samples`: m so far. `freedom`: of the standard error; m − 1 for that of the samples' scatter, more where the variance is known better.
/// `narrowest`: the m at which the sequence is to be narrowest beside others; it must not depend on the samples. 32 is usual, from a
/// quarter to ten times of that it is within a tenth of the best.
///
/// # Method
/// Under the hypothesis that the mean is μ, the t of m samples is compared with what it would be were the mean off by a normal number of
/// g standard deviations squared: the ratio of the densities, with ν degrees of freedom and G = 1 + mg,
/// G^(−½)·((1 + t²/ν)/(1 + t²/(νG)))^((ν+1)/2), is a martingale from 1 (ν = m − 1). By Ville's inequality it ever reaches 1/δ with chance at most δ.
/// Solved for t. g is such that the width for a known variance is least at `narrowest` samples: gm = a, a = 2log(1/δ) + log(1 + a).
///
/// # Accuracy
/// Exact for independent normal samples and ν = m − 1 but for the inequality. ∞ where there are too few samples to say: below 7 or so at 95 %.
/// Computed in f64 by libm, within some units of f64 of the solution; the same bits on every target.
///
/// # Errors
/// `Error::Range` unless 0 < confidence < 1; `Error::Empty` for no sample, no degree of freedom, or `narrowest` 0.
///
/// # Cost
/// 45 elementary functions.
///
/// # Source
/// Lai 1976, doi:10.1214/aos/1176343406; Robbins 1970, doi:10.1214/aoms/1177696786; Wang, Ramdas 2025, *Anytime-valid t-tests and
/// confidence sequences for Gaussian means with unknown variance*, arXiv:2310.03722.
///
/// # Example
/// ```
/// use teeter::trace::{student_sequence_quantile, student_t_quantile};
/// let often = student_sequence_quantile(0.95_f64, 32, 31, 32)?;
/// let once = student_t_quantile(0.95_f64, 31)?;
/// assert!(1.5 * once < often && often < 1.7 * once);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn student_sequence_quantile<T: Float>(
    confidence: T,
    samples: usize,
    freedom: usize,
    narrowest: usize,
) -> Result<T, Error> {
    check::in_range("confidence", confidence, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
    check::not_empty("samples", samples)?;
    check::not_empty("freedom", freedom)?;
    check::not_empty("narrowest", narrowest)?;
    let log = -libm::log(1.0 - confidence.to_f64());
    let grown = 1.0 + samples as f64 * scale(log, narrowest);
    // As in `student_t_quantile`, so that `usize::MAX` means the same everywhere; the limit is Robbins' own.
    let nu = (freedom.min(u32::MAX as usize)) as f64;
    let power = (libm::log(grown) + 2.0 * log) / (nu + 1.0);
    let ratio = libm::exp(power);
    if ratio >= grown {
        return Ok(T::INFINITY);
    }
    let square = nu * libm::expm1(power) / (1.0 - ratio / grown);
    Ok(T::from_f64(libm::sqrt(square)))
}

impl<T: Float> Hutchinson<T> {
    /// The estimate so far, with an interval that may be looked at after every product: the chance that it ever misses, at
    /// whatever product one stops, is to be at most 1 − `confidence`.
    ///
    /// # Shapes
    /// `narrowest`: as in [`student_sequence_quantile`]; 32 is usual.
    ///
    /// # Method
    /// [`student_sequence_quantile`] for the standard error √(2F/m) and its degrees of freedom, as [`Hutchinson::estimate`] has
    /// them.
    ///
    /// # Accuracy
    /// The theorem is for normal samples and their own scatter; samples zᵀAz are neither normal nor is that the error taken here. With
    /// their own scatter it would fail where few eigenvalues dominate. With the lengths ‖Az‖ it misses at some look from 4 to 256
    /// products in 0.2 to 3.5 % of runs at 95 % and 0 to 1 % at 99 %, over spectra
    /// from flat to rank one, 2,000 runs each (`teeter-verify -- coverage` prints them). Infinite where there are too few products to say.
    ///
    /// # Errors
    /// `Error::Empty` before the first product or for `narrowest` 0, `Error::Range` for another confidence.
    pub fn sequence(&self, confidence: T, narrowest: usize) -> Result<TraceEstimate<T>, Error> {
        check::not_empty("products", self.products())?;
        let (samples, freedom) = (self.products(), self.freedom());
        let t = student_sequence_quantile(confidence, samples, freedom, narrowest)?;
        Ok(self.within(confidence, t))
    }
}

/// When a loop may stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StopRule<T> {
    /// Stop where the interval's half width is at most this share of every |trace| in the interval; 0.05 is usual.
    pub tolerance: T,
    /// As in [`student_sequence_quantile`]; 32 is usual.
    pub narrowest: usize,
}

impl<T: Float> StopRule<T> {
    /// Whether the estimate is good enough.
    ///
    /// # Accuracy
    /// Of an interval that may be looked at at will ([`Hutchinson::sequence`]) it can be asked after every product: when it says yes,
    /// |value − trace| ≤ tolerance·|trace|, but for the chance of the interval. No for an infinite interval and for one that holds 0
    /// within, whatever the tolerance below 1.
    #[must_use]
    pub fn is_met(&self, estimate: &TraceEstimate<T>) -> bool {
        let half = (estimate.upper - estimate.lower) * T::HALF;
        let least = (estimate.value.abs() - half).max_of(T::ZERO);
        half <= self.tolerance * least
    }
}

/// Tr A by as many products as a tolerance takes, [`HutchinsonOptions::products`] at most.
///
/// For a fixed number of products take [`hutchinson`](crate::trace::hutchinson), whose interval is narrower: that is what it
/// costs to choose the number by what was seen.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`hutchinson_scratch_len`] (n).
///
/// # Method
/// [`Hutchinson`]; after each product [`Hutchinson::sequence`] and [`StopRule::is_met`].
///
/// # Accuracy
/// That of [`Hutchinson::sequence`]: the interval holds at whatever product it stopped. The value itself is biased a little, as that of
/// every run whose end depends on what it saw: the interval allows for it, the standard error does not. `stop` is `Converged` if the
/// rule was met.
///
/// # Errors
/// `Error::Range` for a tolerance that is negative or not finite, `Error::Empty` for `narrowest` 0; those of
/// [`hutchinson`](crate::trace::hutchinson).
///
/// # Cost
/// At most `options.products` products; 4n flops and 45 elementary functions beside each.
///
/// # Source
/// As [`student_sequence_quantile`].
///
/// # Example
/// ```
/// use teeter::{Machine, Stop, operator::Diagonal, random::Stream, trace::*};
/// let (probe, stream) = (Probe::Rademacher, Stream::new(1, 0));
/// let options = HutchinsonOptions { probe, products: 1000, confidence: 0.95, stream };
/// let rule = StopRule { tolerance: 0.1, narrowest: 32 };
/// let d: Vec<f64> = (1..=100).map(f64::from).collect();
/// let mut scratch = vec![0.0; hutchinson_scratch_len(100)];
/// let mut operator = Diagonal::new(&d);
/// let found = hutchinson_until(Machine::detect(), &mut operator, &options, &rule, &mut scratch)?;
/// assert!(found.stop == Stop::Converged && found.products < 50);
/// assert!((found.value - 5050.0).abs() <= 505.0);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn hutchinson_until<T: Float>(
    machine: Machine,
    operator: &mut impl LinearOperator<T>,
    options: &HutchinsonOptions<T>,
    rule: &StopRule<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::not_empty("narrowest", rule.narrowest)?;
    check::in_range("tolerance", rule.tolerance, 0.0, f64::MAX)?;
    check::at_least("scratch", hutchinson_scratch_len(n), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let z = check::take(&mut scratch, n)?;
    let product = check::take(&mut scratch, n)?;
    let mut estimator = Hutchinson::new(options.stream, options.probe);
    for _ in 0..options.products {
        estimator.probe_into(z);
        operator.apply(z, product)?;
        estimator.push(machine, z, product)?;
        let estimate = estimator.sequence(options.confidence, rule.narrowest)?;
        if rule.is_met(&estimate) {
            return Ok(TraceEstimate { stop: Stop::Converged, ..estimate });
        }
    }
    estimator.sequence(options.confidence, rule.narrowest)
}
