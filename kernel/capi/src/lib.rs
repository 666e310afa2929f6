//! C ABI of teeter: `libteeter_c.a` or the shared library, with `include/teeter.h`.
//!
//! Every function returns a status, writes its results through pointers only when the status
//! is 0, and keeps no state. Null, misaligned and overlapping memory is refused with a status.
//! A machine is a number made once by [`teeter_machine_detect`].
//!
//! | file          | functions                                              |
//! |---------------|--------------------------------------------------------|
//! | `status.rs`   | status codes and their text                            |
//! | `machine.rs`  | which machine to run on                                |
//! | `memory.rs`   | pointers from C, checked once                          |
//! | `vector.rs`   | `teeter_dot_*`, `teeter_norm2_*`, `teeter_axpy_*`      |
//! | `krylov.rs`   | `teeter_extremal_eigenpair_*` on a callback operator   |
//!
//! On a target without an operating system the library brings a panic handler, which no
//! function of it can reach.
#![cfg_attr(target_os = "none", no_std)]
#![allow(unsafe_code, reason = "the border to C: pointers and exported names")]

mod krylov;
mod machine;
mod memory;
mod status;
mod vector;

pub use krylov::*;
pub use machine::*;
pub use status::*;
pub use vector::*;

/// Nothing in this library panics; the linker still wants to know where a panic would go.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
