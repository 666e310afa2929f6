//! Tr f(A) and the density of the spectrum by stochastic Lanczos quadrature.

use teeter::operator::LinearOperator;
use teeter::trace::{Slq, SlqOptions, SpectralFunction, SpectrumBounds};

use super::operator::teeter_operator_f64;
use super::scratch::teeter_scratch_f64;
use super::trace::{probe, teeter_trace_f64};
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::refuse;
use crate::random::teeter_stream;
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// How many probes of how many products each.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_slq_options_f64 {
    /// `TEETER_RADEMACHER` or `TEETER_GAUSSIAN`.
    pub probe: u32,
    /// Probes; 8 is usual.
    pub probes: usize,
    /// Lanczos steps of each; 40 is usual.
    pub steps: usize,
    /// Whose random numbers.
    pub stream: teeter_stream,
}

/// Stochastic Lanczos quadrature, in the caller's memory. Made by `teeter_slq_new_f64`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_slq_f64 {
    /// What stands in the words.
    pub mark: u64,
    /// The state.
    pub words: [u64; 38],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_slq_f64 {
    type Value = Slq<'static, f64>;
    const MARK: u64 = u64::from_le_bytes(*b"slquaf64");
}

/// Begins a quadrature for an operator of order n. `scratch`: `teeter_slq_scratch_len(n, probes, steps)`, lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_new_f64(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_slq_options_f64,
    scratch: teeter_scratch_f64,
    state: *mut teeter_slq_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each and for the scratch.
        let (&options, state, lent) =
            unsafe { (memory.value(options)?, memory.place(state)?, scratch.view(&mut memory)?) };
        let options = SlqOptions {
            probe: probe(options.probe)?,
            probes: options.probes,
            steps: options.steps,
            stream: options.stream.into(),
        };
        let value = Slq::new(machine, n, &options, lent).map_err(status_of)?;
        keep(state, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_poll_f64(
    state: *mut teeter_slq_f64,
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
pub unsafe extern "C" fn teeter_slq_push_f64(
    state: *mut teeter_slq_f64,
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

/// Pushes all products that are wanted. `product`: n elements of scratch. `operator_code`: what the operator returned
/// if the status is `TEETER_OPERATOR`; the quadrature can go on then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_run_f64(
    state: *mut teeter_slq_f64,
    operator: *const teeter_operator_f64,
    product: *mut f64,
    operator_code: *mut i32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, one element each, n elements and the product.
        let (state, &operator, code) = unsafe {
            (kept(&mut memory, state)?, memory.value(operator)?, memory.place(operator_code)?)
        };
        // SAFETY: as above.
        let (product, mut operator) =
            unsafe { (memory.output(product, operator.n)?, operator.view()?) };
        while let Some(vector) = state.wants() {
            operator.apply(vector, product).map_err(|error| refuse(code, error))?;
            state.push(product).map_err(status_of)?;
        }
        Ok(())
    })
}

/// A function of eigenvalues, what is known of the spectrum, and how sure to be.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_spectral_f64 {
    /// `TEETER_LOG`, `TEETER_RECIPROCAL`, `TEETER_SHARE`, `TEETER_SHARE_MAGNITUDE`, `TEETER_EXP`, `TEETER_SQUARE`.
    pub function: u32,
    /// a in log(λ + a), 1/(λ + a), λ/(λ + a), |λ|/(|λ| + a); not read by the others.
    pub shift: f64,
    /// Not above the smallest eigenvalue; −∞ if not known.
    pub floor: f64,
    /// Not below the largest; ∞ if not known.
    pub ceiling: f64,
    /// The chance that the interval holds the trace.
    pub confidence: f64,
}

/// result ← Tr f(A) from the probes done so far. With `TEETER_SHARE` and shift α it is the effective number of
/// parameters. `scratch`: `teeter_quadrature_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_estimate_f64(
    state: *mut teeter_slq_f64,
    request: *const teeter_spectral_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_trace_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, one element each and the scratch.
        let (state, &request, result, scratch) = unsafe {
            (
                kept(&mut memory, state)?,
                memory.value(request)?,
                memory.place(result)?,
                scratch.view(&mut memory)?,
            )
        };
        let shift = request.shift;
        let function = match request.function {
            0 => SpectralFunction::Log { shift },
            1 => SpectralFunction::Reciprocal { shift },
            2 => SpectralFunction::Share { shift },
            3 => SpectralFunction::ShareMagnitude { shift },
            4 => SpectralFunction::Exp,
            5 => SpectralFunction::Square,
            _ => return Err(TEETER_RANGE),
        };
        let bounds = SpectrumBounds { floor: request.floor, ceiling: request.ceiling };
        let found = state.estimate(function, bounds, request.confidence, scratch);
        result.write(found.map_err(status_of)?.trace.into());
        Ok(())
    })
}

/// The ends of the spectrum as the probes see them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_ends_f64 {
    /// λ₁ is not below it.
    pub largest: f64,
    /// An eigenvalue lies within this of it.
    pub largest_residual: f64,
    /// The smallest eigenvalue is not above it.
    pub smallest: f64,
    /// An eigenvalue lies within this of it.
    pub smallest_residual: f64,
}

/// result ← the ends of the spectrum. `scratch`: `teeter_quadrature_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_ends_f64(
    state: *mut teeter_slq_f64,
    scratch: teeter_scratch_f64,
    result: *mut teeter_ends_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, one element and the scratch.
        let (state, result, scratch) = unsafe {
            (kept(&mut memory, state)?, memory.place(result)?, scratch.view(&mut memory)?)
        };
        let ends = state.ends(scratch).map_err(status_of)?;
        result.write(teeter_ends_f64 {
            largest: ends.largest,
            largest_residual: ends.largest_residual,
            smallest: ends.smallest,
            smallest_residual: ends.smallest_residual,
        });
        Ok(())
    })
}

/// grid ← `points` places that hold the spectrum and its smoothing, equally far apart; sigma ← the
/// smoothing width for `teeter_slq_density_f64`: `width` of the spectrum's. `scratch`:
/// `teeter_quadrature_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_grid_f64(
    state: *mut teeter_slq_f64,
    width: f64,
    points: usize,
    grid: *mut f64,
    scratch: teeter_scratch_f64,
    sigma: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, `points` elements, one and the scratch.
        let (state, grid, sigma, scratch) = unsafe {
            (
                kept(&mut memory, state)?,
                memory.output(grid, points)?,
                memory.place(sigma)?,
                scratch.view(&mut memory)?,
            )
        };
        sigma.write(state.spectral_grid_into(width, grid, scratch).map_err(status_of)?);
        Ok(())
    })
}

/// density ← the spectral density, its integral 1, smoothed by a normal law of width sigma, at each of `points` places.
/// `scratch`: `teeter_quadrature_scratch_len(steps)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_slq_density_f64(
    state: *mut teeter_slq_f64,
    sigma: f64,
    points: usize,
    grid: *const f64,
    density: *mut f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, `points` elements each and the scratch.
        let (state, grid, density, scratch) = unsafe {
            (
                kept(&mut memory, state)?,
                memory.input(grid, points)?,
                memory.output(density, points)?,
                scratch.view(&mut memory)?,
            )
        };
        state.density_into(grid, sigma, density, scratch).map_err(status_of)
    })
}
