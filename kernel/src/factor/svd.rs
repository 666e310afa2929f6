//! The singular value decomposition of small matrices.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite};
use crate::factor::jacobi::{SWEEPS, Sweeps, negligible};
use crate::factor::{qr_apply, qr_in_place, qr_scratch_len};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};
use crate::simd::{Machine, block, block_mut};
use crate::vector;

/// Elements of scratch that [`svd`] needs, with k the longer side and r the shorter: 2r² + r, and
/// kr + 33r + 16k more unless m = n.
#[must_use]
pub const fn svd_scratch_len(m: usize, n: usize) -> usize {
    let (long, short) = if m < n { (n, m) } else { (m, n) };
    let square = short.saturating_mul(short).saturating_mul(2).saturating_add(short);
    if long == short {
        return square;
    }
    let reflections = long.saturating_mul(short).saturating_add(short);
    square.saturating_add(reflections).saturating_add(qr_scratch_len(long, short))
}

/// A = UΣVᵀ, thin: UᵀU = VᵀV = I, Σ diagonal, its elements descending, not negative.
///
/// For small and middle sizes, and where small singular values matter. For a rank alone
/// `qr_pivoted_in_place` with `qr_rank` is several times faster, for least squares `least_squares_pivoted`; for
/// symmetric A the singular values are the sizes of `symmetric_eigen`'s.
///
/// # Shapes
/// `a`: m × n, any strides, m and n in any order; r = min(m, n). `u`: m × r, `values`: r, `v`: n × r, any strides; not
/// read. `scratch`: at least [`svd_scratch_len`] (m, n).
///
/// # Method
/// One-sided Jacobi, after A = QR if m > n; a wide matrix by its transpose. Scaled by a power of two; sweeps
/// over all pairs of columns, the longest first, until no pair is farther from orthogonal than (8 + √r)ε; 30
/// at most, hardly ever above ten. Columns of U that belong to σ = 0 are completed from unit vectors. The
/// signs of the columns are those that come.
///
/// # Accuracy
/// With γ̃ = γ₍₁₂₀ᵣ₎ of ten sweeps: ‖A − ÛΣ̂V̂ᵀ‖_F ≤ (1 + √r)γ̃·‖A‖_F, and QR's own error if m ≠ n; ‖V̂ᵀV̂ − I‖_F ≤ 2√r·γ̃,
/// ‖ÛᵀÛ − I‖_F ≤ r(8 + √r)ε and QR's (for m < n U and V change places). Small values are accurate
/// relative to themselves if A = BD with D diagonal and B of unit columns well conditioned (m < n: A = DB, unit
/// rows), whatever D is: |σ̂ᵢ − σᵢ| ≤ c·r·√r·u·σᵢ/σ_min(B), where reduction to bidiagonal form keeps only
/// |σ̂ᵢ − σᵢ| ≤ c·r·u·σ₁. Values below 2⁻⁹⁰⁰ (f64) or 2⁻⁸⁰ (f32) of σ₁ may become 0. Scaling A by 2ᵏ scales
/// `values` exactly, barring underflow; a value that exceeds the format is ∞. The same bits on every
/// strict machine and in every layout; fused machines fuse what QR fuses. A = 0 gives Σ = 0, n = 0 or m = 0
/// nothing.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` with the first row that is
/// not finite. `Error::NoConvergence`: never seen. Nothing but scratch is changed then.
///
/// # Cost
/// About 9r³ flops a sweep, five to ten sweeps, and 4mr² for m ≠ n.
///
/// # Source
/// Hestenes 1958, doi:10.1137/0106005; de Rijk 1989, doi:10.1137/0910023; Demmel, Veselić 1992,
/// doi:10.1137/0613074; Drmač, Veselić 2008, doi:10.1137/050639193.
///
/// # Example
/// ```
/// use teeter::{Machine, factor::{svd, svd_rank, svd_scratch_len}, matrix::{MatMut, MatRef}};
/// let a = MatRef::row_major(&[0.0, 2.0, 0.0, 3.0, 0.0, 0.0], 2, 3)?;
/// let (mut u, mut values, mut v) = ([0.0; 4], [0.0; 2], [0.0; 6]);
/// let mut scratch = [0.0; svd_scratch_len(2, 3)];
/// let (left, right) = (MatMut::row_major(&mut u, 2, 2)?, MatMut::row_major(&mut v, 3, 2)?);
/// svd(Machine::detect(), a, left, &mut values, right, &mut scratch)?;
/// assert_eq!((values, svd_rank(&values, 1e-9)?), ([3.0, 2.0], 2));
/// assert_eq!(u.map(f64::abs), [0.0, 1.0, 1.0, 0.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dgesvj")]
#[doc(alias = "dgesvd")]
pub fn svd<T: Float>(
    machine: Machine,
    a: MatRef<'_, T>,
    u: MatMut<'_, T>,
    values: &mut [T],
    v: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, n) = (a.rows(), a.cols());
    let r = m.min(n);
    check::same_len("u.rows", m, u.rows())?;
    check::same_len("u.cols", r, u.cols())?;
    check::same_len("values", r, values.len())?;
    check::same_len("v.rows", n, v.rows())?;
    check::same_len("v.cols", r, v.cols())?;
    check::at_least("scratch", svd_scratch_len(m, n), scratch.len())?;
    let largest = largest_finite(machine, "a", Part::Full, a)?;
    let (a, u, v) = if m < n { (a.t(), v, u) } else { (a, u, v) };
    tall(machine, (a, power_for(largest, m, n)), (u, values, v), scratch)
}

