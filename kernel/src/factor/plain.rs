//! What factorizations in place have in common.

use crate::float::Float;
use crate::simd::{Window, WindowMut, own};

/// y ← y − factor·x, the shorter length counting; a product and a difference, rounded apart.
#[inline(always)]
pub(super) fn subtract<T: Float>(factor: T, x: &[T], y: &mut [T]) {
    if own::subtract_scaled(factor, x, y) {
        return;
    }
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= factor * x;
    }
}

/// x ← f(x) for the elements of column k from row `first` on. `None` if there is no such column.
#[inline(always)]
pub(super) fn renew_column<T: Float>(
    a: &mut WindowMut<'_, T>,
    [first, k]: [usize; 2],
    f: impl Fn(T) -> T,
) -> Option<()> {
    if let Some(column) = a.column(k) {
        for x in column.get_mut(first..)? {
            *x = f(*x);
        }
        return Some(());
    }
    for i in first..a.rows {
        let x = a.rb().get(i, k)?;
        a.set(i, k, f(x))?;
    }
    Some(())
}

/// Columns whose factors are gathered at once, where rows are adjacent.
const GATHERED: usize = 32;

/// For j from `from` to `end` and i ≥ j: aᵢⱼ ← aᵢⱼ − cᵢ·l(cⱼ), c being column k < `from`.
///
/// By columns where these are adjacent, by pieces of rows where those are, else element by element.
pub(super) fn subtract_products<T: Float>(
    a: &mut WindowMut<'_, T>,
    k: usize,
    [from, end]: [usize; 2],
    l: impl Fn(T) -> T,
) -> Option<()> {
    let (rows, by_rows) = (a.rows, a.col_stride == 1 && a.row_stride != 1);
    let (left, mut right) = a.rb_mut().split_at_col(from)?;
    let c = left.rb().sub([0, k], [rows, 1])?;
    if by_rows {
        return subtract_by_rows(c, &mut right, [from, end], l);
    }
    for j in from..end {
        let factor = l(c.get(j, 0)?);
        if let (Some(c), Some(target)) = (c.column(0), right.column(j - from)) {
            subtract(factor, c.get(j..)?, target.get_mut(j..)?);
            continue;
        }
        for i in j..rows {
            let x = right.rb().get(i, j - from)?;
            right.set(i, j - from, x - c.get(i, 0)? * factor)?;
        }
    }
    Some(())
}

/// See [`subtract_products`]; `right` begins with column `from`.
#[inline(always)]
fn subtract_by_rows<T: Float>(
    c: Window<'_, T>,
    right: &mut WindowMut<'_, T>,
    [from, end]: [usize; 2],
    l: impl Fn(T) -> T,
) -> Option<()> {
    let mut start = from;
    while start < end {
        let count = GATHERED.min(end - start);
        let mut factors = [T::ZERO; GATHERED];
        for (j, factor) in factors.iter_mut().enumerate().take(count) {
            *factor = l(c.get(start + j, 0)?);
        }
        for i in start..c.rows {
            let target = right.row(i)?.get_mut(start - from..)?;
            let target = target.get_mut(..count.min(i - start + 1))?;
            subtract(c.get(i, 0)?, &factors, target);
        }
        start += count;
    }
    Some(())
}
