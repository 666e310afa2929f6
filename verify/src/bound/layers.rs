//! Networks of layers against the tape.

use teeter::Float;

use super::unit_roundoff;
use crate::oracle::tape::Running;

/// Roundings of the kernel's formulas for each one that the tape counts.
///
/// A sum over n terms costs n on the tape and n in any other order. The formulas that differ are those of layer
/// normalization, whose x̂ is two roundings where the tape has one product, and is read twice in a term, softmax
/// (a quotient for a product with a reciprocal) and constants that f32 rounds (√(2/π), 1/√e, 1/(1 − rate)): never
/// four for one.
const ROUNDINGS: f64 = 4.0;

/// What the kernel may differ by from a number of the tape: its own roundings, and those of the tape, which is run in
/// f64. First order in u; the term left out is u times as large.
#[must_use]
pub fn difference<T: Float>(number: Running) -> f64 {
    let unit = unit_roundoff::<T>().to_f64_fast();
    let own = unit_roundoff::<f64>().to_f64_fast();
    number.error * (ROUNDINGS * unit + own)
}

/// The square of a number; of one that is nothing but rounding, as the gradient by a bias of attention's keys is,
/// the square of the error counts too.
#[must_use]
pub fn square<T: Float>(number: Running) -> Running {
    let unit = difference::<T>(Running { error: 1.0, ..number });
    let first = number * number;
    Running { error: first.error + unit * number.error * number.error, ..first }
}

/// The chance that a fair mask fails its test.
pub const DROPOUT_FAILURE: f64 = 1e-9;
