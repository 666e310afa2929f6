//! Models small enough to be exact: catapult, products of parameters, self-stabilization, the central flow.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::Machine;
use crate::vector;

/// f = u·v/√n under L = ½f²: gradient descent, reduced to f and λ = (‖u‖² + ‖v‖²)/n.
///
/// f ← f(1 − ηλ + η²f²/n), λ ← λ + (ηf²/n)(ηλ − 4). Lazy for ηλ < 2, a catapult to a flatter minimum for 2 < ηλ < 4, divergence
/// beyond, all for large n.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Catapult<T> {
    /// f.
    pub output: T,
    /// λ, the sharpness at f = 0.
    pub sharpness: T,
    /// n.
    pub width: T,
}

impl<T: Float> Catapult<T> {
    /// One step of gradient descent.
    ///
    /// # Units
    /// η in the inverse of λ.
    ///
    /// # Accuracy
    /// 8u of |f|(1 + ηλ + η²f²/n) and λ + (ηf²/n)(ηλ + 4). ∞ or NaN once it has diverged.
    ///
    /// # Source
    /// Lewkowycz et al. 2020, arXiv:2003.02218, §2.
    ///
    /// # Example
    /// ```
    /// use teeter::curvature::Catapult;
    /// let model = Catapult { output: 2.0, sharpness: 1.0, width: 4.0 };
    /// assert_eq!(model.step(1.0), Catapult { output: 2.0, sharpness: -2.0, width: 4.0 });
    /// ```
    #[must_use]
    pub fn step(self, learning_rate: T) -> Self {
        let Self { output, sharpness, width } = self;
        let turn = learning_rate * sharpness;
        let push = learning_rate * (output * output / width);
        let four = T::TWO * T::TWO;
        Self {
            output: output * (T::ONE - turn + learning_rate * push),
            sharpness: sharpness + push * (turn - four),
            width,
        }
    }
}

/// a ← a − ηs⊙b, b ← b − ηs⊙a: gradient descent on L(a⊙b), s = ∂L/∂(a⊙b): a diagonal linear network.
///
/// a² − b² shrinks by 1 − η²s² in each element, exactly: what turns oscillation into flatness. At a minimum the
/// Hessian of one pair is L″·(a² + b²) along (b, a). One pair is the two-variable model.
///
/// # Shapes
/// `slopes`, `first`, `second`: n.
///
/// # Accuracy
/// Two roundings per element.
///
/// # Errors
/// `Error::Length`, `Error::NotFinite` for slopes: nothing changes then. `Error::Range` for η not finite.
///
/// # Cost
/// 4n flops.
///
/// # Source
/// Wang, Roberts 2025, arXiv:2511.12558; science.md §2.4.
///
/// # Example
/// ```
/// use teeter::curvature::product_step;
/// let (mut a, mut b) = ([3.0], [1.0]);
/// product_step(0.5, &[1.0], &mut a, &mut b)?;
/// assert_eq!((a, b), ([2.5], [-0.5])); // 9 − 1 = 8 became 6 = 8(1 − ¼)
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "diagonal_linear_network")]
pub fn product_step<T: Float>(
    learning_rate: T,
    slopes: &[T],
    first: &mut [T],
    second: &mut [T],
) -> Result<(), Error> {
    let largest = T::MAX.to_f64();
    check::in_range("learning_rate", learning_rate, -largest, largest)?;
    check::same_len("first", slopes.len(), first.len())?;
    check::same_len("second", slopes.len(), second.len())?;
    check::finite("slopes", slopes)?;
    for ((&slope, a), b) in slopes.iter().zip(first).zip(second) {
        let pull = learning_rate * slope;
        (*a, *b) = (*a - pull * *b, *b - pull * *a);
    }
    Ok(())
}

/// x along the top eigenvector, y = S − 2/η: why gradient descent at the edge stays there.
///
/// x ← −(1 + ηy)x, y ← y + η(a − ½bx²): sharpening pushes y up, oscillation pushes it down. The mean of x² over a cycle is 2a/b.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct SelfStabilization<T> {
    /// a = −∇L·∇S ≥ 0: the rate of progressive sharpening.
    pub sharpening: T,
    /// b = ‖∇S‖² > 0.
    pub restoring: T,
}

