//! SAM's kin that differ in what they do with both gradients: GSAM and LookSAM.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::pass::{Body, Pass, finite_norm, not_negative, unit_of};
use crate::simd::{Machine, Simd};
use crate::vector;

/// Constants of GSAM: SAM that shrinks the surrogate gap f(w + ρg/‖g‖) − f(w) besides.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::Gsam;
/// let (here, mut there) = ([1.0, 1.0], [2.0, 0.0]);
/// Gsam { alpha: 0.5 }.combine(Machine::detect(), &here, &mut there)?;
/// assert_eq!(there, [2.0, -0.5]); // (0, 1) is orthogonal
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gsam<T> {
    /// α ≥ 0: how much of the orthogonal part is taken away.
    pub alpha: T,
}

impl<T: Float> Gsam<T> {
    /// gₚ ← gₚ − αg⊥, g⊥ = g − (⟨g, gₚ⟩/‖gₚ‖²)gₚ: the direction to take the step with.
    ///
    /// g at w, gₚ at the point where [`Sam::perturb`](crate::optim::Sam::perturb) led, on the same
    /// batch; moving along g⊥ leaves the perturbed loss as it is to first order, and raises the loss
    /// at w, so that the gap between both shrinks.
    ///
    /// # Shapes
    /// `gradient`, `perturbed`: n.
    ///
    /// # Method
    /// gₚ is scaled by a power of two while products are summed, so that none over- or underflows.
    /// α = 0 is SAM; gₚ = g, which is ρ = 0, leaves it; both to the bit. gₚ = 0 has no
    /// orthogonal part and stays 0.
    ///
    /// # Accuracy
    /// g⊥ is orthogonal to gₚ within 2(h + 3)u‖g‖‖gₚ‖, h the terms of `vector::dot`; four
    /// roundings per element of the result. The same bits on every machine. Scaling both gradients by
    /// 2ᵏ scales the result exactly, barring over- and underflow.
    ///
    /// # Errors
    /// `Error::Range` for α out of range and for norms that overflow; `Error::Length`;
    /// `Error::NotFinite`. `perturbed` is untouched then.
    ///
    /// # Cost
    /// 14n flops, 8n reads, 2n writes.
    ///
    /// # Source
    /// Zhuang et al. 2022, arXiv:2203.08065, algorithm 1.
    pub fn combine(
        &self,
        machine: Machine,
        gradient: &[T],
        perturbed: &mut [T],
    ) -> Result<(), Error> {
        not_negative("alpha", self.alpha)?;
        check::same_len("perturbed", gradient.len(), perturbed.len())?;
        bounded_norm(machine, "gradient", gradient)?;
        let norm = bounded_norm(machine, "perturbed", perturbed)?;
        if self.alpha == T::ZERO || norm == T::ZERO {
            return Ok(());
        }
        let (unit, inverse_unit) = unit_of(norm);
        vector::scale(machine, inverse_unit, perturbed);
        let share = share(machine, gradient, perturbed)?;
        let body = Gap { share, unit, alpha: self.alpha };
        let write = [perturbed, &mut [], &mut [], &mut []];
        machine.run(Pass::<_, _, 1, 1> { body, read: [gradient, &[]], write });
        Ok(())
    }
}

/// A norm that is a number, not only of finite elements.
fn bounded_norm<T: Float>(machine: Machine, argument: &'static str, x: &[T]) -> Result<T, Error> {
    let norm = finite_norm(machine, argument, x)?;
    check::in_range(argument, norm, 0.0, T::MAX.to_f64())?;
    Ok(norm)
}

/// ⟨x, y⟩/⟨y, y⟩ for y of length about 1.
fn share<T: Float>(machine: Machine, x: &[T], y: &[T]) -> Result<T, Error> {
    // Both products in one order, so that x = y·2ᵏ gives 2ᵏ exactly.
    Ok(vector::dot(machine, x, y)? / vector::dot(machine, y, y)?)
}

struct Gap<T> {
    share: T,
    unit: T,
    alpha: T,
}

impl<T: Float> Body<T> for Gap<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, none]: [S::V; 2],
        [p, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let orthogonal = simd.sub(g, simd.mul(simd.splat(self.share), p));
        let whole = simd.mul(simd.splat(self.unit), p);
        let combined = simd.sub(whole, simd.mul(simd.splat(self.alpha), orthogonal));
        ([combined, none, none, none], simd.splat(T::ZERO))
    }
}

/// Constants of LookSAM: SAM's second gradient every `interval` steps, and its sideways part kept
/// in between.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::{LookSam, LookSamState};
/// let (machine, look_sam) = (Machine::detect(), LookSam { interval: 2, alpha: 0.5 });
/// let mut sideways = [0.0; 2];
/// let mut state = LookSamState::new(&mut sideways);
///
/// assert!(look_sam.is_due(&state)); // perturb, and step with the gradient there
/// look_sam.keep(machine, &[2.0, 0.0], &[2.0, 1.0], &mut state)?;
/// let mut gradient = [0.0, 4.0]; // the next step: one gradient only
/// look_sam.reuse(machine, &mut state, &mut gradient)?;
/// assert_eq!(gradient, [0.0, 6.0]); // 4 + 0.5·4 along (0, 1)
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookSam<T> {
    /// k ≥ 1: every so many steps SAM's gradient is computed.
    pub interval: u64,
    /// α ≥ 0: length of the part kept, relative to the gradient.
    pub alpha: T,
}

