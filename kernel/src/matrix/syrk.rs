//! Symmetric updates of rank k and 2k.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::block::{BLOCK, Block};
use crate::matrix::lower::{Lower, Sign};
use crate::matrix::{MatMut, MatRef, SymmetricMut, gemm};
use crate::simd::Machine;

/// C ← αAAᵀ + βC, in one triangle.
///
/// For αAᵀA pass `a.t()`. Half the work of [`gemm`] on the full matrix.
///
/// # Shapes
/// `a`: n × k, `c`: n × n, any strides; the other triangle of `c` is neither read nor written.
/// β = 0 does not read `c`; α = 0 does not read `a`.
///
/// # Method
/// Strips of rows, each up to its diagonal, in the tiles of [`gemm`]; tiles on the diagonal go through the
/// stack. Where α is neither 1 nor −1, panels of 16 columns by `gemm`. An upper triangle is the lower
/// one of the transpose.
///
/// # Accuracy
/// The element of row i and column j ≤ i, and its mirror image in an upper triangle, is the chain of
/// [`gemm`]: fl(βc), then + aᵢₚ·fl(αaⱼₚ) for p = 0, 1, …; Strict gives the same bits on every machine
/// and in every layout, Fused (one rounding per multiply-add) on every fused one. |Ĉ − C| ≤ γₖ₊₂(|α||A||Aᵀ| +
/// |β||C|) per element, barring over- and underflow. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `c` is untouched then.
///
/// # Cost
/// n²k flops, and up to 16nk more on the diagonal; 28 KiB of stack on x86-64, 3 KiB on microcontrollers, and
/// where α is neither 1 nor −1 `gemm`'s besides.
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, MatRef, Triangle, syrk}};
/// let a = MatRef::row_major(&[1.0, 2.0], 2, 1)?;
/// let mut c = [f64::NAN; 4];
/// let view = MatMut::row_major(&mut c, 2, 2)?.symmetric(Triangle::Lower);
/// syrk(Machine::detect(), 1.0, a, 0.0, view)?;
/// assert_eq!((c[0], c[2], c[3]), (1.0, 2.0, 4.0));
/// assert!(c[1].is_nan());
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsyrk")]
pub fn syrk<T: Float>(
    machine: Machine,
    alpha: T,
    a: MatRef<'_, T>,
    beta: T,
    c: SymmetricMut<'_, T>,
) -> Result<(), Error> {
    let c = c.lower("c.cols")?;
    check::same_len("c.rows", a.rows(), c.rows())?;
    update(machine, alpha, &[[a, a]], beta, c)
}

/// C ← α(ABᵀ + BAᵀ) + βC, in one triangle.
///
/// For α(AᵀB + BᵀA) pass `a.t()` and `b.t()`. Half the work of two [`gemm`]s on the full matrix.
///
/// # Shapes
/// `a`, `b`: n × k, `c`: n × n, any strides; the other triangle of `c` is neither read nor written.
/// β = 0 does not read `c`; α = 0 reads neither `a` nor `b`.
///
/// # Method
/// That of [`syrk`], with two products for each panel.
///
/// # Accuracy
/// The element of row i and column j ≤ i, and its mirror image in an upper triangle, is one chain:
/// fl(βc), then + aᵢₚ·fl(αbⱼₚ) for p = 0, 1, …, then + bᵢₚ·fl(αaⱼₚ) for p = 0, 1, …; Strict gives the same
/// bits on every machine and in every layout, Fused on every fused one. |Ĉ − C| ≤ γ₂ₖ₊₂(|α|(|A||Bᵀ| +
/// |B||Aᵀ|) + |β||C|) per element, barring over- and underflow. NaN and infinity propagate.
///
/// # Errors
/// `Error::Length` if a shape does not fit; `c` is untouched then.
///
/// # Cost
/// 2n²k flops, and up to 32nk more on the diagonal; stack as [`syrk`].
///
/// # Source
/// Higham 2002, §3.5, for the bound.
///
/// # Example
/// ```
/// use teeter::{Machine, matrix::{MatMut, MatRef, Triangle, syr2k}};
/// let a = MatRef::row_major(&[1.0, 2.0], 2, 1)?;
/// let b = MatRef::row_major(&[3.0, 5.0], 2, 1)?;
/// let mut c = [f64::NAN; 4];
/// let view = MatMut::row_major(&mut c, 2, 2)?.symmetric(Triangle::Lower);
/// syr2k(Machine::detect(), 1.0, a, b, 0.0, view)?;
/// assert_eq!((c[0], c[2], c[3]), (6.0, 11.0, 20.0));
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "dsyr2k")]
pub fn syr2k<T: Float>(
    machine: Machine,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    beta: T,
    c: SymmetricMut<'_, T>,
) -> Result<(), Error> {
    let c = c.lower("c.cols")?;
    check::same_len("c.rows", a.rows(), c.rows())?;
    check::same_len("b.rows", a.rows(), b.rows())?;
    check::same_len("b.cols", a.cols(), b.cols())?;
    update(machine, alpha, &[[a, b], [b, a]], beta, c)
}

