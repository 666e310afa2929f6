//! `products`: what a search for eigenpairs costs: products beside ARPACK's, and time beside the products.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::property::overhead::{self, Share};
use crate::property::products::{self, Row};

/// What `products` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Recompute the residuals of so many pairs, a product each: ARPACK does of none.
    #[arg(long, value_name = "K", default_value_t = 0)]
    checked: usize,
    /// Steps of each measurement of time; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeats: usize,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Record {
    products: Vec<Row>,
    time: Vec<Share>,
}

/// Measures, prints, and says whether ours passed.
///
/// # Errors
/// If the JSON file cannot be written, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let products = products::measure(arguments.checked).map_err(io::Error::other)?;
    println!("{}", render(&products));
    println!("{}", products::versions());
    let time = overhead::measure(arguments.repeats).map_err(io::Error::other)?;
    if !time.is_empty() {
        println!("\n{}", render_time(&time));
    }
    let failed = products.iter().filter(|row| !row.passed()).count()
        + time.iter().filter(|share| !share.passed()).count();
    println!("{} rows; {failed} failed", products.len() + time.len());
    if let Some(path) = &arguments.json {
        let record = Record { products, time };
        let text = serde_json::to_string_pretty(&record).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(failed == 0)
}

fn aligned(header: &[&str], left: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().copied());
    for column in left..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn render(rows: &[Row]) -> Table {
    let header =
        ["matrix", "which", "start", "k", "ours", "residual", "ARPACK", "residual", "ratio", ""];
    let mut table = aligned(&header, 3);
    for row in rows {
        table.add_row([
            row.matrix.clone(),
            row.which.clone(),
            row.start.word().to_owned(),
            row.count.to_string(),
            row.ours.to_string(),
            format!("{:.1e}", row.residual),
            row.arpack.to_string(),
            format!("{:.1e}", row.arpack_residual),
            format!("{:.2}", row.ours as f64 / row.arpack as f64),
            if row.passed() { "ok" } else { "FAILED" }.to_owned(),
        ]);
    }
    table
}

fn render_time(shares: &[Share]) -> Table {
    let header =
        ["operator", "n", "method", "vectors", "product, ms", "beside it, ms a step", "share", ""];
    let mut table = aligned(&header, 3);
    for share in shares {
        table.add_row([
            share.operator.to_owned(),
            share.n.to_string(),
            share.method.to_owned(),
            share.vectors.to_string(),
            format!("{:.3}", share.product * 1e3),
            format!("{:.3}", share.beside * 1e3),
            format!("{:.2} %", 100.0 * share.beside / share.product),
            if share.passed() { "ok" } else { "FAILED" }.to_owned(),
        ]);
    }
    table
}
