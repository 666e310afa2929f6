//! Traces: the estimator over every sign vector, its probes, and what Tr(G⁻¹H) is invariant to.

use teeter::matrix::MatRef;
use teeter::operator::Dense;
use teeter::random::Stream;
use teeter::trace::{
    HutchinsonOptions, Probe, hutchinson, hutchinson_scratch_len, student_t_quantile,
};
use teeter::{Float, Stop};

use super::factor::narrow;
use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::matrix;
use crate::oracle::{naive, reference, signs};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    let mut list = vec![
        single_probes_have_exact_mean_and_variance(subject),
        mean_and_standard_error_over_every_sign_vector(subject),
        probes_are_balanced_and_independent(subject),
        diagonal_trace_is_exact(subject),
        estimate_stays_within_bernstein(subject),
        quantile_inverts_the_distribution(subject),
        trace_ratio_is_affine_invariant(subject),
    ];
    list.extend(invariance_breaks(subject));
    list
}

/// Sums over the cube stay whole numbers: 2¹⁰ samples below 2¹⁴ in size.
const CUBE: usize = 10;

fn cube() -> Vec<Vec<f64>> {
    let mut list = Vec::new();
    signs::for_each(CUBE, |z| list.push(z.to_vec()));
    list
}

/// x ↦ Ax by the plain loop, exact on whole numbers.
fn product<T: Float>(a: &[T], n: usize) -> impl FnMut(&[T], &mut [T]) {
    move |x, y| {
        for (y, row) in y.iter_mut().zip(a.chunks(n)) {
            *y = row.iter().zip(x).fold(T::ZERO, |sum, (&a, &x)| sum + a * x);
        }
    }
}

/// Tr A, 2(‖A‖_F² − Σaᵢᵢ²)
fn moments(a: &[f64], n: usize) -> (f64, f64) {
    let diagonal = || (0..n).map(|i| a[i * n + i]);
    let off = naive::dot(a, a) - diagonal().map(|x| x * x).sum::<f64>();
    (diagonal().sum(), 2.0 * off)
}

/// One estimate per sign vector: their mean is Tr A and their variance 2(‖A‖_F² − Σaᵢᵢ²), exactly.
#[must_use]
pub fn single_probes_have_exact_mean_and_variance<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let wide = matrix::whole_symmetric(CUBE, 17);
    let a = narrow::<T>(&wide);
    let (trace, variance) = moments(&wide, CUBE);
    let (mut sum, mut squares, mut broken) = (0.0, 0.0, 0);
    for z in cube() {
        let mut probe = std::iter::once(narrow::<T>(&z));
        match subject.trace_of_probes(&mut product(&a, CUBE), &mut probe) {
            Ok(estimate) => {
                let value = estimate.value.to_f64();
                sum += value;
                squares += (value - trace) * (value - trace);
            }
            Err(_) => broken += 1,
        }
    }
    let count = f64::from(1_u32 << CUBE);
    broken += usize::from(sum != count * trace) + usize::from(squares != count * variance);
    let context = Context::of("trace", subject);
    Measured::exact(context, "probes have exact mean and variance over all signs", broken, 2)
}

/// All 2ⁿ pushed into one estimator: value Tr A, sample error √(σ²/(N − 1)), standard error √(2‖A‖_F²/N).
#[must_use]
pub fn mean_and_standard_error_over_every_sign_vector<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let wide = matrix::whole_symmetric(CUBE, 18);
    let a = narrow::<T>(&wide);
    let (trace, variance) = moments(&wide, CUBE);
    let list = cube();
    let count = list.len();
    let mut probes = list.iter().map(|z| narrow::<T>(z));
    let mut worst = Worst::default();
    match subject.trace_of_probes(&mut product(&a, CUBE), &mut probes) {
        Ok(estimate) => {
            let largest: f64 = wide.iter().map(|x| x.abs()).sum();
            let error = (estimate.value.to_f64() - trace).abs();
            worst.see_f64(error, bound::running_mean::<T>(count, largest));
            let truth = variance / (count - 1) as f64;
            let squared = estimate.sample_error.to_f64().powi(2);
            let allowed = bound::running_variance::<T>(count, largest, variance.sqrt());
            worst.see_f64((squared / truth - 1.0).abs(), allowed);
            let truth = 2.0 * naive::dot(&wide, &wide) / count as f64;
            let squared = estimate.standard_error.to_f64().powi(2);
            worst.see_f64((squared / truth - 1.0).abs(), bound::trace::root_of_squares::<T>(count));
        }
        Err(_) => worst.see_f64(f64::NAN, 0.0),
    }
    let name = "mean and standard error over all signs";
    worst.finish(Context::of("trace", subject), name)
}

