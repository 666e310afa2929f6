//! The search for the pivot of a column, which goes along with what changes the column.

use crate::float::Float;
use crate::simd::{Simd, lane, part};

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

/// Where the largest of a column is that starts in row `first`: the first of equals; `None` if there is
/// none above 0.
#[inline(always)]
pub(super) fn largest_of<T: Float, S: Simd<T>>(
    simd: S,
    column: &[T],
    first: usize,
) -> Option<usize> {
    let mut largest = Largest::new(simd, first);
    let mut column = column;
    while let Some(x) = part(&mut column, S::WIDTH) {
        largest.see(simd, simd.load(x), 0);
        if let Some(x) = part(&mut column, S::WIDTH) {
            largest.see(simd, simd.load(x), 1);
        }
        largest.advance(simd, 2);
    }
    largest.place(simd)
}

/// The largest magnitudes so far, lane by lane, and their rows; two chains, so that they overlap.
pub(super) struct Largest<V> {
    sizes: [V; 2],
    places: [V; 2],
    /// The rows of the next two vectors.
    rows: [V; 2],
}

impl<V: Copy> Largest<V> {
    #[inline(always)]
    pub(super) fn new<T: Float, S: Simd<T, V = V>>(simd: S, first: usize) -> Self {
        let mut numbers = [T::ZERO; LANES_MAX];
        for (i, number) in numbers.iter_mut().enumerate() {
            *number = T::from_usize(i);
        }
        let rows = simd.add(simd.load(&numbers), simd.splat(T::from_usize(first)));
        let rows = [rows, simd.add(rows, simd.splat(T::from_usize(S::WIDTH)))];
        Self { sizes: [simd.splat(T::ZERO); 2], places: rows, rows }
    }

    /// The vector after `ahead` others. NaN is not larger than anything.
    #[inline(always)]
    pub(super) fn see<T: Float, S: Simd<T, V = V>>(&mut self, simd: S, x: V, ahead: usize) {
        let Self { sizes, places, rows } = self;
        if let (Some(size), Some(place), Some(&row)) =
            (sizes.get_mut(ahead), places.get_mut(ahead), rows.get(ahead))
        {
            let x = simd.abs(x);
            *place = simd.select_less([*size, x], row, *place);
            *size = simd.select_less([*size, x], x, *size);
        }
    }

    #[inline(always)]
    pub(super) fn advance<T: Float, S: Simd<T, V = V>>(&mut self, simd: S, vectors: usize) {
        let step = simd.splat(T::from_usize(vectors * S::WIDTH));
        for row in &mut self.rows {
            *row = simd.add(*row, step);
        }
    }

    /// The first of the largest, by halves.
    #[inline(always)]
    pub(super) fn place<T: Float, S: Simd<T, V = V>>(&self, simd: S) -> Option<usize> {
        let ([a, b], [i, j]) = (self.sizes, self.places);
        let (mut size, mut place) = first_of(simd, [a, b], [i, j]);
        let mut lanes = 1;
        while lanes < S::WIDTH {
            let (sizes, places) = (simd.interleave(size, size), simd.interleave(place, place));
            (size, place) = first_of(simd, sizes, places);
            lanes *= 2;
        }
        (lane(simd, size, 0) > T::ZERO).then(|| lane(simd, place, 0).to_f64() as usize)
    }
}

/// The larger, or the one in the earlier row.
#[inline(always)]
fn first_of<T: Float, S: Simd<T>>(simd: S, [a, b]: [S::V; 2], [i, j]: [S::V; 2]) -> (S::V, S::V) {
    let earlier = simd.select_less([i, j], i, j);
    let place = simd.select_less([b, a], i, earlier);
    (simd.select_less([a, b], b, a), simd.select_less([a, b], j, place))
}
