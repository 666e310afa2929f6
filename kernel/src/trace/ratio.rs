//! Tr(G⁻¹H): the trace of a Hessian measured in a metric.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatRef;
use crate::operator::{Congruent, Preconditioned, Symmetric};
use crate::simd::Machine;
use crate::trace::{HutchinsonOptions, TraceEstimate, hutchinson, hutchinson_scratch_len};

/// Elements of scratch that [`trace_ratio_diagonal`] and [`trace_ratio_cholesky`] need: 4n.
#[must_use]
pub const fn trace_ratio_scratch_len(n: usize) -> usize {
    hutchinson_scratch_len(n).saturating_add(n.saturating_mul(2))
}

/// Tr(G⁻¹H) for diagonal positive G, by Hutchinson on G^(−½)HG^(−½).
///
/// # Shapes
/// `h`: n × n, symmetric. `g`: n, the diagonal of G. `scratch`: at least [`trace_ratio_scratch_len`] (n).
///
/// # Units
/// Loss per squared parameter over the unit of G: a pure number where G is a Fisher matrix of
/// a loss in nats.
///
/// # Method
/// Each probe is scaled by 1/√gᵢ before and after the product, so that the estimate is a
/// quadratic form and its interval is that of [`hutchinson`].
///
/// # Accuracy
/// Unbiased; the interval is that of [`hutchinson`]. Invariant under wᵢ → cᵢwᵢ with gᵢ → gᵢ/cᵢ²; not
/// if a constant is added to G.
///
/// # Errors
/// `Error::Pivot` with the index of the first gᵢ that is not positive and finite; those of
/// [`hutchinson`].
///
/// # Cost
/// That of [`hutchinson`], 2n flops more a product, n roots.
pub fn trace_ratio_diagonal<T: Float>(
    machine: Machine,
    h: &mut impl Symmetric<T>,
    g: &[T],
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = h.dim();
    check::same_len("g", n, g.len())?;
    check::at_least("scratch", trace_ratio_scratch_len(n), scratch.len())?;
    let refused = |g: &T| !(g.is_finite() && *g > T::ZERO);
    if let Some((index, value)) = g.iter().enumerate().find(|(_, g)| refused(g)) {
        return Err(Error::Pivot { index, value: value.to_f64() });
    }
    let mut scratch = scratch;
    let inverse_root = check::take(&mut scratch, n)?;
    let temporary = check::take(&mut scratch, n)?;
    for (inverse, &g) in inverse_root.iter_mut().zip(g) {
        *inverse = T::ONE / g.sqrt();
    }
    let mut operator = Preconditioned::new(machine, h, inverse_root, temporary)?;
    hutchinson(machine, &mut operator, options, scratch)
}

/// Tr(G⁻¹H) for dense G = LLᵀ, by Hutchinson on L⁻¹HL⁻ᵀ.
///
/// # Shapes
/// `h`: n × n, symmetric. `l`: n × n, as `cholesky_in_place` leaves it. `scratch`: at least
/// [`trace_ratio_scratch_len`] (n).
///
/// # Units
/// As [`trace_ratio_diagonal`].
///
/// # Method
/// L⁻¹HL⁻ᵀ has the eigenvalues of G⁻¹H and is symmetric.
///
/// # Accuracy
/// Unbiased; the interval is that of [`hutchinson`]. Invariant under w → Aw + b with H → A⁻ᵀHA⁻¹ and
/// G → A⁻ᵀGA⁻¹, within the condition of A times u and the spread of the probes.
///
/// # Errors
/// `Error::Length` if `l` does not fit, `Error::Pivot` if its diagonal has a zero; those of
/// [`hutchinson`].
///
/// # Cost
/// That of [`hutchinson`], 2n² flops more a product.
pub fn trace_ratio_cholesky<T: Float>(
    machine: Machine,
    h: &mut impl Symmetric<T>,
    l: MatRef<'_, T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = h.dim();
    check::same_len("l.rows", n, l.rows())?;
    check::same_len("l.cols", n, l.cols())?;
    check::at_least("scratch", trace_ratio_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let temporary = check::take(&mut scratch, n)?;
    let mut operator = Congruent::new(machine, h, l, temporary)?;
    hutchinson(machine, &mut operator, options, scratch)
}
