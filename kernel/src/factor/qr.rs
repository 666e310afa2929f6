//! The QR factorization by Householder reflections.

use crate::check;
use crate::error::Error;
use crate::factor::householder::{
    Transpose, apply_block, factor_panel, load, load_reflectors, scratch_len,
};
use crate::factor::input::{Part, largest_finite, moderate};
use crate::factor::triangular::BLOCK;
use crate::float::Float;
use crate::matrix::{MatMut, MatRef};
use crate::simd::Machine;

/// Elements of scratch that [`qr_in_place`], [`qr_apply`], [`qr_apply_t`] and [`qr_form`] need
/// for m rows and n columns of the matrix they change: 16m + 32n.
#[must_use]
pub const fn qr_scratch_len(m: usize, n: usize) -> usize {
    scratch_len(m, n)
}

/// A = QR: R on and above the diagonal of A, the reflections that make Q below it and in `tau`.
///
/// For least squares call `least_squares`; for a matrix that may lack rank, `qr_pivoted_in_place`.
///
/// # Shapes
/// `a`: m × n, any strides, m and n in any order. `tau`: min(m, n). `scratch`: at least
/// [`qr_scratch_len`] (m, n).
///
/// # Method
/// Q = H₀H₁…, Hₖ = I − τₖvₖvₖᵀ, vₖ with a one at k and zeros above it. Panels of 16 columns are
/// factored column by column; their product I − VTVᵀ reaches the columns right of it by `gemm`.
/// The width is a constant of the algorithm. τₖ = 0 where nothing is below the diagonal; the
/// diagonal of R has either sign.
///
/// # Accuracy
/// Column by column ‖aⱼ − Q̃r̂ⱼ‖ ≤ γ̃·‖aⱼ‖ for an exactly orthogonal Q̃ within γ̃√n of the computed one,
/// γ̃ = γ₍cmn₎, n the smaller side; the tests hold c = 4. Scaling A by 2ᵏ scales R by
/// 2ᵏ and leaves Q, barring underflow. Strict: the same bits on every machine and in every
/// layout; fused machines fuse the products with finished panels.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `Error::NotFinite` with the first row
/// that is not finite, `Error::Range` if an entry exceeds MAX/(256m): nothing is changed then.
///
/// # Cost
/// 2mn² − 2n³/3 flops for m ≥ n.
///
/// # Source
/// Higham 2002, Theorem 19.4; Schreiber, Van Loan 1989 for the block.
#[doc(alias = "dgeqrf")]
pub fn qr_in_place<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    tau: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, n, mut a) = (a.rows(), a.cols(), a);
    check::same_len("tau", m.min(n), tau.len())?;
    check::at_least("scratch", qr_scratch_len(m, n), scratch.len())?;
    let largest = largest_finite(machine, "a", Part::Full, a.rb())?;
    moderate("a", m, largest)?;
    for (index, tau) in tau.chunks_mut(BLOCK).enumerate() {
        let start = index * BLOCK;
        let (rows, k) = (m - start, tau.len());
        let (memory, work) = check::split(scratch, rows * k)?;
        let (left, right) = a.rb_mut().split_at_col(start + k)?;
        let panel = left.sub([start, start], [rows, k])?;
        load(panel.rb(), memory);
        factor_panel(machine, memory, tau, panel)?;
        let right_cols = right.cols();
        let rest = right.sub([start, 0], [rows, right_cols])?;
        let v = MatRef::col_major(memory, rows, k)?;
        apply_block(machine, (v, tau), Transpose::Yes, rest, work)?;
    }
    Ok(())
}

/// C ← QC, Q from a factored matrix.
///
/// # Shapes
/// `qr`: m × n and `tau`: min(m, n), as [`qr_in_place`] or `qr_pivoted_in_place` leaves them; R is
/// not read. `c`: m × p, any strides. `scratch`: at least [`qr_scratch_len`] (m, p).
///
/// # Accuracy
/// The computed C is Q̃(C + ΔC), ‖Δcⱼ‖ ≤ γ̃‖cⱼ‖ with γ̃ as in [`qr_in_place`]. Strict: the same bits on
/// every machine and in every layout. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length`, `Error::Short` if a length does not fit; `c` is untouched then.
///
/// # Cost
/// 4mnp − 2n²p flops for m ≥ n.
///
/// # Source
/// Higham 2002, Lemma 19.3.
#[doc(alias = "dormqr")]
pub fn qr_apply<T: Float>(
    machine: Machine,
    qr: MatRef<'_, T>,
    tau: &[T],
    c: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    apply(machine, Transpose::No, (qr, tau), c, scratch)
}

