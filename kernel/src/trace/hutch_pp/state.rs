//! What Hutch++ knows beside its lent memory.

use crate::float::Float;
use crate::trace::{Hutchinson, HutchinsonOptions};

/// Columns of the sketch: a third of the products, rounded down so that a probe of the rest is left; none where n
/// products tell the trace.
pub(super) const fn sketch_len(n: usize, products: usize) -> usize {
    if products < n { products / 3 } else { 0 }
}

/// What the next product is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A basis vector: the trace is summed from its diagonal.
    Diagonal,
    /// A probe whose product extends the basis Q.
    Sketch,
    /// A column of Q.
    Range,
    /// A probe without its part in the range of Q.
    Rest,
    /// Nothing.
    Done,
}

/// Where a [`super::HutchPp`] stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug)]
pub struct HutchPpState<T> {
    pub(in crate::trace) n: usize,
    /// Products in all.
    pub(in crate::trace) count: usize,
    /// Products that extend the basis.
    pub(in crate::trace) sketch: usize,
    /// Columns of Q.
    pub(in crate::trace) rank: usize,
    pub(in crate::trace) step: usize,
    /// Tr(QᵀAQ), or the diagonal's sum, as far as it is known.
    pub(in crate::trace) known: T,
    /// The products of the sketch are samples too, until there are better ones.
    pub(in crate::trace) early: Hutchinson<T>,
    pub(in crate::trace) rest: Hutchinson<T>,
}

impl<T: Float> HutchPpState<T> {
    pub(super) fn new(n: usize, options: &HutchinsonOptions<T>) -> Self {
        Self {
            n,
            count: options.products.min(n),
            sketch: sketch_len(n, options.products),
            rank: 0,
            step: 0,
            known: T::ZERO,
            early: Hutchinson::new(options.stream.child(0), options.probe),
            rest: Hutchinson::new(options.stream.child(1), options.probe),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        if self.step == self.count {
            Phase::Done
        } else if self.count == self.n {
            Phase::Diagonal
        } else if self.step < self.sketch {
            Phase::Sketch
        } else if self.step < self.sketch + self.rank {
            Phase::Range
        } else {
            Phase::Rest
        }
    }
}
