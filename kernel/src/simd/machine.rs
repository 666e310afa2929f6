//! Which machine to run on: a value, found once and passed on.

#![allow(unsafe_code, reason = "enters functions compiled for a machine that was found present")]

use core::fmt;

use crate::float::Float;
use crate::simd::Operation;
use crate::simd::portable::Portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use crate::simd::x86::{self, Avx2};

/// The machine that vectorized functions run on: their first argument.
///
/// In `Strict` arithmetic, which is the default, every machine gives the same bits. A
/// machine made by [`Machine::fused`] may fuse multiply and add in level 3 and in
/// factorizations; all fused machines agree among themselves.
///
/// # Example
/// ```
/// use teeter::{Machine, vector};
/// let machine = Machine::detect();
/// assert_eq!(vector::dot(machine, &[1.0, 2.0], &[3.0, 4.0]), Ok(11.0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Machine(Level);

/// Invariant: a variant other than `Portable` exists only where its instructions do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Portable,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Avx2,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Avx2Fused,
}

impl Machine {
    /// Plain Rust, four lanes: the specification, present everywhere.
    #[must_use]
    pub const fn portable() -> Self {
        Self(Level::Portable)
    }

    /// The best machine that the compiler was told of; costs nothing at run time.
    #[must_use]
    pub const fn native() -> Self {
        #[cfg(all(target_arch = "x86_64", target_feature = "avx2", target_feature = "fma"))]
        let level = Level::Avx2;
        #[cfg(not(all(target_arch = "x86_64", target_feature = "avx2", target_feature = "fma")))]
        let level = Level::Portable;
        Self(level)
    }

    /// The best machine present.
    ///
    /// # Method
    /// CPUID for the instructions, XCR0 for the operating system's consent to save their
    /// registers; no std. Takes a microsecond or, under a hypervisor, several: call it
    /// once and keep the value.
    #[must_use]
    pub fn detect() -> Self {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if x86::avx2_and_fma_present() {
            return Self(Level::Avx2);
        }
        Self::native()
    }

    /// Every machine present, each strict and fused where it fuses; the first is portable.
    pub fn present() -> impl Iterator<Item = Self> {
        let best = Self::detect();
        let list = [Self::portable(), best, best.fused()];
        (0..list.len()).filter_map(move |i| {
            let machine = *list.get(i)?;
            let seen = list.iter().take(i).any(|&earlier| earlier == machine);
            (!seen).then_some(machine)
        })
    }

    /// The same machine, fusing multiply and add in level 3 and factorizations.
    ///
    /// Unchanged where the machine has no such instruction; [`Machine::is_fused`] tells.
    #[must_use]
    pub const fn fused(self) -> Self {
        match self.0 {
            Level::Portable => self,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2 | Level::Avx2Fused => Self(Level::Avx2Fused),
        }
    }

    /// The same machine, rounding multiply and add apart.
    #[must_use]
    pub const fn strict(self) -> Self {
        match self.0 {
            Level::Portable => self,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2 | Level::Avx2Fused => Self(Level::Avx2),
        }
    }

    /// Whether level 3 and factorizations fuse multiply and add.
    #[must_use]
    pub fn is_fused(self) -> bool {
        self != self.strict()
    }

    /// A short name: "portable", "avx2", "avx2 fused".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2 => "avx2",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2Fused => "avx2 fused",
        }
    }

    /// A number that stands for this machine, for callers that cannot hold the value (C).
    #[must_use]
    pub const fn code(self) -> u32 {
        match self.0 {
            Level::Portable => 1,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2 => 2,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2Fused => 3,
        }
    }

    /// The machine that a number stands for; `None` if it stands for none.
    ///
    /// # Safety
    /// - `code` came from [`Machine::code`] on a processor that has no more than this one.
    #[must_use]
    pub const unsafe fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self(Level::Portable)),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            2 => Some(Self(Level::Avx2)),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            3 => Some(Self(Level::Avx2Fused)),
            _ => None,
        }
    }

    /// Runs an operation on this machine.
    #[inline(always)]
    pub fn run<T: Float, O: Operation<T>>(self, operation: O) -> O::Output {
        match self.0 {
            Level::Portable => operation.run(Portable),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2 => {
                // SAFETY: by the invariant of `Level`, this machine has avx2 and fma.
                unsafe { x86::enter(Avx2::<false>::assume_present(), operation) }
            }
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Level::Avx2Fused => {
                // SAFETY: by the invariant of `Level`, this machine has avx2 and fma.
                unsafe { x86::enter(Avx2::<true>::assume_present(), operation) }
            }
        }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
