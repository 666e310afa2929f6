//! The order of the house: layout, documents, errors, states, golden hashes and the tables that print.

mod adversarial;
mod coverage;
mod error;
mod hashes;
mod processes;
mod products;
mod state;
mod state_tracker;
mod tidy;
