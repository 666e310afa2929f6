//! Dense factorizations and eigenvalues of small matrices.
//!
//! | function                         | computes                           | reads               |
//! |----------------------------------|------------------------------------|---------------------|
//! | [`cholesky_in_place`]            | A = LLᵀ                            | the lower triangle  |
//! | [`cholesky_solve`]               | x ← A⁻¹x from L                    | the lower triangle  |
//! | [`tridiagonal_values`]           | eigenvalues of T                   | d, e                |
//! | [`tridiagonal_first_components`] | and first components (Gauss nodes) | d, e                |
//! | [`tridiagonal_vectors`]          | and eigenvectors                   | d, e                |
//! | [`symmetric_eigen`]              | A = VΛVᵀ                           | the lower triangle  |
//!
//! Every iteration has a bound known beforehand; input that is not finite is refused before
//! it starts. Eigenvalues come in ascending order.
//!
//! Not here yet: LDLᵀ, LU, QR, the generalized problem.

mod cholesky;
mod symmetric_eigen;
mod tridiagonal;

pub use cholesky::{cholesky_in_place, cholesky_solve};
pub use symmetric_eigen::{symmetric_eigen, symmetric_eigen_scratch_len};
pub(crate) use tridiagonal::tridiagonal_rows;
pub use tridiagonal::{tridiagonal_first_components, tridiagonal_values, tridiagonal_vectors};
