//! What a Cholesky factor gives beside the solution for one vector.

use crate::check;
use crate::error::Error;
use crate::factor::input::pivots_not_zero;
use crate::factor::triangular::{BLOCK, Block, solve};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm};
use crate::simd::Machine;

/// B ← A⁻¹B, from the factor L of A = LLᵀ.
///
/// For one vector `cholesky_solve` is faster; its sums run in another order, so that its bits are
/// not those of a matrix of one column.
///
/// # Shapes
/// `l`: n × n, any strides, as `cholesky_in_place` leaves it; the part above the diagonal is not read.
/// `b`: n × p, any strides.
///
/// # Accuracy
/// Each computed column x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₅|L̂||L̂ᵀ|, barring over- and underflow.
/// Strict: the same bits on every machine and in every layout. NaN and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element of `l` is zero or
/// NaN; `b` is untouched then.
///
/// # Cost
/// 2n²p flops.
///
/// # Source
/// Higham 2002, Theorem 10.4.
#[doc(alias = "dpotrs")]
pub fn cholesky_solve_matrix<T: Float>(
    machine: Machine,
    l: MatRef<'_, T>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("l.cols", l.rows(), l.cols())?;
    check::same_len("b.rows", l.rows(), b.rows())?;
    pivots_not_zero(l)?;
    let mut b = b;
    solve(machine, (Triangle::Lower, Diagonal::NonUnit), l, b.rb_mut())?;
    solve(machine, (Triangle::Upper, Diagonal::NonUnit), l.t(), b)
}

/// A⁻¹ from the factor L of A = LLᵀ: all of it, and exactly symmetric.
///
/// To apply A⁻¹ call `cholesky_solve`, which is faster and more accurate; this is for those who need its
/// elements: variances, posterior covariances.
///
/// # Shapes
/// `l`: n × n, any strides, as `cholesky_in_place` leaves it; the part above the diagonal is not read.
/// `inverse`: n × n, any strides; not read.
///
/// # Method
/// W = L⁻¹ in blocks of 16 columns, then WᵀW block by block over it.
///
/// # Accuracy
/// To first order |AX̂ − I| ≤ γₙ₊₃|L̂||L̂ᵀ||X̂| + γₙ₊₁(|L̂||W||L̂||W| + |L̂||L̂ᵀ||Wᵀ||W|) + γₙ₊₁|A||Wᵀ||W|, W = L̂⁻¹,
/// barring over- and underflow. Strict: the same bits on every machine and in every layout.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element of `l` is zero or
/// NaN; `inverse` is untouched then.
///
/// # Cost
/// 2n³/3 flops; 8 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Du Croz, Higham 1992, doi:10.1093/imanum/12.1.1; Higham 2002, §14.3.
#[doc(alias = "dpotri")]
pub fn cholesky_inverse<T: Float>(
    machine: Machine,
    l: MatRef<'_, T>,
    inverse: MatMut<'_, T>,
) -> Result<(), Error> {
    let (n, mut inverse) = (l.rows(), inverse);
    check::same_len("l.cols", n, l.cols())?;
    check::same_len("inverse.rows", n, inverse.rows())?;
    check::same_len("inverse.cols", n, inverse.cols())?;
    pivots_not_zero(l)?;
    for j in 0..n {
        for i in 0..n {
            let _ = inverse.set(i, j, if i == j { T::ONE } else { T::ZERO });
        }
    }
    for start in (0..n).step_by(BLOCK) {
        let (rows, size) = (n - start, BLOCK.min(n - start));
        let columns = inverse.rb_mut().sub([start, start], [rows, size])?;
        let part = l.sub([start, start], [rows, rows])?;
        solve(machine, (Triangle::Lower, Diagonal::NonUnit), part, columns)?;
    }
    for row in (0..n).step_by(BLOCK) {
        for col in (0..=row).step_by(BLOCK) {
            multiply_block(machine, [row, col], &mut inverse)?;
        }
    }
    for j in 0..n {
        for i in 0..j {
            let _ = inverse.set(i, j, inverse.get(j, i).unwrap_or(T::ZERO));
        }
    }
    Ok(())
}

/// The block of WᵀW at (row, col) ≤ row, over that of W; blocks right of it and below still hold W.
fn multiply_block<T: Float>(
    machine: Machine,
    [row, col]: [usize; 2],
    w: &mut MatMut<'_, T>,
) -> Result<(), Error> {
    let n = w.rows();
    let (size, cols) = (BLOCK.min(n - row), BLOCK.min(n - col));
    let (first, second) = (copy_block(w.rb(), [row, row]), copy_block(w.rb(), [row, col]));
    let mut product = [[T::ZERO; BLOCK]; BLOCK];
    let first = MatRef::col_major(first.as_flattened(), BLOCK, BLOCK)?;
    let second = MatRef::col_major(second.as_flattened(), BLOCK, BLOCK)?;
    let mut target = MatMut::col_major(product.as_flattened_mut(), BLOCK, BLOCK)?;
    gemm(machine, T::ONE, first.t(), second, T::ZERO, target.rb_mut())?;
    let below = n - row - size;
    if below > 0 {
        let left = w.rb().sub([row + size, row], [below, size])?;
        let right = w.rb().sub([row + size, col], [below, cols])?;
        let target = target.sub([0, 0], [size, cols])?;
        gemm(machine, T::ONE, left.t(), right, T::ONE, target)?;
    }
    for (j, column) in product.iter().enumerate().take(cols) {
        for (i, &x) in column.iter().enumerate().take(size) {
            if row + i >= col + j {
                let _ = w.set(row + i, col + j, x);
            }
        }
    }
    Ok(())
}

/// A block of the lower-triangular W, with zeros above the diagonal and outside.
fn copy_block<T: Float>(w: MatRef<'_, T>, [row, col]: [usize; 2]) -> Block<T> {
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    for (j, column) in block.iter_mut().enumerate() {
        for (i, x) in column.iter_mut().enumerate() {
            if row + i >= col + j {
                *x = w.get(row + i, col + j).unwrap_or(T::ZERO);
            }
        }
    }
    block
}

/// log det A = 2·Σ log lᵢᵢ, from the factor L of A = LLᵀ.
///
/// # Shapes
/// `l`: n × n, any strides; only the diagonal is read.
///
/// # Accuracy
/// Within γ₍ₙ₊₂₎·2Σ|log lᵢᵢ| of that of L̂L̂ᵀ. The same bits on every machine. 0 for n = 0.
///
/// # Errors
/// `Error::Length` if `l` is not square, `Error::Pivot` if a diagonal element is not positive.
///
/// # Cost
/// n logarithms.
pub fn cholesky_log_determinant<T: Float>(l: MatRef<'_, T>) -> Result<T, Error> {
    check::same_len("l.cols", l.rows(), l.cols())?;
    let mut sum = T::ZERO;
    for index in 0..l.rows() {
        let pivot = l.get(index, index).unwrap_or(T::NAN);
        if pivot <= T::ZERO || pivot.is_nan() {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
        sum += pivot.ln();
    }
    Ok(T::TWO * sum)
}
