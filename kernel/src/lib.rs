//! Numerics for learning at the edge of stability, without std and without a heap.
//!
//! Gradient descent with learning rate η is stable only while η < 2/λ₁, λ₁ the largest
//! eigenvalue of the Hessian of the loss. Training sharpens until it sits at that edge;
//! what happens there decides which solution is found. This crate measures the edge and
//! trains along it, on anything from a microcontroller up.
//!
//! # Symbols
//! | letter or word      | meaning                                                        |
//! |---------------------|----------------------------------------------------------------|
//! | `m`, `n`, `k`       | rows, columns, inner dimension; `n` also a vector's length     |
//! | `x`, `y`, `z`       | vectors; `z` a random probe                                    |
//! | `a`, `b`, `c`       | matrices; `l` a lower-triangular one                           |
//! | `alpha`, `beta`     | the scalars of BLAS                                            |
//! | `params`            | the parameters w of a model                                    |
//! | u, γₖ               | unit roundoff; ku/(1 − ku)                                     |
//! | `scratch`           | memory lent for a call; contents meaningless before and after  |
//!
//! # Layers
//! ```text
//! float ◄ random;  float ◄ simd ◄ vector ◄ matrix ◄ factor;  matrix, random ◄ operator
//! factor, operator ◄ krylov ◄ trace;  matrix, operator, random ◄ objective
//! vector, random ◄ optim;  krylov, trace, factor ◄ curvature;  vector ◄ fixed  (A ◄ B: B may use A)
//! ```
//!
//! # Promises
//! No public function panics, allocates, or loops without a bound known beforehand; the
//! caller lends all memory, its length told by a `const fn …_scratch_len`. In `Strict`
//! arithmetic, the default, every machine gives the same bits. Every estimate carries its
//! error.
#![no_std]
#![deny(unsafe_code)]

mod check;
pub mod curvature;
pub mod error;
pub mod factor;
pub mod fixed;
pub mod float;
pub mod krylov;
pub mod matrix;
pub mod objective;
pub mod operator;
pub mod optim;
pub mod random;
pub mod simd;
pub mod state;
pub mod trace;
pub mod vector;

pub use error::{Error, Stop};
pub use float::Float;
pub use simd::Machine;
