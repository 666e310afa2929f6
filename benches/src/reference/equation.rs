//! Answers that must solve an equation: factorizations, solutions, eigenvectors.

use crate::case::{Operation, Shape};
use crate::reference::{ORTHOGONAL_FACTOR, dot, gamma, length, norm, sum, within};

/// Whether an answer solves the equation of its operation.
///
/// | operation       | answer, each matrix in the layout of the shape unless said otherwise        |
/// |-----------------|-----------------------------------------------------------------------------|
/// | trsm            | X                                                                           |
/// | Cholesky        | L in the lower triangle                                                     |
/// | LDLᵀ            | D on the diagonal, L below it, its ones left out                            |
/// | LU              | U, and L below it, its ones left out; then the row of A that row i came from |
/// | QR              | Q, then R, both by columns                                                  |
/// | symmetric eigen | the eigenvalues, then V by columns                                          |
#[derive(Clone, Debug)]
pub(super) struct Judge {
    pub(super) shape: Shape,
    pub(super) unit: f64,
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
}

impl Judge {
    pub(super) fn check(&self, answer: &[f64]) -> Result<(), String> {
        match self.shape.operation {
            Operation::Trsm => self.solution(answer),
            Operation::Cholesky => self.cholesky(answer),
            Operation::Ldlt => self.ldlt(answer),
            Operation::Lu => self.lu(answer),
            Operation::Qr => self.qr(answer),
            Operation::SymmetricEigen => self.eigen(answer),
            other => Err(format!("{} solves no equation", other.name())),
        }
    }

    /// The matrix row by row, so that what follows walks along memory.
    fn rows(&self, matrix: &[f64]) -> Vec<f64> {
        let n = self.shape.n;
        (0..n * n).map(|k| matrix[self.shape.offset(k / n, k % n)]).collect()
    }

