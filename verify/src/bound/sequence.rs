//! Bounds of intervals that may be looked at at will.

use statrs::distribution::{Binomial, DiscreteCDF};
use teeter::Float;

/// Of so many independent runs that each fail with chance at most `chance`, more than this share fails with chance at most `failure`:
/// the tail of the binomial distribution, summed.
///
/// # Panics
/// Never: a chance is one.
#[must_use]
pub fn share(runs: u64, chance: f64, failure: f64) -> f64 {
    let law = Binomial::new(chance, runs).expect("a chance between 0 and 1");
    let most = (0..=runs).find(|&k| law.sf(k) <= failure).unwrap_or(runs);
    most as f64 / runs as f64
}

/// log of the martingale at its own solution: t is rounded once to the format, its square by 2u; then log(1 + t²/ν) and log(1 + t²/(νG)) move
/// by at most 2u each, times (ν + 1)/2, and by a few units of f64 of what is subtracted, which is log G + log 1/δ at most.
#[must_use]
pub fn martingale<T: Float>(freedom: f64, size: f64) -> f64 {
    let [unit, double] = [T::UNIT_ROUNDOFF, T::from_f64(f64::EPSILON)].map(Float::to_f64);
    (freedom + 1.0) * (2.0 * unit + 8.0 * double) + 16.0 * f64::EPSILON * size
}

/// Mean width at 32 products over that of an interval for a fixed number, at most: promised, no theorem.
pub const WIDTH: f64 = 2.0;
