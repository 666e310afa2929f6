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

/// Sweeps after which an off-diagonal entry counts as zero below ε, the largest entry being near 1: where
/// a part of T is rounding errors of the rest, every sweep makes new ones.
const SWEEPS_RELATIVE: usize = 8;

/// Rounding units, of its neighbors on the diagonal, that an off-diagonal entry may have after a
/// sweep with an exact shift.
const ROUNDINGS_GRANTED: f64 = 8.0;

/// The eigenvalues of the symmetric tridiagonal T, in ascending order.
///
/// # Shapes
/// `diagonal`: n; becomes the eigenvalues. `off_diagonal`: n − 1; destroyed.
///
/// # Method
/// T is scaled by a power of two so that its largest entry is near 1, which loses nothing;
/// then implicit QL with Wilkinson's shift, at most 30 sweeps an eigenvalue. An off-diagonal
/// entry counts as zero below ε(|dᵢ| + |dᵢ₊₁|), or below the root of the smallest normal number; from the
/// ninth sweep for one value on below ε. The last two by two of a value may keep 8ε(|dᵢ| + |dᵢ₊₁|).
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
pub(super) trait Companion<T> {
    /// A sweep begins: rotations of `from` − 1, `from` − 2, …, at most `len`.
    fn begin(&mut self, from: usize, len: usize) {
        let _ = (from, len);
    }
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
    let outcome = isolate_all((d, e), &[], companion);
    for x in d.iter_mut() {
        *x = x.scale_by_power(power);
    }
    outcome?;
    sort(d, companion);
    Ok(())
}

/// The values of a T whose largest entry is near 1, in the order in which they come out.
///
/// `shifts`: what they will be, within rounding, in that order, or nothing. One sweep with a value as
/// its shift leaves an off-diagonal entry of a few rounding errors (Greenbaum, Dongarra 1989,
/// *Experiments with QR/QL methods for the symmetric tridiagonal eigenproblem*): that many are
/// granted it, or most would take a second sweep for nothing.
pub(super) fn isolate_all<T: Float>(
    (d, e): (&mut [T], &mut [T]),
    shifts: &[T],
    companion: &mut impl Companion<T>,
) -> Result<(), Error> {
    let rounding = Negligible { relative: T::EPSILON, floor: T::MIN_POSITIVE.sqrt() };
    let exact = Negligible { relative: T::from_f64(ROUNDINGS_GRANTED) * T::EPSILON, ..rounding };
    for l in 0..d.len() {
        let mut sweeps = 0;
        let usual = if shifts.is_empty() { rounding } else { exact };
        let mut m = usual.first(d, e, l);
        while m > l {
            if sweeps == SWEEPS_MAX {
                return Err(Error::NoConvergence { index: l, limit: SWEEPS_MAX });
            }
            let start = match shifts.get(l) {
                Some(&shift) if sweeps == 0 => at(d, m) - shift,
                _ => less_wilkinson(d, e, (l, m)),
            };
            sweeps += 1;
            // Of two by two, Wilkinson's shift is a value.
            let mut limit = if m == l + 1 { exact } else { usual };
            if sweeps > SWEEPS_RELATIVE {
                limit.floor = T::EPSILON;
            }
            m = sweep((d, e), (l, m), (start, limit), companion);
        }
    }
    Ok(())
}

/// When an off-diagonal entry counts as zero.
#[derive(Clone, Copy)]
struct Negligible<T> {
    /// Beside the sum of its neighbors on the diagonal.
    relative: T,
    /// Whatever they are.
    floor: T,
}

impl<T: Float> Negligible<T> {
    #[inline(always)]
    fn is(self, e: T, a: T, b: T) -> bool {
        e.abs() <= self.relative * (a.abs() + b.abs()) || e.abs() <= self.floor
    }

    /// The first i from l on whose off-diagonal entry counts as zero; n − 1 if none does.
    fn first(self, d: &[T], e: &[T], l: usize) -> usize {
        let (d, e) = (d.get(l..).unwrap_or(&[]), e.get(l..).unwrap_or(&[]));
        let neighbors = d.iter().zip(d.iter().skip(1));
        let found = e.iter().zip(neighbors).position(|(&e, (&a, &b))| self.is(e, a, b));
        l + found.unwrap_or(e.len())
    }
}

