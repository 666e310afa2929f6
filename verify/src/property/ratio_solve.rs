//! Tr(G⁻¹H) by solves, and the effective number of parameters four ways: by eigenvalues, by a factor, by solves, by quadrature.

use teeter::curvature::{
    effective_parameters_cholesky, effective_parameters_dense,
    effective_parameters_dense_scratch_len, effective_parameters_quadrature,
    effective_parameters_quadrature_scratch_len, effective_parameters_solve,
    effective_parameters_solve_scratch_len,
};
use teeter::krylov::SolveOptions;
use teeter::matrix::{MatMut, MatRef};
use teeter::operator::Dense;
use teeter::random::{Stream, signs_into};
use teeter::trace::{
    Probe, SlqEstimate, SlqOptions, TraceRatioEstimate, TraceRatioOptions, trace_ratio_solve,
    trace_ratio_solve_scratch_len,
};
use teeter::{Error, Float};

use super::factor::{narrow, wide};
use super::{Context, Measured, Worst};
use crate::bound::{self, conjugate_gradient as own, quadrature};
use crate::input::matrix;
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of them.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        solved_traces_are_the_literal_means(subject),
        eigenvalues_and_factor_agree_with_the_truth(subject),
        solves_lie_in_the_bracket_of_quadrature(subject),
        intervals_of_all_ways_hold_the_truth(subject),
    ]
}

/// Probes of each run.
const PROBES: usize = 6;

/// Signs, a budget that is never used up, as small a residual as √ε.
#[must_use]
pub fn options<T: Float>(seed: u64, floor: f64, confidence: f64) -> TraceRatioOptions<'static, T> {
    let [floor, confidence] = [floor, confidence].map(T::from_f64);
    let tolerance = T::EPSILON.sqrt();
    let solve = SolveOptions { tolerance, product_max: 10_000, floor, preconditioner: None };
    let stream = Stream::new(2026, seed);
    TraceRatioOptions { probe: Probe::Rademacher, probes: PROBES, confidence, stream, solve }
}

/// The probes that they draw.
fn probes<T: Float>(n: usize, seed: u64) -> Vec<Vec<f64>> {
    let stream = Stream::new(2026, seed);
    let draw = |j: usize| {
        let mut z = vec![T::NAN; n];
        signs_into(stream.child(j as u64), &mut z);
        wide(&z)
    };
    (0..PROBES).map(draw).collect()
}

/// A positive definite G of small condition and an indefinite H, in the numbers of T.
fn pair<T: Float>(n: usize) -> [Vec<f64>; 2] {
    let spectrum: Vec<f64> = (0..n).map(|i| 1.0 + 3.0 * i as f64 / n as f64).collect();
    let g = matrix::with_spectrum_mixed(&spectrum, 40 + n as u64);
    let h = matrix::whole_symmetric(n, 50 + n as u64);
    [h, g].map(|a| wide(&narrow::<T>(&a)))
}

/// Tr(G⁻¹H) by solves, n × n.
///
/// # Errors
/// If the kernel refuses.
pub fn by_solves<T: Float>(
    subject: &dyn Subject<T>,
    [h, g]: [&[f64]; 2],
    options: &TraceRatioOptions<'_, T>,
) -> Result<TraceRatioEstimate<T>, Error> {
    let (n, machine) = (h.len().isqrt(), subject.machine());
    let [h, g] = [h, g].map(narrow::<T>);
    let mut h = Dense::new(machine, MatRef::row_major(&h, n, n)?)?;
    let mut g = Dense::new(machine, MatRef::row_major(&g, n, n)?)?;
    let mut scratch = vec![T::NAN; trace_ratio_solve_scratch_len(n)];
    trace_ratio_solve(machine, &mut h, &mut g, options, &mut scratch)
}

