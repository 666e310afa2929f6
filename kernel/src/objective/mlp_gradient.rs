//! Gradient and Fisher diagonal, from the activations and derivatives that are kept.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemm, gemv};
use crate::objective::Mlp;
use crate::objective::loss::read_row;
use crate::objective::mlp::layer_input;
use crate::objective::shape::{BLOCK, Layer, Rows, part_mut};
use crate::simd::Machine;
use crate::vector;

/// Whether a block begins its sums or goes on with those of the block before.
pub(crate) fn beta<T: Float>(rows: Rows) -> T {
    if rows.start == 0 { T::ZERO } else { T::ONE }
}

/// The part of `out` of one layer ← β times itself + xᵀδ, and the column sums of δ for b.
pub(crate) fn accumulate<T: Float>(
    machine: Machine,
    layer: &Layer,
    x: MatRef<'_, T>,
    delta: MatRef<'_, T>,
    beta: T,
    out: &mut [T],
) -> Result<(), Error> {
    let (w, b) = layer.weights_mut(out)?;
    gemm(machine, T::ONE, x.t(), delta, beta, w)?;
    let ones = [T::ONE; BLOCK];
    gemv(machine, T::ONE, delta.t(), ones.get(..delta.rows()).unwrap_or(&ones), beta, b)
}

impl<T: Float> Mlp<'_, T> {
    /// ∂L/∂W_l = z_{l−1}ᵀδ_l, ∂L/∂b_l = Σₙ δ_l.
    pub(crate) fn gradient_into(&mut self, out: &mut [T]) -> Result<(), Error> {
        let samples = self.samples();
        for rows in self.blocks() {
            for layer in self.shape.layers() {
                let (below, _) = layer.rows_pair(self.activations, samples, rows)?;
                let x = layer_input(self.inputs, below, &layer, rows)?;
                let delta = layer.rows(self.deltas, samples, rows)?;
                let delta = MatRef::row_major(delta, rows.count, layer.outputs)?;
                accumulate(self.machine, &layer, x, delta, beta(rows), out)?;
            }
        }
        Ok(())
    }

    /// (1/N) Σₙ gₙ ⊙ gₙ. A sample's gradient by W_l is the outer product z δᵀN, and the square
    /// of an outer product is that of the squares: so this is a gradient of squared parts.
    pub(crate) fn fisher_diagonal_into(&mut self, out: &mut [T]) -> Result<(), Error> {
        let samples = self.samples();
        for rows in self.blocks() {
            for layer in self.shape.layers() {
                let (below, _) = layer.rows_pair(self.activations, samples, rows)?;
                let x = layer_input(self.inputs, below, &layer, rows)?;
                let x_squared = part_mut(self.passing, 0, rows.count * layer.inputs)?;
                for (i, row) in x_squared.chunks_mut(layer.inputs.max(1)).enumerate() {
                    read_row(x, i, row);
                }
                square(x_squared);
                let delta = layer.rows(self.deltas, samples, rows)?;
                let delta_squared = part_mut(self.backward, 0, delta.len())?;
                vector::copy(delta, delta_squared)?;
                square(delta_squared);
                let x = MatRef::row_major(x_squared, rows.count, layer.inputs)?;
                let delta = MatRef::row_major(delta_squared, rows.count, layer.outputs)?;
                accumulate(self.machine, &layer, x, delta, beta(rows), out)?;
            }
        }
        // Each δ carries 1/N, so the sum carries 1/N².
        vector::scale(self.machine, T::from_usize(samples), out);
        Ok(())
    }
}

/// x ← x ⊙ x.
fn square<T: Float>(x: &mut [T]) {
    x.iter_mut().for_each(|x| *x *= *x);
}
