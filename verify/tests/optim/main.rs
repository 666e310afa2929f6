//! Layer `optim`.

mod optim;
mod optim_adaptive;
mod optim_averaging;
mod optim_noise;
mod optim_sam;
mod surrogate;
mod trace_penalty;
mod tracer;
mod tracer_metrics;
