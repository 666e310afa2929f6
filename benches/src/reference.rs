//! The answer each benchmark must give, by the plainest loop, and how far it may be off.
//!
//! Every operation here is a sum of products, and any order of summation, fused or not, obeys
//! |ŝ − xᵀy| ≤ γₙ|x|ᵀ|y|, γₖ = ku/(1 − ku) (Higham 2002, §3.1). The reference is computed in f64
//! in one such order, so it may be off as much again: hence the factor 2 in every bound, which
//! is generous for f32. Factorizations are judged by what they reproduce.

use teeter::Float;

use crate::case::{Case, LARGEST_EIGENVALUE, Layout, Operation, Shape, lanczos_tolerance};

/// The c of the backward errors c·n·u of eigen-solvers: what the kernel's tests hold.
const EIGEN_FACTOR: f64 = 10.0;

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
    /// The lower triangle L of A = LLᵀ.
    Factor { a: Vec<f64> },
    /// Eigenvalues, then eigenvectors column by column, of A.
    Eigen { a: Vec<f64> },
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
        let at = |i: usize, j: usize| offset(shape, i, j);
        let left = |i: usize, j: usize| match shape.operation {
            O::GemvT | O::GemmT => a[at(j, i)],
            _ => a[at(i, j)],
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
            O::Tanh => by_element(n, &|i| [x[i].tanh(), 9.0 * unit * x[i].tanh().abs()]),
            O::Gemv | O::GemvT => by_element(n, &|i| {
                dot((0..n).map(|j| (left(i, j), x[j])), 2.0 * gamma(n + 2, unit))
            }),
            // α·y, times x, plus a.
            O::Ger => by_element(n * n, &|k| {
                let (i, j) = position(shape, k);
                dot([(alpha * y[j], x[i]), (1.0, a[k])], 2.0 * gamma(3, unit))
            }),
            O::Gemm | O::GemmT => by_element(n * n, &|k| {
                let (i, j) = position(shape, k);
                let terms = (0..n).map(|p| (left(i, p), b[at(p, j)]));
                dot(terms, 2.0 * gamma(n + 2, unit))
            }),
            O::Cholesky => Expected::Factor { a },
            O::SymmetricEigen => Expected::Eigen { a },
            O::Lanczos => Expected::Pair { a, tolerance: lanczos_tolerance::<T>().to_f64() },
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
            Expected::Factor { a } => {
                length(answer, n * n)?;
                // n products, a root or a quotient; some multiply by the reciprocal instead.
                let factor = 2.0 * gamma(n + 3, self.unit);
                for i in 0..n {
                    for j in 0..=i {
                        let l = |i, k| answer[offset(self.shape, i, k)];
                        let terms = (0..=j).map(|k| (l(i, k), l(j, k)));
                        let [product, allowed] = dot(terms, factor);
                        let error = (product - a[offset(self.shape, i, j)]).abs();
                        within(|| format!("|A − LLᵀ| at ({i}, {j})"), error, allowed)?;
                    }
                }
                Ok(())
            }
            Expected::Eigen { a } => {
                length(answer, n * n + n)?;
                let (values, vectors) = answer.split_at(n);
                let allowed = EIGEN_FACTOR * n as f64 * self.unit;
                let [residual, defect] = eigen_errors(a, values, vectors);
                within(|| "‖AV − VΛ‖".to_owned(), residual, allowed * norm(a))?;
                within(|| "‖VᵀV − I‖".to_owned(), defect, allowed)
            }
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
                    EIGEN_FACTOR * n as f64 * self.unit,
                )
            }
        }
    }
}

/// Where element (i, j) lies.
fn offset(shape: Shape, i: usize, j: usize) -> usize {
    if shape.layout == Layout::Row { i * shape.n + j } else { j * shape.n + i }
}

/// Which element lies there.
fn position(shape: Shape, k: usize) -> (usize, usize) {
    let (slow, fast) = (k / shape.n, k % shape.n);
    if shape.layout == Layout::Row { (slow, fast) } else { (fast, slow) }
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

/// ‖AV − VΛ‖ and ‖VᵀV − I‖ in the Frobenius norm; A symmetric, V by columns.
fn eigen_errors(a: &[f64], values: &[f64], vectors: &[f64]) -> [f64; 2] {
    let n = values.len();
    let (mut residual, mut defect) = (0.0, 0.0);
    for (k, (value, v)) in values.iter().zip(vectors.chunks(n)).enumerate() {
        for (i, row) in a.chunks(n).enumerate() {
            residual += (sum(row, v) - value * v[i]).powi(2);
        }
        for (l, w) in vectors.chunks(n).enumerate() {
            defect += (sum(v, w) - if k == l { 1.0 } else { 0.0 }).powi(2);
        }
    }
    [residual.sqrt(), defect.sqrt()]
}
