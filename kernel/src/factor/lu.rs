//! The LU factorization with partial pivoting.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite, pivots_not_zero};
use crate::factor::triangular::{BLOCK, solve};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm};
use crate::simd::{Machine, Operation, Simd, WindowMut, part_mut, update};

/// PA = LU: U on and above the diagonal of A, L below it without its ones.
///
/// For definite or quasi-definite A call `cholesky_in_place` or `ldlt_in_place`, for any other symmetric
/// one `ldlt_pivoted_in_place`: half the work.
///
/// # Shapes
/// `a`: m × n, any strides, m and n in any order. `pivots`: min(m, n); row k was exchanged with row
/// `pivots[k]` ≥ k, for k = 0, 1, ….
///
/// # Method
/// Each pivot is the largest of its column, the first of equals. Panels of 16 columns are
/// eliminated column by column; the rows right of them are solved for, and what is left is
/// updated by `gemm`. A column without a pivot is left as it is: a singular matrix has its LU
/// factorization too, with a zero on the diagonal of U.
///
/// # Accuracy
/// |PA − L̂Û| ≤ γₙ|L̂||Û| per element, n the smaller side, barring underflow; |L̂| ≤ 1, so ‖Û‖ is all that
/// may grow: by 2ⁿ⁻¹ at worst, hardly ever by more than n. Scaling A by 2ᵏ scales U by 2ᵏ and
/// leaves L, barring underflow. Strict: the same bits on every machine and in every layout; fused
/// machines fuse the products with finished panels and the substitutions.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::NotFinite` with the first row that is not
/// finite: nothing is changed then. `Error::NotFinite` too if elimination overflowed.
///
/// # Cost
/// mn² − n³/3 flops for m ≥ n; 2 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Higham 2002, Theorem 9.3.
///
/// # Example
/// ```
/// use teeter::{Machine, factor::{lu_in_place, lu_solve}, matrix::{MatMut, MatRef}};
/// let (machine, mut a, mut pivots) = (Machine::detect(), [1.0, 2.0, 4.0, 2.0], [0; 2]);
/// lu_in_place(machine, MatMut::row_major(&mut a, 2, 2)?, &mut pivots)?;
/// let mut x = [5.0, 8.0];
/// lu_solve(machine, MatRef::row_major(&a, 2, 2)?, &pivots, MatMut::col_major(&mut x, 2, 1)?)?;
/// assert_eq!((pivots, x), ([1, 1], [1.0, 2.0]));
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dgetrf")]
pub fn lu_in_place<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    pivots: &mut [usize],
) -> Result<(), Error> {
    let (m, n, mut a) = (a.rows(), a.cols(), a);
    check::same_len("pivots", m.min(n), pivots.len())?;
    largest_finite(machine, "a", Part::Full, a.rb())?;
    for (index, pivots) in pivots.chunks_mut(BLOCK).enumerate() {
        let (start, size) = (index * BLOCK, pivots.len());
        let below = a.rb_mut().sub([start, 0], [m - start, n])?;
        let (mut left, rest) = below.split_at_col(start)?;
        let (mut panel, mut right) = rest.split_at_col(size)?;
        eliminate(machine, panel.rb_mut(), pivots)?;
        exchange_rows(left.rb_mut(), pivots, Order::Forward);
        exchange_rows(right.rb_mut(), pivots, Order::Forward);
        for pivot in pivots {
            *pivot += start;
        }
        if right.cols() > 0 {
            let (mut beside, trailing) = right.split_at_row(size)?;
            let l = panel.rb();
            let unit = l.sub([0, 0], [size, size])?;
            solve(machine, (Triangle::Lower, Diagonal::Unit), unit, beside.rb_mut())?;
            let l = l.sub([size, 0], [m - start - size, size])?;
            gemm(machine, -T::ONE, l, beside.rb(), T::ONE, trailing)?;
        }
    }
    largest_finite(machine, "a", Part::Full, a.rb()).map(|_| ())
}

