//! Factorizations and dense eigenvalues.

use teeter::matrix::MatMut;
use teeter::{Error, Float};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::matrix;
use crate::oracle::exact::{self, Exact, from};
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        cholesky_residual_stays_within_its_bound(subject),
        cholesky_names_the_pivot(subject),
        tridiagonal_values_are_where_sturm_counts_say(subject),
        symmetric_eigen_reconstructs(subject),
        symmetric_eigen_agrees_with_faer(subject),
    ]
}

/// Orders on both sides of the block of 16.
const ORDERS: [usize; 7] = [1, 2, 5, 15, 16, 17, 34];

/// Rounds a matrix to the format.
#[must_use]
pub fn narrow<T: Float>(a: &[f64]) -> Vec<T> {
    a.iter().map(|&x| T::from_f64(x)).collect()
}

/// Widens a matrix, exactly.
#[must_use]
pub fn wide<T: Float>(a: &[T]) -> Vec<f64> {
    a.iter().map(|x| x.to_f64()).collect()
}

/// |A − L̂L̂ᵀ| ≤ γ₍ₙ₊₁₎|L̂||L̂ᵀ|, each element of the residual in exact rationals; garbage above the
/// diagonal is neither read nor written.
#[must_use]
pub fn cholesky_residual_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        let spd = [matrix::whole_positive(n, 3), matrix::with_spectrum(&spread(n), 4)];
        for a in spd {
            let mut l = narrow::<T>(&a);
            for (e, x) in l.iter_mut().enumerate().filter(|(e, _)| e % n > e / n) {
                *x = if e % 2 == 0 { T::NAN } else { T::INFINITY };
            }
            let a = l.clone();
            let done = MatMut::row_major(&mut l, n, n).and_then(|l| subject.cholesky_in_place(l));
            for e in 0..n * n {
                let (i, j) = (e / n, e % n);
                if j > i {
                    let touched = usize::from(l[e].is_finite());
                    worst.see_f64(touched as f64, 0.0);
                } else if done.is_err() || l[i * n..=i * n + j].iter().any(|x| !x.is_finite()) {
                    worst.see(T::NAN, &Exact::ZERO, &Exact::ZERO);
                } else {
                    let (product, magnitude) =
                        exact::dot(&l[i * n..=i * n + j], &l[j * n..=j * n + j]);
                    worst.see(a[e], &product, &bound::cholesky::<T>(n, &magnitude));
                }
            }
        }
    }
    worst.finish(Context::of("factor", subject), "Cholesky residual stays within its bound")
}

/// Eigenvalues from 1 to 1000, geometric: condition 1000 in either format.
fn spread(n: usize) -> Vec<f64> {
    (0..n).map(|i| 1000.0_f64.powf(i as f64 / n as f64)).collect()
}

/// LDLᵀ in whole numbers with squares on the diagonal, so that every pivot is exact; one of them
/// 0 or negative: the error names its index and value.
#[must_use]
pub fn cholesky_names_the_pivot<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        for index in [0, n / 2, n - 1] {
            for value in [0.0, -1.0] {
                let mut d = vec![1.0; n];
                d.iter_mut().step_by(2).for_each(|d| *d = 4.0);
                d[index] = value;
                let mut l = vec![0.0; n * n];
                for i in 0..n {
                    l[i * n + i] = 1.0;
                    // Two entries a row keep the whole numbers small.
                    for j in [i.wrapping_sub(1), i.wrapping_sub(3)] {
                        if j < i {
                            l[i * n + j] = if (i + j) % 3 == 0 { -1.0 } else { 1.0 };
                        }
                    }
                }
                let mut scaled = l.clone();
                scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= d[e % n]);
                let a = naive::multiply(&scaled, &naive::transpose(&l, n), n);
                let mut a = narrow::<T>(&a);
                let done =
                    MatMut::row_major(&mut a, n, n).and_then(|a| subject.cholesky_in_place(a));
                cases += 1;
                broken += usize::from(done != Err(Error::Pivot { index, value }));
            }
        }
    }
    Measured::exact(Context::of("factor", subject), "Cholesky names the pivot", broken, cases)
}

/// How many eigenvalues of the tridiagonal lie below `sigma`: negative pivots of T − σI (Sylvester),
/// in exact rationals.
#[must_use]
pub fn sturm_count<T: Float>(diagonal: &[T], off_diagonal: &[T], sigma: &Exact) -> usize {
    let mut count = 0;
    let mut pivot = Exact::ONE;
    for (i, &d) in diagonal.iter().enumerate() {
        let mut next = from(d) - sigma;
        if i > 0 {
            next -= from(off_diagonal[i - 1]).sqr() / &pivot;
        }
        if next == Exact::ZERO {
            // σ is an eigenvalue of a leading part: step aside by nothing that can matter.
            next = exact::power_of_two(-4000);
        }
        count += usize::from(next < Exact::ZERO);
        pivot = next;
    }
    count
}

