//! Strips of rows, packed, and their solution with a triangle, tile after tile.
//!
//! ```text
//!        pad    col
//!  ┌──────┬──────┬────┬─────┐
//!  │ zero │ done │tile│ ... │   P, a strip of at most MV vectors: P ← PL⁻ᵀ
//!  └──────┴──────┴────┴─────┘
//! ```
//!
//! A tile subtracts the products with the columns before it, then solves with the NR × NR block of L for
//! its own, all in registers. The zeros, of which the last are as many as the first tile is short of NR
//! columns, fill up that one: it has nothing to subtract.

use crate::float::Float;
use crate::simd::{
    Operation, PanelBuffer, Scales, Simd, SmallBuffer, WideBuffer, Window, WindowMut, accumulate,
    load_tile, pack_padded, store_tile, substitute, tile_vectors,
};

/// Memory for a packed strip.
pub(crate) enum Memory<'a> {
    Small(&'a mut SmallBuffer),
    Large(&'a mut PanelBuffer),
    Wide(&'a mut WideBuffer),
}

impl Memory<'_> {
    /// αA as `Buffer::pack_padded` lays it out.
    #[inline(always)]
    pub(crate) fn pack<T: Float, S: Simd<T>>(
        &mut self,
        simd: S,
        alpha: T,
        a: Window<'_, T>,
        shape: [usize; 3],
    ) -> Option<WindowMut<'_, T>> {
        let memory = match self {
            Self::Small(buffer) => buffer.words(),
            Self::Large(buffer) => buffer.words(),
            Self::Wide(buffer) => buffer.words(),
        };
        pack_padded(simd, memory, alpha, a, shape)
    }
}

/// Whether tiles have eight columns, else four: strips end where tiles do.
#[inline(always)]
pub(crate) const fn tiles_have_eight<T: Float, S: Simd<T>>() -> bool {
    let vectors = tile_vectors::<T, S>();
    let widest = match (vectors, S::TILE_COLUMNS) {
        (1, [columns, ..]) | (2, [_, columns, _]) | (_, [.., columns]) => columns,
    };
    widest >= 8 && (vectors * S::WIDTH).is_multiple_of(8)
}

/// Vectors in a strip.
#[inline(always)]
pub(crate) const fn vectors_in_strip<T: Float, S: Simd<T>>() -> usize {
    let mut vectors = tile_vectors::<T, S>();
    while vectors > 1 && !(vectors * S::WIDTH).is_multiple_of(4) {
        vectors -= 1;
    }
    vectors
}

/// The diagonal of L is 1.
pub(crate) const UNIT: u8 = 0;
/// All columns are multiplied by their factors.
pub(crate) const MULTIPLY: u8 = 1;
/// And some are divided.
pub(crate) const DIVIDE: u8 = 2;

/// P ← PL⁻ᵀ for a strip P of MV vectors, NR columns at a time.
pub(crate) struct SolveTiles<'a, T, const MV: usize, const NR: usize, const DIAGONAL: u8> {
    pub(crate) strip: WindowMut<'a, T>,
    /// Columns of zeros before the first one that is solved.
    pub(crate) pad: usize,
    /// L; its diagonal is not read.
    pub(crate) l: Window<'a, T>,
    /// See [`Scales`]; one for each column of L, if they are used.
    pub(crate) factors: &'a [T],
    pub(crate) divisors: &'a [T],
}

impl<T: Float, const MV: usize, const NR: usize, const DIAGONAL: u8> Operation<T>
    for SolveTiles<'_, T, MV, NR, DIAGONAL>
{
    /// `None` where a window did not fit: never.
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        let Self { mut strip, pad, l, factors, divisors } = self;
        let first = First::<T, NR>::new(l, [factors, divisors], pad);
        let mut end = NR;
        while end <= pad + l.cols {
            let col = end - NR;
            let before = col.saturating_sub(pad);
            let [at_factors, at_divisors] = [factors.get(before..), divisors.get(before..)];
            let (left, right) = strip.rb_mut().split_at_col(col)?;
            let beside = l.sub([before, 0], [NR.min(l.rows - before), before])?;
            let block = l.sub([before, before], [NR.min(l.rows - before); 2])?;
            let mut target = right.sub([0, 0], [MV * S::WIDTH, NR])?;
            let mut acc = load_tile::<T, S, MV, NR>(simd, target.rb());
            let (mut block, mut all) =
                (block, [at_factors, at_divisors].map(|all| all.and_then(<[T]>::first_chunk)));
            if pad > 0 && col == 0 {
                block = Window::of_columns(&first.block);
                all = [Some(&first.factors), Some(&first.divisors)];
            } else {
                let left = left.rb().sub([0, pad], [MV * S::WIDTH, before])?;
                acc = accumulate::<T, S, MV, NR, true>(simd, left, beside.t(), |b| b, acc);
            }
            let [factors, divisors] = all;
            let scales = Scales {
                factors: if DIAGONAL == UNIT { None } else { Some(factors?) },
                divisors: if DIAGONAL == DIVIDE { divisors } else { None },
            };
            let acc = substitute::<T, S, MV, NR>(simd, block, &scales, acc);
            store_tile::<T, S, MV, NR>(simd, &acc, &mut target);
            end += NR;
        }
        Some(())
    }
}

/// The block of the first tile, after as many columns of the identity as it is short of NR.
struct First<T, const NR: usize> {
    block: [[T; NR]; NR],
    factors: [T; NR],
    divisors: [T; NR],
}

impl<T: Float, const NR: usize> First<T, NR> {
    #[inline(always)]
    fn new(l: Window<'_, T>, [factors, divisors]: [&[T]; 2], pad: usize) -> Self {
        let mut first =
            Self { block: [[T::ZERO; NR]; NR], factors: [T::ONE; NR], divisors: [T::ONE; NR] };
        if pad == 0 {
            return first;
        }
        let size = NR.saturating_sub(pad);
        for (j, column) in first.block.iter_mut().skip(pad).enumerate() {
            for (i, element) in column.iter_mut().skip(pad).enumerate().skip(j + 1) {
                *element = l.get(i, j).unwrap_or(T::ZERO);
            }
        }
        for (all, from) in [(&mut first.factors, factors), (&mut first.divisors, divisors)] {
            for (to, &from) in all.iter_mut().skip(pad).zip(from).take(size) {
                *to = from;
            }
        }
        first
    }
}
