//! `optimizers`: every step against closed forms, against 106 bits, and beside PyTorch's.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::property::{optim_peers, optim_steps};

/// What `optimizers` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Record {
    steps: Vec<optim_steps::Row>,
    peers: Vec<optim_peers::Row>,
}

/// Measures, prints, and says whether all of it passed.
///
/// # Errors
/// If the JSON file cannot be written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let steps = [optim_steps::measure::<f32>(), optim_steps::measure::<f64>()].concat();
    let peers = [optim_peers::measure::<f32>(), optim_peers::measure::<f64>()].concat();
    println!("1,000 steps of the kernel; errors and bounds in units in the last place of w\n");
    println!("{}", render_steps(&steps));
    println!(
        "\nLargest difference from PyTorch {} on the same gradients\n",
        optim_peers::version()
    );
    println!("{}", render_peers(&peers));
    let failed = steps.iter().filter(|row| !row.passed).count()
        + peers.iter().filter(|row| !row.passed()).count();
    println!("{} rows; {failed} failed", steps.len() + peers.len());
    let complete = !steps.is_empty() && !peers.is_empty();
    if let Some(path) = &arguments.json {
        let text =
            serde_json::to_string_pretty(&Record { steps, peers }).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0 && complete)
}

fn aligned(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().copied());
    for column in 2..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn render_steps(rows: &[optim_steps::Row]) -> Table {
    let mut table = aligned(&["rule", "format", "closed form", "bound", "106 bits", "bound", ""]);
    for row in rows {
        let [closed, closed_bound] = row
            .closed
            .map_or(["–".to_owned(), "–".to_owned()], |pair| pair.map(|x| format!("{x:.1}")));
        let [thousand, bound] = row.thousand.map(|x| format!("{x:.1}"));
        let format = row.format.to_owned();
        let rule = row.rule.to_owned();
        let verdict = if row.passed { "" } else { "FAILED" }.to_owned();
        table.add_row([rule, format, closed, closed_bound, thousand, bound, verdict]);
    }
    table
}

fn render_peers(rows: &[optim_peers::Row]) -> Table {
    let mut table = aligned(&["rule", "format", "steps", "difference", "bound", ""]);
    for row in rows {
        table.add_row([
            row.rule.clone(),
            row.format.to_owned(),
            row.steps.to_string(),
            format!("{:.1}", row.difference),
            format!("{:.1}", row.bound),
            if row.passed() { "" } else { "FAILED" }.to_owned(),
        ]);
    }
    table
}
