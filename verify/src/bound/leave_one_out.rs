//! Bounds of XTrace and XNysTrace against their literal definitions.

use teeter::Float;

use super::{gamma_f64, lanczos_orthogonality};

/// XTrace's value, jackknife and scatter against leaving probes out one by one, `[n, k]` probes.
///
/// `size` is ‖A‖_F, `longest` the largest ‖ω‖, `shortest` the smallest ‖Aω‖, `condition` that of AΩ with columns of length
/// 1, `left` at least ‖ω‖²/‖(I − P)ω‖² where samples are scaled, else 1. A column of AΩ errs by
/// γ₍ₙ₊₂₎‖A‖_F‖ω‖, its place in the basis by as much as Lanczos' vectors, a direction sᵢ by a triangular solve, γₖ: with η the sum of these
/// relative to the column, the projector onto any k − 1 or k − 2 of them moves by δ = √2·κ·√k·η at most (sin Θ; leaving
/// columns out does not raise κ), doubled for the elimination that makes two directions orthonormal. The trace on
/// the range then moves by √(2k)·δ‖A‖_F, a sample by 2‖ω‖²δ‖A‖_F, and twice `left` times that if it is scaled. Ten products of
/// length k, each at most ‖ω‖²‖A‖_F, round beside. The oracle does as much; √k for the norm of k deviations.
#[must_use]
pub fn xtrace<T: Float>(
    [n, k]: [usize; 2],
    [size, longest, shortest]: [f64; 3],
    [condition, left]: [f64; 2],
) -> f64 {
    let root = (k as f64).sqrt();
    let column = gamma_f64::<T>(n + 2) * size * longest / shortest;
    let moved = 2.0 * 2.0_f64.sqrt() * condition * root;
    let moved = moved * (column + lanczos_orthogonality::<T>(n, k) + gamma_f64::<T>(k));
    let sample = longest * longest * size * left;
    let one = 2.0_f64.sqrt() * root * moved * size + 2.0 * sample * moved * left;
    2.0 * root * (one + 10.0 * gamma_f64::<T>(n + k + 8) * sample)
}

/// XNysTrace's value, jackknife and scatter against leaving probes out, A ⪰ 0.
///
/// `size` is ‖A‖_F, `longest` the largest ‖ω‖, `norm` ‖AΩ‖_F, `lowest` the smallest eigenvalue of ΩᵀAΩ, below that of any part
/// of it. ΩᵀAΩ errs by γ₍₂ₙ₊₄₎‖ω‖²‖A‖_F in each of k² elements, its factor by kγ₍ₖ₊₃₎ of its norm, and is shifted by 4√n·ε·‖AΩ‖_F on purpose:
/// with the change `moved` of A itself, times ‖ω‖² in each element, and relative to `lowest` that bounds the relative change of every form xᵀ(ΩᵀAΩ)⁻¹x, none of which exceeds Tr A ≤ √n‖A‖_F or
/// ωᵀAω ≤ ‖ω‖²‖A‖_F. R errs as in [`xtrace`], ‖RL⁻ᵀ‖_F² by twice that over √lowest times its root. Doubled for two
/// directions, and for the oracle; √k for the norm of k deviations. Samples that are scaled are at most `left` times theirs, and
/// the scale, from ΩᵀΩ of a condition below 1/γ, errs by less than they do.
#[must_use]
pub fn xnystrace<T: Float>(
    [n, k]: [usize; 2],
    [size, longest, norm]: [f64; 3],
    [lowest, left, moved]: [f64; 3],
) -> f64 {
    let (order, count) = (n as f64, k as f64);
    let square = longest * longest * size * left;
    let small = count * (gamma_f64::<T>(2 * n + 4) + gamma_f64::<T>(k + 3) * count) * square;
    let moved = count * longest * longest * moved;
    let moved = (small + moved + shift::<T>(n, norm)) / lowest;
    let column = (gamma_f64::<T>(n + 2) + lanczos_orthogonality::<T>(n, k)) * norm;
    let trace = order.sqrt() * size;
    let one = moved * (trace + square) + 2.0 * trace.sqrt() * column / lowest.sqrt();
    4.0 * count.sqrt() * (one + gamma_f64::<T>(n + k + 8) * (trace + square))
}

/// μ of XNysTrace.
fn shift<T: Float>(n: usize, norm: f64) -> f64 {
    4.0 * (n as f64).sqrt() * 2.0 * T::UNIT_ROUNDOFF.to_f64() * norm
}

/// How far (I − QQᵀ)A(I − QQᵀ) and Tr(QᵀAQ) move, Q two columns of Lanczos' process, the second one of length `beta` before it was
/// made a unit vector: its direction errs by δ = γ₍ₙ₊₂₎‖A‖_F/β and Lanczos' own, each factor I − QQᵀ by 2δ, the trace by as much.
#[must_use]
pub fn deflated<T: Float>(n: usize, size: f64, beta: f64) -> f64 {
    let direction = gamma_f64::<T>(n + 2) * size / beta + lanczos_orthogonality::<T>(n, 2);
    8.0 * direction * size
}

/// Either of them where AΩ has fewer dimensions than k, and all terms agree in exact arithmetic: XNysTrace's are off by what
/// the shift leaves of k directions, each some multiples of μ, and by the roundings of a Cholesky pivot of that size, as
/// much again: 32kμ.
#[must_use]
pub fn dependent<T: Float>([n, k]: [usize; 2], norm: f64) -> f64 {
    32.0 * k as f64 * shift::<T>(n, norm)
}

/// Over every matrix Ω of two columns of n = 5 signs, A of these extreme eigenvalues and ‖A‖_F: columns that are neither equal nor opposite
/// have an inner product of at most 3, so that ΩᵀΩ has eigenvalues in [2, 8] and AΩ, its columns made equally
/// long, a condition of at most 2·√2·κ(A) (van der Sluis: no more than √k above the best scaling). The others are
/// [`dependent`].
#[must_use]
pub fn enumerated<T: Float>([smallest, largest]: [f64; 2], size: f64) -> f64 {
    let (n, k, length) = (5, 2, 5.0_f64.sqrt());
    let condition = 2.0 * 2.0_f64.sqrt() * largest / smallest;
    let norm = 2.0_f64.sqrt() * largest * length;
    xtrace::<T>([n, k], [size, length, smallest * length], [condition, 1.0])
        + xnystrace::<T>([n, k], [size, length, norm], [2.0 * smallest, 1.0, 0.0])
        + dependent::<T>([n, k], norm)
}

/// The lowest share of jackknife intervals that may hold the trace in so many runs: that of [`super::trace::coverage`], which is
/// for 2,000 of them, and as many more for fewer as three standard deviations of the share are then wider.
#[must_use]
pub fn coverage(confidence: f64, runs: u64) -> f64 {
    let deviation = |runs: f64| 3.0 * (confidence * (1.0 - confidence) / runs).sqrt();
    let least = super::trace::coverage(confidence)[0];
    least - (deviation(runs as f64) - deviation(2000.0)).max(0.0)
}
