//! Triangular matrix times vector.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, Triangle, TriangularRef};
use crate::simd::{AddScaled, Machine, Operation, Simd, Window, apply};
use crate::vector::dot_lanes;

/// x ← Ax for triangular A.
///
/// For Aᵀx pass `a.t()`; for many vectors use [`trmm`](crate::matrix::trmm).
///
/// # Shapes
/// `a`: n × n, any strides; the other triangle and a unit diagonal are not read. `x`: n.
///
/// # Method
/// In place, the element first that no other still needs. Each is one chain from its diagonal
/// outwards: aᵢᵢxᵢ, then + aᵢⱼxⱼ for j = i − 1, …, 0 (lower) or i + 1, …, n − 1 (upper). Where rows are
/// adjacent (column stride 1, row stride not 1), aᵢᵢxᵢ plus the reduction of `dot` over the others.
///
/// # Accuracy
/// |ŷ − Ax| ≤ γₙ|A||x| per element, barring over- and underflow. The same bits on every machine;
/// never fused. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `x` is untouched then.
///
/// # Cost
/// n² flops, no scratch.
///
/// # Source
/// Higham 2002, §3.5.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{Diagonal, MatRef, Triangle, trmv}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let mut x = [1.0, 10.0];
/// trmv(Machine::detect(), a.triangular(Triangle::Lower, Diagonal::NonUnit), &mut x)?;
/// assert_eq!(x, [2.0, 41.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dtrmv")]
pub fn trmv<T: Float>(machine: Machine, a: TriangularRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
    check::same_len("x", a.order()?, x.len())?;
    let (diagonal, triangle) = (a.diagonal, a.triangle);
    let a = a.matrix.window();
    match triangle {
        Triangle::Lower => machine.strict().run(Upwards { l: a, diagonal, x }),
        Triangle::Upper => machine.strict().run(Downwards { r: a, diagonal, x }),
    }
    Ok(())
}

/// A lower triangle: from the last element to the first.
struct Upwards<'a, T> {
    l: Window<'a, T>,
    diagonal: Diagonal,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Upwards<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { l, diagonal, x } = self;
        for k in (0..x.len()).rev() {
            let Some((above, [here, below @ ..])) = x.split_at_mut_checked(k) else { return };
            if let Some(column) = l.column(k) {
                apply(simd, column.get(k + 1..).unwrap_or(&[]), below, AddScaled(*here));
                *here = product(*here, l, diagonal, k);
            } else if let Some(row) = l.t().column(k) {
                let sum = dot_lanes(simd, row.get(..k).unwrap_or(&[]), above);
                *here = product(*here, l, diagonal, k) + sum;
            } else {
                *here = product(*here, l, diagonal, k);
                for (j, &x) in above.iter().enumerate().rev() {
                    *here += l.get(k, j).unwrap_or(T::ZERO) * x;
                }
            }
        }
    }
}

/// An upper triangle: from the first element to the last.
struct Downwards<'a, T> {
    r: Window<'a, T>,
    diagonal: Diagonal,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Downwards<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { r, diagonal, x } = self;
        for k in 0..x.len() {
            let Some((above, [here, below @ ..])) = x.split_at_mut_checked(k) else { return };
            if let Some(column) = r.column(k) {
                apply(simd, column.get(..k).unwrap_or(&[]), above, AddScaled(*here));
                *here = product(*here, r, diagonal, k);
            } else if let Some(row) = r.t().column(k) {
                let sum = dot_lanes(simd, row.get(k + 1..).unwrap_or(&[]), below);
                *here = product(*here, r, diagonal, k) + sum;
            } else {
                *here = product(*here, r, diagonal, k);
                for (j, &x) in below.iter().enumerate() {
                    *here += r.get(k, k + 1 + j).unwrap_or(T::ZERO) * x;
                }
            }
        }
    }
}

/// x times the element of the diagonal.
#[inline(always)]
fn product<T: Float>(x: T, a: Window<'_, T>, diagonal: Diagonal, k: usize) -> T {
    match diagonal {
        Diagonal::NonUnit => a.get(k, k).unwrap_or(T::ONE) * x,
        Diagonal::Unit => x,
    }
}
