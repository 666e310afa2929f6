//! How far above the largest Ritz value of a random start the largest eigenvalue can lie.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::{Lanczos, lanczos_scratch_len, ritz_scratch_len, ritz_values};
use crate::operator::Symmetric;
use crate::random::{Stream, normals_into};
use crate::simd::Machine;

/// Halvings by which [`power_reach`] finds its root: as many as f64 has bits, and a few.
const HALVINGS: usize = 64;

/// The angle that a random direction of n dimensions has with any fixed one: its |cos| is at least this, but
/// for the chance `failure`: min(1, `failure`·√(π/2n)).
///
/// # Accuracy
/// A bound from below for uniform directions (normal numbers, normalized): |cos| < t has the chance
/// 2t·Γ(n/2)/(√π·Γ((n−1)/2)) at most for n ≥ 3, where the density falls, and Γ(x + ½) < √x·Γ(x)
/// (Wendel 1948); 2·asin(t)/π ≤ t for n = 2; for n = 1 the cosine is 1.
///
/// # Errors
/// `Error::Empty` for n = 0, `Error::Range` for a chance outside [0, 1].
pub fn likely_cosine(n: usize, failure: f64) -> Result<f64, Error> {
    check::not_empty("n", n)?;
    check::in_range("failure", failure, 0.0, 1.0)?;
    if n == 1 {
        return Ok(1.0);
    }
    Ok((failure * Float::sqrt(core::f64::consts::FRAC_PI_2 / n as f64)).min_of(1.0))
}

/// λ₁/θ, at most, for A positive semidefinite and θ the largest Ritz value of k steps of Lanczos from a start with
/// |cos| = c to the eigenvector of λ₁: cosh²(acosh(1/c)/(2k − 1)).
///
/// # Method
/// Let λ₁ = 1 and θ < 1 − ε = a. Then Σ(a − λᵢ)cᵢ²P(λᵢ)² > 0 for every polynomial P of degree below k, so
/// c₁²εP(1)² is less than (1 − c₁²) times the maximum of (a − x)P(x)² on [0, a]. With z = √(1 − x/a) and
/// zP = T₂ₖ₋₁(z) that maximum is a; at x = 1, z = i√(ε/a), and |T₂ₖ₋₁(z)| = sinh((2k − 1)·asinh|z|). What is left is
/// c₁·cosh((2k − 1)·atanh√ε) < 1.
///
/// # Accuracy
/// Sharp: some A attains it for each c. 1 for c ≥ 1; ∞ for c = 0, for NaN and for k = 0. Rounded: within 16u·k or so.
///
/// # Source
/// Kuczyński, Woźniakowski 1992, doi:10.1137/0613066, whose bound of the chance, 1.648·√n·exp(−√ε(2k − 1)),
/// this improves a little: with [`likely_cosine`] it is 1.596·√n·exp(−(2k − 1)·atanh√ε).
#[must_use]
pub fn lanczos_reach(steps: usize, cosine: f64) -> f64 {
    if steps == 0 {
        return f64::INFINITY;
    }
    let e = Float::exp(acosh(1.0 / cosine) / (2.0 * steps as f64 - 1.0));
    let cosh = 0.5 * (e + 1.0 / e);
    if cosh.is_nan() { f64::INFINITY } else { cosh * cosh }
}

/// 0 below 1, NaN for NaN.
fn acosh(x: f64) -> f64 {
    if x <= 1.0 { 0.0 } else { Float::ln(x + Float::sqrt(x - 1.0) * Float::sqrt(x + 1.0)) }
}

