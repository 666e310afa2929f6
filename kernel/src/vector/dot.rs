//! The inner product.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, REGISTERS_MAX, Simd, registers, sum_registers};

/// The inner product xᵀy.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// With ŝ the result, u the unit roundoff, L the lanes (16 for f64, 32 for f32) and
/// h = ⌈n/L⌉ + log₂L + 1: |ŝ − xᵀy| ≤ γₕ |x|ᵀ|y| + n·η/2, η the smallest subnormal, barring
/// overflow. The same bits on every machine. NaN and infinity propagate. 0 for n = 0.
///
/// # Errors
/// `Error::Length` if the lengths differ.
///
/// # Cost
/// 2n flops, 2n reads, no scratch.
///
/// # Source
/// Higham 2002, *Accuracy and Stability of Numerical Algorithms*, §3.1 and §4.2.
#[doc(alias = "ddot")]
#[inline]
pub fn dot<T: Float>(machine: Machine, x: &[T], y: &[T]) -> Result<T, Error> {
    check::same_len("y", x.len(), y.len())?;
    Ok(machine.run(Dot { x, y }))
}

struct Dot<'a, T> {
    x: &'a [T],
    y: &'a [T],
}

impl<T: Float> Operation<T> for Dot<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        dot_lanes(simd, self.x, self.y)
    }
}

/// xᵀy inside an operation; the shorter length counts.
#[inline(always)]
pub(crate) fn dot_lanes<T: Float, S: Simd<T>>(simd: S, x: &[T], y: &[T]) -> T {
    let n = x.len().min(y.len());
    if n <= S::WIDTH {
        // One register holds all: the levels of the tree above it would add zeros.
        return simd.sum(simd.mul(simd.load(x), simd.load(y))) + T::ZERO;
    }
    let lanes = S::WIDTH * registers::<T, S>();
    let mut sums = [simd.splat(T::ZERO); REGISTERS_MAX];
    let (x_blocks, y_blocks) = (x.chunks_exact(lanes), y.chunks_exact(lanes));
    let (x_tail, y_tail) = (x_blocks.remainder(), y_blocks.remainder());
    for (x_block, y_block) in x_blocks.zip(y_blocks) {
        let parts = x_block.chunks_exact(S::WIDTH).zip(y_block.chunks_exact(S::WIDTH));
        for (sum, (x, y)) in sums.iter_mut().zip(parts) {
            *sum = simd.add(*sum, simd.mul(simd.load(x), simd.load(y)));
        }
    }
    let parts = x_tail.chunks(S::WIDTH).zip(y_tail.chunks(S::WIDTH));
    for (sum, (x, y)) in sums.iter_mut().zip(parts) {
        *sum = simd.add(*sum, simd.mul(simd.load(x), simd.load(y)));
    }
    sum_registers(simd, sums)
}

/// aᵀx and bᵀx at once, each in the order of [`dot_lanes`]; x is read once.
#[inline(always)]
pub(crate) fn dot_pair_lanes<T: Float, S: Simd<T>>(
    simd: S,
    (a, b): (&[T], &[T]),
    x: &[T],
) -> (T, T) {
    let lanes = S::WIDTH * registers::<T, S>();
    let zero = simd.splat(T::ZERO);
    let (mut a_sums, mut b_sums) = ([zero; REGISTERS_MAX], [zero; REGISTERS_MAX]);
    let (a_blocks, b_blocks) = (a.chunks_exact(lanes), b.chunks_exact(lanes));
    let (a_tail, b_tail) = (a_blocks.remainder(), b_blocks.remainder());
    let x_blocks = x.chunks_exact(lanes);
    let x_tail = x_blocks.remainder();
    for ((a_block, b_block), x_block) in a_blocks.zip(b_blocks).zip(x_blocks) {
        let parts = a_block.chunks_exact(S::WIDTH).zip(b_block.chunks_exact(S::WIDTH));
        let parts = parts.zip(x_block.chunks_exact(S::WIDTH));
        for ((a_sum, b_sum), ((a, b), x)) in a_sums.iter_mut().zip(&mut b_sums).zip(parts) {
            let x = simd.load(x);
            *a_sum = simd.add(*a_sum, simd.mul(simd.load(a), x));
            *b_sum = simd.add(*b_sum, simd.mul(simd.load(b), x));
        }
    }
    let parts = a_tail.chunks(S::WIDTH).zip(b_tail.chunks(S::WIDTH)).zip(x_tail.chunks(S::WIDTH));
    for ((a_sum, b_sum), ((a, b), x)) in a_sums.iter_mut().zip(&mut b_sums).zip(parts) {
        let x = simd.load(x);
        *a_sum = simd.add(*a_sum, simd.mul(simd.load(a), x));
        *b_sum = simd.add(*b_sum, simd.mul(simd.load(b), x));
    }
    (sum_registers(simd, a_sums), sum_registers(simd, b_sums))
}
