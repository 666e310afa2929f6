//! The scaled sum.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{AddScaled, Machine, Operation, Simd, apply, is_short};

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

impl<T: Float> Operation<T> for Axpy<'_, T> {
    type Output = ();

    #[inline(always)]
    fn is_short(&self) -> bool {
        is_short::<T>(self.x.len())
    }

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        apply(simd, self.x, self.y, AddScaled(self.alpha));
    }
}
