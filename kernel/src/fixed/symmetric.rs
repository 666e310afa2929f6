//! Symmetric matrices of known order, of which the lower triangle is read and written.

use crate::fixed::product::{add_scaled, gemm, scaled};
use crate::fixed::vector::dot_slices;
use crate::float::Float;

/// y ← αAx + βy for symmetric A, of which the lower triangle is read.
///
/// # Shapes
/// `a`: N × N, by columns. `x`, `y`: N. β = 0 does not read `y`; α = 0 reads neither `a` nor `x`.
///
/// # Accuracy
/// That of [`matrix::symv`](crate::matrix::symv) by columns, whose bits it has.
///
/// # Cost
/// 2N² flops; inlined.
///
/// # Example
/// ```
/// let mut y = [0.0; 2];
/// teeter::fixed::symv(1.0, &[[2.0, 1.0], [f64::NAN, 4.0]], &[1.0, 10.0], 0.0, &mut y);
/// assert_eq!(y, [12.0, 41.0]);
/// ```
#[inline(always)]
pub fn symv<T: Float, const N: usize>(
    alpha: T,
    a: &[[T; N]; N],
    x: &[T; N],
    beta: T,
    y: &mut [T; N],
) {
    for y in y.iter_mut() {
        *y = scaled(beta, *y);
    }
    if alpha == T::ZERO {
        return;
    }
    for (k, column) in a.iter().enumerate() {
        let Some([pivot, below @ ..]) = column.get(k..) else { return };
        let Some([x, after @ ..]) = x.get(k..) else { return };
        let Some([here, rest @ ..]) = y.get_mut(k..) else { return };
        let factor = alpha * *x;
        *here += *pivot * factor;
        if !after.is_empty() {
            *here += alpha * dot_slices(below, after);
            for (y, &a) in rest.iter_mut().zip(below) {
                *y += a * factor;
            }
        }
    }
}

/// A ← A + αxxᵀ, in the lower triangle.
///
/// # Shapes
/// `x`: N. `a`: N × N, by columns; the other triangle is neither read nor written. α = 0 does not read `x`.
///
/// # Accuracy
/// Each element is fl(aᵢⱼ + fl(xᵢ·fl(αxⱼ))), as in [`matrix::syr`](crate::matrix::syr).
///
/// # Cost
/// N² flops; inlined.
#[inline(always)]
pub fn syr<T: Float, const N: usize>(alpha: T, x: &[T; N], a: &mut [[T; N]; N]) {
    if alpha != T::ZERO {
        for (k, column) in a.iter_mut().enumerate() {
            add_below(k, alpha, x, x, column);
        }
    }
}

/// A ← A + α(xyᵀ + yxᵀ), in the lower triangle.
///
/// # Shapes
/// `x`, `y`: N. `a`: N × N, by columns; the other triangle is neither read nor written. α = 0 reads neither `x`
/// nor `y`.
///
/// # Accuracy
/// Each element is fl(fl(aᵢⱼ + fl(xᵢ·fl(αyⱼ))) + fl(yᵢ·fl(αxⱼ))), as in [`matrix::syr2`](crate::matrix::syr2).
///
/// # Cost
/// 2N² flops; inlined.
#[inline(always)]
pub fn syr2<T: Float, const N: usize>(alpha: T, x: &[T; N], y: &[T; N], a: &mut [[T; N]; N]) {
    if alpha != T::ZERO {
        for (k, column) in a.iter_mut().enumerate() {
            add_below(k, alpha, x, y, column);
            add_below(k, alpha, y, x, column);
        }
    }
}

/// Column k of A + αuvᵀ, from its diagonal down.
#[inline(always)]
fn add_below<T: Float, const N: usize>(
    k: usize,
    alpha: T,
    u: &[T; N],
    v: &[T; N],
    column: &mut [T; N],
) {
    let factor = alpha * v.get(k).copied().unwrap_or(T::ZERO);
    for (a, &u) in column.iter_mut().zip(u).skip(k) {
        *a += u * factor;
    }
}

/// C ← αAAᵀ + βC, in the lower triangle.
///
/// # Shapes
/// `a`: N × K, `c`: N × N, each by columns; the other triangle of `c` is neither read nor written. β = 0 does not
/// read `c`; α = 0 does not read `a`.
///
/// # Accuracy
/// That of [`matrix::syrk`](crate::matrix::syrk) in Strict arithmetic, whose bits it has: cᵢⱼ is one chain over p
/// from fl(βcᵢⱼ).
///
/// # Cost
/// N²K flops, or up to 2N²K (whole columns); inlined.
///
/// # Example
/// ```
/// let mut c = [[f64::NAN; 2]; 2];
/// teeter::fixed::syrk(1.0, &[[1.0, 2.0]], 0.0, &mut c);
/// assert_eq!((c[0], c[1][1]), ([1.0, 2.0], 4.0));
/// ```
#[inline(always)]
pub fn syrk<T: Float, const N: usize, const K: usize>(
    alpha: T,
    a: &[[T; N]; K],
    beta: T,
    c: &mut [[T; N]; N],
) {
    for (j, c) in c.iter_mut().enumerate() {
        let mut sums = [T::ZERO; N];
        if beta != T::ZERO {
            for (sum, &c) in sums.iter_mut().zip(c.iter()).skip(j) {
                *sum = beta * c;
            }
        }
        if alpha != T::ZERO {
            for column in a {
                // All of the column: a register half left out takes as long.
                let factor = alpha * column.get(j).copied().unwrap_or(T::ZERO);
                add_scaled(factor, column, &mut sums);
            }
        }
        for (c, &sum) in c.iter_mut().zip(&sums).skip(j) {
            *c = sum;
        }
    }
}

/// C ← αAB + βC for symmetric A, of which the lower triangle is read.
///
/// # Shapes
/// `a`: N × N, `b`: N × M, `c`: N × M, each by columns. β = 0 does not read `c`; α = 0 reads neither `a` nor `b`.
///
/// # Accuracy
/// That of [`matrix::symm`](crate::matrix::symm) from the left in Strict arithmetic, whose bits it has: cᵢⱼ is one
/// chain over p from fl(βcᵢⱼ).
///
/// # Cost
/// 2N²M flops; inlined.
///
/// # Example
/// ```
/// let mut c = [[0.0; 2]];
/// teeter::fixed::symm(1.0, &[[2.0, 1.0], [f64::NAN, 4.0]], &[[1.0, 10.0]], 0.0, &mut c);
/// assert_eq!(c, [[12.0, 41.0]]);
/// ```
#[inline(always)]
pub fn symm<T: Float, const N: usize, const M: usize>(
    alpha: T,
    a: &[[T; N]; N],
    b: &[[T; N]; M],
    beta: T,
    c: &mut [[T; N]; M],
) {
    gemm(alpha, &mirrored(a), b, beta, c);
}

/// The matrix of which `a` holds the lower triangle.
#[inline(always)]
fn mirrored<T: Float, const N: usize>(a: &[[T; N]; N]) -> [[T; N]; N] {
    let mut full = *a;
    for (j, column) in full.iter_mut().enumerate() {
        for (element, row) in column.iter_mut().zip(a).take(j) {
            *element = row.get(j).copied().unwrap_or(T::ZERO);
        }
    }
    full
}
