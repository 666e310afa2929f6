//! The triangular solve of many vectors.

use crate::check;
use crate::error::Error;
use crate::float::{Float, has_reciprocal};
use crate::matrix::gemm::multiply;
use crate::matrix::small;
use crate::matrix::strip::{
    DIVIDE, MULTIPLY, Memory, SolveTiles, tiles_have_eight, vectors_in_strip,
};
use crate::matrix::trmm::{from_the_left, scale};
use crate::matrix::{Diagonal, MatMut, Side, Triangle, TriangularRef};
use crate::simd::{
    Machine, Operation, PANEL_COLUMNS, PanelBuffer, SMALL_COLUMNS, Simd, SmallBuffer, Window,
    WindowMut, even_vectors, unpack_lower,
};

/// B ← αA⁻¹B, or B ← αBA⁻¹, for triangular A: solves AX = αB or XA = αB, X over B.
///
/// # Shapes
/// `a`: n × n on the left of `b`: n × m, or on the right of `b`: m × n, any strides; the other
/// triangle of `a` and a unit diagonal are not read. α = 0 reads neither `a` nor `b`.
///
/// # Method
/// A strip of X at a time: packed once, tiles of it stay in registers while they subtract the
/// products with the unknowns already found and are solved with the block on the diagonal. An upper
/// triangle is a lower one read backwards. Beyond 256 rows (64 on microcontrollers) blocks of so many,
/// the products with earlier blocks by `gemm`. XA = αB is AᵀXᵀ = αBᵀ. Where n and m are at most 6 (on x86-64 and
/// AArch64), by code that knows n.
///
/// # Accuracy
/// xᵢⱼ is one chain from fl(αbᵢⱼ): − aᵢₚ·xₚⱼ in the order of substitution, p = 0, …, i − 1 for a lower triangle
/// and p = n − 1, …, i + 1 for an upper one; then a product with fl(1/aᵢᵢ) or, where that is not a normal
/// number, a division by aᵢᵢ. Strict gives the same bits on every machine and in every layout, Fused (one
/// rounding per multiply-add, but none where n and m are at most 6) on every fused one. Each column x of the computed X solves
/// (A + E)x = fl(αb) with |E| ≤ γₙ₊₁|A|, barring over- and underflow; so do the rows, with Aᵀ, from the
/// right. NaN and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit, `Error::Pivot` if an element of a diagonal that is not
/// unit is zero or NaN; `b` is untouched then.
///
/// # Cost
/// n²m flops, n divisions (none for a unit diagonal); 56 KiB of stack on x86-64 beyond n = 32 (8 KiB
/// before), 3 KiB on microcontrollers, and more, `gemm`'s, for more than one block.
///
/// # Source
/// Higham 2002, Theorem 8.5, column by column, with the one rounding more of a reciprocal.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{Diagonal, MatMut, MatRef, Side, Triangle, trsm}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?;
/// let a = a.triangular(Triangle::Lower, Diagonal::NonUnit);
/// let mut b = [4.0, 10.0];
/// trsm(Machine::detect(), 1.0, Side::Left(a), MatMut::row_major(&mut b, 2, 1)?)?;
/// assert_eq!(b, [2.0, 2.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dtrsm")]
pub fn trsm<T: Float>(
    machine: Machine,
    alpha: T,
    a: Side<TriangularRef<'_, T>>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    let (a, b) = from_the_left(a, b)?;
    if alpha == T::ZERO {
        return scale(machine, alpha, b);
    }
    a.check_pivots()?;
    if b.rows() > 0 && b.cols() > 0 {
        let (l, x) = (a.matrix.window(), b.t().window());
        let order = if a.triangle == Triangle::Lower { Order::Forward } else { Order::Backward };
        let l = if order == Order::Backward { l.backwards().t().backwards().t() } else { l };
        let done = solve(machine, Solve { alpha, l, order, diagonal: a.diagonal, x });
        done.ok_or(check::refused("b", l.rows))?;
    }
    Ok(())
}

/// In which order the columns of X are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Forward,
    Backward,
}

/// X ← αXL⁻ᵀ for L that is lower triangular in the order of its rows; X has the columns in their own.
struct Solve<'a, T> {
    alpha: T,
    l: Window<'a, T>,
    order: Order,
    diagonal: Diagonal,
    x: WindowMut<'a, T>,
}

