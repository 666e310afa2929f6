//! Quadrature: degrees of exactness, sides of brackets, and traces over every sign vector.

use teeter::krylov::{Jacobi, LanczosRecurrence, lanczos_recurrence_scratch_len};
use teeter::trace::{
    Bracket, SpectralFunction, SpectrumBounds, gauss_radau_rule, gauss_rule,
    quadratic_form_bracket, quadrature_scratch_len,
};
use teeter::{Error, Float};

use super::factor::{narrow, wide};
use super::{Context, Measured, Worst};
use crate::bound::{self, quadrature as own};
use crate::input::matrix;
use crate::oracle::{naive, reference, signs};
use crate::subject::Subject;

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        gauss_is_exact_to_degree_2k_minus_1(subject),
        gauss_parts_at_degree_2k(subject),
        radau_is_exact_to_degree_2k(subject),
        radau_parts_at_degree_2k_plus_1(subject),
        brackets_hold_the_answer(subject),
        brackets_close_with_each_step(subject),
        brackets_say_something(subject),
        recurrence_returns_a_whole_number_tridiagonal(subject),
        traces_of_functions_are_exact_over_every_sign_vector(subject),
    ]
}

/// Order of the matrix whose leading parts are T.
const N: usize = 8;

/// Nodes and weights, in f64.
type Rule = Result<(Vec<f64>, Vec<f64>), Error>;

/// The leading part of order k of the second difference (−1, 2, −1), whole numbers, and what is left over.
fn leading<T: Float>(k: usize) -> (Vec<T>, Vec<T>, T) {
    let (diagonal, off_diagonal, _) = matrix::second_difference(N);
    (narrow(&diagonal[..k]), narrow(&off_diagonal[..k - 1]), T::from_f64(off_diagonal[k - 1].abs()))
}

fn jacobi<T: Float>(parts: &(Vec<T>, Vec<T>, T)) -> Jacobi<'_, T> {
    Jacobi { diagonal: &parts.0, off_diagonal: &parts.1, residual_norm: parts.2 }
}

fn gauss<T: Float>(k: usize) -> Rule {
    let parts = leading::<T>(k);
    let (mut nodes, mut weights) = (vec![T::NAN; k], vec![T::NAN; k]);
    let mut scratch = vec![T::NAN; quadrature_scratch_len(k)];
    gauss_rule(jacobi(&parts), &mut nodes, &mut weights, &mut scratch)?;
    Ok((wide(&nodes), wide(&weights)))
}

fn radau<T: Float>(k: usize, node: f64) -> Rule {
    let parts = leading::<T>(k);
    let (mut nodes, mut weights) = (vec![T::NAN; k + 1], vec![T::NAN; k + 1]);
    let mut scratch = vec![T::NAN; quadrature_scratch_len(k)];
    let node = T::from_f64(node);
    gauss_radau_rule(jacobi(&parts), node, &mut nodes, &mut weights, &mut scratch)?;
    Ok((wide(&nodes), wide(&weights)))
}

/// e₁ᵀTᵖe₁ of the whole matrix: whole numbers below 2⁵³.
fn moment(p: usize) -> f64 {
    let (diagonal, off_diagonal, _) = matrix::second_difference(N);
    let a = matrix::dense(&diagonal, &off_diagonal);
    let mut x = vec![0.0; N];
    x[0] = 1.0;
    for _ in 0..p {
        x = naive::apply(&a, &x);
    }
    x[0]
}

fn sum((nodes, weights): &(Vec<f64>, Vec<f64>), f: impl Fn(f64) -> f64) -> f64 {
    nodes.iter().zip(weights).map(|(&node, &weight)| weight * f(node)).sum()
}

/// Largest |x| of a node: the eigenvalues lie in (0, 4), and so do prescribed nodes.
const NORM: f64 = 4.0;

fn power_bound<T: Float>(k: usize, p: usize) -> f64 {
    let (size, degree) = (NORM.powi(p as i32), p as f64);
    own::rule::<T>(k, size, degree * size / NORM, NORM)
        + own::radau_element::<T>(k, NORM) * degree * size / NORM
        + bound::gamma_f64::<f64>(p + k + 1) * size
}

