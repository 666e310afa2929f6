//! Levels 2 and 3: matrices.
//!
//! A matrix is a view: a slice, a shape and two strides, checked once. Row-major and
//! column-major are both first-class; the transpose is the view with its strides
//! exchanged, and costs nothing.
//!
//! | function              | computes                  | order of each element                |
//! |-----------------------|---------------------------|--------------------------------------|
//! | [`gemv`]              | y ← αAx + βy              | chain; reduction where rows are adjacent |
//! | [`ger`]               | A ← A + αxyᵀ              | one product, one sum                 |
//! | [`gemm`]              | C ← αAB + βC              | chain over k from βC                 |
//! | [`trsv_lower`]        | x ← L⁻¹x                  | chain                                |
//! | [`trsv_lower_t`]      | x ← L⁻ᵀx                  | chain                                |
//!
//! β = 0 means that the old content of the destination is not read: NaN there does no harm.
//!
//! Not here: packed and banded storage, negative strides.

mod gemm;
mod gemv;
mod ger;
mod product;
mod tiles;
mod trsv;
mod view;

pub use gemm::gemm;
pub use gemv::gemv;
pub use ger::ger;
pub use trsv::{trsv_lower, trsv_lower_t};
pub use view::{MatMut, MatRef};
