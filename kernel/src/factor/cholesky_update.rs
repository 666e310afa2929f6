//! A Cholesky factor after a change of rank one.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite, moderate};
use crate::factor::triangular::solve;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle};
use crate::simd::{Machine, Operation, Simd, WindowMut, part_mut};
use crate::vector;

/// L of A becomes L of A + xxᵀ.
///
/// # Shapes
/// `l`: n × n, any strides, as `cholesky_in_place` leaves it; the part above the diagonal is neither
/// read nor written. `x`: n; destroyed.
///
/// # Method
/// A rotation for each column of L takes x into it; their lengths by the safe norm.
///
/// # Accuracy
/// L̂L̂ᵀ = A + xxᵀ + E, |E| ≤ γ₆ₙ(|L||Lᵀ| + |x||x|ᵀ + |L̂||L̂ᵀ|) columnwise in norm: backward stable. The diagonal of L̂
/// stays positive. The same bits on every machine and in every layout; never fused.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::NotFinite` if an element of `x` or of the lower
/// triangle is not finite, `Error::Range` if one exceeds MAX/(256n), `Error::Pivot` if a diagonal element
/// of `l` is not positive: nothing is changed then.
///
/// # Cost
/// 3n² flops, n roots.
///
/// # Source
/// Gill, Golub, Murray, Saunders 1974, doi:10.1090/S0025-5718-1974-0343558-6, method C3; Stewart
/// 1998, *Matrix Algorithms I*, §4.3.
#[doc(alias = "dchud")]
pub fn cholesky_update<T: Float>(
    machine: Machine,
    l: MatMut<'_, T>,
    x: &mut [T],
) -> Result<(), Error> {
    let mut l = l;
    checked(machine, l.rb(), x)?;
    let mut rest = x;
    for k in 0..l.rows() {
        let Some((head, tail)) = rest.split_first_mut() else { break };
        let diagonal = l.get(k, k).unwrap_or(T::ONE);
        let r = vector::norm2(machine, &[diagonal, *head]);
        let (c, s) = (diagonal / r, *head / r);
        let _ = l.set(k, k, r);
        let below = l.rb_mut().sub([k + 1, k], [tail.len(), 1])?.window();
        machine.strict().run(Rotate { column: below, x: tail, c, s });
        rest = tail;
    }
    Ok(())
}

/// Elements of scratch that [`cholesky_downdate`] needs: 2n.
#[must_use]
pub const fn cholesky_downdate_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// L of A becomes L of A − xxᵀ, if that is positive definite.
///
/// # Shapes
/// `l`: n × n, any strides, as `cholesky_in_place` leaves it; the part above the diagonal is neither
/// read nor written. `x`: n; destroyed. `scratch`: at least [`cholesky_downdate_scratch_len`] (n).
///
/// # Method
/// y = L⁻¹x; A − xxᵀ = L(I − yyᵀ)Lᵀ is positive definite if and only if ‖y‖ < 1. Rotations that take y to the
/// last coordinate axis then take L to its successor.
///
/// # Accuracy
/// Mixed stable: L̂ is near the exact factor for a matrix A and an x within γ₆ₙ of those given, in norm. But the
/// problem itself loses 1/(1 − ‖y‖²): near the edge few digits are left, as in any method. The same bits on
/// every machine and in every layout; never fused.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` if an element of `x` or of the
/// lower triangle is not finite, `Error::Range` if one exceeds MAX/(256n), `Error::Pivot` if a diagonal
/// element of `l` is not positive, or with the index and value of the first pivot of A − xxᵀ that is
/// not: `l` is untouched then.
///
/// # Cost
/// 4n² flops, n roots.
///
/// # Source
/// Stewart 1979, doi:10.1093/imamat/23.2.203; LINPACK `dchdd`.
#[doc(alias = "dchdd")]
pub fn cholesky_downdate<T: Float>(
    machine: Machine,
    l: MatMut<'_, T>,
    x: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (n, mut l) = (l.rows(), l);
    check::at_least("scratch", cholesky_downdate_scratch_len(n), scratch.len())?;
    checked(machine, l.rb(), x)?;
    let (cosines, rest) = check::split(scratch, n)?;
    let (carried, _) = check::split(rest, n)?;
    solve_forward(machine, l.rb(), x)?;
    let mut left = still_positive(l.rb(), x)?.sqrt();
    for (y, cosine) in x.iter_mut().zip(cosines.iter_mut()).rev() {
        let r = vector::norm2(machine, &[left, *y]);
        (*cosine, *y, left) = (left / r, *y / r, r);
    }
    carried.fill(T::ZERO);
    for (k, (&s, &c)) in x.iter().zip(cosines.iter()).enumerate().rev() {
        let below = carried.get_mut(k..).unwrap_or(&mut []);
        let column = l.rb_mut().sub([k, k], [below.len(), 1])?.window();
        // (l, x) ← (c·l − s·x, c·x + s·l)
        machine.strict().run(Rotate { column, x: below, c, s: -s });
    }
    Ok(())
}

