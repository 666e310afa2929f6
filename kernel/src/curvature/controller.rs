//! The learning rate held at a fraction of what the sharpness bears, with a guard that takes a divergence back.

use crate::check;
use crate::curvature::controller_state::{Advice, Diagnosis, RateControllerState, RateObservation};
use crate::curvature::stability::{UpdateRule, largest_learning_rate};
use crate::error::Error;
use crate::float::Float;
use crate::simd::Machine;
use crate::vector;

/// Constants of a learning rate that follows the curvature: η·λ₁ is held at a fraction of the update rule's threshold.
///
/// ```text
/// η ← clamp(target·η_max(λ + error), η·shrink_max, η·growth_max),  η_max = largest_learning_rate of the rule
/// loss > loss_guard·max(average loss, loss_floor·first loss)?  w ← the last good w,  η ← η·backoff
/// ```
///
/// # When to use
/// On a device, where nobody tries learning rates out. A target below 1 keeps gradient descent stable; one above 1 trains
/// unstably on purpose, and the guard decides how much of it is borne.
///
/// The sharpness comes from a [`SharpnessTracker`](crate::krylov::SharpnessTracker) (two Hessian products a step), from
/// [`curvature_from_losses`](crate::curvature::curvature_from_losses) (one loss more, no product) or from a
/// [`CriticalSharpness`](crate::curvature::CriticalSharpness): each of their results becomes a
/// [`MeasuredSharpness`](crate::curvature::MeasuredSharpness). The latter two see the curvature along the step, at most λ₁
/// and less before training oscillates: take a target of a half with them. For Adam the sharpness is that of
/// P^−½HP^−½. With a weight decay α in the gradient add α to what was measured.
///
/// # Constants
/// None has a default; those in brackets are where to start.
///
/// # Example
/// A model of one weight, L = 3w²/2, started with a rate ten times too large.
/// ```
/// use teeter::Machine;
/// use teeter::curvature::{
///     Advice, MeasuredSharpness, RateController, RateControllerState, RateObservation, UpdateRule,
/// };
/// let controller = RateController {
///     rule: UpdateRule::GradientDescent, target: 0.5, growth_max: 1.1, shrink_max: 0.5,
///     rate_min: 1e-6, rate_max: 1e3, error_max: 0.5, unmeasured_max: 20, loss_share: 0.25,
///     loss_guard: 2.0, loss_floor: 0.0, backoff: 0.25, keep_every: 1, restores_max: 8, steps_max: 100,
/// };
/// let (mut params, mut kept) = ([2.0_f64], [0.0]);
/// let mut state = RateControllerState::new(20.0_f64 / 3.0, &mut kept);
/// for _ in 0..60 {
///     let (loss, gradient) = (1.5 * params[0] * params[0], [3.0 * params[0]]);
///     let seen = RateObservation {
///         loss, gradient: &gradient,
///         sharpness: Some(MeasuredSharpness { value: 3.0, error: 0.0 }),
///     };
///     match controller.observe(Machine::detect(), &seen, &mut state, &mut params)? {
///         Advice::Step(rate) => params[0] -= rate * gradient[0],
///         Advice::Restored(_) => {} // params are the last good ones: evaluate them again
///         Advice::Stop(diagnosis) => panic!("{diagnosis:?}"),
///     }
/// }
/// assert!(params[0].abs() < 1e-6);
/// assert!((state.learning_rate - 1.0 / 3.0).abs() < 1e-12); // half of 2/λ
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateController<T> {
    /// What the optimizer does: its threshold is the 1 of `target`. The gradient norm of [`UpdateRule::Sam`] is taken from
    /// each observation; the one given here counts for nothing.
    pub rule: UpdateRule<T>,
    /// η over the largest stable rate, above 0 and at most 4 (0.8; a half for curvatures along the step). Above 1 lies the
    /// instability.
    pub target: T,
    /// The rate grows by this at most in a step, at least 1 (1.1): a sharpness measured too low must not
    /// cost the weights.
    pub growth_max: T,
    /// The rate shrinks to this of itself at most in a step, in (0, 1] (0.5): one bad measurement must not stop training.
    pub shrink_max: T,
    /// The smallest rate, positive: training that needs a smaller one is stopped (1e-6).
    pub rate_min: T,
    /// The largest rate, at least `rate_min`: where λ₁ ≤ 0 every rate is stable (1e3).
    pub rate_max: T,
    /// A measurement whose error is more than this part of it, ≥ 0, may lower the rate, and not raise it (0.5).
    pub error_max: T,
    /// Observations in a row without a usable measurement before training is stopped (100).
    pub unmeasured_max: u64,
    /// How much of the average loss each loss replaces, in (0, 1]: 1 for full batches, about batch/N for small ones.
    pub loss_share: T,
    /// A loss beyond this many times the average is a divergence, above 1 (2; 10 for a target above 1).
    pub loss_guard: T,
    /// The average counts as at least this part of the first loss, in [0, 1] (0.01): near a minimum losses jump by factors.
    pub loss_floor: T,
    /// What the rate is multiplied by when weights are restored, in (0, 1) (0.25).
    pub backoff: T,
    /// Steps between two copies of good weights, at least 1 (10).
    pub keep_every: u64,
    /// Restores in a row, without good weights kept between them, before training is stopped (8).
    pub restores_max: u64,
    /// Observations in all (the budget).
    pub steps_max: u64,
}

