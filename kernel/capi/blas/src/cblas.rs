//! The C names: options by number, matrices by rows or columns. A call by rows is one by columns of the transposes.
#![allow(clippy::too_many_arguments, reason = "the interface is the standard's")]

use crate::option::number;
use crate::report::c;
use crate::{level1, level2, level3};

/// Every routine of one format: its type, and its prefix in names.
// A line for each operand, as the standard's manual has them; one for each argument would be three times as many.
#[rustfmt::skip]
macro_rules! routines {
    ($module:ident, $t:ty, $p:literal) => {
        mod $module {
            use super::*;

            #[unsafe(export_name = concat!("cblas_", $p, "dot"))]
            unsafe extern "C" fn dot(
                n: i32, x: *const $t, incx: i32, y: *const $t, incy: i32,
            ) -> $t {
                // SAFETY: the caller vouches for the vectors.
                unsafe { level1::dot(n, (x, incx), (y, incy)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "nrm2"))]
            unsafe extern "C" fn nrm2(n: i32, x: *const $t, incx: i32) -> $t {
                // SAFETY: as above.
                unsafe { level1::norm2(n, (x, incx)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "asum"))]
            unsafe extern "C" fn asum(n: i32, x: *const $t, incx: i32) -> $t {
                // SAFETY: as above.
                unsafe { level1::sum_abs(n, (x, incx)) }
            }

            #[unsafe(export_name = concat!("cblas_i", $p, "amax"))]
            unsafe extern "C" fn amax(n: i32, x: *const $t, incx: i32) -> usize {
                // SAFETY: as above.
                unsafe { level1::argmax_abs(n, (x, incx)) }.unwrap_or(0)
            }

            #[unsafe(export_name = concat!("cblas_", $p, "axpy"))]
            unsafe extern "C" fn axpy(
                n: i32, alpha: $t, x: *const $t, incx: i32, y: *mut $t, incy: i32,
            ) {
                // SAFETY: as above.
                unsafe { level1::axpy(n, alpha, (x, incx), (y, incy)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "scal"))]
            unsafe extern "C" fn scal(n: i32, alpha: $t, x: *mut $t, incx: i32) {
                // SAFETY: as above.
                unsafe { level1::scale(n, alpha, (x, incx)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "copy"))]
            unsafe extern "C" fn copy(n: i32, x: *const $t, incx: i32, y: *mut $t, incy: i32) {
                // SAFETY: as above.
                unsafe { level1::copy(n, (x, incx), (y, incy)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "swap"))]
            unsafe extern "C" fn swap(n: i32, x: *mut $t, incx: i32, y: *mut $t, incy: i32) {
                // SAFETY: as above.
                unsafe { level1::swap(n, (x, incx), (y, incy)) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "rot"))]
            unsafe extern "C" fn rot(
                n: i32, x: *mut $t, incx: i32, y: *mut $t, incy: i32, c: $t, s: $t,
            ) {
                // SAFETY: as above.
                unsafe { level1::rotate(n, (x, incx), (y, incy), [c, s]) }
            }

            #[unsafe(export_name = concat!("cblas_", $p, "gemv"))]
            unsafe extern "C" fn gemv(
                order: i32, trans: i32, m: i32, n: i32, alpha: $t, a: *const $t, lda: i32,
                x: *const $t, incx: i32, beta: $t, y: *mut $t, incy: i32,
            ) {
                c(concat!("cblas_", $p, "gemv\0"), order, |order| {
                    let form = order.form(number(1, trans)?);
                    let (shape, y) = (order.pair([m, n]), (beta, (y, incy)));
                    // SAFETY: as above, and for matrices.
                    unsafe { level2::gemv(form, shape, alpha, (a, lda), (x, incx), y) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "ger"))]
            unsafe extern "C" fn ger(
                order: i32, m: i32, n: i32, alpha: $t, x: *const $t, incx: i32,
                y: *const $t, incy: i32, a: *mut $t, lda: i32,
            ) {
                c(concat!("cblas_", $p, "ger\0"), order, |order| {
                    let [x, y] = order.pair([(x, incx), (y, incy)]);
                    // SAFETY: as above.
                    unsafe { level2::ger(order.pair([m, n]), alpha, x, y, (a, lda)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "symv"))]
            unsafe extern "C" fn symv(
                order: i32, uplo: i32, n: i32, alpha: $t, a: *const $t, lda: i32,
                x: *const $t, incx: i32, beta: $t, y: *mut $t, incy: i32,
            ) {
                c(concat!("cblas_", $p, "symv\0"), order, |order| {
                    let (triangle, y) = (order.triangle(number(1, uplo)?), (beta, (y, incy)));
                    // SAFETY: as above.
                    unsafe { level2::symv(triangle, n, alpha, (a, lda), (x, incx), y) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "syr"))]
            unsafe extern "C" fn syr(
                order: i32, uplo: i32, n: i32, alpha: $t, x: *const $t, incx: i32,
                a: *mut $t, lda: i32,
            ) {
                c(concat!("cblas_", $p, "syr\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    // SAFETY: as above.
                    unsafe { level2::syr(triangle, n, alpha, (x, incx), (a, lda)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "syr2"))]
            unsafe extern "C" fn syr2(
                order: i32, uplo: i32, n: i32, alpha: $t, x: *const $t, incx: i32,
                y: *const $t, incy: i32, a: *mut $t, lda: i32,
            ) {
                c(concat!("cblas_", $p, "syr2\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    // SAFETY: as above.
                    unsafe { level2::syr2(triangle, n, alpha, (x, incx), (y, incy), (a, lda)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "trmv"))]
            unsafe extern "C" fn trmv(
                order: i32, uplo: i32, trans: i32, diag: i32, n: i32, a: *const $t, lda: i32,
                x: *mut $t, incx: i32,
            ) {
                c(concat!("cblas_", $p, "trmv\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    let shape = (triangle, order.form(number(2, trans)?), number(3, diag)?);
                    // SAFETY: as above.
                    unsafe { level2::trmv(shape, n, (a, lda), (x, incx)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "trsv"))]
            unsafe extern "C" fn trsv(
                order: i32, uplo: i32, trans: i32, diag: i32, n: i32, a: *const $t, lda: i32,
                x: *mut $t, incx: i32,
            ) {
                c(concat!("cblas_", $p, "trsv\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    let shape = (triangle, order.form(number(2, trans)?), number(3, diag)?);
                    // SAFETY: as above.
                    unsafe { level2::trsv(shape, n, (a, lda), (x, incx)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "gemm"))]
            unsafe extern "C" fn gemm(
                order: i32, transa: i32, transb: i32, m: i32, n: i32, k: i32, alpha: $t,
                a: *const $t, lda: i32, b: *const $t, ldb: i32, beta: $t, c: *mut $t, ldc: i32,
            ) {
                super::c(concat!("cblas_", $p, "gemm\0"), order, |order| {
                    let forms = order.pair([number(1, transa)?, number(2, transb)?]);
                    let ([m, n], [a, b]) = (order.pair([m, n]), order.pair([(a, lda), (b, ldb)]));
                    // SAFETY: as above.
                    unsafe { level3::gemm(forms, [m, n, k], alpha, a, b, (beta, (c, ldc))) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "symm"))]
            unsafe extern "C" fn symm(
                order: i32, side: i32, uplo: i32, m: i32, n: i32, alpha: $t,
                a: *const $t, lda: i32, b: *const $t, ldb: i32, beta: $t, c: *mut $t, ldc: i32,
            ) {
                super::c(concat!("cblas_", $p, "symm\0"), order, |order| {
                    let side = order.side(number(1, side)?);
                    let (which, shape) =
                        ((side, order.triangle(number(2, uplo)?)), order.pair([m, n]));
                    // SAFETY: as above.
                    unsafe {
                        level3::symm(which, shape, alpha, (a, lda), (b, ldb), (beta, (c, ldc)))
                    }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "syrk"))]
            unsafe extern "C" fn syrk(
                order: i32, uplo: i32, trans: i32, n: i32, k: i32, alpha: $t,
                a: *const $t, lda: i32, beta: $t, c: *mut $t, ldc: i32,
            ) {
                super::c(concat!("cblas_", $p, "syrk\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    let which = (triangle, order.form(number(2, trans)?));
                    // SAFETY: as above.
                    unsafe { level3::syrk(which, [n, k], alpha, (a, lda), (beta, (c, ldc))) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "syr2k"))]
            unsafe extern "C" fn syr2k(
                order: i32, uplo: i32, trans: i32, n: i32, k: i32, alpha: $t,
                a: *const $t, lda: i32, b: *const $t, ldb: i32, beta: $t, c: *mut $t, ldc: i32,
            ) {
                super::c(concat!("cblas_", $p, "syr2k\0"), order, |order| {
                    let triangle = order.triangle(number(1, uplo)?);
                    let which = (triangle, order.form(number(2, trans)?));
                    let c = (beta, (c, ldc));
                    // SAFETY: as above.
                    unsafe { level3::syr2k(which, [n, k], alpha, (a, lda), (b, ldb), c) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "trmm"))]
            unsafe extern "C" fn trmm(
                order: i32, side: i32, uplo: i32, transa: i32, diag: i32, m: i32, n: i32,
                alpha: $t, a: *const $t, lda: i32, b: *mut $t, ldb: i32,
            ) {
                c(concat!("cblas_", $p, "trmm\0"), order, |order| {
                    let side = order.side(number(1, side)?);
                    let triangle = order.triangle(number(2, uplo)?);
                    let which = (side, triangle, number(3, transa)?, number(4, diag)?);
                    // SAFETY: as above.
                    unsafe { level3::trmm(which, order.pair([m, n]), alpha, (a, lda), (b, ldb)) }
                })
            }

            #[unsafe(export_name = concat!("cblas_", $p, "trsm"))]
            unsafe extern "C" fn trsm(
                order: i32, side: i32, uplo: i32, transa: i32, diag: i32, m: i32, n: i32,
                alpha: $t, a: *const $t, lda: i32, b: *mut $t, ldb: i32,
            ) {
                c(concat!("cblas_", $p, "trsm\0"), order, |order| {
                    let side = order.side(number(1, side)?);
                    let triangle = order.triangle(number(2, uplo)?);
                    let which = (side, triangle, number(3, transa)?, number(4, diag)?);
                    // SAFETY: as above.
                    unsafe { level3::trsm(which, order.pair([m, n]), alpha, (a, lda), (b, ldb)) }
                })
            }
        }
    };
}

routines!(single, f32, "s");
routines!(double, f64, "d");
