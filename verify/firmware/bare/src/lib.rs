//! What a program needs where there is no operating system: a beginning, a way to print, an end.
//!
//! Each target is one module with `print(&str)` and `exit(ok) -> !`; the beginning calls `main`, which
//! the program defines. Cortex-M speaks semihosting, AArch64 two system calls of Linux, WebAssembly
//! imports `print` from whoever loads it.
#![no_std]

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod target;
#[cfg(target_arch = "arm")]
#[path = "cortex_m.rs"]
mod target;
#[cfg(target_arch = "wasm32")]
#[path = "wasm32.rs"]
mod target;

use core::fmt;

pub use target::{exit, print};

/// A line of text on the stack.
pub struct Line {
    bytes: [u8; 120],
    len: usize,
}

impl Line {
    /// Prints what `arguments` make, and a newline; cut off where it is too long.
    pub fn print(arguments: fmt::Arguments<'_>) {
        let mut line = Self { bytes: [0; 120], len: 0 };
        let _ = fmt::write(&mut line, arguments);
        let _ = fmt::Write::write_str(&mut line, "\n\0");
        // Whole strings were copied, so this is text.
        print(core::str::from_utf8(&line.bytes[..line.len]).unwrap_or("?\n\0"));
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            // Room for the newline and the NUL at the end.
            let room = self.bytes.len() - if text == "\n\0" { 0 } else { 2 };
            if self.len < room {
                self.bytes[self.len] = byte;
                self.len += 1;
            }
        }
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    Line::print(format_args!("{info}"));
    exit(false)
}
