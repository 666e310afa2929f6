//! A multiple of a vector, subtracted from another, in f32.

use core::arch::naked_asm;

/// y ← y − factor·x, seven elements at a time: as many as fit without saving registers.
///
/// # Safety
/// - `x` is valid for reading n elements, `y` for reading and writing them, and they do not overlap.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn subtract_scaled_f32(
    x: *const f32,
    y: *mut f32,
    n: usize,
    factor: f32,
) {
    naked_asm!(
        unit!(),
        "subs r2, r2, #7",
        "blo 3f",
        "2:",
        "vldmia r0!, {{s1-s7}}",
        "vldmia r1, {{s8-s14}}",
        lines!("vmul.f32": "s1, s1, s0", "s2, s2, s0", "s3, s3, s0", "s4, s4, s0",
            "s5, s5, s0", "s6, s6, s0", "s7, s7, s0"),
        lines!("vsub.f32": "s8, s8, s1", "s9, s9, s2", "s10, s10, s3", "s11, s11, s4",
            "s12, s12, s5", "s13, s13, s6", "s14, s14, s7"),
        "vstmia r1!, {{s8-s14}}",
        "subs r2, r2, #7",
        "bhs 2b",
        "3:",
        "adds r2, r2, #7",
        "beq 6f",
        "subs r2, r2, #4",
        "blo 4f",
        "vldmia r0!, {{s1-s4}}",
        "vldmia r1, {{s8-s11}}",
        lines!("vmul.f32": "s1, s1, s0", "s2, s2, s0", "s3, s3, s0", "s4, s4, s0"),
        lines!("vsub.f32": "s8, s8, s1", "s9, s9, s2", "s10, s10, s3", "s11, s11, s4"),
        "vstmia r1!, {{s8-s11}}",
        "beq 6f",
        "b 5f",
        "4:",
        "adds r2, r2, #4",
        "5:",
        "vldmia r0!, {{s1}}",
        "vldr s8, [r1]",
        "vmul.f32 s1, s1, s0",
        "vsub.f32 s8, s8, s1",
        "vstmia r1!, {{s8}}",
        "subs r2, r2, #1",
        "bne 5b",
        "6:",
        "bx lr",
    )
}
