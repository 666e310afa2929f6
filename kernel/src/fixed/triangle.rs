//! Triangular products and solves of known order.

use crate::error::Error;
use crate::fixed::vector::dot_slices;
use crate::float::{Float, has_reciprocal};

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

/// B ← L⁻¹B for lower-triangular L: solves LX = B, X over B.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `b`: N × M, by columns.
///
/// # Accuracy
/// That of [`matrix::trsm`](crate::matrix::trsm) from the left in Strict arithmetic, whose bits it has; it divides by
/// reciprocals, so a column may differ from [`solve_lower`] in its last bits.
///
/// # Errors
/// `Error::Pivot` if an element of the diagonal is zero or NaN; `b` is untouched then.
///
/// # Cost
/// N²M flops, N divisions; inlined.
///
/// # Example
/// ```
/// let mut b = [[2.0, 5.0], [4.0, 2.0]];
/// assert_eq!(teeter::fixed::solve_lower_matrix(&[[2.0, 1.0], [f64::NAN, 4.0]], &mut b), Ok(()));
/// assert_eq!(b, [[1.0, 1.0], [2.0, 0.0]]);
/// ```
#[inline(always)]
pub fn solve_lower_matrix<T: Float, const N: usize, const M: usize>(
    l: &[[T; N]; N],
    b: &mut [[T; N]; M],
) -> Result<(), Error> {
    check_pivots(l)?;
    for (k, column) in l.iter().enumerate() {
        let Some([pivot, below @ ..]) = column.get(k..) else { break };
        let by = Divisor::of(*pivot);
        for x in b.iter_mut() {
            let Some([unknown, rest @ ..]) = x.get_mut(k..) else { break };
            *unknown = by.divide(*unknown);
            for (x, &l) in rest.iter_mut().zip(below) {
                *x -= l * *unknown;
            }
        }
    }
    Ok(())
}

/// B ← L⁻ᵀB for lower-triangular L: after [`solve_lower_matrix`], the solution of LLᵀX = B.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `b`: N × M, by columns.
///
/// # Accuracy
/// That of [`matrix::trsm`](crate::matrix::trsm) from the left with `l.t()` in Strict arithmetic, whose bits it has.
///
/// # Errors
/// `Error::Pivot` if an element of the diagonal is zero or NaN; `b` is untouched then.
///
/// # Cost
/// N²M flops, N divisions; inlined.
#[inline(always)]
pub fn solve_lower_transposed_matrix<T: Float, const N: usize, const M: usize>(
    l: &[[T; N]; N],
    b: &mut [[T; N]; M],
) -> Result<(), Error> {
    check_pivots(l)?;
    for (k, column) in l.iter().enumerate().rev() {
        let Some([pivot, below @ ..]) = column.get(k..) else { break };
        let by = Divisor::of(*pivot);
        for x in b.iter_mut() {
            let Some([unknown, known @ ..]) = x.get_mut(k..) else { break };
            // Backwards: one chain in the order of substitution.
            for (&x, &l) in known.iter().zip(below).rev() {
                *unknown -= l * x;
            }
            *unknown = by.divide(*unknown);
        }
    }
    Ok(())
}

/// A number to divide by, by its reciprocal where that is a normal number.
struct Divisor<T> {
    factor: T,
    divisor: T,
}

impl<T: Float> Divisor<T> {
    #[inline(always)]
    fn of(pivot: T) -> Self {
        if has_reciprocal(pivot) {
            Self { factor: T::ONE / pivot, divisor: T::ONE }
        } else {
            Self { factor: T::ONE, divisor: pivot }
        }
    }

    #[inline(always)]
    fn divide(&self, x: T) -> T {
        if self.divisor == T::ONE { x * self.factor } else { x / self.divisor }
    }
}

/// x ← Lx for lower-triangular L.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `x`: N.
///
/// # Accuracy
/// That of [`matrix::trmv`](crate::matrix::trmv) by columns, whose bits it has.
///
/// # Cost
/// N² flops; inlined.
///
/// # Example
/// ```
/// let mut x = [1.0, 10.0];
/// teeter::fixed::multiply_lower(&[[2.0, 1.0], [f64::NAN, 4.0]], &mut x);
/// assert_eq!(x, [2.0, 41.0]);
/// ```
#[inline(always)]
pub fn multiply_lower<T: Float, const N: usize>(l: &[[T; N]; N], x: &mut [T; N]) {
    for (k, column) in l.iter().enumerate().rev() {
        let Some([here, below @ ..]) = x.get_mut(k..) else { return };
        let Some([pivot, column @ ..]) = column.get(k..) else { return };
        for (x, &l) in below.iter_mut().zip(column) {
            *x += l * *here;
        }
        *here *= *pivot;
    }
}

/// x ← Lᵀx for lower-triangular L.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `x`: N.
///
/// # Accuracy
/// That of [`matrix::trmv`](crate::matrix::trmv) of `l.t()`, whose bits it has: lᵢᵢxᵢ plus the reduction of `dot`.
///
/// # Cost
/// N² flops; inlined.
#[inline(always)]
pub fn multiply_lower_transposed<T: Float, const N: usize>(l: &[[T; N]; N], x: &mut [T; N]) {
    for (k, column) in l.iter().enumerate() {
        let Some([here, below @ ..]) = x.get_mut(k..) else { return };
        let Some([pivot, column @ ..]) = column.get(k..) else { return };
        *here *= *pivot;
        // A matrix of order 1 is its own transpose, with nothing to add; elsewhere −0 + dot of nothing is +0.
        if N > 1 {
            *here += dot_slices(column, below);
        }
    }
}

/// B ← LB for lower-triangular L.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `b`: N × M, by columns.
///
/// # Accuracy
/// That of [`matrix::trmm`](crate::matrix::trmm) from the left in Strict arithmetic with α = 1, whose bits it has:
/// bᵢⱼ is one chain from 0 over p = 0, …, i.
///
/// # Cost
/// N²M flops; inlined.
#[inline(always)]
pub fn multiply_lower_matrix<T: Float, const N: usize, const M: usize>(
    l: &[[T; N]; N],
    b: &mut [[T; N]; M],
) {
    for b in b {
        let mut sums = [T::ZERO; N];
        for (k, (column, &x)) in l.iter().zip(b.iter()).enumerate() {
            for (sum, &l) in sums.iter_mut().zip(column).skip(k) {
                *sum += l * x;
            }
        }
        *b = sums;
    }
}

/// B ← LᵀB for lower-triangular L.
///
/// # Shapes
/// `l`: N × N, by columns; the other triangle is not read. `b`: N × M, by columns.
///
/// # Accuracy
/// That of [`matrix::trmm`](crate::matrix::trmm) from the left with `l.t()` in Strict arithmetic and α = 1, whose
/// bits it has: bᵢⱼ is one chain from 0 over p = i, …, N − 1.
///
/// # Cost
/// N²M flops; inlined.
#[inline(always)]
pub fn multiply_lower_transposed_matrix<T: Float, const N: usize, const M: usize>(
    l: &[[T; N]; N],
    b: &mut [[T; N]; M],
) {
    for b in b {
        for (k, column) in l.iter().enumerate() {
            let Some(below) = b.get_mut(k..) else { break };
            let mut sum = T::ZERO;
            for (&x, &l) in below.iter().zip(column.iter().skip(k)) {
                sum += l * x;
            }
            if let Some(here) = below.first_mut() {
                *here = sum;
            }
        }
    }
}
