//! Stochastic quadrature of a matrix, run to its end, for whoever reads off it.

use teeter::matrix::MatRef;
use teeter::operator::Dense;
use teeter::random::Stream;
use teeter::trace::{
    Probe, Slq, SlqOptions, SpectrumBounds, quadrature_scratch_len, stochastic_lanczos_quadrature,
    stochastic_lanczos_quadrature_scratch_len,
};
use teeter::{Float, Machine};

/// Signs, from a stream of that seed.
#[must_use]
pub fn options(probes: usize, steps: usize, seed: u64) -> SlqOptions {
    SlqOptions { probe: Probe::Rademacher, probes, steps, stream: Stream::new(2026, seed) }
}

/// All products with a row-major matrix, then whatever `read` reads off, with scratch for a rule.
///
/// # Panics
/// If the options do not fit the matrix.
pub fn with<T: Float, R>(
    machine: Machine,
    a: &[T],
    options: &SlqOptions,
    read: impl FnOnce(&Slq<'_, T>, &mut [T]) -> R,
) -> R {
    const FITS: &str = "options that fit a square matrix";
    let n = a.len().isqrt();
    let len = stochastic_lanczos_quadrature_scratch_len(n, options.probes, options.steps);
    let mut scratch = vec![T::NAN; len];
    let matrix = MatRef::row_major(a, n, n).expect(FITS);
    let mut operator = Dense::new(machine, matrix).expect(FITS);
    let slq =
        stochastic_lanczos_quadrature(machine, &mut operator, options, &mut scratch).expect(FITS);
    read(&slq, &mut vec![T::NAN; quadrature_scratch_len(options.steps)])
}

/// Of a spectrum that nothing is known of but that it begins at `floor`.
#[must_use]
pub fn known(floor: f64) -> SpectrumBounds<f64> {
    SpectrumBounds { floor, ceiling: f64::INFINITY }
}
