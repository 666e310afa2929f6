//! Hessian trace regularization (SEHT): descent on L + λ Tr H, with a gradient that is there.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::pass::not_negative;
use crate::optim::penalty::move_ahead;
use crate::optim::{Ahead, Displacement, Penalty, PenaltyMean};
use crate::random::{Stream, signs_into, uniforms_into};
use crate::simd::Machine;
use crate::vector;

/// Which random vectors the trace is estimated with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TraceProbe<T> {
    /// ±1 with equal chance: SEHT-H, Hutchinson's. No other has less variance for these chances.
    Signs,
    /// ±1 with chance p each, 0 otherwise, over √(2p) so that the trace is unbiased: SEHT-D, p in
    /// (0, ½]. Its variance is larger by (1/(2p) − 1)ΣHᵢᵢ²; with p = ½ it is that of `Signs`.
    Dropout(T),
}

/// Constants of the trace penalty.
///
/// # Example
/// The loss w⁴/4 at w = 1: Tr H = 3w², and its gradient 6w joins that of the loss.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Displacement, PenaltyMean, TracePenalty, TracePenaltyState, TraceProbe};
/// use teeter::random::Stream;
/// let machine = Machine::detect();
/// let rule = TracePenalty { lambda: 0.5, probe: TraceProbe::Signs, probes: 1, interval: 1 };
/// let loss_gradient = |w: &[f64]| [w[0] * w[0] * w[0]];
/// let (mut params, mut scratch, mut mean, mut probe) = ([1.0], [0.0; 2], [0.0], [0.0]);
/// let mut state = TracePenaltyState { mean: PenaltyMean::new(&mut mean), steps: 0 };
/// let mut gradient = loss_gradient(&params);
/// while rule.probes_due(&state) > 0 {
///     rule.probe_into(Stream::new(1, state.mean.taken), &mut probe)?;
///     let from = Displacement { gradient: &gradient, direction: &probe, distance: 0.125 };
///     let ahead = rule.ahead(machine, from, &mut params, &mut scratch)?;
///     let there = loss_gradient(ahead.params());
///     let behind = ahead.gradient(&there)?;
///     let there = loss_gradient(behind.params());
///     rule.push(machine, &behind.gradient(&there)?, &mut state)?;
/// }
/// rule.regularize(machine, &mut state, &mut gradient)?;
/// assert_eq!(gradient, [4.0]); // 1 + 0.5·6
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "seht")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracePenalty<T> {
    /// λ ≥ 0: weight of the trace, in units of params².
    pub lambda: T,
    /// Which probes.
    pub probe: TraceProbe<T>,
    /// Probes whenever the penalty is renewed; at least 1.
    pub probes: u64,
    /// Steps between two renewals, at least 1; in between the old gradient of the trace stays.
    pub interval: u64,
}

/// What the trace penalty remembers.
#[derive(Debug)]
pub struct TracePenaltyState<'a, T> {
    /// Trace and gradient, over the probes of the last renewal.
    pub mean: PenaltyMean<'a, T>,
    /// Steps taken.
    pub steps: u64,
}

impl<T: Float> TracePenalty<T> {
    fn check(&self) -> Result<(), Error> {
        not_negative("lambda", self.lambda)?;
        if let TraceProbe::Dropout(p) = self.probe {
            check::in_range("probe", p, T::MIN_POSITIVE.to_f64(), 0.5)?;
        }
        let largest = u64::MAX as f64;
        check::in_range("probes", self.probes as f64, 1.0, largest)?;
        check::in_range("interval", self.interval as f64, 1.0, largest)
    }

    /// How many probes [`TracePenalty::push`] waits for before this step.
    #[must_use]
    pub fn probes_due(&self, state: &TracePenaltyState<'_, T>) -> u64 {
        match state.steps.checked_rem(self.interval) {
            Some(0) => self.probes.saturating_sub(state.mean.taken),
            _ => 0,
        }
    }

