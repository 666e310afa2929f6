//! What XTrace knows beside its lent memory.

use crate::float::Float;
use crate::trace::{Hutchinson, HutchinsonOptions, Probe};

/// Probes drawn at most: half the products, none where n products tell the trace.
pub(super) const fn probes_max(n: usize, products: usize) -> usize {
    if products >= n {
        0
    } else if products < 2 {
        products
    } else {
        products / 2
    }
}

/// What the next product is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A basis vector: the trace is summed from its diagonal.
    Diagonal,
    /// A probe; its product extends the basis Q.
    Probe,
    /// The last column of Q.
    Column,
    /// Nothing.
    Done,
}

/// Where an [`XTrace`](super::XTrace) stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug)]
pub struct XTraceState<T> {
    pub(in crate::trace) n: usize,
    /// Products in all, at most.
    pub(in crate::trace) count: usize,
    /// Probes in all; 0 where the diagonal is summed.
    pub(in crate::trace) probes: usize,
    pub(in crate::trace) step: usize,
    /// Probes whose product is known.
    pub(in crate::trace) drawn: usize,
    /// Columns of Q.
    pub(in crate::trace) rank: usize,
    /// Columns of Q whose product is known: all, or all but the last.
    pub(in crate::trace) columns: usize,
    /// The diagonal's sum, as far as it is known.
    pub(in crate::trace) known: T,
    pub(in crate::trace) probe: Probe,
    /// Draws the probes, and is the answer until there are two of them with their columns.
    pub(in crate::trace) early: Hutchinson<T>,
}

impl<T: Float> XTraceState<T> {
    pub(super) fn new(n: usize, options: &HutchinsonOptions<T>) -> Self {
        let probes = probes_max(n, options.products);
        let count = if probes == 0 {
            n
        } else if options.products < 2 {
            options.products
        } else {
            probes.saturating_mul(2)
        };
        let [step, drawn, rank, columns] = [0; 4];
        let early = Hutchinson::new(options.stream, options.probe);
        let (known, probe) = (T::ZERO, options.probe);
        Self { n, count, probes, step, drawn, rank, columns, known, probe, early }
    }

    pub(super) fn phase(&self) -> Phase {
        if self.step == self.count {
            Phase::Done
        } else if self.probes == 0 {
            Phase::Diagonal
        } else if self.columns < self.rank {
            Phase::Column
        } else if self.drawn < self.probes {
            Phase::Probe
        } else {
            Phase::Done
        }
    }

    /// Probes that count: those whose column, if they have one, has its product.
    pub(super) fn complete(&self) -> usize {
        self.drawn.saturating_sub(self.rank.saturating_sub(self.columns))
    }
}
