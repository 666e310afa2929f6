//! Sharpness-aware steps and averages: what surrounds an optimizer's own.

use teeter::optim::{Asam, AverageKind, AverageState, IterateAverage, Sam, UnnormalizedSam};

use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// How far and in which metric to move against descent.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_sam_f64 {
    /// `TEETER_SAM`: ρg/‖g‖; `TEETER_SAM_UNNORMALIZED`: ρg; `TEETER_ASAM`: in the metric (|w| + η)².
    pub kind: u32,
    /// ρ ≥ 0.
    pub rho: f64,
    /// η ≥ 0 of `TEETER_ASAM`; not read by the others.
    pub eta: f64,
}

/// saved ← w, params ← the point where the gradient is to be taken: n elements each. Then
/// `teeter_restore_f64`, and a step with that gradient. A gradient of zero moves nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sam_perturb_f64(
    machine: teeter_machine,
    sam: *const teeter_sam_f64,
    n: usize,
    gradient: *const f64,
    params: *mut f64,
    saved: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element and for n elements each.
        let (&sam, gradient, params, saved) = unsafe {
            (
                memory.value(sam)?,
                memory.input(gradient, n)?,
                memory.output(params, n)?,
                memory.output(saved, n)?,
            )
        };
        let (rho, eta) = (sam.rho, sam.eta);
        let perturbed = match sam.kind {
            0 => Sam { rho }.perturb(machine, gradient, params, saved),
            1 => UnnormalizedSam { rho }.perturb(machine, gradient, params, saved),
            2 => Asam { rho, eta }.perturb(machine, gradient, params, saved),
            _ => return Err(TEETER_RANGE),
        };
        // Dropped it would bring the parameters back at once; C does that by `teeter_restore`.
        core::mem::forget(perturbed.map_err(status_of)?);
        Ok(())
    })
}

/// params ← saved: n elements, to the bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_restore_f64(
    n: usize,
    saved: *const f64,
    params: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for n elements each.
        let (saved, params) = unsafe { (memory.input(saved, n)?, memory.output(params, n)?) };
        teeter::vector::copy(saved, params).map_err(status_of)
    })
}

/// Which iterates an average takes, and how.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_average_f64 {
    /// `TEETER_MEAN`: all alike; `TEETER_EXPONENTIAL`: w̄ ← w̄ + (1 − β)(w − w̄).
    pub kind: u32,
    /// β in [0, 1); not read by `TEETER_MEAN`.
    pub beta: f64,
    /// Iterates to leave out at first.
    pub start: u64,
    /// Of the others, every how manieth to take; at least 1.
    pub every: u64,
}

/// What an average remembers. Before the first iterate: both counts 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_average_state_f64 {
    /// Parameters.
    pub n: usize,
    /// w̄: n elements.
    pub mean: *mut f64,
    /// Iterates seen.
    pub seen: u64,
    /// Iterates taken.
    pub taken: u64,
}

/// Shows an iterate to the average. `params`: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_average_update_f64(
    machine: teeter_machine,
    average: *const teeter_average_f64,
    params: *const f64,
    state: *mut teeter_average_state_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&average, state) = unsafe { (memory.value(average)?, memory.exclusive(state)?) };
        // SAFETY: the caller vouches for n elements each.
        let (params, mean) =
            unsafe { (memory.input(params, state.n)?, memory.output(state.mean, state.n)?) };
        let kind = match average.kind {
            0 => AverageKind::Mean,
            1 => AverageKind::Exponential(average.beta),
            _ => return Err(TEETER_RANGE),
        };
        let average = IterateAverage { kind, start: average.start, every: average.every };
        let mut kept = AverageState { mean, seen: state.seen, taken: state.taken };
        average.update(machine, params, &mut kept).map_err(status_of)?;
        state.seen = kept.seen;
        state.taken = kept.taken;
        Ok(())
    })
}
