//! Networks of layers: convolutions, layer normalization, attention, residual connections.
//!
//! [`Mlp`](crate::objective::Mlp) keeps all activations of all samples and is the faster for what it can express;
//! a [`Network`] is a list of layers and keeps those of one block of samples, so that a microcontroller may hold one
//! sample at a time.

mod affine;
mod attention;
mod layer;
mod map;
mod normalization;
mod passes;
mod pointwise;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatRef;
use crate::objective::Objective;
use crate::objective::network::layer::Lengths;
use crate::random::Stream;
use crate::simd::{Machine, pieces_mut};

pub use layer::{AttentionMask, NetworkLayer, NetworkShape};

/// What a network leaves out at random, until the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Dropout {
    /// Where the numbers come from: one stream per training.
    pub stream: Stream,
    /// Which masks: one per training step. The same step has the same masks.
    pub step: u64,
}

/// Parameters of a network of this form.
///
/// # Errors
/// `Error::Empty` for a width, stride, number of features or heads of zero, and `Error::Length`, `Error::Short` or
/// `Error::Range` where a layer does not fit the one before it: both numbers.
pub fn network_param_len(shape: NetworkShape<'_>) -> Result<usize, Error> {
    shape.lengths(1).map(|lengths| lengths.params)
}

/// Elements of scratch that [`Network::new`] needs for blocks of `block` samples.
///
/// With U the numbers of a sample before the first layer and after each, P the parameters: block·(4U + out) + P,
/// and the largest of what a layer needs besides: 4·tokens² for attention, block·len for an activation of len numbers.
///
/// # Errors
/// Those of [`network_param_len`].
pub fn network_scratch_len(shape: NetworkShape<'_>, block: usize) -> Result<usize, Error> {
    let Lengths { units, outputs, params, work } = shape.lengths(block)?;
    let passing = units.saturating_mul(4).saturating_add(outputs).saturating_mul(block);
    Ok(passing.saturating_add(params).saturating_add(work))
}

/// t ← (1 − s)t + s/K for rows of K class probabilities: label smoothing.
///
/// # Shapes
/// `targets`: rows of `classes` numbers, one after the other. `smoothing` s: in [0, 1].
///
/// # Accuracy
/// Three roundings; a row that sums to 1 does so after, but for these. The same bits on every machine.
///
/// # Errors
/// `Error::Empty` for no classes, `Error::Length` if the rows do not fill `targets`, `Error::Range` for s outside
/// [0, 1] or NaN; the targets are untouched then.
///
/// # Source
/// Szegedy et al. 2016, arXiv:1512.00567, §7.
///
/// # Example
/// ```
/// let mut t = [0.0, 1.0];
/// teeter::objective::smooth_labels(0.5, 2, &mut t)?;
/// assert_eq!(t, [0.25, 0.75]);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn smooth_labels<T: Float>(
    smoothing: T,
    classes: usize,
    targets: &mut [T],
) -> Result<(), Error> {
    check::not_empty("classes", classes)?;
    let whole = targets.len() / classes.max(1) * classes;
    check::same_len("targets", whole, targets.len())?;
    check::in_range("smoothing", smoothing, 0.0, 1.0)?;
    let share = smoothing / T::from_usize(classes);
    for t in targets {
        *t = (T::ONE - smoothing) * *t + share;
    }
    Ok(())
}

