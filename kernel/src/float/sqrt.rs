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

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod machine {
    use core::arch::aarch64::{
        vdup_n_f32, vdup_n_f64, vget_lane_f32, vget_lane_f64, vsqrt_f32, vsqrt_f64,
    };

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        // SAFETY: neon is enabled for this whole target (see the `cfg` above).
        unsafe { vget_lane_f32::<0>(vsqrt_f32(vdup_n_f32(x))) }
    }

    #[inline(always)]
    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        // SAFETY: neon is enabled for this whole target (see the `cfg` above).
        unsafe { vget_lane_f64::<0>(vsqrt_f64(vdup_n_f64(x))) }
    }
}

// Without simd128 the instructions have no stable name; `libm`'s subroutine it is.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod machine {
    use core::arch::wasm32::{
        f32x4_extract_lane, f32x4_splat, f32x4_sqrt, f64x2_extract_lane, f64x2_splat, f64x2_sqrt,
    };

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        f32x4_extract_lane::<0>(f32x4_sqrt(f32x4_splat(x)))
    }

    #[inline(always)]
    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(x)))
    }
}

/// A floating-point unit of unknown size: the ABI says that there is one for f32 at least. It goes by
/// the name `vfp2` only if it has f64 too, and only compilers that allow unstable features tell.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", not(target_feature = "vfp2")))]
mod machine {
    use core::arch::asm;

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        let mut bits = x.to_bits();
        // The compiler hands out no s-register where it does not see `vfp2`, and heeds no clobber of
        // one; so s0 is borrowed and given back.
        // SAFETY: vsqrt.f32 is part of every VFP; only the two core registers are changed.
        unsafe {
            asm!("vmov {kept}, s0", "vmov s0, {x}", "vsqrt.f32 s0, s0", "vmov {x}, s0",
                 "vmov s0, {kept}", x = inout(reg) bits, kept = out(reg) _,
                 options(pure, nomem, nostack));
        }
        f32::from_bits(bits)
    }

    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        libm::sqrt(x)
    }
}

#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_feature = "vfp2"))]
mod machine {
    use core::arch::asm;

    #[inline(always)]
    pub(crate) fn sqrt_f32(x: f32) -> f32 {
        let root: f32;
        // SAFETY: vsqrt.f32 is part of every VFP, reads and writes only the two registers.
        unsafe {
            asm!("vsqrt.f32 {}, {}", out(sreg) root, in(sreg) x, options(pure, nomem, nostack));
        }
        root
    }

    #[inline(always)]
    pub(crate) fn sqrt_f64(x: f64) -> f64 {
        let root: f64;
        // SAFETY: `vfp2` means f64 too; vsqrt.f64 reads and writes only the two registers.
        unsafe {
            asm!("vsqrt.f64 {}, {}", out(dreg_low16) root, in(dreg_low16) x,
                 options(pure, nomem, nostack));
        }
        root
    }
}

#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128"),
    all(target_arch = "arm", target_abi = "eabihf")
)))]
mod machine {
    pub(crate) use libm::{sqrt as sqrt_f64, sqrtf as sqrt_f32};
}

pub(super) use machine::{sqrt_f32, sqrt_f64};
