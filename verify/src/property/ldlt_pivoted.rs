//! LDLᵀ with pivots of order one and two.

use teeter::Float;
use teeter::factor::Inertia;
use teeter::matrix::{MatMut, MatRef};

use super::{Context, Measured, Worst};
use crate::bound::ldlt_pivoted as bound;
use crate::input::{general, matrix};
use crate::oracle::exact::{self, Exact};
use crate::oracle::{dense, inertia};
use crate::property::factor::narrow;
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        pivoted_ldlt_residual_stays_within_its_bound(subject),
        pivoted_ldlt_multipliers_are_bounded(subject),
        pivoted_ldlt_solutions_are_backward_stable(subject),
        pivoted_ldlt_inertia_is_that_of_the_matrix(subject),
        pivoted_ldlt_of_swaps_is_exact(subject),
    ]
}

const ORDERS: [usize; 7] = [1, 2, 3, 8, 16, 17, 30];

/// PAPᵀ, and the factors, row-major.
#[derive(Debug)]
pub struct Factored<T> {
    /// PAPᵀ
    pub a: Vec<T>,
    /// As it was left.
    pub ld: Vec<T>,
    /// L with its ones.
    pub l: Vec<T>,
    /// The diagonal of D.
    pub diagonal: Vec<T>,
    /// The rest of D.
    pub off_diagonal: Vec<T>,
    /// Who was exchanged with whom.
    pub pivots: Vec<usize>,
}

/// Rows and columns exchanged as `pivots` say: PAPᵀ.
fn permuted<T: Float>(a: &[T], n: usize, pivots: &[usize]) -> Vec<T> {
    let rows = dense::permuted(a, n, pivots);
    let transposed: Vec<T> = (0..n * n).map(|e| rows[e % n * n + e / n]).collect();
    dense::permuted(&transposed, n, pivots)
}

/// The factors, garbage above the diagonal; `None` if refused, if the garbage was touched, or if a
/// block of D overlaps another.
pub fn factored<T: Float>(subject: &dyn Subject<T>, a: &[T], n: usize) -> Option<Factored<T>> {
    let mut ld = a.to_vec();
    (0..n * n).filter(|e| e % n > e / n).for_each(|e| ld[e] = T::NAN);
    let (mut off_diagonal, mut pivots) = (vec![T::NAN; n.saturating_sub(1)], vec![usize::MAX; n]);
    MatMut::row_major(&mut ld, n, n)
        .and_then(|a| subject.ldlt_pivoted_in_place(a, &mut off_diagonal, &mut pivots))
        .ok()?;
    let untouched = (0..n * n).all(|e| ld[e].is_nan() == (e % n > e / n));
    let apart = off_diagonal.windows(2).all(|pair| pair[0] == T::ZERO || pair[1] == T::ZERO);
    let ordered = pivots.iter().enumerate().all(|(k, &place)| k <= place && place < n);
    (untouched && apart && ordered).then(|| Factored {
        a: permuted(a, n, &pivots),
        l: dense::unit_lower(&ld, [n, n]),
        diagonal: (0..n).map(|i| ld[i * n + i]).collect(),
        ld,
        off_diagonal,
        pivots,
    })
}

impl<T: Float> Factored<T> {
    /// Element (i, j) of LDLᵀ, and of |L||D||Lᵀ|.
    fn product(&self, [i, j]: [usize; 2]) -> (Exact, Exact) {
        let n = self.diagonal.len();
        let (mut sum, mut size) = (Exact::ZERO, Exact::ZERO);
        let mut add = |x: T, d: T, y: T| {
            let term = exact::from(x) * exact::from(d) * exact::from(y);
            size += exact::abs(&term);
            sum += term;
        };
        let (x, y) = (&self.l[i * n..(i + 1) * n], &self.l[j * n..(j + 1) * n]);
        for k in 0..n {
            add(x[k], self.diagonal[k], y[k]);
            if let Some(&q) = self.off_diagonal.get(k) {
                add(x[k], q, y[k + 1]);
                add(x[k + 1], q, y[k]);
            }
        }
        (sum, size)
    }

    /// |A| + Pᵀ|L||D||Lᵀ|P times |x|, both already in the order of P.
    fn magnitude(&self, i: usize, x: &[T]) -> Exact {
        let n = self.diagonal.len();
        (0..n).fold(Exact::ZERO, |sum, j| {
            let size = self.product([i, j]).1 + exact::from(self.a[i * n + j].abs());
            sum + size * exact::from(x[j].abs())
        })
    }
}

/// Indefinite, quasi-definite, definite and singular matrices.
fn list<T: Float>(n: usize) -> Vec<Vec<T>> {
    let mut list = general::indefinite::<T>(n);
    list.extend(general::quasi_definite(n));
    list.extend(general::positive(n).into_iter().take(2));
    let mut all: Vec<Vec<T>> = list.into_iter().map(|named| named.a).collect();
    let source = general::of_rank(n, n, 2, 51);
    all.push(narrow(
        &(0..n * n).map(|e| source[e] + source[e % n * n + e / n]).collect::<Vec<_>>(),
    ));
    all
}

/// |PAPᵀ − L̂D̂L̂ᵀ|, each element in exact rationals.
#[must_use]
pub fn pivoted_ldlt_residual_stays_within_its_bound<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for a in list::<T>(n) {
            let Some(found) = factored(subject, &a, n) else {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            };
            let d = found.diagonal.iter().chain(&found.off_diagonal);
            let largest = d.chain(&found.l).fold(T::ZERO, |max, x| max.max_of(x.abs()));
            for e in (0..n * n).filter(|e| e % n <= e / n) {
                let (sum, size) = found.product([e / n, e % n]);
                let size = size + exact::from(found.a[e].abs());
                worst.see(found.a[e], &sum, &bound::factor::<T>(n, &size, &exact::from(largest)));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "pivoted LDLT residual stays within its bound")
}

