//! One extremal eigenpair: the loop over the Lanczos process.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::krylov::ritz::{Eigenpair, ritz_scratch_len, ritz_values, ritz_vector};
use crate::krylov::{Lanczos, lanczos_scratch_len};
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::vector;

/// Which eigenvalue is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The rightmost: the sharpness λ₁ of a Hessian.
    LargestAlgebraic,
    /// The leftmost: the most negative curvature.
    SmallestAlgebraic,
    /// The one farthest from zero.
    LargestMagnitude,
    /// The rightmost and the leftmost by turns; the rightmost, where one is wanted.
    BothEnds,
}

/// What [`extremal_eigenpair`] looks for, may spend, and where it may stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LanczosOptions<T> {
    /// The eigenvalue wanted.
    pub which: Which,
    /// Vectors kept before a restart, at least 2 (1 for n = 1); min(n, 20) is usual.
    pub krylov_dim: usize,
    /// Products allowed in all, at least 1; the last one of a process checks the residual. One
    /// or two that are left over are not spent.
    pub product_max: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·max(|θ|, ε‖A‖); dimensionless. √ε for eigenpairs, 1e-2 for a
    /// gauge.
    pub tolerance: T,
}

/// Elements of scratch that [`extremal_eigenpair`] needs.
#[must_use]
pub const fn extremal_eigenpair_scratch_len(n: usize, krylov_dim: usize) -> usize {
    let k = if krylov_dim < n { krylov_dim } else { n };
    let small = k.saturating_mul(k).saturating_add(k.saturating_mul(5));
    lanczos_scratch_len(n, k).saturating_add(n).saturating_add(small)
}

/// An eigenpair of A at one end of its spectrum, by restarted Lanczos.
///
/// Give the eigenvector of a nearby operator as the start (the last one of a training run)
/// and a few products suffice.
///
/// # Shapes
/// `vector`: n, the start on entry (any nonzero direction with a part along the wanted vector:
/// random, if nothing is known), the unit eigenvector on return. `scratch`: at least
/// [`extremal_eigenpair_scratch_len`] (n, `krylov_dim`).
///
/// # Method
/// Lanczos with two-pass reorthogonalization; after each product the residual bound β|sₖ| of
/// the wanted Ritz pair decides. When the basis is full it starts again from the Ritz vector.
/// At the end one product recomputes the residual of the vector that is returned; a process
/// of one step needs none, its residual is β itself.
///
/// # Accuracy
/// An eigenvalue of A lies in [lower, upper] (up to the product's own rounding). Whether it is
/// the extremal one is not certain from products alone: a start without a part along its
/// eigenvector never sees it. One copy of a multiple eigenvalue is found. `Stop::Invariant`
/// says that the Krylov space closed: the value is then an eigenvalue up to rounding.
/// Multiplying A by 2ᵏ multiplies value, residual and bounds by 2ᵏ exactly, barring over- and
/// underflow. The same bits on every machine.
///
/// # Errors
/// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::Range` for arguments that do not
/// fit; `Error::ZeroVector`, `Error::NotFinite` for the start or a product that is not finite;
/// what the operator returns. `vector` holds the start of the last process then.
///
/// # Cost
/// At most `product_max` products; 8nj + O(j²) flops beside the jth of a process.
///
/// # Source
/// Parlett 1998, §13; the residual enclosure: §4.5 there.
///
/// # Example
/// ```
/// use teeter::{Machine, Stop, krylov::*, operator::Diagonal};
/// let options = LanczosOptions {
///     which: Which::LargestAlgebraic, krylov_dim: 4, product_max: 20, tolerance: 1e-10,
/// };
/// let mut vector = [1.0_f64; 4];
/// let mut scratch = [0.0; extremal_eigenpair_scratch_len(4, 4)];
/// let pair = extremal_eigenpair(
///     Machine::detect(), &mut Diagonal::new(&[1.0, -7.0, 3.0, 5.0]), &options, &mut vector,
///     &mut scratch,
/// )?;
/// assert!(pair.stop != Stop::LimitReached && (pair.value - 5.0).abs() < 1e-13);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn extremal_eigenpair<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &LanczosOptions<T>,
    vector: &mut [T],
    scratch: &mut [T],
) -> Result<Eigenpair<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::same_len("vector", n, vector.len())?;
    check::in_range("tolerance", options.tolerance, 0.0, f64::MAX)?;
    // One vector spans no direction to move in: a restart would repeat itself.
    let (dim, low) = (T::from_usize(options.krylov_dim), if n > 1 { 2.0 } else { 1.0 });
    check::in_range("krylov_dim", dim, low, f64::INFINITY)?;
    check::in_range("product_max", T::from_usize(options.product_max), 1.0, f64::INFINITY)?;
    let needed = extremal_eigenpair_scratch_len(n, options.krylov_dim);
    check::at_least("scratch", needed, scratch.len())?;

    let mut products = 0;
    loop {
        let budget = options.product_max - products;
        let pair = one_process(machine, operator, options, vector, &mut *scratch, budget)?;
        products += pair.products;
        let spent = options.product_max - products < PRODUCTS_OF_A_PROCESS;
        if pair.stop != Stop::LimitReached || spent {
            return Ok(Eigenpair { products, ..pair });
        }
    }
}