/// The same for power iteration: θ the Rayleigh quotient of Aᵏ⁻¹b.
///
/// # Method
/// As for [`lanczos_reach`], with P(x) = xᵐ⸍², m = 2k − 2, alone: the maximum of (a − x)xᵐ is
/// M = aᵐ⁺¹·mᵐ/(m + 1)ᵐ⁺¹, and what is left is c₁²(M + ε) < M. The root in ε by halving, from above.
///
/// # Source
/// Kuczyński, Woźniakowski 1992, §3.
#[must_use]
pub fn power_reach(steps: usize, cosine: f64) -> f64 {
    if steps == 0 || cosine <= 0.0 || cosine.is_nan() {
        return f64::INFINITY;
    }
    let m = 2.0 * steps as f64 - 2.0;
    let ratio = Float::exp(-m * Float::ln_1p(1.0 / m.max_of(1.0))) / (m + 1.0);
    let square = cosine * cosine;
    let fails = |epsilon: f64| {
        let most = Float::exp((m + 1.0) * Float::ln_1p(-epsilon)) * ratio;
        square * (most + epsilon) < most
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if fails(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    1.0 / (1.0 - high)
}

/// Steps of Lanczos after which [`lanczos_reach`] is at most `reach`, more than 1.
///
/// # Errors
/// `Error::Range` for a reach of 1 or less, or a cosine outside (0, 1].
pub fn lanczos_steps_for(reach: f64, cosine: f64) -> Result<usize, Error> {
    let least = 1.0 + f64::EPSILON;
    check::in_range("reach", reach, least, f64::INFINITY)?;
    check::in_range("cosine", cosine, f64::MIN_POSITIVE, 1.0)?;
    let steps = 0.5 * (acosh(1.0 / cosine) / acosh(Float::sqrt(reach)) + 1.0);
    Ok((libm::ceil(steps) as usize).max(1))
}

/// What is known of the least eigenvalue, before any product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Floor<T> {
    /// It is at least this: 0 for a positive semidefinite A.
    AtLeast(T),
    /// Nothing: it is bounded as the largest is, with half of the chance each.
    Unknown,
}

/// The largest eigenvalue between two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct LargestBound<T> {
    /// The largest Ritz value: λ₁ is no less.
    pub lower: T,
    /// λ₁ is no more, but for the chance `failure`; ∞ if the steps were too few to say.
    pub upper: T,
    /// 2/upper, or ∞ if no eigenvalue is positive: any smaller rate is below the edge of stability, 2/λ₁,
    /// with the same chance.
    pub learning_rate: T,
    /// The chance over starts that `upper` is too small.
    pub failure: f64,
    /// Products used.
    pub products: usize,
}

impl<T: Float> LargestBound<T> {
    /// From a process whose start was uniformly random: normal numbers that A has no part in.
    ///
    /// # Shapes
    /// `scratch`: at least 5k, k = `lanczos.steps()`.
    ///
    /// # Method
    /// With r = [`lanczos_reach`] (k, [`likely_cosine`] (n, failure)), s ≤ λ₁ − λₙ and A − s·I positive semidefinite:
    /// λ₁ ≤ s + (θ₁ − s)·r where s is given. Where it is not, both ends err by at most (1 − 1/r)(λ₁ − λₙ), but
    /// for half of the chance each, so λ₁ − λₙ ≤ (θ₁ − θₖ)/(2/r − 1), and λ₁ ≤ θ₁ + (1 − 1/r)(λ₁ − λₙ).
    ///
    /// # Accuracy
    /// Holds in exact arithmetic; the process errs by `k·n·u·‖A‖` or so. Nothing is assumed of gaps or of other
    /// eigenvalues. One look: a bound that is looked at after every step, and kept when it pleases, has a larger
    /// chance to fail (the sum over the looks).
    ///
    /// # Errors
    /// `Error::Range` for a chance outside [0, 1] or a floor that is not finite, `Error::Short`.
    pub fn of(
        lanczos: &Lanczos<'_, T>,
        floor: Floor<T>,
        failure: f64,
        scratch: &mut [T],
    ) -> Result<Self, Error> {
        let (n, k) = (lanczos.basis()?.rows(), lanczos.steps());
        let chance = if floor == Floor::Unknown { 0.5 * failure } else { failure };
        check::in_range("failure", failure, 0.0, 1.0)?;
        if let Floor::AtLeast(floor) = floor {
            check::in_range("floor", floor, f64::MIN, f64::MAX)?;
        }
        check::at_least("scratch", largest_bound_scratch_len(k), scratch.len())?;
        let mut scratch = scratch;
        let values = check::take(&mut scratch, k)?;
        let weights = check::take(&mut scratch, k)?;
        let residuals = check::take(&mut scratch, k)?;
        ritz_values(lanczos, values, weights, residuals, scratch)?;
        let nothing = T::NAN;
        let lower = values.last().copied().unwrap_or(nothing);
        let least = values.first().copied().unwrap_or(nothing);
        let reach = lanczos_reach(k, likely_cosine(n, chance)?);
        let upper = match floor {
            Floor::AtLeast(floor) => floor + (lower - floor) * T::from_f64(reach),
            Floor::Unknown if reach < 2.0 => {
                let missed = 1.0 - 1.0 / reach;
                lower + (lower - least) * T::from_f64(missed / (1.0 - 2.0 * missed))
            }
            Floor::Unknown => T::INFINITY,
        };
        // Where nothing was seen yet, or the floor is not one, there is no bound.
        let upper = if upper >= lower { upper } else { T::INFINITY };
        let learning_rate = if upper > T::ZERO { T::TWO / upper } else { T::INFINITY };
        Ok(Self { lower, upper, learning_rate, failure, products: k })
    }
}

