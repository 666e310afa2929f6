//! Power iteration.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::krylov::Eigenpair;
use crate::krylov::lanczos::unit_vector;
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::vector;

/// What [`power_iteration`] may spend and where it may stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerOptions<T> {
    /// Products allowed, at least 1.
    pub product_max: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|; dimensionless.
    pub tolerance: T,
}

/// Elements of scratch that [`power_iteration`] needs: n.
#[must_use]
pub const fn power_iteration_scratch_len(n: usize) -> usize {
    n
}

/// The eigenvalue of A that is largest in modulus, by repeated products.
///
/// Kept for its three lines of memory; [`extremal_eigenpair`](crate::krylov::extremal_eigenpair)
/// needs far fewer products. Where +λ and −λ tie, it never settles, and says so: `stop` is
/// `LimitReached` and the residual is large. For the next eigenvalue give it
/// [`Deflated`](crate::operator::Deflated), which takes the vectors found out of every product.
///
/// # Shapes
/// `vector`: n, the start on entry (any nonzero direction), the unit eigenvector on return.
/// `scratch`: n.
///
/// # Method
/// v ← Av/‖Av‖; each product gives the Rayleigh quotient θ = vᵀAv of the current v and, from the
/// same product, its residual ‖Av − θv‖: the stop rule is a bound, never the difference of
/// successive values.
///
/// # Accuracy
/// An eigenvalue of A lies within `residual` of `value` (up to the product's own rounding). It
/// need not be the one of largest modulus if the start has no part along that eigenvector.
///
/// # Errors
/// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::Range` for arguments that do not
/// fit; `Error::ZeroVector`, `Error::NotFinite` for the start or a product that is not finite;
/// what the operator returns. `vector` holds the last iterate then.
///
/// # Cost
/// At most `product_max` products and 7n flops beside each.
///
/// # Source
/// Parlett 1998, §4.2.
pub fn power_iteration<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &PowerOptions<T>,
    vector: &mut [T],
    scratch: &mut [T],
) -> Result<Eigenpair<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::same_len("vector", n, vector.len())?;
    check::at_least("scratch", power_iteration_scratch_len(n), scratch.len())?;
    check::in_range("tolerance", options.tolerance, 0.0, f64::MAX)?;
    check::in_range("product_max", T::from_usize(options.product_max), 1.0, f64::INFINITY)?;
    check::finite("vector", vector)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    vector::copy(vector, product)?;
    unit_vector(machine, product, vector)?;

    let mut result = None;
    for products in 1..=options.product_max {
        operator.apply(vector, product)?;
        if let Some(index) = vector::first_not_finite(machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        let value = vector::dot(machine, vector, product)?;
        let norm = vector::norm2(machine, product);
        vector::axpy(machine, -value, vector, product)?;
        let residual = vector::norm2(machine, product);
        let stop = if residual <= options.tolerance * value.abs() {
            if norm == T::ZERO { Stop::Invariant } else { Stop::Converged }
        } else {
            Stop::LimitReached
        };
        result = Some(Eigenpair {
            stop,
            value,
            residual,
            lower: value - residual,
            upper: value + residual,
            products,
            steps: 1,
            orthogonality: T::ZERO,
        });
        if stop != Stop::LimitReached || products == options.product_max {
            break;
        }
        // The residual was formed in place of the product: give θv back, then normalize.
        vector::axpy(machine, value, vector, product)?;
        unit_vector(machine, product, vector)?;
    }
    result.ok_or(Error::Empty { argument: "product_max" })
}
