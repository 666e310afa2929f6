//! Quadrature rules from T: nodes and weights.

use crate::check;
use crate::error::Error;
use crate::factor::tridiagonal_first_components;
use crate::float::Float;
use crate::krylov::Jacobi;
use crate::vector;

/// Elements of scratch that a rule, a bracket or an estimate from k steps needs: 4(k + 1).
#[must_use]
pub const fn quadrature_scratch_len(steps: usize) -> usize {
    steps.saturating_add(1).saturating_mul(4)
}

/// The Gauss rule of T: Σ wᵢ f(θᵢ) ≈ qᵀf(A)q, q the unit start vector.
///
/// # Shapes
/// `jacobi`: k steps. `nodes`, `weights`: k. `scratch`: at least [`quadrature_scratch_len`] (k).
///
/// # Method
/// Nodes are the eigenvalues of T, weights the squares of the first components of its vectors.
///
/// # Accuracy
/// Exact for polynomials of degree up to 2k − 1, and for any f where βₖ = 0. Nodes ascend, within
/// 10·k·u·‖T‖ of those of T; weights within 20·k·u, not negative, adding to 1. Multiplying A by 2ᵏ
/// multiplies the nodes by it and leaves the weights, exactly. Nothing for k = 0.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `Error::NotFinite`.
///
/// # Cost
/// O(k²) flops.
///
/// # Source
/// Golub, Welsch 1969, doi:10.1090/S0025-5718-69-99647-1.
///
/// # Example
/// ```
/// use teeter::{krylov::Jacobi, trace::{gauss_rule, quadrature_scratch_len}};
/// let jacobi = Jacobi { diagonal: &[1.0_f64, 1.0], off_diagonal: &[1.0], residual_norm: 0.0 };
/// let (mut nodes, mut weights) = ([0.0; 2], [0.0; 2]);
/// gauss_rule(jacobi, &mut nodes, &mut weights, &mut [0.0; quadrature_scratch_len(2)])?;
/// assert!(nodes[0].abs() < 1e-15 && (nodes[1] - 2.0).abs() < 1e-15);
/// assert!((weights[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn gauss_rule<T: Float>(
    jacobi: Jacobi<'_, T>,
    nodes: &mut [T],
    weights: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let k = check_jacobi(jacobi)?;
    check::same_len("nodes", k, nodes.len())?;
    check::same_len("weights", k, weights.len())?;
    check::at_least("scratch", quadrature_scratch_len(k), scratch.len())?;
    gauss(jacobi, nodes, weights, scratch)
}

/// The Gauss–Radau rule of T: k + 1 nodes, one of them prescribed.
///
/// # Shapes
/// `jacobi`: k ≥ 1 steps. `node`: below all eigenvalues of T or above all. `nodes`, `weights`: k + 1.
/// `scratch`: at least [`quadrature_scratch_len`] (k).
///
/// # Method
/// T grows by a row whose off-diagonal element is βₖ and whose diagonal element makes `node` an
/// eigenvalue: z + βₖ²/dₖ, dₖ the last pivot of T − zI. The pivots have one sign just where z lies
/// outside.
///
/// # Accuracy
/// Exact for polynomials of degree up to 2k. Node and weights as in [`gauss_rule`] for that matrix.
/// With βₖ = 0 the rule of Gauss, and z with weight 0.
///
/// # Errors
/// `Error::Empty` for k = 0; `Error::Length`, `Error::Short`; `Error::NotFinite`; `Error::Pivot` with the
/// pivot that has not the sign of the first if z lies among the eigenvalues of T, or so near that
/// the element overflows.
///
/// # Cost
/// O(k²) flops.
///
/// # Source
/// Golub 1973, doi:10.1137/1015032; Golub, Meurant 2010, *Matrices, Moments and Quadrature with
/// Applications*, ch. 6.
pub fn gauss_radau_rule<T: Float>(
    jacobi: Jacobi<'_, T>,
    node: T,
    nodes: &mut [T],
    weights: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let k = check_jacobi(jacobi)?;
    check::not_empty("jacobi", k)?;
    check::finite("node", &[node])?;
    check::same_len("nodes", k + 1, nodes.len())?;
    check::same_len("weights", k + 1, weights.len())?;
    check::at_least("scratch", quadrature_scratch_len(k), scratch.len())?;
    radau(jacobi, node, nodes, weights, scratch)
}

/// [`gauss_rule`] whose lengths are checked, within k − 1 elements of scratch.
pub(super) fn gauss<T: Float>(
    jacobi: Jacobi<'_, T>,
    nodes: &mut [T],
    weights: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (off_diagonal, _) = check::split(scratch, jacobi.off_diagonal.len())?;
    vector::copy(jacobi.diagonal, nodes)?;
    vector::copy(jacobi.off_diagonal, off_diagonal)?;
    squares_of_first(nodes, off_diagonal, weights)
}

/// [`gauss_radau_rule`] whose lengths are checked, within k elements of scratch.
pub(super) fn radau<T: Float>(
    jacobi: Jacobi<'_, T>,
    node: T,
    nodes: &mut [T],
    weights: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let last = radau_element(jacobi, node)?;
    let (off_diagonal, _) = check::split(scratch, jacobi.diagonal.len())?;
    let all = jacobi.diagonal.iter().chain(core::iter::once(&last));
    for (out, &element) in nodes.iter_mut().zip(all) {
        *out = element;
    }
    let all = jacobi.off_diagonal.iter().chain(core::iter::once(&jacobi.residual_norm));
    for (out, &element) in off_diagonal.iter_mut().zip(all) {
        *out = element;
    }
    squares_of_first(nodes, off_diagonal, weights)
}

fn squares_of_first<T: Float>(
    diagonal: &mut [T],
    off_diagonal: &mut [T],
    weights: &mut [T],
) -> Result<(), Error> {
    tridiagonal_first_components(diagonal, off_diagonal, weights)?;
    for weight in weights {
        *weight *= *weight;
    }
    Ok(())
}

/// T must be one: k, k − 1 and finite numbers.
pub(super) fn check_jacobi<T: Float>(jacobi: Jacobi<'_, T>) -> Result<usize, Error> {
    let k = jacobi.diagonal.len();
    check::same_len("jacobi.off_diagonal", k.saturating_sub(1), jacobi.off_diagonal.len())?;
    check::finite("jacobi.diagonal", jacobi.diagonal)?;
    check::finite("jacobi.off_diagonal", jacobi.off_diagonal)?;
    check::finite("jacobi.residual_norm", &[jacobi.residual_norm])?;
    Ok(k)
}

/// The diagonal element that makes z an eigenvalue.
fn radau_element<T: Float>(jacobi: Jacobi<'_, T>, z: T) -> Result<T, Error> {
    let before = core::iter::once(T::ZERO).chain(jacobi.off_diagonal.iter().copied());
    let (mut pivot, mut sign) = (T::ONE, T::ZERO);
    for (index, (&alpha, beta)) in jacobi.diagonal.iter().zip(before).enumerate() {
        // Not β²: it may vanish or overflow where the quotient does not.
        pivot = alpha - z - (beta / pivot) * beta;
        if index == 0 {
            sign = T::ONE.copysign(pivot);
        }
        if !(pivot.is_finite() && pivot * sign > T::ZERO) {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    let beta = jacobi.residual_norm;
    let last = z + (beta / pivot) * beta;
    let index = jacobi.diagonal.len();
    if last.is_finite() { Ok(last) } else { Err(Error::Pivot { index, value: last.to_f64() }) }
}
