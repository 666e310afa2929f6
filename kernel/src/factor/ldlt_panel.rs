//! The LDLᵀ factorization of a panel: strip of rows after strip of rows, each packed once.
//!
//! As `cholesky_panel.rs`, but a strip holds C = LD, which no product waits for a division to know: a tile
//! subtracts C·Lᵀ, L from the finished rows. L of the strip's own rows is made from C a few columns
//! at a time, and once more when the strip is written back: the same bits.

use crate::fixed::{Pivot, PivotRule};
use crate::float::Float;
use crate::matrix::strip::{Memory, SolveTiles, UNIT, tiles_have_eight, vectors_in_strip};
use crate::simd::{
    Operation, Simd, Tile, Window, WindowMut, accumulate, lane, load_tile, part, part_mut,
    store_tile, tile_element, unpack_lower,
};

use super::cholesky_panel::BadPivot;
use super::regularization::Rule;

/// Columns of a panel: a constant of the algorithm, for within a panel products are c·l, beyond it fl(l·d)·l.
pub(super) const PANEL: usize = crate::simd::WIDE_COLUMNS;

/// Columns of L that a tile makes of its own rows at a time.
const PIECE: usize = 16;

/// Room for NR elements, in whole vectors of the widest machine.
const ROW: usize = 16;

/// x/d
#[inline(always)]
fn quotient<T: Float, S: Simd<T>>(simd: S, pivot: Pivot<T>, x: S::V) -> S::V {
    simd.mul(simd.mul(x, simd.splat(pivot.shift)), simd.splat(pivot.reciprocal))
}

/// How many pivots of a panel, or of a part of it, were changed; in an `Option`, `None` where a window did not fit:
/// never.
pub(super) type Factored<T> = Result<usize, BadPivot<T>>;

/// The factors over the lower part of m × n: L and D in the upper n rows, and what stands below them times
/// L⁻ᵀD⁻¹. Above the diagonal nothing is written. n is at most [`PANEL`], and a multiple of eight unless m = n.
pub(super) struct Panel<'b, 'a, T> {
    pub(super) a: &'b mut WindowMut<'a, T>,
    pub(super) memory: Memory<'b>,
    /// As many as there are columns.
    pub(super) pivots: &'b mut [Pivot<T>],
    pub(super) rule: &'b Rule<'b, T>,
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
        let Self { a, mut memory, pivots, rule } = self;
        let (m, n) = (a.rows, a.cols);
        let (mut row, mut changed) = (0, 0);
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
            let step =
                Step { finished: finished.rb(), rows, row, cols: n, pivots: &mut *pivots, rule };
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
            divide_columns(simd, &mut strip, pivots);
            unpack_lower(simd, strip.rb().sub([0, 0], [rows, here.cols])?, row, &mut here);
            for (i, pivot) in
                pivots.iter().skip(row).take(here.cols.saturating_sub(row)).enumerate()
            {
                here.set(i, row + i, pivot.value)?;
            }
            match done {
                Ok(count) => changed += count,
                Err(_) => return Some(done),
            }
            row += rows;
        }
        Some(Ok(changed))
    }
}

/// L from C.
#[inline(always)]
fn divide_columns<T: Float, S: Simd<T>>(
    simd: S,
    strip: &mut WindowMut<'_, T>,
    pivots: &[Pivot<T>],
) {
    for (j, pivot) in pivots.iter().enumerate().take(strip.cols) {
        let mut column = strip.column(j).unwrap_or(&mut []);
        while let Some(x) = part_mut(&mut column, S::WIDTH) {
            simd.store(quotient(simd, *pivot, simd.load(x)), x);
        }
    }
}

