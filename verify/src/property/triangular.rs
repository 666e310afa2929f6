//! Levels 2 and 3 with a triangular matrix: trmv, trsv, trmm, trsm.

use teeter::matrix::{Diagonal, MatMut, Side, Triangle, TriangularRef};
use teeter::{Error, Float};

use super::matrix::differing;
use super::symmetric::{SIDES, everywhere, lacks};
use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::laid::{LAYOUTS, Laid};
use crate::input::{Source, matrix, vector};
use crate::oracle::exact::{self, Exact, from};
use crate::oracle::{reference, strict};
use crate::subject::Subject;

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        trmv_stays_within_its_bound(subject),
        trsv_solves_a_nearby_system(subject),
        trmm_has_the_bits_of_the_definition(subject),
        trmm_stays_within_its_bound(subject),
        trsm_has_the_bits_of_the_definition(subject),
        trsm_solves_nearby_systems(subject),
    ]
}

/// Both, for every sweep.
pub const DIAGONALS: [Diagonal; 2] = [Diagonal::NonUnit, Diagonal::Unit];

/// n and the columns of B, on both sides of the blocks and strips.
const SHAPES: [[usize; 2]; 7] = [[1, 1], [2, 5], [7, 3], [16, 9], [17, 35], [33, 4], [40, 17]];

/// A triangular matrix, row after row, zeros and ones where it has them, and how it is stored.
struct Triangular<T> {
    full: Vec<T>,
    n: usize,
    triangle: Triangle,
    diagonal: Diagonal,
}

impl<T: Float> Triangular<T> {
    /// Of `values`, row after row.
    fn new(values: &[T], n: usize, triangle: Triangle, diagonal: Diagonal) -> Self {
        let element = |e: usize| match (e / n, e % n) {
            (i, j) if i == j && diagonal == Diagonal::Unit => T::ONE,
            (i, j) if lacks(triangle, i, j) => T::ZERO,
            _ => values[e],
        };
        Self { full: (0..n * n).map(element).collect(), n, triangle, diagonal }
    }

    /// One whose solves neither over- nor underflow: the factor of a positive matrix.
    fn factor(n: usize, triangle: Triangle, diagonal: Diagonal) -> Self {
        let wide = matrix::whole_positive(n, 5);
        let l = reference::cholesky(&wide, n).unwrap_or_else(|| vec![f64::NAN; n * n]);
        // A unit diagonal belongs to L scaled by columns: else solutions would grow like ‖L‖ⁿ.
        let value = |e: usize| {
            let (high, low) = ((e / n).max(e % n), (e / n).min(e % n));
            let pivot = if diagonal == Diagonal::Unit { l[low * n + low] } else { 1.0 };
            T::from_f64(l[high * n + low] / pivot)
        };
        let values: Vec<T> = (0..n * n).map(value).collect();
        Self::new(&values, n, triangle, diagonal)
    }

    /// In memory, NaN wherever nothing may be read.
    fn laid(&self, layout: usize) -> Laid<T> {
        Laid::new(&self.full, [self.n, self.n], layout)
            .hide(|i, j| lacks(self.triangle, i, j) || i == j && self.diagonal == Diagonal::Unit)
    }

    fn view<'a>(&self, laid: &'a Laid<T>) -> TriangularRef<'a, T> {
        laid.view().triangular(self.triangle, self.diagonal)
    }

    /// The columns that row i has.
    fn range(&self, i: usize) -> std::ops::Range<usize> {
        match self.triangle {
            Triangle::Lower => 0..i + 1,
            Triangle::Upper => i..self.n,
        }
    }

    fn row(&self, i: usize) -> &[T] {
        let range = self.range(i);
        &self.full[i * self.n + range.start..i * self.n + range.end]
    }
}

/// trmv in every layout, each element against exact rationals.
#[must_use]
pub fn trmv_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x73);
    for ([n, _], diagonal) in SHAPES.into_iter().flat_map(|s| DIAGONALS.map(|d| (s, d))) {
        let values: Vec<T> = vector::graded(n * n, 20, source);
        let old: Vec<T> = vector::graded(n, 20, source);
        for (triangle, layout) in everywhere() {
            let a = Triangular::new(&values, n, triangle, diagonal);
            let (laid, mut x) = (a.laid(layout), old.clone());
            let done = subject.trmv(a.view(&laid), &mut x);
            for (i, &x) in x.iter().enumerate() {
                let (product, magnitude) = exact::dot(a.row(i), &old[a.range(i)]);
                let computed = if done.is_ok() { x } else { T::NAN };
                worst.see(computed, &product, &bound::triangular::trmv::<T>(n, &magnitude));
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "trmv stays within its bound")
}

/// |b − Ax̂| ≤ γₙ|A||x̂| for every triangle, diagonal and layout, residual in exact rationals.
#[must_use]
pub fn trsv_solves_a_nearby_system<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 5, 17, 40] {
        let source = &mut Source::new(n as u64);
        let b: Vec<T> = vector::graded(n, 10, source);
        for ((triangle, layout), diagonal) in
            everywhere().flat_map(|pair| DIAGONALS.map(|d| (pair, d)))
        {
            let a = Triangular::factor(n, triangle, diagonal);
            let (laid, mut x) = (a.laid(layout), b.clone());
            let done = subject.trsv(a.view(&laid), &mut x);
            let x = done.ok().map(|()| x);
            see_residual(&mut worst, &a, x.as_deref(), &b);
        }
    }
    worst.finish(Context::of("matrix", subject), "trsv solves a nearby system")
}

