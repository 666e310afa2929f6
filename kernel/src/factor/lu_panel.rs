//! LU of a panel of a few columns: packed, if there is room, so that its rows are adjacent.
//!
//! ```text
//!   ┌────┬──────────┐   Four columns are eliminated one by one; a pass that subtracts the products with
//!   │ U  │    U     │   one of them looks for the largest of the next.
//!   ├────┼──────────┤   Then the rows of U right of them, and the products with all four from what is below.
//!   │ L  │  − L·U   │
//!   └────┴──────────┘
//! ```
//!
//! Every element is one chain over k in order, so how columns are gathered changes no bit.

use crate::factor::lu_search::{Largest, largest_of};
use crate::float::{Float, has_reciprocal};
use crate::matrix::strip::Memory;
use crate::simd::{
    Divided, Machine, Operation, PanelBuffer, Simd, SmallBuffer, Tile, Window, WindowMut,
    accumulate, load_tile, renew, store_tile, swap_rows, unpack_lower,
};

/// Columns of a panel.
const WIDTH: usize = 16;

/// Columns that are eliminated one by one before the others follow.
const FEW: usize = 4;

/// Rows whose numbers all formats hold exactly, with room to spare.
const ROWS_MAX: usize = 1 << 22;

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

/// Columns of a panel of `rows` rows: fewer where so many would not fit the memory for packing.
pub(super) fn width<T: Float>(rows: usize) -> usize {
    let capacity = PanelBuffer::capacity::<T>();
    let fits = |width: usize| rows < capacity && padded(rows) * width <= capacity;
    [WIDTH, WIDTH / 2, WIDTH / 4].into_iter().find(|&width| fits(width)).unwrap_or(WIDTH)
}

/// At most so many elements a packed column takes.
fn padded(rows: usize) -> usize {
    rows.next_multiple_of(LANES_MAX) + LANES_MAX
}

/// PA = LU of m × n, m ≥ n, in place; `pivots`: n, rows from the panel's first one.
pub(super) fn eliminate<T: Float>(
    machine: Machine,
    panel: WindowMut<'_, T>,
    pivots: &mut [usize],
) -> Option<()> {
    // Compiled here, once for each format.
    if T::BITS == 64 {
        eliminate_f64(machine, &mut panel.cast()?, pivots)
    } else {
        eliminate_f32(machine, &mut panel.cast()?, pivots)
    }
}

#[inline(never)]
fn eliminate_f64(machine: Machine, a: &mut WindowMut<'_, f64>, pivots: &mut [usize]) -> Option<()> {
    if is_small(a) {
        let mut buffer = SmallBuffer::new();
        return machine.run(Panel { a, pivots, memory: Memory::Small(&mut buffer) });
    }
    with_memory(a, pivots, |panel| machine.run(panel))
}

#[inline(never)]
fn eliminate_f32(machine: Machine, a: &mut WindowMut<'_, f32>, pivots: &mut [usize]) -> Option<()> {
    if is_small(a) {
        let mut buffer = SmallBuffer::new();
        return machine.run(Panel { a, pivots, memory: Memory::Small(&mut buffer) });
    }
    with_memory(a, pivots, |panel| machine.run(panel))
}

fn is_small<T: Float>(a: &WindowMut<'_, T>) -> bool {
    let capacity = SmallBuffer::capacity::<T>();
    a.rows < capacity && padded(a.rows) * a.cols <= capacity
}

/// Apart, because a small matrix feels a frame of this size.
#[inline(never)]
fn with_memory<'a, T: Float>(
    a: &mut WindowMut<'a, T>,
    pivots: &mut [usize],
    run: impl for<'b> FnOnce(Panel<'b, 'a, T>) -> Option<()>,
) -> Option<()> {
    let mut buffer = PanelBuffer::new();
    run(Panel { a, pivots, memory: Memory::Large(&mut buffer) })
}

struct Panel<'b, 'a, T> {
    a: &'b mut WindowMut<'a, T>,
    pivots: &'b mut [usize],
    memory: Memory<'b>,
}

impl<T: Float> Operation<T> for Panel<'_, '_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        let Self { a, pivots, mut memory } = self;
        let (rows, cols) = (a.rows, a.cols);
        let mut strip = rows.next_multiple_of(S::WIDTH);
        if (strip * size_of::<T>()).is_multiple_of(1024) {
            // Columns a power of two apart would drive each other from the first cache.
            strip += S::WIDTH;
        }
        if let Some(packed) = memory.pack(simd, T::ONE, a.rb(), [strip, 0, cols]) {
            let mut packed = packed.sub([0, 0], [rows, cols])?;
            simd.call(Columns { a: packed.rb_mut(), pivots })?;
            unpack_lower(simd, packed.rb(), cols, a);
            return Some(());
        }
        if a.row_stride == 1 && rows <= ROWS_MAX {
            simd.call(Columns { a: a.rb_mut(), pivots })
        } else {
            one_by_one(simd, a.rb_mut(), pivots)
        }
    }
}

