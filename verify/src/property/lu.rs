//! LU with partial pivoting.

use teeter::Float;
use teeter::matrix::{MatMut, MatRef};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::{Source, general, matrix};
use crate::oracle::exact::{self, Exact};
use crate::oracle::{dense, naive};
use crate::property::factor::narrow;
use crate::subject::Subject;

/// Every property of LU.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        lu_residual_stays_within_its_bound(subject),
        lu_multipliers_are_at_most_one(subject),
        lu_of_halves_is_exact(subject),
        lu_solutions_are_backward_stable(subject),
    ]
}

/// On both sides of the block of 16, tall, wide and square.
const SHAPES: [[usize; 2]; 9] =
    [[1, 1], [2, 2], [5, 3], [3, 5], [16, 16], [17, 17], [33, 18], [18, 33], [34, 34]];

/// The factors of a row-major matrix; `None` if refused.
fn factors<T: Float>(
    subject: &dyn Subject<T>,
    a: &[T],
    [m, n]: [usize; 2],
) -> Option<(Vec<T>, Vec<usize>)> {
    let (mut lu, mut pivots) = (a.to_vec(), vec![usize::MAX; m.min(n)]);
    let done = MatMut::row_major(&mut lu, m, n).and_then(|lu| subject.lu_in_place(lu, &mut pivots));
    let sound = pivots.iter().enumerate().all(|(k, &place)| place >= k && place < m);
    (done.is_ok() && sound && lu.iter().all(|x| x.is_finite())).then_some((lu, pivots))
}

/// |PA − L̂Û| ≤ γₙ₊₁|L̂||Û|, each element in exact rationals, for matrices of every kind.
#[must_use]
pub fn lu_residual_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for [m, n] in SHAPES {
        let list = general::rectangular::<T>(m, n);
        for general::Named { a, .. } in list.into_iter().chain([general::subnormal(m, n)]) {
            let Some((lu, pivots)) = factors(subject, &a, [m, n]) else {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            };
            let a = dense::permuted(&a, n, &pivots);
            let r = m.min(n);
            let (l, u) = (dense::unit_lower(&lu, [m, n]), dense::upper(&lu, [m, n]));
            let largest = u.iter().fold(T::ZERO, |max, x| max.max_of(x.abs()));
            for (e, &x) in a.iter().enumerate() {
                let (i, j) = (e / n, e % n);
                let len = (i + 1).min(j + 1).min(r);
                let column: Vec<T> = (0..len).map(|k| u[k * n + j]).collect();
                let (product, size) = exact::dot(&l[i * r..i * r + len], &column);
                worst.see(x, &product, &bound::factor::lu::<T>(r, &size, &exact::from(largest)));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "LU residual stays within its bound")
}

/// |lᵢⱼ| ≤ 1, which is what pivoting is for.
#[must_use]
pub fn lu_multipliers_are_at_most_one<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for [m, n] in SHAPES {
        for general::Named { a, .. } in general::rectangular::<T>(m, n) {
            let l = factors(subject, &a, [m, n]).map(|(lu, _)| dense::unit_lower(&lu, [m, n]));
            cases += 1;
            let fine = l.is_some_and(|l| l.iter().all(|x| x.abs() <= T::ONE));
            broken += usize::from(!fine);
        }
    }
    Measured::exact(Context::of("factor", subject), "LU multipliers are at most one", broken, cases)
}

/// A = PᵀLU with lᵢⱼ ∈ {0, ±½} and whole uᵢⱼ: the pivots are unique and every number on the way is exact.
#[must_use]
pub fn lu_of_halves_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in [1, 2, 7, 15, 16, 17, 20, 33] {
        let source = &mut Source::new(n as u64);
        let (mut l, mut u) = (vec![0.0; n * n], vec![0.0; n * n]);
        for i in 0..n {
            // Two entries a row keep the numbers short.
            for j in [i.wrapping_sub(1), i.wrapping_sub(4)].into_iter().filter(|&j| j < i) {
                l[i * n + j] = 0.5 * source.whole(-1, 1) as f64;
            }
            l[i * n + i] = 1.0;
            u[i * n + i] = if source.whole(0, 1) == 0 { -2.0 } else { 2.0 };
            for j in [i + 1, i + 5].into_iter().filter(|&j| j < n) {
                u[i * n + j] = source.whole(-2, 2) as f64;
            }
        }
        let pivots: Vec<usize> =
            (0..n).map(|k| source.whole(k as i64, n as i64 - 1) as usize).collect();
        let product = naive::multiply(&l, &u, n);
        // PᵀLU: the exchanges undone, last first.
        let mut a = product;
        for (k, &place) in pivots.iter().enumerate().rev() {
            (0..n).for_each(|j| a.swap(k * n + j, place * n + j));
        }
        let found = factors(subject, &narrow::<T>(&a), [n, n]);
        let right: Vec<T> =
            (0..n * n).map(|e| T::from_f64(if e % n >= e / n { u[e] } else { l[e] })).collect();
        cases += 1;
        broken += usize::from(found != Some((right, pivots)));
    }
    Measured::exact(Context::of("factor", subject), "LU of halves is exact", broken, cases)
}

/// |b − Ax̂| ≤ γ₃ₙ₊₁Pᵀ|L̂||Û||x̂|, the residual in exact rationals.
#[must_use]
pub fn lu_solutions_are_backward_stable<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 7, 16, 17, 40] {
        for a in
            [general::uniform(n, n, 5), matrix::whole_symmetric(n, 6), matrix::hilbert(n.min(8))]
        {
            let (a, n) = (narrow::<T>(&a), a.len().isqrt());
            let b: Vec<T> = (0..n).map(|i| T::from_f64((i * i) as f64 - 5.0)).collect();
            let mut x = b.clone();
            let found = factors(subject, &a, [n, n]);
            let done = found.as_ref().is_some_and(|(lu, pivots)| {
                let lu = MatRef::row_major(lu, n, n);
                let x = MatMut::col_major(&mut x, n, 1);
                lu.and_then(|lu| subject.lu_solve(lu, pivots, x?)).is_ok()
            });
            let (Some((lu, pivots)), true) = (found, done && x.iter().all(|x| x.is_finite()))
            else {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            };
            let l = dense::size(&dense::scaled(&dense::unit_lower(&lu, [n, n]), 0));
            let u = dense::size(&dense::scaled(&dense::upper(&lu, [n, n]), 0));
            let size = dense::size(&dense::scaled(&x, 0));
            let magnitude = naive::apply(&l, &naive::apply(&u, &size));
            let (a, b) = (dense::permuted(&a, n, &pivots), dense::permuted(&b, 1, &pivots));
            for i in 0..n {
                let (product, _) = exact::dot(&a[i * n..(i + 1) * n], &x);
                // Rounded in f64: a relative error of 2nu, made up for by the factor.
                let size = exact::from(magnitude[i] * (1.0 + 4.0 * n as f64 * f64::EPSILON));
                worst.see(b[i], &product, &bound::factor::lu_solve::<T>(n, &size));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "LU solutions are backward stable")
}
