//! Symmetric matrix times vector.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::SymmetricRef;
use crate::simd::{AddScaled, Machine, Operation, Simd, Window, apply};
use crate::vector::dot_lanes;

/// y ← αAx + βy for symmetric A, of which one triangle is read.
///
/// Half the memory traffic of [`gemv`](crate::matrix::gemv) on the full matrix, so the faster one
/// once A outgrows the cache.
///
/// # Shapes
/// `a`: n × n, any strides. `x`: n. `y`: n. β = 0 does not read `y`; α = 0 reads neither `a` nor
/// `x`.
///
/// # Method
/// One pass over the stored triangle; each of its lines acts as a column and as a row. With L the
/// lower triangle and its columns adjacent (or the upper one and its rows), yᵢ is fl(βyᵢ), then a
/// chain + aᵢⱼ·fl(αxⱼ) for j = 0, …, i, then + α·dot over j > i. With its rows adjacent (or the columns
/// of the upper one), fl(βyᵢ), then + α·dot over j < i, then the chain for j = i, …, n − 1. Other strides:
/// the chain over all j. Level 2 never fuses.
///
/// # Accuracy
/// |ŷ − y| ≤ γₙ₊₂(|α||A||x| + |β||y|) per element, barring over- and underflow. The same bits on
/// every machine. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `y` is untouched then.
///
/// # Cost
/// 2n² flops, n²/2 reads of `a`, no scratch.
///
/// # Source
/// Higham 2002, §3.5.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatRef, Triangle, symv}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let mut y = [f64::NAN; 2];
/// symv(Machine::detect(), 1.0, a.symmetric(Triangle::Lower), &[1.0, 10.0], 0.0, &mut y)?;
/// assert_eq!(y, [12.0, 41.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsymv")]
pub fn symv<T: Float>(
    machine: Machine,
    alpha: T,
    a: SymmetricRef<'_, T>,
    x: &[T],
    beta: T,
    y: &mut [T],
) -> Result<(), Error> {
    let l = a.lower()?;
    check::same_len("x", l.rows(), x.len())?;
    check::same_len("y", l.rows(), y.len())?;
    for y in y.iter_mut() {
        *y = if beta == T::ZERO { T::ZERO } else { beta * *y };
    }
    if alpha != T::ZERO {
        machine.strict().run(Symv { alpha, l: l.window(), x, y });
    }
    Ok(())
}

struct Symv<'a, T> {
    alpha: T,
    l: Window<'a, T>,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Symv<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, l, x, y } = self;
        for k in 0..x.len() {
            let Some((before, [pivot, after @ ..])) = x.split_at_checked(k) else { return };
            let Some((above, [here, below @ ..])) = y.split_at_mut_checked(k) else { return };
            let scaled = alpha * *pivot;
            let own = l.get(k, k).unwrap_or(T::ZERO) * scaled;
            if let Some(column) = l.column(k) {
                let column = column.get(k + 1..).unwrap_or(&[]);
                *here += own;
                if !after.is_empty() {
                    *here += alpha * dot_lanes(simd, column, after);
                    apply(simd, column, below, AddScaled(scaled));
                }
            } else if let Some(row) = l.t().column(k) {
                let row = row.get(..k).unwrap_or(&[]);
                if !before.is_empty() {
                    *here += alpha * dot_lanes(simd, row, before);
                    apply(simd, row, above, AddScaled(scaled));
                }
                *here += own;
            } else {
                for (j, &x) in before.iter().enumerate() {
                    *here += l.get(k, j).unwrap_or(T::ZERO) * (alpha * x);
                }
                *here += own;
                for (j, &x) in after.iter().enumerate() {
                    *here += l.get(k + 1 + j, k).unwrap_or(T::ZERO) * (alpha * x);
                }
            }
        }
    }
}
