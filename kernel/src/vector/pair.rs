//! Pairs of lanes, high + low: sums, products and quotients whose rounding errors are kept.
//!
//! Only strict operations: what a fused multiply-add would give in one step is split by hand, so
//! that every machine gives the same bits. Exact barring over- and underflow.

use crate::float::Float;
use crate::simd::Simd;

/// A number as the sum of two, the second one small.
pub(crate) type Pair<T, S> = [<S as Simd<T>>::V; 2];

/// a + b exactly, for |a| ≥ |b| or a = 0 (Dekker 1971).
#[inline(always)]
pub(crate) fn fast_two_sum<T: Float, S: Simd<T>>(simd: S, a: S::V, b: S::V) -> Pair<T, S> {
    let high = simd.add(a, b);
    [high, simd.sub(b, simd.sub(high, a))]
}

/// a + b exactly (Knuth, *Seminumerical Algorithms*, §4.2.2).
#[inline(always)]
pub(crate) fn two_sum<T: Float, S: Simd<T>>(simd: S, a: S::V, b: S::V) -> Pair<T, S> {
    let high = simd.add(a, b);
    let part = simd.sub(high, a);
    [high, simd.add(simd.sub(a, simd.sub(high, part)), simd.sub(b, part))]
}

/// The upper and the lower half of the digits of a: products of halves are exact (Veltkamp; Dekker 1971).
///
/// |a| must not exceed MAX/2^⌈p/2⌉.
#[inline(always)]
pub(crate) fn split<T: Float, S: Simd<T>>(simd: S, a: S::V) -> Pair<T, S> {
    // 2^⌈p/2⌉ + 1
    let splitter = simd.splat(T::from_f64(if T::BITS == 32 { 4_097.0 } else { 134_217_729.0 }));
    let enlarged = simd.mul(splitter, a);
    let high = simd.sub(enlarged, simd.sub(enlarged, a));
    [high, simd.sub(a, high)]
}

/// ab exactly (Dekker 1971), within the range of [`split`].
#[inline(always)]
pub(crate) fn two_product<T: Float, S: Simd<T>>(simd: S, a: S::V, b: S::V) -> Pair<T, S> {
    let product = simd.mul(a, b);
    let ([a, a_low], [b, b_low]) = (split(simd, a), split(simd, b));
    let rest = simd.sub(simd.mul(a, b), product);
    let rest = simd.add(rest, simd.mul(a, b_low));
    let rest = simd.add(rest, simd.mul(a_low, b));
    [product, simd.add(rest, simd.mul(a_low, b_low))]
}

/// n/d, the first part with half of the digits; one division.
///
/// The head h times either half of d is exact, so the remainder n − hd is too but for the last
/// rounding; the tail is that over d. For 1 ≤ d ≤ 2 and |n| ≤ d: what is lost is below 2^−⌊p/2⌋·2u of n/d, or
/// the sum of a rounding unit of the low parts.
#[inline(always)]
pub(crate) fn divide<T: Float, S: Simd<T>>(
    simd: S,
    numerator: Pair<T, S>,
    denominator: Pair<T, S>,
) -> Pair<T, S> {
    let ([n, n_low], [d, d_low]) = (numerator, denominator);
    let inverse = simd.div(simd.splat(T::ONE), d);
    let [head, _] = split(simd, simd.mul(n, inverse));
    let [d, d_rest] = split(simd, d);
    let rest = simd.sub(simd.sub(n, simd.mul(head, d)), simd.mul(head, d_rest));
    let rest = simd.add(rest, simd.sub(n_low, simd.mul(head, d_low)));
    [head, simd.mul(rest, inverse)]
}
