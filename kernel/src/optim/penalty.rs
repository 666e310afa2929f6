//! The gradient of a trace from differences of gradients: no third derivative needed.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::Tracer;
use crate::optim::displaced::Displaced;
use crate::optim::pass::{Body, Pass, finite_norm};
use crate::simd::{Machine, Simd};
use crate::vector;

/// Where a penalty is measured from, along what, and how far off.
#[derive(Clone, Copy, Debug)]
pub struct Displacement<'a, T> {
    /// g at the parameters: n.
    pub gradient: &'a [T],
    /// The direction: n; u = P^−½z for [`Tracer::ahead`], P⁻¹g for [`Tracer::rank_one`], z itself for
    /// [`TracePenalty::ahead`](crate::optim::TracePenalty::ahead).
    pub direction: &'a [T],
    /// h = ‖ε·direction‖ > 0, the length of the displacement, in units of the parameters;
    /// [`second_difference_distance`] and [`first_difference_distance`] propose one.
    pub distance: T,
}

/// A penalty's gradient and value.
#[derive(Debug)]
pub struct Penalty<'s, T> {
    /// Its gradient, in the scratch that was lent; average it over probes with `axpy`.
    pub gradient: &'s mut [T],
    /// Its value: uᵀHu, whose mean over probes is Tr(P⁻¹H); or gᵀP⁻¹g.
    pub value: T,
}

/// Elements of scratch that [`Tracer::ahead`] and [`Tracer::rank_one`] need: 2n.
#[must_use]
pub const fn tracer_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

impl<T: Float> Tracer<T> {
    /// Moves the parameters to w + εu, the first of two points: the penalty along one probe.
    ///
    /// Then compute the gradient at [`Ahead::params`] and give it to [`Ahead::gradient`];
    /// do the same once more with the [`Behind`] it returns, and the penalty is there.
    ///
    /// # Shapes
    /// Those of `from`, `params`: n. `scratch`: [`tracer_scratch_len`]`(n)`.
    ///
    /// # Method
    /// [g(w + εu) − 2g(w) + g(w − εu)]/ε² is the gradient of uᵀHu, and with u = P^−½z its
    /// mean over signs z that of Tr(P⁻¹H). ε = `distance`/‖u‖. A probe of zeros moves
    /// nothing, and its penalty is zero.
    ///
    /// # Accuracy
    /// Exact for a loss of third degree up to rounding: 4u‖g‖/ε² and what the gradient itself
    /// carries. Else the truncation is ε²/12 of the fifth derivative, applied to u four
    /// times. All noise of the gradient is divided by ε²: use the same batch for all three.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range, a distance that is not positive, or an
    /// infinite ‖u‖; `Error::Length`, `Error::Short`; `Error::NotFinite`. Parameters are
    /// untouched then.
    ///
    /// # Cost
    /// Two gradients of the caller's; about 20n flops, 2n divisions.
    ///
    /// # Source
    /// Ours; Hutchinson 1990 for the probe.
    ///
    /// # Example
    /// The loss w⁴/4 at w = 1, in the metric P = 1: H = 3w², ∇H = 6w.
    /// ```
    /// use teeter::Machine;
    /// use teeter::optim::{Displacement, Tracer};
    /// let tracer = Tracer { rho: 0.5, beta: 1.0, damping: 0.0 };
    /// let loss_gradient = |w: &[f64]| [w[0] * w[0] * w[0]];
    /// let (mut params, mut scratch) = ([1.0], [0.0; 2]);
    /// let gradient = loss_gradient(&params);
    /// let from = Displacement { gradient: &gradient, direction: &[1.0], distance: 0.125 };
    ///
    /// let ahead = tracer.ahead(Machine::detect(), from, &mut params, &mut scratch)?;
    /// let there = loss_gradient(ahead.params());
    /// let behind = ahead.gradient(&there)?;
    /// let there = loss_gradient(behind.params());
    /// let penalty = behind.gradient(&there)?;
    /// assert_eq!(penalty.gradient, [6.0]);
    /// assert_eq!(params, [1.0]);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn ahead<'p, 's>(
        &self,
        machine: Machine,
        from: Displacement<'p, T>,
        params: &'p mut [T],
        scratch: &'s mut [T],
    ) -> Result<Ahead<'p, 's, T>, Error>
    where
        's: 'p,
    {
        self.check()?;
        move_ahead(machine, from, params, scratch)
    }

    /// Moves the parameters to w + εd, d = P⁻¹g: the penalty gᵀP⁻¹g, with one gradient more.
    ///
    /// The Hessian replaced by ggᵀ: cheaper than [`Tracer::ahead`] and free of chance, but
    /// it vanishes where g does, while the trace does not.
    ///
    /// # Shapes
    /// Those of `from`, `params`: n. `scratch`: [`tracer_scratch_len`]`(n)`.
    ///
    /// # Method
    /// The gradient of gᵀP⁻¹g with P frozen is 2Hd ≈ (2/ε)[g(w + εd) − g(w)], ε =
    /// `distance`/‖d‖. With P = ‖g‖I it is twice the gradient of ‖g‖ that SAM follows: the
    /// frozen P makes the factor, and ρ/2 here is ρ there.
    ///
    /// # Accuracy
    /// Exact on a quadratic up to rounding: 2u(‖g‖ + ‖H‖‖w‖)/ε. Else the truncation is ε times
    /// the third derivative applied to d twice.
    ///
    /// # Errors
    /// As [`Tracer::ahead`].
    ///
    /// # Cost
    /// One gradient of the caller's; about 9n flops, n divisions.
    ///
    /// # Source
    /// Ours.
    pub fn rank_one<'p, 's>(
        &self,
        machine: Machine,
        from: Displacement<'p, T>,
        params: &'p mut [T],
        scratch: &'s mut [T],
    ) -> Result<RankOne<'p, 's, T>, Error>
    where
        's: 'p,
    {
        self.ahead(machine, from, params, scratch).map(|ahead| RankOne(ahead.0))
    }
}