/// The power of two that makes the largest element as large as squares allow: ‖A‖_F² ≤ 2^(Emax − 2).
fn power_for<T: Float>(largest: T, m: usize, n: usize) -> i32 {
    if largest == T::ZERO {
        return 0;
    }
    // Bits of the number of elements, half of which the norm may exceed the largest by.
    let bits = usize::BITS - m.saturating_mul(n).leading_zeros();
    T::MAX.exponent() / 2 - 3 - bits.div_ceil(2) as i32 - largest.exponent()
}

/// The decomposition of 2ᵖA for m ≥ n, undone in the values.
fn tall<T: Float>(
    machine: Machine,
    (a, power): (MatRef<'_, T>, i32),
    (u, values, v): (MatMut<'_, T>, &mut [T], MatMut<'_, T>),
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, n, mut u, mut v, mut scratch) = (a.rows(), a.cols(), u, v, scratch);
    let pairs = check::take(&mut scratch, 2 * n * n)?;
    let norms = check::take(&mut scratch, n)?;
    let mut reflections = None;
    if m > n {
        let memory = check::take(&mut scratch, m * n)?;
        let tau = check::take(&mut scratch, n)?;
        for (j, column) in memory.chunks_mut(m).enumerate() {
            for (i, x) in column.iter_mut().enumerate() {
                *x = a.get(i, j).unwrap_or(T::ZERO).scale_by_power(power);
            }
        }
        qr_in_place(machine, MatMut::col_major(memory, m, n)?, tau, scratch)?;
        fill(pairs, n, |i, j| {
            if i > j { T::ZERO } else { memory.get(j * m + i).copied().unwrap_or(T::ZERO) }
        });
        reflections = Some((MatRef::col_major(memory, m, n)?, &*tau));
    } else {
        fill(pairs, n, |i, j| a.get(i, j).unwrap_or(T::ZERO).scale_by_power(power));
    }
    let sweeps = Sweeps { pairs: &mut *pairs, rows: n, lead: 2 * n, norms: &mut *norms };
    if let Some(index) = machine.strict().run(sweeps) {
        return Err(Error::NoConvergence { index, limit: SWEEPS });
    }
    let mut rank = 0;
    let mut rest = &*pairs;
    for (k, (value, &norm)) in values.iter_mut().zip(norms.iter()).enumerate() {
        let (Some(x), Some(column)) = (block(&mut rest, n), block(&mut rest, n)) else { break };
        let used = norm > negligible();
        rank += usize::from(used);
        *value = if used { norm.scale_by_power(-power) } else { T::ZERO };
        for (i, (&x, &y)) in x.iter().zip(column).enumerate() {
            let _ = u.set(i, k, if used { x / norm } else { T::ZERO });
            let _ = v.set(i, k, y);
        }
        for i in n..m {
            let _ = u.set(i, k, T::ZERO);
        }
    }
    complete(machine, u.rb_mut().sub([0, 0], [n, n])?, rank, norms);
    match reflections {
        Some((qr, tau)) => qr_apply(machine, qr, tau, u, scratch),
        None => Ok(()),
    }
}

