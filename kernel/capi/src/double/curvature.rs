//! What curvature says: thresholds, phases, gauges, effective parameters.

use teeter::curvature::{
    self, Gauge, Phase, PhaseOptions, PhaseTracker, StepFit, StepObservation, UpdateRule,
};

use crate::kept::{Keeper, keep, kept};
use crate::memory::{Memory, Range, status};
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// How an optimizer acts on a quadratic.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_update_rule_f64 {
    /// `TEETER_RULE_GRADIENT_DESCENT`, `_POLYAK`, `_NESTEROV`, `_EMA`, `_EMA_NESTEROV`, `_UNNORMALIZED_SAM`, `_SAM`, `_ADAM`.
    pub kind: u32,
    /// β of the momentum, β₁ of Adam; not read by others.
    pub beta: f64,
    /// ρ of the SAM family; not read by others.
    pub rho: f64,
    /// ‖g‖ where the edge of SAM is asked for; not read by others.
    pub gradient_norm: f64,
}

impl teeter_update_rule_f64 {
    fn view(&self) -> Result<UpdateRule<f64>, teeter_status> {
        let Self { kind, beta, rho, gradient_norm } = *self;
        match kind {
            0 => Ok(UpdateRule::GradientDescent),
            1 => Ok(UpdateRule::Polyak { beta }),
            2 => Ok(UpdateRule::Nesterov { beta }),
            3 => Ok(UpdateRule::Ema { beta }),
            4 => Ok(UpdateRule::EmaNesterov { beta }),
            5 => Ok(UpdateRule::UnnormalizedSam { rho }),
            6 => Ok(UpdateRule::Sam { rho, gradient_norm }),
            7 => Ok(UpdateRule::Adam { beta1: beta }),
            _ => Err(TEETER_RANGE),
        }
    }
}

/// threshold ← the largest stable sharpness at a learning rate: 2/η for gradient descent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_stability_threshold_f64(
    rule: *const teeter_update_rule_f64,
    learning_rate: f64,
    weight_decay: f64,
    threshold: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (rule, threshold) = unsafe { (memory.value(rule)?.view()?, memory.place(threshold)?) };
        let found = curvature::stability_threshold_with_decay(rule, learning_rate, weight_decay);
        threshold.write(found.map_err(status_of)?);
        Ok(())
    })
}

/// learning_rate ← the largest at which this sharpness is stable: 2/λ₁ for gradient descent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_largest_learning_rate_f64(
    rule: *const teeter_update_rule_f64,
    sharpness: f64,
    learning_rate: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (rule, learning_rate) =
            unsafe { (memory.value(rule)?.view()?, memory.place(learning_rate)?) };
        let found = curvature::largest_learning_rate(rule, sharpness);
        learning_rate.write(found.map_err(status_of)?);
        Ok(())
    })
}

/// Tells the phase of training, in the caller's memory. Nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_phase_f64 {
    /// What stands in the words.
    pub mark: u64,
    /// The tracker.
    pub words: [u64; 22],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_phase_f64 {
    type Value = PhaseTracker<f64>;
    const MARK: u64 = u64::from_le_bytes(*b"phasef64");
}

/// A tracker of phases: `band` in [0, 1], half the width of the edge around 1; `patience`: measurements in a
/// row, at least 1, that must agree on another phase.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_phase_new_f64(
    band: f64,
    patience: u32,
    tracker: *mut teeter_phase_f64,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for the struct.
        let place = unsafe { Memory::new().place(tracker)? };
        let value = PhaseTracker::new(PhaseOptions { band, patience }).map_err(status_of)?;
        keep(place, value, Range::NOTHING);
        Ok(())
    })
}

/// phase ← `TEETER_STABLE`, `TEETER_PROGRESSIVE_SHARPENING`, `TEETER_EDGE` or `TEETER_INSTABILITY` after the measurement of a step.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_phase_push_f64(
    tracker: *mut teeter_phase_f64,
    step: u64,
    sharpness: f64,
    threshold: f64,
    loss: f64,
    phase: *mut u32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element.
        let (tracker, phase) = unsafe { (kept(&mut memory, tracker)?, memory.place(phase)?) };
        let found: Phase = tracker.push(step, [sharpness, threshold], loss).map_err(status_of)?;
        phase.write(found as u32);
        Ok(())
    })
}

