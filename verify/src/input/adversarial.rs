//! Operators on which eigensolvers hang, panic, or answer wrongly: `curvature.md` of the field's survey, §7.4.

use std::sync::atomic::{AtomicUsize, Ordering};

use teeter::Float;
use teeter::krylov::Which;

use super::{Source, matrix};
use crate::oracle::{naive, reference};

/// What goes wrong with the operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nothing.
    None,
    /// One element of this product, counted from 1, is this value.
    Element(usize, f64),
    /// This product, counted from 1, is refused.
    Refuses(usize),
    /// Every other product is that of another matrix: a new mini-batch.
    Alternates,
    /// The matrix is not symmetric.
    Asymmetric,
}

/// A matrix, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The row of the table that it belongs to.
    pub row: &'static str,
    /// Order of the matrix.
    pub n: usize,
    /// Row-major; exact in the format asked for, or as good as that.
    pub matrix: Vec<f64>,
    /// Its eigenvalues, ascending; of the symmetric part, where it is not symmetric.
    pub truth: Vec<f64>,
    /// The size that errors are measured by: the largest |λ|, at least 1 for the zero matrix.
    pub norm: f64,
    /// Eigenpairs wanted.
    pub count: usize,
    /// Where from.
    pub which: Which,
    /// Width of the block that a block method may use.
    pub block: usize,
    /// The vector to start from; empty if there is none.
    pub start: Vec<f64>,
    /// Products allowed.
    pub budget: usize,
    /// What goes wrong.
    pub fault: Fault,
    /// Whether it is asked in f32.
    pub single: bool,
}

/// Products that are enough for every case.
const BUDGET: usize = 2000;
/// The order where nothing else is said: faer refuses 64 and below.
const ORDER: usize = 100;
/// The last product, counted from 1, at which something goes wrong.
const LAST_FAULT: usize = 24;

impl Case {
    fn of_matrix(row: &'static str, matrix: Vec<f64>, truth: Vec<f64>) -> Self {
        let mut truth = truth;
        truth.sort_by(f64::total_cmp);
        let norm = truth.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        Self {
            row,
            n: truth.len(),
            matrix,
            norm: if norm > 0.0 { norm } else { 1.0 },
            truth,
            count: 4,
            which: Which::LargestAlgebraic,
            block: 1,
            start: Vec::new(),
            budget: BUDGET,
            fault: Fault::None,
            single: false,
        }
    }

    fn of_spectrum(row: &'static str, spectrum: &[f64]) -> Self {
        Self::of_matrix(row, matrix::with_spectrum(spectrum, 17), spectrum.to_vec())
    }

    /// A diagonal matrix, whose eigenvectors are known exactly.
    fn of_diagonal(row: &'static str, spectrum: &[f64], start: Vec<f64>) -> Self {
        let case = Self::of_matrix(row, matrix::dense(spectrum, &[]), spectrum.to_vec());
        // The start and a random vector beside it.
        Self { start, count: 1, block: 2, ..case }
    }

    /// 1, 2, …, n
    fn linear(row: &'static str, n: usize) -> Self {
        Self::of_spectrum(row, &(1..=n).map(|i| i as f64).collect::<Vec<f64>>())
    }

    /// Whether an answer exists: a refusal will not do then.
    #[must_use]
    pub fn has_answer(&self) -> bool {
        self.fault == Fault::None && self.budget == BUDGET
    }
}

fn spectra() -> Vec<Case> {
    let n = ORDER;
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<f64>>();
    let few = |values: &[f64]| of(&|i| values.get(i).copied().unwrap_or(0.0));
    let linear: Vec<f64> = of(&|i| (1 + i) as f64);
    let scaled = |row, factor: f64| {
        Case::of_spectrum(row, &linear.iter().map(|x| x * factor).collect::<Vec<f64>>())
    };
    vec![
        Case::of_spectrum("zero", &of(&|_| 0.0)),
        Case::of_spectrum("identity", &of(&|_| 1.0)),
        Case::of_spectrum("rank 1", &few(&[3.0])),
        Case::of_spectrum("rank 2", &few(&[3.0, -2.0])),
        Case::of_spectrum("{1, 50}", &of(&|i| if i % 2 == 0 { 1.0 } else { 50.0 })),
        Case::of_spectrum("{+1, −1}", &of(&|i| if i < n / 2 { 1.0 } else { -1.0 })),
        Case {
            block: 4,
            ..Case::of_spectrum(
                "4-fold top",
                &of(&|i| if i < 4 { 2.0 } else { i as f64 / n as f64 }),
            )
        },
        Case::of_spectrum(
            "cluster 1, .995, … over .9",
            &of(&|i| if i < 5 { 1.0 - 0.005 * i as f64 } else { 0.9 * i as f64 / n as f64 }),
        ),
        scaled("scale 1e150", 1e150),
        scaled("scale 1e−150", 1e-150),
        Case {
            single: true,
            ..Case::of_spectrum(
                "f32, condition 1e12",
                &of(&|i| 10.0_f64.powf(-12.0 * i as f64 / (n - 1) as f64)),
            )
        },
    ]
}