/// The value against the mean of zᵀG⁻¹Hz with faer's inverse, as far off as the solves say, and rounding.
#[must_use]
pub fn solved_traces_are_the_literal_means<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 2, 5, 12, 31] {
        let [h, g] = pair::<T>(n);
        let inverse = reference::inverse(&g, n);
        let found = by_solves(subject, [&h, &g], &options(n as u64, 0.99, 0.95));
        let (mut mean, mut allowed) = (0.0, bound::running_mean::<T>(PROBES, n as f64 * 40.0));
        for z in probes::<T>(n, n as u64) {
            let y = naive::apply(&inverse, &naive::apply(&h, &z));
            mean += naive::dot(&z, &y) / PROBES as f64;
            let norms = [naive::norm(&z), 2.0 * naive::norm(&y)];
            let sizes = [naive::frobenius(&h), naive::frobenius(&g)];
            allowed += own::solved_sample::<T>(n, norms, sizes, 0.99) / PROBES as f64;
        }
        let [value, said] =
            found.map_or([f64::NAN; 2], |e| [e.trace.value.to_f64(), e.solve_error.to_f64()]);
        worst.see_f64((value - mean).abs(), said + allowed);
    }
    worst.finish(Context::of("trace", subject), "solved traces are the literal means")
}

/// H ⪰ 0 in the numbers of T with α, and what the answer is.
struct Question {
    n: usize,
    h: Vec<f64>,
    alpha: f64,
    values: Vec<f64>,
}

impl Question {
    fn truth(&self) -> f64 {
        self.values.iter().map(|x| x / (x + self.alpha)).sum()
    }
}

/// Slow decay, a few large over a bulk, nearly flat; α from large to small.
fn questions<T: Float>() -> Vec<Question> {
    let mut list = Vec::new();
    for n in [1, 3, 12, 33] {
        let slow: Vec<f64> = (0..n).map(|i| 1.0 / (1.0 + i as f64)).collect();
        let few: Vec<f64> = (0..n).map(|i| if i < 3 { 1.0 } else { 0.02 }).collect();
        for (spectrum, alpha) in [(&slow, 1.0), (&slow, 0.1), (&few, 0.5), (&few, 0.05)] {
            let h = wide(&narrow::<T>(&matrix::with_spectrum_mixed(spectrum, 7 + n as u64)));
            let alpha = T::from_f64(alpha).to_f64();
            let values = reference::eigenvalues(&h, n);
            list.push(Question { n, h, alpha, values });
        }
    }
    list
}

fn dense<T: Float>(subject: &dyn Subject<T>, q: &Question) -> Result<f64, Error> {
    let (mut h, n) = (narrow::<T>(&q.h), q.n);
    let mut scratch = vec![T::NAN; effective_parameters_dense_scratch_len(n)];
    let view = MatMut::row_major(&mut h, n, n)?;
    let alpha = T::from_f64(q.alpha);
    effective_parameters_dense(subject.machine(), view, alpha, &mut scratch).map(T::to_f64)
}

fn cholesky<T: Float>(subject: &dyn Subject<T>, q: &Question) -> Result<f64, Error> {
    let (mut h, n) = (narrow::<T>(&q.h), q.n);
    let view = MatMut::row_major(&mut h, n, n)?;
    let alpha = T::from_f64(q.alpha);
    let mut scratch = vec![T::NAN; n];
    effective_parameters_cholesky(subject.machine(), view, alpha, &mut scratch).map(T::to_f64)
}

fn solve<T: Float>(
    subject: &dyn Subject<T>,
    q: &Question,
    confidence: f64,
) -> Result<TraceRatioEstimate<T>, Error> {
    let (h, n, machine) = (narrow::<T>(&q.h), q.n, subject.machine());
    let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n)?)?;
    let mut scratch = vec![T::NAN; effective_parameters_solve_scratch_len(n)];
    let asked = options::<T>(n as u64, 0.0, confidence);
    let alpha = T::from_f64(q.alpha);
    effective_parameters_solve(machine, &mut operator, alpha, &asked, &mut scratch)
}

