//! The QR factorization with column pivoting, and the rank that it reveals.

use crate::check;
use crate::error::Error;
use crate::factor::householder::{Reflect, column, load, reflect};
use crate::factor::input::{Part, largest_finite, moderate};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`qr_pivoted_in_place`] needs: mn + 2n.
#[must_use]
pub const fn qr_pivoted_scratch_len(m: usize, n: usize) -> usize {
    m.saturating_mul(n).saturating_add(n.saturating_mul(2))
}

/// AP = QR with |r₀₀| ≥ |r₁₁| ≥ …: R on and above the diagonal of A, the reflections below.
///
/// Up to twice slower than `qr_in_place`, for it cannot wait with its updates; use it where rank is in
/// question, with [`qr_rank`].
///
/// # Shapes
/// `a`: m × n, any strides, m and n in any order. `tau`: min(m, n). `columns`: n; column j of AP is column
/// `columns[j]` of A. `scratch`: at least [`qr_pivoted_scratch_len`] (m, n).
///
/// # Method
/// Householder reflections; next comes the column whose remaining part is longest, the first of
/// equals. Remaining norms are carried along, √(1 − (rₖⱼ/normⱼ)²) a step, and computed anew once
/// cancellation has eaten half their digits (Drmač, Bujanović 2008): without that the order, and
/// the rank seen, would be chance.
///
/// # Accuracy
/// That of [`qr_in_place`](crate::factor::qr_in_place), on AP. The diagonal of R decreases up to
/// rounding of the norms. |r₀₀| ≥ ‖A‖₂/√n; the smallest |rᵢᵢ| may exceed σₙ by 2ⁿ in contrived cases.
/// The same bits on every machine and in every layout; never fused.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `Error::NotFinite` with the first row
/// that is not finite, `Error::Range` if an entry exceeds MAX/(256m): nothing is changed then.
///
/// # Cost
/// 2mn² − 2n³/3 flops for m ≥ n, in dot and axpy.
///
/// # Source
/// Businger, Golub 1965, doi:10.1007/BF01436084; Drmač, Bujanović 2008, doi:10.1145/1377612.1377616.
#[doc(alias = "dgeqp3")]
pub fn qr_pivoted_in_place<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    tau: &mut [T],
    columns: &mut [usize],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, n, mut a) = (a.rows(), a.cols(), a);
    check::same_len("tau", m.min(n), tau.len())?;
    check::same_len("columns", n, columns.len())?;
    check::at_least("scratch", qr_pivoted_scratch_len(m, n), scratch.len())?;
    let largest = largest_finite(machine, "a", Part::Full, a.rb())?;
    moderate("a", m, largest)?;
    let mut scratch = scratch;
    let mut memory = check::take(&mut scratch, m * n)?;
    let (mut partial, rest) = check::split(scratch, n)?;
    let (mut full, _) = check::split(rest, n)?;
    load(a.rb(), memory);
    for (j, (partial, full)) in partial.iter_mut().zip(full.iter_mut()).enumerate() {
        *partial = vector::norm2(machine, column(memory, m, j));
        *full = *partial;
    }
    for (j, place) in columns.iter_mut().enumerate() {
        *place = j;
    }
    let mut places = columns;
    for (k, tau) in tau.iter_mut().enumerate() {
        let best = vector::argmax_abs(machine, partial)?;
        bring_forward(places, best);
        swap_columns(memory, m, best);
        for norms in [&mut *partial, &mut *full] {
            bring_forward(norms, best);
        }
        let (Some((_, later_places)), Some((_, later_partial)), Some((_, later_full))) =
            (places.split_first_mut(), partial.split_first_mut(), full.split_first_mut())
        else {
            break;
        };
        (places, partial, full) = (later_places, later_partial, later_full);
        let current = check::take(&mut memory, m)?;
        let (_, x) = check::split(current, k)?;
        let beta;
        (beta, *tau) = reflect(machine, x);
        let later = Reflect { v: x, tau: *tau, columns: memory, lead: m, skip: k };
        machine.strict().run(later);
        if let Some(head) = x.first_mut() {
            *head = beta;
        }
        store(&mut a, k, current);
        downdate(machine, (memory, m, k), partial, full);
    }
    for j in m.min(n)..n {
        store(&mut a, j, check::take(&mut memory, m)?);
    }
    Ok(())
}

/// Exchanges the first element and that at `index`.
fn bring_forward<T>(x: &mut [T], index: usize) {
    if let Some((first, rest)) = x.split_first_mut()
        && let Some(other) = index.checked_sub(1).and_then(|i| rest.get_mut(i))
    {
        core::mem::swap(first, other);
    }
}

/// Exchanges the first column and that at `index`.
fn swap_columns<T>(memory: &mut [T], rows: usize, index: usize) {
    let Some((first, rest)) = memory.split_at_mut_checked(rows) else { return };
    if index > 0
        && let Some(other) = rest.get_mut((index - 1) * rows..index * rows)
    {
        for (x, y) in first.iter_mut().zip(other) {
            core::mem::swap(x, y);
        }
    }
}

fn store<T: Float>(a: &mut MatMut<'_, T>, j: usize, values: &[T]) {
    for (i, &value) in values.iter().enumerate() {
        let _ = a.set(i, j, value);
    }
}

/// Norms of what is left of the later columns below row k.
fn downdate<T: Float>(
    machine: Machine,
    (memory, rows, k): (&[T], usize, usize),
    partial: &mut [T],
    full: &mut [T],
) {
    for (j, (partial, full)) in partial.iter_mut().zip(full).enumerate() {
        if *partial == T::ZERO {
            continue;
        }
        let values = column(memory, rows, j);
        let ratio = values.get(k).copied().unwrap_or(T::ZERO).abs() / *partial;
        let left = (T::ONE - ratio * ratio).max_of(T::ZERO);
        let since = *partial / *full;
        if left * since * since <= T::EPSILON.sqrt() {
            *partial = vector::norm2(machine, values.get(k + 1..).unwrap_or(&[]));
            *full = *partial;
        } else {
            *partial *= left.sqrt();
        }
    }
}

/// The rank of A up to a relative tolerance: how many of |r₀₀|, |r₁₁|, … exceed tolerance·|r₀₀|
/// before the first that does not.
///
/// # Shapes
/// `qr`: m × n, as [`qr_pivoted_in_place`] leaves it; only the diagonal is read.
///
/// # Accuracy
/// Exact comparisons with one rounding in tolerance·|r₀₀|. A tolerance of max(m, n)·ε asks for the
/// rank to working accuracy. Multiplying A by 2ᵏ changes nothing. 0 for A = 0 and for n = 0.
///
/// # Errors
/// `Error::Range` if `tolerance` is not within [0, 1].
///
/// # Cost
/// min(m, n) reads.
///
/// # Source
/// Golub, Van Loan 2013, §5.5.7.
pub fn qr_rank<T: Float>(qr: MatRef<'_, T>, tolerance: T) -> Result<usize, Error> {
    check::in_range("tolerance", tolerance, 0.0, 1.0)?;
    let size = |i: usize| qr.get(i, i).unwrap_or(T::ZERO).abs();
    let threshold = tolerance * size(0);
    Ok((0..qr.rows().min(qr.cols())).take_while(|&i| size(i) > threshold).count())
}
