//! AArch64 in QEMU's board `virt`: exception vectors, memory attributes, the generic timer.
//!
//! QEMU loads .data where it belongs and memory is zero at the beginning.

use core::arch::{asm, global_asm};

// Floating point at this level; then addresses as they are, the first GiB devices, the second memory: without that all of
// it counts as device, where an access must be aligned.
global_asm!(
    ".section .vectors, \"ax\"",
    ".globl reset",
    "reset:",
    "mrs x0, cpacr_el1",
    "orr x0, x0, #(3 << 20)",
    "msr cpacr_el1, x0",
    "adrp x0, exceptions",
    "add x0, x0, :lo12:exceptions",
    "msr vbar_el1, x0",
    "adrp x0, blocks",
    "mov x1, #0x405",
    "str x1, [x0]",
    "movz x1, #0x0701",
    "movk x1, #0x4000, lsl #16",
    "str x1, [x0, #8]",
    "msr ttbr0_el1, x0",
    "mov x1, #0xff",
    "msr mair_el1, x1",
    "movz x1, #0x3519",
    "movk x1, #0x0080, lsl #16",
    "msr tcr_el1, x1",
    "dsb sy",
    "isb",
    "mrs x1, sctlr_el1",
    "movz x2, #0x1005",
    "orr x1, x1, x2",
    "bic x1, x1, #2",
    "msr sctlr_el1, x1",
    "isb",
    "adrp x0, __stack_end",
    "add x0, x0, :lo12:__stack_end",
    "mov sp, x0",
    "mov x29, xzr",
    "bl main",
    "bl bare_fault",
    ".balign 2048",
    "exceptions:",
    ".rept 16",
    "b bare_fault",
    ".balign 128",
    ".endr",
    ".section .bss.blocks, \"aw\", %nobits",
    ".balign 4096",
    "blocks:",
    ".skip 4096",
    ".text",
);

/// Asks the debugger, which here is QEMU.
pub(crate) fn semihost(operation: usize, argument: usize) -> usize {
    let answer;
    // SAFETY: the debugger reads what the argument points to; the answer comes in x0.
    unsafe {
        asm!("hlt #0xf000", inout("x0") operation => answer, in("x1") argument, options(nostack));
    }
    answer
}

/// The counter runs by itself.
pub fn start_clock() {}

/// Nanoseconds of the emulated clock: the counter has 62.5 MHz.
#[must_use]
pub fn nanoseconds() -> u64 {
    let counts: u64;
    // SAFETY: reads a counter.
    unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) counts, options(nostack)) }
    counts * 16
}
