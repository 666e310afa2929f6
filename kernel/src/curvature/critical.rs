//! Critical sharpness: how far along the update the loss stays below where it is, from losses alone.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;

/// What a [`CriticalSharpness`] may spend, and how closely it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CriticalSharpnessOptions<T> {
    /// The rate tried first, positive: the learning rate, or the critical rate of the last measurement.
    pub rate: T,
    /// Ends at high ≤ (1 + tolerance)·low, in (0, 1]; 0.1 for a gauge.
    pub tolerance: T,
    /// Losses at most, at least 1; 8 is usual.
    pub evaluations_max: usize,
}

/// Critical sharpness, between what two losses say. Always filled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct CriticalEstimate<T> {
    /// `Converged` within the tolerance; `LimitReached` by evaluations, or at the ends of the format.
    pub stop: Stop,
    /// 2/η_c, η_c between `rate_low` and `rate_high` by the parabola through both; where one of them is missing, at the
    /// other.
    pub sharpness: T,
    /// 2/`rate_high`: at least so sharp, as far as the losses are exact; 0 where no rate was found too large.
    pub lower: T,
    /// 2/`rate_low`: at most so sharp; ∞ where no rate was found small enough.
    pub upper: T,
    /// The largest rate that did not raise the loss, with none that did below; 0 before there is one.
    pub rate_low: T,
    /// The smallest rate above it that raised the loss; ∞ before there is one.
    pub rate_high: T,
    /// Losses taken beside that at w.
    pub evaluations: usize,
}

/// A rate, and (L(w − ηu) − L(w))/η there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Trial<T> {
    rate: T,
    slope: T,
}

/// Critical sharpness 2/η_c as a machine: η_c is the rate at which a step w − ηu along the update u no longer lowers the loss.
///
/// It wants the loss at a rate, and is given it: forward passes on the same rows are all it takes; no gradient, no
/// product, no memory but its own few numbers, which are all its state (`Copy`).
///
/// ```text
/// ψ(η) = (L(w − ηu) − L(w))/η = −gᵀu + ½η·uᵀHu  on a quadratic:  η_c = 2gᵀu/uᵀHu
/// ```
///
/// For gradient descent, u = g, that is gᵀHg/‖g‖², at most λ₁ and near it at the edge.
///
/// # Method
/// The root of ψ, which is a straight line on a quadratic: by secants, a quarter of the tolerance to either side so that the root
/// is enclosed; every third time the geometric mean of the enclosure, so that it ends whatever ψ is. A loss that is NaN or
/// infinite counts as raised.
///
/// # Accuracy
/// For a continuous loss a crossing lies in [`rate_low`, `rate_high`] if both losses are exact; there may be others
/// below, which steps of 2 and more have passed over. Usually 4 losses on a quadratic. Scaling the loss by 2ᵏ changes nothing;
/// scaling the rates, and with them 1/u, by 2ᵏ scales the sharpness by 2⁻ᵏ. No finer than losses round:
/// about √(loss error/(½η²uᵀHu)) in relative terms.
///
/// # Source
/// Kalra et al. 2026, arXiv:2601.16979.
///
/// # Example
/// ```
/// use teeter::curvature::{CriticalSharpness, CriticalSharpnessOptions};
/// let options = CriticalSharpnessOptions { rate: 0.1, tolerance: 0.05, evaluations_max: 10 };
/// // L = 3w²/2 at w = 2, where the gradient is 6.
/// let loss = |rate: f64| 1.5 * (2.0 - rate * 6.0) * (2.0 - rate * 6.0);
/// let mut gauge = CriticalSharpness::new(&options, loss(0.0))?;
/// while let Some(rate) = gauge.wants() {
///     gauge.push(loss(rate))?;
/// }
/// let critical = gauge.estimate();
/// assert!((critical.sharpness - 3.0).abs() < 1e-12);
/// assert!(critical.lower <= 3.0 && 3.0 <= critical.upper && critical.evaluations <= 6);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CriticalSharpness<T> {
    options: CriticalSharpnessOptions<T>,
    loss: T,
    low: Option<Trial<T>>,
    high: Option<Trial<T>>,
    /// The trial before the last, while all are on one side.
    before: Option<Trial<T>>,
    raised_last: bool,
    next: Option<T>,
    evaluations: usize,
}

