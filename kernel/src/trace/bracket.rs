//! Which side of the answer a quadrature rule lies on.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::Jacobi;
use crate::trace::quadrature::{check_jacobi, gauss, radau};
use crate::trace::{SpectralFunction, quadrature_scratch_len};

/// Two numbers, and the answer of exact arithmetic between them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Bracket<T> {
    /// Not above the answer; −∞ where nothing is known.
    pub lower: T,
    /// Not below the answer; ∞ where nothing is known.
    pub upper: T,
}

/// What is known of the eigenvalues beforehand: each lies in [floor, ceiling].
///
/// A loss that is a sum of squares has a Gauss–Newton matrix with floor 0; a ceiling is any norm.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct SpectrumBounds<T> {
    /// Not above the smallest eigenvalue; −∞ if not known.
    pub floor: T,
    /// Not below the largest; ∞ if not known.
    pub ceiling: T,
}

impl<T: Float> SpectrumBounds<T> {
    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { floor: -T::INFINITY, ceiling: T::INFINITY }
    }
}

/// qᵀf(A)q between two quadrature rules, q the unit start vector.
///
/// # Shapes
/// `jacobi`: k ≥ 1 steps. `scratch`: at least [`quadrature_scratch_len`] (k).
///
/// # Method
/// The error of a rule is f⁽ʲ⁾(ξ)/j! times an integral whose sign is known: j = 2k and positive for
/// Gauss; j = 2k + 1 for Radau, positive for a node on the left, negative for one on the right. So the signs of
/// the derivatives on the spectrum say on which side each lies:
///
/// | f           | where       | even derivatives | odd | Gauss | Radau, node                |
/// |-------------|-------------|------------------|-----|-------|----------------------------|
/// | log(x + a)  | x > −a      | −                | +   | upper | lower, at the floor        |
/// | 1/(x + a)   | x > −a      | +                | −   | lower | upper, at the floor        |
/// | x/(x + a)   | x > −a, a ≥ 0 | −              | +   | upper | lower, at the floor        |
/// | eˣ          | everywhere  | +                | +   | lower | upper, at the ceiling      |
/// | x²          | everywhere  | + (the second)   | 0   | lower for k = 1, exact beyond | none |
///
/// |x|/(|x| + a) has no derivative at 0: it is x/(x + a) with a floor of 0 or more, and else nothing is
/// known. Both ends come closer with each step. A floor above the smallest node by rounding alone
/// (√ε‖T‖) is moved to it, and 10·k·ε‖T‖ below.
///
/// # Accuracy
/// The ends hold in exact arithmetic; rounding adds that of the rules. Where the process
/// has closed (βₖ = 0) both are the Gauss rule. An end that needs a floor or ceiling that is not known, or f
/// beyond its domain there, is ∞.
///
/// # Errors
/// `Error::Empty`, `Error::Short`, `Error::Length`, `Error::NotFinite` for a T that is none; `Error::Range` for
/// a shift that puts a node outside the domain of f, and for a floor above, or a ceiling below a node.
///
/// # Cost
/// O(k²) flops.
///
/// # Source
/// Golub, Meurant 1994, *Matrices, moments and quadrature*, §3; 2010, *Matrices, Moments and
/// Quadrature with Applications*, ch. 6.
///
/// # Example
/// ```
/// use teeter::{krylov::Jacobi, trace::*};
/// let jacobi = Jacobi { diagonal: &[2.0, 2.0], off_diagonal: &[1.0], residual_norm: 1.0 };
/// let bounds = SpectrumBounds { floor: 0.0, ceiling: f64::INFINITY };
/// let function = SpectralFunction::Reciprocal { shift: 1.0 };
/// let mut scratch = [0.0; quadrature_scratch_len(2)];
/// let bracket = quadratic_form_bracket(jacobi, function, bounds, &mut scratch)?;
/// // However the row of twos goes on; if for ever, the answer is (3 − √5)/2.
/// assert!(bracket.lower < 0.3819 && 0.3820 < bracket.upper);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn quadratic_form_bracket<T: Float>(
    jacobi: Jacobi<'_, T>,
    function: SpectralFunction<T>,
    bounds: SpectrumBounds<T>,
    scratch: &mut [T],
) -> Result<Bracket<T>, Error> {
    let k = check_jacobi(jacobi)?;
    check::not_empty("jacobi", k)?;
    check::at_least("scratch", quadrature_scratch_len(k), scratch.len())?;
    let mut scratch = scratch;
    let nodes = check::take(&mut scratch, k + 1)?;
    let weights = check::take(&mut scratch, k + 1)?;
    let (gauss_nodes, _) = check::split(nodes, k)?;
    let (gauss_weights, _) = check::split(weights, k)?;
    gauss(jacobi, gauss_nodes, gauss_weights, scratch)?;
    function.check(gauss_nodes)?;
    let ends = Ends::of(jacobi, bounds, gauss_nodes)?;
    let gauss = function.sum(gauss_nodes, gauss_weights);
    let closed = jacobi.residual_norm == T::ZERO;
    let function = function.smooth_above(bounds.floor);
    let (node, gauss_is_lower) = match function {
        _ if closed => return Ok(Bracket { lower: gauss, upper: gauss }),
        SpectralFunction::Square if k > 1 => return Ok(Bracket { lower: gauss, upper: gauss }),
        SpectralFunction::Square => (T::INFINITY, true),
        SpectralFunction::ShareMagnitude { .. } => {
            return Ok(Bracket { lower: -T::INFINITY, upper: T::INFINITY });
        }
        SpectralFunction::Exp => (ends.ceiling, true),
        SpectralFunction::Reciprocal { .. } => (ends.floor, true),
        SpectralFunction::Log { .. } | SpectralFunction::Share { .. } => (ends.floor, false),
    };
    let mut other = if gauss_is_lower { T::INFINITY } else { -T::INFINITY };
    if node.is_finite() && function.check(&[node]).is_ok() {
        radau(jacobi, node, nodes, weights, scratch)?;
        let sum = function.sum(nodes, weights);
        // An eˣ that overflows at the ceiling says nothing.
        other = if sum.is_finite() { sum } else { other };
    }
    if gauss_is_lower {
        Ok(Bracket { lower: gauss, upper: other })
    } else {
        Ok(Bracket { lower: other, upper: gauss })
    }
}

/// Nodes that lie outside the eigenvalues of T, by what is known.
struct Ends<T> {
    floor: T,
    ceiling: T,
}

impl<T: Float> Ends<T> {
    fn of(jacobi: Jacobi<'_, T>, bounds: SpectrumBounds<T>, nodes: &[T]) -> Result<Self, Error> {
        let (Some(&smallest), Some(&largest)) = (nodes.first(), nodes.last()) else {
            return Err(Error::Empty { argument: "jacobi" });
        };
        let norm = smallest.abs().max_of(largest.abs()).max_of(jacobi.residual_norm);
        let rounding = norm * T::EPSILON.sqrt();
        let (low, high) = (-T::INFINITY.to_f64(), T::INFINITY.to_f64());
        check::in_range("floor", bounds.floor, low, (smallest + rounding).to_f64())?;
        check::in_range("ceiling", bounds.ceiling, (largest - rounding).to_f64(), high)?;
        let apart = T::from_usize(10 * nodes.len()) * T::EPSILON * norm;
        Ok(Self {
            floor: bounds.floor.min_of(smallest - apart),
            ceiling: bounds.ceiling.max_of(largest + apart),
        })
    }
}
