//! How loops walk over slices: by splitting, which neither divides nor can panic.

use crate::float::Float;
use crate::simd::Simd;

/// Splits `len` elements off the front; `None` if there are fewer.
#[inline(always)]
pub(crate) fn block<'a, T>(x: &mut &'a [T], len: usize) -> Option<&'a [T]> {
    let (front, rest) = x.split_at_checked(len)?;
    *x = rest;
    Some(front)
}

/// Splits `len` elements off the front; `None` if there are fewer.
#[inline(always)]
pub(crate) fn block_mut<'a, T>(x: &mut &'a mut [T], len: usize) -> Option<&'a mut [T]> {
    if len > x.len() {
        return None;
    }
    let (front, rest) = core::mem::take(x).split_at_mut_checked(len)?;
    *x = rest;
    Some(front)
}

/// Splits at most `len` elements off the front; `None` if there are none.
#[inline(always)]
pub(crate) fn part<'a, T>(x: &mut &'a [T], len: usize) -> Option<&'a [T]> {
    if x.is_empty() { None } else { block(x, len.min(x.len())) }
}

/// Splits at most `len` elements off the front; `None` if there are none.
#[inline(always)]
pub(crate) fn part_mut<'a, T>(x: &mut &'a mut [T], len: usize) -> Option<&'a mut [T]> {
    if x.is_empty() { None } else { block_mut(x, len.min(x.len())) }
}

/// Slices of `len` elements, one after the other, the last perhaps shorter; none where `len` is 0. Not `chunks`:
/// that one divides by the length, and panics where it is 0.
#[derive(Clone)]
pub(crate) struct Pieces<'a, T> {
    rest: &'a [T],
    len: usize,
}

/// See [`Pieces`].
pub(crate) fn pieces<T>(x: &[T], len: usize) -> Pieces<'_, T> {
    Pieces { rest: if len == 0 { &[] } else { x }, len }
}

impl<'a, T> Iterator for Pieces<'a, T> {
    type Item = &'a [T];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        part(&mut self.rest, self.len)
    }
}

/// The same, to write.
pub(crate) struct PiecesMut<'a, T> {
    rest: &'a mut [T],
    len: usize,
}

/// See [`Pieces`].
pub(crate) fn pieces_mut<T>(x: &mut [T], len: usize) -> PiecesMut<'_, T> {
    PiecesMut { rest: if len == 0 { &mut [] } else { x }, len }
}

impl<'a, T> Iterator for PiecesMut<'a, T> {
    type Item = &'a mut [T];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        part_mut(&mut self.rest, self.len)
    }
}

/// An update element by element, with its constants: y is replaced by a function of x and y.
///
/// A trait, not a closure: it is called at several widths.
pub(crate) trait Elementwise<T: Float>: Copy {
    /// The new y, lane by lane; strict operations only.
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, y: S::V) -> S::V;
}

/// fl(fl(factor·x) + y)
#[derive(Clone, Copy)]
pub(crate) struct AddScaled<T>(pub(crate) T);

impl<T: Float> Elementwise<T> for AddScaled<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, y: S::V) -> S::V {
        simd.add(simd.mul(simd.splat(self.0), x), y)
    }
}

/// fl(fl(x·fl(αy)) + a), y taken for x and a for y.
#[derive(Clone, Copy)]
pub(crate) struct AddTwiceScaled<T> {
    pub(crate) alpha: T,
    pub(crate) x: T,
}

impl<T: Float> Elementwise<T> for AddTwiceScaled<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, y: S::V, a: S::V) -> S::V {
        let factor = simd.mul(simd.splat(self.alpha), y);
        simd.add(simd.mul(simd.splat(self.x), factor), a)
    }
}

/// fl(y/divisor)
#[derive(Clone, Copy)]
pub(crate) struct Divided<T>(pub(crate) T);

impl<T: Float> Elementwise<T> for Divided<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, _: S::V, y: S::V) -> S::V {
        simd.div(y, simd.splat(self.0))
    }
}

