//! Several extremal eigenpairs: the loop over the thick restart.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::krylov::{
    Completeness, Eigenpair, ThickRestart, ThickRestartOptions, thick_restart_scratch_len,
};
use crate::operator::Symmetric;
use crate::simd::{Machine, pieces_mut};
use crate::vector;

/// What [`extremal_eigenpairs`] looks for and may spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EigenpairsOptions<T> {
    /// The pairs wanted, and the memory for them.
    pub search: ThickRestartOptions<T>,
    /// Vectors at the front of `vectors` to start from; 0 for random ones.
    pub starts: usize,
}

/// Elements of scratch that [`extremal_eigenpairs`] needs.
#[must_use]
pub const fn extremal_eigenpairs_scratch_len(n: usize, krylov_dim: usize) -> usize {
    thick_restart_scratch_len(n, krylov_dim).saturating_add(n)
}

/// Eigenpairs of A at one end of its spectrum or at both, by thick-restart Lanczos; how many.
///
/// Give the eigenvectors of a nearby operator as starts (the last ones of a training run), and
/// a few products suffice.
///
/// # Shapes
/// `pairs`: as many as `options.search.count`, the most wanted first. `vectors`: n for each, one after
/// another: the starts on entry, the unit eigenvectors on return. `scratch`: at least
/// [`extremal_eigenpairs_scratch_len`] (n, `krylov_dim`).
///
/// # Method
/// [`ThickRestart`] to its end.
///
/// # Accuracy
/// An eigenvalue lies in [lower, upper] of each pair (up to the product's own rounding), and k
/// orthonormal vectors with residuals r have k eigenvalues, copies counted, within √k·max r of theirs.
/// Without a gap that is all products say; with one, see [`gap_enclosure`]. Copies of a multiple
/// eigenvalue are found up to `block`, and all of them if the subspace closes (`Stop::Invariant`)
/// within the budget. A residual that is not `checked`, or whose product was not in the budget, is that of the small problem.
/// Multiplying A by 2ᵏ multiplies values and residuals by 2ᵏ exactly, barring over- and
/// underflow. The same bits on every machine.
///
/// Where fewer than all were found (n is less, or the budget), the rest of `pairs` has NaN values and
/// `Stop::LimitReached`, and their vectors are as they were.
///
/// # Errors
/// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::Range` for arguments that do not fit, and
/// nothing is changed then; `Error::NotFinite` for a start or a product that is not finite; what
/// the operator returns. `pairs` and `vectors` hold what was found before the product that failed.
///
/// # Cost
/// At most `product_max` products; see [`ThickRestart`].
///
/// # Source
/// Wu, Simon 2000, doi:10.1137/S0895479898334605; Parlett 1998, §11.5 for the enclosures.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::Diagonal};
/// let search = ThickRestartOptions {
///     count: 2, limit: None, which: Which::BothEnds, krylov_dim: 4, block: 1, tolerance: 1e-10,
///     checked: 2, product_max: 40, seed: 1,
/// };
/// let options = EigenpairsOptions { search, starts: 0 };
/// let (mut scratch, mut vectors) = ([0.0; extremal_eigenpairs_scratch_len(4, 4)], [0.0; 8]);
/// let mut pairs = [Eigenpair::unknown(); 2];
/// extremal_eigenpairs(
///     Machine::detect(), &mut Diagonal::new(&[1.0, -7.0, 3.0, 5.0]), &options, &mut pairs,
///     &mut vectors, &mut scratch,
/// )?;
/// assert!((pairs[0].value - 5.0_f64).abs() < 1e-13 && (pairs[1].value + 7.0).abs() < 1e-13);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn extremal_eigenpairs<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &EigenpairsOptions<T>,
    pairs: &mut [Eigenpair<T>],
    vectors: &mut [T],
    scratch: &mut [T],
) -> Result<usize, Error> {
    search(machine, operator, options, pairs, vectors, scratch).map(|(found, _)| found)
}