fn checked<T: Float>(machine: Machine, l: MatRef<'_, T>, x: &[T]) -> Result<(), Error> {
    check::same_len("l.cols", l.rows(), l.cols())?;
    check::same_len("x", l.rows(), x.len())?;
    let column = MatRef::col_major(x, x.len(), 1)?;
    moderate("x", x.len(), largest_finite(machine, "x", Part::Full, column)?)?;
    moderate("l", x.len(), largest_finite(machine, "l", Part::Lower, l)?)?;
    for index in 0..l.rows() {
        let pivot = l.get(index, index).unwrap_or(T::NAN);
        if pivot <= T::ZERO {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    Ok(())
}

/// x ← L⁻¹x, a column at a time in every layout, so that the layout changes no bit.
fn solve_forward<T: Float>(machine: Machine, l: MatRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
    let n = x.len();
    solve(machine.strict(), (Triangle::Lower, Diagonal::NonUnit), l, MatMut::col_major(x, n, 1)?)
}

/// 1 − ‖y‖², if positive; else the first pivot of L(I − yyᵀ)Lᵀ that is not.
fn still_positive<T: Float>(l: MatRef<'_, T>, y: &[T]) -> Result<T, Error> {
    let mut left = T::ONE;
    for (index, &y) in y.iter().enumerate() {
        let next = left - y * y;
        if next > T::ZERO {
            left = next;
            continue;
        }
        // The k-th leading minor is that of A times 1 − y₀² − … − yₖ².
        let diagonal = l.get(index, index).unwrap_or(T::ONE);
        let value = (diagonal * (next / left)) * diagonal;
        return Err(Error::Pivot { index, value: value.to_f64() });
    }
    Ok(left)
}

/// (l, x) ← (c·l + s·x, c·x − s·l), row by row.
struct Rotate<'a, T> {
    column: WindowMut<'a, T>,
    x: &'a mut [T],
    c: T,
    s: T,
}

impl<T: Float> Operation<T> for Rotate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { mut column, mut x, c, s } = self;
        if let Some(mut l) = column.column(0) {
            let (c, s) = (simd.splat(c), simd.splat(s));
            while let (Some(l), Some(x)) = (part_mut(&mut l, S::WIDTH), part_mut(&mut x, S::WIDTH))
            {
                let (old_l, old_x) = (simd.load(l), simd.load(x));
                simd.store(simd.add(simd.mul(c, old_l), simd.mul(s, old_x)), l);
                simd.store(simd.sub(simd.mul(c, old_x), simd.mul(s, old_l)), x);
            }
            return;
        }
        for (i, x) in x.iter_mut().enumerate() {
            let (old_l, old_x) = (column.rb().get(i, 0).unwrap_or(T::ZERO), *x);
            let _ = column.set(i, 0, c * old_l + s * old_x);
            *x = c * old_x - s * old_l;
        }
    }
}