/// yᵢ ← f(xᵢ, yᵢ) as far as the shorter goes: the loop of every elementwise update.
///
/// The end is cut into halves, not masked: a load soon after a masked store waits for the store to reach
/// the cache, and after stores of other widths too (3 ns on Zen 4); cut the same way every time, each finds
/// its own.
#[inline(always)]
pub(crate) fn apply<T: Float, S: Simd<T>>(simd: S, x: &[T], y: &mut [T], f: impl Elementwise<T>) {
    let n = x.len().min(y.len());
    // One length: the compiler would count both, in twice the instructions.
    let (Some(mut x), Some(mut y)) = (x.get(..n), y.get_mut(..n)) else { return };
    let len = S::WIDTH * UNROLL;
    while x.len() >= len
        && let (Some(mut x), Some(mut y)) = (block(&mut x, len), block_mut(&mut y, len))
    {
        for _ in 0..UNROLL {
            step(simd, &mut x, &mut y, f);
        }
    }
    while x.len() >= S::WIDTH {
        step(simd, &mut x, &mut y, f);
    }
    let (half, quarter) = (simd.half(), simd.half().half());
    if const { is_narrower::<T, S::Half, S>() } {
        step(half, &mut x, &mut y, f);
    }
    if const { is_narrower::<T, Quarter<T, S>, S::Half>() } {
        step(quarter, &mut x, &mut y, f);
    }
    if !x.is_empty() {
        quarter.store(f.lanes(quarter, quarter.load(x), quarter.load(y)), y);
    }
}

/// [`apply`] to several y, each with constants of its own: x is read once.
#[inline(always)]
pub(crate) fn apply_each<T: Float, S: Simd<T>, const N: usize>(
    simd: S,
    x: &[T],
    y: [&mut [T]; N],
    f: [impl Elementwise<T>; N],
) {
    let (mut x, mut y) = (x, y);
    for y in &mut y {
        let Some(same) = core::mem::take(y).get_mut(..x.len()) else { return };
        *y = same;
    }
    while x.len() >= S::WIDTH {
        step_each(simd, &mut x, &mut y, f);
    }
    let (half, quarter) = (simd.half(), simd.half().half());
    if const { is_narrower::<T, S::Half, S>() } {
        step_each(half, &mut x, &mut y, f);
    }
    if const { is_narrower::<T, Quarter<T, S>, S::Half>() } {
        step_each(quarter, &mut x, &mut y, f);
    }
    if !x.is_empty() {
        for (y, f) in y.into_iter().zip(f) {
            quarter.store(f.lanes(quarter, quarter.load(x), quarter.load(y)), y);
        }
    }
}

/// One vector off the front of each, if there is a whole one.
#[inline(always)]
fn step_each<T: Float, S: Simd<T>, const N: usize>(
    simd: S,
    x: &mut &[T],
    y: &mut [&mut [T]; N],
    f: [impl Elementwise<T>; N],
) {
    if x.len() >= S::WIDTH
        && let Some(x) = block(x, S::WIDTH)
    {
        let x = simd.load(x);
        // All loads, then all stores: where the y lie a page apart, a load right after the store
        // of its neighbor would wait for it, for their addresses end alike.
        let mut sums = [x; N];
        for ((sum, y), f) in sums.iter_mut().zip(&*y).zip(f) {
            if let Some(y) = y.get(..S::WIDTH) {
                *sum = f.lanes(simd, x, simd.load(y));
            }
        }
        for (sum, y) in sums.into_iter().zip(y) {
            if let Some(y) = block_mut(y, S::WIDTH) {
                simd.store(sum, y);
            }
        }
    }
}

/// The machine with a quarter of the width.
type Quarter<T, S> = <<S as Simd<T>>::Half as Simd<T>>::Half;

/// Whether A has fewer lanes than B.
const fn is_narrower<T: Float, A: Simd<T>, B: Simd<T>>() -> bool {
    A::WIDTH < B::WIDTH
}

