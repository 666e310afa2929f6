//! Quadrature of the generalized problem Hv = μGv.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatRef;
use crate::operator::{Congruent, Symmetric};
use crate::simd::Machine;
use crate::trace::{
    Slq, SlqOptions, stochastic_lanczos_quadrature, stochastic_lanczos_quadrature_scratch_len,
};

/// Elements of scratch that [`generalized_lanczos_quadrature`] needs: n more than [`stochastic_lanczos_quadrature`].
#[must_use]
pub const fn generalized_lanczos_quadrature_scratch_len(
    n: usize,
    probes: usize,
    steps: usize,
) -> usize {
    stochastic_lanczos_quadrature_scratch_len(n, probes, steps).saturating_add(n)
}

/// Σ f(μᵢ) over the eigenvalues of Hv = μGv, G = LLᵀ: what curvature is in the metric G, and not only its trace.
///
/// f(μ) = μ gives Tr(G⁻¹H), f(μ) = μ/(μ + α) gives Tr((H + αG)⁻¹H); the ends are those of the sharpness that steps in
/// the metric G feel; the density is that of all μ.
///
/// # Shapes
/// `h`: n × n, symmetric. `l`: n × n, as `cholesky_in_place` leaves it. `scratch`: at least
/// [`generalized_lanczos_quadrature_scratch_len`] (n, probes, steps).
///
/// # Units
/// μ in that of H over that of G.
///
/// # Method
/// [`stochastic_lanczos_quadrature`] of L⁻¹HL⁻ᵀ, which is Lanczos for (H, G) in the inner product of G with L factored
/// out: its vectors are Lᵀ times those.
///
/// # Accuracy
/// That of [`Slq`] for L⁻¹HL⁻ᵀ; a product with that errs by the condition of L times u, [`Congruent`].
/// The μ are those of every coordinate system w → Aw + b, G and H changing along.
///
/// # Errors
/// `Error::Length` if `l` does not fit, `Error::Pivot` if its diagonal has a zero; those of [`stochastic_lanczos_quadrature`].
///
/// # Cost
/// At most probes·steps products of H and 2n² flops beside each.
///
/// # Source
/// Golub, Van Loan 2013, §8.7.2; Ubaru, Chen, Saad 2017, doi:10.1137/16M1104974.
pub fn generalized_lanczos_quadrature<'a, T: Float>(
    machine: Machine,
    h: &mut impl Symmetric<T>,
    l: MatRef<'_, T>,
    options: &SlqOptions,
    scratch: &'a mut [T],
) -> Result<Slq<'a, T>, Error> {
    let n = h.dim();
    let SlqOptions { probes, steps, .. } = *options;
    let needed = generalized_lanczos_quadrature_scratch_len(n, probes, steps);
    check::not_empty("h", n)?;
    check::same_len("l.rows", n, l.rows())?;
    check::same_len("l.cols", n, l.cols())?;
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let temporary = check::take(&mut scratch, n)?;
    let mut operator = Congruent::new(machine, h, l, temporary)?;
    stochastic_lanczos_quadrature(machine, &mut operator, options, scratch)
}
