//! Levels 2 and 3 with one triangle stored: symv, syr, syr2, syrk, syr2k, symm.

use teeter::matrix::{Side, Triangle};
use teeter::{Error, Float};

use super::matrix::differing;
use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::laid::{LAYOUTS, Laid};
use crate::input::{Source, vector};
use crate::oracle::exact::{self, from};
use crate::oracle::strict;
use crate::subject::Subject;

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        symv_stays_within_its_bound(subject),
        symmetric_vector_updates_have_the_bits_of_the_definition(subject),
        symmetric_updates_have_the_bits_of_the_definition(subject),
        symmetric_updates_stay_within_their_bound(subject),
        symm_has_the_bits_of_the_definition(subject),
        symm_stays_within_its_bound(subject),
    ]
}

/// Both, for every sweep.
pub const TRIANGLES: [Triangle; 2] = [Triangle::Lower, Triangle::Upper];

/// Whether a triangle lacks element (i, j).
#[must_use]
pub fn lacks(triangle: Triangle, i: usize, j: usize) -> bool {
    match triangle {
        Triangle::Lower => i < j,
        Triangle::Upper => i > j,
    }
}

/// Both sides an operand may stand on.
pub const SIDES: [Side<()>; 2] = [Side::Left(()), Side::Right(())];

/// Every triangle in every layout.
pub fn everywhere() -> impl Iterator<Item = (Triangle, usize)> {
    TRIANGLES.into_iter().flat_map(|triangle| (0..LAYOUTS).map(move |layout| (triangle, layout)))
}

/// n and the inner dimension, on both sides of the blocks.
const SHAPES: [[usize; 2]; 7] = [[1, 1], [2, 5], [7, 3], [16, 9], [17, 20], [33, 4], [40, 17]];

/// An n × n symmetric matrix, row after row.
fn symmetric<T: Float>(n: usize, spread: i64, source: &mut Source) -> Vec<T> {
    let full: Vec<T> = vector::graded(n * n, spread, source);
    (0..n * n).map(|e| full[(e / n).max(e % n) * n + (e / n).min(e % n)]).collect()
}

/// Element (i, j) and its mirror image belong to the row and column of the lower triangle.
fn ordered(i: usize, j: usize) -> (usize, usize) {
    (i.max(j), i.min(j))
}

/// symv from either triangle in every layout, each element against exact rationals.
#[must_use]
pub fn symv_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x5E7);
    let (alpha, beta) = (T::from_f64(-1.1), T::from_f64(0.7));
    for [n, _] in SHAPES {
        let a: Vec<T> = symmetric(n, 20, source);
        let x: Vec<T> = vector::graded(n, 20, source);
        let old: Vec<T> = vector::graded(n, 20, source);
        for (triangle, layout) in everywhere() {
            let laid = Laid::new(&a, [n, n], layout).hide(|i, j| lacks(triangle, i, j));
            let mut y = old.clone();
            let view = laid.view().symmetric(triangle);
            let done = subject.symv((alpha, beta), view, &x, &mut y);
            for i in 0..n {
                let (product, magnitude) = exact::dot(&a[i * n..(i + 1) * n], &x);
                let start = from(beta) * from(old[i]);
                let size = exact::abs(&start) + from(alpha.abs()) * magnitude;
                let largest = a.iter().fold(T::TWO, |x, y| x.max_of(y.abs()));
                let allowed = bound::triangular::symv::<T>(n, &size, largest);
                let computed = if done.is_ok() { y[i] } else { T::NAN };
                worst.see(computed, &(start + from(alpha) * product), &allowed);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "symv stays within its bound")
}

/// Counts elements of one triangle that differ from the definition, and of the other that are
/// not what they were.
fn judge<T: Float>(
    found: &Laid<T>,
    triangle: Triangle,
    n: usize,
    defined: impl Fn(usize, usize) -> T,
) -> usize {
    let broken = |(e, value): (usize, &T)| {
        let (i, j) = (e / n, e % n);
        if lacks(triangle, i, j) {
            !value.is_nan()
        } else {
            let (row, col) = ordered(i, j);
            value.to_bits_u64() != defined(row, col).to_bits_u64()
        }
    };
    found.values().iter().enumerate().filter(|&pair| broken(pair)).count()
}

/// syr is fl(a + fl(xᵢ·fl(αxⱼ))), syr2 two such sums, in either triangle and every layout.
#[must_use]
pub fn symmetric_vector_updates_have_the_bits_of_the_definition<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0x5E2);
    let alpha = T::from_f64(1.3);
    for [n, _] in SHAPES {
        let x: Vec<T> = vector::graded(n, 5, source);
        let y: Vec<T> = vector::graded(n, 5, source);
        let old: Vec<T> = symmetric(n, 5, source);
        for (triangle, layout) in everywhere() {
            let laid = Laid::new(&old, [n, n], layout).hide(|i, j| lacks(triangle, i, j));
            let (mut one, mut two) = (laid.clone(), laid);
            let done = [
                subject.syr(alpha, &x, one.view_mut().symmetric(triangle)),
                subject.syr2(alpha, &x, &y, two.view_mut().symmetric(triangle)),
            ];
            broken += done.iter().filter(|done| done.is_err()).count();
            broken += judge(&one, triangle, n, |i, j| old[i * n + j] + x[i] * (alpha * x[j]));
            broken += judge(&two, triangle, n, |i, j| {
                (old[i * n + j] + x[i] * (alpha * y[j])) + y[i] * (alpha * x[j])
            });
            cases += 2 * n * n;
        }
    }
    let context = Context::of("matrix", subject);
    Measured::exact(context, "syr and syr2 round as written", broken, cases)
}