/// By as many steps.
fn quadrature<T: Float>(
    subject: &dyn Subject<T>,
    q: &Question,
    (steps, confidence): (usize, f64),
) -> Result<SlqEstimate<T>, Error> {
    let (h, n, machine) = (narrow::<T>(&q.h), q.n, subject.machine());
    let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n)?)?;
    let mut scratch = vec![T::NAN; effective_parameters_quadrature_scratch_len(n, PROBES, steps)];
    let (probe, stream) = (Probe::Rademacher, Stream::new(2026, n as u64));
    let asked = SlqOptions { probe, probes: PROBES, steps, stream };
    let [alpha, confidence] = [q.alpha, confidence].map(T::from_f64);
    effective_parameters_quadrature(machine, &mut operator, alpha, &asked, confidence, &mut scratch)
}

/// Both ways that need the matrix, against faer's eigenvalues.
#[must_use]
pub fn eigenvalues_and_factor_agree_with_the_truth<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for q in questions::<T>() {
        let (truth, size) = (q.truth(), naive::frobenius(&q.h));
        let oracle = own::effective_dense::<f64>(q.n, size, q.alpha);
        let allowed = own::effective_dense::<T>(q.n, size, q.alpha) + oracle;
        worst.see_f64((dense(subject, &q).unwrap_or(f64::NAN) - truth).abs(), allowed);
        let shifted: Vec<f64> = q.values.iter().map(|x| x + q.alpha).collect();
        let allowed = own::effective_cholesky::<T>(&shifted, q.alpha) + oracle;
        worst.see_f64((cholesky(subject, &q).unwrap_or(f64::NAN) - truth).abs(), allowed);
    }
    let name = "eigenvalues and factor agree on the effective parameters";
    worst.finish(Context::of("curvature", subject), name)
}

/// The same probes: what solves give lies between the ends of the rules, from 1 step to 6, as far as either errs; and the
/// ends are closer than a tenth at the last.
#[must_use]
pub fn solves_lie_in_the_bracket_of_quadrature<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for q in questions::<T>() {
        let (n, size) = (q.n, naive::frobenius(&q.h));
        let solved = solve(subject, &q, 0.95);
        let [value, said] =
            solved.map_or([f64::NAN; 2], |e| [e.trace.value.to_f64(), e.solve_error.to_f64()]);
        let root = (n as f64).sqrt();
        let shifted = size + root * q.alpha;
        let of_solve = own::solved_sample::<T>(n, [root, root], [size, shifted], q.alpha)
            + bound::running_mean::<T>(PROBES, n as f64);
        for steps in [1, 2, 6] {
            let found = quadrature(subject, &q, (steps, 0.95));
            let [lower, upper] = found
                .map_or([f64::NAN; 2], |e| [e.bracket.lower.to_f64(), e.bracket.upper.to_f64()]);
            let defect = steps as f64 * bound::lanczos_orthogonality::<T>(n, steps);
            let rule = quadrature::full_process::<T>(n, [size, defect, 0.0], [1.0, 1.0 / q.alpha]);
            let outside = (lower - value).max(value - upper).max(0.0);
            let outside = if lower.is_finite() && upper.is_finite() { outside } else { f64::NAN };
            worst.see_f64(outside, said + of_solve + n as f64 * rule);
            let open = if steps == 6 { upper - lower } else { 0.0 };
            worst.see_f64(open, 0.1 * n as f64);
        }
    }
    let name = "solves lie in the bracket of quadrature";
    worst.finish(Context::of("curvature", subject), name)
}

/// All seeds are fixed, and asked for is a chance to fail of 10⁻⁶ for each: the truth lies in each interval.
#[must_use]
pub fn intervals_of_all_ways_hold_the_truth<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (confidence, mut broken, mut cases) = (1.0 - bound::RARE, 0, 0);
    for q in questions::<T>() {
        let truth = q.truth();
        let held = |lower: T, upper: T| lower.to_f64() <= truth && truth <= upper.to_f64();
        let solved = solve(subject, &q, confidence);
        let seen = quadrature(subject, &q, (6, confidence));
        broken += usize::from(!solved.is_ok_and(|e| held(e.trace.lower, e.trace.upper)));
        broken += usize::from(!seen.is_ok_and(|e| held(e.trace.lower, e.trace.upper)));
        cases += 2;
    }
    let name = "intervals of all ways hold the effective parameters";
    Measured::exact(Context::of("curvature", subject), name, broken, cases)
}