/// A panel of at most 16 columns, column by column; rows of pivots count from its first row.
fn eliminate<T: Float>(
    machine: Machine,
    panel: MatMut<'_, T>,
    pivots: &mut [usize],
) -> Result<(), Error> {
    let (rows, cols, mut panel) = (panel.rows(), panel.cols(), panel);
    for (k, place) in pivots.iter_mut().enumerate() {
        let pivot;
        (*place, pivot) = largest_below(panel.rb(), k);
        swap_rows(&mut panel, k, *place);
        if pivot == T::ZERO {
            continue;
        }
        let mut row = [T::ZERO; BLOCK];
        for (j, x) in row.iter_mut().enumerate().take(cols) {
            *x = panel.get(k, j).unwrap_or(T::ZERO);
        }
        let below = panel.rb_mut().sub([k + 1, 0], [rows - k - 1, cols])?;
        let (left, right) = below.split_at_col(k + 1)?;
        let column = left.sub([0, k], [rows - k - 1, 1])?.window();
        let row = row.get(k + 1..).unwrap_or(&[]);
        machine.strict().run(Eliminate { column, pivot, row, rest: right.window() });
    }
    Ok(())
}

/// Row and value of the first element of the largest size in column k, from row k on.
fn largest_below<T: Float>(a: MatRef<'_, T>, k: usize) -> (usize, T) {
    let (mut place, mut pivot) = (k, a.get(k, k).unwrap_or(T::ZERO));
    for i in k + 1..a.rows() {
        let value = a.get(i, k).unwrap_or(T::ZERO);
        if value.abs() > pivot.abs() {
            (place, pivot) = (i, value);
        }
    }
    (place, pivot)
}

/// l ← l/pivot, rest ← rest − l·row.
struct Eliminate<'a, T> {
    column: WindowMut<'a, T>,
    pivot: T,
    row: &'a [T],
    rest: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for Eliminate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { mut column, pivot, row, mut rest } = self;
        if let Some(l) = column.column(0)
            && rest.row_stride == 1
        {
            let pivot = simd.splat(pivot);
            let mut part = &mut *l;
            while let Some(l) = part_mut(&mut part, S::WIDTH) {
                simd.store(simd.div(simd.load(l), pivot), l);
            }
            for (j, &factor) in row.iter().enumerate().take(rest.cols) {
                let factor = simd.splat(factor);
                let Some(target) = rest.column(j) else { break };
                update(simd, l, target, |l, a| simd.sub(a, simd.mul(l, factor)));
            }
            return;
        }
        for i in 0..column.rows {
            let l = column.rb().get(i, 0).unwrap_or(T::ZERO) / pivot;
            let _ = column.set(i, 0, l);
            if let Some(target) = rest.row(i) {
                let factor = simd.splat(l);
                update(simd, row, target, |u, a| simd.sub(a, simd.mul(factor, u)));
                continue;
            }
            for (j, &u) in row.iter().enumerate().take(rest.cols) {
                let old = rest.rb().get(i, j).unwrap_or(T::ZERO);
                let _ = rest.set(i, j, old - l * u);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Forward,
    Backward,
}

/// Row k ↔ row `pivots[k]`, for all k in order; line by line of memory, so that each stays near.
fn exchange_rows<T: Float>(a: MatMut<'_, T>, pivots: &[usize], order: Order) {
    let mut a = a;
    if a.rb().col_stride() == 1 {
        for step in 0..pivots.len() {
            let k = if order == Order::Forward { step } else { pivots.len() - 1 - step };
            swap_rows(&mut a, k, pivots.get(k).copied().unwrap_or(k));
        }
        return;
    }
    for j in 0..a.cols() {
        for step in 0..pivots.len() {
            let k = if order == Order::Forward { step } else { pivots.len() - 1 - step };
            let place = pivots.get(k).copied().unwrap_or(k);
            if let (Some(x), Some(y)) = (a.get(k, j), a.get(place, j)) {
                let _ = a.set(k, j, y);
                let _ = a.set(place, j, x);
            }
        }
    }
}

fn swap_rows<T: Float>(a: &mut MatMut<'_, T>, k: usize, place: usize) {
    if k == place {
        return;
    }
    for j in 0..a.cols() {
        if let (Some(x), Some(y)) = (a.get(k, j), a.get(place, j)) {
            let _ = a.set(k, j, y);
            let _ = a.set(place, j, x);
        }
    }
}

fn checked<T: Float>(lu: MatRef<'_, T>, pivots: &[usize], b: &MatMut<'_, T>) -> Result<(), Error> {
    let n = lu.rows();
    check::same_len("lu.cols", n, lu.cols())?;
    check::same_len("pivots", n, pivots.len())?;
    check::same_len("b.rows", n, b.rows())?;
    for (k, &place) in pivots.iter().enumerate() {
        if place < k || place >= n {
            let (found, low, high) = (place as f64, k as f64, n as f64 - 1.0);
            return Err(Error::Range { argument: "pivots", found, low, high });
        }
    }
    pivots_not_zero(lu)
}

/// B ← A⁻¹B, from PA = LU.
///
/// # Shapes
/// `lu`: n × n and `pivots`: n, as [`lu_in_place`] leaves them. `b`: n × p, any strides; a vector is a
/// matrix of one column.
///
/// # Accuracy
/// Each computed column x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₁ Pᵀ|L̂||Û|, barring over- and underflow.
/// Strict: the same bits on every machine and in every layout. NaN and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Range` if a pivot's row is none, `Error::Pivot` if
/// a diagonal element of U is zero (A is singular) or NaN; `b` is untouched then.
///
/// # Cost
/// 2n²p flops.
///
/// # Source
/// Higham 2002, Theorem 9.4.
#[doc(alias = "dgetrs")]
pub fn lu_solve<T: Float>(
    machine: Machine,
    lu: MatRef<'_, T>,
    pivots: &[usize],
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    checked(lu, pivots, &b)?;
    let mut b = b;
    exchange_rows(b.rb_mut(), pivots, Order::Forward);
    solve(machine, (Triangle::Lower, Diagonal::Unit), lu, b.rb_mut())?;
    solve(machine, (Triangle::Upper, Diagonal::NonUnit), lu, b)
}

/// B ← A⁻ᵀB, from PA = LU.
///
/// # Shapes
/// As [`lu_solve`].
///
/// # Accuracy
/// Each computed column x solves (A + E)ᵀx = b with |E| ≤ γ₃ₙ₊₁ Pᵀ|L̂||Û|, otherwise as [`lu_solve`].
///
/// # Errors
/// As [`lu_solve`].
///
/// # Cost
/// 2n²p flops.
///
/// # Source
/// Higham 2002, Theorem 9.4.
#[doc(alias = "dgetrs")]
pub fn lu_solve_t<T: Float>(
    machine: Machine,
    lu: MatRef<'_, T>,
    pivots: &[usize],
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    checked(lu, pivots, &b)?;
    let mut b = b;
    solve(machine, (Triangle::Lower, Diagonal::NonUnit), lu.t(), b.rb_mut())?;
    solve(machine, (Triangle::Upper, Diagonal::Unit), lu.t(), b.rb_mut())?;
    exchange_rows(b, pivots, Order::Backward);
    Ok(())
}

/// A determinant as ±exp(log): its size seldom fits the format.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct LogDeterminant<T> {
    /// 1, −1, or 0 for a singular matrix.
    pub sign: T,
    /// log|det A|; −∞ for a singular matrix.
    pub log: T,
}

