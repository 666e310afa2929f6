//! Layer `objective`.

mod mlp;
mod network;
mod objective;
