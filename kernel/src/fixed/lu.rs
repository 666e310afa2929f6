//! LU of known order.

use crate::error::Error;
use crate::float::{Float, has_reciprocal};

/// PA = LU with partial pivoting: U over the upper triangle of A, unit lower-triangular L below it.
///
/// # Shapes
/// `a`: N × N, by columns. Gives the row, k or below, that was exchanged with row k, for k = 0, 1, ….
///
/// # Accuracy
/// That of [`factor::lu_in_place`](crate::factor::lu_in_place) in Strict arithmetic, whose bits it has. A
/// singular A is no error: U then has a zero on its diagonal.
///
/// # Errors
/// `Error::NotFinite` with the first row that has an element which is not finite, of A or of its factors: `a`
/// is then as it was.
///
/// # Cost
/// 2N³/3 flops and N divisions; inlined.
///
/// # Example
/// ```
/// let mut a = [[1.0, 2.0], [4.0, 2.0]];
/// assert_eq!(teeter::fixed::lu_in_place(&mut a)?, [1, 1]);
/// assert_eq!(a, [[2.0, 0.5], [2.0, 3.0]]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[inline(always)]
pub fn lu_in_place<T: Float, const N: usize>(a: &mut [[T; N]; N]) -> Result<[usize; N], Error> {
    let (factors, pivots) = columns(*a);
    if let Some(index) = first_not_finite(a).or_else(|| first_not_finite(&factors)) {
        return Err(Error::NotFinite { argument: "a", index });
    }
    *a = factors;
    Ok(pivots)
}

/// The first row with an element that is not finite.
#[inline(always)]
fn first_not_finite<T: Float, const N: usize>(a: &[[T; N]; N]) -> Option<usize> {
    if is_finite(a) {
        return None;
    }
    (0..N).find(|&i| a.iter().any(|column| column.get(i).is_some_and(|x| !x.is_finite())))
}

/// Whether all elements are finite.
#[inline(always)]
pub(crate) fn is_finite<T: Float, const N: usize>(a: &[[T; N]; N]) -> bool {
    // x·0 is ±0 for a finite x alone.
    let mut sums = [T::ZERO; N];
    for column in a {
        for (sum, &x) in sums.iter_mut().zip(column) {
            *sum += x * T::ZERO;
        }
    }
    sums.iter().fold(true, |all, &sum| all & (sum == T::ZERO))
}

/// The factors, and the rows exchanged.
#[inline(always)]
pub(crate) fn columns<T: Float, const N: usize>(mut a: [[T; N]; N]) -> ([[T; N]; N], [usize; N]) {
    let mut pivots = [0; N];
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

/// Column k: its pivot brought up, the column divided, its products subtracted from the later ones.
#[inline(always)]
fn column<T: Float, const N: usize>(a: &mut [[T; N]; N], pivots: &mut [usize; N], k: usize) {
    let Some(place) = pivots.get_mut(k) else { return };
    *place = a.get(k).map_or(k, |column| largest(column, k));
    exchange(a, k, *place);
    let Some([column, later @ ..]) = a.get_mut(k..) else { return };
    let Some([pivot, below @ ..]) = column.get_mut(k..) else { return };
    divide(*pivot, below);
    for target in later {
        let Some([u, rest @ ..]) = target.get_mut(k..) else { return };
        for (element, &l) in rest.iter_mut().zip(below.iter()) {
            *element -= l * *u;
        }
    }
}

/// The row of the largest from row k on, the first of equals; k if none is above 0.
#[inline(always)]
fn largest<T: Float, const N: usize>(column: &[T; N], k: usize) -> usize {
    let (mut at, mut largest) = (k, T::ZERO);
    for (i, x) in column.iter().enumerate().skip(k) {
        if x.abs() > largest {
            (at, largest) = (i, x.abs());
        }
    }
    at
}

/// Rows k and `place` exchanged.
#[inline(always)]
fn exchange<T: Float, const N: usize>(a: &mut [[T; N]; N], k: usize, place: usize) {
    if place == k {
        return;
    }
    for column in a {
        let [Some(&upper), Some(&lower)] = [column.get(k), column.get(place)] else { return };
        if let Some(to) = column.get_mut(k) {
            *to = lower;
        }
        if let Some(to) = column.get_mut(place) {
            *to = upper;
        }
    }
}

/// l ← l/p: by its reciprocal, where that is a normal number; a column of zeros stays.
#[inline(always)]
fn divide<T: Float>(pivot: T, below: &mut [T]) {
    if has_reciprocal(pivot) {
        let factor = T::ONE / pivot;
        for l in below {
            *l *= factor;
        }
    } else if pivot != T::ZERO {
        for l in below {
            *l /= pivot;
        }
    }
}
