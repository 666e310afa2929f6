//! SAM's kin that differ in where they move: without the norm, and in the scale of each weight.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::displaced::Displaced;
use crate::optim::pass::{Body, Pass, finite_norm, not_negative};
use crate::optim::sam::Perturbed;
use crate::simd::{Machine, Simd};

/// SAM without the norm: the point w + ρg, whose edge on a quadratic is ηλ(1 + ρλ) = 2.
///
/// # Example
/// Descent on w² with the gradient taken at w + ρg.
/// ```
/// use teeter::Machine;
/// use teeter::optim::UnnormalizedSam;
/// let (mut params, mut saved) = ([1.0], [0.0]);
/// let sam = UnnormalizedSam { rho: 0.25 };
/// let perturbed = sam.perturb(Machine::detect(), &[2.0], &mut params, &mut saved)?;
/// assert_eq!(perturbed.params(), [1.5]);
/// perturbed.restore();
/// assert_eq!(params, [1.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "usam")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnnormalizedSam<T> {
    /// ρ ≥ 0, in units of params² per loss, as a learning rate.
    pub rho: T,
}

impl<T: Float> UnnormalizedSam<T> {
    /// Moves the parameters to w + ρg, until the answer is restored or dropped.
    ///
    /// Smooth where [`Sam`](crate::optim::Sam) jumps, at g = 0; the move shrinks with the gradient.
    ///
    /// # Shapes
    /// `gradient`, `params`, `saved`: n, as for [`Sam::perturb`](crate::optim::Sam::perturb).
    ///
    /// # Accuracy
    /// w + fl(ρgᵢ), rounded. The same bits on every machine. ρ = 0 moves nothing, to the bit.
    ///
    /// # Errors
    /// `Error::Range` for ρ NaN, infinite or negative; `Error::Length` if lengths differ;
    /// `Error::NotFinite`. Parameters are untouched then.
    ///
    /// # Cost
    /// 3n flops, n divisions by 1; 4n reads, 2n writes.
    ///
    /// # Source
    /// Andriushchenko, Flammarion 2022, arXiv:2206.06232; Agarwala, Dauphin 2023, arXiv:2302.08692.
    pub fn perturb<'a>(
        &self,
        machine: Machine,
        gradient: &[T],
        params: &'a mut [T],
        saved: &'a mut [T],
    ) -> Result<Perturbed<'a, T>, Error> {
        not_negative("rho", self.rho)?;
        check::same_len("gradient", params.len(), gradient.len())?;
        check::same_len("saved", params.len(), saved.len())?;
        let gradient_norm = finite_norm(machine, "gradient", gradient)?;
        let displaced = Displaced::to(machine, gradient, [self.rho, T::ONE], params, saved);
        Ok(Perturbed { displaced, gradient_norm })
    }
}

/// SAM in the scale of each weight: blind to rescalings that leave the network as it is.
///
/// # Example
/// One weight: the move is ρ of its size, whatever the gradient.
/// ```
/// use teeter::Machine;
/// use teeter::optim::Asam;
/// let (mut params, mut saved) = ([-8.0], [0.0]);
/// let asam = Asam { rho: 0.25, eta: 0.0 };
/// let perturbed = asam.perturb(Machine::detect(), &[3.0], &mut params, &mut saved)?;
/// assert_eq!(perturbed.params(), [-6.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asam<T> {
    /// ρ ≥ 0: how far to move, relative to the weights; some ten times SAM's.
    pub rho: T,
    /// η ≥ 0 added to each |wᵢ|, in units of the parameters; breaks the invariance unless it is 0.
    pub eta: T,
}

impl<T: Float> Asam<T> {
    /// Moves the parameters to w + ρ T²g/‖Tg‖, T = diag(|w| + η), until restored or dropped.
    ///
    /// # Shapes
    /// `gradient`, `params`, `saved`: n, as for [`Sam::perturb`](crate::optim::Sam::perturb).
    ///
    /// # Method
    /// Every element is scaled, also biases, which the authors' program leaves out. With η = 0,
    /// w → Dw and g → D⁻¹g take the move to D times itself, for D of powers of two to the bit,
    /// and ‖(move)/|w|‖ = ρ. A weight of 0 does not move then.
    ///
    /// # Accuracy
    /// Each element is w + fl(ρ·fl(t·fl(fl(t·g)/‖·‖))), t = fl(|w| + η); the length relative to t before
    /// the last rounding is ρ within (h/2 + 6)u, h as in `vector::norm2`. The same bits on every
    /// machine. ρ = 0 or Tg = 0 moves nothing, to the bit.
    ///
    /// # Errors
    /// `Error::Range` for a constant out of range and for Tg whose norm overflows; `Error::Length` if
    /// lengths differ; `Error::NotFinite` for a gradient or for products |wᵢ|gᵢ that are not finite
    /// (`params`). Parameters are untouched then.
    ///
    /// # Cost
    /// 11n flops, n divisions; 9n reads, 3n writes.
    ///
    /// # Source
    /// Kwon, Kim, Park, Choi 2021, arXiv:2102.11600, algorithm 1.
    pub fn perturb<'a>(
        &self,
        machine: Machine,
        gradient: &[T],
        params: &'a mut [T],
        saved: &'a mut [T],
    ) -> Result<Perturbed<'a, T>, Error> {
        not_negative("rho", self.rho)?;
        not_negative("eta", self.eta)?;
        check::same_len("gradient", params.len(), gradient.len())?;
        check::same_len("saved", params.len(), saved.len())?;
        let gradient_norm = finite_norm(machine, "gradient", gradient)?;
        let write = [&mut *saved, &mut [], &mut [], &mut []];
        let body = Scaled { eta: self.eta };
        machine.run(Pass::<_, _, 2, 1> { body, read: [gradient, params], write });
        let norm = finite_norm(machine, "params", saved)?;
        check::in_range("gradient", norm, 0.0, T::MAX.to_f64())?;
        let moves = norm != T::ZERO && self.rho != T::ZERO;
        let rho = if moves { self.rho } else { T::ZERO };
        let body = Move { rho, norm: if moves { norm } else { T::ONE }, eta: self.eta };
        let write = [&mut *params, &mut *saved, &mut [], &mut []];
        machine.run(Pass::<_, _, 1, 2> { body, read: [gradient, &[]], write });
        let mut displaced = Displaced::holding(params, saved);
        if !moves {
            // Adding 0 makes +0 of −0.
            displaced.bring_back();
        }
        Ok(Perturbed { displaced, gradient_norm })
    }
}

/// (|w| + η)g
struct Scaled<T> {
    eta: T,
}

impl<T: Float> Body<T> for Scaled<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, w]: [S::V; 2],
        [_, none, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let scale = simd.add(simd.abs(w), simd.splat(self.eta));
        ([simd.mul(scale, g), none, none, none], simd.splat(T::ZERO))
    }
}

/// Keeps w in the second array and moves the first.
struct Move<T> {
    rho: T,
    norm: T,
    eta: T,
}

impl<T: Float> Body<T> for Move<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, none]: [S::V; 2],
        [w, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let scale = simd.add(simd.abs(w), simd.splat(self.eta));
        // The quotient is at most 1 in size, so no product here over- or underflows early.
        let unit = simd.div(simd.mul(scale, g), simd.splat(self.norm));
        let step = simd.mul(simd.splat(self.rho), simd.mul(scale, unit));
        ([simd.add(w, step), w, none, none], simd.splat(T::ZERO))
    }
}
