//! AVX2 with FMA: 256-bit lanes on x86-64, and the test for them.
//!
//! One implementation serves both formats: a vector is 256 bits held as `__m256d`, and
//! each operation picks its instruction by `T::BITS`, which the compiler knows. Casts
//! between the two vector types are free.

#![allow(unsafe_code, reason = "this file wraps the vendor intrinsics; see `Avx2`")]

use core::arch::x86_64::*;

use crate::float::Float;
use crate::simd::{Operation, Simd};

/// Proof that the machine has AVX2 and FMA; `FUSED` says whether `mul_add` fuses.
///
/// Invariant: a value exists only after [`Avx2::assume_present`] was called on a machine
/// that has both. Every `SAFETY` comment below rests on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2<const FUSED: bool>(());

impl<const FUSED: bool> Avx2<FUSED> {
    /// # Safety
    /// - The machine has avx2 and fma, and the operating system saves their registers.
    #[inline(always)]
    pub(crate) const unsafe fn assume_present() -> Self {
        Self(())
    }
}

/// Runs an operation in a function compiled for AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn enter<T: Float, O: Operation<T>, const FUSED: bool>(
    simd: Avx2<FUSED>,
    operation: O,
) -> O::Output {
    operation.run(simd)
}

/// Whether the processor has AVX2 and FMA and the operating system saves the registers.
pub(crate) fn avx2_and_fma_present() -> bool {
    const FMA: u32 = 1 << 12;
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const AVX2: u32 = 1 << 5;
    /// XMM and YMM state in XCR0.
    const YMM_STATE: u64 = 0b110;
    if __cpuid(0).eax < 7 {
        return false;
    }
    let needed = FMA | OSXSAVE | AVX;
    if __cpuid(1).ecx & needed != needed {
        return false;
    }
    // SAFETY: OSXSAVE is set, so the operating system has enabled xgetbv.
    let saved = unsafe { extended_control_register() };
    saved & YMM_STATE == YMM_STATE && __cpuid_count(7, 0).ebx & AVX2 != 0
}

/// XCR0: which register files the operating system saves.
#[target_feature(enable = "xsave")]
fn extended_control_register() -> u64 {
    // SAFETY: register 0 exists wherever xgetbv does.
    unsafe { _xgetbv(0) }
}

/// Ones for the lanes to touch, read at an offset: lanes 0..n from element 8 − n.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

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

impl<const FUSED: bool> Avx2<FUSED> {
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

impl<T: Float, const FUSED: bool> Simd<T> for Avx2<FUSED> {
    type V = __m256d;
    type Mask = __m256i;
    const WIDTH: usize = 256 / T::BITS as usize;
    const TILE_COLUMNS: usize = 6;

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
        let pointer = target.as_mut_ptr().cast::<f64>();
        if target.len() >= <Self as Simd<T>>::WIDTH {
            // SAFETY: `self` proves avx2; the slice is WIDTH writable elements of 256 bits in all.
            unsafe { _mm256_storeu_pd(pointer, v) }
            return;
        }
        let mask = <Self as Simd<T>>::mask(self, target.len());
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2; the mask touches only the slice.
            unsafe { _mm256_maskstore_pd(pointer, mask, v) }
        } else {
            // SAFETY: `self` proves avx2; the mask touches only the slice.
            unsafe { _mm256_maskstore_ps(pointer.cast(), mask, _mm256_castpd_ps(v)) }
        }
    }
    #[inline(always)]
    fn mask(self, lanes: usize) -> __m256i {
        let words = (lanes * (T::BITS as usize / 32)).min(8);
        // SAFETY: `self` proves avx2; 8 − words + 8 ≤ 16 elements of `MASKS` are read.
        unsafe { _mm256_loadu_si256(MASKS.as_ptr().add(8 - words).cast()) }
    }
    #[inline(always)]
    unsafe fn load_pointer(self, source: *const T) -> __m256d {
        // SAFETY: `self` proves avx2; the caller vouches for 256 readable bits.
        unsafe { _mm256_loadu_pd(source.cast()) }
    }
    #[inline(always)]
    unsafe fn load_masked(self, source: *const T, mask: __m256i) -> __m256d {
        if T::BITS == 64 {
            // SAFETY: `self` proves avx2; the caller vouches for the lanes of the mask.
            unsafe { _mm256_maskload_pd(source.cast(), mask) }
        } else {
            // SAFETY: `self` proves avx2; the caller vouches for the lanes of the mask.
            unsafe { _mm256_castps_pd(_mm256_maskload_ps(source.cast(), mask)) }
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
}
