//! What a [`RateController`](crate::curvature::RateController) is told, says, and remembers.

use crate::curvature::{CriticalEstimate, Gauge};
use crate::error::Error;
use crate::float::Float;
use crate::krylov::TrackedSharpness;
use crate::state::{Kind, Saved, Visitor};

/// A sharpness and how far off it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct MeasuredSharpness<T> {
    /// The estimate.
    pub value: T,
    /// The sharpness lies within this of it, as far as its source can tell; ≥ 0.
    pub error: T,
}

/// θ with its residual, and what it owes to its age.
impl<T: Float> From<TrackedSharpness<T>> for MeasuredSharpness<T> {
    fn from(tracked: TrackedSharpness<T>) -> Self {
        let aged = tracked.drift * tracked.lag;
        Self { value: tracked.value, error: tracked.residual + aged }
    }
}

/// A curvature along the step, of [`curvature_from_losses`](crate::curvature::curvature_from_losses) or
/// [`curvature_from_slopes`](crate::curvature::curvature_from_slopes).
impl<T: Float> From<Gauge<T>> for MeasuredSharpness<T> {
    fn from(gauge: Gauge<T>) -> Self {
        Self { value: gauge.value, error: gauge.rounding }
    }
}

/// Critical sharpness up to the upper end of its enclosure.
impl<T: Float> From<CriticalEstimate<T>> for MeasuredSharpness<T> {
    fn from(critical: CriticalEstimate<T>) -> Self {
        Self { value: critical.sharpness, error: critical.upper - critical.sharpness }
    }
}

/// What is seen at the weights before a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateObservation<'a, T> {
    /// L(w).
    pub loss: T,
    /// ∇L(w): n.
    pub gradient: &'a [T],
    /// How sharp the loss is; `None` where this step did not measure it.
    pub sharpness: Option<MeasuredSharpness<T>>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice<T> {
    /// Take the step with this learning rate.
    Step(T),
    /// The weights are the last good ones again; this is the learning rate from there. Clear what momentum there is.
    Restored(T),
    /// Training must end, for this reason.
    Stop(Diagnosis),
}

/// Why training must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Diagnosis {
    /// The first loss or gradient is NaN or infinite, before any weights were kept: look at data and initial weights.
    NotFiniteAtStart = 1,
    /// Loss or gradient are NaN or infinite after as many restores as allowed: the data hold numbers too large, or
    /// `backoff` is too timid.
    NotFinite = 2,
    /// The loss rose above the guard after as many restores as allowed: lower the target, or raise `loss_guard` if batches
    /// are small.
    LossRaised = 3,
    /// A divergence asks for a rate below `rate_min`.
    RateTooSmall = 4,
    /// No usable sharpness for longer than allowed. Near a minimum rounding is all there is: training may be done.
    NotMeasurable = 5,
    /// The observations agreed on are used up.
    BudgetSpent = 6,
}

const DIAGNOSES: [Diagnosis; 6] = [
    Diagnosis::NotFiniteAtStart,
    Diagnosis::NotFinite,
    Diagnosis::LossRaised,
    Diagnosis::RateTooSmall,
    Diagnosis::NotMeasurable,
    Diagnosis::BudgetSpent,
];

/// What the controller remembers; [`Saved`] as bytes.
#[derive(Debug)]
pub struct RateControllerState<'a, T> {
    /// η of the next step.
    pub learning_rate: T,
    /// The last good weights: n, lent by the caller.
    pub kept: &'a mut [T],
    /// Their loss; NaN before there are any.
    pub kept_loss: T,
    /// The average of accepted losses; NaN before the first.
    pub mean_loss: T,
    /// The first loss; NaN before it.
    pub first_loss: T,
    /// Observations so far.
    pub steps: u64,
    /// Times that weights were restored.
    pub restores: u64,
    /// Since weights were kept last.
    pub(crate) restored_in_row: u64,
    /// Accepted observations since weights were kept or restored.
    pub(crate) since_kept: u64,
    /// Observations in a row without a usable sharpness.
    pub(crate) unmeasured: u64,
    pub(crate) has_kept: bool,
    pub(crate) stopped: Option<Diagnosis>,
}

impl<'a, T: Float> RateControllerState<'a, T> {
    /// Before the first observation.
    ///
    /// # Shapes
    /// `kept`: n, that of the parameters; each use checks. Its contents are read only after weights were kept.
    pub fn new(learning_rate: T, kept: &'a mut [T]) -> Self {
        Self {
            learning_rate,
            kept,
            kept_loss: T::NAN,
            mean_loss: T::NAN,
            first_loss: T::NAN,
            steps: 0,
            restores: 0,
            restored_in_row: 0,
            since_kept: 0,
            unmeasured: 0,
            has_kept: false,
            stopped: None,
        }
    }

    /// Why training ended, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<Diagnosis> {
        self.stopped
    }

    pub(crate) fn stop(&mut self, diagnosis: Diagnosis) -> Advice<T> {
        self.stopped = Some(diagnosis);
        Advice::Stop(diagnosis)
    }
}

impl<T: Float> Saved<T> for RateControllerState<'_, T> {
    const KIND: Kind = Kind::RateController;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        // Codes first: unknown ones are refused before anything is written.
        let mut code = self.stopped.map_or(0, |diagnosis| diagnosis as u64);
        visitor.count(&mut code)?;
        let found = DIAGNOSES.into_iter().find(|&one| one as u64 == code);
        if code != 0 && found.is_none() {
            let expected = DIAGNOSES.len() as u64;
            return Err(Error::Saved { part: "diagnosis", expected, found: code });
        }
        self.stopped = found;
        let mut kept = u64::from(self.has_kept);
        visitor.count(&mut kept)?;
        self.has_kept = kept != 0;
        visitor.count(&mut self.steps)?;
        visitor.count(&mut self.restores)?;
        visitor.count(&mut self.restored_in_row)?;
        visitor.count(&mut self.since_kept)?;
        visitor.count(&mut self.unmeasured)?;
        visitor.number(&mut self.learning_rate)?;
        visitor.number(&mut self.kept_loss)?;
        visitor.number(&mut self.mean_loss)?;
        visitor.number(&mut self.first_loss)?;
        visitor.array(self.kept)
    }
}
