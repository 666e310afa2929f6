//! Where the eigenvalues lie: density and cumulative spectrum from the rules of the probes.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::trace::Slq;
use crate::trace::quadrature::gauss;

/// Standard deviations beyond the outermost nodes to which a grid reaches.
const MARGIN: f64 = 4.0;

impl<T: Float> Slq<'_, T> {
    /// A grid over the spectrum, four σ beyond its ends, and σ = width·(largest − smallest node).
    ///
    /// # Shapes
    /// `width`: relative, 0 or more; 0.01 is usual. `grid`: any number of points, evenly spaced; one
    /// point is the left end. `scratch`: at least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Accuracy
    /// Multiplying A by 2ᵏ multiplies grid and σ by it, exactly. σ is 0 where all nodes are equal.
    ///
    /// # Errors
    /// `Error::Range` for the width; `Error::Empty` before the first probe is done; `Error::Short`.
    pub fn spectral_grid_into(
        &self,
        width: T,
        grid: &mut [T],
        scratch: &mut [T],
    ) -> Result<T, Error> {
        check::in_range("width", width, 0.0, T::MAX.to_f64())?;
        let ends = self.ends(scratch)?;
        let sigma = width * (ends.largest - ends.smallest);
        let margin = T::from_f64(MARGIN) * sigma;
        let (low, high) = (ends.smallest - margin, ends.largest + margin);
        let step = (high - low) / T::from_usize(grid.len().saturating_sub(1).max(1));
        for (i, point) in grid.iter_mut().enumerate() {
            *point = low + T::from_usize(i) * step;
        }
        Ok(sigma)
    }

    /// The spectral density at each point of `grid`, eigenvalues blurred by a Gaussian of deviation σ.
    ///
    /// Its integral is 1: times n and the length of an interval it is a number of eigenvalues.
    ///
    /// # Shapes
    /// `grid`, `density`: any number of points. `sigma`: as [`Slq::spectral_grid_into`] gives it, not 0. `scratch`: at
    /// least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Accuracy
    /// Not negative. What k nodes stand for, k the steps, is seen only where σ is wider than their spacing.
    ///
    /// # Errors
    /// `Error::Length`; `Error::Range` for σ; `Error::NotFinite` for a point; `Error::Empty` before the first probe
    /// is done; `Error::Short`.
    ///
    /// # Cost
    /// An exponential for each node and point: mk times the length of the grid.
    ///
    /// # Source
    /// Lin, Saad, Yang 2016, doi:10.1137/130934283.
    pub fn density_into(
        &self,
        grid: &[T],
        sigma: T,
        density: &mut [T],
        scratch: &mut [T],
    ) -> Result<(), Error> {
        check::same_len("density", grid.len(), density.len())?;
        check::in_range("sigma", sigma, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
        self.blur(grid, density, scratch, |point, node| {
            let z = (point - node) / sigma;
            (-T::HALF * z * z).exp()
        })?;
        let height = T::ONE / ((T::TWO * T::PI).sqrt() * sigma);
        for value in density {
            *value *= height;
        }
        Ok(())
    }

    /// The share of eigenvalues up to each point of `grid`, blurred as in [`Slq::density_into`].
    ///
    /// # Shapes
    /// As [`Slq::density_into`]; σ may be 0: steps.
    ///
    /// # Accuracy
    /// Between 0 and 1, and not falling, within (km + 4)u. Without blur the rule of a probe crosses the
    /// distribution function of its own weights at most 2k − 1 times: each step of it straddles one of the rule.
    ///
    /// # Errors
    /// As [`Slq::density_into`].
    ///
    /// # Cost
    /// An error function for each node and point.
    ///
    /// # Source
    /// Chen, Trogdon, Ubaru 2021, arXiv:2105.06595.
    pub fn cumulative_into(
        &self,
        grid: &[T],
        sigma: T,
        cumulative: &mut [T],
        scratch: &mut [T],
    ) -> Result<(), Error> {
        check::same_len("cumulative", grid.len(), cumulative.len())?;
        check::in_range("sigma", sigma, 0.0, T::MAX.to_f64())?;
        self.blur(grid, cumulative, scratch, |point, node| {
            if sigma > T::ZERO {
                let z = ((node - point) / sigma).to_f64();
                T::from_f64(0.5 * libm::erfc(z * core::f64::consts::FRAC_1_SQRT_2))
            } else if node <= point {
                T::ONE
            } else {
                T::ZERO
            }
        })
    }

    /// out ← Σ w·kernel(point, θ) over all nodes of all probes; the weights add to 1.
    fn blur(
        &self,
        grid: &[T],
        out: &mut [T],
        scratch: &mut [T],
        kernel: impl Fn(T, T) -> T,
    ) -> Result<(), Error> {
        self.ready(scratch)?;
        check::finite("grid", grid)?;
        let total = self.each().fold(T::ZERO, |sum, (square, _)| sum + square);
        out.fill(T::ZERO);
        for (square, jacobi) in self.each() {
            let k = jacobi.diagonal.len();
            let mut rest = &mut *scratch;
            let nodes = check::take(&mut rest, k)?;
            let weights = check::take(&mut rest, k)?;
            gauss(jacobi, nodes, weights, rest)?;
            for (&node, &weight) in nodes.iter().zip(weights.iter()) {
                let share = weight * (square / total);
                for (out, &point) in out.iter_mut().zip(grid) {
                    *out += share * kernel(point, node);
                }
            }
        }
        Ok(())
    }
}
