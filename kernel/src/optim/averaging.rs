//! Averages of the iterates: what descent circles around.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::pass::{Body, Pass, below_one, finite_norm};
use crate::simd::{Machine, Simd};
use crate::vector;

/// How iterates are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AverageKind<T> {
    /// All alike: w̄ ← w̄ + (w − w̄)/n. Stochastic weight averaging, tail averaging.
    Mean,
    /// w̄ ← w̄ + (1 − β)(w − w̄), the first whole; β in [0, 1).
    Exponential(T),
}

/// Which iterates an average takes, and how.
///
/// | name                       | `start`                  | `every`         | `kind`        |
/// |----------------------------|--------------------------|-----------------|---------------|
/// | SWA                        | when training has settled | steps per epoch | `Mean`        |
/// | tail averaging             | total less the tail      | 1               | `Mean`        |
/// | exponential moving average | 0                        | 1               | `Exponential` |
///
/// Descent with gradient noise of variance s² on ½λw² keeps varying by ηs²/(λ(2 − ηλ)); its mean over n
/// iterates varies by s²/(λ²n), whatever the rate.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::{AverageKind, AverageState, IterateAverage};
/// let average = IterateAverage { kind: AverageKind::Mean, start: 1, every: 2 };
/// let mut mean = [0.0];
/// let mut state = AverageState::new(&mut mean);
/// for w in [9.0, 1.0, 9.0, 3.0] {
///     average.update(Machine::detect(), &[w], &mut state)?;
/// }
/// assert_eq!((state.taken, state.mean[0]), (2, 2.0)); // of 1 and 3
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IterateAverage<T> {
    /// How iterates are weighed.
    pub kind: AverageKind<T>,
    /// Iterates before this one, counted from 0, are passed over.
    pub start: u64,
    /// From there on every so many are taken; at least 1.
    pub every: u64,
}

/// What an average remembers.
#[derive(Debug)]
pub struct AverageState<'a, T> {
    /// w̄: n. Means nothing before the first iterate is taken.
    pub mean: &'a mut [T],
    /// Iterates seen.
    pub seen: u64,
    /// Iterates taken.
    pub taken: u64,
}

impl<'a, T: Float> AverageState<'a, T> {
    /// Before the first iterate: fills w̄ with zeros.
    ///
    /// # Shapes
    /// `mean`: n; each use checks.
    pub fn new(mean: &'a mut [T]) -> Self {
        mean.fill(T::ZERO);
        Self { mean, seen: 0, taken: 0 }
    }
}

impl<T: Float> IterateAverage<T> {
    /// All constants in range.
    pub(super) fn check(&self) -> Result<(), Error> {
        check::in_range("every", self.every as f64, 1.0, u64::MAX as f64)?;
        match self.kind {
            AverageKind::Mean => Ok(()),
            AverageKind::Exponential(beta) => below_one("beta", beta),
        }
    }

    /// Sees the next iterate; whether it was taken.
    ///
    /// # Shapes
    /// `params`, `state.mean`: n.
    ///
    /// # Accuracy
    /// Three roundings per element and, for the mean, one of 1/n. The mean of n iterates no larger
    /// than m is off by at most (n/2 + 7)um, an exponential average by at most
    /// (7 + 1/(1 − β))um; of equal iterates either is that iterate exactly. The same bits on every
    /// machine. Iterates times 2ᵏ give the average times 2ᵏ, barring over- and underflow. Iterates beyond
    /// half the largest number may overflow the difference.
    ///
    /// # Errors
    /// `Error::Range` for β or `every` out of range; `Error::Length`; `Error::NotFinite` for an
    /// iterate that is not finite. The state is untouched then.
    ///
    /// # Cost
    /// 3n flops, 3n reads, n writes when an iterate is taken; one read of it in any case.
    ///
    /// # Source
    /// Izmailov et al. 2018, arXiv:1803.05407; Polyak, Juditsky 1992; Jain et al. 2018, JMLR 18(223), for
    /// the tail.
    pub fn update(
        &self,
        machine: Machine,
        params: &[T],
        state: &mut AverageState<'_, T>,
    ) -> Result<bool, Error> {
        self.check()?;
        check::same_len("mean", params.len(), state.mean.len())?;
        finite_norm(machine, "params", params)?;
        let due = state.seen.checked_sub(self.start).and_then(|past| past.checked_rem(self.every));
        state.seen = state.seen.saturating_add(1);
        if due != Some(0) {
            return Ok(false);
        }
        let taken = state.taken.saturating_add(1);
        let share = match self.kind {
            AverageKind::Mean => T::ONE / T::from_f64(taken as f64),
            AverageKind::Exponential(beta) => T::ONE - beta,
        };
        if taken == 1 {
            vector::copy(params, state.mean)?;
        } else {
            toward(machine, share, params, state.mean);
        }
        state.taken = taken;
        Ok(true)
    }
}

/// y ← y + share·(x − y), which is y exactly where x = y.
pub(super) fn toward<T: Float>(machine: Machine, share: T, x: &[T], y: &mut [T]) {
    let write = [y, &mut [], &mut [], &mut []];
    machine.run(Pass::<_, _, 1, 1> { body: Toward { share }, read: [x, &[]], write });
}

struct Toward<T> {
    share: T,
}

impl<T: Float> Body<T> for Toward<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [x, none]: [S::V; 2],
        [y, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let way = simd.mul(simd.splat(self.share), simd.sub(x, y));
        ([simd.add(y, way), none, none, none], simd.splat(T::ZERO))
    }
}
