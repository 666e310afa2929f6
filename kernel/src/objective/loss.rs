//! Losses, row by row: value, first and second derivative by the outputs.
//!
//! | loss            | ∂ℓ/∂f        | H_L = ∂²ℓ/∂f²          | kept per sample |
//! |-----------------|--------------|------------------------|-----------------|
//! | half squared    | f − t        | I                      | f − t           |
//! | cross-entropy   | τp − t       | τ(diag(p) − ppᵀ)       | p               |
//!
//! τ = Σ tⱼ, 1 for probabilities; with it the derivatives are those of −Σ tⱼ log pⱼ for any t.

use crate::float::Float;
use crate::matrix::MatRef;
use crate::objective::Loss;
use crate::simd::Machine;
use crate::vector;

/// Row `i` of `m`, copied; any strides.
pub(crate) fn read_row<T: Float>(m: MatRef<'_, T>, i: usize, out: &mut [T]) {
    if let Some(row) = m.row(i) {
        out.iter_mut().zip(row).for_each(|(out, &x)| *out = x);
    } else {
        for (j, out) in out.iter_mut().enumerate() {
            *out = m.get(i, j).unwrap_or(T::ZERO);
        }
    }
}

/// Adds the products of one row to a chain.
fn chain<T: Float>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::ZERO, |sum, term| sum + term)
}

impl Loss {
    /// Of one sample: from outputs `f` and targets `t`, given in `kept`, the derivative by f over N
    /// to `delta`, and what is kept to `kept`. Returns what the sample adds to NL, except that of
    /// the half squared loss, which is read off the kept residuals of all samples at once.
    pub(crate) fn differentiate<T: Float>(
        self,
        machine: Machine,
        samples: T,
        f: &[T],
        kept: &mut [T],
        delta: &mut [T],
    ) -> T {
        match self {
            Self::HalfSquared => {
                for ((kept, delta), &f) in kept.iter_mut().zip(delta).zip(f) {
                    *kept = f - *kept;
                    *delta = *kept / samples;
                }
                T::ZERO
            }
            Self::CrossEntropy => cross_entropy(machine, samples, f, kept, delta),
        }
    }

    /// Of one sample: r ← H_L r / N, from what was kept and the targets' sum.
    pub(crate) fn curve<T: Float>(self, samples: T, kept: &[T], mass: T, r: &mut [T]) {
        match self {
            Self::HalfSquared => r.iter_mut().for_each(|r| *r /= samples),
            Self::CrossEntropy => {
                let mean = chain(kept.iter().zip(r.iter()).map(|(&p, &r)| p * r));
                for (r, &p) in r.iter_mut().zip(kept) {
                    *r = mass * p * (*r - mean) / samples;
                }
            }
        }
    }

    /// τ of row `i` of the targets where the loss asks for it.
    pub(crate) fn mass<T: Float>(self, targets: MatRef<'_, T>, i: usize) -> T {
        match self {
            Self::HalfSquared => T::ONE,
            Self::CrossEntropy => match targets.row(i) {
                Some(row) => chain(row.iter().copied()),
                None => chain((0..targets.cols()).map(|j| targets.get(i, j).unwrap_or(T::ZERO))),
            },
        }
    }
}

/// Softmax and its cross-entropy with the targets in `kept`, where p goes.
///
/// With m = fₖ the largest output and ρ = Σ_{j≠k} exp(fⱼ − m), −log pⱼ = (m − fⱼ) + log(1 + ρ): no
/// overflow, and the small loss of a sample that is right for sure keeps its digits.
fn cross_entropy<T: Float>(
    machine: Machine,
    samples: T,
    f: &[T],
    kept: &mut [T],
    delta: &mut [T],
) -> T {
    let (mut largest, mut at) = (-T::INFINITY, 0);
    for (j, &f) in f.iter().enumerate() {
        if f > largest {
            (largest, at) = (f, j);
        }
    }
    for (delta, &f) in delta.iter_mut().zip(f) {
        *delta = f - largest;
    }
    vector::exp_in_place(machine, delta);
    let others = delta.iter().enumerate().filter(|&(j, _)| j != at);
    let rho = chain(others.map(|(_, &exponential)| exponential));
    let log_sum = rho.ln_1p();
    let loss = chain(kept.iter().zip(f).map(|(&t, &f)| t * ((largest - f) + log_sum)));
    let mass = chain(kept.iter().copied());
    for (kept, delta) in kept.iter_mut().zip(delta) {
        let p = *delta / (T::ONE + rho);
        *delta = (mass * p - *kept) / samples;
        *kept = p;
    }
    loss
}
