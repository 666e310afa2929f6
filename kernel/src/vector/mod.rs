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
//! | [`tanh_in_place`]   | xᵢ ← tanh xᵢ                              | elementwise |
//!
//! Not here: strided vectors (`matrix` reads those), complex numbers.

mod axpy;
mod dot;
mod norm2;
mod reduce;
mod scale;
mod exp;
mod log1p;
mod pair;
mod sigmoid;
mod softplus;
mod tanh;

pub use axpy::axpy;
pub use dot::dot;
pub(crate) use dot::{dot_lanes, dot_pair_lanes};
pub use norm2::norm2;
pub use reduce::{argmax_abs, first_not_finite, sum, sum_abs};
pub use scale::{copy, multiply, scale};
pub use exp::exp_in_place;
pub use log1p::log1p_in_place;
pub use sigmoid::sigmoid_in_place;
pub use softplus::softplus_in_place;
pub use tanh::tanh_in_place;
