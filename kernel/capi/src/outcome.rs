//! Results that carry the code of a caller's function.

use core::mem::MaybeUninit;

use teeter::Error;

use crate::status::{status_of, teeter_status};

/// A result with a field `operator_code`.
pub(crate) trait Coded {
    /// Bytes before that field.
    const CODE_AT: usize;
}

/// Writes the result, or of a refusal by the caller's own function its code and nothing else.
pub(crate) fn deliver<R: Coded>(
    place: &mut MaybeUninit<R>,
    outcome: Result<R, Error>,
) -> Result<(), teeter_status> {
    const { assert!(R::CODE_AT + size_of::<i32>() <= size_of::<R>(), "the field lies within") }
    match outcome {
        Ok(result) => {
            place.write(result);
            Ok(())
        }
        Err(error) => {
            if let Error::Operator { code } = error {
                // SAFETY: CODE_AT is the offset of an i32 field of R, in place's own memory.
                unsafe { place.as_mut_ptr().byte_add(R::CODE_AT).cast::<i32>().write(code) }
            }
            Err(status_of(error))
        }
    }
}

/// The same for a code that has a place of its own.
pub(crate) fn refuse(code_at: &mut MaybeUninit<i32>, error: Error) -> teeter_status {
    if let Error::Operator { code } = error {
        code_at.write(code);
    }
    status_of(error)
}
