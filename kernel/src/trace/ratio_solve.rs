//! Tr(G⁻¹H) where G, too, is known by its products alone: each probe costs one solve.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::{ConjugateGradient, SolveOptions, conjugate_gradient_machine_scratch_len};
use crate::operator::{LinearOperator, Symmetric};
use crate::random::Stream;
use crate::simd::Machine;
use crate::trace::{Hutchinson, Probe, TraceEstimate, student_t_quantile};
use crate::vector;

/// What [`trace_ratio_solve`] draws and spends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceRatioOptions<'a, T> {
    /// How probes are drawn.
    pub probe: Probe,
    /// Probes at most, at least 1.
    pub probes: usize,
    /// Confidence of the interval, between 0 and 1; 0.95 is usual.
    pub confidence: T,
    /// Where the randomness comes from.
    pub stream: Stream,
    /// Of each solve with G. `product_max` is for all of them and the products with H together, at least 2.
    pub solve: SolveOptions<'a, T>,
}

/// Tr(G⁻¹H), what the solves add to its error, and the price of both. Always filled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct TraceRatioEstimate<T> {
    /// The mean of zᵀG⁻¹Hz; `products` counts those of G and of H. The interval is widened by `solve_error` where that is
    /// finite.
    pub trace: TraceEstimate<T>,
    /// Inexact solves move the value by no more: the mean of ‖z‖·‖r‖/μ, r the residual of a solve and μ the floor of G that was
    /// given; ∞ for 0.
    pub solve_error: T,
    /// The largest ‖r‖ over its right-hand side's length.
    pub relative_residual: T,
    /// Probes in the mean.
    pub probes: usize,
    /// Products with G.
    pub metric_products: usize,
    /// Products with H.
    pub hessian_products: usize,
}

/// A vector, and whose product with it comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RatioProduct<'a, T> {
    /// H times it.
    Hessian(&'a [T]),
    /// G times it.
    Metric(&'a [T]),
}

impl<T> RatioProduct<'_, T> {
    /// The vector.
    #[must_use]
    pub fn vector(&self) -> &[T] {
        match self {
            Self::Hessian(x) | Self::Metric(x) => x,
        }
    }
}

/// Elements of scratch that [`TraceRatioSolve::new`] needs: 6n.
#[must_use]
pub const fn trace_ratio_solve_machine_scratch_len(n: usize) -> usize {
    conjugate_gradient_machine_scratch_len(n).saturating_add(n)
}

/// [`trace_ratio_solve`] as a machine: it wants a product of H, then as many of G as a solve takes.
///
/// # Method
/// [`Hutchinson`] on x ↦ G⁻¹Hx, by [`ConjugateGradient`]: one product of H a probe, and the solve of Gy = Hz. A probe whose
/// solve the budget cut short does not count, unless there is no other.
///
/// # Accuracy
/// G⁻¹H = B is not symmetric: the variance of zᵀBz is at most 2‖(B + Bᵀ)/2‖_F² ≤ 2‖B‖_F², and ‖B‖_F² is what the lengths
/// ‖y‖² estimate. So the interval is wider than that of [`trace_ratio_cholesky`](crate::trace::trace_ratio_cholesky), whose matrix
/// L⁻¹HL⁻ᵀ has the smallest norm of all that are similar to B; by how much depends on the condition of G. For H and G that
/// commute, as for G = H + αI, it is the same. The solves bias the mean, by `solve_error` at most.
/// How many probes the budget allows depends on the probes, through the steps that solves take: a bias that no bound here
/// covers, small where steps differ little. The same bits on every machine. Multiplying H by 2ᵏ multiplies the result by it, and
/// G divides it, exactly, barring over- and underflow.
#[derive(Debug)]
pub struct TraceRatioSolve<'a, T> {
    pub(super) machine: Machine,
    pub(super) options: TraceRatioOptions<'a, T>,
    pub(super) estimator: Hutchinson<T>,
    pub(super) solver: ConjugateGradient<'a, T>,
    pub(super) solving: bool,
    pub(super) metric_products: usize,
    pub(super) hessian_products: usize,
    /// Σ ‖z‖‖r‖/μ
    pub(super) solve_errors: T,
    pub(super) relative_residual: T,
    pub(super) z: &'a mut [T],
}

