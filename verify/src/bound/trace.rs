//! Bounds of intervals of traces.

use statrs::distribution::{ContinuousCDF, Normal};
use teeter::Float;

/// Shares of intervals that hold the trace at this confidence, lowest and highest allowed: what the project promises of
/// its intervals, no theorem. 93.5 to 97 % where 95 % are asked for, 98 to 99.7 % for 99 %; 2,000 runs leave a standard
/// deviation of 0.5 and 0.22 % at the confidence itself. Fixed seeds: the shares are the same in every run.
#[must_use]
pub fn coverage(confidence: f64) -> [f64; 2] {
    if confidence < 0.97 { [0.935, 0.97] } else { [0.98, 0.997] }
}

/// Mean width of an interval over that of one that knows the variance, at most: promised likewise.
pub const WIDTH: f64 = 1.3;

/// q such that a standard normal number lies in [−q, q] with this chance.
#[must_use]
pub fn normal_quantile(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

/// Satterthwaite's degrees of freedom of the mean of these squared lengths and one more whose squared deviation is half the mean's,
/// rounded down, where rounding allows one number or two: 2F²/Var(F).
#[must_use]
pub fn freedom<T: Float>(squares: &[f64]) -> [usize; 2] {
    let m = squares.len() as f64;
    let mean = squares.iter().sum::<f64>() / m;
    let scatter: f64 = squares.iter().map(|x| (x - mean).powi(2)).sum::<f64>() + mean * mean / 2.0;
    let freedom = 2.0 * mean * mean / (scatter / m / m);
    // Σx²/(Σx)² is a running sum: m·u of it; its difference from 1/m is magnified by what is left of it.
    let error = 16.0 * m * T::UNIT_ROUNDOFF.to_f64() * (1.0 + freedom / 2.0);
    [(freedom * (1.0 - error)) as usize, (freedom * (1.0 + error)) as usize]
}

/// A sum of m squares by m norms of two numbers, relative and squared: each norm within 4u, and what comes before is
/// carried on; the norms of the products and the quotient at the end are within as much again.
#[must_use]
pub fn root_of_squares<T: Float>(count: usize) -> f64 {
    2.0 * (4 * count + 16) as f64 * T::UNIT_ROUNDOFF.to_f64()
}

/// The largest median of |estimate − trace|/|trace| at 32 products allowed the estimator advised: the best of five methods
/// that a survey of released code measured at 32 or 33 products on spectra of these names, n = 300 (Lanczos with deflated
/// Hutchinson, Hutch++). A promise, no theorem. Where it has none, the peers of the same run are the measure: of
/// an indefinite spectrum the error relative to a trace near 0 says as much about the trace.
#[must_use]
pub fn accuracy(spectrum: &str) -> f64 {
    match spectrum {
        "1/i" => 0.0081,
        "rank 5 and bulk" => 0.00018,
        "network" => 0.00034,
        _ => f64::MAX,
    }
}
