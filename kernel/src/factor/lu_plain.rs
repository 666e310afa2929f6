//! The LU factorization in place, column by column: that of the portable machine; see `cholesky_plain.rs`.

use crate::factor::lu_panel::multiplier;
use crate::factor::plain::{renew_column, subtract};
use crate::float::Float;
use crate::simd::{Window, WindowMut, swap_rows};

/// PA = LU of m × n, any m and n; `pivots`: the smaller of them. `None` where a window did not fit: never.
pub(super) fn eliminate<T: Float>(a: WindowMut<'_, T>, pivots: &mut [usize]) -> Option<()> {
    // Compiled here, once for each format.
    if T::BITS == 64 { eliminate_f64(a.cast()?, pivots) } else { eliminate_f32(a.cast()?, pivots) }
}

#[inline(never)]
fn eliminate_f64(a: WindowMut<'_, f64>, pivots: &mut [usize]) -> Option<()> {
    columns(a, pivots)
}

#[inline(never)]
fn eliminate_f32(a: WindowMut<'_, f32>, pivots: &mut [usize]) -> Option<()> {
    columns(a, pivots)
}

#[inline(always)]
fn columns<T: Float>(mut a: WindowMut<'_, T>, pivots: &mut [usize]) -> Option<()> {
    for (k, place) in pivots.iter_mut().enumerate() {
        *place = largest_of(a.rb(), k)?;
        swap_rows(&mut a, k, *place);
        let pivot = a.rb().get(k, k)?;
        match multiplier(pivot) {
            Some(factor) => renew_column(&mut a, [k + 1, k], |x| x * factor)?,
            None => renew_column(&mut a, [k + 1, k], |x| x / pivot)?,
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

/// The row of the largest magnitude in column k, from its diagonal on: the first of equals, that of the diagonal if none
/// is above 0.
fn largest_of<T: Float>(a: Window<'_, T>, k: usize) -> Option<usize> {
    let (mut at, mut largest) = (k, T::ZERO);
    let column = a.column(k);
    for i in k..a.rows {
        let x = match column {
            Some(column) => *column.get(i)?,
            None => a.get(i, k)?,
        };
        if x.abs() > largest {
            (at, largest) = (i, x.abs());
        }
    }
    Some(at)
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
