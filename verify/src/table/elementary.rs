//! `elementary`: the worst error of each elementary function, and where.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use teeter::Machine;

use crate::property::elementary::{
    Function, SINGLES, Sweep, kernel, sample_doubles, sweep_doubles, sweep_nans, sweep_singles,
};

/// What `elementary` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Try every n-th block of f32 instead of all.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Threads.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=256))]
    threads: u64,
}

/// Numbers that a thread takes at a time.
const BLOCK: u64 = 1 << 16;

/// Numbers of each binade and sign of f64.
const DENSITY: usize = 64;

/// Sweeps, prints, and says whether every bound held.
///
/// # Errors
/// If the progress bar cannot be made.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let machine = Machine::detect();
    let blocks = SINGLES.div_ceil(BLOCK).div_ceil(arguments.every);
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {elapsed} {msg}")
        .map_err(io::Error::other)?;
    let bar = ProgressBar::new(blocks * Function::ALL.len() as u64).with_style(style);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "function",
        "format",
        "tried",
        "worst ulp",
        "bound",
        "at",
        "falls",
        "asymmetric",
        "not portable",
        "wrong",
        "",
    ]);
    for column in 2..10 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let doubles = sample_doubles(DENSITY);
    let mut passed = true;
    for function in Function::ALL {
        bar.set_message(function.name());
        let nans = sweep_nans(function, machine, arguments.every as usize);
        let single = sweep_all(function, machine, (arguments, blocks), &bar).and(nans);
        let double = sweep_doubles(function, machine, kernel, &doubles);
        for (format, sweep) in [("f32", single), ("f64", double)] {
            passed &= sweep.passes(function);
            table.add_row(row(function, format, &sweep));
        }
    }
    bar.finish_and_clear();
    println!("{table}");
    println!(
        "\nf32: {} numbers, in order; f64: a sample of every binade, against 106 bits; machine {}",
        if arguments.every == 1 {
            "all".into()
        } else {
            format!("1 in {} blocks of", arguments.every)
        },
        machine.name()
    );
    Ok(passed)
}

/// The blocks of f32, shared among threads.
fn sweep_all(
    function: Function,
    machine: Machine,
    (arguments, blocks): (&Arguments, u64),
    bar: &ProgressBar,
) -> Sweep {
    let next = AtomicU64::new(0);
    let work = || {
        let mut found = Sweep::default();
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                return found;
            }
            let start = block * arguments.every * BLOCK;
            let range = start..(start + BLOCK).min(SINGLES);
            found = found.and(sweep_singles(function, machine, kernel, range));
            bar.inc(1);
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.threads).map(|_| scope.spawn(work)).collect();
        let failed = Sweep { wrong: 1, ..Sweep::default() };
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(failed))
            .fold(Sweep::default(), Sweep::and)
    })
}

fn row(function: Function, format: &str, sweep: &Sweep) -> [String; 11] {
    [
        function.name().into(),
        format.into(),
        sweep.cases.to_string(),
        format!("{:.4}", sweep.worst),
        format!("{}", function.bound()),
        format!("{:e}", sweep.at),
        if format == "f32" { sweep.falls.to_string() } else { "-".into() },
        match function {
            Function::Tanh | Function::Sigmoid => sweep.asymmetries.to_string(),
            _ => "-".into(),
        },
        sweep.differences.to_string(),
        sweep.wrong.to_string(),
        if sweep.passes(function) { "ok" } else { "FAILED" }.into(),
    ]
}
