//! The kit: point it at an implementation and get a verdict.
//!
//! What it promises: every tolerance is a theorem or a stated chance with its source, and
//! stands in [`bound`]; every verdict is taken on finite numbers only, so that neither NaN
//! nor ∞ ≤ ∞ can pass; every property can fail, which `tests/` shows by planting faults
//! through [`subject::Subject`].
//!
//! | module       | holds                                                               |
//! |--------------|---------------------------------------------------------------------|
//! | [`bound`]    | the only tolerances of the repository, each derived                  |
//! | [`input`]    | vectors and matrices chosen to hurt                                  |
//! | [`oracle`]   | slow and exact ways to the same answers                              |
//! | [`subject`]  | the implementation under test; ours by default, a broken one in tests |
//! | [`peer`]     | other eigensolvers, put the same questions                           |
//! | [`property`] | what must hold, one file per kernel layer                            |
//! | [`table`]    | what the command line prints, one file per table                     |

pub mod bound;
pub mod input;
pub mod oracle;
pub mod peer;
pub mod property;
pub mod subject;
pub mod table;
