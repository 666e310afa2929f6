//! The form of a network, without its numbers.

use teeter::objective::{Activation, Loss, MlpShape, mlp_param_len, mlp_scratch_len};

use crate::memory::Memory;
use crate::status::{TEETER_RANGE, teeter_status};

/// The form of a multilayer perceptron. A layer's parameters are W, in × out, row-major, then b, out; layers
/// follow one another.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_mlp_shape {
    /// Inputs, hidden units of each layer, outputs.
    pub widths: *const usize,
    /// How many widths: at least 2.
    pub width_count: usize,
    /// `TEETER_TANH`, `TEETER_RELU`, `TEETER_SOFTPLUS`, `TEETER_IDENTITY`: of every layer but the last.
    pub activation: u32,
    /// `TEETER_HALF_SQUARED` or `TEETER_CROSS_ENTROPY`; the loss is its mean over the samples.
    pub loss: u32,
}

/// # Safety
/// - If not null and aligned, it is a shape, and its widths are as many as it says.
pub(crate) unsafe fn shape_of<'a>(
    shape: *const teeter_mlp_shape,
    memory: &mut Memory,
) -> Result<MlpShape<'a>, teeter_status> {
    // SAFETY: as the caller vouches.
    let shape = unsafe { memory.value(shape)? };
    // SAFETY: as the caller vouches.
    let widths = unsafe { memory.input(shape.widths, shape.width_count)? };
    let activation = match shape.activation {
        0 => Activation::Tanh,
        1 => Activation::Relu,
        2 => Activation::Softplus,
        3 => Activation::Identity,
        _ => return Err(TEETER_RANGE),
    };
    let loss = match shape.loss {
        0 => Loss::HalfSquared,
        1 => Loss::CrossEntropy,
        _ => return Err(TEETER_RANGE),
    };
    Ok(MlpShape { widths, activation, loss })
}

/// Parameters of a network; 0 for a shape that is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_param_len(shape: *const teeter_mlp_shape) -> usize {
    // SAFETY: the caller vouches for the shape.
    unsafe { shape_of(shape, &mut Memory::new()) }.map_or(0, |shape| mlp_param_len(shape.widths))
}

/// Elements of scratch that `teeter_mlp_new_*` needs; 0 for a shape that is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_mlp_scratch_len(
    shape: *const teeter_mlp_shape,
    samples: usize,
) -> usize {
    // SAFETY: the caller vouches for the shape.
    unsafe { shape_of(shape, &mut Memory::new()) }
        .map_or(0, |shape| mlp_scratch_len(shape.widths, samples))
}
