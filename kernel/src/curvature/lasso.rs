//! The Lasso: least squares under Σ|w|, with a certificate of how good the answer is.

use crate::check;
use crate::error::Error;
use crate::error::Stop;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// The penalty, and how long and how closely to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LassoOptions<T> {
    /// α ≥ 0 in ½‖t − Φw‖² + αΣ|w|. At 0 the gap certifies nothing; least squares has better methods.
    pub alpha: T,
    /// Sweeps over all weights, at least 1.
    pub sweep_max: usize,
    /// Duality gap, relative to ½‖t‖², at which to stop, in [0, 1].
    pub tolerance: T,
}

/// What was reached, and what it can be off at most.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct LassoFit<T> {
    /// ½‖t − Φw‖² + αΣ|w|.
    pub objective: T,
    /// The objective less the best there is is at most this: the duality gap.
    pub gap: T,
    /// Weights that are not 0.
    pub active: usize,
    /// Sweeps used.
    pub sweeps: usize,
    /// Converged, or the sweeps were used up.
    pub stop: Stop,
}

/// Elements of scratch that [`lasso`] needs: Nk + N + 2k.
#[must_use]
pub const fn lasso_scratch_len(rows: usize, cols: usize) -> usize {
    rows.saturating_mul(cols.saturating_add(1)).saturating_add(cols.saturating_mul(2))
}

/// ‖Φᵀt‖_∞: the α from which on the Lasso answers w = 0.
///
/// A path starts here and goes down, each answer the start of the next.
///
/// # Shapes
/// `design`: N × k; `targets`: N; `scratch`: at least k.
///
/// # Accuracy
/// γₙ₊₂ of max Σ|Φ||t|. 0 for k = 0.
///
/// # Errors
/// `Error::Length`, `Error::Short`, `Error::NotFinite` for targets or if a product is not finite.
///
/// # Cost
/// 2Nk flops.
///
/// # Source
/// Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.
pub fn lasso_alpha_max<T: Float>(
    machine: Machine,
    design: MatRef<'_, T>,
    targets: &[T],
    scratch: &mut [T],
) -> Result<T, Error> {
    check::same_len("targets", design.rows(), targets.len())?;
    check::at_least("scratch", design.cols(), scratch.len())?;
    check::finite("targets", targets)?;
    let (pull, _) = check::split(scratch, design.cols())?;
    gemv(machine, T::ONE, design.t(), targets, T::ZERO, pull)?;
    check::finite("design", pull)?;
    Ok(largest(pull))
}

fn largest<T: Float>(x: &[T]) -> T {
    x.iter().fold(T::ZERO, |most, x| most.max_of(x.abs()))
}

