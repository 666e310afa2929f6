//! What is said about an illegal argument, and to whom: programs may bring a handler of their own.

use core::ffi::{c_char, c_int};
use core::hint::black_box;
use core::sync::atomic::{AtomicI32, Ordering};
use std::io::{Write, stderr};
use std::slice;

use crate::option::{Named, Order};

/// A routine's end: the place of the first illegal argument as Fortran counts them, or nothing to say.
pub(crate) type Checked = Result<(), i32>;

type CHandler = unsafe extern "C" fn(c_int, *const c_char, *const c_char, ...);
type FortranHandler = unsafe extern "C" fn(*const c_char, *const c_int, usize);

/// Whether the last complaint was about matrices by rows. A name of the reference, which handlers written for
/// it read: places count in the order of the transpose then.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the reference's name")]
pub static RowMajorStrg: AtomicI32 = AtomicI32::new(0);

/// The default handler of the Fortran names: a line on the standard error. The routine then returns without
/// having touched anything; the reference's handler ends the program.
///
/// # Safety
/// - `name` points to `len` characters, `place` to a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn xerbla_(name: *const c_char, place: *const c_int, len: usize) {
    // SAFETY: the caller vouches for them.
    let (name, place) = unsafe { (slice::from_raw_parts(name.cast::<u8>(), len), place.read()) };
    complain(name, place);
}

/// The default handler of the C names, as [`xerbla_`]. That of the reference takes more arguments after
/// `format`, which callers may pass to this one all the same: it does not look at them.
///
/// # Safety
/// - `name` points to a text that ends in NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cblas_xerbla(place: c_int, name: *const c_char, _format: *const c_char) {
    // SAFETY: the caller vouches for it.
    let name = unsafe { core::ffi::CStr::from_ptr(name) }.to_bytes();
    let by_rows = RowMajorStrg.load(Ordering::Relaxed) != 0;
    complain(name, if by_rows { as_passed(name, place) } else { place });
}

/// A library has nobody to tell that the standard error is closed.
fn complain(name: &[u8], place: i32) {
    let name = String::from_utf8_lossy(name);
    let name = name.trim_end();
    let _ =
        writeln!(stderr(), "teeter_blas: {name}: argument {place} is illegal; nothing was done");
}

/// The place among the arguments as passed of one that is illegal in the transposed call.
fn as_passed(name: &[u8], place: i32) -> i32 {
    let swapped: &[[i32; 2]] = match name.get(7..).unwrap_or(&[]) {
        b"gemm" => &[[4, 5], [9, 11]],
        b"symm" => &[[4, 5]],
        b"trmm" | b"trsm" => &[[6, 7]],
        b"gemv" => &[[3, 4]],
        b"ger" => &[[2, 3], [6, 8]],
        _ => &[],
    };
    for &[a, b] in swapped {
        match place {
            place if place == a => return b,
            place if place == b => return a,
            _ => {}
        }
    }
    place
}

/// A call by its Fortran name, of six characters.
pub(crate) fn fortran(name: &'static str, call: impl FnOnce() -> Checked) {
    if let Err(place) = call() {
        // Through memory that the compiler cannot see through: the program's own handler stands before ours.
        let handler = black_box(xerbla_ as FortranHandler);
        // SAFETY: a handler that takes what Fortran passes.
        unsafe { handler(name.as_ptr().cast(), &place, name.len()) }
    }
}

/// A call by its C name, which ends in NUL; `order` is the first argument.
pub(crate) fn c(name: &'static str, order: c_int, call: impl FnOnce(Order) -> Checked) {
    let order = Order::from_number(order);
    let Err(place) = order.ok_or(0).and_then(call) else { return };
    RowMajorStrg.store(i32::from(order == Some(Order::Rows)), Ordering::Relaxed);
    // SAFETY: the C interface has it with more arguments after the format, of which there are none here.
    let handler = unsafe {
        core::mem::transmute::<unsafe extern "C" fn(c_int, *const c_char, *const c_char), CHandler>(
            cblas_xerbla,
        )
    };
    // Through memory: as above.
    let handler = black_box(handler);
    // SAFETY: a handler as the C interface has it; the texts end in NUL.
    unsafe { handler(place + 1, name.as_ptr().cast(), c"".as_ptr()) }
}