/// All eigenpairs beyond a limit, their number unknown: how many, and whether these are all.
///
/// Lend memory for one more than is expected: then `Completeness::All` says that none is left out, and
/// `Completeness::MemoryFull` that more memory is needed.
///
/// # Shapes
/// As [`extremal_eigenpairs`]; `options.search.count` is the number of pairs that there is room for.
///
/// # Method
/// [`ThickRestart`] with `options.search.limit`: all Ritz values beyond the limit have to converge, and the next one, within
/// it, to converge or to be within by more than its residual.
///
/// # Accuracy
/// As [`extremal_eigenpairs`] for what is found. That nothing else is beyond the limit is as sure as
/// [`ThickRestart`] has it for random starts: copies of a multiple eigenvalue are counted up to `block`, all of
/// them if the subspace closes.
///
/// # Errors
/// As [`extremal_eigenpairs`]; `Error::Range` also for a limit that is not finite or not there.
///
/// # Cost
/// At most `product_max` products; see [`ThickRestart`].
///
/// # Source
/// As [`ThickRestart`].
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::Diagonal};
/// let search = ThickRestartOptions {
///     count: 3, limit: Some(4.0), which: Which::LargestAlgebraic, krylov_dim: 5, block: 1,
///     tolerance: 1e-10, checked: 3, product_max: 40, seed: 1,
/// };
/// let options = EigenpairsOptions { search, starts: 0 };
/// let (mut scratch, mut vectors) = ([0.0; extremal_eigenpairs_scratch_len(5, 5)], [0.0; 15]);
/// let mut pairs = [Eigenpair::unknown(); 3];
/// let found = eigenpairs_beyond(
///     Machine::detect(), &mut Diagonal::new(&[1.0, -7.0, 3.0, 5.0, 4.5]), &options, &mut pairs,
///     &mut vectors, &mut scratch,
/// )?;
/// assert_eq!(found, (2, Completeness::All));
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn eigenpairs_beyond<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &EigenpairsOptions<T>,
    pairs: &mut [Eigenpair<T>],
    vectors: &mut [T],
    scratch: &mut [T],
) -> Result<(usize, Completeness), Error> {
    let limit = options.search.limit.unwrap_or(T::NAN);
    check::in_range("limit", limit, f64::MIN, f64::MAX)?;
    search(machine, operator, options, pairs, vectors, scratch)
}

fn search<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &EigenpairsOptions<T>,
    pairs: &mut [Eigenpair<T>],
    vectors: &mut [T],
    scratch: &mut [T],
) -> Result<(usize, Completeness), Error> {
    let (n, count) = (operator.dim(), options.search.count);
    check::not_empty("operator", n)?;
    check::same_len("pairs", count, pairs.len())?;
    check::same_len("vectors", n.saturating_mul(count), vectors.len())?;
    check::in_range("starts", T::from_usize(options.starts), 0.0, count as f64)?;
    let needed = extremal_eigenpairs_scratch_len(n, options.search.krylov_dim);
    check::at_least("scratch", needed, scratch.len())?;

    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let starts = vectors.get(..n * options.starts).unwrap_or(&[]);
    let mut process = ThickRestart::new(machine, n, &options.search, starts, scratch)?;
    let outcome = run(&mut process, operator, product);
    // After a failure too: what was found is given back.
    process.conclude()?;
    pairs.fill(Eigenpair { products: process.products(), ..Eigenpair::unknown() });
    for (index, (pair, vector)) in pairs.iter_mut().zip(pieces_mut(vectors, n)).enumerate() {
        let (Some(found), Some(unit)) = (process.pair(index), process.vector(index)) else { break };
        vector::copy(unit, vector)?;
        *pair = found;
    }
    outcome?;
    Ok((process.found(), process.completeness()))
}

/// Products, until the process wants none.
fn run<T: Float>(
    process: &mut ThickRestart<'_, T>,
    operator: &mut impl Symmetric<T>,
    product: &mut [T],
) -> Result<(), Error> {
    while let Some(q) = process.wants() {
        operator.apply(q, product)?;
        process.push(product)?;
    }
    Ok(())
}

impl<T: Float> Eigenpair<T> {
    /// The pair of which nothing is known: a value to fill memory with.
    #[must_use]
    pub const fn unknown() -> Self {
        Self {
            stop: Stop::LimitReached,
            value: T::NAN,
            residual: T::NAN,
            lower: T::NAN,
            upper: T::NAN,
            products: 0,
            steps: 0,
            orthogonality: T::NAN,
        }
    }
}

/// The enclosure [lower, upper] of a pair, narrowed by what is known of the other eigenvalues:
///
/// ```text
/// θ − r²/(above − θ)  ≤  λ  ≤  θ + r²/(θ − below)
/// ```
///
/// if (below, above) has θ in it and just one eigenvalue, λ. For the largest, `above` may be ∞, and
/// `below` any bound of the second from above; the smallest likewise.
///
/// # Accuracy
/// Up to the rounding of θ and r. Where (below, above) does not have θ in it, or is NaN, the
/// enclosure is as it was. Scales exactly by powers of two.
///
/// # Source
/// Kato 1949, Temple 1928: Parlett 1998, §10.5 and §11.7.
pub fn gap_enclosure<T: Float>(pair: &Eigenpair<T>, below: T, above: T) -> (T, T) {
    let (theta, r) = (pair.value, pair.residual);
    if !(below < theta && theta < above) {
        return (pair.lower, pair.upper);
    }
    let lower = theta - r * (r / (above - theta));
    let upper = theta + r * (r / (theta - below));
    (
        if lower > pair.lower { lower } else { pair.lower },
        if upper < pair.upper { upper } else { pair.upper },
    )
}