/// [`columns`] in a function of its own, compiled once for packed panels and those in place.
struct Columns<'b, 'a, T> {
    a: WindowMut<'a, T>,
    pivots: &'b mut [usize],
}

impl<T: Float> Operation<T> for Columns<'_, '_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        columns(simd, self.a, self.pivots)
    }
}

/// Rows are adjacent.
#[inline(always)]
fn columns<T: Float, S: Simd<T>>(
    simd: S,
    mut a: WindowMut<'_, T>,
    pivots: &mut [usize],
) -> Option<()> {
    let (rows, cols) = (a.rows, a.cols);
    for (index, pivots) in pivots.chunks_mut(FEW).enumerate() {
        let start = index * FEW;
        let size = pivots.len();
        let mut next = None;
        for (k, place) in pivots.iter_mut().enumerate() {
            let k = start + k;
            let found = match next.take() {
                Some(found) => found,
                None => largest_of(simd, a.rb().column(k)?.get(k..)?, k),
            };
            *place = found.unwrap_or(k);
            swap_rows(&mut a, k, *place);
            let pivot = a.rb().get(k, k)?;
            if k + 1 == rows {
                continue;
            }
            let factor = multiplier(pivot);
            if factor.is_none() {
                renew(simd, a.column(k)?.get_mut(k + 1..)?, Divided(pivot));
            }
            let factor = factor.unwrap_or(T::ONE);
            let left = start + size - k;
            let mut row = [T::ZERO; FEW];
            for (j, u) in row.iter_mut().enumerate() {
                // Beyond the columns of this step nothing is multiplied.
                *u = a.rb().get(k, k + j).unwrap_or(T::ZERO);
            }
            let target = a.rb_mut().sub([k + 1, k], [rows - k - 1, left])?;
            next = match left {
                1 => step::<T, S, 1>(simd, target, factor, &row, k + 1),
                2 => step::<T, S, 2>(simd, target, factor, &row, k + 1),
                3 => step::<T, S, 3>(simd, target, factor, &row, k + 1),
                _ => step::<T, S, 4>(simd, target, factor, &row, k + 1),
            };
        }
        let end = start + size;
        if end < cols {
            let (left, right) = a.rb_mut().split_at_col(end)?;
            let l = left.rb().sub([start, start], [rows - start, FEW])?;
            let mut right = right.sub([start, 0], [rows - start, cols - end])?;
            rows_of_u(simd, l, &mut right)?;
            let (u, rest) = right.split_at_row(FEW)?;
            let l = l.sub([FEW, 0], [rows - end, FEW])?;
            simd.call(Subtract { l, u: u.rb(), a: rest })?;
        }
    }
    Some(())
}

/// 1/p, where it is a normal number; 1 for a column of zeros, whose products are subtracted too: to leave them out
/// on one path and not on another would show in the sign of a zero.
#[inline(always)]
pub(super) fn multiplier<T: Float>(pivot: T) -> Option<T> {
    if pivot == T::ZERO {
        Some(T::ONE)
    } else if has_reciprocal(pivot) {
        Some(T::ONE / pivot)
    } else {
        None
    }
}

/// l ← factor·l in the first of NR columns, and from the others the products with it; where the largest of the next
/// column is, if there is one.
#[inline(always)]
fn step<T: Float, S: Simd<T>, const NR: usize>(
    simd: S,
    mut a: WindowMut<'_, T>,
    factor: T,
    row: &[T; FEW],
    first: usize,
) -> Option<Option<usize>> {
    let factor = simd.splat(factor);
    let mut factors = [simd.splat(T::ZERO); NR];
    for (to, &from) in factors.iter_mut().zip(row) {
        *to = simd.splat(from);
    }
    let mut largest = Largest::new(simd, first);
    let mut row = 0;
    while row < a.rows {
        let left = a.rows - row;
        if left >= 2 * S::WIDTH {
            let mut block = a.rb_mut().sub([row, 0], [2 * S::WIDTH, NR])?;
            let acc = eliminated::<T, S, 2, NR>(simd, &mut block, factor, &factors);
            if let Some(&[a, b]) = acc.get(1) {
                largest.see(simd, a, 0);
                largest.see(simd, b, 1);
                largest.advance(simd, 2);
            }
            row += 2 * S::WIDTH;
        } else {
            let mut block = a.rb_mut().sub([row, 0], [left.min(S::WIDTH), NR])?;
            let acc = eliminated::<T, S, 1, NR>(simd, &mut block, factor, &factors);
            if let Some(&[a]) = acc.get(1) {
                largest.see(simd, a, 0);
                largest.advance(simd, 1);
            }
            row += S::WIDTH;
        }
    }
    if NR > 1 { Some(largest.place(simd)) } else { None }
}

