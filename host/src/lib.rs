//! The laboratory: everything of `teeter` that has a file, a clock or a screen.
//!
//! Data goes one way. In reading order:
//!
//! ```text
//! data ─► train ─► experiment ─► record ─► report
//!           └── the kernel (crate `teeter`) does the numerics
//! cli ─► config ─► experiment
//! ```
//!
//! | module | what | may use |
//! |---|---|---|
//! | [`number`] | numbers as people read them | – |
//! | [`error`] | what can go wrong, and what to do then | number |
//! | [`data`] | tables of numbers with a class each | error |
//! | [`config`] | what is asked for, checked once | number, error, data |
//! | [`record`] | what happened, as numbers | error, config |
//! | [`train`] | gradient descent, and the curvature where it stands | error, config, data, record |
//! | [`experiment`] | one file per question | all above |
//! | [`report`] | the record shown to people | number, error, config, record |
//! | [`replay`] | a device's log, computed again | error |
//! | [`cli`] | flags | config, data |

pub mod cli;
pub mod config;
pub mod data;
pub mod error;
pub mod experiment;
pub mod number;
pub mod record;
pub mod replay;
pub mod report;
pub mod train;