impl<'a, T: Float> TraceRatioSolve<'a, T> {
    /// Draws the first probe.
    ///
    /// # Shapes
    /// `scratch`: at least [`trace_ratio_solve_machine_scratch_len`] (n).
    ///
    /// # Errors
    /// `Error::Empty` for n or probes 0; `Error::Range` for the confidence, tolerance, floor or a budget below 2; those of
    /// [`ConjugateGradient::new`] for a preconditioner; `Error::Short`.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &TraceRatioOptions<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("n", n)?;
        check::not_empty("probes", options.probes)?;
        check::in_range("product_max", options.solve.product_max as f64, 2.0, f64::INFINITY)?;
        student_t_quantile(options.confidence, 1)?;
        check::at_least("scratch", trace_ratio_solve_machine_scratch_len(n), scratch.len())?;
        let (mut scratch, options) = (scratch, *options);
        let z = check::take(&mut scratch, n)?;
        let solver = ConjugateGradient::unstarted(machine, n, &options.solve, scratch)?;
        let estimator = Hutchinson::new(options.stream, options.probe);
        estimator.probe_into(z);
        let (solving, metric_products, hessian_products) = (false, 0, 0);
        let [solve_errors, relative_residual] = [T::ZERO; 2];
        Ok(Self {
            machine,
            options,
            estimator,
            solver,
            solving,
            metric_products,
            hessian_products,
            solve_errors,
            relative_residual,
            z,
        })
    }

    /// The vector whose product comes next, and the operator; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<RatioProduct<'_, T>> {
        if self.solving {
            return self.solver.wants().map(RatioProduct::Metric);
        }
        // A product of H and one of G are the least that a probe takes.
        let more = self.estimator.products() < self.options.probes && self.left() >= 2;
        more.then_some(RatioProduct::Hessian(self.z))
    }

    fn left(&self) -> usize {
        let spent = self.metric_products + self.hessian_products;
        self.options.solve.product_max.saturating_sub(spent)
    }

    /// Takes the product of what [`TraceRatioSolve::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length`, `Error::NotFinite`; those of [`ConjugateGradient::push`] for
    /// a product of G, `Error::Pivot` where G is not positive definite. Nothing is changed then: the right product can
    /// still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new trace" });
        }
        if self.solving {
            self.solver.push(product)?;
            self.metric_products += 1;
        } else {
            check::same_len("product", self.z.len(), product.len())?;
            check::finite("product", product)?;
            let left = self.left().saturating_sub(1);
            self.solver.restart(product, left)?;
            self.hessian_products += 1;
            self.solving = true;
        }
        if self.solver.wants().is_none() { self.finish() } else { Ok(()) }
    }

    /// The sample of a solve that has ended, and the next probe.
    fn finish(&mut self) -> Result<(), Error> {
        self.solving = false;
        let solved = self.solver.estimate();
        // The budget ended it, not the tolerance or rounding.
        let cut = self.left() == 0 && solved.relative_residual > self.options.solve.tolerance;
        if cut && self.estimator.products() > 0 {
            return Ok(());
        }
        let length = vector::norm2(self.machine, self.z);
        let (sample, image) = self.solver.against(self.z)?;
        if !(sample.is_finite() && image.is_finite()) {
            return Err(Error::NotFinite { argument: "product", index: self.z.len() });
        }
        self.estimator.push_sample(self.machine, sample, image);
        self.solve_errors += length * solved.error_upper;
        self.relative_residual = self.relative_residual.max_of(solved.relative_residual);
        self.estimator.probe_into(self.z);
        Ok(())
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// # Errors
    /// `Error::Empty` before the first solve is done, `Error::Range` for another confidence.
    pub fn estimate(&self, confidence: T) -> Result<TraceRatioEstimate<T>, Error> {
        let trace = self.estimator.estimate(confidence)?;
        let probes = self.estimator.products();
        let (metric_products, hessian_products) = (self.metric_products, self.hessian_products);
        let solve_error = self.solve_errors / T::from_usize(probes);
        let wider = if solve_error.is_finite() { solve_error } else { T::ZERO };
        let (lower, upper) = (trace.lower - wider, trace.upper + wider);
        let products = metric_products + hessian_products;
        Ok(TraceRatioEstimate {
            trace: TraceEstimate { lower, upper, products, ..trace },
            solve_error,
            relative_residual: self.relative_residual,
            probes,
            metric_products,
            hessian_products,
        })
    }
}

