//! Level 1: vectors.
//!
//! Reductions add in one order on every machine: a virtual register of 128 bytes, then a
//! halving tree (Strict arithmetic, `docs/ARCHITECTURE.md`). Updates are elementwise, so
//! they have no order. Level 1 never fuses: it is bound by loads, and gains nothing.
//!
//! | function            | computes                                  | order       |
//! |---------------------|-------------------------------------------|-------------|
//! | [`dot`]             | xᵀy                                       | reduction   |
//! | [`sum`]             | Σ xᵢ                                      | reduction   |
//! | [`sum_abs`]         | Σ \|xᵢ\|                                  | reduction   |
//! | [`norm2`]           | √Σ xᵢ², safe                              | reduction   |
//! | [`argmax_abs`]      | first i with the largest \|xᵢ\|           | comparison  |
//! | [`first_not_finite`]| first i with xᵢ NaN or infinite           | comparison  |
//! | [`axpy`]            | y ← αx + y                                | elementwise |
//! | [`scale`]           | x ← αx                                    | elementwise |
//! | [`multiply`]        | y ← x ⊙ y                                 | elementwise |
//! | [`copy`]            | y ← x                                     | elementwise |
//! | [`swap`]            | x ↔ y                                     | elementwise |
//! | [`rotate`]          | (x, y) ← (cx + sy, cy − sx)               | elementwise |
//! | [`givens`]          | the rotation that turns (f, g) to (r, 0)  | –           |
//! | [`dot_precise`]     | xᵀy as if in twice the precision          | reduction   |
//! | [`sum_precise`]     | Σ xᵢ as if in twice the precision         | reduction   |
//! | [`exp_in_place`]    | xᵢ ← exp xᵢ                               | elementwise |
//! | [`log1p_in_place`]  | xᵢ ← log(1 + xᵢ)                          | elementwise |
//! | [`sigmoid_in_place`]| xᵢ ← 1/(1 + exp(−xᵢ))                     | elementwise |
//! | [`softplus_in_place`]| xᵢ ← log(1 + exp xᵢ)                     | elementwise |
//! | [`tanh_in_place`]   | xᵢ ← tanh xᵢ                              | elementwise |
//!
//! Not here: strided vectors (`matrix` reads those), complex numbers.

mod argmax;
mod axpy;
mod dot;
mod dot_each;
mod exp;
mod log1p;
mod norm2;
mod pair;
mod precise;
mod reduce;
mod rotate;
mod scale;
mod sigmoid;
mod softplus;
mod tanh;

pub use argmax::argmax_abs;
pub use axpy::axpy;
pub use dot::dot;
pub(crate) use dot::{dot_lanes, dot_pair_lanes};
pub(crate) use dot_each::{DOTS, dot_each_lanes, dots_fit};
pub use exp::exp_in_place;
pub(crate) use exp::exp_lanes;
pub use log1p::log1p_in_place;
pub use norm2::norm2;
pub use precise::{dot_precise, sum_precise};
pub use reduce::{first_not_finite, sum, sum_abs};
pub use rotate::{Givens, givens, rotate, swap};
pub use scale::{copy, multiply, scale};
pub use sigmoid::sigmoid_in_place;
pub use softplus::softplus_in_place;
pub(crate) use tanh::complement_lanes;
pub use tanh::tanh_in_place;
