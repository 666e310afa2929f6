//! The effective number of parameters: how many directions the data determine.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// |λ|/(|λ| + α), with 0/0 = 0. Written so that no sum overflows.
fn share<T: Float>(magnitude: T, alpha: T) -> T {
    if magnitude == T::ZERO { T::ZERO } else { T::ONE / (T::ONE + alpha / magnitude) }
}

fn check_alpha<T: Float>(alpha: T) -> Result<(), Error> {
    check::in_range("alpha", alpha, 0.0, T::MAX.to_f64())
}

/// Σ |λᵢ|/(|λᵢ| + α): the number of eigenvalues that exceed α, counted softly.
///
/// For a positive semi-definite matrix this is MacKay's γ, Moody's p_eff, the degrees of
/// freedom of ridge regression, and Tr(H(H + αI)⁻¹). For an indefinite one it counts
/// directions of strong curvature of either sign; [`effective_parameters_clipped`] counts the
/// positive ones alone. The plain signed sum is not offered: it has poles at λ = −α.
///
/// # Shapes
/// `eigenvalues`: any number, in any order, all of them for the answer to be of the whole matrix;
/// of a part, see [`effective_parameters_truncated`]. Ritz values of a process that does not
/// reorthogonalize contain copies and must not be given here.
///
/// # Units
/// `alpha` has that of the eigenvalues; the result is a number.
///
/// # Accuracy
/// Relative error at most (n + 2)u. For α = 0 the number of eigenvalues that are not zero,
/// exactly; a zero eigenvalue counts 0. Scaling both by 2ᵏ changes no bit, barring over- and
/// underflow. Between 0 and n; 0 for n = 0.
///
/// # Errors
/// `Error::Range` for α negative, NaN or infinite; `Error::NotFinite` for an eigenvalue.
///
/// # Cost
/// 2n flops, 2n divisions.
///
/// # Source
/// MacKay 1992, *Neural Computation* 4, 415; Moody 1992, NIPS 4, 847; Wang, Roberts 2023,
/// arXiv:2305.18490, for |λ|.
///
/// # Example
/// ```
/// use teeter::curvature::effective_parameters;
/// assert_eq!(effective_parameters(&[3.0, 1.0, 0.0], 1.0), Ok(1.25)); // ¾ + ½ + 0
/// ```
#[doc(alias = "gamma")]
#[doc(alias = "p_eff")]
#[doc(alias = "mackay")]
#[doc(alias = "moody")]
#[doc(alias = "degrees_of_freedom")]
pub fn effective_parameters<T: Float>(eigenvalues: &[T], alpha: T) -> Result<T, Error> {
    check_alpha(alpha)?;
    check::finite("eigenvalues", eigenvalues)?;
    Ok(eigenvalues.iter().fold(T::ZERO, |sum, &value| sum + share(value.abs(), alpha)))
}

/// Σ λᵢ/(λᵢ + α) over the positive eigenvalues: [`effective_parameters`] with negative ones as 0.
///
/// For the Hessian of a network near a minimum, whose negative eigenvalues are noise.
///
/// # Shapes
/// As [`effective_parameters`].
///
/// # Units
/// As [`effective_parameters`].
///
/// # Accuracy
/// As [`effective_parameters`].
///
/// # Errors
/// As [`effective_parameters`].
///
/// # Cost
/// As [`effective_parameters`].
///
/// # Source
/// As [`effective_parameters`].
pub fn effective_parameters_clipped<T: Float>(eigenvalues: &[T], alpha: T) -> Result<T, Error> {
    check_alpha(alpha)?;
    check::finite("eigenvalues", eigenvalues)?;
    let positive = |value: T| if value > T::ZERO { value } else { T::ZERO };
    Ok(eigenvalues.iter().fold(T::ZERO, |sum, &value| sum + share(positive(value), alpha)))
}

/// n Σ ωⱼ|θⱼ|/(|θⱼ| + α): [`effective_parameters`] of an n × n matrix from a quadrature rule.
///
/// # Shapes
/// `nodes`, `weights`: k. `dim`: n.
///
/// # Units
/// As [`effective_parameters`]; weights are numbers, and add to 1 for one probe or the mean
/// of several.
///
/// # Method
/// The nodes are Ritz values and the weights squares of first components of their
/// vectors. For a positive semi-definite matrix Gauss quadrature gives an upper bound for each
/// probe, since the even derivatives of x/(x + α) are negative.
///
/// # Accuracy
/// Of the sum: (k + 4)u·n Σ ωⱼ for weights that are not negative. Of the quadrature: not known
/// here.
///
/// # Errors
/// `Error::Length`; `Error::Range` for α as in [`effective_parameters`]; `Error::NotFinite` for
/// a node or a weight.
///
/// # Cost
/// 4k flops, 2k divisions.
///
/// # Source
/// Ubaru, Chen, Saad 2017, doi:10.1137/16M1104974.
pub fn effective_parameters_weighted<T: Float>(
    nodes: &[T],
    weights: &[T],
    dim: usize,
    alpha: T,
) -> Result<T, Error> {
    check_alpha(alpha)?;
    check::same_len("weights", nodes.len(), weights.len())?;
    check::finite("nodes", nodes)?;
    check::finite("weights", weights)?;
    let terms = nodes.iter().zip(weights).map(|(&node, &weight)| weight * share(node.abs(), alpha));
    Ok(T::from_usize(dim) * terms.fold(T::ZERO, |sum, term| sum + term))
}

