//! Least squares under a penalty of any shape: one factorization for the whole path.

use crate::check;
use crate::curvature::LinearFit;
use crate::error::Error;
use crate::factor::{
    qr_apply_t, qr_in_place, qr_scratch_len, symmetric_eigen, symmetric_eigen_scratch_len,
};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, gemv, trsm};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// min ‖t − Φw‖² + α wᵀΩw for every α: ΦᵀΦ and Ω made diagonal together.
///
/// Splines and networks of basis functions under bending energy ([`gaussian_bending_into`]); with Ω = I it is ridge,
/// for which [`LinearModel`] also does with dependent columns.
///
/// [`gaussian_bending_into`]: crate::curvature::gaussian_bending_into
/// [`LinearModel`]: crate::curvature::LinearModel
#[derive(Clone, Copy, Debug)]
pub struct GeneralizedRidge<'a, T> {
    machine: Machine,
    rows: usize,
    /// μ, ascending: the roughness of each direction per unit of fit.
    roughness: &'a [T],
    /// Xᵀ Φᵀ t.
    projected: &'a [T],
    /// X, column after column: XᵀΦᵀΦX = I, XᵀΩX = diag μ.
    directions: &'a [T],
    outside: T,
}

/// Elements that a [`GeneralizedRidge`] of k columns keeps: k² + 2k.
#[must_use]
pub const fn generalized_ridge_memory_len(cols: usize) -> usize {
    cols.saturating_mul(cols.saturating_add(2))
}

/// Elements of scratch that [`GeneralizedRidge::new`] needs: Nk + N + k and those of `qr` or `symmetric_eigen`.
#[must_use]
pub const fn generalized_ridge_scratch_len(rows: usize, cols: usize) -> usize {
    let (qr, qr_one) = (qr_scratch_len(rows, cols), qr_scratch_len(rows, 1));
    let eigen = symmetric_eigen_scratch_len(cols);
    let qr = if qr > qr_one { qr } else { qr_one };
    let most = if qr > eigen { qr } else { eigen };
    rows.saturating_mul(cols.saturating_add(1)).saturating_add(cols).saturating_add(most)
}

impl<'a, T: Float> GeneralizedRidge<'a, T> {
    /// Factors design and penalty.
    ///
    /// # Shapes
    /// `design`: Φ, N × k, N ≥ k ≥ 1, columns independent, any strides. `targets`: N. `penalty`: Ω, k × k, positive
    /// semi-definite, symmetric; all of it is read. `memory`: at least [`generalized_ridge_memory_len`] (k), kept.
    /// `scratch`: at least [`generalized_ridge_scratch_len`] (N, k).
    ///
    /// # Method
    /// Φ = QR, R⁻ᵀΩR⁻¹ = YMYᵀ, X = R⁻¹Y (Demmler and Reinsch): ΦᵀΦ is never formed. Negative μ, which only rounding
    /// or a penalty that is none gives, count as 0.
    ///
    /// # Accuracy
    /// That of Φ + ΔΦ within QR's bound; μ within 10ku‖R⁻ᵀΩR⁻¹‖ and the two solves', 2γₖ‖|R⁻ᵀ||Rᵀ||R⁻ᵀΩR⁻¹||R||R⁻¹|‖. The same
    /// bits on every strict machine.
    ///
    /// # Errors
    /// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::NotFinite`; `Error::Range` for N < k; `Error::Pivot` for a
    /// column that depends on those before it exactly.
    ///
    /// # Cost
    /// 2Nk² + 11k³ flops.
    ///
    /// # Source
    /// Demmler, Reinsch 1975, doi:10.1007/BF01437407; Golub, Van Loan 2013, §6.1.
    pub fn new(
        machine: Machine,
        (design, targets): (MatRef<'_, T>, &[T]),
        penalty: MatRef<'_, T>,
        memory: &'a mut [T],
        scratch: &mut [T],
    ) -> Result<Self, Error> {
        let (rows, cols) = (design.rows(), design.cols());
        check::not_empty("design.cols", cols)?;
        check::in_range("design.rows", T::from_usize(rows), cols as f64, f64::MAX)?;
        check::same_len("targets", rows, targets.len())?;
        check::same_len("penalty.rows", cols, penalty.rows())?;
        check::same_len("penalty.cols", cols, penalty.cols())?;
        check::at_least("memory", generalized_ridge_memory_len(cols), memory.len())?;
        let needed = generalized_ridge_scratch_len(rows, cols);
        check::at_least("scratch", needed, scratch.len())?;
        check::finite("targets", targets)?;
        let (mut memory, mut scratch) = (memory, scratch);
        let roughness = check::take(&mut memory, cols)?;
        let projected = check::take(&mut memory, cols)?;
        let directions = check::take(&mut memory, cols * cols)?;
        let qr = check::take(&mut scratch, rows * cols)?;
        let seen = check::take(&mut scratch, rows)?;
        let tau = check::take(&mut scratch, cols)?;
        copy_columns(design, qr);
        copy_columns(penalty, directions);
        check::finite("penalty", directions)?;
        qr_in_place(machine, MatMut::col_major(qr, rows, cols)?, tau, scratch)?;
        let qr = MatRef::col_major(qr, rows, cols)?;
        let r = qr.sub([0, 0], [cols, cols])?;
        let upper = r.triangular(Triangle::Upper, Diagonal::NonUnit);
        let lower = r.t().triangular(Triangle::Lower, Diagonal::NonUnit);
        trsm(machine, T::ONE, Side::Left(lower), MatMut::col_major(directions, cols, cols)?)?;
        trsm(machine, T::ONE, Side::Right(upper), MatMut::col_major(directions, cols, cols)?)?;
        let y = MatMut::col_major(directions, cols, cols)?;
        symmetric_eigen(machine, y, roughness, scratch)?;
        vector::copy(targets, seen)?;
        qr_apply_t(machine, qr, tau, MatMut::col_major(seen, rows, 1)?, scratch)?;
        let (seen, outside) = check::split(seen, cols)?;
        let y = MatRef::col_major(directions, cols, cols)?;
        gemv(machine, T::ONE, y.t(), seen, T::ZERO, projected)?;
        let outside = vector::norm2(machine, outside);
        trsm(machine, T::ONE, Side::Left(upper), MatMut::col_major(directions, cols, cols)?)?;
        for value in roughness.iter_mut() {
            *value = value.max_of(T::ZERO);
        }
        Ok(Self { machine, rows, roughness, projected, directions, outside })
    }

    /// μ, ascending: wᵀΩw per ‖Φw‖² of each direction; 0 is what the penalty does not see.
    #[must_use]
    pub fn roughness(&self) -> &'a [T] {
        self.roughness
    }

