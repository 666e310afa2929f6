//! Matrix times matrix.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::product::{Product, Side};
use crate::matrix::tiles::Update;
use crate::matrix::{MatMut, MatRef};
use crate::simd::{Machine, Window, WindowMut};

/// C ← αAB + βC.
///
/// Transposes are views: for AᵀB pass `a.t()`.
///
/// # Shapes
/// `a`: m × k, `b`: k × n, `c`: m × n, any strides. β = 0 does not read `c`; α = 0 reads neither
/// `a` nor `b`.
///
/// # Method
/// Blocks of C stay in registers while k runs. Operands are read where they are as long as they
/// are small or run the way C's columns (or rows) do, and packed through the stack otherwise.
///
/// # Accuracy
/// cᵢⱼ is one chain over p: fl(βcᵢⱼ), then + aᵢₚ·fl(αbₚⱼ) for p = 0, 1, …, whatever the layout, the
/// tile and the machine: Strict gives the same bits on every machine, Fused (one rounding per
/// multiply-add) on every fused one. |Ĉ − C| ≤ γ₍ₖ₊₂₎(|α||A||B| + |β||C|) per element, barring over-
/// and underflow. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `c` is untouched then.
///
/// # Cost
/// 2mnk flops, no scratch; where operands are packed, 52 KiB of stack on x86-64 (`simd` has the figure of
/// each target; 6 KiB where k ≤ 32 and α is 1 or −1) and 5 KiB on microcontrollers.
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, MatRef, gemm}};
/// let a = MatRef::row_major(&[1.0, 2.0, 3.0, 4.0], 2, 2)?;
/// let mut product = [f64::NAN; 4];
/// gemm(Machine::detect(), 1.0, a, a, 0.0, MatMut::row_major(&mut product, 2, 2)?)?;
/// assert_eq!(product, [7.0, 10.0, 15.0, 22.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dgemm")]
pub fn gemm<T: Float>(
    machine: Machine,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("b.rows", a.cols(), b.rows())?;
    check::same_len("c.rows", a.rows(), c.rows())?;
    check::same_len("c.cols", b.cols(), c.cols())?;
    if c.rows() == 0 || c.cols() == 0 {
        // Nothing to write, and the other side of an empty shape may be any number.
        return Ok(());
    }
    let (mut a, mut b) = (a.window(), b.window());
    if alpha == T::ZERO {
        let (Some(left), Some(right)) = (a.sub([0, 0], [a.rows, 0]), b.sub([0, 0], [0, b.cols]))
        else {
            return Ok(());
        };
        (a, b) = (left, right);
    }
    multiply(machine, (alpha, a, b), (beta, c.window()));
    Ok(())
}

/// C ← αAB + βC for shapes that fit, α not zero: vectors run the way C does.
#[inline(always)]
pub(super) fn multiply<T: Float>(
    machine: Machine,
    (alpha, a, b): (T, Window<'_, T>, Window<'_, T>),
    (beta, c): (T, WindowMut<'_, T>),
) {
    let along_rows = c.col_stride == 1 && (c.row_stride != 1 || c.rows < c.cols);
    let (a, b, c, side) =
        if along_rows { (b.t(), a.t(), c.t(), Side::Vector) } else { (a, b, c, Side::Broadcast) };
    Product { update: Update { a, b, beta, c }, alpha, alpha_on: side }.run_on(machine);
}
