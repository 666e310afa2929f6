//! The functions of eigenvalues whose sums are asked for.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// f of an eigenvalue; Tr f(A) is its sum over all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpectralFunction<T> {
    /// log(λ + shift): the log-determinant of A + shift·I.
    Log {
        /// Above −λ for every eigenvalue.
        shift: T,
    },
    /// 1/(λ + shift): the trace of the inverse.
    Reciprocal {
        /// Above −λ for every eigenvalue.
        shift: T,
    },
    /// λ/(λ + shift): the effective number of parameters.
    Share {
        /// α ≥ 0, above −λ for every eigenvalue.
        shift: T,
    },
    /// |λ|/(|λ| + shift), 0/0 = 0: the same of an indefinite matrix.
    ShareMagnitude {
        /// α ≥ 0
        shift: T,
    },
    /// e^λ
    Exp,
    /// λ²: the squared Frobenius norm.
    Square,
}

impl<T: Float> SpectralFunction<T> {
    /// f(x).
    ///
    /// # Accuracy
    /// Within 4u of f at x, and for a sum x + shift of f at its rounded value; `Log` and `Exp` within one unit
    /// of libm. NaN or ∞ outside the domain.
    ///
    /// # Cost
    /// One elementary function or one or two divisions.
    #[must_use]
    pub fn value(self, x: T) -> T {
        match self {
            Self::Log { shift } => (x + shift).ln(),
            Self::Reciprocal { shift } => T::ONE / (x + shift),
            Self::Share { shift } => share(x, shift),
            Self::ShareMagnitude { shift } => share(x.abs(), shift),
            Self::Exp => x.exp(),
            Self::Square => x * x,
        }
    }

    /// The shift must be a number of its range, and put every node inside the domain. Ascending nodes.
    pub(super) fn check(self, nodes: &[T]) -> Result<(), Error> {
        let smallest = nodes.first().copied().unwrap_or(T::MAX);
        let high = T::MAX.to_f64();
        let (shift, low) = match self {
            Self::Exp | Self::Square => return Ok(()),
            Self::ShareMagnitude { shift } => return check::in_range("shift", shift, 0.0, high),
            Self::Share { shift } => (shift, (-smallest).to_f64().max(0.0)),
            Self::Log { shift } | Self::Reciprocal { shift } => (shift, (-smallest).to_f64()),
        };
        check::in_range("shift", shift, low, high)?;
        if shift > -smallest {
            Ok(())
        } else {
            Err(Error::Range { argument: "shift", found: shift.to_f64(), low, high })
        }
    }

    /// Σ wᵢ f(xᵢ); a node without weight counts nothing, whatever f is there.
    pub(super) fn sum(self, nodes: &[T], weights: &[T]) -> T {
        let pairs = nodes.iter().zip(weights).filter(|(_, weight)| **weight > T::ZERO);
        pairs.fold(T::ZERO, |sum, (&node, &weight)| sum + weight * self.value(node))
    }

    /// The same function without the corner at 0, where no eigenvalue lies on its other side.
    pub(super) fn smooth_above(self, floor: T) -> Self {
        match self {
            Self::ShareMagnitude { shift } if floor >= T::ZERO => Self::Share { shift },
            other => other,
        }
    }
}

/// x/(x + a), 0/0 = 0, without overflow on the way.
fn share<T: Float>(x: T, a: T) -> T {
    if x == T::ZERO {
        T::ZERO
    } else if x.abs() >= a {
        T::ONE / (T::ONE + a / x)
    } else {
        let ratio = x / a;
        ratio / (T::ONE + ratio)
    }
}
