//! RISC-V in QEMU's board `virt`: trap vector, floating-point unit, the counter of retired instructions.
//!
//! QEMU loads .data where it belongs and memory is zero at the beginning.

use core::arch::{asm, global_asm};

// mstatus.FS = initial, before anything touches a floating-point register; without such registers it stays 0.
global_asm!(
    ".option push",
    ".option arch, +zicsr",
    ".section .vectors, \"ax\"",
    ".globl reset",
    "reset:",
    "la sp, __stack_end",
    "la t0, trap",
    "csrw mtvec, t0",
    "li t0, 0x2000",
    "csrs mstatus, t0",
    "call main",
    ".balign 4",
    "trap:",
    "call bare_fault",
    ".text",
    // The three instructions by which a debugger knows a call: none compressed, all in one page.
    ".option norvc",
    ".globl bare_semihost",
    ".type bare_semihost, @function",
    ".balign 16",
    "bare_semihost:",
    "slli x0, x0, 0x1f",
    "ebreak",
    "srai x0, x0, 7",
    "ret",
    ".size bare_semihost, . - bare_semihost",
    ".option pop",
);

unsafe extern "C" {
    fn bare_semihost(operation: usize, argument: usize) -> usize;
}

/// Asks the debugger, which here is QEMU.
pub(crate) fn semihost(operation: usize, argument: usize) -> usize {
    // SAFETY: the debugger reads what the argument points to; the answer comes in a0.
    unsafe { bare_semihost(operation, argument) }
}

/// The counter runs by itself.
pub fn start_clock() {}

/// Nanoseconds of the emulated clock, which is what QEMU counts as cycles when it counts instructions.
#[must_use]
pub fn nanoseconds() -> u64 {
    loop {
        let (high, low, again): (u32, u32, u32);
        // SAFETY: reads counters.
        unsafe {
            asm!(".option push", ".option arch, +zicsr", "csrr {}, mcycleh", "csrr {}, mcycle",
                 "csrr {}, mcycleh", ".option pop",
                 out(reg) high, out(reg) low, out(reg) again, options(nostack));
        }
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}
