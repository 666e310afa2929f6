//! The inner product.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{
    Machine, Operation, REGISTERS_MAX, Simd, block, is_short, line_products, own, part, registers,
    sum_registers,
};

/// The inner product xᵀy.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// With ŝ the result, u the unit roundoff, L the lanes (16 for f64, 32 for f32) and
/// h = ⌈n/L⌉ + log₂L + 1: |ŝ − xᵀy| ≤ γₕ |x|ᵀ|y| + n·η/2, η the smallest subnormal, barring
/// overflow. The same bits on every machine. NaN and infinity propagate. 0 for n = 0.
///
/// # Errors
/// `Error::Length` if the lengths differ.
///
/// # Cost
/// 2n flops, 2n reads, no scratch.
///
/// # Source
/// Higham 2002, *Accuracy and Stability of Numerical Algorithms*, §3.1 and §4.2.
#[doc(alias = "ddot")]
#[inline]
pub fn dot<T: Float>(machine: Machine, x: &[T], y: &[T]) -> Result<T, Error> {
    check::same_len("y", x.len(), y.len())?;
    Ok(machine.run(Dot { x, y }))
}

struct Dot<'a, T> {
    x: &'a [T],
    y: &'a [T],
}

impl<T: Float> Operation<T> for Dot<'_, T> {
    type Output = T;

    #[inline(always)]
    fn is_short(&self) -> bool {
        is_short::<T>(self.x.len())
    }

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        dot_lanes(simd, self.x, self.y)
    }
}

/// xᵀy inside an operation; the shorter length counts.
#[inline(always)]
pub(crate) fn dot_lanes<T: Float, S: Simd<T>>(simd: S, x: &[T], y: &[T]) -> T {
    if let Some(dot) = own::dot(x, y) {
        return dot;
    }
    let n = x.len().min(y.len());
    // One length: the compiler would count both, in twice the instructions.
    let (Some(x), Some(y)) = (x.get(..n), y.get(..n)) else { return T::ZERO };
    if n <= S::WIDTH {
        // One register holds all: the levels of the tree above it would add zeros.
        return simd.sum(simd.mul(simd.load(x), simd.load(y))) + T::ZERO;
    }
    let count = registers::<T, S>();
    let (mut x, mut y) = (x, y);
    // One register each, nothing to carry: the levels above would add zeros, as before.
    if n <= 2 * S::WIDTH && count >= 2 {
        let a = next_product(simd, &mut x, &mut y);
        let b = next_product(simd, &mut x, &mut y);
        return simd.sum(simd.add(a, b)) + T::ZERO;
    }
    if n <= 4 * S::WIDTH && count >= 4 {
        let a = next_product(simd, &mut x, &mut y);
        let b = next_product(simd, &mut x, &mut y);
        let c = next_product(simd, &mut x, &mut y);
        let d = next_product(simd, &mut x, &mut y);
        return simd.sum(simd.add(simd.add(a, c), simd.add(b, d))) + T::ZERO;
    }
    let [[a], [b], [c], [d], [e], [f], [g], [h]] = line_products(simd, [x], y);
    sum_registers(simd, [a, b, c, d, e, f, g, h])
}

/// The products of the next vector, +0.0 where there are no more elements.
#[inline(always)]
fn next_product<T: Float, S: Simd<T>>(simd: S, x: &mut &[T], y: &mut &[T]) -> S::V {
    // Not a load of nothing: a masked load from a dangling address takes a hundred cycles.
    match (part(x, S::WIDTH), part(y, S::WIDTH)) {
        (Some(x), Some(y)) => simd.mul(simd.load(x), simd.load(y)),
        _ => simd.splat(T::ZERO),
    }
}

/// aᵀx and bᵀx at once, each in the order of [`dot_lanes`]; x is read once.
#[inline(always)]
pub(crate) fn dot_pair_lanes<T: Float, S: Simd<T>>(
    simd: S,
    (a, b): (&[T], &[T]),
    x: &[T],
) -> (T, T) {
    let count = registers::<T, S>();
    let mut sums = [[simd.splat(T::ZERO); 2]; REGISTERS_MAX];
    let (mut a, mut b, mut x) = (a, b, x);
    let lanes = count * S::WIDTH;
    while let (Some(mut a), Some(mut b), Some(mut x)) =
        (block(&mut a, lanes), block(&mut b, lanes), block(&mut x, lanes))
    {
        for sums in sums.iter_mut().take(count) {
            if let (Some(a), Some(b), Some(x)) =
                (block(&mut a, S::WIDTH), block(&mut b, S::WIDTH), block(&mut x, S::WIDTH))
            {
                add_pair(simd, sums, (a, b), x);
            }
        }
    }
    for sums in sums.iter_mut().take(count) {
        if let (Some(a), Some(b), Some(x)) =
            (part(&mut a, S::WIDTH), part(&mut b, S::WIDTH), part(&mut x, S::WIDTH))
        {
            add_pair(simd, sums, (a, b), x);
        }
    }
    (sum_registers(simd, sums.map(|[a, _]| a)), sum_registers(simd, sums.map(|[_, b]| b)))
}

/// A function, not a closure: a closure that is called from two places may be compiled on its
/// own, outside the machine's entry function, where every lane operation is then a call.
#[inline(always)]
fn add_pair<T: Float, S: Simd<T>>(simd: S, sums: &mut [S::V; 2], (a, b): (&[T], &[T]), x: &[T]) {
    let (x, [a_sum, b_sum]) = (simd.load(x), sums);
    *a_sum = simd.add(*a_sum, simd.mul(simd.load(a), x));
    *b_sum = simd.add(*b_sum, simd.mul(simd.load(b), x));
}