/// Value number i has at most i eigenvalues below it less the bound, and more than i below it plus
/// the bound: position and multiplicity at once, with no other eigen-solver.
#[must_use]
pub fn tridiagonal_values_are_where_sturm_counts_say<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let (second, clement) = (matrix::second_difference(14), matrix::clement(15));
    let graded: Vec<f64> = (0..12).map(|i| 0.1_f64.powi(i)).collect();
    let list = [
        (second.0, second.1),
        (clement.0, clement.1),
        matrix::wilkinson(15),
        (graded.clone(), graded[1..].to_vec()),
        (vec![3.0; 6], vec![0.0; 5]),
        (vec![2.0], vec![]),
    ];
    for (d, e) in list {
        let (d, e) = (narrow::<T>(&d), narrow::<T>(&e));
        let n = d.len();
        let (mut values, mut work) = (d.clone(), e.clone());
        let done = subject.tridiagonal_values(&mut values, &mut work);
        let (wide_d, wide_e) = (wide(&d), wide(&e));
        let norm = (naive::dot(&wide_d, &wide_d) + 2.0 * naive::dot(&wide_e, &wide_e)).sqrt();
        let allowed = from(bound::eigen::<T>(n) * norm);
        for (i, &value) in values.iter().enumerate() {
            cases += 1;
            let Some(value) = exact::try_from(value).filter(|_| done.is_ok()) else {
                broken += 1;
                continue;
            };
            let below = sturm_count(&d, &e, &(&value - &allowed));
            let above = sturm_count(&d, &e, &(&value + &allowed));
            broken += usize::from(below > i || above <= i);
        }
    }
    let context = Context::of("factor", subject);
    Measured::exact(context, "tridiagonal values are where Sturm counts say", broken, cases)
}

/// ‖A − VΛVᵀ‖_F/‖A‖_F and ‖VᵀV − I‖_F, over spectra of all kinds.
#[must_use]
pub fn symmetric_eigen_reconstructs<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 5, 16, 33] {
        for (_, spectrum) in matrix::spectra(n) {
            let a = narrow::<T>(&matrix::with_spectrum(&spectrum, n as u64));
            let (mut v, mut values) = (a.clone(), vec![T::NAN; n]);
            let done = MatMut::row_major(&mut v, n, n)
                .and_then(|v| subject.symmetric_eigen(v, &mut values));
            let (a, v, values) = (wide(&a), wide(&v), wide(&values));
            let transposed = naive::transpose(&v, n);
            let mut scaled = v.clone();
            scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= values[e % n]);
            let rebuilt = naive::multiply(&scaled, &transposed, n);
            let residual: Vec<f64> = a.iter().zip(&rebuilt).map(|(a, b)| a - b).collect();
            let mut gram = naive::multiply(&transposed, &v, n);
            (0..n).for_each(|i| gram[i * n + i] -= 1.0);
            let ordered = values.windows(2).all(|pair| pair[0] <= pair[1]);
            let ok = if done.is_ok() && ordered { 1.0 } else { f64::NAN };
            let norm = naive::frobenius(&a);
            if norm > 0.0 {
                worst.see_f64(ok * naive::frobenius(&residual) / norm, bound::eigen::<T>(n));
            }
            worst.see_f64(ok * naive::frobenius(&gram), bound::eigen::<T>(n));
        }
    }
    worst.finish(Context::of("factor", subject), "symmetric eigen reconstructs the matrix")
}

/// Values against faer's, over ‖A‖_F; each solver is within the bound of the truth.
#[must_use]
pub fn symmetric_eigen_agrees_with_faer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [3, 16, 40] {
        for (_, spectrum) in matrix::spectra(n) {
            let mut v = narrow::<T>(&matrix::with_spectrum(&spectrum, 9));
            let a = wide(&v);
            let mut values = vec![T::NAN; n];
            let done = MatMut::row_major(&mut v, n, n)
                .and_then(|v| subject.symmetric_eigen(v, &mut values));
            let norm = naive::frobenius(&a);
            let allowed = bound::eigen::<T>(n) + bound::eigen::<f64>(n);
            for (ours, faer) in values.iter().zip(reference::eigenvalues(&a, n)) {
                let ours = if done.is_ok() { ours.to_f64() } else { f64::NAN };
                worst.see_f64((ours - faer).abs() / norm, allowed);
            }
        }
    }
    worst.finish(Context::of("factor", subject), "symmetric eigenvalues agree with faer's")
}
