//! The form of a network: widths, activation, loss; where its parameters lie.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};

/// f of the hidden layers; the last layer is always linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Activation {
    /// f(a) = tanh a.
    Tanh,
    /// f(a) = max(a, 0). At the kink f′(0) = 0, the derivative from the left; f″ = 0 everywhere.
    Relu,
    /// f(a) = log(1 + eᵃ), the smooth relu.
    Softplus,
    /// f(a) = a: a linear network, however deep.
    Identity,
}

/// ℓ(f, t) of one sample; the loss is its mean over the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Loss {
    /// ½‖f − t‖².
    HalfSquared,
    /// −Σⱼ tⱼ log pⱼ, p = softmax(f). Rows of the targets are one-hot or probabilities.
    CrossEntropy,
}

/// The form of a network, without its numbers.
///
/// # Shapes
/// `widths` is (d, h₁, …, out), at least two. Layer l maps widths[l] numbers to widths[l + 1]; its
/// parameters are W, in × out, row-major, then b, out; layers follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MlpShape<'a> {
    /// d, h₁, …, out.
    pub widths: &'a [usize],
    /// f of every layer but the last.
    pub activation: Activation,
    /// ℓ, whose mean over the samples is the loss.
    pub loss: Loss,
}

/// Samples that go through the network together, so that what they need stays in cache.
///
/// A constant of the algorithm: it enters the order of additions in the Hessian product.
pub(crate) const BLOCK: usize = 128;

/// Parameters of a network of these widths: Σ (in + 1)·out.
#[must_use]
pub const fn mlp_param_len(widths: &[usize]) -> usize {
    let (mut len, mut rest) = (0_usize, widths);
    while let [inputs, tail @ ..] = rest {
        if let [outputs, ..] = tail {
            len = len.saturating_add(inputs.saturating_add(1).saturating_mul(*outputs));
        }
        rest = tail;
    }
    len
}

/// Elements of scratch that [`Mlp::new`](crate::objective::Mlp::new) needs.
///
/// With U the units behind the input, out of them at the output, M the largest width and
/// b = min(N, 128): N(2U + out) + b(2U + M).
#[must_use]
pub const fn mlp_scratch_len(widths: &[usize], samples: usize) -> usize {
    let block = if samples < BLOCK { samples } else { BLOCK };
    let (units, outputs) = (unit_count(widths), output_count(widths));
    let kept = units.saturating_mul(2).saturating_add(outputs).saturating_mul(samples);
    let passing = units.saturating_mul(2).saturating_add(width_max(widths)).saturating_mul(block);
    kept.saturating_add(passing)
}

/// Units behind the input.
pub(crate) const fn unit_count(widths: &[usize]) -> usize {
    let (mut units, mut rest) = (0_usize, widths);
    while let [_, tail @ ..] = rest {
        if let [outputs, ..] = tail {
            units = units.saturating_add(*outputs);
        }
        rest = tail;
    }
    units
}

/// The last width.
pub(crate) const fn output_count(widths: &[usize]) -> usize {
    match widths {
        [.., outputs] => *outputs,
        [] => 0,
    }
}

/// The largest width.
pub(crate) const fn width_max(widths: &[usize]) -> usize {
    let (mut largest, mut rest) = (0, widths);
    while let [width, tail @ ..] = rest {
        if *width > largest {
            largest = *width;
        }
        rest = tail;
    }
    largest
}

impl<'a> MlpShape<'a> {
    /// Parameters: [`mlp_param_len`] of the widths.
    #[must_use]
    pub const fn param_len(&self) -> usize {
        mlp_param_len(self.widths)
    }

    /// At least two widths, none of them zero.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let count = self.widths.len();
        if count < 2 {
            return Err(Error::Short { argument: "widths", needed: 2, found: count });
        }
        self.widths.iter().try_for_each(|&width| check::not_empty("widths", width))
    }

    /// The layers from the input to the output.
    pub(crate) fn layers(self) -> impl Iterator<Item = Layer> + use<'a> {
        let last = self.widths.len().saturating_sub(2);
        let (mut units, mut params) = (0_usize, 0_usize);
        self.widths.windows(2).enumerate().filter_map(move |(index, pair)| {
            let &[inputs, outputs] = pair else { return None };
            let layer = Layer { index, inputs, outputs, units, params, is_last: index == last };
            units = units.saturating_add(outputs);
            params = params.saturating_add(inputs.saturating_add(1).saturating_mul(outputs));
            Some(layer)
        })
    }

    /// The layers from the output to the input.
    pub(crate) fn layers_reversed(self) -> impl Iterator<Item = Layer> + use<'a> {
        let count = self.widths.len().saturating_sub(1);
        (0..count).rev().filter_map(move |index| self.layers().nth(index))
    }
}

