//! SSE2: 128-bit lanes, which every x86-64 has. No masks, no fused multiply-add.
//!
//! A vector is 128 bits held as `__m128d`; as in `avx2.rs`, each operation picks its
//! instruction by `T::BITS`.

#![allow(unsafe_code, reason = "this file wraps the vendor intrinsics; sse2 is the baseline")]

use core::arch::x86_64::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

/// This file is compiled where sse2 is enabled for the whole target; every `SAFETY` comment
/// below rests on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sse2(());

impl Sse2 {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }

    /// All bits but the sign set, in the lanes of the format.
    #[inline(always)]
    fn magnitude_mask<T: Float>(self) -> __m128d {
        // SAFETY: sse2 is enabled.
        unsafe {
            _mm_castsi128_pd(if T::BITS == 64 {
                _mm_set1_epi64x(i64::MAX)
            } else {
                _mm_set1_epi32(i32::MAX)
            })
        }
    }
}

/// The instruction of the format, applied to vectors held as `__m128d`.
macro_rules! by_format {
    ($t:ident, $double:ident, $single:ident, $($v:ident),*) => {
        if $t::BITS == 64 {
            // SAFETY: sse2 is enabled.
            unsafe { $double($($v),*) }
        } else {
            // SAFETY: sse2 is enabled.
            unsafe { _mm_castps_pd($single($(_mm_castpd_ps($v)),*)) }
        }
    };
}

