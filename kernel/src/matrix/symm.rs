//! Symmetric matrix times matrix.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::block::{BLOCK, Block};
use crate::matrix::{MatMut, MatRef, Side, SymmetricRef, gemm};
use crate::simd::Machine;

/// C ← αAB + βC, or C ← αBA + βC, for symmetric A, of which one triangle is read.
///
/// # Shapes
/// `a`: n × n on the left of `b`: n × m, or on the right of `b`: m × n; `c`: the shape of `b`; any
/// strides. β = 0 does not read `c`; α = 0 reads neither `a` nor `b`.
///
/// # Method
/// Sixteen rows of C at a time, by `gemm`: with the rows of the triangle, with the 16 × 16 block on the
/// diagonal mirrored on the stack, with the columns of the triangle. BA is (ABᵀ)ᵀ.
///
/// # Accuracy
/// cᵢⱼ is one chain: fl(βcᵢⱼ), then + aᵢₚ·fl(αbₚⱼ) for p = 0, 1, …; from the right, + aₚⱼ·fl(αbᵢₚ). From the left
/// these are the bits of [`gemm`] on the full matrix. Strict gives the same bits on every machine and
/// in every layout, Fused (one rounding per multiply-add) on every fused one. |Ĉ − C| ≤ γₙ₊₂(|α||A||B| +
/// |β||C|) per element, barring over- and underflow. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `c` is untouched then.
///
/// # Cost
/// 2n²m flops; 2 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, MatRef, Side, Triangle, symm}};
/// let a = MatRef::row_major(&[2.0, f64::NAN, 1.0, 4.0], 2, 2)?.symmetric(Triangle::Lower);
/// let b = MatRef::row_major(&[1.0, 10.0], 2, 1)?;
/// let mut c = [f64::NAN; 2];
/// symm(Machine::detect(), 1.0, Side::Left(a), b, 0.0, MatMut::row_major(&mut c, 2, 1)?)?;
/// assert_eq!(c, [12.0, 41.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsymm")]
pub fn symm<T: Float>(
    machine: Machine,
    alpha: T,
    a: Side<SymmetricRef<'_, T>>,
    b: MatRef<'_, T>,
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("c.rows", b.rows(), c.rows())?;
    check::same_len("c.cols", b.cols(), c.cols())?;
    let (l, b, c) = match a {
        Side::Left(a) => {
            let l = a.lower()?;
            check::same_len("b.rows", l.cols(), b.rows())?;
            (l, b, c)
        }
        Side::Right(a) => {
            let l = a.lower()?;
            check::same_len("b.cols", l.rows(), b.cols())?;
            (l, b.t(), c.t())
        }
    };
    let (n, m, mut c) = (l.rows(), b.cols(), c);
    if m == 0 {
        return Ok(());
    }
    for start in (0..n).step_by(BLOCK) {
        let size = BLOCK.min(n - start);
        let (end, mut beta) = (start + size, beta);
        let mut target = c.rb_mut().sub([start, 0], [size, m])?;
        let square = mirrored(l, start);
        let parts = [
            (l.sub([start, 0], [size, start])?, 0),
            (MatRef::strided(square.as_flattened(), [size, size], [1, BLOCK])?, start),
            (l.sub([end, start], [n - end, size])?.t(), end),
        ];
        for (part, row) in parts {
            if part.cols() > 0 {
                let b = b.sub([row, 0], [part.cols(), m])?;
                gemm(machine, alpha, part, b, beta, target.rb_mut())?;
                beta = T::ONE;
            }
        }
    }
    Ok(())
}

/// The block on the diagonal in full.
fn mirrored<T: Float>(l: MatRef<'_, T>, start: usize) -> Block<T> {
    let mut square = [[T::ZERO; BLOCK]; BLOCK];
    for (i, row) in square.iter_mut().enumerate() {
        for (j, element) in row.iter_mut().enumerate() {
            let (low, high) = (start + i.min(j), start + i.max(j));
            *element = l.get(high, low).unwrap_or(T::ZERO);
        }
    }
    square
}
