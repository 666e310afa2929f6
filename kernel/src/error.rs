//! How a call ends when it cannot answer, and why an iteration stopped when it could.
//!
//! Three kinds of trouble have three means. The caller's mistake, and data that
//! allow no answer, are an [`Error`]; an answer that is merely poor is *not*: it is
//! data, told by [`Stop`] beside the residuals and counts of the result.

use core::fmt;

/// Why there is no answer: which argument, and both numbers.
///
/// Small and `Copy`; the sentence is made only where it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// Two lengths that must be equal are not.
    Length {
        /// The argument, as the signature names it.
        argument: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// Memory lent for the call is too short.
    Short {
        /// The argument, as the signature names it.
        argument: &'static str,
        /// Elements needed.
        needed: usize,
        /// Elements lent.
        found: usize,
    },
    /// Two elements of a matrix to write would share an address.
    Overlap {
        /// Elements between one row and the next.
        row_stride: usize,
        /// Elements between one column and the next.
        col_stride: usize,
    },
    /// A number lies outside the range in which the method is defined. NaN always does.
    Range {
        /// The argument, as the signature names it.
        argument: &'static str,
        /// The number given.
        found: f64,
        /// Smallest number allowed.
        low: f64,
        /// Largest number allowed.
        high: f64,
    },
    /// Nothing was given where no answer exists for nothing.
    Empty {
        /// The argument, as the signature names it.
        argument: &'static str,
    },
    /// NaN or infinity where the method needs a finite number.
    NotFinite {
        /// The argument, as the signature names it.
        argument: &'static str,
        /// Index of the first such element.
        index: usize,
    },
    /// A vector that must have a direction is zero.
    ZeroVector {
        /// The argument, as the signature names it.
        argument: &'static str,
    },
    /// A pivot with which the method cannot go on: negative or 0 where the matrix must be positive
    /// definite, 0 where it is divided by, lost in rounding where columns must be independent.
    Pivot {
        /// Row and column of the pivot.
        index: usize,
        /// The pivot, rounded to f64.
        value: f64,
    },
    /// A bounded iteration used up its bound; no input known reaches this.
    NoConvergence {
        /// The eigenvalue or singular value that was being isolated.
        index: usize,
        /// Steps allowed.
        limit: usize,
    },
    /// The caller's own operator or objective refused, with its own code.
    Operator {
        /// The caller's code, handed back untouched.
        code: i32,
    },
    /// A step machine was called out of turn.
    State {
        /// The call it waits for.
        expected: &'static str,
    },
    /// Bytes that are not a saved state as it must be.
    Saved {
        /// What of them.
        part: &'static str,
        /// What it must be.
        expected: u64,
        /// What it is.
        found: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length { argument, expected, found } => {
                write!(f, "`{argument}` has length {found}, but must have length {expected}")
            }
            Self::Short { argument, needed, found } => {
                write!(f, "`{argument}` has {found} elements, but {needed} are needed; lend more")
            }
            Self::Range { argument, found, low, high } => {
                let [found, low, high] = [found, low, high].map(Number);
                write!(f, "`{argument}` is {found}, but must lie between {low} and {high}")
            }
            Self::Overlap { row_stride, col_stride } => write!(
                f,
                "with a row stride of {row_stride} and a column stride of {col_stride} two \
                 elements would share an address; one stride must step over a whole line of the \
                 other"
            ),
            Self::Empty { argument } => {
                write!(f, "`{argument}` has 0 elements, but at least 1 is needed")
            }
            Self::NotFinite { argument, index } => {
                write!(f, "`{argument}` is NaN or infinite at index {index}")
            }
            Self::ZeroVector { argument } => {
                write!(f, "`{argument}` is the zero vector, which has no direction")
            }
            Self::Pivot { index, value } => {
                write!(f, "pivot {index} is {}: {}", Number(value), reason(value))
            }
            Self::NoConvergence { index, limit } => {
                write!(f, "value {index} was not isolated within {limit} steps")
            }
            Self::Operator { code } => write!(f, "the operator refused with its code {code}"),
            Self::Saved { part, expected, found } => {
                write!(f, "the saved state has {found} as its {part}, but must have {expected}")
            }
            Self::State { expected } => write!(f, "out of turn: `{expected}` comes next"),
        }
    }
}

impl core::error::Error for Error {}

/// Why a pivot is none. Its value says which method it stopped: a negative one stops only those that
/// need a positive definite matrix, a positive one only those that need independent columns.
fn reason(pivot: f64) -> &'static str {
    if pivot < 0.0 {
        "the matrix is not positive definite; add to its diagonal, or use a method for indefinite ones"
    } else if pivot == 0.0 {
        "the leading block that ends there is singular; pivoting, or adding to the diagonal, may help"
    } else if pivot.is_finite() {
        "rounding is as large: its column depends on those before it; use a method with pivoting"
    } else {
        "no number to divide by; look at what made the factor"
    }
}

/// A number in words of bearable length: f64::MAX has 309 digits otherwise.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || !size.is_finite() || (1e-4..1e9).contains(&size) {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}

/// Why an iteration stopped. Never an error: the result beside it is filled and true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Stop {
    /// The tolerance asked for was reached.
    Converged,
    /// The budget was used up first; look at the residual before using the answer.
    LimitReached,
    /// An invariant subspace was found: the answer is exact up to rounding.
    Invariant,
}
