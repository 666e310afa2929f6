//! Gaussian noise where learning wants it: on weights, gradients, activations; along directions.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::displaced::Displaced;
use crate::optim::pass::{Body, Pass, finite_norm, not_negative};
use crate::optim::sam::Perturbed;
use crate::random::{Stream, normals_into};
use crate::simd::{Machine, Simd};
use crate::vector;

/// x ← x + σz with z the standard normals of `stream`: noise on a gradient, or on a layer's activations.
///
/// For weights, [`perturb_with_noise`] brings them back. On activations h the mean loss grows by
/// ½σ² Tr(JᵀH_L J), J = ∂output/∂h and H_L the curvature of the loss in the output, to second order:
/// [`noise_penalty`] averages what products give of it.
///
/// # Shapes
/// `x`, `scratch`: n; `scratch` holds z afterwards, for the probe z of a trace, or to take it away again.
///
/// # Accuracy
/// Two roundings per element; z as `random::normals_into` gives it, the same on every target. σ = 0
/// changes nothing, to the bit.
///
/// # Errors
/// `Error::Range` for σ NaN, infinite or negative; `Error::Length`; `x` is untouched then. Elements
/// that are not finite stay so.
///
/// # Cost
/// 2n flops and n normals.
///
/// # Source
/// Camuto et al. 2020, arXiv:2007.07368, for activations; Neelakantan et al. 2015, arXiv:1511.06807,
/// for gradients.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::add_noise;
/// use teeter::random::Stream;
/// let (mut gradient, mut z) = ([1.0, 2.0], [0.0; 2]);
/// add_noise(Machine::detect(), 0.5, Stream::new(7, 0), &mut gradient, &mut z)?;
/// assert_eq!(gradient, [1.0 + 0.5 * z[0], 2.0 + 0.5 * z[1]]);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn add_noise<T: Float>(
    machine: Machine,
    sigma: T,
    stream: Stream,
    x: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    not_negative("sigma", sigma)?;
    check::same_len("scratch", x.len(), scratch.len())?;
    normals_into(stream, scratch);
    if sigma == T::ZERO {
        return Ok(());
    }
    vector::axpy(machine, sigma, scratch, x)
}

/// Moves the parameters to w + σz, until the answer is restored or dropped.
///
/// The gradient there is one sample of that of E L(w + σz) = L + ½σ² Tr H + O(σ⁴): average it over
/// streams, or step with it.
///
/// # Shapes
/// `params`, `saved`: n. `saved` holds w meanwhile.
///
/// # Accuracy
/// w + fl(σz), rounded; restored to the bit. The same on every target. σ = 0 moves nothing.
///
/// # Errors
/// `Error::Range` for σ NaN, infinite or negative; `Error::Length`; `Error::NotFinite` for parameters
/// that are not finite. Parameters are untouched then.
///
/// # Cost
/// 2n flops and n normals; 3n reads, 3n writes.
///
/// # Source
/// Orvieto et al. 2022, arXiv:2202.02831 (anticorrelated or not); Bishop 1995,
/// doi:10.1162/neco.1995.7.1.108.
pub fn perturb_with_noise<'a, T: Float>(
    machine: Machine,
    sigma: T,
    stream: Stream,
    params: &'a mut [T],
    saved: &'a mut [T],
) -> Result<Perturbed<'a, T>, Error> {
    not_negative("sigma", sigma)?;
    check::same_len("saved", params.len(), saved.len())?;
    finite_norm(machine, "params", params)?;
    vector::copy(params, saved)?;
    let gradient_norm = T::ZERO;
    if sigma != T::ZERO {
        normals_into(stream, params);
        let write = [&mut *params, &mut [], &mut [], &mut []];
        let read = [&*saved, &[]];
        machine.run(Pass::<_, _, 1, 1> { body: Spread { sigma }, read, write });
    }
    Ok(Perturbed { displaced: Displaced::holding(params, saved), gradient_norm })
}

/// w + σz in place of z.
struct Spread<T> {
    sigma: T,
}

impl<T: Float> Body<T> for Spread<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [w, none]: [S::V; 2],
        [z, ..]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let moved = simd.add(w, simd.mul(simd.splat(self.sigma), z));
        ([moved, none, none, none], simd.splat(T::ZERO))
    }
}

/// x ← x + Σⱼ σⱼzⱼvⱼ: noise along k directions, eigenvectors of the largest curvature for example.
///
/// Raises the mean loss by ½Σσⱼ²λⱼ for eigenvectors of length 1: what is sharp is felt most.
///
/// # Shapes
/// `sigmas`: k. `directions`: kn, one after the other. `x`: n. `scratch`: k, holds z afterwards.
///
/// # Accuracy
/// 2k roundings per element, in the order of the directions. The same on every target.
///
/// # Errors
/// `Error::Range` for a σ NaN, infinite or negative; `Error::Length`; `x` is untouched then.
///
/// # Cost
/// 2kn flops and k normals.
pub fn add_noise_along<T: Float>(
    machine: Machine,
    sigmas: &[T],
    stream: Stream,
    directions: &[T],
    x: &mut [T],
    scratch: &mut [T],
) -> Result<(), Error> {
    for &sigma in sigmas {
        not_negative("sigmas", sigma)?;
    }
    check::same_len("scratch", sigmas.len(), scratch.len())?;
    check::same_len("directions", sigmas.len().saturating_mul(x.len()), directions.len())?;
    normals_into(stream, scratch);
    let mut rest = directions;
    for (&sigma, &z) in sigmas.iter().zip(scratch.iter()) {
        let Some((direction, after)) = rest.split_at_checked(x.len()) else { break };
        rest = after;
        vector::axpy(machine, sigma * z, direction, x)?;
    }
    Ok(())
}

/// ½σ²·mean of what probes found of Tr(JᵀH_L J): the explicit regularizer of noise on one layer.
///
/// The caller gives zᵀJᵀH_L Jz for normals or signs z, which is the Gauss–Newton form of the loss in the
/// activations; it is never negative for a convex loss. Sum over the layers that carry noise, the input among
/// them and the output not.
///
/// # Shapes
/// `forms`: as many as there were probes.
///
/// # Accuracy
/// (h + 3)u of Σ|forms|·σ²/(2m), h as in `vector::sum`. The same bits on every machine.
///
/// # Errors
/// `Error::Range` for σ NaN, infinite or negative; `Error::Empty` for no probes; `Error::NotFinite`.
///
/// # Cost
/// m flops.
///
/// # Source
/// Camuto et al. 2020, arXiv:2007.07368, theorem 1.
///
/// # Example
/// An output that is h itself under half the squared error: JᵀH_L J = I, and signs give n exactly.
/// ```
/// use teeter::Machine;
/// use teeter::optim::noise_penalty;
/// assert_eq!(noise_penalty(Machine::detect(), 0.5, &[3.0, 3.0])?, 0.375);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn noise_penalty<T: Float>(machine: Machine, sigma: T, forms: &[T]) -> Result<T, Error> {
    not_negative("sigma", sigma)?;
    check::not_empty("forms", forms.len())?;
    check::finite("forms", forms)?;
    let mean = vector::sum(machine, forms) / T::from_usize(forms.len());
    Ok(T::HALF * (sigma * sigma * mean))
}
