//! Bounds of LU, LDLᵀ, QR and what is made of them.

use teeter::Float;

use super::{gamma, gamma_f64, smallest_subnormal};
use crate::oracle::exact::{Exact, whole};

/// LU: |PA − L̂Û| ≤ γₙ₊₁|L̂||Û| (Higham 2002, Theorem 9.3; one rounding more, for the reciprocals of pivots), any
/// order of the sums. |L̂| ≤ 1 all the same: |a| ≤ |p| gives |a·fl(1/p)| ≤ 1 + u, which rounds to 1.
///
/// n products that underflow add η/2 each, and the quotient uₖₖ·η/2: in all (n + max|u|)η.
#[must_use]
pub fn lu<T: Float>(n: usize, magnitude: &Exact, largest: &Exact) -> Exact {
    gamma::<T>(n + 1) * magnitude + (whole(n) + largest) * smallest_subnormal::<T>()
}

/// LU and both solves: |b − Ax̂| ≤ γ₃ₙ₊₁Pᵀ|L̂||Û||x̂| (Higham 2002, Theorem 9.4; one rounding more, for the
/// reciprocals of U's diagonal; those of the factorization cost none here, for a square matrix has nothing below
/// its last pivot).
#[must_use]
pub fn lu_solve<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(3 * n + 1) * magnitude
}

/// LDLᵀ: |A − L̂D̂L̂ᵀ| ≤ γₙ₊₁|L̂||D̂||L̂ᵀ|.
///
/// A chain of j products leaves ĉᵢⱼ: (1 + θⱼ)ĉᵢⱼ = aᵢⱼ − Σₖ ĉᵢₖl̂ⱼₖ(1 + θₖ₊₁) for k = 0, …, j − 1 (Higham 2002, Lemma 8.4, before the
/// division; θₖ₊₁: one product and the k sums before it). l̂ = ĉ·fl(1/d̂) is two roundings from ĉ/d̂, so ĉᵢₖ is
/// l̂ᵢₖd̂ₖ(1 + θ₂): at most j + 2 roundings a term below the diagonal, where j ≤ n − 2, and j − 1 + 1 + 2 on it, where d̂ⱼ is
/// ĉⱼⱼ itself and j ≤ n − 1. Across panels fl(l̂ᵢₖd̂ₖ) has one rounding instead of two: γₙ₊₁ holds for all.
///
/// Underflow as in [`lu`], the quotient times |d|, the product times |l|; and what a quotient that underflowed
/// is short of ĉ, η|d|/2, times |l|, for each of the n products.
#[must_use]
pub fn ldlt<T: Float>(n: usize, magnitude: &Exact, largest: &Exact) -> Exact {
    let lost = whole(2 * n) + largest + whole(n) * largest * largest;
    gamma::<T>(n + 1) * magnitude + lost * smallest_subnormal::<T>()
}

/// LDLᵀ and its solves: γₙ₊₁ of the factorization, γₙ₋₁ of each unit triangle (Higham 2002, Theorem 8.5),
/// one rounding of the division: |b − Ax̂| ≤ γ₃ₙ₊₂|L̂||D̂||L̂ᵀ||x̂|.
#[must_use]
pub fn ldlt_solve<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(3 * n + 2) * magnitude
}

/// The constant c in γ̃ₖ = γ_ck. Higham leaves it "a small integer" (2002, §3.4), so this is a convention:
/// a reflection costs about (5h + 56)u with h the height of `dot`, which 4m covers from m = 25 on, and
/// errors of short vectors hardly add up.
const HOUSEHOLDER: usize = 4;

/// QR, column by column: ‖aⱼ − Q̃r̂ⱼ‖ ≤ γ̃ₘₙ‖aⱼ‖, n the smaller side (Higham 2002, Theorem 19.4); for the computed
/// Q̂ instead of Q̃ once more (eq. 19.13: ‖Q̂ − Q̃‖_F ≤ √n·γ̃ₘₙ), and the oracle's products in f64.
#[must_use]
pub fn qr<T: Float>(m: usize, n: usize) -> f64 {
    let own = gamma_f64::<T>(HOUSEHOLDER * m * n.max(1));
    own * (1.0 + (n as f64).sqrt()) + gamma_f64::<f64>(n + 2) * (n as f64).sqrt()
}

/// ‖Q̂ᵀQ̂ − I‖_F ≤ 2√n·γ̃ₘₙ to first order (Higham 2002, eq. 19.13), and the oracle's products.
#[must_use]
pub fn orthogonality<T: Float>(m: usize, n: usize) -> f64 {
    let (root, own) = ((n as f64).sqrt(), gamma_f64::<T>(HOUSEHOLDER * m * n.max(1)));
    2.0 * root * own + gamma_f64::<f64>(m) * n as f64
}

