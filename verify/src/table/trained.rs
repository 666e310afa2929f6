//! `trained`: the digits network at the edge, its Hessian formed and diagonalized by faer.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{Table, presets};
use serde::Serialize;
use teeter::krylov::{LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::operator::LinearOperator;
use teeter::optim::{Momentum, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, vector};

use crate::bound;
use crate::oracle::{naive, reference};

/// The network of the main job.
const WIDTHS: [usize; 4] = [64, 32, 32, 10];
const SAMPLES: usize = 1500;
const LEARNING_RATE: f64 = 0.5;

/// What `trained` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Steps of gradient descent at η = 0.5 before the Hessian is taken.
    #[arg(long, value_name = "N", default_value_t = 500)]
    steps: usize,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    ours: f64,
    reference: f64,
    error: f64,
    bound: f64,
    passed: bool,
}

impl Row {
    fn new(name: &'static str, [ours, reference]: [f64; 2], bound: f64) -> Self {
        let error = (ours - reference).abs();
        Self { name, ours, reference, error, bound, passed: error <= bound && bound.is_finite() }
    }
}

/// Trains, measures, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let rows = measure(arguments.steps).map_err(io::Error::other)?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["quantity", "ours", "reference", "error", "bound", ""]);
    for row in &rows {
        let verdict = if row.passed { "ok" } else { "FAILED" };
        table.add_row([
            row.name,
            &format!("{:.12}", row.ours),
            &format!("{:.12}", row.reference),
            &format!("{:.2e}", row.error),
            &format!("{:.2e}", row.bound),
            verdict,
        ]);
    }
    println!("{table}");
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(rows.iter().all(|row| row.passed))
}

/// What the products give, and what faer makes of the matrix they form.
///
/// The reference is the symmetric matrix of the lower triangle. It differs from the operator by
/// no more than the products' own rounding, which the asymmetry ‖H − Hᵀ‖_F shows; by Weyl's
/// inequality that much, faer's backward error and the residual are what eigenvalues may differ.
fn measure(steps: usize) -> Result<Vec<Row>, Box<dyn std::error::Error + Send + Sync>> {
    let machine = Machine::detect();
    let split = teeter_host::data::split(&teeter_host::data::digits()?, SAMPLES)?;
    let mut targets = vec![0.0; SAMPLES * 10];
    for (row, &label) in targets.chunks_mut(10).zip(&split.train.labels) {
        row[label] = 1.0;
    }
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let n = mlp_param_len(&WIDTHS);
    let mut scratch = vec![0.0; mlp_scratch_len(&WIDTHS, SAMPLES)];
    let x = MatRef::row_major(&split.train.features, SAMPLES, 64)?;
    let t = MatRef::row_major(&targets, SAMPLES, 10)?;
    let mut mlp = Mlp::new(machine, shape, (x, t), &mut scratch)?;
    let mut w = vec![0.0; n];
    mlp_initialize(shape, Stream::new(0, 1), &mut w)?;
    descend(machine, &mut mlp, &mut w, steps)?;

    let mut at = At::new(&mut mlp, &w)?;
    let mut hessian = at.hessian();
    let h = dense(&mut hessian, n)?;
    let asymmetry = (0..n * n).map(|e| (h[e] - h[e % n * n + e / n]).powi(2)).sum::<f64>().sqrt();
    let norm = naive::frobenius(&h);
    let values = reference::eigenvalues(&h, n);

    let mut rows = Vec::new();
    let ends = [
        ("λ₁, Lanczos beside faer", Which::LargestAlgebraic, values[n - 1]),
        ("λ_min, Lanczos beside faer", Which::SmallestAlgebraic, values[0]),
    ];
    let mut scratch = vec![0.0; extremal_eigenpair_scratch_len(n, 40)];
    let mut v = vec![0.0; n];
    for (name, which, truth) in ends {
        normals_into(Stream::new(0, 2), &mut v);
        let options = LanczosOptions { which, krylov_dim: 40, product_max: 1000, tolerance: 1e-9 };
        let pair = extremal_eigenpair(machine, &mut hessian, &options, &mut v, &mut scratch)?;
        let allowed = pair.residual + asymmetry + bound::eigen::<f64>(n) * norm;
        rows.push(Row::new(name, [pair.value, truth], allowed));
    }
    // Norms of Hv: one product, and n of them combined; each element of the latter has n terms.
    normals_into(Stream::new(0, 3), &mut v);
    let mut product = vec![0.0; n];
    hessian.apply(&v, &mut product)?;
    let combined = naive::apply(&h, &v);
    let apart: Vec<f64> = product.iter().zip(&combined).map(|(a, b)| a - b).collect();
    let length = vector::norm2(machine, &v);
    let allowed = (bound::gamma_f64::<f64>(n) * norm + asymmetry) * length;
    let norms = [naive::dot(&product, &product).sqrt(), naive::dot(&combined, &combined).sqrt()];
    rows.push(Row {
        name: "‖Hv‖, one product beside the dense matrix",
        ours: norms[0],
        reference: norms[1],
        error: naive::dot(&apart, &apart).sqrt(),
        bound: allowed,
        passed: naive::dot(&apart, &apart).sqrt() <= allowed && allowed.is_finite(),
    });
    let trace = (0..n).map(|i| h[i * n + i]).sum::<f64>();
    let sum = values.iter().sum::<f64>();
    let allowed = (n as f64).sqrt() * bound::eigen::<f64>(n) * norm
        + bound::gamma_f64::<f64>(n) * values.iter().map(|x| x.abs()).sum::<f64>();
    rows.push(Row::new("Tr H, diagonal beside faer's eigenvalues", [trace, sum], allowed));
    let terms = SAMPLES + WIDTHS.iter().sum::<usize>();
    let allowed = bound::hessian_asymmetry(n, terms) * norm;
    rows.push(Row::new("‖H − Hᵀ‖_F beside 0", [asymmetry, 0.0], allowed));
    Ok(rows)
}

/// Plain gradient descent.
fn descend(
    machine: Machine,
    mlp: &mut Mlp<'_, f64>,
    w: &mut [f64],
    steps: usize,
) -> Result<(), Error> {
    let sgd = Sgd { learning_rate: LEARNING_RATE, momentum: Momentum::None, weight_decay: 0.0 };
    let mut gradient = vec![0.0; w.len()];
    for _ in 0..steps {
        At::new(mlp, w)?.gradient(&mut gradient)?;
        sgd.step(machine, &gradient, &mut SgdState { velocity: &mut [] }, w)?;
    }
    Ok(())
}

/// H, column after column.
fn dense(hessian: &mut impl LinearOperator<f64>, n: usize) -> Result<Vec<f64>, Error> {
    let mut h = vec![0.0; n * n];
    let mut basis = vec![0.0; n];
    for (i, column) in h.chunks_mut(n).enumerate() {
        basis[i] = 1.0;
        hessian.apply(&basis, column)?;
        basis[i] = 0.0;
    }
    Ok(h)
}
