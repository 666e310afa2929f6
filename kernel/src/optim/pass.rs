//! One pass over several arrays at once: the loop that every step shares.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, REGISTERS_MAX, Simd, registers, sum_registers};
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

/// Loads `reads` and `writes` vector by vector, stores what `body` makes of them, and
/// returns Σ change², in the order of every reduction.
///
/// `body` maps the lanes of all arrays to the new lanes of `writes` and the change to be
/// squared. Lanes beyond the end are +0.0 in every array, and `body` must give the change
/// +0.0 for them.
#[inline(always)]
pub(super) fn sweep<T: Float, S: Simd<T>, const R: usize, const W: usize>(
    simd: S,
    reads: [&[T]; R],
    writes: [&mut [T]; W],
    body: impl Fn([S::V; R], [S::V; W]) -> ([S::V; W], S::V),
) -> T {
    let lens = reads.iter().map(|x| x.len()).chain(writes.iter().map(|x| x.len()));
    let mut left = lens.min().unwrap_or(0).div_ceil(S::WIDTH);
    let mut sources = reads.map(|x| x.chunks(S::WIDTH));
    let mut targets = writes.map(|x| x.chunks_mut(S::WIDTH));
    let mut sums = [simd.splat(T::ZERO); REGISTERS_MAX];
    while left > 0 {
        for sum in sums.iter_mut().take(registers::<T, S>()) {
            if left == 0 {
                break;
            }
            left -= 1;
            let source = sources.each_mut().map(|chunks| chunks.next().unwrap_or_default());
            let target = targets.each_mut().map(|chunks| chunks.next().unwrap_or_default());
            let old = target.each_ref().map(|chunk| simd.load(chunk));
            let (new, change) = body(source.map(|chunk| simd.load(chunk)), old);
            for (chunk, value) in target.into_iter().zip(new) {
                simd.store(value, chunk);
            }
            *sum = simd.add(*sum, simd.mul(change, change));
        }
    }
    sum_registers(simd, sums)
}