/// Entry sums over probes at each position, and products at each lag, within each probe and
/// between successive ones (Hoeffding): one sign per tensor, or one seed twice, shows here.
#[must_use]
pub fn probes_are_balanced_and_independent<T: Float>(subject: &dyn Subject<T>) -> Measured {
    const N: usize = 200;
    const PROBES: usize = 400;
    const FAILURE: f64 = 1e-12;
    let mut worst = Worst::default();
    let probes: Vec<Vec<f64>> = (0..PROBES)
        .map(|index| {
            let mut z = vec![T::NAN; N];
            let done = subject.probe_into(Stream::new(9, 1), index, &mut z);
            z.iter().map(|z| if done.is_ok() { z.to_f64() } else { f64::NAN }).collect()
        })
        .collect();
    let allowed = bound::hoeffding_signs(PROBES, FAILURE / N as f64);
    for i in 0..N {
        worst.see_f64(probes.iter().map(|z| z[i]).sum::<f64>().abs(), allowed);
    }
    let allowed = bound::hoeffding_signs(PROBES * N / 2, FAILURE / (N / 2) as f64);
    for lag in 1..=N / 2 {
        let inside = |z: &Vec<f64>| (0..N / 2).map(|i| z[i] * z[i + lag]).sum::<f64>();
        worst.see_f64(probes.iter().map(inside).sum::<f64>().abs(), allowed);
    }
    let allowed = bound::hoeffding_signs(PROBES / 2 * N, FAILURE);
    let between: f64 = probes.chunks_exact(2).map(|pair| naive::dot(&pair[0], &pair[1])).sum();
    worst.see_f64(between.abs(), allowed);
    worst.finish(Context::of("trace", subject), "probes are balanced and independent")
}

fn options<T: Float>(products: usize) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.95);
    HutchinsonOptions { probe: Probe::Rademacher, products, confidence, stream: Stream::new(4, 2) }
}

/// For a diagonal matrix every sign probe gives the trace; but that probes agree proves
/// nothing, so the width is that of √2·‖A‖_F all the same, and no convergence is claimed.
#[must_use]
pub fn diagonal_trace_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in [1, 2, 9, 40] {
        let d: Vec<T> = (0..n).map(|i| T::from_f64(i as f64 - 3.0)).collect();
        let truth = (0..n).map(|i| i as f64 - 3.0).sum::<f64>();
        let mut scratch = vec![T::NAN; hutchinson_scratch_len(n)];
        let mut operator = teeter::operator::Diagonal::new(&d);
        let machine = subject.machine();
        let estimate = hutchinson(machine, &mut operator, &options(5), &mut scratch);
        cases += 1;
        broken += usize::from(!estimate.is_ok_and(|e| {
            let width = e.upper.to_f64() - e.lower.to_f64();
            let agrees = e.value.to_f64() == truth && e.stop == Stop::LimitReached;
            agrees && (width > 0.0 || d.iter().all(|&d| d == T::ZERO))
        }));
    }
    Measured::exact(
        Context::of("trace", subject),
        "diagonal trace is exact, and claims no proof",
        broken,
        cases,
    )
}

/// |estimate − Tr A| by Bernstein, over a fixed seed and several budgets; chance 1e-12 each.
#[must_use]
pub fn estimate_stays_within_bernstein<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let n = 40;
    let wide = matrix::whole_positive(n, 12);
    let a = narrow::<T>(&wide);
    let (trace, variance) = moments(&wide, n);
    let range: f64 = (0..n * n).filter(|e| e / n != e % n).map(|e| wide[e].abs()).sum();
    let mut scratch = vec![T::NAN; hutchinson_scratch_len(n)];
    let mut worst = Worst::default();
    for products in [1, 8, 64, 512] {
        let machine = subject.machine();
        let estimate = MatRef::row_major(&a, n, n)
            .and_then(|a| Dense::new(machine, a))
            .and_then(|mut a| hutchinson(machine, &mut a, &options(products), &mut scratch));
        let value = estimate.map_or(f64::NAN, |estimate| estimate.value.to_f64());
        let allowed = bound::bernstein_trace(products, variance, range, 1e-12);
        worst.see_f64((value - trace).abs(), allowed);
    }
    worst.finish(Context::of("trace", subject), "estimate stays within Bernstein's bound")
}

/// P(|t| ≤ quantile) against statrs: within 1e-12 to 200 degrees of freedom, 1e-4 beyond, as
/// documented, plus the rounding of the quantile to the format.
#[must_use]
pub fn quantile_inverts_the_distribution<T: Float>(subject: &dyn Subject<T>) -> Measured {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    let mut worst = Worst::default();
    for freedom in [1, 2, 3, 7, 31, 100, 200, 201, 1000, 100_000] {
        for confidence in [0.01, 0.5, 0.9, 0.95, 0.999] {
            let asked = T::from_f64(confidence);
            let t = student_t_quantile(asked, freedom).map_or(f64::NAN, Float::to_f64);
            let reached = StudentsT::new(0.0, 1.0, freedom as f64)
                .map_or(f64::NAN, |law| law.cdf(t) - law.cdf(-t));
            let allowed = bound::quantile::<T>(freedom);
            worst.see_f64((reached - asked.to_f64()).abs(), allowed);
        }
    }
    let name = "Student quantile inverts the distribution";
    worst.finish(Context::of("trace", subject), name)
}

