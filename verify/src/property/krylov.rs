//! Lanczos: the identities that a wrong T cannot satisfy.

use teeter::Float;

use super::factor::{narrow, wide};
use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::{Source, matrix, vector};
use crate::oracle::{naive, reference};
use crate::subject::{Process, Subject};

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        basis_is_orthonormal(subject),
        tridiagonal_is_the_projection(subject),
        second_moment_is_the_norm_of_the_product(subject),
        moments_agree_to_degree_2k_minus_1(subject),
        moments_part_at_degree_2k(subject),
        ritz_values_lie_within_their_residuals(subject),
        whole_number_tridiagonal_is_returned(subject),
        process_closes_on_an_invariant_subspace(subject),
        lanczos_scales_by_powers_of_two(subject),
    ]
}

/// A case: the matrix, its process, and what the process left, all in f64.
struct Case {
    n: usize,
    k: usize,
    a: Vec<f64>,
    frobenius: f64,
    process: Process<f64>,
    defect: f64,
}

/// n × n with eigenvalues spread over [−1, 1], or the spectrum 62.9, 40, 25, … on which a released
/// Lanczos (science.md §2.3) reports 45.7.
fn cases<T: Float>(subject: &dyn Subject<T>, k: usize) -> Vec<Option<Case>> {
    let n = 24;
    let spread: Vec<f64> = (0..n).map(|i| 2.0 * i as f64 / (n - 1) as f64 - 1.0).collect();
    let mut peaked: Vec<f64> = (0..n).map(|i| 10.0 * i as f64 / n as f64).collect();
    (peaked[n - 1], peaked[n - 2], peaked[n - 3]) = (62.9, 40.0, 25.0);
    [spread, peaked].iter().map(|spectrum| case(subject, spectrum, k)).collect()
}

fn case<T: Float>(subject: &dyn Subject<T>, spectrum: &[f64], k: usize) -> Option<Case> {
    let n = spectrum.len();
    let a = narrow::<T>(&matrix::with_spectrum(spectrum, 21));
    let start: Vec<T> = vector::uniform(n, &mut Source::new(5));
    let process = subject.lanczos(&mut product(&a, n), &start, k).ok()?;
    let process = Process {
        diagonal: wide(&process.diagonal),
        off_diagonal: wide(&process.off_diagonal),
        residual_norm: process.residual_norm.to_f64(),
        basis: wide(&process.basis),
        invariant: process.invariant,
    };
    let a = wide(&a);
    let defect = defect(&process, n);
    Some(Case { n, k: process.diagonal.len(), frobenius: naive::frobenius(&a), a, process, defect })
}

/// x ↦ Ax in the format under test, by the plain loop.
fn product<T: Float>(a: &[T], n: usize) -> impl FnMut(&[T], &mut [T]) {
    move |x, y| {
        for (y, row) in y.iter_mut().zip(a.chunks(n)) {
            *y = row.iter().zip(x).fold(T::ZERO, |sum, (&a, &x)| sum + a * x);
        }
    }
}

/// The largest element of |QᵀQ − I|; NaN if any is.
fn defect(process: &Process<f64>, n: usize) -> f64 {
    let columns: Vec<&[f64]> = process.basis.chunks(n).collect();
    let mut worst = 0.0_f64;
    for (i, x) in columns.iter().enumerate() {
        for (j, y) in columns.iter().enumerate() {
            let error = (naive::dot(x, y) - f64::from(u8::from(i == j))).abs();
            worst = if error.is_nan() { f64::NAN } else { worst.max(error) };
        }
    }
    worst
}

/// Lets a property see each case, and counts a refusal as a fault.
fn over_cases<T: Float>(
    subject: &dyn Subject<T>,
    k: usize,
    name: &'static str,
    mut see: impl FnMut(&Case, &mut Worst),
) -> Measured {
    let mut worst = Worst::default();
    for case in cases(subject, k) {
        match case {
            Some(case) => see(&case, &mut worst),
            None => worst.see_f64(f64::NAN, 0.0),
        }
    }
    worst.finish(Context::of("krylov", subject), name)
}

/// |QᵀQ − I|
#[must_use]
pub fn basis_is_orthonormal<T: Float>(subject: &dyn Subject<T>) -> Measured {
    over_cases(subject, 12, "Lanczos basis is orthonormal", |case, worst| {
        worst.see_f64(case.defect, bound::lanczos_orthogonality::<T>(case.n, case.k));
    })
}

