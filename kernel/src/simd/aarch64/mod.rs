//! AArch64: every processor of it has NEON, so there is nothing to ask.

mod neon;

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::machine::Rounding;
use crate::simd::portable::Portable;
use neon::Neon;

/// Stack for packed operands.
pub(crate) const PACK_BYTES: usize = 24 * 1024;

/// Three vectors of 16 bytes by eight columns, twice over.
pub(crate) const TILE_BYTES: usize = 768;

/// Three vectors of 16 bytes.
pub(crate) const STRIP_BYTES: usize = 48;

/// Columns of a panel that is packed whole, strip by strip.
pub(crate) const PANEL_COLUMNS: usize = 256;

/// Largest order of a matrix for which there is code that knows it: fused or not, it gives the bits of Strict.
/// A part of the definition of fused arithmetic, so the same wherever that is.
pub(crate) const FIXED_ORDER: usize = 8;

/// The machines, from the simplest on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Portable,
    Neon,
}

impl Level {
    pub(crate) const ALL: [Self; 2] = [Self::Portable, Self::Neon];
    pub(crate) const NATIVE: Self = Self::Neon;

    /// Whether there is an instruction that multiplies and adds with one rounding.
    pub(crate) const fn fuses(self) -> bool {
        matches!(self, Self::Neon)
    }

    /// The names of the strict and of the fused form.
    pub(crate) const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Portable => ["portable"; 2],
            Self::Neon => ["neon", "neon fused"],
        }
    }
}

/// Nothing to ask.
pub(crate) struct Processor;

impl Processor {
    pub(crate) fn ask() -> Self {
        Self
    }

    /// The level to run on unless the caller wants another.
    pub(crate) fn preferred(&self) -> Level {
        Level::Neon
    }

    pub(crate) fn has(&self, _: Level) -> bool {
        true
    }
}

/// Runs an operation on a level, fused or not.
///
/// # Safety
/// - None is needed: this file is compiled where NEON is enabled for the whole target.
#[inline(always)]
#[expect(unsafe_code, reason = "other targets have levels that may be absent")]
pub(crate) unsafe fn run<T: Float, O: Operation<T>>(
    level: Level,
    rounding: Rounding,
    operation: O,
) -> O::Output {
    match (level, rounding) {
        (Level::Portable, _) => operation.run(Portable),
        (Level::Neon, Rounding::Apart) => operation.run(Neon::<false>::new()),
        (Level::Neon, Rounding::Fused) => operation.run(Neon::<true>::new()),
    }
}