/// C ← QᵀC, Q from a factored matrix.
///
/// # Shapes
/// As [`qr_apply`].
///
/// # Accuracy
/// As [`qr_apply`].
///
/// # Errors
/// As [`qr_apply`].
///
/// # Cost
/// 4mnp − 2n²p flops for m ≥ n.
///
/// # Source
/// Higham 2002, Lemma 19.3.
#[doc(alias = "dormqr")]
pub fn qr_apply_t<T: Float>(
    machine: Machine,
    qr: MatRef<'_, T>,
    tau: &[T],
    c: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    apply(machine, Transpose::Yes, (qr, tau), c, scratch)
}

fn apply<T: Float>(
    machine: Machine,
    transpose: Transpose,
    (qr, tau): (MatRef<'_, T>, &[T]),
    c: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, cols, mut c) = (qr.rows(), c.cols(), c);
    check::same_len("tau", m.min(qr.cols()), tau.len())?;
    check::same_len("c.rows", m, c.rows())?;
    check::at_least("scratch", qr_scratch_len(m, cols), scratch.len())?;
    let blocks = tau.len().div_ceil(BLOCK);
    for step in 0..blocks {
        let index = if transpose == Transpose::Yes { step } else { blocks - 1 - step };
        let part = c.rb_mut().sub([index * BLOCK, 0], [m - index * BLOCK, cols])?;
        apply_one(machine, (transpose, index), (qr, tau), part, scratch)?;
    }
    Ok(())
}

/// Block number `index` of the reflections, on the rows of C that it changes.
fn apply_one<T: Float>(
    machine: Machine,
    (transpose, index): (Transpose, usize),
    (qr, tau): (MatRef<'_, T>, &[T]),
    part: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    let start = index * BLOCK;
    let rows = qr.rows() - start;
    let k = BLOCK.min(tau.len() - start);
    let (memory, work) = check::split(scratch, rows * k)?;
    load_reflectors(qr.sub([start, start], [rows, k])?, memory);
    let v = MatRef::col_major(memory, rows, k)?;
    let tau = tau.get(start..start + k).unwrap_or(&[]);
    apply_block(machine, (v, tau), transpose, part, work)
}

/// The first columns of Q, from a factored matrix.
///
/// # Shapes
/// `qr`: m × n and `tau`: min(m, n), as in [`qr_apply`]. `q`: m × p, any strides, p ≤ m; p = min(m, n)
/// is the thin Q, p = m all of it. `scratch`: at least [`qr_scratch_len`] (m, p).
///
/// # Method
/// Q times the identity, without the columns that a block leaves as they are.
///
/// # Accuracy
/// ‖QᵀQ − I‖_F ≤ γ̃√n with γ̃ as in [`qr_in_place`]. Strict: the same bits on every machine and in
/// every layout.
///
/// # Errors
/// `Error::Length`, `Error::Short`, `Error::Range` if a length does not fit; `q` is untouched then.
///
/// # Cost
/// 2mn² − 2n³/3 flops for p = n ≤ m.
///
/// # Source
/// Higham 2002, Lemma 19.3.
#[doc(alias = "dorgqr")]
pub fn qr_form<T: Float>(
    machine: Machine,
    qr: MatRef<'_, T>,
    tau: &[T],
    q: MatMut<'_, T>,
    scratch: &mut [T],
) -> Result<(), Error> {
    let (m, p, mut q) = (qr.rows(), q.cols(), q);
    check::same_len("tau", m.min(qr.cols()), tau.len())?;
    check::same_len("q.rows", m, q.rows())?;
    check::at_least("scratch", qr_scratch_len(m, p), scratch.len())?;
    if p > m {
        let (found, high) = (p as f64, m as f64);
        return Err(Error::Range { argument: "q.cols", found, low: 0.0, high });
    }
    for j in 0..p {
        for i in 0..m {
            let _ = q.set(i, j, if i == j { T::ONE } else { T::ZERO });
        }
    }
    for index in (0..tau.len().div_ceil(BLOCK)).rev() {
        let start = index * BLOCK;
        if start < p {
            let part = q.rb_mut().sub([start, start], [m - start, p - start])?;
            apply_one(machine, (Transpose::No, index), (qr, tau), part, scratch)?;
        }
    }
    Ok(())
}
