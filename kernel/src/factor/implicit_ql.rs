//! The implicit QL iteration on a symmetric tridiagonal matrix, and what its rotations carry along.

use crate::error::Error;
use crate::float::Float;

/// Sweeps allowed for each eigenvalue; two are usual, and no input is known that needs ten.
const SWEEPS_MAX: usize = 30;

/// Sweeps after which an off-diagonal entry counts as zero below ε, the largest entry being near 1: where
/// a part of T is rounding errors of the rest, every sweep makes new ones.
const SWEEPS_RELATIVE: usize = 8;

/// Rounding units, of its neighbors on the diagonal, that an off-diagonal entry may have after a
/// sweep with an exact shift.
const ROUNDINGS_GRANTED: f64 = 8.0;

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
