//! What is read off the rules of the probes: traces and the ends of the spectrum.

use crate::check;
use crate::error::Error;
use crate::factor::tridiagonal_rows;
use crate::float::Float;
use crate::trace::quadrature::gauss;
use crate::trace::{
    Bracket, Hutchinson, Probe, Slq, SpectralFunction, SpectrumBounds, TraceEstimate, TraceMethod,
    quadratic_form_bracket,
};
use crate::vector;

/// Tr f(A): the estimate, and what the finite number of steps adds to its error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct SlqEstimate<T> {
    /// The mean of the Gauss rules, and the error of having few probes. Its interval is widened by the
    /// ends of the bracket that are finite.
    pub trace: TraceEstimate<T>,
    /// The mean of zᵀf(A)z over these probes lies in it: the error of having few steps.
    pub bracket: Bracket<T>,
}

/// The ends of the spectrum as the probes see them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct SpectrumEnds<T> {
    /// The largest node of all probes: λ₁ is not below it.
    pub largest: T,
    /// An eigenvalue lies within this of it.
    pub largest_residual: T,
    /// The smallest node: λ_min is not above it.
    pub smallest: T,
    /// An eigenvalue lies within this of it.
    pub smallest_residual: T,
}

impl<T: Float> Slq<'_, T> {
    /// Tr f(A) from the probes done so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// Where an end of the bracket is not known the interval leaves the error of the quadrature on that side out. It
    /// matters for |x|/(|x| + a) on both sides of 0, unless nodes lie closer there than a.
    ///
    /// # Shapes
    /// `bounds`: what is known of the spectrum, for the second end of the bracket. `scratch`: at least
    /// [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done, `Error::Short`, `Error::Range` for another
    /// confidence and as in [`quadratic_form_bracket`]; `Error::NotFinite` where f overflows.
    pub fn estimate(
        &self,
        function: SpectralFunction<T>,
        bounds: SpectrumBounds<T>,
        confidence: T,
        scratch: &mut [T],
    ) -> Result<SlqEstimate<T>, Error> {
        self.ready(scratch)?;
        let (mut bracket, m) =
            (Bracket { lower: T::ZERO, upper: T::ZERO }, T::from_usize(self.done));
        for (square, jacobi) in self.each() {
            let one = quadratic_form_bracket(jacobi, function, bounds, scratch)?;
            bracket.lower += square * one.lower / m;
            bracket.upper += square * one.upper / m;
        }
        let mut trace = self.estimate_of(|x| function.value(x), confidence, scratch)?;
        if bracket.lower.is_finite() {
            trace.lower -= (trace.value - bracket.lower).max_of(T::ZERO);
        }
        if bracket.upper.is_finite() {
            trace.upper += (bracket.upper - trace.value).max_of(T::ZERO);
        }
        Ok(SlqEstimate { trace, bracket })
    }

    /// Tr f(A) for any f: as [`Slq::estimate`], with nothing known about the error of the quadrature.
    ///
    /// # Shapes
    /// `f`: must be finite at every node. `scratch`: at least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done, `Error::Short`, `Error::Range` for another
    /// confidence, `Error::NotFinite` with the number of the probe at which the sum is not finite.
    pub fn estimate_of(
        &self,
        f: impl Fn(T) -> T,
        confidence: T,
        scratch: &mut [T],
    ) -> Result<TraceEstimate<T>, Error> {
        self.ready(scratch)?;
        let (n, m) = (T::from_usize(self.n), T::from_usize(self.done));
        let (mut center, mut doubt) = (T::ZERO, T::ZERO);
        if self.options.probe == Probe::Rademacher {
            // 2F₀/(nm): no more than this has the square of the center too much, on average.
            let share = (T::TWO / n).sqrt() / m;
            for index in 0..self.done {
                let (sample, length) = self.sample(index, &f, T::ZERO, &mut *scratch)?;
                center += sample / n / m;
                doubt = vector::norm2(self.machine, &[doubt, share * length]);
            }
        }
        let mut estimator = Hutchinson::new(self.options.stream, self.options.probe);
        for index in 0..self.done {
            let (sample, length) = self.sample(index, &f, center, &mut *scratch)?;
            let length = vector::norm2(self.machine, &[length, doubt]);
            estimator.push_sample(self.machine, sample, length);
        }
        let estimate = estimator.estimate(confidence)?;
        let method = TraceMethod::Quadrature;
        Ok(TraceEstimate { method, products: self.products(), ..estimate })
    }

    /// ‖z‖² Σ wᵢ f(θᵢ) and ‖z‖ √(Σ wᵢ (f(θᵢ) − c)²) of one probe.
    fn sample(
        &self,
        index: usize,
        f: &impl Fn(T) -> T,
        center: T,
        scratch: &mut [T],
    ) -> Result<(T, T), Error> {
        let Some((square, jacobi)) = self.each().nth(index) else {
            return Err(Error::Empty { argument: "probes" });
        };
        let mut scratch = scratch;
        let nodes = check::take(&mut scratch, jacobi.diagonal.len())?;
        let weights = check::take(&mut scratch, jacobi.diagonal.len())?;
        gauss(jacobi, nodes, weights, scratch)?;
        let mut sum = T::ZERO;
        for (&node, weight) in nodes.iter().zip(weights.iter_mut()) {
            // A node without weight counts nothing, whatever f is there.
            if *weight > T::ZERO {
                let value = f(node);
                sum += *weight * value;
                *weight = weight.sqrt() * (value - center);
            }
        }
        let sample = square * sum;
        let length = square.sqrt() * vector::norm2(self.machine, weights);
        if sample.is_finite() && length.is_finite() {
            Ok((sample, length))
        } else {
            Err(Error::NotFinite { argument: "f", index })
        }
    }

    /// The largest and the smallest node of all probes done so far.
    ///
    /// # Accuracy
    /// λ₁ ≥ `largest` and λ_min ≤ `smallest`, and an eigenvalue lies within the residual of each, in exact
    /// arithmetic. Where copies of an eigenvalue have appeared in T the residual of its node may be too small, by
    /// up to √ε‖A‖: for a certificate take [`extremal_eigenpair`](crate::krylov::extremal_eigenpair).
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done, `Error::Short`.
    pub fn ends(&self, scratch: &mut [T]) -> Result<SpectrumEnds<T>, Error> {
        self.ready(scratch)?;
        let (low, zero) = (-T::INFINITY, T::ZERO);
        let mut ends = SpectrumEnds {
            largest: low,
            largest_residual: zero,
            smallest: T::INFINITY,
            smallest_residual: zero,
        };
        for (_, jacobi) in self.each() {
            let k = jacobi.diagonal.len();
            let mut rest = &mut *scratch;
            let nodes = check::take(&mut rest, k)?;
            let first = check::take(&mut rest, k)?;
            let last = check::take(&mut rest, k)?;
            let off_diagonal = check::take(&mut rest, k.saturating_sub(1))?;
            vector::copy(jacobi.diagonal, nodes)?;
            vector::copy(jacobi.off_diagonal, off_diagonal)?;
            tridiagonal_rows(nodes, off_diagonal, first, last)?;
            for (&node, s) in nodes.iter().zip(last.iter()) {
                let residual = jacobi.residual_norm * s.abs();
                if node > ends.largest {
                    (ends.largest, ends.largest_residual) = (node, residual);
                }
                if node < ends.smallest {
                    (ends.smallest, ends.smallest_residual) = (node, residual);
                }
            }
        }
        Ok(ends)
    }
}
