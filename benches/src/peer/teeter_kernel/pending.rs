//! Operations that the peers offer and the kernel does not yet: a marked line each.
//!
//! Where the line says `None`, our call goes in; `reference/equation.rs` says what the answer is.
//! Once all are in, this file is gone.

use teeter::{Float, Machine};

use crate::case::Case;
use crate::peer::Task;

/// y ← exp x: copy x to y, exponentiate y in place; the answer is y.
pub(super) fn exp<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: on(case, move |s| { s.y.copy_from_slice(&s.x); exp_in_place(m, &mut s.y) }, |s| s.y.to_f64())
}

/// The lower triangle of C ← AAᵀ; the answer is `lower_answer(s)`.
pub(super) fn syrk<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: on(case, move |s| syrk(m, …, view(…, &s.a, n)?, …, view_mut(…, &mut s.c, n)?), lower_answer)
}

/// X ← L⁻¹B in C, L the lower triangle of A: copy B to C, solve in place; the answer is C.
pub(super) fn trsm<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: on(case, move |s| { s.c.copy_from_slice(&s.b); trsm(m, …, &mut s.c …) }, |s| s.c.to_f64())
}

/// D on the diagonal and L below it, in C: copy A to C, factor in place; the answer is C.
pub(super) fn ldlt<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: on(case, move |s| { s.c.copy_from_slice(&s.a); ldlt_in_place(m, …) }, |s| s.c.to_f64())
}

/// U and L in C and the rows' sources: the answer is C, then for each row of PA its row in A.
pub(super) fn lu<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: task((case.clone(), pivots), …, |(s, pivots)| C, then `sources(pivots)` from peer.rs)
}

/// R and the reflectors in C: the answer is Q, formed outside the time, then R, both by columns.
pub(super) fn qr<T: Float>(_: Machine, _: &Case<T>) -> Option<Box<dyn Task>> {
    None // OURS: task((case.clone(), tau, scratch), …, |(s, …)| Q by columns, then R by columns)
}
