//! G-TRACER: descent on L + ρ Tr(G⁻¹H), the trace of the curvature in the metric G.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::pass::{Body, Pass, finite_norm, not_negative};
use crate::random::{Stream, signs_into};
use crate::simd::{Elementwise, Machine, Operation, Simd, apply};

/// Constants of G-TRACER with a diagonal metric.
///
/// It makes the gradient g + ρ∇Tr(P⁻¹H); any optimizer takes the step with it ([`crate::optim::Sgd`]
/// for SGD-TRACER, [`crate::optim::Adam`] for Adam-TRACER). P is the damped metric
///
/// ```text
/// G ← (1 − β)G + βF      M ← max(M, G)      P = G + damping·M       element by element
/// ```
///
/// # Method
/// **A reconstruction, ours**: the paper's abstract and the talk give the objective and the
/// update of G; the estimator, the damping and all constants were not available to us. The
/// first F is taken whole. G is held constant within a step: the gradient is that of
/// Σ Hᵢᵢ/Pᵢ with P frozen.
///
/// What is invariant: under w → Dw with D diagonal, the same in every step, F = g⊙g and
/// with it G, M and P go to D⁻²P, so that probes, trace and penalty transform as they must;
/// for D made of powers of two exactly. Damping by εI would break this, for then Pᵢ + ε does
/// not transform, and so would √v in place of G (Adam's). Not invariant: rotations, since
/// G is diagonal. Scaling the loss by c scales an empirical F by c² and Tr(P⁻¹H) by 1/c.
///
/// Where Pᵢ = 0 no gradient was ever seen; Pᵢ⁻¹ counts as 0 there, which is invariant too. M
/// keeps P from vanishing with the gradient near a minimum, which G alone does.
///
/// Tr(P⁻¹H) may be negative where H is indefinite, and then the penalty rewards it.
///
/// # Source
/// Williams, Roberts 2023, arXiv:2306.13914, for L + ρ Tr(G⁻¹H).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tracer<T> {
    /// ρ ≥ 0: weight of the penalty, in units of loss.
    pub rho: T,
    /// β in [0, 1]: how much of G each F replaces.
    pub beta: T,
    /// Part of the largest Gᵢ ever that is added to Gᵢ; ≥ 0, dimensionless.
    pub damping: T,
}

/// What G-TRACER remembers.
#[derive(Debug)]
pub struct TracerState<'a, T> {
    /// G: n, none negative.
    pub metric: &'a mut [T],
    /// M: n, the largest G so far, element by element.
    pub peak: &'a mut [T],
    /// Updates of G so far.
    pub updates: u64,
}

impl<'a, T: Float> TracerState<'a, T> {
    /// The state before the first update: fills G and M with zeros.
    ///
    /// # Shapes
    /// `metric`, `peak`: n, that of the parameters; each use checks.
    pub fn new(metric: &'a mut [T], peak: &'a mut [T]) -> Self {
        metric.fill(T::ZERO);
        peak.fill(T::ZERO);
        Self { metric, peak, updates: 0 }
    }
}

impl<T: Float> Tracer<T> {
    /// All constants in range.
    pub(super) fn check(&self) -> Result<(), Error> {
        not_negative("rho", self.rho)?;
        check::in_range("beta", self.beta, 0.0, 1.0)?;
        not_negative("damping", self.damping)
    }

    /// G ← (1 − β)G + βF with F the caller's diagonal of a Fisher matrix; the first F whole.
    ///
    /// # Shapes
    /// `fisher`, those of `state`: n.
    ///
    /// # Accuracy
    /// Three roundings per element. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range or a negative element of `fisher`;
    /// `Error::Length` if lengths differ; `Error::NotFinite`. The state is untouched then.
    ///
    /// # Cost
    /// 4n flops, 5n reads, 2n writes.
    pub fn update_metric(
        &self,
        machine: Machine,
        fisher: &[T],
        state: &mut TracerState<'_, T>,
    ) -> Result<(), Error> {
        check::finite("fisher", fisher)?;
        if let Some(negative) = fisher.iter().find(|&&value| value < T::ZERO) {
            let (found, high) = (negative.to_f64(), T::MAX.to_f64());
            return Err(Error::Range { argument: "fisher", found, low: 0.0, high });
        }
        self.renew(machine, fisher, Source::Fisher, state)
    }

    /// G ← (1 − β)G + β g⊙g: the same with the square of one gradient, the roughest Fisher.
    ///
    /// # Shapes
    /// `gradient`, those of `state`: n.
    ///
    /// # Accuracy
    /// Four roundings per element, barring underflow of g². The same bits on every machine.
    ///
    /// # Errors
    /// As [`Tracer::update_metric`]; besides `Error::Range` if ‖g‖² overflows.
    ///
    /// # Cost
    /// 5n flops, 4n reads, 2n writes.
    pub fn update_metric_from_gradient(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut TracerState<'_, T>,
    ) -> Result<(), Error> {
        let norm = finite_norm(machine, "gradient", gradient)?;
        check::in_range("gradient", norm, 0.0, T::MAX.sqrt().to_f64())?;
        self.renew(machine, gradient, Source::Gradient, state)
    }

    fn renew(
        &self,
        machine: Machine,
        values: &[T],
        source: Source,
        state: &mut TracerState<'_, T>,
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("metric", values.len(), state.metric.len())?;
        check::same_len("peak", values.len(), state.peak.len())?;
        let beta = if state.updates == 0 { T::ONE } else { self.beta };
        let write = [&mut *state.metric, &mut *state.peak, &mut [], &mut []];
        let body = Renew { beta, source };
        machine.run(Pass::<_, _, 1, 2> { body, read: [values, &[]], write });
        state.updates = state.updates.saturating_add(1);
        Ok(())
    }

