//! The triangular solve of one vector.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, Triangle, TriangularRef};
use crate::simd::{AddScaled, Machine, Operation, Simd, Window, apply};
use crate::vector::dot_lanes;

/// x ← A⁻¹x: solves Ay = x for triangular A, y over x.
///
/// For A⁻ᵀx pass `a.t()`; for many vectors use [`trsm`](crate::matrix::trsm).
///
/// # Shapes
/// `a`: n × n, any strides; the other triangle and a unit diagonal are not read. `x`: n.
///
/// # Method
/// Substitution, forward for a lower triangle and backward for an upper one. Where columns are
/// adjacent, column by column: xᵢ is one chain in the order in which the unknowns are found. Else
/// row by row with the reduction of `dot`.
///
/// # Accuracy
/// The computed y solves (A + E)y = x with |E| ≤ γₙ|A|, barring over- and underflow. The same
/// bits on every machine; never fused. NaN and infinity in `x` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if an element of a diagonal that is
/// not unit is zero or NaN; `x` is untouched then.
///
/// # Cost
/// n² flops, n divisions (none for a unit diagonal), no scratch.
///
/// # Source
/// Higham 2002, Theorem 8.5.
///
/// # Example
/// See [`TriangularRef`].
#[doc(alias = "dtrsv")]
pub fn trsv<T: Float>(machine: Machine, a: TriangularRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
    check::same_len("x", a.order()?, x.len())?;
    a.check_pivots()?;
    let (diagonal, triangle) = (a.diagonal, a.triangle);
    let a = a.matrix.window();
    match triangle {
        Triangle::Lower => machine.strict().run(Forward { l: a, diagonal, x }),
        Triangle::Upper => machine.strict().run(Backward { r: a, diagonal, x }),
    }
    Ok(())
}

struct Forward<'a, T> {
    l: Window<'a, T>,
    diagonal: Diagonal,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { l, diagonal, x } = self;
        for k in 0..x.len() {
            let Some((done, [pivot, rest @ ..])) = x.split_at_mut_checked(k) else { return };
            if let Some(column) = l.column(k) {
                *pivot = quotient(*pivot, l, diagonal, k);
                apply(simd, column.get(k + 1..).unwrap_or(&[]), rest, AddScaled(-*pivot));
            } else {
                let sum = match l.t().column(k) {
                    Some(row) => dot_lanes(simd, row.get(..k).unwrap_or(&[]), done),
                    None => chain(l, k, (0, done)),
                };
                *pivot = quotient(*pivot - sum, l, diagonal, k);
            }
        }
    }
}

struct Backward<'a, T> {
    r: Window<'a, T>,
    diagonal: Diagonal,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { r, diagonal, x } = self;
        for k in (0..x.len()).rev() {
            let Some((above, [pivot, done @ ..])) = x.split_at_mut_checked(k) else { return };
            if let Some(column) = r.column(k) {
                *pivot = quotient(*pivot, r, diagonal, k);
                apply(simd, column.get(..k).unwrap_or(&[]), above, AddScaled(-*pivot));
            } else {
                let sum = match r.t().column(k) {
                    Some(row) => dot_lanes(simd, row.get(k + 1..).unwrap_or(&[]), done),
                    None => chain(r, k, (k + 1, done)),
                };
                *pivot = quotient(*pivot - sum, r, diagonal, k);
            }
        }
    }
}

/// x over the pivot, which a unit diagonal does not have.
#[inline(always)]
fn quotient<T: Float>(x: T, a: Window<'_, T>, diagonal: Diagonal, k: usize) -> T {
    match diagonal {
        Diagonal::NonUnit => x / a.get(k, k).unwrap_or(T::ONE),
        Diagonal::Unit => x,
    }
}

/// Σⱼ a(k, first + j)·xⱼ in order, for strides that suit no vector.
#[inline(always)]
fn chain<T: Float>(a: Window<'_, T>, k: usize, (first, x): (usize, &[T])) -> T {
    let mut sum = T::ZERO;
    for (j, &x) in x.iter().enumerate() {
        sum += a.get(k, first + j).unwrap_or(T::ZERO) * x;
    }
    sum
}
