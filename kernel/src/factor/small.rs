//! Factorizations of an order that there is code for: the bits of Strict, fused or not.
//!
//! Each succeeds or leaves everything as it was, `None`: whoever calls then goes the long way, which knows what
//! to say of a bad pivot.

use crate::factor::LdltRegularization;
use crate::factor::regularization::Rule;
use crate::fixed::{
    OfOrder, cholesky_columns, is_cholesky_pivot, is_finite, ldlt_columns, lu_columns, of_order,
};
use crate::float::Float;
use crate::simd::{FIXED_ORDER, Machine, WindowMut, Written, to_columns, write_columns};

/// The machine for the long way: it must not fuse where the short one does not, or the same pivot would be refused on
/// one machine and taken on another.
#[inline(always)]
pub(super) fn same_arithmetic(machine: Machine, order: usize) -> Machine {
    if order <= FIXED_ORDER { machine.strict() } else { machine }
}

/// A = LLᵀ over the lower triangle of A.
pub(super) fn cholesky<T: Float>(a: WindowMut<'_, T>) -> Option<()> {
    // Compiled here, once for each format.
    if T::BITS == 64 { cholesky_f64(a.cast()?) } else { cholesky_f32(a.cast()?) }
}

#[inline(never)]
fn cholesky_f64(a: WindowMut<'_, f64>) -> Option<()> {
    of_order(a.rows, Cholesky(a)).flatten()
}

#[inline(never)]
fn cholesky_f32(a: WindowMut<'_, f32>) -> Option<()> {
    of_order(a.rows, Cholesky(a)).flatten()
}

struct Cholesky<'a, T>(WindowMut<'a, T>);

impl<T: Float> OfOrder for Cholesky<'_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<()> {
        let mut a = self.0;
        let (l, pivots) = cholesky_columns(to_columns::<T, N, N>(a.rb())?);
        if !pivots.iter().fold(true, |all, &pivot| all & is_cholesky_pivot(pivot)) {
            return None;
        }
        write_columns(&l, Written::Lower, &mut a)
    }
}

/// A = LDLᵀ over the lower triangle of A; how many pivots were changed.
pub(super) fn ldlt<T: Float>(
    a: WindowMut<'_, T>,
    rule: Option<LdltRegularization<'_, T>>,
) -> Option<usize> {
    // Compiled here, once for each format.
    if T::BITS == 64 {
        ldlt_f64(a.cast()?, rule.map(LdltRegularization::cast))
    } else {
        ldlt_f32(a.cast()?, rule.map(LdltRegularization::cast))
    }
}

#[inline(never)]
fn ldlt_f64(a: WindowMut<'_, f64>, rule: Option<LdltRegularization<'_, f64>>) -> Option<usize> {
    of_order(a.rows, Ldlt { a, rule }).flatten()
}

#[inline(never)]
fn ldlt_f32(a: WindowMut<'_, f32>, rule: Option<LdltRegularization<'_, f32>>) -> Option<usize> {
    of_order(a.rows, Ldlt { a, rule }).flatten()
}

struct Ldlt<'a, T> {
    a: WindowMut<'a, T>,
    rule: Option<LdltRegularization<'a, T>>,
}

impl<T: Float> OfOrder for Ldlt<'_, T> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<usize> {
        let Self { mut a, rule } = self;
        let input = to_columns::<T, N, N>(a.rb())?;
        let largest = if rule.is_some() { largest_lower(&input) } else { T::ONE };
        let (factors, pivots, changed) = ldlt_columns(input, &Rule::new(rule, largest));
        if !pivots.iter().fold(true, |all, &pivot| all & pivot.is_good()) {
            return None;
        }
        write_columns(&factors, Written::Lower, &mut a)?;
        Some(changed)
    }
}

/// The largest magnitude on and below the diagonal.
#[inline(always)]
fn largest_lower<T: Float, const N: usize>(a: &[[T; N]; N]) -> T {
    let mut largest = T::ZERO;
    for (j, column) in a.iter().enumerate() {
        for x in column.iter().skip(j) {
            if x.abs() > largest {
                largest = x.abs();
            }
        }
    }
    largest
}

/// PA = LU over A; the rows exchanged.
pub(super) fn lu<T: Float>(a: WindowMut<'_, T>, places: &mut [usize]) -> Option<()> {
    // Compiled here, once for each format.
    if T::BITS == 64 { lu_f64(a.cast()?, places) } else { lu_f32(a.cast()?, places) }
}

#[inline(never)]
fn lu_f64(a: WindowMut<'_, f64>, places: &mut [usize]) -> Option<()> {
    of_order(a.rows, Lu { a, places }).flatten()
}

#[inline(never)]
fn lu_f32(a: WindowMut<'_, f32>, places: &mut [usize]) -> Option<()> {
    of_order(a.rows, Lu { a, places }).flatten()
}

struct Lu<'b, 'a, T> {
    a: WindowMut<'a, T>,
    places: &'b mut [usize],
}

impl<T: Float> OfOrder for Lu<'_, '_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<()> {
        let Self { mut a, places } = self;
        let input = to_columns::<T, N, N>(a.rb())?;
        let (factors, pivots) = lu_columns(input);
        if !is_finite(&input) || !is_finite(&factors) {
            return None;
        }
        *places.first_chunk_mut::<N>()? = pivots;
        write_columns(&factors, Written::Full, &mut a)
    }
}
