//! What must hold, one file per kernel layer or part of one; `symmetric` and `triangular` belong to `matrix`.
//!
//! A property measures one number and says what bounds it. The bound comes from
//! [`crate::bound`], or is 0 where the answer must be exact.

pub mod accuracy;
pub mod adversarial;
pub mod cholesky;
pub mod composed;
pub mod conjugate_gradient;
pub mod controller;
pub mod coverage;
pub mod curvature;
pub mod edge;
pub mod edge_bed;
pub mod elementary;
pub mod evidence;
pub mod factor;
pub mod finite_difference;
pub mod fixed;
pub mod float;
pub mod generalized_eigen;
pub mod kaniel;
pub mod krylov;
pub mod layers;
pub mod ldlt;
pub mod ldlt_pivoted;
pub mod leave_one_out;
pub mod lobpcg;
pub mod lu;
pub mod matrix;
pub mod objective;
pub mod operator;
pub mod optim;
pub mod optim_peers;
pub mod optim_steps;
pub mod overhead;
pub mod products;
pub mod qr;
pub mod quadrature;
pub mod random;
pub mod ratio_solve;
pub mod ratios;
pub mod ridge;
pub mod sequence;
pub mod simd;
pub mod sketch;
pub mod small;
pub mod surrogate;
pub mod svd;
pub mod symmetric;
pub mod thick_restart;
pub mod trace;
pub mod tracking;
pub mod trainings;
pub mod triangular;
pub mod vector;

use serde::Serialize;
use teeter::{Float, Machine};

use crate::oracle::exact::{self, Exact};
use crate::subject::{Subject, Teeter};

/// Which side of its bound a number must lie on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Side {
    /// measured ≤ bound
    #[serde(rename = "at most")]
    AtMost,
    /// measured ≥ bound: the number must show that something breaks.
    #[serde(rename = "at least")]
    AtLeast,
}

/// A property, measured.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// The property, as a sentence.
    pub name: &'static str,
    /// The kernel layer.
    pub layer: &'static str,
    /// The machine, or "any".
    pub machine: &'static str,
    /// "f32" or "f64".
    pub format: &'static str,
    /// What was measured.
    pub measured: f64,
    /// The side of the bound it must lie on.
    pub side: Side,
    /// The bound.
    pub bound: f64,
    /// The verdict: on finite numbers only.
    pub passed: bool,
}

impl Measured {
    /// measured ≤ bound, both finite.
    #[must_use]
    pub fn at_most(context: Context, name: &'static str, measured: f64, bound: f64) -> Self {
        let passed = measured.is_finite() && bound.is_finite() && measured <= bound;
        Self { passed, ..context.report(name, [measured, bound], Side::AtMost) }
    }

    /// measured ≥ bound, both finite.
    #[must_use]
    pub fn at_least(context: Context, name: &'static str, measured: f64, bound: f64) -> Self {
        let passed = measured.is_finite() && bound.is_finite() && measured >= bound;
        Self { passed, ..context.report(name, [measured, bound], Side::AtLeast) }
    }

    /// No case broke an exact rule; `broken` of `cases` did, and `cases` must not be 0.
    #[must_use]
    pub fn exact(context: Context, name: &'static str, broken: usize, cases: usize) -> Self {
        let measured = if cases == 0 { f64::NAN } else { broken as f64 };
        Self::at_most(context, name, measured, 0.0)
    }
}

/// Where a property was measured.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The kernel layer.
    pub layer: &'static str,
    /// The machine, or "any".
    pub machine: &'static str,
    /// "f32" or "f64".
    pub format: &'static str,
}

impl Context {
    /// The context of a subject.
    #[must_use]
    pub fn of<T: Float>(layer: &'static str, subject: &dyn Subject<T>) -> Self {
        Self { layer, machine: subject.machine().name(), format: format_name::<T>() }
    }

    /// Not passed yet.
    fn report(self, name: &'static str, pair: [f64; 2], side: Side) -> Measured {
        let Self { layer, machine, format } = self;
        let [measured, bound] = pair;
        Measured { name, layer, machine, format, measured, side, bound, passed: false }
    }
}

/// "f32" or "f64".
#[must_use]
pub fn format_name<T: Float>() -> &'static str {
    if T::BITS == 32 { "f32" } else { "f64" }
}

/// The case with the largest error over bound, of many.
#[derive(Clone, Debug)]
pub struct Worst {
    measured: f64,
    bound: f64,
    ratio: f64,
    broken: usize,
    cases: usize,
}

impl Default for Worst {
    fn default() -> Self {
        Self { measured: 0.0, bound: 0.0, ratio: -1.0, broken: 0, cases: 0 }
    }
}

impl Worst {
    /// A computed number, its true value, and the error allowed. NaN and ∞ break the bound.
    pub fn see<T: Float>(&mut self, computed: T, truth: &Exact, allowed: &Exact) {
        let Some(computed) = exact::try_from(computed) else {
            self.record(f64::NAN, allowed.to_f64_fast(), f64::INFINITY, 1);
            return;
        };
        let error = exact::abs(&(computed - truth));
        let ratio = if error == Exact::ZERO {
            0.0
        } else if *allowed == Exact::ZERO {
            f64::INFINITY
        } else {
            (&error / allowed).to_f64_fast()
        };
        self.record(
            error.to_f64_fast(),
            allowed.to_f64_fast(),
            ratio,
            usize::from(error > *allowed),
        );
    }

