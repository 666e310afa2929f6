//! Cholesky and triangular solves of known order.

use crate::error::Error;
use crate::fixed::vector::dot_slices;
use crate::float::{Float, reciprocal_root};

/// A = LLᵀ for symmetric positive definite A: L over the lower triangle of A.
///
/// # Shapes
/// `a`: N × N, by columns. The part above the diagonal is neither read nor written.
///
/// # Accuracy
/// That of [`factor::cholesky_in_place`](crate::factor::cholesky_in_place) in Strict arithmetic, whose bits
/// it has.
///
/// # Errors
/// `Error::Pivot` with its index and value if a pivot is not positive, `Error::NotFinite` if it is
/// not finite: columns before it then hold L, the rest of the lower triangle is unspecified.
///
/// # Cost
/// N³/3 flops, N roots and N divisions; inlined.
///
/// # Example
/// ```
/// let mut a = [[4.0, 2.0], [f64::NAN, 10.0]];
/// teeter::fixed::cholesky_in_place(&mut a)?;
/// assert_eq!([a[0][0], a[0][1], a[1][1]], [2.0, 1.0, 3.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[inline(always)]
pub fn cholesky_in_place<T: Float, const N: usize>(a: &mut [[T; N]; N]) -> Result<(), Error> {
    for k in 0..N {
        let Some([column, later @ ..]) = a.get_mut(k..) else { break };
        let Some([pivot, below @ ..]) = column.get_mut(k..) else { break };
        if !pivot.is_finite() {
            return Err(Error::NotFinite { argument: "a", index: k });
        }
        if *pivot <= T::ZERO {
            return Err(Error::Pivot { index: k, value: pivot.to_f64() });
        }
        let root = pivot.sqrt();
        let reciprocal = reciprocal_root(*pivot, root);
        *pivot = root;
        for element in below.iter_mut() {
            *element *= reciprocal;
        }
        // Column k + 1 + j, from its diagonal on.
        for (j, (target, &factor)) in later.iter_mut().zip(below.iter()).enumerate() {
            let lower = target.iter_mut().skip(k + 1 + j);
            for (element, &l) in lower.zip(below.iter().skip(j)) {
                *element -= l * factor;
            }
        }
    }
    Ok(())
}

/// Refuses a diagonal that no one can divide by.
#[inline(always)]
fn check_pivots<T: Float, const N: usize>(l: &[[T; N]; N]) -> Result<(), Error> {
    for (index, column) in l.iter().enumerate() {
        let pivot = column.get(index).copied().unwrap_or(T::ONE);
        if pivot == T::ZERO || pivot.is_nan() {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    Ok(())
}

/// x ← L⁻¹x for lower-triangular L.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `x`: N.
///
/// # Accuracy
/// That of [`matrix::trsv`](crate::matrix::trsv) by columns, whose bits it has.
///
/// # Errors
/// `Error::Pivot` if an element of the diagonal is zero or NaN; `x` is untouched then.
///
/// # Cost
/// N² flops, N divisions; inlined.
#[inline(always)]
pub fn solve_lower<T: Float, const N: usize>(l: &[[T; N]; N], x: &mut [T; N]) -> Result<(), Error> {
    check_pivots(l)?;
    for (k, column) in l.iter().enumerate() {
        let Some([unknown, rest @ ..]) = x.get_mut(k..) else { break };
        let Some([pivot, below @ ..]) = column.get(k..) else { break };
        *unknown /= *pivot;
        for (x, &l) in rest.iter_mut().zip(below) {
            *x -= l * *unknown;
        }
    }
    Ok(())
}

/// x ← L⁻ᵀx for lower-triangular L: after [`solve_lower`], the solution of LLᵀx = b.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `x`: N.
///
/// # Accuracy
/// That of [`matrix::trsv`](crate::matrix::trsv) by rows, whose bits it has.
///
/// # Errors
/// `Error::Pivot` if an element of the diagonal is zero or NaN; `x` is untouched then.
///
/// # Cost
/// N² flops, N divisions; inlined.
#[inline(always)]
pub fn solve_lower_transposed<T: Float, const N: usize>(
    l: &[[T; N]; N],
    x: &mut [T; N],
) -> Result<(), Error> {
    check_pivots(l)?;
    for (k, column) in l.iter().enumerate().rev() {
        let Some([unknown, known @ ..]) = x.get_mut(k..) else { break };
        let Some([pivot, below @ ..]) = column.get(k..) else { break };
        *unknown = (*unknown - dot_slices(below, known)) / *pivot;
    }
    Ok(())
}