/// Sees |Σwθᵖ − moment − gap| for each k and the degrees asked for; a refusal is a fault.
fn moments<T: Float>(
    subject: &dyn Subject<T>,
    name: &'static str,
    rule: impl Fn(usize) -> Rule,
    degrees: impl Fn(usize) -> std::ops::Range<usize>,
    gap: impl Fn(usize) -> f64,
) -> Measured {
    let mut worst = Worst::default();
    for k in 1..N {
        let Ok(rule) = rule(k) else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        for p in degrees(k) {
            let found = sum(&rule, |x| x.powi(p as i32)) - moment(p) + gap(k);
            worst.see_f64(found.abs(), power_bound::<T>(k + 1, p));
        }
    }
    worst.finish(Context::of("trace", subject), name)
}

/// Gauss with k nodes, from an exact T.
#[must_use]
pub fn gauss_is_exact_to_degree_2k_minus_1<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let name = "Gauss rule is exact to degree 2k − 1";
    moments(subject, name, gauss::<T>, |k| 0..2 * k, |_| 0.0)
}

/// At degree 2k it misses ∏β² = 1: a rule with a step too many would not. While that stands clear of rounding.
#[must_use]
pub fn gauss_parts_at_degree_2k<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let name = "Gauss rule parts by ∏β² at degree 2k";
    let clear = |k: usize| power_bound::<T>(k + 1, 2 * k) < 0.5;
    moments(subject, name, gauss::<T>, |k| if clear(k) { 2 * k..2 * k + 1 } else { 0..0 }, |_| 1.0)
}

/// Radau with a node at either end.
#[must_use]
pub fn radau_is_exact_to_degree_2k<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let name = "Gauss–Radau rule is exact to degree 2k";
    let left = moments(subject, name, |k| radau::<T>(k, 0.0), |k| 0..2 * k + 1, |_| 0.0);
    let right = moments(subject, name, |k| radau::<T>(k, NORM), |k| 0..2 * k + 1, |_| 0.0);
    if left.passed { right } else { left }
}

/// At degree 2k + 1 it misses ∏β²·d, d the next pivot of T − zI: at z = 0 that is (k + 2)/(k + 1).
#[must_use]
pub fn radau_parts_at_degree_2k_plus_1<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let name = "Gauss–Radau rule parts by ∏β²d at degree 2k + 1";
    let clear = |k: usize| power_bound::<T>(k + 1, 2 * k + 1) < 0.5;
    let degrees = |k: usize| if clear(k) { 2 * k + 1..2 * k + 2 } else { 0..0 };
    let gap = |k: usize| (k + 2) as f64 / (k + 1) as f64;
    moments(subject, name, |k| radau::<T>(k, 0.0), degrees, gap)
}

/// a of the functions; f and f′ on [0, 4] are then at most these.
const SHIFT: f64 = 0.5;

/// A function, the largest |f| and |f′| on [0, 4], and f.
type Question<T> = (SpectralFunction<T>, f64, f64, fn(f64) -> f64);

fn functions<T: Float>() -> [Question<T>; 4] {
    let shift = T::from_f64(SHIFT);
    let top = NORM.exp();
    [
        (SpectralFunction::Log { shift }, 2.0, 2.0, |x| (x + SHIFT).ln()),
        (SpectralFunction::Reciprocal { shift }, 2.0, 4.0, |x| 1.0 / (x + SHIFT)),
        (SpectralFunction::Share { shift }, 1.0, 2.0, |x| x / (x + SHIFT)),
        (SpectralFunction::Exp, top, top, f64::exp),
    ]
}

/// e₁ᵀf(T)e₁ by faer. Its first components are the last of the matrix turned about, which is itself.
fn truth(f: fn(f64) -> f64) -> f64 {
    let (diagonal, off_diagonal, _) = matrix::second_difference(N);
    let (values, last) =
        reference::eigen_last_components(&matrix::dense(&diagonal, &off_diagonal), N);
    values.iter().zip(&last).map(|(&value, s)| s * s * f(value)).sum()
}

