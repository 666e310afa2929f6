//! AdaHessian: Adam with the diagonal of the Hessian in place of the gradient under the root.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::adam::{AdaptiveRule, averaged};
use crate::optim::pass::{Body, Pass, squarable_norm};
use crate::optim::{Adam, AdamState, StepReport};
use crate::simd::{Machine, Simd};

/// Constants of AdaHessian, with Hessian power 1: a step of Newton's kind, averaged.
///
/// # Example
/// With a curvature of 4 and no memory the step of rate 1 is Newton's.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{AdaHessian, Adam, AdamState, EpsilonPlacement};
/// let adam = Adam {
///     learning_rate: 1.0,
///     beta1: 0.0,
///     beta2: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let (mut first, mut second, mut params) = ([0.0], [0.0], [3.0]);
/// let mut state = AdamState::new(&mut first, &mut second);
/// let (gradient, curvature) = ([4.0 * params[0]], [4.0]);
/// AdaHessian { adam }.step(Machine::detect(), &gradient, &curvature, &mut state, &mut params)?;
/// assert_eq!(params, [0.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaHessian<T> {
    /// The constants shared with Adam; ε in units of the curvature.
    pub adam: Adam<T>,
}

impl<T: Float> AdaHessian<T> {
    /// One step w ← w − η m̂/(√v̂ + ε) − ηαw with v ← β₂v + (1 − β₂)d², d the diagonal of H.
    ///
    /// d is the caller's: `trace::Diagonal` estimates it, and z ⊙ Hz with signs z is one sample. What
    /// is averaged over blocks (filters of a convolution) is averaged in d, before.
    ///
    /// # Shapes
    /// `gradient`, `curvature`, `params`, both averages of `state`: n.
    ///
    /// # Units
    /// `learning_rate`: none. A step is gradient over curvature, in units of params.
    ///
    /// # Method
    /// [`Adam::step`] but for d in place of g under the root. The square forgets the sign of a
    /// curvature: where it is negative, the step still descends. An exact diagonal of a diagonal
    /// quadratic, without ε and memory, gives Newton's step.
    ///
    /// # Accuracy
    /// That of [`Adam::step`], with d for g in v. The same bits on every machine. Scaling the
    /// loss by 2ᵏ changes no bit when ε = 0, barring over- and underflow.
    ///
    /// # Errors
    /// As [`Adam::step`], and for `curvature` what it says of the gradient: a length that differs, an
    /// element that is not finite, a norm whose square overflows. Nothing is written then.
    ///
    /// # Cost
    /// 14n flops, n roots, 2n divisions; reads 5n, writes 3n; one more read of gradient and curvature for
    /// their norms. No scratch.
    ///
    /// # Source
    /// Yao et al. 2021, arXiv:2006.00719, algorithm 1, with Hessian power 1.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        curvature: &[T],
        state: &mut AdamState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        let Adam { beta1, beta2, .. } = self.adam;
        check::same_len("curvature", params.len(), curvature.len())?;
        let begun = self.adam.begin(machine, beta1, gradient, state, params)?;
        squarable_norm(machine, "curvature", curvature)?;
        let body = AdaHessianLanes { rule: begun.rule, beta1, beta2 };
        let write = [&mut *state.first, &mut *state.second, params, &mut []];
        let read = [gradient, curvature];
        let squares = machine.run(Pass::<_, _, 2, 3> { body, read, write });
        Ok(begun.taken.finish(squares, state))
    }
}

struct AdaHessianLanes<T> {
    rule: AdaptiveRule<T>,
    beta1: T,
    beta2: T,
}

impl<T: Float> Body<T> for AdaHessianLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, d]: [S::V; 2],
        [m, v, w, none]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.beta1, m, g);
        let v = averaged(simd, self.beta2, v, simd.mul(d, d));
        let numerator = simd.mul(simd.splat(self.rule.rate), m);
        let (w, change) = self.rule.moved(simd, [numerator, self.rule.denominator(simd, v)], w);
        ([m, v, w, none], change)
    }
}
