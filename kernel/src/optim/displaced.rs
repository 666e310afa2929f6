//! Parameters moved elsewhere for a while, and brought back to the bit.

use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part, part_mut};

/// Moves the parameters while it lives; the original is copied back when it is dropped.
///
/// Subtracting what was added would not restore: (w + e) − e ≠ w in floating point.
/// Invariant: `params` and `saved` have the same length.
#[derive(Debug)]
pub(super) struct Displaced<'a, T: Float> {
    params: &'a mut [T],
    saved: &'a mut [T],
}

impl<'a, T: Float> Displaced<'a, T> {
    /// Keeps the parameters and moves them to w + scale·(direction/divisor).
    ///
    /// A divisor of 0 moves nothing. The caller has checked that lengths are equal.
    pub(super) fn to(
        machine: Machine,
        direction: &[T],
        [scale, divisor]: [T; 2],
        params: &'a mut [T],
        saved: &'a mut [T],
    ) -> Self {
        for (kept, &param) in saved.iter_mut().zip(params.iter()) {
            *kept = param;
        }
        let mut moved = Self { params, saved };
        moved.again(machine, direction, [scale, divisor]);
        moved
    }

    /// Takes over parameters that were moved, with the original kept in `saved`.
    pub(super) fn holding(params: &'a mut [T], saved: &'a mut [T]) -> Self {
        Self { params, saved }
    }

    /// Moves to another point around the same original.
    pub(super) fn again(&mut self, machine: Machine, direction: &[T], [scale, divisor]: [T; 2]) {
        if divisor == T::ZERO || scale == T::ZERO {
            self.bring_back();
            return;
        }
        let (origin, target) = (&*self.saved, &mut *self.params);
        machine.run(Move { scale, divisor, direction, origin, target });
    }

    /// Where the parameters are now.
    pub(super) fn params(&self) -> &[T] {
        self.params
    }

    /// Copies the original back.
    pub(super) fn bring_back(&mut self) {
        for (param, &kept) in self.params.iter_mut().zip(self.saved.iter()) {
            *param = kept;
        }
    }
}

impl<T: Float> Drop for Displaced<'_, T> {
    fn drop(&mut self) {
        self.bring_back();
    }
}

struct Move<'a, T> {
    scale: T,
    divisor: T,
    direction: &'a [T],
    origin: &'a [T],
    target: &'a mut [T],
}

impl<T: Float> Operation<T> for Move<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (scale, divisor) = (simd.splat(self.scale), simd.splat(self.divisor));
        let (mut direction, mut origin, mut target) = (self.direction, self.origin, self.target);
        while let (Some(direction), Some(origin), Some(target)) = (
            part(&mut direction, S::WIDTH),
            part(&mut origin, S::WIDTH),
            part_mut(&mut target, S::WIDTH),
        ) {
            // The quotient is at most 1 in size, so no product here over- or underflows early.
            let step = simd.mul(scale, simd.div(simd.load(direction), divisor));
            simd.store(simd.add(simd.load(origin), step), target);
        }
    }
}
