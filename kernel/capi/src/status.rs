//! Status codes and their text.

use core::ffi::{CStr, c_char};

use teeter::Error;

/// How a call ended: 0 for success, else one of the values below.
pub type teeter_status = i32;

/// Success.
pub const TEETER_OK: teeter_status = 0;
/// A pointer is null.
pub const TEETER_NULL: teeter_status = 1;
/// A pointer is not aligned to its element.
pub const TEETER_MISALIGNED: teeter_status = 2;
/// An output overlaps another argument.
pub const TEETER_OVERLAP: teeter_status = 3;
/// The machine is not one that `teeter_machine_detect` returns.
pub const TEETER_MACHINE: teeter_status = 4;
/// A length does not fit, or overflows.
pub const TEETER_LENGTH: teeter_status = 5;
/// Scratch is too short.
pub const TEETER_SHORT: teeter_status = 6;
/// A number is outside its range.
pub const TEETER_RANGE: teeter_status = 7;
/// Nothing was given where something is needed.
pub const TEETER_EMPTY: teeter_status = 8;
/// NaN or infinity where a finite number is needed.
pub const TEETER_NOT_FINITE: teeter_status = 9;
/// A vector without a direction.
pub const TEETER_ZERO_VECTOR: teeter_status = 10;
/// A pivot is not positive.
pub const TEETER_PIVOT: teeter_status = 11;
/// A bounded iteration used up its bound.
pub const TEETER_NO_CONVERGENCE: teeter_status = 12;
/// The caller's operator returned a code other than 0; the code is handed back.
pub const TEETER_OPERATOR: teeter_status = 13;
/// Called out of turn.
pub const TEETER_STATE: teeter_status = 14;
/// An error that this version of the interface has no name for.
pub const TEETER_OTHER: teeter_status = 15;

/// The status of an error of the kernel.
pub(crate) fn status_of(error: Error) -> teeter_status {
    match error {
        Error::Length { .. } => TEETER_LENGTH,
        Error::Short { .. } => TEETER_SHORT,
        Error::Overlap { .. } => TEETER_OVERLAP,
        Error::Range { .. } => TEETER_RANGE,
        Error::Empty { .. } => TEETER_EMPTY,
        Error::NotFinite { .. } => TEETER_NOT_FINITE,
        Error::ZeroVector { .. } => TEETER_ZERO_VECTOR,
        Error::Pivot { .. } => TEETER_PIVOT,
        Error::NoConvergence { .. } => TEETER_NO_CONVERGENCE,
        Error::Operator { .. } => TEETER_OPERATOR,
        Error::State { .. } => TEETER_STATE,
        _ => TEETER_OTHER,
    }
}

/// What a status means, in English; never null, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_status_text(status: teeter_status) -> *const c_char {
    let text: &CStr = match status {
        TEETER_OK => c"success",
        TEETER_NULL => c"a pointer is null",
        TEETER_MISALIGNED => c"a pointer is not aligned to its element type",
        TEETER_OVERLAP => c"an output overlaps another argument",
        TEETER_MACHINE => c"the machine is not one that teeter_machine_detect returned",
        TEETER_LENGTH => c"a length does not fit the others, or its size in bytes overflows",
        TEETER_SHORT => c"scratch is too short; ask the _scratch_len function",
        TEETER_RANGE => c"a number is outside the range in which the method is defined",
        TEETER_EMPTY => c"n is 0 where at least 1 is needed",
        TEETER_NOT_FINITE => c"NaN or infinity where a finite number is needed",
        TEETER_ZERO_VECTOR => c"the zero vector has no direction",
        TEETER_PIVOT => c"a pivot with which the method cannot go on: not positive, or zero",
        TEETER_NO_CONVERGENCE => c"a bounded iteration used up its bound",
        TEETER_OPERATOR => c"the operator refused; its code is in operator_code",
        TEETER_STATE => c"called out of turn, or on a struct that its _new function has not made",
        TEETER_OTHER => c"an error that this version of the interface has no name for",
        _ => c"unknown status",
    };
    text.as_ptr()
}

/// The version of the library: major·10000 + minor·100 + patch.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_version() -> u32 {
    100
}
