//! Operators known by their product, and results that carry the caller's code.

use core::ffi::c_void;

use teeter::Error;
use teeter::operator::{FromFn, Symmetric};

use crate::status::{TEETER_NULL, teeter_status};

/// y ← Ax. Returns 0; any other number stops the call with `TEETER_OPERATOR` and is handed back. May
/// read x, must write all of y, must keep neither, must not unwind or jump out, and must not use
/// what the call was given.
pub type teeter_product_f64 =
    Option<unsafe extern "C" fn(context: *mut c_void, n: usize, x: *const f64, y: *mut f64) -> i32>;

/// A symmetric operator: its order, its product, and what the product wants to see.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_operator_f64 {
    /// n, for an n × n operator.
    pub n: usize,
    /// The product.
    pub product: teeter_product_f64,
    /// Handed to the product untouched; may be null.
    pub context: *mut c_void,
}

impl teeter_operator_f64 {
    /// # Safety
    /// - While the result is used, the product may be called with this context.
    pub(crate) unsafe fn view(&self) -> Result<impl Symmetric<f64> + use<>, teeter_status> {
        let (product, context) = (self.product.ok_or(TEETER_NULL)?, self.context);
        Ok(FromFn::new(self.n, move |x: &[f64], y: &mut [f64]| {
            // SAFETY: both slices have n elements; the caller vouches for product and context.
            match unsafe { product(context, x.len(), x.as_ptr(), y.as_mut_ptr()) } {
                0 => Ok(()),
                code => Err(Error::Operator { code }),
            }
        }))
    }
}