/// What LookSAM remembers.
#[derive(Debug)]
pub struct LookSamState<'a, T> {
    /// gᵥ: the part of SAM's last gradient that is orthogonal to the gradient, n.
    pub sideways: &'a mut [T],
    /// Steps taken.
    pub steps: u64,
}

impl<'a, T: Float> LookSamState<'a, T> {
    /// The state before the first step: fills gᵥ with zeros.
    ///
    /// # Shapes
    /// `sideways`: n; each use checks.
    pub fn new(sideways: &'a mut [T]) -> Self {
        sideways.fill(T::ZERO);
        Self { sideways, steps: 0 }
    }
}

impl<T: Float> LookSam<T> {
    /// Whether this step needs SAM's gradient: then [`LookSam::keep`], else [`LookSam::reuse`].
    #[must_use]
    pub fn is_due(&self, state: &LookSamState<'_, T>) -> bool {
        state.steps.checked_rem(self.interval).is_none_or(|rest| rest == 0)
    }

    /// gᵥ ← gₛ − (⟨gₛ, g⟩/‖g‖²)g, and counts the step, to be taken with gₛ.
    ///
    /// # Shapes
    /// `gradient` (g), `perturbed` (gₛ), `state.sideways`: n.
    ///
    /// # Accuracy
    /// gᵥ is orthogonal to g within 2(h + 3)u‖g‖‖gₛ‖, h the terms of `vector::dot`. The same
    /// bits on every machine. gₛ = g, which is ρ = 0, gives zeros exactly; g = 0 too, for all is
    /// along it.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range and for norms that overflow; `Error::Length`;
    /// `Error::NotFinite`; `Error::State` if [`LookSam::reuse`] is due. The state is untouched then.
    ///
    /// # Cost
    /// 12n flops, 9n reads, 3n writes.
    ///
    /// # Source
    /// Liu et al. 2022, arXiv:2203.02714, algorithm 1.
    pub fn keep(
        &self,
        machine: Machine,
        gradient: &[T],
        perturbed: &[T],
        state: &mut LookSamState<'_, T>,
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("perturbed", gradient.len(), perturbed.len())?;
        check::same_len("sideways", gradient.len(), state.sideways.len())?;
        if !self.is_due(state) {
            return Err(Error::State { expected: "reuse" });
        }
        let norm = bounded_norm(machine, "gradient", gradient)?;
        bounded_norm(machine, "perturbed", perturbed)?;
        state.steps = state.steps.saturating_add(1);
        if norm == T::ZERO {
            state.sideways.fill(T::ZERO);
            return Ok(());
        }
        vector::copy(gradient, state.sideways)?;
        vector::scale(machine, unit_of(norm).1, state.sideways);
        let share = share(machine, perturbed, state.sideways)?;
        let write = [&mut *state.sideways, &mut [], &mut [], &mut []];
        let body = Sideways { share };
        machine.run(Pass::<_, _, 1, 1> { body, read: [perturbed, &[]], write });
        Ok(())
    }

    /// g ← g + α(‖g‖/‖gᵥ‖)gᵥ, and counts the step, to be taken with it.
    ///
    /// # Shapes
    /// `gradient`, `state.sideways`: n.
    ///
    /// # Accuracy
    /// Two roundings per element beside those of α‖g‖/‖gᵥ‖, (h + 4)u with h as in
    /// `vector::norm2`. The same bits on every machine. α = 0, g = 0 and gᵥ = 0 leave g, to the bit.
    ///
    /// # Errors
    /// As [`LookSam::keep`]; `Error::State` if that is due. Nothing is written then.
    ///
    /// # Cost
    /// 6n flops, 4n reads, n writes.
    ///
    /// # Source
    /// Liu et al. 2022, arXiv:2203.02714, algorithm 1.
    pub fn reuse(
        &self,
        machine: Machine,
        state: &mut LookSamState<'_, T>,
        gradient: &mut [T],
    ) -> Result<(), Error> {
        self.check()?;
        check::same_len("sideways", gradient.len(), state.sideways.len())?;
        if self.is_due(state) {
            return Err(Error::State { expected: "keep" });
        }
        let norm = bounded_norm(machine, "gradient", gradient)?;
        let sideways = bounded_norm(machine, "sideways", state.sideways)?;
        state.steps = state.steps.saturating_add(1);
        if self.alpha == T::ZERO || sideways == T::ZERO || norm == T::ZERO {
            return Ok(());
        }
        let write = [gradient, &mut [], &mut [], &mut []];
        let body = Along { by: self.alpha * norm, sideways };
        machine.run(Pass::<_, _, 1, 1> { body, read: [&*state.sideways, &[]], write });
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        not_negative("alpha", self.alpha)?;
        let found = self.interval as f64;
        if self.interval == 0 {
            return Err(Error::Range {
                argument: "interval",
                found,
                low: 1.0,
                high: u64::MAX as f64,
            });
        }
        Ok(())
    }
}

struct Sideways<T> {
    share: T,
}

impl<T: Float> Body<T> for Sideways<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [p, none]: [S::V; 2],
        [g, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let along = simd.mul(simd.splat(self.share), g);
        ([simd.sub(p, along), none, none, none], simd.splat(T::ZERO))
    }
}

struct Along<T> {
    by: T,
    sideways: T,
}

impl<T: Float> Body<T> for Along<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [kept, none]: [S::V; 2],
        [g, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        // The quotient is at most 1 in size.
        let unit = simd.div(kept, simd.splat(self.sideways));
        let more = simd.mul(simd.splat(self.by), unit);
        ([simd.add(g, more), none, none, none], simd.splat(T::ZERO))
    }
}
