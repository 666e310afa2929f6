//! The LDLᵀ factorization of any symmetric matrix, with pivots of order one and two.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite};
use crate::factor::ldlt_pivoted_solve::{Block, swap};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, add_products};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`ldlt_pivoted_in_place`] needs: 4n.
#[must_use]
pub const fn ldlt_pivoted_scratch_len(n: usize) -> usize {
    n.saturating_mul(4)
}

/// PAPᵀ = LDLᵀ for any symmetric A: D of blocks of order 1 and 2, its diagonal on that of A, its other
/// elements in `off_diagonal`; L below the diagonal of A, without its ones.
///
/// For indefinite A without known structure: saddle points, Hessians away from a minimum, their
/// inertia. Definite A: `cholesky_in_place`. Quasi-definite A, or an order that must be kept:
/// `ldlt_in_place`, which needs no exchanges and goes by blocks.
///
/// # Shapes
/// `a`: n × n, any strides; the part above the diagonal is neither read nor written. `off_diagonal`: n − 1;
/// where element k is not 0, rows k and k + 1 of D are one block. `pivots`: n; row and column k were exchanged
/// with `pivots[k]` ≥ k, for k = 0, 1, …. `scratch`: at least [`ldlt_pivoted_scratch_len`] (n).
///
/// # Method
/// Bounded Bunch–Kaufman ("rook") pivoting, α = (1 + √17)/8: a walk from column to column along largest
/// elements ends at a diagonal element no smaller than α times its column, or at an element that is the
/// largest of both its row and its column. The walk is as long as the matrix at most, and hardly ever
/// longer than three. The first of equals counts.
///
/// # Accuracy
/// |PAPᵀ − L̂D̂L̂ᵀ| ≤ γₙ₊₆₄(P|A|Pᵀ + |L̂||D̂||L̂ᵀ|) per element, barring over- and underflow. |lᵢⱼ| ≤ 1/α ≈ 1.57 beside blocks of
/// order 1, 1/(1 − α) ≈ 2.79 beside those of order 2: unlike with partial (Bunch–Kaufman) pivoting L is bounded,
/// so the factors are as large as A but for growth, at most that of complete pivoting up to a factor of n^(log n/4),
/// and hardly ever above n. Zero, singular and n = 0 have factors too: a pivot of 0 with nothing
/// below it. Scaling A by 2ᵏ scales D by 2ᵏ and leaves all else. The same bits on every machine and in
/// every layout; never fused.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit, `Error::NotFinite` with the first row that is
/// not finite: nothing is changed then. `Error::NotFinite` too if elimination overflowed.
///
/// # Cost
/// n³/3 flops as updates of rank one and two, and the walks: n²/2 comparisons at least, n³/6 at most.
///
/// # Source
/// Ashcraft, Grimes, Lewis 1998, doi:10.1137/S0895479896296921; Higham 2002, §11.1.3 and Theorem 11.3.
///
/// # Example
/// ```
/// use teeter::{Machine, factor::*, matrix::{MatMut, MatRef}};
/// let machine = Machine::detect();
/// let (mut a, mut off_diagonal, mut pivots) = ([0.0, 9.9, 2.0, 0.0], [0.0; 1], [0; 2]);
/// let (ld, scratch) = (MatMut::row_major(&mut a, 2, 2)?, &mut [0.0; 8]);
/// ldlt_pivoted_in_place(machine, ld, &mut off_diagonal, &mut pivots, scratch)?;
/// let (ld, mut x) = (MatRef::row_major(&a, 2, 2)?, [2.0, 6.0]);
/// ldlt_pivoted_solve(machine, ld, &off_diagonal, &pivots, MatMut::col_major(&mut x, 2, 1)?)?;
/// assert_eq!(x, [3.0, 1.0]);
/// let inertia = ldlt_pivoted_inertia(ld, &off_diagonal)?;
/// assert_eq!((inertia.negative, inertia.zero, inertia.positive), (1, 0, 1));
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsytrf_rook")]
#[doc(alias = "dsytrf_rk")]
pub fn ldlt_pivoted_in_place<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    off_diagonal: &mut [T],
    pivots: &mut [usize],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (n, mut a) = (a.rows(), a);
    check::same_len("a.cols", n, a.cols())?;
    check::same_len("off_diagonal", n.saturating_sub(1), off_diagonal.len())?;
    check::same_len("pivots", n, pivots.len())?;
    check::at_least("scratch", ldlt_pivoted_scratch_len(n), scratch.len())?;
    largest_finite(machine, "a", Part::Lower, a.rb())?;
    off_diagonal.fill(T::ZERO);
    let mut k = 0;
    while k < n {
        let step = match search(machine, a.rb(), k, scratch)? {
            Choice::One(row) => {
                exchange(&mut a, [k, row]);
                put(pivots, k, row);
                eliminate_one(machine, &mut a, k, scratch)?;
                1
            }
            Choice::Two(first, second) => {
                exchange(&mut a, [k, first]);
                exchange(&mut a, [k + 1, second]);
                put(pivots, k, first);
                put(pivots, k + 1, second);
                put(off_diagonal, k, a.get(k + 1, k).unwrap_or(T::ZERO));
                eliminate_two(machine, &mut a, k, scratch)?;
                2
            }
        };
        k += step;
    }
    largest_finite(machine, "a", Part::Lower, a.rb()).map(|_| ())
}