/// A block of columns after the other.
fn solve<T: Float>(machine: Machine, all: Solve<'_, T>) -> Option<()> {
    let Solve { alpha, l, order, diagonal, mut x } = all;
    let (m, n, mut start) = (x.rows, x.cols, 0);
    while start < n {
        let size = PANEL_COLUMNS.min(n - start);
        let (found, mut here) = match order {
            Order::Forward => {
                let (found, rest) = x.rb_mut().split_at_col(start)?;
                (found, rest.sub([0, 0], [m, size])?)
            }
            Order::Backward => {
                let (rest, found) = x.rb_mut().split_at_col(n - start)?;
                (found.backwards(), rest.sub([0, n - start - size], [m, size])?)
            }
        };
        let mut alpha = alpha;
        if start > 0 {
            let beside = l.sub([start, 0], [size, start])?;
            let here = match order {
                Order::Forward => here.rb_mut(),
                Order::Backward => here.rb_mut().backwards(),
            };
            multiply(machine, (-T::ONE, found.rb(), beside.t()), (alpha, here));
            alpha = T::ONE;
        }
        let l = l.sub([start, start], [size, size])?;
        solve_block(machine, Solve { alpha, l, order, diagonal, x: here }, start)?;
        start += size;
    }
    Some(())
}

/// The block that begins at column `start`. Compiled here, once for each format, and not in every crate that solves.
fn solve_block<T: Float>(machine: Machine, block: Solve<'_, T>, start: usize) -> Option<()> {
    if T::BITS == 64 {
        solve_f64(machine, &mut block.cast()?, start)
    } else {
        solve_f32(machine, &mut block.cast()?, start)
    }
}

impl<'a, T: Float> Solve<'a, T> {
    /// Whether this is all there is, and small: the last block of a large one is solved as the others are.
    #[inline(always)]
    fn is_small(&self, start: usize) -> bool {
        start == 0 && small::is_solved(self.x.rows, self.l.rows)
    }

    #[inline(always)]
    fn solve_small(&mut self) -> Option<()> {
        let x = match self.order {
            Order::Forward => self.x.rb_mut(),
            Order::Backward => self.x.rb_mut().backwards(),
        };
        small::solve(self.alpha, self.l, self.diagonal, x)
    }

    fn cast<U: Float>(self) -> Option<Solve<'a, U>> {
        Some(Solve {
            alpha: U::from_f64(self.alpha.to_f64()),
            l: self.l.cast()?,
            order: self.order,
            diagonal: self.diagonal,
            x: self.x.cast()?,
        })
    }
}

#[inline(never)]
fn solve_f64(machine: Machine, block: &mut Solve<'_, f64>, start: usize) -> Option<()> {
    if block.is_small(start) && block.solve_small().is_some() {
        return Some(());
    }
    if block.l.cols <= SMALL_COLUMNS {
        let (mut strip, mut scales) = (SmallBuffer::new(), [[1.0; SMALL_COLUMNS]; 2]);
        with_scales(block, Memory::Small(&mut strip), &mut scales, |strips| machine.run(strips))
    } else {
        with_memory(block, |strips| machine.run(strips))
    }
}

#[inline(never)]
fn solve_f32(machine: Machine, block: &mut Solve<'_, f32>, start: usize) -> Option<()> {
    if block.is_small(start) && block.solve_small().is_some() {
        return Some(());
    }
    if block.l.cols <= SMALL_COLUMNS {
        let (mut strip, mut scales) = (SmallBuffer::new(), [[1.0; SMALL_COLUMNS]; 2]);
        with_scales(block, Memory::Small(&mut strip), &mut scales, |strips| machine.run(strips))
    } else {
        with_memory(block, |strips| machine.run(strips))
    }
}

/// Apart, because a small matrix feels a frame of this size.
#[inline(never)]
fn with_memory<'a, T: Float>(
    block: &mut Solve<'a, T>,
    run: impl for<'b> FnOnce(Strips<'b, 'a, T>) -> Option<()>,
) -> Option<()> {
    let (mut strip, mut scales) = (PanelBuffer::new(), [[T::ONE; PANEL_COLUMNS]; 2]);
    with_scales(block, Memory::Large(&mut strip), &mut scales, run)
}

