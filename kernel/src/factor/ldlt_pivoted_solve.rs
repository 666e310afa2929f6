//! What PAPᵀ = LDLᵀ gives: solutions, the inertia, the determinant.

use crate::check;
use crate::error::Error;
use crate::factor::LogDeterminant;
use crate::factor::triangular::solve;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle};
use crate::simd::Machine;

/// A block of order two, [[p, q], [q, r]], scaled by q, its largest element.
pub(super) struct Block<T> {
    q: T,
    /// p/q and r/q; their product is below α² < 0.42.
    first: T,
    second: T,
    /// pr/q² − 1
    determinant: T,
}

impl<T: Float> Block<T> {
    pub(super) fn new([p, q, r]: [T; 3]) -> Self {
        let (first, second) = (p / q, r / q);
        Self { q, first, second, determinant: first * second - T::ONE }
    }

    /// Its inverse times a vector.
    #[inline(always)]
    pub(super) fn solve(&self, [x, y]: [T; 2]) -> [T; 2] {
        let (x, y) = (x / self.q, y / self.q);
        [(self.second * x - y) / self.determinant, (self.first * y - x) / self.determinant]
    }
}

/// D read from its two diagonals, block by block from row k on.
struct Blocks<'a, T> {
    ld: MatRef<'a, T>,
    off_diagonal: &'a [T],
    k: usize,
}

impl<T: Float> Iterator for Blocks<'_, T> {
    /// Where it begins, and d or (p, q, r).
    type Item = (usize, T, Option<[T; 2]>);

    fn next(&mut self) -> Option<Self::Item> {
        let k = self.k;
        let diagonal = self.ld.get(k, k)?;
        let q = self.off_diagonal.get(k).copied().unwrap_or(T::ZERO);
        let pair = (q != T::ZERO).then(|| [q, self.ld.get(k + 1, k + 1).unwrap_or(T::ZERO)]);
        self.k += if pair.is_some() { 2 } else { 1 };
        Some((k, diagonal, pair))
    }
}

fn blocks<'a, T: Float>(ld: MatRef<'a, T>, off_diagonal: &'a [T]) -> Result<Blocks<'a, T>, Error> {
    check::same_len("ld.cols", ld.rows(), ld.cols())?;
    check::same_len("off_diagonal", ld.rows().saturating_sub(1), off_diagonal.len())?;
    Ok(Blocks { ld, off_diagonal, k: 0 })
}

/// B ← A⁻¹B, from PAPᵀ = LDLᵀ.
///
/// # Shapes
/// `ld`: n × n, `off_diagonal`: n − 1 and `pivots`: n, as `ldlt_pivoted_in_place` leaves them; the part above the
/// diagonal is not read. `b`: n × p, any strides; a vector is a matrix of one column.
///
/// # Accuracy
/// Each computed column x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₁₂₈(|A| + Pᵀ|L̂||D̂||L̂ᵀ|P), barring over- and underflow.
/// Strict: the same bits on every machine and in every layout; fused machines fuse the
/// substitutions. NaN and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Range` if a pivot's row is none, `Error::Pivot` if a pivot is
/// 0 (A is singular) or NaN; `b` is untouched then.
///
/// # Cost
/// 2n²p flops.
///
/// # Source
/// Higham 2002, Theorem 11.3.
#[doc(alias = "dsytrs_rook")]
pub fn ldlt_pivoted_solve<T: Float>(
    machine: Machine,
    ld: MatRef<'_, T>,
    off_diagonal: &[T],
    pivots: &[usize],
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    let (n, mut b) = (ld.rows(), b);
    check::same_len("pivots", n, pivots.len())?;
    check::same_len("b.rows", n, b.rows())?;
    for (index, value, pair) in blocks(ld, off_diagonal)? {
        let unusable =
            if pair.is_some() { value.is_nan() } else { value == T::ZERO || value.is_nan() };
        if unusable || pair.is_some_and(|[q, r]| q.is_nan() || r.is_nan()) {
            return Err(Error::Pivot { index, value: value.to_f64() });
        }
    }
    for (k, &place) in pivots.iter().enumerate() {
        if place < k || place >= n {
            let (found, low, high) = (place as f64, k as f64, n as f64 - 1.0);
            return Err(Error::Range { argument: "pivots", found, low, high });
        }
    }
    for (k, &place) in pivots.iter().enumerate() {
        exchange_rows(&mut b, [k, place]);
    }
    solve(machine, (Triangle::Lower, Diagonal::Unit), ld, b.rb_mut())?;
    for (k, value, pair) in blocks(ld, off_diagonal)? {
        divide_rows(&mut b, k, value, pair);
    }
    solve(machine, (Triangle::Upper, Diagonal::Unit), ld.t(), b.rb_mut())?;
    for (k, &place) in pivots.iter().enumerate().rev() {
        exchange_rows(&mut b, [k, place]);
    }
    Ok(())
}

