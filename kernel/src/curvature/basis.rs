//! Networks of basis functions: their design matrices and the energy it takes to bend them.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatMut;

fn check_width<T: Float>(width: T) -> Result<(), Error> {
    check::in_range("width", width, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())
}

/// φⱼ(xᵢ) = exp(−(xᵢ − cⱼ)²/2s²): the design of a network of Gaussians in one variable.
///
/// # Shapes
/// `x`: N; `centers`: k; `design`: N × k, any strides, not read.
///
/// # Units
/// x, c and s in the same; φ is a number.
///
/// # Accuracy
/// Relative error at most (4 + 4v²)u, v = (x − c)/s, until it underflows beyond |v| = 38 (f64) or 13 (f32).
///
/// # Errors
/// `Error::Length`; `Error::NotFinite`; `Error::Range` for s not a positive normal number.
///
/// # Cost
/// Nk exponentials.
///
/// # Source
/// Broomhead, Lowe 1988, *Complex Systems* 2, 321.
#[doc(alias = "rbf")]
pub fn gaussian_basis_into<T: Float>(
    x: &[T],
    centers: &[T],
    width: T,
    design: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("design.rows", x.len(), design.rows())?;
    check::same_len("design.cols", centers.len(), design.cols())?;
    check_width(width)?;
    check::finite("x", x)?;
    check::finite("centers", centers)?;
    let mut design = design;
    for (i, &x) in x.iter().enumerate() {
        for (j, &center) in centers.iter().enumerate() {
            let v = (x - center) / width;
            let _ = design.set(i, j, (-(T::HALF * v * v)).exp());
        }
    }
    Ok(())
}

/// xᵢʲ, j = 0 … k − 1: the design of a polynomial.
///
/// Scale x to [−1, 1] first: powers of large numbers hide each other.
///
/// # Shapes
/// `x`: N; `design`: N × k, any strides, not read.
///
/// # Accuracy
/// Relative error at most γⱼ₋₁, exact for j ≤ 1, barring over- and underflow. 0⁰ = 1.
///
/// # Errors
/// `Error::Length`; `Error::NotFinite`.
///
/// # Cost
/// Nk products.
///
/// # Source
/// Higham 2002, §22.1.
#[doc(alias = "vandermonde")]
pub fn polynomial_basis_into<T: Float>(x: &[T], design: MatMut<'_, T>) -> Result<(), Error> {
    check::same_len("design.rows", x.len(), design.rows())?;
    check::finite("x", x)?;
    let (cols, mut design) = (design.cols(), design);
    for (i, &x) in x.iter().enumerate() {
        let mut power = T::ONE;
        for j in 0..cols {
            let _ = design.set(i, j, power);
            power *= x;
        }
    }
    Ok(())
}

/// Ωⱼₖ = ∫φⱼ″φₖ″dx over ℝ = (√π/s³)(3/4 − 3v²/4 + v⁴/16)exp(−v²/4), v = (cⱼ − cₖ)/s: wᵀΩw = ∫(y″)²dx.
///
/// The penalty for [`GeneralizedRidge`]: it costs curvature of the fit, not size of the weights, and it grows as 1/s³
/// when the functions become narrower.
///
/// [`GeneralizedRidge`]: crate::curvature::GeneralizedRidge
///
/// # Shapes
/// `centers`: k; `omega`: k × k, any strides, not read; symmetric, bit for bit.
///
/// # Units
/// 1/length³ for centres and width in lengths.
///
/// # Accuracy
/// |Δ| ≤ 16(1 + v²)u(√π/s³)(3/4 + 3v²/4 + v⁴/16)exp(−v²/4), barring over- and underflow of s³: the polynomial has zeros.
/// Positive semi-definite within k times that of the diagonal, 3√π/4s³.
///
/// # Errors
/// `Error::Length`; `Error::NotFinite`; `Error::Range` for s not a positive normal number.
///
/// # Cost
/// k² exponentials.
///
/// # Source
/// Tikhonov, Arsenin 1977; the closed form is ours: the fourth derivative of the Gram matrix s√π exp(−v²/4).
///
/// # Example
/// ```
/// use teeter::{curvature::gaussian_bending_into, matrix::MatMut};
/// let mut omega = [f64::NAN; 1];
/// gaussian_bending_into(&[0.0], 0.5, MatMut::row_major(&mut omega, 1, 1)?)?;
/// assert_eq!(omega[0], 6.0 * std::f64::consts::PI.sqrt());
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "bending_energy")]
pub fn gaussian_bending_into<T: Float>(
    centers: &[T],
    width: T,
    omega: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("omega.rows", centers.len(), omega.rows())?;
    check::same_len("omega.cols", centers.len(), omega.cols())?;
    check_width(width)?;
    check::finite("centers", centers)?;
    let three_quarters = T::from_f64(0.75);
    let scale = T::PI.sqrt() / width / width / width;
    let mut omega = omega;
    for (j, &here) in centers.iter().enumerate() {
        for (k, &there) in centers.iter().enumerate() {
            let half = T::HALF * ((here - there) / width);
            let square = half * half;
            // With v = 2·half: v²/4 = half², v⁴/16 = half⁴.
            let shape = three_quarters + square * (square - (T::TWO + T::ONE));
            let _ = omega.set(j, k, scale * (shape * (-square).exp()));
        }
    }
    Ok(())
}

/// Ωⱼₖ = ∫(xʲ)″(xᵏ)″dx over [low, high] = j(j − 1)k(k − 1)(highᵐ − lowᵐ)/m, m = j + k − 3; 0 for j or k below 2.
///
/// Constant and slope are free: as α grows the fit becomes the straight line of least squares.
///
/// # Shapes
/// `[low, high]`, low < high; `omega`: k × k, any strides, not read; symmetric, bit for bit.
///
/// # Accuracy
/// |Δ| ≤ (m + 8)u·j(j − 1)k(k − 1)(|high|ᵐ + |low|ᵐ)/m, barring over- and underflow.
///
/// # Errors
/// `Error::Length` if `omega` is not square; `Error::Range` for an end that is not finite or high ≤ low.
///
/// # Cost
/// 4k³ flops.
///
/// # Source
/// Elementary.
pub fn polynomial_bending_into<T: Float>(
    [low, high]: [T; 2],
    omega: MatMut<'_, T>,
) -> Result<(), Error> {
    let k = omega.rows();
    check::same_len("omega.cols", k, omega.cols())?;
    let largest = T::MAX.to_f64();
    check::in_range("low", low, -largest, largest)?;
    check::in_range("high", high, low.to_f64(), largest)?;
    if high == low {
        let (found, low) = (high.to_f64(), low.to_f64());
        return Err(Error::Range { argument: "high", found, low, high: largest });
    }
    let mut omega = omega;
    for i in 0..k {
        for j in 0..k {
            let value = if i < 2 || j < 2 {
                T::ZERO
            } else {
                let m = i + j - 3;
                let [top, bottom] = powers([high, low], m);
                let factor = T::from_usize(i * (i - 1)) * T::from_usize(j * (j - 1));
                factor * ((top - bottom) / T::from_usize(m))
            };
            let _ = omega.set(i, j, value);
        }
    }
    Ok(())
}

fn powers<T: Float>([x, y]: [T; 2], m: usize) -> [T; 2] {
    let [mut a, mut b] = [T::ONE; 2];
    for _ in 0..m {
        (a, b) = (a * x, b * y);
    }
    [a, b]
}
