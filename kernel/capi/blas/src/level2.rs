//! Level 2 by columns: checks as the reference makes them, then the kernel.
//!
//! `Err` is the place of the first illegal argument among those of the Fortran routine; nothing has been
//! touched then.
//!
//! Safety, of each: the elements that the routine is documented to read or write are valid for it, reached by
//! nothing else meanwhile, and what is written shares no element with what is read.

use teeter::matrix::{self, Diagonal, MatMut, MatRef, Triangle};
use teeter::{Error, Float};

use crate::machine::machine;
use crate::memory::{In, Out, increment, leading, matrix, matrix_mut, renew, size, vector};
use crate::option::Form;
use crate::report::Checked;

/// The kernel has nothing to refuse once sizes have passed their checks.
pub(crate) fn fits(result: Result<(), Error>) {
    debug_assert!(result.is_ok(), "{result:?}");
}

/// y ← βy; β = 0 does not read it.
fn rescale<T: Float>(beta: T, y: &mut [T]) {
    if beta == T::ZERO {
        y.fill(T::ZERO);
    } else if beta != T::ONE {
        teeter::vector::scale(machine(), beta, y);
    }
}

/// y ← αAx + βy, or with Aᵀ.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn gemv<T: Float>(
    form: Form,
    [m, n]: [i32; 2],
    alpha: T,
    a: In<T>,
    x: In<T>,
    (beta, y): (T, Out<T>),
) -> Checked {
    let (m, n) = (size(2, m)?, size(3, n)?);
    leading(6, a.1, m)?;
    increment(8, x.1)?;
    increment(11, y.1)?;
    if m == 0 || n == 0 {
        return Ok(());
    }
    let [rows, cols] = form.stored([m, n]);
    // SAFETY: the caller vouches for the elements.
    unsafe {
        if alpha == T::ZERO {
            renew(rows, y, |y| rescale(beta, y));
        } else {
            let (a, x) = (form.of(matrix(a, [m, n])), vector(cols, x));
            renew(rows, y, |y| fits(matrix::gemv(machine(), alpha, a, &x, beta, y)));
        }
    }
    Ok(())
}

/// A ← A + αxyᵀ.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn ger<T: Float>(
    [m, n]: [i32; 2],
    alpha: T,
    x: In<T>,
    y: In<T>,
    a: Out<T>,
) -> Checked {
    let (m, n) = (size(1, m)?, size(2, n)?);
    increment(5, x.1)?;
    increment(7, y.1)?;
    leading(9, a.1, m)?;
    if m > 0 && n > 0 && alpha != T::ZERO {
        // SAFETY: the caller vouches for the elements.
        let (x, y, a) = unsafe { (vector(m, x), vector(n, y), matrix_mut(a, [m, n])) };
        fits(matrix::ger(machine(), alpha, &x, &y, a));
    }
    Ok(())
}

/// y ← αAx + βy for symmetric A.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn symv<T: Float>(
    triangle: Triangle,
    n: i32,
    alpha: T,
    a: In<T>,
    x: In<T>,
    (beta, y): (T, Out<T>),
) -> Checked {
    let n = size(2, n)?;
    leading(5, a.1, n)?;
    increment(7, x.1)?;
    increment(10, y.1)?;
    // SAFETY: the caller vouches for the elements.
    unsafe {
        if alpha == T::ZERO {
            renew(n, y, |y| rescale(beta, y));
        } else {
            let (a, x) = (matrix(a, [n, n]).symmetric(triangle), vector(n, x));
            renew(n, y, |y| fits(matrix::symv(machine(), alpha, a, &x, beta, y)));
        }
    }
    Ok(())
}

/// A ← A + αxxᵀ in one triangle.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn syr<T: Float>(
    triangle: Triangle,
    n: i32,
    alpha: T,
    x: In<T>,
    a: Out<T>,
) -> Checked {
    let n = size(2, n)?;
    increment(5, x.1)?;
    leading(7, a.1, n)?;
    if n > 0 && alpha != T::ZERO {
        // SAFETY: the caller vouches for the elements.
        let (x, a) = unsafe { (vector(n, x), matrix_mut(a, [n, n])) };
        fits(matrix::syr(machine(), alpha, &x, a.symmetric(triangle)));
    }
    Ok(())
}

