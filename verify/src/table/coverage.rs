//! `coverage`: how often intervals hold what they say they hold.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use teeter::Machine;

use crate::property::coverage::{self, Row};
use crate::property::sequence::{self, LOOKS};
use crate::table::coverage_chart;

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
    /// Also draw docs/coverage.svg.
    #[arg(long)]
    write: bool,
}

/// Order of the matrices whose intervals are looked at after every product.
const SEQUENCE_ORDER: usize = 60;

/// Measures, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let Arguments { seeds, order, json, write } = arguments;
    let rows = coverage::measure(Machine::detect(), *order as usize, (*seeds).max(1))
        .map_err(io::Error::other)?;
    println!("{}", render(&rows));
    let failed = rows.iter().filter(|row| !row.passed()).count();
    println!("{} rows of {seeds} runs each, n = {order}; {failed} failed", rows.len());
    if *write {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/coverage.svg");
        let caption = format!("{seeds} runs each, n = {order}");
        std::fs::write(path, coverage_chart::svg(&rows, &caption)?)?;
    }
    let ever = looked_at((*seeds).max(1)).map_err(io::Error::other)?;
    println!("\nlooked at after every product from {} to {}:", LOOKS.start(), LOOKS.end());
    println!("{}", render_sequences(&ever));
    let broken = ever.iter().filter(|row| !row.passed()).count();
    println!("{} rows of {seeds} runs each, n = {SEQUENCE_ORDER}; {broken} failed", ever.len());
    let failed = failed + broken;
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0)
}

/// The theorem on normal samples first, then traces.
fn looked_at(seeds: u64) -> Result<Vec<sequence::Row>, teeter::Error> {
    let mut rows = sequence::measure_normals(seeds)?;
    rows.extend(sequence::measure(Machine::detect(), SEQUENCE_ORDER, seeds)?);
    Ok(rows)
}

fn render_sequences(rows: &[sequence::Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let header = ["spectrum", "asked", "ever misses", "allowed", "fixed interval", "wider by", ""];
    table.set_header(header);
    for row in rows {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        table.add_row([
            row.spectrum,
            &format!("{:.0} %", 100.0 * row.confidence),
            &percent(row.sequence),
            &percent(row.allowed),
            &percent(row.fixed),
            &format!("{:.2}", row.width),
            if row.passed() { "ok" } else { "FAILED" },
        ]);
    }
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
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
