//! What XNysTrace knows beside its lent memory.

use crate::float::Float;
use crate::random::Stream;
use crate::trace::{Hutchinson, HutchinsonOptions, Probe};

/// Lines of the small matrices: one a product, none where n products tell the trace.
pub(super) const fn lines_max(n: usize, products: usize) -> usize {
    if products >= n { 0 } else { products }
}

/// What the next product is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A basis vector: the trace is summed from its diagonal.
    Diagonal,
    /// A column of Q that Lanczos' process found.
    Column,
    /// A probe.
    Probe,
    /// Nothing.
    Done,
}

/// Where an [`XNysTrace`](super::XNysTrace) stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug)]
pub struct XNysTraceState<T> {
    pub(in crate::trace) n: usize,
    /// Products in all.
    pub(in crate::trace) count: usize,
    /// Lines of the small matrices; 0 where the diagonal is summed.
    pub(in crate::trace) lines: usize,
    /// Columns of Q from Lanczos' process.
    pub(in crate::trace) deflate: usize,
    pub(in crate::trace) step: usize,
    /// Columns of Q.
    pub(in crate::trace) rank: usize,
    /// The trace on the columns of Lanczos' process, or the diagonal's sum, as far as it is known.
    pub(in crate::trace) known: T,
    pub(in crate::trace) probe: Probe,
    pub(in crate::trace) stream: Stream,
    /// Draws the probes, and is the answer until there are two, and where A is not positive semidefinite.
    pub(in crate::trace) early: Hutchinson<T>,
}

impl<T: Float> XNysTraceState<T> {
    pub(super) fn new(n: usize, options: &HutchinsonOptions<T>, columns: usize) -> Self {
        let lines = lines_max(n, options.products);
        Self {
            n,
            count: options.products.min(n),
            lines,
            deflate: if lines == 0 { 0 } else { columns },
            step: 0,
            rank: 0,
            known: T::ZERO,
            probe: options.probe,
            stream: options.stream,
            early: Hutchinson::new(options.stream, options.probe),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        if self.step == self.count {
            Phase::Done
        } else if self.lines == 0 {
            Phase::Diagonal
        } else if self.step < self.deflate {
            Phase::Column
        } else {
            Phase::Probe
        }
    }
}