/// A ← A + α(xyᵀ + yxᵀ) in one triangle.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn syr2<T: Float>(
    triangle: Triangle,
    n: i32,
    alpha: T,
    x: In<T>,
    y: In<T>,
    a: Out<T>,
) -> Checked {
    let n = size(2, n)?;
    increment(5, x.1)?;
    increment(7, y.1)?;
    leading(9, a.1, n)?;
    if n > 0 && alpha != T::ZERO {
        // SAFETY: the caller vouches for the elements.
        let (x, y, a) = unsafe { (vector(n, x), vector(n, y), matrix_mut(a, [n, n])) };
        fits(matrix::syr2(machine(), alpha, &x, &y, a.symmetric(triangle)));
    }
    Ok(())
}

/// What a triangular operand is: its triangle, whether it is transposed, its diagonal.
pub(crate) type Shape = (Triangle, Form, Diagonal);

/// The triangle that a transposed operand turns into.
pub(crate) const fn seen(triangle: Triangle, form: Form) -> Triangle {
    match form {
        Form::Plain => triangle,
        Form::Transposed => triangle.t(),
    }
}

/// x ← Ax for triangular A, or with Aᵀ.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn trmv<T: Float>(
    (triangle, form, diagonal): Shape,
    n: i32,
    a: In<T>,
    x: Out<T>,
) -> Checked {
    let n = size(4, n)?;
    leading(6, a.1, n)?;
    increment(8, x.1)?;
    // SAFETY: the caller vouches for the elements.
    unsafe {
        let a = form.of(matrix(a, [n, n])).triangular(seen(triangle, form), diagonal);
        renew(n, x, |x| fits(matrix::trmv(machine(), a, x)));
    }
    Ok(())
}

/// x ← A⁻¹x for triangular A, or with A⁻ᵀ.
///
/// # Safety
/// - As above.
pub(crate) unsafe fn trsv<T: Float>(
    (triangle, form, diagonal): Shape,
    n: i32,
    a: In<T>,
    x: Out<T>,
) -> Checked {
    let n = size(4, n)?;
    leading(6, a.1, n)?;
    increment(8, x.1)?;
    // SAFETY: the caller vouches for the elements.
    let a = form.of(unsafe { matrix(a, [n, n]) });
    let triangle = seen(triangle, form);
    let solve = |x: &mut [T]| {
        if matrix::trsv(machine(), a.triangular(triangle, diagonal), x).is_err()
            && let Ok(x) = MatMut::col_major(x, n, 1)
        {
            substitute(a, triangle, x);
        }
    };
    // SAFETY: as above.
    unsafe { renew(n, x, solve) }
    Ok(())
}

/// X ← A⁻¹X with divisions by zero or NaN, which the kernel refuses and BLAS makes: there the answer is ∞ or NaN, but
/// a right-hand side of 0 stays 0. A diagonal of ones is never refused.
pub(crate) fn substitute<T: Float>(a: MatRef<'_, T>, triangle: Triangle, mut x: MatMut<'_, T>) {
    let n = a.rows();
    let element = |i, j| a.get(i, j).unwrap_or(T::NAN);
    for col in 0..x.cols() {
        for step in 0..n {
            let (k, later) = match triangle {
                Triangle::Lower => (step, step + 1..n),
                Triangle::Upper => (n - 1 - step, 0..n - 1 - step),
            };
            let old = x.get(k, col).unwrap_or(T::NAN);
            if old == T::ZERO {
                continue;
            }
            let found = old / element(k, k);
            x.set(k, col, found);
            for i in later {
                let rest = x.get(i, col).unwrap_or(T::NAN) - found * element(i, k);
                x.set(i, col, rest);
            }
        }
    }
}
