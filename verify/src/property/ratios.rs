//! LAPACK's residual ratios: how many n·ε of its own size a factorization leaves of its input.
//!
//! A ratio of order 1 is what a stable method gives; LAPACK's tests accept 30. Products of the oracle
//! are in f64: for f64 they add at most about 1.

use serde::Serialize;
use teeter::Float;
use teeter::matrix::{MatMut, MatRef};

use super::qr::{Pivoting, factored};
use super::{Measured, format_name};
use crate::bound::factor::RATIO;
use crate::input::general::{self, Named};
use crate::oracle::{dense, naive};
use crate::subject::Subject;

/// One ratio.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    /// The function.
    pub function: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// The kind of matrix.
    pub family: &'static str,
    /// The machine.
    pub machine: &'static str,
    /// "f32" or "f64".
    pub format: &'static str,
    /// The largest over all shapes; NaN if refused.
    pub ratio: f64,
    /// LAPACK's threshold.
    pub threshold: f64,
}

impl Ratio {
    /// Finite and at most the threshold.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.ratio.is_finite() && self.ratio <= self.threshold
    }
}

/// Orders, and rows and columns.
const ORDERS: [usize; 4] = [1, 5, 17, 50];
const SHAPES: [[usize; 2]; 5] = [[1, 1], [5, 3], [20, 33], [50, 17], [50, 50]];

/// A list that keeps the largest ratio of each function, formula and family.
struct List {
    machine: &'static str,
    format: &'static str,
    rows: Vec<Ratio>,
}

impl List {
    fn see(&mut self, [function, formula]: [&'static str; 2], family: &'static str, ratio: f64) {
        let same = |row: &&mut Ratio| {
            row.function == function && row.formula == formula && row.family == family
        };
        match self.rows.iter_mut().find(same) {
            // NaN stays: it is the worst.
            Some(row) if ratio.is_nan() || ratio > row.ratio => row.ratio = ratio,
            Some(_) => {}
            None => {
                let Self { machine, format, .. } = *self;
                let threshold = RATIO;
                self.rows.push(Ratio {
                    function,
                    formula,
                    family,
                    machine,
                    format,
                    ratio,
                    threshold,
                });
            }
        }
    }
}

/// Every ratio of every factorization, on the subject's machine.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Ratio> {
    let (machine, format) = (subject.machine().name(), format_name::<T>());
    let mut list = List { machine, format, rows: Vec::new() };
    for n in ORDERS {
        for named in general::positive(n) {
            cholesky(subject, &mut list, &named, n);
        }
        for named in general::quasi_definite(n) {
            ldlt(subject, &mut list, &named, n);
        }
        for named in general::indefinite(n) {
            eigen(subject, &mut list, &named, n);
            ldlt_pivoted(subject, &mut list, &named, n);
            tridiagonal(subject, &mut list, &named, n);
        }
    }
    for n in ORDERS {
        for pair in super::generalized_eigen::pairs(n) {
            generalized(subject, &mut list, pair, n);
        }
    }
    for shape in SHAPES {
        for named in general::rectangular(shape[0], shape[1]) {
            lu(subject, &mut list, &named, shape);
            svd(subject, &mut list, &named, shape);
            qr(subject, &mut list, &named, shape, Pivoting::None);
            qr(subject, &mut list, &named, shape, Pivoting::Columns);
        }
    }
    list.rows
}

/// ‖residual‖₁/(n‖A‖₁ε); a residual of 0 has ratio 0 whatever A is.
fn ratio<T: Float>(residual: &[f64], a: &[f64], shape: [usize; 2], n: usize) -> f64 {
    let residual = dense::norm1(residual, shape);
    let unit = n as f64 * dense::norm1(a, shape) * T::EPSILON.to_f64();
    if residual == 0.0 { 0.0 } else { residual / unit }
}

/// ‖I − QᵀQ‖₁/(mε) of m × n.
fn orthogonality<T: Float>(q: &[f64], [m, n]: [usize; 2]) -> f64 {
    let gram = dense::product(&dense::transpose(q, [m, n]), q, [n, m, n]);
    let defect = dense::norm1(&dense::difference(&gram, &dense::identity([n, n])), [n, n]);
    defect / (m as f64 * T::EPSILON.to_f64())
}

