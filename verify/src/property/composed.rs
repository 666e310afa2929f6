//! Operators made of others and of matrices: each column against exact rationals.

use teeter::matrix::{Diagonal as OnDiagonal, MatRef, Triangle, trsv};
use teeter::operator::{
    AuditOptions, Congruent, Deflated, Dense, Diagonal, Kronecker, LinearOperator,
    LowRankPlusDiagonal, Selected, SubRange, Sum, SumOf, Verdict, check_operator,
    check_operator_scratch_len, deflated_scratch_len, principal_scratch_len,
};
use teeter::random::Stream;
use teeter::{Error, Float};

use super::{Context, Measured, Worst};
use crate::bound::operator as bound;
use crate::input::{Source, matrix, vector};
use crate::oracle::exact::{Exact, abs, from};
use crate::subject::Subject;

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        composed_operators_stay_within_their_bounds(subject),
        congruent_solves_nearby_systems(subject),
        composed_operators_pass_their_audit(subject),
    ]
}

const ORDERS: [usize; 4] = [1, 2, 6, 9];

/// What the parts are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// A lattice on which products are exact.
    Whole,
    /// Numbers that round.
    Rounding,
}

/// What all of the operators are made of.
#[derive(Clone, Debug)]
pub struct Parts<T> {
    /// The order.
    pub n: usize,
    /// Whether all are whole numbers, so that products are exact.
    pub whole: bool,
    /// Symmetric, row after row.
    pub a: Vec<T>,
    /// Symmetric, row after row.
    pub b: Vec<T>,
    /// A diagonal.
    pub d: Vec<T>,
    /// n × k, column after column.
    pub u: Vec<T>,
    /// k
    pub k: usize,
    /// k weights.
    pub c: Vec<T>,
    /// n × n, lower, row after row.
    pub l: Vec<T>,
    /// n × n and not symmetric, row after row.
    pub general: Vec<T>,
}

impl<T: Float> Parts<T> {
    /// Of order n.
    #[must_use]
    pub fn new(n: usize, numbers: Numbers) -> Self {
        let whole = numbers == Numbers::Whole;
        let (source, k) = (&mut Source::new(n as u64 + 90), n.div_ceil(3));
        let mut vector = |len: usize| -> Vec<T> {
            if whole { vector::lattice(len, source) } else { vector::uniform(len, source) }
        };
        let (d, u, c, fill) = (vector(n), vector(n * k), vector(k), vector(n * n));
        let symmetric = |seed: u64| -> Vec<T> {
            let a = matrix::whole_symmetric(n, seed);
            a.iter().map(|&x| T::from_f64(if whole { x } else { x / 7.0 })).collect()
        };
        let lower = |e: usize| match (e / n, e % n) {
            (i, j) if i > j => fill[e],
            (i, j) if i == j => T::ONE,
            _ => T::NAN,
        };
        let l = (0..n * n).map(lower).collect();
        Self { n, whole, a: symmetric(3), b: symmetric(4), d, u, k, c, l, general: fill }
    }

    /// A or B as an operator.
    fn dense<'a>(&'a self, subject: &dyn Subject<T>, values: &'a [T]) -> Dense<'a, T> {
        MatRef::row_major(values, self.n, self.n)
            .and_then(|a| Dense::new(subject.machine(), a))
            .expect("n·n numbers make a square matrix")
    }
}

/// A matrix in rationals.
struct Rational {
    rows: usize,
    cols: usize,
    values: Vec<Exact>,
}

impl Rational {
    fn new(rows: usize, cols: usize, value: impl Fn(usize, usize) -> Exact) -> Self {
        let values = (0..rows * cols).map(|e| value(e / cols, e % cols)).collect();
        Self { rows, cols, values }
    }

    fn apply(&self, x: &[Exact]) -> Vec<Exact> {
        let row = |i: usize| &self.values[i * self.cols..(i + 1) * self.cols];
        let dot = |i| row(i).iter().zip(x).fold(Exact::ZERO, |sum, (a, x)| sum + a * x);
        (0..self.rows).map(dot).collect()
    }

    fn size(&self) -> Self {
        Self { rows: self.rows, cols: self.cols, values: self.values.iter().map(abs).collect() }
    }
}

/// Σ over terms of products of factors, the rightmost last: the value and the sum of sizes.
fn through(terms: &[Vec<&Rational>], x: &[Exact]) -> (Vec<Exact>, Vec<Exact>) {
    let total = |parts: Vec<Vec<Exact>>| {
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_default();
        parts.fold(first, |sum, part| sum.into_iter().zip(part).map(|(a, b)| a + b).collect())
    };
    let one = |factors: &Vec<&Rational>, sized: bool| {
        let start: Vec<Exact> = x.iter().map(|x| if sized { abs(x) } else { x.clone() }).collect();
        factors
            .iter()
            .rev()
            .fold(start, |x, m| if sized { m.size().apply(&x) } else { m.apply(&x) })
    };
    (
        total(terms.iter().map(|term| one(term, false)).collect()),
        total(terms.iter().map(|term| one(term, true)).collect()),
    )
}