    /// w = (ΦᵀΦ + αΩ)⁻¹Φᵀt.
    ///
    /// # Shapes
    /// `weights`: k.
    ///
    /// # Accuracy
    /// As [`GeneralizedRidge::new`], and γₖ₊₄ of Σ|X||d|/(1 + αμ).
    ///
    /// # Errors
    /// `Error::Length`; `Error::Range` for α negative, NaN or infinite.
    ///
    /// # Cost
    /// 2k² flops.
    ///
    /// # Source
    /// As [`GeneralizedRidge::new`].
    #[doc(alias = "tikhonov")]
    pub fn weights_into(&self, alpha: T, weights: &mut [T]) -> Result<(), Error> {
        check::in_range("alpha", alpha, 0.0, T::MAX.to_f64())?;
        let k = self.roughness.len();
        check::same_len("weights", k, weights.len())?;
        weights.fill(T::ZERO);
        let columns = pieces(self.directions, k);
        for ((&mu, &along), column) in self.roughness.iter().zip(self.projected).zip(columns) {
            vector::axpy(self.machine, along / (T::ONE + alpha * mu), column, weights)?;
        }
        Ok(())
    }

    /// Degrees of freedom Σ1/(1 + αμ), residual, wᵀΩw in place of ‖w‖², and generalized cross-validation.
    ///
    /// # Accuracy
    /// Sums of k terms that are not negative, (k + 8)u; μ as in [`GeneralizedRidge::new`].
    ///
    /// # Errors
    /// `Error::Range` for α negative, NaN or infinite.
    ///
    /// # Cost
    /// 10k flops.
    ///
    /// # Source
    /// As [`GeneralizedRidge::new`].
    pub fn fit(&self, alpha: T) -> Result<LinearFit<T>, Error> {
        check::in_range("alpha", alpha, 0.0, T::MAX.to_f64())?;
        let mut used = T::ZERO;
        let mut left = T::from_usize(self.rows.saturating_sub(self.roughness.len()));
        let (mut residual_square, mut weight_square) = (self.outside * self.outside, T::ZERO);
        for (&mu, &along) in self.roughness.iter().zip(self.projected) {
            let bent = alpha * mu;
            let (share, rest) = (T::ONE / (T::ONE + bent), T::ONE / (T::ONE + T::ONE / bent));
            used += share;
            left += rest;
            residual_square += (rest * along) * (rest * along);
            weight_square += mu * ((share * along) * (share * along));
        }
        let n = T::from_usize(self.rows);
        let none = left == T::ZERO;
        let cross_validation = if none { T::INFINITY } else { n * (residual_square / left) / left };
        Ok(LinearFit { degrees_of_freedom: used, residual_square, weight_square, cross_validation })
    }
}

/// Column after column.
fn copy_columns<T: Float>(from: MatRef<'_, T>, to: &mut [T]) {
    for (j, column) in pieces_mut(to, from.rows()).enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            *x = from.get(i, j).unwrap_or(T::ZERO);
        }
    }
}
