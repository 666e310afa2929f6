//! Small sizes that the compiler knows: for control loops, n ≤ 12 or so.
//!
//! Arrays instead of slices, no machine, no dispatch, no errors but a pivot's: each function is a few
//! loops that are unrolled and vectorized within the caller, for the target that the caller is compiled
//! for. The bits are those of the functions of the same names in `vector`, `matrix` and `factor`, in Strict
//! arithmetic, so that a program may use both; what they promise holds here word for word.
//!
//! A matrix is an array of its columns: `[[T; M]; N]` is M × N.
//!
//! | function               | computes                       | has the bits of                      |
//! |------------------------|--------------------------------|--------------------------------------|
//! | [`dot`]                | xᵀy                            | `vector::dot`                        |
//! | [`axpy`]               | y ← αx + y                     | `vector::axpy`                       |
//! | [`norm2`]              | √Σ xᵢ², safe                   | `vector::norm2`                      |
//! | [`gemv`]               | y ← αAx + βy                   | `matrix::gemv`, A by columns         |
//! | [`gemv_transposed`]    | y ← αAᵀx + βy                  | `matrix::gemv` of `a.t()`            |
//! | [`ger`]                | A ← A + αxyᵀ                   | `matrix::ger`                        |
//! | [`gemm`]               | C ← αAB + βC                   | `matrix::gemm`                       |
//! | [`cholesky_in_place`]  | A = LLᵀ                        | `factor::cholesky_in_place`          |
//! | [`solve_lower`]        | x ← L⁻¹x                       | `matrix::trsv` of L by columns       |
//! | [`solve_lower_transposed`] | x ← L⁻ᵀx                   | `matrix::trsv` of `l.t()`            |
//!
//! All are right for any size; beyond n ≈ 16 the others are faster, for their vectors are wider.
//!
//! Not here: other layouts, other factorizations.

mod product;
mod triangle;
mod vector;

pub use product::{gemm, gemv, gemv_transposed, ger};
pub use triangle::{cholesky_in_place, solve_lower, solve_lower_transposed};
pub use vector::{axpy, dot, norm2};