/// The matrix, column by column, and one product more, against the truth.
fn see<T: Float>(
    worst: &mut Worst,
    operator: Result<&mut dyn LinearOperator<T>, Error>,
    terms: &[Vec<&Rational>],
    allowed: &dyn Fn(&Exact) -> Exact,
) {
    let Ok(operator) = operator else {
        worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
        return;
    };
    let n = operator.dim();
    let basis = |j: usize| (0..n).map(|i| T::from_usize(usize::from(i == j))).collect::<Vec<T>>();
    let last: Vec<T> = vector::lattice(n, &mut Source::new(5));
    for x in (0..n).map(basis).chain([last]) {
        let mut y = vec![T::NAN; n];
        let done = operator.apply(&x, &mut y);
        let x: Vec<Exact> = x.iter().map(|&x| from(x)).collect();
        let (truth, size) = through(terms, &x);
        for ((y, truth), size) in y.into_iter().zip(&truth).zip(&size) {
            worst.see(if done.is_ok() { y } else { T::NAN }, truth, &allowed(size));
        }
    }
}

/// Sums, principal parts, low rank, Kronecker, deflated; with no rounding at all on whole numbers.
#[must_use]
pub fn composed_operators_stay_within_their_bounds<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (n, numbers) in
        ORDERS.into_iter().flat_map(|n| [(n, Numbers::Rounding), (n, Numbers::Whole)])
    {
        let parts = Parts::<T>::new(n, numbers);
        see_sums(&mut worst, subject, &parts);
        see_parts_of_a_whole(&mut worst, subject, &parts);
        see_factored(&mut worst, subject, &parts);
    }
    worst.finish(Context::of("operator", subject), "composed operators stay within their bounds")
}

/// Nothing on whole numbers.
fn unless_whole<T: Float>(parts: &Parts<T>, allowed: Exact) -> Exact {
    if parts.whole { Exact::ZERO } else { allowed }
}

fn square<T: Float>(values: &[T], n: usize) -> Rational {
    Rational::new(n, n, |i, j| from(values[i * n + j]))
}

fn see_sums<T: Float>(worst: &mut Worst, subject: &dyn Subject<T>, parts: &Parts<T>) {
    let (machine, n) = (subject.machine(), parts.n);
    let (mut a, mut b) = (parts.dense(subject, &parts.a), parts.dense(subject, &parts.b));
    let (ra, rb) = (square(&parts.a, n), square(&parts.b, n));
    let mut scratch = vec![T::NAN; n];
    let mut sum = Sum::new(machine, a, b, &mut scratch).expect("they fit");
    let allowed = |size: &Exact| unless_whole(parts, bound::sum::<T>(n, 2, size));
    see(worst, Ok(&mut sum), &[vec![&ra], vec![&rb]], &allowed);
    let mut third = Diagonal::new(&parts.d);
    let weights = [2.0, -0.5, 3.0].map(T::from_f64);
    let mut list: [&mut dyn LinearOperator<T>; 3] = [&mut a, &mut b, &mut third];
    let mut sum = SumOf::new(machine, &mut list, &weights, &mut scratch).expect("they fit");
    let scaled = |k: usize, r: &Rational| {
        Rational::new(n, n, |i, j| from(weights[k]) * &r.values[i * n + j])
    };
    let rd = Rational::new(n, n, |i, j| if i == j { from(parts.d[i]) } else { Exact::ZERO });
    let [ra, rb, rd] = [scaled(0, &ra), scaled(1, &rb), scaled(2, &rd)];
    let allowed = |size: &Exact| unless_whole(parts, bound::sum::<T>(n, 3, size));
    see(worst, Ok(&mut sum), &[vec![&ra], vec![&rb], vec![&rd]], &allowed);
}