/// Whole-number G ≻ 0, H symmetric, and the same in coordinates w' = Aw: G' = A⁻ᵀGA⁻¹, H' = A⁻ᵀHA⁻¹, A
/// unimodular, so that all four are exact.
struct Metric {
    n: usize,
    g: [Vec<f64>; 2],
    h: [Vec<f64>; 2],
}

fn metric(n: usize) -> Metric {
    let g = matrix::whole_positive(n, 31);
    let h = matrix::whole_symmetric(n, 32);
    // A⁻¹ = a product of shears: each adds one coordinate to its neighbor.
    let mut inverse = vec![0.0; n * n];
    (0..n).for_each(|i| inverse[i * n + i] = 1.0);
    for i in 1..n {
        for j in 0..n {
            let above = inverse[(i - 1) * n + j];
            inverse[i * n + j] += if i % 2 == 0 { above } else { -above };
        }
    }
    let transposed = naive::transpose(&inverse, n);
    let change = |m: &[f64]| naive::triple(&transposed, m, &inverse, n);
    Metric { n, g: [g.clone(), change(&g)], h: [h.clone(), change(&h)] }
}

fn ratio<T: Float>(subject: &dyn Subject<T>, h: &[f64], g: &[f64], n: usize) -> f64 {
    let (h, g) = (narrow::<T>(h), narrow::<T>(g));
    MatRef::row_major(&h, n, n)
        .and_then(|h| subject.trace_ratio(h, MatRef::row_major(&g, n, n)?))
        .map_or(f64::NAN, Float::to_f64)
}

/// The error allowed in [`ratio`], from the factors of G and its inverse by faer.
fn ratio_bound<T: Float>(h: &[f64], g: &[f64], n: usize) -> f64 {
    let size = |m: &[f64]| m.iter().map(|x| x.abs()).collect::<Vec<f64>>();
    let l = size(&reference::cholesky(g, n).unwrap_or_else(|| vec![f64::NAN; n * n]));
    let h = size(h);
    let inverse = size(&reference::inverse(g, n));
    let product = naive::multiply(&l, &naive::transpose(&l, n), n);
    let perturbed = naive::multiply(&naive::triple(&inverse, &product, &inverse, n), &h, n);
    let root = size(&reference::inverse(&l, n));
    let magnitude = naive::triple(&root, &h, &naive::transpose(&root, n), n);
    let trace = |m: &[f64]| (0..n).map(|i| m[i * n + i]).sum::<f64>();
    bound::trace_ratio::<T>(n, trace(&perturbed), trace(&magnitude))
}

/// Tr(G⁻¹H) before and after w → Aw + b; G⁻¹H goes over into A(G⁻¹H)A⁻¹, whose trace is the same.
#[must_use]
pub fn trace_ratio_is_affine_invariant<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [2, 3, 5, 6] {
        let Metric { n, g, h } = metric(n);
        let before = ratio(subject, &h[0], &g[0], n);
        let after = ratio(subject, &h[1], &g[1], n);
        let allowed = ratio_bound::<T>(&h[0], &g[0], n) + ratio_bound::<T>(&h[1], &g[1], n);
        worst.see_f64((before - after).abs(), allowed);
    }
    worst.finish(Context::of("trace", subject), "Tr(G⁻¹H) is affine invariant")
}

/// With εI added, and with Adam's √v in place of G, it is not: the change stands clear of every
/// rounding (the bound is that of the invariant form, ten times over).
#[must_use]
pub fn invariance_breaks<T: Float>(subject: &dyn Subject<T>) -> [Measured; 2] {
    let Metric { n, mut g, h } = metric(5);
    for g in &mut g {
        (0..n).for_each(|i| g[i * n + i] += 1.0);
    }
    let damped = (ratio(subject, &h[0], &g[0], n) - ratio(subject, &h[1], &g[1], n)).abs();
    let rounding = ratio_bound::<T>(&h[0], &g[0], n) + ratio_bound::<T>(&h[1], &g[1], n);

    // w' = cw, so g' = g/c, v' = v/c² and H' = H/c²: v moves as a metric does, √v does not.
    let c = [2.0, 0.5, 4.0, 1.0, 0.25];
    let (gradient, curvature) = ([3.0, 1.0, 2.0, 5.0, 1.0], [1.0, 4.0, 2.0, 8.0, 3.0]);
    let diagonal = |f: &dyn Fn(usize) -> f64| {
        let mut m = vec![0.0; n * n];
        (0..n).for_each(|i| m[i * n + i] = f(i));
        m
    };
    let scaled = diagonal(&|i| curvature[i] / (c[i] * c[i]));
    let root = ratio(subject, &diagonal(&|i| curvature[i]), &diagonal(&|i| gradient[i]), n)
        - ratio(subject, &scaled, &diagonal(&|i| gradient[i] / c[i]), n);
    let adam = bound::gamma_f64::<T>(8 * n) * 100.0;
    let context = Context::of("trace", subject);
    [
        Measured::at_least(context, "εI damping breaks the invariance", damped, 10.0 * rounding),
        Measured::at_least(context, "Adam's √v breaks the invariance", root.abs(), 10.0 * adam),
    ]
}
