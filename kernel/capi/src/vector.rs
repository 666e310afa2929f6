//! Level 1 from C.

use teeter::{Float, vector};

use crate::machine::{TeeterMachine, machine_of};
use crate::memory::{apart, input, output, status};
use crate::status::{TeeterStatus, status_of};

/// # Safety
/// - As the header says: the pointers are valid for their lengths.
unsafe fn dot<T: Float>(
    machine: TeeterMachine,
    n: usize,
    x: *const T,
    y: *const T,
    result: *mut T,
) -> TeeterStatus {
    status(|| {
        let machine = machine_of(machine)?;
        apart((result, 1), (x, n))?;
        apart((result, 1), (y, n))?;
        // SAFETY: the caller vouches for n elements each and for one of `result`.
        let (x, y, result) = unsafe { (input(x, n)?, input(y, n)?, output(result, 1)?) };
        result.fill(vector::dot(machine, x, y).map_err(status_of)?);
        Ok(())
    })
}

/// # Safety
/// - As the header says: the pointers are valid for their lengths.
unsafe fn norm2<T: Float>(
    machine: TeeterMachine,
    n: usize,
    x: *const T,
    result: *mut T,
) -> TeeterStatus {
    status(|| {
        let machine = machine_of(machine)?;
        apart((result, 1), (x, n))?;
        // SAFETY: the caller vouches for n elements and for one of `result`.
        let (x, result) = unsafe { (input(x, n)?, output(result, 1)?) };
        result.fill(vector::norm2(machine, x));
        Ok(())
    })
}

/// # Safety
/// - As the header says: the pointers are valid for their lengths.
unsafe fn axpy<T: Float>(
    machine: TeeterMachine,
    n: usize,
    alpha: T,
    x: *const T,
    y: *mut T,
) -> TeeterStatus {
    status(|| {
        let machine = machine_of(machine)?;
        apart((y, n), (x, n))?;
        // SAFETY: the caller vouches for n elements each.
        let (x, y) = unsafe { (input(x, n)?, output(y, n)?) };
        vector::axpy(machine, alpha, x, y).map_err(status_of)
    })
}

/// The exported names of one function, for both formats.
macro_rules! export {
    ($(#[$doc:meta])* $generic:ident as $single:ident, $double:ident
     ($($name:ident: $t:ty),*; $($typed:ident: ($($kind:tt)*)),*)) => {
        export!(@one f32, $(#[$doc])* $generic as $single ($($name: $t),*; $($typed: ($($kind)*)),*));
        export!(@one f64, $(#[$doc])* $generic as $double ($($name: $t),*; $($typed: ($($kind)*)),*));
    };
    (@one $float:ty, $(#[$doc:meta])* $generic:ident as $exported:ident
     ($($name:ident: $t:ty),*; $($typed:ident: ($($kind:tt)*)),*)) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// - The pointers are valid for their lengths, as the header says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $exported($($name: $t,)* $($typed: $($kind)* $float),*) -> TeeterStatus {
            // SAFETY: the caller vouches for the pointers.
            unsafe { $generic($($name,)* $($typed),*) }
        }
    };
}

export! {
    /// result ← xᵀy.
    dot as teeter_dot_f32, teeter_dot_f64
    (machine: TeeterMachine, n: usize; x: (*const), y: (*const), result: (*mut))
}
export! {
    /// result ← ‖x‖₂, without overflow or underflow on the way.
    norm2 as teeter_norm2_f32, teeter_norm2_f64
    (machine: TeeterMachine, n: usize; x: (*const), result: (*mut))
}
export! {
    /// y ← αx + y.
    axpy as teeter_axpy_f32, teeter_axpy_f64
    (machine: TeeterMachine, n: usize; alpha: (), x: (*const), y: (*mut))
}
