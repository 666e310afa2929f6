//! The product of level 3: how it is cut into blocks, strips and tiles.
//!
//! Vectors run along the columns of C, which are adjacent as a rule; who has rows adjacent
//! passes the transposed product. The chain of an element runs over k in order through every
//! block, so no cut changes a bit.

use crate::float::Float;
use crate::matrix::direct::{CODE_IS_CHEAP, Direct, Strips, Widths};
use crate::matrix::tiles::{Update, tiles_of};
use crate::simd::{
    Machine, OperandBuffer, Operation, SMALL_COLUMNS, Simd, SmallBuffer, TileBuffer, Window,
    WindowMut, strip_vectors, tile_vectors, unpack_lower,
};

/// Which operand α belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Vector,
    Broadcast,
}

/// Where operands are packed, and tiles of a C whose columns are not adjacent.
struct Memory {
    a: OperandBuffer,
    b: OperandBuffer,
    tile: TileBuffer,
}

/// C ← αAB + βC.
pub(super) struct Product<'a, T> {
    pub(super) update: Update<'a, T>,
    pub(super) alpha: T,
    pub(super) alpha_on: Side,
}

/// Columns of C that are updated before the next block: so much of B stays in the second cache
/// while strips of A pass.
const BLOCK_COLUMNS: usize = 256;

/// Columns of C from which on a packed strip of A pays.
const PACK_COLUMNS: usize = 32;

/// Bytes from the first to the last element of a strip of A beyond which it is packed. Before, to pack costs more
/// than it saves, though the strip leaves the first cache (2 to 12 % at orders 48 … 192 in f64, to 256 in f32; a loss of 2 to
/// 4 % at 256 in f64; Zen 4).
const PACK_SPAN: usize = 320 * 1024;

impl<'a, T: Float> Product<'a, T> {
    /// Compiled here, once for each format, and not in every crate that multiplies.
    #[inline(always)]
    pub(super) fn run_on(self, machine: Machine) {
        if T::BITS == 64 {
            if let Some(mut product) = self.cast() {
                run_f64(machine, &mut product);
            }
        } else if let Some(mut product) = self.cast() {
            run_f32(machine, &mut product);
        }
    }

    #[inline(always)]
    fn cast<U: Float>(self) -> Option<Product<'a, U>> {
        let Update { a, b, beta, c } = self.update;
        let beta = U::from_f64(beta.to_f64());
        Some(Product {
            update: Update { a: a.cast()?, b: b.cast()?, beta, c: c.cast()? },
            alpha: U::from_f64(self.alpha.to_f64()),
            alpha_on: self.alpha_on,
        })
    }

    /// Whether α is a factor to fold in: 1 and −1 cost nothing.
    #[inline(always)]
    fn scales(&self) -> bool {
        self.update.a.cols > 0 && self.alpha != T::ONE && self.alpha != -T::ONE
    }

    #[inline(always)]
    fn packs_a(&self) -> bool {
        let by_alpha = self.scales() && self.alpha_on == Side::Vector;
        by_alpha || self.packs_a_as_it_lies()
    }

    /// Whether A is packed though α is not a factor.
    #[inline(always)]
    fn packs_a_as_it_lies(&self) -> bool {
        let Update { a, b, .. } = self.update;
        let span = || size_of::<T>().saturating_mul(a.cols).saturating_mul(a.col_stride);
        let adjacent = a.row_stride == 1 || a.rows == 1;
        a.cols > 0 && (!adjacent || (b.cols >= PACK_COLUMNS && span() > PACK_SPAN))
    }

    #[inline(always)]
    fn packs_b(&self) -> bool {
        self.scales() && self.alpha_on == Side::Broadcast
    }

    /// Whether the rows of C are adjacent.
    #[inline(always)]
    fn is_adjacent(&self) -> bool {
        self.update.c.row_stride == 1 || self.update.c.rows == 1
    }
}

#[inline(never)]
fn run_f64(machine: Machine, product: &mut Product<'_, f64>) {
    run(machine, product);
}

#[inline(never)]
fn run_f32(machine: Machine, product: &mut Product<'_, f32>) {
    run(machine, product);
}

