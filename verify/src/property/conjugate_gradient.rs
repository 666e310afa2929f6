//! Conjugate gradients: residuals that are true, errors within what is said of them, and as few steps as proved.

use teeter::krylov::{
    ConjugateGradient, SolveEstimate, SolveOptions, conjugate_gradient_machine_scratch_len,
};
use teeter::{Error, Float};

use super::factor::{narrow, wide};
use super::{Context, Measured, Worst};
use crate::bound::conjugate_gradient as bound;
use crate::input::matrix;
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        residuals_are_those_of_the_solution(subject),
        errors_are_within_what_is_said(subject),
        steps_are_as_few_as_proved(subject),
        falls_of_the_error_are_as_counted(subject),
        few_eigenvalues_need_few_steps(subject),
    ]
}

/// A problem in the numbers of T, widened: A, b, A⁻¹b and the eigenvalues.
struct Problem {
    n: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    truth: Vec<f64>,
    values: Vec<f64>,
}

impl Problem {
    fn new<T: Float>(spectrum: &[f64], seed: u64) -> Self {
        let n = spectrum.len();
        let a = wide(&narrow::<T>(&matrix::with_spectrum_mixed(spectrum, seed)));
        let b: Vec<f64> = (0..n).map(|i| f64::from(i as u32 % 5) - 1.0).collect();
        let values = reference::eigenvalues(&a, n);
        let truth = naive::apply(&reference::inverse(&a, n), &b);
        Self { n, b, truth, values, a }
    }

    fn condition(&self) -> f64 {
        self.values[self.n - 1] / self.values[0]
    }

    fn energy(&self, x: &[f64]) -> f64 {
        naive::dot(x, &naive::apply(&self.a, x)).max(0.0).sqrt()
    }

    fn error(&self, x: &[f64]) -> Vec<f64> {
        self.truth.iter().zip(x).map(|(t, x)| t - x).collect()
    }

    /// What the oracle's own solution may be off, in either norm: γ of an LU of n rows times κ.
    fn oracle(&self) -> f64 {
        crate::bound::gamma_f64::<f64>(8 * self.n * self.n) * self.condition()
    }
}

/// Well to badly conditioned, of several orders; κ·u is below 1 in both formats.
fn problems<T: Float>() -> Vec<Problem> {
    let mut list = Vec::new();
    for n in [1, 2, 5, 17, 40] {
        let last = (n.max(2) - 1) as f64;
        let even: Vec<f64> = (0..n).map(|i| 1.0 + 9.0 * i as f64 / last).collect();
        let decaying: Vec<f64> = (0..n).map(|i| 0.001_f64.powf(i as f64 / last)).collect();
        list.push(Problem::new::<T>(&even, 5 + n as u64));
        list.push(Problem::new::<T>(&decaying, 6 + n as u64));
    }
    list
}

/// The solution after each product, in f64, and what was said of it.
type Run<T> = Vec<(Vec<f64>, SolveEstimate<T>)>;

fn run<T: Float>(
    subject: &dyn Subject<T>,
    problem: &Problem,
    options: &SolveOptions<'_, T>,
) -> Result<Run<T>, Error> {
    let (n, a, b) = (problem.n, narrow::<T>(&problem.a), narrow::<T>(&problem.b));
    let mut scratch = vec![T::NAN; conjugate_gradient_machine_scratch_len(n)];
    let mut solver = ConjugateGradient::new(subject.machine(), &b, options, &mut scratch)?;
    let (mut list, mut x) = (vec![(vec![0.0; n], solver.estimate())], vec![T::NAN; n]);
    while let Some(p) = solver.wants() {
        let product: Vec<T> = a
            .chunks(n)
            .map(|row| row.iter().zip(p).fold(T::ZERO, |sum, (&a, &p)| sum + a * p))
            .collect();
        solver.push(&product)?;
        solver.solution_into(&mut x)?;
        list.push((wide(&x), solver.estimate()));
    }
    Ok(list)
}

fn options<T: Float>(tolerance: f64, product_max: usize, floor: f64) -> SolveOptions<'static, T> {
    let [tolerance, floor] = [tolerance, floor].map(T::from_f64);
    SolveOptions { tolerance, product_max, floor, preconditioner: None }
}

/// √ε of the format.
fn usual<T: Float>() -> f64 {
    T::EPSILON.to_f64().sqrt()
}

/// |‖r̂‖ − ‖b − Ax‖| wherever the machine says that it was verified, and at the end it was; and where it says `Converged`
/// the tolerance holds.
#[must_use]
pub fn residuals_are_those_of_the_solution<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for problem in problems::<T>() {
        for tolerance in [0.0, usual::<T>(), 0.1] {
            let asked = options::<T>(tolerance, 400, 0.0);
            let list = run(subject, &problem, &asked).unwrap_or_default();
            let ended = list.last().is_some_and(|(_, e)| e.verified && e.products < 400);
            worst.see_f64(if ended { 0.0 } else { f64::NAN }, 0.0);
            for (x, e) in list.iter().filter(|(_, e)| e.verified) {
                let product = naive::apply(&problem.a, x);
                let left: Vec<f64> = problem.b.iter().zip(&product).map(|(b, y)| b - y).collect();
                let size = naive::frobenius(&problem.a) * naive::norm(x);
                let allowed = bound::residual::<T>(problem.n, size, naive::norm(&problem.b));
                worst.see_f64((naive::norm(&left) - e.residual.to_f64()).abs(), allowed);
                let wrong =
                    e.stop == teeter::Stop::Converged && e.relative_residual > asked.tolerance;
                worst.see_f64(f64::from(u8::from(wrong)), 0.0);
            }
        }
    }
    worst.finish(Context::of("krylov", subject), "residuals are those of the solution")
}

