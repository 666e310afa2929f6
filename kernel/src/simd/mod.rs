//! THE MACHINE: the only folder that knows instruction sets.
//!
//! An algorithm is a small struct of its arguments that implements [`Operation`]: one
//! body, written against the lane operations of [`Simd`]. [`Machine::run`] matches once
//! and enters the function that is compiled for that machine; everything inside inlines.
//!
//! ```text
//! dot(machine, x, y) ─► machine.run(Dot { x, y }) ─► match ─► Dot::run(Portable)
//!                                                        └──► Dot::run(Avx2)   #[target_feature]
//! ```
//!
//! | file          | holds                                                            |
//! |---------------|------------------------------------------------------------------|
//! | `machine.rs`  | `Machine`: which one, found once, passed on as a value           |
//! | `portable.rs` | four lanes of plain Rust: the specification of every other file  |
//! | `x86_64/`     | SSE2, AVX2, AVX-512 in 256 and 512 bits; their detection         |
//! | `aarch64/`    | NEON                                                             |
//! | `wasm32/`     | simd128, if compiled for it                                      |
//! | `other.rs`    | targets that have only the portable machine: Cortex-M, plain wasm |
//! | `own.rs`      | inner loops that a target writes by hand: `cortex_m/`, else none |
//! | `window.rs`   | strided memory, checked once at construction                     |
//! | `extent.rs`   | what strides a shape may have                                    |
//! | `tile.rs`     | a block of C in registers while k runs                           |
//! | `lines.rs`    | reductions in registers while a vector is read once              |
//! | `pack.rs`     | a strip of a matrix, copied for a tile                           |
//! | `small.rs`    | a small matrix, between a window and arrays                      |
//! | `lane.rs`     | single lanes of a vector                                         |
//! | `unpack.rs`   | a packed strip, written back                                     |
//! | `exchange.rs` | rows of a window, exchanged                                      |
//! | `tree.rs`     | the order in which every reduction adds                          |
//! | `walk.rs`     | how loops walk over slices                                       |
//!
//! A new machine is one file, and its line in the `Level` of its architecture.

#![allow(unsafe_code, reason = "declares the loads and stores by pointer")]

mod exchange;
mod extent;
mod lane;
mod lines;
mod machine;
mod pack;
mod portable;
mod small;
mod tile;
mod tree;
mod unpack;
mod walk;
mod window;

// A Cortex-M with a floating-point unit. Its Thumb instructions are what the loops are written in; stable
// compilers do not tell, but of the targets with this ABI they alone have no atomics of 64 bits.
#[cfg(not(all(target_arch = "arm", target_abi = "eabihf", not(target_has_atomic = "64"))))]
pub(crate) mod own;
#[cfg(all(target_arch = "arm", target_abi = "eabihf", not(target_has_atomic = "64")))]
#[path = "cortex_m/mod.rs"]
pub(crate) mod own;

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
#[path = "aarch64/mod.rs"]
mod arch;
#[cfg(not(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128"),
    all(target_arch = "x86_64", target_feature = "sse2")
)))]
#[path = "other.rs"]
mod arch;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "wasm32/mod.rs"]
mod arch;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[path = "x86_64/mod.rs"]
mod arch;

use crate::float::Float;

pub(crate) use arch::FIXED_ORDER;
pub(crate) use exchange::{Order, exchange_rows, swap_rows};
pub(crate) use extent::extent;
pub(crate) use lane::{lane, with_lane};
pub(crate) use lines::{is_short, line_products};
pub use machine::Machine;
pub(crate) use pack::{
    OperandBuffer, PANEL_COLUMNS, PanelBuffer, SMALL_COLUMNS, SmallBuffer, TileBuffer,
    WIDE_COLUMNS, WideBuffer, pack_padded,
};
pub(crate) use small::{Written, to_columns, write_columns};
pub(crate) use tile::{
    Scales, Tile, accumulate, even_vectors, load_tile, store_tile, strip_vectors, substitute,
    tile_element, tile_vectors,
};
pub(crate) use tree::{REGISTERS_MAX, registers, sum_registers, sum_registers_each};
pub(crate) use unpack::unpack_lower;
pub(crate) use walk::{
    AddScaled, AddTwiceScaled, Divided, Elementwise, apply, apply_each, block, block_mut, exchange,
    part, part_mut, pieces, pieces_mut, renew, renew_slowly,
};
pub use window::{Window, WindowMut};

/// An algorithm with its arguments, ready to run on any machine.
pub trait Operation<T: Float> {
    /// What it returns.
    type Output;

    /// Whether it is done before wide vectors would pay for the way to them: such an operation runs in place,
    /// on the vectors that every processor of the architecture has. Only for strict ones.
    #[inline(always)]
    fn is_short(&self) -> bool {
        false
    }

