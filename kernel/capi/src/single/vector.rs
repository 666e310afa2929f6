//! Level 1: vectors of n elements.

use teeter::vector;

use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// result ← xᵀy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_dot_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    y: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each and for one of `result`.
        let (x, y, result) =
            unsafe { (memory.input(x, n)?, memory.input(y, n)?, memory.place(result)?) };
        result.write(vector::dot(machine, x, y).map_err(status_of)?);
        Ok(())
    })
}

/// result ← xᵀy, as if summed in twice the precision and then rounded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_dot_precise_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    y: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each and for one of `result`.
        let (x, y, result) =
            unsafe { (memory.input(x, n)?, memory.input(y, n)?, memory.place(result)?) };
        result.write(vector::dot_precise(machine, x, y).map_err(status_of)?);
        Ok(())
    })
}

/// result ← ‖x‖₂, without overflow or underflow on the way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_norm2_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `result`.
        let (x, result) = unsafe { (memory.input(x, n)?, memory.place(result)?) };
        result.write(vector::norm2(machine, x));
        Ok(())
    })
}

/// result ← Σ xᵢ.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sum_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `result`.
        let (x, result) = unsafe { (memory.input(x, n)?, memory.place(result)?) };
        result.write(vector::sum(machine, x));
        Ok(())
    })
}

/// result ← Σ |xᵢ|.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sum_abs_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `result`.
        let (x, result) = unsafe { (memory.input(x, n)?, memory.place(result)?) };
        result.write(vector::sum_abs(machine, x));
        Ok(())
    })
}

/// result ← Σ xᵢ, as if summed in twice the precision and then rounded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_sum_precise_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    result: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `result`.
        let (x, result) = unsafe { (memory.input(x, n)?, memory.place(result)?) };
        result.write(vector::sum_precise(machine, x));
        Ok(())
    })
}

/// index ← the first i with the largest |xᵢ|; the first NaN if there is one. Refuses n = 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_argmax_abs_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    index: *mut usize,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `index`.
        let (x, index) = unsafe { (memory.input(x, n)?, memory.place(index)?) };
        index.write(vector::argmax_abs(machine, x).map_err(status_of)?);
        Ok(())
    })
}

/// index ← the first i at which x is NaN or infinite; n if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_first_not_finite_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    index: *mut usize,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements and for one of `index`.
        let (x, index) = unsafe { (memory.input(x, n)?, memory.place(index)?) };
        index.write(vector::first_not_finite(machine, x).unwrap_or(n));
        Ok(())
    })
}

/// y ← αx + y.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_axpy_f32(
    machine: teeter_machine,
    n: usize,
    alpha: f32,
    x: *const f32,
    y: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each.
        let (x, y) = unsafe { (memory.input(x, n)?, memory.output(y, n)?) };
        vector::axpy(machine, alpha, x, y).map_err(status_of)
    })
}

/// x ← αx.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_scale_f32(
    machine: teeter_machine,
    n: usize,
    alpha: f32,
    x: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements.
        vector::scale(machine, alpha, unsafe { memory.output(x, n)? });
        Ok(())
    })
}

/// yᵢ ← xᵢyᵢ.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_multiply_f32(
    machine: teeter_machine,
    n: usize,
    x: *const f32,
    y: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each.
        let (x, y) = unsafe { (memory.input(x, n)?, memory.output(y, n)?) };
        vector::multiply(machine, x, y).map_err(status_of)
    })
}

/// x ↔ y.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_swap_f32(
    machine: teeter_machine,
    n: usize,
    x: *mut f32,
    y: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each.
        let (x, y) = unsafe { (memory.output(x, n)?, memory.output(y, n)?) };
        vector::swap(machine, x, y).map_err(status_of)
    })
}

/// The rotation that takes (f, g) to (r, 0).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_givens_f32 {
    /// The cosine.
    pub c: f32,
    /// The sine.
    pub s: f32,
    /// cf + sg.
    pub r: f32,
}

/// result ← c and s with c² + s² = 1, cf + sg = r, cg − sf = 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_givens_of_f32(
    f: f32,
    g: f32,
    result: *mut teeter_givens_f32,
) -> teeter_status {
    status(|| {
        // SAFETY: the caller vouches for one element.
        let result = unsafe { Memory::new().place(result)? };
        let vector::Givens { c, s, r } = vector::givens(f, g);
        result.write(teeter_givens_f32 { c, s, r });
        Ok(())
    })
}

/// (x, y) ← (cx + sy, cy − sx).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_rotate_f32(
    machine: teeter_machine,
    n: usize,
    c: f32,
    s: f32,
    x: *mut f32,
    y: *mut f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for n elements each.
        let (x, y) = unsafe { (memory.output(x, n)?, memory.output(y, n)?) };
        vector::rotate(machine, (c, s), x, y).map_err(status_of)
    })
}
