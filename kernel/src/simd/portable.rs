//! Four lanes of plain Rust: the specification that every other machine must equal.

#![allow(unsafe_code, reason = "loads and stores through pointers that the caller vouches for")]

use crate::float::Float;
use crate::simd::{Operation, Simd};

/// Needs nothing of the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

const WIDTH: usize = 4;

#[inline(always)]
fn map<T: Float>(a: [T; WIDTH], f: impl Fn(T) -> T) -> [T; WIDTH] {
    let [a0, a1, a2, a3] = a;
    [f(a0), f(a1), f(a2), f(a3)]
}

#[inline(always)]
fn zip<T: Float>(a: [T; WIDTH], b: [T; WIDTH], f: impl Fn(T, T) -> T) -> [T; WIDTH] {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a, b);
    [f(a0, b0), f(a1, b1), f(a2, b2), f(a3, b3)]
}

impl<T: Float> Simd<T> for Portable {
    type V = [T; WIDTH];
    type Mask = usize;
    const WIDTH: usize = WIDTH;
    // Sixteen accumulators: half of the registers of a small floating-point unit.
    const TILE_COLUMNS: [usize; 3] = [4, 0, 0];
    const MASKS_ARE_FREE: bool = false;
    type Half = Self;

    #[inline(always)]
    fn half(self) -> Self {
        self
    }

    #[inline(never)]
    fn call<O: Operation<T>>(self, operation: O) -> O::Output {
        operation.run(self)
    }
    #[inline(always)]
    fn splat(self, x: T) -> Self::V {
        [x; WIDTH]
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> Self::V {
        if let Some(&full) = source.first_chunk::<WIDTH>() {
            return full;
        }
        let mut v = [T::ZERO; WIDTH];
        for (lane, &value) in v.iter_mut().zip(source) {
            *lane = value;
        }
        v
    }
    #[inline(always)]
    fn store(self, v: Self::V, target: &mut [T]) {
        if let Some(full) = target.first_chunk_mut::<WIDTH>() {
            *full = v;
            return;
        }
        for (value, lane) in target.iter_mut().zip(v) {
            *value = lane;
        }
    }
    #[inline(always)]
    fn mask(self, lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn load_pointer(self, source: *const T) -> Self::V {
        // SAFETY: the caller vouches for WIDTH readable elements.
        unsafe { source.cast::<[T; WIDTH]>().read() }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: usize) -> Self::V {
        // SAFETY: the caller vouches for `mask` readable elements.
        self.load(unsafe { core::slice::from_raw_parts(source, mask) })
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: Self::V, target: *mut T) {
        // SAFETY: the caller vouches for WIDTH writable elements.
        unsafe { target.cast::<[T; WIDTH]>().write(v) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: Self::V, target: *mut T, mask: usize) {
        // SAFETY: the caller vouches for `mask` writable elements.
        self.store(v, unsafe { core::slice::from_raw_parts_mut(target, mask) });
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        map(a, T::sqrt)
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        map(a, T::abs)
    }
    #[inline(always)]
    fn copysign(self, magnitude: Self::V, sign: Self::V) -> Self::V {
        zip(magnitude, sign, T::copysign)
    }
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        self.add(self.mul(a, b), c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        self.sub(c, self.mul(a, b))
    }
    #[inline(always)]
    fn select_less(self, ab: [Self::V; 2], x: Self::V, y: Self::V) -> Self::V {
        let [[a0, a1, a2, a3], [b0, b1, b2, b3]] = ab;
        let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (x, y);
        let select = |a, b, x, y| if a < b { x } else { y };
        [
            select(a0, b0, x0, y0),
            select(a1, b1, x1, y1),
            select(a2, b2, x2, y2),
            select(a3, b3, x3, y3),
        ]
    }
    #[inline(always)]
    fn power_of_two(self, biased: Self::V) -> Self::V {
        map(biased, T::power_of_two_from_biased)
    }
    #[inline(always)]
    fn exponent(self, a: Self::V) -> Self::V {
        map(a, T::exponent_of_bits)
    }
    #[inline(always)]
    fn mantissa(self, a: Self::V) -> Self::V {
        map(a, T::mantissa_of_bits)
    }
    #[inline(always)]
    fn interleave(self, a: Self::V, b: Self::V) -> [Self::V; 2] {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a, b);
        [[a0, b0, a1, b1], [a2, b2, a3, b3]]
    }
    #[inline(always)]
    fn sum(self, v: Self::V) -> T {
        let [v0, v1, v2, v3] = v;
        (v0 + v2) + (v1 + v3)
    }
}
