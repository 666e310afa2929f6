//! The largest stable sharpness of each update rule.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// How an optimizer acts on a quadratic ½λw² with gradient g = λw; η is the learning rate.
///
/// The formula, not the name, decides: programs call different rules momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateRule<T> {
    /// w ← w − ηg: λ < 2/η.
    GradientDescent,
    /// v ← βv + g; w ← w − ηv: λ < (2 + 2β)/η.
    Polyak {
        /// β in [0, 1).
        beta: T,
    },
    /// v ← βv + g; w ← w − η(g + βv): λ < (2 + 2β)/((1 + 2β)η).
    Nesterov {
        /// β in [0, 1).
        beta: T,
    },
    /// v ← βv + (1 − β)g; w ← w − ηv: λ < (2 + 2β)/((1 − β)η).
    Ema {
        /// β in [0, 1).
        beta: T,
    },
    /// v ← βv + (1 − β)g; w ← w − η((1 − β)g + βv): λ < (2 + 2β)/((1 − β)(1 + 2β)η).
    EmaNesterov {
        /// β in [0, 1).
        beta: T,
    },
    /// w ← w − ηg(w + ρg(w)): λ(1 + ρλ) < 2/η.
    UnnormalizedSam {
        /// ρ ≥ 0.
        rho: T,
    },
    /// w ← w − ηg(w + ρg/‖g‖): λ(1 + ρλ/‖g‖) < 2/η, the SAM edge.
    Sam {
        /// ρ ≥ 0.
        rho: T,
        /// ‖g‖ ≥ 0 where the edge is asked for; it moves with training.
        gradient_norm: T,
    },
    /// Adam, for the *preconditioned* sharpness λ₁(P⁻¹H), P = diag(√v̂) + εI, without the
    /// factor 1 − β₁ᵗ of the first steps: λ < (2 + 2β₁)/((1 − β₁)η).
    Adam {
        /// β₁ in [0, 1).
        beta1: T,
    },
}

impl<T: Float> UpdateRule<T> {
    /// Constants in range.
    fn check(self) -> Result<(), Error> {
        let below_one = (T::ONE - T::UNIT_ROUNDOFF).to_f64();
        let largest = T::MAX.to_f64();
        match self {
            Self::GradientDescent => Ok(()),
            Self::Polyak { beta }
            | Self::Nesterov { beta }
            | Self::Ema { beta }
            | Self::EmaNesterov { beta } => check::in_range("beta", beta, 0.0, below_one),
            Self::Adam { beta1 } => check::in_range("beta1", beta1, 0.0, below_one),
            Self::UnnormalizedSam { rho } => check::in_range("rho", rho, 0.0, largest),
            Self::Sam { rho, gradient_norm } => {
                check::in_range("rho", rho, 0.0, largest)?;
                check::in_range("gradient_norm", gradient_norm, 0.0, largest)
            }
        }
    }

    /// The bound on ηλ in units of 2; 1 for the SAM family, whose bound is not linear.
    fn factor(self) -> T {
        match self {
            Self::GradientDescent | Self::UnnormalizedSam { .. } | Self::Sam { .. } => T::ONE,
            Self::Polyak { beta } => T::ONE + beta,
            Self::Nesterov { beta } => (T::ONE + beta) / (T::ONE + T::TWO * beta),
            Self::Ema { beta } | Self::Adam { beta1: beta } => (T::ONE + beta) / (T::ONE - beta),
            Self::EmaNesterov { beta } => {
                (T::ONE + beta) / ((T::ONE - beta) * (T::ONE + T::TWO * beta))
            }
        }
    }
}

/// A rate, or a sharpness to divide by: positive, normal.
fn positive<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())
}

/// The largest sharpness λ at which an update rule is stable: 2/η for gradient descent.
///
/// # Units
/// Loss per params², for a learning rate in params² per loss; for Adam, λ₁(P⁻¹H) is in 1/params
/// of the learning rate.
///
/// # Method
/// The companion matrix of the rule on a quadratic has spectral radius 1 at the threshold,
/// where its root is −1. The SAM edge, (‖g‖/2ρ)(√(1 + 8ρ/(η‖g‖)) − 1) in its paper, is
/// evaluated as 2t/(1 + √(1 + 4ρt/‖g‖)), t = 2/η, which cancels nothing and gives 2/η at
/// ρ = 0; where the root's argument overflows, as √t·√‖g‖/√ρ.
///
/// # Accuracy
/// Relative error at most 8u, barring over- and underflow of the result. Scaling η by 2ᵏ
/// scales the thresholds by 2⁻ᵏ exactly, that of SAM when ‖g‖ is scaled by 2⁻ᵏ too. 0 for SAM
/// at ‖g‖ = 0 with ρ > 0.
///
/// # Errors
/// `Error::Range` for η not a positive normal number, β outside [0, 1), ρ or ‖g‖ negative; NaN.
///
/// # Cost
/// A few flops.
///
/// # Source
/// Cohen et al. 2021, arXiv:2103.00065, and 2022, arXiv:2207.14484; Long, Bartlett 2024,
/// arXiv:2309.12488.
///
/// # Example
/// ```
/// use teeter::curvature::{UpdateRule, stability_threshold};
/// assert_eq!(stability_threshold(UpdateRule::GradientDescent, 0.5), Ok(4.0));
/// assert_eq!(stability_threshold(UpdateRule::Polyak { beta: 0.5 }, 0.5), Ok(6.0));
/// assert_eq!(stability_threshold(UpdateRule::Ema { beta: 0.5 }, 0.5), Ok(12.0));
/// ```
#[doc(alias = "sam_edge")]
pub fn stability_threshold<T: Float>(rule: UpdateRule<T>, learning_rate: T) -> Result<T, Error> {
    stability_threshold_with_decay(rule, learning_rate, T::ZERO)
}