fn cholesky<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, n: usize) {
    let (a, mut l) = (&named.a, named.a.clone());
    let done = MatMut::row_major(&mut l, n, n).and_then(|l| subject.cholesky_in_place(l));
    let power = dense::power(a) / 2 * 2;
    let (scaled, lower) = (dense::scaled(a, power), dense::scaled(&l, power / 2));
    let lower: Vec<f64> = (0..n * n).map(|e| if e % n > e / n { 0.0 } else { lower[e] }).collect();
    let rebuilt = naive::multiply(&lower, &naive::transpose(&lower, n), n);
    let residual = dense::difference(&scaled, &rebuilt);
    let value = if done.is_ok() { ratio::<T>(&residual, &scaled, [n, n], n) } else { f64::NAN };
    list.see(["cholesky_in_place", "‖A − LLᵀ‖/(n‖A‖ε)"], named.name, value);

    let mut inverse = vec![T::NAN; n * n];
    let done = MatRef::row_major(&l, n, n)
        .and_then(|l| subject.cholesky_inverse(l, MatMut::row_major(&mut inverse, n, n)?));
    let x = dense::scaled(&inverse, -power);
    let residual = dense::difference(&naive::multiply(&scaled, &x, n), &dense::identity([n, n]));
    let size = dense::norm1(&scaled, [n, n]) * dense::norm1(&x, [n, n]);
    let unit = n as f64 * size * T::EPSILON.to_f64();
    let value = if done.is_ok() { dense::norm1(&residual, [n, n]) / unit } else { f64::NAN };
    list.see(["cholesky_inverse", "‖I − AX‖/(n‖A‖‖X‖ε)"], named.name, value);
}

fn ldlt<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, n: usize) {
    let mut ld = named.a.clone();
    let done = MatMut::row_major(&mut ld, n, n).and_then(|a| subject.ldlt_in_place(a, None));
    let power = dense::power(&named.a);
    let (a, d) = (dense::scaled(&named.a, power), dense::scaled(&ld, power));
    let l = dense::scaled(&dense::unit_lower(&ld, [n, n]), 0);
    let mut scaled = l.clone();
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= d[e % n * (n + 1)]);
    let rebuilt = naive::multiply(&scaled, &naive::transpose(&l, n), n);
    let residual = dense::difference(&a, &rebuilt);
    let value = if done.is_ok() { ratio::<T>(&residual, &a, [n, n], n) } else { f64::NAN };
    list.see(["ldlt_in_place", "‖A − LDLᵀ‖/(n‖A‖ε)"], named.name, value);
}

fn eigen<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, n: usize) {
    let (mut v, mut values) = (named.a.clone(), vec![T::NAN; n]);
    let done =
        MatMut::row_major(&mut v, n, n).and_then(|v| subject.symmetric_eigen(v, &mut values));
    let power = dense::power(&named.a);
    let (a, d) = (dense::scaled(&named.a, power), dense::scaled(&values, power));
    let v = dense::scaled(&v, 0);
    let mut scaled = v.clone();
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= d[e % n]);
    let rebuilt = naive::multiply(&scaled, &naive::transpose(&v, n), n);
    let residual = dense::difference(&a, &rebuilt);
    let fails = |value: f64| if done.is_ok() { value } else { f64::NAN };
    let value = fails(ratio::<T>(&residual, &a, [n, n], n));
    list.see(["symmetric_eigen", "‖A − VΛVᵀ‖/(n‖A‖ε)"], named.name, value);
    let value = fails(orthogonality::<T>(&v, [n, n]));
    list.see(["symmetric_eigen", "‖I − VᵀV‖/(nε)"], named.name, value);
}

fn ldlt_pivoted<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, n: usize) {
    let value = super::ldlt_pivoted::factored(subject, &named.a, n).map_or(f64::NAN, |found| {
        let power = dense::power(&named.a);
        let (a, l) = (dense::scaled(&found.a, power), dense::scaled(&found.l, 0));
        let diagonal = dense::scaled(&found.diagonal, power);
        let off_diagonal = dense::scaled(&found.off_diagonal, power);
        let rebuilt =
            naive::triple(&l, &matrix_of(&diagonal, &off_diagonal), &naive::transpose(&l, n), n);
        ratio::<T>(&dense::difference(&a, &rebuilt), &a, [n, n], n)
    });
    list.see(["ldlt_pivoted_in_place", "‖PAPᵀ − LDLᵀ‖/(n‖A‖ε)"], named.name, value);
}

/// The ratio of LAPACK's `dsgt01`; the family is that of G.
fn generalized<T: Float>(
    subject: &dyn Subject<T>,
    list: &mut List,
    (family, a, g): (&'static str, Vec<T>, Vec<T>),
    n: usize,
) {
    let (mut x, mut l, mut values) = (a.clone(), g.clone(), vec![T::NAN; n]);
    let view = MatMut::row_major(&mut l, n, n);
    let done = MatMut::row_major(&mut x, n, n)
        .and_then(|x| subject.generalized_eigen(x, view?, &mut values));
    let (of_a, of_g) = (dense::power(&a), dense::power(&g) / 2 * 2);
    let (a, g) = (dense::scaled(&a, of_a), dense::scaled(&g, of_g));
    let (x, m) = (dense::scaled(&x, -of_g / 2), dense::scaled(&values, of_a - of_g));
    let mut scaled = x.clone();
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= m[e % n]);
    let residual = dense::difference(&naive::multiply(&a, &x, n), &naive::multiply(&g, &scaled, n));
    let norm = dense::norm1(&residual, [n, n]);
    let size = dense::norm1(&a, [n, n]) * dense::norm1(&x, [n, n]);
    let value = if norm == 0.0 { 0.0 } else { norm / (n as f64 * size * T::EPSILON.to_f64()) };
    let value = if done.is_ok() { value } else { f64::NAN };
    list.see(["generalized_eigen", "‖AX − GXM‖/(n‖A‖‖X‖ε)"], family, value);
}

