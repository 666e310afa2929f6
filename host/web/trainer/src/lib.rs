//! Training and its curvature, step by step, as a page in a browser wants it.
//!
//! The same code runs natively and as WebAssembly: no heap, no clock, all memory lent. Natively it is
//! tested against the laboratory, whose losses it repeats bit for bit (`host/tests/web.rs`).
//!
//! | file         | what                                                                     |
//! |--------------|--------------------------------------------------------------------------|
//! | `config.rs`  | [`Config`]: what is trained, checked once                                |
//! | `data.rs`    | [`Data`]: bytes standardized into what a network reads                   |
//! | `trainer.rs` | [`Trainer`]: a step of training with λ₁ at its point                     |
//! | `survey.rs`  | [`Survey`]: spectrum, traces, Tr(G⁻¹H) at one point, a product at a time |
//! | `numbers.rs` | all of these as arrays of numbers, whose places are the interface        |
//! | `hash.rs`    | [`hash`]: 64 bits for a vector                                           |
#![no_std]
#![deny(unsafe_code)]

mod config;
mod data;
mod hash;
pub mod numbers;
mod survey;
mod trainer;

pub use config::{Config, HIDDEN_MAX, Rule};
pub use data::{Data, Part, data_len};
pub use hash::hash;
pub use survey::{CURVE_POINTS, Progress, Survey, SurveyReport, survey_len};
pub use trainer::{Snapshot, StepReport, Trainer, trainer_len};

use teeter::Error;

/// Cuts `len` elements off the front of `memory`.
fn take<'a>(memory: &mut &'a mut [f64], len: usize) -> Result<&'a mut [f64], Error> {
    let found = memory.len();
    let (front, rest) = core::mem::take(memory).split_at_mut_checked(len).ok_or(Error::Short {
        argument: "memory",
        needed: len,
        found,
    })?;
    *memory = rest;
    Ok(front)
}
