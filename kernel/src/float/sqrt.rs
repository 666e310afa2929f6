//! √x by the machine's instruction; `libm`'s subroutine where there is none.
//!
//! IEEE 754 asks for the correctly rounded root, so all of these give the same bits.
//! Whole functions are replaced per target, never lines within one.

#![allow(unsafe_code, reason = "the one scalar instruction that `core` does not offer")]

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod machine {
    use core::arch::x86_64::{
        _mm_cvtsd_f64, _mm_cvtss_f32, _mm_set_sd, _mm_set_ss, _mm_sqrt_sd, _mm_sqrt_ss,
    };

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        // SAFETY: sse2 is enabled for this whole target (see the `cfg` above).
        unsafe { _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))) }
    }

    #[inline(always)]
    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        // SAFETY: sse2 is enabled for this whole target (see the `cfg` above).
        unsafe {
            let x = _mm_set_sd(x);
            _mm_cvtsd_f64(_mm_sqrt_sd(x, x))
        }
    }
}

#[cfg(all(target_arch = "arm", target_feature = "vfp2"))]
mod machine {
    use core::arch::asm;

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        let root: f32;
        // SAFETY: vsqrt.f32 is part of every VFP, reads and writes only the two registers.
        unsafe {
            asm!("vsqrt.f32 {}, {}", out(sreg) root, in(sreg) x,
                 options(pure, nomem, nostack, preserves_flags));
        }
        root
    }

    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        libm::sqrt(x)
    }
}

#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "arm", target_feature = "vfp2")
)))]
mod machine {
    pub(crate) use libm::{sqrt as sqrt_f64, sqrtf as sqrt_f32};
}

pub(super) use machine::{sqrt_f32, sqrt_f64};
