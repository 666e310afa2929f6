//! The multilayer perceptron: memory, and the evaluation at a point.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::objective::loss::read_row;
use crate::objective::shape::{BLOCK, Layer, MlpShape, Rows, mlp_scratch_len};
use crate::objective::shape::{output_count, part_mut, unit_count};
use crate::objective::{Loss, Objective};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// A multilayer perceptron on fixed data: L(w) = (1/N) Σₙ ℓ(f(xₙ; w), tₙ).
///
/// Forward, with z₀ = x: a_l = z_{l−1}W_l + b_l, z_l = f(a_l), and f(x; w) = a of the last layer.
///
/// # Shapes
/// Parameters as [`MlpShape`] lays them out. Inputs N × d, targets N × out, borrowed.
///
/// # Method
/// `evaluate` keeps, for every sample, the activations z and the derivatives δ = ∂L/∂a; every
/// product starts from them. Samples pass through in blocks of 128, so that what is
/// temporary stays in cache. Each gradient element is one chain over all samples, which
/// goes on where the block before left it, so there the blocks change no bit; in the
/// Hessian product two chains take turns block by block.
///
/// # Accuracy
/// The same bits on every strict machine. A loss that is NaN or infinite is returned, not
/// refused: training must see that it diverges. Gradient and products are then whatever
/// IEEE arithmetic makes of it.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::MatRef};
/// use teeter::objective::{Activation, At, Loss, Mlp, MlpShape, mlp_param_len, mlp_scratch_len};
///
/// const WIDTHS: [usize; 2] = [1, 1]; // a line: f(x) = wx + b
/// let shape = MlpShape {
///     widths: &WIDTHS,
///     activation: Activation::Tanh,
///     loss: Loss::HalfSquared,
/// };
/// let x = MatRef::row_major(&[1.0, 3.0], 2, 1)?;
/// let t = MatRef::row_major(&[1.0, 1.0], 2, 1)?;
/// let mut scratch = [0.0; mlp_scratch_len(&WIDTHS, 2)];
/// let mut line = Mlp::new(Machine::detect(), shape, (x, t), &mut scratch)?;
///
/// let params = [1.0, 0.0];
/// let mut at = At::new(&mut line, &params)?;
/// assert_eq!(at.loss(), 1.0); // ½(0² + 2²)/2
/// let mut gradient = [0.0; mlp_param_len(&WIDTHS)];
/// at.gradient(&mut gradient)?;
/// assert_eq!(gradient, [3.0, 1.0]); // (2·3)/2, 2/2
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct Mlp<'a, T> {
    pub(crate) machine: Machine,
    pub(crate) shape: MlpShape<'a>,
    pub(crate) inputs: MatRef<'a, T>,
    pub(crate) targets: MatRef<'a, T>,
    /// z of all units: layer after layer, in each sample after sample.
    pub(crate) activations: &'a mut [T],
    /// δ = ∂L/∂a of all units, laid out alike; the 1/N is in it.
    pub(crate) deltas: &'a mut [T],
    /// What the loss keeps of each sample: N × out.
    pub(crate) kept: &'a mut [T],
    /// Of one block and all units: Rz, or squares of activations.
    pub(crate) forward: &'a mut [T],
    /// Of one block and all units: Rδ, or squares of derivatives.
    pub(crate) backward: &'a mut [T],
    /// Of one block and the widest layer.
    pub(crate) passing: &'a mut [T],
    is_evaluated: bool,
}

