//! Operators made of others, differences of gradients, and the chance that an audit errs.

use teeter::Float;

use super::{chain, gamma, gamma_f64};
use crate::oracle::exact::{Exact, whole};

/// Sum and `SumOf` of m dense operators: gemv rounds each term n + 2 times (Higham 2002, §3.5); then a
/// product with the weight and at most m sums.
#[must_use]
pub fn sum<T: Float>(n: usize, operators: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(n + 2 + operators + 1) * magnitude
}

/// A principal part of a dense operator: the whole's gemv.
#[must_use]
pub fn principal<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    chain::<T>(n, magnitude, &whole(1))
}

/// D + U diag(c) Uᵀ: n + 2 roundings in Uᵀx, one with c, k + 2 in the second gemv.
#[must_use]
pub fn low_rank<T: Float>(n: usize, k: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(n + k + 5) * magnitude
}

/// A ⊗ B: two gemm, of inner dimensions q and p.
#[must_use]
pub fn kronecker<T: Float>(p: usize, q: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(p + q + 4) * magnitude
}

/// (I − QQᵀ)A(I − QQᵀ): each projection n + 2 and k + 2 roundings, the product n + 2.
#[must_use]
pub fn deflated<T: Float>(n: usize, k: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(3 * n + 2 * k + 10) * magnitude
}

/// L⁻¹AL⁻ᵀ, as |Lŷ − AL⁻ᵀx|: γₙ|L||ŷ| of the last solve (Higham 2002, Theorem 8.5), γₙ₊₂|A||ẑ| of gemv, and
/// |A||L⁻ᵀ|γₙ|Lᵀ||ẑ| of the first solve, ẑ as computed.
#[must_use]
pub fn congruent<T: Float>(n: usize, solve: &Exact, product: &Exact, first: &Exact) -> Exact {
    gamma::<T>(n) * (solve + first) + gamma::<T>(n + 2) * product
}

/// A central difference of g(w) = w³ at w along v, element by element, h² |v|³ off by truncation.
///
/// A point rounds once, which moves its cube by 3u to first order (γ₃ of it), and the cube twice; then
/// the difference rounds once. `largest` is |w| + h|v|.
#[must_use]
pub fn cubic_difference<T: Float>(h: f64, largest: f64, product: f64) -> f64 {
    gamma_f64::<T>(5) * largest.powi(3) / h + gamma_f64::<T>(1) * product.abs()
}

/// The same forward, of g(w) = w²: h v² off by truncation.
#[must_use]
pub fn square_difference<T: Float>(h: f64, largest: f64, product: f64) -> f64 {
    2.0 * gamma_f64::<T>(3) * largest.powi(2) / h + gamma_f64::<T>(1) * product.abs()
}

/// The chance that an audit of `pairs` pairs passes an asymmetry of δ‖A‖_F at threshold τ, `ratio` = τ/δ.
///
/// s = yᵀEx, E antisymmetric: given x it is normal with variance ‖Ex‖² = ‖E‖_F²·Σpᵢχᵢ, Σpᵢ = 1, each χᵢ
/// exponential of mean 1, for singular values of E come in pairs. Its density at most
/// E(2π‖Ex‖²)^−½ ≤ (2π)^−½·√π/‖E‖_F, by Jensen on x^−½; twice τ of that.
#[must_use]
pub fn asymmetry_missed(ratio: f64, pairs: i32) -> f64 {
    (2.0_f64.sqrt() * ratio).min(1.0).powi(pairs)
}
