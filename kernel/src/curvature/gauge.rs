//! Curvature along a step from its losses and gradients: for runtimes without Hessian products.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// What was seen of a step w → w + Δ: φ(t) = L(w + tΔ) at t = 0 and 1.
///
/// The gauges take sums of many terms for granted, and so their rounding errors: `loss_error` and `slope_error` are absolute,
/// those of one loss and of one slope. A loss averaged over m rows errs by at most mu·L, usually √m·u·L;
/// gᵀΔ of n terms by at most nu·‖g‖‖Δ‖, usually √n·u·‖g‖‖Δ‖. 0 where losses and slopes are exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepObservation<T> {
    /// L(w).
    pub loss_before: T,
    /// L(w + Δ), of the same rows.
    pub loss_after: T,
    /// φ′(0) = gᵀΔ with the gradient at w; −η‖g‖² for gradient descent.
    pub slope_before: T,
    /// φ′(1) = gᵀΔ with the gradient at w + Δ and the same Δ. NaN, if not known: relative progress and the curvature from
    /// losses do not read it.
    pub slope_after: T,
    /// ‖Δ‖.
    pub step_norm: T,
    /// Rounding error of each loss, at most.
    pub loss_error: T,
    /// Rounding error of each slope, at most.
    pub slope_error: T,
}

/// A number and what the rounding of its inputs, and its own, may make of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Gauge<T> {
    /// The number.
    pub value: T,
    /// That of exact losses and slopes lies within this of it; ∞ if rounding is all there is.
    pub rounding: T,
}

/// The parabola through losses and slopes of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct StepFit<T> {
    /// α: where the step ended: −1 at its start, 0 at the minimum of the parabola, 1 on the other side at
    /// the same height, beyond 1 uphill. Below −1 for a parabola that opens downward.
    pub alpha: T,
    /// The α of exact losses and slopes lies within this of it.
    pub rounding: T,
    /// L(w + Δ) − L(w) − (φ′(0) + φ′(1))/2: −φ‴/12 for a cubic, 0 for a parabola.
    pub misfit: T,
    /// The misfit of a parabola's rounded losses and slopes is at most this: a larger one tells that φ is none.
    pub misfit_rounding: T,
}

fn finite<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, -T::MAX.to_f64(), T::MAX.to_f64())
}

impl<T: Float> StepObservation<T> {
    /// What every gauge reads.
    fn check(&self) -> Result<(), Error> {
        finite("loss_before", self.loss_before)?;
        finite("loss_after", self.loss_after)?;
        finite("slope_before", self.slope_before)?;
        check::in_range("loss_error", self.loss_error, 0.0, T::MAX.to_f64())?;
        check::in_range("slope_error", self.slope_error, 0.0, T::MAX.to_f64())
    }

    /// A step along which the loss has a slope.
    fn check_slope(&self) -> Result<(), Error> {
        let low = T::MIN_POSITIVE.to_f64();
        check::in_range("slope_before", self.slope_before.abs(), low, T::MAX.to_f64())
    }

    fn check_norm(&self) -> Result<(), Error> {
        let low = T::MIN_POSITIVE.to_f64();
        check::in_range("step_norm", self.step_norm, low, T::MAX.to_f64())
    }

    /// What the quotient x/−φ′(0) may be off by, where x is by `error`.
    fn over_slope(&self, quotient: T, error: T) -> T {
        let divisor = self.slope_before.abs() - self.slope_error;
        if divisor <= T::ZERO {
            return T::INFINITY;
        }
        let own = T::from_f64(4.0) * T::EPSILON * quotient.abs();
        // One ε more than the first-order sum has room for its own rounding.
        (error + quotient.abs() * self.slope_error) / divisor
            * (T::ONE + T::from_f64(8.0) * T::EPSILON)
            + own
    }
}

