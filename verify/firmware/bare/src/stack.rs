//! How deep the stack has been: painted before, looked at after.

use core::ptr::{read_volatile, write_volatile};

const PAINT: u32 = 0xA5A5_A5A5;

/// Below a frame so much is left alone: what painting itself calls lives there.
const OWN: usize = 256;

unsafe extern "C" {
    static mut __stack_start: u32;
    static mut __stack_end: u32;
}

/// Paints all of the stack below its caller.
#[inline(never)]
pub fn paint() {
    let here = 0_u32;
    let top = (&raw const here) as usize - OWN;
    let mut at = (&raw mut __stack_start) as usize;
    while at < top {
        // SAFETY: memory below the stack pointer, which nobody uses: interrupts have not begun.
        unsafe { write_volatile(at as *mut u32, PAINT) };
        at += 4;
    }
}

/// Bytes from the deepest word that was written to the end of the stack.
#[must_use]
pub fn painted() -> usize {
    let end = (&raw mut __stack_end) as usize;
    let mut at = (&raw mut __stack_start) as usize;
    // SAFETY: memory of the stack.
    while at < end && unsafe { read_volatile(at as *const u32) } == PAINT {
        at += 4;
    }
    end - at
}
