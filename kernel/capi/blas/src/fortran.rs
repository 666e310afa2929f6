//! The Fortran names: every argument by reference, options by their first letter; the lengths of those texts,
//! which Fortran passes at the end, are not looked at.
#![allow(clippy::too_many_arguments, reason = "the interface is the standard's")]

use core::ffi::c_char;

use crate::option::letter;
use crate::report::fortran;
use crate::{level1, level2, level3};

/// Every routine of one format: its type, its prefix in names, and in the names that handlers are told.
// Not by rustfmt, as in `cblas.rs`.
#[rustfmt::skip]
macro_rules! routines {
    ($module:ident, $t:ty, $p:literal, $shown:literal) => {
        mod $module {
            use super::*;

            #[unsafe(export_name = concat!($p, "dot_"))]
            unsafe extern "C" fn dot(
                n: &i32, x: *const $t, incx: &i32, y: *const $t, incy: &i32,
            ) -> $t {
                // SAFETY: the caller vouches for the vectors.
                unsafe { level1::dot(*n, (x, *incx), (y, *incy)) }
            }

            #[unsafe(export_name = concat!($p, "nrm2_"))]
            unsafe extern "C" fn nrm2(n: &i32, x: *const $t, incx: &i32) -> $t {
                // SAFETY: as above.
                unsafe { level1::norm2(*n, (x, *incx)) }
            }

            #[unsafe(export_name = concat!($p, "asum_"))]
            unsafe extern "C" fn asum(n: &i32, x: *const $t, incx: &i32) -> $t {
                // SAFETY: as above.
                unsafe { level1::sum_abs(*n, (x, *incx)) }
            }

            #[unsafe(export_name = concat!("i", $p, "amax_"))]
            unsafe extern "C" fn amax(n: &i32, x: *const $t, incx: &i32) -> i32 {
                // SAFETY: as above.
                unsafe { level1::argmax_abs(*n, (x, *incx)) }.map_or(0, |i| i as i32 + 1)
            }

            #[unsafe(export_name = concat!($p, "axpy_"))]
            unsafe extern "C" fn axpy(
                n: &i32, alpha: &$t, x: *const $t, incx: &i32, y: *mut $t, incy: &i32,
            ) {
                // SAFETY: as above.
                unsafe { level1::axpy(*n, *alpha, (x, *incx), (y, *incy)) }
            }

            #[unsafe(export_name = concat!($p, "scal_"))]
            unsafe extern "C" fn scal(n: &i32, alpha: &$t, x: *mut $t, incx: &i32) {
                // SAFETY: as above.
                unsafe { level1::scale(*n, *alpha, (x, *incx)) }
            }

            #[unsafe(export_name = concat!($p, "copy_"))]
            unsafe extern "C" fn copy(
                n: &i32, x: *const $t, incx: &i32, y: *mut $t, incy: &i32,
            ) {
                // SAFETY: as above.
                unsafe { level1::copy(*n, (x, *incx), (y, *incy)) }
            }

            #[unsafe(export_name = concat!($p, "swap_"))]
            unsafe extern "C" fn swap(n: &i32, x: *mut $t, incx: &i32, y: *mut $t, incy: &i32) {
                // SAFETY: as above.
                unsafe { level1::swap(*n, (x, *incx), (y, *incy)) }
            }

            #[unsafe(export_name = concat!($p, "rot_"))]
            unsafe extern "C" fn rot(
                n: &i32, x: *mut $t, incx: &i32, y: *mut $t, incy: &i32, c: &$t, s: &$t,
            ) {
                // SAFETY: as above.
                unsafe { level1::rotate(*n, (x, *incx), (y, *incy), [*c, *s]) }
            }

            #[unsafe(export_name = concat!($p, "gemv_"))]
            unsafe extern "C" fn gemv(
                trans: *const c_char, m: &i32, n: &i32, alpha: &$t, a: *const $t, lda: &i32,
                x: *const $t, incx: &i32, beta: &$t, y: *mut $t, incy: &i32,
            ) {
                // SAFETY: as above, and for matrices and letters.
                fortran(concat!($shown, "GEMV "), || unsafe {
                    let (form, y) = (letter(1, trans)?, (*beta, (y, *incy)));
                    level2::gemv(form, [*m, *n], *alpha, (a, *lda), (x, *incx), y)
                })
            }

            #[unsafe(export_name = concat!($p, "ger_"))]
            unsafe extern "C" fn ger(
                m: &i32, n: &i32, alpha: &$t, x: *const $t, incx: &i32, y: *const $t, incy: &i32,
                a: *mut $t, lda: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "GER  "), || unsafe {
                    level2::ger([*m, *n], *alpha, (x, *incx), (y, *incy), (a, *lda))
                })
            }

            #[unsafe(export_name = concat!($p, "symv_"))]
            unsafe extern "C" fn symv(
                uplo: *const c_char, n: &i32, alpha: &$t, a: *const $t, lda: &i32,
                x: *const $t, incx: &i32, beta: &$t, y: *mut $t, incy: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYMV "), || unsafe {
                    let (triangle, y) = (letter(1, uplo)?, (*beta, (y, *incy)));
                    level2::symv(triangle, *n, *alpha, (a, *lda), (x, *incx), y)
                })
            }

            #[unsafe(export_name = concat!($p, "syr_"))]
            unsafe extern "C" fn syr(
                uplo: *const c_char, n: &i32, alpha: &$t, x: *const $t, incx: &i32,
                a: *mut $t, lda: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYR  "), || unsafe {
                    level2::syr(letter(1, uplo)?, *n, *alpha, (x, *incx), (a, *lda))
                })
            }

            #[unsafe(export_name = concat!($p, "syr2_"))]
            unsafe extern "C" fn syr2(
                uplo: *const c_char, n: &i32, alpha: &$t, x: *const $t, incx: &i32,
                y: *const $t, incy: &i32, a: *mut $t, lda: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYR2 "), || unsafe {
                    let triangle = letter(1, uplo)?;
                    level2::syr2(triangle, *n, *alpha, (x, *incx), (y, *incy), (a, *lda))
                })
            }

            #[unsafe(export_name = concat!($p, "trmv_"))]
            unsafe extern "C" fn trmv(
                uplo: *const c_char, trans: *const c_char, diag: *const c_char, n: &i32,
                a: *const $t, lda: &i32, x: *mut $t, incx: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "TRMV "), || unsafe {
                    let shape = (letter(1, uplo)?, letter(2, trans)?, letter(3, diag)?);
                    level2::trmv(shape, *n, (a, *lda), (x, *incx))
                })
            }

            #[unsafe(export_name = concat!($p, "trsv_"))]
            unsafe extern "C" fn trsv(
                uplo: *const c_char, trans: *const c_char, diag: *const c_char, n: &i32,
                a: *const $t, lda: &i32, x: *mut $t, incx: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "TRSV "), || unsafe {
                    let shape = (letter(1, uplo)?, letter(2, trans)?, letter(3, diag)?);
                    level2::trsv(shape, *n, (a, *lda), (x, *incx))
                })
            }

            #[unsafe(export_name = concat!($p, "gemm_"))]
            unsafe extern "C" fn gemm(
                transa: *const c_char, transb: *const c_char, m: &i32, n: &i32, k: &i32,
                alpha: &$t, a: *const $t, lda: &i32, b: *const $t, ldb: &i32,
                beta: &$t, c: *mut $t, ldc: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "GEMM "), || unsafe {
                    let forms = [letter(1, transa)?, letter(2, transb)?];
                    let c = (*beta, (c, *ldc));
                    level3::gemm(forms, [*m, *n, *k], *alpha, (a, *lda), (b, *ldb), c)
                })
            }

            #[unsafe(export_name = concat!($p, "symm_"))]
            unsafe extern "C" fn symm(
                side: *const c_char, uplo: *const c_char, m: &i32, n: &i32, alpha: &$t,
                a: *const $t, lda: &i32, b: *const $t, ldb: &i32, beta: &$t, c: *mut $t, ldc: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYMM "), || unsafe {
                    let shape = (letter(1, side)?, letter(2, uplo)?);
                    let c = (*beta, (c, *ldc));
                    level3::symm(shape, [*m, *n], *alpha, (a, *lda), (b, *ldb), c)
                })
            }

            #[unsafe(export_name = concat!($p, "syrk_"))]
            unsafe extern "C" fn syrk(
                uplo: *const c_char, trans: *const c_char, n: &i32, k: &i32, alpha: &$t,
                a: *const $t, lda: &i32, beta: &$t, c: *mut $t, ldc: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYRK "), || unsafe {
                    let shape = (letter(1, uplo)?, letter(2, trans)?);
                    level3::syrk(shape, [*n, *k], *alpha, (a, *lda), (*beta, (c, *ldc)))
                })
            }

            #[unsafe(export_name = concat!($p, "syr2k_"))]
            unsafe extern "C" fn syr2k(
                uplo: *const c_char, trans: *const c_char, n: &i32, k: &i32, alpha: &$t,
                a: *const $t, lda: &i32, b: *const $t, ldb: &i32, beta: &$t, c: *mut $t, ldc: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "SYR2K"), || unsafe {
                    let shape = (letter(1, uplo)?, letter(2, trans)?);
                    let c = (*beta, (c, *ldc));
                    level3::syr2k(shape, [*n, *k], *alpha, (a, *lda), (b, *ldb), c)
                })
            }

            #[unsafe(export_name = concat!($p, "trmm_"))]
            unsafe extern "C" fn trmm(
                side: *const c_char, uplo: *const c_char, transa: *const c_char,
                diag: *const c_char, m: &i32, n: &i32, alpha: &$t, a: *const $t, lda: &i32,
                b: *mut $t, ldb: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "TRMM "), || unsafe {
                    let (side, uplo) = (letter(1, side)?, letter(2, uplo)?);
                    let shape = (side, uplo, letter(3, transa)?, letter(4, diag)?);
                    level3::trmm(shape, [*m, *n], *alpha, (a, *lda), (b, *ldb))
                })
            }

            #[unsafe(export_name = concat!($p, "trsm_"))]
            unsafe extern "C" fn trsm(
                side: *const c_char, uplo: *const c_char, transa: *const c_char,
                diag: *const c_char, m: &i32, n: &i32, alpha: &$t, a: *const $t, lda: &i32,
                b: *mut $t, ldb: &i32,
            ) {
                // SAFETY: as above.
                fortran(concat!($shown, "TRSM "), || unsafe {
                    let (side, uplo) = (letter(1, side)?, letter(2, uplo)?);
                    let shape = (side, uplo, letter(3, transa)?, letter(4, diag)?);
                    level3::trsm(shape, [*m, *n], *alpha, (a, *lda), (b, *ldb))
                })
            }
        }
    };
}

routines!(single, f32, "s", "S");
routines!(double, f64, "d", "D");