impl<'a, T: Float> Mlp<'a, T> {
    /// The network of `shape` on `data` = (inputs, targets).
    ///
    /// # Shapes
    /// Inputs: N × d, targets: N × out, any strides; rows adjacent is fastest.
    /// `scratch`: at least [`mlp_scratch_len`]`(widths, N)`.
    ///
    /// # Errors
    /// `Error::Short` if there are fewer than two widths or too little scratch, `Error::Empty` if a
    /// width or N is zero, `Error::Length` if the data do not fit the widths or one another.
    pub fn new(
        machine: Machine,
        shape: MlpShape<'a>,
        data: (MatRef<'a, T>, MatRef<'a, T>),
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let (inputs, targets) = data;
        let (samples, widths) = (inputs.rows(), shape.widths);
        shape.check()?;
        check::not_empty("inputs", samples)?;
        let outputs = output_count(widths);
        check::same_len("inputs.cols", widths.first().copied().unwrap_or(0), inputs.cols())?;
        check::same_len("targets.rows", samples, targets.rows())?;
        check::same_len("targets.cols", outputs, targets.cols())?;
        check::at_least("scratch", mlp_scratch_len(widths, samples), scratch.len())?;
        // None of these products exceeds the length just checked.
        let (units, block) = (unit_count(widths), samples.min(BLOCK));
        let mut rest = scratch;
        let activations = check::take(&mut rest, samples * units)?;
        let deltas = check::take(&mut rest, samples * units)?;
        let kept = check::take(&mut rest, samples * outputs)?;
        let forward = check::take(&mut rest, block * units)?;
        let backward = check::take(&mut rest, block * units)?;
        let passing = rest;
        let is_evaluated = false;
        Ok(Self {
            machine,
            shape,
            inputs,
            targets,
            activations,
            deltas,
            kept,
            forward,
            backward,
            passing,
            is_evaluated,
        })
    }

    /// The form of the network.
    #[must_use]
    pub fn shape(&self) -> MlpShape<'a> {
        self.shape
    }

    /// N.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.inputs.rows()
    }

    /// f(xₙ; w) at the evaluated point: N × out. For cross-entropy these are the logits.
    ///
    /// # Errors
    /// `Error::State` before the first evaluation.
    pub fn outputs(&self) -> Result<MatRef<'_, T>, Error> {
        self.check_evaluated()?;
        let columns = output_count(self.shape.widths);
        let len = self.samples() * columns;
        let start = self.activations.len().saturating_sub(len);
        let outputs = self.activations.get(start..).unwrap_or_default();
        MatRef::row_major(outputs, self.samples(), columns)
    }

    /// The fraction of samples whose largest output is where the largest target is.
    ///
    /// The first of equals counts as the largest; a row with NaN among its outputs is a miss.
    /// With one output every sample without NaN is a hit.
    ///
    /// # Errors
    /// `Error::State` before the first evaluation.
    pub fn accuracy(&self) -> Result<T, Error> {
        let (outputs, targets) = (self.outputs()?, self.targets);
        let hits = (0..self.samples()).filter(|&i| {
            let found = argmax(outputs, i);
            found.is_some() && found == argmax(targets, i)
        });
        Ok(T::from_usize(hits.count()) / T::from_usize(self.samples()))
    }

    pub(crate) fn check_evaluated(&self) -> Result<(), Error> {
        if self.is_evaluated { Ok(()) } else { Err(Error::State { expected: "evaluate" }) }
    }

    /// The blocks of samples, in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Rows> + use<T> {
        let samples = self.inputs.rows();
        (0..samples)
            .step_by(BLOCK)
            .map(move |start| Rows { start, count: BLOCK.min(samples - start) })
    }

    /// z_l of one block from z_{l−1}.
    fn forward(&mut self, params: &[T], layer: &Layer, rows: Rows) -> Result<(), Error> {
        let (w, b) = layer.weights(params)?;
        let (below, z) = layer.rows_pair(self.activations, self.inputs.rows(), rows)?;
        let x = layer_input(self.inputs, below, layer, rows)?;
        spread(b, z);
        let a = MatMut::row_major(z, rows.count, layer.outputs)?;
        gemm(self.machine, T::ONE, x, w, T::ONE, a)?;
        if !layer.is_last {
            self.shape.activation.apply(self.machine, z);
        }
        Ok(())
    }

    /// δ of the outputs of one block, added to `total` what its samples lose.
    fn differentiate(&mut self, layer: &Layer, rows: Rows, total: &mut T) -> Result<(), Error> {
        let samples = self.inputs.rows();
        let f = layer.rows(self.activations, samples, rows)?;
        let delta = layer.rows_mut(self.deltas, samples, rows)?;
        let kept = part_mut(self.kept, rows.start * layer.outputs, rows.count * layer.outputs)?;
        let width = layer.outputs;
        let each = pieces(f, width).zip(pieces_mut(kept, width)).zip(pieces_mut(delta, width));
        for (i, ((f, kept), delta)) in each.enumerate() {
            read_row(self.targets, rows.start + i, kept);
            *total +=
                self.shape.loss.differentiate(self.machine, T::from_usize(samples), f, kept, delta);
        }
        Ok(())
    }

    /// δ_{l−1} = f′ ⊙ (δ_l W_lᵀ) of one block.
    fn backward(&mut self, params: &[T], layer: &Layer, rows: Rows) -> Result<(), Error> {
        if layer.index == 0 {
            return Ok(());
        }
        let samples = self.inputs.rows();
        let (w, _) = layer.weights(params)?;
        let (z, _) = layer.rows_pair(self.activations, samples, rows)?;
        let (below, delta) = layer.rows_pair(self.deltas, samples, rows)?;
        let delta = MatRef::row_major(delta, rows.count, layer.outputs)?;
        let e = MatMut::row_major(below, rows.count, layer.inputs)?;
        gemm(self.machine, T::ONE, delta, w.t(), T::ZERO, e)?;
        self.shape.activation.multiply_by_slope(self.machine, z, below);
        Ok(())
    }

    /// L, from the sum over samples or from the residuals.
    fn mean_loss(&self, total: T) -> Result<T, Error> {
        let total = match self.shape.loss {
            Loss::HalfSquared => T::HALF * vector::dot(self.machine, self.kept, self.kept)?,
            Loss::CrossEntropy => total,
        };
        Ok(total / T::from_usize(self.samples()))
    }
}

