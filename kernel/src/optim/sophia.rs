//! Sophia: momentum over the diagonal of the curvature, clipped element by element.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::StepReport;
use crate::optim::adam::averaged;
use crate::optim::pass::{Body, Pass, below_one, finite_norm, not_negative, unit_of};
use crate::simd::{Machine, Simd};

/// Constants of Sophia.
///
/// # Example
/// A curvature of 2 under an average of 1 gives half a rate; one of 0 is clipped to a whole one.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Sophia, SophiaState};
/// let sophia = Sophia {
///     learning_rate: 0.5,
///     beta1: 0.0,
///     beta2: 0.0,
///     gamma: 1.0,
///     epsilon: 1e-12,
///     weight_decay: 0.0,
/// };
/// let (mut first, mut curvature, mut params) = ([0.0; 2], [0.0; 2], [1.0; 2]);
/// let mut state = SophiaState::new(&mut first, &mut curvature);
/// let machine = Machine::detect();
/// sophia.update_curvature(machine, &[2.0, 0.0], &mut state)?;
/// sophia.step(machine, &[1.0, 1.0], &mut state, &mut params)?;
/// assert_eq!(params, [0.75, 0.5]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sophia<T> {
    /// η ≥ 0: the largest change of an element in one step, but for the decay.
    pub learning_rate: T,
    /// β₁ in [0, 1): memory of the gradient.
    pub beta1: T,
    /// β₂ in [0, 1): memory of the curvature.
    pub beta2: T,
    /// γ ≥ 0: how much of the curvature divides; the larger, the fewer elements are clipped.
    pub gamma: T,
    /// ε ≥ 0, in units of the curvature: what divides where γh is smaller or negative.
    pub epsilon: T,
    /// α ≥ 0 of the decoupled decay w ← w − ηαw.
    pub weight_decay: T,
}

/// What Sophia remembers.
#[derive(Debug)]
pub struct SophiaState<'a, T> {
    /// m: the moving average of the gradient, n.
    pub first: &'a mut [T],
    /// h: the moving average of the diagonal of the curvature, n.
    pub curvature: &'a mut [T],
    /// Steps taken.
    pub steps: u64,
    /// Updates of h.
    pub updates: u64,
}

impl<'a, T: Float> SophiaState<'a, T> {
    /// The state before the first step: fills both averages with zeros.
    ///
    /// # Shapes
    /// Both n, that of the parameters; each use checks.
    pub fn new(first: &'a mut [T], curvature: &'a mut [T]) -> Self {
        first.fill(T::ZERO);
        curvature.fill(T::ZERO);
        Self { first, curvature, steps: 0, updates: 0 }
    }
}

impl<T: Float> Sophia<T> {
    /// All constants in range.
    fn check(&self) -> Result<(), Error> {
        not_negative("learning_rate", self.learning_rate)?;
        below_one("beta1", self.beta1)?;
        below_one("beta2", self.beta2)?;
        not_negative("gamma", self.gamma)?;
        not_negative("epsilon", self.epsilon)?;
        not_negative("weight_decay", self.weight_decay)
    }

    /// h ← β₂h + (1 − β₂)d with d an estimate of the diagonal of the curvature.
    ///
    /// Every few steps, on whichever estimate the caller takes: z ⊙ Hz (Sophia-H), or B·ĝ⊙ĝ with
    /// labels drawn from the model (Sophia-G), whose mean is the diagonal of Gauss–Newton. The
    /// square of the loss's own gradient is neither.
    ///
    /// # Shapes
    /// `estimate`, `state.curvature`: n.
    ///
    /// # Accuracy
    /// Three roundings per element. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range, `Error::Length`, `Error::NotFinite`; the state
    /// is untouched then. A negative estimate is none: [`Sophia::step`] bounds it.
    ///
    /// # Cost
    /// 3n flops, 3n reads, n writes.
    ///
    /// # Source
    /// Liu, Li, Hall, Liang, Ma 2024, arXiv:2305.14342, algorithm 3.
    pub fn update_curvature(
        &self,
        machine: Machine,
        estimate: &[T],
        state: &mut SophiaState<'_, T>,
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("curvature", estimate.len(), state.curvature.len())?;
        finite_norm(machine, "estimate", estimate)?;
        let write = [&mut *state.curvature, &mut [], &mut [], &mut []];
        let body = Renew { beta2: self.beta2 };
        machine.run(Pass::<_, _, 1, 1> { body, read: [estimate, &[]], write });
        state.updates = state.updates.saturating_add(1);
        Ok(())
    }

