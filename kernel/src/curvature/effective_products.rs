//! The effective number of parameters of a matrix that is known by its products.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::SolveOptions;
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::trace::{
    RatioProduct, Slq, SlqEstimate, SlqOptions, SpectralFunction, SpectrumBounds,
    TraceRatioEstimate, TraceRatioOptions, TraceRatioSolve, quadrature_scratch_len,
    stochastic_lanczos_quadrature, stochastic_lanczos_quadrature_scratch_len,
    trace_ratio_solve_machine_scratch_len,
};
use crate::vector;

/// Elements of scratch that [`effective_parameters_solve`] needs: 7n.
#[must_use]
pub const fn effective_parameters_solve_scratch_len(n: usize) -> usize {
    trace_ratio_solve_machine_scratch_len(n).saturating_add(n)
}

/// Tr((H + αI)⁻¹H) by probes and solves, H ⪰ 0.
///
/// Where [`effective_parameters_quadrature`] closes its bracket it is cheaper and tells more. This one has a bound for its error for each
/// probe by itself, and takes a preconditioner.
///
/// # Shapes
/// `operator`: n × n. `options`: `solve.floor` is not read, as the smallest eigenvalue of H + αI is α or more; tolerances and budgets
/// as for G = H + αI. `scratch`: at least [`effective_parameters_solve_scratch_len`] (n).
///
/// # Units
/// As [`effective_parameters`](crate::curvature::effective_parameters).
///
/// # Method
/// [`TraceRatioSolve`] with G = H + αI, which commutes with H: the interval is as narrow as for a symmetric matrix.
///
/// # Accuracy
/// Unbiased but for what the solves leave, at most `solve_error`; the interval is that of [`Hutchinson`](crate::trace::Hutchinson).
/// Multiplying H and α by 2ᵏ changes no bit of the value, barring over- and underflow.
///
/// # Errors
/// `Error::Range` for α not positive; `Error::Pivot` where H + αI is not positive definite; those of [`TraceRatioSolve`]; what the
/// operator returns.
///
/// # Cost
/// At most `options.solve.product_max` products; 12n flops beside each.
///
/// # Source
/// MacKay 1992, *Neural Computation* 4, 415; Hutchinson 1990, doi:10.1080/03610919008812866.
pub fn effective_parameters_solve<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    alpha: T,
    options: &TraceRatioOptions<'_, T>,
    scratch: &mut [T],
) -> Result<TraceRatioEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check_alpha(alpha)?;
    check::at_least("scratch", effective_parameters_solve_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let options =
        TraceRatioOptions { solve: SolveOptions { floor: alpha, ..options.solve }, ..*options };
    let mut state = TraceRatioSolve::new(machine, n, &options, scratch)?;
    while let Some(wanted) = state.wants() {
        operator.apply(wanted.vector(), product)?;
        if let RatioProduct::Metric(x) = wanted {
            vector::axpy(machine, alpha, x, product)?;
        }
        state.push(product)?;
    }
    state.estimate(options.confidence)
}

/// Elements of scratch that [`effective_parameters_quadrature`] needs.
#[must_use]
pub const fn effective_parameters_quadrature_scratch_len(
    n: usize,
    probes: usize,
    steps: usize,
) -> usize {
    stochastic_lanczos_quadrature_scratch_len(n, probes, steps)
        .saturating_add(quadrature_scratch_len(steps))
}

/// Σ |λᵢ|/(|λᵢ| + α) by stochastic Lanczos quadrature, between two ends.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`effective_parameters_quadrature_scratch_len`] (n, probes, steps).
///
/// # Units
/// As [`effective_parameters`](crate::curvature::effective_parameters).
///
/// # Method
/// [`stochastic_lanczos_quadrature`], then [`effective_parameters_seen`]. For other α, or the density, keep an [`Slq`] and ask it:
/// no product more.
///
/// # Accuracy
/// As [`effective_parameters_seen`].
///
/// # Errors
/// Those of both; what the operator returns.
///
/// # Cost
/// At most probes·steps products.
///
/// # Source
/// Ubaru, Chen, Saad 2017, doi:10.1137/16M1104974.
pub fn effective_parameters_quadrature<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    alpha: T,
    options: &SlqOptions,
    confidence: T,
    scratch: &mut [T],
) -> Result<SlqEstimate<T>, Error> {
    let SlqOptions { probes, steps, .. } = *options;
    check_alpha(alpha)?;
    let needed = effective_parameters_quadrature_scratch_len(operator.dim(), probes, steps);
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let small = check::take(&mut scratch, quadrature_scratch_len(steps))?;
    let slq = stochastic_lanczos_quadrature(machine, operator, options, scratch)?;
    effective_parameters_seen(&slq, alpha, confidence, small)
}

/// The same from a quadrature whose products are spent.
///
/// # Shapes
/// `scratch`: at least [`quadrature_scratch_len`] (steps).
///
/// # Units
/// As [`effective_parameters`](crate::curvature::effective_parameters).
///
/// # Method
/// [`Slq::estimate`] with a floor of 0, unless a node lies below it by more than √ε of the largest one.
///
/// # Accuracy
/// With H ⪰ 0 the number for these probes lies in the bracket, by Gauss and Gauss–Radau: x/(x + α) has even derivatives
/// below 0. The interval adds the doubt of having few probes. With a node below 0 the corner of |x| leaves no bracket: its ends
/// are ∞, and the interval says nothing of the error of the quadrature.
///
/// # Errors
/// `Error::Range` for α not positive, or another confidence; `Error::Empty` before the first probe is done; `Error::Short`.
///
/// # Cost
/// O(k²) flops a probe.
///
/// # Source
/// Golub, Meurant 1994, *Matrices, moments and quadrature*, §3.
pub fn effective_parameters_seen<T: Float>(
    slq: &Slq<'_, T>,
    alpha: T,
    confidence: T,
    scratch: &mut [T],
) -> Result<SlqEstimate<T>, Error> {
    check_alpha(alpha)?;
    let ends = slq.ends(scratch)?;
    let size = ends.largest.abs().max_of(ends.smallest.abs());
    let positive = ends.smallest >= -(T::EPSILON.sqrt() * size);
    let bounds = if positive {
        SpectrumBounds { floor: T::ZERO, ceiling: T::INFINITY }
    } else {
        SpectrumBounds::unknown()
    };
    let function = SpectralFunction::ShareMagnitude { shift: alpha };
    slq.estimate(function, bounds, confidence, scratch)
}

fn check_alpha<T: Float>(alpha: T) -> Result<(), Error> {
    check::in_range("alpha", alpha, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())
}
