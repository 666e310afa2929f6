//! Bounds of estimates of traces on a sketched range.

use teeter::Float;

use super::{gamma_f64, lanczos_orthogonality, running_mean};

/// |qᵢᵀg| over ‖z‖, g = z − Q(Qᵀz) by one pass, Q of k columns orthonormal within ω: the coefficients err by
/// γ₍ₙ₊₂₎ each, √k of them at most, the update by γ₍ₖ₊₂₎(√k + 1); what Q lacks leaves √k·ω.
#[must_use]
pub fn projected<T: Float>(n: usize, k: usize) -> f64 {
    let root = (k.max(1) as f64).sqrt();
    let pass = root * gamma_f64::<T>(n + 2) + gamma_f64::<T>(k + 2) * (root + 1.0);
    pass + root * lanczos_orthogonality::<T>(n, k) + gamma_f64::<f64>(n)
}

/// Hutch++ as computed against Σqᵢᵀpᵢ + mean gⱼᵀpⱼ of the same vectors and products, `range` = Σ‖pᵢ‖, `rest` =
/// max‖pⱼ‖, probes of length √n.
///
/// Dot products err by γₙ, the sum of k of them by γₖ. Samples are gᵀ(p − QQᵀp): that differs from gᵀp by ‖Qᵀg‖ times
/// ‖p‖, at most √k·[`projected`]·√n·‖p‖, and errs by the same pass once more; the mean by [`running_mean`].
#[must_use]
pub fn literal<T: Float>(n: usize, k: usize, samples: usize, [range, rest]: [f64; 2]) -> f64 {
    let size = (n as f64).sqrt() * rest;
    let pass = ((k as f64).sqrt() + 1.0) * projected::<T>(n, k) + gamma_f64::<T>(n + 2);
    let sum = gamma_f64::<T>(n + k + 2) * (range + size);
    2.0 * sum + pass * size + running_mean::<T>(samples, size)
}

/// Hutch++ for vvᵀ, beside [`literal`]: q is v/‖v‖ within γ₍ₙ₊₈₎, so that qᵀvvᵀq errs by twice that, relative to
/// ‖v‖², and (vᵀg)² by the square of it and of [`projected`], times n.
#[must_use]
pub fn rank_one<T: Float>(n: usize, trace: f64) -> f64 {
    let direction = gamma_f64::<T>(n + 8);
    let left = projected::<T>(n, 1) + direction;
    (2.0 * direction + n as f64 * left * left) * trace
}

/// The standard error for vvᵀ, at most √2·max‖PAPz‖: the product A(Pz) errs by γₙ‖v‖²√n and is itself ‖v‖·|vᵀPz|, each
/// below [`projected`]·√n·‖v‖²; the projection adds as much again.
#[must_use]
pub fn rank_one_left<T: Float>(n: usize, trace: f64) -> f64 {
    4.0 * (n as f64).sqrt() * (projected::<T>(n, 1) + gamma_f64::<T>(n + 8)) * trace
}

/// The lowest share of intervals of Hutch++ that may hold the trace: that of [`super::trace::coverage`]. There is no highest
/// one: signs do better than √(2F/g) where what the sketch leaves is nearly diagonal.
#[must_use]
pub fn coverage(confidence: f64) -> f64 {
    super::trace::coverage(confidence)[0]
}
