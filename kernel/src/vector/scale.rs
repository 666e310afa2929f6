//! Elementwise products and copies.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, renew, update};

/// x ← αx.
///
/// # Shapes
/// `x`: n.
///
/// # Accuracy
/// One rounding per element; exact for α a power of two, barring over- and underflow. The
/// same bits on every machine. NaN and infinity propagate, also for α = 0.
///
/// # Cost
/// n flops, n reads, n writes, no scratch.
#[doc(alias = "dscal")]
#[inline]
pub fn scale<T: Float>(machine: Machine, alpha: T, x: &mut [T]) {
    machine.run(Scale { alpha, x });
}

struct Scale<'a, T> {
    alpha: T,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let alpha = simd.splat(self.alpha);
        renew(simd, self.x, |x| simd.mul(alpha, x));
    }
}

/// y ← x ⊙ y, element by element.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// One rounding per element. The same bits on every machine.
///
/// # Errors
/// `Error::Length` if the lengths differ; `y` is untouched then.
///
/// # Cost
/// n flops, 2n reads, n writes, no scratch.
#[inline]
pub fn multiply<T: Float>(machine: Machine, x: &[T], y: &mut [T]) -> Result<(), Error> {
    check::same_len("y", x.len(), y.len())?;
    machine.run(Multiply { x, y });
    Ok(())
}

struct Multiply<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        update(simd, self.x, self.y, |x, y| simd.mul(x, y));
    }
}

/// y ← x.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// Exact.
///
/// # Errors
/// `Error::Length` if the lengths differ; `y` is untouched then.
///
/// # Cost
/// n reads, n writes.
#[doc(alias = "dcopy")]
#[inline]
pub fn copy<T: Float>(x: &[T], y: &mut [T]) -> Result<(), Error> {
    check::same_len("y", x.len(), y.len())?;
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x;
    }
    Ok(())
}
