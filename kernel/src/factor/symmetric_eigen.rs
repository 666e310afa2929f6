//! Eigenvalues and eigenvectors of a small dense symmetric matrix.

use crate::check;
use crate::error::Error;
use crate::factor::implicit_ql::isolate_all;
use crate::factor::input::{Part, largest_finite};
use crate::factor::orthogonal::FormOrthogonal;
use crate::factor::rotations::Gathered;
use crate::factor::tridiagonalize::{Tridiagonalize, lead};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, Triangle};
use crate::simd::{Machine, block, block_mut};

/// Columns of memory for rotations that wait: so many sweeps over half of the columns. Reflections need
/// four of them.
const ROTATIONS: usize = 16;

/// Orders from which on the values are found first. Constants of the algorithm: they decide bits.
const VALUES_FIRST_F64: usize = 96;
const VALUES_FIRST_F32: usize = 192;

/// Elements of scratch that [`symmetric_eigen`] needs: (n + 16)m + 3n, m the next multiple of 16 from n on,
/// and 16 more if that is one of 64.
#[must_use]
pub const fn symmetric_eigen_scratch_len(n: usize) -> usize {
    if n == 0 {
        return 0;
    }
    let columns = n.saturating_add(ROTATIONS);
    columns.saturating_mul(lead(n)).saturating_add(n.saturating_mul(3))
}

/// A = VΛVᵀ for symmetric A: V over A, the eigenvalues ascending.
///
/// # Shapes
/// `a`: n × n, any strides; only the lower triangle is read, all of it is overwritten: column i
/// becomes the unit eigenvector of `values[i]`. `values`: n. `scratch`: at least
/// [`symmetric_eigen_scratch_len`] (n).
///
/// # Method
/// Copied to the scratch in full, scaled by a power of two so that the largest entry is near 1.
/// Householder reduction to tridiagonal form: the update of a step, A ← A − (vwᵀ + wvᵀ), and the
/// product of the next one are one pass. Q from the reflections, four at a time. Implicit QL with the
/// vectors rotated along, many sweeps at once for a strip of rows; from order 96 (f64) or 192 (f32) on
/// the values are found first and serve as shifts, so that one sweep does for most. Level 2 and below:
/// nothing fuses, on any machine.
///
/// # Accuracy
/// Backward stable: ‖A − V̂Λ̂V̂ᵀ‖ ≤ c·n·u·‖A‖ and ‖V̂ᵀV̂ − I‖ ≤ c·n·u in the Frobenius norm; the tests hold
/// c = 10. Values are exact under scaling by powers of two, and the vectors do not move; a value beyond
/// the largest number is ±∞. The sign of each vector is arbitrary. The same bits on every machine and
/// in every layout.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` with the row
/// of the first entry that is not finite: nothing is changed then.
/// `Error::NoConvergence`: never seen.
///
/// # Cost
/// About 9n³ flops, 6n³ from the orders on at which values come first; half of them are rotations.
///
/// # Source
/// Golub, Van Loan 2013, *Matrix Computations*, §8.3; Schreiber, Van Loan 1989 for reflections
/// together; Van Zee, van de Geijn, Quintana-Ortí 2014, doi:10.1145/2535371, for gathered rotations.
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
    if n == 0 {
        return Ok(());
    }
    let largest = largest_finite(machine, "a", Part::Lower, a.rb())?;
    let power = if largest == T::ZERO { 0 } else { largest.exponent() };
    let lead = lead(n);
    let mut scratch = scratch;
    let work = check::take(&mut scratch, n * lead)?;
    let diagonal = check::take(&mut scratch, n)?;
    let off_diagonal = check::take(&mut scratch, n)?;
    let tau = check::take(&mut scratch, n)?;
    let rotations = check::take(&mut scratch, ROTATIONS * lead)?;

    copy_scaled(a.rb(), work, lead, -power);
    let (sums, rest) = check::split(rotations, lead)?;
    let (update, _) = check::split(rest, lead)?;
    machine.strict().run(Tridiagonalize {
        a: work,
        lead,
        diagonal,
        off_diagonal,
        tau,
        sums,
        update,
    });
    machine.strict().run(FormOrthogonal { q: work, lead, tau, packed: rotations });
    let (off_diagonal, _) = check::split(off_diagonal, n.saturating_sub(1))?;
    let shifts = values_first(diagonal, off_diagonal, tau, rotations)?;
    let mut columns = Gathered::new(machine, work, (lead, n), rotations);
    isolate_all((diagonal, off_diagonal), shifts, &mut columns)?;
    columns.finish();
    copy_sorted((diagonal, work, lead), values, a);
    let [first, second] = factors(power);
    for value in values {
        *value = *value * first * second;
    }
    Ok(())
}

