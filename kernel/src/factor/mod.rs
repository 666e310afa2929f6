//! Dense factorizations and eigenvalues of small matrices.
//!
//! | function                         | computes                           | reads               |
//! |----------------------------------|------------------------------------|---------------------|
//! | [`cholesky_in_place`]            | A = LLᵀ                            | the lower triangle  |
//! | [`cholesky_solve`]               | x ← A⁻¹x from L                    | the lower triangle  |
//! | [`cholesky_solve_matrix`]        | B ← A⁻¹B from L                    | the lower triangle  |
//! | [`cholesky_inverse`]             | A⁻¹ from L                         | the lower triangle  |
//! | [`cholesky_log_determinant`]     | log det A from L                   | the diagonal        |
//! | [`cholesky_update`]              | L of A + xxᵀ from L                | the lower triangle  |
//! | [`cholesky_downdate`]            | L of A − xxᵀ from L                | the lower triangle  |
//! | [`ldlt_in_place`]                | A = LDLᵀ, no pivoting              | the lower triangle  |
//! | [`ldlt_solve`]                   | B ← A⁻¹B from LDLᵀ                 | the lower triangle  |
//! | [`ldlt_pivoted_in_place`]        | PAPᵀ = LDLᵀ, any symmetric A       | the lower triangle  |
//! | [`ldlt_pivoted_solve`]           | B ← A⁻¹B from it                   | the lower triangle  |
//! | [`ldlt_pivoted_inertia`]         | signs of the eigenvalues from it   | the diagonals of D  |
//! | [`ldlt_pivoted_log_determinant`] | det A = ±exp(log) from it          | the diagonals of D  |
//! | [`lu_in_place`]                  | PA = LU                            | all                 |
//! | [`lu_solve`], [`lu_solve_t`]     | B ← A⁻¹B, A⁻ᵀB from LU             | all                 |
//! | [`lu_log_determinant`]           | det A = ±exp(log) from LU          | the diagonal        |
//! | [`qr_in_place`]                  | A = QR                             | all                 |
//! | [`qr_pivoted_in_place`]          | AP = QR                            | all                 |
//! | [`qr_rank`]                      | the rank seen in R                 | the diagonal        |
//! | [`qr_apply`], [`qr_apply_t`]     | C ← QC, QᵀC                        | below the diagonal  |
//! | [`qr_form`]                      | Q                                  | below the diagonal  |
//! | [`least_squares`]                | min ‖AX − B‖, full rank            | all                 |
//! | [`least_squares_pivoted`]        | the same, any rank                 | all                 |
//! | [`tridiagonal_values`]           | eigenvalues of T                   | d, e                |
//! | [`tridiagonal_first_components`] | and first components (Gauss nodes) | d, e                |
//! | [`tridiagonal_vectors`]          | and eigenvectors                   | d, e                |
//! | [`symmetric_eigen`]              | A = VΛVᵀ                           | the lower triangle  |
//! | [`generalized_eigen`]            | AX = GXM, XᵀGX = I                 | the lower triangles |
//! | [`svd`]                          | A = UΣVᵀ, thin                     | all                 |
//! | [`svd_rank`]                     | the rank seen in Σ                 | Σ                   |
//!
//! Every iteration has a bound known beforehand; input that is not finite is refused before
//! it starts. Eigenvalues come in ascending order, singular values in descending order.

mod cholesky;
mod cholesky_inverse;
mod cholesky_panel;
mod cholesky_plain;
mod cholesky_update;
mod generalized_eigen;
mod householder;
mod implicit_ql;
mod input;
mod jacobi;
mod ldlt;
mod ldlt_panel;
mod ldlt_pivoted;
mod ldlt_pivoted_solve;
mod ldlt_plain;
mod least_squares;
mod lu;
mod lu_panel;
mod lu_plain;
mod lu_search;
mod orthogonal;
mod plain;
mod qr;
mod qr_pivoted;
mod regularization;
mod rotations;
mod small;
mod svd;
mod symmetric_eigen;
mod triangular;
mod tridiagonal;
mod tridiagonalize;

pub use cholesky::{cholesky_in_place, cholesky_solve};
pub use cholesky_inverse::{cholesky_inverse, cholesky_log_determinant, cholesky_solve_matrix};
pub use cholesky_update::{cholesky_downdate, cholesky_downdate_scratch_len, cholesky_update};
pub use generalized_eigen::{generalized_eigen, generalized_eigen_scratch_len};
pub use ldlt::{ldlt_in_place, ldlt_solve};
pub use ldlt_pivoted::{ldlt_pivoted_in_place, ldlt_pivoted_scratch_len};
pub use ldlt_pivoted_solve::{
    Inertia, ldlt_pivoted_inertia, ldlt_pivoted_log_determinant, ldlt_pivoted_solve,
};
pub use least_squares::{
    least_squares, least_squares_pivoted, least_squares_pivoted_scratch_len,
    least_squares_scratch_len,
};
pub use lu::{LogDeterminant, lu_in_place, lu_log_determinant, lu_solve, lu_solve_t};
pub use qr::{qr_apply, qr_apply_t, qr_form, qr_in_place, qr_scratch_len};
pub use qr_pivoted::{qr_pivoted_in_place, qr_pivoted_scratch_len, qr_rank};
pub use regularization::LdltRegularization;
pub use svd::{svd, svd_rank, svd_scratch_len};
pub use symmetric_eigen::{symmetric_eigen, symmetric_eigen_scratch_len};
pub(crate) use tridiagonal::tridiagonal_rows;
pub use tridiagonal::{tridiagonal_first_components, tridiagonal_values, tridiagonal_vectors};
