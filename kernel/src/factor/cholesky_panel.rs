//! The Cholesky factorization of a panel: strip of rows after strip of rows, each packed once.
//!
//! ```text
//!  ┌──────────┐   strip: as many rows as a tile has, packed with all its columns;
//!  │ finished │   tile:  NR columns of it in registers.
//!  ├──────┬─┬─┤
//!  │ tile │D│ │   A tile subtracts the products with the columns before it, then solves with
//!  └──────┴─┴─┘   the finished NR × NR block of its columns, or factors D if it is the strip's own.
//! ```
//!
//! Every element is one chain over k in order, so neither the strip nor the tile changes a bit.

use crate::float::{Float, reciprocal_root};
use crate::matrix::strip::{MULTIPLY, Memory, SolveTiles, tiles_have_eight, vectors_in_strip};
use crate::simd::{
    Operation, PANEL_COLUMNS, Simd, Tile, Window, WindowMut, accumulate, lane, load_tile,
    store_tile, tile_element, unpack_lower, with_lane,
};

/// A pivot that is not positive, or not finite.
#[derive(Clone, Copy, Debug)]
pub(super) struct BadPivot<T> {
    pub(super) index: usize,
    pub(super) value: T,
}

/// What became of a panel, or of a part of it; in an `Option`, `None` where a window did not fit: never.
pub(super) type Factored<T> = Result<(), BadPivot<T>>;

impl<T: Float> BadPivot<T> {
    /// The same in the other format.
    pub(super) fn cast<U: Float>(self) -> BadPivot<U> {
        BadPivot { index: self.index, value: U::from_f64(self.value.to_f64()) }
    }
}

// Below a block tiles are whole ones only: see `Panel`.
const _: () = assert!(PANEL_COLUMNS.is_multiple_of(8), "a block ends where tiles do");

/// A ← L for the lower part of m × n: the factor of the upper n rows, and what stands below it times L⁻ᵀ.
/// Above the diagonal nothing is written. n is at most `PANEL_COLUMNS`, and a multiple of eight unless m = n.
pub(super) struct Panel<'b, 'a, T> {
    pub(super) a: &'b mut WindowMut<'a, T>,
    pub(super) memory: Memory<'b>,
    /// Of the diagonal of L: as many as there are columns.
    pub(super) reciprocals: &'b mut [T],
}

impl<T: Float> Operation<T> for Panel<'_, '_, T> {
    type Output = Option<Factored<T>>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output {
        if const { tiles_have_eight::<T, S>() } {
            self.strips::<S, 8>(simd)
        } else {
            self.strips::<S, 4>(simd)
        }
    }
}

impl<T: Float> Panel<'_, '_, T> {
    #[inline(always)]
    fn strips<S: Simd<T>, const NR: usize>(self, simd: S) -> Option<Factored<T>> {
        let Self { a, mut memory, reciprocals } = self;
        let (m, n) = (a.rows, a.cols);
        let mut row = 0;
        while row < m {
            let end = if row < n { n } else { m };
            // The blocks on the diagonal do not stick out of the strip.
            let vectors = (end - row)
                .next_multiple_of(NR)
                .div_ceil(S::WIDTH)
                .min(const { vectors_in_strip::<T, S>() });
            let rows = (vectors * S::WIDTH).min(end - row);
            let (finished, rest) = a.rb_mut().split_at_row(row)?;
            let mut here = rest.sub([0, 0], [rows, (row + rows).min(n)])?;
            let width = here.cols.next_multiple_of(NR);
            let mut strip = memory.pack(simd, T::ONE, here.rb(), [vectors * S::WIDTH, 0, width])?;
            let step = Step {
                finished: finished.rb(),
                rows,
                row,
                cols: n,
                reciprocals: &mut *reciprocals,
            };
            let done = match vectors {
                1 => step.run::<S, 1, NR>(simd, &mut strip)?,
                2 if const { vectors_in_strip::<T, S>() >= 2 } => {
                    step.run::<S, 2, NR>(simd, &mut strip)?
                }
                3 if const { vectors_in_strip::<T, S>() >= 3 } => {
                    step.run::<S, 3, NR>(simd, &mut strip)?
                }
                _ => return None,
            };
            let packed = strip.rb().sub([0, 0], [rows, here.cols])?;
            unpack_lower(simd, packed, row, &mut here);
            if done.is_err() {
                return Some(done);
            }
            row += rows;
        }
        Some(Ok(()))
    }
}

