//! What a [`ThickRestart`](crate::krylov::ThickRestart) knows beside its memory.

use crate::float::Float;
use crate::krylov::ThickRestartOptions;
use crate::krylov::wanted::Taken;

/// What the next product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A further vector of the basis.
    Expand,
    /// The residual of a pair that was found.
    Check,
    /// Nothing: all is said.
    Done,
}

/// All that a [`ThickRestart`](crate::krylov::ThickRestart) knows beside its memory: copy both, and it can be taken up again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThickRestartState<T> {
    pub(crate) n: usize,
    pub(crate) dim: usize,
    pub(crate) options: ThickRestartOptions<T>,
    pub(crate) phase: Phase,
    /// Vectors of the basis, those whose product was taken first.
    pub(crate) total: usize,
    pub(crate) taken: usize,
    /// Pairs of the last small problem; in the phases after the first, of the answer.
    pub(crate) found: usize,
    /// Those of them that are wanted; and whether they are known to be all.
    pub(crate) wanted: usize,
    pub(crate) answered: bool,
    /// Pairs whose residual was recomputed.
    pub(crate) checked: usize,
    pub(crate) products: usize,
    pub(crate) restarts: usize,
    /// Random vectors drawn; in the present chain; and in those that closed.
    pub(crate) drawn: u64,
    pub(crate) chain: usize,
    pub(crate) closed_chains: usize,
    /// Products since the last one was drawn.
    pub(crate) since_drawn: usize,
    pub(crate) invariant: bool,
    /// Whether a random vector was taken in beside what was there, to show that nothing was missed; and
    /// the wanted values when the last subspace closed.
    pub(crate) reopened: bool,
    pub(crate) before: Taken<T>,
    /// The largest ‖Aq‖ seen.
    pub(crate) norm: T,
    /// Whether the pairs lie the most wanted first, or ascending.
    pub(crate) in_order: bool,
    /// The largest element of |VᵀV − I| for the answer; NaN before.
    pub(crate) orthogonality: T,
}

impl<T: Float> ThickRestartState<T> {
    /// The size of a product's own rounding error: what is smaller is nothing.
    pub(crate) fn rounding(&self) -> T {
        (T::from_f64(4.0) + T::from_usize(self.n).sqrt()) * T::EPSILON * self.norm
    }

    /// The residual at which the search for a value ends.
    pub(crate) fn goal(&self, value: T) -> T {
        (self.options.tolerance * value.abs()).max_of(self.rounding())
    }

    /// Pairs of `found` that are checked.
    pub(crate) fn due_checks(&self, found: usize) -> usize {
        self.options.checked.min(self.options.count).min(found)
    }

    /// Whether no products are left for the search: those for the residuals are set aside.
    pub(crate) fn is_spent(&self) -> bool {
        let budget = self.options.product_max;
        let aside = self.due_checks(self.n).min(budget / 2);
        self.products >= budget - aside
    }

    /// Whether a residual, itself rounded, is as small as was asked for.
    pub(crate) fn reaches(&self, tolerance: T, value: T, residual: T) -> bool {
        residual <= tolerance * value.abs() + T::from_f64(4.0) * self.rounding()
    }
}
