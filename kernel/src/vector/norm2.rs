//! The Euclidean norm.

use crate::float::Float;
use crate::simd::{
    Machine, Operation, REGISTERS_MAX, Simd, is_short, part, registers, sum_registers,
};
use crate::vector::dot::dot_lanes;

/// The Euclidean norm ‖x‖₂ = √(Σ xᵢ²), without overflow or underflow on the way.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// One optimistic pass sums the squares. Only if that overflowed, or is so small that
/// squares may have vanished, a second pass sums the squares of x·2⁻ᵉ, e the exponent of
/// the largest magnitude: scaling by a power of two loses nothing.
///
/// # Accuracy
/// Relative error at most (h/2 + 2)u + O(u²), h = ⌈n/L⌉ + log₂L + 1, L = 16 (f64) or 32 (f32)
/// lanes, whenever ‖x‖₂ is a normal number. The same bits on every machine. NaN if any xᵢ
/// is NaN; else ∞ if any is infinite. 0 for n = 0. ‖2ᵏx‖ = 2ᵏ‖x‖ within the same bound.
///
/// # Cost
/// 2n flops, n reads, no scratch; the second pass, when needed, 4n flops and 2n reads.
///
/// # Source
/// Blue 1978, doi:10.1145/355769.355771, for the aim; the two passes are ours.
#[doc(alias = "dnrm2")]
#[inline]
pub fn norm2<T: Float>(machine: Machine, x: &[T]) -> T {
    machine.run(Norm2 { x })
}

struct Norm2<'a, T> {
    x: &'a [T],
}

impl<T: Float> Operation<T> for Norm2<'_, T> {
    type Output = T;

    #[inline(always)]
    fn is_short(&self) -> bool {
        is_short::<T>(self.x.len())
    }

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let squares = dot_lanes(simd, self.x, self.x);
        if squares >= T::LIMITS.square_sum_low && squares <= T::MAX {
            squares.sqrt()
        } else {
            scaled(simd, self.x)
        }
    }
}

/// The second pass: everything that is not of moderate size.
#[inline(always)]
fn scaled<T: Float, S: Simd<T>>(simd: S, x: &[T]) -> T {
    let mut largest = T::ZERO;
    let mut infinite = false;
    for value in x {
        if value.is_nan() {
            return T::NAN;
        }
        infinite |= !value.is_finite();
        largest = largest.max_of(value.abs());
    }
    if infinite {
        return T::INFINITY;
    }
    if largest == T::ZERO {
        return T::ZERO;
    }
    // Two factors: 2⁻ᵉ alone may overflow when e is that of a subnormal.
    let e = largest.exponent();
    let half = -e / 2;
    let first = simd.splat(T::ONE.scale_by_power(half));
    let second = simd.splat(T::ONE.scale_by_power(-e - half));
    let mut sums = [simd.splat(T::ZERO); REGISTERS_MAX];
    let mut x = x;
    while !x.is_empty() {
        for sum in sums.iter_mut().take(registers::<T, S>()) {
            let Some(x) = part(&mut x, S::WIDTH) else { break };
            let v = simd.mul(simd.mul(simd.load(x), first), second);
            *sum = simd.add(*sum, simd.mul(v, v));
        }
    }
    sum_registers(simd, sums).sqrt().scale_by_power(e)
}
