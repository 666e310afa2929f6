//! Lookahead: slow weights that follow the fast ones, every few steps.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::averaging::toward;
use crate::optim::pass::finite_norm;
use crate::simd::Machine;
use crate::vector;

/// Constants of Lookahead, around whichever optimizer takes the steps.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Lookahead, LookaheadState};
/// let lookahead = Lookahead { interval: 2, alpha: 0.5 };
/// let (mut params, mut slow) = ([8.0], [0.0]);
/// let mut state = LookaheadState::new(&params, &mut slow)?;
/// for fast in [6.0, 4.0] {
///     params = [fast]; // what some optimizer did
///     lookahead.update(Machine::detect(), &mut state, &mut params)?;
/// }
/// assert_eq!(params, [6.0]); // halfway from 8 to 4
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookahead<T> {
    /// k ≥ 1: steps of the fast weights between two of the slow ones.
    pub interval: u64,
    /// α in [0, 1]: how far the slow weights go; 1 is the optimizer alone.
    pub alpha: T,
}

/// What Lookahead remembers.
#[derive(Debug)]
pub struct LookaheadState<'a, T> {
    /// The slow weights: n.
    pub slow: &'a mut [T],
    /// Steps of the fast weights.
    pub steps: u64,
}

impl<'a, T: Float> LookaheadState<'a, T> {
    /// The state before the first step: the slow weights are the fast ones.
    ///
    /// # Shapes
    /// `params`, `slow`: n.
    ///
    /// # Errors
    /// `Error::Length` if they differ.
    pub fn new(params: &[T], slow: &'a mut [T]) -> Result<Self, Error> {
        check::same_len("slow", params.len(), slow.len())?;
        vector::copy(params, slow)?;
        Ok(Self { slow, steps: 0 })
    }
}

impl<T: Float> Lookahead<T> {
    /// After each step of the optimizer: every k-th time slow ← slow + α(params − slow), params ← slow.
    ///
    /// Whether it was such a time. The optimizer keeps its own state.
    ///
    /// # Shapes
    /// `params`, `state.slow`: n.
    ///
    /// # Accuracy
    /// Three roundings per element. The same bits on every machine. α = 1 copies, and so is the
    /// optimizer alone to the bit.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::Length`; `Error::NotFinite` for parameters
    /// that are not finite. Nothing is written then.
    ///
    /// # Cost
    /// Every k-th time 3n flops, 4n reads, 2n writes; n reads otherwise.
    ///
    /// # Source
    /// Zhang, Lucas, Hinton, Ba 2019, arXiv:1907.08610, algorithm 1.
    pub fn update(
        &self,
        machine: Machine,
        state: &mut LookaheadState<'_, T>,
        params: &mut [T],
    ) -> Result<bool, Error> {
        check::in_range("interval", self.interval as f64, 1.0, u64::MAX as f64)?;
        check::in_range("alpha", self.alpha, 0.0, 1.0)?;
        check::same_len("slow", params.len(), state.slow.len())?;
        finite_norm(machine, "params", params)?;
        state.steps = state.steps.saturating_add(1);
        if state.steps.checked_rem(self.interval) != Some(0) {
            return Ok(false);
        }
        if self.alpha == T::ONE {
            vector::copy(params, state.slow)?;
            return Ok(true);
        }
        toward(machine, self.alpha, params, state.slow);
        vector::copy(state.slow, params)?;
        Ok(true)
    }
}
