//! The `teeter` command: parse, run, exit code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use teeter_host::cli::{Cli, Request};
use teeter_host::config::EdgeConfig;
use teeter_host::error::HostError;
use teeter_host::record::{Folder, Watch};
use teeter_host::{experiment, replay, report};

fn main() -> ExitCode {
    let done = match Cli::parse().into_request() {
        Request::Edge(config) => edge(&config).map(|text| (text, true)),
        Request::Replay { log, seed } => {
            replay::replay(&log, seed).map(|said| (said.to_string(), said.is_identical()))
        }
    };
    match done {
        Ok((text, is_good)) => {
            // A reader that has gone away wants no more; the result is on disk.
            let _ = writeln!(io::stdout(), "{text}");
            if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the experiment, puts the result in place, and gives the text to show.
fn edge(config: &EdgeConfig) -> Result<String, HostError> {
    config.check()?;
    let folder = Folder::reserve(&config.out, &report::FILES)?;
    let watch: Box<dyn Watch> = if io::stderr().is_terminal() {
        Box::new(report::Bars::new(&config.rates, config.steps))
    } else {
        Box::new(report::Lines::new(&config.rates, config.steps))
    };
    let record = experiment::edge(config, watch.as_ref())?;
    drop(watch);
    report::publish(&folder, &record)?;
    let page = folder.path().join("report.html");
    Ok(format!("{}\n\nLook at {}", report::table(&record), page.display()))
}