/// Elements of scratch that [`trace_ratio_solve`] needs: 7n.
#[must_use]
pub const fn trace_ratio_solve_scratch_len(n: usize) -> usize {
    trace_ratio_solve_machine_scratch_len(n).saturating_add(n)
}

/// Tr(G⁻¹H) by solves: neither H nor G is formed. G must be positive definite.
///
/// For a diagonal G take [`trace_ratio_diagonal`](crate::trace::trace_ratio_diagonal), for a G in memory
/// [`trace_ratio_cholesky`](crate::trace::trace_ratio_cholesky): no solves, narrower intervals.
///
/// # Shapes
/// `h`, `g`: n × n. `scratch`: at least [`trace_ratio_solve_scratch_len`] (n).
///
/// # Units
/// As [`trace_ratio_diagonal`](crate::trace::trace_ratio_diagonal).
///
/// # Method
/// [`TraceRatioSolve`], run to its end.
///
/// # Accuracy
/// That of [`TraceRatioSolve`].
///
/// # Errors
/// Those of [`TraceRatioSolve::new`] and [`TraceRatioSolve::push`]; `Error::Length` if G is not as large as H; what the operators
/// return.
///
/// # Cost
/// At most `options.solve.product_max` products, 10n flops beside each.
///
/// # Source
/// Hutchinson 1990, doi:10.1080/03610919008812866; Hestenes, Stiefel 1952, doi:10.6028/jres.049.044.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::SolveOptions, operator::Diagonal, random::Stream, trace::*};
/// let solve = SolveOptions { tolerance: 1e-9, product_max: 100, floor: 1.0, preconditioner: None };
/// let (probe, stream) = (Probe::Rademacher, Stream::new(1, 0));
/// let options = TraceRatioOptions { probe, probes: 8, confidence: 0.95, stream, solve };
/// let (mut h, mut g) = (Diagonal::new(&[8.0_f64, -3.0, 5.0]), Diagonal::new(&[4.0, 1.0, 16.0]));
/// let mut scratch = [0.0; trace_ratio_solve_scratch_len(3)];
/// let found = trace_ratio_solve(Machine::detect(), &mut h, &mut g, &options, &mut scratch)?;
/// // Signs are exact for diagonal matrices; what is left is the error of the solves.
/// assert!((found.trace.value - (2.0 - 3.0 + 0.3125)).abs() <= found.solve_error + 1e-14);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn trace_ratio_solve<T: Float>(
    machine: Machine,
    h: &mut impl LinearOperator<T>,
    g: &mut impl Symmetric<T>,
    options: &TraceRatioOptions<'_, T>,
    scratch: &mut [T],
) -> Result<TraceRatioEstimate<T>, Error> {
    let n = h.dim();
    check::not_empty("h", n)?;
    check::same_len("g", n, g.dim())?;
    check::at_least("scratch", trace_ratio_solve_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut state = TraceRatioSolve::new(machine, n, options, scratch)?;
    while let Some(wanted) = state.wants() {
        match wanted {
            RatioProduct::Hessian(x) => h.apply(x, product)?,
            RatioProduct::Metric(x) => g.apply(x, product)?,
        }
        state.push(product)?;
    }
    state.estimate(options.confidence)
}
