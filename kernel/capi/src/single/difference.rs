//! Hessian products from a gradient callback.

use core::ffi::c_void;

use teeter::Error;
use teeter::operator::{Difference, DifferenceOptions, FiniteDifference, LinearOperator};

use super::operator::teeter_product_f32;
use super::scratch::teeter_scratch_f32;
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{TEETER_NULL, TEETER_RANGE, status_of};

/// A loss known by its gradient, at a point: the context of `teeter_difference_product_f32`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_difference_f32 {
    /// Which machine to run on.
    pub machine: teeter_machine,
    /// `TEETER_CENTRAL`: two gradients a product, an error of order h²; `TEETER_FORWARD`: of order h.
    pub kind: u32,
    /// y ← ∇L(x): called as a product is, and refuses as a product does.
    pub gradient: teeter_product_f32,
    /// Handed to the gradient untouched; may be null.
    pub context: *mut c_void,
    /// w: n elements.
    pub params: *const f32,
    /// Relative error of a gradient, from half an epsilon to 1; the epsilon of the format for a good one.
    pub noise: f32,
    /// How far to step, or 0 to have it chosen.
    pub distance: f32,
    /// 3n elements.
    pub scratch: teeter_scratch_f32,
}

/// y ← Hx, H the Hessian at `params`, from differences of gradients: the product of a `teeter_operator_f32`
/// whose context is a `teeter_difference_f32`. Returns what the gradient returned if it refused, else a status.
/// Where there are exact products, take those.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_difference_product_f32(
    context: *mut c_void,
    n: usize,
    x: *const f32,
    y: *mut f32,
) -> i32 {
    let mut refused = 0;
    let found = status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches for the context.
        let &at = unsafe { memory.value(context.cast::<teeter_difference_f32>())? };
        let machine = machine_of(at.machine)?;
        // SAFETY: the caller vouches for n elements each and for the scratch.
        let (params, x, y, scratch) = unsafe {
            (
                memory.input(at.params, n)?,
                memory.input(x, n)?,
                memory.output(y, n)?,
                at.scratch.view(&mut memory)?,
            )
        };
        let difference = match at.kind {
            0 => Difference::Central,
            1 => Difference::Forward,
            _ => return Err(TEETER_RANGE),
        };
        let options = DifferenceOptions { difference, noise: at.noise, distance: at.distance };
        let callback = at.gradient.ok_or(TEETER_NULL)?;
        let gradient = |w: &[f32], g: &mut [f32]| {
            // SAFETY: both slices have n elements; the caller vouches for gradient and context.
            match unsafe { callback(at.context, w.len(), w.as_ptr(), g.as_mut_ptr()) } {
                0 => Ok(()),
                code => Err(Error::Operator { code }),
            }
        };
        let hessian = FiniteDifference::new(machine, gradient, params, options, scratch);
        hessian.and_then(|mut hessian| hessian.apply(x, y)).map_err(|error| {
            if let Error::Operator { code } = error {
                refused = code;
            }
            status_of(error)
        })
    });
    if refused == 0 { found } else { refused }
}
