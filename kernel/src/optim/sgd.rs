//! Gradient descent, with and without momentum.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::StepReport;
use crate::optim::pass::{finite_norm, not_negative, sweep, unit_of};
use crate::simd::{Machine, Operation, Simd};
use crate::vector;

/// How past gradients act on.
///
/// The forms differ in what sharpness they bear (`curvature::stability_threshold`), and
/// programs call different ones by the same name: the formula decides. d is the gradient
/// with its weight decay, v the velocity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Momentum<T> {
    /// w ← w − ηd. Plain gradient descent; no state.
    None,
    /// v ← βv + d; w ← w − ηv. Polyak's heavy ball.
    Polyak(T),
    /// v ← βv + d; w ← w − η(d + βv). Nesterov's, in the form without look-ahead.
    Nesterov(T),
    /// v ← βv + (1 − β)d; w ← w − ηv. The moving average, as in Adam.
    Ema(T),
}

/// Constants of gradient descent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<T> {
    /// η ≥ 0.
    pub learning_rate: T,
    /// Which momentum, and its β in [0, 1].
    pub momentum: Momentum<T>,
    /// α ≥ 0 in d = g + αw: the gradient of the ridge penalty ½α‖w‖².
    pub weight_decay: T,
}

/// What gradient descent remembers: zeros at the start.
#[derive(Debug)]
pub struct SgdState<'a, T> {
    /// v: n; not used, and of any length, without momentum.
    pub velocity: &'a mut [T],
}

impl<T: Float> Sgd<T> {
    /// One step w ← w − η(…) with the gradient at w; see [`Momentum`] for the formula.
    ///
    /// # Shapes
    /// `gradient`, `params`: n. `state.velocity`: n, or any length without momentum.
    ///
    /// # Units
    /// `learning_rate`: params² per loss. The report's `gradient_norm`: loss per params.
    ///
    /// # Accuracy
    /// One rounding per operation, in this order: d = g + (αw); v = (βv) + d, or
    /// (βv) + ((1 − β)d); for Nesterov d + (βv); w − (η·…). The same bits on every
    /// machine. Scaling g and v by 2ᵏ and η by 2⁻ᵏ gives the same bits of w, barring over-
    /// and underflow. Finite gradients may still overflow w when the step diverges.
    ///
    /// # Errors
    /// `Error::Range` for a constant that is NaN, infinite, negative, or β above 1;
    /// `Error::Length` if lengths differ; `Error::NotFinite` for a gradient that is not
    /// finite. Parameters and state are untouched then, to the bit.
    ///
    /// # Cost
    /// 4n to 8n flops; reads n + 2n, writes 2n with momentum; one more read of the gradient
    /// for its norm. No scratch.
    ///
    /// # Source
    /// Polyak 1964; Nesterov 1983; formulas as in Sutskever et al. 2013, without the
    /// look-ahead.
    ///
    /// # Example
    /// ```
    /// use teeter::Machine;
    /// use teeter::optim::{Momentum, Sgd, SgdState};
    /// let sgd = Sgd { learning_rate: 0.5, momentum: Momentum::None, weight_decay: 0.0 };
    /// let (mut params, mut state) = ([1.0, 2.0], SgdState { velocity: &mut [] });
    /// sgd.step(Machine::detect(), &[1.0, -2.0], &mut state, &mut params)?;
    /// assert_eq!(params, [0.5, 3.0]);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut SgdState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        not_negative("learning_rate", self.learning_rate)?;
        not_negative("weight_decay", self.weight_decay)?;
        check::same_len("gradient", params.len(), gradient.len())?;
        let form = match self.momentum {
            Momentum::None => None,
            Momentum::Polyak(beta) => Some(Form { beta, fresh: T::ONE, ahead: T::ZERO }),
            Momentum::Nesterov(beta) => Some(Form { beta, fresh: T::ONE, ahead: T::ONE }),
            Momentum::Ema(beta) => Some(Form { beta, fresh: T::ONE - beta, ahead: T::ZERO }),
        };
        if let Some(form) = &form {
            check::in_range("momentum", form.beta, 0.0, 1.0)?;
            check::same_len("velocity", params.len(), state.velocity.len())?;
        }
        let gradient_norm = finite_norm(machine, "gradient", gradient)?;
        let size = match (&form, gradient_norm == T::ZERO) {
            (Some(_), true) => vector::norm2(machine, state.velocity),
            _ => gradient_norm,
        };
        let (unit, inverse_unit) = unit_of(self.learning_rate * size);
        let (learning_rate, weight_decay) = (self.learning_rate, self.weight_decay);
        let plain = Plain { learning_rate, weight_decay, inverse_unit, gradient, params };
        let squares = match form {
            None => machine.run(plain),
            Some(form) => machine.run(Heavy { form, plain, velocity: state.velocity }),
        };
        Ok(StepReport { gradient_norm, update_norm: squares.sqrt() * unit })
    }
}

/// The three momenta as one: v ← βv + `fresh`·d; the step is v, or d + βv if `ahead`.
struct Form<T> {
    beta: T,
    fresh: T,
    ahead: T,
}

struct Plain<'a, T> {
    learning_rate: T,
    weight_decay: T,
    inverse_unit: T,
    gradient: &'a [T],
    params: &'a mut [T],
}

impl<T: Float> Operation<T> for Plain<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let [rate, decay, inverse_unit] =
            [self.learning_rate, self.weight_decay, self.inverse_unit].map(|x| simd.splat(x));
        sweep(simd, [self.gradient], [self.params], |[g], [w]| {
            let d = simd.add(g, simd.mul(decay, w));
            let change = simd.mul(rate, d);
            ([simd.sub(w, change)], simd.mul(change, inverse_unit))
        })
    }
}

struct Heavy<'a, T> {
    form: Form<T>,
    plain: Plain<'a, T>,
    velocity: &'a mut [T],
}

impl<T: Float> Operation<T> for Heavy<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let Self { form, plain, velocity } = self;
        let [rate, decay, inverse_unit] =
            [plain.learning_rate, plain.weight_decay, plain.inverse_unit].map(|x| simd.splat(x));
        let [beta, fresh, one, ahead] =
            [form.beta, form.fresh, T::ONE, form.ahead].map(|x| simd.splat(x));
        sweep(simd, [plain.gradient], [velocity, plain.params], |[g], [v, w]| {
            let d = simd.add(g, simd.mul(decay, w));
            let v = simd.add(simd.mul(beta, v), simd.mul(fresh, d));
            // Multiplying by 1 is exact, so this is d + βv for Nesterov.
            let nesterov = simd.add(d, simd.mul(beta, v));
            let direction = simd.select_less([ahead, one], v, nesterov);
            let change = simd.mul(rate, direction);
            ([v, simd.sub(w, change)], simd.mul(change, inverse_unit))
        })
    }
}
