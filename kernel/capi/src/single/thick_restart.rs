//! Several eigenpairs, one product at a time.

use teeter::krylov::{ThickRestart, ThickRestartOptions};
use teeter::operator::LinearOperator;

use super::eigenpair::{teeter_eigenpair_f32, which};
use super::operator::teeter_operator_f32;
use super::scratch::teeter_scratch_f32;
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::outcome::refuse;
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// What is wanted of the spectrum and what it may cost.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_thick_restart_options_f32 {
    /// Pairs wanted at most, at least 1.
    pub count: usize,
    /// 1 if only eigenvalues beyond `limit` are wanted, else 0.
    pub has_limit: u32,
    /// `TEETER_LARGEST_ALGEBRAIC`, …
    pub which: u32,
    /// Larger, smaller, larger in modulus, or at either end beyond ± this, as `which` has it.
    pub limit: f32,
    /// Vectors kept before a restart: `teeter_krylov_dim_for(n, count)`.
    pub krylov_dim: usize,
    /// Vectors it starts from; usually 1.
    pub block: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|, or at what rounding leaves of it.
    pub tolerance: f32,
    /// Pairs whose residual is computed from a product of its own in the end; `count` is usual.
    pub checked: usize,
    /// Products allowed in all, at least 1.
    pub product_max: usize,
    /// Seed of the random starts.
    pub seed: u64,
}

/// The search, in the caller's memory. Made by `teeter_thick_restart_new_f32`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_thick_restart_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The machine.
    pub words: [u64; 46],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_thick_restart_f32 {
    type Value = ThickRestart<'static, f32>;
    const MARK: u64 = u64::from_le_bytes(*b"thickf32");
}

/// Begins a search on an operator of order n. `starts`: `start_count` vectors of n elements, one after the other; may be null
/// if there are none: random ones make up for them. `scratch`: `teeter_thick_restart_scratch_len(n, krylov_dim)`,
/// lent until the last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_new_f32(
    machine: teeter_machine,
    n: usize,
    options: *const teeter_thick_restart_options_f32,
    starts: teeter_vectors_f32,
    scratch: teeter_scratch_f32,
    search: *mut teeter_thick_restart_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for one element each, for the starts and the scratch.
        let (&options, starts, search, lent) = unsafe {
            (
                memory.value(options)?,
                starts.view(n, &mut memory)?,
                memory.place(search)?,
                scratch.view(&mut memory)?,
            )
        };
        let options = ThickRestartOptions {
            count: options.count,
            limit: (options.has_limit != 0).then_some(options.limit),
            which: which(options.which)?,
            krylov_dim: options.krylov_dim,
            block: options.block,
            tolerance: options.tolerance,
            checked: options.checked,
            product_max: options.product_max,
            seed: options.seed,
        };
        let value = ThickRestart::new(machine, n, &options, starts, lent).map_err(status_of)?;
        keep(search, value, scratch.range()?);
        Ok(())
    })
}

/// vector ← n elements whose product is to be pushed next; null when the search is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_poll_f32(
    search: *mut teeter_thick_restart_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one pointer.
        let (search, vector) = unsafe { (kept(&mut memory, search)?, memory.place(vector)?) };
        vector.write(search.wants().map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}

/// Takes the product of the vector that `_poll` gave: n elements. A product that is not finite is
/// refused and changes nothing: the right one can still be pushed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_push_f32(
    search: *mut teeter_thick_restart_f32,
    product: *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for n elements.
        let search = unsafe { kept(&mut memory, search)? };
        let n = search.wants().map_or(0, <[f32]>::len);
        // SAFETY: as above.
        search.push(unsafe { memory.input(product, n)? }).map_err(status_of)
    })
}

/// Ends the search: the best pairs so far become the answer, and the products it still wants are those
/// for their residuals.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_conclude_f32(
    search: *mut teeter_thick_restart_f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for the struct.
        unsafe { kept(&mut Memory::new(), search)? }.conclude().map_err(status_of)
    })
}

/// Pushes all products that the search wants. `product`: n elements of scratch. `operator_code`: what the
/// operator returned if the status is `TEETER_OPERATOR`; the search can go on then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_run_f32(
    search: *mut teeter_thick_restart_f32,
    operator: *const teeter_operator_f32,
    product: *mut f32,
    operator_code: *mut i32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, one element each, n elements and the product.
        let (search, &operator, code) = unsafe {
            (kept(&mut memory, search)?, memory.value(operator)?, memory.place(operator_code)?)
        };
        // SAFETY: as above.
        let (product, mut operator) =
            unsafe { (memory.output(product, operator.n)?, operator.view()?) };
        while let Some(vector) = search.wants() {
            operator.apply(vector, product).map_err(|error| refuse(code, error))?;
            search.push(product).map_err(status_of)?;
        }
        Ok(())
    })
}

/// found ← how many pairs can be asked for; completeness ← `TEETER_ALL`, `TEETER_MEMORY_FULL` or
/// `TEETER_UNKNOWN`: whether these are all that were wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_found_f32(
    search: *mut teeter_thick_restart_f32,
    found: *mut usize,
    completeness: *mut u32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element each.
        let (search, found, completeness) = unsafe {
            (kept(&mut memory, search)?, memory.place(found)?, memory.place(completeness)?)
        };
        found.write(search.found());
        completeness.write(search.completeness() as u32);
        Ok(())
    })
}

/// The pair of this index, the most wanted first, and where its unit vector stands (null before the
/// end of the search): valid until the next `_push`. `TEETER_RANGE` beyond those found.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_thick_restart_pair_f32(
    search: *mut teeter_thick_restart_f32,
    index: usize,
    pair: *mut teeter_eigenpair_f32,
    vector: *mut *const f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element each.
        let (search, pair, vector) =
            unsafe { (kept(&mut memory, search)?, memory.place(pair)?, memory.place(vector)?) };
        pair.write(search.pair(index).ok_or(TEETER_RANGE)?.into());
        vector.write(search.vector(index).map_or(core::ptr::null(), <[f32]>::as_ptr));
        Ok(())
    })
}

/// Vectors of n elements each, one after the other.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_vectors_f32 {
    /// The first element of the first; may be null if there are none.
    pub data: *const f32,
    /// Vectors.
    pub count: usize,
}

impl teeter_vectors_f32 {
    /// # Safety
    /// - `data` is valid for reading count·n elements.
    pub(crate) unsafe fn view<'a>(
        &self,
        n: usize,
        memory: &mut Memory,
    ) -> Result<&'a [f32], teeter_status> {
        if self.count == 0 {
            return Ok(&[]);
        }
        // SAFETY: as the caller vouches.
        unsafe { memory.input(self.data, n.saturating_mul(self.count)) }
    }
}