    /// z ← P^−½ z: makes of random signs a probe u with E uuᵀ = P⁻¹.
    ///
    /// # Shapes
    /// `z`, those of `state`: n.
    ///
    /// # Accuracy
    /// Relative error at most 2.5u per element: P, its root (which halves), the quotient. 0
    /// where P is 0. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::Length`; `z` is untouched then.
    ///
    /// # Cost
    /// 2n flops, n roots, n divisions, 3n reads, n writes.
    pub fn whiten(
        &self,
        machine: Machine,
        state: &TracerState<'_, T>,
        z: &mut [T],
    ) -> Result<(), Error> {
        self.divide(machine, state, Power::Half, z)
    }

    /// x ← P⁻¹ x: makes of the gradient the natural one, the direction of [`Tracer::rank_one`].
    ///
    /// # Shapes
    /// `x`, those of `state`: n.
    ///
    /// # Accuracy
    /// Relative error at most 3u per element. 0 where P is 0. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::Length`; `x` is untouched then.
    ///
    /// # Cost
    /// 2n flops, n divisions, 3n reads, n writes.
    pub fn precondition(
        &self,
        machine: Machine,
        state: &TracerState<'_, T>,
        x: &mut [T],
    ) -> Result<(), Error> {
        self.divide(machine, state, Power::One, x)
    }

    /// u ← P^−½ z with z the signs of `stream`: [`Tracer::whiten`] of them.
    ///
    /// # Shapes
    /// `probe`, those of `state`: n.
    ///
    /// # Accuracy
    /// That of [`Tracer::whiten`]; the same probe on every target.
    ///
    /// # Errors
    /// As [`Tracer::whiten`]; the contents of `probe` mean nothing then.
    ///
    /// # Cost
    /// That of [`Tracer::whiten`] and of the signs.
    pub fn probe_into(
        &self,
        machine: Machine,
        stream: Stream,
        state: &TracerState<'_, T>,
        probe: &mut [T],
    ) -> Result<(), Error> {
        signs_into(stream, probe);
        self.whiten(machine, state, probe)
    }

    /// penalty ← g + ρ·penalty: the gradient to take the step with. For ρ = 0 it is g, to the bit.
    ///
    /// # Shapes
    /// `gradient`, `penalty`: n.
    ///
    /// # Accuracy
    /// Two roundings per element. The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range; `Error::Length`; `penalty` is untouched
    /// then. Elements that are not finite go through, and the step refuses them.
    ///
    /// # Cost
    /// 2n flops, 2n reads, n writes.
    pub fn regularize(
        &self,
        machine: Machine,
        gradient: &[T],
        penalty: &mut [T],
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("penalty", gradient.len(), penalty.len())?;
        if self.rho == T::ZERO {
            return crate::vector::copy(gradient, penalty);
        }
        machine.run(Regularize { rho: self.rho, gradient, penalty });
        Ok(())
    }

    fn divide(
        &self,
        machine: Machine,
        state: &TracerState<'_, T>,
        power: Power,
        x: &mut [T],
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("metric", x.len(), state.metric.len())?;
        check::same_len("peak", x.len(), state.peak.len())?;
        let read = [&*state.metric, &*state.peak];
        let body = Divide { damping: self.damping, power };
        machine.run(Pass::<_, _, 2, 1> { body, read, write: [x, &mut [], &mut [], &mut []] });
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Source {
    Fisher,
    Gradient,
}

struct Renew<T> {
    beta: T,
    source: Source,
}

impl<T: Float> Body<T> for Renew<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [value, _]: [S::V; 2],
        [metric, peak, none, _]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let fisher = match self.source {
            Source::Fisher => value,
            Source::Gradient => simd.mul(value, value),
        };
        let kept = simd.mul(simd.splat(T::ONE - self.beta), metric);
        let metric = simd.add(kept, simd.mul(simd.splat(self.beta), fisher));
        let peak = simd.select_less([peak, metric], metric, peak);
        ([metric, peak, none, none], simd.splat(T::ZERO))
    }
}

#[derive(Clone, Copy)]
enum Power {
    Half,
    One,
}

struct Divide<T> {
    damping: T,
    power: Power,
}

impl<T: Float> Body<T> for Divide<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [metric, peak]: [S::V; 2],
        [x, none, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let zero = simd.splat(T::ZERO);
        let damped = simd.add(metric, simd.mul(simd.splat(self.damping), peak));
        let divisor = match self.power {
            Power::Half => simd.sqrt(damped),
            Power::One => damped,
        };
        let quotient = simd.select_less([zero, damped], simd.div(x, divisor), zero);
        ([quotient, none, none, none], zero)
    }
}

struct Regularize<'a, T> {
    rho: T,
    gradient: &'a [T],
    penalty: &'a mut [T],
}

impl<T: Float> Operation<T> for Regularize<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        apply(simd, self.gradient, self.penalty, AddTo(self.rho));
    }
}

/// fl(gradient + fl(ρ·penalty))
#[derive(Clone, Copy)]
struct AddTo<T>(T);

impl<T: Float> Elementwise<T> for AddTo<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, gradient: S::V, penalty: S::V) -> S::V {
        simd.add(gradient, simd.mul(simd.splat(self.0), penalty))
    }
}
