//! `adversarial`: operators on which eigensolvers hang, panic, or answer wrongly; ours beside others.
//!
//! Each solver is run on each row in a process of its own, so that one that hangs or panics is an entry.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::input::adversarial::{Case, Counted, cases};
use crate::peer::{self, OURS, Solver};
use crate::property::adversarial::{Outcome, Verdict, judge};

/// What `adversarial` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Seconds that a solver has for a row.
    #[arg(long, value_name = "S", default_value_t = 10)]
    seconds: u64,
    /// Also print what was said by those that refused.
    #[arg(long)]
    details: bool,
    /// Also write the rows as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Run this solver on one row, here: what the program calls itself with.
    #[arg(long, hide = true, value_name = "SOLVER", requires = "row")]
    solver: Option<String>,
    /// The row.
    #[arg(long, hide = true, value_name = "NAME")]
    row: Option<String>,
}

/// What one solver made of one row: the worst of its cases.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    solver: &'static str,
    verdict: Verdict,
    said: String,
    passed: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    cases: usize,
    entries: Vec<Entry>,
}

/// Runs, prints, and says whether ours passed.
///
/// # Errors
/// If this program cannot be started again, or the JSON file cannot be written.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    let (all, solvers) = (cases(), peer::all());
    if let (Some(solver), Some(row)) = (&arguments.solver, &arguments.row) {
        let solver = solvers.iter().find(|known| known.name == solver);
        return solver.map_or(Ok(false), |solver| one(solver, row, &all));
    }
    let mut rows: Vec<Row> = Vec::new();
    for of_row in all.chunk_by(|a, b| a.row == b.row) {
        let entries = solvers.iter().map(|solver| entry(solver, of_row, arguments.seconds));
        let name = of_row.first().map_or("", |case| case.row);
        rows.push(Row { name, cases: of_row.len(), entries: entries.collect::<io::Result<_>>()? });
    }
    println!("{}", render(&rows, &solvers));
    if arguments.details {
        details(&rows);
    }
    for solver in &solvers {
        println!("{} {}: {}", solver.name, peer::version(solver.name), solver.call);
    }
    if solvers.len() == 2 {
        println!(
            "nalgebra, lanczos and rustebra beside them: cargo run --release -p teeter-verify --features peers -- adversarial"
        );
    }
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&rows).map_err(io::Error::other)?;
        std::fs::write(path, text + "\n")?;
    }
    let failed = rows.iter().flat_map(|row| &row.entries).filter(|entry| !entry.passed).count();
    println!("{} rows, {} cases; {failed} of ours failed", rows.len(), all.len());
    Ok(failed == 0)
}

/// The cases of a row, here; a line for each: its verdict, and what was said.
fn one(solver: &Solver, row: &str, all: &[Case]) -> io::Result<bool> {
    for case in all.iter().filter(|case| case.row == row) {
        let operator = Counted::new(case);
        let outcome = (solver.ask)(&operator);
        let verdict = judge(&operator, (solver.which)(case), &outcome);
        let said = match outcome {
            Outcome::Refused(why) => why,
            Outcome::Claimed { .. } | Outcome::Unasked => String::new(),
        };
        let passed = verdict == Verdict::Right || verdict == Verdict::Refused && !case.has_answer();
        let line = serde_json::to_string(&(verdict, said, passed)).map_err(io::Error::other)?;
        println!("{line}");
        io::stdout().flush()?;
    }
    Ok(true)
}

/// The same in a process of its own; the worst of it.
fn entry(solver: &Solver, of_row: &[Case], seconds: u64) -> io::Result<Entry> {
    let name = of_row.first().map_or("", |case| case.row);
    let mut child = Command::new(std::env::current_exe()?)
        .args(["adversarial", "--solver", solver.name, "--row", name])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let start = Instant::now();
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > Duration::from_secs(seconds) {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut text)?;
    }
    let parse = |line: &str| serde_json::from_str::<(Verdict, String, bool)>(line).ok();
    let told: Vec<(Verdict, String, bool)> = text.lines().filter_map(parse).collect();
    let end = match ended {
        None => Some(Verdict::Hang),
        Some(status) if !status.success() => Some(Verdict::Panic),
        Some(_) if told.len() < of_row.len() => Some(Verdict::Panic),
        Some(_) => None,
    };
    let worst = told.iter().max_by_key(|(verdict, _, _)| *verdict);
    let verdict = end.or(worst.map(|(verdict, _, _)| *verdict)).unwrap_or(Verdict::Panic);
    let passed = solver.name != OURS.name || end.is_none() && told.iter().all(|told| told.2);
    let said = match (end, worst) {
        (Some(_), _) => format!("in case {} of {}", told.len() + 1, of_row.len()),
        (None, Some((_, said, _))) => said.clone(),
        (None, None) => String::new(),
    };
    Ok(Entry { solver: solver.name, verdict, said, passed })
}

fn render(rows: &[Row], solvers: &[Solver]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec!["case", "of"];
    header.extend(solvers.iter().map(|solver| solver.name));
    table.set_header(header);
    for row in rows {
        let mut cells = vec![row.name.to_owned(), row.cases.to_string()];
        cells.extend(row.entries.iter().map(|entry| {
            let word = entry.verdict.word();
            if entry.passed { word.to_owned() } else { format!("{word} FAILED") }
        }));
        table.add_row(cells);
    }
    table
}

fn details(rows: &[Row]) {
    for row in rows {
        for entry in row.entries.iter().filter(|entry| !entry.said.is_empty()) {
            println!("{}, {}: {} ({})", row.name, entry.solver, entry.verdict.word(), entry.said);
        }
    }
}