/// A block of rows of [`step`].
#[inline(always)]
fn eliminated<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    block: &mut WindowMut<'_, T>,
    factor: S::V,
    factors: &[S::V; NR],
) -> Tile<S::V, MV, NR> {
    let mut acc = load_tile::<T, S, MV, NR>(simd, block.rb());
    if let Some((l, later)) = acc.split_first_mut() {
        for x in l.iter_mut() {
            *x = simd.mul(*x, factor);
        }
        for (column, &u) in later.iter_mut().zip(factors.iter().skip(1)) {
            for (x, &l) in column.iter_mut().zip(l.iter()) {
                *x = simd.neg_mul_add(l, u, *x);
            }
        }
    }
    store_tile::<T, S, MV, NR>(simd, &acc, block);
    acc
}

/// The first rows of A, where L starts with its unit triangle: A ← L⁻¹A.
#[inline(always)]
fn rows_of_u<T: Float, S: Simd<T>>(
    simd: S,
    l: Window<'_, T>,
    a: &mut WindowMut<'_, T>,
) -> Option<()> {
    let mut triangle = [[T::ZERO; FEW]; FEW];
    for (i, row) in triangle.iter_mut().enumerate() {
        for (p, element) in row.iter_mut().enumerate().take(i) {
            *element = l.get(i, p)?;
        }
    }
    for j in 0..a.cols {
        let column = a.column(j)?.first_chunk_mut::<FEW>()?;
        for (i, row) in triangle.iter().enumerate() {
            let (before, rest) = column.split_at_mut_checked(i)?;
            let x = rest.first_mut()?;
            for (&l, &u) in row.iter().zip(before.iter()) {
                *x = simd.neg_mul_add_one(l, u, *x);
            }
        }
    }
    Some(())
}

/// A ← A − LU for a few columns of L.
struct Subtract<'a, T> {
    l: Window<'a, T>,
    u: Window<'a, T>,
    a: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Subtract<'_, T> {
    /// `None` where a window did not fit: never.
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        let Self { l, u, mut a } = self;
        let mut row = 0;
        while row < a.rows {
            let left = a.rows - row;
            let rows = if left >= 2 * S::WIDTH { 2 * S::WIDTH } else { left.min(S::WIDTH) };
            let l = l.sub([row, 0], [rows, FEW])?;
            let mut here = a.rb_mut().sub([row, 0], [rows, u.cols])?;
            let mut col = 0;
            while col < u.cols {
                let cols = if u.cols - col >= 4 { 4 } else { 1 };
                let u = u.sub([0, col], [FEW, cols])?;
                let mut tile = here.rb_mut().sub([0, col], [rows, cols])?;
                match (rows > S::WIDTH, cols) {
                    (true, 4) => subtract::<T, S, 2, 4>(simd, l, u, &mut tile),
                    (true, _) => subtract::<T, S, 2, 1>(simd, l, u, &mut tile),
                    (false, 4) => subtract::<T, S, 1, 4>(simd, l, u, &mut tile),
                    (false, _) => subtract::<T, S, 1, 1>(simd, l, u, &mut tile),
                }
                col += cols;
            }
            row += rows;
        }
        Some(())
    }
}

#[inline(always)]
fn subtract<T: Float, S: Simd<T>, const MV: usize, const NR: usize>(
    simd: S,
    l: Window<'_, T>,
    u: Window<'_, T>,
    tile: &mut WindowMut<'_, T>,
) {
    let acc = load_tile::<T, S, MV, NR>(simd, tile.rb());
    let acc = accumulate::<T, S, MV, NR, true>(simd, l, u, |u| u, acc);
    store_tile::<T, S, MV, NR>(simd, &acc, tile);
}

/// Where rows are not adjacent and there is no room, element by element: the same chains.
#[inline(always)]
fn one_by_one<T: Float, S: Simd<T>>(
    simd: S,
    mut a: WindowMut<'_, T>,
    pivots: &mut [usize],
) -> Option<()> {
    let (rows, cols) = (a.rows, a.cols);
    for (k, place) in pivots.iter_mut().enumerate() {
        let (mut at, mut largest) = (k, T::ZERO);
        for i in k..rows {
            let size = a.rb().get(i, k)?.abs();
            if size > largest {
                (at, largest) = (i, size);
            }
        }
        *place = at;
        swap_rows(&mut a, k, at);
        let pivot = a.rb().get(k, k)?;
        let factor = multiplier(pivot);
        for i in k + 1..rows {
            let x = a.rb().get(i, k)?;
            let l = factor.map_or_else(|| x / pivot, |factor| x * factor);
            a.set(i, k, l)?;
            for j in k + 1..cols {
                let (u, x) = (a.rb().get(k, j)?, a.rb().get(i, j)?);
                a.set(i, j, simd.neg_mul_add_one(l, u, x))?;
            }
        }
    }
    Some(())
}
