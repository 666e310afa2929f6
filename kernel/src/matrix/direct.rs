//! The product that needs no memory: small, or with operands that run the way C does.

use crate::float::Float;
use crate::matrix::product::Product;
use crate::matrix::tiles::tiles_of;
use crate::simd::{Operation, Simd, Window, WindowMut, strip_vectors};

/// A product that needs no memory, as an operation: nothing but strips and tiles.
pub(super) struct Direct<'b, 'a, T> {
    pub(super) product: &'b mut Product<'a, T>,
}

impl<T: Float> Operation<T> for Direct<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Product { a, b, beta, .. } = *self.product;
        let subtract = self.product.alpha == -T::ONE;
        let c = &mut self.product.c;
        let (mut row, mut left) = (0, a.rows.div_ceil(S::WIDTH));
        while left > 0 {
            let vectors = strip_vectors::<T, S>(left);
            let rows = (vectors * S::WIDTH).min(a.rows - row);
            let (Some(a), Some(c)) =
                (a.sub([row, 0], [rows, a.cols]), c.rb_mut().sub([row, 0], [rows, b.cols]))
            else {
                return;
            };
            match (vectors, subtract) {
                (1, false) => direct::<T, S, 1, false>(simd, (a, b), (beta, c)),
                (1, true) => direct::<T, S, 1, true>(simd, (a, b), (beta, c)),
                (2, false) if const { S::TILE_COLUMNS[1] > 0 } => {
                    direct::<T, S, 2, false>(simd, (a, b), (beta, c));
                }
                (2, true) if const { S::TILE_COLUMNS[1] > 0 } => {
                    direct::<T, S, 2, true>(simd, (a, b), (beta, c));
                }
                (3, false) if const { S::TILE_COLUMNS[2] > 0 } => {
                    direct::<T, S, 3, false>(simd, (a, b), (beta, c));
                }
                (3, true) if const { S::TILE_COLUMNS[2] > 0 } => {
                    direct::<T, S, 3, true>(simd, (a, b), (beta, c));
                }
                _ => return,
            }
            (row, left) = (row + rows, left - vectors);
        }
    }
}

/// The tiles of one strip, all of about the same width.
#[inline(always)]
fn direct<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    (a, b): (Window<'_, T>, Window<'_, T>),
    (beta, mut c): (T, WindowMut<'_, T>),
) {
    let widths = Widths::of::<T, S, MV>(b.cols);
    let mut col = 0;
    for (width, count) in [(widths.narrow + 1, widths.wider), (widths.narrow, widths.rest)] {
        let cols = width * count;
        if cols == 0 {
            continue;
        }
        let (Some(b), Some(c)) =
            (b.sub([0, col], [b.rows, cols]), c.rb_mut().sub([0, col], [a.rows, cols]))
        else {
            return;
        };
        tiles_of::<T, S, MV, SUBTRACT>(simd, width, (a, b), (beta, c));
        col += cols;
    }
}

/// How many tiles of which widths cover some columns: a chain costs what it costs, and a tile of one column
/// would have too few of them.
pub(super) struct Widths {
    pub(super) narrow: usize,
    /// Tiles of one column more, which come first.
    pub(super) wider: usize,
    /// Tiles of the narrow width.
    pub(super) rest: usize,
}

impl Widths {
    #[inline(always)]
    pub(super) fn of<T: Float, S: Simd<T>, const MV: usize>(cols: usize) -> Self {
        let widest = const { S::TILE_COLUMNS[MV - 1] };
        let tiles = cols.div_ceil(widest.max(1));
        // A division by what is not known when compiled takes as long as a small tile.
        let narrow = if tiles <= 1 { cols } else { cols.checked_div(tiles).unwrap_or(0) };
        let wider = cols - narrow * tiles;
        Self { narrow, wider, rest: tiles - wider }
    }
}
