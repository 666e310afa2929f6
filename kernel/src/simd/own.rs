//! Inner loops that a target writes by hand: none here; see `cortex_m/`.

use crate::float::Float;
use crate::simd::{Window, WindowMut};

/// xᵀy in the order of every reduction; `None` where the target has no loop for it.
#[inline(always)]
pub(crate) fn dot<T: Float>(_: &[T], _: &[T]) -> Option<T> {
    None
}

/// C ← βC ± AB; whether it was done.
#[inline(always)]
pub(crate) fn tiles<T: Float, const SUBTRACT: bool>(
    _: (Window<'_, T>, Window<'_, T>),
    _: T,
    _: &mut WindowMut<'_, T>,
) -> bool {
    false
}

/// y ← A(αx) + βy; whether it was done.
#[inline(always)]
pub(crate) fn strip<T: Float>(_: [T; 2], _: Window<'_, T>, _: &[T], _: &mut [T]) -> bool {
    false
}

/// The columns of a Cholesky factor from `first` on; `None` where the target has no loop for them.
#[inline(always)]
pub(crate) fn cholesky<T: Float>(
    _: &mut WindowMut<'_, T>,
    _: usize,
    _: impl Fn(T) -> bool,
) -> Option<Result<(), (usize, T)>> {
    None
}

/// y ← y − factor·x; whether it was done.
#[inline(always)]
pub(crate) fn subtract_scaled<T: Float>(_: T, _: &[T], _: &mut [T]) -> bool {
    false
}
