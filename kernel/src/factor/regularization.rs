//! What LDLᵀ without pivoting makes of a pivot: dynamic regularization.

use crate::fixed::PivotRule;
use crate::float::Float;

/// Which pivots are changed, and to what: dynamic regularization.
///
/// Lengths are relative to max|aᵢⱼ|, so that the scale of A does not matter.
#[derive(Clone, Copy, Debug)]
pub struct LdltRegularization<'a, T> {
    /// The sign each pivot must have: positive, negative, or 0 if either will do. n numbers, or
    /// none where either will do for all.
    pub signs: &'a [i8],
    /// A pivot that exceeds this with the right sign is left alone; in [0, 1].
    pub epsilon: T,
    /// Another one becomes this with the right sign, its own if either will do; in [0, 1].
    pub delta: T,
}

impl<'a, T: Float> LdltRegularization<'a, T> {
    /// The same in the other format.
    pub(super) fn cast<U: Float>(self) -> LdltRegularization<'a, U> {
        LdltRegularization {
            signs: self.signs,
            epsilon: U::from_f64(self.epsilon.to_f64()),
            delta: U::from_f64(self.delta.to_f64()),
        }
    }
}

/// What becomes of a pivot.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a, T> {
    regularization: Option<LdltRegularization<'a, T>>,
    largest: T,
    /// The first pivot of the panel.
    first: usize,
}

impl<T: Float> PivotRule<T> for Rule<'_, T> {
    /// One that is not finite stays.
    #[inline(always)]
    fn judge(&self, index: usize, pivot: T) -> (T, usize) {
        match self.regularization {
            Some(regularization) if pivot.is_finite() => {
                regularize(&regularization, self.largest, (self.first + index, pivot))
            }
            _ => (pivot, 0),
        }
    }
}

impl<'a, T: Float> Rule<'a, T> {
    /// That of a matrix whose largest element is `largest`, from its first pivot on.
    #[inline(always)]
    pub(super) fn new(regularization: Option<LdltRegularization<'a, T>>, largest: T) -> Self {
        Self { regularization, largest, first: 0 }
    }

    /// The same for a panel that begins at pivot `first`.
    pub(super) fn at_pivot(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// The same in the other format.
    pub(super) fn cast<U: Float>(&self) -> Rule<'a, U> {
        let regularization = self.regularization.map(LdltRegularization::cast);
        Rule { regularization, largest: U::from_f64(self.largest.to_f64()), first: self.first }
    }
}

/// Not a call: across one a tile would go through memory.
#[inline(always)]
fn regularize<T: Float>(
    rule: &LdltRegularization<'_, T>,
    largest: T,
    (index, pivot): (usize, T),
) -> (T, usize) {
    let unit = if largest == T::ZERO { T::ONE } else { largest };
    let sign = match rule.signs.get(index).copied().unwrap_or(0) {
        1.. => T::ONE,
        0 => T::ONE.copysign(pivot),
        _ => -T::ONE,
    };
    if sign * pivot <= rule.epsilon * unit { (sign * (rule.delta * unit), 1) } else { (pivot, 0) }
}