/// ‖x* − x‖ in both norms against the ends that a floor gives, and these are no more than κ times too large.
#[must_use]
pub fn errors_are_within_what_is_said<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for problem in problems::<T>() {
        let floor = problem.values[0] * (1.0 - 2.0 * T::EPSILON.to_f64());
        let list = run(subject, &problem, &options(usual::<T>(), 400, floor)).unwrap_or_default();
        worst.see_f64(if list.is_empty() { f64::NAN } else { 0.0 }, 0.0);
        for (x, e) in list.iter().filter(|(_, e)| e.verified) {
            let error = problem.error(x);
            let size = naive::frobenius(&problem.a) * naive::norm(x);
            let lost = bound::residual::<T>(problem.n, size, naive::norm(&problem.b));
            let oracle = problem.oracle() * naive::norm(&problem.truth);
            let said = e.error_upper.to_f64();
            worst.see_f64((naive::norm(&error) - said).max(0.0), lost / floor + oracle);
            let energy = e.energy_upper.to_f64();
            let moved = oracle * problem.values[problem.n - 1].sqrt();
            worst.see_f64((problem.energy(&error) - energy).max(0.0), lost / floor.sqrt() + moved);
            let least = (naive::norm(&error) + oracle) * problem.condition() + 2.0 * lost / floor;
            worst.see_f64(said, least);
        }
    }
    worst.finish(Context::of("krylov", subject), "errors are within what is said of them")
}

/// ‖x* − xₖ‖_A against Chebyshev's bound after every step.
#[must_use]
pub fn steps_are_as_few_as_proved<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for problem in problems::<T>() {
        let list = run(subject, &problem, &options(0.0, 60, 0.0)).unwrap_or_default();
        let (start, condition) = (problem.energy(&problem.truth), problem.condition());
        worst.see_f64(if list.len() < 2 { f64::NAN } else { 0.0 }, 0.0);
        for (x, e) in &list {
            let rounding = bound::energy::<T>(problem.n, e.steps, condition) + problem.oracle();
            let allowed = start * (bound::chebyshev(e.steps, condition).min(1.0) + rounding);
            worst.see_f64(problem.energy(&problem.error(x)), allowed);
        }
    }
    worst.finish(Context::of("krylov", subject), "steps are as few as proved")
}

/// ‖x* − xₖ₋₄‖_A² − ‖x* − xₖ‖_A² against the square of what the estimate says.
#[must_use]
pub fn falls_of_the_error_are_as_counted<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for problem in problems::<T>() {
        let list = run(subject, &problem, &options(usual::<T>(), 60, 0.0)).unwrap_or_default();
        let start = problem.energy(&problem.truth);
        worst.see_f64(if list.len() < 2 { f64::NAN } else { 0.0 }, 0.0);
        // Of the first process alone: after a new start the numbering of products and steps differs.
        for (k, (x, e)) in list.iter().enumerate().take_while(|(k, (_, e))| *k == e.steps) {
            let before = problem.energy(&problem.error(&list[k.saturating_sub(4)].0));
            let now = problem.energy(&problem.error(x));
            let said = e.energy_before.to_f64();
            let unit = bound::energy::<T>(problem.n, k, problem.condition()) + problem.oracle();
            let found = (before * before - now * now).max(0.0).sqrt();
            // Of a difference of squares the root: (a + e)² − a² ≤ 2ae + e².
            let allowed = (2.0 * start * start * unit).sqrt().min(start * unit.sqrt() * 2.0);
            worst.see_f64((found - said).abs(), allowed);
            worst.see_f64((said - before).max(0.0), allowed);
        }
    }
    worst.finish(Context::of("krylov", subject), "falls of the error are as counted")
}

/// As many steps as there are different eigenvalues leave what rounding leaves.
#[must_use]
pub fn few_eigenvalues_need_few_steps<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for count in [1, 2, 3] {
        let spectrum: Vec<f64> = (0..24).map(|i| 1.0 + (i % count) as f64).collect();
        let problem = Problem::new::<T>(&spectrum, 9);
        let list = run(subject, &problem, &options(0.0, count + 1, 0.0)).unwrap_or_default();
        let (x, e) = list.last().cloned().unwrap_or_else(|| (vec![f64::NAN; 24], list[0].1));
        worst.see_f64(e.steps as f64, count as f64);
        // Eigenvalues of A in the numbers of T spread by its rounding: κ of them again.
        let unit = 2.0 * bound::energy::<T>(24, count, problem.condition()) + problem.oracle();
        let energy = problem.energy(&problem.error(&x));
        worst.see_f64(energy, unit * problem.energy(&problem.truth));
    }
    worst.finish(Context::of("krylov", subject), "few eigenvalues need few steps")
}
