//! Products with the Hessian and the Gauss–Newton matrix: Pearlmutter's R-operator.
//!
//! R{·} is the derivative along v of everything that evaluation computes, and Hv = R{∇L}.
//! With V_l, c_l the parts of v that belong to W_l, b_l, and Rz₀ = 0:
//!
//! ```text
//! Ra_l = z_{l−1}V_l + Rz_{l−1}W_l + c_l        Rz_l = f′ ⊙ Ra_l
//! Rδ_L = H_L Ra_L / N                          Rδ_{l−1} = f′ ⊙ (Rδ_l W_lᵀ + δ_l V_lᵀ) + g ⊙ Ra_{l−1} ⊙ δ_{l−1}
//! R∂W_l = z_{l−1}ᵀRδ_l + Rz_{l−1}ᵀδ_l          R∂b_l = Σₙ Rδ_l                         g = f″/f′
//! ```
//!
//! The Gauss–Newton product JᵀH_L Jv is what is left without the terms that hold δ.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::objective::Mlp;
use crate::objective::mlp::{layer_input, spread};
use crate::objective::mlp_gradient::{accumulate, beta};
use crate::objective::shape::{BLOCK, Layer, Rows, part, part_mut};
use crate::simd::{pieces, pieces_mut};
use crate::vector;

/// Which matrix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Curvature {
    Hessian,
    GaussNewton,
}

impl<T: Float> Mlp<'_, T> {
    /// out ← Hv.
    pub(crate) fn hessian_product_into(
        &mut self,
        params: &[T],
        v: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        self.product(Curvature::Hessian, params, v, out)
    }

    /// out ← JᵀH_L Jv / N.
    pub(crate) fn gauss_newton_product_into(
        &mut self,
        params: &[T],
        v: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        self.product(Curvature::GaussNewton, params, v, out)
    }

    fn product(
        &mut self,
        which: Curvature,
        params: &[T],
        v: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        for rows in self.blocks() {
            for layer in self.shape.layers() {
                self.along_forward(which, (params, v), &layer, rows)?;
            }
            for layer in self.shape.layers_reversed() {
                self.along_accumulate(which, &layer, rows, out)?;
                self.along_backward(which, (params, v), &layer, rows)?;
            }
        }
        Ok(())
    }

    /// Rz_l to `forward`; to `backward` g ⊙ Ra ⊙ δ, or at the output Rδ.
    fn along_forward(
        &mut self,
        which: Curvature,
        (params, v): (&[T], &[T]),
        layer: &Layer,
        rows: Rows,
    ) -> Result<(), Error> {
        let (samples, here) = (self.samples(), Rows { start: 0, count: rows.count });
        let block = samples.min(BLOCK);
        let ((w, _), (along_w, along_b)) = (layer.weights(params)?, layer.weights(v)?);
        let (below, z) = layer.rows_pair(self.activations, samples, rows)?;
        let x = layer_input(self.inputs, below, layer, rows)?;
        let (r_below, r) = layer.rows_pair(self.forward, block, here)?;
        spread(along_b, r);
        let mut ra = MatMut::row_major(r, rows.count, layer.outputs)?;
        gemm(self.machine, T::ONE, x, along_w, T::ONE, ra.rb_mut())?;
        if layer.index > 0 {
            let r_below = MatRef::row_major(r_below, rows.count, layer.inputs)?;
            gemm(self.machine, T::ONE, r_below, w, T::ONE, ra)?;
        }
        let s = layer.rows_mut(self.backward, block, here)?;
        if layer.is_last {
            let kept = part(self.kept, rows.start * layer.outputs, s.len())?;
            vector::copy(r, s)?;
            let (width, loss) = (layer.outputs, self.shape.loss);
            for (i, (s, kept)) in pieces_mut(s, width).zip(pieces(kept, width)).enumerate() {
                let mass = loss.mass(self.targets, rows.start + i);
                loss.curve(T::from_usize(samples), kept, mass, s);
            }
        } else if which == Curvature::Hessian {
            let delta = layer.rows(self.deltas, samples, rows)?;
            self.shape.activation.bend(self.machine, (z, delta), r, s);
        } else {
            self.shape.activation.multiply_by_slope(self.machine, z, r);
        }
        Ok(())
    }

    /// What one block adds to the product, for one layer.
    fn along_accumulate(
        &mut self,
        which: Curvature,
        layer: &Layer,
        rows: Rows,
        out: &mut [T],
    ) -> Result<(), Error> {
        let (samples, here) = (self.samples(), Rows { start: 0, count: rows.count });
        let block = samples.min(BLOCK);
        let (below, _) = layer.rows_pair(self.activations, samples, rows)?;
        let x = layer_input(self.inputs, below, layer, rows)?;
        let r_delta = layer.rows(self.backward, block, here)?;
        let r_delta = MatRef::row_major(r_delta, rows.count, layer.outputs)?;
        accumulate(self.machine, layer, x, r_delta, beta(rows), out)?;
        if which == Curvature::Hessian && layer.index > 0 {
            let (r_below, _) = layer.rows_pair(self.forward, block, here)?;
            let r_below = MatRef::row_major(r_below, rows.count, layer.inputs)?;
            let delta = layer.rows(self.deltas, samples, rows)?;
            let delta = MatRef::row_major(delta, rows.count, layer.outputs)?;
            let (out_w, _) = layer.weights_mut(out)?;
            gemm(self.machine, T::ONE, r_below.t(), delta, T::ONE, out_w)?;
        }
        Ok(())
    }

    /// Rδ_{l−1} of one block, where g ⊙ Ra ⊙ δ was.
    fn along_backward(
        &mut self,
        which: Curvature,
        (params, v): (&[T], &[T]),
        layer: &Layer,
        rows: Rows,
    ) -> Result<(), Error> {
        if layer.index == 0 {
            return Ok(());
        }
        let (samples, here) = (self.samples(), Rows { start: 0, count: rows.count });
        let ((w, _), (along_w, _)) = (layer.weights(params)?, layer.weights(v)?);
        let (z, _) = layer.rows_pair(self.activations, samples, rows)?;
        let (below, r_delta) = layer.rows_pair(self.backward, samples.min(BLOCK), here)?;
        let r_delta = MatRef::row_major(r_delta, rows.count, layer.outputs)?;
        let (machine, activation) = (self.machine, self.shape.activation);
        if which == Curvature::GaussNewton {
            let e = MatMut::row_major(below, rows.count, layer.inputs)?;
            gemm(machine, T::ONE, r_delta, w.t(), T::ZERO, e)?;
            activation.multiply_by_slope(machine, z, below);
            return Ok(());
        }
        let delta = layer.rows(self.deltas, samples, rows)?;
        let delta = MatRef::row_major(delta, rows.count, layer.outputs)?;
        let e = part_mut(self.passing, 0, rows.count * layer.inputs)?;
        let mut sum = MatMut::row_major(e, rows.count, layer.inputs)?;
        gemm(machine, T::ONE, r_delta, w.t(), T::ZERO, sum.rb_mut())?;
        gemm(machine, T::ONE, delta, along_w.t(), T::ONE, sum)?;
        activation.add_sloped(machine, z, e, below);
        Ok(())
    }
}