    /// LX = B: each column backward stable, |B − LX| ≤ γₙ|L||X| (Higham 2002, Theorem 8.5); the
    /// check rounds as much, and some multiply by the reciprocal of the diagonal.
    fn solution(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, n * n)?;
        let (l, b, x) = (self.rows(&self.a), self.rows(&self.b), transposed(&self.rows(answer), n));
        let factor = 2.0 * gamma(n + 3, self.unit);
        for i in 0..n {
            for j in 0..n {
                let (l, x) = (&l[i * n..=i * n + i], &x[j * n..=j * n + i]);
                let [product, allowed] = dot(pairs(l, x), factor);
                within(
                    || format!("|B − LX| at ({i}, {j})"),
                    (product - b[i * n + j]).abs(),
                    allowed,
                )?;
            }
        }
        Ok(())
    }

    /// |A − LLᵀ| ≤ γₙ₊₁|L||Lᵀ| (Higham 2002, Theorem 10.3): n products, a root or a quotient; some
    /// multiply by the reciprocal instead.
    fn cholesky(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, n * n)?;
        let (a, l) = (self.rows(&self.a), self.rows(answer));
        let factor = 2.0 * gamma(n + 3, self.unit);
        for i in 0..n {
            for j in 0..=i {
                let [product, allowed] =
                    dot(pairs(&l[i * n..=i * n + j], &l[j * n..=j * n + j]), factor);
                within(
                    || format!("|A − LLᵀ| at ({i}, {j})"),
                    (product - a[i * n + j]).abs(),
                    allowed,
                )?;
            }
        }
        Ok(())
    }

    /// |A − LDLᵀ| ≤ γₙ₊₃|L||D||Lᵀ|: as for LU, one more product in each term.
    fn ldlt(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, n * n)?;
        let (a, factors) = (self.rows(&self.a), self.rows(answer));
        let d: Vec<f64> = (0..n).map(|i| factors[i * n + i]).collect();
        let l = unit_lower(&factors, n);
        let scaled: Vec<f64> = (0..n * n).map(|k| l[k] * d[k % n]).collect();
        let factor = 2.0 * gamma(n + 4, self.unit);
        for i in 0..n {
            for j in 0..=i {
                let [product, allowed] =
                    dot(pairs(&scaled[i * n..=i * n + j], &l[j * n..=j * n + j]), factor);
                within(
                    || format!("|A − LDLᵀ| at ({i}, {j})"),
                    (product - a[i * n + j]).abs(),
                    allowed,
                )?;
            }
        }
        Ok(())
    }

    /// |PA − LU| ≤ γₙ|L||U| (Higham 2002, Theorem 9.3), and |L| ≤ 1 since it pivots.
    fn lu(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, n * n + n)?;
        let (factors, source) = answer.split_at(n * n);
        let (a, factors) = (self.rows(&self.a), self.rows(factors));
        let mut seen = source.to_vec();
        seen.sort_by(f64::total_cmp);
        let is_permutation = seen.iter().enumerate().all(|(i, &row)| row == i as f64);
        within(|| "a permutation off by".to_owned(), f64::from(u8::from(!is_permutation)), 0.0)?;
        let (l, u) = (unit_lower(&factors, n), transposed(&factors, n));
        // Rounded quotients of numbers no larger than the pivot; some multiply by its reciprocal.
        let largest = l.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
        within(|| "the largest |L|".to_owned(), largest, 1.0 + gamma(2, self.unit))?;
        let factor = 2.0 * gamma(n + 3, self.unit);
        for i in 0..n {
            let row = source[i] as usize;
            for j in 0..n {
                let last = i.min(j);
                let [product, allowed] =
                    dot(pairs(&l[i * n..=i * n + last], &u[j * n..=j * n + last]), factor);
                let error = (product - a[row * n + j]).abs();
                within(|| format!("|PA − LU| at ({i}, {j})"), error, allowed)?;
            }
        }
        Ok(())
    }

    /// ‖A − QR‖ ≤ cnu‖A‖ and ‖QᵀQ − I‖ ≤ cnu in the Frobenius norm (the form of Higham 2002,
    /// Theorem 19.4).
    fn qr(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, 2 * n * n)?;
        let (q, r) = answer.split_at(n * n);
        let (a, q_rows) = (self.rows(&self.a), transposed(q, n));
        let mut residual = 0.0;
        for i in 0..n {
            for j in 0..n {
                let product = sum(&q_rows[i * n..=i * n + j], &r[j * n..=j * n + j]);
                residual += (product - a[i * n + j]).powi(2);
            }
        }
        let allowed = ORTHOGONAL_FACTOR * n as f64 * self.unit;
        within(|| "‖A − QR‖".to_owned(), residual.sqrt(), allowed * norm(&self.a))?;
        within(|| "‖QᵀQ − I‖".to_owned(), orthogonality_defect(q, n), allowed)
    }

    /// ‖AV − VΛ‖ ≤ cnu‖A‖ and ‖VᵀV − I‖ ≤ cnu in the Frobenius norm.
    fn eigen(&self, answer: &[f64]) -> Result<(), String> {
        let n = self.shape.n;
        length(answer, n * n + n)?;
        let (values, vectors) = answer.split_at(n);
        let mut residual = 0.0;
        for (value, v) in values.iter().zip(vectors.chunks(n)) {
            for (row, x) in self.a.chunks(n).zip(v) {
                residual += (sum(row, v) - value * x).powi(2);
            }
        }
        let allowed = ORTHOGONAL_FACTOR * n as f64 * self.unit;
        within(|| "‖AV − VΛ‖".to_owned(), residual.sqrt(), allowed * norm(&self.a))?;
        within(|| "‖VᵀV − I‖".to_owned(), orthogonality_defect(vectors, n), allowed)
    }
}

/// ‖VᵀV − I‖, V by columns.
fn orthogonality_defect(vectors: &[f64], n: usize) -> f64 {
    let mut defect = 0.0;
    for (k, v) in vectors.chunks(n).enumerate() {
        for (l, w) in vectors.chunks(n).enumerate() {
            defect += (sum(v, w) - if k == l { 1.0 } else { 0.0 }).powi(2);
        }
    }
    defect.sqrt()
}

fn pairs<'a>(x: &'a [f64], y: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    x.iter().copied().zip(y.iter().copied())
}

fn transposed(matrix: &[f64], n: usize) -> Vec<f64> {
    (0..n * n).map(|k| matrix[k % n * n + k / n]).collect()
}

/// The part below the diagonal, ones on it, zeros above; row by row.
fn unit_lower(factors: &[f64], n: usize) -> Vec<f64> {
    let element = |k: usize| match (k / n).cmp(&(k % n)) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => factors[k],
    };
    (0..n * n).map(element).collect()
}
