//! Symmetric updates of rank one and two.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, SymmetricMut};
use crate::simd::{AddScaled, AddTwiceScaled, Machine, Operation, Simd, WindowMut, apply};

/// A ← A + αxxᵀ, in one triangle.
///
/// # Shapes
/// `x`: n. `a`: n × n, any strides; the other triangle is neither read nor written. α = 0 does not
/// read `x`.
///
/// # Accuracy
/// The element of row i and column j ≤ i is fl(a + fl(xᵢ·fl(αxⱼ))), and so is its mirror image in an
/// upper triangle: three roundings, |error| ≤ γ₃(|a| + |αxᵢxⱼ|), the bits of [`ger`](crate::matrix::ger)
/// below the diagonal. The same bits on every machine; never fused. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `a` is untouched then.
///
/// # Cost
/// n² flops, n²/2 reads and writes, no scratch.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, Triangle, syr}};
/// let mut a = [1.0, 7.0, 1.0, 1.0];
/// let view = MatMut::row_major(&mut a, 2, 2)?.symmetric(Triangle::Lower);
/// syr(Machine::detect(), 2.0, &[1.0, 3.0], view)?;
/// assert_eq!(a, [3.0, 7.0, 7.0, 19.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsyr")]
pub fn syr<T: Float>(
    machine: Machine,
    alpha: T,
    x: &[T],
    a: SymmetricMut<'_, T>,
) -> Result<(), Error> {
    let a = a.lower("a.cols")?;
    check::same_len("x", a.rows(), x.len())?;
    if alpha != T::ZERO {
        machine.strict().run(Updates { alpha, pairs: &[[x, x]], a: a.window() });
    }
    Ok(())
}

/// A ← A + α(xyᵀ + yxᵀ), in one triangle.
///
/// # Shapes
/// `x`, `y`: n. `a`: n × n, any strides; the other triangle is neither read nor written. α = 0
/// reads neither `x` nor `y`.
///
/// # Accuracy
/// The element of row i and column j ≤ i, and its mirror image in an upper triangle, is
/// fl(fl(a + fl(xᵢ·fl(αyⱼ))) + fl(yᵢ·fl(αxⱼ))): |error| ≤ γ₄(|a| + |αxᵢyⱼ| + |αyᵢxⱼ|). The same bits
/// on every machine; never fused. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `a` is untouched then.
///
/// # Cost
/// 2n² flops, n² reads and writes, no scratch.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, Triangle, syr2}};
/// let mut a = [1.0, 7.0, 1.0, 1.0];
/// let view = MatMut::row_major(&mut a, 2, 2)?.symmetric(Triangle::Lower);
/// syr2(Machine::detect(), 1.0, &[1.0, 3.0], &[2.0, 1.0], view)?;
/// assert_eq!(a, [5.0, 7.0, 8.0, 7.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsyr2")]
pub fn syr2<T: Float>(
    machine: Machine,
    alpha: T,
    x: &[T],
    y: &[T],
    a: SymmetricMut<'_, T>,
) -> Result<(), Error> {
    let a = a.lower("a.cols")?;
    check::same_len("x", a.rows(), x.len())?;
    check::same_len("y", a.rows(), y.len())?;
    if alpha != T::ZERO {
        machine.strict().run(Updates { alpha, pairs: &[[x, y], [y, x]], a: a.window() });
    }
    Ok(())
}

/// A ← A + α(uvᵀ + …) over some pairs [u, v], in the lower triangle, for a sum that is symmetric or
/// taken to be: element by element as [`syr2`], the pairs in order.
pub(crate) fn add_products<T: Float>(
    machine: Machine,
    alpha: T,
    pairs: &[[&[T]; 2]],
    a: MatMut<'_, T>,
) {
    machine.strict().run(Updates { alpha, pairs, a: a.window() });
}

/// What [`add_products`] does.
struct Updates<'a, T> {
    alpha: T,
    pairs: &'a [[&'a [T]; 2]],
    a: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Updates<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, pairs, mut a } = self;
        let (columns_adjacent, rows_adjacent) = (a.row_stride == 1, a.col_stride == 1);
        for k in 0..a.cols {
            for [u, v] in pairs {
                if columns_adjacent {
                    let factor = alpha * v.get(k).copied().unwrap_or(T::ZERO);
                    let Some(column) = a.column(k).and_then(|c| c.get_mut(k..)) else { return };
                    let u = u.get(k..).unwrap_or(&[]);
                    apply(simd, u, column, AddScaled(factor));
                } else if rows_adjacent {
                    let x = u.get(k).copied().unwrap_or(T::ZERO);
                    let Some(row) = a.row(k).and_then(|r| r.get_mut(..=k)) else { return };
                    let v = v.get(..=k).unwrap_or(&[]);
                    apply(simd, v, row, AddTwiceScaled { alpha, x });
                } else {
                    let u = u.get(k).copied().unwrap_or(T::ZERO);
                    for (j, &v) in v.iter().enumerate().take(k + 1) {
                        let old = a.rb().get(k, j).unwrap_or(T::ZERO);
                        let _ = a.set(k, j, old + u * (alpha * v));
                    }
                }
            }
        }
    }
}
