//! AVX2 with FMA: 256-bit lanes; on AVX-512VL with 32 registers and masks.
//!
//! One implementation serves both formats: a vector is 256 bits held as `__m256d`, and
//! each operation picks its instruction by `T::BITS`, which the compiler knows. Casts
//! between the two vector types are free.

#![allow(unsafe_code, reason = "this file wraps the vendor intrinsics; see `Avx2`")]

use core::arch::x86_64::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

use super::sse2::Sse2;

/// Proof that the machine has AVX2 and FMA; `FUSED` says whether `mul_add` fuses, `MASKS` that it
/// has AVX-512F, DQ and VL too.
///
/// Invariant: a value exists only after [`Avx2::new`] was called on a machine that has them.
/// Every `SAFETY` comment below rests on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2<const FUSED: bool, const MASKS: bool>(());

impl<const FUSED: bool, const MASKS: bool> Avx2<FUSED, MASKS> {
    /// # Safety
    /// - The machine has avx2 and fma, with `MASKS` avx512f, avx512dq and avx512vl, and the operating
    ///   system saves their registers.
    #[inline(always)]
    pub(crate) const unsafe fn new() -> Self {
        Self(())
    }
}

#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn without_masks<T: Float, S: Simd<T>, O: Operation<T>>(simd: S, operation: O) -> O::Output {
    operation.run(simd)
}

#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
#[inline(never)]
fn with_masks<T: Float, S: Simd<T>, O: Operation<T>>(simd: S, operation: O) -> O::Output {
    operation.run(simd)
}

/// Which lanes: as a vector for AVX2, as bits for AVX-512; the compiler drops the unused form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask {
    vector: __m256i,
    bits: u8,
}

/// Ones for the lanes to touch, read at an offset: lanes 0..n from element 8 − n.
static MASK_WORDS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// The instruction of the format, applied to vectors held as `__m256d`.
macro_rules! by_format {
    ($t:ident, $double:ident, $single:ident, $($v:ident),*) => {
        if $t::BITS == 64 {
            // SAFETY: `self` proves avx2 and fma.
            unsafe { $double($($v),*) }
        } else {
            // SAFETY: `self` proves avx2 and fma.
            unsafe { _mm256_castps_pd($single($(_mm256_castpd_ps($v)),*)) }
        }
    };
}

impl<const FUSED: bool, const MASKS: bool> Avx2<FUSED, MASKS> {
    /// All bits but the sign set, in the lanes of the format.
    #[inline(always)]
    fn magnitude_mask<T: Float>(self) -> __m256d {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2.
            unsafe { _mm256_castsi256_pd(_mm256_set1_epi64x(i64::MAX)) }
        } else {
            // SAFETY: `self` proves avx2.
            unsafe { _mm256_castsi256_pd(_mm256_set1_epi32(i32::MAX)) }
        }
    }
}

impl<T: Float, const FUSED: bool, const MASKS: bool> Simd<T> for Avx2<FUSED, MASKS> {
    type V = __m256d;
    type Mask = Mask;
    const WIDTH: usize = 256 / T::BITS as usize;
    // One register fewer than there are: the last one would make the compiler spill.
    const TILE_COLUMNS: [usize; 3] = if MASKS { [8, 6, 4] } else { [8, 6, 0] };
    const MASKS_ARE_FREE: bool = true;
    type Half = Sse2;

    #[inline(always)]
    fn half(self) -> Sse2 {
        Sse2::new()
    }

