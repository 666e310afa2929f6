//! NEON: 128-bit lanes, 32 registers, multiply-add with one rounding or with two. No masks.
//!
//! A vector is 128 bits held as `float64x2_t`; as in `x86_64/avx2.rs`, each operation picks its
//! instruction by `T::BITS`.

#![allow(unsafe_code, reason = "this file wraps the vendor intrinsics; neon is the baseline")]

use core::arch::aarch64::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

/// This file is compiled where neon is enabled for the whole target; every `SAFETY` comment
/// below rests on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neon<const FUSED: bool>(());

impl<const FUSED: bool> Neon<FUSED> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

/// The instruction of the format, applied to vectors held as `float64x2_t`.
macro_rules! by_format {
    ($t:ident, $double:ident, $single:ident, $($v:ident),*) => {
        if $t::BITS == 64 {
            // SAFETY: neon is enabled.
            unsafe { $double($($v),*) }
        } else {
            // SAFETY: neon is enabled.
            unsafe { vreinterpretq_f64_f32($single($(vreinterpretq_f32_f64($v)),*)) }
        }
    };
}

impl<T: Float, const FUSED: bool> Simd<T> for Neon<FUSED> {
    type V = float64x2_t;
    type Mask = usize;
    const WIDTH: usize = 128 / T::BITS as usize;
    // 24 accumulators, three vectors of A, one factor and the product of strict arithmetic: 29 of 32.
    const TILE_COLUMNS: [usize; 3] = [8, 8, 8];
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
    fn splat(self, x: T) -> float64x2_t {
        if T::BITS == 64 {
            // SAFETY: neon is enabled.
            unsafe { vdupq_n_f64(x.to_f64()) }
        } else {
            // SAFETY: neon is enabled.
            unsafe { vreinterpretq_f64_f32(vdupq_n_f32(x.to_f32())) }
        }
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> float64x2_t {
        if source.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.load_pointer(source.as_ptr()) }
        } else {
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.load_masked(source.as_ptr(), source.len()) }
        }
    }
    #[inline(always)]
    fn store(self, v: float64x2_t, target: &mut [T]) {
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
    unsafe fn load_pointer(self, source: *const T) -> float64x2_t {
        // As bytes: an element of T need not be aligned as an f64 is.
        // SAFETY: neon is enabled; the caller vouches for 128 readable bits.
        unsafe { vreinterpretq_f64_u8(vld1q_u8(source.cast())) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: usize) -> float64x2_t {
        // SAFETY: neon is enabled; the caller vouches for `mask` readable elements.
        unsafe {
            let single = source.cast::<f32>();
            let zero = vdupq_n_f32(0.0);
            match mask * T::BITS as usize / 32 {
                0 => vreinterpretq_f64_f32(zero),
                1 => vreinterpretq_f64_f32(vld1q_lane_f32::<0>(single, zero)),
                2 => vreinterpretq_f64_f32(vcombine_f32(vld1_f32(single), vdup_n_f32(0.0))),
                3 => {
                    let two = vcombine_f32(vld1_f32(single), vdup_n_f32(0.0));
                    vreinterpretq_f64_f32(vld1q_lane_f32::<2>(single.add(2), two))
                }
                _ => self.load_pointer(source),
            }
        }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: float64x2_t, target: *mut T) {
        // SAFETY: neon is enabled; the caller vouches for 128 writable bits.
        unsafe { vst1q_u8(target.cast(), vreinterpretq_u8_f64(v)) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: float64x2_t, target: *mut T, mask: usize) {
        // SAFETY: neon is enabled; the caller vouches for `mask` writable elements.
        unsafe {
            let (single, four) = (target.cast::<f32>(), vreinterpretq_f32_f64(v));
            match mask * T::BITS as usize / 32 {
                0 => {}
                1 => vst1q_lane_f32::<0>(single, four),
                2 => vst1_f32(single, vget_low_f32(four)),
                3 => {
                    vst1_f32(single, vget_low_f32(four));
                    vst1q_lane_f32::<2>(single.add(2), four);
                }
                _ => self.store_pointer(v, target),
            }
        }
    }
    #[inline(always)]
    fn add(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        by_format!(T, vaddq_f64, vaddq_f32, a, b)
    }
    #[inline(always)]
    fn sub(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        by_format!(T, vsubq_f64, vsubq_f32, a, b)
    }
    #[inline(always)]
    fn mul(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        by_format!(T, vmulq_f64, vmulq_f32, a, b)
    }
    #[inline(always)]
    fn div(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        by_format!(T, vdivq_f64, vdivq_f32, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: float64x2_t) -> float64x2_t {
        by_format!(T, vsqrtq_f64, vsqrtq_f32, a)
    }
    #[inline(always)]
    fn abs(self, a: float64x2_t) -> float64x2_t {
        by_format!(T, vabsq_f64, vabsq_f32, a)
    }
    #[inline(always)]
    fn copysign(self, magnitude: float64x2_t, sign: float64x2_t) -> float64x2_t {
        // SAFETY: neon is enabled.
        unsafe {
            let mask = if T::BITS == 64 {
                vdupq_n_u64(u64::MAX >> 1)
            } else {
                vreinterpretq_u64_u32(vdupq_n_u32(u32::MAX >> 1))
            };
            // The bits of `magnitude` where the mask is set, else those of `sign`.
            vbslq_f64(mask, magnitude, sign)
        }
    }
    #[inline(always)]
    fn mul_add(self, a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        // `vfmaq`, not `vmlaq`, which rounds twice.
        if FUSED {
            by_format!(T, vfmaq_f64, vfmaq_f32, c, a, b)
        } else {
            Simd::<T>::add(self, Simd::<T>::mul(self, a, b), c)
        }
    }
    #[inline(always)]
    fn neg_mul_add(self, a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        if FUSED {
            by_format!(T, vfmsq_f64, vfmsq_f32, c, a, b)
        } else {
            Simd::<T>::sub(self, c, Simd::<T>::mul(self, a, b))
        }
    }
    #[inline(always)]
    fn neg_mul_add_one(self, a: T, b: T, c: T) -> T {
        if !FUSED {
            return c - a * b;
        }
        // SAFETY: neon is enabled.
        unsafe {
            if T::BITS == 64 {
                let (a, b) = (vdup_n_f64(a.to_f64()), vdup_n_f64(b.to_f64()));
                T::from_f64(vget_lane_f64::<0>(vfms_f64(vdup_n_f64(c.to_f64()), a, b)))
            } else {
                let (a, b) = (vdup_n_f32(a.to_f32()), vdup_n_f32(b.to_f32()));
                T::from_f32(vget_lane_f32::<0>(vfms_f32(vdup_n_f32(c.to_f32()), a, b)))
            }
        }
    }
    #[inline(always)]
    fn select_less(self, ab: [float64x2_t; 2], x: float64x2_t, y: float64x2_t) -> float64x2_t {
        let [a, b] = ab;
        // SAFETY: neon is enabled.
        unsafe {
            let less = if T::BITS == 64 {
                vcltq_f64(a, b)
            } else {
                vreinterpretq_u64_u32(vcltq_f32(vreinterpretq_f32_f64(a), vreinterpretq_f32_f64(b)))
            };
            vbslq_f64(less, x, y)
        }
    }
    #[inline(always)]
    fn power_of_two(self, biased: float64x2_t) -> float64x2_t {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: neon is enabled.
        unsafe {
            if T::BITS == 64 {
                let shifted = vshlq_n_u64::<52>(vreinterpretq_u64_f64(biased));
                vreinterpretq_f64_u64(vaddq_u64(shifted, vreinterpretq_u64_f64(one)))
            } else {
                let shifted = vshlq_n_u32::<23>(vreinterpretq_u32_f64(biased));
                vreinterpretq_f64_u32(vaddq_u32(shifted, vreinterpretq_u32_f64(one)))
            }
        }
    }
    #[inline(always)]
    fn exponent(self, a: float64x2_t) -> float64x2_t {
        let magnitude = Simd::<T>::abs(self, a);
        // SAFETY: neon is enabled.
        unsafe {
            if T::BITS == 64 {
                let biased = vcvtq_f64_u64(vshrq_n_u64::<52>(vreinterpretq_u64_f64(magnitude)));
                vsubq_f64(biased, vdupq_n_f64(1023.0))
            } else {
                let biased = vcvtq_f32_u32(vshrq_n_u32::<23>(vreinterpretq_u32_f64(magnitude)));
                vreinterpretq_f64_f32(vsubq_f32(biased, vdupq_n_f32(127.0)))
            }
        }
    }
    #[inline(always)]
    fn mantissa(self, a: float64x2_t) -> float64x2_t {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: neon is enabled.
        unsafe {
            let fraction = if T::BITS == 64 {
                vdupq_n_u64((1 << 52) - 1)
            } else {
                vreinterpretq_u64_u32(vdupq_n_u32((1 << 23) - 1))
            };
            vbslq_f64(fraction, a, one)
        }
    }
    #[inline(always)]
    fn interleave(self, a: float64x2_t, b: float64x2_t) -> [float64x2_t; 2] {
        let low = by_format!(T, vzip1q_f64, vzip1q_f32, a, b);
        let high = by_format!(T, vzip2q_f64, vzip2q_f32, a, b);
        [low, high]
    }
    #[inline(always)]
    fn sum(self, v: float64x2_t) -> T {
        if T::BITS == 64 {
            // SAFETY: neon is enabled.
            T::from_f64(unsafe { vpaddd_f64(v) })
        } else {
            // SAFETY: neon is enabled.
            T::from_f32(unsafe {
                let four = vreinterpretq_f32_f64(v);
                vpadds_f32(vadd_f32(vget_low_f32(four), vget_high_f32(four)))
            })
        }
    }
}
