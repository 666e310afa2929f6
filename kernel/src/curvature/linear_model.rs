//! Least squares seen through the singular values of its design: one factorization, every fit.

use crate::check;
use crate::curvature::SpectralFilter;
use crate::error::Error;
use crate::factor::{svd, svd_scratch_len};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemv};
use crate::simd::{Machine, pieces};
use crate::vector;

/// t ≈ Φw, factored once: Φ = USVᵀ, c = Uᵀt, and what no w reaches, ‖t − Uc‖.
///
/// Every regularized fit is then a sum over singular values: ridge and early stopping
/// ([`SpectralFilter`]), the evidence of a Gaussian prior, predictions with their variance. For the
/// last layer of a network, Φ is what that layer is fed: the Laplace approximation is exact there.
#[derive(Clone, Copy, Debug)]
pub struct LinearModel<'a, T> {
    pub(crate) machine: Machine,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    /// s, descending.
    pub(crate) values: &'a [T],
    /// V, column after column.
    pub(crate) right: &'a [T],
    /// c.
    pub(crate) projected: &'a [T],
    /// ‖t − Uc‖.
    pub(crate) outside: T,
}

/// What a fit leaves and what it uses.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct LinearFit<T> {
    /// Σ f: Moody's p_eff, MacKay's γ, Tr S of ŷ = Sy.
    pub degrees_of_freedom: T,
    /// ‖t − Φw‖².
    pub residual_square: T,
    /// ‖w‖².
    pub weight_square: T,
    /// N‖t − Φw‖²/(N − Tr S)², generalized cross-validation; ∞ if nothing is left.
    pub cross_validation: T,
}

/// Elements that a [`LinearModel`] of an N × k design keeps: r + r + kr, r = min(N, k).
#[must_use]
pub const fn linear_model_memory_len(rows: usize, cols: usize) -> usize {
    let r = if rows < cols { rows } else { cols };
    r.saturating_mul(cols.saturating_add(2))
}

/// Elements of scratch that [`LinearModel::new`] needs: Nr + N and those of `svd`.
#[must_use]
pub const fn linear_model_scratch_len(rows: usize, cols: usize) -> usize {
    let r = if rows < cols { rows } else { cols };
    rows.saturating_mul(r.saturating_add(1)).saturating_add(svd_scratch_len(rows, cols))
}

