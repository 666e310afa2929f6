//! One event per line: the record as other programs read it.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::record::{Configuration, Measurement, Record, RunSummary, Spectrum, summarize};

/// One line of `record.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First line.
    Configuration(Configuration),
    /// At the start and at the end of each run.
    Spectrum {
        /// Which run.
        learning_rate: f64,
        /// The Ritz values.
        #[serde(flatten)]
        spectrum: Spectrum,
    },
    /// At each measured step.
    Measurement {
        /// Which run.
        learning_rate: f64,
        /// The numbers.
        #[serde(flatten)]
        measurement: Measurement,
    },
    /// The loss of every step.
    Losses {
        /// Which run.
        learning_rate: f64,
        /// Before each step, and after the last.
        losses: Vec<f64>,
    },
    /// Last line of each run.
    Finished(RunSummary),
}

/// The record in the order in which things happened within each run, the runs one after the other.
pub fn events(record: &Record) -> Vec<Event> {
    let mut events = vec![Event::Configuration(record.configuration.clone())];
    for (run, summary) in record.runs.iter().zip(summarize(record).runs) {
        let learning_rate = run.learning_rate;
        let spectrum =
            |spectrum: &Spectrum| Event::Spectrum { learning_rate, spectrum: spectrum.clone() };
        events.push(spectrum(&run.before));
        events.extend(run.measurements.iter().map(|measurement| Event::Measurement {
            learning_rate,
            measurement: measurement.clone(),
        }));
        events.push(spectrum(&run.after));
        events.push(Event::Losses { learning_rate, losses: run.losses.clone() });
        events.push(Event::Finished(summary));
    }
    events
}

/// Writes one event per line.
///
/// # Errors
/// The writer's.
pub fn write_events(events: &[Event], mut out: impl Write) -> io::Result<()> {
    for event in events {
        serde_json::to_writer(&mut out, event)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