/// [`stability_threshold`] with weight decay α: 2/η − α for gradient descent.
///
/// The decay is that of this crate's optimizers: added to the gradient, αw, in the rules of
/// gradient descent and momentum, and for SAM to the gradient of the perturbed point;
/// decoupled, ηαw, for Adam. It shifts all eigenvalues of the Hessian, so that less is left
/// for the loss.
///
/// # Units
/// As [`stability_threshold`]; `weight_decay` has the unit of the sharpness, for Adam that of
/// 1/η.
///
/// # Method
/// With the decay in the gradient H becomes H + αI, and α is subtracted from the threshold;
/// decoupled, and for SAM, it is subtracted from 2/η before the rest of the formula.
///
/// # Accuracy
/// Error at most 8u of the larger of threshold and α. Zero or negative if the decay alone is
/// unstable; for SAM it is 2/η − α then.
///
/// # Errors
/// As [`stability_threshold`]; `Error::Range` for α negative, NaN or infinite.
///
/// # Cost
/// A few flops.
///
/// # Source
/// As [`stability_threshold`]; the shifts are ours.
pub fn stability_threshold_with_decay<T: Float>(
    rule: UpdateRule<T>,
    learning_rate: T,
    weight_decay: T,
) -> Result<T, Error> {
    positive("learning_rate", learning_rate)?;
    check::in_range("weight_decay", weight_decay, 0.0, T::MAX.to_f64())?;
    rule.check()?;
    let plain = T::TWO / learning_rate;
    let left = plain - weight_decay;
    Ok(match rule {
        UpdateRule::GradientDescent => left,
        UpdateRule::Polyak { .. }
        | UpdateRule::Nesterov { .. }
        | UpdateRule::Ema { .. }
        | UpdateRule::EmaNesterov { .. } => rule.factor() * plain - weight_decay,
        UpdateRule::Adam { .. } => rule.factor() * left,
        UpdateRule::UnnormalizedSam { rho } => sam_root(left, [rho, T::ONE]),
        UpdateRule::Sam { rho, gradient_norm } => sam_root(left, [rho, gradient_norm]),
    })
}

/// The positive λ with λ(1 + ρλ/g) = t; t itself for t ≤ 0 or ρ = 0.
fn sam_root<T: Float>(t: T, [rho, gradient_norm]: [T; 2]) -> T {
    if rho == T::ZERO || t <= T::ZERO {
        return t;
    }
    if gradient_norm == T::ZERO {
        return T::ZERO;
    }
    let four = T::TWO * T::TWO;
    let bend = four * t * (rho / gradient_norm);
    if bend.is_finite() {
        T::TWO * t / (T::ONE + (T::ONE + bend).sqrt())
    } else {
        t.sqrt() * gradient_norm.sqrt() / rho.sqrt()
    }
}

/// The largest learning rate at which an update rule is stable for a sharpness: 2/λ for
/// gradient descent.
///
/// # Units
/// Params² per loss, for a sharpness in loss per params²; for Adam those of
/// [`stability_threshold`].
///
/// # Method
/// The inverse of [`stability_threshold`] in η, closed for every rule; for SAM
/// 2/(λ(1 + ρλ/‖g‖)).
///
/// # Accuracy
/// Relative error at most 8u, barring over- and underflow. Scaling λ by 2ᵏ scales it by 2⁻ᵏ
/// exactly for all but the SAM rules. 0 for SAM at ‖g‖ = 0 with ρ > 0.
///
/// # Errors
/// `Error::Range` for a sharpness that is not a positive normal number (below it every rate
/// is stable), and for constants as in [`stability_threshold`].
///
/// # Cost
/// A few flops.
///
/// # Source
/// As [`stability_threshold`].
pub fn largest_learning_rate<T: Float>(rule: UpdateRule<T>, sharpness: T) -> Result<T, Error> {
    positive("sharpness", sharpness)?;
    rule.check()?;
    let plain = rule.factor() * (T::TWO / sharpness);
    let [rho, gradient_norm] = match rule {
        UpdateRule::UnnormalizedSam { rho } => [rho, T::ONE],
        UpdateRule::Sam { rho, gradient_norm } => [rho, gradient_norm],
        _ => return Ok(plain),
    };
    if rho == T::ZERO {
        return Ok(plain);
    }
    if gradient_norm == T::ZERO {
        return Ok(T::ZERO);
    }
    Ok(plain / (T::ONE + sharpness * (rho / gradient_norm)))
}
