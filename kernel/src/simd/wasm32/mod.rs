//! WebAssembly compiled with simd128: a module that has it runs only where it exists, so there is
//! nothing to ask.
//!
//! Strict only. The relaxed multiply-add of later engines may round once or twice, as it likes.

mod simd128;

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::machine::Rounding;
use crate::simd::portable::Portable;
use simd128::Simd128;

/// Stack for packed operands.
pub(crate) const PACK_BYTES: usize = 24 * 1024;

/// Two vectors of 16 bytes by four columns, or four of 8 by four, twice over.
pub(crate) const TILE_BYTES: usize = 256;

/// Two vectors of 16 bytes.
pub(crate) const STRIP_BYTES: usize = 32;

/// Columns of a panel that is packed whole, strip by strip.
pub(crate) const PANEL_COLUMNS: usize = 256;

/// Largest order of a matrix for which there is code that knows it: none, for that is much code.
pub(crate) const FIXED_ORDER: usize = 0;

/// The machines, from the simplest on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Portable,
    Simd128,
}

impl Level {
    pub(crate) const ALL: [Self; 2] = [Self::Portable, Self::Simd128];
    pub(crate) const NATIVE: Self = Self::Simd128;

    pub(crate) const fn fuses(self) -> bool {
        false
    }

    pub(crate) const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Portable => ["portable"; 2],
            Self::Simd128 => ["simd128"; 2],
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
        Level::Simd128
    }

    pub(crate) fn has(&self, _: Level) -> bool {
        true
    }
}

/// Runs an operation on a level.
///
/// # Safety
/// - None is needed: this file is compiled where simd128 is enabled for the whole module.
#[inline(always)]
#[expect(unsafe_code, reason = "other targets have levels that may be absent")]
pub(crate) unsafe fn run<T: Float, O: Operation<T>>(
    level: Level,
    _: Rounding,
    operation: O,
) -> O::Output {
    match level {
        Level::Portable => operation.run(Portable),
        Level::Simd128 => operation.run(Simd128::new()),
    }
}