fn put<E>(list: &mut [E], index: usize, value: E) {
    if let Some(element) = list.get_mut(index) {
        *element = value;
    }
}

/// Which rows come next: one, or two that make a block.
enum Choice {
    One(usize),
    Two(usize, usize),
}

/// The walk of a rook over what is left of the matrix, from row and column k.
fn search<T: Float>(
    machine: Machine,
    a: MatRef<'_, T>,
    k: usize,
    scratch: &mut [T],
) -> Result<Choice, Error> {
    let alpha = (T::ONE + T::from_f64(17.0).sqrt()) / T::from_f64(8.0);
    let (line, _) = check::split(scratch, a.rows() - k)?;
    let (own, mut next, mut largest) = inspect(machine, a, (k, k), line)?;
    if own >= alpha * largest {
        return Ok(Choice::One(k));
    }
    let mut row = k;
    for _ in k..a.rows() {
        let (from, before) = (row, largest);
        row = next;
        let own;
        (own, next, largest) = inspect(machine, a, (k, row), line)?;
        if own >= alpha * largest {
            return Ok(Choice::One(row));
        }
        if row > k && (next == from || largest <= before) {
            return Ok(Choice::Two(from, row));
        }
    }
    // The largest grows at each step, so the walk ended before; not so if NaN came up.
    Ok(Choice::One(k))
}

/// Of row `row` of what is left from k on: |diagonal element|, where the largest other is, and |that|.
fn inspect<T: Float>(
    machine: Machine,
    a: MatRef<'_, T>,
    (k, row): (usize, usize),
    line: &mut [T],
) -> Result<(T, usize, T), Error> {
    let (before, after) = check::split(line, row - k)?;
    read(a.t(), [k, row], before);
    read(a, [row, row], after);
    let own = line.get(row - k).copied().unwrap_or(T::ZERO);
    put(line, row - k, T::ZERO);
    let at = vector::argmax_abs(machine, line)?;
    Ok((own.abs(), k + at, line.get(at).copied().unwrap_or(T::ZERO).abs()))
}

/// Exchanges rows and columns of the symmetric matrix, and rows of L, k ≤ p.
fn exchange<T: Float>(a: &mut MatMut<'_, T>, [k, p]: [usize; 2]) {
    if k == p {
        return;
    }
    exchange_columns(a.rb_mut().t(), [k, p], [0, k]);
    swap(a, [k, k], [p, p]);
    for i in k + 1..p {
        swap(a, [i, k], [p, i]);
    }
    let rows = a.rows();
    exchange_columns(a.rb_mut(), [k, p], [p + 1, rows]);
}

