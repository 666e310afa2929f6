//! Prints the table of ratios and writes the record of this CPU.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use teeter::Machine;
use teeter_benches::case::{Extent, Shape, plan};
use teeter_benches::measure::{Row, measure};
use teeter_benches::peer::Number;
use teeter_benches::record::{Origin, write};
use teeter_benches::table::{render, summary};

/// teeter beside faer, nalgebra, matrixmultiply and the standard library: how many times
/// faster it is than the best of them.
///
/// All implementations are sampled in turn, so that whatever else the machine does falls on
/// all of them; every answer is checked first. A ratio is the best peer's time over ours: above
/// 1, teeter is faster. "fused" is given where it is another computation, and then counts.
#[derive(Parser)]
#[command(name = "teeter-benches", version, about)]
struct Arguments {
    /// A few sizes instead of all: about a minute
    #[arg(long)]
    quick: bool,
    /// Only rows whose "operation type layout n" contains this, for instance "gemm" or "f32 col"
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Where to write the CSV file [default: benches/record/<cpu>.csv; with --filter, nowhere]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Time spent on the samples of one row.
const BUDGET_QUICK: Duration = Duration::from_millis(300);
const BUDGET_FULL: Duration = Duration::from_millis(800);

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let (extent, budget) =
        if arguments.quick { (Extent::Quick, BUDGET_QUICK) } else { (Extent::Full, BUDGET_FULL) };
    // Taken before the run: a commit made meanwhile is not what was measured.
    let origin = Origin::here();
    let rows = measure_all(&plan(extent), &arguments.filter, budget)?;
    if rows.is_empty() {
        return Err(format!(
            "no row contains \"{}\"; rows look like \"gemm f64 col 32\"",
            arguments.filter
        ));
    }
    let machine = Machine::detect().name();
    println!("{}", render(&rows));
    println!("\n{}", summary(&rows));
    println!(
        "\nratio = best peer's time / ours, median over interleaved rounds, with quartiles\n\
         {}, machine {machine}, {}, commit {} ({} tree)",
        origin.cpu, origin.date, origin.commit, origin.tree
    );
    let whole = arguments.filter.is_empty();
    if let Some(path) = arguments.out.clone().or_else(|| whole.then(|| origin.path())) {
        write(&path, &origin, machine, &rows)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

/// Measures what the filter lets through, in the order of the plan.
fn measure_all(plan: &[Shape], filter: &str, budget: Duration) -> Result<Vec<Row>, String> {
    type Measure = fn(Shape, Duration) -> Result<Option<Row>, String>;
    let formats: [(&str, Measure); 2] =
        [(f64::NAME, measure::<f64> as Measure), (f32::NAME, measure::<f32>)];
    let label = |shape: Shape, number: &str| {
        format!("{} {number} {} {}", shape.operation.name(), shape.layout, shape.n)
    };
    let mut jobs: Vec<(Shape, &str, Measure)> = plan
        .iter()
        .flat_map(|&shape| formats.map(|(number, measure)| (shape, number, measure)))
        .filter(|(shape, number, _)| label(*shape, number).contains(filter))
        .collect();
    // Formats together within an operation; the sort is stable.
    jobs.sort_by_key(|(shape, number, _)| (shape.operation, std::cmp::Reverse(*number)));
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")
        .map_err(|error| error.to_string())?;
    let bar = ProgressBar::new(jobs.len() as u64).with_style(style);
    let mut rows = Vec::new();
    for (shape, number, measure) in jobs {
        bar.set_message(label(shape, number));
        rows.extend(measure(shape, budget)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(rows)
}
