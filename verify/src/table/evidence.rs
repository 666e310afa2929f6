//! `evidence`: MacKay's framework on three real sets, beside a dense computation by faer.

use std::f64::consts::PI;
use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{Table, presets};
use serde::Serialize;
use teeter::curvature::{
    EvidenceFit, EvidenceOptions, LinearModel, SpectralFilter, effective_parameters_nonlinear,
    effective_parameters_nonlinear_scratch_len, linear_model_memory_len, linear_model_scratch_len,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};

use crate::bound::linear_model::{self as bound, Sizes};
use crate::input::tabular::{self, Tabular};
use crate::oracle::{naive, reference};
use crate::property::evidence::{pull, residual};

/// What `evidence` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Row {
    data: &'static str,
    quantity: &'static str,
    ours: f64,
    reference: f64,
    error: f64,
    bound: f64,
    passed: bool,
}

/// Fits, compares, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let mut rows = Vec::new();
    for data in tabular::all() {
        rows.extend(measure(&data).map_err(io::Error::other)?);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["data", "quantity", "ours", "reference", "error", "bound", ""]);
    for row in &rows {
        table.add_row([
            row.data,
            row.quantity,
            &format!("{:.10}", row.ours),
            &format!("{:.10}", row.reference),
            &format!("{:.2e}", row.error),
            &format!("{:.2e}", row.bound),
            if row.passed { "ok" } else { "FAILED" },
        ]);
    }
    println!("{table}");
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(rows.iter().all(|row| row.passed))
}

const TOLERANCE: f64 = 1e-10;

/// What the kernel finds, and with what the dense computation will compare it.
struct Found {
    fit: EvidenceFit<f64>,
    weights: Vec<f64>,
    variance: f64,
    moody: f64,
}

fn find(machine: Machine, data: &Tabular) -> Result<Found, Error> {
    let [n, k] = data.shape;
    let mut memory = vec![0.0; linear_model_memory_len(n, k)];
    let mut scratch = vec![0.0; linear_model_scratch_len(n, k)];
    let design = MatRef::row_major(&data.design, n, k)?;
    let model = LinearModel::new(machine, design, &data.targets, &mut memory, &mut scratch)?;
    let options = EvidenceOptions { step_max: 200, tolerance: TOLERANCE };
    let fit = model.maximize_evidence(&options)?;
    let constants = [fit.evidence.alpha, fit.evidence.beta];
    let ratio = constants[0] / constants[1];
    let mut weights = vec![0.0; k];
    model.weights_into(SpectralFilter::Ridge { alpha: ratio }, &mut weights)?;
    let variance = model.predict(&data.design[..k], constants)?.variance;
    // With nE = Σ(t − Φw)² and the regularizer ρ‖w‖².
    let mixed: Vec<f64> = data.design.iter().map(|x| -2.0 * x).collect();
    let mut curvature: Vec<f64> =
        gram(data).iter().enumerate().map(|(e, x)| 2.0 * (x + ridge(e, k, ratio))).collect();
    let mut scratch = vec![0.0; effective_parameters_nonlinear_scratch_len(n, k)];
    let view = MatMut::row_major(&mut curvature, k, k)?;
    let mixed = MatRef::row_major(&mixed, n, k)?;
    let moody = effective_parameters_nonlinear(machine, mixed, view, &mut scratch)?;
    Ok(Found { fit, weights, variance, moody })
}

/// ΦᵀΦ.
fn gram(data: &Tabular) -> Vec<f64> {
    let [n, k] = data.shape;
    let product = |p: usize, q: usize| -> f64 {
        (0..n).map(|i| data.design[i * k + p] * data.design[i * k + q]).sum()
    };
    (0..k * k).map(|e| product(e / k, e % k)).collect()
}

/// Element e of ρI.
fn ridge(e: usize, k: usize, ratio: f64) -> f64 {
    if e / k == e % k { ratio } else { 0.0 }
}

fn measure(data: &Tabular) -> Result<Vec<Row>, Error> {
    let found = find(Machine::detect(), data)?;
    let ([n, k], of) = (data.shape, found.fit.evidence);
    let (ratio, gram) = (of.alpha / of.beta, gram(data));
    let sizes = Sizes {
        shape: data.shape,
        design: naive::frobenius(&data.design),
        targets: naive::norm(&data.targets),
        residual: naive::norm(&residual(&data.design, &data.targets, &found.weights)),
        weights: naive::norm(&found.weights),
    };
    let condition = 1.0 + sizes.design * sizes.design / ratio;
    let mut rows = Vec::new();
    let mut add = |quantity, [ours, reference]: [f64; 2], bound: f64| {
        let error = (ours - reference).abs();
        let passed = error <= bound && bound.is_finite();
        rows.push(Row { data: data.name, quantity, ours, reference, error, bound, passed });
    };

    let values = reference::eigenvalues(&gram, k);
    let gamma: f64 = values.iter().map(|x| x / (x + ratio)).sum();
    let allowed =
        bound::degrees::<f64>(sizes, ratio) + bound::dense_degrees(data.shape, sizes.design, ratio);
    add("γ, beside faer's eigenvalues", [of.gamma, gamma], allowed);
    add("Moody's p_eff, beside γ", [found.moody, gamma], {
        allowed + gamma * bound::moody::<f64>(data.shape, condition)
    });

    // A/α = I + ΦᵀΦ/ρ: its determinant, and w from its inverse.
    let a: Vec<f64> = gram.iter().enumerate().map(|(e, x)| x / ratio + ridge(e, k, 1.0)).collect();
    let Some(l) = reference::cholesky(&a, k) else {
        return Err(Error::Pivot { index: 0, value: f64::NAN });
    };
    let logs: f64 = (0..k).map(|i| l[i * k + i].ln()).sum();
    let inverse = reference::inverse(&a, k);
    let pulled = pull(&data.design, &data.targets, k);
    let weights: Vec<f64> = naive::apply(&inverse, &pulled).iter().map(|w| w / ratio).collect();
    let left = residual(&data.design, &data.targets, &weights);
    let energy =
        0.5 * (of.alpha * naive::dot(&weights, &weights) + of.beta * naive::dot(&left, &left));
    let density = 0.5 * n as f64 * (of.beta / (2.0 * PI)).ln();
    let truth = density - energy - logs;
    let magnitude = energy + logs.abs() + density.abs();
    let allowed = bound::log_evidence::<f64>(sizes, [of.alpha, of.beta], [energy, magnitude])
        + bound::dense_evidence(data.shape, condition, energy);
    add("log evidence, beside faer's Cholesky", [of.log_evidence, truth], allowed);

    let first = &data.design[..k];
    let spread = naive::dot(first, &naive::apply(&inverse, first)) / of.alpha;
    let length = naive::norm(first);
    let [_, own] = bound::prediction::<f64>(sizes, length, ratio);
    let oracle = bound::dense_evidence(data.shape, condition, 0.0) * length * length;
    add("φᵀA⁻¹φ of the first row, beside faer's inverse", [found.variance, spread], {
        (own + oracle) / of.alpha
    });

    let pull = 2.0 * of.alpha * of.weight_energy;
    let allowed = of.gamma * bound::fixed_point::<f64>(TOLERANCE, n);
    add("2αE_W, beside γ", [pull, of.gamma], allowed);
    let both = pull + 2.0 * of.beta * of.data_energy;
    add("2αE_W + 2βE_D, beside N", [both, n as f64], n as f64 * bound::balance::<f64>());
    Ok(rows)
}