/// Checks all arguments and moves the parameters to the first of two points.
pub(super) fn move_ahead<'p, 's, T: Float>(
    machine: Machine,
    from: Displacement<'p, T>,
    params: &'p mut [T],
    scratch: &'s mut [T],
) -> Result<Ahead<'p, 's, T>, Error>
where
    's: 'p,
{
    let n = params.len();
    check::in_range("distance", from.distance, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
    check::same_len("gradient", n, from.gradient.len())?;
    check::same_len("direction", n, from.direction.len())?;
    check::at_least("scratch", tracer_scratch_len(n), scratch.len())?;
    finite_norm(machine, "gradient", from.gradient)?;
    let norm = finite_norm(machine, "direction", from.direction)?;
    check::in_range("direction", norm, 0.0, T::MAX.to_f64())?;
    let mut rest = scratch;
    let saved = check::take(&mut rest, n)?;
    let sum = check::take(&mut rest, n)?;
    let by = [from.distance, norm];
    let displaced = Displaced::to(machine, from.direction, by, params, saved);
    Ok(Ahead(Pair { machine, displaced, from, norm, sum }))
}

/// What the points of a difference share.
#[derive(Debug)]
struct Pair<'p, 's, T: Float> {
    machine: Machine,
    displaced: Displaced<'p, T>,
    from: Displacement<'p, T>,
    norm: T,
    /// The differences of gradients so far; their memory outlives the displacement.
    sum: &'s mut [T],
}

impl<T: Float> Pair<'_, '_, T> {
    fn admit(&self, gradient: &[T]) -> Result<(), Error> {
        check::same_len("gradient", self.sum.len(), gradient.len())?;
        finite_norm(self.machine, "gradient", gradient).map(|_| ())
    }

    /// sum ← keep·sum + (there − g). Taken apart, neighbors are subtracted without error.
    fn add(&mut self, keep: T, there: &[T]) {
        let here = self.from.gradient;
        let (read, write) = ([there, here], [&mut *self.sum, &mut [], &mut [], &mut []]);
        self.machine.run(Pass::<_, _, 2, 1> { body: Difference { keep }, read, write });
    }

    /// 1/ε; 0 if nothing was moved.
    fn inverse_epsilon(&self) -> T {
        self.norm / self.from.distance
    }
}

/// Parameters at w + εu: the first point of [`Tracer::ahead`]. Dropping it restores w.
#[derive(Debug)]
#[must_use = "compute the gradient at `params()` and give it to `gradient()`"]
pub struct Ahead<'p, 's, T: Float>(Pair<'p, 's, T>);

impl<'p, 's, T: Float> Ahead<'p, 's, T> {
    /// The point at which to compute the gradient.
    #[must_use]
    pub fn params(&self) -> &[T] {
        self.0.displaced.params()
    }

    /// Takes the gradient at w + εu and moves the parameters to w − εu.
    ///
    /// # Errors
    /// `Error::Length`, `Error::NotFinite`; the parameters are restored then.
    pub fn gradient(self, gradient: &[T]) -> Result<Behind<'p, 's, T>, Error> {
        let Self(mut pair) = self;
        pair.admit(gradient)?;
        pair.sum.fill(T::ZERO);
        pair.add(T::ZERO, gradient);
        let slope = vector::dot(pair.machine, pair.from.direction, pair.sum)?;
        pair.displaced.again(pair.machine, pair.from.direction, [-pair.from.distance, pair.norm]);
        Ok(Behind { pair, slope })
    }
}

/// Parameters at w − εu: the second point of [`Tracer::ahead`]. Dropping it restores w.
#[derive(Debug)]
#[must_use = "compute the gradient at `params()` and give it to `gradient()`"]
pub struct Behind<'p, 's, T: Float> {
    pair: Pair<'p, 's, T>,
    /// uᵀ[g(w + εu) − g(w)].
    slope: T,
}

impl<'s, T: Float> Behind<'_, 's, T> {
    /// The point at which to compute the gradient.
    #[must_use]
    pub fn params(&self) -> &[T] {
        self.pair.displaced.params()
    }

    /// Takes the gradient at w − εu, restores w, and gives the penalty uᵀHu with its gradient.
    ///
    /// # Errors
    /// `Error::Length`, `Error::NotFinite`; the parameters are restored then.
    pub fn gradient(self, gradient: &[T]) -> Result<Penalty<'s, T>, Error> {
        let Self { mut pair, slope } = self;
        pair.admit(gradient)?;
        pair.add(T::ONE, gradient);
        // uᵀ(g₊ − g₋) = 2uᵀ(g₊ − g) − uᵀ(g₊ − 2g + g₋), the last term the smaller by ε.
        let bend = vector::dot(pair.machine, pair.from.direction, pair.sum)?;
        let inverse = pair.inverse_epsilon();
        let value = (slope - T::HALF * bend) * inverse;
        let Pair { machine, sum, .. } = pair;
        // Twice, since 1/ε² may overflow where the penalty does not.
        vector::scale(machine, inverse, sum);
        vector::scale(machine, inverse, sum);
        Ok(Penalty { gradient: sum, value })
    }
}

