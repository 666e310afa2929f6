//! What a [`Lobpcg`](crate::krylov::Lobpcg) knows beside its memory.

use crate::float::Float;
use crate::krylov::LobpcgOptions;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The product of a start.
    Start,
    /// The residual of a pair, preconditioned.
    Residual,
    /// The product of the direction that it gave.
    Direction,
    /// The product of a Ritz vector, anew: what was combined has gathered rounding.
    Refresh,
    /// The product of a vector of the answer.
    Check,
    /// Nothing: all is said.
    Done,
}

/// All that a [`Lobpcg`](crate::krylov::Lobpcg) knows beside its memory: copy both, and it can be taken up again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LobpcgState<T> {
    pub(crate) n: usize,
    pub(crate) options: LobpcgOptions<T>,
    /// Pairs wanted, and vectors there is room for.
    pub(crate) count: usize,
    pub(crate) dim: usize,
    pub(crate) phase: Phase,
    /// Starts in the basis; vectors of it whose product is known.
    pub(crate) starts: usize,
    pub(crate) total: usize,
    /// Ritz vectors at the front of the basis.
    pub(crate) found: usize,
    /// The pair whose turn it is, and directions that joined in this round.
    pub(crate) turn: usize,
    pub(crate) joined: usize,
    pub(crate) products: usize,
    pub(crate) rounds: usize,
    /// Rounds since the products of the Ritz vectors were taken.
    pub(crate) since: usize,
    /// The largest ‖Aq‖ seen.
    pub(crate) norm: T,
    /// The largest residual of a pair that was not good enough when all were last found from products of their own.
    pub(crate) verified: T,
    /// Whether the last Ritz vectors are of all of space.
    pub(crate) whole: bool,
    /// The largest element of |VᵀV − I| for the answer; NaN before.
    pub(crate) orthogonality: T,
}

impl<T: Float> LobpcgState<T> {
    /// The size of a product's own rounding error: what is smaller is nothing.
    pub(crate) fn rounding(&self) -> T {
        crate::krylov::basis::noise::<T>(self.n) * self.norm
    }

    /// The residual at which the search for a value ends.
    pub(crate) fn goal(&self, value: T) -> T {
        (self.options.tolerance * value.abs()).max_of(self.rounding())
    }

    /// Whether a residual, itself rounded, is as small as was asked for.
    pub(crate) fn reaches(&self, tolerance: T, value: T, residual: T) -> bool {
        residual <= tolerance * value.abs() + T::from_f64(4.0) * self.rounding()
    }

    /// Whether no products are left but those set aside for the residuals.
    pub(crate) fn is_spent(&self) -> bool {
        let budget = self.options.product_max;
        self.products >= budget - self.count.min(budget / 2)
    }
}
