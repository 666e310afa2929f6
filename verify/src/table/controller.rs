//! `controller`: SGD from learning rates of all sizes, plain and with its rate held by the sharpness.

use std::io;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};

use crate::property::controller::{self, Control, Digits, Run};

/// The learning rates that trainings start from.
const RATES: [f64; 7] = [0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0];

/// What `controller` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Two seeds in place of all.
    #[arg(long)]
    quick: bool,
    /// Seeds of the weights, from 0.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Also write the runs as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Trains, prints, and says whether no controlled run diverged.
///
/// # Errors
/// If the data or the JSON file fail, or the kernel refuses (it does not).
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let seeds = if arguments.quick { 2 } else { arguments.seeds };
    let digits = Digits::load().map_err(io::Error::other)?;
    let mut runs = Vec::new();
    for rate in RATES {
        for control in Control::ALL {
            for seed in 0..seeds {
                let run =
                    controller::run(&digits, control, rate, seed).map_err(io::Error::other)?;
                runs.push(run);
            }
        }
    }
    println!("{}", render(&runs));
    let diverged =
        |control| runs.iter().filter(move |run: &&Run| run.control == control && run.diverged());
    let [plain, tracker, gauge] = Control::ALL.map(|control| diverged(control).count());
    println!(
        "64-16-10 on 500 digits, batches of 100, f32; {} rates × {seeds} seeds: {plain} plain runs diverged, {tracker} with \
         the tracker, {gauge} with the gauge",
        RATES.len()
    );
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&runs).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    Ok(tracker + gauge == 0)
}

fn render(runs: &[Run]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let header = [
        "η at the start",
        "",
        "diverged",
        "loss: median",
        "worst",
        "η at the end",
        "restores",
        "stopped early",
    ];
    table.set_header(header);
    for rate in RATES {
        for control in Control::ALL {
            let mut of: Vec<&Run> =
                runs.iter().filter(|run| run.rate == rate && run.control == control).collect();
            of.sort_by(|a, b| a.losses[1].total_cmp(&b.losses[1]));
            let (Some(median), Some(worst)) = (of.get(of.len() / 2), of.last()) else { continue };
            let mut rates: Vec<f64> = of.iter().map(|run| run.last_rate).collect();
            rates.sort_by(f64::total_cmp);
            let name = match control {
                Control::Plain => "plain",
                Control::Tracker => "tracker",
                Control::Gauge => "gauge",
            };
            let restores: u64 = of.iter().map(|run| run.restores).sum();
            table.add_row([
                if control == Control::Plain { rate.to_string() } else { String::new() },
                name.to_owned(),
                format!("{} of {}", of.iter().filter(|run| run.diverged()).count(), of.len()),
                format!("{:.4}", median.losses[1]),
                format!("{:.4}", worst.losses[1]),
                format!("{:.3}", rates[rates.len() / 2]),
                restores.to_string(),
                of.iter().filter(|run| run.stopped.is_some()).count().to_string(),
            ]);
        }
    }
    for column in 2..8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