/// By the shortest way; what is longer stands in functions of their own, so that this one needs no frame.
#[inline(always)]
fn run<T: Float>(machine: Machine, product: &mut Product<'_, T>) {
    let is_plain = !product.scales() && product.is_adjacent();
    if is_plain && !product.packs_a_as_it_lies() {
        machine.run(Direct { product });
    } else if CODE_IS_CHEAP && is_plain && product.update.a.cols <= SMALL_COLUMNS {
        with_strip(product, |strips| machine.run(strips));
    } else {
        with_memory(product, |blocks| machine.run(blocks));
    }
}

/// Apart, because of its frame.
#[inline(never)]
fn with_strip<'a, T: Float>(
    product: &mut Product<'a, T>,
    run: impl for<'b> FnOnce(Strips<'b, 'a, T, true>),
) {
    let mut memory = SmallBuffer::new();
    run(Strips { product, memory: Some(&mut memory) });
}

/// Apart, because a small product feels a frame of this size.
#[inline(never)]
fn with_memory<'a, T: Float>(
    product: &mut Product<'a, T>,
    run: impl for<'b> FnOnce(Blocks<'b, 'a, T>),
) {
    let mut memory =
        Memory { a: OperandBuffer::new(), b: OperandBuffer::new(), tile: TileBuffer::new() };
    run(Blocks { product, memory: &mut memory });
}

/// The product as an operation. Two pointers: what is handed down by value is copied, and a
/// wide read of what was just written in parts waits for it.
struct Blocks<'b, 'a, T> {
    product: &'b mut Product<'a, T>,
    memory: &'b mut Memory,
}

/// How a product is cut up.
struct Plan<T> {
    /// The factor that is folded into A while it is packed.
    alpha_a: T,
    /// The factor that is folded into B while it is packed.
    alpha_b: T,
    pack_a: bool,
    pack_b: bool,
    /// Columns of A, rows of B at a time.
    depth: usize,
    /// Columns of B at a time.
    columns: usize,
}

impl<T: Float> Plan<T> {
    #[inline(always)]
    fn of<S: Simd<T>>(product: &Product<'_, T>) -> Self {
        let (alpha_a, alpha_b) = match product.alpha_on {
            _ if !product.scales() => (T::ONE, T::ONE),
            Side::Vector => (product.alpha, T::ONE),
            Side::Broadcast => (T::ONE, product.alpha),
        };
        let (pack_a, pack_b) = (product.packs_a(), product.packs_b());
        let Update { a, b, .. } = product.update;
        let capacity = OperandBuffer::capacity::<T>();
        let deepest = capacity / (tile_vectors::<T, S>() * S::WIDTH);
        let (depth, columns) = if pack_b {
            let depth = if capacity < 2048 { 16 } else { 64 }.min(deepest);
            (depth, (capacity / (depth + S::WIDTH)).next_multiple_of(S::WIDTH) - S::WIDTH)
        } else if pack_a {
            // Blocks of equal depth and width: a shallow last one would cost a pass over C, a narrow one
            // a pass over A.
            let depth = a.cols.div_ceil(a.cols.div_ceil(deepest).max(1));
            let blocks = b.cols.div_ceil(BLOCK_COLUMNS).max(1);
            let widest = const { S::TILE_COLUMNS[tile_vectors::<T, S>() - 1] };
            (depth, b.cols.div_ceil(blocks).next_multiple_of(widest))
        } else {
            (a.cols, b.cols)
        };
        Self { alpha_a, alpha_b, pack_a, pack_b, depth: depth.max(1), columns: columns.max(1) }
    }
}

impl<T: Float> Operation<T> for Blocks<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let plan = Plan::of::<S>(self.product);
        if self.product.alpha == -T::ONE {
            blocks::<T, S, true>(simd, &plan, self);
        } else {
            blocks::<T, S, false>(simd, &plan, self);
        }
    }
}

