//! Columns of a Cholesky factor, in f32.

use core::arch::naked_asm;

use super::TILE;

/// What [`columns_f32`] is told; it reads it by its layout, and moves the first, third and fourth on.
#[repr(C)]
pub(super) struct Columns {
    /// The first element of the row that the next block on the diagonal begins with.
    pub(super) row: *mut f32,
    /// Bytes from a column to the next.
    pub(super) step: usize,
    /// Columns before the block.
    pub(super) finished: usize,
    /// Blocks of rows below it; −1, modulo 2^bits, when all are done.
    pub(super) below: usize,
    /// Not 0 if a pivot of the last block had no reciprocal that is a normal number.
    pub(super) unusual: usize,
    /// Of the last block.
    pub(super) pivots: [f32; TILE],
    /// The last block of L by columns, reciprocals on its diagonal.
    pub(super) block: [f32; 10],
}

/// A column of the block on the diagonal: the pivot in `$pivot` becomes the reciprocal of its root, which goes to
/// r6. 1/p must be normal, with two binades to spare (`float/reciprocal.rs`): the bits of p from 3·2²³ on, and
/// at most 248·2²³ more.
macro_rules! pivot {
    ($pivot:literal, $there:literal, $back:literal) => {
        concat!(
            "vmov r9, ",
            $pivot,
            "\nvsqrt.f32 s1, ",
            $pivot,
            "\nvstmia r7!, {{",
            $pivot,
            "}}\n",
            "sub r9, r9, #0x1800000\ncmp r9, #0x7c000000\nbhi ",
            $there,
            "f\n",
            "vdiv.f32 s2, s0, ",
            $pivot,
            "\nvmul.f32 ",
            $pivot,
            ", s2, s1\n",
            $back,
            ":\nvstr s1, [r6]\nadd r6, r6, r12\n",
        )
    };
}

/// Where that reciprocal is not normal: that of the root. Not in the way of the others.
macro_rules! unusual_pivot {
    ($pivot:literal, $there:literal, $back:literal) => {
        concat!($there, ":\nvdiv.f32 ", $pivot, ", s0, s1\nmov r11, #1\nb ", $back, "b\n")
    };
}