    /// The body. Implementations are `#[inline(always)]`, so that it is compiled anew
    /// inside the entry function of each machine.
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output;
}

/// The lane operations of a machine: few, cheap on all of them, and total.
///
/// The value itself is the proof that the machine is present. Every operation rounds
/// once, as IEEE 754 says, except [`Simd::mul_add`] on a fused machine.
pub trait Simd<T: Float>: Copy {
    /// `WIDTH` lanes.
    type V: Copy;
    /// Which of the first lanes to touch.
    type Mask: Copy;
    /// Lanes in `V`.
    const WIDTH: usize;
    /// Columns of the largest block of C that stays in registers, at one, two and three vectors
    /// a column; 0 where there are not the registers.
    const TILE_COLUMNS: [usize; 3];
    /// Whether a masked load costs what a plain one does.
    const MASKS_ARE_FREE: bool;
    /// Vectors of half the width, or these where there are no narrower ones.
    type Half: Simd<T>;

    /// The same machine with vectors of half the width. It may not fuse where this one does: for
    /// levels 1 and 2, which never fuse.
    fn half(self) -> Self::Half;

    /// Runs an operation in a function of its own, compiled for this machine: where inlining
    /// would leave one body too large for its registers.
    fn call<O: Operation<T>>(self, operation: O) -> O::Output;

    /// x in every lane.
    fn splat(self, x: T) -> Self::V;
    /// The first `WIDTH` elements; +0.0 where there are fewer.
    fn load(self, source: &[T]) -> Self::V;
    /// Writes the first lanes, as many as there is room for.
    fn store(self, v: Self::V, target: &mut [T]);
    /// The mask of the first `lanes` lanes.
    fn mask(self, lanes: usize) -> Self::Mask;
    /// Reads `WIDTH` elements.
    ///
    /// # Safety
    /// - `source` is valid for reading `WIDTH` elements.
    unsafe fn load_pointer(self, source: *const T) -> Self::V;
    /// Reads the elements in the mask; +0.0 elsewhere.
    ///
    /// # Safety
    /// - `source` is valid for reading as many elements as the mask has lanes.
    unsafe fn load_masked(self, source: *const T, mask: Self::Mask) -> Self::V;

    /// Writes `WIDTH` elements.
    ///
    /// # Safety
    /// - `target` is valid for writing `WIDTH` elements.
    unsafe fn store_pointer(self, v: Self::V, target: *mut T);
    /// Writes the elements in the mask and no other.
    ///
    /// # Safety
    /// - `target` is valid for writing as many elements as the mask has lanes.
    unsafe fn store_masked(self, v: Self::V, target: *mut T, mask: Self::Mask);

    /// a + b
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// a − b
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// a·b
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// a/b
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// √a
    fn sqrt(self, a: Self::V) -> Self::V;
    /// |a|
    fn abs(self, a: Self::V) -> Self::V;
    /// |magnitude| with the sign of `sign`.
    fn copysign(self, magnitude: Self::V, sign: Self::V) -> Self::V;
    /// a·b + c: two roundings on a strict machine, one on a fused one.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// c − a·b: two roundings on a strict machine, one on a fused one.
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// c − a·b of single numbers, rounded as [`Simd::neg_mul_add`] rounds its lanes.
    #[inline(always)]
    fn neg_mul_add_one(self, a: T, b: T, c: T) -> T {
        c - a * b
    }
    /// a < b ? x : y, lane by lane; a comparison with NaN is false.
    fn select_less(self, ab: [Self::V; 2], x: Self::V, y: Self::V) -> Self::V;
    /// 2ᵏ, from the sum of k and 1.5·2^(p−1), which holds k in its low bits.
    ///
    /// For k in the exponent range of normal numbers; garbage beyond, never a fault.
    fn power_of_two(self, biased: Self::V) -> Self::V;
    /// ⌊log₂|a|⌋ of a normal number, as a number; garbage otherwise, never a fault.
    fn exponent(self, a: Self::V) -> Self::V;
    /// |a|/2^⌊log₂|a|⌋ of a normal number, in [1, 2); garbage otherwise, never a fault.
    fn mantissa(self, a: Self::V) -> Self::V;
    /// a₀ b₀ a₁ b₁ …: the lower half, then the upper one.
    fn interleave(self, a: Self::V, b: Self::V) -> [Self::V; 2];
    /// The sum of the lanes by halving: lane j takes lane j + WIDTH/2, and so on.
    fn sum(self, v: Self::V) -> T;
    /// [`Simd::sum`] of each of four vectors, the same bits.
    #[inline(always)]
    fn sum_each(self, v: [Self::V; 4]) -> [T; 4] {
        let [a, b, c, d] = v;
        [self.sum(a), self.sum(b), self.sum(c), self.sum(d)]
    }
}
