//! What a Cholesky factor gives: inverse, updates, downdates.

use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::{general, matrix};
use crate::oracle::{dense, naive, reference};
use crate::property::factor::{narrow, wide};
use crate::subject::Subject;

/// Every property of this file.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        cholesky_inverse_stays_within_its_bound(subject),
        cholesky_update_stays_within_its_bound(subject),
        cholesky_downdate_stays_within_its_bound(subject),
        cholesky_downdate_names_the_pivot(subject),
    ]
}

const ORDERS: [usize; 7] = [1, 2, 5, 15, 16, 17, 34];

/// L in the lower triangle, NaN above: whoever reads there shows it.
fn lower<T: Float>(subject: &dyn Subject<T>, a: &[T]) -> Option<Vec<T>> {
    let n = a.len().isqrt();
    let mut l = a.to_vec();
    subject.cholesky_in_place(MatMut::row_major(&mut l, n, n).ok()?).ok()?;
    l.iter_mut().enumerate().filter(|(e, _)| e % n > e / n).for_each(|(_, x)| *x = T::NAN);
    Some(l)
}

/// The same in f64 with zeros above, times 2ᵏ.
fn clean<T: Float>(l: &[T], n: usize, power: i32) -> Vec<f64> {
    let l = dense::scaled(l, power);
    (0..n * n).map(|e| if e % n > e / n { 0.0 } else { l[e] }).collect()
}

/// |AX̂ − I| within its bound, and X̂ = X̂ᵀ exactly.
#[must_use]
pub fn cholesky_inverse_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        // The geometric one may exceed what first order covers in f32.
        let list = general::positive::<T>(n);
        for general::Named { a, .. } in list.iter().filter(|named| named.name != "geometric") {
            let mut inverse = vec![T::NAN; n * n];
            let l = lower(subject, a);
            let done = l.as_ref().is_some_and(|l| {
                let view = MatMut::row_major(&mut inverse, n, n);
                view.and_then(|x| subject.cholesky_inverse(MatRef::row_major(l, n, n)?, x)).is_ok()
            });
            let symmetric = (0..n * n).all(|e| inverse[e] == inverse[e % n * n + e / n]);
            let (Some(l), true) = (l, done && symmetric) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            // 2ᵏA and 2⁻ᵏX; L takes half of k, which is even.
            let power = dense::power(a) / 2 * 2;
            let (a, l) = (dense::scaled(a, power), clean(&l, n, power / 2));
            let x = dense::scaled(&inverse, -power);
            let w = dense::size(&reference::inverse(&l, n));
            let (l, lt) = (dense::size(&l), naive::transpose(&dense::size(&l), n));
            let ww = naive::multiply(&naive::transpose(&w, n), &w, n);
            let (ll, lw) = (naive::multiply(&l, &lt, n), naive::multiply(&l, &w, n));
            let cholesky = naive::multiply(&ll, &dense::size(&x), n);
            let (left, right) = (naive::multiply(&lw, &lw, n), naive::multiply(&ll, &ww, n));
            let product = naive::multiply(&dense::size(&a), &ww, n);
            let residual = dense::difference(&naive::multiply(&a, &x, n), &dense::identity([n, n]));
            for e in 0..n * n {
                let parts = [cholesky[e], left[e], right[e], product[e]];
                worst.see_f64(residual[e].abs(), bound::factor::cholesky_inverse::<T>(n, parts));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "Cholesky inverse stays within its bound")
}

/// ‖L̂L̂ᵀ − (A + σxxᵀ)‖_F over all that is added, A = LLᵀ as given.
fn change<T: Float>(l: &[T], x: &[T], sigma: f64, new: &[T]) -> f64 {
    let n = x.len();
    // Of both at once, without what stands above the diagonal.
    let all: Vec<T> = l.iter().chain(x).copied().filter(|x| x.is_finite()).collect();
    let power = dense::power(&all);
    let gram = |l: &[f64]| naive::multiply(l, &naive::transpose(l, n), n);
    let (old, new) = (gram(&clean(l, n, power)), gram(&clean(new, n, power)));
    let x = dense::scaled(x, power);
    let right: Vec<f64> = (0..n * n).map(|e| old[e] + sigma * x[e / n] * x[e % n]).collect();
    let size = naive::norm(&old) + naive::dot(&x, &x) + naive::norm(&new);
    naive::norm(&dense::difference(&new, &right)) / size
}

