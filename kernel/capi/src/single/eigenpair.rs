//! Eigenpairs at one end of the spectrum of a callback operator.

use core::mem::offset_of;

use teeter::krylov::{
    Eigenpair, LanczosOptions, PowerOptions, Which, extremal_eigenpair, power_iteration,
};

use super::operator::teeter_operator_f32;
use super::scratch::teeter_scratch_f32;
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::{Coded, deliver};
use crate::status::{TEETER_RANGE, teeter_status};

/// What to look for and what it may cost.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_lanczos_options_f32 {
    /// `TEETER_LARGEST_ALGEBRAIC`, …
    pub which: u32,
    /// Vectors kept before a restart, at least 1; min(n, 20) is usual.
    pub krylov_dim: usize,
    /// Products allowed in all, at least 1.
    pub product_max: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|.
    pub tolerance: f32,
}

/// What power iteration may cost.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_power_options_f32 {
    /// Products allowed in all, at least 1.
    pub product_max: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|.
    pub tolerance: f32,
}

/// The eigenpair and its certificate: an eigenvalue lies in [lower, upper].
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_eigenpair_f32 {
    /// `TEETER_CONVERGED`, `TEETER_LIMIT_REACHED` or `TEETER_INVARIANT`.
    pub stop: u32,
    /// 0; the only field written when the status is `TEETER_OPERATOR`.
    pub operator_code: i32,
    /// The eigenvalue θ.
    pub value: f32,
    /// ‖Av − θv‖.
    pub residual: f32,
    /// θ − residual.
    pub lower: f32,
    /// θ + residual.
    pub upper: f32,
    /// Products used.
    pub products: usize,
    /// Steps of the last Krylov process.
    pub steps: usize,
    /// How far its basis is from orthonormal.
    pub orthogonality: f32,
}

impl Coded for teeter_eigenpair_f32 {
    const CODE_AT: usize = offset_of!(Self, operator_code);
}

impl From<Eigenpair<f32>> for teeter_eigenpair_f32 {
    fn from(pair: Eigenpair<f32>) -> Self {
        let Eigenpair { stop, value, residual, lower, upper, products, steps, orthogonality } =
            pair;
        Self {
            stop: stop as u32,
            operator_code: 0,
            value,
            residual,
            lower,
            upper,
            products,
            steps,
            orthogonality,
        }
    }
}

/// Which end a number names.
pub(crate) fn which(number: u32) -> Result<Which, teeter_status> {
    match number {
        0 => Ok(Which::LargestAlgebraic),
        1 => Ok(Which::SmallestAlgebraic),
        2 => Ok(Which::LargestMagnitude),
        3 => Ok(Which::BothEnds),
        _ => Err(TEETER_RANGE),
    }
}

/// The eigenpair at one end of the spectrum, by Lanczos with restarts. `vector`: n elements, the start on entry (any
/// direction), the unit eigenvector on return. `scratch`:
/// `teeter_extremal_eigenpair_scratch_len(n, krylov_dim)`. If the operator refuses, `vector` is unspecified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_extremal_eigenpair_f32(
    machine: teeter_machine,
    operator: *const teeter_operator_f32,
    options: *const teeter_lanczos_options_f32,
    vector: *mut f32,
    scratch: teeter_scratch_f32,
    result: *mut teeter_eigenpair_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, &options, result) =
            unsafe { (memory.value(operator)?, memory.value(options)?, memory.place(result)?) };
        // SAFETY: the caller vouches for n elements, the scratch and the product.
        let (vector, scratch, mut operator) = unsafe {
            (memory.output(vector, operator.n)?, scratch.view(&mut memory)?, operator.view()?)
        };
        let options = LanczosOptions {
            which: which(options.which)?,
            krylov_dim: options.krylov_dim,
            product_max: options.product_max,
            tolerance: options.tolerance,
        };
        let pair = extremal_eigenpair(machine, &mut operator, &options, vector, scratch);
        deliver(result, pair.map(teeter_eigenpair_f32::from))
    })
}

/// The eigenpair of the largest |λ| by power iteration: little memory, many products; see
/// `teeter_extremal_eigenpair_f32` for what is usually better. `vector` as there. `scratch`:
/// `teeter_power_iteration_scratch_len(n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_power_iteration_f32(
    machine: teeter_machine,
    operator: *const teeter_operator_f32,
    options: *const teeter_power_options_f32,
    vector: *mut f32,
    scratch: teeter_scratch_f32,
    result: *mut teeter_eigenpair_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, &options, result) =
            unsafe { (memory.value(operator)?, memory.value(options)?, memory.place(result)?) };
        // SAFETY: the caller vouches for n elements, the scratch and the product.
        let (vector, scratch, mut operator) = unsafe {
            (memory.output(vector, operator.n)?, scratch.view(&mut memory)?, operator.view()?)
        };
        let options =
            PowerOptions { product_max: options.product_max, tolerance: options.tolerance };
        let pair = power_iteration(machine, &mut operator, &options, vector, scratch);
        deliver(result, pair.map(teeter_eigenpair_f32::from))
    })
}
