//! The golden suite: the same calls on every machine, each answer folded into a hash.
//!
//! Strict arithmetic promises the same bits everywhere, so one number stands for each case;
//! `golden.txt` holds it, and `cargo run --release -p teeter-verify -- hashes` compares. Inputs come
//! from a counter by integer arithmetic alone. NaN counts as NaN, whatever its bits.
//!
//! To add a case: a function in the file of its layer, its name in the list below, and
//! `cargo run --release -p teeter-verify -- hashes --write`.
#![no_std]

mod curvature;
mod factor;
mod float;
mod hash;
mod input;
mod krylov;
mod lab;
mod matrix;
mod objective;
mod operator;
mod optim;
mod random;
mod search;
mod sketch;
mod solve;
mod spectral;
mod trace;
mod triangular;
mod vector;

use teeter::Machine;

pub use hash::Hash;
use lab::Lab;

/// Elements of each slice of [`Scratch`].
pub const SCRATCH_LEN: usize = 32_768;

/// Memory lent for a case: each slice [`SCRATCH_LEN`] long, contents meaningless.
#[derive(Debug)]
pub struct Scratch<'a> {
    /// For the cases in f32.
    pub single: &'a mut [f32],
    /// For the cases in f64.
    pub double: &'a mut [f64],
}

/// A function of a layer, and how it is tried in each format.
struct Row {
    layer: &'static str,
    name: &'static str,
    single: fn(&mut Lab<'_, f32>),
    double: fn(&mut Lab<'_, f64>),
}

/// `layer::function`, …: a row each.
macro_rules! rows {
    ($($layer:ident::$name:ident,)*) => {
        &[$(Row {
            layer: stringify!($layer),
            name: stringify!($name),
            single: $layer::$name::<f32>,
            double: $layer::$name::<f64>,
        }),*]
    };
}

const ROWS: &[Row] = rows![
    float::sqrt,
    float::fused_mul_add,
    float::exp,
    float::exp_m1,
    float::ln,
    float::ln_1p,
    float::tanh,
    float::sin,
    float::cos,
    float::powers,
    random::signs,
    random::uniforms,
    random::normals,
    vector::dot,
    vector::sum,
    vector::sum_abs,
    vector::norm2,
    vector::argmax_abs,
    vector::first_not_finite,
    vector::axpy,
    vector::scale,
    vector::multiply,
    vector::rotate,
    vector::precise,
    vector::exp,
    vector::tanh,
    vector::sigmoid,
    vector::softplus,
    vector::log1p,
    matrix::gemv,
    matrix::ger,
    matrix::gemm_small,
    matrix::gemm_large,
    matrix::gemm_edges,
    triangular::symv,
    triangular::syr,
    triangular::trmv,
    triangular::trsv,
    triangular::symm,
    triangular::syrk,
    triangular::trmm,
    triangular::trsm,
    factor::cholesky,
    factor::cholesky_refused,
    factor::cholesky_solve,
    solve::cholesky_inverse,
    solve::cholesky_update,
    solve::ldlt,
    solve::ldlt_pivoted,
    solve::lu,
    solve::qr,
    solve::qr_pivoted,
    solve::least_squares,
    factor::tridiagonal_values,
    factor::tridiagonal_first_components,
    factor::tridiagonal_vectors,
    factor::symmetric_eigen,
    spectral::generalized_eigen,
    spectral::svd,
    operator::adapted,
    krylov::lanczos,
    krylov::extremal_eigenpair,
    krylov::power_iteration,
    search::extremal_eigenpairs,
    search::lobpcg,
    search::low_memory_eigenpair,
    search::conjugate_gradient,
    search::track_sharpness,
    search::largest_eigenvalue_bound,
    trace::student_t_quantile,
    trace::hutchinson,
    trace::exact,
    trace::ratio_diagonal,
    trace::ratio_cholesky,
    sketch::hutch_pp,
    sketch::na_hutch_pp,
    sketch::xtrace,
    sketch::xnystrace,
    sketch::diagonal,
    sketch::quadrature,
    sketch::ratio_solve,
    objective::mlp,
    objective::quadratic,
    optim::sgd,
    optim::adam,
    optim::sam,
    optim::tracer,
    curvature::rotation_angle,
    curvature::effective_parameters,
    curvature::stability_threshold,
    sketch::curvature_report,
];

/// One case: a function in one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// The file of this suite: a layer of the kernel, or a part of one.
    pub layer: &'static str,
    /// The case, unique within its layer.
    pub name: &'static str,
    /// "f32" or "f64".
    pub format: &'static str,
    row: usize,
}

impl Case {
    /// The hash of all answers of this case on this machine.
    ///
    /// # Panics
    /// If `scratch` is shorter than [`SCRATCH_LEN`].
    #[must_use]
    pub fn run(&self, machine: Machine, scratch: &mut Scratch<'_>) -> u64 {
        let Some(row) = ROWS.get(self.row) else { return 0 };
        if self.format == "f32" {
            Lab::run(machine, scratch.single, row.single)
        } else {
            Lab::run(machine, scratch.double, row.double)
        }
    }
}

/// The suite, in the order of the layers.
pub fn cases() -> impl Iterator<Item = Case> {
    ROWS.iter().enumerate().flat_map(|(index, row)| {
        ["f32", "f64"].map(|format| Case { layer: row.layer, name: row.name, format, row: index })
    })
}
