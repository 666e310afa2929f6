//! What the page trains, natively: the parameters' hash on every machine that this computer can be.
//!
//! `cargo run --release -p teeter-web --example native -- ROWS CONFIG STEPS [RATE STEPS]…` with a file of rows as the page has
//! them (pixels, then labels), the numbers of a configuration with commas, and steps, between which the rate changes.

use std::error::Error;
use std::{env, fs};

use teeter::Machine;
use teeter_web::numbers::{self, CONFIG_LEN};
use teeter_web::{Config, Data, Survey, Trainer, data_len, survey_len, trainer_len};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rows, config, stretches @ ..] = &arguments[..] else {
        return Err("usage: native ROWS CONFIG STEPS [RATE STEPS]…".into());
    };
    let rows = fs::read(rows)?;
    let numbers = config.split(',').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    let numbers = <[f64; CONFIG_LEN]>::try_from(numbers).map_err(|found| {
        format!("{} numbers, but a configuration has {CONFIG_LEN}", found.len())
    })?;
    let config = numbers::config(&numbers)?;
    // The promise of equal bits is that of strict arithmetic.
    for machine in Machine::present().filter(|machine| !machine.is_fused()) {
        train(machine, &config, &rows, stretches)?;
    }
    Ok(())
}

/// A line for each stretch of steps: machine, steps, hash of the parameters, λ₁; after the last a survey, and the hash of its
/// numbers.
fn train(
    machine: Machine,
    config: &Config,
    rows: &[u8],
    stretches: &[String],
) -> Result<(), Box<dyn Error>> {
    let count = config.train + config.test;
    let (pixels, labels) =
        rows.split_at_checked(count * config.columns()).ok_or("fewer rows than configured")?;
    let mut memory = vec![0.0; data_len(config)];
    let data = Data::new(config, pixels, labels, &mut memory)?;
    let mut memory = vec![0.0; trainer_len(config)];
    let mut trainer = Trainer::new(machine, config, data, &mut memory)?;
    let name = machine.name();
    for (index, argument) in stretches.iter().enumerate() {
        if index % 2 == 1 {
            trainer.set_learning_rate(argument.parse()?)?;
            continue;
        }
        let mut last = None;
        for _ in 0..argument.parse::<usize>()? {
            last = Some(trainer.step()?);
        }
        let (steps, hash) = (trainer.steps(), trainer.hash());
        if let Some(last) = last {
            let (loss, sharpness, ratio) = (last.loss, last.sharpness.value, last.ratio);
            println!(
                "{name} params {steps} {hash:016x} loss {loss:.5} λ₁ {sharpness:.4} η·λ₁/2 {ratio:.4}"
            );
        }
    }
    let mut memory = vec![0.0; survey_len(config)];
    let mut survey = Survey::new(machine, config, data, trainer.snapshot(), &mut memory)?;
    while survey.advance(1)?.left > 0 {}
    let numbers = numbers::survey(&survey.report()?);
    println!("{name} survey {} {:016x}", trainer.steps(), teeter_web::hash(&numbers));
    Ok(())
}
