//! One pass over several arrays at once: the loop that every step shares.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{
    Machine, Operation, REGISTERS_MAX, Simd, block, block_mut, registers, sum_registers,
};
use crate::vector;

/// ‖g‖, if every gᵢ is finite: one pass finds both.
#[inline]
pub(super) fn finite_norm<T: Float>(
    machine: Machine,
    argument: &'static str,
    gradient: &[T],
) -> Result<T, Error> {
    let norm = vector::norm2(machine, gradient);
    if norm.is_finite() {
        return Ok(norm);
    }
    // A norm may overflow although no element did.
    match vector::first_not_finite(machine, gradient) {
        Some(index) => Err(Error::NotFinite { argument, index }),
        None => Ok(norm),
    }
}

/// ‖g‖, if every gᵢ is finite and so is ‖g‖²: else an average of squares would be infinite for
/// ever after.
#[inline]
pub(super) fn squarable_norm<T: Float>(
    machine: Machine,
    argument: &'static str,
    gradient: &[T],
) -> Result<T, Error> {
    let norm = finite_norm(machine, argument, gradient)?;
    if (norm * norm).is_finite() {
        return Ok(norm);
    }
    let (found, high) = (norm.to_f64(), T::MAX.sqrt().to_f64());
    Err(Error::Range { argument, found, low: 0.0, high })
}

/// Smallest and largest number that a rate, a radius or a penalty may be: any finite
/// number that is not negative.
#[inline]
pub(super) fn not_negative<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, 0.0, T::MAX.to_f64())
}

/// A coefficient of a moving average: in [0, 1).
#[inline]
pub(super) fn below_one<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, 0.0, (T::ONE - T::UNIT_ROUNDOFF).to_f64())
}

/// 2ᵉ and 2⁻ᵉ for the e that brings `size` near 1; both are normal numbers.
///
/// Squares of updates are summed in this unit, so that they neither overflow nor vanish,
/// and so that scaling the loss by a power of two scales the sum exactly.
#[inline]
pub(super) fn unit_of<T: Float>(size: T) -> (T, T) {
    let largest = if T::BITS == 32 { 120 } else { 1_000 };
    let exponent = if size.is_finite() && size != T::ZERO { size.exponent() } else { 0 };
    let exponent = exponent.clamp(-largest, largest);
    (T::ONE.scale_by_power(exponent), T::ONE.scale_by_power(-exponent))
}

/// What a pass does to one vector of every array.
///
/// A trait and not a closure: a method can be `#[inline(always)]`, and what is not inlined is
/// not compiled for the machine; its every lane operation becomes a call then.
pub(super) trait Body<T: Float> {
    /// Maps the lanes of the arrays to the new lanes of the rewritten ones, and to the change
    /// to be squared, which must be +0.0 where all lanes are +0.0.
    fn lanes<S: Simd<T>>(&self, simd: S, read: [S::V; 2], write: [S::V; 4]) -> ([S::V; 4], S::V);
}

/// One pass: the first `R` arrays of `read` are read, the first `W` of `write` rewritten, all
/// of one length. The others are empty, count as +0.0, and cost nothing.
///
/// Returns Σ change², in the order of every reduction.
pub(super) struct Pass<'a, T, B, const R: usize, const W: usize> {
    pub(super) body: B,
    pub(super) read: [&'a [T]; 2],
    pub(super) write: [&'a mut [T]; 4],
}

impl<T: Float, B: Body<T>, const R: usize, const W: usize> Operation<T> for Pass<'_, T, B, R, W> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let mut pass = self;
        let lanes = S::WIDTH * registers::<T, S>();
        let mut sums = [simd.splat(T::ZERO); REGISTERS_MAX];
        let [first, _] = pass.read;
        let mut left = first.len();
        while left >= lanes {
            left -= lanes;
            for sum in sums.iter_mut().take(registers::<T, S>()) {
                let change = pass.turn(simd, S::WIDTH);
                *sum = simd.add(*sum, simd.mul(change, change));
            }
        }
        for sum in &mut sums {
            if left == 0 {
                break;
            }
            let len = left.min(S::WIDTH);
            left -= len;
            let change = pass.turn(simd, len);
            *sum = simd.add(*sum, simd.mul(change, change));
        }
        sum_registers(simd, sums)
    }
}

impl<T: Float, B: Body<T>, const R: usize, const W: usize> Pass<'_, T, B, R, W> {
    /// One vector of `len` lanes of every array.
    #[inline(always)]
    fn turn<S: Simd<T>>(&mut self, simd: S, len: usize) -> S::V {
        let ([a, b], [x, y, z, t]) = (&mut self.read, &mut self.write);
        let x = block_mut(x, len).unwrap_or(&mut []);
        let y = if W > 1 { block_mut(y, len).unwrap_or(&mut []) } else { &mut [] };
        let z = if W > 2 { block_mut(z, len).unwrap_or(&mut []) } else { &mut [] };
        let t = if W > 3 { block_mut(t, len).unwrap_or(&mut []) } else { &mut [] };
        let zero = simd.splat(T::ZERO);
        let first = simd.load(block(a, len).unwrap_or(&[]));
        let second = if R > 1 { simd.load(block(b, len).unwrap_or(&[])) } else { zero };
        let old_y = if W > 1 { simd.load(y) } else { zero };
        let old_z = if W > 2 { simd.load(z) } else { zero };
        let old_t = if W > 3 { simd.load(t) } else { zero };
        let write = [simd.load(x), old_y, old_z, old_t];
        let ([new_x, new_y, new_z, new_t], change) = self.body.lanes(simd, [first, second], write);
        simd.store(new_x, x);
        if W > 1 {
            simd.store(new_y, y);
        }
        if W > 2 {
            simd.store(new_z, z);
        }
        if W > 3 {
            simd.store(new_t, t);
        }
        change
    }
}
