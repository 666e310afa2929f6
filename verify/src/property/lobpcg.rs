//! LOBPCG on dense matrices: its answer in the form that [`thick_restart`](super::thick_restart) judges.

use teeter::krylov::{Eigenpair, LobpcgOptions, SpectrumEnd, lobpcg, lobpcg_scratch_len};
use teeter::matrix::MatRef;
use teeter::operator::{Dense, LinearOperator};
use teeter::{Error, Float, Machine};

use super::factor::wide;
use super::thick_restart::Answer;
use super::{Context, format_name};
use crate::bound;

/// The usual options for `count` pairs, within 3,000 products.
#[must_use]
pub fn options<T: Float>(end: SpectrumEnd, count: usize) -> LobpcgOptions<T> {
    let tolerance = T::EPSILON.sqrt();
    LobpcgOptions { end, count, starts: 0, tolerance, product_max: 3000, seed: 5 }
}

/// Pairs of a dense matrix, with a preconditioner, from `starts`.
///
/// # Errors
/// Those of the kernel.
pub fn solve<T: Float>(
    machine: Machine,
    a: &[T],
    inverse: &mut impl LinearOperator<T>,
    options: &LobpcgOptions<T>,
    starts: &[T],
) -> Result<Answer, Error> {
    let (n, count) = (a.len().isqrt(), options.count);
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let mut scratch = vec![T::NAN; lobpcg_scratch_len(n, count)];
    let mut vectors = vec![T::NAN; n * count];
    vectors[..starts.len()].clone_from_slice(starts);
    let mut pairs = vec![Eigenpair::unknown(); count];
    let found =
        lobpcg(machine, (&mut operator, inverse), options, &mut pairs, &mut vectors, &mut scratch)?;
    let dim = (3 * count).min(n);
    let defect = bound::lanczos_orthogonality::<T>(n, dim);
    let rounds = pairs[0].steps as f64;
    let pairs = pairs[..found].iter().map(|pair| Eigenpair {
        stop: pair.stop,
        value: pair.value.to_f64(),
        residual: pair.residual.to_f64(),
        lower: pair.lower.to_f64(),
        upper: pair.upper.to_f64(),
        products: pair.products,
        steps: pair.steps,
        orthogonality: pair.orthogonality.to_f64(),
    });
    Ok(Answer {
        n,
        pairs: pairs.collect(),
        vectors: wide(&vectors[..n * found]),
        context: Context { layer: "krylov", machine: machine.name(), format: format_name::<T>() },
        // Each round turns the basis, and rounds its products of at most `dim` terms; after 32 it is made anew.
        rounding: rounds.clamp(1.0, 32.0)
            * (bound::lanczos::<T>(n, dim, defect) + bound::eigen::<T>(dim)),
    })
}