/// A network of layers on fixed data: L(w) = (1/N) Σₙ ℓ(f(xₙ; w), tₙ).
///
/// # When to use
/// Convolutions, layer normalization, attention, residual connections; or an MLP where memory for one sample is all
/// there is. Else [`Mlp`](crate::objective::Mlp).
///
/// # Shapes
/// Parameters as [`NetworkLayer`] lays them out, layer after layer: [`network_param_len`]. Inputs N × d, targets
/// N × out, borrowed.
///
/// # Method
/// Reverse mode for the gradient, forward over reverse (Pearlmutter's R-operator) for the Hessian product, layer by
/// layer; a block of samples at a time goes through all of it, and its activations are found anew by each call.
/// Convolutions are products of strided views: no patches are copied. Loss and gradient do not depend on the block:
/// each of their elements is one chain over all samples.
///
/// # Accuracy
/// The same bits on every strict machine, whatever the block, but for Hessian and Gauss–Newton products, where two
/// chains take turns block by block. A loss that is NaN or infinite is returned, not refused.
///
/// # Cost
/// With F the flops of the layers forward: evaluate F, gradient 3F, Gauss–Newton product 5F, Hessian product 8F, Fisher
/// diagonal 3F, a sample at a time.
///
/// # Source
/// Pearlmutter 1994; Ba, Kiros, Hinton 2016 (layer normalization); Vaswani et al. 2017 (attention); He et al. 2016
/// (residual connections); Hendrycks, Gimpel 2016 (GELU); Srivastava et al. 2014 (dropout).
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::MatRef};
/// use teeter::objective::{At, Loss, Network, NetworkLayer, NetworkShape, network_scratch_len};
///
/// // A mean of two differences: y = mean of x(t + 1)·w₁ + x(t)·w₀ + b.
/// let layers = [
///     NetworkLayer::Conv1d { inputs: 1, outputs: 1, width: 2, stride: 1, padding: 0 },
///     NetworkLayer::Mean { features: 1 },
/// ];
/// let shape = NetworkShape { inputs: 3, layers: &layers, loss: Loss::HalfSquared };
/// let x = MatRef::row_major(&[1.0, 2.0, 4.0], 1, 3)?;
/// let t = MatRef::row_major(&[0.5], 1, 1)?;
/// let mut scratch = vec![0.0; network_scratch_len(shape, 1)?];
/// let mut network = Network::new(Machine::detect(), shape, (x, t), 1, &mut scratch)?;
/// let at = At::new(&mut network, &[-1.0, 1.0, 0.0])?;
/// assert_eq!(at.loss(), 0.5); // the differences are 1 and 2: ½(1.5 − 0.5)²
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct Network<'a, T> {
    machine: Machine,
    shape: NetworkShape<'a>,
    inputs: MatRef<'a, T>,
    targets: MatRef<'a, T>,
    lengths: Lengths,
    block: usize,
    dropout: Option<Dropout>,
    memory: Memory<'a, T>,
    is_evaluated: bool,
}

/// Of one block: every layer's input and the outputs, layer after layer, in each sample after sample.
#[derive(Debug)]
struct Memory<'a, T> {
    /// x and y.
    values: &'a mut [T],
    /// Rx and Ry.
    tangents: &'a mut [T],
    /// x̄ and ȳ.
    bars: &'a mut [T],
    /// Rx̄ and Rȳ.
    tangent_bars: &'a mut [T],
    /// What the loss keeps.
    kept: &'a mut [T],
    /// One sample's gradient.
    sample: &'a mut [T],
    /// What a layer needs besides.
    work: &'a mut [T],
}

impl<'a, T: Float> Network<'a, T> {
    /// The network of `shape` on `data` = (inputs, targets), `block` samples at a time.
    ///
    /// # Shapes
    /// Inputs: N × d, targets: N × out, any strides. `scratch`: at least [`network_scratch_len`]`(shape, block)`.
    ///
    /// # Errors
    /// Those of [`network_param_len`]; `Error::Empty` if N or the block is zero, `Error::Length` if the data do not
    /// fit the network or one another, `Error::Short` for too little scratch.
    pub fn new(
        machine: Machine,
        shape: NetworkShape<'a>,
        data: (MatRef<'a, T>, MatRef<'a, T>),
        block: usize,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let (inputs, targets) = data;
        let lengths = shape.lengths(block)?;
        check::not_empty("inputs", inputs.rows())?;
        check::not_empty("block", block)?;
        check::same_len("inputs.cols", shape.inputs, inputs.cols())?;
        check::same_len("targets.rows", inputs.rows(), targets.rows())?;
        check::same_len("targets.cols", lengths.outputs, targets.cols())?;
        check::at_least("scratch", network_scratch_len(shape, block)?, scratch.len())?;
        let (mut rest, units) = (scratch, block * lengths.units);
        let memory = Memory {
            values: check::take(&mut rest, units)?,
            tangents: check::take(&mut rest, units)?,
            bars: check::take(&mut rest, units)?,
            tangent_bars: check::take(&mut rest, units)?,
            kept: check::take(&mut rest, block * lengths.outputs)?,
            sample: check::take(&mut rest, lengths.params)?,
            work: rest,
        };
        let (dropout, is_evaluated) = (None, false);
        Ok(Self { machine, shape, inputs, targets, lengths, block, dropout, memory, is_evaluated })
    }