/// C ← α(UVᵀ + …) + βC over some pairs [U, V], in the lower triangle.
fn update<T: Float>(
    machine: Machine,
    alpha: T,
    pairs: &[[MatRef<'_, T>; 2]],
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    let sign = if alpha == T::ONE { Sign::Plus } else { Sign::Minus };
    if alpha == T::ONE || alpha == -T::ONE {
        let (mut c, mut beta) = (c.window(), beta);
        for [u, v] in pairs {
            let (u, v) = (u.window(), v.window());
            let lower = Lower { u, v, beta, c: c.rb_mut(), sign };
            lower.run_on(machine).ok_or(check::refused("c", c.rows))?;
            beta = T::ONE;
        }
        return Ok(());
    }
    scaled(machine, alpha, pairs, beta, c)
}

/// The same where α is a factor to be multiplied in: in blocks, by `gemm`.
fn scaled<T: Float>(
    machine: Machine,
    alpha: T,
    pairs: &[[MatRef<'_, T>; 2]],
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    let (n, mut c) = (c.rows(), c);
    for start in (0..n).step_by(BLOCK) {
        let size = BLOCK.min(n - start);
        let columns = c.rb_mut().sub([start, start], [n - start, size])?;
        let (mut diagonal, mut below) = columns.split_at_row(size)?;

        let mut square: Block<T> = [[T::ZERO; BLOCK]; BLOCK];
        if beta != T::ZERO {
            for (j, column) in square.iter_mut().enumerate() {
                for (i, element) in column.iter_mut().enumerate().skip(j) {
                    *element = diagonal.get(i, j).unwrap_or(T::ZERO);
                }
            }
        }
        let view = MatMut::strided(square.as_flattened_mut(), [size, size], [1, BLOCK])?;
        multiply(machine, alpha, (pairs, [start, start]), beta, view)?;
        for (j, column) in square.iter().enumerate() {
            for (i, &element) in column.iter().enumerate().skip(j) {
                let _ = diagonal.set(i, j, element);
            }
        }
        multiply(machine, alpha, (pairs, [start + size, start]), beta, below.rb_mut())?;
    }
    Ok(())
}

/// The part of α(UVᵀ + …) + βC that begins at `at` [row, col].
fn multiply<T: Float>(
    machine: Machine,
    alpha: T,
    (pairs, at): (&[[MatRef<'_, T>; 2]], [usize; 2]),
    beta: T,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    let (mut c, mut beta) = (c, beta);
    for [u, v] in pairs {
        let u = u.sub([at[0], 0], [c.rows(), u.cols()])?;
        let v = v.sub([at[1], 0], [c.cols(), v.cols()])?;
        gemm(machine, alpha, u, v.t(), beta, c.rb_mut())?;
        beta = T::ONE;
    }
    Ok(())
}