impl<T: Float> Simd<T> for Sse2 {
    type V = __m128d;
    type Mask = usize;
    const WIDTH: usize = 128 / T::BITS as usize;
    // One register fewer than there are, and one for the product: the last one would spill.
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
    fn splat(self, x: T) -> __m128d {
        if T::BITS == 64 {
            // SAFETY: sse2 is enabled.
            unsafe { _mm_set1_pd(x.to_f64()) }
        } else {
            // SAFETY: sse2 is enabled.
            unsafe { _mm_castps_pd(_mm_set1_ps(x.to_f32())) }
        }
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> __m128d {
        if source.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.load_pointer(source.as_ptr()) }
        } else {
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.load_masked(source.as_ptr(), source.len()) }
        }
    }
    #[inline(always)]
    fn store(self, v: __m128d, target: &mut [T]) {
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
    unsafe fn load_pointer(self, source: *const T) -> __m128d {
        // SAFETY: sse2 is enabled; the caller vouches for 128 readable bits.
        unsafe { _mm_loadu_pd(source.cast()) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: usize) -> __m128d {
        // SAFETY: sse2 is enabled; the caller vouches for `mask` readable elements.
        unsafe {
            let single = source.cast::<f32>();
            match mask * T::BITS as usize / 32 {
                0 => _mm_setzero_pd(),
                1 => _mm_castps_pd(_mm_load_ss(single)),
                2 => _mm_load_sd(source.cast()),
                3 => {
                    let two = _mm_castpd_ps(_mm_load_sd(source.cast()));
                    _mm_castps_pd(_mm_movelh_ps(two, _mm_load_ss(single.add(2))))
                }
                _ => self.load_pointer(source),
            }
        }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: __m128d, target: *mut T) {
        // SAFETY: sse2 is enabled; the caller vouches for 128 writable bits.
        unsafe { _mm_storeu_pd(target.cast(), v) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: __m128d, target: *mut T, mask: usize) {
        // SAFETY: sse2 is enabled; the caller vouches for `mask` writable elements.
        unsafe {
            let single = target.cast::<f32>();
            match mask * T::BITS as usize / 32 {
                0 => {}
                1 => _mm_store_ss(single, _mm_castpd_ps(v)),
                2 => _mm_store_sd(target.cast(), v),
                3 => {
                    _mm_store_sd(target.cast(), v);
                    let high = _mm_unpackhi_pd(v, v);
                    _mm_store_ss(single.add(2), _mm_castpd_ps(high));
                }
                _ => self.store_pointer(v, target),
            }
        }
    }
    #[inline(always)]
    fn add(self, a: __m128d, b: __m128d) -> __m128d {
        by_format!(T, _mm_add_pd, _mm_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m128d, b: __m128d) -> __m128d {
        by_format!(T, _mm_sub_pd, _mm_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m128d, b: __m128d) -> __m128d {
        by_format!(T, _mm_mul_pd, _mm_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: __m128d, b: __m128d) -> __m128d {
        by_format!(T, _mm_div_pd, _mm_div_ps, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: __m128d) -> __m128d {
        by_format!(T, _mm_sqrt_pd, _mm_sqrt_ps, a)
    }
    #[inline(always)]
    fn abs(self, a: __m128d) -> __m128d {
        // SAFETY: sse2 is enabled.
        unsafe { _mm_and_pd(self.magnitude_mask::<T>(), a) }
    }
    #[inline(always)]
    fn copysign(self, magnitude: __m128d, sign: __m128d) -> __m128d {
        let mask = self.magnitude_mask::<T>();
        // SAFETY: sse2 is enabled.
        unsafe { _mm_or_pd(_mm_and_pd(mask, magnitude), _mm_andnot_pd(mask, sign)) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m128d, b: __m128d, c: __m128d) -> __m128d {
        Simd::<T>::add(self, Simd::<T>::mul(self, a, b), c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m128d, b: __m128d, c: __m128d) -> __m128d {
        Simd::<T>::sub(self, c, Simd::<T>::mul(self, a, b))
    }
    #[inline(always)]
    fn select_less(self, ab: [__m128d; 2], x: __m128d, y: __m128d) -> __m128d {
        let [a, b] = ab;
        let less = by_format!(T, _mm_cmplt_pd, _mm_cmplt_ps, a, b);
        // SAFETY: sse2 is enabled.
        unsafe { _mm_or_pd(_mm_and_pd(less, x), _mm_andnot_pd(less, y)) }
    }
    #[inline(always)]
    fn power_of_two(self, biased: __m128d) -> __m128d {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: sse2 is enabled.
        unsafe {
            let [biased, one] = [_mm_castpd_si128(biased), _mm_castpd_si128(one)];
            _mm_castsi128_pd(if T::BITS == 64 {
                _mm_add_epi64(_mm_slli_epi64::<52>(biased), one)
            } else {
                _mm_add_epi32(_mm_slli_epi32::<23>(biased), one)
            })
        }
    }
    #[inline(always)]
    fn exponent(self, a: __m128d) -> __m128d {
        // The exponent's bits in the low end of the number 2^(p−1) are an exact sum.
        // SAFETY: sse2 is enabled.
        unsafe {
            let bits = _mm_castpd_si128(Simd::<T>::abs(self, a));
            if T::BITS == 64 {
                let base = _mm_set1_pd(4_503_599_627_370_496.0);
                let shifted = _mm_castsi128_pd(_mm_srli_epi64::<52>(bits));
                _mm_sub_pd(_mm_or_pd(shifted, base), _mm_set1_pd(4_503_599_627_371_519.0))
            } else {
                let base = _mm_set1_ps(8_388_608.0);
                let shifted = _mm_castsi128_ps(_mm_srli_epi32::<23>(bits));
                let sum = _mm_or_ps(shifted, base);
                _mm_castps_pd(_mm_sub_ps(sum, _mm_set1_ps(8_388_735.0)))
            }
        }
    }
    #[inline(always)]
    fn mantissa(self, a: __m128d) -> __m128d {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: sse2 is enabled.
        unsafe {
            let fraction = if T::BITS == 64 {
                _mm_set1_epi64x((1 << 52) - 1)
            } else {
                _mm_set1_epi32((1 << 23) - 1)
            };
            _mm_or_pd(_mm_and_pd(_mm_castsi128_pd(fraction), a), one)
        }
    }
    #[inline(always)]
    fn interleave(self, a: __m128d, b: __m128d) -> [__m128d; 2] {
        let low = by_format!(T, _mm_unpacklo_pd, _mm_unpacklo_ps, a, b);
        let high = by_format!(T, _mm_unpackhi_pd, _mm_unpackhi_ps, a, b);
        [low, high]
    }
    #[inline(always)]
    fn sum(self, v: __m128d) -> T {
        if T::BITS == 64 {
            // SAFETY: sse2 is enabled.
            T::from_f64(unsafe { _mm_cvtsd_f64(_mm_add_sd(v, _mm_unpackhi_pd(v, v))) })
        } else {
            // SAFETY: sse2 is enabled.
            T::from_f32(unsafe {
                let four = _mm_castpd_ps(v);
                let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
            })
        }
    }
}