fn see_parts_of_a_whole<T: Float>(worst: &mut Worst, subject: &dyn Subject<T>, parts: &Parts<T>) {
    let n = parts.n;
    let a = parts.dense(subject, &parts.a);
    let mut scratch = vec![T::NAN; principal_scratch_len(n)];
    let allowed = |size: &Exact| unless_whole(parts, bound::principal::<T>(n, size));
    let odd: Vec<usize> = (0..n).filter(|i| i % 2 == 1).collect();
    let cut = |indices: &[usize]| {
        let m = indices.len();
        Rational::new(m, m, |i, j| from(parts.a[indices[i] * n + indices[j]]))
    };
    let range: Vec<usize> = (n / 3..n / 3 + n.div_ceil(2)).collect();
    let mut layer = SubRange::new(a, n / 3, n.div_ceil(2), &mut scratch).expect("it fits");
    see(worst, Ok(&mut layer), &[vec![&cut(&range)]], &allowed);
    let mut selected = Selected::new(a, &odd, &mut scratch).expect("it fits");
    see(worst, Ok(&mut selected), &[vec![&cut(&odd)]], &allowed);
}

fn see_factored<T: Float>(worst: &mut Worst, subject: &dyn Subject<T>, parts: &Parts<T>) {
    let (machine, n, k) = (subject.machine(), parts.n, parts.k);
    let u = MatRef::col_major(&parts.u, n, k).expect("n·k numbers");
    let mut scratch = vec![T::NAN; (n * n).max(deflated_scratch_len(n, k))];
    let mut low =
        LowRankPlusDiagonal::new(machine, &parts.d, u, &parts.c, &mut scratch).expect("they fit");
    let ru = Rational::new(n, k, |i, j| from(parts.u[j * n + i]));
    let rut = Rational::new(k, n, |i, j| from(parts.u[i * n + j]));
    let rc = Rational::new(k, k, |i, j| if i == j { from(parts.c[i]) } else { Exact::ZERO });
    let rd = Rational::new(n, n, |i, j| if i == j { from(parts.d[i]) } else { Exact::ZERO });
    let allowed = |size: &Exact| unless_whole(parts, bound::low_rank::<T>(n, k, size));
    see(worst, Ok(&mut low), &[vec![&rd], vec![&ru, &rc, &rut]], &allowed);

    // The orders differ and B is not symmetric, so that one taken for another shows.
    let p = n.div_ceil(2);
    let a = MatRef::strided(&parts.a, [p, p], [n, 1]).expect("a part of A");
    let b = MatRef::row_major(&parts.general, n, n).expect("n·n numbers");
    let mut product = Kronecker::new(machine, a, b, &mut scratch).expect("they fit");
    let rk = Rational::new(p * n, p * n, |e, f| {
        from(parts.a[e / n * n + f / n]) * from(parts.general[e % n * n + f % n])
    });
    let allowed = |size: &Exact| unless_whole(parts, bound::kronecker::<T>(p, n, size));
    see(worst, Ok(&mut product), &[vec![&rk]], &allowed);

    let dense = parts.dense(subject, &parts.a);
    let mut deflated = Deflated::new(machine, dense, u, &mut scratch).expect("they fit");
    let minus = Rational::new(n, k, |i, j| -from(parts.u[j * n + i]));
    let ra = square(&parts.a, n);
    let terms = [
        vec![&ra],
        vec![&ra, &minus, &rut],
        vec![&minus, &rut, &ra],
        vec![&minus, &rut, &ra, &minus, &rut],
    ];
    let allowed = |size: &Exact| unless_whole(parts, bound::deflated::<T>(n, k, size));
    see(worst, Ok(&mut deflated), &terms, &allowed);
}

/// L⁻¹b by substitution in rationals; L with ones on its diagonal.
fn solve<T: Float>(l: &[T], b: &[Exact]) -> Vec<Exact> {
    let mut x = b.to_vec();
    for i in 0..b.len() {
        for j in 0..i {
            x[i] = &x[i] - from(l[i * b.len() + j]) * &x[j];
        }
    }
    x
}

/// L⁻ᵀb.
fn solve_transposed<T: Float>(l: &[T], b: &[Exact]) -> Vec<Exact> {
    let mut x = b.to_vec();
    for i in (0..b.len()).rev() {
        for j in i + 1..b.len() {
            x[i] = &x[i] - from(l[j * b.len() + i]) * &x[j];
        }
    }
    x
}

