//! The LU factorization with partial pivoting.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite, pivots_not_zero};
use crate::factor::triangular::solve;
use crate::factor::{lu_panel, lu_plain, small};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm};
use crate::simd::{Machine, Order, WindowMut, exchange_rows};

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
/// Each pivot is the largest of its column, the first of equals. Panels of 16 columns (8 or 4 of a tall
/// matrix, so that they fit the stack) are packed and eliminated column by column, element by element where rows
/// are not adjacent and even four columns do not fit (above 1,520 rows of f64 on x86-64); then, as recursion would
/// do it, as many columns as are finished since the last larger step act on as many new ones, by `trsm` and `gemm`.
/// A column without a pivot is left as it is, and its products with zeros are subtracted: a singular matrix has its
/// LU factorization too, with a zero on the diagonal of U. For m = n ≤ 8 (on x86-64 and AArch64) by code that knows n.
/// On the portable machine, which microcontrollers have, in place, a column after the other.
///
/// # Accuracy
/// Each element is one chain from that of PA: − lᵢₖ·uₖⱼ for k = 0, 1, …; lᵢⱼ is then a product with fl(1/uⱼⱼ) or, where
/// that is not a normal number, a quotient. |PA − L̂Û| ≤ γₙ₊₁|L̂||Û| per element, n the smaller side, barring underflow;
/// |L̂| ≤ 1, so ‖Û‖ is all that may grow: by 2ⁿ⁻¹ at worst, hardly ever by more than n. Scaling A by 2ᵏ scales U by
/// 2ᵏ and leaves L, barring underflow. Strict gives the same bits on every machine and in every layout,
/// Fused (one rounding per multiply-add, but none for m = n ≤ 8, nor in its solves up to 6 × 6) on every fused one.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::NotFinite` with the first row that is not
/// finite: nothing is changed then. `Error::NotFinite` too if elimination overflowed.
///
/// # Cost
/// mn² − n³/3 flops for m ≥ n, n divisions; 50 KiB of stack on x86-64 (8 KiB up to 32 rows), before the update with its
/// own, `trsm`'s and `gemm`'s; on microcontrollers less than 1 KiB (`docs/SIZES.md`).
///
/// # Source
/// Higham 2002, Theorem 9.3, with the one rounding more of a reciprocal; recursion: Toledo 1997, SIAM J. Matrix
/// Anal. Appl. 18(4).
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
    let size = m.min(n);
    check::same_len("pivots", size, pivots.len())?;
    if small::lu(a.rb_mut().window(), pivots).is_some() {
        return Ok(());
    }
    let machine = if m == n { small::same_arithmetic(machine, n) } else { machine };
    largest_finite(machine, "a", Part::Full, a.rb())?;
    if machine.is_portable() {
        lu_plain::eliminate(a.rb_mut().window(), pivots).ok_or(check::refused("a", m))?;
    } else {
        eliminate_blocks(machine, a.rb_mut(), pivots)?;
    }
    largest_finite(machine, "a", Part::Full, a.rb()).map(|_| ())
}

/// Panel after panel.
fn eliminate_blocks<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    pivots: &mut [usize],
) -> Result<(), Error> {
    let (m, n, mut a) = (a.rows(), a.cols(), a);
    let (size, width) = (m.min(n), lu_panel::width::<T>(m));
    let mut start = 0;
    while start < size {
        let end = size.min(start + width);
        let places = pivots.get_mut(start..end).ok_or(check::refused("pivots", size))?;
        let (left, rest) = a.rb_mut().split_at_col(start)?;
        let panel = rest.sub([start, 0], [m - start, end - start])?;
        lu_panel::eliminate(machine, panel.window(), places).ok_or(check::refused("a", m))?;
        for place in places.iter_mut() {
            *place += start;
        }
        exchange(&mut left.window(), start, places, Order::Forward)?;
        // Where recursion would join two halves: as many columns as are finished since the last, larger step.
        let finished = end & end.wrapping_neg();
        let finished = if end < size { finished.max(width) } else { 0 };
        if finished > 0 {
            update(machine, a.rb_mut(), pivots, [end - finished, end, size.min(end + finished)])?;
        }
        start = end;
    }
    if n > size {
        update(machine, a.rb_mut(), pivots, [0, size, n])?;
    }
    Ok(())
}

fn exchange<T: Float>(
    a: &mut WindowMut<'_, T>,
    first: usize,
    places: &[usize],
    order: Order,
) -> Result<(), Error> {
    exchange_rows(a, first, places, order).ok_or(check::refused("pivots", places.len()))
}

/// The columns from `middle` to `end`, for what the finished ones from `start` to `middle` do to them.
fn update<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    pivots: &[usize],
    [start, middle, end]: [usize; 3],
) -> Result<(), Error> {
    let (m, size) = (a.rows(), middle - start);
    let (left, right) = a.split_at_col(middle)?;
    let left = left.sub([start, start], [m - start, size])?;
    let mut right = right.sub([0, 0], [m, end - middle])?;
    let places = pivots.get(start..middle).ok_or(check::refused("pivots", middle))?;
    exchange(&mut right.rb_mut().window(), start, places, Order::Forward)?;
    let (mut beside, below) =
        right.sub([start, 0], [m - start, end - middle])?.split_at_row(size)?;
    let unit = left.rb().sub([0, 0], [size, size])?;
    solve(machine, (Triangle::Lower, Diagonal::Unit), unit, beside.rb_mut())?;
    let l = left.rb().sub([size, 0], [m - middle, size])?;
    gemm(machine, -T::ONE, l, beside.rb(), T::ONE, below)
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
    exchange(&mut b.rb_mut().window(), 0, pivots, Order::Forward)?;
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
    exchange(&mut b.window(), 0, pivots, Order::Backward)
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