/// |lᵢⱼ| below 1/(1 − α): what partial (Bunch–Kaufman) pivoting does not give.
#[must_use]
pub fn pivoted_ldlt_multipliers_are_bounded<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        // Bunch and Kaufman's own strategy takes a small diagonal here, and L is as large as 1/that.
        let mut small = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let near = i == 0 && j == 1 || i == 1 && j == 0;
                let tiny = i + j == 0 || near;
                small[i * n + j] = if tiny { 2.0_f64.powi(-9 - (i + j) as i32) } else { 1.0 };
                small[i * n + j] += if i == j && i > 0 { i as f64 } else { 0.0 };
            }
        }
        let mut all = list::<T>(n);
        all.push(narrow(&small));
        for a in all {
            let largest = factored(subject, &a, n)
                .map_or(T::NAN, |found| found.l.iter().fold(T::ZERO, |max, x| max.max_of(x.abs())));
            worst.see(largest, &Exact::ZERO, &bound::multiplier::<T>());
        }
    }
    worst.finish(Context::of("factor", subject), "pivoted LDLT multipliers are bounded")
}

/// |b − Ax̂| in exact rationals, two right sides at once.
#[must_use]
pub fn pivoted_ldlt_solutions_are_backward_stable<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 7, 16, 17] {
        let moderate = general::indefinite::<T>(n)
            .into_iter()
            .filter(|named| !["zero", "rank one", "huge", "tiny"].contains(&named.name));
        let list = moderate.map(|named| named.a).chain([narrow(&matrix::whole_positive(n, 8))]);
        for a in list {
            let Some(found) = factored(subject, &a, n) else {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            };
            let b: Vec<T> = (0..2 * n).map(|i| T::from_f64((i * i) as f64 - 5.0)).collect();
            let mut x = b.clone();
            let done = MatRef::row_major(&found.ld, n, n).and_then(|ld| {
                let b = MatMut::row_major(&mut x, n, 2)?;
                subject.ldlt_pivoted_solve(ld, &found.off_diagonal, &found.pivots, b)
            });
            // A whole-number matrix may be singular.
            if done.is_err() && found.diagonal.contains(&T::ZERO) {
                continue;
            }
            if done.is_err() || x.iter().any(|x| !x.is_finite()) {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            }
            let (b, x) =
                (dense::permuted(&b, 2, &found.pivots), dense::permuted(&x, 2, &found.pivots));
            for column in 0..2 {
                let x: Vec<T> = (0..n).map(|i| x[2 * i + column]).collect();
                for i in 0..n {
                    let (product, _) = exact::dot(&found.a[i * n..(i + 1) * n], &x);
                    let allowed = bound::solve::<T>(n, &found.magnitude(i, &x));
                    worst.see(b[2 * i + column], &product, &allowed);
                }
            }
        }
    }
    worst.finish(Context::of("factor", subject), "pivoted LDLT solutions are backward stable")
}

/// Whole numbers: the inertia in exact rationals, wherever no eigenvalue is 0.
#[must_use]
pub fn pivoted_ldlt_inertia_is_that_of_the_matrix<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in 1..=9 {
        for seed in 0..6 {
            let mut a = matrix::whole_symmetric(n, 100 + seed);
            if seed % 2 == 1 {
                (0..n).for_each(|i| a[i * n + i] = 0.0);
            }
            let rational: Vec<Exact> = a.iter().map(|&x| exact::from(x)).collect();
            let [negative, zero, positive] = inertia::of(&rational, n);
            if zero > 0 {
                continue;
            }
            cases += 1;
            let found = factored(subject, &narrow::<T>(&a), n).and_then(|found| {
                let ld = MatRef::row_major(&found.ld, n, n).ok()?;
                subject.ldlt_pivoted_inertia(ld, &found.off_diagonal).ok()
            });
            broken += usize::from(found != Some(Inertia { negative, zero, positive }));
        }
    }
    let name = "pivoted LDLT inertia is that of the matrix";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}

/// A matrix that exchanges coordinates in pairs, some of them with zero: factors, inertia and
/// solution without a rounding.
#[must_use]
pub fn pivoted_ldlt_of_swaps_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in [2, 3, 6, 16, 17, 33] {
        let pairs = n / 2;
        let mut a = vec![0.0; n * n];
        for k in 0..pairs {
            // Coordinate k with n − 1 − k, by a power of two.
            let (i, j) = (k, n - 1 - k);
            a[i * n + j] = 2.0_f64.powi(k as i32 % 5);
            a[j * n + i] = a[i * n + j];
        }
        cases += 1;
        let expected = Inertia { negative: pairs, zero: n % 2, positive: pairs };
        let sound = factored(subject, &narrow::<T>(&a), n).is_some_and(|found| {
            let exactly =
                (0..n * n).all(|e| found.product([e / n, e % n]).0 == exact::from(found.a[e]));
            let inertia = MatRef::row_major(&found.ld, n, n)
                .and_then(|ld| subject.ldlt_pivoted_inertia(ld, &found.off_diagonal));
            exactly && inertia == Ok(expected) && found.diagonal.iter().all(|&d| d == T::ZERO)
        });
        broken += usize::from(!sound);
    }
    let name = "pivoted LDLT of swaps is exact";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}