/// T = QᵀAQ, element by element: a β that was scaled before it was taken shows here.
#[must_use]
pub fn tridiagonal_is_the_projection<T: Float>(subject: &dyn Subject<T>) -> Measured {
    over_cases(subject, 12, "Lanczos T is QᵀAQ", |case, worst| {
        let Case { n, k, process, .. } = case;
        let columns: Vec<&[f64]> = process.basis.chunks(*n).collect();
        let allowed = bound::lanczos::<T>(*n, *k, case.defect) * case.frobenius;
        for (j, y) in columns.iter().enumerate() {
            let image = naive::apply(&case.a, y);
            for (i, x) in columns.iter().enumerate() {
                let ours = match i.abs_diff(j) {
                    0 => process.diagonal[i],
                    1 => process.off_diagonal[i.min(j)],
                    _ => 0.0,
                };
                worst.see_f64((naive::dot(x, &image) - ours).abs(), allowed);
            }
        }
    })
}

/// (T²)₁₁ = α₁² + β₁² = ‖Aq₁‖²: needs no basis and no second step.
#[must_use]
pub fn second_moment_is_the_norm_of_the_product<T: Float>(subject: &dyn Subject<T>) -> Measured {
    over_cases(subject, 4, "Lanczos (T²)₁₁ is ‖Aq₁‖²", |case, worst| {
        let image = naive::apply(&case.a, &case.process.basis[..case.n]);
        let (alpha, beta) = (case.process.diagonal[0], case.process.off_diagonal[0]);
        let error = (alpha * alpha + beta * beta - naive::dot(&image, &image)).abs();
        let step = bound::lanczos::<T>(case.n, case.k, case.defect) + case.defect;
        worst.see_f64(error, (2.0 * step + step * step) * case.frobenius * case.frobenius);
    })
}

/// e₁ᵀTᵖe₁ − qᵀAᵖq for A scaled to norm 1.
fn moment_gap(case: &Case, p: usize, norm: f64) -> f64 {
    let t = matrix::dense(&case.process.diagonal, &case.process.off_diagonal);
    let power = |a: &[f64], mut x: Vec<f64>| {
        let first = x.clone();
        for _ in 0..p {
            x = naive::apply(a, &x).iter().map(|x| x / norm).collect();
        }
        naive::dot(&first, &x)
    };
    let mut unit = vec![0.0; case.k];
    unit[0] = 1.0;
    (power(&t, unit) - power(&case.a, case.process.basis[..case.n].to_vec())).abs()
}

/// The largest |λ|, by faer.
fn norm(case: &Case) -> f64 {
    reference::eigenvalues(&case.a, case.n).iter().fold(0.0, |m, x| m.max(x.abs()))
}

/// Gauss quadrature with k nodes is exact to degree 2k − 1.
#[must_use]
pub fn moments_agree_to_degree_2k_minus_1<T: Float>(subject: &dyn Subject<T>) -> Measured {
    over_cases(subject, 3, "Lanczos moments agree to degree 2k − 1", |case, worst| {
        let norm = norm(case);
        let step = bound::lanczos::<T>(case.n, case.k, case.defect) + case.defect;
        let allowed = bound::lanczos_moment(case.k, step, case.frobenius / norm);
        for p in 1..2 * case.k {
            worst.see_f64(moment_gap(case, p, norm), allowed);
        }
    })
}

/// At degree 2k they differ by ∏βⱼ², j ≤ k, and that is more than the bound below it: the property
/// above has power, and no step is counted twice. On the even spectrum, where no β is small
/// against ‖A‖: on the peaked one ∏β² drowns in the rounding of f32.
#[must_use]
pub fn moments_part_at_degree_2k<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut even = true;
    over_cases(subject, 3, "Lanczos moments part by ∏β² at degree 2k", |case, worst| {
        if !std::mem::take(&mut even) {
            return;
        }
        let norm = norm(case);
        let step = bound::lanczos::<T>(case.n, case.k, case.defect) + case.defect;
        let allowed = bound::lanczos_moment(case.k + 1, step, case.frobenius / norm);
        let betas = case.process.off_diagonal.iter().chain([&case.process.residual_norm]);
        let gap: f64 = betas.map(|beta| (beta / norm).powi(2)).product();
        let measured = moment_gap(case, 2 * case.k, norm);
        worst.see_f64((measured - gap).abs(), allowed);
        // The gap must stand clear of the bound, or the sentence above says nothing.
        worst.see_f64(allowed, gap);
    })
}

