//! x86-64: which of its machines are present, and how an operation enters each.

#![allow(unsafe_code, reason = "enters functions compiled for a machine that was found present")]

mod avx2;
mod avx512;
mod sse2;

use core::arch::x86_64::*;

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::machine::Rounding;
use crate::simd::portable::Portable;
use avx2::Avx2;
use avx512::Avx512;
use sse2::Sse2;

/// Stack for packed operands: a strip and what streams past it stay in 32 KiB of first cache.
pub(crate) const PACK_BYTES: usize = 24 * 1024;

/// Three vectors of 64 bytes by eight columns, twice over.
pub(crate) const TILE_BYTES: usize = 3 * 1024;

/// Three vectors of 64 bytes.
pub(crate) const STRIP_BYTES: usize = 192;

/// Columns of a panel that is packed whole, strip by strip.
pub(crate) const PANEL_COLUMNS: usize = 256;

/// Largest order of a matrix for which there is code that knows it: fused or not, it gives the bits of Strict.
/// A part of the definition of fused arithmetic, so the same wherever that is.
pub(crate) const FIXED_ORDER: usize = 8;

/// The machines, from the simplest on; a later one needs at least what an earlier one does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Portable,
    Sse2,
    Avx2,
    /// 256-bit vectors with the 32 registers and the masks of AVX-512: for processors with one
    /// 512-bit unit where the 256-bit ones are two.
    Avx512Vl,
    Avx512,
}

impl Level {
    pub(crate) const ALL: [Self; 5] =
        [Self::Portable, Self::Sse2, Self::Avx2, Self::Avx512Vl, Self::Avx512];

    /// The best one that the compiler was told of.
    pub(crate) const NATIVE: Self = if cfg!(all(target_feature = "avx2", target_feature = "fma")) {
        Self::Avx2
    } else {
        Self::Sse2
    };

    /// Whether there is an instruction that multiplies and adds with one rounding.
    pub(crate) const fn fuses(self) -> bool {
        matches!(self, Self::Avx2 | Self::Avx512Vl | Self::Avx512)
    }

    /// The names of the strict and of the fused form.
    pub(crate) const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Portable => ["portable"; 2],
            Self::Sse2 => ["sse2"; 2],
            Self::Avx2 => ["avx2", "avx2 fused"],
            Self::Avx512Vl => ["avx512vl", "avx512vl fused"],
            Self::Avx512 => ["avx512", "avx512 fused"],
        }
    }
}

/// What CPUID and XCR0 say; asked once, since under a hypervisor each question is slow.
pub(crate) struct Processor {
    best: Level,
    preferred: Level,
}

impl Processor {
    pub(crate) fn ask() -> Self {
        let best = best();
        let preferred =
            if best == Level::Avx512 && halves_are_better() { Level::Avx512Vl } else { best };
        Self { best, preferred }
    }

    /// The level to run on unless the caller wants another.
    pub(crate) fn preferred(&self) -> Level {
        self.preferred
    }

    pub(crate) fn has(&self, level: Level) -> bool {
        level <= self.best
    }
}

/// The highest level whose instructions the processor has and whose registers the operating
/// system saves.
fn best() -> Level {
    const FMA: u32 = 1 << 12;
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const AVX2: u32 = 1 << 5;
    const AVX512F: u32 = 1 << 16;
    const AVX512DQ: u32 = 1 << 17;
    const AVX512VL: u32 = 1 << 31;
    /// XMM and YMM state in XCR0.
    const YMM_STATE: u64 = 0b110;
    /// Besides, mask registers, upper halves of ZMM0–15, and ZMM16–31.
    const ZMM_STATE: u64 = 0b1110_0110;
    if __cpuid(0).eax < 7 {
        return Level::Sse2;
    }
    let needed = FMA | OSXSAVE | AVX;
    if __cpuid(1).ecx & needed != needed {
        return Level::Sse2;
    }
    // SAFETY: OSXSAVE is set, so the operating system has enabled xgetbv.
    let saved = unsafe { extended_control_register() };
    let extended = __cpuid_count(7, 0).ebx;
    if saved & YMM_STATE != YMM_STATE || extended & AVX2 == 0 {
        return Level::Sse2;
    }
    let wide = AVX512F | AVX512DQ | AVX512VL;
    if saved & ZMM_STATE == ZMM_STATE && extended & wide == wide {
        Level::Avx512
    } else {
        Level::Avx2
    }
}

/// Whether 256-bit vectors are at least as fast as 512-bit ones: on Intel's client parts, which have
/// one 512-bit multiplier where the servers have two. AMD's Zen 4, which runs a 512-bit
/// instruction as two halves, gains from the fewer instructions all the same (measured: 8 to 12 %
/// in `gemm`).
fn halves_are_better() -> bool {
    // "ntel" of GenuineIntel: the last of the three words.
    const INTEL: u32 = 0x6C65_746E;
    let identity = __cpuid(1).eax;
    let model = identity >> 4 & 0xF | identity >> 12 & 0xF0;
    __cpuid(0).ecx == INTEL && matches!(model, 0x66 | 0x7D | 0x7E | 0x8C | 0x8D | 0xA7)
}

/// XCR0: which register files the operating system saves.
#[target_feature(enable = "xsave")]
fn extended_control_register() -> u64 {
    // SAFETY: register 0 exists wherever xgetbv does.
    unsafe { _xgetbv(0) }
}

/// Runs an operation on a level, fused or not.
///
/// # Safety
/// - The processor has the level.
#[inline(always)]
pub(crate) unsafe fn run<T: Float, O: Operation<T>>(
    level: Level,
    rounding: Rounding,
    operation: O,
) -> O::Output {
    match (level, rounding) {
        (Level::Portable, _) => operation.run(Portable),
        // The same bits, without a call.
        _ if operation.is_short() => operation.run(Sse2::new()),
        (Level::Sse2, _) => operation.run(Sse2::new()),
        // SAFETY: the caller vouches for the level; so in every arm.
        (Level::Avx2, Rounding::Apart) => unsafe { avx2(Avx2::<false, false>::new(), operation) },
        // SAFETY: as above.
        (Level::Avx2, Rounding::Fused) => unsafe { avx2(Avx2::<true, false>::new(), operation) },
        // SAFETY: as above.
        (Level::Avx512Vl, Rounding::Apart) => unsafe {
            avx512vl(Avx2::<false, true>::new(), operation)
        },
        // SAFETY: as above.
        (Level::Avx512Vl, Rounding::Fused) => unsafe {
            avx512vl(Avx2::<true, true>::new(), operation)
        },
        // SAFETY: as above.
        (Level::Avx512, Rounding::Apart) => unsafe { avx512(Avx512::<false>::new(), operation) },
        // SAFETY: as above.
        (Level::Avx512, Rounding::Fused) => unsafe { avx512(Avx512::<true>::new(), operation) },
    }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2<T: Float, O: Operation<T>, const F: bool>(simd: Avx2<F, false>, operation: O) -> O::Output {
    operation.run(simd)
}

#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
#[inline]
fn avx512vl<T: Float, O: Operation<T>, const F: bool>(
    simd: Avx2<F, true>,
    operation: O,
) -> O::Output {
    operation.run(simd)
}

#[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl")]
#[inline]
fn avx512<T: Float, O: Operation<T>, const F: bool>(simd: Avx512<F>, operation: O) -> O::Output {
    operation.run(simd)
}
