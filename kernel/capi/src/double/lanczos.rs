//! The Lanczos process, one product at a time, and linear systems by conjugate gradients.

use core::mem::offset_of;

use teeter::krylov::{
    Lanczos, SolveEstimate, SolveOptions, conjugate_gradient, ritz_values, ritz_vector,
};

use super::operator::teeter_operator_f64;
use super::scratch::teeter_scratch_f64;
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::{Coded, deliver};
use crate::status::{status_of, teeter_status};

/// The process, in the caller's memory. Made by `teeter_lanczos_new_f64`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_lanczos_f64 {
    /// What stands in the words.
    pub mark: u64,
    /// The process.
    pub words: [u64; 22],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_lanczos_f64 {
    type Value = Lanczos<'static, f64>;
    const MARK: u64 = u64::from_le_bytes(*b"lanczf64");
}

/// Begins a process of at most `dim_max` steps. `start`: n elements, any direction. `scratch`:
/// `teeter_lanczos_scratch_len(n, dim_max)`, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_new_f64(
    machine: teeter_machine,
    n: usize,
    start: *const f64,
    dim_max: usize,
    scratch: teeter_scratch_f64,
    process: *mut teeter_lanczos_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements, one struct and the scratch.
        let (start, process, lent) = unsafe {
            (memory.input(start, n)?, memory.place(process)?, scratch.view(&mut memory)?)
        };
        let value = Lanczos::new(machine, start, dim_max, lent).map_err(status_of)?;
        keep(process, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when the process is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_poll_f64(
    process: *mut teeter_lanczos_f64,
    vector: *mut *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (process, vector) = unsafe { (kept(&mut memory, process)?, memory.place(vector)?) };
        vector.write(process.wants().map_or(core::ptr::null(), <[f64]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_push_f64(
    process: *mut teeter_lanczos_f64,
    product: *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let process = unsafe { kept(&mut memory, process)? };
        let n = process.wants().map_or(0, <[f64]>::len);
        // SAFETY: as above.
        process.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// steps ← steps taken; invariant ← 1 if the subspace is invariant and the Ritz values exact, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_steps_f64(
    process: *mut teeter_lanczos_f64,
    steps: *mut usize,
    invariant: *mut u32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element each.
        let (process, steps, invariant) = unsafe {
            (kept(&mut memory, process)?, memory.place(steps)?, memory.place(invariant)?)
        };
        steps.write(process.steps());
        invariant.write(u32::from(process.is_invariant()));
        Ok(())
    })
}

/// The Ritz values, ascending, with the weight and the residual of each: as many elements as `_steps`
/// tells. `scratch`: `teeter_ritz_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_values_f64(
    process: *mut teeter_lanczos_f64,
    values: *mut f64,
    weights: *mut f64,
    residuals: *mut f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, `steps` elements each and the scratch.
        let process = unsafe { kept(&mut memory, process)? };
        let steps = process.steps();
        // SAFETY: as above.
        let (values, weights, residuals, scratch) = unsafe {
            (
                memory.output(values, steps)?,
                memory.output(weights, steps)?,
                memory.output(residuals, steps)?,
                scratch.view(&mut memory)?,
            )
        };
        ritz_values(process, values, weights, residuals, scratch).map_err(status_of)
    })
}

/// vector ← the unit Ritz vector of the value of this index: n elements. `scratch`:
/// `teeter_ritz_vector_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lanczos_vector_f64(
    machine: teeter_machine,
    process: *mut teeter_lanczos_f64,
    index: usize,
    n: usize,
    vector: *mut f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for the struct, n elements and the scratch.
        let (process, vector, scratch) = unsafe {
            (kept(&mut memory, process)?, memory.output(vector, n)?, scratch.view(&mut memory)?)
        };
        ritz_vector(machine, process, index, vector, scratch).map_err(status_of)?;
        Ok(())
    })
}

/// What conjugate gradients are asked for and may cost.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_solve_options_f64 {
    /// ‖b − Ax‖ ≤ tolerance·‖b‖ is enough; 0: as small as rounding lets it be.
    pub tolerance: f64,
    /// Products allowed, at least 1.
    pub product_max: usize,
    /// Not above the smallest eigenvalue of A; 0 if nothing is known.
    pub floor: f64,
    /// n elements: the diagonal of M ≈ A, positive; null for M = I.
    pub preconditioner: *const f64,
    /// b: n elements.
    pub right_side: *const f64,
}

/// How far x is from solving Ax = b.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_solve_f64 {
    /// `TEETER_CONVERGED` or `TEETER_LIMIT_REACHED`.
    pub stop: u32,
    /// 0; the only field written when the status is `TEETER_OPERATOR`.
    pub operator_code: i32,
    /// ‖b − Ax‖.
    pub residual: f64,
    /// That over ‖b‖; 0 for b = 0.
    pub relative_residual: f64,
    /// 1 if it was found from a product with x, 0 if carried on from step to step.
    pub verified: u32,
    /// ‖x* − x‖_A four steps ago was no less.
    pub energy_before: f64,
    /// ‖x* − x‖_A is no more; ∞ for a floor of 0.
    pub energy_upper: f64,
    /// ‖x* − x‖₂ is no more; ∞ for a floor of 0.
    pub error_upper: f64,
    /// Products used.
    pub products: usize,
    /// Steps among them.
    pub steps: usize,
}

impl Coded for teeter_solve_f64 {
    const CODE_AT: usize = offset_of!(Self, operator_code);
}

impl From<SolveEstimate<f64>> for teeter_solve_f64 {
    fn from(solved: SolveEstimate<f64>) -> Self {
        Self {
            stop: solved.stop as u32,
            operator_code: 0,
            residual: solved.residual,
            relative_residual: solved.relative_residual,
            verified: u32::from(solved.verified),
            energy_before: solved.energy_before,
            energy_upper: solved.energy_upper,
            error_upper: solved.error_upper,
            products: solved.products,
            steps: solved.steps,
        }
    }
}

/// x ← A⁻¹b by conjugate gradients, A positive definite. `x`: n elements. `scratch`:
/// `teeter_conjugate_gradient_scratch_len(n)`. `TEETER_PIVOT`: A is not positive definite.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_conjugate_gradient_f64(
    machine: teeter_machine,
    operator: *const teeter_operator_f64,
    options: *const teeter_solve_options_f64,
    x: *mut f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_solve_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (&operator, &options, result) =
            unsafe { (memory.value(operator)?, memory.value(options)?, memory.place(result)?) };
        let n = operator.n;
        let diagonal = options.preconditioner;
        // SAFETY: the caller vouches for n elements each, the scratch and the product.
        let (b, diagonal, x, scratch, mut operator) = unsafe {
            (
                memory.input(options.right_side, n)?,
                (!diagonal.is_null()).then(|| memory.input(diagonal, n)).transpose()?,
                memory.output(x, n)?,
                scratch.view(&mut memory)?,
                operator.view()?,
            )
        };
        let options = SolveOptions {
            tolerance: options.tolerance,
            product_max: options.product_max,
            floor: options.floor,
            preconditioner: diagonal,
        };
        let solved = conjugate_gradient(machine, &mut operator, b, &options, x, scratch);
        deliver(result, solved.map(teeter_solve_f64::from))
    })
}