/// Where a strip stands.
struct Step<'a, T> {
    finished: Window<'a, T>,
    row: usize,
    rows: usize,
    /// Of the panel.
    cols: usize,
    pivots: &'a mut [Pivot<T>],
    rule: &'a Rule<'a, T>,
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
            simd.call(SolveTiles::<T, MV, NR, UNIT> {
                strip: strip.rb_mut(),
                pad: 0,
                l: finished,
                factors: &[],
                divisors: &[],
            })?;
        }
        let own = self.rows.min(self.cols - depth);
        let (mut at, mut changed) = (0, 0);
        while at < own {
            let tile = FactorTile {
                strip: strip.rb_mut(),
                at,
                col: depth + at,
                size: NR.min(own - at),
                pivots: self.pivots,
                rule: self.rule,
            };
            // Rows above the block have nothing to do with it.
            let done = match (MV * S::WIDTH - at).div_ceil(S::WIDTH) {
                1 => simd.call(tile.tall::<1, NR>())?,
                2 if const { MV >= 2 } => simd.call(tile.tall::<2, NR>())?,
                3 if const { MV >= 3 } => simd.call(tile.tall::<3, NR>())?,
                _ => return None,
            };
            match done {
                Ok(count) => changed += count,
                Err(_) => return Some(done),
            }
            at += NR;
        }
        Some(Ok(changed))
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
    pivots: &'a mut [Pivot<T>],
    rule: &'a Rule<'a, T>,
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
        let FactorTile { strip, at, col, size, pivots, rule } = self.0;
        let rows = strip.rows - at;
        let (left, right) = strip.split_at_col(col)?;
        let left = left.rb().sub([at, 0], [rows, col])?;
        let mut target = right.sub([at, 0], [rows, NR])?;
        let mut acc = load_tile::<T, S, MV, NR>(simd, target.rb());
        if col > 0 {
            let (mut factors, mut start) = ([[T::ZERO; ROW]; PIECE], 0);
            while start < col {
                let count = PIECE.min(col - start);
                let piece = left.sub([0, start], [rows, count])?;
                divide_rows::<T, S, NR>(simd, piece, pivots.get(start..)?, &mut factors);
                let beside = Window::of_columns(&factors).sub([0, 0], [NR, count])?;
                acc = accumulate::<T, S, MV, NR, true>(simd, piece, beside.t(), |b| b, acc);
                start += count;
            }
        }
        let mut block = Block { acc, pivots: [Pivot::ONE; NR], rule, first: col, changed: 0 };
        block.factor(simd, size);
        store_tile::<T, S, MV, NR>(simd, &block.acc, &mut target);
        for (to, &from) in pivots.iter_mut().skip(col).zip(&block.pivots) {
            *to = from;
        }
        // All at once: a branch for each would cost as much as the column.
        if block.pivots.iter().fold(true, |all, pivot| all & pivot.is_good()) {
            return Some(Ok(block.changed));
        }
        let bad = block.pivots.iter().enumerate().find(|(_, pivot)| !pivot.is_good());
        bad.map(|(k, pivot)| Err(BadPivot { index: col + k, value: pivot.value }))
    }
}

/// The first NR rows of L = CD⁻¹.
#[inline(always)]
fn divide_rows<T: Float, S: Simd<T>, const NR: usize>(
    simd: S,
    c: Window<'_, T>,
    pivots: &[Pivot<T>],
    l: &mut [[T; ROW]; PIECE],
) {
    for (j, (row, pivot)) in l.iter_mut().zip(pivots).enumerate().take(c.cols) {
        let mut from =
            c.column(j).and_then(|column| column.first_chunk::<NR>()).map_or(&[] as &[T], |x| x);
        let mut to = row.as_mut_slice();
        while let (Some(x), Some(y)) = (part(&mut from, S::WIDTH), part_mut(&mut to, S::WIDTH)) {
            simd.store(quotient(simd, *pivot, simd.load(x)), y);
        }
    }
}

/// NR columns whose first NR rows are a block on the diagonal, and what became of its pivots.
struct Block<'a, T, V, const MV: usize, const NR: usize> {
    /// C
    acc: Tile<V, MV, NR>,
    pivots: [Pivot<T>; NR],
    rule: &'a Rule<'a, T>,
    /// The first column in the panel.
    first: usize,
    changed: usize,
}

impl<T: Float, V: Copy, const MV: usize, const NR: usize> Block<'_, T, V, MV, NR> {
    /// The first `size` columns of C. Without a branch on the pivots: a bad one leaves NaN or infinity in the
    /// later columns.
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

    /// What column K gives to the later ones, and the next pivot. That one is found apart, from single elements,
    /// with the same bits: all the rest waits for it. Written out column by column, so that the
    /// tile stays in registers.
    #[inline(always)]
    fn step<S: Simd<T, V = V>, const K: usize>(&mut self, simd: S, pivot: T, size: usize) -> T {
        if K >= size || K >= NR {
            return T::ONE;
        }
        let (value, changed) = self.rule.judge(self.first + K, pivot);
        let pivot = Pivot::new(value);
        let c = tile_element(simd, &self.acc, K + 1, K);
        let l = c * pivot.shift * pivot.reciprocal;
        let next = simd.neg_mul_add_one(c, l, tile_element(simd, &self.acc, K + 1, K + 1));

        self.changed += changed;
        let (Some(([.., column], later)), Some(to_pivot)) =
            (self.acc.split_at_mut_checked(K + 1), self.pivots.get_mut(K))
        else {
            return T::ONE;
        };
        *to_pivot = pivot;
        let mut factors = *column;
        for x in &mut factors {
            *x = quotient(simd, pivot, *x);
        }
        for (j, target) in later.iter_mut().enumerate() {
            let i = K + 1 + j;
            let factor =
                factors.get(i / S::WIDTH).map_or(T::ZERO, |&v| lane(simd, v, i % S::WIDTH));
            let factor = simd.splat(factor);
            for (x, &c) in target.iter_mut().zip(column.iter()) {
                *x = simd.neg_mul_add(c, factor, *x);
            }
        }
        next
    }
}
