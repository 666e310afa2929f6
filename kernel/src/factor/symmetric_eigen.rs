//! Eigenvalues and eigenvectors of a small dense symmetric matrix.

use crate::check;
use crate::error::Error;
use crate::factor::tridiagonal_vectors;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemv, ger};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`symmetric_eigen`] needs: n² + 4n.
#[must_use]
pub const fn symmetric_eigen_scratch_len(n: usize) -> usize {
    n.saturating_mul(n).saturating_add(n.saturating_mul(4))
}

/// A = VΛVᵀ for symmetric A: V over A, the eigenvalues ascending.
///
/// # Shapes
/// `a`: n × n, any strides; only the lower triangle is read, all of it is overwritten: column i
/// becomes the unit eigenvector of `values[i]`. `values`: n. `scratch`: at least
/// [`symmetric_eigen_scratch_len`] (n).
///
/// # Method
/// Scaled by a power of two so that the largest entry is near 1; Householder reduction to
/// tridiagonal form; implicit QL with the vectors rotated along.
///
/// # Accuracy
/// Backward stable: ‖A − V̂Λ̂V̂ᵀ‖ ≤ c·n·u·‖A‖ and ‖V̂ᵀV̂ − I‖ ≤ c·n·u in the Frobenius norm; the tests hold
/// c = 10. The same bits on every machine. Values are exact under scaling by powers of two.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` with the row
/// of the first entry that is not finite: nothing is changed then.
/// `Error::NoConvergence`: never seen.
///
/// # Cost
/// About 9n³ flops.
///
/// # Source
/// Golub, Van Loan 2013, *Matrix Computations*, §8.3.
#[doc(alias = "dsyev")]
pub fn symmetric_eigen<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    values: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let n = a.rows();
    check::same_len("a.cols", n, a.cols())?;
    check::same_len("values", n, values.len())?;
    check::at_least("scratch", symmetric_eigen_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let work = check::take(&mut scratch, n * n)?;
    let tau = check::take(&mut scratch, n)?;
    let off_diagonal = check::take(&mut scratch, n)?;
    let temporary = check::take(&mut scratch, 2 * n)?;

    let power = copy_scaled(a.rb(), work)?;
    for k in 0..n.saturating_sub(1) {
        let (beta, factor) = reflect(machine, work, n, k, temporary)?;
        put(off_diagonal, k, beta);
        put(tau, k, factor);
    }
    for (k, value) in values.iter_mut().enumerate() {
        *value = work.get(k * n + k).copied().unwrap_or(T::ZERO);
    }
    let mut a = a;
    accumulate(machine, work, tau, a.rb_mut(), temporary)?;
    let (off_diagonal, _) = check::split(off_diagonal, n.saturating_sub(1))?;
    tridiagonal_vectors(values, off_diagonal, a)?;
    for value in values {
        *value = value.scale_by_power(power);
    }
    Ok(())
}

fn put<T: Float>(x: &mut [T], i: usize, value: T) {
    if let Some(x) = x.get_mut(i) {
        *x = value;
    }
}

/// The full symmetric matrix from the lower triangle of `a`, column-major, scaled by 2^−power;
/// returns the power.
fn copy_scaled<T: Float>(a: MatRef<'_, T>, work: &mut [T]) -> Result<i32, Error> {
    let n = a.rows();
    let mut largest = T::ZERO;
    for i in 0..n {
        for j in 0..=i {
            let value = a.get(i, j).unwrap_or(T::ZERO);
            if !value.is_finite() {
                return Err(Error::NotFinite { argument: "a", index: i });
            }
            largest = largest.max_of(value.abs());
        }
    }
    let power = if largest == T::ZERO { 0 } else { largest.exponent() };
    for (j, column) in work.chunks_mut(n.max(1)).enumerate() {
        for (i, element) in column.iter_mut().enumerate() {
            let value = a.get(i.max(j), i.min(j)).unwrap_or(T::ZERO);
            *element = value.scale_by_power(-power);
        }
    }
    Ok(power)
}

/// One step of the reduction: a reflector I − τvvᵀ that clears column k below the entry under
/// the diagonal, applied from both sides to what is right of column k. v (with v₀ = 1) is left
/// in the column; returns the entry under the diagonal, and τ.
fn reflect<T: Float>(
    machine: Machine,
    work: &mut [T],
    n: usize,
    k: usize,
    temporary: &mut [T],
) -> Result<(T, T), Error> {
    let m = n - k - 1;
    let (left, right) = check::split(work, (k + 1) * n)?;
    let v = left.get_mut(k * n + k + 1..).unwrap_or(&mut []);
    let [head, tail @ ..] = &mut *v else { return Ok((T::ZERO, T::ZERO)) };
    let alpha = *head;
    let rest = vector::norm2(machine, tail);
    if rest == T::ZERO {
        *head = T::ONE;
        return Ok((alpha, T::ZERO));
    }
    let beta = -vector::norm2(machine, &[alpha, rest]).copysign(alpha);
    let tau = (beta - alpha) / beta;
    for x in tail.iter_mut() {
        *x /= alpha - beta;
    }
    *head = T::ONE;

    // A ← A − vwᵀ − wvᵀ with p = τAv, w = p − ½τ(pᵀv)v.
    let mut below = MatMut::col_major(right, n, m)?.sub([k + 1, 0], [m, m])?;
    let (w, _) = check::split(temporary, m)?;
    gemv(machine, tau, below.rb(), v, T::ZERO, w)?;
    let correction = -(T::HALF * tau * vector::dot(machine, w, v)?);
    vector::axpy(machine, correction, v, w)?;
    ger(machine, -T::ONE, v, w, below.rb_mut())?;
    ger(machine, -T::ONE, w, v, below)?;
    Ok((beta, tau))
}

/// Q ← H₀H₁…Hₙ₋₂, from the reflectors below the diagonal of `work`.
fn accumulate<T: Float>(
    machine: Machine,
    work: &[T],
    tau: &[T],
    mut q: MatMut<'_, T>,
    temporary: &mut [T],
) -> Result<(), Error> {
    let n = q.rows();
    for i in 0..n {
        for j in 0..n {
            let _ = q.set(i, j, if i == j { T::ONE } else { T::ZERO });
        }
    }
    for k in (0..n.saturating_sub(1)).rev() {
        let m = n - k - 1;
        let v = work.get(k * n + k + 1..(k + 1) * n).unwrap_or(&[]);
        let factor = tau.get(k).copied().unwrap_or(T::ZERO);
        let part = q.rb_mut().sub([k + 1, k + 1], [m, m])?;
        let (row, _) = check::split(temporary, m)?;
        gemv(machine, T::ONE, part.rb().t(), v, T::ZERO, row)?;
        ger(machine, -factor, v, row, part)?;
    }
    Ok(())
}
