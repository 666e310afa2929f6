//! Curvature as batches show it: batch sharpness, and how much the Hessians of batches differ.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::Machine;
use crate::vector;

/// gᵀHg/‖g‖²: the curvature along a direction, from its product.
///
/// # Shapes
/// `direction`, `product` = H·direction: n.
///
/// # Accuracy
/// Relative to ‖Hg‖/‖g‖, at most (2h + 6)u, h as in `vector::dot`. Scaling the direction by 2ᵏ changes nothing, barring
/// over- and underflow.
///
/// # Errors
/// `Error::Length`; `Error::NotFinite`; `Error::ZeroVector` for a direction that is zero.
///
/// # Cost
/// 4n flops.
///
/// # Source
/// Parlett 1998, §1.4.
///
/// # Example
/// ```
/// use teeter::{Machine, curvature::curvature_along};
/// assert_eq!(curvature_along(Machine::detect(), &[2.0, 0.0], &[6.0, 1.0]), Ok(3.0));
/// ```
#[doc(alias = "rayleigh_quotient")]
pub fn curvature_along<T: Float>(
    machine: Machine,
    direction: &[T],
    product: &[T],
) -> Result<T, Error> {
    check::same_len("product", direction.len(), product.len())?;
    let norm = vector::norm2(machine, direction);
    if !norm.is_finite() {
        check::finite("direction", direction)?;
    }
    if norm == T::ZERO {
        return Err(Error::ZeroVector { argument: "direction" });
    }
    let value = vector::dot(machine, direction, product)? / norm / norm;
    if !value.is_finite() {
        check::finite("product", product)?;
    }
    Ok(value)
}

/// A mean with the error it is known to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct BatchMean<T> {
    /// The mean.
    pub value: T,
    /// √(sample variance/m); ∞ for one batch.
    pub standard_error: T,
    /// m: batches seen.
    pub batches: usize,
}

/// E[gᵀHg/‖g‖²] over batches, g and H of the same batch: batch sharpness, which SGD holds at 2/η.
///
/// The λ₁ of the full Hessian stays below, by as much as batches are small. With momentum β: about 2(1 − β)/η for small
/// batches and 2(1 + β)/η for large ones.
///
/// # Example
/// ```
/// use teeter::{Machine, curvature::BatchSharpness};
/// let mut sharpness = BatchSharpness::new();
/// sharpness.push(Machine::detect(), &[1.0, 0.0], &[3.0, 7.0])?;
/// sharpness.push(Machine::detect(), &[0.0, 2.0], &[0.0, 10.0])?;
/// assert_eq!(sharpness.estimate().map(|mean| (mean.value, mean.standard_error)), Ok((4.0, 1.0)));
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchSharpness<T> {
    mean: T,
    scatter: T,
    batches: usize,
}

impl<T: Float> Default for BatchSharpness<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> BatchSharpness<T> {
    /// Of no batch.
    #[must_use]
    pub fn new() -> Self {
        Self { mean: T::ZERO, scatter: T::ZERO, batches: 0 }
    }

    /// Takes a batch: its gradient and the product of its Hessian with it; returns gᵀHg/‖g‖².
    ///
    /// # Shapes
    /// `gradient`, `product`: n.
    ///
    /// # Accuracy
    /// As [`curvature_along`]; running mean and scatter as Welford's, 6u a batch.
    ///
    /// # Errors
    /// As [`curvature_along`]; nothing changes then.
    ///
    /// # Cost
    /// 4n flops.
    ///
    /// # Source
    /// Andreyev, Beneventano 2024, arXiv:2412.20553.
    pub fn push(&mut self, machine: Machine, gradient: &[T], product: &[T]) -> Result<T, Error> {
        let value = curvature_along(machine, gradient, product)?;
        self.batches += 1;
        let apart = value - self.mean;
        self.mean += apart / T::from_usize(self.batches);
        self.scatter += apart * (value - self.mean);
        Ok(value)
    }

