//! How wide an interval must be.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// Halvings of the bracket: a bracket of width 2⁷⁰ shrinks below one unit in the last place.
const HALVINGS: usize = 140;

/// t such that a Student variable with `freedom` degrees lies in [−t, t] with chance
/// `confidence`; the standard normal's for `freedom` above 10⁶.
///
/// # Method
/// The distribution function by its finite series in θ = atan(t/√ν) (Abramowitz & Stegun 26.7.3,
/// 26.7.4) for ν ≤ 200, by the normal's with Peizer and Pratt's argument beyond; inverted by bisection.
///
/// # Accuracy
/// Chance within 1e-4 of `confidence`, everywhere below confidence 1 − 1e-6; within 1e-12 for
/// ν ≤ 200. Computed in f64, so the same bits on every target.
///
/// # Errors
/// `Error::Range` unless 0 < confidence < 1; `Error::Empty` for no degree of freedom.
///
/// # Cost
/// 140 evaluations of the distribution function, ν/2 terms each at most.
///
/// # Source
/// Abramowitz, Stegun 1964, *Handbook of Mathematical Functions*, 26.7.
pub fn student_t_quantile<T: Float>(confidence: T, freedom: usize) -> Result<T, Error> {
    check::in_range("confidence", confidence, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
    check::not_empty("freedom", freedom)?;
    let target = confidence.to_f64();
    let (mut low, mut high) = (0.0_f64, 1.180_591_620_717_411_3e21);
    for _ in 0..HALVINGS {
        // The middle of the exponents first, then of the numbers: t spans many decades.
        let middle = if high > 16.0 * low + 1.0 {
            (low + 1e-9) * libm::sqrt(high / (low + 1e-9))
        } else {
            0.5 * (low + high)
        };
        if central_probability(middle, freedom) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(T::from_f64(0.5 * (low + high)))
}

/// P(|T| ≤ t) for ν degrees of freedom.
fn central_probability(t: f64, freedom: usize) -> f64 {
    // The largest count of a 32-bit machine and any above stand for the normal distribution, so that
    // `usize::MAX` means the same everywhere.
    let nu = if freedom >= u32::MAX as usize { f64::INFINITY } else { freedom as f64 };
    if freedom > 200 {
        // Normal with the argument corrected to first order in 1/ν (Abramowitz & Stegun 26.7.8).
        let z = t * (1.0 - 0.25 / nu) / libm::sqrt(1.0 + t * t / (2.0 * nu));
        return libm::erf(z / core::f64::consts::SQRT_2);
    }
    let theta = libm::atan2(t, libm::sqrt(nu));
    let (sine, cosine) = (libm::sin(theta), libm::cos(theta));
    let square = cosine * cosine;
    let (mut term, mut sum) = if freedom % 2 == 1 { (cosine, 0.0) } else { (1.0, 0.0) };
    // ν odd: cos + 2/3 cos³ + …, (ν − 1)/2 terms; ν even: 1 + 1/2 cos² + …, ν/2 terms.
    let mut divisor = if freedom % 2 == 1 { 1.0 } else { 0.0 };
    for _ in 0..freedom / 2 {
        sum += term;
        divisor += 2.0;
        term *= square * (divisor - 1.0) / divisor;
    }
    if freedom % 2 == 1 { core::f64::consts::FRAC_2_PI * (theta + sine * sum) } else { sine * sum }
}
