//! `invariants`: every property, measured.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use teeter::Machine;

use crate::property::{self, Measured, Side};

/// What `invariants` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the list as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Show only this layer (all are measured).
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
}

/// Measures, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let list = property::all();
    println!("{}", render(&list, arguments.layer.as_deref()));
    let failed: Vec<&Measured> = list.iter().filter(|row| !row.passed).collect();
    let machines: Vec<&str> = Machine::present().map(Machine::name).collect();
    println!(
        "{} properties on {}: {} passed, {} failed",
        list.len(),
        machines.join(", "),
        list.len() - failed.len(),
        failed.len()
    );
    for row in &failed {
        println!("FAILED {} ({}, {}): {}", row.name, row.machine, row.format, row.measured);
    }
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&list).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed.is_empty())
}

fn render(list: &[Measured], layer: Option<&str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["layer", "property", "machine", "format", "measured", "", "bound", ""]);
    for row in list.iter().filter(|row| layer.is_none_or(|layer| layer == row.layer)) {
        let side = match row.side {
            Side::AtMost => "≤",
            Side::AtLeast => "≥",
        };
        table.add_row([
            row.layer,
            row.name,
            row.machine,
            row.format,
            &number(row.measured),
            side,
            &number(row.bound),
            if row.passed { "ok" } else { "FAILED" },
        ]);
    }
    for column in [4, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Exact counts as they are, the rest in three digits.
fn number(x: f64) -> String {
    if x == 0.0 { "0".into() } else { format!("{x:.2e}") }
}
