//! Tiles of C, a function for each shape.

use crate::float::Float;
use crate::simd::{Operation, Simd, Window, WindowMut, accumulate, load_tile, own, store_tile};

/// Tiles of one width, by a function for it.
#[inline(always)]
pub(super) fn tiles_of<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    width: usize,
    (a, b): (Window<'_, T>, Window<'_, T>),
    (beta, mut c): (T, WindowMut<'_, T>),
) {
    if MV == 1 && width == 4 && own::tiles::<T, SUBTRACT>((a, b), beta, &mut c) {
        return;
    }
    match width {
        1 => simd.call(Tiles::<T, MV, 1, SUBTRACT> { a, b, beta, c }),
        2 => simd.call(Tiles::<T, MV, 2, SUBTRACT> { a, b, beta, c }),
        3 => simd.call(Tiles::<T, MV, 3, SUBTRACT> { a, b, beta, c }),
        4 => simd.call(Tiles::<T, MV, 4, SUBTRACT> { a, b, beta, c }),
        5 if const { S::TILE_COLUMNS[MV - 1] >= 5 } => {
            simd.call(Tiles::<T, MV, 5, SUBTRACT> { a, b, beta, c });
        }
        6 if const { S::TILE_COLUMNS[MV - 1] >= 6 } => {
            simd.call(Tiles::<T, MV, 6, SUBTRACT> { a, b, beta, c });
        }
        7 if const { S::TILE_COLUMNS[MV - 1] >= 7 } => {
            simd.call(Tiles::<T, MV, 7, SUBTRACT> { a, b, beta, c });
        }
        8 if const { S::TILE_COLUMNS[MV - 1] >= 8 } => {
            simd.call(Tiles::<T, MV, 8, SUBTRACT> { a, b, beta, c });
        }
        _ => {}
    }
}

/// C ← βC ± AB for one strip of at most MV vectors, NR columns at a time.
struct Tiles<'a, T, const MV: usize, const NR: usize, const SUBTRACT: bool> {
    a: Window<'a, T>,
    b: Window<'a, T>,
    beta: T,
    c: WindowMut<'a, T>,
}

impl<T: Float, const MV: usize, const NR: usize, const SUBTRACT: bool> Operation<T>
    for Tiles<'_, T, MV, NR, SUBTRACT>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { a, b, beta, mut c } = self;
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
