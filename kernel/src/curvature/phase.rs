//! The phase of training: sharpening, at the edge of stability, or unstable.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// What training is doing, by r = sharpness/threshold and the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Phase {
    /// r < 1 − δ and smaller than at the measurement before, or the first measurement.
    Stable,
    /// r < 1 − δ and not smaller than at the measurement before.
    ProgressiveSharpening,
    /// r ≥ 1 − δ, and not unstable: training sits at the edge, or above it with a loss that
    /// falls.
    Edge,
    /// r > 1 + δ and the loss higher than at the measurement before.
    Instability,
}

/// What separates the phases; no default, for δ is a matter of the experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseOptions<T> {
    /// δ in [0, 1]: half the width of the band around r = 1.
    pub band: T,
    /// Measurements in a row, at least 1, that must agree on another phase before it is
    /// reported. An instability, which is short, is reported at once.
    pub patience: u32,
}

/// Tells the phase of training from a sequence of measurements.
///
/// A pure function of what it was fed: no clock, no scale, eight numbers of memory. Scaling
/// the loss by 2ᵏ and the learning rate by 2⁻ᵏ, and with them sharpness and threshold, changes
/// nothing it says.
///
/// # Example
/// ```
/// use teeter::curvature::{Phase, PhaseOptions, PhaseTracker};
/// let mut tracker = PhaseTracker::new(PhaseOptions { band: 0.125, patience: 1 })?;
/// assert_eq!(tracker.push(0, [2.0, 4.0], 1.0)?, Phase::Stable);
/// assert_eq!(tracker.push(1, [3.0, 4.0], 0.9)?, Phase::ProgressiveSharpening);
/// assert_eq!(tracker.push(2, [4.0, 4.0], 0.8)?, Phase::Edge);
/// assert_eq!(tracker.push(3, [5.0, 4.0], 0.9)?, Phase::Instability);
/// assert_eq!(tracker.first_edge_step(), Some(2));
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseTracker<T> {
    options: PhaseOptions<T>,
    last: Option<Measurement<T>>,
    phase: Phase,
    /// The phase that measurements since `candidate_step` agree on.
    candidate: Phase,
    candidate_step: u64,
    agreed: u32,
    first_edge_step: Option<u64>,
    instabilities: u32,
    catapults: u32,
    reentries: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Measurement<T> {
    step: u64,
    ratio: T,
    loss: T,
}

impl<T: Float> PhaseTracker<T> {
    /// A tracker that has seen nothing; its phase is [`Phase::Stable`].
    ///
    /// # Errors
    /// `Error::Range` for a band outside [0, 1] or NaN, or a patience of 0.
    pub fn new(options: PhaseOptions<T>) -> Result<Self, Error> {
        check::in_range("band", options.band, 0.0, 1.0)?;
        if options.patience == 0 {
            let high = f64::from(u32::MAX);
            return Err(Error::Range { argument: "patience", found: 0.0, low: 1.0, high });
        }
        Ok(Self {
            options,
            last: None,
            phase: Phase::Stable,
            candidate: Phase::Stable,
            candidate_step: 0,
            agreed: 0,
            first_edge_step: None,
            instabilities: 0,
            catapults: 0,
            reentries: 0,
        })
    }

    /// Takes the measurement of one step and returns the phase.
    ///
    /// # Shapes
    /// `sharpness` is `[λ₁, threshold]`, the threshold that of the update rule in use.
    ///
    /// # Units
    /// λ₁ and threshold in the same, any; the loss in any.
    ///
    /// # Errors
    /// `Error::Range` for a threshold that is not positive, or NaN or infinity anywhere;
    /// `Error::State` for a step not after the one before. Nothing changes then.
    ///
    /// # Cost
    /// One division and a few comparisons.
    pub fn push(&mut self, step: u64, sharpness: [T; 2], loss: T) -> Result<Phase, Error> {
        let [sharpness, threshold] = sharpness;
        let largest = T::MAX.to_f64();
        check::in_range("threshold", threshold, T::MIN_POSITIVE.to_f64(), largest)?;
        check::in_range("sharpness", sharpness, -largest, largest)?;
        check::in_range("loss", loss, -largest, largest)?;
        if self.last.is_some_and(|last| step <= last.step) {
            return Err(Error::State { expected: "push of a later step" });
        }
        let now = Measurement { step, ratio: sharpness / threshold, loss };
        let seen = self.classify(now);
        self.last = Some(now);
        self.settle(seen, step);
        Ok(self.phase)
    }

    /// The phase of one measurement, without hysteresis.
    fn classify(&self, now: Measurement<T>) -> Phase {
        let (low, high) = (T::ONE - self.options.band, T::ONE + self.options.band);
        let Some(last) = self.last else {
            return if now.ratio >= low { Phase::Edge } else { Phase::Stable };
        };
        if now.ratio > high && now.loss > last.loss {
            Phase::Instability
        } else if now.ratio >= low {
            Phase::Edge
        } else if now.ratio >= last.ratio {
            Phase::ProgressiveSharpening
        } else {
            Phase::Stable
        }
    }

    /// Changes the reported phase once enough measurements agree.
    fn settle(&mut self, seen: Phase, step: u64) {
        if seen != self.candidate || self.agreed == 0 {
            (self.candidate, self.candidate_step, self.agreed) = (seen, step, 0);
        }
        self.agreed = self.agreed.saturating_add(1);
        let at_once = seen == Phase::Instability;
        if seen == self.phase || (self.agreed < self.options.patience && !at_once) {
            return;
        }
        let high = |phase| matches!(phase, Phase::Edge | Phase::Instability);
        if self.phase == Phase::Instability && !high(seen) {
            self.catapults = self.catapults.saturating_add(1);
        }
        if high(seen) && !high(self.phase) && self.first_edge_step.is_some() {
            self.reentries = self.reentries.saturating_add(1);
        }
        self.phase = seen;
        if at_once {
            self.instabilities = self.instabilities.saturating_add(1);
        }
        if high(seen) && self.first_edge_step.is_none() {
            self.first_edge_step = Some(self.candidate_step);
        }
    }

    /// The phase reported last.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// r of the last measurement.
    #[must_use]
    pub fn ratio(&self) -> Option<T> {
        self.last.map(|last| last.ratio)
    }

    /// The step of the measurement from which on training was first at the edge, or unstable.
    ///
    /// With patience it is known a few measurements later, and still names the first of them.
    #[must_use]
    pub fn first_edge_step(&self) -> Option<u64> {
        self.first_edge_step
    }

    /// How many instabilities ended below the edge: training was thrown to where it is flatter.
    #[must_use]
    pub fn catapults(&self) -> u32 {
        self.catapults
    }

    /// How many times training came back to the edge, or beyond, from below.
    #[must_use]
    pub fn reentries(&self) -> u32 {
        self.reentries
    }

    /// How many times an instability began.
    #[must_use]
    pub fn instabilities(&self) -> u32 {
        self.instabilities
    }
}
