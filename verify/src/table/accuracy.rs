//! `accuracy`: how far traces are off at one budget.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use teeter::Machine;

use crate::property::accuracy::{self, Row};

/// What `accuracy` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Runs of each row; each has a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    seeds: u64,
    /// Products of each run.
    #[arg(long, value_name = "M", default_value_t = 32, value_parser = clap::value_parser!(u32).range(4..=1000))]
    products: u32,
    /// Order of the matrices, at least 11.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(11..=4000))]
    order: u32,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, prints, and says whether all passed. Other budgets than 32 have no targets.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let Arguments { seeds, products, order, json } = arguments;
    let (machine, products) = (Machine::detect(), *products as usize);
    let mut rows = accuracy::measure(machine, *order as usize, products, (*seeds).max(1))
        .map_err(io::Error::other)?;
    if products != 32 {
        rows.iter_mut().for_each(|row| row.target = None);
    }
    println!("{}", render(&rows));
    let failed = rows.iter().filter(|row| !row.passed()).count();
    println!(
        "{} rows of {seeds} runs of {products} products each, n = {order}; {failed} failed",
        rows.len()
    );
    println!(
        "error: median; a target stands at the estimator advised: XNysTrace after Lanczos where A ⪰ 0, else Hutchinson"
    );
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0)
}

fn render(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "spectrum",
        "estimator",
        "error",
        "target",
        "95 % holds",
        "width / ideal",
        "",
    ]);
    for row in rows {
        table.add_row([
            row.spectrum,
            &format!("{:?}", row.estimator),
            &format!("{:.4} %", 100.0 * row.error),
            &row.target.map_or(String::new(), |target| format!("{:.4} %", 100.0 * target)),
            &format!("{:.2} %", 100.0 * row.covered),
            &format!("{:.2}", row.width),
            if row.passed() { "ok" } else { "FAILED" },
        ]);
    }
    for column in 2..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