/// The operands of an update: a, b: n × k and the old C.
struct Update<T> {
    a: Vec<T>,
    b: Vec<T>,
    old: Vec<T>,
    factors: (T, T),
    shape: [usize; 2],
}

impl<T: Float> Update<T> {
    fn new([n, k]: [usize; 2], spread: i64, source: &mut Source) -> Self {
        Self {
            a: vector::graded(n * k, spread, source),
            b: vector::graded(n * k, spread, source),
            old: symmetric(n, spread, source),
            factors: (T::from_f64(1.7), T::from_f64(-0.3)),
            shape: [n, k],
        }
    }

    /// syrk and syr2k into one triangle in one layout.
    fn run(
        &self,
        subject: &dyn Subject<T>,
        triangle: Triangle,
        layout: usize,
    ) -> (Result<(), Error>, [Laid<T>; 2]) {
        let n = self.shape[0];
        let old = Laid::new(&self.old, [n, n], layout).hide(|i, j| lacks(triangle, i, j));
        let a = Laid::new(&self.a, self.shape, (layout + 1) % LAYOUTS);
        let b = Laid::new(&self.b, self.shape, (layout + 3) % LAYOUTS);
        let (mut one, mut two) = (old.clone(), old);
        let done = subject
            .syrk(self.factors, a.view(), one.view_mut().symmetric(triangle))
            .and_then(|()| {
                let target = two.view_mut().symmetric(triangle);
                subject.syr2k(self.factors, a.view(), b.view(), target)
            });
        (done, [one, two])
    }
}

/// syrk and syr2k equal their chains as written, fused where the machine is.
#[must_use]
pub fn symmetric_updates_have_the_bits_of_the_definition<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0x5B175);
    let rounding = strict::multiply_add::<T>(subject.machine());
    for [n, k] in SHAPES {
        let update = Update::<T>::new([n, k], 5, source);
        let (Update { a, b, old, .. }, (alpha, beta)) = (&update, update.factors);
        let product = |start: T, u: &[T], v: &[T], (i, j): (usize, usize)| {
            strict::chain(start, k, |p| (u[i * k + p], alpha * v[j * k + p]), rounding)
        };
        for (triangle, layout) in everywhere() {
            let (done, [one, two]) = update.run(subject, triangle, layout);
            broken += usize::from(done.is_err());
            let start = |i: usize, j: usize| beta * old[i * n + j];
            broken += judge(&one, triangle, n, |i, j| product(start(i, j), a, a, (i, j)));
            broken += judge(&two, triangle, n, |i, j| {
                product(product(start(i, j), a, b, (i, j)), b, a, (i, j))
            });
            cases += 2 * n * n;
        }
    }
    let context = Context::of("matrix", subject);
    Measured::exact(context, "syrk and syr2k have the bits of the definition", broken, cases)
}

