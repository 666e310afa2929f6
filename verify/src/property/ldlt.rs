//! LDLᵀ.

use teeter::factor::LdltRegularization;
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::{Source, general, matrix};
use crate::oracle::exact::{self, Exact};
use crate::oracle::{dense, naive};
use crate::property::factor::narrow;
use crate::subject::Subject;

/// Every property of LDLᵀ.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        ldlt_residual_stays_within_its_bound(subject),
        ldlt_of_whole_numbers_is_exact(subject),
        ldlt_regularization_counts_what_it_changes(subject),
        ldlt_solutions_are_backward_stable(subject),
    ]
}

const ORDERS: [usize; 7] = [1, 2, 5, 15, 16, 17, 34];

/// L with its ones and D, from the lower triangle of a row-major result.
fn split<T: Float>(ld: &[T], n: usize) -> (Vec<T>, Vec<T>) {
    (dense::unit_lower(ld, [n, n]), (0..n).map(|i| ld[i * n + i]).collect())
}

/// |A − L̂D̂L̂ᵀ| ≤ γₙ₊₁|L̂||D̂||L̂ᵀ|, each element in exact rationals; garbage above the diagonal is neither read
/// nor written.
#[must_use]
pub fn ldlt_residual_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for general::Named { a, .. } in general::quasi_definite::<T>(n) {
            let mut ld = a.clone();
            ld.iter_mut().enumerate().filter(|(e, _)| e % n > e / n).for_each(|(_, x)| *x = T::NAN);
            let done =
                MatMut::row_major(&mut ld, n, n).and_then(|a| subject.ldlt_in_place(a, None));
            let untouched = (0..n * n).all(|e| ld[e].is_nan() == (e % n > e / n));
            if done != Ok(0) || !untouched {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            }
            let (l, d) = split(&ld, n);
            let largest = d.iter().chain(&l).fold(T::ZERO, |max, x| max.max_of(x.abs()));
            for e in (0..n * n).filter(|e| e % n <= e / n) {
                let (i, j) = (e / n, e % n);
                let (mut sum, mut size) = (Exact::ZERO, Exact::ZERO);
                for k in 0..=j {
                    let term = exact::from(l[i * n + k]) * exact::from(d[k]);
                    let term = term * exact::from(l[j * n + k]);
                    size += exact::abs(&term);
                    sum += term;
                }
                let allowed = bound::factor::ldlt::<T>(n, &size, &exact::from(largest));
                worst.see(a[e], &sum, &allowed);
            }
        }
    }
    worst.finish(Context::of("factor", subject), "LDLT residual stays within its bound")
}

/// Whole L with two entries a row, and D of powers of two with both signs.
fn whole_factors(n: usize) -> (Vec<f64>, Vec<f64>) {
    let source = &mut Source::new(n as u64);
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in [i.wrapping_sub(1), i.wrapping_sub(3)].into_iter().filter(|&j| j < i) {
            l[i * n + j] = source.whole(-1, 1) as f64;
        }
        l[i * n + i] = 1.0;
    }
    let d = (0..n).map(|_| [1.0, -1.0, 2.0, -4.0][source.whole(0, 3) as usize]).collect();
    (l, d)
}

/// LDLᵀ as a row-major matrix.
fn rebuilt(l: &[f64], d: &[f64]) -> Vec<f64> {
    let n = d.len();
    let mut scaled = l.to_vec();
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= d[e % n]);
    naive::multiply(&scaled, &naive::transpose(l, n), n)
}

/// Factors of whole numbers come back exactly; a pivot of 0 is named.
#[must_use]
pub fn ldlt_of_whole_numbers_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        let (l, mut d) = whole_factors(n);
        let mut ld = narrow::<T>(&rebuilt(&l, &d));
        let done = MatMut::row_major(&mut ld, n, n).and_then(|a| subject.ldlt_in_place(a, None));
        let (found_l, found_d) = split(&ld, n);
        cases += 1;
        broken += usize::from((done, found_l, found_d) != (Ok(0), narrow(&l), narrow(&d)));
        for index in [0, n / 2, n - 1] {
            let kept = core::mem::replace(&mut d[index], 0.0);
            let mut ld = narrow::<T>(&rebuilt(&l, &d));
            let done =
                MatMut::row_major(&mut ld, n, n).and_then(|a| subject.ldlt_in_place(a, None));
            d[index] = kept;
            cases += 1;
            broken += usize::from(done != Err(Error::Pivot { index, value: 0.0 }));
        }
    }
    Measured::exact(Context::of("factor", subject), "LDLT of whole numbers is exact", broken, cases)
}

