//! Gradient descent on a network, and what can be measured where it stands.
//!
//! Everything numerical is the kernel's; here are its buffers and the order of its calls.
//!
//! | file | what |
//! |---|---|
//! | `problem.rs` | data and network in the form the kernel reads |
//! | `gauge.rs` | curvature at one point: sharpness, traces, effective parameters, rotation |
//! | `descent.rs` | one run: steps, measured now and then |

mod descent;
mod gauge;
mod problem;

pub use crate::train::descent::{Descent, Schedule};
pub use crate::train::gauge::{CONFIDENCE, FISHER_DAMPING, FISHER_DECAY, PROBES};
pub use crate::train::problem::{Problem, shuffle_below};
