//! `edge-bed`: sixty parameters at the edge of stability, and every threshold from both sides.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{Table, presets};
use serde::Serialize;
use teeter::Machine;
use teeter::optim::Momentum;

use crate::bound::edge as bound;
use crate::property::edge_bed::{self, Run, SEED, Threshold, Trainer};

/// What `edge-bed` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Row {
    trainer: String,
    learning_rate: f64,
    seed: u64,
    run: Option<Run>,
    /// None where no claim is made.
    passed: Option<bool>,
}

impl Row {
    fn of(
        machine: Machine,
        (name, trainer, rate): (&str, Trainer, f64),
        (seed, held): (u64, bool),
    ) -> Self {
        let run = edge_bed::run(machine, trainer, rate, seed).ok();
        let passed =
            held.then(|| run.as_ref().is_some_and(|run| (run.ratio - 1.0).abs() <= bound::BED));
        Self { trainer: name.to_owned(), learning_rate: rate, seed, run, passed }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    runs: Vec<Row>,
    thresholds: Vec<Threshold>,
}

/// Trains, prints, and says whether all that is held passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let machine = Machine::detect();
    let gd = ("GD", Trainer::Sgd(Momentum::None), 0.4);
    let nesterov = ("Nesterov β = 0.5", Trainer::Sgd(Momentum::Nesterov(0.5)), 0.25);
    let mut runs: Vec<Row> =
        edge_bed::runs().into_iter().map(|run| Row::of(machine, run, (SEED, true))).collect();
    runs.extend((1..=3).map(|seed| Row::of(machine, gd, (SEED + seed, true))));
    runs.push(Row::of(machine, nesterov, (SEED, false)));
    let report = Report { runs, thresholds: edge_bed::thresholds().map_err(io::Error::other)? };

    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "trainer",
        "η",
        "seed",
        "λ₁/threshold",
        "sd",
        "largest",
        "loss",
        "λ₁ of H",
        "",
    ]);
    for row in &report.runs {
        let verdict = match row.passed {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "beside",
        };
        let mut cells =
            vec![row.trainer.clone(), row.learning_rate.to_string(), row.seed.to_string()];
        match &row.run {
            Some(run) => {
                let numbers = [run.ratio, run.deviation, run.largest];
                cells.extend(numbers.map(|number| format!("{number:.3}")));
                cells.extend([format!("{:.2e}", run.loss), format!("{:.1}", run.sharpness)]);
            }
            None => cells.extend(["diverged"; 5].map(str::to_owned)),
        }
        cells.push(verdict.to_owned());
        table.add_row(cells);
    }
    println!("{table}\n");
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["rule, η = 0.1", "edge", "ln|w| a step at 0.99", "at 1.01", ""]);
    for row in &report.thresholds {
        table.add_row([
            row.rule.clone(),
            format!("{:.4}", row.edge),
            format!("{:+.2e}", row.growth[0]),
            format!("{:+.2e}", row.growth[1]),
            if row.passed() { "ok" } else { "FAILED" }.to_owned(),
        ]);
    }
    println!("{table}");
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&report).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    let runs = report.runs.iter().all(|row| row.passed != Some(false));
    Ok(runs && report.thresholds.iter().all(Threshold::passed))
}
