//! The order in which every reduction adds, on every machine.
//!
//! A virtual register of 128 bytes, L lanes (16 f64, 32 f32). Element i is added to lane
//! i mod L in index order, starting from +0.0; then lane j takes lane j + L/2, then
//! L/4, …; then `+ 0.0`, so that a zero has one sign. Missing elements add +0.0 to their
//! lane, which changes no sum that began at +0.0.

use crate::float::Float;
use crate::simd::Simd;

/// Bytes of the virtual register.
const VIRTUAL_BYTES: usize = 128;

/// Registers that the narrowest machine (16 bytes) needs for one virtual register.
pub(crate) const REGISTERS_MAX: usize = VIRTUAL_BYTES / 16;

/// Registers that this machine needs for one virtual register.
#[inline(always)]
pub(crate) fn registers<T: Float, S: Simd<T>>() -> usize {
    VIRTUAL_BYTES / (size_of::<T>() * S::WIDTH)
}

/// The lanes of one virtual register, added by halving, and the final `+ 0.0`.
#[inline(always)]
pub(crate) fn sum_registers<T: Float, S: Simd<T>>(simd: S, sums: [S::V; REGISTERS_MAX]) -> T {
    let count = registers::<T, S>();
    let [a, b, c, d, e, f, g, h] = sums;
    let [a, b, c, d] = if count == 8 {
        [simd.add(a, e), simd.add(b, f), simd.add(c, g), simd.add(d, h)]
    } else {
        [a, b, c, d]
    };
    let [a, b] = if count >= 4 { [simd.add(a, c), simd.add(b, d)] } else { [a, b] };
    let a = if count >= 2 { simd.add(a, b) } else { a };
    simd.sum(a) + T::ZERO
}

/// [`sum_registers`] of four reductions that run side by side, the same bits: register by register.
#[inline(always)]
pub(crate) fn sum_registers_each<T: Float, S: Simd<T>>(
    simd: S,
    sums: [[S::V; 4]; REGISTERS_MAX],
) -> [T; 4] {
    let count = registers::<T, S>();
    let [mut a, mut b, mut c, mut d, e, f, g, h] = sums;
    if count == 8 {
        add_each(simd, &mut a, e);
        add_each(simd, &mut b, f);
        add_each(simd, &mut c, g);
        add_each(simd, &mut d, h);
    }
    if count >= 4 {
        add_each(simd, &mut a, c);
        add_each(simd, &mut b, d);
    }
    if count >= 2 {
        add_each(simd, &mut a, b);
    }
    let mut totals = simd.sum_each(a);
    for total in &mut totals {
        *total += T::ZERO;
    }
    totals
}

/// a ← a + b, vector by vector.
#[inline(always)]
fn add_each<T: Float, S: Simd<T>>(simd: S, a: &mut [S::V; 4], b: [S::V; 4]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = simd.add(*a, b);
    }
}
