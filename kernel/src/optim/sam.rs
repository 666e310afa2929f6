//! Sharpness-aware minimization: the gradient of the worst neighbor, to first order.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::displaced::Displaced;
use crate::optim::pass::{finite_norm, not_negative};
use crate::simd::Machine;

/// Constants of SAM: it moves, and whichever optimizer the caller likes takes the step.
///
/// # Example
/// Gradient descent on ½w² with SAM: the gradient at w + ρ is w + ρ.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Momentum, Sam, Sgd, SgdState};
/// let machine = Machine::detect();
/// let sgd = Sgd { learning_rate: 0.5, momentum: Momentum::None, weight_decay: 0.0 };
/// let (sam, mut state) = (Sam { rho: 0.25 }, SgdState { velocity: &mut [] });
/// let (mut params, mut saved) = ([1.0], [0.0]);
///
/// let gradient = params;
/// let perturbed = sam.perturb(machine, &gradient, &mut params, &mut saved)?;
/// let gradient = [perturbed.params()[0]];
/// perturbed.restore();
/// sgd.step(machine, &gradient, &mut state, &mut params)?;
/// assert_eq!(params, [0.375]); // 1 − 0.5·(1 + 0.25)
/// # Ok::<(), teeter::Error>(())
/// ```
///
/// Stepping while perturbed does not compile, for the parameters are lent out:
/// ```compile_fail,E0499
/// use teeter::Machine;
/// use teeter::optim::{Momentum, Sam, Sgd, SgdState};
/// let machine = Machine::detect();
/// let sgd = Sgd { learning_rate: 0.5, momentum: Momentum::None, weight_decay: 0.0 };
/// let (sam, mut state) = (Sam { rho: 0.25 }, SgdState { velocity: &mut [] });
/// let (mut params, mut saved) = ([1.0], [0.0]);
/// let perturbed = sam.perturb(machine, &[1.0], &mut params, &mut saved)?;
/// sgd.step(machine, &[1.25], &mut state, &mut params)?;
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sam<T> {
    /// ρ ≥ 0: how far to move, in units of the parameters.
    pub rho: T,
}

impl<T: Float> Sam<T> {
    /// Moves the parameters to w + ρ g/‖g‖, until the answer is restored or dropped.
    ///
    /// # Shapes
    /// `gradient`, `params`, `saved`: n. `saved` holds w meanwhile; its contents before and
    /// after mean nothing.
    ///
    /// # Accuracy
    /// Each element is w + fl(ρ·fl(gᵢ/‖g‖)), rounded: the displacement before that last
    /// rounding has length ρ within (h/2 + 4)u, h as in `vector::norm2`. The same bits on
    /// every machine; scaling the gradient by 2ᵏ changes none, barring over- and underflow.
    /// For ρ = 0 or g = 0 nothing moves, to the bit: there is no direction, and none is made up.
    ///
    /// # Errors
    /// `Error::Range` for ρ NaN, infinite or negative, and for a gradient whose norm
    /// overflows; `Error::Length` if lengths differ; `Error::NotFinite` for a gradient that is
    /// not finite. Parameters are untouched then.
    ///
    /// # Cost
    /// 5n flops, n divisions; 4n reads, 2n writes; as much again to restore as a copy costs.
    ///
    /// # Source
    /// Foret, Kleiner, Mobahi, Neyshabur 2021, arXiv:2010.01412, (2), p = 2; without the
    /// constant that programs add to ‖g‖.
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
        check::in_range("gradient", gradient_norm, 0.0, T::MAX.to_f64())?;
        let by = [self.rho, gradient_norm];
        let displaced = Displaced::to(machine, gradient, by, params, saved);
        Ok(Perturbed { displaced, gradient_norm })
    }
}

/// Parameters at the point that [`Sam`] or one of its kin moved to: compute the gradient there, then restore.
///
/// While it lives it borrows the parameters, so no step can be taken from the wrong point.
/// Dropping it restores too; only `mem::forget` leaves the parameters perturbed, and then
/// `saved` still holds the original.
#[derive(Debug)]
#[must_use = "compute the gradient at `params()`, then `restore()`"]
pub struct Perturbed<'a, T: Float> {
    pub(super) displaced: Displaced<'a, T>,
    pub(super) gradient_norm: T,
}

impl<T: Float> Perturbed<'_, T> {
    /// The point at which to compute the gradient, on the same batch.
    #[must_use]
    pub fn params(&self) -> &[T] {
        self.displaced.params()
    }

    /// ‖g‖ of the gradient that led here; the SAM edge needs it.
    #[must_use]
    pub fn gradient_norm(&self) -> T {
        self.gradient_norm
    }

    /// Brings back w, every bit of it.
    pub fn restore(self) {
        // Dropping does it.
    }
}
