//! The Cholesky factorization.

use crate::check;
use crate::error::Error;
use crate::factor::cholesky_panel::{BadPivot, Factored, Panel};
use crate::factor::{cholesky_plain, small};
use crate::float::Float;
use crate::matrix::strip::Memory;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm, syrk, trsv};
use crate::simd::{Machine, PANEL_COLUMNS, PanelBuffer, SMALL_COLUMNS, SmallBuffer, WindowMut};

/// A = LLᵀ for symmetric positive definite A: L over the lower triangle of A.
///
/// # Shapes
/// `a`: n × n, any strides. What stands above the diagonal has no influence and is not written.
///
/// # Method
/// Left-looking, a strip of rows at a time: packed once, tiles of it stay in registers while they
/// subtract the products with earlier columns and are solved with the block on the diagonal. Beyond 256
/// columns blocks of so many, the products with earlier blocks by `syrk` and `gemm`. For n ≤ 8 (on x86-64 and AArch64) by
/// code that knows n. On the portable machine, which microcontrollers have, in place, column by column.
///
/// # Accuracy
/// lᵢⱼ is one chain from aᵢⱼ: − lᵢₖ·lⱼₖ for k = 0, …, j − 1, then lⱼⱼ = √p, and below it a product with
/// fl(fl(1/p)·lⱼⱼ) or, where 1/p is not normal, fl(1/lⱼⱼ): neither over- nor underflows. |A − L̂L̂ᵀ| ≤ γₙ₊₃ |L̂||L̂ᵀ| per element,
/// barring over- and underflow. It succeeds for every A with λ_min(DAD) > nγₙ₊₃/(1 − γₙ₊₃), D =
/// diag(aᵢᵢ)^(−½). Strict gives the same bits on every machine and in every layout, Fused (one rounding per
/// multiply-add, but none for n ≤ 8) on every fused one.
///
/// # Errors
/// `Error::Length` if `a` is not square. `Error::Pivot` with its index and value if a pivot is
/// not positive, `Error::NotFinite` if it is not finite: the rows before it then hold L, the
/// rest of the lower triangle is unspecified.
///
/// # Cost
/// n³/3 flops, n square roots; 52 KiB of stack on x86-64 beyond n = 32 (8 KiB before), and more, `gemm`'s, for more than one
/// block; on microcontrollers less than 1 KiB (`docs/SIZES.md`).
///
/// # Source
/// Higham 2002, Theorems 10.3 and 10.7, with the four roundings more of a reciprocal root; strips packed once:
/// Frison, Sartor, Zanelli, Diehl 2020, ACM TOMS 46(2).
#[doc(alias = "dpotrf")]
pub fn cholesky_in_place<T: Float>(machine: Machine, a: MatMut<'_, T>) -> Result<(), Error> {
    let n = a.rows();
    check::same_len("a.cols", n, a.cols())?;
    let mut a = a;
    if small::cholesky(a.rb_mut().window()).is_some() {
        return Ok(());
    }
    let machine = small::same_arithmetic(machine, n);
    if machine.is_portable() {
        let done = cholesky_plain::factor(a.window()).ok_or(check::refused("a", n))?;
        return done.map_err(|bad| refused(0, bad));
    }
    for start in (0..n).step_by(PANEL_COLUMNS) {
        let size = PANEL_COLUMNS.min(n - start);
        let (left, right) = a.rb_mut().split_at_col(start)?;
        let mut panel = right.sub([start, 0], [n - start, size])?;
        if start > 0 {
            subtract_earlier(machine, left.rb().sub([start, 0], [n - start, start])?, &mut panel)?;
        }
        let done = factor_panel(machine, panel.window()).ok_or(check::refused("a", n))?;
        done.map_err(|bad| refused(start, bad))?;
    }
    Ok(())
}

/// What is said of a bad pivot of the block that begins at `start`.
pub(super) fn refused<T: Float>(start: usize, bad: BadPivot<T>) -> Error {
    let index = start + bad.index;
    if bad.value.is_finite() {
        Error::Pivot { index, value: bad.value.to_f64() }
    } else {
        Error::NotFinite { argument: "a", index }
    }
}