/// L⁻¹AL⁻ᵀ by its residual, in rationals; exactly on whole numbers, L with ones on its diagonal.
///
/// # Panics
/// If shapes that fit are refused.
#[must_use]
pub fn congruent_solves_nearby_systems<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut worst, machine) = (Worst::default(), subject.machine());
    for (n, numbers) in
        ORDERS.into_iter().flat_map(|n| [(n, Numbers::Rounding), (n.min(4), Numbers::Whole)])
    {
        let parts = Parts::<T>::new(n, numbers);
        let l = MatRef::row_major(&parts.l, n, n).expect("n·n numbers");
        let dense = parts.dense(subject, &parts.a);
        let mut scratch = vec![T::NAN; n];
        let mut operator = Congruent::new(machine, dense, l, &mut scratch).expect("they fit");
        let lower = |i: usize, j: usize| match i.cmp(&j) {
            std::cmp::Ordering::Less => Exact::ZERO,
            _ => from(parts.l[i * n + j]),
        };
        let rl = Rational::new(n, n, lower);
        let rlt = Rational::new(n, n, |i, j| lower(j, i));
        let unit = |j: usize| -> Vec<Exact> {
            (0..n).map(|i| from(T::from_usize(usize::from(i == j)))).collect()
        };
        let inverse: Vec<Vec<Exact>> =
            (0..n).map(|j| solve_transposed(&parts.l, &unit(j))).collect();
        let inverse = Rational::new(n, n, |i, j| inverse[j][i].clone());
        let ra = square(&parts.a, n);
        let x: Vec<T> = vector::lattice(n, &mut Source::new(6));
        let (mut y, mut z) = (vec![T::NAN; n], x.clone());
        let done = operator.apply(&x, &mut y);
        let triangle = l.triangular(Triangle::Lower, OnDiagonal::NonUnit);
        let solved = trsv(machine, triangle.t(), &mut z);
        let sizes = |v: &[T]| v.iter().map(|&v| from(v.abs())).collect::<Vec<Exact>>();
        let x: Vec<Exact> = x.iter().map(|&x| from(x)).collect();
        let truth = solve(&parts.l, &ra.apply(&solve_transposed(&parts.l, &x)));
        let right = rl.apply(&truth);
        let finite = done.is_ok() && solved.is_ok() && y.iter().all(|y| y.is_finite());
        let ys: Vec<Exact> = y.iter().filter(|_| finite).map(|&y| from(y)).collect();
        let left = rl.apply(&ys);
        let last = rl.size().apply(&sizes(if finite { &y } else { &[] }));
        let product = ra.size().apply(&sizes(&z));
        let first = ra.size().apply(&inverse.size().apply(&rlt.size().apply(&sizes(&z))));
        for i in 0..n {
            let allowed = bound::congruent::<T>(n, &last[i], &product[i], &first[i]);
            let off = abs(&(&left[i] - &right[i]));
            let computed = if finite { T::ZERO } else { T::NAN };
            worst.see(computed, &off, &unless_whole(&parts, allowed));
        }
    }
    worst.finish(Context::of("operator", subject), "congruent solves nearby systems")
}

/// Linear, symmetric, deterministic and finite, all within rounding.
///
/// # Panics
/// If shapes that fit are refused.
#[must_use]
pub fn composed_operators_pass_their_audit<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (machine, mut broken, mut cases) = (subject.machine(), 0, 0);
    for n in ORDERS {
        let parts = Parts::<T>::new(n, Numbers::Rounding);
        let a = parts.dense(subject, &parts.a);
        let b = parts.dense(subject, &parts.b);
        let u = MatRef::col_major(&parts.u, n, parts.k).expect("n·k numbers");
        let l = MatRef::row_major(&parts.l, n, n).expect("n·n numbers");
        let mut s = vec![vec![T::NAN; 4 * n * n + 4]; 6];
        let [s0, s1, s2, s3, s4, s5] = &mut s[..] else { continue };
        let square = MatRef::row_major(&parts.a, n, n).expect("n·n numbers");
        let list: [Result<Box<dyn LinearOperator<T> + '_>, Error>; 6] = [
            Sum::new(machine, a, b, s0).map(|o| Box::new(o) as _),
            SubRange::new(a, n / 2, n - n / 2, s1).map(|o| Box::new(o) as _),
            LowRankPlusDiagonal::new(machine, &parts.d, u, &parts.c, s2).map(|o| Box::new(o) as _),
            Kronecker::new(machine, square, square, s3).map(|o| Box::new(o) as _),
            Deflated::new(machine, a, u, s4).map(|o| Box::new(o) as _),
            Congruent::new(machine, a, l, s5).map(|o| Box::new(o) as _),
        ];
        for operator in list {
            let Ok(mut operator) = operator else {
                broken += 1;
                continue;
            };
            let m = operator.dim();
            let mut scratch = vec![T::NAN; check_operator_scratch_len(m)];
            let options = AuditOptions::of_sums(3 * m + 10, Stream::new(n as u64, 1));
            let report = check_operator(machine, &mut &mut *operator, &options, &mut scratch);
            let holds = report.is_ok_and(|r| {
                let list = [r.linear.verdict, r.symmetric.verdict, r.deterministic.verdict];
                r.is_sound() && list.iter().all(|v| *v == Verdict::Holds)
            });
            (broken, cases) = (broken + usize::from(!holds), cases + 1);
        }
    }
    let context = Context::of("operator", subject);
    Measured::exact(context, "composed operators pass their audit", broken, cases)
}