/// The product block by block; the chain of each element goes on from block to block.
#[inline(always)]
fn blocks<T: Float, S: Simd<T>, const SUBTRACT: bool>(
    simd: S,
    plan: &Plan<T>,
    Blocks { product, memory }: Blocks<'_, '_, T>,
) {
    let Update { a, b, beta, ref mut c } = product.update;
    let a_cols = a.cols;
    let mut col = 0;
    while col < b.cols {
        let cols = plan.columns.min(b.cols - col);
        let mut start = 0;
        // One round at least, for the sake of β.
        loop {
            let k = plan.depth.min(a.cols - start);
            let (Some(a), Some(mut b), Some(c)) = (
                a.sub([0, start], [a.rows, k]),
                b.sub([start, col], [k, cols]),
                c.rb_mut().sub([0, col], [a.rows, cols]),
            ) else {
                return;
            };
            let packed;
            if plan.pack_b {
                let copy = copy_scaled(simd, &mut memory.b, plan.alpha_b, b);
                let Some(copy) = copy else { return };
                packed = copy;
                b = packed.rb();
            }
            let beta = if start == 0 { beta } else { T::ONE };
            strips::<T, S, SUBTRACT>(
                simd,
                plan,
                (a, b),
                (beta, c),
                (&mut memory.a, &mut memory.tile),
            );
            start += k;
            if k == 0 || start >= a_cols {
                break;
            }
        }
        col += cols;
    }
}

/// αB, in the order in which B lies.
#[inline(always)]
fn copy_scaled<'a, T: Float, S: Simd<T>>(
    simd: S,
    buffer: &'a mut OperandBuffer,
    alpha: T,
    b: Window<'_, T>,
) -> Option<WindowMut<'a, T>> {
    let by_rows = b.row_stride != 1 && b.col_stride == 1;
    let b = if by_rows { b.t() } else { b };
    let copy = buffer.pack(simd, alpha, b, b.rows.next_multiple_of(S::WIDTH))?;
    Some(if by_rows { copy.t() } else { copy })
}

/// C ← βC ± AB, strip after strip of rows.
#[inline(always)]
fn strips<T: Float, S: Simd<T>, const SUBTRACT: bool>(
    simd: S,
    plan: &Plan<T>,
    (a, b): (Window<'_, T>, Window<'_, T>),
    (beta, mut c): (T, WindowMut<'_, T>),
    (for_a, for_tile): (&mut OperandBuffer, &mut TileBuffer),
) {
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
        if plan.pack_a {
            let strip = vectors * S::WIDTH;
            let Some(copy) = for_a.pack(simd, plan.alpha_a, a, strip) else { return };
            packed = copy;
            a = packed.rb();
        }
        match vectors {
            1 => columns::<T, S, 1, SUBTRACT>(simd, (a, b), (beta, c), for_tile),
            2 if const { S::TILE_COLUMNS[1] > 0 } => {
                columns::<T, S, 2, SUBTRACT>(simd, (a, b), (beta, c), for_tile);
            }
            3 if const { S::TILE_COLUMNS[2] > 0 } => {
                columns::<T, S, 3, SUBTRACT>(simd, (a, b), (beta, c), for_tile);
            }
            _ => return,
        }
        (row, left) = (row + rows, left - vectors);
    }
}

/// One strip of C, tile after tile; one by one through the stack where its rows are not adjacent.
#[inline(always)]
pub(super) fn columns<T: Float, S: Simd<T>, const MV: usize, const SUBTRACT: bool>(
    simd: S,
    (a, b): (Window<'_, T>, Window<'_, T>),
    (beta, mut c): (T, WindowMut<'_, T>),
    for_tile: &mut TileBuffer,
) {
    let adjacent = c.row_stride == 1 || c.rows == 1;
    let widths = Widths::of::<T, S, MV>(b.cols);
    let tiles = widths.wider + widths.rest;
    let (mut col, mut done) = (0, 0);
    while done < tiles {
        let (width, run) = if done < widths.wider {
            (widths.narrow + 1, widths.wider - done)
        } else {
            (widths.narrow, tiles - done)
        };
        let run = if adjacent { run } else { 1 };
        let cols = width * run;
        let (Some(b), Some(mut c)) =
            (b.sub([0, col], [b.rows, cols]), c.rb_mut().sub([0, col], [a.rows, cols]))
        else {
            return;
        };
        let mut staged =
            if adjacent { None } else { for_tile.pack(simd, T::ONE, c.rb(), MV * S::WIDTH) };
        // One call for both: the tiles are compiled once.
        let target = staged.as_mut().map_or(c.rb_mut(), WindowMut::rb_mut);
        tiles_of::<T, S, MV, SUBTRACT>(simd, width, &mut Update { a, b, beta, c: target });
        if let Some(staged) = staged {
            // All of every row.
            unpack_lower(simd, staged.rb(), cols, &mut c);
        }
        (col, done) = (col + cols, done + run);
    }
}
