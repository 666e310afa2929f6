//! What a [`SharpnessTracker`](crate::krylov::SharpnessTracker) knows beside its memory.

use crate::float::Float;
use crate::krylov::SharpnessTrackerOptions;

/// What the next product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing, before the next step.
    Idle,
    /// The vector of the basis with this number: its product is no longer that of the operator.
    Refresh(usize),
    /// The vector behind the basis, which joins it.
    Join,
}

/// All that a [`SharpnessTracker`](crate::krylov::SharpnessTracker) knows beside its memory: copy both, and it can be taken
/// up again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpnessTrackerState<T> {
    pub(crate) n: usize,
    /// Vectors there is memory for, at most n.
    pub(crate) capacity: usize,
    pub(crate) options: SharpnessTrackerOptions<T>,
    pub(crate) turn: Turn,
    /// Vectors of the basis, all with a product of some age.
    pub(crate) dim: usize,
    pub(crate) steps: u64,
    pub(crate) products: u64,
    /// Products of this step.
    pub(crate) spent: usize,
    /// Turns that were not the leading vector's, and random vectors drawn.
    pub(crate) others: u64,
    pub(crate) drawn: u64,
    /// The largest |θ| + residual of the last small problem: the size of what rounds.
    pub(crate) norm: T,
    /// |change of the leading Rayleigh quotient| per step, when it was last seen.
    pub(crate) drift: T,
    /// Of the products of one step alone: the largest Rayleigh quotient, its residual, its age.
    pub(crate) measured: T,
    pub(crate) measured_residual: T,
    pub(crate) measured_age: u64,
}

impl<T: Float> SharpnessTrackerState<T> {
    /// The size of a product's own rounding error: a residual below it has no direction.
    pub(crate) fn rounding(&self) -> T {
        (T::from_f64(4.0) + T::from_usize(self.n).sqrt()) * T::EPSILON * self.norm
    }

    /// Whether this product is the leading vector's.
    pub(crate) fn leads(&self) -> bool {
        if self.options.products_per_step == 1 {
            self.steps % 2 == 1
        } else {
            self.spent.is_multiple_of(2)
        }
    }

    /// Whose turn it is beside the leading vector, of `followed` pairs; and whether its product is renewed, or its residual
    /// taken in.
    pub(crate) fn other(&self, followed: usize) -> (usize, Renewal) {
        let round = self.others / 2;
        if self.others.is_multiple_of(2) || followed < 2 {
            return (0, Renewal::Residual);
        }
        let renewal = if round.is_multiple_of(2) { Renewal::Product } else { Renewal::Residual };
        // Below `followed`, which is a usize.
        let turn = (round / 2).checked_rem(followed as u64 - 1).unwrap_or(0);
        (1 + turn as usize, renewal)
    }
}

/// What is done for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    Product,
    Residual,
}