/// Two steps and the check of the residual: with fewer products a restart gains nothing.
const PRODUCTS_OF_A_PROCESS: usize = 3;

/// One Lanczos process from `vector`, which becomes the Ritz vector; at most `budget` products.
fn one_process<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &LanczosOptions<T>,
    vector: &mut [T],
    scratch: &mut [T],
    budget: usize,
) -> Result<Eigenpair<T>, Error> {
    let n = vector.len();
    let dim = options.krylov_dim.min(n);
    let mut scratch = scratch;
    let memory = check::take(&mut scratch, lanczos_scratch_len(n, dim))?;
    let product = check::take(&mut scratch, n)?;
    let small = scratch;
    // The product that checks the residual is set aside, unless there is only one.
    let steps_max = budget.saturating_sub(1).max(1);

    let mut lanczos = Lanczos::new(machine, vector, dim, memory)?;
    let mut wanted = 0;
    while let Some(q) = lanczos.wants() {
        operator.apply(q, product)?;
        lanczos.push(product)?;
        let value;
        let bound;
        (wanted, value, bound) = wanted_ritz(&lanczos, options.which, small)?;
        let scale = value.abs().max_of(T::EPSILON * lanczos.norm_estimate());
        if bound <= options.tolerance * scale || lanczos.steps() >= steps_max {
            break;
        }
    }
    let value = ritz_vector(machine, &lanczos, wanted, vector, small)?;
    let mut products = lanczos.steps();
    let residual = if products == 1 {
        lanczos.residual_norm()
    } else {
        products += 1;
        operator.apply(vector, product)?;
        vector::axpy(machine, -value, vector, product)?;
        vector::norm2(machine, product)
    };
    if !residual.is_finite() {
        return Err(Error::NotFinite { argument: "product", index: 0 });
    }
    let scale = value.abs().max_of(T::EPSILON * lanczos.norm_estimate());
    let stop = if lanczos.is_invariant() {
        Stop::Invariant
    } else if residual <= options.tolerance * scale {
        Stop::Converged
    } else {
        Stop::LimitReached
    };
    Ok(Eigenpair {
        stop,
        value,
        residual,
        lower: value - residual,
        upper: value + residual,
        products,
        steps: lanczos.steps(),
        orthogonality: lanczos.orthogonality_defect()?,
    })
}

/// Index, value and residual bound of the wanted Ritz pair.
fn wanted_ritz<T: Float>(
    lanczos: &Lanczos<'_, T>,
    which: Which,
    small: &mut [T],
) -> Result<(usize, T, T), Error> {
    let k = lanczos.steps();
    let mut small = small;
    let values = check::take(&mut small, k)?;
    let weights = check::take(&mut small, k)?;
    let residuals = check::take(&mut small, k)?;
    let scratch = check::take(&mut small, ritz_scratch_len(k))?;
    ritz_values(lanczos, values, weights, residuals, scratch)?;
    let last = k.saturating_sub(1);
    let at = |x: &[T], i: usize| x.get(i).copied().unwrap_or(T::NAN);
    let index = match which {
        Which::LargestAlgebraic | Which::BothEnds => last,
        Which::SmallestAlgebraic => 0,
        Which::LargestMagnitude if at(values, 0).abs() > at(values, last).abs() => 0,
        Which::LargestMagnitude => last,
    };
    Ok((index, at(values, index), at(residuals, index)))
}