    /// The same in f64, for errors that are not rational.
    pub fn see_f64(&mut self, error: f64, allowed: f64) {
        let holds = error.is_finite() && allowed.is_finite() && error <= allowed;
        let ratio = if error == 0.0 { 0.0 } else { error / allowed };
        self.record(
            error,
            allowed,
            if ratio.is_nan() { f64::INFINITY } else { ratio },
            usize::from(!holds),
        );
    }

    fn record(&mut self, measured: f64, bound: f64, ratio: f64, broken: usize) {
        self.cases += 1;
        // The first broken case displaces every sound one, and is displaced by worse ones only.
        let first_broken = broken > 0 && self.broken == 0;
        let as_bad = (broken > 0) == (self.broken > 0);
        if first_broken || (as_bad && ratio > self.ratio) {
            (self.measured, self.bound, self.ratio) = (measured, bound, ratio);
        }
        self.broken += broken;
    }

    /// The verdict; no cases, no pass.
    #[must_use]
    pub fn finish(self, context: Context, name: &'static str) -> Measured {
        let passed = self.broken == 0 && self.cases > 0;
        let report = context.report(name, [self.measured, self.bound], Side::AtMost);
        Measured { passed, ..report }
    }
}

/// The layers that have properties, in the order of the kernel.
pub const LAYERS: [&str; 13] = [
    "float",
    "random",
    "simd",
    "vector",
    "matrix",
    "factor",
    "fixed",
    "operator",
    "krylov",
    "trace",
    "objective",
    "optim",
    "curvature",
];

/// Every property of every layer.
#[must_use]
pub fn all() -> Vec<Measured> {
    LAYERS.into_iter().flat_map(of_layer).collect()
}

/// Every property of a layer, on every machine present, in both formats.
#[must_use]
pub fn of_layer(layer: &str) -> Vec<Measured> {
    match layer {
        "float" => float::all(),
        "random" => random::all::<f64>(&Teeter(Machine::portable())),
        "simd" => everywhere(simd::all, simd::all),
        "vector" => everywhere(vector::all, vector::all),
        "matrix" => everywhere(matrix::all, matrix::all),
        "factor" => {
            let mut list = everywhere(factor::all, factor::all);
            list.extend(everywhere(cholesky::all, cholesky::all));
            list.extend(everywhere(ldlt::all, ldlt::all));
            list.extend(everywhere(ldlt_pivoted::all, ldlt_pivoted::all));
            list.extend(everywhere(lu::all, lu::all));
            list.extend(everywhere(qr::all, qr::all));
            list.extend(everywhere(generalized_eigen::all, generalized_eigen::all));
            list.extend(everywhere(svd::all, svd::all));
            list.extend(everywhere(small::all, small::all));
            list
        }
        "fixed" => everywhere(fixed::all, fixed::all),
        "operator" => {
            let mut list = everywhere(operator::all, operator::all);
            list.extend(everywhere(composed::all, composed::all));
            list.extend(everywhere(finite_difference::all, finite_difference::all));
            list
        }
        "krylov" => {
            let mut list = everywhere(krylov::all, krylov::all);
            list.extend(everywhere(conjugate_gradient::all, conjugate_gradient::all));
            list.extend(everywhere(kaniel::all, kaniel::all));
            list
        }
        "trace" => {
            let mut list = everywhere(trace::all, trace::all);
            list.extend(everywhere(quadrature::all, quadrature::all));
            list.extend(everywhere(ratio_solve::all, ratio_solve::all));
            list.extend(everywhere(sequence::all, sequence::all));
            list
        }
        "objective" => {
            let mut list = everywhere(layers::all, layers::all);
            list.extend(Machine::present().flat_map(|m| objective::all(&Teeter(m))));
            list
        }
        "curvature" => {
            let mut list = everywhere(curvature::all, curvature::all);
            list.extend(everywhere(evidence::all, evidence::all));
            list.extend(everywhere(ridge::all, ridge::all));
            list.extend(everywhere(edge::all, edge::all));
            list.extend(Machine::present().map(edge::sam_settles_where_its_edge_is_the_sharpness));
            list.extend(Machine::present().map(edge::rescaling_is_covariant));
            list.push(edge_bed::training_ends_at_the_edge(Machine::detect()));
            list
        }
        "optim" => {
            let mut list = everywhere(optim::all, optim::all);
            list.extend(everywhere(optim_steps::all, optim_steps::all));
            list.extend(Machine::present().flat_map(|machine| surrogate::all(&Teeter(machine))));
            list
        }
        _ => Vec::new(),
    }
}

fn everywhere(
    single: fn(&dyn Subject<f32>) -> Vec<Measured>,
    double: fn(&dyn Subject<f64>) -> Vec<Measured>,
) -> Vec<Measured> {
    Machine::present()
        .map(Teeter)
        .flat_map(|subject| single(&subject).into_iter().chain(double(&subject)))
        .collect()
}

/// Panics with every property of the list that failed, and if there are none at all.
///
/// # Panics
/// That is what it is for: a test calls it.
pub fn assert_all(list: &[Measured]) {
    assert!(!list.is_empty(), "no properties were measured");
    let failed: Vec<&Measured> = list.iter().filter(|row| !row.passed).collect();
    assert!(failed.is_empty(), "{} of {} failed: {failed:#?}", failed.len(), list.len());
}

/// Panics unless the property caught the fault planted in its subject.
///
/// # Panics
/// That is what it is for: a test calls it.
pub fn assert_caught(measured: &Measured) {
    assert!(!measured.passed, "a planted fault went unseen: {measured:#?}");
}
