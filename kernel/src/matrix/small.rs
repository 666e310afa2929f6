//! Small matrices: products with vectors and triangular solves of an order that there is code for, with the bits of
//! Strict, fused or not.

use crate::fixed::{OfOrder, add_scaled, dot, of_order};
use crate::float::{Float, has_reciprocal};
use crate::matrix::Diagonal;
use crate::simd::{FIXED_ORDER, Window, WindowMut, Written, to_columns, write_columns};

/// The largest order of a solve: beyond it wide vectors are faster, in spite of the way to them. A part of the
/// definition of fused arithmetic.
const SOLVED: usize = if FIXED_ORDER < 6 { FIXED_ORDER } else { 6 };

/// Rows of X that are solved side by side.
const ROWS: usize = 4;

/// Whether there may be code for so many rows and columns.
#[inline(always)]
pub(super) const fn is_small(rows: usize, cols: usize) -> bool {
    rows <= FIXED_ORDER && cols <= FIXED_ORDER
}

/// y ← αAx + βy, α not 0; `None`, and y as it was, if there is no code for the shape. Not a part of its caller,
/// which would save registers for it however large A is.
#[inline(never)]
pub(super) fn gemv<T: Float>(
    alpha: T,
    a: Window<'_, T>,
    x: &[T],
    beta: T,
    y: &mut [T],
) -> Option<()> {
    if !is_small(a.rows, a.cols) {
        None
    } else if a.row_stride == 1 {
        of_order(a.rows, Chains(Gemv { alpha, a, x, beta, y })).flatten()
    } else if a.col_stride == 1 {
        of_order(a.cols, Reductions(Gemv { alpha, a, x, beta, y })).flatten()
    } else {
        None
    }
}

/// What [`gemv`] is given.
struct Gemv<'a, T> {
    alpha: T,
    a: Window<'a, T>,
    x: &'a [T],
    beta: T,
    y: &'a mut [T],
}

/// Columns adjacent: each element is one chain.
struct Chains<'a, T>(Gemv<'a, T>);

impl<T: Float> OfOrder for Chains<'_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<()> {
        let Gemv { alpha, a, x, beta, y } = self.0;
        let y = y.first_chunk_mut::<N>()?;
        let mut sums = [T::ZERO; N];
        if beta != T::ZERO {
            for (sum, &y) in sums.iter_mut().zip(y.iter()) {
                *sum = beta * y;
            }
        }
        for (j, &x) in x.iter().enumerate() {
            add_scaled(alpha * x, a.column(j)?.first_chunk::<N>()?, &mut sums);
        }
        *y = sums;
        Some(())
    }
}

/// Rows adjacent: each element is one reduction.
struct Reductions<'a, T>(Gemv<'a, T>);

impl<T: Float> OfOrder for Reductions<'_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<()> {
        let Gemv { alpha, a, x, beta, y } = self.0;
        let x = x.first_chunk::<N>()?;
        for (i, y) in y.iter_mut().enumerate() {
            let dot = alpha * dot(a.t().column(i)?.first_chunk::<N>()?, x);
            *y = if beta == T::ZERO { dot } else { dot + beta * *y };
        }
        Some(())
    }
}

/// Whether there may be code to solve for so many vectors with L of that order.
#[inline(always)]
pub(super) const fn is_solved(vectors: usize, order: usize) -> bool {
    vectors <= SOLVED && order <= SOLVED
}

/// X ← αXL⁻ᵀ for lower triangular L; `None`, and X as it was, if there is no code for the shape. Not a part of its
/// caller, as [`gemv`].
#[inline(never)]
pub(super) fn solve<T: Float>(
    alpha: T,
    l: Window<'_, T>,
    diagonal: Diagonal,
    x: WindowMut<'_, T>,
) -> Option<()> {
    if !is_solved(x.rows, l.rows) {
        return None;
    }
    of_order(l.rows, Solve { alpha, l, diagonal, x }).flatten()
}

struct Solve<'a, T> {
    alpha: T,
    l: Window<'a, T>,
    diagonal: Diagonal,
    x: WindowMut<'a, T>,
}

impl<T: Float> OfOrder for Solve<'_, T> {
    type Output = Option<()>;

    #[inline(always)]
    fn run<const N: usize>(self) -> Option<()> {
        let Self { alpha, l, diagonal, mut x } = self;
        let l = Triangle::<T, N>::new(to_columns(l)?, diagonal);
        let (rows, mut row) = (x.rows, 0);
        while row + ROWS <= rows {
            l.solve::<ROWS>(alpha, x.rb_mut().sub([row, 0], [ROWS, N])?)?;
            row += ROWS;
        }
        while row < rows {
            l.solve::<1>(alpha, x.rb_mut().sub([row, 0], [1, N])?)?;
            row += 1;
        }
        Some(())
    }
}

/// L, and what a column is multiplied by and then divided by: the reciprocal of its pivot and 1 or, where that is
/// not a normal number, 1 and the pivot.
struct Triangle<T, const N: usize> {
    l: [[T; N]; N],
    factors: [T; N],
    divisors: Option<[T; N]>,
}

impl<T: Float, const N: usize> Triangle<T, N> {
    #[inline(always)]
    fn new(l: [[T; N]; N], diagonal: Diagonal) -> Self {
        let (mut factors, mut divisors) = ([T::ONE; N], [T::ONE; N]);
        let mut divide = false;
        if diagonal == Diagonal::NonUnit {
            let scales = factors.iter_mut().zip(&mut divisors);
            for (k, ((factor, divisor), column)) in scales.zip(&l).enumerate() {
                let pivot = column.get(k).copied().unwrap_or(T::ONE);
                if has_reciprocal(pivot) {
                    *factor = T::ONE / pivot;
                } else {
                    (*divisor, divide) = (pivot, true);
                }
            }
        }
        Self { l, factors, divisors: divide.then_some(divisors) }
    }

    #[inline(always)]
    fn solve<const R: usize>(&self, alpha: T, mut x: WindowMut<'_, T>) -> Option<()> {
        let mut columns = to_columns::<T, R, N>(x.rb())?;
        for x in columns.as_flattened_mut() {
            *x *= alpha;
        }
        // Written out, so that every length is known where the loops are unrolled.
        self.column(&mut columns, 0);
        self.column(&mut columns, 1);
        self.column(&mut columns, 2);
        self.column(&mut columns, 3);
        self.column(&mut columns, 4);
        self.column(&mut columns, 5);
        self.column(&mut columns, 6);
        self.column(&mut columns, 7);
        write_columns(&columns, Written::Full, &mut x)
    }

    /// Column k of X, and its products subtracted from the later ones.
    #[inline(always)]
    fn column<const R: usize>(&self, columns: &mut [[T; R]; N], k: usize) {
        let (Some([own, later @ ..]), Some([_, below @ ..]), Some(&factor)) = (
            columns.get_mut(k..),
            self.l.get(k).and_then(|column| column.get(k..)),
            self.factors.get(k),
        ) else {
            return;
        };
        for x in own.iter_mut() {
            *x *= factor;
        }
        if let Some(&divisor) = self.divisors.as_ref().and_then(|divisors| divisors.get(k)) {
            for x in own.iter_mut() {
                *x /= divisor;
            }
        }
        for (target, &l) in later.iter_mut().zip(below) {
            for (x, &solved) in target.iter_mut().zip(own.iter()) {
                *x -= solved * l;
            }
        }
    }
}
