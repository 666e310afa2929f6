//! Matrix times vector.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, small};
use crate::simd::{Machine, Operation, Simd, Window, accumulate, own, part, part_mut};
use crate::vector::{DOTS, dot_each_lanes, dot_lanes, dot_pair_lanes, dots_fit};

/// y ← αAx + βy.
///
/// For Aᵀx, pass `a.t()`.
///
/// # Shapes
/// `a`: m × n, any strides. `x`: n. `y`: m. β = 0 does not read `y`; α = 0 reads neither `a`
/// nor `x`.
///
/// # Method
/// Where rows are adjacent (column stride 1, row stride not 1), yᵢ = fl(α·dot(aᵢ, x)) + fl(βyᵢ),
/// with the reduction of `dot`. Otherwise yᵢ is one chain over j: fl(βyᵢ), then
/// + aᵢⱼ·fl(αxⱼ) for j = 0, 1, …. Level 2 never fuses.
///
/// # Accuracy
/// |ŷ − y| ≤ γₕ (|α||A||x| + |β||y|) per element, barring over- and underflow; h = n + 2 for the
/// chain, h = ⌈n/L⌉ + log₂L + 3 where rows are adjacent, L = 16 (f64) or 32 (f32). The same
/// bits on every machine. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit; `y` is untouched then.
///
/// # Cost
/// 2mn flops, mn reads, no scratch.
///
/// # Source
/// Higham 2002, §3.5.
#[doc(alias = "dgemv")]
pub fn gemv<T: Float>(
    machine: Machine,
    alpha: T,
    a: MatRef<'_, T>,
    x: &[T],
    beta: T,
    y: &mut [T],
) -> Result<(), Error> {
    check::same_len("x", a.cols(), x.len())?;
    check::same_len("y", a.rows(), y.len())?;
    if small::is_small(a.rows(), a.cols())
        && alpha != T::ZERO
        && small::gemv(alpha, a.window(), x, beta, y).is_some()
    {
        return Ok(());
    }
    machine.strict().run(Gemv { alpha, a: a.window(), x, beta, y });
    Ok(())
}

struct Gemv<'a, T> {
    alpha: T,
    a: Window<'a, T>,
    x: &'a [T],
    beta: T,
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Gemv<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, a, x, beta, y } = self;
        if alpha == T::ZERO || a.cols == 0 {
            for y in y {
                *y = if beta == T::ZERO { T::ZERO } else { beta * *y };
            }
        } else if a.row_stride == 1 {
            chains(simd, (alpha, beta), a, x, y);
        } else if a.col_stride == 1 && a.rows >= DOTS && const { dots_fit::<T, S>() } {
            // A function of its own, for the sake of its registers.
            simd.call(ReductionsByFour { alpha, a, x, beta, y });
        } else if a.col_stride == 1 {
            reductions(simd, (alpha, beta), a, x, y);
        } else {
            for (i, y) in y.iter_mut().enumerate() {
                let mut sum = if beta == T::ZERO { T::ZERO } else { beta * *y };
                for (j, &x) in x.iter().enumerate() {
                    sum += a.get(i, j).unwrap_or(T::ZERO) * (alpha * x);
                }
                *y = sum;
            }
        }
    }
}

/// Columns adjacent: strips of rows in registers while j runs.
#[inline(always)]
fn chains<T: Float, S: Simd<T>>(
    simd: S,
    (alpha, beta): (T, T),
    a: Window<'_, T>,
    x: &[T],
    y: &mut [T],
) {
    let Some(x) = Window::new(x, [x.len(), 1], [1, 1]) else { return };
    let (mut rest, mut row) = (y, 0);
    while !rest.is_empty() {
        let vectors = match rest.len().div_ceil(S::WIDTH) {
            8.. if const { S::TILE_COLUMNS[1] > 0 } => 8,
            4.. => 4,
            2.. => 2,
            _ => 1,
        };
        let rows = rest.len().min(vectors * S::WIDTH);
        let Some((strip, below)) = rest.split_at_mut_checked(rows) else { return };
        let Some(a) = a.sub([row, 0], [rows, a.cols]) else { return };
        let factors = (alpha, beta);
        match vectors {
            8 => chain_strip::<T, S, 8>(simd, factors, a, x, strip),
            4 => chain_strip::<T, S, 4>(simd, factors, a, x, strip),
            2 => chain_strip::<T, S, 2>(simd, factors, a, x, strip),
            _ => chain_strip::<T, S, 1>(simd, factors, a, x, strip),
        }
        (rest, row) = (below, row + rows);
    }
}

