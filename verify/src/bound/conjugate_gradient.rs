//! Bounds of conjugate gradients and of what is built on solves.

use teeter::Float;

use super::gamma_f64;

/// ‖r̂‖ − ‖b − Ax‖ for r̂ found from a product: the product errs by γₙ₊₂‖A‖_F‖x‖, the difference by u of what is left and so of
/// ‖b‖ + ‖A‖_F‖x‖ at most, the norm by γₙ₊₂ of itself; x is moved by a power of two. The oracle forms its own in f64 as often.
#[must_use]
pub fn residual<T: Float>(n: usize, product: f64, of_b: f64) -> f64 {
    (2.0 * gamma_f64::<T>(n + 3) + gamma_f64::<f64>(2 * n + 3)) * (product + of_b)
}

/// ‖x* − xₖ‖_A/‖x*‖_A in exact arithmetic (Saad 2003, *Iterative Methods for Sparse Linear Systems*, (6.128)).
#[must_use]
pub fn chebyshev(steps: usize, condition: f64) -> f64 {
    let root = condition.sqrt();
    2.0 * ((root - 1.0) / (root + 1.0)).powi(steps as i32)
}

/// What rounding adds to ‖x* − xₖ‖_A and to the square root of a fall of its square, over ‖x*‖_A: 10·(n + k)·u·κ.
///
/// A convention, not a theorem: each step errs in the residual by γₙ₊₂‖A‖_F‖p‖ or so, which moves x by κ^½ times as much
/// in the energy norm, and Greenbaum 1989 (doi:10.1016/0024-3795(89)90285-1) has the process follow that of a nearby
/// matrix, without constants; Strakoš, Tichý 2002 (ETNA 13, §7–10) prove the fall of a step to hold within a multiple of u·κ^½, likewise.
#[must_use]
pub fn energy<T: Float>(n: usize, steps: usize, condition: f64) -> f64 {
    10.0 * (n + steps) as f64 * T::UNIT_ROUNDOFF.to_f64() * condition
}

/// zᵀy − zᵀG⁻¹Hz beyond ‖z‖‖r̂‖/μ, r̂ the residual that a solve found: Hz errs by γₙ₊₂‖H‖_F‖z‖, r̂ as [`residual`], both passed on by
/// 1/μ; the inner product by γₙ of ‖z‖‖y‖.
#[must_use]
pub fn solved_sample<T: Float>(
    n: usize,
    [of_z, of_y]: [f64; 2],
    [of_h, of_g]: [f64; 2],
    floor: f64,
) -> f64 {
    let right = of_h * of_z;
    let lost = gamma_f64::<T>(n + 2) * right + residual::<T>(n, of_g * of_y, right);
    of_z * lost / floor + gamma_f64::<T>(n) * of_z * of_y
}

/// N_eff of a matrix in memory by its eigenvalues: each within [`super::eigen`]·‖H‖_F, the slope of |λ|/(|λ| + α) at most 1/α, n of
/// them; then n + 2 roundings of a sum that is at most n.
#[must_use]
pub fn effective_dense<T: Float>(n: usize, frobenius: f64, alpha: f64) -> f64 {
    let order = n as f64;
    order * super::eigen::<T>(n) * frobenius / alpha + gamma_f64::<T>(n + 2) * order
}

/// N_eff by a factor, A = H + αI with these eigenvalues, to first order.
///
/// |ΔA| ≤ γₙ₊₄|L||Lᵀ| (Higham 2002, Theorem 10.3, our γₙ₊₃ and the shift), ‖|L||Lᵀ|‖_F ≤ ‖L‖_F² = Tr A, and so α·Tr(A⁻¹ΔAA⁻¹) ≤
/// αγₙ₊₄·Tr A·Tr A⁻². A column w of L⁻¹ errs by γₙ|L⁻¹||L||w| (Theorem 8.5), ‖L⁻¹‖_F‖L‖_F = √(Tr A·Tr A⁻¹). The sum of squares,
/// at most n, rounds as often as norm and sum do.
#[must_use]
pub fn effective_cholesky<T: Float>(shifted: &[f64], alpha: f64) -> f64 {
    let n = shifted.len();
    let sum = |f: &dyn Fn(f64) -> f64| shifted.iter().map(|&x| f(x)).sum::<f64>();
    let (trace, inverse, square) = (sum(&|x| x), sum(&|x| 1.0 / x), sum(&|x| 1.0 / (x * x)));
    gamma_f64::<T>(n + 4) * alpha * trace * square
        + 2.0 * gamma_f64::<T>(n) * (trace * inverse).sqrt() * alpha * inverse
        + gamma_f64::<T>(2 * n + 10) * n as f64
}
