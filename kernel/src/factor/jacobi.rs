//! One-sided Jacobi: rotations from the right that make the columns of a matrix orthogonal.

use crate::float::Float;
use crate::simd::{Operation, Simd, block_mut, exchange};
use crate::vector::dot_lanes;

/// Sweeps allowed. Convergence is quadratic at the end; ten were never needed.
pub(super) const SWEEPS: usize = 30;

/// XJ with orthogonal columns, longest first, over X, and VJ over V, J a product of rotations and
/// exchanges; the output says which column still turned in the last sweep allowed.
///
/// Sizes must suit the squares: ‖X‖_F² finite, and what is shorter than [`negligible`] counts as 0.
pub(super) struct Sweeps<'a, T> {
    /// Column of X, column of V, one pair after the other: one rotation turns both.
    pub(super) pairs: &'a mut [T],
    /// Rows of X.
    pub(super) rows: usize,
    /// Rows of X and V.
    pub(super) lead: usize,
    /// Lengths of the columns of X, an output.
    pub(super) norms: &'a mut [T],
}

/// A column no longer than this counts as 0: quotients and squares of what is longer neither over- nor
/// underflow, if the longest is below 2^(Emax/2).
pub(super) fn negligible<T: Float>() -> T {
    T::MIN_POSITIVE.sqrt() / T::EPSILON
}

impl<T: Float> Operation<T> for Sweeps<'_, T> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<usize> {
        let Self { pairs, rows, lead, norms } = self;
        // Above what rounding leaves of the angle after a rotation, so that each pair comes to rest:
        // 3u for each column, 4u for the angle, the height of the product.
        let tolerance = T::EPSILON * (T::from_f64(8.0) + T::from_usize(rows).sqrt());
        let mut rest = &mut *pairs;
        for norm in norms.iter_mut() {
            let x = block_mut(&mut rest, lead).and_then(|x| x.get(..rows)).unwrap_or(&[]);
            *norm = dot_lanes(simd, x, x).sqrt();
        }
        let mut turned = None;
        for _ in 0..SWEEPS {
            turned = None;
            let (mut pairs, mut norms) = (&mut *pairs, &mut *norms);
            let mut index = 0;
            while let Some(best) = largest(norms) {
                bring_forward(simd, pairs, norms, (lead, best));
                let Some(x) = block_mut(&mut pairs, lead) else { break };
                let Some((norm, later)) = norms.split_first_mut() else { break };
                norms = later;
                let mut others = &mut *pairs;
                for other in norms.iter_mut() {
                    let Some(y) = block_mut(&mut others, lead) else { break };
                    if turn(simd, (x, &mut *norm), (y, other), (rows, tolerance)) {
                        turned = Some(index);
                    }
                }
                index += 1;
            }
            if turned.is_none() {
                break;
            }
        }
        turned
    }
}

/// Where the first of the largest is; `None` if there is none.
#[inline(always)]
fn largest<T: Float>(norms: &[T]) -> Option<usize> {
    let mut best = *norms.first()?;
    let mut at = 0;
    for (i, &norm) in norms.iter().enumerate() {
        if norm > best {
            (best, at) = (norm, i);
        }
    }
    Some(at)
}

/// Exchanges the first pair and that at `best` (de Rijk 1989): small columns then turn about large
/// ones, and the values come sorted.
#[inline(always)]
fn bring_forward<T: Float, S: Simd<T>>(
    simd: S,
    pairs: &mut [T],
    norms: &mut [T],
    (lead, best): (usize, usize),
) {
    let mut later = pairs;
    if let Some(first) = block_mut(&mut later, lead)
        && let Some(at) = best.checked_sub(1)
        && let Some(other) = later.get_mut(at * lead..(at + 1) * lead)
        && let Some((norm, later)) = norms.split_first_mut()
        && let Some(larger) = later.get_mut(at)
    {
        exchange(simd, first, other, |x, y| [y, x]);
        core::mem::swap(norm, larger);
    }
}

/// Makes two columns orthogonal by a rotation of both pairs, unless they are; whether it turned.
#[inline(always)]
fn turn<T: Float, S: Simd<T>>(
    simd: S,
    (x, x_norm): (&mut [T], &mut T),
    (y, y_norm): (&mut [T], &mut T),
    (rows, tolerance): (usize, T),
) -> bool {
    let (a, b) = (*x_norm, *y_norm);
    if b <= negligible() || a <= negligible() {
        return false;
    }
    let product = dot_lanes(simd, x.get(..rows).unwrap_or(&[]), y.get(..rows).unwrap_or(&[]));
    let cosine = product / a / b;
    if cosine.abs() <= tolerance {
        return false;
    }
    // cot 2θ from the quotients of the lengths, not from their squares.
    let cotangent = (b / a - a / b) / (T::TWO * cosine);
    let size = cotangent.abs();
    let tangent = if size * T::EPSILON >= T::ONE {
        T::HALF / cotangent
    } else {
        T::ONE.copysign(cotangent) / (size + (T::ONE + size * size).sqrt())
    };
    let c = T::ONE / (T::ONE + tangent * tangent).sqrt();
    let s = c * tangent;
    let (c, s) = (simd.splat(c), simd.splat(s));
    exchange(simd, x, y, |x, y| {
        [simd.sub(simd.mul(c, x), simd.mul(s, y)), simd.add(simd.mul(s, x), simd.mul(c, y))]
    });
    let (x, y) = (x.get(..rows).unwrap_or(&[]), y.get(..rows).unwrap_or(&[]));
    *x_norm = dot_lanes(simd, x, x).sqrt();
    *y_norm = dot_lanes(simd, y, y).sqrt();
    true
}
