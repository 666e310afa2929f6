//! Hutchinson's estimate and the diagonal, one product at a time.

use teeter::Error;
use teeter::Machine;
use teeter::trace::{DiagonalEstimator, DiagonalOptions, Hutchinson};

use super::scratch::teeter_scratch_f32;
use super::trace::{teeter_trace_f32, teeter_trace_options_f32};
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::random::teeter_stream;
use crate::status::{TEETER_EMPTY, TEETER_SHORT, status_of, teeter_status};

/// An estimator with its probe: the kernel's leaves the probe to its caller.
#[derive(Debug)]
pub(crate) struct Probing {
    machine: Machine,
    estimator: Hutchinson<f32>,
    products: usize,
    probe: &'static mut [f32],
}

impl Probing {
    fn wants(&self) -> Option<&[f32]> {
        (self.estimator.products() < self.products).then_some(&*self.probe)
    }

    fn push(&mut self, product: &[f32]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "estimate" });
        }
        self.estimator.push(self.machine, self.probe, product)?;
        self.estimator.probe_into(self.probe);
        Ok(())
    }
}

/// Hutchinson's estimator, in the caller's memory. Made by `teeter_hutchinson_steps_new_f32`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_hutchinson_steps_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The state.
    pub words: [u64; 30],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_hutchinson_steps_f32 {
    type Value = Probing;
    const MARK: u64 = u64::from_le_bytes(*b"hutchf32");
}

/// Begins an estimate of the trace of an operator of order n. `scratch`: n elements, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_steps_new_f32(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_trace_options_f32,
    scratch: teeter_scratch_f32,
    state: *mut teeter_hutchinson_steps_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each and for the scratch.
        let (options, state, lent) = unsafe {
            (memory.value(options)?.view()?, memory.place(state)?, scratch.view(&mut memory)?)
        };
        let probe = lent.get_mut(..n).ok_or(TEETER_SHORT)?;
        if n == 0 || options.products == 0 {
            return Err(TEETER_EMPTY);
        }
        let estimator = Hutchinson::new(options.stream, options.probe);
        estimator.probe_into(probe);
        let value = Probing { machine, estimator, products: options.products, probe };
        keep(state, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_steps_poll_f32(
    state: *mut teeter_hutchinson_steps_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (state, vector) = unsafe { (kept(&mut memory, state)?, memory.place(vector)?) };
        vector.write(state.wants().map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
/// and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_steps_push_f32(
    state: *mut teeter_hutchinson_steps_f32,
    product: *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let state = unsafe { kept(&mut memory, state)? };
        let n = state.wants().map_or(0, <[f32]>::len);
        // SAFETY: as above.
        state.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// result ← the trace from the products so far. 0 < confidence < 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_hutchinson_steps_estimate_f32(
    state: *mut teeter_hutchinson_steps_f32,
    confidence: f32,
    result: *mut teeter_trace_f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, for one element.
        let (state, result) = unsafe { (kept(&mut memory, state)?, memory.place(result)?) };
        result.write(state.estimator.estimate(confidence).map_err(status_of)?.into());
        Ok(())
    })
}

/// An estimator of the diagonal, in the caller's memory. Made by `teeter_diagonal_steps_new_f32`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_diagonal_steps_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The state.
    pub words: [u64; 22],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_diagonal_steps_f32 {
    type Value = DiagonalEstimator<'static, f32>;
    const MARK: u64 = u64::from_le_bytes(*b"diagof32");
}

/// Begins an estimate of the diagonal of an operator of order n by this many products. `scratch`:
/// `teeter_diagonal_steps_scratch_len(n)`, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_diagonal_steps_new_f32(
    machine: teeter_machine,
    n: usize,
    products: usize,
    stream: teeter_stream,
    scratch: teeter_scratch_f32,
    state: *mut teeter_diagonal_steps_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element and for the scratch.
        let (state, lent) = unsafe { (memory.place(state)?, scratch.view(&mut memory)?) };
        let options = DiagonalOptions { products, stream: stream.into() };
        let value = DiagonalEstimator::new(machine, n, options, lent).map_err(status_of)?;
        keep(state, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_diagonal_steps_poll_f32(
    state: *mut teeter_diagonal_steps_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (state, vector) = unsafe { (kept(&mut memory, state)?, memory.place(vector)?) };
        vector.write(state.wants().map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
/// and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_diagonal_steps_push_f32(
    state: *mut teeter_diagonal_steps_f32,
    product: *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let state = unsafe { kept(&mut memory, state)? };
        let n = state.wants().map_or(0, <[f32]>::len);
        // SAFETY: as above.
        state.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// diagonal, errors ← the estimate from the products so far, and the standard error of each: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_diagonal_steps_estimate_f32(
    state: *mut teeter_diagonal_steps_f32,
    n: usize,
    diagonal: *mut f32,
    errors: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements each.
        let (state, diagonal, errors) = unsafe {
            (kept(&mut memory, state)?, memory.output(diagonal, n)?, memory.output(errors, n)?)
        };
        teeter::vector::copy(state.diagonal(), diagonal).map_err(status_of)?;
        state.standard_errors_into(errors).map_err(status_of)
    })
}
