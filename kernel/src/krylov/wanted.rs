//! Which of the Ritz values are wanted: always some at the upper end, and some at the lower.

use crate::float::Float;
use crate::krylov::Which;

/// Walks ascending values from the most wanted to the least: indices, each once.
pub(crate) struct Wanted<'v, T> {
    pub(crate) values: &'v [T],
    which: Which,
    limit: Option<T>,
    /// Taken from the lower and from the upper end.
    pub(crate) low: usize,
    pub(crate) high: usize,
}

impl<'v, T: Float> Wanted<'v, T> {
    pub(crate) fn new(values: &'v [T], which: Which, limit: Option<T>) -> Self {
        Self { values, which, limit, low: 0, high: 0 }
    }

    /// The walk after `count` steps, or where the next one would not be beyond the limit.
    pub(crate) fn after(self, count: usize) -> Self {
        let mut wanted = self;
        for _ in 0..count {
            let mut ahead = Self { ..wanted };
            let next = ahead.next();
            if !next.is_some_and(|index| wanted.is_beyond(wanted.at(index), T::ZERO)) {
                break;
            }
            wanted = ahead;
        }
        wanted
    }

    /// Whether a value is beyond the limit, or may be, if it is off by `error`; any is, where there is none.
    pub(crate) fn is_beyond(&self, value: T, error: T) -> bool {
        let Some(limit) = self.limit else { return true };
        match self.which {
            Which::LargestAlgebraic => value + error > limit,
            Which::SmallestAlgebraic => value - error < limit,
            Which::LargestMagnitude | Which::BothEnds => value.abs() + error > limit,
        }
    }

    /// The next value that is not taken: at each end that may hold one, or the one that the walk would take.
    pub(crate) fn next_at_ends(&self) -> Option<[usize; 2]> {
        let top = self.values.len().checked_sub(self.high + 1)?;
        if top < self.low {
            return None;
        }
        let next = Self { ..*self }.next()?;
        match (self.which, self.limit) {
            (Which::BothEnds, _) | (Which::LargestMagnitude, Some(_)) => Some([self.low, top]),
            _ => Some([next; 2]),
        }
    }

    pub(crate) fn at(&self, index: usize) -> T {
        self.values.get(index).copied().unwrap_or(T::NAN)
    }

    /// What was taken, up to rounding.
    pub(crate) fn taken(&self, slack: T) -> Taken<T> {
        let (low, high) = self.edges();
        let beyond = |&&x: &&T| x < low - slack || x > high + slack;
        let beyond = self.values.iter().filter(beyond).count();
        Taken { low, high, beyond, number: self.low + self.high }
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

/// What a walk took: where it ended, and how many values lie clearly beyond. A further copy of a value
/// beyond the edge leaves the edge in place where that is multiple, but not the count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Taken<T> {
    pub(super) low: T,
    pub(super) high: T,
    pub(super) beyond: usize,
    pub(super) number: usize,
}

impl<T: Float> Taken<T> {
    /// Of no walk: nothing is the same.
    pub(crate) const NOTHING: Self = Self { low: T::NAN, high: T::NAN, beyond: 0, number: 0 };

    /// Whether both took the same values, each within `slack`.
    pub(crate) fn is_same(&self, other: &Self, slack: T) -> bool {
        let near = |x: T, y: T| x == y || (x - y).abs() <= slack;
        let counts = self.beyond == other.beyond && self.number == other.number;
        near(self.low, other.low) && near(self.high, other.high) && counts
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
            // By turns, while both have values beyond the limit, and after that.
            Which::BothEnds => {
                let upper = self.limit.is_none_or(|limit| self.at(top) > limit);
                let lower = self.limit.is_none_or(|limit| self.at(self.low) < -limit);
                match (upper, lower) {
                    (true, true) => self.high <= self.low,
                    (false, false) => (self.high + self.low).is_multiple_of(2),
                    _ => upper,
                }
            }
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
