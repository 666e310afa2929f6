//! The product that needs little memory: small, or with operands that run the way C does.

use crate::float::Float;
use crate::matrix::product::Product;
use crate::matrix::tiles::{Update, tiles_of};
use crate::simd::{FIXED_ORDER, Operation, Simd, SmallBuffer, strip_vectors, tile_vectors};

/// Whether there may be a way of its own for small products: not on a microcontroller.
pub(super) const CODE_IS_CHEAP: bool = FIXED_ORDER > 0;

/// A product without memory, as an operation. Where tiles of one width cover it, nothing stands between
/// the entry and their function.
pub(super) struct Direct<'b, 'a, T> {
    pub(super) product: &'b mut Product<'a, T>,
}

impl<T: Float> Operation<T> for Direct<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let product = self.product;
        let subtract = product.alpha == -T::ONE;
        let update = &mut product.update;
        let vectors = update.a.rows.div_ceil(S::WIDTH);
        let widest = widest::<T, S>(vectors);
        let cols = update.b.cols;
        // Two tiles of half of the columns at most: to find the width of more would take a division.
        let width = if cols <= widest { cols } else { cols / 2 };
        if !CODE_IS_CHEAP
            || vectors > const { tile_vectors::<T, S>() }
            || width > widest
            || (cols > widest && !cols.is_multiple_of(2))
        {
            return simd.call(Strips::<T, false> { product, memory: None });
        }
        match (vectors, subtract) {
            (1, false) => tiles_of::<T, S, 1, false>(simd, width, update),
            (1, true) => tiles_of::<T, S, 1, true>(simd, width, update),
            (2, false) if const { S::TILE_COLUMNS[1] > 0 } => {
                tiles_of::<T, S, 2, false>(simd, width, update);
            }
            (2, true) if const { S::TILE_COLUMNS[1] > 0 } => {
                tiles_of::<T, S, 2, true>(simd, width, update);
            }
            (3, false) if const { S::TILE_COLUMNS[2] > 0 } => {
                tiles_of::<T, S, 3, false>(simd, width, update);
            }
            (3, true) if const { S::TILE_COLUMNS[2] > 0 } => {
                tiles_of::<T, S, 3, true>(simd, width, update);
            }
            _ => {}
        }
    }
}

/// Columns of the widest tile of so many vectors.
#[inline(always)]
fn widest<T: Float, S: Simd<T>>(vectors: usize) -> usize {
    let [one, two, three] = S::TILE_COLUMNS;
    match vectors {
        1 => one,
        2 => two,
        _ => three,
    }
}

/// Strip after strip of rows, each packed first if `PACKED`.
pub(super) struct Strips<'b, 'a, T, const PACKED: bool> {
    pub(super) product: &'b mut Product<'a, T>,
    /// With room for the columns of A, if it is needed.
    pub(super) memory: Option<&'b mut SmallBuffer>,
}

impl<T: Float, const PACKED: bool> Operation<T> for Strips<'_, '_, T, PACKED> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { product, mut memory } = self;
        let subtract = product.alpha == -T::ONE;
        let Update { a, b, beta, ref mut c } = product.update;
        let (mut row, mut left) = (0, a.rows.div_ceil(S::WIDTH));
        while left > 0 {
            let vectors = strip_vectors::<T, S>(left);
            let rows = (vectors * S::WIDTH).min(a.rows - row);
            let (Some(mut a), Some(c)) =
                (a.sub([row, 0], [rows, a.cols]), c.rb_mut().sub([row, 0], [rows, b.cols]))
            else {
                return;
            };
            let packed;
            if PACKED && let Some(memory) = &mut memory {
                let Some(copy) = memory.pack(simd, T::ONE, a, vectors * S::WIDTH) else { return };
                packed = copy;
                a = packed.rb();
            }
            let strip = &mut Update { a, b, beta, c };
            match (vectors, subtract) {
                (1, false) => strip_of::<T, S, 1, false>(simd, strip),
                (1, true) => strip_of::<T, S, 1, true>(simd, strip),
                (2, false) if const { S::TILE_COLUMNS[1] > 0 } => {
                    strip_of::<T, S, 2, false>(simd, strip);
                }
                (2, true) if const { S::TILE_COLUMNS[1] > 0 } => {
                    strip_of::<T, S, 2, true>(simd, strip);
                }
                (3, false) if const { S::TILE_COLUMNS[2] > 0 } => {
                    strip_of::<T, S, 3, false>(simd, strip);
                }
                (3, true) if const { S::TILE_COLUMNS[2] > 0 } => {
                    strip_of::<T, S, 3, true>(simd, strip);
                }
                _ => return,
            }
            (row, left) = (row + rows, left - vectors);
        }
    }
}

/// The tiles of one strip, all of about the same width.
#[inline(always)]
fn strip_of<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    strip: &mut Update<'_, T>,
) {
    let Update { a, b, beta, ref mut c } = *strip;
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
        tiles_of::<T, S, MV, SUBTRACT>(simd, width, &mut Update { a, b, beta, c });
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
