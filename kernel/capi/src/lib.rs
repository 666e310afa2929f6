//! C ABI of teeter: `libteeter_c.a` or the shared library, with `include/teeter.h`.
//!
//! Every function returns a status, writes its results through pointers only when the status
//! is 0, and keeps no state. Null, misaligned and overlapping memory is refused with a status.
//! A machine is a number made once by [`teeter_machine_detect`].
//!
//! | file           | what                                                            |
//! |----------------|-----------------------------------------------------------------|
//! | `status.rs`    | status codes and their text                                     |
//! | `machine.rs`   | which machine to run on                                         |
//! | `constants.rs` | the names of numbers that choose and tell                       |
//! | `random.rs`    | streams                                                         |
//! | `shape.rs`     | the form of a network                                           |
//! | `sizes.rs`     | how much scratch each call needs                                |
//! | `memory.rs`    | pointers from C, checked once, and against one another          |
//! | `kept.rs`      | step machines in structs that the caller owns                   |
//! | `outcome.rs`   | results that carry the code of a caller's function              |
//! | `double/`      | everything in f64                                               |
//! | `single/`      | the same in f32: derived from `double/` by `kernel/capi/header` |
//!
//! Functions are written out for both formats rather than stamped by a macro, so that `cbindgen` can read
//! them without a nightly compiler.
//!
//! On a target without an operating system the library brings a panic handler, which no
//! function of it can reach.
#![cfg_attr(target_os = "none", no_std)]
#![allow(unsafe_code, reason = "the border to C: pointers and exported names")]
#![allow(nonstandard_style, reason = "types are named as C sees them")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the same for all: the pointers are valid for the lengths given, as the header says"
)]

mod constants;
mod double;
mod kept;
mod machine;
mod memory;
mod outcome;
mod random;
mod shape;
mod single;
mod sizes;
mod status;

pub use constants::*;
pub use double::*;
pub use machine::*;
pub use random::*;
pub use shape::*;
pub use single::*;
pub use sizes::*;
pub use status::*;

/// Nothing in this library panics; the linker still wants to know where a panic would go.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
