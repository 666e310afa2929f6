//! G-TRACER: the penalty ρ·Tr(P⁻¹H), its metric and its gradient.

use teeter::Error;
use teeter::optim::{Ahead, Behind, Displacement, Penalty, RankOne, Tracer, TracerState};

use super::scratch::teeter_scratch_f32;
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Access, Memory, Range, status};
use crate::random::teeter_stream;
use crate::status::{TEETER_RANGE, TEETER_STATE, status_of, teeter_status};

/// Constants of G-TRACER.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracer_f32 {
    /// ρ ≥ 0: weight of the penalty, in units of loss.
    pub rho: f32,
    /// β in [0, 1]: how much of G each F replaces.
    pub beta: f32,
    /// Part of the largest Gᵢ ever that is added to Gᵢ; ≥ 0.
    pub damping: f32,
}

impl teeter_tracer_f32 {
    fn view(&self) -> Tracer<f32> {
        Tracer { rho: self.rho, beta: self.beta, damping: self.damping }
    }
}

/// What G-TRACER remembers: arrays of zeros and 0 updates before the first.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracer_state_f32 {
    /// Parameters.
    pub n: usize,
    /// G: n elements, none negative.
    pub metric: *mut f32,
    /// The largest G so far: n elements.
    pub peak: *mut f32,
    /// Updates of G so far.
    pub updates: u64,
}

impl teeter_tracer_state_f32 {
    /// # Safety
    /// - The arrays are valid for n elements, and nothing but the call reaches them.
    unsafe fn view<'a>(&self, memory: &mut Memory) -> Result<TracerState<'a, f32>, teeter_status> {
        // SAFETY: as the caller vouches.
        let (metric, peak) =
            unsafe { (memory.output(self.metric, self.n)?, memory.output(self.peak, self.n)?) };
        Ok(TracerState { metric, peak, updates: self.updates })
    }
}

/// G ← (1 − β)G + βF, F a diagonal Fisher matrix: n elements, as `teeter_mlp_fisher_f32` gives it, or the
/// squares of a gradient.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracer_update_f32(
    machine: teeter_machine,
    tracer: *const teeter_tracer_f32,
    fisher: *const f32,
    state: *mut teeter_tracer_state_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (tracer, state) = unsafe { (memory.value(tracer)?.view(), memory.exclusive(state)?) };
        // SAFETY: the caller vouches for n elements each.
        let (fisher, mut inner) =
            unsafe { (memory.input(fisher, state.n)?, state.view(&mut memory)?) };
        tracer.update_metric(machine, fisher, &mut inner).map_err(status_of)?;
        state.updates = inner.updates;
        Ok(())
    })
}

/// probe ← P^−½z, z random signs: n elements. The mean of uᵀHu over such u is Tr(P⁻¹H).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracer_probe_f32(
    machine: teeter_machine,
    tracer: *const teeter_tracer_f32,
    stream: teeter_stream,
    state: *const teeter_tracer_state_f32,
    probe: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (tracer, state) = unsafe { (memory.value(tracer)?.view(), memory.value(state)?) };
        // SAFETY: the caller vouches for n elements each.
        let (probe, inner) = unsafe { (memory.output(probe, state.n)?, state.view(&mut memory)?) };
        tracer.probe_into(machine, stream.into(), &inner, probe).map_err(status_of)
    })
}

/// x ← P⁻¹x: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracer_precondition_f32(
    machine: teeter_machine,
    tracer: *const teeter_tracer_f32,
    state: *const teeter_tracer_state_f32,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (tracer, state) = unsafe { (memory.value(tracer)?.view(), memory.value(state)?) };
        // SAFETY: the caller vouches for n elements each.
        let (x, inner) = unsafe { (memory.output(x, state.n)?, state.view(&mut memory)?) };
        tracer.precondition(machine, &inner, x).map_err(status_of)
    })
}

/// penalty ← gradient + ρ·penalty: n elements. What a step is then taken with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracer_regularize_f32(
    machine: teeter_machine,
    tracer: *const teeter_tracer_f32,
    n: usize,
    gradient: *const f32,
    penalty: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element and for n elements each.
        let (tracer, gradient, penalty) = unsafe {
            (memory.value(tracer)?.view(), memory.input(gradient, n)?, memory.output(penalty, n)?)
        };
        tracer.regularize(machine, gradient, penalty).map_err(status_of)
    })
}

/// From where, along what and how far the penalty is differentiated.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_displacement_f32 {
    /// `TEETER_ALONG_PROBE`: the trace along a probe, two gradients; `TEETER_ALONG_GRADIENT`: gᵀP⁻¹g
    /// along P⁻¹g, one gradient.
    pub kind: u32,
    /// Parameters.
    pub n: usize,
    /// The gradient at the parameters: n elements, lent until the penalty is there.
    pub gradient: *const f32,
    /// u: n elements, lent alike.
    pub direction: *const f32,
    /// How far the parameters move, positive.
    pub distance: f32,
}