/// What layer l reads of one block: the inputs of the data, or z_{l−1}.
pub(crate) fn layer_input<'x, T: Float>(
    inputs: MatRef<'x, T>,
    below: &'x [T],
    layer: &Layer,
    rows: Rows,
) -> Result<MatRef<'x, T>, Error> {
    if layer.index == 0 {
        inputs.sub([rows.start, 0], [rows.count, layer.inputs])
    } else {
        MatRef::row_major(below, rows.count, layer.inputs)
    }
}

/// Every row of `rows` ← `b`: where the chains of a product begin.
pub(crate) fn spread<T: Float>(b: &[T], rows: &mut [T]) {
    for row in rows.chunks_mut(b.len().max(1)) {
        row.iter_mut().zip(b).for_each(|(x, &b)| *x = b);
    }
}

/// The first column with the largest element of row `i`; `None` if there is NaN.
fn argmax<T: Float>(m: MatRef<'_, T>, i: usize) -> Option<usize> {
    let (mut best, mut largest) = (None, -T::INFINITY);
    for j in 0..m.cols() {
        let value = m.get(i, j)?;
        if value.is_nan() {
            return None;
        }
        if best.is_none() || value > largest {
            (best, largest) = (Some(j), value);
        }
    }
    best
}

impl<T: Float> Objective<T> for Mlp<'_, T> {
    fn dim(&self) -> usize {
        self.shape.param_len()
    }

    fn evaluate(&mut self, params: &[T]) -> Result<T, Error> {
        check::same_len("params", self.dim(), params.len())?;
        let mut total = T::ZERO;
        for rows in self.blocks() {
            for layer in self.shape.layers() {
                self.forward(params, &layer, rows)?;
                if layer.is_last {
                    self.differentiate(&layer, rows, &mut total)?;
                }
            }
            for layer in self.shape.layers_reversed() {
                self.backward(params, &layer, rows)?;
            }
        }
        self.is_evaluated = true;
        self.mean_loss(total)
    }

    fn gradient(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        self.check_out(params, out)?;
        self.gradient_into(out)
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
        self.fisher_diagonal_into(out)
    }
}

impl<T: Float> Mlp<'_, T> {
    fn check_out(&self, params: &[T], out: &[T]) -> Result<(), Error> {
        check::same_len("params", self.dim(), params.len())?;
        check::same_len("out", self.dim(), out.len())?;
        self.check_evaluated()
    }
}
