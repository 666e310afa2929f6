//! Randomness as a function: element i of stream s of seed k is always the same number.
//!
//! There is no state to carry, save or share. A probe needs no storage, since any part
//! of it can be made again; two targets that agree on the seed agree on every bit.
//!
//! | file         | holds                                               |
//! |--------------|-----------------------------------------------------|
//! | `philox.rs`  | the counter-based generator, with its known answers |
//! | `signs.rs`   | ±1 with equal chance (Rademacher)                   |
//! | `normal.rs`  | uniforms and standard normals                       |
//!
//! Not for secrets: Philox is not a cipher.

mod normal;
mod philox;
mod signs;

pub use normal::{normals_into, uniforms_into};
pub use philox::{Stream, philox4x32};
pub use signs::signs_into;
