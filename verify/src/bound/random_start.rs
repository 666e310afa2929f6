//! Bounds of what a random start can hide.

use statrs::distribution::{Beta, ContinuousCDF};
use teeter::Float;

use super::{eigen, gamma_f64, lanczos, lanczos_orthogonality};

/// The chance that a uniform direction of n ≥ 2 dimensions has |cos| < t with a fixed one: cos² is Beta(½, (n − 1)/2).
///
/// # Panics
/// For n < 2.
#[must_use]
pub fn chance_of_cosine_below(n: usize, t: f64) -> f64 {
    let square = Beta::new(0.5, (n as f64 - 1.0) / 2.0).expect("two positive shapes");
    square.cdf(t * t)
}

/// Events of this chance among so many runs: more than these have a chance below 10⁻⁹ (Bernstein: exp(−t²/2(μ + t/3)), μ
/// the mean).
#[must_use]
pub fn events(chance: f64, runs: usize) -> f64 {
    let (mean, depth) = (chance * runs as f64, 1e9_f64.ln());
    // t² − 2t·depth/3 − 2·mean·depth = 0
    mean + depth / 3.0 + (depth * depth / 9.0 + 2.0 * mean * depth).sqrt()
}

/// The largest Ritz value of k steps, over ‖A‖_F, as a function of the start's |cos| = c to an eigenvector: the process errs by
/// √k steps' error E, which moves c by E at most; ε = tanh²(acosh(1/c)/(2k − 1)) has |dε/d ln c| ≤ 1 for c ≤ ½
/// (2·tanh·sech² ≤ 0.77, √(1 − c²) ≥ 0.86).
#[must_use]
pub fn ritz_of_cosine<T: Float>(n: usize, k: usize, cosine: f64) -> f64 {
    let step = (k as f64).sqrt() * lanczos::<T>(n, k, lanczos_orthogonality::<T>(n, k));
    step * (1.0 + 1.0 / cosine) + eigen::<T>(k)
}

/// cosh²(y), y = acosh(1/c)/(2k − 1), relative, for c ≤ 0.9: x = 1/c + √… carries 4 roundings, which acosh turns into at most
/// 2.3·4u, and ln and the quotient add 3u of y; exp and the sum add 3u more, the square doubles all and rounds
/// once: (2·(9.2 + 3y + 3) + 1)u.
#[must_use]
pub fn reach(steps: usize, cosine: f64) -> f64 {
    let y = (1.0 / cosine).acosh() / (2 * steps - 1) as f64;
    26.0 * (1.0 + y) * gamma_f64::<f64>(1)
}