/// An interval that holds the effective number of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct EffectiveBounds<T> {
    /// What the known eigenvalues alone give.
    pub lower: T,
    /// That and the most that the unknown ones can add.
    pub upper: T,
}

/// Bounds for [`effective_parameters`] from the k largest eigenvalues of a positive
/// semi-definite n × n matrix.
///
/// # Shapes
/// `largest`: k, 1 ≤ k ≤ n, in any order. `dim`: n.
///
/// # Units
/// As [`effective_parameters`]; `trace` has the unit of the eigenvalues.
///
/// # Method
/// No unknown eigenvalue exceeds the smallest known one, λₖ: together they add at most
/// (n − k)λₖ/(λₖ + α). With the trace known, they add at most (Tr H − Σλ)/α too.
///
/// # Accuracy
/// Bounds of exact arithmetic, each carried out within (k + 4)u relative to it, the part from
/// the trace within (k + 2)u Tr H/α. An estimated trace makes it an estimate.
///
/// # Errors
/// `Error::Empty` for k = 0; `Error::Range` for k above n, α as in [`effective_parameters`], a
/// negative eigenvalue, a trace that is not finite; `Error::NotFinite`.
///
/// # Cost
/// 3k flops, 2k divisions.
///
/// # Source
/// Ours; elementary.
pub fn effective_parameters_truncated<T: Float>(
    largest: &[T],
    dim: usize,
    trace: Option<T>,
    alpha: T,
) -> Result<EffectiveBounds<T>, Error> {
    check_alpha(alpha)?;
    check::not_empty("largest", largest.len())?;
    check::finite("largest", largest)?;
    if dim < largest.len() {
        let (found, low) = (dim as f64, largest.len() as f64);
        return Err(Error::Range { argument: "dim", found, low, high: f64::MAX });
    }
    let (mut known, mut smallest) = (T::ZERO, T::MAX);
    for &value in largest {
        check::in_range("largest", value, 0.0, T::MAX.to_f64())?;
        known += value;
        smallest = smallest.min_of(value);
    }
    let lower = effective_parameters(largest, alpha)?;
    let missing = T::from_usize(dim.saturating_sub(largest.len()));
    let mut rest = missing * share(smallest, alpha);
    if let Some(trace) = trace {
        check::in_range("trace", trace, -T::MAX.to_f64(), T::MAX.to_f64())?;
        // 0/0 is NaN, which `min_of` passes over.
        let by_trace = (trace - known).max_of(T::ZERO) / alpha;
        rest = by_trace.min_of(rest);
    }
    Ok(EffectiveBounds { lower, upper: lower + rest })
}

/// α = c·|λ|₍ₖ₎, the scale of [`sane`]: c times the k-th largest magnitude.
///
/// # Shapes
/// `eigenvalues`: n ≥ k ≥ 1, in any order.
///
/// # Units
/// That of the eigenvalues.
///
/// # Accuracy
/// One rounding. NaN is refused.
///
/// # Errors
/// `Error::Empty` for no eigenvalues; `Error::Range` for c negative or not finite or k outside
/// [1, n]; `Error::NotFinite`.
///
/// # Cost
/// kn comparisons, no scratch: for the few eigenvalues that Lanczos finds.
///
/// # Source
/// As [`sane`].
pub fn sane_alpha<T: Float>(eigenvalues: &[T], c: T, k: usize) -> Result<T, Error> {
    let n = eigenvalues.len();
    check::in_range("c", c, 0.0, T::MAX.to_f64())?;
    check::not_empty("eigenvalues", n)?;
    check::finite("eigenvalues", eigenvalues)?;
    if k == 0 || k > n {
        return Err(Error::Range { argument: "k", found: k as f64, low: 1.0, high: n as f64 });
    }
    // Every turn passes at least one eigenvalue: all of the next smaller magnitude.
    let (mut current, mut passed) = (T::INFINITY, 0);
    while passed < k {
        let below = eigenvalues.iter().map(|value| value.abs()).filter(|&value| value < current);
        let next = below.fold(T::ZERO, T::max_of);
        passed += eigenvalues.iter().filter(|value| value.abs() == next).count().max(1);
        current = next;
    }
    Ok(c * current)
}

/// The sharpness-adjusted number of effective parameters: α = c·|λ|₍ₖ₎ in [`effective_parameters`].
///
/// It compares spectra of different scale: multiplying the loss changes nothing. It is not
/// invariant when parameters are rescaled unevenly; Tr(G⁻¹H) is.
///
/// # Shapes
/// `eigenvalues`: n ≥ k ≥ 1, in any order.
///
/// # Units
/// A number; so is c. The authors' code has c = ½, k = 1.
///
/// # Accuracy
/// Relative error at most (n + 4)u. Multiplying the eigenvalues by 2ᵏ changes no bit, barring
/// over- and underflow. For k = 1 between 1/(1 + c), reached at rank one, and n/(1 + c). If
/// |λ|₍ₖ₎ = 0, the number of eigenvalues that are not zero.
///
/// # Errors
/// As [`sane_alpha`].
///
/// # Cost
/// kn comparisons, 2n flops, 2n divisions, no scratch.
///
/// # Source
/// Wang, Roberts 2023, arXiv:2305.18490; constants from the authors' code.
pub fn sane<T: Float>(eigenvalues: &[T], c: T, k: usize) -> Result<T, Error> {
    let alpha = sane_alpha(eigenvalues, c, k)?;
    check_alpha(alpha)?;
    effective_parameters(eigenvalues, alpha)
}
