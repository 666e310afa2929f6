//! Level 3 by columns: checks as the reference makes them, then the kernel. `Err` and safety as in `level2.rs`.

use teeter::Float;
use teeter::matrix::{self, Diagonal, MatMut, MatRef, Side, Triangle};

use crate::level2::{fits, seen, substitute};
use crate::machine::machine;
use crate::memory::{In, Out, leading, matrix, matrix_mut, size};
use crate::option::{Beside, Form};
use crate::report::Checked;

/// C ← βC; β = 0 does not read it.
fn rescale<T: Float>(beta: T, c: MatMut<'_, T>) {
    let empty = |rows, cols| MatRef::strided(&[], [rows, cols], [1, 1]);
    if let (Ok(left), Ok(right)) = (empty(c.rows(), 0), empty(0, c.cols()))
        && beta != T::ONE
    {
        fits(matrix::gemm(machine(), T::ONE, left, right, beta, c));
    }
}

/// C ← αAB + βC, with Aᵀ or Bᵀ if asked for.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn gemm<T: Float>(
    [a_form, b_form]: [Form; 2],
    [m, n, k]: [i32; 3],
    alpha: T,
    a: In<T>,
    b: In<T>,
    (beta, c): (T, Out<T>),
) -> Checked {
    let (m, n, k) = (size(3, m)?, size(4, n)?, size(5, k)?);
    let (a_shape, b_shape) = (a_form.stored([m, k]), b_form.stored([k, n]));
    leading(8, a.1, a_shape[0])?;
    leading(10, b.1, b_shape[0])?;
    leading(13, c.1, m)?;
    if m == 0 || n == 0 || (alpha == T::ZERO || k == 0) && beta == T::ONE {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let (a, b, c) = unsafe { (matrix(a, a_shape), matrix(b, b_shape), matrix_mut(c, [m, n])) };
    fits(matrix::gemm(machine(), alpha, a_form.of(a), b_form.of(b), beta, c));
    Ok(())
}

/// C ← αAB + βC, or αBA + βC, for symmetric A.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn symm<T: Float>(
    (side, triangle): (Beside, Triangle),
    [m, n]: [i32; 2],
    alpha: T,
    a: In<T>,
    b: In<T>,
    (beta, c): (T, Out<T>),
) -> Checked {
    let (m, n) = (size(3, m)?, size(4, n)?);
    let order = if side == Beside::Left { m } else { n };
    leading(7, a.1, order)?;
    leading(9, b.1, m)?;
    leading(12, c.1, m)?;
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let c = unsafe { matrix_mut(c, [m, n]) };
    if alpha == T::ZERO {
        rescale(beta, c);
        return Ok(());
    }
    // SAFETY: as above.
    let (a, b) = unsafe { (matrix(a, [order, order]).symmetric(triangle), matrix(b, [m, n])) };
    let a = if side == Beside::Left { Side::Left(a) } else { Side::Right(a) };
    fits(matrix::symm(machine(), alpha, a, b, beta, c));
    Ok(())
}

/// C ← αAAᵀ + βC, or αAᵀA + βC, in one triangle.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn syrk<T: Float>(
    (triangle, form): (Triangle, Form),
    [n, k]: [i32; 2],
    alpha: T,
    a: In<T>,
    (beta, c): (T, Out<T>),
) -> Checked {
    let (n, k) = (size(3, n)?, size(4, k)?);
    let shape = form.stored([n, k]);
    leading(7, a.1, shape[0])?;
    leading(10, c.1, n)?;
    if n == 0 || (alpha == T::ZERO || k == 0) && beta == T::ONE {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let (a, c) = unsafe { (matrix(a, shape), matrix_mut(c, [n, n])) };
    fits(matrix::syrk(machine(), alpha, form.of(a), beta, c.symmetric(triangle)));
    Ok(())
}

/// C ← α(ABᵀ + BAᵀ) + βC, or α(AᵀB + BᵀA) + βC, in one triangle.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn syr2k<T: Float>(
    (triangle, form): (Triangle, Form),
    [n, k]: [i32; 2],
    alpha: T,
    a: In<T>,
    b: In<T>,
    (beta, c): (T, Out<T>),
) -> Checked {
    let (n, k) = (size(3, n)?, size(4, k)?);
    let shape = form.stored([n, k]);
    leading(7, a.1, shape[0])?;
    leading(9, b.1, shape[0])?;
    leading(12, c.1, n)?;
    if n == 0 || (alpha == T::ZERO || k == 0) && beta == T::ONE {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let (a, b, c) = unsafe { (matrix(a, shape), matrix(b, shape), matrix_mut(c, [n, n])) };
    let c = c.symmetric(triangle);
    fits(matrix::syr2k(machine(), alpha, form.of(a), form.of(b), beta, c));
    Ok(())
}

/// What a triangular operand is: where it stands, its triangle, whether it is transposed, its diagonal.
pub(crate) type Shape = (Beside, Triangle, Form, Diagonal);

/// The order of a triangular operand, once sizes and leading dimensions have passed their checks.
fn triangular_order(side: Beside, [m, n]: [i32; 2], a: i32, b: i32) -> Result<[usize; 3], i32> {
    let (m, n) = (size(5, m)?, size(6, n)?);
    let order = if side == Beside::Left { m } else { n };
    leading(9, a, order)?;
    leading(11, b, m)?;
    Ok([m, n, order])
}

/// B ← αAB, or αBA, for triangular A, or with Aᵀ.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn trmm<T: Float>(
    (side, triangle, form, diagonal): Shape,
    shape: [i32; 2],
    alpha: T,
    a: In<T>,
    b: Out<T>,
) -> Checked {
    let [m, n, order] = triangular_order(side, shape, a.1, b.1)?;
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let (a, b) = unsafe { (form.of(matrix(a, [order, order])), matrix_mut(b, [m, n])) };
    let a = a.triangular(seen(triangle, form), diagonal);
    let a = if side == Beside::Left { Side::Left(a) } else { Side::Right(a) };
    fits(matrix::trmm(machine(), alpha, a, b));
    Ok(())
}

/// B ← αA⁻¹B, or αBA⁻¹, for triangular A, or with A⁻ᵀ.
///
/// # Safety
/// - As in `level2.rs`.
pub(crate) unsafe fn trsm<T: Float>(
    (side, triangle, form, diagonal): Shape,
    shape: [i32; 2],
    alpha: T,
    a: In<T>,
    b: Out<T>,
) -> Checked {
    let [m, n, order] = triangular_order(side, shape, a.1, b.1)?;
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the caller vouches for the elements.
    let (a, mut b) = unsafe { (form.of(matrix(a, [order, order])), matrix_mut(b, [m, n])) };
    let triangle = seen(triangle, form);
    let whole = a.triangular(triangle, diagonal);
    let whole = if side == Beside::Left { Side::Left(whole) } else { Side::Right(whole) };
    if matrix::trsm(machine(), alpha, whole, b.rb_mut()).is_err() {
        rescale(alpha, b.rb_mut());
        match side {
            Beside::Left => substitute(a, triangle, b),
            Beside::Right => substitute(a.t(), triangle.t(), b.t()),
        }
    }
    Ok(())
}
