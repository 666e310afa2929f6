//! Cholesky of known order.

use crate::error::Error;
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
    let (l, pivots) = columns(*a);
    for (j, (to, from)) in a.iter_mut().zip(&l).enumerate() {
        for (to, &from) in to.iter_mut().zip(from).skip(j) {
            *to = from;
        }
    }
    // All at once: a branch for each would cost as much as a column.
    if pivots.iter().fold(true, |all, &pivot| all & is_good(pivot)) {
        return Ok(());
    }
    let bad = pivots.iter().enumerate().find(|&(_, &pivot)| !is_good(pivot));
    let (index, value) = bad.map_or((0, T::ZERO), |(index, &value)| (index, value));
    Err(if value.is_finite() {
        Error::Pivot { index, value: value.to_f64() }
    } else {
        Error::NotFinite { argument: "a", index }
    })
}

/// Whether a root can be taken of it, and L divided by that.
#[inline(always)]
pub(crate) fn is_good<T: Float>(pivot: T) -> bool {
    (pivot > T::ZERO) & (pivot <= T::MAX)
}

/// L and the squares of its diagonal. A copy of A, for the compiler keeps in registers what nothing else can
/// reach. Without a branch on the pivots: a bad one leaves NaN or infinity in its column and the later ones.
#[inline(always)]
pub(crate) fn columns<T: Float, const N: usize>(mut a: [[T; N]; N]) -> ([[T; N]; N], [T; N]) {
    let mut pivots = [T::ONE; N];
    // Written out, so that every length is known where the loops are unrolled.
    column(&mut a, &mut pivots, 0);
    column(&mut a, &mut pivots, 1);
    column(&mut a, &mut pivots, 2);
    column(&mut a, &mut pivots, 3);
    column(&mut a, &mut pivots, 4);
    column(&mut a, &mut pivots, 5);
    column(&mut a, &mut pivots, 6);
    column(&mut a, &mut pivots, 7);
    if const { N > 8 } {
        column(&mut a, &mut pivots, 8);
        column(&mut a, &mut pivots, 9);
        column(&mut a, &mut pivots, 10);
        column(&mut a, &mut pivots, 11);
    }
    for k in 12..N {
        column(&mut a, &mut pivots, k);
    }
    (a, pivots)
}

/// Column k of L, and its products subtracted from the later ones.
#[inline(always)]
fn column<T: Float, const N: usize>(a: &mut [[T; N]; N], pivots: &mut [T; N], k: usize) {
    let Some([column, later @ ..]) = a.get_mut(k..) else { return };
    let (Some([diagonal, below @ ..]), Some(pivot)) = (column.get_mut(k..), pivots.get_mut(k))
    else {
        return;
    };
    *pivot = *diagonal;
    let root = pivot.sqrt();
    let reciprocal = reciprocal_root(*pivot, root);
    *diagonal = root;
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
