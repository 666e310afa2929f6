//! AVX-512: 512-bit lanes with 32 registers and masks.
//!
//! A vector is 512 bits held as `__m512d`; as in `avx2.rs`, each operation picks its
//! instruction by `T::BITS`.

#![allow(unsafe_code, reason = "this file wraps the vendor intrinsics; see `Avx512`")]

use core::arch::x86_64::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

use super::avx2::Avx2;

/// Proof that the machine has AVX-512F, DQ and VL; `FUSED` says whether `mul_add` fuses.
///
/// Invariant: a value exists only after [`Avx512::new`] was called on a machine that has them.
/// Every `SAFETY` comment below rests on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512<const FUSED: bool>(());

impl<const FUSED: bool> Avx512<FUSED> {
    /// # Safety
    /// - The machine has avx512f, avx512dq and avx512vl, and the operating system saves their
    ///   registers.
    #[inline(always)]
    pub(crate) const unsafe fn new() -> Self {
        Self(())
    }
}

#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
#[inline(never)]
fn with_features<T: Float, S: Simd<T>, O: Operation<T>>(simd: S, operation: O) -> O::Output {
    operation.run(simd)
}

/// The instruction of the format, applied to vectors held as `__m512d`.
macro_rules! by_format {
    ($t:ident, $double:ident, $single:ident, $($v:ident),*) => {
        if $t::BITS == 64 {
            // SAFETY: `self` proves avx512f and avx512dq.
            unsafe { $double($($v),*) }
        } else {
            // SAFETY: `self` proves avx512f and avx512dq.
            unsafe { _mm512_castps_pd($single($(_mm512_castpd_ps($v)),*)) }
        }
    };
}

impl<T: Float, const FUSED: bool> Simd<T> for Avx512<FUSED> {
    type V = __m512d;
    type Mask = u16;
    const WIDTH: usize = 512 / T::BITS as usize;
    const TILE_COLUMNS: [usize; 3] = [8, 8, 8];
    const MASKS_ARE_FREE: bool = true;
    type Half = Avx2<FUSED, true>;

    #[inline(always)]
    fn half(self) -> Self::Half {
        // SAFETY: `self` proves avx2, fma, avx512f, avx512dq and avx512vl.
        unsafe { Avx2::new() }
    }

