//! `coverage`: how often intervals hold what they say they hold.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use teeter::Machine;

use crate::property::coverage::{self, Row};

/// What `coverage` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Runs of each row; each has a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    seeds: u64,
    /// Order of the matrices, at least 11.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(11..=4000))]
    order: u32,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let Arguments { seeds, order, json } = arguments;
    let rows = coverage::measure(Machine::detect(), *order as usize, (*seeds).max(1))
        .map_err(io::Error::other)?;
    println!("{}", render(&rows));
    let failed = rows.iter().filter(|row| !row.passed()).count();
    println!("{} rows of {seeds} runs each, n = {order}; {failed} failed", rows.len());
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0)
}

fn render(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["spectrum", "products", "asked", "covered", "width / ideal", ""]);
    for row in rows {
        table.add_row([
            row.spectrum,
            &row.products.to_string(),
            &format!("{:.0} %", 100.0 * row.confidence),
            &format!("{:.2} %", 100.0 * row.covered),
            &format!("{:.3}", row.width),
            if row.passed() { "ok" } else { "FAILED" },
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
