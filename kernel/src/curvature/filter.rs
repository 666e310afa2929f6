//! Spectral filters: how much of each direction of the data a regularized fit keeps.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// What regularizes a least-squares fit; λ is an eigenvalue of ΦᵀΦ, a squared singular value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpectralFilter<T> {
    /// Ridge, weight decay, a Gaussian prior: λ/(λ + α). α = 0 is the pseudo-inverse.
    Ridge {
        /// α ≥ 0, in units of λ; MacKay's α/β.
        alpha: T,
    },
    /// Gradient descent from 0, stopped early: 1 − (1 − ηλ)ᵗ; unstable where ηλ > 2.
    Descent {
        /// η ≥ 0.
        learning_rate: T,
        /// t.
        steps: u32,
    },
    /// Gradient flow from 0, stopped at time τ: 1 − exp(−λτ).
    Flow {
        /// τ ≥ 0; as much as ridge with α = 1/τ, within 30 %.
        time: T,
    },
}

impl<T: Float> SpectralFilter<T> {
    /// Constants in range.
    pub(crate) fn check(self) -> Result<(), Error> {
        let largest = T::MAX.to_f64();
        match self {
            Self::Ridge { alpha } => check::in_range("alpha", alpha, 0.0, largest),
            Self::Descent { learning_rate, .. } => {
                check::in_range("learning_rate", learning_rate, 0.0, largest)
            }
            Self::Flow { time } => check::in_range("time", time, 0.0, largest),
        }
    }

    /// `[f, 1 − f]`, neither by subtraction from 1 where that would cancel.
    pub(crate) fn parts(self, eigenvalue: T) -> [T; 2] {
        match self {
            Self::Ridge { alpha } => {
                if eigenvalue == T::ZERO {
                    return [T::ZERO, T::ONE];
                }
                [T::ONE / (T::ONE + alpha / eigenvalue), kept_back(eigenvalue, alpha)]
            }
            Self::Descent { learning_rate, steps } => descent(learning_rate * eigenvalue, steps),
            Self::Flow { time } => {
                let exponent = -(eigenvalue * time);
                [-exponent.exp_m1(), exponent.exp()]
            }
        }
    }

    /// f(λ): the share of a direction of eigenvalue λ that the fit keeps.
    ///
    /// f = 1 is least squares, f = 0 is nothing learned. The sum over all λ is the effective number of
    /// parameters. With α = 1/τ, 1 ≤ f_flow/f_ridge ≤ 1.29843.
    ///
    /// # Units
    /// λ in that of α, of 1/η, of 1/τ.
    ///
    /// # Accuracy
    /// Relative error at most 4u for ridge and flow, 8u/(1 − ηλ) for descent with ηλ < 1, and (1 − ηλ)ᵗ within
    /// 8u·tηλ/(ηλ − 1) beyond. In [0, 1] but for descent with ηλ > 1; ±∞ where that diverges beyond the format. 0 at
    /// λ = 0, also for α = 0.
    ///
    /// # Errors
    /// `Error::Range` for λ, α, η or τ negative, NaN or infinite.
    ///
    /// # Cost
    /// A division; one or two exponentials for the flow, and a logarithm more for descent.
    ///
    /// # Source
    /// Ali, Kolter, Tibshirani 2019, arXiv:1810.10082.
    ///
    /// # Example
    /// ```
    /// use teeter::curvature::SpectralFilter;
    /// assert_eq!(SpectralFilter::Ridge { alpha: 1.0 }.share(3.0), Ok(0.75));
    /// assert_eq!(SpectralFilter::Descent { learning_rate: 0.5, steps: 1 }.share(1.0), Ok(0.5));
    /// ```
    pub fn share(self, eigenvalue: T) -> Result<T, Error> {
        self.check()?;
        check::in_range("eigenvalue", eigenvalue, 0.0, T::MAX.to_f64())?;
        let [share, _] = self.parts(eigenvalue);
        Ok(share)
    }
}

/// α/(λ + α), 0 for α = 0 < λ.
fn kept_back<T: Float>(eigenvalue: T, alpha: T) -> T {
    if alpha == T::ZERO { T::ZERO } else { T::ONE / (T::ONE + eigenvalue / alpha) }
}

/// `[1 − (1 − x)ᵗ, (1 − x)ᵗ]`.
fn descent<T: Float>(x: T, steps: u32) -> [T; 2] {
    if steps == 0 || x == T::ZERO {
        return [T::ZERO, T::ONE];
    }
    let t = T::from_f64(f64::from(steps));
    if x < T::ONE {
        let exponent = t * (-x).ln_1p();
        return [-exponent.exp_m1(), exponent.exp()];
    }
    if x == T::ONE {
        return [T::ONE, T::ZERO];
    }
    let size = (t * (x - T::ONE).ln()).exp();
    let left = if steps.is_multiple_of(2) { size } else { -size };
    [T::ONE - left, left]
}

/// α with which ridge does to a direction what t steps of descent do: λ(1 − ηλ)ᵗ/(1 − (1 − ηλ)ᵗ).
///
/// Early stopping is generalized ridge, exactly, with this penalty for each direction of its own.
///
/// # Units
/// That of λ; `learning_rate` in its inverse.
///
/// # Accuracy
/// Relative error at most 16u(1 + tηλ)/(1 − ηλ), barring over- and underflow. ∞ for t = 0 or η = 0.
///
/// # Errors
/// `Error::Range` for λ not a positive normal number, or ηλ outside [0, 1]; NaN.
///
/// # Cost
/// Two exponentials, a logarithm.
///
/// # Source
/// Ours; elementary.
///
/// # Example
/// ```
/// use teeter::curvature::ridge_of_descent;
/// assert_eq!(ridge_of_descent(2.0, 0.25, 1), Ok(2.0)); // half is learned, as with α = λ
/// ```
pub fn ridge_of_descent<T: Float>(eigenvalue: T, learning_rate: T, steps: u32) -> Result<T, Error> {
    let largest = T::MAX.to_f64();
    check::in_range("eigenvalue", eigenvalue, T::MIN_POSITIVE.to_f64(), largest)?;
    let x = learning_rate * eigenvalue;
    check::in_range("learning_rate * eigenvalue", x, 0.0, 1.0)?;
    let [share, rest] = descent(x, steps);
    Ok(if share == T::ZERO { T::INFINITY } else { eigenvalue * (rest / share) })
}