/// The columns of X, each with its column of the identity behind it.
fn fill<T: Float>(pairs: &mut [T], n: usize, x: impl Fn(usize, usize) -> T) {
    let mut rest = pairs;
    for j in 0..n {
        let (Some(column), Some(unit)) = (block_mut(&mut rest, n), block_mut(&mut rest, n)) else {
            return;
        };
        for (i, element) in column.iter_mut().enumerate() {
            *element = x(i, j);
        }
        for (i, element) in unit.iter_mut().enumerate() {
            *element = if i == j { T::ONE } else { T::ZERO };
        }
    }
}

/// Columns from `rank` on that make U orthogonal: each the unit vector farthest from those before it,
/// twice made orthogonal to them (twice is enough: Giraud, Langou, Rozložník 2005). √(1/n) of it is left at least.
fn complete<T: Float>(machine: Machine, u: MatMut<'_, T>, rank: usize, work: &mut [T]) {
    let (n, mut u) = (u.rows(), u);
    for k in rank..n {
        for (i, x) in work.iter_mut().enumerate() {
            *x = T::ZERO;
            for j in 0..k {
                let element = u.get(i, j).unwrap_or(T::ZERO);
                *x += element * element;
            }
        }
        let mut farthest = 0;
        for (i, &x) in work.iter().enumerate() {
            if work.get(farthest).is_some_and(|&least| x < least) {
                farthest = i;
            }
        }
        for (i, x) in work.iter_mut().enumerate() {
            *x = if i == farthest { T::ONE } else { T::ZERO };
        }
        for j in (0..k).chain(0..k) {
            let mut sum = T::ZERO;
            for (i, &x) in work.iter().enumerate() {
                sum += u.get(i, j).unwrap_or(T::ZERO) * x;
            }
            for (i, x) in work.iter_mut().enumerate() {
                *x -= sum * u.get(i, j).unwrap_or(T::ZERO);
            }
        }
        let norm = vector::norm2(machine, work);
        for (i, &x) in work.iter().enumerate() {
            let _ = u.set(i, k, x / norm);
        }
    }
}

/// The rank of A up to a relative tolerance: how many singular values exceed tolerance·σ₁.
///
/// # Shapes
/// `values`: r, descending, as [`svd`] leaves them.
///
/// # Accuracy
/// Exact comparisons with one rounding in tolerance·σ₁. A tolerance of max(m, n)·ε asks for the rank to
/// working accuracy; a value below it need not be meaningless, see [`svd`]. Multiplying A by 2ᵏ changes nothing. 0 for
/// A = 0 and for r = 0.
///
/// # Errors
/// `Error::Range` if `tolerance` is not within [0, 1].
///
/// # Cost
/// r comparisons.
///
/// # Source
/// Golub, Van Loan 2013, §5.4.1.
pub fn svd_rank<T: Float>(values: &[T], tolerance: T) -> Result<usize, Error> {
    check::in_range("tolerance", tolerance, 0.0, 1.0)?;
    let threshold = tolerance * values.first().copied().unwrap_or(T::ZERO);
    Ok(values.iter().take_while(|&&value| value > threshold).count())
}
