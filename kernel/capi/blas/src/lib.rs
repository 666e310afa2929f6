#![doc = include_str!("../README.md")]
//!
//! # Files
//! | file          | holds                                                                     |
//! |---------------|---------------------------------------------------------------------------|
//! | `option.rs`   | letters (Fortran) and numbers (C) for transposes, triangles, sides, orders |
//! | `report.rs`   | `xerbla_`, `cblas_xerbla`: what is said about an illegal argument         |
//! | `memory.rs`   | pointers, increments and leading dimensions as vectors and matrices        |
//! | `machine.rs`  | which machine to run on, found once                                       |
//! | `level1.rs` … `level3.rs` | each routine, by columns, with its checks                     |
//! | `cblas.rs`    | the C names: rows are columns of the transpose                            |
//! | `fortran.rs`  | the Fortran names                                                         |
#![allow(unsafe_code, reason = "the border to C and Fortran: pointers and exported names")]

mod cblas;
mod fortran;
mod level1;
mod level2;
mod level3;
mod machine;
mod memory;
mod option;
mod report;

pub use report::{RowMajorStrg, cblas_xerbla, xerbla_};