/// (L(w + Δ) − L(w))/(−φ′(0)): the progress of a step over what its slope promised; −1 is all of it.
///
/// On a quadratic it is −1 + ½·ΔᵀHΔ/(−gᵀΔ), for gradient descent −1 + ½η·gᵀHg/‖g‖²: 0 at a directional
/// curvature of 2/η, the edge of stability, whatever the size of the network and the scale of the loss.
///
/// # When to use
/// Every training loop has its numbers: no product, no second gradient. It sees the curvature along the step only; that is λ₁
/// where oscillation dominates, and less before.
///
/// # Accuracy
/// On quadratics exact within `rounding`; else it has what φ‴ does in one step. Scaling the loss by 2ᵏ
/// changes nothing.
///
/// # Errors
/// `Error::Range` for a number that is not finite, an error that is negative, a slope of zero.
///
/// # Source
/// Ahn, Zhang, Sra 2022, arXiv:2204.01050, §4.
///
/// # Example
/// ```
/// use teeter::curvature::{StepObservation, relative_progress};
/// // L = 3w²/2 from w = 2 at η = 0.5: g = 6, Δ = −3.
/// let step = StepObservation {
///     loss_before: 6.0, loss_after: 1.5, slope_before: -18.0, slope_after: 9.0, step_norm: 3.0,
///     loss_error: 0.0, slope_error: 0.0,
/// };
/// assert_eq!(relative_progress(&step)?.value, -1.0 + 0.5 * 0.5 * 3.0);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn relative_progress<T: Float>(step: &StepObservation<T>) -> Result<Gauge<T>, Error> {
    step.check()?;
    step.check_slope()?;
    let value = (step.loss_after - step.loss_before) / -step.slope_before;
    Ok(Gauge { value, rounding: step.over_slope(value, T::TWO * step.loss_error) })
}

/// 2(L(w + Δ) − L(w) − φ′(0))/‖Δ‖²: the curvature along a step, from two losses and one slope.
///
/// ΔᵀHΔ/‖Δ‖² on a quadratic; else the mean of φ″(t)/‖Δ‖² with the weight 2(1 − t).
///
/// # When to use
/// Where the gradient at the end of the step is not known. It is, one step later: then [`curvature_from_slopes`] is
/// the more exact one, for losses change by little.
///
/// # Accuracy
/// On quadratics exact within `rounding`. Scaling the loss by 2ᵏ scales both by 2ᵏ exactly, barring over- and underflow.
///
/// # Errors
/// `Error::Range` for a number that is not finite, an error that is negative, a step of zero.
///
/// # Source
/// Taylor's theorem.
pub fn curvature_from_losses<T: Float>(step: &StepObservation<T>) -> Result<Gauge<T>, Error> {
    step.check()?;
    step.check_norm()?;
    let change = step.loss_after - step.loss_before;
    let excess = change - step.slope_before;
    let value = T::TWO * excess / step.step_norm / step.step_norm;
    let inputs = T::TWO * step.loss_error + step.slope_error;
    let own = T::EPSILON * (change.abs() + excess.abs() + excess.abs());
    let rounding = T::TWO * (inputs + own) / step.step_norm / step.step_norm;
    Ok(Gauge { value, rounding: rounding * (T::ONE + T::from_f64(8.0) * T::EPSILON) })
}

/// (φ′(1) − φ′(0))/‖Δ‖²: the curvature along a step, from the gradients at its ends.
///
/// ΔᵀHΔ/‖Δ‖² on a quadratic; else the mean of φ″(t)/‖Δ‖² over the step, which is what gradient descent itself feels.
///
/// # Accuracy
/// As [`curvature_from_losses`].
///
/// # Errors
/// As [`curvature_from_losses`]; `Error::Range` for a slope at the end that is not known.
///
/// # Source
/// The fundamental theorem of calculus; as a step size: Barzilai, Borwein 1988, doi:10.1093/imanum/8.1.141.
pub fn curvature_from_slopes<T: Float>(step: &StepObservation<T>) -> Result<Gauge<T>, Error> {
    step.check()?;
    step.check_norm()?;
    finite("slope_after", step.slope_after)?;
    let change = step.slope_after - step.slope_before;
    let value = change / step.step_norm / step.step_norm;
    let own = T::TWO * T::EPSILON * change.abs();
    let rounding = (T::TWO * step.slope_error + own) / step.step_norm / step.step_norm;
    Ok(Gauge { value, rounding: rounding * (T::ONE + T::from_f64(8.0) * T::EPSILON) })
}

