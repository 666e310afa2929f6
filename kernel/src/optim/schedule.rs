//! Learning rates over time: pure functions of the number of the step.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// What follows the warm-up; t counts steps from its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScheduleShape<T> {
    /// 1.
    Constant,
    /// last + (1 − last)(1 + cos(πt/steps))/2, then `last`.
    Cosine {
        /// Steps from 1 to `last`.
        steps: u64,
        /// Where it ends, in [0, 1].
        last: T,
    },
    /// factor^⌊t/every⌋.
    Step {
        /// Steps between two falls; at least 1.
        every: u64,
        /// What each fall multiplies by, in [0, 1].
        factor: T,
    },
    /// For iterate averaging: 1 until half of `start`, then straight down to `last` at 0.9 of it.
    Averaging {
        /// The step at which averaging starts.
        start: u64,
        /// Where it ends, in [0, 1]: the averaging rate over the first one.
        last: T,
    },
}

/// What a learning rate is multiplied by in each step; has no state, so a run can begin anywhere.
///
/// # Example
/// ```
/// use teeter::optim::{Schedule, ScheduleShape};
/// let schedule = Schedule { warm_up: 4, shape: ScheduleShape::Step { every: 10, factor: 0.5 } };
/// assert_eq!(schedule.factor(0)?, 0.25);
/// assert_eq!(schedule.factor(3)?, 1.0);
/// assert_eq!(schedule.factor(13)?, 1.0);
/// assert_eq!(schedule.factor(14)?, 0.5);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule<T> {
    /// Steps of a straight rise from 1/`warm_up` to 1; 0 or 1 for none.
    pub warm_up: u64,
    /// What follows.
    pub shape: ScheduleShape<T>,
}

impl<T: Float> Schedule<T> {
    /// The factor of step number `step`, counted from 0; in [0, 1].
    ///
    /// Also GSAM's radius: with learning rate and ρ falling alike, ρ = ρ_min + (ρ_max − ρ_min) times
    /// the share of the rate's fall.
    ///
    /// # Method
    /// Counts of steps become numbers of the format: beyond 2²⁴ in f32 neighbors are alike.
    ///
    /// # Accuracy
    /// Warm-up: one rounding, the ends exact. Cosine: 6u absolute and a unit of the cosine; exactly 1 at
    /// its start and `last` from its end on. Step: 2u for each binary digit of ⌊t/every⌋; exact for
    /// powers of 2. Averaging: 8u absolute, exact on its plateaus. Never rises after the warm-up but for
    /// rounding. The same on every target.
    ///
    /// # Errors
    /// `Error::Range` for `last` or `factor` outside [0, 1] or NaN, and for `every` = 0.
    ///
    /// # Source
    /// Loshchilov, Hutter 2017, arXiv:1608.03983, (5) without restarts; Goyal et al. 2017, arXiv:1706.02677,
    /// §2.2, for the warm-up; Granziol et al. 2024, arXiv:2003.01247, for averaging.
    pub fn factor(&self, step: u64) -> Result<T, Error> {
        let (Self { warm_up, shape }, one) = (*self, T::ONE);
        let number = |count: u64| T::from_f64(count as f64);
        match shape {
            ScheduleShape::Constant => {}
            ScheduleShape::Cosine { last, .. } | ScheduleShape::Averaging { last, .. } => {
                check::in_range("last", last, 0.0, 1.0)?;
            }
            ScheduleShape::Step { every, factor } => {
                check::in_range("factor", factor, 0.0, 1.0)?;
                check::in_range("every", every as f64, 1.0, u64::MAX as f64)?;
            }
        }
        if step < warm_up {
            return Ok(number(step.saturating_add(1)) / number(warm_up));
        }
        let t = step.saturating_sub(warm_up);
        Ok(match shape {
            ScheduleShape::Constant => one,
            ScheduleShape::Cosine { steps, last } if t >= steps => last,
            ScheduleShape::Cosine { steps, last } => {
                let angle = T::PI * (number(t) / number(steps));
                // Written from 1 down, so that the start is exact.
                one - (one - last) * (T::HALF * (one - angle.cos()))
            }
            ScheduleShape::Step { every, factor } => {
                power(factor, t.checked_div(every).unwrap_or(0))
            }
            ScheduleShape::Averaging { start, last } => {
                let part = number(t) / number(start.max(1));
                let (half, end) = (T::HALF, T::from_f64(0.9));
                if part <= half {
                    one
                } else if part >= end {
                    last
                } else {
                    one - (one - last) * ((part - half) / (end - half))
                }
            }
        })
    }
}

/// xᵏ by squaring: at most 64 turns.
fn power<T: Float>(x: T, k: u64) -> T {
    let (mut result, mut square, mut left) = (T::ONE, x, k);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    result
}
