//! Small sizes that the compiler knows: for control loops, n ≤ 12 or so.
//!
//! Arrays instead of slices, no machine, no dispatch, few errors: each function is a few
//! loops that are unrolled and vectorized within the caller, for the target that the caller is compiled
//! for. The bits are those of the functions of the same names in `vector`, `matrix` and `factor`, in Strict
//! arithmetic, so that a program may use both; what they promise of accuracy holds here word for word; of several
//! defects another one may be named.
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
//! | [`gemm_tn`]            | C ← αAᵀB + βC                  | `matrix::gemm` of `a.t()`            |
//! | [`gemm_nt`]            | C ← αABᵀ + βC                  | `matrix::gemm` with `b.t()`          |
//! | [`symv`]               | y ← αAx + βy, A = Aᵀ           | `matrix::symv`, A by columns         |
//! | [`syr`], [`syr2`]      | A ← A + αxxᵀ, A + α(xyᵀ + yxᵀ) | `matrix::syr`, `matrix::syr2`        |
//! | [`syrk`]               | C ← αAAᵀ + βC                  | `matrix::syrk`                       |
//! | [`symm`]               | C ← αAB + βC, A = Aᵀ           | `matrix::symm` from the left         |
//! | [`cholesky_in_place`]  | A = LLᵀ                        | `factor::cholesky_in_place`          |
//! | [`ldlt_in_place`]      | A = LDLᵀ                       | `factor::ldlt_in_place`              |
//! | [`lu_in_place`]        | PA = LU                        | `factor::lu_in_place`                |
//! | [`solve_lower`]        | x ← L⁻¹x                       | `matrix::trsv` of L by columns       |
//! | [`solve_lower_transposed`] | x ← L⁻ᵀx                   | `matrix::trsv` of `l.t()`            |
//! | [`solve_lower_matrix`], [`solve_lower_transposed_matrix`] | B ← L⁻¹B, L⁻ᵀB | `matrix::trsm` from the left |
//! | [`multiply_lower`], [`multiply_lower_transposed`] | x ← Lx, Lᵀx | `matrix::trmv` of L by columns, of `l.t()` |
//! | [`multiply_lower_matrix`], [`multiply_lower_transposed_matrix`] | B ← LB, LᵀB | `matrix::trmm` from the left |
//!
//! All are right for any size; beyond n ≈ 16 the others are faster, for their vectors are wider.
//!
//! Not here: other layouts, upper triangles (pass the transpose), other factorizations.

mod cholesky;
mod ldlt;
mod lu;
mod order;
mod product;
mod symmetric;
mod triangle;
mod vector;

pub(crate) use cholesky::{columns as cholesky_columns, is_good as is_cholesky_pivot};
pub(crate) use ldlt::{Pivot, PivotRule, columns as ldlt_columns};
pub(crate) use lu::{columns as lu_columns, is_finite};
pub(crate) use order::{OfOrder, of_order};
pub(crate) use product::add_scaled;

pub use cholesky::cholesky_in_place;
pub use ldlt::ldlt_in_place;
pub use lu::lu_in_place;
pub use product::{gemm, gemm_nt, gemm_tn, gemv, gemv_transposed, ger};
pub use symmetric::{symm, symv, syr, syr2, syrk};
pub use triangle::{
    multiply_lower, multiply_lower_matrix, multiply_lower_transposed,
    multiply_lower_transposed_matrix, solve_lower, solve_lower_matrix, solve_lower_transposed,
    solve_lower_transposed_matrix,
};
pub use vector::{axpy, dot, norm2};
