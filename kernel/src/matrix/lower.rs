//! The lower triangle of a square product: strips of rows, each up to its own diagonal.
//!
//! ```text
//!  ┌──┐
//!  │▚ │      Tiles left of the strip's own columns are those of `product`. Those on the diagonal begin at
//!  ├──┼──┐   its row, go through the stack, and leave what stands above it as it is.
//!  │  │▚ │
//!  └──┴──┘
//! ```

use crate::float::Float;
use crate::matrix::product::columns;
use crate::matrix::tiles::{Update, tiles_of};
use crate::simd::{
    Machine, OperandBuffer, Operation, Simd, TileBuffer, Window, WindowMut, strip_vectors,
    tile_vectors, unpack_lower,
};

/// C ← βC ± UVᵀ in the lower triangle of C; U and V: n × k.
pub(super) struct Lower<'a, T> {
    pub(super) u: Window<'a, T>,
    pub(super) v: Window<'a, T>,
    pub(super) beta: T,
    pub(super) c: WindowMut<'a, T>,
    pub(super) sign: Sign,
}

/// Whether products are added or subtracted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// Where strips of U are packed, and tiles.
struct Memory {
    strip: OperandBuffer,
    tile: TileBuffer,
}

impl<'a, T: Float> Lower<'a, T> {
    /// Compiled here, once for each format.
    #[must_use]
    pub(super) fn run_on(self, machine: Machine) -> Option<()> {
        if T::BITS == 64 {
            run_f64(machine, &mut self.cast()?)
        } else {
            run_f32(machine, &mut self.cast()?)
        }
    }

    fn cast<O: Float>(self) -> Option<Lower<'a, O>> {
        Some(Lower {
            u: self.u.cast()?,
            v: self.v.cast()?,
            beta: O::from_f64(self.beta.to_f64()),
            c: self.c.cast()?,
            sign: self.sign,
        })
    }
}

#[inline(never)]
fn run_f64(machine: Machine, lower: &mut Lower<'_, f64>) -> Option<()> {
    let mut memory = Memory { strip: OperandBuffer::new(), tile: TileBuffer::new() };
    machine.run(Strips { lower, memory: &mut memory })
}

#[inline(never)]
fn run_f32(machine: Machine, lower: &mut Lower<'_, f32>) -> Option<()> {
    let mut memory = Memory { strip: OperandBuffer::new(), tile: TileBuffer::new() };
    machine.run(Strips { lower, memory: &mut memory })
}

struct Strips<'b, 'a, T> {
    lower: &'b mut Lower<'a, T>,
    memory: &'b mut Memory,
}

impl<T: Float> Operation<T> for Strips<'_, '_, T> {
    /// `None` where a window did not fit: never.
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        let Self { lower, memory } = self;
        match lower.sign {
            Sign::Plus => strips::<T, S, false>(simd, lower, memory),
            Sign::Minus => strips::<T, S, true>(simd, lower, memory),
        }
    }
}

/// Columns of U and V at a time: as many as a packed strip has room for, in equal parts.
#[inline(always)]
fn depth_of<T: Float, S: Simd<T>>(k: usize) -> usize {
    let deepest = OperandBuffer::capacity::<T>() / (tile_vectors::<T, S>() * S::WIDTH);
    if k <= deepest { k } else { k.div_ceil(k.div_ceil(deepest)) }
}

#[inline(always)]
fn strips<T: Float, S: Simd<T>, const SUBTRACT: bool>(
    simd: S,
    lower: &mut Lower<'_, T>,
    memory: &mut Memory,
) -> Option<()> {
    let Lower { u, v, beta, c, .. } = lower;
    let (n, all) = (u.rows, u.cols);
    let depth = depth_of::<T, S>(all);
    let (mut start, mut beta) = (0, *beta);
    // One round at least, for the sake of β.
    loop {
        let k = depth.min(all - start);
        let (u, v) = (u.sub([0, start], [n, k])?, v.sub([0, start], [n, k])?);
        let (mut row, mut left) = (0, n.div_ceil(S::WIDTH));
        while left > 0 {
            let vectors = strip_vectors::<T, S>(left);
            let rows = (vectors * S::WIDTH).min(n - row);
            let mut strip = u.sub([row, 0], [rows, k])?;
            let packed;
            if u.row_stride != 1 && rows > 1 && k > 0 {
                packed = memory.strip.pack(simd, T::ONE, strip, vectors * S::WIDTH)?;
                strip = packed.rb();
            }
            let c = c.rb_mut().sub([row, 0], [rows, row + rows])?;
            let v = v.sub([0, 0], [row + rows, k])?.t();
            let tile = &mut memory.tile;
            match vectors {
                1 => strip_of::<T, S, 1, SUBTRACT>(simd, (strip, v), (beta, c), tile)?,
                2 if const { S::TILE_COLUMNS[1] > 0 } => {
                    strip_of::<T, S, 2, SUBTRACT>(simd, (strip, v), (beta, c), tile)?;
                }
                3 if const { S::TILE_COLUMNS[2] > 0 } => {
                    strip_of::<T, S, 3, SUBTRACT>(simd, (strip, v), (beta, c), tile)?;
                }
                _ => return None,
            }
            (row, left) = (row + rows, left - vectors);
        }
        start += k;
        beta = T::ONE;
        if start >= all {
            return Some(());
        }
    }
}

/// One strip: tiles left of its own columns, then those on the diagonal.
#[inline(always)]
fn strip_of<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    (u, v): (Window<'_, T>, Window<'_, T>),
    (beta, mut c): (T, WindowMut<'_, T>),
    tile: &mut TileBuffer,
) -> Option<()> {
    let (rows, k) = (c.rows, v.rows);
    let row = c.cols - rows;
    if row > 0 {
        let left = c.rb_mut().sub([0, 0], [rows, row])?;
        columns::<T, S, MV, SUBTRACT>(simd, (u, v.sub([0, 0], [k, row])?), (beta, left), tile);
    }
    let mut at = 0;
    while at < rows {
        let [one, two, three] = S::TILE_COLUMNS;
        let (vectors, taller) = ((rows - at).div_ceil(S::WIDTH), rows - at);
        let widest = match vectors {
            1 => one,
            2 => two,
            _ => three,
        };
        let width = widest.min(taller);
        let u = u.sub([at, 0], [taller, k])?;
        let v = v.sub([0, row + at], [k, width])?;
        let mut c = c.rb_mut().sub([at, row + at], [taller, width])?;
        let mut staged = tile.pack(simd, T::ONE, c.rb(), vectors * S::WIDTH)?;
        let target = &mut Update { a: u, b: v, beta, c: staged.rb_mut() };
        match vectors {
            1 => tiles_of::<T, S, 1, SUBTRACT>(simd, width, target),
            2 if const { S::TILE_COLUMNS[1] > 0 } => {
                tiles_of::<T, S, 2, SUBTRACT>(simd, width, target);
            }
            3 if const { S::TILE_COLUMNS[2] > 0 } => {
                tiles_of::<T, S, 3, SUBTRACT>(simd, width, target);
            }
            _ => return None,
        }
        unpack_lower(simd, staged.rb(), 0, &mut c);
        at += width;
    }
    Some(())
}
