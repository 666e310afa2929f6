//! The inner loops of a Cortex-M with a floating-point unit, in f32: the arithmetic of `portable.rs`, in
//! its order, in assembly.
//!
//! Why by hand: the compiler reads memory one number at a time, where the machine reads up to 32 registers in an
//! instruction; it keeps 32 accumulators and spills them; and at opt-level "s", which firmware
//! prefers, it keeps tiles in memory. These are the loops that firmware lives on; they are as fast at
//! either level.
//!
//! Multiply and add are two instructions in the loops over k: the M4's manual (Arm 100166, §7.2) gives vmla
//! three cycles, and these one each. In [`dot`], where loads bind, vmla: it rounds the product first, as
//! all of Strict (Arm DDI 0403, A7.7.237), so the bits are the same.
//!
//! They are functions by the calling convention, not blocks of assembly within one: the compiler allows
//! those no s-register unless it sees `vfp2` (see `float/sqrt.rs`).

#![allow(unsafe_code, reason = "functions in assembly, and windows read by pointer")]

use core::arch::naked_asm;

use crate::float::Float;
use crate::simd::{Window, WindowMut};

/// Rows and columns of [`tiles`].
const TILE: usize = 4;

/// Rows of [`strip`].
const STRIP: usize = 16;

const fn bytes(stride: usize) -> usize {
    // A stride that overflows belongs to one row or column: it is added, but nothing is read there.
    stride.wrapping_mul(size_of::<f32>())
}

/// xᵀy in the order of every reduction, the shorter length counting; `None` but for f32.
#[inline(always)]
pub(crate) fn dot<T: Float>(x: &[T], y: &[T]) -> Option<T> {
    let n = x.len().min(y.len());
    if T::BITS != 32 {
        return None;
    }
    // SAFETY: T is f32, `Float` being sealed, and both slices have n elements.
    unsafe {
        let dot = dot_f32(x.as_ptr().cast(), y.as_ptr().cast(), n);
        Some((&raw const dot).cast::<T>().read())
    }
}

/// What [`tiles_add`] and [`tiles_subtract`] are told; they read it by its layout, and move `c` on.
#[repr(C)]
struct Tiles {
    a: *const f32,
    a_step: usize,
    k: usize,
    b: *const f32,
    b_row: usize,
    b_col: usize,
    c: *mut f32,
    c_step: usize,
    count: usize,
    beta: f32,
}

/// C ← βC ± AB for a strip of four adjacent rows; `false`, and nothing done, where it is none, or its columns
/// are not a multiple of four.
#[inline(always)]
pub(crate) fn tiles<T: Float, const SUBTRACT: bool>(
    (a, b): (Window<'_, T>, Window<'_, T>),
    beta: T,
    c: &mut WindowMut<'_, T>,
) -> bool {
    let adjacent = a.rows == TILE && c.rows == TILE && a.row_stride == 1 && c.row_stride == 1;
    let fits = a.cols == b.rows && b.cols == c.cols && b.cols > 0 && b.cols.is_multiple_of(TILE);
    if T::BITS != 32 || !adjacent || !fits {
        return false;
    }
    let mut tiles = Tiles {
        a: a.pointer().cast(),
        a_step: bytes(a.col_stride),
        k: a.cols,
        b: b.pointer().cast(),
        b_row: bytes(b.row_stride),
        b_col: bytes(b.col_stride),
        c: c.pointer().cast(),
        c_step: bytes(c.col_stride),
        count: b.cols / TILE,
        beta: f32::from_bits(beta.to_bits_u64() as u32),
    };
    // SAFETY: T is f32; the windows hold A: 4 × k, B: k × 4·count and C: 4 × 4·count at these steps.
    unsafe { if SUBTRACT { tiles_subtract(&mut tiles) } else { tiles_add(&mut tiles) } }
    true
}

/// What [`strip_f32`] is told; it reads it by its layout.
#[repr(C)]
struct Strip {
    a: *const f32,
    a_step: usize,
    k: usize,
    x: *const f32,
    y: *mut f32,
    alpha: f32,
    beta: f32,
}

