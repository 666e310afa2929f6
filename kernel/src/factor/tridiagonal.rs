//! Eigenvalues of a symmetric tridiagonal matrix, and as much of its vectors as is needed.
//!
//! Implicit QL: each sweep chases a bulge with rotations; what the rotations are applied to
//! (nothing, one or two rows of the vectors, all of them) is the [`Companion`].

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatMut;

/// Sweeps allowed for each eigenvalue; two are usual, and no input is known that needs ten.
const SWEEPS_MAX: usize = 30;

/// Sweeps after which an off-diagonal entry below ε·‖T‖, not only one below ε of its neighbors, counts as
/// zero. Backward stable all the same; where the large values stand first, as in a matrix of rank one
/// reduced from its first column, rounding at the size of ‖T‖ keeps small neighbors from ever settling.
const SWEEPS_RELATIVE: usize = 15;

/// The eigenvalues of the symmetric tridiagonal T, in ascending order.
///
/// # Shapes
/// `diagonal`: n; becomes the eigenvalues. `off_diagonal`: n − 1; destroyed.
///
/// # Method
/// T is scaled by a power of two so that its largest entry is near 1, which loses nothing;
/// then implicit QL with Wilkinson's shift, at most 30 sweeps an eigenvalue. An off-diagonal
/// entry counts as zero below ε(|dᵢ| + |dᵢ₊₁|), or below the root of the smallest normal number, or, after
/// 15 sweeps for one value, below ε‖T‖.
///
/// # Accuracy
/// Backward stable: the values are those of T + E with ‖E‖₂ ≤ c·n·u·‖T‖₂; the tests hold c = 10.
/// The same bits on every machine. Exact under scaling by powers of two.
///
/// # Errors
/// `Error::Length` if the lengths do not fit, `Error::NotFinite` if an entry is not finite:
/// nothing is changed then. `Error::NoConvergence` after 30n sweeps; never seen.
///
/// # Cost
/// About 2 sweeps of 14 flops and a root per remaining entry, for each eigenvalue: O(n²).
///
/// # Source
/// Parlett 1998, *The Symmetric Eigenvalue Problem*, §8.
#[doc(alias = "dsterf")]
pub fn tridiagonal_values<T: Float>(
    diagonal: &mut [T],
    off_diagonal: &mut [T],
) -> Result<(), Error> {
    implicit_ql(diagonal, off_diagonal, &mut ())
}

/// The eigenvalues of T and the first component of each unit eigenvector.
///
/// The squares of `first` are the weights of the Gauss quadrature whose nodes are the
/// eigenvalues: Σ firstᵢ² = 1.
///
/// # Shapes
/// `diagonal`, `first`: n; become the eigenvalues, ascending, and the components.
/// `off_diagonal`: n − 1; destroyed.
///
/// # Method
/// That of [`tridiagonal_values`], with the rotations applied to the first row.
///
/// # Accuracy
/// Values as in [`tridiagonal_values`]; components those of a set of orthonormal vectors within
/// 10·n·u. The sign of each is arbitrary but the same on every machine.
///
/// # Errors
/// As [`tridiagonal_values`].
///
/// # Cost
/// O(n²), 6 flops more per rotation.
///
/// # Source
/// Golub, Welsch 1969, doi:10.1090/S0025-5718-69-99647-1.
pub fn tridiagonal_first_components<T: Float>(
    diagonal: &mut [T],
    off_diagonal: &mut [T],
    first: &mut [T],
) -> Result<(), Error> {
    check::same_len("first", diagonal.len(), first.len())?;
    check_finite(diagonal, off_diagonal)?;
    for (i, component) in first.iter_mut().enumerate() {
        *component = if i == 0 { T::ONE } else { T::ZERO };
    }
    implicit_ql(diagonal, off_diagonal, &mut Row(first))
}

/// Values, first and last components: what Ritz values, weights and residuals need.
pub(crate) fn tridiagonal_rows<T: Float>(
    diagonal: &mut [T],
    off_diagonal: &mut [T],
    first: &mut [T],
    last: &mut [T],
) -> Result<(), Error> {
    check::same_len("first", diagonal.len(), first.len())?;
    check::same_len("last", diagonal.len(), last.len())?;
    first.fill(T::ZERO);
    last.fill(T::ZERO);
    if let ([first, ..], [.., last]) = (&mut *first, &mut *last) {
        (*first, *last) = (T::ONE, T::ONE);
    }
    implicit_ql(diagonal, off_diagonal, &mut (Row(first), Row(last)))
}

