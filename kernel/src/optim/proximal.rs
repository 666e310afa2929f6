//! The proximal step of the Lasso.

use crate::error::Error;
use crate::float::Float;
use crate::optim::pass::{finite_norm, not_negative};
use crate::simd::{Elementwise, Machine, Operation, Simd, renew};

/// x ← sign(x)·max(|x| − t, 0): the minimizer of ½‖y − x‖² + t‖y‖₁, and how many elements are 0.
///
/// After each step of any optimizer, with t = η·λ for the penalty λ‖w‖₁: proximal gradient descent; or
/// with a rate for the penalty of its own, decoupled from the optimizer's, as weight decay is in AdamW.
/// Adam's own scaling of the gradient does not see it then.
///
/// # Shapes
/// `x`: n.
///
/// # Accuracy
/// One rounding per element; signs are kept, |x| ≤ t gives +0. t = 0 changes nothing, to the bit. The same
/// bits on every machine.
///
/// # Errors
/// `Error::Range` for t NaN, infinite or negative; `Error::NotFinite`; `x` is untouched then.
///
/// # Cost
/// 2n flops, 3n reads, n writes.
///
/// # Source
/// Donoho, Johnstone 1994; Daubechies, Defrise, De Mol 2004, doi:10.1002/cpa.20042; Parikh, Boyd 2014,
/// §6.5.2.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::soft_threshold;
/// let mut params = [3.0, -0.5, -2.0];
/// assert_eq!(soft_threshold(Machine::detect(), 1.0, &mut params)?, 1);
/// assert_eq!(params, [2.0, 0.0, -1.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "lasso")]
pub fn soft_threshold<T: Float>(
    machine: Machine,
    threshold: T,
    x: &mut [T],
) -> Result<usize, Error> {
    not_negative("threshold", threshold)?;
    finite_norm(machine, "x", x)?;
    if threshold != T::ZERO {
        machine.run(Shrink { threshold, x: &mut *x });
    }
    Ok(x.iter().filter(|&&value| value == T::ZERO).count())
}

struct Shrink<'a, T> {
    threshold: T,
    x: &'a mut [T],
}

impl<T: Float> Operation<T> for Shrink<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        renew(simd, self.x, Shrunk(self.threshold));
    }
}

/// sign(x)·max(|x| − t, 0)
#[derive(Clone, Copy)]
struct Shrunk<T>(T);

impl<T: Float> Elementwise<T> for Shrunk<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, x: S::V, _: S::V) -> S::V {
        let (size, threshold, zero) = (simd.abs(x), simd.splat(self.0), simd.splat(T::ZERO));
        let shrunk = simd.copysign(simd.sub(size, threshold), x);
        simd.select_less([threshold, size], shrunk, zero)
    }
}