/// Pivots of the wrong sign and of size 0 become ±δ·max|aᵢⱼ|, and exactly those are counted.
#[must_use]
pub fn ldlt_regularization_counts_what_it_changes<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        let (l, d) = whole_factors(n);
        let a = rebuilt(&l, &d);
        let largest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        // All right but one wrong sign, at the end, so that no later pivot depends on it.
        let mut signs: Vec<i8> = d.iter().map(|&d| if d > 0.0 { 1 } else { -1 }).collect();
        signs[n - 1] = -signs[n - 1];
        let (epsilon, delta) = (T::EPSILON, T::HALF * T::HALF);
        let run = |a: &[f64], signs: &[i8]| {
            let mut ld = narrow::<T>(a);
            let rule = LdltRegularization { signs, epsilon, delta };
            let done =
                MatMut::row_major(&mut ld, n, n).and_then(|a| subject.ldlt_in_place(a, Some(rule)));
            (done, ld[n * n - 1].to_f64())
        };
        let wrong = f64::from(signs[n - 1]) * 0.25 * largest;
        cases += 3;
        broken += usize::from(run(&a, &signs) != (Ok(1), wrong));
        broken += usize::from(run(&a, &[]) != (Ok(0), d[n - 1]));
        let mut last = d.clone();
        last[n - 1] = 0.0;
        let a = rebuilt(&l, &last);
        let largest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let delta = if largest == 0.0 { 0.25 } else { 0.25 * largest };
        broken += usize::from(run(&a, &[]) != (Ok(1), delta));
    }
    let name = "LDLT regularization counts what it changes";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}

/// |b − Ax̂| ≤ γ₃ₙ₊₂|L̂||D̂||L̂ᵀ||x̂|, the residual in exact rationals.
#[must_use]
pub fn ldlt_solutions_are_backward_stable<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 7, 16, 17, 40] {
        let mut negative = matrix::whole_positive(n, 8);
        negative.iter_mut().for_each(|x| *x = -*x);
        let list = general::quasi_definite::<T>(n);
        let moderate = list.iter().take(4).map(|named| named.a.clone());
        for a in moderate.chain([narrow::<T>(&negative)]) {
            let mut ld = a.clone();
            let b: Vec<T> = (0..n).map(|i| T::from_f64((i * i) as f64 - 5.0)).collect();
            let mut x = b.clone();
            let done = MatMut::row_major(&mut ld, n, n)
                .and_then(|a| subject.ldlt_in_place(a, None))
                .and_then(|_| MatRef::row_major(&ld, n, n))
                .and_then(|ld| subject.ldlt_solve(ld, MatMut::col_major(&mut x, n, 1)?));
            if done.is_err() || x.iter().any(|x| !x.is_finite()) {
                worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                continue;
            }
            let (l, d) = split(&ld, n);
            let (l, d) = (dense::size(&dense::scaled(&l, 0)), dense::size(&dense::scaled(&d, 0)));
            let mut size = dense::size(&dense::scaled(&x, 0));
            size = naive::apply(&naive::transpose(&l, n), &size);
            size.iter_mut().zip(&d).for_each(|(x, d)| *x *= d);
            let magnitude = naive::apply(&l, &size);
            for i in 0..n {
                let (product, _) = exact::dot(&a[i * n..(i + 1) * n], &x);
                let size = exact::from(magnitude[i] * (1.0 + 6.0 * n as f64 * f64::EPSILON));
                worst.see(b[i], &product, &bound::factor::ldlt_solve::<T>(n, &size));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "LDLT solutions are backward stable")
}
