//! What a program needs where there is no operating system: a beginning, a way to print, an end.
//!
//! Each target is one module: the beginning, which calls the `main` that the program defines, and a clock. Cortex-M, RISC-V and
//! AArch64 speak to a debugger (`semihosting.rs`), AArch64 under Linux makes two system calls, WebAssembly
//! imports `print` from whoever loads it.
#![no_std]

#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
#[path = "linux.rs"]
mod target;
#[cfg(all(target_arch = "aarch64", target_os = "none"))]
#[path = "aarch64.rs"]
mod target;
#[cfg(target_arch = "arm")]
#[path = "cortex_m.rs"]
mod target;
#[cfg(target_arch = "riscv32")]
#[path = "riscv32.rs"]
mod target;
#[cfg(target_arch = "wasm32")]
#[path = "wasm32.rs"]
mod target;

#[cfg(target_os = "none")]
pub mod semihosting;
#[cfg(target_os = "none")]
pub mod stack;

use core::fmt;

#[cfg(target_os = "none")]
pub use semihosting::{exit, print};
#[cfg(not(target_os = "none"))]
pub use target::{exit, print};
pub use target::{nanoseconds, start_clock};

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

/// Prints a name and a number, without the machinery of formatting: it brings panics along.
pub fn say(name: &str, value: u64) {
    let mut line = Line { bytes: [0; 120], len: 0 };
    let mut digits = [0; 20];
    let (mut rest, mut count) = (value, 0);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    let unused = digits.len().saturating_sub(count);
    let number = digits.get(unused..).unwrap_or(&[]);
    for text in [name.as_bytes(), b" ", number, b"\n\0"] {
        line.push(text);
    }
    let text = line.bytes.get(..line.len).unwrap_or(&[]);
    print(core::str::from_utf8(text).unwrap_or("?\n\0"));
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.len..).unwrap_or(&mut []);
        room.iter_mut().zip(text).for_each(|(to, &from)| *to = from);
        self.len += text.len();
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    Line::print(format_args!("{info}"));
    exit(false)
}
