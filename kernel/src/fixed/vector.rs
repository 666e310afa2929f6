//! Level 1 of known length.

use crate::float::Float;
use crate::simd::{Machine, part};

/// Lanes of the virtual register in which reductions add: 128 bytes (`simd/tree.rs`).
const fn lanes<T: Float>() -> usize {
    1024 / T::BITS as usize
}

/// The most lanes of either format.
const LANES_MAX: usize = 32;

/// The inner product xᵀy.
///
/// # Shapes
/// `x`, `y`: N.
///
/// # Accuracy
/// That of [`vector::dot`](crate::vector::dot), whose bits it has.
///
/// # Cost
/// 2N flops; inlined.
///
/// # Example
/// ```
/// assert_eq!(teeter::fixed::dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
/// ```
#[inline(always)]
#[must_use]
pub fn dot<T: Float, const N: usize>(x: &[T; N], y: &[T; N]) -> T {
    if const { N <= lanes::<T>() } {
        let mut products = *x;
        for (product, &y) in products.iter_mut().zip(y) {
            *product *= y;
        }
        halve(&mut products)
    } else {
        dot_slices(x, y)
    }
}

/// xᵀy of any length, in the order of every reduction; the shorter length counts.
#[inline(always)]
pub(super) fn dot_slices<T: Float>(x: &[T], y: &[T]) -> T {
    let mut sums = [T::ZERO; LANES_MAX];
    let (mut x, mut y) = (x, y);
    while let (Some(x), Some(y)) = (part(&mut x, lanes::<T>()), part(&mut y, lanes::<T>())) {
        for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    halve(&mut sums)
}

/// The lanes added by halving, and the final `+ 0.0`. Lanes that are not there would add +0.0: their
/// additions are left out.
#[inline(always)]
fn halve<T: Float, const N: usize>(sums: &mut [T; N]) -> T {
    let (mut half, mut live) = (lanes::<T>() / 2, N.min(lanes::<T>()));
    while half > 0 {
        if live > half
            && let Some((low, high)) = sums.split_at_mut_checked(half)
        {
            for (low, &high) in low.iter_mut().zip(high.iter().take(live - half)) {
                *low += high;
            }
            live = half;
        }
        half /= 2;
    }
    sums.first().copied().unwrap_or(T::ZERO) + T::ZERO
}

/// y ← αx + y.
///
/// # Shapes
/// `x`, `y`: N.
///
/// # Accuracy
/// Each element is fl(fl(αxᵢ) + yᵢ), as in [`vector::axpy`](crate::vector::axpy).
///
/// # Cost
/// 2N flops; inlined.
#[inline(always)]
pub fn axpy<T: Float, const N: usize>(alpha: T, x: &[T; N], y: &mut [T; N]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = alpha * x + *y;
    }
}

/// The Euclidean norm ‖x‖₂, without overflow or underflow on the way.
///
/// # Shapes
/// `x`: N.
///
/// # Accuracy
/// That of [`vector::norm2`](crate::vector::norm2), whose bits it has.
///
/// # Cost
/// 2N flops, inlined; where the squares over- or underflow, a call of `vector::norm2`.
#[inline(always)]
#[must_use]
pub fn norm2<T: Float, const N: usize>(x: &[T; N]) -> T {
    let squares = dot(x, x);
    if squares >= T::LIMITS.square_sum_low && squares <= T::MAX { squares.sqrt() } else { rare(x) }
}

#[cold]
#[inline(never)]
fn rare<T: Float>(x: &[T]) -> T {
    crate::vector::norm2(Machine::native(), x)
}