    /// Mean and standard error.
    ///
    /// # Accuracy
    /// As [`BatchSharpness::push`].
    ///
    /// # Errors
    /// `Error::Empty` before the first batch.
    pub fn estimate(&self) -> Result<BatchMean<T>, Error> {
        check::not_empty("batches", self.batches)?;
        Ok(BatchMean {
            value: self.mean,
            standard_error: standard_error(self.scatter, self.batches),
            batches: self.batches,
        })
    }
}

/// √(s/(m − 1)/m).
fn standard_error<T: Float>(scatter: T, m: usize) -> T {
    if m < 2 {
        return T::INFINITY;
    }
    (scatter / T::from_usize(m - 1) / T::from_usize(m)).sqrt()
}

/// Elements that [`HessianVariability`] needs of n parameters: 2n.
#[must_use]
pub const fn hessian_variability_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// How much the Hessians of batches differ: E‖H_b z‖² − ‖E H_b z‖², one direction z for all batches.
///
/// For z of independent signs, divided by n, it is the mean variance of a row, Σ Var h, which [`BatchNoise`] needs (σ² =
/// that over n); for the damping of a stochastic second-order method, [`HessianVariability::damping`].
///
/// [`BatchNoise`]: crate::curvature::BatchNoise
#[derive(Debug)]
pub struct HessianVariability<'a, T> {
    mean: &'a mut [T],
    work: &'a mut [T],
    scatter: T,
    batches: usize,
}

/// Noise of the curvature along a direction, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct NoiseDamping<T> {
    /// κ in [0, 1]: the share of ‖H̄z − z(zᵀH̄z)‖² that is no noise.
    pub shrinkage: T,
    /// (1 − κ)/κ; ∞ where all may be noise.
    pub damping: T,
}

impl<'a, T: Float> HessianVariability<'a, T> {
    /// Of no batch, over lent memory.
    ///
    /// # Shapes
    /// `n`: parameters. `memory`: at least [`hessian_variability_len`] (n), kept.
    ///
    /// # Errors
    /// `Error::Short`, `Error::Empty` for n = 0.
    pub fn new(n: usize, memory: &'a mut [T]) -> Result<Self, Error> {
        check::not_empty("n", n)?;
        check::at_least("memory", hessian_variability_len(n), memory.len())?;
        let mut memory = memory;
        let mean = check::take(&mut memory, n)?;
        let work = check::take(&mut memory, n)?;
        mean.fill(T::ZERO);
        Ok(Self { mean, work, scatter: T::ZERO, batches: 0 })
    }

    /// Takes H_b z of the next batch.
    ///
    /// # Accuracy
    /// Welford's recurrence: (h + 6)u a batch of the scatter.
    ///
    /// # Errors
    /// `Error::Length`, `Error::NotFinite`: nothing changes then.
    ///
    /// # Cost
    /// 6n flops.
    ///
    /// # Source
    /// Welford 1962, doi:10.1080/00401706.1962.10490022.
    pub fn push(&mut self, machine: Machine, product: &[T]) -> Result<(), Error> {
        check::same_len("product", self.mean.len(), product.len())?;
        check::finite("product", product)?;
        self.batches += 1;
        let m = T::from_usize(self.batches);
        vector::copy(product, self.work)?;
        vector::axpy(machine, -T::ONE, self.mean, self.work)?;
        let apart = vector::norm2(machine, self.work);
        self.scatter += apart * apart * ((m - T::ONE) / m);
        vector::axpy(machine, T::ONE / m, self.work, self.mean)
    }

    /// The mean of ‖H_b z − H̄z‖² with m − 1 in the denominator, and ‖H̄z‖².
    ///
    /// # Accuracy
    /// As [`HessianVariability::push`].
    ///
    /// # Errors
    /// `Error::Empty` before the second batch.
    pub fn estimate(&self, machine: Machine) -> Result<[T; 2], Error> {
        check::not_empty("batches - 1", self.batches.saturating_sub(1))?;
        let norm = vector::norm2(machine, self.mean);
        Ok([self.scatter / T::from_usize(self.batches.saturating_sub(1)), norm * norm])
    }