/// What the columns are multiplied and divided by, found once.
#[inline(always)]
fn with_scales<'a, T: Float, const N: usize>(
    block: &mut Solve<'a, T>,
    memory: Memory<'_>,
    [factors, divisors]: &mut [[T; N]; 2],
    run: impl for<'b> FnOnce(Strips<'b, 'a, T>) -> Option<()>,
) -> Option<()> {
    let mut divide = false;
    if block.diagonal == Diagonal::NonUnit {
        let scales = factors.iter_mut().zip(divisors.iter_mut()).take(block.l.cols);
        for (i, (factor, divisor)) in scales.enumerate() {
            let pivot = block.l.get(i, i).unwrap_or(T::ONE);
            if has_reciprocal(pivot) {
                *factor = T::ONE / pivot;
            } else {
                (*divisor, divide) = (pivot, true);
            }
        }
    }
    run(Strips { block, memory, factors, divisors: if divide { divisors } else { &[] } })
}

/// The block as an operation: strip after strip of the rows of X.
struct Strips<'b, 'a, T> {
    block: &'b mut Solve<'a, T>,
    memory: Memory<'b>,
    factors: &'b [T],
    /// Empty if nothing is divided.
    divisors: &'b [T],
}

impl<T: Float> Operation<T> for Strips<'_, '_, T> {
    /// `None` where a window did not fit: never.
    type Output = Option<()>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Option<()> {
        if const { tiles_have_eight::<T, S>() } {
            self.strips::<S, 8>(simd)
        } else {
            self.strips::<S, 4>(simd)
        }
    }
}

impl<T: Float> Strips<'_, '_, T> {
    #[inline(always)]
    fn strips<S: Simd<T>, const NR: usize>(self, simd: S) -> Option<()> {
        let Self { block, mut memory, factors, divisors } = self;
        let Solve { alpha, l, order, x, .. } = block;
        let (m, n) = (x.rows, x.cols);
        let cols = n.next_multiple_of(NR);
        let pad = cols - n;
        let lead = if *order == Order::Forward { pad } else { 0 };
        let mut row = 0;
        while row < m {
            let left = (m - row).div_ceil(S::WIDTH);
            let vectors = even_vectors(left, const { vectors_in_strip::<T, S>() });
            let rows = (vectors * S::WIDTH).min(m - row);
            let mut here = x.rb_mut().sub([row, 0], [rows, n])?;
            let shape = [vectors * S::WIDTH, lead, cols];
            let mut packed = memory.pack(simd, *alpha, here.rb(), shape)?;
            let strip = match order {
                Order::Forward => packed.rb_mut(),
                Order::Backward => packed.rb_mut().backwards(),
            };
            let tiles = Tiles { strip, pad, l: *l, factors, divisors };
            match vectors {
                1 => tiles.solve::<S, 1, NR>(simd)?,
                2 if const { vectors_in_strip::<T, S>() >= 2 } => tiles.solve::<S, 2, NR>(simd)?,
                3 if const { vectors_in_strip::<T, S>() >= 3 } => tiles.solve::<S, 3, NR>(simd)?,
                _ => return None,
            }
            unpack_lower(simd, packed.rb().sub([0, lead], [rows, n])?, n, &mut here);
            row += rows;
        }
        Some(())
    }
}

/// The tiles of a strip.
struct Tiles<'a, T> {
    strip: WindowMut<'a, T>,
    pad: usize,
    l: Window<'a, T>,
    factors: &'a [T],
    divisors: &'a [T],
}

impl<T: Float> Tiles<'_, T> {
    #[inline(always)]
    fn solve<S: Simd<T>, const MV: usize, const NR: usize>(self, simd: S) -> Option<()> {
        let Self { strip, pad, l, factors, divisors } = self;
        if divisors.is_empty() {
            simd.call(SolveTiles::<T, MV, NR, MULTIPLY> { strip, pad, l, factors, divisors })
        } else {
            simd.call(SolveTiles::<T, MV, NR, DIVIDE> { strip, pad, l, factors, divisors })
        }
    }
}