/// dₘ less Wilkinson's shift: the eigenvalue nearer to d(l) of the leading two by two.
fn less_wilkinson<T: Float>(d: &[T], e: &[T], (l, m): (usize, usize)) -> T {
    // e(l) is not negligible here, so its square is a normal number.
    let square = at(e, l) * at(e, l);
    let half = T::HALF * (at(d, l + 1) - at(d, l));
    let root = (half * half + square).sqrt();
    at(d, m) - at(d, l) + square / (half + root.copysign(half))
}

#[inline(always)]
fn at<T: Float>(x: &[T], i: usize) -> T {
    x.get(i).copied().unwrap_or(T::ZERO)
}

#[inline(always)]
fn put<T: Float>(x: &mut [T], i: usize, value: T) {
    if let Some(x) = x.get_mut(i) {
        *x = value;
    }
}

/// One QL sweep from m down to l, from dₘ less the shift; returns the first entry that counts as zero.
///
/// A step waits for the one before, so what it waits for is short: 1/r is √x·(1/x) of x = f² + g²,
/// root and reciprocal at once, and q, which is needed times s and times c, is left over r.
fn sweep<T: Float>(
    (d, e): (&mut [T], &mut [T]),
    (l, m): (usize, usize),
    (start, limit): (T, Negligible<T>),
    companion: &mut impl Companion<T>,
) -> usize {
    companion.begin(m, m - l);
    let mut g = start;
    let (mut f, mut p) = (at(e, m - 1), T::ZERO);
    let mut b = f;
    let (mut split, mut below) = (m, T::ZERO);
    for i in (l..m).rev() {
        let x = f * f + g * g;
        let corner = at(d, i + 1) - p;
        let next = if i > l { at(e, i - 1) } else { T::ZERO };
        let (c, s, r);
        if x >= T::LIMITS.square_sum_low {
            let (root, reciprocal) = (x.sqrt(), T::ONE / x);
            let inverse = root * reciprocal;
            let quotient = ((at(d, i) - corner) * f + T::TWO * (g * b)) * reciprocal;
            (c, s, r) = (g * inverse, f * inverse, root);
            p = f * quotient;
            // Not (f·next)/r, which is ready sooner: where T is graded, f is as small as e², the
            // product vanishes, and the sweep changes nothing.
            (f, b, g) = (s * next, c * next, g * quotient - b);
        } else {
            (c, s, r) = turn(f, g);
            if r == T::ZERO {
                // The matrix has split below: what is left of this sweep is void.
                put(d, i + 1, corner);
                put(e, i + 1, T::ZERO);
                put(e, m, T::ZERO);
                return limit.first(d, e, l);
            }
            let q = (at(d, i) - corner) * s + T::TWO * (c * b);
            p = s * q;
            (f, b, g) = (s * next, c * next, c * q - b);
        }
        companion.rotate(i, c, s);
        let value = corner + p;
        put(d, i + 1, value);
        if i + 1 < m {
            put(e, i + 1, r);
            if limit.is(r, value, below) {
                split = i + 1;
            }
        }
        below = value;
    }
    let value = at(d, l) - p;
    put(d, l, value);
    put(e, l, g);
    put(e, m, T::ZERO);
    if limit.is(g, value, below) { l } else { split }
}

/// (c, s, r) with (g, f) = r(c, s), from numbers whose squares may vanish; r = 0 if both are 0.
#[cold]
fn turn<T: Float>(f: T, g: T) -> (T, T, T) {
    let largest = f.abs().max_of(g.abs());
    if largest == T::ZERO {
        return (T::ONE, T::ZERO, T::ZERO);
    }
    let power = largest.exponent();
    let (f, g) = (f.scale_by_power(-power), g.scale_by_power(-power));
    let r = (f * f + g * g).sqrt();
    (g / r, f / r, r.scale_by_power(power))
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