/// Sign and logarithm of det A, from PA = LU.
///
/// # Shapes
/// `lu`: n × n and `pivots`: n, as [`lu_in_place`] leaves them; only the diagonal is read.
///
/// # Accuracy
/// The sign is that of the computed factors, exactly. The logarithm is Σ log|uᵢᵢ| in order, within
/// γ₍ₙ₊₂₎Σ|log|uᵢᵢ|| of theirs. The same bits on every machine. n = 0 gives 1: sign 1, log 0. NaN on
/// the diagonal propagates.
///
/// # Errors
/// `Error::Length` if a length does not fit.
///
/// # Cost
/// n logarithms.
pub fn lu_log_determinant<T: Float>(
    lu: MatRef<'_, T>,
    pivots: &[usize],
) -> Result<LogDeterminant<T>, Error> {
    let n = lu.rows();
    check::same_len("lu.cols", n, lu.cols())?;
    check::same_len("pivots", n, pivots.len())?;
    let (mut sign, mut log) = (T::ONE, T::ZERO);
    for (k, &place) in pivots.iter().enumerate() {
        let pivot = lu.get(k, k).unwrap_or(T::NAN);
        if pivot == T::ZERO {
            return Ok(LogDeterminant { sign: T::ZERO, log: -T::INFINITY });
        }
        if (place != k) != (pivot < T::ZERO) {
            sign = -sign;
        }
        log += pivot.abs().ln();
    }
    Ok(LogDeterminant { sign, log })
}