impl<T: Float> SelfStabilization<T> {
    /// `[x, y]` after a step.
    ///
    /// # Accuracy
    /// 4u of |x|(1 + η|y|) and |y| + η(a + ½bx²).
    ///
    /// # Source
    /// Damian, Nichani, Lee 2023, arXiv:2209.15594, §4.
    #[must_use]
    pub fn step(self, learning_rate: T, [x, y]: [T; 2]) -> [T; 2] {
        let restored = self.sharpening - T::HALF * self.restoring * (x * x);
        [-((T::ONE + learning_rate * y) * x), y + learning_rate * restored]
    }

    /// 2a/b: the mean of x² that holds y on average.
    ///
    /// # Accuracy
    /// One rounding. ∞ or NaN for b = 0.
    ///
    /// # Source
    /// As [`SelfStabilization::step`].
    #[must_use]
    pub fn mean_square(self) -> T {
        T::TWO * self.sharpening / self.restoring
    }
}

/// Where the central flow went.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct CentralStep<T> {
    /// σ²: the variance of the oscillation that holds S at 2/η; 0 below the edge, or where S falls by itself.
    pub variance: T,
    /// dL/dt along the flow, never above 0: −η(‖∇L‖² + ½σ²∇L·∇S).
    pub descent: T,
}

/// w ← w − τη(∇L + ½σ²∇S), σ² = 2⟨−∇L, ∇S⟩/‖∇S‖² at the edge: a step of the central flow with one unstable direction.
///
/// It is where gradient descent goes on average: below the edge gradient flow, at the edge the flow that keeps S = 2/η. The time
/// average of the loss of the oscillating iterate is L(w) + σ²/η.
///
/// # Shapes
/// `gradient` ∇L, `sharpness_gradient` ∇S, `w`: n. `step`: η, the edge 2/η, and τ, time in steps of η.
///
/// # Method
/// The edge counts as reached for S ≥ 2/η. One direction; where several are at the edge the complementarity problem of the paper
/// is needed, which this is not.
///
/// # Accuracy
/// σ² within (2h + 8)u of its size where ∇L·∇S does not cancel; first order in τ.
///
/// # Errors
/// `Error::Length`, `Error::NotFinite`; `Error::Range` for η or τ not a positive normal number, S not finite: `w` is unchanged.
///
/// # Cost
/// 8n flops.
///
/// # Source
/// Cohen et al. 2025, arXiv:2410.24206, §3.
pub fn central_flow_step<T: Float>(
    machine: Machine,
    [gradient, sharpness_gradient]: [&[T]; 2],
    sharpness: T,
    [learning_rate, time]: [T; 2],
    w: &mut [T],
) -> Result<CentralStep<T>, Error> {
    let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
    check::in_range("learning_rate", learning_rate, smallest, largest)?;
    check::in_range("time", time, smallest, largest)?;
    check::in_range("sharpness", sharpness, -largest, largest)?;
    check::same_len("sharpness_gradient", gradient.len(), sharpness_gradient.len())?;
    check::same_len("w", gradient.len(), w.len())?;
    check::finite("gradient", gradient)?;
    check::finite("sharpness_gradient", sharpness_gradient)?;
    let square = vector::dot(machine, gradient, gradient)?;
    let sharpening = vector::dot(machine, gradient, sharpness_gradient)?;
    let norm = vector::norm2(machine, sharpness_gradient);
    let at_edge = sharpness >= T::TWO / learning_rate && norm > T::ZERO && sharpening < T::ZERO;
    let variance = if at_edge { T::TWO * (-sharpening / norm / norm) } else { T::ZERO };
    let half = T::HALF * variance;
    let step = time * learning_rate;
    vector::axpy(machine, -step, gradient, w)?;
    if variance > T::ZERO {
        vector::axpy(machine, -(step * half), sharpness_gradient, w)?;
    }
    // ‖∇L‖² − ⟨∇L, ∇S⟩²/‖∇S‖² ≥ 0 by Cauchy and Schwarz; rounding must not say otherwise.
    let descent = -(learning_rate * (square + half * sharpening).max_of(T::ZERO));
    Ok(CentralStep { variance, descent })
}
