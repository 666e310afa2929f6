//! What every estimator of a trace answers.

use crate::error::{Error, Stop};
use crate::float::Float;
use crate::trace::student_t_quantile;

/// How a trace was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum TraceMethod {
    /// The mean of zᵀAz.
    Hutchinson,
    /// The sum of the diagonal, by n products: exact.
    Diagonal,
    /// Exactly on a sketched range, Hutchinson on the rest.
    HutchPp,
    /// The mean of Gauss rules.
    Quadrature,
    /// The mean over probes of what the others sketch, exactly, and the probe's sample of the rest.
    XTrace,
    /// The same with Nyström approximations, for A ⪰ 0.
    XNysTrace,
    /// Exactly on what two sketches share, Hutchinson on the rest.
    NaHutchPp,
}

/// A trace, how far it may be off, and its price. Always filled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct TraceEstimate<T> {
    /// `LimitReached`: the products asked for were used. Agreeing probes prove nothing. `Invariant`: n products told all.
    pub stop: Stop,
    /// How it was estimated: what was asked for, or what the products so far were enough for.
    pub method: TraceMethod,
    /// The estimate.
    pub value: T,
    /// Of the estimate, as its interval takes it. Of Hutchinson's mean from the lengths of the products: √(2‖A‖_F²/m), ‖A‖_F²
    /// being the mean of ‖Az‖².
    pub standard_error: T,
    /// Of the estimate, from the scatter of its terms alone: far smaller where A is nearly diagonal, and too small
    /// as often as not where few probes were drawn. 0 for one probe.
    pub sample_error: T,
    /// Lower end of the interval at the confidence asked for.
    pub lower: T,
    /// Upper end of it.
    pub upper: T,
    /// The chance that the interval was to hold the trace.
    pub confidence: T,
    /// Products used.
    pub products: usize,
}

impl<T: Float> TraceEstimate<T> {
    /// A value without an error yet.
    pub(super) fn point(method: TraceMethod, value: T, confidence: T, products: usize) -> Self {
        let (stop, zero) = (Stop::LimitReached, T::ZERO);
        Self {
            stop,
            method,
            value,
            standard_error: zero,
            sample_error: zero,
            lower: value,
            upper: value,
            confidence,
            products,
        }
    }

    /// Value, the jackknife's standard error and the scatter's, of `probes` terms; Student's interval of one degree less.
    pub(super) fn jackknife(
        method: TraceMethod,
        [value, standard_error, sample_error]: [T; 3],
        [probes, products]: [usize; 2],
        confidence: T,
    ) -> Result<Self, Error> {
        let half = student_t_quantile(confidence, probes.saturating_sub(1))? * standard_error;
        Ok(Self {
            standard_error,
            sample_error,
            lower: value - half,
            upper: value + half,
            ..Self::point(method, value, confidence, products)
        })
    }

    /// The same of a trace of which so much is known.
    pub(super) fn and_known(self, known: T) -> Self {
        let [value, lower, upper] = [self.value, self.lower, self.upper].map(|x| known + x);
        Self { value, lower, upper, ..self }
    }

    /// The sum of the diagonal.
    pub(super) fn exact(value: T, confidence: T, products: usize) -> Self {
        let stop = Stop::Invariant;
        Self { stop, ..Self::point(TraceMethod::Diagonal, value, confidence, products) }
    }

    /// Products that would make the interval's half width `tolerance`·|value|, judged by this estimate and as if the width
    /// fell with the root of their number: a sketched estimate of a spectrum that decays needs fewer. `None`
    /// where the value is zero or the tolerance not positive.
    #[must_use]
    pub fn products_needed(&self, tolerance: T) -> Option<usize> {
        let wish = tolerance * self.value.abs();
        if wish.is_nan() || wish <= T::ZERO {
            return None;
        }
        let ratio = (self.upper - self.lower) * T::HALF / wish;
        let count = (ratio * ratio * T::from_usize(self.products)).to_f64();
        Some(libm::ceil(count.min(9.0e15)) as usize)
    }
}