/// Elements of scratch that [`LargestBound::of`] needs.
#[must_use]
pub const fn largest_bound_scratch_len(steps: usize) -> usize {
    steps.saturating_mul(3).saturating_add(ritz_scratch_len(steps))
}

/// What [`largest_eigenvalue_bound`] spends, and how sure it is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LargestBoundOptions<T> {
    /// Products, at least 1; n suffice.
    pub steps: usize,
    /// What is known of the least eigenvalue.
    pub floor: Floor<T>,
    /// The chance that the bound may be too small.
    pub failure: f64,
    /// Seed of the random start: independent of the operator.
    pub seed: u64,
}

/// Elements of scratch that [`largest_eigenvalue_bound`] needs.
#[must_use]
pub const fn largest_eigenvalue_bound_scratch_len(n: usize, steps: usize) -> usize {
    let k = if steps < n { steps } else { n };
    n.saturating_add(lanczos_scratch_len(n, k)).saturating_add(largest_bound_scratch_len(k))
}

/// λ₁ from above with a stated chance to fail: a learning rate below the edge of stability, 2/λ₁.
///
/// Use it before a run, and wherever a rate that is too large costs more than some products do. Along a run
/// [`extremal_eigenpair`](crate::krylov::extremal_eigenpair) with the last vector as its start is cheaper,
/// and bounds nothing.
///
/// # Shapes
/// `scratch`: at least [`largest_eigenvalue_bound_scratch_len`] (n, `steps`).
///
/// # Method
/// [`Lanczos`] from normal numbers, `steps` products, then [`LargestBound::of`].
///
/// # Accuracy
/// See [`LargestBound::of`]: λ₁ > upper for no more than the share `failure` of all seeds, whatever A is. With
/// n = 10⁴, a floor and a chance of 0.001 the bound is 1.8 times the Ritz value after 8 products, 1.1 times after 20, 1.01
/// times after 61 ([`lanczos_steps_for`]). Multiplying A and the floor by 2ᵏ multiplies both bounds by 2ᵏ
/// exactly, barring over- and underflow. The same bits on every machine.
///
/// # Errors
/// `Error::Empty`, `Error::Range`, `Error::Short` for arguments that do not fit; `Error::NotFinite` for a product that
/// is not finite; what the operator returns.
///
/// # Cost
/// At most min(`steps`, n) products; 8nk² flops beside them.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::Diagonal};
/// let options = LargestBoundOptions { steps: 3, floor: Floor::AtLeast(0.0), failure: 1e-3, seed: 1 };
/// let mut scratch = [0.0; largest_eigenvalue_bound_scratch_len(4, 3)];
/// let a = [1.0, 7.0, 3.0, 5.0];
/// let bound = largest_eigenvalue_bound(
///     Machine::detect(), &mut Diagonal::new(&a), &options, &mut scratch,
/// )?;
/// assert!(bound.lower <= 7.0 && 7.0 <= bound.upper && bound.learning_rate <= 2.0 / 7.0);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn largest_eigenvalue_bound<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &LargestBoundOptions<T>,
    scratch: &mut [T],
) -> Result<LargestBound<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::in_range("steps", options.steps as f64, 1.0, f64::INFINITY)?;
    check::in_range("failure", options.failure, 0.0, 1.0)?;
    let needed = largest_eigenvalue_bound_scratch_len(n, options.steps);
    check::at_least("scratch", needed, scratch.len())?;
    let steps = options.steps.min(n);
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let memory = check::take(&mut scratch, lanczos_scratch_len(n, steps))?;
    normals_into(Stream::new(options.seed, 0), product);
    let mut lanczos = Lanczos::new(machine, product, steps, memory)?;
    while let Some(q) = lanczos.wants() {
        operator.apply(q, product)?;
        lanczos.push(product)?;
    }
    LargestBound::of(&lanczos, options.floor, options.failure, scratch)
}
