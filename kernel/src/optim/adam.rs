//! Adam, with decoupled weight decay (AdamW).

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::StepReport;
use crate::optim::pass::{Body, Pass, below_one, not_negative, squarable_norm, unit_of};
use crate::simd::{Machine, Simd};

/// Where ε stands in the denominator; programs differ, and for small gradients it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpsilonPlacement {
    /// √v̂ + ε: the paper's algorithm 1, PyTorch.
    Outside,
    /// √(v̂ + ε).
    Inside,
}

/// Constants of Adam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam<T> {
    /// η ≥ 0.
    pub learning_rate: T,
    /// β₁ in [0, 1): memory of the gradient.
    pub beta1: T,
    /// β₂ in [0, 1): memory of its square.
    pub beta2: T,
    /// ε ≥ 0, in units of the gradient (outside) or of its square (inside).
    pub epsilon: T,
    /// Where ε stands.
    pub epsilon_placement: EpsilonPlacement,
    /// α ≥ 0 of the decoupled decay w ← w − ηαw, as in AdamW.
    pub weight_decay: T,
}

/// What Adam and its kin ([`BoundedAdam`], [`NAdam`], [`AdaHessian`]) remember. Made by
/// [`AdamState::new`], or field by field from a saved one.
///
/// [`BoundedAdam`]: crate::optim::BoundedAdam
/// [`NAdam`]: crate::optim::NAdam
/// [`AdaHessian`]: crate::optim::AdaHessian
#[derive(Debug)]
pub struct AdamState<'a, T> {
    /// m: the moving average of the gradient.
    pub first: &'a mut [T],
    /// v: the moving average of its square; for AdaHessian of the curvature's.
    pub second: &'a mut [T],
    /// β₁ᵗ, a running product; for NAdam that of its scheduled coefficients.
    pub beta1_power: T,
    /// β₂ᵗ, a running product.
    pub beta2_power: T,
    /// t: steps taken.
    pub steps: u64,
}

impl<'a, T: Float> AdamState<'a, T> {
    /// The state before the first step: fills both averages with zeros.
    ///
    /// # Shapes
    /// `first`, `second`: n, that of the parameters; [`Adam::step`] checks.
    pub fn new(first: &'a mut [T], second: &'a mut [T]) -> Self {
        first.fill(T::ZERO);
        second.fill(T::ZERO);
        Self { first, second, beta1_power: T::ONE, beta2_power: T::ONE, steps: 0 }
    }
}

impl<T: Float> Adam<T> {
    /// One step w ← w − η m̂/(√v̂ + ε) − ηαw with the gradient at w.
    ///
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
    ///
    /// # Shapes
    /// `gradient`, `params`, both averages of `state`: n.
    ///
    /// # Units
    /// `learning_rate`: params. The gradient's own unit drops out when ε = 0.
    ///
    /// # Method
    /// β₁ᵗ and β₂ᵗ are running products. Where the denominator is 0, which needs ε = 0 and
    /// v = 0, the change is 0: a zero gradient is a fixed point for every ε.
    ///
    /// # Accuracy
    /// The change of one step has relative error at most 8u beyond that of m, v and the
    /// corrections; 1 − βᵗ at most βu/(1 − β). The same bits on every machine. With ε = 0,
    /// scaling every gradient by 2ᵏ gives the same bits of w, barring over- and underflow of
    /// g². Subnormal g² lose accuracy.
    ///
    /// # Errors
    /// `Error::Range` for a constant that is NaN, infinite, negative, or β at or above 1,
    /// and for a gradient whose ‖g‖² overflows (v would be infinite for ever after);
    /// `Error::Length` if lengths differ; `Error::NotFinite` for a gradient that is not
    /// finite. Parameters and state are untouched then, to the bit.
    ///
    /// # Cost
    /// 14n flops, n square roots, n divisions; reads 4n, writes 3n; one more read of the
    /// gradient for its norm. No scratch.
    ///
    /// # Source
    /// Kingma, Ba 2015, arXiv:1412.6980, algorithm 1; Loshchilov, Hutter 2019,
    /// arXiv:1711.05101, for the decay.
    #[doc(alias = "adamw")]
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut AdamState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        let begun = self.begin(machine, self.beta1, gradient, state, params)?;
        let body = AdamLanes { rule: begun.rule, beta1: self.beta1, beta2: self.beta2 };
        let write = [&mut *state.first, &mut *state.second, params, &mut []];
        let squares = machine.run(Pass::<_, _, 1, 3> { body, read: [gradient, &[]], write });
        Ok(begun.taken.finish(squares, state))
    }

    /// Checks everything, before anything is written; what this step and its kin need.
    ///
    /// `coefficient` is that of the first average in this step: β₁, unless it is scheduled.
    pub(super) fn begin(
        &self,
        machine: Machine,
        coefficient: T,
        gradient: &[T],
        state: &AdamState<'_, T>,
        params: &[T],
    ) -> Result<Begun<T>, Error> {
        not_negative("learning_rate", self.learning_rate)?;
        below_one("beta1", self.beta1)?;
        below_one("beta2", self.beta2)?;
        not_negative("epsilon", self.epsilon)?;
        not_negative("weight_decay", self.weight_decay)?;
        check::in_range("beta1_power", state.beta1_power, 0.0, 1.0)?;
        check::in_range("beta2_power", state.beta2_power, 0.0, 1.0)?;
        check::same_len("gradient", params.len(), gradient.len())?;
        check::same_len("first", params.len(), state.first.len())?;
        check::same_len("second", params.len(), state.second.len())?;
        let gradient_norm = squarable_norm(machine, "gradient", gradient)?;
        let powers = [state.beta1_power * coefficient, state.beta2_power * self.beta2];
        let [beta1_power, beta2_power] = powers;
        let (unit, inverse_unit) = unit_of(self.learning_rate);
        let (inside, outside) = match self.epsilon_placement {
            EpsilonPlacement::Outside => (T::ZERO, self.epsilon),
            EpsilonPlacement::Inside => (self.epsilon, T::ZERO),
        };
        let rule = AdaptiveRule {
            rate: self.learning_rate / (T::ONE - beta1_power),
            correction2: T::ONE - beta2_power,
            inside,
            outside,
            decay: self.learning_rate * self.weight_decay,
            inverse_unit,
        };
        Ok(Begun { rule, taken: Taken { powers, gradient_norm, unit } })
    }
}

