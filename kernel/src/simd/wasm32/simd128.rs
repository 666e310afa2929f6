//! simd128: 128-bit lanes of WebAssembly. No masks, no fused multiply-add.
//!
//! Each operation picks its instruction by `T::BITS`, as in `x86_64/avx2.rs`. Where the feature is
//! on, the intrinsics but for loads and stores are safe.

#![allow(unsafe_code, reason = "loads and stores through pointers that the caller vouches for")]

use core::arch::wasm32::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

/// This file is compiled where simd128 is enabled for the whole module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simd128(());

impl Simd128 {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }

    /// All bits but the sign set, in the lanes of the format.
    #[inline(always)]
    fn magnitude_mask<T: Float>(self) -> v128 {
        if T::BITS == 64 { i64x2_splat(i64::MAX) } else { i32x4_splat(i32::MAX) }
    }
}

/// The instruction of the format.
macro_rules! by_format {
    ($t:ident, $double:ident, $single:ident, $($v:ident),*) => {
        if $t::BITS == 64 { $double($($v),*) } else { $single($($v),*) }
    };
}

impl<T: Float> Simd<T> for Simd128 {
    type V = v128;
    type Mask = usize;
    const WIDTH: usize = 128 / T::BITS as usize;
    // An engine on x86-64 has sixteen registers: as for SSE2.
    const TILE_COLUMNS: [usize; 3] = [6, 4, 0];
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
    fn splat(self, x: T) -> v128 {
        if T::BITS == 64 { f64x2_splat(x.to_f64()) } else { f32x4_splat(x.to_f32()) }
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> v128 {
        if source.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.load_pointer(source.as_ptr()) }
        } else {
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.load_masked(source.as_ptr(), source.len()) }
        }
    }
    #[inline(always)]
    fn store(self, v: v128, target: &mut [T]) {
        if target.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.store_pointer(v, target.as_mut_ptr()) }
        } else {
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.store_masked(v, target.as_mut_ptr(), target.len()) }
        }
    }
    #[inline(always)]
    fn mask(self, lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn load_pointer(self, source: *const T) -> v128 {
        // SAFETY: the caller vouches for 128 readable bits; no alignment is needed.
        unsafe { v128_load(source.cast()) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: usize) -> v128 {
        // SAFETY: the caller vouches for `mask` readable elements; no alignment is needed.
        unsafe {
            match mask * T::BITS as usize / 32 {
                0 => i64x2_splat(0),
                1 => v128_load32_zero(source.cast()),
                2 => v128_load64_zero(source.cast()),
                3 => {
                    let two = v128_load64_zero(source.cast());
                    v128_load32_lane::<2>(two, source.cast::<u32>().add(2))
                }
                _ => self.load_pointer(source),
            }
        }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: v128, target: *mut T) {
        // SAFETY: the caller vouches for 128 writable bits; no alignment is needed.
        unsafe { v128_store(target.cast(), v) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: v128, target: *mut T, mask: usize) {
        // SAFETY: the caller vouches for `mask` writable elements; no alignment is needed.
        unsafe {
            match mask * T::BITS as usize / 32 {
                0 => {}
                1 => v128_store32_lane::<0>(v, target.cast()),
                2 => v128_store64_lane::<0>(v, target.cast()),
                3 => {
                    v128_store64_lane::<0>(v, target.cast());
                    v128_store32_lane::<2>(v, target.cast::<u32>().add(2));
                }
                _ => self.store_pointer(v, target),
            }
        }
    }
    #[inline(always)]
    fn add(self, a: v128, b: v128) -> v128 {
        by_format!(T, f64x2_add, f32x4_add, a, b)
    }
    #[inline(always)]
    fn sub(self, a: v128, b: v128) -> v128 {
        by_format!(T, f64x2_sub, f32x4_sub, a, b)
    }
    #[inline(always)]
    fn mul(self, a: v128, b: v128) -> v128 {
        by_format!(T, f64x2_mul, f32x4_mul, a, b)
    }
    #[inline(always)]
    fn div(self, a: v128, b: v128) -> v128 {
        by_format!(T, f64x2_div, f32x4_div, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: v128) -> v128 {
        by_format!(T, f64x2_sqrt, f32x4_sqrt, a)
    }
    #[inline(always)]
    fn abs(self, a: v128) -> v128 {
        by_format!(T, f64x2_abs, f32x4_abs, a)
    }
    #[inline(always)]
    fn copysign(self, magnitude: v128, sign: v128) -> v128 {
        v128_bitselect(magnitude, sign, self.magnitude_mask::<T>())
    }
    #[inline(always)]
    fn mul_add(self, a: v128, b: v128, c: v128) -> v128 {
        Simd::<T>::add(self, Simd::<T>::mul(self, a, b), c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: v128, b: v128, c: v128) -> v128 {
        Simd::<T>::sub(self, c, Simd::<T>::mul(self, a, b))
    }
    #[inline(always)]
    fn select_less(self, ab: [v128; 2], x: v128, y: v128) -> v128 {
        let [a, b] = ab;
        v128_bitselect(x, y, by_format!(T, f64x2_lt, f32x4_lt, a, b))
    }
    #[inline(always)]
    fn power_of_two(self, biased: v128) -> v128 {
        let one = Simd::<T>::splat(self, T::ONE);
        if T::BITS == 64 {
            i64x2_add(i64x2_shl(biased, 52), one)
        } else {
            i32x4_add(i32x4_shl(biased, 23), one)
        }
    }
    #[inline(always)]
    fn exponent(self, a: v128) -> v128 {
        let magnitude = Simd::<T>::abs(self, a);
        if T::BITS == 64 {
            // The exponent's bits in the low end of the number 2^52 are an exact sum.
            let base = f64x2_splat(4_503_599_627_370_496.0);
            let sum = v128_or(u64x2_shr(magnitude, 52), base);
            f64x2_sub(sum, f64x2_splat(4_503_599_627_371_519.0))
        } else {
            f32x4_sub(f32x4_convert_i32x4(u32x4_shr(magnitude, 23)), f32x4_splat(127.0))
        }
    }
    #[inline(always)]
    fn mantissa(self, a: v128) -> v128 {
        let one = Simd::<T>::splat(self, T::ONE);
        let fraction =
            if T::BITS == 64 { i64x2_splat((1 << 52) - 1) } else { i32x4_splat((1 << 23) - 1) };
        v128_bitselect(a, one, fraction)
    }
    #[inline(always)]
    fn interleave(self, a: v128, b: v128) -> [v128; 2] {
        if T::BITS == 64 {
            [i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)]
        } else {
            [i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b)]
        }
    }
    #[inline(always)]
    fn sum(self, v: v128) -> T {
        if T::BITS == 64 {
            T::from_f64(f64x2_extract_lane::<0>(v) + f64x2_extract_lane::<1>(v))
        } else {
            let two = f32x4_add(v, i64x2_shuffle::<1, 1>(v, v));
            T::from_f32(f32x4_extract_lane::<0>(two) + f32x4_extract_lane::<1>(two))
        }
    }
}
