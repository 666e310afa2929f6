//! Optimizer steps. A gradient that is not finite is refused, and changes nothing.

use teeter::optim::{
    Adam, AdamState, EpsilonPlacement, Momentum, RmsProp, RmsPropState, Sgd, SgdState, StepReport,
};

use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// What a step did.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_step_f64 {
    /// ‖g‖ of the gradient that was given.
    pub gradient_norm: f64,
    /// ‖w_new − w_old‖.
    pub update_norm: f64,
}

impl From<StepReport<f64>> for teeter_step_f64 {
    fn from(report: StepReport<f64>) -> Self {
        let StepReport { gradient_norm, update_norm } = report;
        Self { gradient_norm, update_norm }
    }
}

/// Constants of gradient descent.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_sgd_f64 {
    /// η ≥ 0.
    pub learning_rate: f64,
    /// `TEETER_PLAIN`, or `TEETER_POLYAK`: v ← βv + g; `TEETER_NESTEROV`: the same, looking ahead; `TEETER_EMA`: v ← βv + (1 − β)g.
    pub momentum: u32,
    /// β in [0, 1); not read by `TEETER_PLAIN`.
    pub beta: f64,
    /// α ≥ 0 in g + αw: the gradient of the ridge penalty ½α‖w‖².
    pub weight_decay: f64,
}

/// What gradient descent remembers.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_sgd_state_f64 {
    /// Parameters.
    pub n: usize,
    /// v: n elements, zeros before the first step; null without momentum.
    pub velocity: *mut f64,
}

/// One step of gradient descent. `gradient`, `params`: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sgd_step_f64(
    machine: teeter_machine,
    constants: *const teeter_sgd_f64,
    gradient: *const f64,
    state: *mut teeter_sgd_state_f64,
    params: *mut f64,
    report: *mut teeter_step_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&constants, &mut state, report) =
            unsafe { (memory.value(constants)?, memory.exclusive(state)?, memory.place(report)?) };
        let n = state.n;
        let momentum = match constants.momentum {
            0 => Momentum::None,
            1 => Momentum::Polyak(constants.beta),
            2 => Momentum::Nesterov(constants.beta),
            3 => Momentum::Ema(constants.beta),
            _ => return Err(TEETER_RANGE),
        };
        let plain = momentum == Momentum::None && state.velocity.is_null();
        // SAFETY: the caller vouches for n elements each.
        let (gradient, velocity, params) = unsafe {
            (
                memory.input(gradient, n)?,
                if plain { &mut [] } else { memory.output(state.velocity, n)? },
                memory.output(params, n)?,
            )
        };
        let sgd = Sgd {
            learning_rate: constants.learning_rate,
            momentum,
            weight_decay: constants.weight_decay,
        };
        let mut state = SgdState { velocity };
        let done = sgd.step(machine, gradient, &mut state, params).map_err(status_of)?;
        report.write(done.into());
        Ok(())
    })
}

/// Constants of Adam, and of AdamW.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_adam_f64 {
    /// η ≥ 0.
    pub learning_rate: f64,
    /// β₁ in [0, 1): memory of the gradient.
    pub beta1: f64,
    /// β₂ in [0, 1): memory of its square.
    pub beta2: f64,
    /// ε ≥ 0.
    pub epsilon: f64,
    /// `TEETER_OUTSIDE`: √v̂ + ε; `TEETER_INSIDE`: √(v̂ + ε).
    pub epsilon_placement: u32,
    /// α ≥ 0 of the decoupled decay w ← w − ηαw, as in AdamW.
    pub weight_decay: f64,
}

/// What Adam remembers. Before the first step: arrays of zeros, both powers 1, steps 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_adam_state_f64 {
    /// Parameters.
    pub n: usize,
    /// m: n elements.
    pub first: *mut f64,
    /// v: n elements.
    pub second: *mut f64,
    /// β₁ᵗ.
    pub beta1_power: f64,
    /// β₂ᵗ.
    pub beta2_power: f64,
    /// t.
    pub steps: u64,
}

