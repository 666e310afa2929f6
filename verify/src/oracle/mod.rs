//! Slow and exact ways to the same answers.
//!
//! | file           | answers by                                                       |
//! |----------------|------------------------------------------------------------------|
//! | `exact.rs`     | rational arithmetic: no rounding at all                          |
//! | `inertia.rs`   | signs of eigenvalues in rationals                                |
//! | `strict.rs`    | the order of Strict arithmetic, written down element by element  |
//! | `dense.rs`     | rectangular matrices in f64, factors read out                     |
//! | `naive.rs`     | textbook loops in f64 or in whole numbers                        |
//! | `double.rs`    | pairs of f64, about 106 bits                                     |
//! | `leave_one_out.rs` | XTrace and XNysTrace by leaving probes out one by one             |
//! | `signs.rs`     | every sign vector of n elements, all 2ⁿ                          |
//! | `steps.rs`     | optimizer steps, one element at a time, in any kind of number     |
//! | `tracked.rs`   | 106 bits, and how far a program in a given format may be off      |
//! | `reference.rs` | faer                                                             |

pub mod dense;
pub mod double;
pub mod exact;
pub mod inertia;
pub mod layers;
pub mod leave_one_out;
pub mod naive;
pub mod reference;
pub mod signs;
pub mod steps;
pub mod strict;
pub mod tape;
pub mod tracked;