#[inline(always)]
fn chain_strip<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    (alpha, beta): (T, T),
    a: Window<'_, T>,
    x: Window<'_, T>,
    y: &mut [T],
) {
    if MV == 4
        && let Some(x) = x.column(0)
        && own::strip([alpha, beta], a, x, y)
    {
        return;
    }
    let mut acc = [[simd.splat(T::ZERO); MV]];
    if beta != T::ZERO {
        let beta = simd.splat(beta);
        let mut y = &*y;
        for sum in acc.iter_mut().flatten() {
            *sum = simd.mul(beta, simd.load(part(&mut y, S::WIDTH).unwrap_or(&[])));
        }
    }
    let acc = accumulate::<T, S, MV, 1, false>(simd, a, x, |x| alpha * x, acc);
    let mut y = y;
    for &sum in acc.iter().flatten() {
        simd.store(sum, part_mut(&mut y, S::WIDTH).unwrap_or(&mut []));
    }
}

/// Rows adjacent: one reduction per row, four rows at a time; of at least four rows.
struct ReductionsByFour<'a, T> {
    alpha: T,
    a: Window<'a, T>,
    x: &'a [T],
    beta: T,
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for ReductionsByFour<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { alpha, a, x, beta, mut y } = self;
        let (rows, last) = (a.t(), a.rows.saturating_sub(DOTS));
        let mut first = 0;
        while let Some(group) = part_mut(&mut y, DOTS) {
            // Where fewer than four are left, some rows before them are computed once more.
            let Some(rows) = rows.columns::<DOTS>(first.min(last)) else { return };
            let dots = dot_each_lanes(simd, rows, x);
            for (y, dot) in group.iter_mut().rev().zip(dots.into_iter().rev()) {
                *y = if beta == T::ZERO { alpha * dot } else { alpha * dot + beta * *y };
            }
            first += DOTS;
        }
    }
}

/// Rows adjacent: one reduction per row, two rows at a time so that x is read half as often.
#[inline(always)]
fn reductions<T: Float, S: Simd<T>>(
    simd: S,
    (alpha, beta): (T, T),
    a: Window<'_, T>,
    x: &[T],
    y: &mut [T],
) {
    let finish = |y: &mut T, dot: T| {
        *y = if beta == T::ZERO { alpha * dot } else { alpha * dot + beta * *y };
    };
    if const { S::TILE_COLUMNS[1] == 0 } {
        // The lanes of two reductions do not stay in so few registers.
        // One count for both: a second would drive the address of the row out of its register.
        let Some(y) = y.get_mut(..a.rows) else { return };
        for i in 0..a.rows {
            let (Some(y), Some(row)) = (y.get_mut(i), a.t().column(i)) else { return };
            finish(y, dot_lanes(simd, row, x));
        }
        return;
    }
    let (pairs, last) = y.as_chunks_mut::<2>();
    for (pair, [y0, y1]) in pairs.iter_mut().enumerate() {
        let (Some(first), Some(second)) = (a.t().column(2 * pair), a.t().column(2 * pair + 1))
        else {
            return;
        };
        let (dot0, dot1) = dot_pair_lanes(simd, (first, second), x);
        finish(y0, dot0);
        finish(y1, dot1);
    }
    if let ([y], Some(row)) = (last, a.t().column(a.rows.saturating_sub(1))) {
        finish(y, dot_lanes(simd, row, x));
    }
}