fn sizes() -> Vec<Case> {
    let few = |row, n, count| Case { count, ..Case::linear(row, n) };
    vec![
        few("n = 1", 1, 1),
        few("n = 2", 2, 1),
        few("n = 3", 3, 1),
        few("n = 64", 64, 4),
        few("n = 65", 65, 4),
        few("k = n", 12, 12),
        few("k > n", 6, 9),
    ]
}

fn starts() -> Vec<Case> {
    let n = ORDER;
    let linear: Vec<f64> = (1..=n).map(|i| i as f64).collect();
    let with = |f: &dyn Fn(usize) -> bool| (0..n).map(|i| f64::from(u8::from(f(i)))).collect();
    vec![
        Case::of_diagonal("start = an eigenvector", &linear, with(&|i| i == n - 3)),
        Case::of_diagonal("start ⟂ top", &linear, with(&|i| i < n - 1)),
    ]
}

/// Five of Wilkinson's W₂₁⁺ in a row, with √ε between: its top is tenfold within that.
fn glued_wilkinson() -> Case {
    let (d, e) = matrix::wilkinson(21);
    let copies = ORDER / 20;
    let diagonal = d.repeat(copies);
    let mut off = e.clone();
    for _ in 1..copies {
        off.push(f64::EPSILON.sqrt());
        off.extend_from_slice(&e);
    }
    let a = matrix::dense(&diagonal, &off);
    let truth = reference::eigenvalues(&a, diagonal.len());
    Case { block: 4, ..Case::of_matrix("glued Wilkinson", a, truth) }
}

fn asymmetric() -> Case {
    let n = ORDER;
    let element = |e: usize| match (e / n).cmp(&(e % n)) {
        std::cmp::Ordering::Less => 3.0,
        std::cmp::Ordering::Equal => (1 + e / n) as f64,
        std::cmp::Ordering::Greater => -1.0,
    };
    let a: Vec<f64> = (0..n * n).map(element).collect();
    let symmetric: Vec<f64> = (0..n * n).map(|e| 0.5 * (a[e] + a[e % n * n + e / n])).collect();
    let truth = reference::eigenvalues(&symmetric, n);
    Case { fault: Fault::Asymmetric, ..Case::of_matrix("asymmetric", a, truth) }
}

fn faults() -> Vec<Case> {
    let linear = |row, fault| Case { fault, ..Case::linear(row, ORDER) };
    let at = |f: &dyn Fn(usize) -> Case| (1..=LAST_FAULT).map(f).collect::<Vec<Case>>();
    let mut list = at(&|j| linear("NaN at product j", Fault::Element(j, f64::NAN)));
    list.extend(at(&|j| linear("∞ at product j", Fault::Element(j, f64::INFINITY))));
    list.extend(at(&|j| linear("operator fails at product j", Fault::Refuses(j))));
    list.push(asymmetric());
    list.push(linear("nondeterministic", Fault::Alternates));
    list
}

/// Every case; those of one row stand together.
#[must_use]
pub fn cases() -> Vec<Case> {
    let budget = |row, budget| Case { budget, ..Case::linear(row, ORDER) };
    let mut list = spectra();
    list.extend(sizes());
    list.extend(starts());
    list.push(glued_wilkinson());
    list.extend(faults());
    list.push(budget("budget 0", 0));
    list.push(budget("budget 1", 1));
    list
}

/// The operator of a case; counts its products.
#[derive(Debug)]
pub struct Counted<'a> {
    /// Whose.
    pub case: &'a Case,
    other: Vec<f64>,
    products: AtomicUsize,
}

impl<'a> Counted<'a> {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(case: &'a Case) -> Self {
        let other = matrix::with_spectrum(&vec![1e-2 * case.norm; case.n], 3);
        let other = case.matrix.iter().zip(other).map(|(a, b)| a + b).collect();
        Self { case, other, products: AtomicUsize::new(0) }
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.products.load(Ordering::Relaxed)
    }

    /// The matrix of the next product, which is counted; `None` if it is refused.
    pub fn next(&self) -> Option<&[f64]> {
        let index = 1 + self.products.fetch_add(1, Ordering::Relaxed);
        match self.case.fault {
            Fault::Refuses(at) if index == at => None,
            Fault::Alternates if index.is_multiple_of(2) => Some(&self.other),
            _ => Some(&self.case.matrix),
        }
    }

    /// What the last product counted has in place of its fourth element, or its last.
    #[must_use]
    pub fn poison(&self) -> Option<f64> {
        match self.case.fault {
            Fault::Element(at, value) if self.products() == at => Some(value),
            _ => None,
        }
    }

    /// `out` ← Ax, formed in f64 and rounded; false if the operator refuses.
    #[must_use]
    pub fn apply<T: Float>(&self, x: &[T], out: &mut [T]) -> bool {
        let Some(matrix) = self.next() else { return false };
        let x: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
        for (out, y) in out.iter_mut().zip(naive::apply(matrix, &x)) {
            *out = T::from_f64(y);
        }
        if let (Some(value), Some(out)) = (self.poison(), out.get_mut(3)) {
            *out = T::from_f64(value);
        }
        true
    }

    /// The start of the case, or some vector without zeros.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        if self.case.start.is_empty() {
            let source = &mut Source::new(29);
            return (0..self.case.n).map(|_| source.unit()).collect();
        }
        self.case.start.clone()
    }
}