/// |Ĉ − C| ≤ γ₍ₖ₊₂₎(|α||A||Aᵀ| + |β||C|), and 2k for syr2k, against exact rationals.
#[must_use]
pub fn symmetric_updates_stay_within_their_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x5B);
    for [n, k] in SHAPES {
        let update = Update::<T>::new([n, k], 20, source);
        let (Update { a, b, old, .. }, (alpha, beta)) = (&update, update.factors);
        let largest = a.iter().chain(b).fold(T::ONE, |x, y| x.max_of(y.abs()));
        for triangle in TRIANGLES {
            let (done, [one, two]) = update.run(subject, triangle, n % LAYOUTS);
            let (one, two) = (one.values(), two.values());
            for e in (0..n * n).filter(|e| !lacks(triangle, e / n, e % n)) {
                let row = |of: &[T], i: usize| of[i * k..(i + 1) * k].to_vec();
                let (i, j) = (e / n, e % n);
                let start = from(beta) * from(old[e]);
                let mut see = |found: T, u: Vec<T>, v: Vec<T>| {
                    let (product, magnitude) = exact::dot(&u, &v);
                    let size = exact::abs(&start) + from(alpha.abs()) * magnitude;
                    let allowed = bound::chain::<T>(u.len(), &size, &from(largest));
                    let computed = if done.is_ok() { found } else { T::NAN };
                    worst.see(computed, &(&start + from(alpha) * product), &allowed);
                };
                see(one[e], row(a, i), row(a, j));
                see(two[e], [row(a, i), row(b, i)].concat(), [row(b, j), row(a, j)].concat());
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "syrk and syr2k stay within their bound")
}

/// The operands of symm: A n × n, B and the old C of `shape`.
struct Product<T> {
    side: Side<()>,
    a: Vec<T>,
    b: Vec<T>,
    old: Vec<T>,
    factors: (T, T),
    shape: [usize; 2],
}

impl<T: Float> Product<T> {
    fn new([n, m]: [usize; 2], side: Side<()>, spread: i64, source: &mut Source) -> Self {
        Self {
            side,
            a: symmetric(n, spread, source),
            b: vector::graded(n * m, spread, source),
            old: vector::graded(n * m, spread, source),
            factors: (T::from_f64(1.7), T::from_f64(-0.3)),
            shape: if side == Side::Left(()) { [n, m] } else { [m, n] },
        }
    }

    fn run(&self, subject: &dyn Subject<T>, triangle: Triangle, layout: usize) -> Option<Vec<T>> {
        let n = self.a.len().isqrt();
        let hidden = |i: usize, j: usize| lacks(triangle, i, j);
        let a = Laid::new(&self.a, [n, n], layout).hide(hidden);
        let b = Laid::new(&self.b, self.shape, (layout + 2) % LAYOUTS);
        let mut c = Laid::new(&self.old, self.shape, (layout + n) % LAYOUTS);
        let a = a.view().symmetric(triangle);
        let a = if self.side == Side::Left(()) { Side::Left(a) } else { Side::Right(a) };
        subject.symm(self.factors, a, b.view(), c.view_mut()).ok()?;
        Some(c.values())
    }

    /// What element (i, j) sums the products of: aᵢₚ and bₚⱼ, or aₚⱼ and bᵢₚ.
    fn terms(&self, i: usize, j: usize) -> Vec<(T, T)> {
        let (n, cols) = (self.a.len().isqrt(), self.shape[1]);
        let term = |p: usize| match self.side {
            Side::Left(()) => (self.a[i * n + p], self.b[p * cols + j]),
            Side::Right(()) => (self.a[p * n + j], self.b[i * cols + p]),
        };
        (0..n).map(term).collect()
    }
}

/// symm equals the chain as written, fused where the machine is, on both sides.
#[must_use]
pub fn symm_has_the_bits_of_the_definition<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0x53B);
    let rounding = strict::multiply_add::<T>(subject.machine());
    for (shape, side) in SHAPES.into_iter().flat_map(|s| SIDES.map(|side| (s, side))) {
        let case = Product::<T>::new(shape, side, 5, source);
        let ((alpha, beta), cols) = (case.factors, case.shape[1]);
        let defined = |e: usize| {
            let terms = case.terms(e / cols, e % cols);
            let factors = |p: usize| (terms[p].0, alpha * terms[p].1);
            strict::chain(beta * case.old[e], terms.len(), factors, rounding)
        };
        let right: Vec<T> = (0..case.old.len()).map(defined).collect();
        for (triangle, layout) in everywhere() {
            let found = case.run(subject, triangle, layout).unwrap_or_default();
            cases += right.len();
            broken += differing(&found, &right);
        }
    }
    let context = Context::of("matrix", subject);
    Measured::exact(context, "symm has the bits of the definition", broken, cases)
}

/// |Ĉ − C| ≤ γ₍ₙ₊₂₎(|α||A||B| + |β||C|), against exact rationals.
#[must_use]
pub fn symm_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x53);
    for (shape, side) in SHAPES.into_iter().flat_map(|s| SIDES.map(|side| (s, side))) {
        let case = Product::<T>::new(shape, side, 20, source);
        let ((alpha, beta), cols) = (case.factors, case.shape[1]);
        let largest = case.a.iter().fold(T::ONE, |x, y| x.max_of(y.abs()));
        for triangle in TRIANGLES {
            let found = case.run(subject, triangle, cols % LAYOUTS);
            for (e, &old) in case.old.iter().enumerate() {
                let (a, b): (Vec<T>, Vec<T>) = case.terms(e / cols, e % cols).into_iter().unzip();
                let (product, magnitude) = exact::dot(&a, &b);
                let start = from(beta) * from(old);
                let size = exact::abs(&start) + from(alpha.abs()) * magnitude;
                let allowed = bound::chain::<T>(a.len(), &size, &from(largest));
                let computed = found.as_ref().map_or(T::NAN, |c| c[e]);
                worst.see(computed, &(start + from(alpha) * product), &allowed);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "symm stays within its bound")
}
