//! The answer each benchmark must give, by the plainest loop, and how far it may be off.
//!
//! Every operation here is a sum of products, and any order of summation, fused or not, obeys
//! |ŝ − xᵀy| ≤ γₙ|x|ᵀ|y|, γₖ = ku/(1 − ku) (Higham 2002, §3.1). The reference is computed in f64
//! in one such order, so it may be off as much again: hence the factor 2 in every bound, which
//! is generous for f32. Factorizations and solutions are judged by what they reproduce.

use teeter::Float;

use crate::case::{Case, LARGEST_EIGENVALUE, Operation, Shape, lanczos_tolerance};

mod equation;

use equation::Judge;

/// The c of the backward errors c·n·u of orthogonal methods: what the kernel's tests hold.
const ORTHOGONAL_FACTOR: f64 = 10.0;

/// What an answer is compared with.
#[derive(Clone, Debug)]
pub struct Reference {
    shape: Shape,
    unit: f64,
    expected: Expected,
}

#[derive(Clone, Debug)]
enum Expected {
    /// Each number, and how far it may be off.
    Numbers { values: Vec<f64>, allowed: Vec<f64> },
    /// What must solve an equation.
    Equation(Judge),
    /// The eigenvalue known beforehand, then its vector, within a tolerance relative to it.
    Pair { a: Vec<f64>, tolerance: f64 },
}

/// γₖ = ku/(1 − ku), u the unit roundoff: what k roundings may add up to.
#[must_use]
pub fn gamma(k: usize, unit: f64) -> f64 {
    let ku = k as f64 * unit;
    ku / (1.0 - ku)
}

impl Reference {
    /// The reference of a case.
    #[must_use]
    pub fn new<T: Float>(case: &Case<T>) -> Self {
        use Operation as O;
        let (shape, unit) = (case.shape, T::UNIT_ROUNDOFF.to_f64());
        let n = shape.n;
        let (a, b) = (case.a.to_f64(), case.b.to_f64());
        let (x, y, alpha) = (case.x.to_f64(), case.y.to_f64(), case.alpha.to_f64());
        // Element (i, j) of A, of B, or of Aᵀ where the operation wants it.
        let at = |i: usize, j: usize| shape.offset(i, j);
        let left = |i: usize, j: usize| match shape.operation {
            o if o.transposes_a() => a[at(j, i)],
            _ => a[at(i, j)],
        };
        let right = |i: usize, j: usize| match shape.operation {
            // AAᵀ
            O::Syrk => a[at(j, i)],
            o if o.transposes_b() => b[at(j, i)],
            _ => b[at(i, j)],
        };
        let by_element = |count: usize, f: &dyn Fn(usize) -> [f64; 2]| {
            let (values, allowed) = (0..count).map(f).map(|[v, m]| (v, m)).unzip();
            Expected::Numbers { values, allowed }
        };
        let expected = match shape.operation {
            O::Dot => by_element(1, &|_| dot((0..n).map(|i| (x[i], y[i])), 2.0 * gamma(n, unit))),
            // One product, one sum.
            O::Axpy => by_element(n, &|i| dot([(alpha, x[i]), (1.0, y[i])], 2.0 * gamma(2, unit))),
            // The sum within γₙ, halved by the root; the root and a scaling, a rounding each.
            O::Norm2 => by_element(1, &|_| {
                let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
                [norm, 2.0 * gamma(n / 2 + 4, unit) * norm]
            }),
            // 5u for ours, as its document derives; 2 units in the last place for libraries,
            // and for the reference itself.
            O::Exp => by_element(n, &|i| [x[i].exp(), 9.0 * unit * x[i].exp()]),
            O::Tanh => by_element(n, &|i| [x[i].tanh(), 9.0 * unit * x[i].tanh().abs()]),
            O::Gemv | O::GemvT => by_element(n, &|i| {
                dot((0..n).map(|j| (left(i, j), x[j])), 2.0 * gamma(n + 2, unit))
            }),
            // α·y, times x, plus a.
            O::Ger => by_element(n * n, &|k| {
                let (i, j) = shape.position(k);
                dot([(alpha * y[j], x[i]), (1.0, a[k])], 2.0 * gamma(3, unit))
            }),
            O::Gemm | O::GemmTn | O::GemmNt => by_element(n * n, &|k| {
                let (i, j) = shape.position(k);
                dot((0..n).map(|p| (left(i, p), right(p, j))), 2.0 * gamma(n + 2, unit))
            }),
            // What lies above the diagonal is nobody's business: it is set to 0 before it comes here.
            O::Syrk => by_element(n * n, &|k| {
                let (i, j) = shape.position(k);
                let terms = (0..if i < j { 0 } else { n }).map(|p| (left(i, p), right(p, j)));
                dot(terms, 2.0 * gamma(n + 2, unit))
            }),
            O::Lanczos => Expected::Pair { a, tolerance: lanczos_tolerance::<T>().to_f64() },
            _ => Expected::Equation(Judge { shape, unit, a, b }),
        };
        Self { shape, unit, expected }
    }

    /// Whether an answer is right.
    ///
    /// # Errors
    /// What was found, what is right, and the bound in between.
    pub fn check(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        match &self.expected {
            Expected::Numbers { values, allowed } => {
                length(answer, values.len())?;
                for (i, ((found, right), allowed)) in
                    answer.iter().zip(values).zip(allowed).enumerate()
                {
                    let what = || format!("number {i} is {found:e}, {right:e} is right: the error");
                    within(what, (found - right).abs(), *allowed)?;
                }
                Ok(())
            }
            Expected::Equation(judge) => judge.check(answer),
            Expected::Pair { a, tolerance } => {
                length(answer, n + 1)?;
                let (value, vector) = (answer[0], &answer[1..]);
                let product: Vec<f64> = a.chunks(n).map(|row| sum(row, vector)).collect();
                let difference: Vec<f64> =
                    product.iter().zip(vector).map(|(p, v)| p - value * v).collect();
                // Rounding: of the products and of the matrix itself.
                let rounding = 2.0 * gamma(n + 2, self.unit) * norm(a);
                let allowed = tolerance * LARGEST_EIGENVALUE + rounding;
                within(|| "‖Av − θv‖".to_owned(), norm(&difference), allowed)?;
                within(|| "|θ − λ₁|".to_owned(), (value - LARGEST_EIGENVALUE).abs(), allowed)?;
                within(
                    || "|‖v‖ − 1|".to_owned(),
                    (norm(vector) - 1.0).abs(),
                    ORTHOGONAL_FACTOR * n as f64 * self.unit,
                )
            }
        }
    }
}

/// Σ xy and factor·Σ|xy|.
fn dot(terms: impl IntoIterator<Item = (f64, f64)>, factor: f64) -> [f64; 2] {
    let (mut value, mut magnitude) = (0.0, 0.0);
    for (x, y) in terms {
        value += x * y;
        magnitude += (x * y).abs();
    }
    [value, factor * magnitude]
}

fn sum(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The Frobenius norm.
fn norm(x: &[f64]) -> f64 {
    sum(x, x).sqrt()
}

/// An error against its bound; a NaN is within nothing. Words are made only where needed.
fn within(what: impl Fn() -> String, error: f64, allowed: f64) -> Result<(), String> {
    if error <= allowed {
        Ok(())
    } else {
        Err(format!("{} is {error:e}, allowed {allowed:e}", what()))
    }
}

fn length(answer: &[f64], expected: usize) -> Result<(), String> {
    if answer.len() == expected {
        Ok(())
    } else {
        Err(format!("{} numbers instead of {expected}", answer.len()))
    }
}