    /// Fills `probe` with the vector that `stream` gives.
    ///
    /// # Method
    /// Signs as `random::signs_into`; for dropout uniform number i is below p for −1, above 1 − p for
    /// +1. Each element on its own: one draw for many would estimate sums of the entries of blocks of
    /// H instead of its trace.
    ///
    /// # Accuracy
    /// E zzᵀ = I but for the roundings of √(2p). The same on every target.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range.
    pub fn probe_into(&self, stream: Stream, probe: &mut [T]) -> Result<(), Error> {
        self.check()?;
        let TraceProbe::Dropout(p) = self.probe else {
            signs_into(stream, probe);
            return Ok(());
        };
        uniforms_into(stream, probe);
        let size = T::ONE / (p + p).sqrt();
        for value in probe {
            *value = if *value < p {
                -size
            } else if *value > T::ONE - p {
                size
            } else {
                T::ZERO
            };
        }
        Ok(())
    }

    /// Moves the parameters to w + εz, the first of two points: as
    /// [`Tracer::ahead`](crate::optim::Tracer::ahead), in the metric I.
    ///
    /// # Shapes
    /// Those of `from`, `params`: n. `scratch`: [`tracer_scratch_len`](crate::optim::tracer_scratch_len)`(n)`.
    ///
    /// # Method
    /// [g(w + εz) − 2g(w) + g(w − εz)]/ε² is the gradient of zᵀHz, whose mean is that of Tr H. The
    /// programs released with the paper add the number Tr H to the loss and differentiate neither, so that
    /// their penalty has no gradient at all; this one is the gradient, of the objective as it stands.
    ///
    /// # Accuracy
    /// That of [`Tracer::ahead`](crate::optim::Tracer::ahead).
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range, a distance that is not positive, or an infinite
    /// ‖z‖; `Error::Length`, `Error::Short`; `Error::NotFinite`. Parameters are untouched then.
    ///
    /// # Cost
    /// Two gradients of the caller's; about 20n flops, 2n divisions.
    ///
    /// # Source
    /// Liu, Yu, Lin 2023, doi:10.1016/j.neucom.2023.03.017, for L + λ Tr H and both probes; the
    /// gradient is ours. λ, p, probes and interval have no defaults here: those of the paper belong
    /// to programs without the gradient.
    pub fn ahead<'p, 's>(
        &self,
        machine: Machine,
        from: Displacement<'p, T>,
        params: &'p mut [T],
        scratch: &'s mut [T],
    ) -> Result<Ahead<'p, 's, T>, Error>
    where
        's: 'p,
    {
        self.check()?;
        move_ahead(machine, from, params, scratch)
    }

    /// Takes in the penalty along one probe; the first of a renewal displaces those before it.
    ///
    /// # Shapes
    /// `penalty.gradient`, `state.mean.gradient`: n.
    ///
    /// # Accuracy
    /// That of [`PenaltyMean::push`].
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::State` if no probe is due; `Error::Length`;
    /// `Error::NotFinite`. The state is untouched then.
    ///
    /// # Cost
    /// 3n flops, 3n reads, n writes.
    pub fn push(
        &self,
        machine: Machine,
        penalty: &Penalty<'_, T>,
        state: &mut TracePenaltyState<'_, T>,
    ) -> Result<(), Error> {
        self.check()?;
        if self.probes_due(state) == 0 {
            return Err(Error::State { expected: "regularize" });
        }
        state.mean.push(machine, penalty)
    }

    /// g ← g + λ∇Tr H: the gradient to take the step with, which it counts.
    ///
    /// # Shapes
    /// `gradient`, `state.mean.gradient`: n.
    ///
    /// # Accuracy
    /// Two roundings per element. The same bits on every machine. λ = 0 leaves g, to the bit.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::State` while probes are due;
    /// `Error::Length`. Nothing is written then. Elements that are not finite go through, and the step
    /// refuses them.
    ///
    /// # Cost
    /// 2n flops, 2n reads, n writes.
    pub fn regularize(
        &self,
        machine: Machine,
        state: &mut TracePenaltyState<'_, T>,
        gradient: &mut [T],
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("gradient", state.mean.gradient.len(), gradient.len())?;
        if self.probes_due(state) > 0 {
            return Err(Error::State { expected: "push" });
        }
        if self.lambda != T::ZERO {
            vector::axpy(machine, self.lambda, state.mean.gradient, gradient)?;
        }
        state.steps = state.steps.saturating_add(1);
        if state.steps.checked_rem(self.interval) == Some(0) {
            // The next renewal starts anew; value and gradient stay to be read until then.
            state.mean.taken = 0;
        }
        Ok(())
    }
}