/// min ½‖t − Φw‖² + αΣ|w| by coordinate descent from the weights given.
///
/// For choosing among columns. Where all of them count, ridge: [`LinearModel`]. The proximal step for other losses
/// is an optimizer's.
///
/// [`LinearModel`]: crate::curvature::LinearModel
///
/// # Shapes
/// `(design, targets)`: Φ, N × k, any strides, and t, N. `weights`: k, where to start, and the answer. `scratch`: at least
/// [`lasso_scratch_len`] (N, k).
///
/// # Method
/// Cyclic: each weight to its own best, soft-thresholded. After each sweep the residual r is formed anew and scaled by
/// s = min(1, α/‖Φᵀr‖_∞), a feasible point of the dual; the gap is ½(1 − s)²‖r‖² + Σ(α|w| − s·w(Φᵀr)), a sum of terms
/// that are not negative.
///
/// # Accuracy
/// The gap bounds it, whatever the steps were; it is computed within γₙ₊ₖ₊₈(½‖t‖² + Σ|w||Φ|ᵀ|r| + α|w|). Weights at 0 are exactly 0.
/// Scaling t, w and α by 2ᵏ scales all exactly, barring over- and underflow. A column of zeros gets weight 0.
///
/// # Errors
/// `Error::Length`, `Error::Short`; `Error::NotFinite`, `Error::Range` for options: `weights` are unchanged then.
///
/// # Cost
/// 8Nk flops a sweep.
///
/// # Source
/// Friedman, Hastie, Tibshirani 2010, doi:10.18637/jss.v033.i01, §2; Kim et al. 2007, doi:10.1109/JSTSP.2007.910971,
/// for the gap.
#[doc(alias = "l1")]
pub fn lasso<T: Float>(
    machine: Machine,
    (design, targets): (MatRef<'_, T>, &[T]),
    options: &LassoOptions<T>,
    weights: &mut [T],
    scratch: &mut [T],
) -> Result<LassoFit<T>, Error> {
    let (rows, cols) = (design.rows(), design.cols());
    check::same_len("targets", rows, targets.len())?;
    check::same_len("weights", cols, weights.len())?;
    check::at_least("scratch", lasso_scratch_len(rows, cols), scratch.len())?;
    check::in_range("alpha", options.alpha, 0.0, T::MAX.to_f64())?;
    check::in_range("tolerance", options.tolerance, 0.0, 1.0)?;
    if options.sweep_max == 0 {
        let high = usize::MAX as f64;
        return Err(Error::Range { argument: "sweep_max", found: 0.0, low: 1.0, high });
    }
    check::finite("targets", targets)?;
    check::finite("weights", weights)?;
    let mut scratch = scratch;
    let columns = check::take(&mut scratch, rows * cols)?;
    for (j, column) in pieces_mut(columns, rows).enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            *x = design.get(i, j).unwrap_or(T::ZERO);
        }
    }
    check::finite("design", columns)?;
    let squares = check::take(&mut scratch, cols)?;
    for (square, column) in squares.iter_mut().zip(pieces(columns, rows)) {
        *square = vector::dot(machine, column, column)?;
    }
    check::finite("design", squares)?;
    let pull = check::take(&mut scratch, cols)?;
    let residual = check::take(&mut scratch, rows)?;
    let design = MatRef::col_major(columns, rows, cols)?;
    let mut problem =
        Problem { machine, design, targets, alpha: options.alpha, squares, pull, residual };
    let half = T::HALF * vector::dot(machine, targets, targets)?;
    let mut sweeps = 0;
    let mut fit = problem.certify(weights)?;
    while sweeps < options.sweep_max && fit.gap > options.tolerance * half {
        problem.sweep(weights)?;
        sweeps += 1;
        fit = problem.certify(weights)?;
    }
    let reached = fit.gap <= options.tolerance * half;
    let stop = if reached { Stop::Converged } else { Stop::LimitReached };
    Ok(LassoFit { sweeps, stop, ..fit })
}

struct Problem<'a, T> {
    machine: Machine,
    design: MatRef<'a, T>,
    targets: &'a [T],
    alpha: T,
    /// ‖φⱼ‖².
    squares: &'a [T],
    /// Φᵀr.
    pull: &'a mut [T],
    /// r = t − Φw.
    residual: &'a mut [T],
}

impl<T: Float> Problem<'_, T> {
    /// The residual anew, objective and gap.
    fn certify(&mut self, weights: &[T]) -> Result<LassoFit<T>, Error> {
        vector::copy(self.targets, self.residual)?;
        gemv(self.machine, -T::ONE, self.design, weights, T::ONE, self.residual)?;
        gemv(self.machine, T::ONE, self.design.t(), self.residual, T::ZERO, self.pull)?;
        let half = T::HALF * vector::dot(self.machine, self.residual, self.residual)?;
        let steepest = largest(self.pull);
        let scale = if steepest > self.alpha { self.alpha / steepest } else { T::ONE };
        let short = T::ONE - scale;
        let (mut objective, mut gap, mut active) = (half, short * short * half, 0);
        for (&weight, &pull) in weights.iter().zip(self.pull.iter()) {
            let cost = self.alpha * weight.abs();
            objective += cost;
            gap += (cost - scale * (weight * pull)).max_of(T::ZERO);
            active += usize::from(weight != T::ZERO);
        }
        Ok(LassoFit { objective, gap, active, sweeps: 0, stop: Stop::LimitReached })
    }

    /// Each weight to its own best, in order.
    fn sweep(&mut self, weights: &mut [T]) -> Result<(), Error> {
        for (j, (weight, &square)) in weights.iter_mut().zip(self.squares).enumerate() {
            let Some(column) = self.design.column(j) else { break };
            if square == T::ZERO {
                *weight = T::ZERO;
                continue;
            }
            let pull = vector::dot(self.machine, column, self.residual)? + square * *weight;
            let beyond = (pull.abs() - self.alpha).max_of(T::ZERO);
            // + 0 turns −0 into 0.
            let next = beyond.copysign(pull) / square + T::ZERO;
            if next != *weight {
                vector::axpy(self.machine, *weight - next, column, self.residual)?;
                *weight = next;
            }
        }
        Ok(())
    }
}