    /// The form of the network.
    #[must_use]
    pub fn shape(&self) -> NetworkShape<'a> {
        self.shape
    }

    /// N.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.inputs.rows()
    }

    /// Turns dropout on, with the masks of a step, or off. What was evaluated before must be evaluated again.
    pub fn set_dropout(&mut self, dropout: Option<Dropout>) {
        self.dropout = dropout;
        self.is_evaluated = false;
    }

    /// out ← f(xₙ; w) of every sample, by rows.
    ///
    /// # Shapes
    /// `params`: P. `out`: N·outputs.
    ///
    /// # Errors
    /// `Error::Length` if a length does not fit.
    pub fn outputs(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        check::same_len("params", self.dim(), params.len())?;
        let outputs = self.lengths.outputs;
        check::same_len("out", self.samples() * outputs, out.len())?;
        let mut out = pieces_mut(out, self.block * outputs);
        for rows in self.blocks(self.block) {
            self.forward(params, rows)?;
            if let Some(out) = out.next() {
                crate::vector::copy(self.last(rows), out)?;
            }
        }
        Ok(())
    }

    /// out ← ∇ℓ of sample `index` alone; the mean over all samples is ∇L.
    ///
    /// # Shapes
    /// `params`, `out`: P.
    ///
    /// # Errors
    /// `Error::Length` if a length does not fit, `Error::Range` if there is no such sample.
    pub fn sample_gradient(
        &mut self,
        params: &[T],
        index: usize,
        out: &mut [T],
    ) -> Result<(), Error> {
        check::same_len("params", self.dim(), params.len())?;
        check::same_len("out", self.dim(), out.len())?;
        let last = T::from_usize(self.samples().saturating_sub(1)).to_f64();
        check::in_range("index", index as f64, 0.0, last)?;
        out.fill(T::ZERO);
        self.add_sample_gradient(params, index, out)
    }
}

impl<T: Float> Objective<T> for Network<'_, T> {
    fn dim(&self) -> usize {
        self.lengths.params
    }

    fn evaluate(&mut self, params: &[T]) -> Result<T, Error> {
        check::same_len("params", self.dim(), params.len())?;
        let mut total = T::ZERO;
        for rows in self.blocks(self.block) {
            self.forward(params, rows)?;
            self.differentiate(rows, T::ONE, &mut total)?;
        }
        self.is_evaluated = true;
        Ok(total / T::from_usize(self.samples()))
    }

    fn gradient(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        self.gradient_into(params, out)
    }

    fn hessian_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        check::same_len("v", self.dim(), v.len())?;
        self.hessian_product_into(params, v, out)
    }

    fn gauss_newton_product(&mut self, params: &[T], v: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        check::same_len("v", self.dim(), v.len())?;
        self.gauss_newton_product_into(params, v, out)
    }

    fn fisher_diagonal(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        self.fisher_diagonal_into(params, out)
    }
}

impl<T: Float> Network<'_, T> {
    fn check_out(&self, params: &[T], out: &[T]) -> Result<(), Error> {
        check::same_len("params", self.dim(), params.len())?;
        check::same_len("out", self.dim(), out.len())?;
        if self.is_evaluated { Ok(()) } else { Err(Error::State { expected: "evaluate" }) }
    }
}