/// Where a penalty stands.
#[derive(Debug)]
pub(crate) enum Stage {
    Ahead(Ahead<'static, 'static, f32>),
    Behind(Behind<'static, 'static, f32>),
    RankOne(RankOne<'static, 'static, f32>),
    Done(f32, &'static mut [f32]),
    Gone,
}

impl Stage {
    fn next(self, gradient: &[f32]) -> Result<Self, Error> {
        let done = |Penalty { gradient, value }| Self::Done(value, gradient);
        match self {
            Self::Ahead(stage) => stage.gradient(gradient).map(Self::Behind),
            Self::Behind(stage) => stage.gradient(gradient).map(done),
            Self::RankOne(stage) => stage.gradient(gradient).map(done),
            Self::Done(..) | Self::Gone => Err(Error::State { expected: "penalty" }),
        }
    }
}

/// A penalty in the making, in the caller's memory. Nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_penalty_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The penalty.
    pub words: [u64; 30],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_penalty_f32 {
    type Value = Stage;
    const MARK: u64 = u64::from_le_bytes(*b"penalf32");
}

/// Moves the parameters to the first point where a gradient is wanted. `params`: n elements, lent until
/// the penalty is there or `teeter_penalty_drop_f32`. `scratch`: `teeter_tracer_scratch_len(n)`, lent alike.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_penalty_new_f32(
    machine: teeter_machine,
    tracer: *const teeter_tracer_f32,
    from: *const teeter_displacement_f32,
    params: *mut f32,
    scratch: teeter_scratch_f32,
    penalty: *mut teeter_penalty_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each.
        let (tracer, &from, penalty) =
            unsafe { (memory.value(tracer)?.view(), memory.value(from)?, memory.place(penalty)?) };
        // SAFETY: the caller vouches for n elements each and for the scratch.
        let (gradient, direction, params, lent) = unsafe {
            (
                memory.input(from.gradient, from.n)?,
                memory.input(from.direction, from.n)?,
                memory.output(params, from.n)?,
                scratch.view(&mut memory)?,
            )
        };
        let displacement = Displacement { gradient, direction, distance: from.distance };
        let stage = match from.kind {
            0 => tracer.ahead(machine, displacement, params, lent).map(Stage::Ahead),
            1 => tracer.rank_one(machine, displacement, params, lent).map(Stage::RankOne),
            _ => return Err(TEETER_RANGE),
        };
        keep(penalty, stage.map_err(status_of)?, scratch.range()?);
        Ok(())
    })
}

/// point ← where the gradient is wanted next, n elements of `params`; null when the penalty is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_penalty_poll_f32(
    penalty: *mut teeter_penalty_f32,
    point: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (penalty, point) = unsafe { (kept(&mut memory, penalty)?, memory.place(point)?) };
        point.write(match penalty {
            Stage::Ahead(stage) => stage.params().as_ptr(),
            Stage::Behind(stage) => stage.params().as_ptr(),
            Stage::RankOne(stage) => stage.params().as_ptr(),
            Stage::Done(..) | Stage::Gone => core::ptr::null(),
        });
        Ok(())
    })
}

/// Takes the gradient at the point that `_poll` gave: n elements. A gradient that is not finite ends the
/// penalty, and the parameters are as they were.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_penalty_push_f32(
    penalty: *mut teeter_penalty_f32,
    gradient: *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let penalty = unsafe { kept(&mut memory, penalty)? };
        let params = match penalty {
            Stage::Ahead(stage) => stage.params(),
            Stage::Behind(stage) => stage.params(),
            Stage::RankOne(stage) => stage.params(),
            Stage::Done(..) | Stage::Gone => return Err(TEETER_STATE),
        };
        let n = params.len();
        memory.note(Range::of(params.as_ptr(), n, Access::Written)?)?;
        // SAFETY: as above.
        let gradient = unsafe { memory.input(gradient, n)? };
        let stage = core::mem::replace(penalty, Stage::Gone);
        *penalty = stage.next(gradient).map_err(status_of)?;
        Ok(())
    })
}

/// value ← the penalty; gradient ← where its gradient stands: n elements of the scratch. `TEETER_STATE` before it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_penalty_result_f32(
    penalty: *mut teeter_penalty_f32,
    value: *mut f32,
    gradient: *mut *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element each.
        let (penalty, value, gradient) =
            unsafe { (kept(&mut memory, penalty)?, memory.place(value)?, memory.place(gradient)?) };
        let Stage::Done(found, memory) = penalty else { return Err(TEETER_STATE) };
        value.write(*found);
        gradient.write(memory.as_mut_ptr());
        Ok(())
    })
}

/// Gives the penalty up: the parameters are as they were, to the bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_penalty_drop_f32(
    penalty: *mut teeter_penalty_f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for the struct.
        let penalty = unsafe { kept(&mut Memory::new(), penalty)? };
        *penalty = Stage::Gone;
        Ok(())
    })
}
