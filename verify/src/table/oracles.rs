//! `oracles`: the exact statements of the field that an implementation can be held to, each with what was measured.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::{Table, presets};
use serde::Serialize;
use teeter::Machine;

use crate::property::{self, Measured, Side, leave_one_out};
use crate::subject::Teeter;

/// What `oracles` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A statement, the properties that measure it and the tests that hold it without a number.
struct Oracle(&'static str, &'static [&'static str], &'static [&'static str]);

const ORACLES: [Oracle; 28] = [
    Oracle("T = QᵀAQ, (T²)₁₁ = ‖Aq₁‖²", &["Lanczos T is QᵀAQ", "Lanczos (T²)₁₁ is ‖Aq₁‖²"], &[]),
    Oracle(
        "moments agree to 2k − 1, not at 2k",
        &["Lanczos moments agree to degree 2k − 1", "Lanczos moments part by ∏β² at degree 2k"],
        &[],
    ),
    Oracle("residual β|s|, an eigenvalue within", &["Ritz values lie within their residuals"], &[]),
    Oracle(
        "mean and variance over all signs",
        &["probes have exact mean and variance over all signs"],
        &["diagonals_have_exact_mean_and_variance_over_all_signs"],
    ),
    Oracle(
        "XTrace is leaving one out, symmetric in its probes",
        &["XTrace is leaving one out", "one probe stands in for another in XTrace"],
        &[],
    ),
    Oracle(
        "Tr(G⁻¹H) is invariant; not with εI or √v",
        &[
            "Tr(G⁻¹H) is affine invariant",
            "εI damping breaks the invariance",
            "Adam's √v breaks the invariance",
        ],
        &[],
    ),
    Oracle(
        "a penalty's gradient is that of the objective",
        &[],
        &[
            "gradient_is_that_of_the_whole_objective",
            "tracer_averaged_over_all_signs_is_the_gradient_of_the_trace",
            "rank_one_penalty_is_twice_that_of_sam",
        ],
    ),
    Oracle(
        "thresholds at 0.99 and 1.01",
        &[
            "stability thresholds are their formulas",
            "descent converges at 0.99 of 2/λ₁",
            "descent diverges at 1.01 of 2/λ₁",
        ],
        &["thresholds_part_decay_from_growth_at_one_per_cent"],
    ),
    Oracle("SAM's limit, its edge there", &["SAM settles where its edge is the sharpness"], &[]),
    Oracle("ASAM: ε follows w → Dw", &[], &["asam_moves_with_the_scale_of_each_weight"]),
    Oracle(
        "GSAM, LookSAM: orthogonal parts",
        &[],
        &[
            "gsam_takes_away_what_is_orthogonal",
            "looksam_keeps_what_is_orthogonal_and_adds_it_at_its_length",
        ],
    ),
    Oracle(
        "evidence, 2αE_W = γ, 2αE_W + 2βE_D = N",
        &[
            "evidence is the density of the targets",
            "2αE_W = γ and 2αE_W + 2βE_D = N at the most probable α and β",
        ],
        &[],
    ),
    Oracle(
        "Moody: 2σ² Tr S/n",
        &["test error less training error is 2σ² p_eff/n over all noise"],
        &[],
    ),
    Oracle(
        "N_eff four ways",
        &[
            "eigenvalues and factor agree on the effective parameters",
            "intervals of all ways hold the effective parameters",
            "effective parameters are Σλ/(λ + α)",
        ],
        &[],
    ),
    Oracle("SANE(cH) = SANE(H), rank one", &["SANE knows no scale"], &[]),
    Oracle("catapult, products, cubic map", &["reduced models are gradient descent"], &[]),
    Oracle("ρ(Q(η*)) = 1, Q enumerated", &["SGD is marginal at its mean-square threshold"], &[]),
    Oracle("stationary covariance", &["the stationary covariance is a fixed point"], &[]),
    Oracle("averages: n·Var → s²/λ²", &[], &["averaging_forgets_the_learning_rate"]),
    Oracle(
        "Gauss and Radau bracket, monotone",
        &["brackets hold the answer", "brackets close with each step"],
        &[],
    ),
    Oracle("Kaniel–Paige–Saad", &["Ritz values keep to Kaniel, Paige and Saad"], &[]),
    Oracle(
        "Camuto's R over noise",
        &[],
        &["noise_on_a_linear_layer_costs_its_explicit_regularizer"],
    ),
    Oracle(
        "Ω is the fourth derivative of the Gram matrix",
        &["bending energy is the fourth derivative of the Gram matrix", "bending energy is ∫φ″φ″"],
        &[],
    ),
    Oracle("1 ≤ f_flow/f_ridge ≤ 1.29843", &["1 ≤ f_flow/f_ridge ≤ 1.29843"], &[]),
    Oracle(
        "sixty parameters at the edge",
        &["sixty parameters end at the edge of GD, SAM, Adam"],
        &[],
    ),
    Oracle(
        "A → cA + dI",
        &["Lanczos scales exactly by powers of two"],
        &["shifts_and_factors_are_followed"],
    ),
    Oracle(
        "Dinh: same loss, H′ = D⁻¹HD⁻¹",
        &["rescaled layers are the same function, their Hessian is not"],
        &[],
    ),
    Oracle(
        "scalar curvature by the shape operator",
        &["scalar curvature is that of the shape operator"],
        &[],
    ),
];

#[derive(Debug, Serialize)]
struct Row {
    number: usize,
    oracle: &'static str,
    evidence: String,
    cases: usize,
    measured: Option<f64>,
    side: Option<Side>,
    bound: Option<f64>,
    verdict: &'static str,
}

/// Measures, prints, and says whether all that is measured passed. What no test holds yet is listed as missing.
///
/// # Errors
/// If the JSON file cannot be written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let layers = ["krylov", "trace", "optim", "curvature"];
    let mut found: BTreeMap<&str, Vec<Measured>> = BTreeMap::new();
    for row in layers.into_iter().flat_map(property::of_layer) {
        found.entry(row.name).or_default().push(row);
    }
    for machine in Machine::present() {
        for row in leave_one_out::all::<f64>(&Teeter(machine)) {
            found.entry(row.name).or_default().push(row);
        }
    }
    let tests = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"))?;
    let mut rows = Vec::new();
    for (number, Oracle(oracle, properties, held)) in (1..).zip(&ORACLES) {
        let before = rows.len();
        let measured = properties.iter().filter_map(|name| found.get(name));
        rows.extend(measured.filter_map(|list| of_list(number, oracle, list)));
        for name in held.iter().filter(|name| tests.contains(&format!("fn {name}("))) {
            rows.push(empty(number, oracle, format!("test {name}"), "by its test"));
        }
        if rows.len() == before {
            rows.push(empty(number, oracle, String::new(), "missing"));
        }
    }
    print(&rows);
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(rows.iter().all(|row| !["FAILED", "missing"].contains(&row.verdict)))
}

fn empty(number: usize, oracle: &'static str, evidence: String, verdict: &'static str) -> Row {
    Row { number, oracle, evidence, cases: 0, measured: None, side: None, bound: None, verdict }
}

/// The measurement nearest its bound, of all machines and formats.
fn of_list(number: usize, oracle: &'static str, list: &[Measured]) -> Option<Row> {
    let strain = |row: &Measured| {
        let ratio = match row.side {
            Side::AtMost => row.measured / row.bound,
            Side::AtLeast => row.bound / row.measured,
        };
        // 0/0 is exact, and kept.
        (!row.passed, if ratio.is_nan() { 0.0 } else { ratio })
    };
    let order = |a: &&Measured, b: &&Measured| {
        let (a, b) = (strain(a), strain(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    };
    let worst = list.iter().max_by(order)?;
    Some(Row {
        number,
        oracle,
        evidence: worst.name.to_owned(),
        cases: list.len(),
        measured: Some(worst.measured),
        side: Some(worst.side),
        bound: Some(worst.bound),
        verdict: if list.iter().all(|row| row.passed) { "ok" } else { "FAILED" },
    })
}

fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "oracle", "property or test", "runs", "measured", "", "bound", ""]);
    for row in rows {
        let number = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.2e}"));
        let side = match row.side {
            Some(Side::AtMost) => "≤",
            Some(Side::AtLeast) => "≥",
            None => "",
        };
        table.add_row([
            row.number.to_string(),
            row.oracle.to_owned(),
            row.evidence.clone(),
            if row.cases == 0 { String::new() } else { row.cases.to_string() },
            number(row.measured),
            side.to_owned(),
            number(row.bound),
            row.verdict.to_owned(),
        ]);
    }
    println!("{table}");
    let count = |verdict: &str| {
        let mut numbers: Vec<usize> =
            rows.iter().filter(|row| row.verdict == verdict).map(|row| row.number).collect();
        numbers.dedup();
        numbers.len()
    };
    println!("{} of 28 measured, {} missing", count("ok"), count("missing"));
}

fn texts(folder: &Path) -> io::Result<String> {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all += &texts(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all += &std::fs::read_to_string(path)?;
        }
    }
    Ok(all)
}
