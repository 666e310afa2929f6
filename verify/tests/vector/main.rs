//! Layers `float`, `random`, `simd` and `vector`.

mod elementary;
mod float;
mod precise;
mod random;
mod simd;
mod vector;