/// What was seen of a step w → w + Δ, φ(t) = L(w + tΔ).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_observation_f64 {
    /// L(w).
    pub loss_before: f64,
    /// L(w + Δ), of the same samples.
    pub loss_after: f64,
    /// gᵀΔ with the gradient at w.
    pub slope_before: f64,
    /// gᵀΔ with the gradient at w + Δ; NaN if not known.
    pub slope_after: f64,
    /// ‖Δ‖.
    pub step_norm: f64,
    /// Rounding error of each loss, at most.
    pub loss_error: f64,
    /// Rounding error of each slope, at most.
    pub slope_error: f64,
}

impl teeter_observation_f64 {
    fn view(&self) -> StepObservation<f64> {
        StepObservation {
            loss_before: self.loss_before,
            loss_after: self.loss_after,
            slope_before: self.slope_before,
            slope_after: self.slope_after,
            step_norm: self.step_norm,
            loss_error: self.loss_error,
            slope_error: self.slope_error,
        }
    }
}

/// A number and what rounding may make of it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_gauge_f64 {
    /// The number.
    pub value: f64,
    /// That of exact losses and slopes lies within this of it.
    pub rounding: f64,
}

/// The parabola through losses and slopes of a step.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_step_fit_f64 {
    /// Where the step ended: −1 at its start, 0 at the minimum, 1 at the same height on the other side.
    pub alpha: f64,
    /// The exact one lies within this of it.
    pub rounding: f64,
    /// L(w + Δ) − L(w) − (φ′(0) + φ′(1))/2: 0 for a parabola.
    pub misfit: f64,
    /// A parabola's misfit is at most this by rounding.
    pub misfit_rounding: f64,
}

/// gauge ← the progress of a step over what its slope promised: −1 is all of it, 0 the edge of stability.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_relative_progress_f64(
    step: *const teeter_observation_f64,
    gauge: *mut teeter_gauge_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (step, gauge) = unsafe { (memory.value(step)?.view(), memory.place(gauge)?) };
        let Gauge { value, rounding } = curvature::relative_progress(&step).map_err(status_of)?;
        gauge.write(teeter_gauge_f64 { value, rounding });
        Ok(())
    })
}

/// gauge ← the curvature along a step, from two losses and one slope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_curvature_from_losses_f64(
    step: *const teeter_observation_f64,
    gauge: *mut teeter_gauge_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (step, gauge) = unsafe { (memory.value(step)?.view(), memory.place(gauge)?) };
        let Gauge { value, rounding } =
            curvature::curvature_from_losses(&step).map_err(status_of)?;
        gauge.write(teeter_gauge_f64 { value, rounding });
        Ok(())
    })
}

/// gauge ← the curvature along a step, from two slopes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_curvature_from_slopes_f64(
    step: *const teeter_observation_f64,
    gauge: *mut teeter_gauge_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (step, gauge) = unsafe { (memory.value(step)?.view(), memory.place(gauge)?) };
        let Gauge { value, rounding } =
            curvature::curvature_from_slopes(&step).map_err(status_of)?;
        gauge.write(teeter_gauge_f64 { value, rounding });
        Ok(())
    })
}

/// fit ← where on the parabola through losses and slopes a step ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_step_alpha_f64(
    step: *const teeter_observation_f64,
    fit: *mut teeter_step_fit_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element each.
        let (step, fit) = unsafe { (memory.value(step)?.view(), memory.place(fit)?) };
        let StepFit { alpha, rounding, misfit, misfit_rounding } =
            curvature::step_alpha(&step).map_err(status_of)?;
        fit.write(teeter_step_fit_f64 { alpha, rounding, misfit, misfit_rounding });
        Ok(())
    })
}
