//! Adam with a bounded preconditioner, which brings the instabilities of gradient descent back.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::adam::{AdaptiveRule, averaged};
use crate::optim::pass::{Body, Pass};
use crate::optim::{Adam, AdamState, StepReport};
use crate::simd::{Machine, Simd};

/// What √v̂ is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RootBound<T> {
    /// min(√v̂, U): a direction of large gradients is no longer slowed down without end.
    AtMost(T),
    /// max(√v̂, U): a direction of small gradients is no longer sped up without end.
    AtLeast(T),
}

/// Constants of Adam with √v̂ bounded.
///
/// # Example
/// The first step of Adam has size η; √v̂ = 8 held to 2 makes it four times as long.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Adam, AdamState, BoundedAdam, EpsilonPlacement, RootBound};
/// let adam = Adam {
///     learning_rate: 0.25,
///     beta1: 0.0,
///     beta2: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let bounded = BoundedAdam { adam, bound: RootBound::AtMost(2.0) };
/// let (mut first, mut second, mut params) = ([0.0], [0.0], [1.0]);
/// let mut state = AdamState::new(&mut first, &mut second);
/// bounded.step(Machine::detect(), &[8.0], &mut state, &mut params)?;
/// assert_eq!(params, [0.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedAdam<T> {
    /// The constants shared with Adam.
    pub adam: Adam<T>,
    /// U > 0, in units of the gradient, and its side.
    pub bound: RootBound<T>,
}

impl<T: Float> BoundedAdam<T> {
    /// One step w ← w − η m̂/(min(√v̂, U) + ε) − ηαw, or with max in place of min.
    ///
    /// Adam's preconditioner grows with the gradient and so steps out of the way of sharp
    /// directions; held below U, it cannot, and where √v̂ ≥ U everywhere the step is that of
    /// gradient descent with moving-average momentum and rate η/(U + ε).
    ///
    /// # Shapes
    /// `gradient`, `params`, both averages of `state`: n.
    ///
    /// # Method
    /// [`Adam::step`] but for the bound, which stands before the ε beside the root; an ε inside is
    /// bounded with it. A bound that is never reached gives Adam's step to the bit.
    ///
    /// # Accuracy
    /// That of [`Adam::step`]; the bound itself rounds nothing. The same bits on every machine.
    ///
    /// # Errors
    /// As [`Adam::step`]; besides `Error::Range` for U not positive or not finite.
    ///
    /// # Cost
    /// That of [`Adam::step`] and 2n comparisons.
    ///
    /// # Source
    /// Wang, Roberts 2025, arXiv:2511.12558, instabilities restored in Adam; U from their code.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut AdamState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        let (low, high) = match self.bound {
            RootBound::AtMost(bound) => (T::ZERO, bound),
            RootBound::AtLeast(bound) => (bound, T::INFINITY),
        };
        let (RootBound::AtMost(bound) | RootBound::AtLeast(bound)) = self.bound;
        check::in_range("bound", bound, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
        let Adam { beta1, beta2, .. } = self.adam;
        let begun = self.adam.begin(machine, beta1, gradient, state, params)?;
        let body = BoundedLanes { rule: begun.rule, beta1, beta2, low, high };
        let write = [&mut *state.first, &mut *state.second, params, &mut []];
        let squares = machine.run(Pass::<_, _, 1, 3> { body, read: [gradient, &[]], write });
        Ok(begun.taken.finish(squares, state))
    }
}

struct BoundedLanes<T> {
    rule: AdaptiveRule<T>,
    beta1: T,
    beta2: T,
    low: T,
    high: T,
}

impl<T: Float> Body<T> for BoundedLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [m, v, w, none]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.beta1, m, g);
        let v = averaged(simd, self.beta2, v, simd.mul(g, g));
        let (low, high) = (simd.splat(self.low), simd.splat(self.high));
        let root = self.rule.root(simd, v);
        let root = simd.select_less([root, low], low, root);
        let root = simd.select_less([high, root], high, root);
        let denominator = self.rule.with_epsilon(simd, root);
        let numerator = simd.mul(simd.splat(self.rule.rate), m);
        let (w, change) = self.rule.moved(simd, [numerator, denominator], w);
        ([m, v, w, none], change)
    }
}
