//! What factorizations in place have in common.

use crate::float::Float;
use crate::simd::{WindowMut, own};

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