/// |b − Ax| against its bound; without a finite x nothing holds.
fn see_residual<T: Float>(worst: &mut Worst, a: &Triangular<T>, x: Option<&[T]>, b: &[T]) {
    let Some(x) = x.filter(|x| x.iter().all(|x| x.is_finite())) else {
        worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
        return;
    };
    for (i, &b) in b.iter().enumerate() {
        let (product, magnitude) = exact::dot(a.row(i), &x[a.range(i)]);
        let diagonal = from(a.full[i * a.n + i].abs());
        let allowed = bound::triangular::trsm::<T>(a.n, &magnitude, &diagonal);
        worst.see(b, &product, &allowed);
    }
}

/// A call of trmm or trsm.
type Call<'a, T> = dyn Fn(Side<TriangularRef<'_, T>>, MatMut<'_, T>) -> Result<(), Error> + 'a;

/// The result of a call on one side, as its columns from the left: those of B, or its rows.
///
/// `b`: n × m, row after row. From the right A is given transposed and B too, so that the answer
/// must be the same.
fn on_side<T: Float>(
    call: &Call<'_, T>,
    a: &Triangular<T>,
    b: &[T],
    (side, layout): (Side<()>, usize),
) -> Option<Vec<T>> {
    let (n, m) = (a.n, b.len() / a.n);
    let laid = a.laid(layout);
    let transposed = |v: &[T], cols: usize| -> Vec<T> {
        let rows = v.len() / cols;
        (0..v.len()).map(|e| v[e % rows * cols + e / rows]).collect()
    };
    let target = (layout + n) % LAYOUTS;
    match side {
        Side::Left(()) => {
            let mut b = Laid::new(b, [n, m], target);
            call(Side::Left(a.view(&laid)), b.view_mut()).ok()?;
            Some(b.values())
        }
        Side::Right(()) => {
            let mut b = Laid::new(&transposed(b, m), [m, n], target);
            call(Side::Right(a.view(&laid).t()), b.view_mut()).ok()?;
            Some(transposed(&b.values(), n))
        }
    }
}

/// The elements of an answer, from the triangle, B row after row, and the columns of B.
type Definition<'a, T> = dyn Fn(&Triangular<T>, &[T], usize) -> Vec<T> + 'a;

/// Every form of a call, checked against the elements of its definition.
fn count_differing<T: Float>(
    call: &Call<'_, T>,
    spread: Option<i64>,
    define: &Definition<'_, T>,
) -> (usize, usize) {
    let (mut broken, mut cases) = (0, 0);
    let source = &mut Source::new(0x7B175);
    for ([n, m], diagonal) in SHAPES.into_iter().flat_map(|s| DIAGONALS.map(|d| (s, d))) {
        let values: Vec<T> = vector::graded(n * n, spread.unwrap_or(0), source);
        let b: Vec<T> = vector::graded(n * m, 5, source);
        for (triangle, layout) in everywhere() {
            let a = match spread {
                Some(_) => Triangular::new(&values, n, triangle, diagonal),
                None => Triangular::factor(n, triangle, diagonal),
            };
            let right = define(&a, &b, m);
            for side in SIDES {
                let found = on_side(call, &a, &b, (side, layout)).unwrap_or_default();
                cases += right.len();
                broken += differing(&found, &right);
            }
        }
    }
    (broken, cases)
}

/// trmm equals the chain as written, fused where the machine is, on both sides.
#[must_use]
pub fn trmm_has_the_bits_of_the_definition<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let rounding = strict::multiply_add::<T>(subject.machine());
    let alpha = T::from_f64(1.7);
    let (broken, cases) = count_differing(
        &|a, b| subject.trmm(alpha, a, b),
        Some(5),
        &|a: &Triangular<T>, b: &[T], m: usize| {
            let element = |e: usize| {
                let (row, range) = (a.row(e / m), a.range(e / m));
                let factors = |p: usize| (row[p], alpha * b[(range.start + p) * m + e % m]);
                strict::chain(T::ZERO, row.len(), factors, rounding)
            };
            (0..b.len()).map(element).collect()
        },
    );
    let context = Context::of("matrix", subject);
    Measured::exact(context, "trmm has the bits of the definition", broken, cases)
}

