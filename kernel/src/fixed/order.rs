//! From an order that is known when running to one that is known when compiling.

use crate::simd::FIXED_ORDER;

/// What can be done for a matrix of N rows.
pub(crate) trait OfOrder {
    /// What it returns.
    type Output;

    /// Does it.
    fn run<const N: usize>(self) -> Self::Output;
}

/// Runs an operation of order `n`, if this target has it compiled for that order: from 1 to 8 where code is
/// cheap, never on a microcontroller.
#[inline(always)]
pub(crate) fn of_order<O: OfOrder>(n: usize, operation: O) -> Option<O::Output> {
    if n > const { FIXED_ORDER } {
        return None;
    }
    Some(match n {
        1 => operation.run::<1>(),
        2 => operation.run::<2>(),
        3 => operation.run::<3>(),
        4 => operation.run::<4>(),
        5 => operation.run::<5>(),
        6 => operation.run::<6>(),
        7 => operation.run::<7>(),
        8 => operation.run::<8>(),
        _ => return None,
    })
}
