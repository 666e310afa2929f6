//! Extremal eigenvalues of a callback operator, from C.

use core::ffi::c_void;

use teeter::krylov::{
    Eigenpair, LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len,
};
use teeter::operator::FromFn;
use teeter::{Error, Float};

use crate::machine::{TeeterMachine, machine_of};
use crate::memory::{apart, input, output, status};
use crate::status::{TEETER_NULL, TEETER_RANGE, TeeterStatus, status_of};

/// The product y ← Ax; 0 for success, any other code stops the call and is handed back.
pub type TeeterProduct<T> =
    Option<unsafe extern "C" fn(context: *mut c_void, n: usize, x: *const T, y: *mut T) -> i32>;

/// A symmetric operator: its order, its product, and what the product wants to see.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TeeterOperator<T> {
    /// n, for an n × n operator.
    pub n: usize,
    /// The product.
    pub product: TeeterProduct<T>,
    /// Handed to the product untouched.
    pub context: *mut c_void,
}

/// What to look for and what it may cost.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TeeterLanczosOptions<T> {
    /// 0 largest algebraic, 1 smallest algebraic, 2 largest magnitude.
    pub which: u32,
    /// Vectors kept before a restart, at least 1.
    pub krylov_dim: usize,
    /// Products allowed in all, at least 1.
    pub product_max: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|.
    pub tolerance: T,
}

/// The eigenpair and its certificate; `stop`: 0 converged, 1 budget used up, 2 invariant.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TeeterEigenpair<T> {
    /// Why the iteration stopped.
    pub stop: u32,
    /// The operator's code if the status is `TEETER_OPERATOR`, else 0.
    pub operator_code: i32,
    /// The eigenvalue θ.
    pub value: T,
    /// ‖Av − θv‖.
    pub residual: T,
    /// θ − residual.
    pub lower: T,
    /// θ + residual.
    pub upper: T,
    /// Products used.
    pub products: usize,
    /// Steps of the last Krylov process.
    pub steps: usize,
    /// How far its basis is from orthonormal.
    pub orthogonality: T,
}

impl<T: Float> From<Eigenpair<T>> for TeeterEigenpair<T> {
    fn from(pair: Eigenpair<T>) -> Self {
        Self {
            stop: pair.stop as u32,
            operator_code: 0,
            value: pair.value,
            residual: pair.residual,
            lower: pair.lower,
            upper: pair.upper,
            products: pair.products,
            steps: pair.steps,
            orthogonality: pair.orthogonality,
        }
    }
}

/// Elements of scratch that `teeter_extremal_eigenpair_*` needs.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_extremal_eigenpair_scratch_len(n: usize, krylov_dim: usize) -> usize {
    extremal_eigenpair_scratch_len(n, krylov_dim)
}

/// Memory lent by the caller: the start and eigenvector, and scratch.
struct Lent<T> {
    vector: *mut T,
    scratch: *mut T,
    scratch_len: usize,
}

/// # Safety
/// - As the header says: the pointers are valid for their lengths.
unsafe fn eigenpair<T: Float>(
    machine: TeeterMachine,
    operator: *const TeeterOperator<T>,
    options: *const TeeterLanczosOptions<T>,
    lent: Lent<T>,
    result: *mut TeeterEigenpair<T>,
) -> TeeterStatus {
    status(|| {
        let machine = machine_of(machine)?;
        // SAFETY: the caller vouches for one element each.
        let (operators, options) = unsafe { (input(operator, 1)?, input(options, 1)?) };
        let (Some(&operator), Some(options)) = (operators.first(), options.first()) else {
            return Err(TEETER_NULL);
        };
        let product = operator.product.ok_or(TEETER_NULL)?;
        let Lent { vector, scratch, scratch_len } = lent;
        apart((vector, operator.n), (scratch, scratch_len))?;
        apart((result, 1), (vector, operator.n))?;
        apart((result, 1), (scratch, scratch_len))?;
        // SAFETY: the caller vouches for the lengths; they do not overlap, as just checked.
        let (vector, scratch, result) = unsafe {
            (output(vector, operator.n)?, output(scratch, scratch_len)?, output(result, 1)?)
        };
        let which = match options.which {
            0 => Which::LargestAlgebraic,
            1 => Which::SmallestAlgebraic,
            2 => Which::LargestMagnitude,
            _ => return Err(TEETER_RANGE),
        };
        let options = LanczosOptions {
            which,
            krylov_dim: options.krylov_dim,
            product_max: options.product_max,
            tolerance: options.tolerance,
        };
        let mut callback = FromFn::new(operator.n, |x: &[T], y: &mut [T]| {
            // SAFETY: both slices have n elements; the header says what a product may do.
            match unsafe { product(operator.context, x.len(), x.as_ptr(), y.as_mut_ptr()) } {
                0 => Ok(()),
                code => Err(Error::Operator { code }),
            }
        });
        let outcome = extremal_eigenpair(machine, &mut callback, &options, vector, scratch);
        if let (Err(Error::Operator { code }), Some(result)) = (outcome, result.first_mut()) {
            result.operator_code = code;
        }
        result.fill(outcome.map_err(status_of)?.into());
        Ok(())
    })
}

/// An eigenpair at one end of the spectrum of a symmetric f32 operator.
///
/// # Safety
/// - The pointers are valid for their lengths, as the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_extremal_eigenpair_f32(
    machine: TeeterMachine,
    operator: *const TeeterOperator<f32>,
    options: *const TeeterLanczosOptions<f32>,
    vector: *mut f32,
    scratch: TeeterScratchF32,
    result: *mut TeeterEigenpair<f32>,
) -> TeeterStatus {
    let lent = Lent { vector, scratch: scratch.data, scratch_len: scratch.len };
    // SAFETY: the caller vouches for the pointers.
    unsafe { eigenpair(machine, operator, options, lent, result) }
}

/// An eigenpair at one end of the spectrum of a symmetric f64 operator.
///
/// # Safety
/// - The pointers are valid for their lengths, as the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_extremal_eigenpair_f64(
    machine: TeeterMachine,
    operator: *const TeeterOperator<f64>,
    options: *const TeeterLanczosOptions<f64>,
    vector: *mut f64,
    scratch: TeeterScratchF64,
    result: *mut TeeterEigenpair<f64>,
) -> TeeterStatus {
    let lent = Lent { vector, scratch: scratch.data, scratch_len: scratch.len };
    // SAFETY: the caller vouches for the pointers.
    unsafe { eigenpair(machine, operator, options, lent, result) }
}

/// Scratch for f32 calls.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TeeterScratchF32 {
    /// The memory.
    pub data: *mut f32,
    /// Its elements.
    pub len: usize,
}

/// Scratch for f64 calls.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TeeterScratchF64 {
    /// The memory.
    pub data: *mut f64,
    /// Its elements.
    pub len: usize,
}