/// Exchanges two elements.
pub(super) fn swap<T: Float>(a: &mut MatMut<'_, T>, [i, j]: [usize; 2], [p, q]: [usize; 2]) {
    if let (Some(x), Some(y)) = (a.get(i, j), a.get(p, q)) {
        let _ = a.set(i, j, y);
        let _ = a.set(p, q, x);
    }
}

fn exchange_rows<T: Float>(b: &mut MatMut<'_, T>, [k, place]: [usize; 2]) {
    if k != place {
        for j in 0..b.cols() {
            swap(b, [k, j], [place, j]);
        }
    }
}

/// The rows of a block of D, through its inverse.
fn divide_rows<T: Float>(b: &mut MatMut<'_, T>, k: usize, value: T, pair: Option<[T; 2]>) {
    let block = pair.map(|[q, r]| Block::new([value, q, r]));
    for j in 0..b.cols() {
        let x = b.get(k, j).unwrap_or(T::ZERO);
        let Some(block) = &block else {
            let _ = b.set(k, j, x / value);
            continue;
        };
        let [x, y] = block.solve([x, b.get(k + 1, j).unwrap_or(T::ZERO)]);
        let _ = b.set(k, j, x);
        let _ = b.set(k + 1, j, y);
    }
}

/// How many eigenvalues of a symmetric matrix have each sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Inertia {
    /// Eigenvalues below 0.
    pub negative: usize,
    /// Eigenvalues 0.
    pub zero: usize,
    /// Eigenvalues above 0.
    pub positive: usize,
}

/// How many eigenvalues of A are negative, zero and positive, from PAPᵀ = LDLᵀ.
///
/// A saddle is told from a minimum at the cost of one factorization, without an eigenvalue. As many
/// eigenvalues lie below σ as A − σI has negative ones.
///
/// # Shapes
/// `ld`: n × n and `off_diagonal`: n − 1, as `ldlt_pivoted_in_place` leaves them; only the diagonals are read.
///
/// # Accuracy
/// Exactly that of the matrix whose factors these are (Sylvester), which is that of A if no eigenvalue of A is
/// as small as the error of the factorization. A block of order 2 counts one each: |pr| < α²q² in
/// every block that the factorization makes. The same bits on every machine.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::NotFinite` if a pivot is NaN or infinite.
///
/// # Cost
/// n comparisons.
///
/// # Source
/// Golub, Van Loan 2013, Theorem 8.1.17.
pub fn ldlt_pivoted_inertia<T: Float>(
    ld: MatRef<'_, T>,
    off_diagonal: &[T],
) -> Result<Inertia, Error> {
    let mut inertia = Inertia { negative: 0, zero: 0, positive: 0 };
    for (index, value, pair) in blocks(ld, off_diagonal)? {
        let finite = |x: T| x.is_finite();
        if !value.is_finite() || !pair.is_none_or(|pair| pair.into_iter().all(finite)) {
            return Err(Error::NotFinite { argument: "ld", index });
        }
        let pair = usize::from(pair.is_some());
        let one = 1 - pair;
        inertia.negative += pair + one * usize::from(value < T::ZERO);
        inertia.zero += one * usize::from(value == T::ZERO);
        inertia.positive += pair + one * usize::from(value > T::ZERO);
    }
    Ok(inertia)
}

/// Sign and logarithm of det A, from PAPᵀ = LDLᵀ.
///
/// # Shapes
/// `ld`: n × n and `off_diagonal`: n − 1, as `ldlt_pivoted_in_place` leaves them; only the diagonals are read.
///
/// # Accuracy
/// The sign is that of the computed factors, exactly. The logarithm is Σ log|d| in order, 2 log|q| + log(1 − pr/q²)
/// for a block of order 2, within γ₍ₙ₊₆₎(Σ|log| + 2·blocks of order 2) of theirs. The same bits on every machine. n = 0 gives 1:
/// sign 1, log 0. NaN on a diagonal propagates.
///
/// # Errors
/// `Error::Length` if a length does not fit.
///
/// # Cost
/// n logarithms.
pub fn ldlt_pivoted_log_determinant<T: Float>(
    ld: MatRef<'_, T>,
    off_diagonal: &[T],
) -> Result<LogDeterminant<T>, Error> {
    let (mut sign, mut log) = (T::ONE, T::ZERO);
    for (_, value, pair) in blocks(ld, off_diagonal)? {
        if let Some([q, r]) = pair {
            // Its determinant pr − q² is negative.
            sign = -sign;
            log += T::TWO * q.abs().ln();
            log += (-((value / q) * (r / q))).ln_1p();
            continue;
        }
        if value == T::ZERO {
            return Ok(LogDeterminant { sign: T::ZERO, log: -T::INFINITY });
        }
        if value < T::ZERO {
            sign = -sign;
        }
        log += value.abs().ln();
    }
    Ok(LogDeterminant { sign, log })
}
