//! Tiles of C, a function for each shape.

use crate::float::Float;
use crate::simd::{Operation, Simd, Window, WindowMut, accumulate, load_tile, own, store_tile};

/// C ← βC ± AB. Handed down by reference, from the public function to the tile: what is copied on the way
/// is stored and read again, and a tile of four columns takes no longer than that.
pub(super) struct Update<'a, T> {
    pub(super) a: Window<'a, T>,
    pub(super) b: Window<'a, T>,
    pub(super) beta: T,
    pub(super) c: WindowMut<'a, T>,
}

/// Tiles of one width, which divides the columns, by a function for it: of a strip of MV vectors.
#[inline(always)]
pub(super) fn tiles_of<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    width: usize,
    update: &mut Update<'_, T>,
) {
    if MV == 1
        && width == 4
        && own::tiles::<T, SUBTRACT>((update.a, update.b), update.beta, &mut update.c)
    {
        return;
    }
    match width {
        1 => simd.call(Tiles::<T, MV, 1, SUBTRACT>(update)),
        2 => simd.call(Tiles::<T, MV, 2, SUBTRACT>(update)),
        3 => simd.call(Tiles::<T, MV, 3, SUBTRACT>(update)),
        4 => simd.call(Tiles::<T, MV, 4, SUBTRACT>(update)),
        5 if const { S::TILE_COLUMNS[MV - 1] >= 5 } => {
            simd.call(Tiles::<T, MV, 5, SUBTRACT>(update));
        }
        6 if const { S::TILE_COLUMNS[MV - 1] >= 6 } => {
            simd.call(Tiles::<T, MV, 6, SUBTRACT>(update));
        }
        7 if const { S::TILE_COLUMNS[MV - 1] >= 7 } => {
            simd.call(Tiles::<T, MV, 7, SUBTRACT>(update));
        }
        8 if const { S::TILE_COLUMNS[MV - 1] >= 8 } => {
            simd.call(Tiles::<T, MV, 8, SUBTRACT>(update));
        }
        _ => {}
    }
}

/// One strip of at most MV vectors, NR columns at a time.
struct Tiles<'b, 'a, T, const MV: usize, const NR: usize, const SUBTRACT: bool>(
    &'b mut Update<'a, T>,
);

impl<T: Float, const MV: usize, const NR: usize, const SUBTRACT: bool> Operation<T>
    for Tiles<'_, '_, T, MV, NR, SUBTRACT>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Update { a, b, beta, .. } = *self.0;
        let mut c = self.0.c.rb_mut();
        let mut col = 0;
        while col < b.cols {
            let (Some(b), Some(mut c)) =
                (b.sub([0, col], [b.rows, NR]), c.rb_mut().sub([0, col], [a.rows, NR]))
            else {
                return;
            };
            let mut acc = [[simd.splat(T::ZERO); MV]; NR];
            if beta != T::ZERO {
                acc = load_tile::<T, S, MV, NR>(simd, c.rb());
                if beta != T::ONE {
                    let beta = simd.splat(beta);
                    for column in &mut acc {
                        for sum in column {
                            *sum = simd.mul(beta, *sum);
                        }
                    }
                }
            }
            let acc = accumulate::<T, S, MV, NR, SUBTRACT>(simd, a, b, |b| b, acc);
            store_tile::<T, S, MV, NR>(simd, &acc, &mut c);
            col += NR;
        }
    }
}