/// Where a strip stands.
struct Step<'a, T> {
    finished: Window<'a, T>,
    row: usize,
    rows: usize,
    /// Of the panel.
    cols: usize,
    reciprocals: &'a mut [T],
}

impl<T: Float> Step<'_, T> {
    /// Solves with the finished columns, then factors the strip's own block.
    #[inline(always)]
    fn run<S: Simd<T>, const MV: usize, const NR: usize>(
        self,
        simd: S,
        strip: &mut WindowMut<'_, T>,
    ) -> Option<Factored<T>> {
        let depth = self.row.min(self.cols);
        if depth > 0 {
            let finished = self.finished.sub([0, 0], [depth, depth])?;
            simd.call(SolveTiles::<T, MV, NR, MULTIPLY> {
                strip: strip.rb_mut(),
                pad: 0,
                l: finished,
                factors: self.reciprocals,
                divisors: &[],
            })?;
        }
        let own = self.rows.min(self.cols - depth);
        let mut at = 0;
        while at < own {
            let reciprocals = self.reciprocals.get_mut(depth + at..)?;
            let size = NR.min(own - at);
            let tile = FactorTile { strip: strip.rb_mut(), at, col: depth + at, size, reciprocals };
            // Rows above the block have nothing to do with it.
            let done = match (MV * S::WIDTH - at).div_ceil(S::WIDTH) {
                1 => simd.call(tile.tall::<1, NR>())?,
                2 if const { MV >= 2 } => simd.call(tile.tall::<2, NR>())?,
                3 if const { MV >= 3 } => simd.call(tile.tall::<3, NR>())?,
                _ => return None,
            };
            if done.is_err() {
                return Some(done);
            }
            at += NR;
        }
        Some(Ok(()))
    }
}

/// NR columns of a strip that meet the diagonal, and the place of their block.
struct FactorTile<'a, T> {
    strip: WindowMut<'a, T>,
    /// The block's first row in the strip.
    at: usize,
    /// The block's first column in the panel.
    col: usize,
    /// Columns that are not padding.
    size: usize,
    /// Of the diagonal of L, from `col` on.
    reciprocals: &'a mut [T],
}

/// The same for MV vectors of rows.
struct TallTile<'a, T, const MV: usize, const NR: usize>(FactorTile<'a, T>);

impl<'a, T> FactorTile<'a, T> {
    #[inline(always)]
    fn tall<const MV: usize, const NR: usize>(self) -> TallTile<'a, T, MV, NR> {
        TallTile(self)
    }
}

impl<T: Float, const MV: usize, const NR: usize> Operation<T> for TallTile<'_, T, MV, NR> {
    type Output = Option<Factored<T>>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output {
        let FactorTile { strip, at, col, size, reciprocals } = self.0;
        let rows = strip.rows - at;
        let (left, right) = strip.split_at_col(col)?;
        let left = left.rb().sub([at, 0], [rows, col])?;
        let beside = left.sub([0, 0], [NR, col])?;
        let mut target = right.sub([at, 0], [rows, NR])?;
        let acc = load_tile::<T, S, MV, NR>(simd, target.rb());
        let acc = accumulate::<T, S, MV, NR, true>(simd, left, beside.t(), |b| b, acc);
        let mut block = Block { acc, pivots: [T::ONE; NR], reciprocals: [T::ONE; NR] };
        block.factor(simd, size);
        store_tile::<T, S, MV, NR>(simd, &block.acc, &mut target);
        for (to, &from) in reciprocals.iter_mut().zip(&block.reciprocals) {
            *to = from;
        }
        Some(match block.first_bad_pivot() {
            None => Ok(()),
            Some((k, value)) => Err(BadPivot { index: col + k, value }),
        })
    }
}

