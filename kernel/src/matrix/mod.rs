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
//! | [`symv`]              | y ← αAx + βy, A = Aᵀ      | chain and one reduction              |
//! | [`syr`], [`syr2`]     | A ← A + αxxᵀ, + α(xyᵀ + yxᵀ) | one product, one sum; two of them |
//! | [`trmv`], [`trsv`]    | x ← Ax, A⁻¹x, A triangular | chain; reduction where rows are adjacent |
//! | [`syrk`], [`syr2k`]   | C ← αAAᵀ + βC, α(ABᵀ + BAᵀ) + βC | chain over k from βC, A first  |
//! | [`symm`]              | C ← αAB + βC, αBA + βC, A = Aᵀ | chain over k from βC             |
//! | [`trmm`]              | B ← αAB, αBA, A triangular | chain over k                         |
//! | [`trsm`]              | B ← αA⁻¹B, αBA⁻¹, A triangular | chain over k from αB, then 1/aᵢᵢ |
//!
//! β = 0 means that the old content of the destination is not read: NaN there does no harm.
//!
//! Of a symmetric or triangular matrix one triangle is stored ([`Triangle`]); the other is neither
//! read nor written.
//!
//! Not here: packed and banded storage, negative strides.

mod block;
mod direct;
mod gemm;
mod gemv;
mod ger;
mod lower;
mod product;
mod small;
pub(crate) mod strip;
mod symm;
mod symv;
mod syr;
mod syrk;
mod tiles;
mod triangle;
mod trmm;
mod trmv;
mod trsm;
mod trsv;
mod view;

pub use gemm::gemm;
pub use gemv::gemv;
pub use ger::ger;
pub use symm::symm;
pub use symv::symv;
pub(crate) use syr::add_products;
pub use syr::{syr, syr2};
pub use syrk::{syr2k, syrk};
pub use triangle::{Diagonal, Side, SymmetricMut, SymmetricRef, Triangle, TriangularRef};
pub use trmm::trmm;
pub use trmv::trmv;
pub use trsm::trsm;
pub use trsv::trsv;
pub use view::{MatMut, MatRef};
