//! Elementwise products and copies.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Elementwise, Machine, Operation, Simd, apply, is_short, renew};

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

/// fl(αx)
#[derive(Clone, Copy)]
struct Scaled<T>(T);

impl<T: Float> Elementwise<T> for Scaled<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, _: S::V) -> S::V {
        simd.mul(simd.splat(self.0), x)
    }
}

struct Scale<'a, T> {
    alpha: T,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn is_short(&self) -> bool {
        is_short::<T>(self.x.len())
    }

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        renew(simd, self.x, Scaled(self.alpha));
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

/// fl(xy)
#[derive(Clone, Copy)]
struct Product;

impl<T: Float> Elementwise<T> for Product {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, y: S::V) -> S::V {
        simd.mul(x, y)
    }
}

struct Multiply<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        apply(simd, self.x, self.y, Product);
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