/// Parameters at w + εd: the one point of [`Tracer::rank_one`]. Dropping it restores w.
#[derive(Debug)]
#[must_use = "compute the gradient at `params()` and give it to `gradient()`"]
pub struct RankOne<'p, 's, T: Float>(Pair<'p, 's, T>);

impl<'s, T: Float> RankOne<'_, 's, T> {
    /// The point at which to compute the gradient.
    #[must_use]
    pub fn params(&self) -> &[T] {
        self.0.displaced.params()
    }

    /// Takes the gradient at w + εd, restores w, and gives gᵀd with the gradient 2Hd.
    ///
    /// # Errors
    /// `Error::Length`, `Error::NotFinite`; the parameters are restored then.
    pub fn gradient(self, gradient: &[T]) -> Result<Penalty<'s, T>, Error> {
        let Self(mut pair) = self;
        pair.admit(gradient)?;
        pair.sum.fill(T::ZERO);
        pair.add(T::ZERO, gradient);
        let value = vector::dot(pair.machine, pair.from.gradient, pair.from.direction)?;
        let inverse = pair.inverse_epsilon();
        let Pair { machine, sum, .. } = pair;
        vector::scale(machine, T::TWO * inverse, sum);
        Ok(Penalty { gradient: sum, value })
    }
}

struct Difference<T> {
    keep: T,
}

impl<T: Float> Body<T> for Difference<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [there, here]: [S::V; 2],
        [sum, none, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let kept = simd.mul(simd.splat(self.keep), sum);
        let sum = simd.add(kept, simd.sub(there, here));
        ([sum, none, none, none], simd.splat(T::ZERO))
    }
}

/// h for [`Tracer::ahead`]: (48u)^¼ ‖w‖, which balances truncation and rounding.
///
/// # Method
/// For a gradient that changes on the length ℓ, truncation is (h/ℓ)²/12 and rounding
/// 4u(ℓ/h)², relative; they meet at h⁴ = 48uℓ⁴. ℓ = ‖w‖ is a guess, scale-free but no more: a
/// caller who knows ℓ gives (48u)^¼ℓ: 2.7e−4 ℓ in f64, 0.041 ℓ in f32.
///
/// # Accuracy
/// Four roundings. What it leads to: about 1.2√u relative to g/ℓ², if the guess holds.
///
/// # Errors
/// `Error::ZeroVector` for w = 0, which has no scale; `Error::NotFinite`.
pub fn second_difference_distance<T: Float>(machine: Machine, params: &[T]) -> Result<T, Error> {
    let forty_eight = T::from_f64(48.0);
    scaled_distance(machine, (forty_eight * T::UNIT_ROUNDOFF).sqrt().sqrt(), params)
}

/// h for [`Tracer::rank_one`]: 2√u ‖w‖, which balances truncation and rounding.
///
/// # Method
/// Truncation is h/(2ℓ), rounding 2uℓ/h, relative; they meet at h² = 4uℓ². ℓ = ‖w‖ is a guess.
///
/// # Accuracy
/// Three roundings. What it leads to: about 2√u relative to g/ℓ, if the guess holds.
///
/// # Errors
/// `Error::ZeroVector` for w = 0, which has no scale; `Error::NotFinite`.
pub fn first_difference_distance<T: Float>(machine: Machine, params: &[T]) -> Result<T, Error> {
    scaled_distance(machine, T::TWO * T::UNIT_ROUNDOFF.sqrt(), params)
}

fn scaled_distance<T: Float>(machine: Machine, by: T, params: &[T]) -> Result<T, Error> {
    let norm = finite_norm(machine, "params", params)?;
    if norm == T::ZERO {
        return Err(Error::ZeroVector { argument: "params" });
    }
    Ok(by * norm)
}