/// The eigenvalues of T and its eigenvectors: V ← VS, T = SΛSᵀ.
///
/// # Shapes
/// `diagonal`: n; becomes the eigenvalues, ascending. `off_diagonal`: n − 1; destroyed.
/// `vectors`: m × n; its columns are rotated along. Pass the identity for the eigenvectors of
/// T, or Q of A = QTQᵀ for those of A.
///
/// # Method
/// That of [`tridiagonal_values`].
///
/// # Accuracy
/// Values as in [`tridiagonal_values`]; ‖SᵀS − I‖₂ ≤ 10·n·u. The same bits on every machine.
///
/// # Errors
/// As [`tridiagonal_values`]; `vectors` is untouched if nothing else changed.
///
/// # Cost
/// About 3mn² multiply-adds.
///
/// # Source
/// Parlett 1998, §8.
#[doc(alias = "dsteqr")]
pub fn tridiagonal_vectors<T: Float>(
    diagonal: &mut [T],
    off_diagonal: &mut [T],
    vectors: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("vectors.cols", diagonal.len(), vectors.cols())?;
    implicit_ql(diagonal, off_diagonal, &mut Columns(vectors))
}

/// What the rotations are applied to: column i and column i + 1 of something.
trait Companion<T> {
    /// (zᵢ, zᵢ₊₁) ← (c·zᵢ − s·zᵢ₊₁, s·zᵢ + c·zᵢ₊₁)
    fn rotate(&mut self, i: usize, c: T, s: T);
    /// zᵢ ↔ zⱼ
    fn swap(&mut self, i: usize, j: usize);
}

impl<T: Float> Companion<T> for () {
    fn rotate(&mut self, _: usize, _: T, _: T) {}
    fn swap(&mut self, _: usize, _: usize) {}
}

struct Row<'a, T>(&'a mut [T]);

impl<T: Float> Companion<T> for Row<'_, T> {
    #[inline]
    fn rotate(&mut self, i: usize, c: T, s: T) {
        if let Some([z0, z1]) = self.0.get_mut(i..).and_then(|z| z.first_chunk_mut()) {
            (*z0, *z1) = (c * *z0 - s * *z1, s * *z0 + c * *z1);
        }
    }
    #[inline]
    fn swap(&mut self, i: usize, j: usize) {
        swap(self.0, i, j);
    }
}

impl<T, A: Companion<T>, B: Companion<T>> Companion<T> for (A, B)
where
    T: Float,
{
    #[inline]
    fn rotate(&mut self, i: usize, c: T, s: T) {
        self.0.rotate(i, c, s);
        self.1.rotate(i, c, s);
    }
    #[inline]
    fn swap(&mut self, i: usize, j: usize) {
        self.0.swap(i, j);
        self.1.swap(i, j);
    }
}

struct Columns<'a, T>(MatMut<'a, T>);

impl<T: Float> Columns<'_, T> {
    /// f on the pairs of columns i < j, element by element.
    #[inline]
    fn pairs(&mut self, i: usize, j: usize, f: impl Fn(T, T) -> (T, T)) {
        let rows = self.0.rows();
        let Ok((mut left, mut right)) = self.0.rb_mut().split_at_col(j) else { return };
        if let (Some(a), Some(b)) = (left.column(i), right.column(0)) {
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = f(*a, *b);
            }
            return;
        }
        for row in 0..rows {
            if let (Some(a), Some(b)) = (left.get(row, i), right.get(row, 0)) {
                let (a, b) = f(a, b);
                let _ = left.set(row, i, a);
                let _ = right.set(row, 0, b);
            }
        }
    }
}

impl<T: Float> Companion<T> for Columns<'_, T> {
    #[inline]
    fn rotate(&mut self, i: usize, c: T, s: T) {
        self.pairs(i, i + 1, |a, b| (c * a - s * b, s * a + c * b));
    }
    #[inline]
    fn swap(&mut self, i: usize, j: usize) {
        if i != j {
            self.pairs(i.min(j), i.max(j), |a, b| (b, a));
        }
    }
}

fn swap<T: Float>(x: &mut [T], i: usize, j: usize) {
    if i < x.len() && j < x.len() {
        x.swap(i, j);
    }
}

fn check_finite<T: Float>(diagonal: &[T], off_diagonal: &[T]) -> Result<(), Error> {
    check::same_len("off_diagonal", diagonal.len().saturating_sub(1), off_diagonal.len())?;
    check::finite("diagonal", diagonal)?;
    check::finite("off_diagonal", off_diagonal)
}