fn bracket<T: Float>(k: usize, function: SpectralFunction<T>) -> Option<[f64; 2]> {
    let parts = leading::<T>(k);
    let mut scratch = vec![T::NAN; quadrature_scratch_len(k)];
    let bounds = SpectrumBounds { floor: T::ZERO, ceiling: T::from_f64(NORM) };
    let Bracket { lower, upper } =
        quadratic_form_bracket(jacobi(&parts), function, bounds, &mut scratch).ok()?;
    Some([lower.to_f64(), upper.to_f64()])
}

/// Of an end of a bracket and of the truth together.
fn end_bound<T: Float>(k: usize, size: f64, slope: f64) -> f64 {
    own::rule::<T>(k + 1, size, slope, NORM)
        + own::radau_element::<T>(k, NORM) * slope
        + own::rule::<f64>(N, size, slope, NORM)
}

/// lower ≤ e₁ᵀf(T)e₁ ≤ upper, within rounding.
#[must_use]
pub fn brackets_hold_the_answer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (function, size, slope, f) in functions::<T>() {
        let truth = truth(f);
        for k in 1..N {
            let [lower, upper] = bracket(k, function).unwrap_or([f64::NAN; 2]);
            let outside = (lower - truth).max(truth - upper).max(0.0);
            let outside = if lower.is_finite() && upper.is_finite() { outside } else { f64::NAN };
            worst.see_f64(outside, end_bound::<T>(k, size, slope));
        }
    }
    worst.finish(Context::of("trace", subject), "brackets hold the answer")
}

/// Lower ends rise and upper ends fall with k, within rounding.
#[must_use]
pub fn brackets_close_with_each_step<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (function, size, slope, _) in functions::<T>() {
        for k in 1..N - 1 {
            let before = bracket(k, function).unwrap_or([f64::NAN; 2]);
            let after = bracket(k + 1, function).unwrap_or([f64::NAN; 2]);
            for wrong in [before[0] - after[0], after[1] - before[1]] {
                let wrong = if wrong.is_nan() { f64::NAN } else { wrong.max(0.0) };
                worst.see_f64(wrong, 2.0 * end_bound::<T>(k + 1, size, slope));
            }
        }
    }
    worst.finish(Context::of("trace", subject), "brackets close with each step")
}

/// With two steps each end is farther from the answer than rounding is: the sides are sides. And at seven steps
/// the bracket is narrower than a hundredth of f.
#[must_use]
pub fn brackets_say_something<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for (function, size, slope, f) in functions::<T>() {
        let (truth, rounding) = (truth(f), end_bound::<T>(2, size, slope));
        let first = bracket(2, function).unwrap_or([f64::NAN; 2]);
        let last = bracket(N - 1, function).unwrap_or([f64::NAN; 2]);
        let apart = truth - first[0] > rounding && first[1] - truth > rounding;
        let narrow = last[1] - last[0] < 0.01 * size;
        broken += usize::from(!(apart && narrow));
        cases += 1;
    }
    Measured::exact(Context::of("trace", subject), "brackets say something", broken, cases)
}

/// What a recurrence leaves: T, β and the vectors whose products it asked for.
struct Run {
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
    residual: f64,
    vectors: Vec<Vec<f64>>,
    rule: (Vec<f64>, Vec<f64>),
}

