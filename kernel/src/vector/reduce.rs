//! Sums and searches over one vector.

use crate::float::Float;
use crate::simd::{Machine, Operation, REGISTERS_MAX, Simd, block, part, registers, sum_registers};

/// The sum Σ xᵢ.
///
/// # Shapes
/// `x`: n.
///
/// # Accuracy
/// |ŝ − Σxᵢ| ≤ γₕ Σ|xᵢ|, h = ⌈n/L⌉ + log₂L, L = 16 (f64) or 32 (f32) lanes, barring overflow.
/// The same bits on every machine. NaN and infinity propagate. 0 for n = 0.
///
/// # Cost
/// n flops, n reads, no scratch.
///
/// # Source
/// Higham 2002, §4.2.
#[inline]
pub fn sum<T: Float>(machine: Machine, x: &[T]) -> T {
    machine.run(Sum { x })
}

/// The sum of magnitudes Σ |xᵢ|.
///
/// # Shapes
/// `x`: n.
///
/// # Accuracy
/// Relative error at most γₕ, h = ⌈n/L⌉ + log₂L, L = 16 (f64) or 32 (f32) lanes, barring
/// overflow. The same bits on every machine. NaN and infinity propagate. 0 for n = 0.
///
/// # Cost
/// n flops, n reads, no scratch.
///
/// # Source
/// Higham 2002, §4.2.
#[doc(alias = "dasum")]
#[inline]
pub fn sum_abs<T: Float>(machine: Machine, x: &[T]) -> T {
    machine.run(SumAbs { x })
}

struct Sum<'a, T> {
    x: &'a [T],
}

impl<T: Float> Operation<T> for Sum<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        sum_lanes(simd, self.x, |v| v)
    }
}

struct SumAbs<'a, T> {
    x: &'a [T],
}

impl<T: Float> Operation<T> for SumAbs<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        sum_lanes(simd, self.x, |v| simd.abs(v))
    }
}

/// Σ f(xᵢ) in the order of every reduction, for f(+0) = +0.
#[inline(always)]
pub(crate) fn sum_lanes<T: Float, S: Simd<T>>(simd: S, x: &[T], f: impl Fn(S::V) -> S::V) -> T {
    let count = registers::<T, S>();
    let mut sums = [simd.splat(T::ZERO); REGISTERS_MAX];
    let mut x = x;
    while let Some(mut x) = block(&mut x, count * S::WIDTH) {
        for sum in sums.iter_mut().take(count) {
            if let Some(x) = block(&mut x, S::WIDTH) {
                *sum = simd.add(*sum, f(simd.load(x)));
            }
        }
    }
    for sum in sums.iter_mut().take(count) {
        if let Some(x) = part(&mut x, S::WIDTH) {
            *sum = simd.add(*sum, f(simd.load(x)));
        }
    }
    sum_registers(simd, sums)
}

/// The first i with xᵢ NaN or infinite; `None` if all are finite.
///
/// # Method
/// The sum of xᵢ − xᵢ is 0 if all are finite and NaN otherwise: one vectorized pass; a
/// second one looks for the place only when there is one.
///
/// # Accuracy
/// Exact.
///
/// # Cost
/// 2n flops, n reads.
#[inline]
pub fn first_not_finite<T: Float>(machine: Machine, x: &[T]) -> Option<usize> {
    if machine.run(Defect { x }) == T::ZERO {
        return None;
    }
    x.iter().position(|value| !value.is_finite())
}

struct Defect<'a, T> {
    x: &'a [T],
}

impl<T: Float> Operation<T> for Defect<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        sum_lanes(simd, self.x, |v| simd.sub(v, v))
    }
}
