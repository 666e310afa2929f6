//! NAdam: Adam with Nesterov's momentum and a warm-up of its first coefficient.

use crate::error::Error;
use crate::float::Float;
use crate::optim::adam::{AdaptiveRule, averaged};
use crate::optim::pass::{Body, Pass, not_negative};
use crate::optim::{Adam, AdamState, StepReport};
use crate::simd::{Machine, Simd};

/// Constants of NAdam.
///
/// # Example
/// Without memory the first step is Adam's.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Adam, AdamState, EpsilonPlacement, NAdam};
/// let adam = Adam {
///     learning_rate: 0.5,
///     beta1: 0.0,
///     beta2: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let nadam = NAdam { adam, momentum_decay: 0.004 };
/// let (mut first, mut second, mut params) = ([0.0], [0.0], [1.0]);
/// let mut state = AdamState::new(&mut first, &mut second);
/// nadam.step(Machine::detect(), &[-3.0], &mut state, &mut params)?;
/// assert_eq!(params, [1.5]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NAdam<T> {
    /// The constants shared with Adam; `beta1` is what the coefficient tends to.
    pub adam: Adam<T>,
    /// ψ ≥ 0 in μₜ = β₁(1 − ½·0.96^(tψ)); 0 holds μ at β₁/2.
    pub momentum_decay: T,
}

impl<T: Float> NAdam<T> {
    /// One step w ← w − η[(1 − μₜ)g/(1 − Πₜ) + μₜ₊₁m/(1 − Πₜ₊₁)]/(√v̂ + ε) − ηαw, Πₜ = μ₁…μₜ.
    ///
    /// m ← β₁m + (1 − β₁)g and v are Adam's: the fresh gradient acts at once, and the average as it
    /// will be in the next step.
    ///
    /// # Shapes
    /// `gradient`, `params`, both averages of `state`: n.
    ///
    /// # Method
    /// As PyTorch: the constant β₁ in the average, the schedule in the weights. 0.96^(tψ) is
    /// exp(tψ log 0.96), Πₜ a running product in `state.beta1_power`.
    ///
    /// # Accuracy
    /// The change of one step has relative error at most 10u beyond that of m, v, the weights and
    /// the corrections, relative to the sum of the magnitudes of its two parts. μₜ: (tψ/20 + 4)u.
    /// The same bits on every machine.
    ///
    /// # Errors
    /// As [`Adam::step`]; besides `Error::Range` for ψ NaN, infinite or negative.
    ///
    /// # Cost
    /// That of [`Adam::step`] and 2n flops; two exponentials.
    ///
    /// # Source
    /// Dozat 2016, ICLR workshop, algorithm 2 and its schedule.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut AdamState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        not_negative("momentum_decay", self.momentum_decay)?;
        let Adam { learning_rate, beta1, beta2, .. } = self.adam;
        let (now, next) = (self.coefficient(state.steps, 1.0), self.coefficient(state.steps, 2.0));
        let begun = self.adam.begin(machine, now, gradient, state, params)?;
        let product = state.beta1_power * now;
        let body = NAdamLanes {
            rule: begun.rule,
            beta1,
            beta2,
            of_gradient: learning_rate * (T::ONE - now) / (T::ONE - product),
            of_average: learning_rate * next / (T::ONE - product * next),
        };
        let write = [&mut *state.first, &mut *state.second, params, &mut []];
        let squares = machine.run(Pass::<_, _, 1, 3> { body, read: [gradient, &[]], write });
        Ok(begun.taken.finish(squares, state))
    }

    /// μ of the step `ahead` of those taken.
    fn coefficient(&self, steps: u64, ahead: f64) -> T {
        // A count beyond 2⁵³ is rounded, and 0.96 to its power is 0 long before.
        let time = T::from_f64(steps as f64 + ahead) * self.momentum_decay;
        let decay = (time * T::from_f64(0.96).ln()).exp();
        self.adam.beta1 * (T::ONE - T::HALF * decay)
    }
}

struct NAdamLanes<T> {
    rule: AdaptiveRule<T>,
    beta1: T,
    beta2: T,
    /// η(1 − μₜ)/(1 − Πₜ).
    of_gradient: T,
    /// ημₜ₊₁/(1 − Πₜ₊₁).
    of_average: T,
}

impl<T: Float> Body<T> for NAdamLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [m, v, w, none]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.beta1, m, g);
        let v = averaged(simd, self.beta2, v, simd.mul(g, g));
        let fresh = simd.mul(simd.splat(self.of_gradient), g);
        let numerator = simd.add(fresh, simd.mul(simd.splat(self.of_average), m));
        let (w, change) = self.rule.moved(simd, [numerator, self.rule.denominator(simd, v)], w);
        ([m, v, w, none], change)
    }
}