/// Orders up to which, of A and of the vectors, trsm never fuses: a part of its definition.
const NEVER_FUSED: usize = 6;

/// trsm equals the chain and the product with the reciprocal as written, fused where the machine is and the shape
/// not among the smallest, on both sides.
#[must_use]
pub fn trsm_has_the_bits_of_the_definition<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let machine = subject.machine();
    let [apart, own] = [machine.strict(), machine].map(strict::multiply_add::<T>);
    let alpha = T::from_f64(1.7);
    let (broken, cases) = count_differing(
        &|a, b| subject.trsm(alpha, a, b),
        None,
        &|a: &Triangular<T>, b: &[T], m: usize| {
            let (n, mut x) = (a.n, b.to_vec());
            let rounding = if n.max(m) <= NEVER_FUSED { apart } else { own };
            for turn in 0..n {
                let i = if a.triangle == Triangle::Lower { turn } else { n - 1 - turn };
                let order: Vec<usize> = match a.triangle {
                    Triangle::Lower => (0..i).collect(),
                    Triangle::Upper => (i + 1..n).rev().collect(),
                };
                for j in 0..m {
                    let factors = |p: usize| (-a.full[i * n + order[p]], x[order[p] * m + j]);
                    let sum = strict::chain(alpha * x[i * m + j], order.len(), factors, rounding);
                    x[i * m + j] = sum * (T::ONE / a.full[i * n + i]);
                }
            }
            x
        },
    );
    let context = Context::of("matrix", subject);
    Measured::exact(context, "trsm has the bits of the definition", broken, cases)
}

/// |B̂ − αAB| ≤ γ₍ₙ₊₁₎|α||A||B|, against exact rationals.
#[must_use]
pub fn trmm_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x733);
    let alpha = T::from_f64(-0.7);
    for ([n, m], diagonal) in SHAPES.into_iter().flat_map(|s| DIAGONALS.map(|d| (s, d))) {
        let values: Vec<T> = vector::graded(n * n, 20, source);
        let b: Vec<T> = vector::graded(n * m, 20, source);
        let largest = values.iter().fold(T::ONE, |x, y| x.max_of(y.abs()));
        for (turn, (triangle, layout)) in everywhere().enumerate().filter(|(t, _)| t % 3 == 0) {
            let a = Triangular::new(&values, n, triangle, diagonal);
            let call: &Call<'_, T> = &|a, b| subject.trmm(alpha, a, b);
            let found = on_side(call, &a, &b, (SIDES[turn / 3 % 2], layout));
            for e in 0..n * m {
                let column: Vec<T> = a.range(e / m).map(|p| b[p * m + e % m]).collect();
                let (product, magnitude) = exact::dot(a.row(e / m), &column);
                let size = from(alpha.abs()) * magnitude;
                let allowed = bound::triangular::trmm::<T>(n, &size, &from(largest));
                let computed = found.as_ref().map_or(T::NAN, |b| b[e]);
                worst.see(computed, &(from(alpha) * product), &allowed);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "trmm stays within its bound")
}

/// |fl(αb) − Ax̂| ≤ γₙ₊₁|A||x̂| for each column, residual in exact rationals.
#[must_use]
pub fn trsm_solves_nearby_systems<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let source = &mut Source::new(0x753);
    let alpha = T::from_f64(-0.7);
    for ([n, m], diagonal) in SHAPES.into_iter().flat_map(|s| DIAGONALS.map(|d| (s, d))) {
        let b: Vec<T> = vector::graded(n * m, 10, source);
        for (turn, (triangle, layout)) in everywhere().enumerate().filter(|(t, _)| t % 3 == 0) {
            let a = Triangular::factor(n, triangle, diagonal);
            let call: &Call<'_, T> = &|a, b| subject.trsm(alpha, a, b);
            let found = on_side(call, &a, &b, (SIDES[turn / 3 % 2], layout));
            for j in 0..m {
                let x: Option<Vec<T>> =
                    found.as_ref().map(|x| (0..n).map(|i| x[i * m + j]).collect());
                let right: Vec<T> = (0..n).map(|i| alpha * b[i * m + j]).collect();
                see_residual(&mut worst, &a, x.as_deref(), &right);
            }
        }
    }
    worst.finish(Context::of("matrix", subject), "trsm solves nearby systems")
}
