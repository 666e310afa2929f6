//! Sums and inner products as if in twice the precision.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, REGISTERS_MAX, Simd, part, registers};
use crate::vector::dot::dot_lanes;
use crate::vector::pair::{two_product, two_sum};
use crate::vector::reduce::sum_lanes;

/// The inner product xᵀy, computed as if in twice the precision and rounded once.
///
/// For sums that cancel: residuals, differences of large terms. [`dot`](crate::vector::dot) takes a
/// twelfth of the operations.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Method
/// Dot2: each product and each sum leaves its rounding error exactly, and these are added up
/// beside. Products by splitting both factors in halves, not by a fused multiply-add. Lanes and tree
/// as in every reduction, the tree compensated too.
///
/// # Accuracy
/// With L the lanes (16 for f64, 32 for f32) and h = ⌈n/L⌉ + 2log₂L + 1:
/// |ŝ − xᵀy| ≤ u|xᵀy| + γₕ²|x|ᵀ|y| + 5nη, η the smallest subnormal, while |xᵢ| and |yᵢ| stay below
/// 2¹¹⁵ (f32) or 2⁹⁹⁵ (f64) and |x|ᵀ|y| below a half of the largest number. Where the result would not
/// be finite, that of `dot` is returned, with its bound: NaN and infinity propagate as there. The
/// same bits on every machine. 0 for n = 0.
///
/// # Errors
/// `Error::Length` if the lengths differ.
///
/// # Cost
/// 25n flops, 2n reads, no scratch.
///
/// # Source
/// Ogita, Rump, Oishi 2005, *Accurate sum and dot product*, doi:10.1137/030601818, Algorithm 5.3 and
/// Proposition 5.5; the split by Veltkamp, the product by Dekker 1971, doi:10.1007/BF01397083.
///
/// # Example
/// ```
/// use teeter::{Machine, vector};
/// let (x, y) = ([1e20, 1.0, -1e20], [1.0, 0.5, 1.0]);
/// assert_eq!(vector::dot_precise(Machine::detect(), &x, &y), Ok(0.5));
/// ```
#[doc(alias = "Dot2")]
pub fn dot_precise<T: Float>(machine: Machine, x: &[T], y: &[T]) -> Result<T, Error> {
    check::same_len("y", x.len(), y.len())?;
    Ok(machine.run(DotPrecise { x, y }))
}

/// The sum Σ xᵢ, computed as if in twice the precision and rounded once.
///
/// # Shapes
/// `x`: n.
///
/// # Method
/// Sum2, lanes and tree as in [`dot_precise`].
///
/// # Accuracy
/// |ŝ − Σxᵢ| ≤ u|Σxᵢ| + γₕ²Σ|xᵢ|, h = ⌈n/L⌉ + 2log₂L + 1, L = 16 (f64) or 32 (f32) lanes, while Σ|xᵢ| stays
/// below a half of the largest number. Where the result would not be finite, that of
/// [`sum`](crate::vector::sum) is returned, with its bound: NaN and infinity propagate as there. The
/// same bits on every machine. 0 for n = 0.
///
/// # Cost
/// 7n flops, n reads, no scratch.
///
/// # Source
/// Ogita, Rump, Oishi 2005, *Accurate sum and dot product*, doi:10.1137/030601818, Algorithm 4.4.
#[doc(alias = "Sum2")]
#[must_use]
pub fn sum_precise<T: Float>(machine: Machine, x: &[T]) -> T {
    machine.run(SumPrecise { x })
}

struct DotPrecise<'a, T> {
    x: &'a [T],
    y: &'a [T],
}

impl<T: Float> Operation<T> for DotPrecise<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let zero = simd.splat(T::ZERO);
        let (mut sums, mut errors) = ([zero; REGISTERS_MAX], [zero; REGISTERS_MAX]);
        let (mut x, mut y) = (self.x, self.y);
        while !x.is_empty() {
            for (sum, error) in sums.iter_mut().zip(&mut errors).take(registers::<T, S>()) {
                let (Some(x), Some(y)) = (part(&mut x, S::WIDTH), part(&mut y, S::WIDTH)) else {
                    break;
                };
                let [product, rest] = two_product(simd, simd.load(x), simd.load(y));
                let [total, missed] = two_sum(simd, *sum, product);
                (*sum, *error) = (total, simd.add(*error, simd.add(missed, rest)));
            }
        }
        let value = finish(simd, sums, errors);
        if value.is_finite() { value } else { dot_lanes(simd, self.x, self.y) }
    }
}

struct SumPrecise<'a, T> {
    x: &'a [T],
}

impl<T: Float> Operation<T> for SumPrecise<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let zero = simd.splat(T::ZERO);
        let (mut sums, mut errors) = ([zero; REGISTERS_MAX], [zero; REGISTERS_MAX]);
        let mut x = self.x;
        while !x.is_empty() {
            for (sum, error) in sums.iter_mut().zip(&mut errors).take(registers::<T, S>()) {
                let Some(x) = part(&mut x, S::WIDTH) else { break };
                let [total, missed] = two_sum(simd, *sum, simd.load(x));
                (*sum, *error) = (total, simd.add(*error, missed));
            }
        }
        let value = finish(simd, sums, errors);
        if value.is_finite() { value } else { sum_lanes(simd, self.x, |v| v) }
    }
}

/// Lanes of the longest vector.
const WIDTH_MAX: usize = 16;

/// The halving tree of `simd/tree.rs`, compensated: registers first, then the lanes of the last one.
#[inline(always)]
fn finish<T: Float, S: Simd<T>>(
    simd: S,
    mut sums: [S::V; REGISTERS_MAX],
    mut errors: [S::V; REGISTERS_MAX],
) -> T {
    let mut half = registers::<T, S>() / 2;
    while half > 0 {
        let (Some((sums, uppers)), Some((errors, upper_errors))) =
            (sums.split_at_mut_checked(half), errors.split_at_mut_checked(half))
        else {
            break;
        };
        let upper = uppers.iter().zip(upper_errors);
        for ((sum, error), (upper, upper_error)) in sums.iter_mut().zip(errors).zip(upper) {
            let [total, missed] = two_sum(simd, *sum, *upper);
            (*sum, *error) = (total, simd.add(simd.add(*error, *upper_error), missed));
        }
        half /= 2;
    }
    let ([sum, ..], [error, ..]) = (sums, errors);
    let (mut lanes, mut errors) = ([T::ZERO; WIDTH_MAX], [T::ZERO; WIDTH_MAX]);
    simd.store(sum, &mut lanes);
    simd.store(error, &mut errors);
    finish_lanes(S::WIDTH, lanes, errors)
}

fn finish_lanes<T: Float>(width: usize, mut sums: [T; WIDTH_MAX], mut errors: [T; WIDTH_MAX]) -> T {
    let mut half = width / 2;
    while half > 0 {
        let (Some((sums, uppers)), Some((errors, upper_errors))) =
            (sums.split_at_mut_checked(half), errors.split_at_mut_checked(half))
        else {
            break;
        };
        let upper = uppers.iter().zip(upper_errors);
        for ((sum, error), (&upper, upper_error)) in sums.iter_mut().zip(errors).zip(upper) {
            let total = *sum + upper;
            let part = total - *sum;
            let missed = (*sum - (total - part)) + (upper - part);
            (*sum, *error) = (total, (*error + *upper_error) + missed);
        }
        half /= 2;
    }
    let ([sum, ..], [error, ..]) = (sums, errors);
    (sum + error) + T::ZERO
}
