//! What is done to an orthonormal basis, column by column in memory.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm, gemv};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// Rows of a basis that [`turn`] takes at a time.
pub(crate) const ROWS: usize = 32;

/// The part of a vector of length 1 that is rounding only: 4 + √n units.
pub(crate) fn noise<T: Float>(n: usize) -> T {
    (T::from_f64(4.0) + T::from_usize(n).sqrt()) * T::EPSILON
}

/// w ← w − QQᵀw by two passes; `first` becomes the coefficients, both as many as Q has columns. The norm of what is left.
pub(crate) fn orthogonalize<T: Float>(
    machine: Machine,
    q: MatRef<'_, T>,
    w: &mut [T],
    [first, second]: [&mut [T]; 2],
) -> Result<T, Error> {
    gemv(machine, T::ONE, q.t(), w, T::ZERO, first)?;
    gemv(machine, -T::ONE, q, first, T::ONE, w)?;
    gemv(machine, T::ONE, q.t(), w, T::ZERO, second)?;
    gemv(machine, -T::ONE, q, second, T::ONE, w)?;
    for (first, second) in first.iter_mut().zip(second) {
        *first += *second;
    }
    Ok(vector::norm2(machine, w))
}

/// w, of length about 1, becomes a unit vector orthogonal to Q, if enough of it is new; whether it did.
///
/// `first`, `second`: as many as Q has columns.
pub(crate) fn admit<T: Float>(
    machine: Machine,
    q: MatRef<'_, T>,
    w: &mut [T],
    [first, second]: [&mut [T]; 2],
) -> Result<bool, Error> {
    let mut left = orthogonalize(machine, q, w, [&mut *first, &mut *second])?;
    // What is left may be so little that its own rounding shows: normalized, it is cleaned again.
    for _ in 0..2 {
        if left.is_nan() || left <= noise(w.len()) {
            return Ok(false);
        }
        w.iter_mut().for_each(|x| *x /= left);
        left = orthogonalize(machine, q, w, [&mut *first, &mut *second])?;
    }
    w.iter_mut().for_each(|x| *x /= left);
    Ok(true)
}

/// The first columns of V ← VC, C with as many rows as columns of V count; V is n × any number.
///
/// `rows`: [`ROWS`] times the rows of C.
pub(crate) fn turn<T: Float>(
    machine: Machine,
    (basis, n): (&mut [T], usize),
    c: MatRef<'_, T>,
    rows: &mut [T],
) -> Result<(), Error> {
    let (k, keep) = (c.rows(), c.cols());
    for start in (0..n).step_by(ROWS) {
        let count = ROWS.min(n - start);
        let (rows, _) = check::split(rows, count * k)?;
        for (row, q) in pieces_mut(rows, count).zip(pieces(basis, n)) {
            vector::copy(q.get(start..start + count).unwrap_or(&[]), row)?;
        }
        let rows = MatRef::col_major(rows, count, k)?;
        let out = MatMut::col_major(basis, n, keep)?.sub([start, 0], [count, keep])?;
        gemm(machine, T::ONE, rows, c, T::ZERO, out)?;
    }
    Ok(())
}

/// The largest element of |QᵀQ − I|; `products`: at least the columns of Q.
pub(crate) fn defect<T: Float>(
    machine: Machine,
    q: MatRef<'_, T>,
    products: &mut [T],
) -> Result<T, Error> {
    let (products, _) = check::split(products, q.cols())?;
    let mut defect = T::ZERO;
    for j in 0..q.cols() {
        gemv(machine, T::ONE, q.t(), q.column(j).unwrap_or(&[]), T::ZERO, products)?;
        for (i, &product) in products.iter().enumerate() {
            let ideal = if i == j { T::ONE } else { T::ZERO };
            defect = defect.max_of((product - ideal).abs());
        }
    }
    Ok(defect)
}