/// One step of Adam. `gradient`, `params`: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_adam_step_f64(
    machine: teeter_machine,
    constants: *const teeter_adam_f64,
    gradient: *const f64,
    state: *mut teeter_adam_state_f64,
    params: *mut f64,
    report: *mut teeter_step_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&constants, state, report) =
            unsafe { (memory.value(constants)?, memory.exclusive(state)?, memory.place(report)?) };
        let n = state.n;
        // SAFETY: the caller vouches for n elements each.
        let (gradient, first, second, params) = unsafe {
            (
                memory.input(gradient, n)?,
                memory.output(state.first, n)?,
                memory.output(state.second, n)?,
                memory.output(params, n)?,
            )
        };
        let adam = Adam {
            learning_rate: constants.learning_rate,
            beta1: constants.beta1,
            beta2: constants.beta2,
            epsilon: constants.epsilon,
            epsilon_placement: placement(constants.epsilon_placement)?,
            weight_decay: constants.weight_decay,
        };
        let mut kept = AdamState {
            first,
            second,
            beta1_power: state.beta1_power,
            beta2_power: state.beta2_power,
            steps: state.steps,
        };
        let done = adam.step(machine, gradient, &mut kept, params).map_err(status_of)?;
        state.beta1_power = kept.beta1_power;
        state.beta2_power = kept.beta2_power;
        state.steps = kept.steps;
        report.write(done.into());
        Ok(())
    })
}

/// Constants of RMSProp.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_rms_prop_f64 {
    /// η ≥ 0.
    pub learning_rate: f64,
    /// α in [0, 1): memory of the gradient's square.
    pub alpha: f64,
    /// β in [0, 1): memory of the step.
    pub momentum: f64,
    /// ε ≥ 0.
    pub epsilon: f64,
    /// `TEETER_OUTSIDE`: √v + ε; `TEETER_INSIDE`: √(v + ε).
    pub epsilon_placement: u32,
    /// ≥ 0 of the decoupled decay.
    pub weight_decay: f64,
}

/// What RMSProp remembers: arrays of zeros before the first step.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_rms_prop_state_f64 {
    /// Parameters.
    pub n: usize,
    /// v: n elements.
    pub second: *mut f64,
    /// The step's average: n elements; null for a momentum of 0.
    pub velocity: *mut f64,
}

/// One step of RMSProp. `gradient`, `params`: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_rms_prop_step_f64(
    machine: teeter_machine,
    constants: *const teeter_rms_prop_f64,
    gradient: *const f64,
    state: *mut teeter_rms_prop_state_f64,
    params: *mut f64,
    report: *mut teeter_step_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&constants, &mut state, report) =
            unsafe { (memory.value(constants)?, memory.exclusive(state)?, memory.place(report)?) };
        let n = state.n;
        let plain = constants.momentum == 0.0 && state.velocity.is_null();
        // SAFETY: the caller vouches for n elements each.
        let (gradient, second, velocity, params) = unsafe {
            (
                memory.input(gradient, n)?,
                memory.output(state.second, n)?,
                if plain { &mut [] } else { memory.output(state.velocity, n)? },
                memory.output(params, n)?,
            )
        };
        let rms_prop = RmsProp {
            learning_rate: constants.learning_rate,
            alpha: constants.alpha,
            momentum: constants.momentum,
            epsilon: constants.epsilon,
            epsilon_placement: placement(constants.epsilon_placement)?,
            weight_decay: constants.weight_decay,
        };
        let mut state = RmsPropState { second, velocity };
        let done = rms_prop.step(machine, gradient, &mut state, params).map_err(status_of)?;
        report.write(done.into());
        Ok(())
    })
}

fn placement(number: u32) -> Result<EpsilonPlacement, teeter_status> {
    match number {
        0 => Ok(EpsilonPlacement::Outside),
        1 => Ok(EpsilonPlacement::Inside),
        _ => Err(TEETER_RANGE),
    }
}
