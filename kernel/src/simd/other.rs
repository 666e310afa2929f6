//! A target without a machine of its own: plain Rust.

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::machine::Rounding;
use crate::simd::portable::Portable;

/// Stack for packed operands: a microcontroller has little.
pub(crate) const PACK_BYTES: usize = 2 * 1024;

/// Four numbers of 8 bytes by four columns, twice over.
pub(crate) const TILE_BYTES: usize = 256;

/// Four lanes of f64.
pub(crate) const STRIP_BYTES: usize = 32;

/// Columns of a panel that is packed whole, strip by strip.
pub(crate) const PANEL_COLUMNS: usize = 64;

/// Largest order of a matrix for which there is code that knows it: none, for that is much code.
pub(crate) const FIXED_ORDER: usize = 0;

/// The machines of this target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Portable,
}

impl Level {
    pub(crate) const ALL: [Self; 1] = [Self::Portable];
    pub(crate) const NATIVE: Self = Self::Portable;

    pub(crate) const fn fuses(self) -> bool {
        false
    }

    pub(crate) const fn names(self) -> [&'static str; 2] {
        ["portable"; 2]
    }
}

/// Nothing to ask.
pub(crate) struct Processor;

impl Processor {
    pub(crate) fn ask() -> Self {
        Self
    }

    pub(crate) fn preferred(&self) -> Level {
        Level::Portable
    }

    pub(crate) fn has(&self, _: Level) -> bool {
        true
    }
}

/// Runs an operation.
///
/// # Safety
/// - None is needed; other targets have levels that may be absent.
#[inline(always)]
pub(crate) unsafe fn run<T: Float, O: Operation<T>>(
    _: Level,
    _: Rounding,
    operation: O,
) -> O::Output {
    operation.run(Portable)
}
