//! The scaled sum.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, Simd};

/// y ← αx + y.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// Each element is fl(fl(αxᵢ) + yᵢ): two roundings. The same bits on every machine. NaN and
/// infinity propagate, also for α = 0.
///
/// # Errors
/// `Error::Length` if the lengths differ; `y` is untouched then.
///
/// # Cost
/// 2n flops, 2n reads, n writes, no scratch.
#[doc(alias = "daxpy")]
#[inline]
pub fn axpy<T: Float>(machine: Machine, alpha: T, x: &[T], y: &mut [T]) -> Result<(), Error> {
    check::same_len("y", x.len(), y.len())?;
    machine.run(Axpy { alpha, x, y });
    Ok(())
}

struct Axpy<'a, T> {
    alpha: T,
    x: &'a [T],
    y: &'a mut [T],
}

/// Vectors in flight, so that loads overlap.
const UNROLL: usize = 4;

impl<T: Float> Operation<T> for Axpy<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let alpha = simd.splat(self.alpha);
        let block = S::WIDTH * UNROLL;
        let mut y_blocks = self.y.chunks_exact_mut(block);
        let x_blocks = self.x.chunks_exact(block);
        let x_tail = x_blocks.remainder();
        for (x, y) in x_blocks.zip(y_blocks.by_ref()) {
            for (x, y) in x.chunks_exact(S::WIDTH).zip(y.chunks_exact_mut(S::WIDTH)) {
                simd.store(simd.add(simd.mul(alpha, simd.load(x)), simd.load(y)), y);
            }
        }
        let y_tail = y_blocks.into_remainder();
        for (x, y) in x_tail.chunks(S::WIDTH).zip(y_tail.chunks_mut(S::WIDTH)) {
            simd.store(simd.add(simd.mul(alpha, simd.load(x)), simd.load(y)), y);
        }
    }
}
