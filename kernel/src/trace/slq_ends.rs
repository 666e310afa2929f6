//! How far beyond the outermost nodes the spectrum can reach, and what the first step of each process tells.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::{Floor, lanczos_reach, likely_cosine};
use crate::trace::{Hutchinson, Probe, Slq, student_t_quantile};
use crate::vector;

/// An end of the spectrum: an eigenvalue of A, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct EndEstimate<T> {
    /// The outermost node.
    pub value: T,
    /// Some eigenvalue lies within this of it.
    pub residual: T,
    /// The end of the spectrum is no less; for the largest eigenvalue the node itself.
    pub lower: T,
    /// The end of the spectrum is no more; for the smallest eigenvalue the node itself.
    pub upper: T,
}

/// A norm between two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct NormInterval<T> {
    /// The estimate.
    pub value: T,
    /// Of `value`, to first order.
    pub standard_error: T,
    /// Lower end of the interval.
    pub lower: T,
    /// Upper end of it.
    pub upper: T,
    /// The chance that the interval was to hold the norm.
    pub confidence: T,
}

impl<T: Float> Slq<'_, T> {
    /// λ₁ and λ_min between the outermost nodes and what lies beyond them with chance at most `failure` each.
    ///
    /// # Shapes
    /// `floor`: what is known of the smallest eigenvalue. `scratch`: at least
    /// [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Method
    /// [`LargestBound`](crate::krylov::LargestBound), for the best of the starts: all of p independent ones have |cos| < t with chance
    /// P(|cos| < t)ᵖ, so that t = [`likely_cosine`] (n, failure^(1/p)). Where the floor is not known, and for the smaller end, both ends err by the
    /// share 1 − 1/r of λ₁ − λ_min at most, r = [`lanczos_reach`], but for half of the chance each. A process of normals that has closed saw all
    /// eigenvalues: r = 1.
    ///
    /// # Accuracy
    /// As [`LargestBound`](crate::krylov::LargestBound) in exact arithmetic; without reorthogonalization the process errs as
    /// [`LanczosRecurrence`](crate::krylov::LanczosRecurrence) says. For normal probes, whose direction is uniform: signs can miss an eigenvector
    /// altogether, and then the outer ends are the floor, or ∞. One look, as there.
    ///
    /// # Errors
    /// `Error::Range` for a chance outside [0, 1] or a floor that is not finite; `Error::Empty` before the first probe is done; `Error::Short`.
    ///
    /// # Source
    /// Kuczyński, Woźniakowski 1992, doi:10.1137/0613066, for one start.
    pub fn end_bounds(
        &self,
        floor: Floor<T>,
        failure: f64,
        scratch: &mut [T],
    ) -> Result<[EndEstimate<T>; 2], Error> {
        check::in_range("failure", failure, 0.0, 1.0)?;
        let known = match floor {
            Floor::AtLeast(floor) => {
                check::in_range("floor", floor, f64::MIN, f64::MAX)?;
                floor
            }
            Floor::Unknown => -T::INFINITY,
        };
        let ends = self.ends(scratch)?;
        let whole = self.reach(failure)?;
        let half = self.reach(0.5 * failure)?;
        let missed = 1.0 - 1.0 / half;
        let beyond = if missed < 0.5 {
            (ends.largest - ends.smallest) * T::from_f64(missed / (1.0 - 2.0 * missed))
        } else {
            T::INFINITY
        };
        let open = ends.largest + beyond;
        let above = if known.is_finite() {
            open.min_of(known + (ends.largest - known) * T::from_f64(whole))
        } else {
            open
        };
        // A floor above a node is none.
        let upper = if above >= ends.largest { above } else { T::INFINITY };
        let lower = (ends.smallest - beyond).max_of(known.min_of(ends.smallest));
        let largest = EndEstimate {
            value: ends.largest,
            residual: ends.largest_residual,
            lower: ends.largest,
            upper,
        };
        let smallest = EndEstimate {
            value: ends.smallest,
            residual: ends.smallest_residual,
            lower,
            upper: ends.smallest,
        };
        Ok([largest, smallest])
    }

    /// [`lanczos_reach`] of the best of the starts.
    fn reach(&self, failure: f64) -> Result<f64, Error> {
        if self.options.probe != Probe::Gaussian {
            return Ok(f64::INFINITY);
        }
        if self.each().any(|(_, jacobi)| jacobi.residual_norm == T::ZERO) {
            return Ok(1.0);
        }
        let one = Float::exp(Float::ln(failure) / self.done.max(1) as f64);
        Ok(lanczos_reach(self.options.steps, likely_cosine(self.n, one.min_of(1.0))?))
    }

    /// Tr A and ‖A‖_F from the first step of each process, as [`Hutchinson`] has them from products: α₁ = zᵀAz/‖z‖² and
    /// α₁² + β₁² = ‖Az‖²/‖z‖².
    ///
    /// # Accuracy
    /// That of [`Hutchinson`]; no rule has a part in it. [`Slq::estimate_of`] of f(x) = x knows for signs that a multiple of the identity
    /// adds nothing to the variance, and is narrower.
    ///
    /// # Errors
    /// None in practice: before the first probe is done the answer has no products.
    pub fn first_moments(&self) -> Result<Hutchinson<T>, Error> {
        let mut estimator = Hutchinson::new(self.options.stream, self.options.probe);
        for (square, jacobi) in self.each() {
            let alpha = jacobi.diagonal.first().copied().unwrap_or(T::NAN);
            let beta = jacobi.off_diagonal.first().copied().unwrap_or(jacobi.residual_norm);
            let image = square.sqrt() * vector::norm2(self.machine, &[alpha, beta]);
            if !image.is_finite() {
                return Err(Error::NotFinite { argument: "product", index: estimator.products() });
            }
            estimator.push_sample(self.machine, square * alpha, image);
        }
        Ok(estimator)
    }

    /// ‖A‖_F, and two numbers between which it is to lie with chance `confidence`, 0 < confidence < 1.
    ///
    /// # Shapes
    /// `scratch`: at least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Method
    /// The mean F of ‖Az‖² has the variance 2Tr A⁴/m for normals, and no more for signs; of ‖A²z‖² = ‖z‖²‖T²e₁‖², three steps of the
    /// process, the mean is Tr A⁴, and that is no less than the fourth power of the outermost node, however small its part in the probes. So F is
    /// taken for χ²/ν of ν = mF²/Tr A⁴ degrees of freedom, with the quantiles of Wilson and Hilferty: ν(1 − 2/9ν ± z√(2/9ν))³.
    ///
    /// # Accuracy
    /// No theorem: a sum of χ² with different weights is not one. At confidence 0.95 and 8 normals of 12 steps it holds ‖A‖_F in 93.5 % of runs or
    /// more, for spectra from flat to geometric. The upper end is ∞ where ν is too small for the cube; the lower one is no less than the
    /// outermost node in size. Multiplying A by 2ᵏ multiplies all by 2ᵏ exactly, barring over- and underflow.
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done, `Error::Range` for another confidence, `Error::Short`.
    ///
    /// # Source
    /// Satterthwaite 1946, doi:10.2307/3002019; Wilson, Hilferty 1931, doi:10.1073/pnas.17.12.684.
    pub fn frobenius(&self, confidence: T, scratch: &mut [T]) -> Result<NormInterval<T>, Error> {
        let z = student_t_quantile(confidence, usize::MAX)?;
        let ends = self.ends(scratch)?;
        let seen = ends.largest.abs().max_of(ends.smallest.abs());
        let (m, mut fourth) = (T::from_usize(self.done), T::ZERO);
        let value = self.first_moments()?.frobenius_norm()?.value;
        if value == T::ZERO {
            let [standard_error, lower, upper] = [value; 3];
            return Ok(NormInterval { value, standard_error, lower, upper, confidence });
        }
        for (square, jacobi) in self.each() {
            // In parts of ‖A‖_F, so that no fourth power over- or underflows.
            let mut alphas = jacobi.diagonal.iter().map(|&x| x / value);
            let mut next = || alphas.next().unwrap_or(T::ZERO);
            let [a, b] = [next(), next()];
            let last = core::iter::once(&jacobi.residual_norm);
            let mut betas = jacobi.off_diagonal.iter().chain(last).map(|&x| x / value);
            let mut next = || betas.next().unwrap_or(T::ZERO);
            let [c, d] = [next(), next()];
            let column = [a * a + c * c, c * (a + b), c * d];
            let length = vector::norm2(self.machine, &column);
            fourth += square * length * length / m;
        }
        let top = seen / value;
        let fourth = fourth.max_of(top * top * top * top);
        // 2/ν
        let doubt = T::TWO * fourth / m;
        let share = doubt / T::from_usize(9);
        let [low, high] = [-z, z].map(|z| T::ONE - share + z * share.sqrt());
        let end = |base: T| value / (base * base.sqrt());
        let upper = if low > T::ZERO { end(low).max_of(seen) } else { T::INFINITY };
        let standard_error = value * T::HALF * doubt.sqrt();
        Ok(NormInterval { value, standard_error, lower: end(high).max_of(seen), upper, confidence })
    }
}
