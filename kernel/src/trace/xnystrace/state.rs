//! What XNysTrace knows beside its lent memory.

use crate::float::Float;
use crate::trace::{Hutchinson, HutchinsonOptions};

/// Probes drawn: one a product, none where n products tell the trace.
pub(super) const fn probes_max(n: usize, products: usize) -> usize {
    if products >= n { 0 } else { products }
}

/// What the next product is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A basis vector: the trace is summed from its diagonal.
    Diagonal,
    /// A probe.
    Probe,
    /// Nothing.
    Done,
}

/// Where an [`XNysTrace`](super::XNysTrace) stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug)]
pub struct XNysTraceState<T> {
    pub(super) n: usize,
    /// Products in all.
    pub(super) count: usize,
    /// Probes in all; 0 where the diagonal is summed.
    pub(super) probes: usize,
    pub(super) step: usize,
    /// Columns of Q.
    pub(super) rank: usize,
    /// The diagonal's sum, as far as it is known.
    pub(super) known: T,
    /// Draws the probes, and is the answer until there are two products, and where A is not positive semidefinite.
    pub(super) early: Hutchinson<T>,
}

impl<T: Float> XNysTraceState<T> {
    pub(super) fn new(n: usize, options: &HutchinsonOptions<T>) -> Self {
        Self {
            n,
            count: options.products.min(n),
            probes: probes_max(n, options.products),
            step: 0,
            rank: 0,
            known: T::ZERO,
            early: Hutchinson::new(options.stream, options.probe),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        if self.step == self.count {
            Phase::Done
        } else if self.probes == 0 {
            Phase::Diagonal
        } else {
            Phase::Probe
        }
    }
}
