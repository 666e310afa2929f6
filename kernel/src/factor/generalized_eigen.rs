//! The generalized symmetric-definite eigenproblem.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite};
use crate::factor::triangular::solve;
use crate::factor::{cholesky_in_place, symmetric_eigen, symmetric_eigen_scratch_len};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, Side, Triangle, trsm};
use crate::simd::Machine;

/// Elements of scratch that [`generalized_eigen`] needs: those of `symmetric_eigen`.
#[must_use]
pub const fn generalized_eigen_scratch_len(n: usize) -> usize {
    symmetric_eigen_scratch_len(n)
}

/// AX = GXM for symmetric A and symmetric positive definite G: XᵀAX = M, XᵀGX = I, the eigenvalues
/// ascending.
///
/// The curvature A in the metric G: `values` are the stationary values of xᵀAx/xᵀGx. For G = I call
/// `symmetric_eigen`; for Tr(G⁻¹A) alone `trace_ratio_cholesky`.
///
/// # Shapes
/// `a`: n × n, any strides; only the lower triangle is read, all of it is overwritten: column i
/// becomes the eigenvector of `values[i]`, of length 1 in the metric G. `g`: n × n, any strides; its
/// lower triangle is overwritten by L of G = LLᵀ, the part above is neither read nor written.
/// `values`: n. `scratch`: at least [`generalized_eigen_scratch_len`] (n).
///
/// # Method
/// G = LLᵀ; C = L⁻¹AL⁻ᵀ by two triangular solves of all of A, of which the lower triangle counts;
/// C = YMYᵀ; X = L⁻ᵀY.
///
/// # Accuracy
/// M̂ and X̂ are those of a pair (A + ΔA, G + ΔG), |ΔG| ≤ γₙ₊₁|L||Lᵀ|; L⁻¹ΔAL⁻ᵀ is bounded by c·n·u·‖C‖ from
/// `symmetric_eigen` and 2γₙ|K||C||Kᵀ|, K = |L⁻¹||L|, from the solves. So ‖ΔA‖ ≤ c·n·u·‖G‖‖C‖ ≤ c·n·u·κ(G)‖A‖,
/// c moderate, and |μ̂ − μ| ≤ c·n·u(‖C‖ + |μ|κ(G)): backward stable if G is well conditioned, or well conditioned
/// after scaling its diagonal to ones. Otherwise small μ lose digits to large ones, by a factor up to κ(G); a G
/// near singular has no method free of that. ‖X̂ᵀGX̂ − I‖ ≤ c·n·u·‖|X̂ᵀ||L||Lᵀ||X̂|‖ ≤ c·n·u·κ(G). The same
/// bits on every strict machine; the solves and the products in G = LLᵀ fuse on fused ones. Scaling A by
/// 2ᵏ scales `values` exactly, scaling G by 4ᵏ them by 4⁻ᵏ and X by 2⁻ᵏ, barring over- and underflow: a value
/// that exceeds the format is ±∞.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` with the first row of
/// `a` or `g` that is not finite: nothing is changed then. `Error::Pivot` with index and value if a pivot of G
/// is not positive, `Error::NotFinite` if one is not finite: `a` is untouched then, the lower triangle of
/// `g` unspecified. `Error::NotFinite` for `a` if C overflows; both are unspecified then.
/// `Error::NoConvergence`: never seen.
///
/// # Cost
/// About 12⅓n³ flops, 9n³ of them those of `symmetric_eigen`.
///
/// # Source
/// Golub, Van Loan 2013, §8.7.2; Davies, Higham, Tisseur 2001, doi:10.1137/S0895479800373498, for the error.
///
/// # Example
/// ```
/// use teeter::{Machine, factor::{generalized_eigen, generalized_eigen_scratch_len}, matrix::MatMut};
/// let (mut a, mut g, mut values) = ([6.0, 0.0, 0.0, 4.0], [1.0, 0.0, 0.0, 4.0], [0.0; 2]);
/// let mut scratch = [0.0; generalized_eigen_scratch_len(2)];
/// let (x, l) = (MatMut::row_major(&mut a, 2, 2)?, MatMut::row_major(&mut g, 2, 2)?);
/// generalized_eigen(Machine::detect(), x, l, &mut values, &mut scratch)?;
/// assert_eq!(values, [1.0, 6.0]);
/// assert_eq!(a.map(f64::abs), [0.0, 1.0, 0.5, 0.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsygv")]
#[doc(alias = "dsygst")]
pub fn generalized_eigen<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    g: MatMut<'_, T>,
    values: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (n, mut a, mut g) = (a.rows(), a, g);
    check::same_len("a.cols", n, a.cols())?;
    check::same_len("g.rows", n, g.rows())?;
    check::same_len("g.cols", n, g.cols())?;
    check::same_len("values", n, values.len())?;
    check::at_least("scratch", generalized_eigen_scratch_len(n), scratch.len())?;
    largest_finite(machine, "a", Part::Lower, a.rb())?;
    largest_finite(machine, "g", Part::Lower, g.rb())?;
    cholesky_in_place(machine, g.rb_mut()).map_err(|error| match error {
        Error::NotFinite { index, .. } => Error::NotFinite { argument: "g", index },
        other => other,
    })?;
    let l = g.rb();
    for i in 0..n {
        for j in 0..i {
            let _ = a.set(j, i, a.get(i, j).unwrap_or(T::ZERO));
        }
    }
    solve(machine, (Triangle::Lower, Diagonal::NonUnit), l, a.rb_mut())?;
    let right = l.triangular(Triangle::Lower, Diagonal::NonUnit).t();
    trsm(machine, T::ONE, Side::Right(right), a.rb_mut())?;
    symmetric_eigen(machine, a.rb_mut(), values, scratch)?;
    solve(machine, (Triangle::Upper, Diagonal::NonUnit), l.t(), a)
}