impl<T: Float> CriticalSharpness<T> {
    /// Before the first trial; `loss` is that at w.
    ///
    /// # Errors
    /// `Error::Range` for a rate that is not a positive normal number, a tolerance outside of [8ε, 1], no
    /// evaluations, a loss that is not finite.
    pub fn new(options: &CriticalSharpnessOptions<T>, loss: T) -> Result<Self, Error> {
        check::in_range("rate", options.rate, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
        let finest = T::from_f64(8.0) * T::EPSILON;
        check::in_range("tolerance", options.tolerance, finest.to_f64(), 1.0)?;
        let budget = T::from_usize(options.evaluations_max);
        check::in_range("evaluations_max", budget, 1.0, f64::INFINITY)?;
        check::in_range("loss", loss, -T::MAX.to_f64(), T::MAX.to_f64())?;
        Ok(Self {
            options: *options,
            loss,
            low: None,
            high: None,
            before: None,
            raised_last: false,
            next: Some(options.rate),
            evaluations: 0,
        })
    }

    /// The rate η at which the loss L(w − ηu) comes next; `None` when all is done.
    #[must_use]
    pub fn wants(&self) -> Option<T> {
        self.next
    }

    /// Takes the loss at the rate it [`wants`](Self::wants); NaN and infinity are losses that were raised.
    ///
    /// # Errors
    /// `Error::State` if it wants none; nothing is changed then.
    pub fn push(&mut self, loss: T) -> Result<(), Error> {
        let Some(rate) = self.next else {
            return Err(Error::State { expected: "a new CriticalSharpness" });
        };
        let slope = (loss - self.loss) / rate;
        let trial = Trial { rate, slope };
        self.raised_last = loss.is_nan() || loss > self.loss;
        let side = if self.raised_last { &mut self.high } else { &mut self.low };
        self.before = side.replace(trial);
        self.evaluations += 1;
        let more = self.evaluations < self.options.evaluations_max && !self.is_close();
        let next = self.proposal();
        let normal = next.is_finite() && next >= T::MIN_POSITIVE;
        self.next = if more && normal { Some(next) } else { None };
        Ok(())
    }

    fn is_close(&self) -> bool {
        let wide = |(low, high): (Trial<T>, Trial<T>)| {
            high.rate > (T::ONE + self.options.tolerance) * low.rate
        };
        self.low.zip(self.high).is_some_and(|ends| !wide(ends))
    }

    fn proposal(&self) -> T {
        let four = T::from_f64(4.0);
        let [up, down] =
            [T::ONE + self.options.tolerance / four, T::ONE - self.options.tolerance / four];
        let eight = T::from_f64(8.0);
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                let middle = low.rate.sqrt() * high.rate.sqrt();
                let root = root(low, high);
                let aside = if self.raised_last { root * down } else { root * up };
                let within = |rate: T| rate > low.rate && rate < high.rate;
                let inside = within(root) && within(aside);
                if self.evaluations % 3 == 2 || !inside { middle } else { aside }
            }
            (Some(low), None) => {
                let guess = self.before.map_or(T::TWO * low.rate, |before| root(before, low) * up);
                // A line that falls has no root ahead.
                let guess = if guess > low.rate { guess } else { eight * low.rate };
                guess.max_of(low.rate * up).min_of(eight * low.rate)
            }
            (None, Some(high)) => {
                let guess =
                    self.before.map_or(high.rate / T::TWO, |before| root(high, before) * down);
                let guess =
                    if guess < high.rate && guess > T::ZERO { guess } else { high.rate / eight };
                guess.min_of(high.rate * down).max_of(high.rate / eight)
            }
            (None, None) => self.options.rate,
        }
    }

    /// What is known now.
    #[must_use]
    pub fn estimate(&self) -> CriticalEstimate<T> {
        let rate_low = self.low.map_or(T::ZERO, |trial| trial.rate);
        let rate_high = self.high.map_or(T::INFINITY, |trial| trial.rate);
        let rate = match (self.low, self.high) {
            (Some(low), Some(high)) => {
                let root = root(low, high);
                let inside = root >= low.rate && root <= high.rate;
                if inside { root } else { low.rate.sqrt() * high.rate.sqrt() }
            }
            (Some(low), None) => low.rate,
            (None, Some(high)) => high.rate,
            (None, None) => T::NAN,
        };
        CriticalEstimate {
            stop: if self.is_close() { Stop::Converged } else { Stop::LimitReached },
            sharpness: T::TWO / rate,
            lower: T::TWO / rate_high,
            upper: T::TWO / rate_low,
            rate_low,
            rate_high,
            evaluations: self.evaluations,
        }
    }
}

/// Where the line through two trials is zero; NaN or infinite where it is not.
fn root<T: Float>(x: Trial<T>, y: Trial<T>) -> T {
    x.rate - x.slope * ((y.rate - x.rate) / (y.slope - x.slope))
}
