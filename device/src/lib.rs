//! A training small enough for a microcontroller, and the log by which the desk repeats it bit for bit.
//!
//! The same code runs on the chip and on the host: [`Training`] is the one loop, so what the chip logs, `teeter replay` can
//! compute again and compare. Nothing here needs an operating system, a heap or a panic.
//!
//! ```text
//! digits (int8, flash) ─► Training ── a Step each turn ──► log::Writer ─► wire or flash
//!                           │  ▲                               │
//!                    sharpness  rate                    log::Reader ─► replay, or a run that goes on
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`config`] | what is asked for: all that a replay needs |
//! | [`digits`] | 200 handwritten digits, int8 |
//! | [`training`] | gradient descent with its sharpness followed, a step at a time |
//! | [`rate`] | the learning rate, held at a share of what λ₁ allows |
//! | [`spread`] | Lanczos and Hutchinson, a row of a product per tick |
//! | [`log`] | records with checksums |
//! | [`run`] | a whole run into a log, and from a log onward |
//! | [`hash`] | a tensor as one number |
#![no_std]

pub mod config;
pub mod digits;
pub mod hash;
pub mod log;
pub mod rate;
pub mod run;
pub mod spread;
pub mod training;

pub use config::Config;
pub use spread::Spread;
pub use training::Training;
