//! Layer `factor`.

mod cholesky;
mod factor;
mod factor_classes;
mod factor_edges;
mod factor_layouts;
mod factorization;
mod generalized_eigen;
mod guard_factor;
mod ldlt;
mod ldlt_pivoted;
mod lu;
mod svd;
mod symmetric_eigen;
