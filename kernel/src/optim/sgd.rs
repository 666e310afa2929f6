//! Gradient descent, with and without momentum.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::StepReport;
use crate::optim::pass::{Body, Pass, finite_norm, not_negative, unit_of};
use crate::simd::{Machine, Simd};
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
        let plain = Plain {
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            inverse_unit,
        };
        let read = [gradient, &[]];
        let squares = match form {
            None => {
                let write = [params, &mut [], &mut [], &mut []];
                machine.run(Pass::<_, _, 1, 1> { body: plain, read, write })
            }
            Some(form) => {
                let write = [params, &mut *state.velocity, &mut [], &mut []];
                machine.run(Pass::<_, _, 1, 2> { body: Heavy { form, plain }, read, write })
            }
        };
        Ok(StepReport { gradient_norm, update_norm: squares.sqrt() * unit })
    }
}

/// The three momenta as one: v ← βv + `fresh`·d; the step is v, or d + βv if `ahead` is 1.
/// Multiplying by a `fresh` of 1 is exact.
struct Form<T> {
    beta: T,
    fresh: T,
    ahead: T,
}

struct Plain<T> {
    learning_rate: T,
    weight_decay: T,
    inverse_unit: T,
}

impl<T: Float> Plain<T> {
    /// d = g + αw.
    #[inline(always)]
    fn decayed<S: Simd<T>>(&self, simd: S, g: S::V, w: S::V) -> S::V {
        simd.add(g, simd.mul(simd.splat(self.weight_decay), w))
    }

    /// The new w, and the change in its unit.
    #[inline(always)]
    fn stepped<S: Simd<T>>(&self, simd: S, direction: S::V, w: S::V) -> (S::V, S::V) {
        let change = simd.mul(simd.splat(self.learning_rate), direction);
        (simd.sub(w, change), simd.mul(change, simd.splat(self.inverse_unit)))
    }
}

impl<T: Float> Body<T> for Plain<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [w, v, none, _]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let (w, change) = self.stepped(simd, self.decayed(simd, g, w), w);
        ([w, v, none, none], change)
    }
}

struct Heavy<T> {
    form: Form<T>,
    plain: Plain<T>,
}

impl<T: Float> Body<T> for Heavy<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [w, v, none, _]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let Form { beta, fresh, ahead } = self.form;
        let beta = simd.splat(beta);
        let d = self.plain.decayed(simd, g, w);
        let v = simd.add(simd.mul(beta, v), simd.mul(simd.splat(fresh), d));
        let nesterov = simd.add(d, simd.mul(beta, v));
        let direction = simd.select_less([simd.splat(ahead), simd.splat(T::ONE)], v, nesterov);
        let (w, change) = self.plain.stepped(simd, direction, w);
        ([w, v, none, none], change)
    }
}