/// A layer: its shape, and where its numbers lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub(crate) index: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Units of the layers before it: it begins at samples·units of an array over all units.
    pub(crate) units: usize,
    /// Where its parameters begin.
    pub(crate) params: usize,
    pub(crate) is_last: bool,
}

/// Samples `start`, `start` + 1, …, `count` of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(crate) start: usize,
    pub(crate) count: usize,
}

/// `len` elements from `start` on.
pub(crate) fn part<T>(data: &[T], start: usize, len: usize) -> Result<&[T], Error> {
    let found = data.len();
    let rest = data.get(start..).and_then(|rest| rest.get(..len));
    rest.ok_or(Error::Short { argument: "scratch", needed: start.saturating_add(len), found })
}

/// `len` elements from `start` on.
pub(crate) fn part_mut<T>(data: &mut [T], start: usize, len: usize) -> Result<&mut [T], Error> {
    let found = data.len();
    let rest = data.get_mut(start..).and_then(|rest| rest.get_mut(..len));
    rest.ok_or(Error::Short { argument: "scratch", needed: start.saturating_add(len), found })
}

impl Layer {
    /// W and b among the parameters.
    pub(crate) fn weights<'p, T: Float>(
        &self,
        params: &'p [T],
    ) -> Result<(MatRef<'p, T>, &'p [T]), Error> {
        let len = self.inputs * self.outputs;
        let w = MatRef::row_major(part(params, self.params, len)?, self.inputs, self.outputs)?;
        Ok((w, part(params, self.params + len, self.outputs)?))
    }

    /// W and b among the parameters, to write.
    pub(crate) fn weights_mut<'p, T: Float>(
        &self,
        params: &'p mut [T],
    ) -> Result<(MatMut<'p, T>, &'p mut [T]), Error> {
        let len = self.inputs * self.outputs;
        let mut rest = part_mut(params, self.params, len + self.outputs)?;
        let w = check::take(&mut rest, len)?;
        Ok((MatMut::row_major(w, self.inputs, self.outputs)?, rest))
    }

    /// Where `rows` lie in an array over all units of `samples` samples, and how long they are.
    fn place(&self, samples: usize, rows: Rows) -> (usize, usize) {
        (samples * self.units + rows.start * self.outputs, rows.count * self.outputs)
    }

    /// This layer's `rows` in an array over all units of `samples` samples.
    pub(crate) fn rows<'d, T>(
        &self,
        data: &'d [T],
        samples: usize,
        rows: Rows,
    ) -> Result<&'d [T], Error> {
        let (start, len) = self.place(samples, rows);
        part(data, start, len)
    }

    /// This layer's `rows` in an array over all units of `samples` samples, to write.
    pub(crate) fn rows_mut<'d, T>(
        &self,
        data: &'d mut [T],
        samples: usize,
        rows: Rows,
    ) -> Result<&'d mut [T], Error> {
        let (start, len) = self.place(samples, rows);
        part_mut(data, start, len)
    }

    /// The previous layer's `rows` and this layer's, both to write; the former empty at layer 0.
    pub(crate) fn rows_pair<'d, T>(
        &self,
        data: &'d mut [T],
        samples: usize,
        rows: Rows,
    ) -> Result<(&'d mut [T], &'d mut [T]), Error> {
        let (start, len) = self.place(samples, rows);
        let (found, begin) = (data.len(), samples * self.units);
        let needed = start + len;
        let Some((below, here)) = data.split_at_mut_checked(begin) else {
            return Err(Error::Short { argument: "scratch", needed, found });
        };
        let here = part_mut(here, start - begin, len)?;
        if self.index == 0 {
            return Ok((&mut [], here));
        }
        // The previous layer ends where this one begins.
        let above_it = (samples - rows.start) * self.inputs;
        let below = part_mut(below, begin - above_it, rows.count * self.inputs)?;
        Ok((below, here))
    }
}
