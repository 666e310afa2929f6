//! Triangular solves.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatRef;
use crate::simd::{Machine, Operation, Simd, Window, update};
use crate::vector::dot_lanes;

/// x ← L⁻¹x: solves Ly = x for lower-triangular L, y over x.
///
/// # Shapes
/// `l`: n × n, any strides; the part above the diagonal is not read. `x`: n.
///
/// # Method
/// Forward substitution. Where columns are adjacent, column by column; else row by row with
/// the reduction of `dot`.
///
/// # Accuracy
/// The computed y solves (L + E)y = x with |E| ≤ γₙ|L|, barring over- and underflow. The same
/// bits on every machine; never fused. NaN and infinity in `x` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element is zero or
/// NaN; `x` is untouched then.
///
/// # Cost
/// n² flops, n divisions, no scratch.
///
/// # Source
/// Higham 2002, Theorem 8.5.
#[doc(alias = "dtrsv")]
pub fn trsv_lower<T: Float>(machine: Machine, l: MatRef<'_, T>, x: &mut [T]) -> Result<(), Error> {
    checked(l, x)?;
    machine.strict().run(Forward { l: l.window(), x });
    Ok(())
}

/// x ← L⁻ᵀx: solves Lᵀy = x for lower-triangular L, y over x.
///
/// # Shapes
/// `l`: n × n, any strides; the part above the diagonal is not read. `x`: n.
///
/// # Method
/// Back substitution. Where rows are adjacent, row by row of L; else with the reduction of
/// `dot` along its columns.
///
/// # Accuracy
/// The computed y solves (L + E)ᵀy = x with |E| ≤ γₙ|L|, barring over- and underflow. The same
/// bits on every machine; never fused. NaN and infinity in `x` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element is zero or
/// NaN; `x` is untouched then.
///
/// # Cost
/// n² flops, n divisions, no scratch.
///
/// # Source
/// Higham 2002, Theorem 8.5.
#[doc(alias = "dtrsv")]
pub fn trsv_lower_t<T: Float>(
    machine: Machine,
    l: MatRef<'_, T>,
    x: &mut [T],
) -> Result<(), Error> {
    checked(l, x)?;
    machine.strict().run(Backward { l: l.window(), x });
    Ok(())
}

fn checked<T: Float>(l: MatRef<'_, T>, x: &[T]) -> Result<(), Error> {
    check::same_len("l.cols", l.rows(), l.cols())?;
    check::same_len("x", l.rows(), x.len())?;
    for index in 0..l.rows() {
        let pivot = l.get(index, index).unwrap_or(T::NAN);
        if pivot == T::ZERO || pivot.is_nan() {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    Ok(())
}

struct Forward<'a, T> {
    l: Window<'a, T>,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { l, x } = self;
        for k in 0..x.len() {
            let Some((done, [pivot, rest @ ..])) = x.split_at_mut_checked(k) else { return };
            let diagonal = l.get(k, k).unwrap_or(T::ONE);
            if let Some(column) = l.column(k) {
                *pivot /= diagonal;
                subtract(simd, *pivot, column.get(k + 1..).unwrap_or(&[]), rest);
            } else {
                *pivot = (*pivot - row_sum(simd, l, k, done)) / diagonal;
            }
        }
    }
}

struct Backward<'a, T> {
    l: Window<'a, T>,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { l, x } = self;
        for k in (0..x.len()).rev() {
            let Some((above, [pivot, done @ ..])) = x.split_at_mut_checked(k) else { return };
            let diagonal = l.get(k, k).unwrap_or(T::ONE);
            if let Some(row) = l.t().column(k) {
                *pivot /= diagonal;
                subtract(simd, *pivot, row.get(..k).unwrap_or(&[]), above);
            } else {
                let sum = match l.column(k) {
                    Some(column) => dot_lanes(simd, column.get(k + 1..).unwrap_or(&[]), done),
                    None => chain(l.t(), k, (k + 1, done)),
                };
                *pivot = (*pivot - sum) / diagonal;
            }
        }
    }
}

/// y ← y − factor·column
#[inline(always)]
fn subtract<T: Float, S: Simd<T>>(simd: S, factor: T, column: &[T], y: &mut [T]) {
    let factor = simd.splat(factor);
    update(simd, column, y, |l, y| simd.sub(y, simd.mul(l, factor)));
}

/// Row k of `l`, as far as `x` goes, times `x`.
#[inline(always)]
fn row_sum<T: Float, S: Simd<T>>(simd: S, l: Window<'_, T>, k: usize, x: &[T]) -> T {
    match l.t().column(k) {
        Some(row) => dot_lanes(simd, row.get(..x.len()).unwrap_or(&[]), x),
        None => chain(l, k, (0, x)),
    }
}

/// Σⱼ l(k, first + j)·xⱼ in order, for strides that suit no vector.
#[inline(always)]
fn chain<T: Float>(l: Window<'_, T>, k: usize, (first, x): (usize, &[T])) -> T {
    let mut sum = T::ZERO;
    for (j, &x) in x.iter().enumerate() {
        sum += l.get(k, first + j).unwrap_or(T::ZERO) * x;
    }
    sum
}
