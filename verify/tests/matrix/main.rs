//! Layers `matrix` and `fixed`.

mod fixed;
mod guard;
mod matrix;
mod small_orders;
mod symmetric;
mod triangular;
mod view;
