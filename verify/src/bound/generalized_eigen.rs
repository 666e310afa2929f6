//! Bounds of the generalized symmetric-definite eigenproblem by Cholesky.
//!
//! With L, X, M as computed and every product of magnitudes taken of them, to first order:
//! G = LLᵀ + Γ, |Γ| ≤ γₙ₊₁|L||Lᵀ| (Higham 2002, Theorem 10.3). The solves leave LCLᵀ = A + E, |E| ≤ 2γₙS,
//! S = |L||C||Lᵀ|: γₙ|L||L⁻¹A| of the first and γₙ of the second (Theorem 8.5), each row and column apart, so that
//! C is not symmetric; to take its lower triangle moves it by |C − Cᵀ| ≤ 4γₙ|L⁻¹|S|L⁻ᵀ|. Then CY = YM + R,
//! ‖R‖_F ≤ 2.2·eigen(n)‖C‖_F (residual and orthogonality), and LᵀX = Y + δ, |δ| ≤ γₙ|Lᵀ||X|.

use teeter::Float;

use super::{eigen, gamma_f64};

/// Frobenius norms of products of magnitudes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// ‖L‖‖C‖
    pub reduced: f64,
    /// ‖S|X|‖
    pub solves: f64,
    /// ‖|L||L⁻¹|S|L⁻ᵀ||Lᵀ||X|‖
    pub mirrored: f64,
    /// ‖|L||Lᵀ||X||M|‖
    pub metric: f64,
    /// ‖|A||X|‖ + ‖|G||X||M|‖, what the oracle's products are made of.
    pub oracle: f64,
}

/// ‖AX − GXM‖_F: L·R, E and what mirrors it on X, δ through LC and through LM, Γ on XM.
#[must_use]
pub fn residual<T: Float>(n: usize, sizes: Sizes) -> f64 {
    let own = 2.2 * eigen::<T>(n) * sizes.reduced;
    let solves = gamma_f64::<T>(n) * (3.0 * sizes.solves + 4.0 * sizes.mirrored + sizes.metric);
    let cholesky = gamma_f64::<T>(n + 1) * sizes.metric;
    own + solves + cholesky + gamma_f64::<f64>(2 * n + 4) * sizes.oracle
}

/// ‖XᵀGX − I‖_F: YᵀY − I, twice δ, Γ between X. `substituted` = ‖|Lᵀ||X|‖, `metric` = ‖|Xᵀ||L||Lᵀ||X|‖, `oracle` = ‖|Xᵀ||G||X|‖.
#[must_use]
pub fn orthonormality<T: Float>(n: usize, [substituted, metric, oracle]: [f64; 3]) -> f64 {
    let own = eigen::<T>(n) + 2.2 * gamma_f64::<T>(n) * substituted;
    own + gamma_f64::<T>(n + 1) * metric + gamma_f64::<f64>(2 * n + 4) * oracle
}

/// |μ̂ − μ| by Weyl's theorem: eigen(n)‖C‖_F, 6γₙ‖|L⁻¹|S|L⁻ᵀ|‖_F of E and what mirrors it, and Γ relative to μ
/// (Golub, Van Loan 2013, §8.7.2). `[‖C‖, ‖|L⁻¹|S|L⁻ᵀ|‖, |μ|‖|L⁻¹||L||Lᵀ||L⁻ᵀ|‖]`
#[must_use]
pub fn value<T: Float>(n: usize, [reduced, solves, metric]: [f64; 3]) -> f64 {
    let own = eigen::<T>(n) * reduced + 6.0 * gamma_f64::<T>(n) * solves;
    1.1 * (own + gamma_f64::<T>(n + 1) * metric)
}
