//! The multilayer perceptron: loss, gradient, Hessian products.

use core::ffi::c_void;

use teeter::objective::{Mlp, Objective, mlp_initialize};

use super::scratch::teeter_scratch_f32;
use super::view::teeter_matrix_f32;
use crate::kept::{Keeper, keep, kept};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::random::teeter_stream;
use crate::shape::{shape_of, teeter_mlp_shape};
use crate::status::{status_of, teeter_status};

/// The network with its data, in the caller's memory. Made by `teeter_mlp_new_f32`; nothing of it is for the caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_mlp_f32 {
    /// What stands in the words.
    pub mark: u64,
    /// The network.
    pub words: [u64; 46],
}

// SAFETY: a mark and words, in C's layout.
unsafe impl Keeper for teeter_mlp_f32 {
    type Value = Mlp<'static, f32>;
    const MARK: u64 = u64::from_le_bytes(*b"mlpntf32");
}

/// params ← random numbers within 1/√in of each layer: `teeter_mlp_param_len` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_initialize_f32(
    shape: *const teeter_mlp_shape,
    stream: teeter_stream,
    params: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for one element, the widths and the parameters.
        unsafe {
            let shape = shape_of(shape, &mut memory)?;
            let params = memory.output(params, shape.param_len())?;
            mlp_initialize(shape, stream.into(), params).map_err(status_of)
        }
    })
}

/// The network of `shape` on `inputs` (N × d) and `targets` (N × out). Data, widths and `scratch` are lent until
/// the last call. `scratch`: `teeter_mlp_scratch_len(shape, N)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_new_f32(
    machine: teeter_machine,
    shape: *const teeter_mlp_shape,
    inputs: teeter_matrix_f32,
    targets: teeter_matrix_f32,
    scratch: teeter_scratch_f32,
    mlp: *mut teeter_mlp_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches for the widths, the matrices, one struct and the scratch.
        let (shape, inputs, targets, mlp, lent) = unsafe {
            (
                shape_of(shape, &mut memory)?,
                inputs.view(&mut memory)?,
                targets.view(&mut memory)?,
                memory.place(mlp)?,
                scratch.view(&mut memory)?,
            )
        };
        let value = Mlp::new(machine, shape, (inputs, targets), lent).map_err(status_of)?;
        keep(mlp, value, scratch.range()?);
        Ok(())
    })
}

/// loss ← L(w), and keeps what gradients and products at w start from.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_evaluate_f32(
    mlp: *mut teeter_mlp_f32,
    params: *const f32,
    loss: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, the parameters and one element.
        let (mlp, loss) = unsafe { (kept(&mut memory, mlp)?, memory.place(loss)?) };
        // SAFETY: as above.
        let params = unsafe { memory.input(params, mlp.dim())? };
        loss.write(mlp.evaluate(params).map_err(status_of)?);
        Ok(())
    })
}

/// share ← how many samples, of 1, have their largest output where their target has its.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_accuracy_f32(
    mlp: *mut teeter_mlp_f32,
    share: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct and for one element.
        let (mlp, share) = unsafe { (kept(&mut memory, mlp)?, memory.place(share)?) };
        share.write(mlp.accuracy().map_err(status_of)?);
        Ok(())
    })
}

/// out ← ∇L(w), at the `params` that were evaluated last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_gradient_f32(
    mlp: *mut teeter_mlp_f32,
    params: *const f32,
    out: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, the parameters and as many elements.
        let mlp = unsafe { kept(&mut memory, mlp)? };
        // SAFETY: as above.
        let (params, out) =
            unsafe { (memory.input(params, mlp.dim())?, memory.output(out, mlp.dim())?) };
        mlp.gradient(params, out).map_err(status_of)
    })
}

/// out ← the mean over samples of the squares of their gradients: the diagonal of the empirical Fisher matrix, at the `params` that were evaluated last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_fisher_f32(
    mlp: *mut teeter_mlp_f32,
    params: *const f32,
    out: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, the parameters and as many elements.
        let mlp = unsafe { kept(&mut memory, mlp)? };
        // SAFETY: as above.
        let (params, out) =
            unsafe { (memory.input(params, mlp.dim())?, memory.output(out, mlp.dim())?) };
        mlp.fisher_diagonal(params, out).map_err(status_of)
    })
}

/// out ← Hv, H the Hessian of the loss, at the `params` that were evaluated last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_hessian_f32(
    mlp: *mut teeter_mlp_f32,
    params: *const f32,
    v: *const f32,
    out: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, the parameters and as many elements each.
        let mlp = unsafe { kept(&mut memory, mlp)? };
        let n = mlp.dim();
        // SAFETY: as above.
        let (params, v, out) =
            unsafe { (memory.input(params, n)?, memory.input(v, n)?, memory.output(out, n)?) };
        mlp.hessian_product(params, v, out).map_err(status_of)
    })
}

/// out ← Gv, G the Gauss–Newton part of the Hessian, at the `params` that were evaluated last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_gauss_newton_f32(
    mlp: *mut teeter_mlp_f32,
    params: *const f32,
    v: *const f32,
    out: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the struct, the parameters and as many elements each.
        let mlp = unsafe { kept(&mut memory, mlp)? };
        let n = mlp.dim();
        // SAFETY: as above.
        let (params, v, out) =
            unsafe { (memory.input(params, n)?, memory.input(v, n)?, memory.output(out, n)?) };
        mlp.gauss_newton_product(params, v, out).map_err(status_of)
    })
}

/// A network at the parameters that were evaluated last: the context of its products.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_mlp_point_f32 {
    /// The network.
    pub mlp: *mut teeter_mlp_f32,
    /// The parameters.
    pub params: *const f32,
}

/// `teeter_mlp_hessian_f32` as the product of a `teeter_operator_f32` whose context is a
/// `teeter_mlp_point_f32`. Returns the status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_hessian_product_f32(
    context: *mut c_void,
    n: usize,
    x: *const f32,
    y: *mut f32,
) -> i32 {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the context, what it points to, and n elements each.
        let (mlp, point, x, y) = unsafe {
            let point = memory.value(context.cast::<teeter_mlp_point_f32>())?;
            (kept(&mut memory, point.mlp)?, point, memory.input(x, n)?, memory.output(y, n)?)
        };
        // SAFETY: as above.
        let params = unsafe { memory.input(point.params, mlp.dim())? };
        mlp.hessian_product(params, x, y).map_err(status_of)
    })
}

/// `teeter_mlp_gauss_newton_f32` as the product of a `teeter_operator_f32` whose context is a
/// `teeter_mlp_point_f32`. Returns the status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_gauss_newton_product_f32(
    context: *mut c_void,
    n: usize,
    x: *const f32,
    y: *mut f32,
) -> i32 {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the context, what it points to, and n elements each.
        let (mlp, point, x, y) = unsafe {
            let point = memory.value(context.cast::<teeter_mlp_point_f32>())?;
            (kept(&mut memory, point.mlp)?, point, memory.input(x, n)?, memory.output(y, n)?)
        };
        // SAFETY: as above.
        let params = unsafe { memory.input(point.params, mlp.dim())? };
        mlp.gauss_newton_product(params, x, y).map_err(status_of)
    })
}