/// α of a step: where it ended on the parabola that fits its losses and slopes.
///
/// With φ′(0) = b and φ″ = φ′(1) − φ′(0), the parabola's minimum is at t* = −b/φ″, and α = 1/t* − 1: −1 where the step
/// began, 0 at the minimum, 1 at the same height on the other side. On a quadratic along an eigenvector gradient descent has α =
/// ηλ − 1: 1 at the edge of stability; and α = 1 + 2·[`relative_progress`].
///
/// # Method
/// Three equations (two slopes, one difference of losses) for b and φ″, by least squares with the weights that the errors give
/// them: φ″ is the difference of slopes, b = φ′(0) + w·misfit, w = e²ₛ/(4e²ₗ + e²ₛ), and 0 where the slopes are exact.
///
/// # Accuracy
/// On quadratics exact within `rounding`. `misfit` beyond `misfit_rounding` says that the loss is no parabola along the step, and
/// is −φ‴/12 to first order. Scaling the loss by 2ᵏ leaves α.
///
/// # Errors
/// `Error::Range` for a number that is not finite, an error that is negative, a slope of zero at the start.
///
/// # Source
/// Schneider, Dangel, Hennig 2021, arXiv:2102.06604 (Cockpit), §2 and appendix C.1.
///
/// # Example
/// ```
/// use teeter::curvature::{StepObservation, step_alpha};
/// // L = 3w²/2 from w = 2 at η = 0.5: the minimum is passed, for ηλ = 1.5.
/// let step = StepObservation {
///     loss_before: 6.0, loss_after: 1.5, slope_before: -18.0, slope_after: 9.0, step_norm: 3.0,
///     loss_error: 0.0, slope_error: 0.0,
/// };
/// let fit = step_alpha(&step)?;
/// assert_eq!((fit.alpha, fit.misfit), (0.5, 0.0));
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn step_alpha<T: Float>(step: &StepObservation<T>) -> Result<StepFit<T>, Error> {
    step.check()?;
    step.check_slope()?;
    finite("slope_after", step.slope_after)?;
    let change = step.loss_after - step.loss_before;
    let mean = step.slope_before / T::TWO + step.slope_after / T::TWO;
    let misfit = change - mean;
    let own = T::EPSILON * (change.abs() + mean.abs() + misfit.abs());
    let misfit_rounding = T::TWO * step.loss_error + step.slope_error + T::TWO * own;
    // Errors over the larger one: their squares would underflow.
    let ratio = if step.slope_error == T::ZERO {
        T::ZERO
    } else {
        let losses = T::TWO * (step.loss_error / step.slope_error);
        T::ONE / (T::ONE + losses * losses)
    };
    let slope = step.slope_before + ratio * misfit;
    let bend = step.slope_after - step.slope_before;
    let quotient = bend / -slope;
    // For a parabola the fitted slope is off by that of the first slope and the misfit's own.
    let slope_error = step.slope_error + ratio * misfit_rounding + T::EPSILON * slope.abs();
    let fitted = StepObservation { slope_before: slope, slope_error, ..*step };
    let rounding = fitted.over_slope(quotient, T::TWO * step.slope_error + T::EPSILON * bend.abs());
    let alpha = quotient - T::ONE;
    Ok(StepFit {
        alpha,
        rounding: rounding + T::EPSILON * (alpha.abs() + T::ONE),
        misfit,
        misfit_rounding,
    })
}