/// Vectors to add: ones, one coordinate, almost nothing, far more than L.
fn vectors<T: Float>(n: usize, size: T) -> Vec<Vec<T>> {
    let of =
        |f: &dyn Fn(usize) -> f64| -> Vec<T> { (0..n).map(|i| T::from_f64(f(i)) * size).collect() };
    vec![
        of(&|_| 1.0),
        of(&|i| if i == n / 2 { -1.0 } else { 0.0 }),
        of(&|i| 0.5_f64.powi(20 + i as i32)),
        of(&|i| 1024.0 * (i as f64 - 2.5)),
        of(&|_| 0.0),
    ]
}

/// Whether nothing above the diagonal was written and the diagonal is positive.
fn intact<T: Float>(l: &[T], n: usize) -> bool {
    (0..n * n).all(|e| l[e].is_nan() == (e % n > e / n)) && (0..n).all(|i| l[i * n + i] > T::ZERO)
}

/// L̂L̂ᵀ = LLᵀ + xxᵀ in norm.
#[must_use]
pub fn cholesky_update_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for general::Named { a, .. } in general::positive::<T>(n) {
            let Some(l) = lower(subject, &a) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            for x in vectors(n, l[0]) {
                let (mut new, mut work) = (l.clone(), x.clone());
                let done = MatMut::row_major(&mut new, n, n)
                    .and_then(|l| subject.cholesky_update(l, &mut work));
                let fine = done.is_ok() && intact(&new, n);
                let error = if fine { change(&l, &x, 1.0, &new) } else { f64::NAN };
                worst.see_f64(error, bound::factor::cholesky_update::<T>(n));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "Cholesky update stays within its bound")
}

/// L̂L̂ᵀ = LLᵀ − xxᵀ in norm, for x = t·(row sums of L) with ‖L⁻¹x‖ = t√n < 1.
#[must_use]
pub fn cholesky_downdate_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for general::Named { a, .. } in general::positive::<T>(n) {
            let Some(l) = lower(subject, &a) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            for share in [0.0, 0.25, 0.9] {
                let t = T::from_f64(share / (n as f64).sqrt());
                let mut x = vec![T::ZERO; n];
                for (i, x) in x.iter_mut().enumerate() {
                    l[i * n..=i * n + i].iter().for_each(|&l| *x += t * l);
                }
                let (mut new, mut work) = (l.clone(), x.clone());
                let done = MatMut::row_major(&mut new, n, n)
                    .and_then(|l| subject.cholesky_downdate(l, &mut work));
                let fine = done.is_ok() && intact(&new, n);
                let error = if fine { change(&l, &x, -1.0, &new) } else { f64::NAN };
                worst.see_f64(error, bound::factor::cholesky_downdate::<T>(n));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "Cholesky downdate stays within its bound")
}

/// A = I·4 and x with ‖x‖ = 2 or more at place k: pivot 4 − x² there, exactly, and L untouched.
#[must_use]
pub fn cholesky_downdate_names_the_pivot<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        for index in [0, n / 2, n - 1] {
            for (size, value) in [(2.0, 0.0), (4.0, -12.0)] {
                let l = matrix::dense(&vec![2.0; n], &vec![0.0; n - 1]);
                let (mut new, mut x) = (narrow::<T>(&l), vec![T::ZERO; n]);
                x[index] = T::from_f64(size);
                let done = MatMut::row_major(&mut new, n, n)
                    .and_then(|l| subject.cholesky_downdate(l, &mut x));
                cases += 1;
                let named = done == Err(Error::Pivot { index, value });
                broken += usize::from(!named || wide(&new) != l);
            }
        }
    }
    let name = "Cholesky downdate names the pivot";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}
