//! Cortex-M in QEMU: vector table, floating-point unit, SysTick.
//!
//! QEMU loads .data where it belongs and memory is zero at the beginning, so nothing is copied.

use core::arch::{asm, global_asm};
use core::ptr::{read_volatile, write_volatile};
use core::sync::atomic::{AtomicU32, Ordering};

// The word of the stack's end, the reset vector, one answer to every fault, and the tick.
global_asm!(
    ".section .vectors, \"a\"",
    ".word __stack_end",
    ".word reset",
    ".rept 13",
    ".word fault",
    ".endr",
    ".word bare_tick",
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

/// Asks the debugger, which here is QEMU.
pub(crate) fn semihost(operation: usize, argument: usize) -> usize {
    let answer;
    // SAFETY: the debugger reads what the argument points to; the answer comes in r0.
    unsafe { asm!("bkpt #0xAB", inout("r0") operation => answer, in("r1") argument, options(nostack)) }
    answer
}

const SYSTICK: *mut u32 = 0xE000_E010 as *mut u32;

/// Milliseconds since the clock was started, as interrupts counted them.
static TICKS: AtomicU32 = AtomicU32::new(0);

#[unsafe(no_mangle)]
extern "C" fn bare_tick() {
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

unsafe extern "C" {
    /// Quarters of a nanosecond in a count of SysTick: the linker knows the chip.
    static quarter_ns: u8;
}

fn quarters() -> u32 {
    (&raw const quarter_ns) as usize as u32
}

fn counts_per_tick() -> u32 {
    4_000_000_u32.checked_div(quarters()).unwrap_or(1)
}

/// Starts SysTick: an interrupt each millisecond.
pub fn start_clock() {
    // SAFETY: reload value, current value, control: processor clock, interrupt, on; these are the registers of SysTick.
    unsafe {
        write_volatile(SYSTICK.add(1), counts_per_tick() - 1);
        write_volatile(SYSTICK.add(2), 0);
        write_volatile(SYSTICK, 0b111);
    }
}

/// Nanoseconds of the emulated clock since it was started.
#[must_use]
pub fn nanoseconds() -> u64 {
    loop {
        let ticks = TICKS.load(Ordering::Relaxed);
        // SAFETY: the current value of SysTick, which runs down.
        let left = unsafe { read_volatile(SYSTICK.add(2)) };
        // Between the end of a count and its interrupt the tick is not counted yet.
        let turning = left == 0;
        if !turning && ticks == TICKS.load(Ordering::Relaxed) {
            let all = counts_per_tick();
            let counts = u64::from(ticks) * u64::from(all) + u64::from(all.wrapping_sub(left));
            return (counts * u64::from(quarters())) >> 2;
        }
    }
}
