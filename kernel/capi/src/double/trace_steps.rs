//! Traces, one product at a time: for runtimes without callbacks and for work spread over ticks.

use teeter::trace::{HutchPp, XTrace};

use super::scratch::teeter_scratch_f64;
use super::trace::{teeter_trace_f64, teeter_trace_options_f64};
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// Hutch++, in the caller's memory. Made by `teeter_hutch_pp_steps_new_f64`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_hutch_pp_steps_f64 {
    /// What stands in the words.
    pub mark: u64,
    /// The state.
    pub words: [u64; 46],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_hutch_pp_steps_f64 {
    type Value = HutchPp<'static, f64>;
    const MARK: u64 = u64::from_le_bytes(*b"hupp_f64");
}

/// Begins an estimate of the trace of an operator of order n. `scratch`:
/// `teeter_hutch_pp_steps_scratch_len(n, products)`, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutch_pp_steps_new_f64(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    state: *mut teeter_hutch_pp_steps_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each and for the scratch.
        let (options, state, lent) = unsafe {
            (memory.value(options)?.view()?, memory.place(state)?, scratch.view(&mut memory)?)
        };
        let value = HutchPp::new(machine, n, &options, lent).map_err(status_of)?;
        keep(state, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutch_pp_steps_poll_f64(
    state: *mut teeter_hutch_pp_steps_f64,
    vector: *mut *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (state, vector) = unsafe { (kept(&mut memory, state)?, memory.place(vector)?) };
        vector.write(state.wants().map_or(core::ptr::null(), <[f64]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
/// and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutch_pp_steps_push_f64(
    state: *mut teeter_hutch_pp_steps_f64,
    product: *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let state = unsafe { kept(&mut memory, state)? };
        let n = state.wants().map_or(0, <[f64]>::len);
        // SAFETY: as above.
        state.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// result ← the trace from the products so far. 0 < confidence < 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutch_pp_steps_estimate_f64(
    state: *mut teeter_hutch_pp_steps_f64,
    confidence: f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, for one element.
        let (state, result) = unsafe { (kept(&mut memory, state)?, memory.place(result)?) };
        result.write(state.estimate(confidence).map_err(status_of)?.into());
        Ok(())
    })
}

/// XTrace, in the caller's memory. Made by `teeter_xtrace_steps_new_f64`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_xtrace_steps_f64 {
    /// What stands in the words.
    pub mark: u64,
    /// The state.
    pub words: [u64; 54],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_xtrace_steps_f64 {
    type Value = XTrace<'static, f64>;
    const MARK: u64 = u64::from_le_bytes(*b"xtracf64");
}

/// Begins an estimate of the trace of an operator of order n. `scratch`:
/// `teeter_xtrace_steps_scratch_len(n, products)`, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xtrace_steps_new_f64(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_trace_options_f64,
    scratch: teeter_scratch_f64,
    state: *mut teeter_xtrace_steps_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each and for the scratch.
        let (options, state, lent) = unsafe {
            (memory.value(options)?.view()?, memory.place(state)?, scratch.view(&mut memory)?)
        };
        let value = XTrace::new(machine, n, &options, lent).map_err(status_of)?;
        keep(state, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xtrace_steps_poll_f64(
    state: *mut teeter_xtrace_steps_f64,
    vector: *mut *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (state, vector) = unsafe { (kept(&mut memory, state)?, memory.place(vector)?) };
        vector.write(state.wants().map_or(core::ptr::null(), <[f64]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
/// and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xtrace_steps_push_f64(
    state: *mut teeter_xtrace_steps_f64,
    product: *const f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let state = unsafe { kept(&mut memory, state)? };
        let n = state.wants().map_or(0, <[f64]>::len);
        // SAFETY: as above.
        state.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// result ← the trace from the products so far. 0 < confidence < 1.
/// `scratch`: `teeter_xtrace_estimate_scratch_len(n, products)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_xtrace_steps_estimate_f64(
    state: *mut teeter_xtrace_steps_f64,
    confidence: f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, for one element and the scratch.
        let (state, result, scratch) = unsafe {
            (kept(&mut memory, state)?, memory.place(result)?, scratch.view(&mut memory)?)
        };
        result.write(state.estimate(confidence, scratch).map_err(status_of)?.into());
        Ok(())
    })
}