/// Exchanges columns k < p between two rows.
fn exchange_columns<T: Float>(a: MatMut<'_, T>, [k, p]: [usize; 2], [from, to]: [usize; 2]) {
    let Ok((mut left, mut right)) = a.split_at_col(p) else { return };
    if let (Some(x), Some(y)) = (left.column(k), right.column(0)) {
        let x = x.get_mut(from..to).unwrap_or(&mut []);
        for (x, y) in x.iter_mut().zip(y.iter_mut().skip(from)) {
            core::mem::swap(x, y);
        }
        return;
    }
    for i in from..to {
        if let (Some(x), Some(y)) = (left.get(i, k), right.get(i, 0)) {
            let _ = left.set(i, k, y);
            let _ = right.set(i, 0, x);
        }
    }
}

/// Column `j` from row `from` on, into memory.
fn read<T: Float>(a: MatRef<'_, T>, [from, j]: [usize; 2], column: &mut [T]) {
    if let Some(source) = a.column(j).and_then(|source| source.get(from..)) {
        for (x, &value) in column.iter_mut().zip(source) {
            *x = value;
        }
        return;
    }
    for (i, x) in column.iter_mut().enumerate() {
        *x = a.get(from + i, j).unwrap_or(T::ZERO);
    }
}

fn write<T: Float>(a: &mut MatMut<'_, T>, [from, j]: [usize; 2], column: &[T]) {
    if let Some(target) = a.column(j).and_then(|target| target.get_mut(from..)) {
        for (x, &value) in target.iter_mut().zip(column) {
            *x = value;
        }
        return;
    }
    for (i, &x) in column.iter().enumerate() {
        let _ = a.set(from + i, j, x);
    }
}

/// l = c/d; what is left loses clᵀ.
fn eliminate_one<T: Float>(
    machine: Machine,
    a: &mut MatMut<'_, T>,
    k: usize,
    scratch: &mut [T],
) -> Result<(), Error> {
    let (d, rest) = (a.get(k, k).unwrap_or(T::ZERO), a.rows() - k - 1);
    if d == T::ZERO {
        // The column is zero: d was no smaller than α times its largest element.
        return Ok(());
    }
    let (c, l) = check::split(scratch, rest)?;
    let (l, _) = check::split(l, rest)?;
    read(a.rb(), [k + 1, k], c);
    for (l, &c) in l.iter_mut().zip(c.iter()) {
        *l = c / d;
    }
    write(a, [k + 1, k], l);
    let left = a.rb_mut().sub([k + 1, k + 1], [rest, rest])?;
    add_products(machine, -T::ONE, &[[c, l]], left);
    Ok(())
}

/// p, q and r of the block [[p, q], [q, r]] at k.
fn diagonal_block<T: Float>(a: MatRef<'_, T>, k: usize) -> [T; 3] {
    let [p, q, r] = [a.get(k, k), a.get(k + 1, k), a.get(k + 1, k + 1)];
    [p.unwrap_or(T::ONE), q.unwrap_or(T::ONE), r.unwrap_or(T::ONE)]
}

/// [l₁ l₂] = [c₁ c₂]D⁻¹; what is left loses c₁l₁ᵀ + c₂l₂ᵀ.
fn eliminate_two<T: Float>(
    machine: Machine,
    a: &mut MatMut<'_, T>,
    k: usize,
    scratch: &mut [T],
) -> Result<(), Error> {
    let rest = a.rows() - k - 2;
    let block = Block::new(diagonal_block(a.rb(), k));
    let mut scratch = scratch;
    let [c1, c2, l1, l2] = [
        check::take(&mut scratch, rest)?,
        check::take(&mut scratch, rest)?,
        check::take(&mut scratch, rest)?,
        check::take(&mut scratch, rest)?,
    ];
    read(a.rb(), [k + 2, k], c1);
    read(a.rb(), [k + 2, k + 1], c2);
    for ((l1, l2), (&c1, &c2)) in l1.iter_mut().zip(l2.iter_mut()).zip(c1.iter().zip(c2.iter())) {
        [*l1, *l2] = block.solve([c1, c2]);
    }
    write(a, [k + 2, k], l1);
    write(a, [k + 2, k + 1], l2);
    let _ = a.set(k + 1, k, T::ZERO);
    let left = a.rb_mut().sub([k + 2, k + 2], [rest, rest])?;
    add_products(machine, -T::ONE, &[[c1, l1], [c2, l2]], left);
    Ok(())
}