/// A divergence: what of the observation says so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NotFinite,
    LossRaised,
}

impl<T: Float> RateController<T> {
    fn check(&self) -> Result<(), Error> {
        let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
        let below_one = (T::ONE - T::UNIT_ROUNDOFF).to_f64();
        let above_one = (T::ONE + T::EPSILON).to_f64();
        check::in_range("target", self.target, smallest, 4.0)?;
        check::in_range("growth_max", self.growth_max, 1.0, largest)?;
        check::in_range("shrink_max", self.shrink_max, smallest, 1.0)?;
        check::in_range("rate_min", self.rate_min, smallest, largest)?;
        check::in_range("rate_max", self.rate_max, self.rate_min.to_f64(), largest)?;
        check::in_range("error_max", self.error_max, 0.0, largest)?;
        check::in_range("loss_share", self.loss_share, smallest, 1.0)?;
        check::in_range("loss_guard", self.loss_guard, above_one, largest)?;
        check::in_range("loss_floor", self.loss_floor, 0.0, 1.0)?;
        check::in_range("backoff", self.backoff, smallest, below_one)?;
        check::in_range("keep_every", self.keep_every as f64, 1.0, u64::MAX as f64)?;
        largest_learning_rate(self.rule_at(T::ONE), T::ONE).map(|_| ())
    }

    /// The rule where the gradient has this norm.
    fn rule_at(&self, gradient_norm: T) -> UpdateRule<T> {
        match self.rule {
            UpdateRule::Sam { rho, .. } => UpdateRule::Sam { rho, gradient_norm },
            rule => rule,
        }
    }

    /// Takes loss, gradient and sharpness at `params`, before the step, and says what to do next.
    ///
    /// [`Advice::Step`]: step with this rate. [`Advice::Restored`]: `params` are the last good ones again, bit for bit;
    /// clear the optimizer's momentum, whose direction led astray, and evaluate anew. [`Advice::Stop`]: training must end, and
    /// `params` are the last good ones if it ends by a divergence; said again ever after.
    ///
    /// # Shapes
    /// `seen.gradient`, `state.kept`, `params`: n.
    ///
    /// # Units
    /// Losses in one unit; the sharpness as [`largest_learning_rate`] has it.
    ///
    /// # Method
    /// A loss or a gradient that is not finite, or a loss above the guard, restores. Weights are kept when they are
    /// finite, their loss is no higher than the average, and `keep_every` steps have passed. The rate divides by the upper end,
    /// value + error, and where that is not positive it grows.
    ///
    /// # Accuracy
    /// With η within its limits: the relative error of [`largest_learning_rate`] and one rounding. Scaling loss and
    /// gradient by 2ᵏ, rates by 2⁻ᵏ and the sharpness by 2ᵏ scales what it advises by 2⁻ᵏ exactly for the rules that
    /// [`largest_learning_rate`] names, barring over- and underflow. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant or a rate of the state out of range; `Error::Length`. Nothing is changed then. NaN and
    /// ∞ in loss, gradient, sharpness and weights are observations.
    ///
    /// # Cost
    /// n reads for the norm of the gradient; 2n more and n writes when weights are kept, n and n when restored.
    ///
    /// # Source
    /// Thresholds: as [`stability_threshold`](crate::curvature::stability_threshold). The rule, its limits and its guard are ours.
    #[doc(alias = "learning_rate_control")]
    pub fn observe(
        &self,
        machine: Machine,
        seen: &RateObservation<'_, T>,
        state: &mut RateControllerState<'_, T>,
        params: &mut [T],
    ) -> Result<Advice<T>, Error> {
        self.check()?;
        check::same_len("gradient", params.len(), seen.gradient.len())?;
        check::same_len("kept", params.len(), state.kept.len())?;
        let [low, high] = [self.rate_min.to_f64(), self.rate_max.to_f64()];
        check::in_range("learning_rate", state.learning_rate, low, high)?;
        if let Some(diagnosis) = state.stopped {
            return Ok(Advice::Stop(diagnosis));
        }
        if state.steps >= self.steps_max {
            return Ok(state.stop(Diagnosis::BudgetSpent));
        }
        state.steps = state.steps.saturating_add(1);
        let norm = vector::norm2(machine, seen.gradient);
        let finite_gradient =
            norm.is_finite() || vector::first_not_finite(machine, seen.gradient).is_none();
        if !(seen.loss.is_finite() && finite_gradient) {
            return self.fall_back(Trouble::NotFinite, state, params);
        }
        if state.has_kept && seen.loss > self.limit(state) {
            return self.fall_back(Trouble::LossRaised, state, params);
        }
        self.accept(machine, seen.loss, state, params)?;
        Ok(self.advise(seen, norm, state))
    }

