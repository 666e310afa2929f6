//! Which machine to run on: a value, found once and passed on.

#![allow(unsafe_code, reason = "enters functions compiled for a machine that was found present")]

use core::fmt;

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::arch::{self, Level, Processor};

/// The machine that vectorized functions run on: their first argument.
///
/// In `Strict` arithmetic, which is the default, every machine gives the same bits. A
/// machine made by [`Machine::fused`] may fuse multiply and add in level 3 and in
/// factorizations; all fused machines agree among themselves.
///
/// | target | machines |
/// |---|---|
/// | x86-64 | portable, sse2, avx2, avx512vl (256-bit vectors, 32 registers, masks), avx512 |
/// | AArch64 | portable, neon |
/// | wasm32 with simd128 | portable, simd128 (never fused) |
/// | others: Cortex-M (inner loops of its own in f32), plain wasm32, … | portable |
///
/// [`Machine::detect`] takes the fastest for this processor; a caller who knows better picks
/// from [`Machine::present`] by [`Machine::name`].
///
/// # Example
/// ```
/// use teeter::{Machine, vector};
/// let machine = Machine::detect();
/// assert_eq!(vector::dot(machine, &[1.0, 2.0], &[3.0, 4.0]), Ok(11.0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Invariant: the processor has it.
    level: Level,
    /// Invariant: fused only where the level fuses.
    rounding: Rounding,
}

/// How multiply and add round in level 3 and factorizations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Apart,
    Fused,
}

impl Machine {
    /// Plain Rust, four lanes: the specification, present everywhere.
    #[must_use]
    pub const fn portable() -> Self {
        Self { level: Level::Portable, rounding: Rounding::Apart }
    }

    /// The best machine that the compiler was told of; costs nothing at run time.
    #[must_use]
    pub const fn native() -> Self {
        Self { level: Level::NATIVE, rounding: Rounding::Apart }
    }

    /// The fastest machine present.
    ///
    /// # Method
    /// On x86-64, CPUID for the instructions, XCR0 for the operating system's consent to save
    /// their registers, vendor and family for the choice between 256-bit and 512-bit vectors; no
    /// std. Takes a microsecond or, under a hypervisor, some tens: call it once and keep the value.
    #[must_use]
    pub fn detect() -> Self {
        Self { level: Processor::ask().preferred(), rounding: Rounding::Apart }
    }

    /// Every machine present, each strict and then fused where it fuses; the first is portable.
    pub fn present() -> impl Iterator<Item = Self> {
        let processor = Processor::ask();
        Level::ALL.into_iter().filter(move |&level| processor.has(level)).flat_map(|level| {
            let strict = Self { level, rounding: Rounding::Apart };
            core::iter::once(strict).chain(level.fuses().then(|| strict.fused()))
        })
    }

    /// The same machine, fusing multiply and add in level 3 and factorizations.
    ///
    /// Unchanged where the machine has no such instruction; [`Machine::is_fused`] tells.
    #[must_use]
    pub const fn fused(self) -> Self {
        let rounding = if self.level.fuses() { Rounding::Fused } else { Rounding::Apart };
        Self { level: self.level, rounding }
    }

    /// The same machine, rounding multiply and add apart.
    #[must_use]
    pub const fn strict(self) -> Self {
        Self { level: self.level, rounding: Rounding::Apart }
    }

    /// Whether level 3 and factorizations fuse multiply and add.
    #[must_use]
    pub const fn is_fused(self) -> bool {
        matches!(self.rounding, Rounding::Fused)
    }

    /// Whether this is the portable machine: a constant where there is no other.
    #[inline(always)]
    pub(crate) const fn is_portable(self) -> bool {
        matches!(self.level, Level::Portable)
    }

    /// A short name: "portable", "avx2", "avx2 fused".
    #[must_use]
    pub const fn name(self) -> &'static str {
        let [strict, fused] = self.level.names();
        if self.is_fused() { fused } else { strict }
    }

    /// A number that stands for this machine, for callers that cannot hold the value (C).
    #[must_use]
    pub const fn code(self) -> u32 {
        1 + 2 * (self.level as u32) + self.rounding as u32
    }

    /// The machine that a number stands for; `None` if it stands for none.
    ///
    /// # Safety
    /// - `code` came from [`Machine::code`] on a processor that has no more than this one.
    #[must_use]
    pub unsafe fn from_code(code: u32) -> Option<Self> {
        Level::ALL.into_iter().find_map(|level| {
            let strict = Self { level, rounding: Rounding::Apart };
            [strict, strict.fused()].into_iter().find(|machine| machine.code() == code)
        })
    }

    /// Runs an operation on this machine.
    #[inline(always)]
    pub fn run<T: Float, O: Operation<T>>(self, operation: O) -> O::Output {
        // SAFETY: by the invariant, the processor has this level.
        unsafe { arch::run(self.level, self.rounding, operation) }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