/// Subtracts the products with earlier blocks.
fn subtract_earlier<T: Float>(
    machine: Machine,
    left: MatRef<'_, T>,
    panel: &mut MatMut<'_, T>,
) -> Result<(), Error> {
    let (rows, size) = (panel.rows(), panel.cols());
    let (mut above, below) = panel.rb_mut().split_at_row(size)?;
    let finished = left.sub([0, 0], [size, left.cols()])?;
    syrk(machine, -T::ONE, finished, T::ONE, above.rb_mut().symmetric(Triangle::Lower))?;
    let beside = left.sub([size, 0], [rows - size, left.cols()])?;
    gemm(machine, -T::ONE, beside, finished.t(), T::ONE, below)
}

/// Compiled here, once for each format.
fn factor_panel<T: Float>(machine: Machine, panel: WindowMut<'_, T>) -> Option<Factored<T>> {
    Some(if T::BITS == 64 {
        factor_f64(machine, &mut panel.cast()?)?.map_err(BadPivot::cast)
    } else {
        factor_f32(machine, &mut panel.cast()?)?.map_err(BadPivot::cast)
    })
}

#[inline(never)]
fn factor_f64(machine: Machine, a: &mut WindowMut<'_, f64>) -> Option<Factored<f64>> {
    if a.cols <= SMALL_COLUMNS {
        let (mut strip, mut reciprocals) = (SmallBuffer::new(), [0.0; SMALL_COLUMNS]);
        let memory = Memory::Small(&mut strip);
        return machine.run(Panel { a, memory, reciprocals: &mut reciprocals });
    }
    with_memory(a, |panel| machine.run(panel))
}

#[inline(never)]
fn factor_f32(machine: Machine, a: &mut WindowMut<'_, f32>) -> Option<Factored<f32>> {
    if a.cols <= SMALL_COLUMNS {
        let (mut strip, mut reciprocals) = (SmallBuffer::new(), [0.0; SMALL_COLUMNS]);
        let memory = Memory::Small(&mut strip);
        return machine.run(Panel { a, memory, reciprocals: &mut reciprocals });
    }
    with_memory(a, |panel| machine.run(panel))
}

/// Apart, because a small matrix feels a frame of this size.
#[inline(never)]
fn with_memory<'a, T: Float>(
    a: &mut WindowMut<'a, T>,
    run: impl for<'b> FnOnce(Panel<'b, 'a, T>) -> Option<Factored<T>>,
) -> Option<Factored<T>> {
    let (mut strip, mut reciprocals) = (PanelBuffer::new(), [T::ZERO; PANEL_COLUMNS]);
    run(Panel { a, memory: Memory::Large(&mut strip), reciprocals: &mut reciprocals })
}

/// x ← A⁻¹x, from the factor L of A = LLᵀ.
///
/// For many vectors call `cholesky_solve_matrix`.
///
/// # Shapes
/// `l`: n × n, any strides, as [`cholesky_in_place`] leaves it. `x`: n.
///
/// # Accuracy
/// The computed x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₃ |L̂||L̂ᵀ|, barring over- and underflow. The same
/// bits on every machine; never fused. It adds in the order of `trsv`, which follows the layout of `l`,
/// and so rounds otherwise than `cholesky_solve_matrix`, which adds in the order of `trsm`, the same in
/// every layout: within the same bound, but not the same bits.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element of `l` is
/// zero or NaN; `x` is untouched then.
///
/// # Cost
/// 2n² flops, no scratch.
///
/// # Source
/// Higham 2002, Theorem 10.4.
#[doc(alias = "dpotrs")]
pub fn cholesky_solve<T: Float>(
    machine: Machine,
    l: MatRef<'_, T>,
    x: &mut [T],
) -> Result<(), Error> {
    let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);
    trsv(machine, l, x)?;
    trsv(machine, l.t(), x)
}
