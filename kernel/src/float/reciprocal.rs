//! Reciprocals, where these are normal numbers.

use crate::float::Float;

/// Whether 1/x is a normal number, with two binades to spare: then a product with it is a quotient but for one
/// rounding more.
#[inline(always)]
pub(crate) fn has_reciprocal<T: Float>(x: T) -> bool {
    let tiny = T::MIN_POSITIVE * T::from_f64(4.0);
    x.abs() >= tiny && x.abs() * tiny <= T::ONE
}

/// 1/√p from p and its root, by p⁻¹·√p: division and root go on side by side, and each column of a
/// factorization waits for the one before it.
#[inline(always)]
pub(crate) fn reciprocal_root<T: Float>(p: T, root: T) -> T {
    if has_reciprocal(p) { (T::ONE / p) * root } else { reciprocal(root) }
}

/// Where p⁻¹ would not be normal. Apart, or both would be computed always.
#[cold]
#[inline(never)]
fn reciprocal<T: Float>(root: T) -> T {
    T::ONE / root
}
