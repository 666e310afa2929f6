//! The trace by n products.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::LinearOperator;

/// Elements of scratch that [`trace_exact`] needs: 2n.
#[must_use]
pub const fn trace_exact_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// Tr A by the products with the n basis vectors: for small n, and for tests.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`trace_exact_scratch_len`] (n).
///
/// # Accuracy
/// |error| ≤ γₙ Σ|aᵢᵢ|, beside the error of the products. 0 for n = 0.
///
/// # Errors
/// `Error::Short` for too little scratch, `Error::NotFinite` if a diagonal element is not
/// finite; what the operator returns.
///
/// # Cost
/// n products.
pub fn trace_exact<T: Float>(
    operator: &mut impl LinearOperator<T>,
    scratch: &mut [T],
) -> Result<T, Error> {
    let n = operator.dim();
    check::at_least("scratch", trace_exact_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let basis = check::take(&mut scratch, n)?;
    let product = check::take(&mut scratch, n)?;
    basis.fill(T::ZERO);
    let mut trace = T::ZERO;
    for i in 0..n {
        set(basis, i, T::ONE);
        operator.apply(basis, product)?;
        set(basis, i, T::ZERO);
        let element = product.get(i).copied().unwrap_or(T::ZERO);
        if !element.is_finite() {
            return Err(Error::NotFinite { argument: "product", index: i });
        }
        trace += element;
    }
    Ok(trace)
}

fn set<T>(x: &mut [T], i: usize, value: T) {
    if let Some(x) = x.get_mut(i) {
        *x = value;
    }
}
