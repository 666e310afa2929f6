//! The rank-one update.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatMut;
use crate::simd::{
    AddScaled, AddTwiceScaled, Elementwise, Machine, Operation, Simd, WindowMut, apply, apply_each,
};

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
    fn is_short(&self) -> bool {
        // Of eight rows and columns wide vectors are faster again.
        self.a.rows.max(self.a.cols) <= COLUMNS
    }

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, x, y, a } = self;
        if a.row_stride == 1 {
            by_columns(simd, x, y, a, |y| AddScaled(alpha * y));
        } else if a.col_stride == 1 {
            by_columns(simd, y, x, a.t(), |x| AddTwiceScaled { alpha, x });
        } else {
            let mut a = a;
            for (i, &x) in x.iter().enumerate() {
                for (j, &y) in y.iter().enumerate() {
                    let old = a.rb().get(i, j).unwrap_or(T::ZERO);
                    let _ = a.set(i, j, old + x * (alpha * y));
                }
            }
        }
    }
}

/// Columns updated at once: each pass over x is one call and one set of loops.
const COLUMNS: usize = 4;

/// aⱼ ← f(factorⱼ)(x, aⱼ) for each column j, whose elements are adjacent.
#[inline(always)]
fn by_columns<T: Float, S: Simd<T>, E: Elementwise<T>>(
    simd: S,
    x: &[T],
    factors: &[T],
    mut a: WindowMut<'_, T>,
    f: impl Fn(T) -> E,
) {
    let (groups, rest) = factors.as_chunks::<COLUMNS>();
    let mut j = 0;
    for &[f0, f1, f2, f3] in groups {
        let Some(columns) = a.columns::<COLUMNS>(j) else { return };
        apply_each(simd, x, columns, [f(f0), f(f1), f(f2), f(f3)]);
        j += COLUMNS;
    }
    for &factor in rest {
        let Some(column) = a.column(j) else { return };
        apply(simd, x, column, f(factor));
        j += 1;
    }
}
