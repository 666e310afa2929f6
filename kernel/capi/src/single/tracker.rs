//! Sharpness followed through training, one product at a time.

use core::mem::offset_of;

use teeter::krylov::{
    SharpnessTracker, SharpnessTrackerOptions, TrackedPair, TrackedSharpness, track_sharpness,
};

use super::operator::teeter_operator_f32;
use super::scratch::teeter_scratch_f32;
use super::thick_restart::teeter_vectors_f32;
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::{Coded, deliver};
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// What a tracker may spend, and what it follows.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracker_options_f32 {
    /// Vectors kept, at least 2 (1 for n = 1); 6 is usual.
    pub dim_max: usize,
    /// Products a step, at least 1; 2 is usual.
    pub products_per_step: usize,
    /// 1 to follow the eigenvalues beyond `limit` beside the largest, else 0.
    pub has_limit: u32,
    /// That limit.
    pub limit: f32,
    /// Seed of the random vectors.
    pub seed: u64,
}

/// λ₁ as the tracker sees it. NaN before the first product.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracked_f32 {
    /// 0; the only field written when the status is `TEETER_OPERATOR`.
    pub operator_code: i32,
    /// The estimate of λ₁.
    pub value: f32,
    /// ‖Wy − θy‖, W the products as they were taken.
    pub residual: f32,
    /// The age in steps of the products that it rests on; 0: all are of this step.
    pub lag: f32,
    /// How far the leading Rayleigh quotient moved in a step, when that was last seen.
    pub drift: f32,
    /// λ₁ of the operator `measured_age` steps ago was no smaller.
    pub measured: f32,
    /// An eigenvalue of that operator lies within it of `measured`.
    pub measured_residual: f32,
    /// Steps since then; 0: it speaks of this step.
    pub measured_age: u64,
    /// Steps begun.
    pub steps: u64,
    /// Products taken in all.
    pub products: u64,
    /// Pairs kept.
    pub pairs: usize,
    /// Those of them beyond the limit; 0 where there is none.
    pub beyond_limit: usize,
}

impl Coded for teeter_tracked_f32 {
    const CODE_AT: usize = offset_of!(Self, operator_code);
}

impl From<TrackedSharpness<f32>> for teeter_tracked_f32 {
    fn from(seen: TrackedSharpness<f32>) -> Self {
        Self {
            operator_code: 0,
            value: seen.value,
            residual: seen.residual,
            lag: seen.lag,
            drift: seen.drift,
            measured: seen.measured,
            measured_residual: seen.measured_residual,
            measured_age: seen.measured_age,
            steps: seen.steps,
            products: seen.products,
            pairs: seen.pairs,
            beyond_limit: seen.beyond_limit,
        }
    }
}

/// One of the pairs that a tracker keeps.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracked_pair_f32 {
    /// Its Ritz value.
    pub value: f32,
    /// ‖Wy − θy‖, W the products as they were taken.
    pub residual: f32,
    /// The age in steps of the products it rests on.
    pub lag: f32,
}

/// The tracker, in the caller's memory. Made by `teeter_tracker_new_f32`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_tracker_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The tracker.
    pub words: [u64; 46],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_tracker_f32 {
    type Value = SharpnessTracker<'static, f32>;
    const MARK: u64 = u64::from_le_bytes(*b"trackf32");
}

/// A tracker of an operator of order n. `start`: no vector, or one. `scratch`: `teeter_tracker_scratch_len(n, dim_max)`,
/// lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_new_f32(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_tracker_options_f32,
    start: teeter_vectors_f32,
    scratch: teeter_scratch_f32,
    tracker: *mut teeter_tracker_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each, for the start and the scratch.
        let (&options, start, tracker, lent) = unsafe {
            (
                memory.value(options)?,
                start.view(n, &mut memory)?,
                memory.place(tracker)?,
                scratch.view(&mut memory)?,
            )
        };
        let options = SharpnessTrackerOptions {
            dim_max: options.dim_max,
            products_per_step: options.products_per_step,
            limit: (options.has_limit != 0).then_some(options.limit),
            seed: options.seed,
        };
        let value = SharpnessTracker::new(machine, n, &options, start, lent).map_err(status_of)?;
        keep(tracker, value, scratch.range()?);
        Ok(())
    })
}

/// One step by callback: advances, takes the step's products and estimates. `product`: n elements
/// of scratch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_step_f32(
    tracker: *mut teeter_tracker_f32,
    operator: *const teeter_operator_f32,
    product: *mut f32,
    result: *mut teeter_tracked_f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, one element each, n elements and the product.
        let (tracker, &operator, result) = unsafe {
            (kept(&mut memory, tracker)?, memory.value(operator)?, memory.place(result)?)
        };
        // SAFETY: as above.
        let (product, mut operator) =
            unsafe { (memory.output(product, operator.n)?, operator.view()?) };
        let seen = track_sharpness(tracker, &mut operator, product);
        deliver(result, seen.map(teeter_tracked_f32::from))
    })
}

/// Begins a step: the operator is another one from now on. Called before the products of every step.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_advance_f32(
    tracker: *mut teeter_tracker_f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for the struct.
        unsafe { kept(&mut Memory::new(), tracker)? }.advance().map_err(status_of)
    })
}

/// vector ← n elements whose product is to be pushed next; null when the step's products are taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_poll_f32(
    tracker: *mut teeter_tracker_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (tracker, vector) = unsafe { (kept(&mut memory, tracker)?, memory.place(vector)?) };
        vector.write(tracker.wants().map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. A product that is not finite is
/// refused and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_push_f32(
    tracker: *mut teeter_tracker_f32,
    product: *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let tracker = unsafe { kept(&mut memory, tracker)? };
        let n = tracker.wants().map_or(0, <[f32]>::len);
        // SAFETY: as above.
        tracker.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// result ← λ₁ as it is seen now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_estimate_f32(
    tracker: *mut teeter_tracker_f32,
    result: *mut teeter_tracked_f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element.
        let (tracker, result) = unsafe { (kept(&mut memory, tracker)?, memory.place(result)?) };
        result.write(tracker.estimate().into());
        Ok(())
    })
}

/// Follows the eigenvalues beyond another limit from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_set_limit_f32(
    tracker: *mut teeter_tracker_f32,
    limit: f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for the struct.
        unsafe { kept(&mut Memory::new(), tracker)? }.set_limit(Some(limit)).map_err(status_of)
    })
}

/// The pair of this index, the largest first, and where its unit vector stands: valid until the
/// next `_push`. `TEETER_RANGE` beyond those kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tracker_pair_f32(
    tracker: *mut teeter_tracker_f32,
    index: usize,
    pair: *mut teeter_tracked_pair_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element each.
        let (tracker, pair, vector) =
            unsafe { (kept(&mut memory, tracker)?, memory.place(pair)?, memory.place(vector)?) };
        let TrackedPair { value, residual, lag } = tracker.pair(index).ok_or(TEETER_RANGE)?;
        pair.write(teeter_tracked_pair_f32 { value, residual, lag });
        vector.write(tracker.vector(index).map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}
