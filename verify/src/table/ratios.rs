//! `ratios`: LAPACK's residual ratios of every factorization.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use teeter::Machine;

use crate::property::ratios::{self, Ratio};
use crate::subject::Teeter;

/// What `ratios` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the list as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, prints, and says whether all passed.
///
/// # Errors
/// If the JSON file cannot be written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let list: Vec<Ratio> = Machine::present()
        .map(Teeter)
        .flat_map(|subject| {
            ratios::all::<f32>(&subject).into_iter().chain(ratios::all::<f64>(&subject))
        })
        .collect();
    println!("{}", render(&list));
    let above: Vec<&Ratio> = list.iter().filter(|row| !row.passed()).collect();
    let worst = list.iter().map(|row| row.ratio).fold(0.0, f64::max);
    println!(
        "{} ratios, the largest {worst:.2}, {} above LAPACK's threshold of {}",
        list.len(),
        above.len(),
        crate::bound::factor::RATIO
    );
    for row in &above {
        println!("ABOVE {} ({}, {}, {})", row.function, row.family, row.machine, row.format);
    }
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&list).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(above.is_empty())
}

fn render(list: &[Ratio]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["function", "ratio", "matrix", "machine", "format", "", "", "LAPACK", ""]);
    for row in list {
        table.add_row([
            row.function,
            row.formula,
            row.family,
            row.machine,
            row.format,
            &format!("{:.2}", row.ratio),
            "≤",
            &format!("{:.0}", row.threshold),
            if row.passed() { "ok" } else { "ABOVE" },
        ]);
    }
    for column in [5, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
