//! `tracking`: λ₁ along recorded trainings at one or two products a step, beside a search at every step.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};

use crate::property::trainings::{self, Place, Row, Rule, Training};

/// What `tracking` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Steps of each training.
    #[arg(long, value_name = "N", default_value_t = 500)]
    steps: usize,
    /// Rows of the digits to train on.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(100..=1700))]
    rows: u32,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Trains, measures, prints, and says whether ours passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let trainings = [
        (Rule::GradientDescent(0.5), Place::Iterate),
        (Rule::GradientDescent(0.5), Place::Midpoint),
        (Rule::Adam(0.02), Place::Iterate),
        (Rule::Adam(0.02), Place::Midpoint),
    ];
    let mut rows = Vec::new();
    for (rule, place) in trainings {
        let training = Training {
            widths: vec![64, 32, 32, 10],
            rows: arguments.rows as usize,
            steps: arguments.steps.max(1),
            rule,
            place,
        };
        rows.extend(trainings::measure(&training).map_err(io::Error::other)?);
    }
    println!("{}", render(&rows));
    let failed = rows.iter().filter(|row| !row.passed()).count();
    println!("{} rows, 64-32-32-10 on {} digits; {failed} failed", rows.len(), arguments.rows);
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0)
}

fn render(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "training",
        "method",
        "products",
        "median",
        "90 %",
        "99 %",
        "worst",
        "found at",
        "edge seen",
        "",
    ]);
    let mut last = "";
    for row in rows {
        let training = if row.training == last { "" } else { &row.training };
        last = &row.training;
        let [median, most, nearly_all, worst] =
            row.errors.map(|error| format!("{:.3} %", 100.0 * error));
        let found = row.found_after.map_or("never".to_owned(), |steps| format!("step {steps}"));
        let lag = row.crossing_lag.map_or("never".to_owned(), |steps| format!("{steps:+} steps"));
        let verdict = match (row.ours, row.passed()) {
            (false, _) => "",
            (true, true) => "ok",
            (true, false) => "FAILED",
        };
        let products = format!("{:.1}", row.products);
        table.add_row([
            training,
            &row.method,
            &products,
            &median,
            &most,
            &nearly_all,
            &worst,
            &found,
            &lag,
            verdict,
        ]);
    }
    for column in 2..9 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
