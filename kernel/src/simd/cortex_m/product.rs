//! Tiles of `gemm` and strips of `gemv`, in f32.

use core::arch::naked_asm;

/// What [`tiles_add`] and [`tiles_subtract`] are told; they read it by its layout, and move `c` on.
#[repr(C)]
pub(super) struct Tiles {
    pub(super) a: *const f32,
    pub(super) a_step: usize,
    pub(super) k: usize,
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    pub(super) b_col: usize,
    pub(super) c: *mut f32,
    pub(super) c_step: usize,
    pub(super) count: usize,
    pub(super) beta: f32,
}

/// What [`strip_f32`] is told; it reads it by its layout.
#[repr(C)]
pub(super) struct Strip {
    pub(super) a: *const f32,
    pub(super) a_step: usize,
    pub(super) k: usize,
    pub(super) x: *const f32,
    pub(super) y: *mut f32,
    pub(super) alpha: f32,
    pub(super) beta: f32,
}

/// Stamps [`tiles_add`] and [`tiles_subtract`].
macro_rules! tiles {
    ($name:ident, $operation:literal) => {
        /// Tiles of four by four, sixteen chains in registers while k runs.
        ///
        /// # Safety
        /// - `tiles` describes A: 4 × k and B: k × 4·count to read, C: 4 × 4·count to read and write.
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name(tiles: &mut Tiles) {
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
pub(super) unsafe extern "C" fn strip_f32(strip: &Strip) {
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
