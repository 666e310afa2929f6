//! One file per question asked of the network.
//!
//! | file | question |
//! |---|---|
//! | `edge.rs` | does training reach the edge of stability, and what is found there? |

mod edge;

pub use crate::experiment::edge::edge;