/// y ← A(αx) + βy for sixteen adjacent rows, a chain each; `false`, and nothing done, where they are not.
#[inline(always)]
pub(crate) fn strip<T: Float>(
    [alpha, beta]: [T; 2],
    a: Window<'_, T>,
    x: &[T],
    y: &mut [T],
) -> bool {
    let fits = a.rows == STRIP && a.row_stride == 1 && y.len() == STRIP && x.len() == a.cols;
    if T::BITS != 32 || !fits {
        return false;
    }
    let [alpha, beta] = [alpha, beta].map(|factor| f32::from_bits(factor.to_bits_u64() as u32));
    let (a_step, k) = (bytes(a.col_stride), a.cols);
    let (x, y) = (x.as_ptr().cast(), y.as_mut_ptr().cast());
    // SAFETY: T is f32; the window holds 16 × k at this step, x has k elements and y 16.
    unsafe { strip_f32(&Strip { a: a.pointer().cast(), a_step, k, x, y, alpha, beta }) }
    true
}

/// Tells the assembler of the unit, which the compiler does not see either.
macro_rules! unit {
    () => {
        ".fpu fpv4-sp-d16"
    };
}

/// The lines of assembly that apply one operation to several registers.
macro_rules! lines {
    ($operation:literal: $($registers:literal),+ $(,)?) => {
        concat!($($operation, " ", $registers, "\n"),+)
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

/// s16…s31 ← 0; r7 is lost.
macro_rules! zeros {
    () => {
        "movs r7, #0
        vmov d8, r7, r7
        vmov d9, r7, r7
        vmov d10, r7, r7
        vmov d11, r7, r7
        vmov d12, r7, r7
        vmov d13, r7, r7
        vmov d14, r7, r7
        vmov d15, r7, r7"
    };
}

/// One product more for a lane.
macro_rules! tail {
    ($offset:literal, $lane:literal) => {
        concat!(
            "vldr s0, [r0, #",
            $offset,
            "]\nvldr s1, [r1, #",
            $offset,
            "]\n",
            "vmla.f32 ",
            $lane,
            ", s0, s1",
        )
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
unsafe extern "C" fn dot_f32(x: *const f32, y: *const f32, n: usize) -> f32 {
    naked_asm!(
        unit!(),
        "cmp r2, #16",
        "bne 2f",
        // Two levels of the tree at once.
        "vpush {{s16-s31}}",
        "vldmia r0, {{s0-s15}}",
        "vldmia r1, {{s16-s31}}",
        lines!("vmul.f32": "s0, s0, s16", "s1, s1, s17", "s2, s2, s18", "s3, s3, s19",
            "s4, s4, s20", "s5, s5, s21", "s6, s6, s22", "s7, s7, s23"),
        lines!("vmla.f32": "s0, s8, s24", "s1, s9, s25", "s2, s10, s26", "s3, s11, s27",
            "s4, s12, s28", "s5, s13, s29", "s6, s14, s30", "s7, s15, s31"),
        lines!("vadd.f32": "s0, s0, s4", "s1, s1, s5", "s2, s2, s6", "s3, s3, s7",
            "s0, s0, s2", "s1, s1, s3", "s0, s0, s1"),
        "vpop {{s16-s31}}",
        "vldr s1, 20f",
        "vadd.f32 s0, s0, s1",
        "bx lr",
        "2:",
        "cmp r2, #8",
        "bne 11f",
        "vldmia r0, {{s0-s7}}",
        "vldmia r1, {{s8-s15}}",
        lines!("vmul.f32": "s0, s0, s8", "s1, s1, s9", "s2, s2, s10", "s3, s3, s11"),
        lines!("vmla.f32": "s0, s4, s12", "s1, s5, s13", "s2, s6, s14", "s3, s7, s15"),
        lines!("vadd.f32": "s0, s0, s2", "s1, s1, s3", "s0, s0, s1"),
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
        lines!("vadd.f32": "s16, s16, s0", "s17, s17, s1", "s18, s18, s2", "s19, s19, s3",
            "s20, s20, s4", "s21, s21, s5", "s22, s22, s6", "s23, s23, s7",
            "s24, s24, s8", "s25, s25, s9", "s26, s26, s10", "s27, s27, s11",
            "s28, s28, s12", "s29, s29, s13", "s30, s30, s14", "s31, s31, s15"),
        "4:",
        lines!("vadd.f32": "s16, s16, s24", "s17, s17, s25", "s18, s18, s26", "s19, s19, s27",
            "s20, s20, s28", "s21, s21, s29", "s22, s22, s30", "s23, s23, s31",
            "s16, s16, s20", "s17, s17, s21", "s18, s18, s22", "s19, s19, s23",
            "s16, s16, s18", "s17, s17, s19", "s16, s16, s17"),
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
        tail!("56", "s30"),
        tail!("52", "s29"),
        tail!("48", "s28"),
        tail!("44", "s27"),
        tail!("40", "s26"),
        tail!("36", "s25"),
        tail!("32", "s24"),
        tail!("28", "s23"),
        tail!("24", "s22"),
        tail!("20", "s21"),
        tail!("16", "s20"),
        tail!("12", "s19"),
        tail!("8", "s18"),
        tail!("4", "s17"),
        tail!("0", "s16"),
        "bx lr",
    )
}

/// s16…s31 ± a·b for a in s0…s3, b in s4…s7; a result is not used by the instruction after it, which
/// would wait.
macro_rules! outer_product {
    ($operation:literal) => {
        concat!(
            lines!("vmul.f32": "s8, s0, s4", "s9, s1, s4", "s10, s2, s4", "s11, s3, s4",
                "s12, s0, s5", "s13, s1, s5", "s14, s2, s5", "s15, s3, s5"),
            lines!($operation: "s16, s16, s8", "s17, s17, s9", "s18, s18, s10", "s19, s19, s11",
                "s20, s20, s12", "s21, s21, s13", "s22, s22, s14", "s23, s23, s15"),
            lines!("vmul.f32": "s8, s0, s6", "s9, s1, s6", "s10, s2, s6", "s11, s3, s6",
                "s12, s0, s7", "s13, s1, s7", "s14, s2, s7", "s15, s3, s7"),
            lines!($operation: "s24, s24, s8", "s25, s25, s9", "s26, s26, s10", "s27, s27, s11",
                "s28, s28, s12", "s29, s29, s13", "s30, s30, s14", "s31, s31, s15"),
        )
    };
}

/// Stamps [`tiles_add`] and [`tiles_subtract`].
macro_rules! tiles {
    ($name:ident, $operation:literal) => {
        /// Tiles of four by four, sixteen chains in registers while k runs.
        ///
        /// # Safety
        /// - `tiles` describes A: 4 × k and B: k × 4·count to read, C: 4 × 4·count to read and write.
        #[unsafe(naked)]
        unsafe extern "C" fn $name(tiles: &mut Tiles) {
            naked_asm!(
                unit!(),
                "push {{r4-r11, lr}}",
                "vpush {{s16-s31}}",
                // a, step; k; b, row, column; c, step; count.
                "ldmia r0, {{r1-r9}}",
                "2:",
                "vldr s0, [r0, #36]",
                "vcmp.f32 s0, #0",
                "vmrs APSR_nzcv, fpscr",
                "bne 3f",
                zeros!(),
                "ldr r7, [r0, #24]",
                "b 4f",
                "3:",
                "mov r10, r7",
                "vldmia r10, {{s16-s19}}",
                "add r10, r10, r8",
                "vldmia r10, {{s20-s23}}",
                "add r10, r10, r8",
                "vldmia r10, {{s24-s27}}",
                "add r10, r10, r8",
                "vldmia r10, {{s28-s31}}",
                "ldr r10, [r0, #36]",
                "cmp r10, #0x3f800000",
                "beq 4f",
                lines!("vmul.f32": "s16, s16, s0", "s17, s17, s0", "s18, s18, s0",
                    "s19, s19, s0", "s20, s20, s0", "s21, s21, s0", "s22, s22, s0",
                    "s23, s23, s0", "s24, s24, s0", "s25, s25, s0", "s26, s26, s0",
                    "s27, s27, s0", "s28, s28, s0", "s29, s29, s0", "s30, s30, s0",
                    "s31, s31, s0"),
                "4:",
                "movs r12, r3",
                "beq 9f",
                "mov r10, r1",
                "mov r11, r4",
                "cmp r5, #4",
                "bne 6f",
                // Columns of B are adjacent: a pointer for each, which moves by itself.
                "add lr, r4, r6",
                "add r7, lr, r6",
                "add r8, r7, r6",
                "5:",
                "vldmia r10, {{s0-s3}}",
                "add r10, r10, r2",
                "vldmia r11!, {{s4}}",
                "vldmia lr!, {{s5}}",
                "vldmia r7!, {{s6}}",
                "vldmia r8!, {{s7}}",
                outer_product!($operation),
                "subs r12, r12, #1",
                "bne 5b",
                "ldrd r7, r8, [r0, #24]",
                "b 9f",
                "6:",
                "vldmia r10, {{s0-s3}}",
                "add r10, r10, r2",
                "vldr s4, [r11]",
                "add lr, r11, r6",
                "vldr s5, [lr]",
                "add lr, lr, r6",
                "vldr s6, [lr]",
                "add lr, lr, r6",
                "vldr s7, [lr]",
                "add r11, r11, r5",
                outer_product!($operation),
                "subs r12, r12, #1",
                "bne 6b",
                "9:",
                "vstmia r7, {{s16-s19}}",
                "add r7, r7, r8",
                "vstmia r7, {{s20-s23}}",
                "add r7, r7, r8",
                "vstmia r7, {{s24-s27}}",
                "add r7, r7, r8",
                "vstmia r7, {{s28-s31}}",
                "add r7, r7, r8",
                "str r7, [r0, #24]",
                "add r4, r4, r6, lsl #2",
                "subs r9, r9, #1",
                "bne 2b",
                "vpop {{s16-s31}}",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

tiles!(tiles_add, "vadd.f32");
tiles!(tiles_subtract, "vsub.f32");

/// Eight rows of A, times the factor in s8.
macro_rules! eight_rows {
    () => {
        lines!("vmul.f32": "s0, s0, s8", "s1, s1, s8", "s2, s2, s8", "s3, s3, s8",
            "s4, s4, s8", "s5, s5, s8", "s6, s6, s8", "s7, s7, s8")
    };
}

/// Sixteen chains in registers while the columns pass.
///
/// # Safety
/// - `strip` describes A: 16 × k and x: k to read, y: 16 to read and write.
#[unsafe(naked)]
unsafe extern "C" fn strip_f32(strip: &Strip) {
    naked_asm!(
        unit!(),
        "push {{r7, lr}}",
        "vpush {{s16-s31}}",
        "vldr s9, [r0, #20]",
        "vldr s10, [r0, #24]",
        // a, step, k, x; then y.
        "ldmia r0!, {{r1-r3, r12}}",
        "ldr r0, [r0]",
        "vcmp.f32 s10, #0",
        "vmrs APSR_nzcv, fpscr",
        "bne 2f",
        zeros!(),
        "b 3f",
        "2:",
        "vldmia r0, {{s16-s31}}",
        lines!("vmul.f32": "s16, s16, s10", "s17, s17, s10", "s18, s18, s10", "s19, s19, s10",
            "s20, s20, s10", "s21, s21, s10", "s22, s22, s10", "s23, s23, s10",
            "s24, s24, s10", "s25, s25, s10", "s26, s26, s10", "s27, s27, s10",
            "s28, s28, s10", "s29, s29, s10", "s30, s30, s10", "s31, s31, s10"),
        "3:",
        "cmp r3, #0",
        "beq 5f",
        "sub r2, r2, #32",
        "4:",
        "vldmia r12!, {{s8}}",
        "vldmia r1!, {{s0-s7}}",
        "vmul.f32 s8, s8, s9",
        eight_rows!(),
        lines!("vadd.f32": "s16, s16, s0", "s17, s17, s1", "s18, s18, s2", "s19, s19, s3",
            "s20, s20, s4", "s21, s21, s5", "s22, s22, s6", "s23, s23, s7"),
        "vldmia r1, {{s0-s7}}",
        eight_rows!(),
        lines!("vadd.f32": "s24, s24, s0", "s25, s25, s1", "s26, s26, s2", "s27, s27, s3",
            "s28, s28, s4", "s29, s29, s5", "s30, s30, s6", "s31, s31, s7"),
        "add r1, r1, r2",
        "subs r3, r3, #1",
        "bne 4b",
        "5:",
        "vstmia r0, {{s16-s31}}",
        "vpop {{s16-s31}}",
        "pop {{r7, pc}}",
    )
}
