//! What the command line prints.
//!
//! A table is one file with an `Arguments` struct and a `run` that prints, writes JSON when asked,
//! and says whether all of it passed. To add one: the file, a variant, a line in [`main`].

mod accuracy;
mod adversarial;
mod controller;
mod coverage;
mod coverage_chart;
mod edge_bed;
mod elementary;
mod evidence;
pub mod hashes;
pub mod house;
mod invariants;
mod optimizers;
mod oracles;
mod products;
mod ratios;
mod tracking;
mod trained;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tables of what was measured beside what bounds it.
#[derive(Debug, Parser)]
#[command(name = "teeter-verify", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    table: Table,
}

#[derive(Debug, Subcommand)]
enum Table {
    /// The golden suite on every machine that this computer has or can emulate.
    Hashes(hashes::Arguments),
    /// Where `unsafe` stands and why; the longest files and functions.
    House(house::Arguments),
    /// Every property on every machine present: the number measured beside its bound.
    Invariants(invariants::Arguments),
    /// LAPACK's residual ratios of every factorization, on every machine present.
    Ratios(ratios::Arguments),
    /// Elementary functions: worst error over all f32 and a sample of f64, order, symmetry (minutes).
    Elementary(elementary::Arguments),
    /// How often intervals of traces hold the trace, and how wide they are; `--write` draws docs/coverage.svg (minutes).
    Coverage(coverage::Arguments),
    /// Operators on which eigensolvers hang, panic, or answer wrongly: ours beside others.
    Adversarial(adversarial::Arguments),
    /// What a search for eigenpairs costs: products beside ARPACK's, time beside the products.
    Products(products::Arguments),
    /// How far traces are off at 32 products, by every estimator (a minute).
    Accuracy(accuracy::Arguments),
    /// MacKay's evidence on diabetes, wine and breast cancer, beside a dense computation by faer.
    Evidence(evidence::Arguments),
    /// Sixty parameters at the edge of stability, and every threshold from both sides.
    EdgeBed(edge_bed::Arguments),
    /// The 28 oracles of the field, each with what was measured (a minute).
    Oracles(oracles::Arguments),
    /// SGD from seven learning rates, plain and with its rate held by the sharpness (a minute; `--quick`: seconds).
    Controller(controller::Arguments),
    /// Every optimizer step against closed forms, against 106 bits, and beside PyTorch's.
    Optimizers(optimizers::Arguments),
    /// λ₁ along recorded trainings at one or two products a step, beside a search each step (minutes).
    Tracking(tracking::Arguments),
    /// The digits network at the edge: products and λ₁ beside the dense Hessian and faer.
    Trained(trained::Arguments),
}

/// Prints the table asked for; failure if anything of ours fails.
#[must_use]
pub fn main() -> ExitCode {
    let passed = match Cli::parse().table {
        Table::Hashes(arguments) => hashes::run(&arguments),
        Table::House(arguments) => house::run(&arguments),
        Table::Invariants(arguments) => invariants::run(&arguments),
        Table::Ratios(arguments) => ratios::run(&arguments),
        Table::Elementary(arguments) => elementary::run(&arguments),
        Table::Coverage(arguments) => coverage::run(&arguments),
        Table::Adversarial(arguments) => adversarial::run(&arguments),
        Table::Products(arguments) => products::run(&arguments),
        Table::Accuracy(arguments) => accuracy::run(&arguments),
        Table::Evidence(arguments) => evidence::run(&arguments),
        Table::EdgeBed(arguments) => edge_bed::run(&arguments),
        Table::Oracles(arguments) => oracles::run(&arguments),
        Table::Controller(arguments) => controller::run(&arguments),
        Table::Optimizers(arguments) => optimizers::run(&arguments),
        Table::Tracking(arguments) => tracking::run(&arguments),
        Table::Trained(arguments) => trained::run(&arguments),
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