    /// One step w ← w − η clip(m/max(γh, ε), ±1) − ηαw, m ← β₁m + (1 − β₁)g.
    ///
    /// # Shapes
    /// `gradient`, `params`, both of `state`: n.
    ///
    /// # Units
    /// `learning_rate`: params.
    ///
    /// # Method
    /// Where γh ≤ ε, a negative or vanishing curvature, the quotient is clipped and the step is
    /// that of the sign of m. Where m = 0 nothing moves, whatever divides. Neither average is corrected for
    /// its start, as in the paper. Before the first update of h every element is clipped.
    ///
    /// # Accuracy
    /// The change of one step has relative error at most 4u beyond that of m and h; clipped elements
    /// one rounding. The same bits on every machine. No element moves by more than η(1 + α|w|)(1 + 3u).
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range, `Error::Length`, `Error::NotFinite` for a gradient
    /// that is not finite. Parameters and state are untouched then, to the bit.
    ///
    /// # Cost
    /// 9n flops, n divisions; reads 4n, writes 2n; one more read of the gradient for its norm. No
    /// scratch.
    ///
    /// # Source
    /// Liu, Li, Hall, Liang, Ma 2024, arXiv:2305.14342, algorithm 3.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut SophiaState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        self.check()?;
        check::same_len("gradient", params.len(), gradient.len())?;
        check::same_len("first", params.len(), state.first.len())?;
        check::same_len("curvature", params.len(), state.curvature.len())?;
        let gradient_norm = finite_norm(machine, "gradient", gradient)?;
        let (unit, inverse_unit) = unit_of(self.learning_rate);
        let body = SophiaLanes { rule: *self, inverse_unit };
        let read = [gradient, &*state.curvature];
        let write = [&mut *state.first, params, &mut [], &mut []];
        let squares = machine.run(Pass::<_, _, 2, 2> { body, read, write });
        state.steps = state.steps.saturating_add(1);
        Ok(StepReport { gradient_norm, update_norm: squares.sqrt() * unit })
    }
}

struct Renew<T> {
    beta2: T,
}

impl<T: Float> Body<T> for Renew<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [estimate, none]: [S::V; 2],
        [h, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        ([averaged(simd, self.beta2, h, estimate), none, none, none], simd.splat(T::ZERO))
    }
}

struct SophiaLanes<T> {
    rule: Sophia<T>,
    inverse_unit: T,
}

impl<T: Float> Body<T> for SophiaLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, h]: [S::V; 2],
        [m, w, none, _]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.rule.beta1, m, g);
        let (scaled, floor) =
            (simd.mul(simd.splat(self.rule.gamma), h), simd.splat(self.rule.epsilon));
        let divisor = simd.select_less([floor, scaled], scaled, floor);
        let (size, zero) = (simd.abs(m), simd.splat(T::ZERO));
        // Compared before it is divided, so that no divisor of 0 or overflow comes into it.
        let sign = simd.copysign(simd.splat(T::ONE), m);
        let clipped = simd.select_less([size, divisor], simd.div(m, divisor), sign);
        let clipped = simd.select_less([zero, size], clipped, zero);
        let step = simd.mul(simd.splat(self.rule.learning_rate), clipped);
        let decay = simd.splat(self.rule.learning_rate * self.rule.weight_decay);
        let change = simd.add(step, simd.mul(decay, w));
        ([m, simd.sub(w, change), none, none], simd.mul(change, simd.splat(self.inverse_unit)))
    }
}