/// A step that has been checked.
pub(super) struct Begun<T> {
    pub(super) rule: AdaptiveRule<T>,
    pub(super) taken: Taken<T>,
}

/// What the state and the report will be once the pass has run.
pub(super) struct Taken<T> {
    /// The running products after this step.
    powers: [T; 2],
    gradient_norm: T,
    unit: T,
}

impl<T: Float> Taken<T> {
    /// Advances the running products.
    pub(super) fn finish(self, squares: T, state: &mut AdamState<'_, T>) -> StepReport<T> {
        [state.beta1_power, state.beta2_power] = self.powers;
        state.steps = state.steps.saturating_add(1);
        StepReport { gradient_norm: self.gradient_norm, update_norm: squares.sqrt() * self.unit }
    }
}

/// How a step follows from the averages: what Adam and its kin share.
pub(super) struct AdaptiveRule<T> {
    /// η/(1 − β₁ᵗ).
    pub(super) rate: T,
    /// 1 − β₂ᵗ.
    correction2: T,
    /// ε under the root, and ε beside it; one of them is 0.
    inside: T,
    outside: T,
    decay: T,
    inverse_unit: T,
}

impl<T: Float> AdaptiveRule<T> {
    /// √(v̂ + ε) or √v̂, without the ε beside it.
    #[inline(always)]
    pub(super) fn root<S: Simd<T>>(&self, simd: S, v: S::V) -> S::V {
        let corrected = simd.div(v, simd.splat(self.correction2));
        simd.sqrt(simd.add(corrected, simd.splat(self.inside)))
    }

    /// √v̂ + ε or √(v̂ + ε).
    #[inline(always)]
    pub(super) fn denominator<S: Simd<T>>(&self, simd: S, v: S::V) -> S::V {
        self.with_epsilon(simd, self.root(simd, v))
    }

    /// The root, changed or not, with the ε beside it.
    #[inline(always)]
    pub(super) fn with_epsilon<S: Simd<T>>(&self, simd: S, root: S::V) -> S::V {
        simd.add(root, simd.splat(self.outside))
    }

    /// w − numerator/denominator − ηαw, and the change in its unit. Where the denominator is 0,
    /// only the decay is left.
    #[inline(always)]
    pub(super) fn moved<S: Simd<T>>(
        &self,
        simd: S,
        [numerator, denominator]: [S::V; 2],
        w: S::V,
    ) -> (S::V, S::V) {
        let zero = simd.splat(T::ZERO);
        let quotient = simd.div(numerator, denominator);
        let adaptive = simd.select_less([zero, denominator], quotient, zero);
        let change = simd.add(adaptive, simd.mul(simd.splat(self.decay), w));
        (simd.sub(w, change), simd.mul(change, simd.splat(self.inverse_unit)))
    }
}

/// βx + (1 − β)y: the moving average, in the order of every optimizer here.
#[inline(always)]
pub(super) fn averaged<T: Float, S: Simd<T>>(simd: S, beta: T, x: S::V, y: S::V) -> S::V {
    let fresh = simd.mul(simd.splat(T::ONE - beta), y);
    simd.add(simd.mul(simd.splat(beta), x), fresh)
}

struct AdamLanes<T> {
    rule: AdaptiveRule<T>,
    beta1: T,
    beta2: T,
}

impl<T: Float> Body<T> for AdamLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [m, v, w, none]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.beta1, m, g);
        let v = averaged(simd, self.beta2, v, simd.mul(g, g));
        let numerator = simd.mul(simd.splat(self.rule.rate), m);
        let (w, change) = self.rule.moved(simd, [numerator, self.rule.denominator(simd, v)], w);
        ([m, v, w, none], change)
    }
}
