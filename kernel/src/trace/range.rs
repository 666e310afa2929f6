//! An orthonormal basis of sketched products, one column at a time.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::simd::Machine;
use crate::vector;

/// Memory for one product on its way into a basis.
pub(super) struct Work<'a, T> {
    /// n: what is left of the product.
    pub(super) image: &'a mut [T],
    /// At least as many as the basis has columns.
    pub(super) pass: &'a mut [T],
    /// More than the basis has columns, for the coefficients of y in the new one, or none.
    pub(super) coefficients: &'a mut [T],
}

/// Appends to Q, of `rank` columns, what the product y has outside its range; whether it had anything.
///
/// Two passes of classical Gram–Schmidt on y times a power of two, so that no inner product overflows. What is left
/// counts as nothing up to (4 + √n)·ε·‖y‖, the rounding error of the product itself. Coefficients beyond those of
/// the new basis become 0.
pub(super) fn extend<T: Float>(
    machine: Machine,
    (basis, rank): (&mut [T], usize),
    product: &[T],
    work: Work<'_, T>,
) -> Result<bool, Error> {
    let n = product.len();
    let Work { image, pass, coefficients } = work;
    coefficients.fill(T::ZERO);
    let largest = product.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
    if largest == T::ZERO {
        return Ok(false);
    }
    let power = largest.exponent();
    for (x, product) in image.iter_mut().zip(product) {
        *x = product.scale_by_power(-power);
    }
    let before = vector::norm2(machine, image);
    let q = MatRef::col_major(basis, n, rank)?;
    let (pass, _) = check::split(pass, rank)?;
    for _ in 0..2 {
        gemv(machine, T::ONE, q.t(), image, T::ZERO, pass)?;
        gemv(machine, -T::ONE, q, pass, T::ONE, image)?;
        for (coefficient, &along) in coefficients.iter_mut().zip(pass.iter()) {
            *coefficient += along;
        }
    }
    let left = vector::norm2(machine, image);
    if let Some(last) = coefficients.get_mut(rank) {
        *last = left;
    }
    for coefficient in coefficients.iter_mut() {
        *coefficient = coefficient.scale_by_power(power);
    }
    if left <= noise::<T>(n) * before {
        if let Some(last) = coefficients.get_mut(rank) {
            *last = T::ZERO;
        }
        return Ok(false);
    }
    for (q, &x) in basis.iter_mut().skip(rank * n).zip(image.iter()) {
        *q = x / left;
    }
    Ok(true)
}

/// What of a product of n elements is rounding, relative to its length.
pub(super) fn noise<T: Float>(n: usize) -> T {
    (T::TWO + T::TWO + T::from_usize(n).sqrt()) * T::EPSILON
}

/// A product of which no sum of an estimate from `probes` probes can overflow: ‖y‖ is at most 1/(64nk) of the largest
/// number. NaN is no number below.
pub(super) fn check_room<T: Float>(
    machine: Machine,
    probes: usize,
    product: &[T],
) -> Result<(), Error> {
    let terms = T::from_usize(product.len()) * T::from_usize(probes.max(1));
    if vector::norm2(machine, product) <= T::MAX.scale_by_power(-6) / terms {
        return Ok(());
    }
    let index = vector::first_not_finite(machine, product).unwrap_or(product.len());
    Err(Error::NotFinite { argument: "product", index })
}

/// The k elements of line i.
pub(super) fn line<T>(x: &mut [T], k: usize, i: usize) -> &mut [T] {
    x.get_mut(i * k..(i + 1) * k).unwrap_or_default()
}

/// The basis vector number i.
pub(super) fn unit_into<T: Float>(i: usize, x: &mut [T]) {
    x.fill(T::ZERO);
    x.iter_mut().skip(i).take(1).for_each(|x| *x = T::ONE);
}