/// One vector off the front, if there is a whole one.
#[inline(always)]
fn step<T: Float, S: Simd<T>>(simd: S, x: &mut &[T], y: &mut &mut [T], f: impl Elementwise<T>) {
    if x.len() >= S::WIDTH
        && let (Some(x), Some(y)) = (block(x, S::WIDTH), block_mut(y, S::WIDTH))
    {
        simd.store(f.lanes(simd, simd.load(x), simd.load(y)), y);
    }
}

/// Vectors in flight, so that loads overlap.
const UNROLL: usize = 4;

/// xᵢ ← f(xᵢ, xᵢ), in the way of [`apply`].
#[inline(always)]
pub(crate) fn renew<T: Float, S: Simd<T>>(simd: S, x: &mut [T], f: impl Elementwise<T>) {
    let mut x = x;
    let len = S::WIDTH * UNROLL;
    while x.len() >= len
        && let Some(mut x) = block_mut(&mut x, len)
    {
        for _ in 0..UNROLL {
            step_in_place(simd, &mut x, f);
        }
    }
    while x.len() >= S::WIDTH {
        step_in_place(simd, &mut x, f);
    }
    let (half, quarter) = (simd.half(), simd.half().half());
    if const { is_narrower::<T, S::Half, S>() } {
        step_in_place(half, &mut x, f);
    }
    if const { is_narrower::<T, Quarter<T, S>, S::Half>() } {
        step_in_place(quarter, &mut x, f);
    }
    if !x.is_empty() {
        let v = quarter.load(x);
        quarter.store(f.lanes(quarter, v, v), x);
    }
}

/// [`renew`] by a function of so many steps that nothing is gained by more than one vector in flight.
///
/// Where there are narrower vectors, the end is cut into halves as in [`apply`]: a load that is wider than the
/// stores before it, masked or not, waits for them to reach the cache.
#[inline(always)]
pub(crate) fn renew_slowly<T: Float, S: Simd<T>>(simd: S, x: &mut [T], f: impl Elementwise<T>) {
    let mut x = x;
    if const { !is_narrower::<T, S::Half, S>() } {
        // One copy of the function, however the length ends.
        while let Some(x) = part_mut(&mut x, S::WIDTH) {
            let v = simd.load(x);
            simd.store(f.lanes(simd, v, v), x);
        }
        return;
    }
    while x.len() >= S::WIDTH {
        step_in_place(simd, &mut x, f);
    }
    let (half, quarter) = (simd.half(), simd.half().half());
    step_in_place(half, &mut x, f);
    if const { is_narrower::<T, Quarter<T, S>, S::Half>() } {
        step_in_place(quarter, &mut x, f);
    }
    if !x.is_empty() {
        let v = quarter.load(x);
        quarter.store(f.lanes(quarter, v, v), x);
    }
}

/// One vector off the front, if there is a whole one.
#[inline(always)]
fn step_in_place<T: Float, S: Simd<T>>(simd: S, x: &mut &mut [T], f: impl Elementwise<T>) {
    if x.len() >= S::WIDTH
        && let Some(x) = block_mut(x, S::WIDTH)
    {
        let v = simd.load(x);
        simd.store(f.lanes(simd, v, v), x);
    }
}

/// (xᵢ, yᵢ) ← f(xᵢ, yᵢ), a vector at a time.
#[inline(always)]
pub(crate) fn exchange<T: Float, S: Simd<T>>(
    simd: S,
    x: &mut [T],
    y: &mut [T],
    f: impl Fn(S::V, S::V) -> [S::V; 2],
) {
    let (mut x, mut y) = (x, y);
    while let (Some(x), Some(y)) = (part_mut(&mut x, S::WIDTH), part_mut(&mut y, S::WIDTH)) {
        let [a, b] = f(simd.load(x), simd.load(y));
        simd.store(a, x);
        simd.store(b, y);
    }
}