/// Each Ritz value has an eigenvalue of A (by faer) within β|s|, up to the rounding of the process.
#[must_use]
pub fn ritz_values_lie_within_their_residuals<T: Float>(subject: &dyn Subject<T>) -> Measured {
    over_cases(subject, 8, "Ritz values lie within their residuals", |case, worst| {
        let Case { n, k, process, .. } = case;
        let t = matrix::dense(&process.diagonal, &process.off_diagonal);
        let truth = reference::eigenvalues(&case.a, *n);
        let (values, last) = reference::eigen_last_components(&t, *k);
        let step = bound::lanczos::<T>(*n, *k, case.defect) * (*k as f64).sqrt();
        let slack = (step + bound::eigen::<f64>(*n)) * case.frobenius;
        for (theta, last) in values.iter().zip(&last) {
            let distance = truth.iter().fold(f64::MAX, |d, x| d.min((x - theta).abs()));
            let distance = if theta.is_finite() { distance } else { f64::NAN };
            // Orthonormal within ω, so the vector has norm 1 within kω.
            let residual = process.residual_norm * last.abs() * (1.0 + *k as f64 * case.defect);
            worst.see_f64(distance, residual + slack);
        }
    })
}

/// The second difference from e₁ is its own T, with no rounding at all.
#[must_use]
pub fn whole_number_tridiagonal_is_returned<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (n, k) = (20, 12);
    let (d, e, _) = matrix::second_difference(n);
    let a = narrow::<T>(&matrix::dense(&d, &e));
    let mut start = vec![T::ZERO; n];
    start[0] = T::from_f64(3.0);
    let mut broken = 2 * k;
    if let Ok(process) = subject.lanczos(&mut product(&a, n), &start, k) {
        let off = process.off_diagonal.iter().chain([&process.residual_norm]);
        let right = process.diagonal.iter().filter(|&&d| d == T::TWO).count()
            + off.filter(|&&e| e == T::ONE).count();
        broken = (2 * k).abs_diff(right);
    }
    let context = Context::of("krylov", subject);
    Measured::exact(context, "Lanczos returns a whole-number tridiagonal", broken, 2 * k)
}

/// A start in the span of three eigenvectors closes after three steps on three eigenvalues.
#[must_use]
pub fn process_closes_on_an_invariant_subspace<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let values = [5.0, -2.0, 1.0, 7.0, 7.0, 0.5, 3.0, -9.0];
    let n = values.len();
    let mut a = vec![T::ZERO; n * n];
    (0..n).for_each(|i| a[i * n + i] = T::from_f64(values[i]));
    // 7 is double: one copy of it is seen.
    let start = narrow::<T>(&[0.0, 1.0, 0.0, 1.0, 1.0, 0.0, -2.0, 0.0]);
    let mut worst = Worst::default();
    match subject.lanczos(&mut product(&a, n), &start, n) {
        Ok(process) if process.invariant && process.diagonal.len() == 3 => {
            let t = matrix::dense(&wide(&process.diagonal), &wide(&process.off_diagonal));
            let defect = bound::lanczos_orthogonality::<T>(n, 3);
            let allowed = bound::lanczos::<T>(n, 3, defect) * 3.0_f64.sqrt() * 18.0;
            for (theta, truth) in reference::eigenvalues(&t, 3).iter().zip([-2.0, 3.0, 7.0]) {
                worst.see_f64((theta - truth).abs(), allowed);
            }
        }
        _ => worst.see_f64(f64::NAN, 0.0),
    }
    let name = "Lanczos closes on an invariant subspace";
    worst.finish(Context::of("krylov", subject), name)
}

/// 2ᵏA gives 2ᵏT and the same Q, bit for bit.
#[must_use]
pub fn lanczos_scales_by_powers_of_two<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (n, k) = (17, 9);
    let spectrum: Vec<f64> = (0..n).map(|i| 1.0 + i as f64).collect();
    let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 2));
    let start: Vec<T> = vector::uniform(n, &mut Source::new(6));
    let (mut broken, mut cases) = (0, 0);
    let plain = subject.lanczos(&mut product(&a, n), &start, k);
    for power in [-40, -3, 1, 50] {
        let scaled: Vec<T> = a.iter().map(|x| x.scale_by_power(power)).collect();
        let other = subject.lanczos(&mut product(&scaled, n), &start, k);
        let (Ok(plain), Ok(other)) = (&plain, &other) else {
            broken += 1;
            continue;
        };
        let pairs = plain.diagonal.iter().zip(&other.diagonal);
        let pairs = pairs.chain(plain.off_diagonal.iter().zip(&other.off_diagonal));
        for (a, b) in pairs {
            cases += 1;
            broken += usize::from(a.scale_by_power(power) != *b);
        }
        broken += super::matrix::differing(&plain.basis, &other.basis);
    }
    let context = Context::of("krylov", subject);
    Measured::exact(context, "Lanczos scales exactly by powers of two", broken, cases)
}
