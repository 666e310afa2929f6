//! Prints the table of ratios and writes the record of this CPU.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use teeter::Machine;
use teeter_benches::limits::report;
use teeter_benches::measure::{Outcome, Row, measure};
use teeter_benches::operation::{Operation, Shape};
use teeter_benches::peer::{Number, libraries};
use teeter_benches::plan::{Filter, Sizes, plan};
use teeter_benches::record::{Origin, write};
use teeter_benches::table::{render, summary};

/// teeter beside faer, nalgebra, matrixmultiply, OpenBLAS, BLIS and the standard library: how many
/// times faster it is than the best of them.
///
/// All implementations are sampled in turn, so that whatever else the machine does falls on
/// all of them; every answer is checked first. A ratio is the best peer's time over ours: above
/// 1, teeter is faster. Level 3 and factorizations count in fused arithmetic, as the peers fuse
/// too; "strict/fused" is our time in strict arithmetic over that. OpenBLAS and BLIS take part
/// where they are installed: benches/install-peers does that on Debian.
#[derive(Parser)]
#[command(name = "teeter-benches", version, about)]
struct Arguments {
    /// A few sizes instead of all, which take three minutes on an idle machine
    #[arg(long, conflicts_with = "n")]
    quick: bool,
    /// Only these operations, for instance "gemm,cholesky"; "gemm" is all of its orientations
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    op: Vec<String>,
    /// These lengths and orders instead
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    n: Vec<usize>,
    /// Only one format
    #[arg(long, value_name = "TYPE", value_parser = ["f32", "f64"])]
    format: Option<String>,
    /// Only one layout
    #[arg(long, value_parser = ["row", "col"])]
    layout: Option<String>,
    /// Instead of the table, what this processor lets nobody beat, and how far the smallest are from it
    #[arg(long, exclusive = true)]
    limits: bool,
    /// Instead of the table, optimizer steps beside memory bandwidth, a network's derivatives beside gemm (half a minute)
    #[arg(long, exclusive = true)]
    steps: bool,
    /// Where to write the CSV file [default: benches/record/<cpu>.csv; of a selection, nowhere]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Arguments {
    fn sizes(&self) -> Sizes {
        if self.quick {
            Sizes::quick()
        } else if self.n.is_empty() {
            Sizes::full()
        } else {
            Sizes::these(&self.n)
        }
    }

    fn filter(&self) -> Filter {
        Filter {
            operations: self.op.clone(),
            formats: self.format.clone().into_iter().collect(),
            layouts: self.layout.clone().into_iter().collect(),
        }
    }

    /// Whether the record would be a whole one.
    fn is_whole(&self) -> bool {
        self.op.is_empty() && self.n.is_empty() && self.format.is_none() && self.layout.is_none()
    }
}

/// Time spent on the samples of one row.
const BUDGET_QUICK: Duration = Duration::from_millis(200);
const BUDGET_FULL: Duration = Duration::from_millis(600);

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
    if arguments.limits {
        println!("{}", report()?);
        return Ok(());
    }
    if arguments.steps {
        println!("{}", teeter_benches::steps::report()?);
        return Ok(());
    }
    if arguments.n.contains(&0) {
        return Err("--n 0: there is nothing to measure; sizes begin at 1".into());
    }
    let budget = if arguments.quick { BUDGET_QUICK } else { BUDGET_FULL };
    // Taken before the run: a commit made meanwhile is not what was measured.
    let origin = Origin::here();
    let jobs = jobs(&plan(&arguments.sizes()), &arguments.filter());
    if jobs.is_empty() {
        let names = Operation::ALL.map(Operation::name).join(", ");
        return Err(format!("no such rows; the operations are {names}"));
    }
    let machine = Machine::detect().name();
    let (rows, missing) = measure_all(jobs, budget)?;
    println!("{}", render(&rows));
    println!("\n{}", summary(&rows));
    if !missing.is_empty() {
        println!("\nnot offered by teeter: {}", missing.join(", "));
    }
    println!(
        "\nstatic = the size is known when compiling: all of theirs against the faster of our two; \
         dynamic = it is not\nratio = best peer's time / ours, median over interleaved rounds, with quartiles; ns are \
         medians for one operation;\npeak = fused multiply-adds in registers, measured in the same \
         rounds\n{}\n{}, machine {machine}, {}, commit {} ({} tree)",
        libraries().join("\n"),
        origin.cpu,
        origin.date,
        origin.commit,
        origin.tree
    );
    let default = || arguments.is_whole().then(|| origin.path());
    if let Some(path) = arguments.out.clone().or_else(default) {
        write(&path, &origin, machine, &rows)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

/// A row to be measured: its shape, its format, and how.
type Job = (Shape, &'static str, fn(Shape, Duration) -> Result<Outcome, String>);

/// What the filter lets through, formats together within an operation.
fn jobs(plan: &[Shape], filter: &Filter) -> Vec<Job> {
    let in_both = |&shape: &Shape| -> [Job; 2] {
        [(shape, f64::NAME, measure::<f64>), (shape, f32::NAME, measure::<f32>)]
    };
    let mut jobs: Vec<Job> = plan.iter().flat_map(in_both).collect();
    jobs.retain(|(shape, number, _)| filter.keeps(*shape, number));
    // The sort is stable.
    jobs.sort_by_key(|(shape, number, _)| (shape.operation, std::cmp::Reverse(*number)));
    jobs
}

/// The rows, and the names of the operations that teeter does not offer.
fn measure_all(jobs: Vec<Job>, budget: Duration) -> Result<(Vec<Row>, Vec<&'static str>), String> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")
        .map_err(|error| error.to_string())?;
    let bar = ProgressBar::new(jobs.len() as u64).with_style(style);
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for (shape, number, measure) in jobs {
        bar.set_message(format!("{number} {shape}"));
        match measure(shape, budget)? {
            Outcome::Rows(measured) => rows.extend(measured),
            Outcome::NotOurs => missing.push(shape.operation.name()),
            Outcome::NoPeer => {}
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    missing.dedup();
    Ok((rows, missing))
}
