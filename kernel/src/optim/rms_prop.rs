//! RMSProp: the gradient over the root of its mean square, with momentum after the quotient.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::adam::averaged;
use crate::optim::pass::{Body, Pass, below_one, not_negative, squarable_norm, unit_of};
use crate::optim::{EpsilonPlacement, StepReport};
use crate::simd::{Machine, Simd};

/// Constants of RMSProp.
///
/// # Example
/// Without memory a step has the size of the rate.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{EpsilonPlacement, RmsProp, RmsPropState};
/// let rms_prop = RmsProp {
///     learning_rate: 0.5,
///     alpha: 0.0,
///     momentum: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let (mut second, mut params) = ([0.0; 2], [1.0; 2]);
/// let mut state = RmsPropState::new(&mut second, &mut []);
/// rms_prop.step(Machine::detect(), &[4.0, -3.0], &mut state, &mut params)?;
/// assert_eq!(params, [0.5, 1.5]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp<T> {
    /// η ≥ 0.
    pub learning_rate: T,
    /// α in [0, 1): memory of the square; β₂ of Adam.
    pub alpha: T,
    /// μ in [0, 1]: momentum of the quotients; with 0 there is no velocity.
    pub momentum: T,
    /// ε ≥ 0, in units of the gradient (outside) or of its square (inside).
    pub epsilon: T,
    /// Where ε stands.
    pub epsilon_placement: EpsilonPlacement,
    /// Coefficient ≥ 0 of w in d = g + `weight_decay`·w: the gradient of a ridge penalty.
    pub weight_decay: T,
}

/// What RMSProp remembers.
#[derive(Debug)]
pub struct RmsPropState<'a, T> {
    /// v: the moving average of the square, n.
    pub second: &'a mut [T],
    /// u: n; not used, and of any length, without momentum.
    pub velocity: &'a mut [T],
}

impl<'a, T: Float> RmsPropState<'a, T> {
    /// The state before the first step: fills both with zeros.
    ///
    /// # Shapes
    /// `second`: n, that of the parameters; `velocity`: n, or any length without momentum.
    pub fn new(second: &'a mut [T], velocity: &'a mut [T]) -> Self {
        second.fill(T::ZERO);
        velocity.fill(T::ZERO);
        Self { second, velocity }
    }
}

impl<T: Float> RmsProp<T> {
    /// One step v ← αv + (1 − α)d², u ← μu + d/(√v + ε), w ← w − ηu, d = g + `weight_decay`·w.
    ///
    /// # Shapes
    /// `gradient`, `params`, `state.second`: n. `state.velocity`: n, or any length if μ = 0.
    ///
    /// # Units
    /// `learning_rate`: params.
    ///
    /// # Method
    /// v is not corrected for its start, so that the first steps are longer by up to
    /// 1/√(1 − α). Where the denominator is 0, which needs ε = 0 and v = 0, the quotient is 0.
    ///
    /// # Accuracy
    /// A quotient has relative error at most 4u beyond that of v. The same bits on every machine. With
    /// ε = 0 and no decay, scaling every gradient by 2ᵏ gives the same bits of w, barring over-
    /// and underflow of d². Decay that overflows where the gradient does not goes unnoticed until the
    /// parameters are not finite.
    ///
    /// # Errors
    /// `Error::Range` for a constant that is NaN, infinite, negative, or α at or above 1, and for
    /// a gradient whose ‖g‖² overflows; `Error::Length` if lengths differ; `Error::NotFinite`
    /// for a gradient that is not finite. Parameters and state are untouched then, to the bit.
    ///
    /// # Cost
    /// 10n flops, n roots, n divisions; reads 3n, writes 2n, with momentum n more of each; one
    /// more read of the gradient for its norm. No scratch.
    ///
    /// # Source
    /// Tieleman, Hinton 2012, lecture 6e of Neural Networks for Machine Learning; momentum and ε as in
    /// PyTorch, whose centered variant is not here.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut RmsPropState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        not_negative("learning_rate", self.learning_rate)?;
        below_one("alpha", self.alpha)?;
        check::in_range("momentum", self.momentum, 0.0, 1.0)?;
        not_negative("epsilon", self.epsilon)?;
        not_negative("weight_decay", self.weight_decay)?;
        check::same_len("gradient", params.len(), gradient.len())?;
        check::same_len("second", params.len(), state.second.len())?;
        let has_velocity = self.momentum != T::ZERO;
        if has_velocity {
            check::same_len("velocity", params.len(), state.velocity.len())?;
        }
        let gradient_norm = squarable_norm(machine, "gradient", gradient)?;
        let (unit, inverse_unit) = unit_of(self.learning_rate);
        let (inside, outside) = match self.epsilon_placement {
            EpsilonPlacement::Outside => (T::ZERO, self.epsilon),
            EpsilonPlacement::Inside => (self.epsilon, T::ZERO),
        };
        let body = RmsPropLanes { rule: *self, inside, outside, inverse_unit };
        let read = [gradient, &[]];
        let squares = if has_velocity {
            let write = [&mut *state.second, params, &mut *state.velocity, &mut []];
            machine.run(Pass::<_, _, 1, 3> { body, read, write })
        } else {
            let write = [&mut *state.second, params, &mut [], &mut []];
            machine.run(Pass::<_, _, 1, 2> { body, read, write })
        };
        Ok(StepReport { gradient_norm, update_norm: squares.sqrt() * unit })
    }
}

struct RmsPropLanes<T> {
    rule: RmsProp<T>,
    /// ε under the root, and ε beside it; one of them is 0.
    inside: T,
    outside: T,
    inverse_unit: T,
}

impl<T: Float> Body<T> for RmsPropLanes<T> {
    /// Without momentum the velocity loaded is +0.0, and 0·0 + q = q.
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [v, w, velocity, none]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let d = simd.add(g, simd.mul(simd.splat(self.rule.weight_decay), w));
        let v = averaged(simd, self.rule.alpha, v, simd.mul(d, d));
        let root = simd.sqrt(simd.add(v, simd.splat(self.inside)));
        let denominator = simd.add(root, simd.splat(self.outside));
        let zero = simd.splat(T::ZERO);
        let quotient = simd.select_less([zero, denominator], simd.div(d, denominator), zero);
        let velocity = simd.add(simd.mul(simd.splat(self.rule.momentum), velocity), quotient);
        let change = simd.mul(simd.splat(self.rule.learning_rate), velocity);
        ([v, simd.sub(w, change), velocity, none], simd.mul(change, simd.splat(self.inverse_unit)))
    }
}
