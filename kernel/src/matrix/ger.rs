//! The rank-one update.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatMut;
use crate::simd::{Machine, Operation, Simd, WindowMut, update};

/// A ← A + αxyᵀ.
///
/// # Shapes
/// `x`: m. `y`: n. `a`: m × n, any strides.
///
/// # Accuracy
/// Each element is fl(aᵢⱼ + fl(xᵢ·fl(αyⱼ))): three roundings, |error| ≤ γ₃(|aᵢⱼ| + |αxᵢyⱼ|), in
/// any layout. The same bits on every machine; never fused. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `a` is untouched then.
///
/// # Cost
/// 2mn flops, mn reads and writes, no scratch.
#[doc(alias = "dger")]
pub fn ger<T: Float>(
    machine: Machine,
    alpha: T,
    x: &[T],
    y: &[T],
    a: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("x", a.rows(), x.len())?;
    check::same_len("y", a.cols(), y.len())?;
    machine.strict().run(Ger { alpha, x, y, a: a.window() });
    Ok(())
}

struct Ger<'a, T> {
    alpha: T,
    x: &'a [T],
    y: &'a [T],
    a: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Ger<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, x, y, mut a } = self;
        if a.row_stride == 1 {
            for (j, &y) in y.iter().enumerate() {
                let factor = simd.splat(alpha * y);
                let Some(column) = a.column(j) else { return };
                update(simd, x, column, |x, a| simd.add(a, simd.mul(x, factor)));
            }
        } else if a.col_stride == 1 {
            let alpha = simd.splat(alpha);
            for (i, &x) in x.iter().enumerate() {
                let factor = simd.splat(x);
                let Some(row) = a.row(i) else { return };
                update(simd, y, row, |y, a| simd.add(a, simd.mul(factor, simd.mul(alpha, y))));
            }
        } else {
            for (i, &x) in x.iter().enumerate() {
                for (j, &y) in y.iter().enumerate() {
                    let old = a.rb().get(i, j).unwrap_or(T::ZERO);
                    let _ = a.set(i, j, old + x * (alpha * y));
                }
            }
        }
    }
}