impl<'a, T: Float> LinearModel<'a, T> {
    /// Factors the design and takes the targets into its coordinates.
    ///
    /// # Shapes
    /// `design`: Φ, N × k, any strides, N ≥ 1, k ≥ 1, in any order. `targets`: N. `memory`: at least
    /// [`linear_model_memory_len`] (N, k), kept. `scratch`: at least [`linear_model_scratch_len`] (N, k).
    ///
    /// # Method
    /// One-sided Jacobi (`svd`): small singular values keep their digits, and ΦᵀΦ is never formed.
    ///
    /// # Accuracy
    /// That of a design Φ + ΔΦ, ‖ΔΦ‖_F ≤ η‖Φ‖_F, η as in `svd`; c and what is outside within ηN‖t‖. If N ≤ k nothing is
    /// outside, exactly. Scaling Φ or t by 2ᵏ scales all, barring over- and underflow. The same bits on
    /// every strict machine.
    ///
    /// # Errors
    /// `Error::Empty`, `Error::Length`, `Error::Short`; `Error::NotFinite` for targets or design;
    /// `Error::Range` for targets whose norm overflows.
    ///
    /// # Cost
    /// That of `svd`, and 4Nr flops.
    ///
    /// # Source
    /// Golub, Van Loan 2013, §6.1.
    ///
    /// # Example
    /// ```
    /// use teeter::curvature::{LinearModel, SpectralFilter};
    /// use teeter::curvature::{linear_model_memory_len, linear_model_scratch_len};
    /// use teeter::{Machine, matrix::MatRef};
    /// let design = MatRef::row_major(&[2.0, 0.0, 0.0, 1.0, 0.0, 0.0], 3, 2)?;
    /// let mut memory = [0.0; linear_model_memory_len(3, 2)];
    /// let mut scratch = [0.0; linear_model_scratch_len(3, 2)];
    /// let targets = [4.0, 1.0, 3.0];
    /// let model =
    ///     LinearModel::new(Machine::detect(), design, &targets, &mut memory, &mut scratch)?;
    /// let mut w = [0.0; 2];
    /// model.weights_into(SpectralFilter::Ridge { alpha: 0.0 }, &mut w)?;
    /// assert_eq!(w, [2.0, 1.0]);
    /// assert_eq!(model.fit(SpectralFilter::Ridge { alpha: 0.0 })?.residual_square, 9.0);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn new(
        machine: Machine,
        design: MatRef<'_, T>,
        targets: &[T],
        memory: &'a mut [T],
        scratch: &mut [T],
    ) -> Result<Self, Error> {
        let (rows, cols) = (design.rows(), design.cols());
        check::not_empty("design.rows", rows)?;
        check::not_empty("design.cols", cols)?;
        check::same_len("targets", rows, targets.len())?;
        check::at_least("memory", linear_model_memory_len(rows, cols), memory.len())?;
        check::at_least("scratch", linear_model_scratch_len(rows, cols), scratch.len())?;
        check::finite("targets", targets)?;
        let norm = vector::norm2(machine, targets);
        check::in_range("‖targets‖", norm, 0.0, T::MAX.to_f64())?;
        let r = rows.min(cols);
        let (mut memory, mut scratch) = (memory, scratch);
        let values = check::take(&mut memory, r)?;
        let projected = check::take(&mut memory, r)?;
        let right = check::take(&mut memory, r * cols)?;
        let left = check::take(&mut scratch, rows * r)?;
        let rest = check::take(&mut scratch, rows)?;
        let u = MatMut::col_major(left, rows, r)?;
        svd(machine, design, u, values, MatMut::col_major(right, cols, r)?, scratch)?;
        let u = MatRef::col_major(left, rows, r)?;
        gemv(machine, T::ONE, u.t(), targets, T::ZERO, projected)?;
        vector::copy(targets, rest)?;
        gemv(machine, -T::ONE, u, projected, T::ONE, rest)?;
        // U is square then, and what is left is rounding.
        let outside = if rows <= cols { T::ZERO } else { vector::norm2(machine, rest) };
        Ok(Self { machine, rows, cols, values, right, projected, outside })
    }

    /// The singular values of the design, descending; their squares are the eigenvalues of ΦᵀΦ.
    #[must_use]
    pub fn singular_values(&self) -> &'a [T] {
        self.values
    }

    /// w = Σ f(s²)(c/s)v: the weights of a regularized fit.
    ///
    /// The whole path of ridge, or of training, is one call for each α or time.
    ///
    /// # Shapes
    /// `weights`: k.
    ///
    /// # Accuracy
    /// That of the design as in [`LinearModel::new`]; f within its own bound, r + 3 roundings more. Directions with s = 0
    /// get nothing.
    ///
    /// # Errors
    /// `Error::Length`; `Error::Range` for the constants of the filter.
    ///
    /// # Cost
    /// 2kr flops.
    ///
    /// # Source
    /// Hoerl, Kennard 1970, doi:10.1080/00401706.1970.10488634.
    #[doc(alias = "ridge")]
    pub fn weights_into(&self, filter: SpectralFilter<T>, weights: &mut [T]) -> Result<(), Error> {
        check::same_len("weights", self.cols, weights.len())?;
        filter.check()?;
        weights.fill(T::ZERO);
        for (direction, column) in self.directions().zip(pieces(self.right, self.cols)) {
            let [share, _] = filter.parts(direction.eigenvalue);
            vector::axpy(self.machine, share * direction.solution, column, weights)?;
        }
        Ok(())
    }

    /// Degrees of freedom, residual, weights' norm and generalized cross-validation of a fit.
    ///
    /// # Accuracy
    /// Sums of r terms that are not negative, (r + 8)u beside the error of f; the design as in
    /// [`LinearModel::new`]. Barring over- and underflow of squares.
    ///
    /// # Errors
    /// `Error::Range` for the constants of the filter.
    ///
    /// # Cost
    /// 8r flops and r filters.
    ///
    /// # Source
    /// Golub, Heath, Wahba 1979, doi:10.1080/00401706.1979.10489751.
    #[doc(alias = "gcv")]
    pub fn fit(&self, filter: SpectralFilter<T>) -> Result<LinearFit<T>, Error> {
        filter.check()?;
        let (mut used, mut left) =
            (T::ZERO, T::from_usize(self.rows.saturating_sub(self.values.len())));
        let (mut residual_square, mut weight_square) = (self.outside * self.outside, T::ZERO);
        for direction in self.directions() {
            let [share, rest] = filter.parts(direction.eigenvalue);
            used += share;
            left += rest;
            let (residual, weight) = (rest * direction.projected, share * direction.solution);
            residual_square += residual * residual;
            weight_square += weight * weight;
        }
        let n = T::from_usize(self.rows);
        let cross_validation =
            if left == T::ZERO { T::INFINITY } else { n * (residual_square / left) / left };
        Ok(LinearFit { degrees_of_freedom: used, residual_square, weight_square, cross_validation })
    }

    /// Singular directions, the longest first.
    pub(crate) fn directions(&self) -> impl Iterator<Item = Direction<T>> + use<'a, T> {
        self.values.iter().zip(self.projected).map(|(&value, &projected)| Direction {
            eigenvalue: value * value,
            projected,
            solution: if value == T::ZERO { T::ZERO } else { projected / value },
        })
    }
}

/// One singular direction of a model.
#[derive(Clone, Copy)]
pub(crate) struct Direction<T> {
    /// s².
    pub(crate) eigenvalue: T,
    /// c = uᵀt.
    pub(crate) projected: T,
    /// c/s, 0 for s = 0: the least-squares weight along v.
    pub(crate) solution: T,
}
