//! The LU factorization in place, column by column: that of the portable machine; see `cholesky_plain.rs`.

use crate::factor::lu_panel::multiplier;
use crate::factor::plain::subtract;
use crate::float::Float;
use crate::simd::{WindowMut, swap_rows};

/// PA = LU of m × n, any m and n; `pivots`: the smaller of them. `None` where a window did not fit: never.
pub(super) fn eliminate<T: Float>(mut a: WindowMut<'_, T>, pivots: &mut [usize]) -> Option<()> {
    let rows = a.rows;
    for (k, place) in pivots.iter_mut().enumerate() {
        let (mut at, mut largest) = (k, T::ZERO);
        for i in k..rows {
            let size = a.rb().get(i, k)?.abs();
            if size > largest {
                (at, largest) = (i, size);
            }
        }
        *place = at;
        swap_rows(&mut a, k, at);
        let pivot = a.rb().get(k, k)?;
        let factor = multiplier(pivot);
        for i in k + 1..rows {
            let x = a.rb().get(i, k)?;
            a.set(i, k, factor.map_or_else(|| x / pivot, |factor| x * factor))?;
        }
        // Whole columns, or whole rows, whichever are adjacent.
        if a.row_stride == 1 || a.col_stride != 1 {
            subtract_columns(&mut a, k)?;
        } else {
            subtract_columns(&mut a.rb_mut().t(), k)?;
        }
    }
    Some(())
}

/// From what is right of column k and below row k, their product: columns of it, by column k.
fn subtract_columns<T: Float>(a: &mut WindowMut<'_, T>, k: usize) -> Option<()> {
    let (left, mut right) = a.rb_mut().split_at_col(k + 1)?;
    let left = left.rb();
    for j in 0..right.cols {
        let u = right.rb().get(k, j)?;
        if let (Some(l), Some(target)) = (left.column(k), right.column(j)) {
            subtract(u, l.get(k + 1..)?, target.get_mut(k + 1..)?);
            continue;
        }
        for i in k + 1..left.rows {
            let x = right.rb().get(i, j)?;
            right.set(i, j, x - left.get(i, k)? * u)?;
        }
    }
    Some(())
}