/// ‖Qc‖ against ‖c‖ and QᵀQc against c: γ̃ₘₙ each way (Higham 2002, Lemma 19.3).
#[must_use]
pub fn reflected<T: Float>(m: usize, n: usize) -> f64 {
    2.0 * gamma_f64::<T>(HOUSEHOLDER * m * n.max(1)) + gamma_f64::<f64>(m)
}

/// Column pivoting chooses by norms carried along, good to √u at worst before they are computed
/// anew (Drmač, Bujanović 2008): |rₖₖ| ≥ (1 − 2√ε)|rⱼⱼ| for k < j.
#[must_use]
pub fn pivoted_decrease<T: Float>() -> f64 {
    2.0 * T::EPSILON.to_f64().sqrt()
}

/// Least squares of full rank: ‖x̂ − x‖ ≤ (κ(‖b‖ + ‖A‖_F‖x‖) + κ²‖r‖)·γ̃ₘₙ/‖A‖ to first order (Higham 2002,
/// Theorem 20.1 with 20.3), κ the condition in the Frobenius norm, ‖A‖ at most ‖A‖_F.
#[must_use]
pub fn least_squares<T: Float>(shape: [usize; 2], condition: f64, sizes: [f64; 3]) -> f64 {
    let [m, n] = shape;
    let [b, x, residual] = sizes;
    let own = gamma_f64::<T>(HOUSEHOLDER * m * n.max(1)) * (n as f64).sqrt();
    own * (condition * (b + 2.0 * x) + condition * condition * residual)
}

/// A⁻¹ from L, one element of |AX̂ − I|, to first order; 2 covers what is left, for κ(A)·nu < 1/4.
///
/// `cholesky` = |L̂||L̂ᵀ||X̂|, `left` = |L̂||W||L̂||W|, `right` = |L̂||L̂ᵀ||Wᵀ||W|, `product` = |A||Wᵀ||W|. With WL̂ = I + F,
/// |F| ≤ γₙ₊₁|W||L̂| up to the order of factors (Higham 2002, §14.2): AX̂ − I = L̂FᵀW + W⁻¹FW + A·Δ, |Δ| ≤ γₙ|Wᵀ||W|;
/// and A is L̂L̂ᵀ up to γₙ₊₃|L̂||L̂ᵀ|. `[cholesky, left, right, product]`
#[must_use]
pub fn cholesky_inverse<T: Float>(n: usize, parts: [f64; 4]) -> f64 {
    let [cholesky, left, right, product] = parts;
    let own = gamma_f64::<T>(n + 1) * (left + right + product);
    2.0 * (gamma_f64::<T>(n + 3) * cholesky + own) + gamma_f64::<f64>(2 * n) * (cholesky + product)
}

/// Σ of n logarithms, times 2 exactly: each within one unit (2u) of libm, n − 1 sums.
#[must_use]
pub fn log_determinant<T: Float>(n: usize, magnitude: f64) -> f64 {
    (gamma_f64::<T>(n + 2) + gamma_f64::<f64>(n + 2)) * magnitude
}

/// ‖L̂L̂ᵀ − (LLᵀ ± xxᵀ)‖_F over ‖LLᵀ‖_F + ‖x‖² + ‖L̂L̂ᵀ‖_F: a rotation of rows costs γ₆ of their length (Higham 2002,
/// Lemma 19.8, with c and s each good to 3u and three roundings), and rows meet n of them.
#[must_use]
pub fn cholesky_update<T: Float>(n: usize) -> f64 {
    gamma_f64::<T>(6 * n.max(1)) + gamma_f64::<f64>(2 * n + 2)
}

/// The same for a downdate, over 1 more: y = L̂⁻¹x errs by γₙ|L⁻¹||L||y| ≤ n·γₙ·κ‖y‖ which is as if x had moved by
/// γₙ‖L‖‖y‖·√n ≤ √n·γₙ‖L‖_F (mixed stability, Stewart 1979); the remainder 1 − ‖y‖² adds γₙ₊₂.
#[must_use]
pub fn cholesky_downdate<T: Float>(n: usize) -> f64 {
    let solve = 2.0 * (n as f64).sqrt() * gamma_f64::<T>(n);
    cholesky_update::<T>(n) + solve + gamma_f64::<T>(n + 2)
}

/// LAPACK's threshold for the ratios of residuals of factorizations (TESTING/dtest.in, dsep.in).
pub const RATIO: f64 = 30.0;
