//! Cortex-M in QEMU: vector table, floating-point unit, semihosting.
//!
//! QEMU loads .data where it belongs and memory is zero at the beginning, so nothing is copied.

use core::arch::{asm, global_asm};

// The word of the stack's end, the reset vector, and one answer to every fault.
global_asm!(
    ".section .vectors, \"a\"",
    ".word __stack_end",
    ".word reset",
    ".rept 14",
    ".word fault",
    ".endr",
    ".text",
    ".type fault, %function",
    ".thumb_func",
    "fault:",
    "bl bare_fault",
    ".type reset, %function",
    ".thumb_func",
    "reset:",
);

// CPACR: full access to coprocessors 10 and 11, before anything touches a register of theirs.
#[cfg(target_abi = "eabihf")]
global_asm!(
    "movw r0, #0xED88",
    "movt r0, #0xE000",
    "ldr r1, [r0]",
    "orr r1, r1, #0xF00000",
    "str r1, [r0]",
    "dsb",
    "isb",
);

global_asm!("bl main", "bl bare_fault");

#[unsafe(no_mangle)]
extern "C" fn bare_fault() -> ! {
    print("fault\n\0");
    exit(false)
}

fn semihost(operation: usize, argument: usize) {
    // SAFETY: the debugger reads what the argument points to; the answer comes in r0.
    unsafe { asm!("bkpt #0xAB", inout("r0") operation => _, in("r1") argument, options(nostack)) }
}

/// Prints a text that ends in NUL.
pub fn print(text: &str) {
    semihost(0x04, text.as_ptr() as usize);
}

/// Ends the program.
pub fn exit(ok: bool) -> ! {
    const APPLICATION_EXIT: usize = 0x2_0026;
    const RUN_TIME_ERROR: usize = 0x2_0023;
    loop {
        semihost(0x18, if ok { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    }
}
