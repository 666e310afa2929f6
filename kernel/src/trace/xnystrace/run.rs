//! The loops over XNysTrace, and what they are lent.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::trace::xnystrace::small::small_scratch_len;
use crate::trace::xnystrace::state::lines_max;
use crate::trace::{HutchinsonOptions, TraceEstimate, XNysTrace, student_t_quantile};

/// Elements of scratch that [`XNysTrace::new`] needs: n(k + 3) + 3k² + k for k = m < n products, 3n for more.
#[must_use]
pub const fn xnystrace_machine_scratch_len(n: usize, products: usize) -> usize {
    machine_len(n, lines_max(n, products))
}

pub(super) const fn machine_len(n: usize, k: usize) -> usize {
    let long = n.saturating_mul(k.saturating_add(3));
    let squares = k.saturating_mul(3).saturating_add(1);
    long.saturating_add(k.saturating_mul(squares))
}

/// Elements of scratch that [`XNysTrace::estimate`] needs: 4k² + 10k for k = m < n products, none for more.
#[must_use]
pub const fn xnystrace_estimate_scratch_len(n: usize, products: usize) -> usize {
    small_scratch_len(lines_max(n, products))
}

/// Elements of scratch that [`xnystrace`] and [`xnystrace_deflated`] need: n more than machine and estimate.
#[must_use]
pub const fn xnystrace_scratch_len(n: usize, products: usize) -> usize {
    let estimate = xnystrace_estimate_scratch_len(n, products);
    xnystrace_machine_scratch_len(n, products).saturating_add(estimate).saturating_add(n)
}

/// An unbiased estimate of Tr A by XNysTrace for A ⪰ 0, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n, symmetric. `scratch`: at least [`xnystrace_scratch_len`] (n, `options.products`).
///
/// # Method
/// [`XNysTrace`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`XNysTrace`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch, `Error::Range` for the
/// confidence, `Error::NotFinite` for a product that is not finite or too large; what the operator returns.
///
/// # Cost
/// That of [`XNysTrace`].
///
/// # Source
/// Epperly, Tropp, Webber 2024, arXiv:2301.07825.
pub fn xnystrace<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    xnystrace_deflated(machine, operator, options, 0, scratch)
}

/// The same after `columns` products of Lanczos' process.
///
/// # Shapes
/// As [`xnystrace`]. `columns`: less than `options.products`; half of them are a good choice.
///
/// # Method
/// [`XNysTrace::deflated`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`XNysTrace`].
///
/// # Errors
/// Those of [`xnystrace`]; `Error::Range` for the columns.
///
/// # Cost
/// That of [`XNysTrace`].
///
/// # Source
/// As [`xnystrace`]; to put a Krylov space first is Chen and Hallman's idea for other estimators: 2023,
/// *Krylov-aware stochastic trace estimation*, doi:10.1137/22M1494257.
pub fn xnystrace_deflated<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &HutchinsonOptions<T>,
    columns: usize,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", xnystrace_scratch_len(n, options.products), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let small = check::take(&mut scratch, xnystrace_estimate_scratch_len(n, options.products))?;
    let mut trace = XNysTrace::deflated(machine, n, options, columns, scratch)?;
    while let Some(wanted) = trace.wants() {
        operator.apply(wanted, product)?;
        trace.push(product)?;
    }
    trace.estimate(options.confidence, small)
}
