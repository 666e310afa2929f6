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
//! | [`cholesky_in_place`]  | A = LLᵀ                        | `factor::cholesky_in_place`          |
//! | [`ldlt_in_place`]      | A = LDLᵀ                       | `factor::ldlt_in_place`              |
//! | [`lu_in_place`]        | PA = LU                        | `factor::lu_in_place`                |
//! | [`solve_lower`]        | x ← L⁻¹x                       | `matrix::trsv` of L by columns       |
//! | [`solve_lower_transposed`] | x ← L⁻ᵀx                   | `matrix::trsv` of `l.t()`            |
//!
//! All are right for any size; beyond n ≈ 16 the others are faster, for their vectors are wider.
//!
//! Not here: other layouts, other factorizations.

mod cholesky;
mod ldlt;
mod lu;
mod order;
mod product;
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
pub use triangle::{solve_lower, solve_lower_transposed};
pub use vector::{axpy, dot, norm2};