/// Four columns, from the diagonal down, then the next four: each block of four rows subtracts the products with
/// the columns before, and is solved with the block on the diagonal, in registers. Ends where nothing is left, or
/// after a block with an unusual pivot: its caller knows what to say of one.
///
/// # Safety
/// - `columns` describes the lower part of a matrix whose rows are adjacent, to read
///   and write: 4·(1 + below) rows from `row` on, `finished` columns of them factored, and as many columns more.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn columns_f32(columns: &mut Columns) {
    naked_asm!(
        unit!(),
        "push {{r4-r11, lr}}",
        "vpush {{s16-s31}}",
        "ldmia r0, {{r1-r4}}",
        "adds r12, r2, #4",
        "mov r11, #0",
        // The block on the diagonal, its lower triangle: column c in the last of s(16 + 4c)… .
        "2:",
        "mla r5, r3, r2, r1",
        "mov r6, r5",
        "vldmia r6, {{s16-s19}}",
        "add r6, r6, r12",
        "vldmia r6, {{s21-s23}}",
        "add r6, r6, r12",
        "vldmia r6, {{s26-s27}}",
        "add r6, r6, r12",
        "vldr s31, [r6]",
        "movs r9, r3",
        "beq 4f",
        "mov r8, r1",
        "3:",
        "vldmia r8, {{s0-s3}}",
        "add r8, r8, r2",
        lines!("vmul.f32": "s4, s0, s0", "s5, s1, s0", "s6, s2, s0", "s7, s3, s0",
            "s8, s1, s1", "s9, s2, s1", "s10, s3, s1", "s11, s2, s2", "s12, s3, s2",
            "s13, s3, s3"),
        lines!("vsub.f32": "s16, s16, s4", "s17, s17, s5", "s18, s18, s6", "s19, s19, s7",
            "s21, s21, s8", "s22, s22, s9", "s23, s23, s10", "s26, s26, s11", "s27, s27, s12",
            "s31, s31, s13"),
        "subs r9, r9, #1",
        "bne 3b",
        "4:",
        "vmov.f32 s0, #1.0",
        "mov r6, r5",
        "add r7, r0, #20",
        pivot!("s16", "20", "30"),
        lines!("vmul.f32": "s17, s17, s16", "s18, s18, s16", "s19, s19, s16", "s4, s17, s17",
            "s5, s18, s17", "s6, s19, s17", "s7, s18, s18", "s8, s19, s18", "s9, s19, s19"),
        lines!("vsub.f32": "s21, s21, s4", "s22, s22, s5", "s23, s23, s6", "s26, s26, s7",
            "s27, s27, s8", "s31, s31, s9"),
        pivot!("s21", "22", "32"),
        lines!("vmul.f32": "s22, s22, s21", "s23, s23, s21", "s4, s22, s22", "s5, s23, s22",
            "s6, s23, s23"),
        lines!("vsub.f32": "s26, s26, s4", "s27, s27, s5", "s31, s31, s6"),
        pivot!("s26", "23", "33"),
        lines!("vmul.f32": "s27, s27, s26", "s4, s27, s27"),
        "vsub.f32 s31, s31, s4",
        pivot!("s31", "24", "34"),
        "adds r6, r5, #4",
        "vstmia r6, {{s17-s19}}",
        "add r6, r6, r12",
        "vstmia r6, {{s22-s23}}",
        "add r6, r6, r12",
        "vstr s27, [r6]",
        "movs r10, r4",
        "beq 8f",
        "vstmia r7!, {{s16-s19}}",
        "vstmia r7!, {{s21-s23}}",
        "vstmia r7!, {{s26-s27}}",
        "vstr s31, [r7]",
        // Four rows below it.
        "mov r6, r1",
        "5:",
        "adds r6, r6, #16",
        "adds r5, r5, #16",
        "mov r7, r5",
        "vldmia r7, {{s16-s19}}",
        "add r7, r7, r2",
        "vldmia r7, {{s20-s23}}",
        "add r7, r7, r2",
        "vldmia r7, {{s24-s27}}",
        "add r7, r7, r2",
        "vldmia r7, {{s28-s31}}",
        "movs r9, r3",
        "beq 7f",
        "mov r7, r6",
        "mov r8, r1",
        "6:",
        "vldmia r7, {{s0-s3}}",
        "add r7, r7, r2",
        "vldmia r8, {{s4-s7}}",
        "add r8, r8, r2",
        outer_product!("vsub.f32"),
        "subs r9, r9, #1",
        "bne 6b",
        "7:",
        "add r7, r0, #36",
        "vldmia r7, {{s0-s9}}",
        lines!("vmul.f32": "s16, s16, s0", "s17, s17, s0", "s18, s18, s0", "s19, s19, s0",
            "s10, s16, s1", "s11, s17, s1", "s12, s18, s1", "s13, s19, s1"),
        lines!("vsub.f32": "s20, s20, s10", "s21, s21, s11", "s22, s22, s12", "s23, s23, s13"),
        lines!("vmul.f32": "s10, s16, s2", "s11, s17, s2", "s12, s18, s2", "s13, s19, s2"),
        lines!("vsub.f32": "s24, s24, s10", "s25, s25, s11", "s26, s26, s12", "s27, s27, s13"),
        lines!("vmul.f32": "s10, s16, s3", "s11, s17, s3", "s12, s18, s3", "s13, s19, s3"),
        lines!("vsub.f32": "s28, s28, s10", "s29, s29, s11", "s30, s30, s12", "s31, s31, s13"),
        lines!("vmul.f32": "s20, s20, s4", "s21, s21, s4", "s22, s22, s4", "s23, s23, s4",
            "s10, s20, s5", "s11, s21, s5", "s12, s22, s5", "s13, s23, s5"),
        lines!("vsub.f32": "s24, s24, s10", "s25, s25, s11", "s26, s26, s12", "s27, s27, s13"),
        lines!("vmul.f32": "s10, s20, s6", "s11, s21, s6", "s12, s22, s6", "s13, s23, s6"),
        lines!("vsub.f32": "s28, s28, s10", "s29, s29, s11", "s30, s30, s12", "s31, s31, s13"),
        lines!("vmul.f32": "s24, s24, s7", "s25, s25, s7", "s26, s26, s7", "s27, s27, s7",
            "s10, s24, s8", "s11, s25, s8", "s12, s26, s8", "s13, s27, s8"),
        lines!("vsub.f32": "s28, s28, s10", "s29, s29, s11", "s30, s30, s12", "s31, s31, s13"),
        lines!("vmul.f32": "s28, s28, s9", "s29, s29, s9", "s30, s30, s9", "s31, s31, s9"),
        "mov r7, r5",
        "vstmia r7, {{s16-s19}}",
        "add r7, r7, r2",
        "vstmia r7, {{s20-s23}}",
        "add r7, r7, r2",
        "vstmia r7, {{s24-s27}}",
        "add r7, r7, r2",
        "vstmia r7, {{s28-s31}}",
        "subs r10, r10, #1",
        "bne 5b",
        "8:",
        "adds r1, r1, #16",
        "adds r3, r3, #4",
        "subs r4, r4, #1",
        "blo 9f",
        "cmp r11, #0",
        "beq 2b",
        "9:",
        "str r1, [r0]",
        "strd r3, r4, [r0, #8]",
        "str r11, [r0, #16]",
        "vpop {{s16-s31}}",
        "pop {{r4-r11, pc}}",
        unusual_pivot!("s16", "20", "30"),
        unusual_pivot!("s21", "22", "32"),
        unusual_pivot!("s26", "23", "33"),
        unusual_pivot!("s31", "24", "34"),
    )
}
