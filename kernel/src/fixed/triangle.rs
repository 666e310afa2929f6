//! Triangular solves of known order.

use crate::error::Error;
use crate::fixed::vector::dot_slices;
use crate::float::Float;

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
