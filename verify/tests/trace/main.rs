//! Layer `trace`.

mod diagonal;
mod leave_one_out;
mod na_hutch_pp;
mod quadrature;
mod quadrature_misuse;
mod ratio_solve;
mod sequence;
mod sketch;
mod trace;