    #[inline(always)]
    fn call<O: Operation<T>>(self, operation: O) -> O::Output {
        // SAFETY: `self` proves avx512f, avx512dq and avx512vl.
        unsafe { with_features(self, operation) }
    }
    #[inline(always)]
    fn splat(self, x: T) -> __m512d {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx512f.
            unsafe { _mm512_set1_pd(x.to_f64()) }
        } else {
            // SAFETY: `self` proves avx512f.
            unsafe { _mm512_castps_pd(_mm512_set1_ps(x.to_f32())) }
        }
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> __m512d {
        let mask = <Self as Simd<T>>::mask(self, source.len());
        // SAFETY: the mask has no more lanes than the slice has elements.
        unsafe { self.load_masked(source.as_ptr(), mask) }
    }
    #[inline(always)]
    fn store(self, v: __m512d, target: &mut [T]) {
        if target.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.store_pointer(v, target.as_mut_ptr()) }
        } else {
            let mask = <Self as Simd<T>>::mask(self, target.len());
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.store_masked(v, target.as_mut_ptr(), mask) }
        }
    }
    #[inline(always)]
    fn mask(self, lanes: usize) -> u16 {
        let lanes = lanes.min(<Self as Simd<T>>::WIDTH);
        ((1_u32 << lanes) - 1) as u16
    }
    #[inline(always)]
    unsafe fn load_pointer(self, source: *const T) -> __m512d {
        // SAFETY: `self` proves avx512f; the caller vouches for 512 readable bits.
        unsafe { _mm512_loadu_pd(source.cast()) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: u16) -> __m512d {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx512f; the caller vouches for the lanes of the mask.
            unsafe { _mm512_maskz_loadu_pd(mask as u8, source.cast()) }
        } else {
            // SAFETY: `self` proves avx512f; the caller vouches for the lanes of the mask.
            unsafe { _mm512_castps_pd(_mm512_maskz_loadu_ps(mask, source.cast())) }
        }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: __m512d, target: *mut T) {
        // SAFETY: `self` proves avx512f; the caller vouches for 512 writable bits.
        unsafe { _mm512_storeu_pd(target.cast(), v) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: __m512d, target: *mut T, mask: u16) {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx512f; the caller vouches for the lanes of the mask.
            unsafe { _mm512_mask_storeu_pd(target.cast(), mask as u8, v) }
        } else {
            // SAFETY: `self` proves avx512f; the caller vouches for the lanes of the mask.
            unsafe { _mm512_mask_storeu_ps(target.cast(), mask, _mm512_castpd_ps(v)) }
        }
    }
    #[inline(always)]
    fn add(self, a: __m512d, b: __m512d) -> __m512d {
        by_format!(T, _mm512_add_pd, _mm512_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m512d, b: __m512d) -> __m512d {
        by_format!(T, _mm512_sub_pd, _mm512_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m512d, b: __m512d) -> __m512d {
        by_format!(T, _mm512_mul_pd, _mm512_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: __m512d, b: __m512d) -> __m512d {
        by_format!(T, _mm512_div_pd, _mm512_div_ps, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: __m512d) -> __m512d {
        by_format!(T, _mm512_sqrt_pd, _mm512_sqrt_ps, a)
    }
    #[inline(always)]
    fn abs(self, a: __m512d) -> __m512d {
        by_format!(T, _mm512_abs_pd, _mm512_abs_ps, a)
    }
    #[inline(always)]
    fn copysign(self, magnitude: __m512d, sign: __m512d) -> __m512d {
        // SAFETY: `self` proves avx512f.
        unsafe {
            let mask = if T::BITS == 64 {
                _mm512_set1_epi64(i64::MAX)
            } else {
                _mm512_set1_epi32(i32::MAX)
            };
            let [magnitude, sign] = [_mm512_castpd_si512(magnitude), _mm512_castpd_si512(sign)];
            // The bits of `magnitude` where the mask is set, else those of `sign`.
            _mm512_castsi512_pd(_mm512_ternarylogic_epi64::<0xCA>(mask, magnitude, sign))
        }
    }
    #[inline(always)]
    fn mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        if FUSED {
            by_format!(T, _mm512_fmadd_pd, _mm512_fmadd_ps, a, b, c)
        } else {
            Simd::<T>::add(self, Simd::<T>::mul(self, a, b), c)
        }
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        if FUSED {
            by_format!(T, _mm512_fnmadd_pd, _mm512_fnmadd_ps, a, b, c)
        } else {
            Simd::<T>::sub(self, c, Simd::<T>::mul(self, a, b))
        }
    }
    #[inline(always)]
    fn neg_mul_add_one(self, a: T, b: T, c: T) -> T {
        if !FUSED {
            return c - a * b;
        }
        // SAFETY: `self` proves fma.
        unsafe {
            if T::BITS == 64 {
                let (a, b) = (_mm_set_sd(a.to_f64()), _mm_set_sd(b.to_f64()));
                T::from_f64(_mm_cvtsd_f64(_mm_fnmadd_sd(a, b, _mm_set_sd(c.to_f64()))))
            } else {
                let (a, b) = (_mm_set_ss(a.to_f32()), _mm_set_ss(b.to_f32()));
                T::from_f32(_mm_cvtss_f32(_mm_fnmadd_ss(a, b, _mm_set_ss(c.to_f32()))))
            }
        }
    }
    #[inline(always)]
    fn select_less(self, ab: [__m512d; 2], x: __m512d, y: __m512d) -> __m512d {
        let [a, b] = ab;
        if T::BITS == 64 {
            // SAFETY: `self` proves avx512f.
            unsafe { _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b), y, x) }
        } else {
            // SAFETY: `self` proves avx512f.
            unsafe {
                let [a, b, x, y] = [
                    _mm512_castpd_ps(a),
                    _mm512_castpd_ps(b),
                    _mm512_castpd_ps(x),
                    _mm512_castpd_ps(y),
                ];
                _mm512_castps_pd(_mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), y, x))
            }
        }
    }
    #[inline(always)]
    fn power_of_two(self, biased: __m512d) -> __m512d {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: `self` proves avx512f.
        unsafe {
            let [biased, one] = [_mm512_castpd_si512(biased), _mm512_castpd_si512(one)];
            _mm512_castsi512_pd(if T::BITS == 64 {
                _mm512_add_epi64(_mm512_slli_epi64::<52>(biased), one)
            } else {
                _mm512_add_epi32(_mm512_slli_epi32::<23>(biased), one)
            })
        }
    }
    #[inline(always)]
    fn exponent(self, a: __m512d) -> __m512d {
        // The exponent's bits in the low end of the number 2^(p−1) are an exact sum.
        // SAFETY: `self` proves avx512f and avx512dq.
        unsafe {
            let bits = _mm512_castpd_si512(Simd::<T>::abs(self, a));
            if T::BITS == 64 {
                let base = _mm512_set1_pd(4_503_599_627_370_496.0);
                let shifted = _mm512_castsi512_pd(_mm512_srli_epi64::<52>(bits));
                _mm512_sub_pd(_mm512_or_pd(shifted, base), _mm512_set1_pd(4_503_599_627_371_519.0))
            } else {
                let base = _mm512_set1_ps(8_388_608.0);
                let shifted = _mm512_castsi512_ps(_mm512_srli_epi32::<23>(bits));
                let sum = _mm512_or_ps(shifted, base);
                _mm512_castps_pd(_mm512_sub_ps(sum, _mm512_set1_ps(8_388_735.0)))
            }
        }
    }
    #[inline(always)]
    fn mantissa(self, a: __m512d) -> __m512d {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: `self` proves avx512f and avx512dq.
        unsafe {
            let fraction = if T::BITS == 64 {
                _mm512_set1_epi64((1 << 52) - 1)
            } else {
                _mm512_set1_epi32((1 << 23) - 1)
            };
            _mm512_or_pd(_mm512_and_pd(_mm512_castsi512_pd(fraction), a), one)
        }
    }
    #[inline(always)]
    fn interleave(self, a: __m512d, b: __m512d) -> [__m512d; 2] {
        // SAFETY: `self` proves avx512f.
        unsafe {
            if T::BITS == 64 {
                let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
                let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
                [_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b)]
            } else {
                let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
                let high =
                    _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
                let [a, b] = [_mm512_castpd_ps(a), _mm512_castpd_ps(b)];
                [
                    _mm512_castps_pd(_mm512_permutex2var_ps(a, low, b)),
                    _mm512_castps_pd(_mm512_permutex2var_ps(a, high, b)),
                ]
            }
        }
    }
    #[inline(always)]
    fn sum(self, v: __m512d) -> T {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx512f.
            T::from_f64(unsafe {
                let v = _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd::<1>(v));
                let half = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd::<1>(v));
                _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)))
            })
        } else {
            // SAFETY: `self` proves avx512f and avx512dq.
            T::from_f32(unsafe {
                let upper = _mm512_extractf64x4_pd::<1>(v);
                let eight = _mm256_add_ps(
                    _mm256_castpd_ps(_mm512_castpd512_pd256(v)),
                    _mm256_castpd_ps(upper),
                );
                let four =
                    _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
                let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
            })
        }
    }
    #[inline(always)]
    fn sum_each(self, v: [__m512d; 4]) -> [T; 4] {
        let [a, b, c, d] = v;
        // Halves of two vectors side by side, then quarters of all four: each addition is one of `sum`.
        // SAFETY: `self` proves avx512f.
        let quarters = unsafe {
            let low = _mm512_shuffle_f64x2::<0b01_00_01_00>(a, b);
            let ab = Simd::<T>::add(self, low, _mm512_shuffle_f64x2::<0b11_10_11_10>(a, b));
            let low = _mm512_shuffle_f64x2::<0b01_00_01_00>(c, d);
            let cd = Simd::<T>::add(self, low, _mm512_shuffle_f64x2::<0b11_10_11_10>(c, d));
            let even = _mm512_shuffle_f64x2::<0b10_00_10_00>(ab, cd);
            Simd::<T>::add(self, even, _mm512_shuffle_f64x2::<0b11_01_11_01>(ab, cd))
        };
        if T::BITS == 64 {
            let mut sums = [0.0_f64; 4];
            // SAFETY: `self` proves avx512f; there is room for four.
            unsafe {
                let sum = _mm512_add_pd(quarters, _mm512_permute_pd::<0b0101_0101>(quarters));
                let places = _mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6);
                let first = _mm512_castpd512_pd256(_mm512_permutexvar_pd(places, sum));
                _mm256_storeu_pd(sums.as_mut_ptr(), first);
            }
            sums.map(T::from_f64)
        } else {
            let mut sums = [0.0_f32; 4];
            // SAFETY: `self` proves avx512f; there is room for four.
            unsafe {
                let four = _mm512_castpd_ps(quarters);
                let two = _mm512_add_ps(four, _mm512_permute_ps::<0b01_00_11_10>(four));
                let sum = _mm512_add_ps(two, _mm512_permute_ps::<0b10_11_00_01>(two));
                let places = _mm512_setr_epi32(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
                let first = _mm512_castps512_ps128(_mm512_permutexvar_ps(places, sum));
                _mm_storeu_ps(sums.as_mut_ptr(), first);
            }
            sums.map(T::from_f32)
        }
    }
}