    /// κ = max(0, 1 − (variance/m)/‖H̄z − z(zᵀH̄z)‖²) and the damping (1 − κ)/κ, z of unit length.
    ///
    /// # Shapes
    /// `direction`: the z of the products, n; divided by its length here.
    ///
    /// # Accuracy
    /// (4h + 20)u of 1 for κ, beside the sampling error of the variance.
    ///
    /// # Errors
    /// `Error::Length`, `Error::ZeroVector`, `Error::NotFinite`; `Error::Empty` before the second batch.
    ///
    /// # Cost
    /// 8n flops.
    ///
    /// # Source
    /// Granziol, Zohren, Roberts 2022, JMLR 23(173), §6 and the authors' code.
    pub fn damping(&mut self, machine: Machine, direction: &[T]) -> Result<NoiseDamping<T>, Error> {
        check::same_len("direction", self.mean.len(), direction.len())?;
        let [variance, _] = self.estimate(machine)?;
        let along = curvature_along(machine, direction, self.mean)?;
        vector::copy(self.mean, self.work)?;
        vector::axpy(machine, -along, direction, self.work)?;
        let rest = vector::norm2(machine, self.work);
        let noise = variance / T::from_usize(self.batches);
        // 0/0: neither noise nor curvature.
        let ratio = if noise == T::ZERO { T::ZERO } else { noise / rest / rest };
        let shrinkage = (T::ONE - ratio).max_of(T::ZERO);
        let damping =
            if shrinkage == T::ZERO { T::INFINITY } else { ratio.min_of(T::ONE) / shrinkage };
        Ok(NoiseDamping { shrinkage, damping })
    }
}

/// The loss along an update as its first two derivatives have it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct UpdateLine<T> {
    /// g·d, negative downhill.
    pub slope: T,
    /// dᵀHd.
    pub curvature: T,
}

impl<T: Float> UpdateLine<T> {
    /// g·d and dᵀHd of an update d, w ← w + d.
    ///
    /// # Shapes
    /// `gradient`, `update`, `product` = H·update: n.
    ///
    /// # Accuracy
    /// As `vector::dot`.
    ///
    /// # Errors
    /// `Error::Length`; `Error::NotFinite` where a sum is not finite because an element is not.
    ///
    /// # Cost
    /// 4n flops.
    ///
    /// # Source
    /// Ahn, Zhang, Sra 2022, ICML.
    pub fn new(
        machine: Machine,
        gradient: &[T],
        update: &[T],
        product: &[T],
    ) -> Result<Self, Error> {
        check::same_len("update", gradient.len(), update.len())?;
        check::same_len("product", gradient.len(), product.len())?;
        let slope = vector::dot(machine, gradient, update)?;
        let curvature = vector::dot(machine, update, product)?;
        if !(slope + curvature).is_finite() {
            check::finite("gradient", gradient)?;
            check::finite("update", update)?;
            check::finite("product", product)?;
        }
        Ok(Self { slope, curvature })
    }

    /// L(w + td) − L(w) to second order: t·slope + ½t²·curvature. Exact on quadratics.
    ///
    /// # Accuracy
    /// 4u of the sum of magnitudes.
    #[must_use]
    pub fn change(&self, t: T) -> T {
        t * self.slope + T::HALF * t * t * self.curvature
    }

    /// −1 + curvature/2|slope|: the change of the full update over what the slope alone promises.
    ///
    /// −1 where the step is short, 0 at the edge of stability (directional curvature 2/η), above where the loss rises. NaN
    /// for a slope of 0.
    ///
    /// # Accuracy
    /// 3u of 1 + curvature/2|slope|.
    ///
    /// # Source
    /// Ahn, Zhang, Sra 2022, ICML.
    #[doc(alias = "relative_progress")]
    #[must_use]
    pub fn progress(&self) -> T {
        T::HALF * self.curvature / self.slope.abs() - T::ONE
    }
}