fn svd<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, [m, n]: [usize; 2]) {
    let (power, r) = (dense::power(&named.a), m.min(n));
    let found = super::svd::decomposed(subject, &named.a, [m, n], power);
    let a = dense::scaled(&named.a, power);
    let [residual, left, right] = found.map_or([f64::NAN; 3], |found| {
        let scaled: Vec<f64> =
            found.u.iter().enumerate().map(|(e, x)| x * found.values[e % r]).collect();
        let rebuilt = dense::product(&scaled, &dense::transpose(&found.v, [n, r]), [m, r, n]);
        let residual = dense::difference(&a, &rebuilt);
        [
            ratio::<T>(&residual, &a, [m, n], m.max(n)),
            orthogonality::<T>(&found.u, [m, r]),
            orthogonality::<T>(&found.v, [n, r]),
        ]
    });
    list.see(["svd", "‖A − UΣVᵀ‖/(max(m, n)‖A‖ε)"], named.name, residual);
    list.see(["svd", "‖I − UᵀU‖/(mε)"], named.name, left);
    list.see(["svd", "‖I − VᵀV‖/(nε)"], named.name, right);
}

/// The tridiagonal part of the matrix: values against those of the dense solver in f64.
fn tridiagonal<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, n: usize) {
    let mut d: Vec<T> = (0..n).map(|i| named.a[i * n + i]).collect();
    let mut e: Vec<T> = (1..n).map(|i| named.a[i * n + i - 1]).collect();
    let power = dense::power(&named.a);
    let dense = matrix_of(&dense::scaled(&d, power), &dense::scaled(&e, power));
    let right = crate::oracle::reference::eigenvalues(&dense, n);
    let done = subject.tridiagonal_values(&mut d, &mut e);
    let found = dense::scaled(&d, power);
    let error = found.iter().zip(&right).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let size = right.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let unit = n as f64 * size * T::EPSILON.to_f64();
    let value = if error == 0.0 { 0.0 } else { error / unit };
    let value = if done.is_ok() && found.iter().all(|x| x.is_finite()) { value } else { f64::NAN };
    list.see(["tridiagonal_values", "max|λ − faer's|/(n‖T‖ε)"], named.name, value);
}

fn matrix_of(d: &[f64], e: &[f64]) -> Vec<f64> {
    crate::input::matrix::dense(d, e)
}

fn lu<T: Float>(subject: &dyn Subject<T>, list: &mut List, named: &Named<T>, [m, n]: [usize; 2]) {
    let r = m.min(n);
    let (mut lu, mut pivots) = (named.a.clone(), vec![0; r]);
    let done = MatMut::row_major(&mut lu, m, n).and_then(|a| subject.lu_in_place(a, &mut pivots));
    let power = dense::power(&named.a);
    let a = dense::scaled(&dense::permuted(&named.a, n, &pivots), power);
    let l = dense::scaled(&dense::unit_lower(&lu, [m, n]), 0);
    let u = dense::scaled(&dense::upper(&lu, [m, n]), power);
    let residual = dense::difference(&a, &dense::product(&l, &u, [m, r, n]));
    let value = if done.is_ok() { ratio::<T>(&residual, &a, [m, n], n) } else { f64::NAN };
    list.see(["lu_in_place", "‖PA − LU‖/(n‖A‖ε)"], named.name, value);
}

fn qr<T: Float>(
    subject: &dyn Subject<T>,
    list: &mut List,
    named: &Named<T>,
    [m, n]: [usize; 2],
    pivoting: Pivoting,
) {
    let [function, formula] = match pivoting {
        Pivoting::None => ["qr_in_place", "‖A − QR‖/(m‖A‖ε)"],
        Pivoting::Columns => ["qr_pivoted_in_place", "‖AP − QR‖/(m‖A‖ε)"],
    };
    let found = factored(subject, pivoting, &named.a, [m, n]);
    let r = m.min(n);
    let [residual, defect] = found.map_or([f64::NAN; 2], |found| {
        let rebuilt = dense::product(&found.q, &found.r, [m, r, n]);
        let residual = dense::difference(&found.a, &rebuilt);
        [ratio::<T>(&residual, &found.a, [m, n], m), orthogonality::<T>(&found.q, [m, r])]
    });
    list.see([function, formula], named.name, residual);
    list.see([function, "‖I − QᵀQ‖/(mε)"], named.name, defect);
}

/// The ratios as properties of the layer: the worst of each function and formula.
#[must_use]
pub fn measured(list: &[Ratio]) -> Vec<Measured> {
    list.iter()
        .map(|row| {
            let Ratio { machine, format, .. } = *row;
            let context = super::Context { layer: "factor", machine, format };
            Measured::at_most(context, row.function, row.ratio, row.threshold)
        })
        .collect()
}
