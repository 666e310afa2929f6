//! Products and solves with triangles, and passes over a stored one.

use teeter::Float;

use super::{chain, gamma, smallest_subnormal, trsv};
use crate::oracle::exact::{Exact, from, whole};

/// trmv: |ŷ − Ax| ≤ γₙ|A||x| + n·η.
///
/// The product rounds once, then at most n − 1 sums (Higham 2002, §3.5): a reduction of m terms adds each
/// at most m − 1 times, for adding zero does not round.
#[must_use]
pub fn trmv<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(n) * magnitude + whole(n) * smallest_subnormal::<T>()
}

/// trmm: |B̂ − αAB| ≤ γₙ₊₁|α||A||B| + (n + n·max|a|)·η: trmv, and αb rounds once more, where it may
/// lose η/2, times |a|.
#[must_use]
pub fn trmm<T: Float>(n: usize, magnitude: &Exact, a_magnitude_max: &Exact) -> Exact {
    let lost = whole(n) * (whole(1) + a_magnitude_max) * smallest_subnormal::<T>();
    gamma::<T>(n + 1) * magnitude + lost
}

/// trsm: each column is a trsv of fl(αb) (Higham 2002, Lemma 8.4, Theorem 8.5) that multiplies by the rounded
/// reciprocal of the pivot: one rounding more, γₙ₊₁. A unit diagonal only spares roundings.
#[must_use]
pub fn trsm<T: Float>(n: usize, magnitude: &Exact, diagonal: &Exact) -> Exact {
    trsv::<T>(n + 1, magnitude, diagonal)
}

/// symv: γₙ₊₂(|α||A||x| + |β||y|), and what underflows.
///
/// βy rounds once and meets at most n + 1 sums. A term of the chain rounds twice and meets at most
/// n sums: those of its chain, i + 1 at most, and the one of the reduction unless i = n − 1. A term of
/// the reduction of m ≤ n − 1 terms rounds once, meets at most m − 1 sums, the product with α and
/// one sum, then those of the chain if it comes first, at most n − m: n + 2. Underflow is that of a
/// chain with the larger of |a| and |α|.
#[must_use]
pub fn symv<T: Float>(n: usize, magnitude: &Exact, factor_max: T) -> Exact {
    chain::<T>(n, magnitude, &from(factor_max))
}