/// NR columns whose first NR rows are a block on the diagonal, and what became of its pivots.
struct Block<T, V, const MV: usize, const NR: usize> {
    acc: Tile<V, MV, NR>,
    pivots: [T; NR],
    reciprocals: [T; NR],
}

impl<T: Float, V: Copy, const MV: usize, const NR: usize> Block<T, V, MV, NR> {
    /// The first `size` columns of L. Without a branch on the pivots: a bad one leaves NaN or infinity in its
    /// column and the later ones.
    #[inline(always)]
    fn factor<S: Simd<T, V = V>>(&mut self, simd: S, size: usize) {
        let pivot = tile_element(simd, &self.acc, 0, 0);
        let pivot = self.step::<S, 0>(simd, pivot, size);
        let pivot = self.step::<S, 1>(simd, pivot, size);
        let pivot = self.step::<S, 2>(simd, pivot, size);
        let pivot = self.step::<S, 3>(simd, pivot, size);
        let pivot = self.step::<S, 4>(simd, pivot, size);
        let pivot = self.step::<S, 5>(simd, pivot, size);
        let pivot = self.step::<S, 6>(simd, pivot, size);
        let _ = self.step::<S, 7>(simd, pivot, size);
    }

    /// Column K from its pivot, and its products subtracted from the later ones; the next pivot. That one is
    /// found apart, from single elements, with the same bits: all the rest waits for it. Written out column
    /// by column, so that the tile stays in registers.
    #[inline(always)]
    fn step<S: Simd<T, V = V>, const K: usize>(&mut self, simd: S, pivot: T, size: usize) -> T {
        if K >= size || K >= NR {
            return T::ONE;
        }
        let root = pivot.sqrt();
        let reciprocal = reciprocal_root(pivot, root);
        let l = tile_element(simd, &self.acc, K + 1, K) * reciprocal;
        let next = simd.neg_mul_add_one(l, l, tile_element(simd, &self.acc, K + 1, K + 1));

        let Self { acc, pivots, reciprocals } = self;
        let (Some(([.., column], later)), Some(to_pivot), Some(to_reciprocal)) =
            (acc.split_at_mut_checked(K + 1), pivots.get_mut(K), reciprocals.get_mut(K))
        else {
            return T::ONE;
        };
        (*to_pivot, *to_reciprocal) = (pivot, reciprocal);
        for x in column.iter_mut() {
            *x = simd.mul(*x, simd.splat(reciprocal));
        }
        for (j, target) in later.iter_mut().enumerate() {
            let i = K + 1 + j;
            let factor = column.get(i / S::WIDTH).map_or(T::ZERO, |&v| lane(simd, v, i % S::WIDTH));
            let factor = simd.splat(factor);
            for (x, &l) in target.iter_mut().zip(column.iter()) {
                *x = simd.neg_mul_add(l, factor, *x);
            }
        }
        if let Some(v) = column.get_mut(K / S::WIDTH) {
            *v = with_lane(simd, *v, K % S::WIDTH, root);
        }
        next
    }

    /// Which pivot is not positive or not finite, and its value.
    #[inline(always)]
    fn first_bad_pivot(&self) -> Option<(usize, T)> {
        let good = |pivot: T| (pivot > T::ZERO) & (pivot <= T::MAX);
        // All at once: a branch for each would cost as much as the column.
        if self.pivots.iter().fold(true, |all, &pivot| all & good(pivot)) {
            return None;
        }
        self.pivots.iter().copied().enumerate().find(|&(_, pivot)| !good(pivot))
    }
}
