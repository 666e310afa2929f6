//! Levels 2 and 3 of known shape.

use crate::fixed::vector::dot;
use crate::float::Float;

/// βy, where β = 0 does not read y.
#[inline(always)]
pub(super) fn scaled<T: Float>(beta: T, y: T) -> T {
    if beta == T::ZERO { T::ZERO } else { beta * y }
}

/// y ← αAx + βy.
///
/// # Shapes
/// `a`: M × N, by columns. `x`: N. `y`: M. β = 0 does not read `y`; α = 0 reads neither `a` nor `x`.
///
/// # Accuracy
/// That of [`matrix::gemv`](crate::matrix::gemv) on columns, whose bits it has: yᵢ is one chain over j
/// from fl(βyᵢ).
///
/// # Cost
/// 2MN flops; inlined.
///
/// # Example
/// ```
/// let mut y = [0.0; 2];
/// teeter::fixed::gemv(1.0, &[[1.0, 2.0], [3.0, 4.0]], &[1.0, 10.0], 0.0, &mut y);
/// assert_eq!(y, [31.0, 42.0]);
/// ```
#[inline(always)]
pub fn gemv<T: Float, const M: usize, const N: usize>(
    alpha: T,
    a: &[[T; M]; N],
    x: &[T; N],
    beta: T,
    y: &mut [T; M],
) {
    // A sum of its own: the compiler keeps it in registers, for it knows that nothing else reads it.
    let mut sums = [T::ZERO; M];
    if beta != T::ZERO {
        for (sum, &y) in sums.iter_mut().zip(y.iter()) {
            *sum = beta * y;
        }
    }
    if alpha != T::ZERO {
        for (column, &x) in a.iter().zip(x) {
            add_scaled(alpha * x, column, &mut sums);
        }
    }
    *y = sums;
}

/// y ← y + factor·x
#[inline(always)]
pub(crate) fn add_scaled<T: Float, const M: usize>(factor: T, x: &[T; M], y: &mut [T; M]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x * factor;
    }
}

/// y ← αAᵀx + βy.
///
/// # Shapes
/// `a`: M × N, by columns. `x`: M. `y`: N. β = 0 does not read `y`; α = 0 reads neither `a` nor `x`.
///
/// # Accuracy
/// That of [`matrix::gemv`](crate::matrix::gemv) on rows, whose bits it has: yⱼ = fl(α·dot(aⱼ, x)) +
/// fl(βyⱼ). A of one row is a column of Aᵀ, so there yⱼ is a chain.
///
/// # Cost
/// 2MN flops; inlined.
#[inline(always)]
pub fn gemv_transposed<T: Float, const M: usize, const N: usize>(
    alpha: T,
    a: &[[T; M]; N],
    x: &[T; M],
    beta: T,
    y: &mut [T; N],
) {
    for (y, column) in y.iter_mut().zip(a) {
        *y = if alpha == T::ZERO || M == 0 {
            scaled(beta, *y)
        } else if M == 1 {
            let mut sum = scaled(beta, *y);
            for (&a, &x) in column.iter().zip(x) {
                sum += a * (alpha * x);
            }
            sum
        } else if beta == T::ZERO {
            alpha * dot(column, x)
        } else {
            alpha * dot(column, x) + beta * *y
        };
    }
}

/// A ← A + αxyᵀ.
///
/// # Shapes
/// `x`: M. `y`: N. `a`: M × N, by columns.
///
/// # Accuracy
/// Each element is fl(aᵢⱼ + fl(xᵢ·fl(αyⱼ))), as in [`matrix::ger`](crate::matrix::ger).
///
/// # Cost
/// 2MN flops; inlined.
#[inline(always)]
pub fn ger<T: Float, const M: usize, const N: usize>(
    alpha: T,
    x: &[T; M],
    y: &[T; N],
    a: &mut [[T; M]; N],
) {
    for (column, &y) in a.iter_mut().zip(y) {
        add_scaled(alpha * y, x, column);
    }
}

/// C ← αAB + βC.
///
/// # Shapes
/// `a`: M × K, `b`: K × N, `c`: M × N, each by columns. β = 0 does not read `c`; α = 0 reads neither `a`
/// nor `b`.
///
/// # Accuracy
/// That of [`matrix::gemm`](crate::matrix::gemm) in Strict arithmetic, whose bits it has: cᵢⱼ is one chain
/// over p from fl(βcᵢⱼ).
///
/// # Cost
/// 2MNK flops; inlined.
#[inline(always)]
pub fn gemm<T: Float, const M: usize, const K: usize, const N: usize>(
    alpha: T,
    a: &[[T; M]; K],
    b: &[[T; K]; N],
    beta: T,
    c: &mut [[T; M]; N],
) {
    for (c, b) in c.iter_mut().zip(b) {
        gemv(alpha, a, b, beta, c);
    }
}

/// C ← αAᵀB + βC.
///
/// # Shapes
/// `a`: K × M, `b`: K × N, `c`: M × N, each by columns. β = 0 does not read `c`; α = 0 reads neither `a`
/// nor `b`.
///
/// # Accuracy
/// That of [`matrix::gemm`](crate::matrix::gemm) of `a.t()` in Strict arithmetic, whose bits it has: cᵢⱼ is one
/// chain over p from fl(βcᵢⱼ).
///
/// # Cost
/// 2MNK flops; inlined.
#[inline(always)]
pub fn gemm_tn<T: Float, const M: usize, const K: usize, const N: usize>(
    alpha: T,
    a: &[[T; K]; M],
    b: &[[T; K]; N],
    beta: T,
    c: &mut [[T; M]; N],
) {
    gemm(alpha, &transposed(a), b, beta, c);
}

/// C ← αABᵀ + βC.
///
/// # Shapes
/// `a`: M × K, `b`: N × K, `c`: M × N, each by columns. β = 0 does not read `c`; α = 0 reads neither `a`
/// nor `b`.
///
/// # Accuracy
/// That of [`matrix::gemm`](crate::matrix::gemm) with `b.t()` in Strict arithmetic, whose bits it has: cᵢⱼ is one
/// chain over p from fl(βcᵢⱼ).
///
/// # Cost
/// 2MNK flops; inlined.
#[inline(always)]
pub fn gemm_nt<T: Float, const M: usize, const K: usize, const N: usize>(
    alpha: T,
    a: &[[T; M]; K],
    b: &[[T; N]; K],
    beta: T,
    c: &mut [[T; M]; N],
) {
    gemm(alpha, a, &transposed(b), beta, c);
}

/// Rows become columns.
#[inline(always)]
fn transposed<T: Float, const M: usize, const N: usize>(a: &[[T; M]; N]) -> [[T; N]; M] {
    let mut rows = [[T::ZERO; N]; M];
    for (i, row) in rows.iter_mut().enumerate() {
        for (element, column) in row.iter_mut().zip(a) {
            *element = column.get(i).copied().unwrap_or(T::ZERO);
        }
    }
    rows
}