/// The eigenvalues as shifts, in the order in which they come out: what a sweep of rotations costs the
/// vectors outweighs from some order on finding the values beforehand.
fn values_first<'a, T: Float>(
    diagonal: &[T],
    off_diagonal: &[T],
    values: &'a mut [T],
    work: &mut [T],
) -> Result<&'a [T], Error> {
    let order = if T::BITS == 64 { VALUES_FIRST_F64 } else { VALUES_FIRST_F32 };
    if diagonal.len() < order {
        return Ok(&[]);
    }
    let (work, _) = check::split(work, off_diagonal.len())?;
    for (x, &value) in values.iter_mut().zip(diagonal).chain(work.iter_mut().zip(off_diagonal)) {
        *x = value;
    }
    isolate_all((values, work), &[], &mut ())?;
    Ok(values)
}

/// The full symmetric matrix from the lower triangle of `a`, columns `lead` apart, times 2^power.
fn copy_scaled<T: Float>(a: MatRef<'_, T>, work: &mut [T], lead: usize, power: i32) {
    let n = a.rows();
    let [first, second] = factors(power);
    work.fill(T::ZERO);
    let (mut rest, by_columns) = (&mut *work, a.row_stride() == 1);
    for j in 0..n {
        let Some(column) = block_mut(&mut rest, lead) else { return };
        // What lies along memory: a column of the lower triangle, or a row of it as one of the upper.
        let (source, skip) = if by_columns {
            (a.column(j).and_then(|x| x.get(j..)), j)
        } else {
            (a.row(j).and_then(|x| x.get(..=j)), 0)
        };
        let target = column.get_mut(skip..).unwrap_or(&mut []);
        if let Some(source) = source {
            for (x, &value) in target.iter_mut().zip(source) {
                *x = value * first * second;
            }
        } else {
            for (i, x) in column.iter_mut().enumerate().take(j + 1) {
                *x = a.get(j, i).unwrap_or(T::ZERO) * first * second;
            }
        }
    }
    mirror(work, (lead, n), if by_columns { Triangle::Lower } else { Triangle::Upper });
}

/// 2^power as a product of two, of which the second is 1 unless the first one would be infinite: then
/// nothing rounds twice.
fn factors<T: Float>(power: i32) -> [T; 2] {
    let whole = T::ONE.scale_by_power(power);
    if whole.is_finite() {
        [whole, T::ONE]
    } else {
        [T::ONE.scale_by_power(power / 2), T::ONE.scale_by_power(power - power / 2)]
    }
}

/// The lower triangle onto the upper one, or the upper one onto the lower.
fn mirror<T: Float>(work: &mut [T], (lead, n): (usize, usize), from: Triangle) {
    let mut rest = work;
    for j in 0..n {
        let Some(column) = block_mut(&mut rest, lead) else { return };
        let Some(column) = column.get_mut(j + 1..n) else { return };
        let mut others = &mut *rest;
        for x in column {
            let Some(other) = block_mut(&mut others, lead) else { return };
            let Some(y) = other.get_mut(j) else { return };
            if from == Triangle::Lower {
                *y = *x;
            } else {
                *x = *y;
            }
        }
    }
}

/// Values in ascending order, and their vectors in the columns of `a`.
fn copy_sorted<T: Float>(
    (found, vectors, lead): (&mut [T], &[T], usize),
    values: &mut [T],
    a: MatMut<'_, T>,
) {
    let (n, mut a) = (values.len(), a);
    for (j, value) in values.iter_mut().enumerate() {
        let mut smallest = (0, T::INFINITY);
        for (i, &x) in found.iter().enumerate() {
            if x < smallest.1 {
                smallest = (i, x);
            }
        }
        let (index, least) = smallest;
        *value = least;
        if let Some(taken) = found.get_mut(index) {
            *taken = T::INFINITY;
        }
        let mut source = vectors.get(index * lead..).unwrap_or(&[]);
        let source = block(&mut source, n).unwrap_or(&[]);
        if let Some(column) = a.column(j) {
            for (x, &value) in column.iter_mut().zip(source) {
                *x = value;
            }
            continue;
        }
        for (i, &value) in source.iter().enumerate() {
            let _ = a.set(i, j, value);
        }
    }
}