    #[inline(always)]
    fn call<O: Operation<T>>(self, operation: O) -> O::Output {
        if MASKS {
            // SAFETY: `self` proves avx2, fma, avx512f, avx512dq and avx512vl.
            unsafe { with_masks(self, operation) }
        } else {
            // SAFETY: `self` proves avx2 and fma.
            unsafe { without_masks(self, operation) }
        }
    }
    #[inline(always)]
    fn splat(self, x: T) -> __m256d {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2.
            unsafe { _mm256_set1_pd(x.to_f64()) }
        } else {
            // SAFETY: `self` proves avx2.
            unsafe { _mm256_castps_pd(_mm256_set1_ps(x.to_f32())) }
        }
    }
    #[inline(always)]
    fn load(self, source: &[T]) -> __m256d {
        if source.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: the slice has WIDTH elements.
            unsafe { self.load_pointer(source.as_ptr()) }
        } else {
            let mask = <Self as Simd<T>>::mask(self, source.len());
            // SAFETY: the mask has as many lanes as the slice has elements.
            unsafe { self.load_masked(source.as_ptr(), mask) }
        }
    }
    #[inline(always)]
    fn store(self, v: __m256d, target: &mut [T]) {
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
    fn mask(self, lanes: usize) -> Mask {
        let words = (lanes * (T::BITS as usize / 32)).min(8);
        let bits = ((1_u32 << lanes.min(8)) - 1) as u8;
        // SAFETY: `self` proves avx2; 8 − words + 8 ≤ 16 elements of `MASK_WORDS` are read.
        let vector = unsafe { _mm256_loadu_si256(MASK_WORDS.as_ptr().add(8 - words).cast()) };
        Mask { vector, bits }
    }
    #[inline(always)]
    unsafe fn load_pointer(self, source: *const T) -> __m256d {
        // SAFETY: `self` proves avx2; the caller vouches for 256 readable bits.
        unsafe { _mm256_loadu_pd(source.cast()) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: Mask) -> __m256d {
        // SAFETY: `self` proves avx2, and avx512vl with `MASKS`; the caller vouches for the
        // lanes of the mask.
        unsafe {
            match (T::BITS == 64, MASKS) {
                (true, true) => _mm256_maskz_loadu_pd(mask.bits, source.cast()),
                (false, true) => _mm256_castps_pd(_mm256_maskz_loadu_ps(mask.bits, source.cast())),
                (true, false) => _mm256_maskload_pd(source.cast(), mask.vector),
                (false, false) => _mm256_castps_pd(_mm256_maskload_ps(source.cast(), mask.vector)),
            }
        }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, v: __m256d, target: *mut T) {
        // SAFETY: `self` proves avx2; the caller vouches for 256 writable bits.
        unsafe { _mm256_storeu_pd(target.cast(), v) }
    }
    #[inline(always)]
    unsafe fn store_masked(self, v: __m256d, target: *mut T, mask: Mask) {
        // SAFETY: `self` proves avx2, and avx512vl with `MASKS`; the caller vouches for the
        // lanes of the mask.
        unsafe {
            match (T::BITS == 64, MASKS) {
                (true, true) => _mm256_mask_storeu_pd(target.cast(), mask.bits, v),
                (false, true) => {
                    _mm256_mask_storeu_ps(target.cast(), mask.bits, _mm256_castpd_ps(v));
                }
                (true, false) => _mm256_maskstore_pd(target.cast(), mask.vector, v),
                (false, false) => {
                    _mm256_maskstore_ps(target.cast(), mask.vector, _mm256_castpd_ps(v));
                }
            }
        }
    }
    #[inline(always)]
    fn add(self, a: __m256d, b: __m256d) -> __m256d {
        by_format!(T, _mm256_add_pd, _mm256_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m256d, b: __m256d) -> __m256d {
        by_format!(T, _mm256_sub_pd, _mm256_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m256d, b: __m256d) -> __m256d {
        by_format!(T, _mm256_mul_pd, _mm256_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: __m256d, b: __m256d) -> __m256d {
        by_format!(T, _mm256_div_pd, _mm256_div_ps, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: __m256d) -> __m256d {
        by_format!(T, _mm256_sqrt_pd, _mm256_sqrt_ps, a)
    }
    #[inline(always)]
    fn abs(self, a: __m256d) -> __m256d {
        // SAFETY: `self` proves avx2.
        unsafe { _mm256_and_pd(self.magnitude_mask::<T>(), a) }
    }
    #[inline(always)]
    fn copysign(self, magnitude: __m256d, sign: __m256d) -> __m256d {
        let mask = self.magnitude_mask::<T>();
        // SAFETY: `self` proves avx2.
        unsafe { _mm256_or_pd(_mm256_and_pd(mask, magnitude), _mm256_andnot_pd(mask, sign)) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        if FUSED {
            by_format!(T, _mm256_fmadd_pd, _mm256_fmadd_ps, a, b, c)
        } else {
            Simd::<T>::add(self, Simd::<T>::mul(self, a, b), c)
        }
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        if FUSED {
            by_format!(T, _mm256_fnmadd_pd, _mm256_fnmadd_ps, a, b, c)
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
    fn select_less(self, ab: [__m256d; 2], x: __m256d, y: __m256d) -> __m256d {
        let [a, b] = ab;
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2.
            unsafe { _mm256_blendv_pd(y, x, _mm256_cmp_pd::<_CMP_LT_OQ>(a, b)) }
        } else {
            // SAFETY: `self` proves avx2.
            unsafe {
                let less = _mm256_cmp_ps::<_CMP_LT_OQ>(_mm256_castpd_ps(a), _mm256_castpd_ps(b));
                let [x, y] = [_mm256_castpd_ps(x), _mm256_castpd_ps(y)];
                _mm256_castps_pd(_mm256_blendv_ps(y, x, less))
            }
        }
    }
    #[inline(always)]
    fn power_of_two(self, biased: __m256d) -> __m256d {
        let one = Simd::<T>::splat(self, T::ONE);
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2.
            unsafe {
                let exponent = _mm256_slli_epi64::<52>(_mm256_castpd_si256(biased));
                _mm256_castsi256_pd(_mm256_add_epi64(exponent, _mm256_castpd_si256(one)))
            }
        } else {
            // SAFETY: `self` proves avx2.
            unsafe {
                let exponent = _mm256_slli_epi32::<23>(_mm256_castpd_si256(biased));
                _mm256_castsi256_pd(_mm256_add_epi32(exponent, _mm256_castpd_si256(one)))
            }
        }
    }
    #[inline(always)]
    fn exponent(self, a: __m256d) -> __m256d {
        // The exponent's bits in the low end of the number 2^(p−1) are an exact sum.
        // SAFETY: `self` proves avx2.
        unsafe {
            let bits = _mm256_castpd_si256(Simd::<T>::abs(self, a));
            if T::BITS == 64 {
                let base = _mm256_set1_pd(4_503_599_627_370_496.0);
                let shifted = _mm256_castsi256_pd(_mm256_srli_epi64::<52>(bits));
                _mm256_sub_pd(_mm256_or_pd(shifted, base), _mm256_set1_pd(4_503_599_627_371_519.0))
            } else {
                let base = _mm256_set1_ps(8_388_608.0);
                let shifted = _mm256_castsi256_ps(_mm256_srli_epi32::<23>(bits));
                let sum = _mm256_or_ps(shifted, base);
                _mm256_castps_pd(_mm256_sub_ps(sum, _mm256_set1_ps(8_388_735.0)))
            }
        }
    }
    #[inline(always)]
    fn mantissa(self, a: __m256d) -> __m256d {
        let one = Simd::<T>::splat(self, T::ONE);
        // SAFETY: `self` proves avx2.
        unsafe {
            let fraction = if T::BITS == 64 {
                _mm256_set1_epi64x((1 << 52) - 1)
            } else {
                _mm256_set1_epi32((1 << 23) - 1)
            };
            _mm256_or_pd(_mm256_and_pd(_mm256_castsi256_pd(fraction), a), one)
        }
    }
    #[inline(always)]
    fn interleave(self, a: __m256d, b: __m256d) -> [__m256d; 2] {
        let low = by_format!(T, _mm256_unpacklo_pd, _mm256_unpacklo_ps, a, b);
        let high = by_format!(T, _mm256_unpackhi_pd, _mm256_unpackhi_ps, a, b);
        // SAFETY: `self` proves avx2.
        unsafe {
            [_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high)]
        }
    }
    #[inline(always)]
    fn sum(self, v: __m256d) -> T {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2.
            T::from_f64(unsafe {
                let half = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd::<1>(v));
                _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)))
            })
        } else {
            // SAFETY: `self` proves avx2.
            T::from_f32(unsafe {
                let v = _mm256_castpd_ps(v);
                let four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
                let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
            })
        }
    }
    #[inline(always)]
    fn sum_each(self, v: [__m256d; 4]) -> [T; 4] {
        let [a, b, c, d] = v;
        // Halves of two vectors side by side, then quarters of all four: each addition is one of `sum`.
        // SAFETY: `self` proves avx2.
        let quarters = unsafe {
            let low = _mm256_permute2f128_pd::<0x20>(a, b);
            let ab = Simd::<T>::add(self, low, _mm256_permute2f128_pd::<0x31>(a, b));
            let low = _mm256_permute2f128_pd::<0x20>(c, d);
            let cd = Simd::<T>::add(self, low, _mm256_permute2f128_pd::<0x31>(c, d));
            let low = _mm256_unpacklo_pd(ab, cd);
            Simd::<T>::add(self, low, _mm256_unpackhi_pd(ab, cd))
        };
        if T::BITS == 64 {
            let mut sums = [0.0_f64; 4];
            // SAFETY: `self` proves avx2; there is room for four.
            unsafe {
                let ordered = _mm256_permute4x64_pd::<0b11_01_10_00>(quarters);
                _mm256_storeu_pd(sums.as_mut_ptr(), ordered);
            }
            sums.map(T::from_f64)
        } else {
            let mut sums = [0.0_f32; 4];
            // SAFETY: `self` proves avx2; there is room for four.
            unsafe {
                let two = _mm256_castpd_ps(quarters);
                let sum = _mm256_add_ps(two, _mm256_permute_ps::<0b10_11_00_01>(two));
                let places = _mm256_setr_epi32(0, 4, 2, 6, 0, 4, 2, 6);
                let first = _mm256_castps256_ps128(_mm256_permutevar8x32_ps(sum, places));
                _mm_storeu_ps(sums.as_mut_ptr(), first);
            }
            sums.map(T::from_f32)
        }
    }
}
