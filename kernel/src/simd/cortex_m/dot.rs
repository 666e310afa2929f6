//! The reduction, in f32.

use core::arch::naked_asm;

/// s0 ← the sum of sixteen products, two levels of the tree at once.
macro_rules! of_sixteen {
    () => {
        concat!(
            "vpush {{s16-s31}}\nvldmia r0, {{s0-s15}}\nvldmia r1, {{s16-s31}}\n",
            lines!("vmul.f32": "s0, s0, s16", "s1, s1, s17", "s2, s2, s18", "s3, s3, s19",
                "s4, s4, s20", "s5, s5, s21", "s6, s6, s22", "s7, s7, s23"),
            lines!("vmla.f32": "s0, s8, s24", "s1, s9, s25", "s2, s10, s26", "s3, s11, s27",
                "s4, s12, s28", "s5, s13, s29", "s6, s14, s30", "s7, s15, s31"),
            lines!("vadd.f32": "s0, s0, s4", "s1, s1, s5", "s2, s2, s6", "s3, s3, s7",
                "s0, s0, s2", "s1, s1, s3", "s0, s0, s1"),
            "vpop {{s16-s31}}",
        )
    };
}

/// s0 ← the sum of eight products.
macro_rules! of_eight {
    () => {
        concat!(
            "vldmia r0, {{s0-s7}}\nvldmia r1, {{s8-s15}}\n",
            lines!("vmul.f32": "s0, s0, s8", "s1, s1, s9", "s2, s2, s10", "s3, s3, s11"),
            lines!("vmla.f32": "s0, s4, s12", "s1, s5, s13", "s2, s6, s14", "s3, s7, s15"),
            lines!("vadd.f32": "s0, s0, s2", "s1, s1, s3", "s0, s0, s1"),
        )
    };
}

/// The lanes of s0…s15 added to those of s16…s31.
macro_rules! join_halves {
    () => {
        lines!("vadd.f32": "s16, s16, s0", "s17, s17, s1", "s18, s18, s2", "s19, s19, s3",
            "s20, s20, s4", "s21, s21, s5", "s22, s22, s6", "s23, s23, s7",
            "s24, s24, s8", "s25, s25, s9", "s26, s26, s10", "s27, s27, s11",
            "s28, s28, s12", "s29, s29, s13", "s30, s30, s14", "s31, s31, s15")
    };
}

/// s16 ← the tree over s16…s31.
macro_rules! tree {
    () => {
        lines!("vadd.f32": "s16, s16, s24", "s17, s17, s25", "s18, s18, s26", "s19, s19, s27",
            "s20, s20, s28", "s21, s21, s29", "s22, s22, s30", "s23, s23, s31",
            "s16, s16, s20", "s17, s17, s21", "s18, s18, s22", "s19, s19, s23",
            "s16, s16, s18", "s17, s17, s19", "s16, s16, s17")
    };
}

/// Products of two runs of eight, added to s16…s23, then of two more, added to s24…s31.
macro_rules! sixteen {
    ($operation:literal) => {
        concat!(
            "vldmia r0!, {{s0-s7}}\nvldmia r1!, {{s8-s15}}\n",
            lines!($operation: "s16, s0, s8", "s17, s1, s9", "s18, s2, s10", "s19, s3, s11",
                "s20, s4, s12", "s21, s5, s13", "s22, s6, s14", "s23, s7, s15"),
            "vldmia r0!, {{s0-s7}}\nvldmia r1!, {{s8-s15}}\n",
            lines!($operation: "s24, s0, s8", "s25, s1, s9", "s26, s2, s10", "s27, s3, s11",
                "s28, s4, s12", "s29, s5, s13", "s30, s6, s14", "s31, s7, s15"),
            "add r0, r0, r12\nadd r1, r1, r12\n",
        )
    };
}

/// A product more for each lane: three instructions of four bytes.
macro_rules! tail {
    ($($offset:literal: $lane:literal),+ $(,)?) => {
        concat!($(
            "vldr s0, [r0, #", $offset, "]\nvldr s1, [r1, #", $offset, "]\n",
            "vmla.f32 ", $lane, ", s0, s1\n",
        )+)
    };
}

/// The reduction of 32 lanes, of which sixteen fit into registers: first the upper half of all, then
/// the lower one, then the tree.
///
/// Up to 32 elements each lane has one product, and the first level of the tree is one more step. A lane
/// that begins with its first product, not with +0, may be −0 where the other were +0; the last
/// addition of +0 makes that good.
///
/// # Safety
/// - `x` and `y` are valid for reading n elements.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn dot_f32(x: *const f32, y: *const f32, n: usize) -> f32 {
    naked_asm!(
        unit!(),
        "cmp r2, #16",
        "bne 2f",
        of_sixteen!(),
        "vldr s1, 20f",
        "vadd.f32 s0, s0, s1",
        "bx lr",
        "2:",
        "cmp r2, #8",
        "bne 11f",
        of_eight!(),
        "vldr s1, 20f",
        "vadd.f32 s0, s0, s1",
        "bx lr",
        ".p2align 2",
        "20: .word 0",
        "11:",
        "push {{r4-r7, lr}}",
        "vpush {{s16-s31}}",
        "cmp r2, #32",
        "bhi 3f",
        "and r3, r2, #15",
        "lsrs r2, r2, #4",
        "mov r12, #0",
        "bl 5f",
        "b 4f",
        // The upper lanes: 16…31 of each 32.
        "3:",
        "mov r4, r0",
        "mov r5, r1",
        "mov r6, r2",
        "adds r0, r0, #64",
        "adds r1, r1, #64",
        "mov r12, #64",
        "lsrs r2, r6, #5",
        "and r3, r6, #31",
        "subs r3, r3, #16",
        "it lo",
        "movlo r3, #0",
        "bl 5f",
        "vpush {{s16-s31}}",
        // The lower ones.
        "mov r0, r4",
        "mov r1, r5",
        "add r2, r6, #16",
        "lsrs r2, r2, #5",
        "and r3, r6, #31",
        "cmp r3, #16",
        "it hs",
        "movhs r3, #0",
        "bl 5f",
        "vpop {{s0-s15}}",
        join_halves!(),
        "4:",
        tree!(),
        "vldr s0, 20b",
        "vadd.f32 s0, s16, s0",
        "vpop {{s16-s31}}",
        "pop {{r4-r7, pc}}",
        // s16…s31 ← sums of r2 runs of sixteen products at r0 and r1, r12 bytes between runs, and r3 < 16
        // products more.
        "5:",
        "cbnz r2, 6f",
        zeros!(),
        "b 8f",
        "6:",
        sixteen!("vmul.f32"),
        "subs r2, r2, #1",
        "beq 8f",
        "7:",
        sixteen!("vmla.f32"),
        "subs r2, r2, #1",
        "bne 7b",
        "8:",
        "cmp r3, #0",
        "it eq",
        "bxeq lr",
        // Into the list below, three instructions of four bytes a product, so that r3 are left.
        "rsb r3, r3, #15",
        "add r3, r3, r3, lsl #1",
        "adr.w r7, 9f",
        "add r7, r7, r3, lsl #2",
        "orr r7, r7, #1",
        "bx r7",
        ".p2align 2",
        "9:",
        tail!(
            "56": "s30",
            "52": "s29",
            "48": "s28",
            "44": "s27",
            "40": "s26",
            "36": "s25",
            "32": "s24",
            "28": "s23",
            "24": "s22",
            "20": "s21",
            "16": "s20",
            "12": "s19",
            "8": "s18",
            "4": "s17",
            "0": "s16",
        ),
        "bx lr",
    )
}