fn run<T: Float>(
    subject: &dyn Subject<T>,
    a: &[f64],
    start: &[f64],
    steps: usize,
) -> Result<Run, Error> {
    let (n, a, start) = (start.len(), narrow::<T>(a), narrow::<T>(start));
    let mut scratch = vec![T::NAN; lanczos_recurrence_scratch_len(n, steps)];
    let mut process = LanczosRecurrence::new(subject.machine(), &start, steps, &mut scratch)?;
    let (mut product, mut vectors) = (vec![T::NAN; n], Vec::new());
    while let Some(q) = process.wants() {
        vectors.push(wide(q));
        for (y, row) in product.iter_mut().zip(a.chunks(n)) {
            *y = row.iter().zip(q).fold(T::ZERO, |sum, (&a, &x)| sum + a * x);
        }
        process.push(&product)?;
    }
    let (k, jacobi) = (process.steps(), process.jacobi());
    let (mut nodes, mut weights) = (vec![T::NAN; k], vec![T::NAN; k]);
    let mut small = vec![T::NAN; quadrature_scratch_len(k)];
    gauss_rule(jacobi, &mut nodes, &mut weights, &mut small)?;
    Ok(Run {
        diagonal: wide(jacobi.diagonal),
        off_diagonal: wide(jacobi.off_diagonal),
        residual: jacobi.residual_norm.to_f64(),
        vectors,
        rule: (wide(&nodes), wide(&weights)),
    })
}

/// From e₁ a whole-number tridiagonal comes back, β positive, to the bit; and closed at its end.
#[must_use]
pub fn recurrence_returns_a_whole_number_tridiagonal<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in [1, 2, 3, 8, 40] {
        let diagonal: Vec<f64> = (0..n).map(|i| (i % 5) as f64 - 2.0).collect();
        let off_diagonal: Vec<f64> = (1..n).map(|i| (1 + i % 3) as f64).collect();
        let mut start = vec![0.0; n];
        start[0] = 3.0;
        let a = matrix::dense(&diagonal, &off_diagonal);
        let run = run(subject, &a, &start, n + 2);
        let same = run.is_ok_and(|run| {
            run.diagonal == diagonal && run.off_diagonal == off_diagonal && run.residual == 0.0
        });
        broken += usize::from(!same);
        cases += 1;
    }
    let name = "recurrence returns a whole-number tridiagonal";
    Measured::exact(Context::of("trace", subject), name, broken, cases)
}

/// The largest element of |QᵀQ − I|; NaN if any is.
fn defect(vectors: &[Vec<f64>]) -> f64 {
    let mut worst = 0.0_f64;
    for (i, x) in vectors.iter().enumerate() {
        for (j, y) in vectors.iter().enumerate() {
            let error = (naive::dot(x, y) - f64::from(u8::from(i == j))).abs();
            worst = if error.is_nan() { f64::NAN } else { worst.max(error) };
        }
    }
    worst
}

/// With k = n the mean of n·Σ wᵢ f(θᵢ) over all 2ⁿ signs is Tr f(A).
#[must_use]
pub fn traces_of_functions_are_exact_over_every_sign_vector<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let share: fn(f64) -> f64 = |x| x / (x + 1.0);
    let reciprocal: fn(f64) -> f64 = |x| 1.0 / (x + 1.0);
    let mut worst = Worst::default();
    for n in [1, 2, 5, 8] {
        let spectrum: Vec<f64> = (0..n).map(|i| 0.5 + 2.0 * i as f64 / n as f64).collect();
        let a = wide(&narrow::<T>(&matrix::with_spectrum_mixed(&spectrum, 3 + n as u64)));
        let (values, frobenius) = (reference::eigenvalues(&a, n), naive::frobenius(&a));
        for f in [share, reciprocal] {
            let truth: f64 = values.iter().map(|&value| f(value)).sum();
            let (mut total, mut allowed, order) = (0.0, 0.0, n as f64);
            signs::for_each(n, |z| match run(subject, &a, z, n) {
                Ok(run) => {
                    total += order * sum(&run.rule, f);
                    let seen = [frobenius, defect(&run.vectors), run.residual];
                    allowed += order * own::full_process::<T>(n, seen, [1.0, 1.0]);
                }
                Err(_) => total = f64::NAN,
            });
            let count = f64::from(1_u32 << n);
            let oracle = order * own::rule::<f64>(n, 1.0, 1.0, frobenius);
            worst.see_f64((total / count - truth).abs(), allowed / count + oracle);
        }
    }
    let name = "traces of functions are exact over every sign vector";
    worst.finish(Context::of("trace", subject), name)
}
