//! The loop over LOBPCG.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::lobpcg::check_options;
use crate::krylov::{Eigenpair, Lobpcg, LobpcgOptions, LobpcgWants, lobpcg_machine_scratch_len};
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::{Machine, pieces_mut};
use crate::vector;

/// Elements of scratch that [`lobpcg`] needs: n more than [`lobpcg_machine_scratch_len`].
#[must_use]
pub const fn lobpcg_scratch_len(n: usize, count: usize) -> usize {
    lobpcg_machine_scratch_len(n, count).saturating_add(n)
}

/// Eigenpairs of A at one end of its spectrum by LOBPCG, with a preconditioner; into the memory of the last ones.
///
/// # Shapes
/// `operators`: A and M⁻¹, n × n both; without a preconditioner [`Identity`](crate::operator::Identity). `vectors`: n for each of
/// `options.count`, one after another: the starts on entry, the unit eigenvectors on return. `pairs`: as many, the outermost
/// first. `scratch`: at least [`lobpcg_scratch_len`] (n, `options.count`).
///
/// # Method
/// [`Lobpcg`] to its end.
///
/// # Accuracy
/// That of [`Lobpcg`]. Where fewer than all were found (n is less, or the budget), the rest of `pairs` has NaN values and
/// `Stop::LimitReached`, and their vectors are as they were.
///
/// # Errors
/// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::Range` for arguments that do not fit, and nothing is changed then;
/// `Error::NotFinite` for a start, a product or a preconditioned vector that is not finite; what the operators return. `pairs` and `vectors`
/// hold what was found before the call that failed.
///
/// # Cost
/// At most `product_max` products with A, no more with M⁻¹; see [`Lobpcg`].
///
/// # Source
/// Knyazev 2001, doi:10.1137/S1064827500366124.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::{Diagonal, Identity}};
/// let options = LobpcgOptions {
///     end: SpectrumEnd::Largest, count: 2, starts: 0, tolerance: 1e-9, product_max: 60, seed: 1,
/// };
/// let (mut vectors, mut scratch) = ([0.0; 8], [0.0; lobpcg_scratch_len(4, 2)]);
/// let mut pairs = [Eigenpair::unknown(); 2];
/// let mut hessian = Diagonal::new(&[1.0, -7.0, 3.0, 5.0]);
/// lobpcg(
///     Machine::detect(), (&mut hessian, &mut Identity::new(4)), &options, &mut pairs, &mut vectors,
///     &mut scratch,
/// )?;
/// assert!((pairs[0].value - 5.0_f64).abs() < 1e-12 && (pairs[1].value - 3.0).abs() < 1e-12);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn lobpcg<T: Float>(
    machine: Machine,
    operators: (&mut impl Symmetric<T>, &mut impl LinearOperator<T>),
    options: &LobpcgOptions<T>,
    pairs: &mut [Eigenpair<T>],
    vectors: &mut [T],
    scratch: &mut [T],
) -> Result<usize, Error> {
    let (operator, preconditioner) = operators;
    let n = operator.dim();
    check_options(n, options)?;
    check::same_len("preconditioner", n, preconditioner.dim())?;
    check::same_len("pairs", options.count, pairs.len())?;
    check::same_len("vectors", n.saturating_mul(options.count), vectors.len())?;
    check::at_least("scratch", lobpcg_scratch_len(n, options.count), scratch.len())?;
    let mut scratch = scratch;
    let answer = check::take(&mut scratch, n)?;
    let starts = vectors.get(..n * options.starts).unwrap_or(&[]);
    let mut process = Lobpcg::new(machine, n, options, starts, scratch)?;
    let mut done = Ok(());
    while let Some(wanted) = process.wants() {
        done = match wanted {
            LobpcgWants::Product(x) => operator.apply(x, answer),
            LobpcgWants::Preconditioned(x) => preconditioner.apply(x, answer),
        };
        done = done.and_then(|()| process.push(answer));
        if done.is_err() {
            break;
        }
    }
    // After a failure too: what was found is given back.
    pairs.fill(Eigenpair { products: process.products(), ..Eigenpair::unknown() });
    for (index, (pair, vector)) in pairs.iter_mut().zip(pieces_mut(vectors, n)).enumerate() {
        let (Some(found), Some(unit)) = (process.pair(index), process.vector(index)) else { break };
        vector::copy(unit, vector)?;
        *pair = found;
    }
    done.map(|()| process.found())
}
