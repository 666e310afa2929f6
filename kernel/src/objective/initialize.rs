//! Initial parameters.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::objective::MlpShape;
use crate::objective::shape::part_mut;
use crate::random::{Stream, uniforms_into};

/// params ← independent uniforms of (−1/√in, 1/√in), in the inputs of the layer; W and b alike.
///
/// # Shapes
/// `params`: [`mlp_param_len`](crate::objective::mlp_param_len) of the widths.
///
/// # Method
/// Layer l takes child l of `stream`: element i of its parameters (W, then b) is (2uᵢ − 1)/√in,
/// uᵢ uniform i of that child. So a layer's values do not depend on the other layers' widths.
///
/// # Accuracy
/// Three roundings per element; the same bits on every target.
///
/// # Errors
/// `Error::Short` if there are fewer than two widths, `Error::Empty` if one is zero,
/// `Error::Length` if `params` does not fit.
///
/// # Cost
/// One block of the generator for two parameters.
///
/// # Source
/// The rule of PyTorch's `Linear`; LeCun, Bottou, Orr, Müller 1998, *Efficient BackProp*, §4.6,
/// with a third of its variance.
pub fn mlp_initialize<T: Float>(
    shape: MlpShape<'_>,
    stream: Stream,
    params: &mut [T],
) -> Result<(), Error> {
    shape.check()?;
    check::same_len("params", shape.param_len(), params.len())?;
    for layer in shape.layers() {
        let len = (layer.inputs + 1) * layer.outputs;
        let values = part_mut(params, layer.params, len)?;
        uniforms_into(stream.child(layer.index as u64), values);
        let bound = T::ONE / T::from_usize(layer.inputs).sqrt();
        for value in values {
            *value = (T::TWO * *value - T::ONE) * bound;
        }
    }
    Ok(())
}
