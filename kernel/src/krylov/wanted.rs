//! Which of the Ritz values are wanted: always some at the upper end, and some at the lower.

use crate::float::Float;
use crate::krylov::Which;

/// Walks ascending values from the most wanted to the least: indices, each once.
pub(crate) struct Wanted<'v, T> {
    values: &'v [T],
    which: Which,
    /// Taken from the lower and from the upper end.
    pub(crate) low: usize,
    pub(crate) high: usize,
}

impl<'v, T: Float> Wanted<'v, T> {
    pub(crate) fn new(values: &'v [T], which: Which) -> Self {
        Self { values, which, low: 0, high: 0 }
    }

    /// The walk after `count` steps.
    pub(crate) fn after(values: &'v [T], which: Which, count: usize) -> Self {
        let mut wanted = Self::new(values, which);
        for _ in 0..count {
            wanted.next();
        }
        wanted
    }

    fn at(&self, index: usize) -> T {
        self.values.get(index).copied().unwrap_or(T::NAN)
    }

    /// Where what was taken ends: whatever lies within [low, high] would not be taken before it.
    pub(crate) fn edges(&self) -> (T, T) {
        let infinity = T::INFINITY;
        let low = self.low.checked_sub(1).map_or(-infinity, |i| self.at(i));
        let top = self.values.len().wrapping_sub(self.high);
        let high = if self.high == 0 { infinity } else { self.at(top) };
        if self.which == Which::LargestMagnitude {
            let least = if low.abs() < high.abs() { low.abs() } else { high.abs() };
            return (-least, least);
        }
        (low, high)
    }
}

impl<T: Float> Iterator for Wanted<'_, T> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let left = self.values.len().saturating_sub(self.low + self.high);
        let top = self.values.len().checked_sub(self.high + 1)?;
        if left == 0 {
            return None;
        }
        let from_above = match self.which {
            Which::LargestAlgebraic => true,
            Which::SmallestAlgebraic => false,
            Which::LargestMagnitude => self.at(self.low).abs() <= self.at(top).abs(),
            Which::BothEnds => self.high <= self.low,
        };
        if from_above {
            self.high += 1;
            Some(top)
        } else {
            self.low += 1;
            Some(self.low - 1)
        }
    }
}