    /// The loss beyond which it is a divergence.
    fn limit(&self, state: &RateControllerState<'_, T>) -> T {
        let floor = self.loss_floor * state.first_loss;
        let reference = state.mean_loss.max_of(floor);
        // For losses below 0, where a multiple would be stricter than the loss itself.
        reference + (self.loss_guard - T::ONE) * reference.abs()
    }

    /// Takes the loss into the average, and the weights into memory if they are good and it is time.
    fn accept(
        &self,
        machine: Machine,
        loss: T,
        state: &mut RateControllerState<'_, T>,
        params: &[T],
    ) -> Result<(), Error> {
        let good = !state.has_kept || loss <= state.mean_loss;
        state.since_kept = state.since_kept.saturating_add(1);
        let due = !state.has_kept || state.since_kept >= self.keep_every;
        if good && due && vector::first_not_finite(machine, params).is_none() {
            vector::copy(params, state.kept)?;
            // The very weights restored, kept again, are no progress.
            if !state.has_kept || loss < state.kept_loss {
                state.restored_in_row = 0;
            }
            (state.kept_loss, state.since_kept) = (loss, 0);
            if !state.has_kept {
                (state.has_kept, state.first_loss, state.mean_loss) = (true, loss, loss);
            }
        }
        state.mean_loss += self.loss_share * (loss - state.mean_loss);
        Ok(())
    }

    /// The rate of the next step.
    fn advise(
        &self,
        seen: &RateObservation<'_, T>,
        gradient_norm: T,
        state: &mut RateControllerState<'_, T>,
    ) -> Advice<T> {
        let rate = state.learning_rate;
        let measured = seen.sharpness.filter(|one| (one.value + one.error).is_finite());
        let certain = measured.is_some_and(|one| {
            one.error >= T::ZERO && one.error <= self.error_max * one.value.abs()
        });
        state.unmeasured = if certain { 0 } else { state.unmeasured.saturating_add(1) };
        if state.unmeasured > self.unmeasured_max {
            return state.stop(Diagnosis::NotMeasurable);
        }
        let Some(measured) = measured else { return Advice::Step(rate) };
        let highest = if certain { rate * self.growth_max } else { rate };
        let lowest = rate * self.shrink_max;
        let rule = self.rule_at(gradient_norm.min_of(T::MAX));
        // Below the normal numbers, and below 0, every rate is stable.
        let stable = largest_learning_rate(rule, measured.value + measured.error);
        let wanted = stable.map_or(highest, |stable| self.target * stable);
        let limited = wanted.min_of(highest).max_of(lowest);
        state.learning_rate = limited.min_of(self.rate_max).max_of(self.rate_min);
        Advice::Step(state.learning_rate)
    }

    /// Takes the divergence back, or says why it cannot be.
    fn fall_back(
        &self,
        trouble: Trouble,
        state: &mut RateControllerState<'_, T>,
        params: &mut [T],
    ) -> Result<Advice<T>, Error> {
        if !state.has_kept {
            return Ok(state.stop(Diagnosis::NotFiniteAtStart));
        }
        vector::copy(state.kept, params)?;
        // What led here counts for nothing any more.
        (state.mean_loss, state.since_kept) = (state.kept_loss, 0);
        state.restores = state.restores.saturating_add(1);
        state.restored_in_row = state.restored_in_row.saturating_add(1);
        if state.restored_in_row > self.restores_max {
            return Ok(state.stop(match trouble {
                Trouble::NotFinite => Diagnosis::NotFinite,
                Trouble::LossRaised => Diagnosis::LossRaised,
            }));
        }
        let rate = state.learning_rate * self.backoff;
        if rate < self.rate_min {
            return Ok(state.stop(Diagnosis::RateTooSmall));
        }
        state.learning_rate = rate;
        Ok(Advice::Restored(rate))
    }
}
