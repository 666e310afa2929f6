//! Linear least squares.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite, moderate};
use crate::factor::triangular::solve;
use crate::factor::{
    qr_apply_t, qr_in_place, qr_pivoted_in_place, qr_pivoted_scratch_len, qr_rank, qr_scratch_len,
};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, Triangle};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`least_squares`] needs for m equations, n unknowns and p right-hand
/// sides: 16m + 32·max(n, p) + 2n.
#[must_use]
pub const fn least_squares_scratch_len(m: usize, n: usize, p: usize) -> usize {
    let wide = if n > p { n } else { p };
    qr_scratch_len(m, wide).saturating_add(n.saturating_mul(2))
}

/// min ‖AX − B‖ column by column, for A of full column rank.
///
/// Where rank is in question call [`least_squares_pivoted`].
///
/// # Shapes
/// `a`: m × n, m ≥ n, any strides; becomes its QR factorization without tau. `b`: m × p, any strides: its
/// first n rows become X; the norm of what is below them in a column is that of the residual.
/// `scratch`: at least [`least_squares_scratch_len`] (m, n, p).
///
/// # Method
/// A = QR, RX = the first rows of QᵀB.
///
/// # Accuracy
/// Each column x is the exact solution for A + ΔA and b + Δb, ‖Δaⱼ‖ ≤ γ̃‖aⱼ‖, ‖Δb‖ ≤ γ̃‖b‖, γ̃ = γ₍cmn₎. So
/// scaling columns of A does no harm. Strict: the same bits on every machine and in every layout.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit or m < n; `Error::NotFinite` with the first row
/// that is not finite, `Error::Range` if an entry exceeds MAX/(256m): nothing is changed then.
/// `Error::Pivot` with its index and rⱼⱼ if |rⱼⱼ| ≤ mε‖aⱼ‖: column j depends on those before it to working
/// accuracy; `b` is then untouched. `Error::NotFinite` if X overflows.
///
/// # Cost
/// 2mn² − 2n³/3 + 4mnp flops.
///
/// # Source
/// Higham 2002, Theorem 20.3.
#[doc(alias = "dgels")]
pub fn least_squares<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    b: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, n, p, mut a, mut b) = (a.rows(), a.cols(), b.cols(), a, b);
    check::at_least("a.rows", n, m)?;
    check::same_len("b.rows", m, b.rows())?;
    check::at_least("scratch", least_squares_scratch_len(m, n, p), scratch.len())?;
    let largest = largest_finite(machine, "b", Part::Full, b.rb())?;
    moderate("b", m, largest)?;
    let (tau, rest) = check::split(scratch, n)?;
    let (column, work) = check::split(rest, n)?;
    qr_in_place(machine, a.rb_mut(), tau, work)?;
    let threshold = T::EPSILON * T::from_usize(m);
    for index in 0..n {
        let (above, _) = check::split(column, index + 1)?;
        for (i, x) in above.iter_mut().enumerate() {
            *x = a.get(i, index).unwrap_or(T::ZERO);
        }
        let pivot = above.last().copied().unwrap_or(T::ZERO);
        if pivot.abs() <= threshold * vector::norm2(machine, above) {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    qr_apply_t(machine, a.rb(), tau, b.rb_mut(), work)?;
    let r = a.rb().sub([0, 0], [n, n])?;
    let mut x = b.sub([0, 0], [n, p])?;
    solve(machine, (Triangle::Upper, Diagonal::NonUnit), r, x.rb_mut())?;
    largest_finite(machine, "b", Part::Full, x.rb()).map(|_| ())
}

/// Elements of scratch that [`least_squares_pivoted`] needs for m equations, n unknowns and p
/// right-hand sides: mn + 16m + 4n + 32p.
#[must_use]
pub const fn least_squares_pivoted_scratch_len(m: usize, n: usize, p: usize) -> usize {
    let work = qr_pivoted_scratch_len(m, n).saturating_add(qr_scratch_len(m, p));
    work.saturating_add(n.saturating_mul(2))
}

/// min ‖AX − B‖ column by column, for A of any rank: the basic solution. Returns the rank.
///
/// # Shapes
/// `a`: m × n, m and n in any order, any strides; becomes R and the reflections. `b`: max(m, n) × p, any
/// strides: B in its first m rows, which become X in its first n rows; the rest is unspecified.
/// `columns`: n; `columns[j]` for j below the rank are the unknowns used. `scratch`: at least
/// [`least_squares_pivoted_scratch_len`] (m, n, p).
///
/// # Method
/// AP = QR with column pivoting; `rank` of its diagonal entries exceed `tolerance`·|r₀₀|; that leading part
/// of R is solved with, and the other unknowns are 0. The basic solution has at most rank unknowns that
/// are not 0 and exceeds the one of least norm by at most √(1 + ‖R₁₁⁻¹R₁₂‖²).
///
/// # Accuracy
/// That of [`least_squares`] for the columns used. The same bits on every machine and in every
/// layout in Strict.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `Error::Range` if `tolerance` is not within
/// [0, 1] or an entry exceeds MAX/(256m); `Error::NotFinite` with the first row that is not finite:
/// nothing is changed then. `Error::NotFinite` if X overflows.
///
/// # Cost
/// 2mn² − 2n³/3 + 4mnp flops for m ≥ n.
///
/// # Source
/// Golub, Van Loan 2013, §5.5.6.
#[doc(alias = "dgelsy")]
pub fn least_squares_pivoted<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    b: MatMut<'_, T>,
    tolerance: T,
    columns: &mut [usize],
    scratch: &mut [T],
) -> Result<usize, Error> {
    let (m, n, p, mut a, mut b) = (a.rows(), a.cols(), b.cols(), a, b);
    check::same_len("b.rows", m.max(n), b.rows())?;
    check::same_len("columns", n, columns.len())?;
    check::in_range("tolerance", tolerance, 0.0, 1.0)?;
    check::at_least("scratch", least_squares_pivoted_scratch_len(m, n, p), scratch.len())?;
    let given = b.rb().sub([0, 0], [m, p])?;
    let largest = largest_finite(machine, "b", Part::Full, given)?;
    moderate("b", m, largest)?;
    let (tau, rest) = check::split(scratch, m.min(n))?;
    let (column, work) = check::split(rest, n)?;
    qr_pivoted_in_place(machine, a.rb_mut(), tau, columns, work)?;
    let rank = qr_rank(a.rb(), tolerance)?;
    qr_apply_t(machine, a.rb(), tau, b.rb_mut().sub([0, 0], [m, p])?, work)?;
    let r = a.rb().sub([0, 0], [rank, rank])?;
    let kind = (Triangle::Upper, Diagonal::NonUnit);
    solve(machine, kind, r, b.rb_mut().sub([0, 0], [rank, p])?)?;
    let mut x = b.sub([0, 0], [n, p])?;
    for j in 0..p {
        place(&mut x, j, columns, column, rank);
    }
    largest_finite(machine, "b", Part::Full, x.rb()).map(|_| rank)
}

/// Unknown number k of column j goes to row `columns[k]`; the others become 0.
fn place<T: Float>(
    x: &mut MatMut<'_, T>,
    j: usize,
    columns: &[usize],
    temporary: &mut [T],
    rank: usize,
) {
    for (i, value) in temporary.iter_mut().enumerate() {
        *value = if i < rank { x.get(i, j).unwrap_or(T::ZERO) } else { T::ZERO };
    }
    for (&row, &value) in columns.iter().zip(temporary.iter()) {
        let _ = x.set(row, j, value);
    }
}