fn implicit_ql<T: Float>(
    d: &mut [T],
    e: &mut [T],
    companion: &mut impl Companion<T>,
) -> Result<(), Error> {
    check_finite(d, e)?;
    let largest = d.iter().chain(e.iter()).fold(T::ZERO, |m, x| m.max_of(x.abs()));
    if largest == T::ZERO {
        return Ok(());
    }
    let power = largest.exponent();
    for x in d.iter_mut().chain(e.iter_mut()) {
        *x = x.scale_by_power(-power);
    }
    let outcome = isolate_all(d, e, companion);
    for x in d.iter_mut() {
        *x = x.scale_by_power(power);
    }
    outcome?;
    sort(d, companion);
    Ok(())
}

fn isolate_all<T: Float>(
    d: &mut [T],
    e: &mut [T],
    companion: &mut impl Companion<T>,
) -> Result<(), Error> {
    for l in 0..d.len() {
        let mut sweeps = 0;
        loop {
            // The largest entry is near 1.
            let floor = if sweeps < SWEEPS_RELATIVE { T::MIN_POSITIVE.sqrt() } else { T::EPSILON };
            let (rest, off) = (d.get(l..).unwrap_or(&[]), e.get(l..).unwrap_or(&[]));
            let m = l + unreduced_len(rest, off, floor);
            if m == l {
                break;
            }
            if sweeps == SWEEPS_MAX {
                return Err(Error::NoConvergence { index: l, limit: SWEEPS_MAX });
            }
            sweeps += 1;
            sweep(d, e, (l, m), companion);
        }
    }
    Ok(())
}

/// How many off-diagonal entries, from the first on, do not count as zero.
fn unreduced_len<T: Float>(d: &[T], e: &[T], floor: T) -> usize {
    let neighbors = d.iter().zip(d.iter().skip(1));
    e.iter()
        .zip(neighbors)
        .position(|(e, (a, b))| e.abs() <= T::EPSILON * (a.abs() + b.abs()) || e.abs() <= floor)
        .unwrap_or(e.len())
}

/// One QL sweep from m down to l, with Wilkinson's shift.
fn sweep<T: Float>(
    d: &mut [T],
    e: &mut [T],
    (l, m): (usize, usize),
    companion: &mut impl Companion<T>,
) {
    let at = |x: &[T], i: usize| x.get(i).copied().unwrap_or(T::ZERO);
    let put = |x: &mut [T], i: usize, value: T| {
        if let Some(x) = x.get_mut(i) {
            *x = value;
        }
    };
    // e(l) is not negligible here, so the quotient is at most 1/ε in size.
    let ratio = (at(d, l + 1) - at(d, l)) / (T::TWO * at(e, l));
    let root = (ratio * ratio + T::ONE).sqrt();
    let mut g = at(d, m) - at(d, l) + at(e, l) / (ratio + root.copysign(ratio));
    let (mut s, mut c, mut p) = (T::ONE, T::ONE, T::ZERO);
    for i in (l..m).rev() {
        let (f, b) = (s * at(e, i), c * at(e, i));
        let r = (f * f + g * g).sqrt();
        put(e, i + 1, r);
        if r == T::ZERO {
            // The matrix has split below: what is left of this sweep is void.
            put(d, i + 1, at(d, i + 1) - p);
            put(e, m, T::ZERO);
            return;
        }
        (s, c) = (f / r, g / r);
        g = at(d, i + 1) - p;
        let q = (at(d, i) - g) * s + T::TWO * c * b;
        p = s * q;
        put(d, i + 1, g + p);
        g = c * q - b;
        companion.rotate(i, c, s);
    }
    put(d, l, at(d, l) - p);
    put(e, l, g);
    put(e, m, T::ZERO);
}

/// Ascending, by selection: n swaps at most, and they carry the companion along.
fn sort<T: Float>(d: &mut [T], companion: &mut impl Companion<T>) {
    for i in 0..d.len() {
        let mut smallest = i;
        let mut value = d.get(i).copied().unwrap_or(T::ZERO);
        for (j, &x) in d.iter().enumerate().skip(i + 1) {
            if x < value {
                (smallest, value) = (j, x);
            }
        }
        if smallest != i {
            swap(d, i, smallest);
            companion.swap(i, smallest);
        }
    }
}
