//! The only tolerances of the repository, each with its derivation.
//!
//! Model: fl(a∘b) = (a∘b)(1 + δ), |δ| ≤ u, for + − × ÷ √, no overflow; a product that
//! underflows is off by at most η/2 more, η the smallest subnormal. A value that has met
//! k roundings carries (1 + θₖ), |θₖ| ≤ γₖ = ku/(1 − ku) (Higham 2002, Lemma 3.1); γ is exact
//! here, a rational number. Adding to +0 and multiplying by 1 do not round, and are not counted.

pub mod conjugate_gradient;
pub mod edge;
pub mod eigenpairs;
pub mod elementary;
pub mod factor;
pub mod generalized_eigen;
pub mod layers;
pub mod ldlt_pivoted;
pub mod leave_one_out;
pub mod linear_model;
pub mod network;
pub mod operator;
pub mod optim;
pub mod precise;
pub mod quadrature;
pub mod random_start;
pub mod sequence;
pub mod sketch;
pub mod svd;
pub mod trace;
pub mod tracking;
pub mod triangular;

use dashu_ratio::Relaxed;
use teeter::Float;

use crate::oracle::exact::{Exact, from, power_of_two, whole};

/// A chance so small that no fixed seed is expected to meet it.
pub const RARE: f64 = 1e-6;

/// u: half the distance from 1 to the next number.
#[must_use]
pub fn unit_roundoff<T: Float>() -> Exact {
    from(T::UNIT_ROUNDOFF)
}

/// η: the smallest positive number of the format, 2^(E_min − p + 1).
#[must_use]
pub fn smallest_subnormal<T: Float>() -> Exact {
    power_of_two(if T::BITS == 32 { -149 } else { -1074 })
}

/// γₖ = ku/(1 − ku).
#[must_use]
pub fn gamma<T: Float>(k: usize) -> Exact {
    let ku = whole(k) * unit_roundoff::<T>();
    &ku / (Relaxed::ONE - &ku)
}

/// γₖ, rounded up to f64: for bounds whose other factors are not rational.
#[must_use]
pub fn gamma_f64<T: Float>(k: usize) -> f64 {
    gamma::<T>(k).to_f64_fast() * (1.0 + 4.0 * f64::EPSILON)
}

/// L: lanes of the virtual register of 128 bytes (design §4).
#[must_use]
pub fn lanes<T: Float>() -> usize {
    1024 / T::BITS as usize
}

/// Roundings between an element and the sum: a lane adds ⌈n/L⌉ of them, the first to +0;
/// the tree adds log₂L times.
#[must_use]
pub fn sum_height<T: Float>(n: usize) -> usize {
    n.div_ceil(lanes::<T>()).saturating_sub(1) + lanes::<T>().ilog2() as usize
}

/// One more than a sum: the product.
#[must_use]
pub fn dot_height<T: Float>(n: usize) -> usize {
    sum_height::<T>(n) + 1
}

/// |ŝ − Σxᵢ| ≤ γₕ Σ|xᵢ| (Higham 2002, §4.2). Sums do not underflow inexactly.
#[must_use]
pub fn sum<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(sum_height::<T>(n)) * magnitude
}

/// |ŝ − xᵀy| ≤ γₕ |x|ᵀ|y| + n·η/2·(1 + γₕ) (Higham 2002, §3.1).
#[must_use]
pub fn dot<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    let gamma = gamma::<T>(dot_height::<T>(n));
    let lost = whole(n) * smallest_subnormal::<T>() / whole(2) * (Relaxed::ONE + &gamma);
    gamma * magnitude + lost
}

/// |ŝ² − S| ≤ (γ₍ₕ₊₂₎ + n·2^−(3p + 16))·S for ŝ = ‖x‖₂, S = Σxᵢ².
///
/// ŝ = √Ŝ·(1 + δ), Ŝ = S(1 + θₕ), so ŝ² carries h + 2 roundings. What underflows weighs n·η/2
/// against S ≥ 2^(E + 2p + 16) (`float::Limits`), or against 1 in the scaled pass.
#[must_use]
pub fn norm2_squared<T: Float>(n: usize, square: &Exact) -> Exact {
    let precision = if T::BITS == 32 { 24 } else { 53 };
    let lost = whole(n) * power_of_two(-(3 * precision + 16));
    (gamma::<T>(dot_height::<T>(n) + 2) + lost) * square
}

/// Level 2 and 3, one element: |ĉ − c| ≤ γ₍ₖ₊₂₎(|α||a||b| + |β||c|) + (k + 1 + k·max|a|)·η.
///
/// A chain from βc: αb rounds once, the product once, then at most k sums; βc rounds once,
/// then k sums (Higham 2002, §3.5). αb and the product may each lose η/2, the former times |a|.
#[must_use]
pub fn chain<T: Float>(k: usize, magnitude: &Exact, a_magnitude_max: &Exact) -> Exact {
    let lost = (whole(k + 1) + whole(k) * a_magnitude_max) * smallest_subnormal::<T>();
    gamma::<T>(k + 2) * magnitude + lost
}

/// gemv with adjacent rows: α·dot + βy rounds twice more than dot: h + 2.
#[must_use]
pub fn gemv_reduction<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    let lost = whole(2 * n + 3) * smallest_subnormal::<T>();
    gamma::<T>(dot_height::<T>(n) + 2) * magnitude + lost
}

/// Triangular solve: |b − Lŷ| ≤ γₙ|L||ŷ| (Higham 2002, Theorem 8.5), plus n·η per element.
#[must_use]
pub fn trsv<T: Float>(n: usize, magnitude: &Exact, diagonal: &Exact) -> Exact {
    let lost = (whole(n) + diagonal) * smallest_subnormal::<T>();
    gamma::<T>(n.max(1)) * magnitude + lost
}

/// Cholesky: |A − L̂L̂ᵀ| ≤ γ₍ₙ₊₃₎|L̂||L̂ᵀ| (Higham 2002, Theorem 10.3).
///
/// The theorem has γ₍ₙ₊₁₎ for division by lⱼⱼ. Ours multiplies by fl(fl(1/p)·fl(√p)): with lⱼⱼ = √p(1 + δ), lᵢⱼ·lⱼⱼ is the
/// chain's end times five factors 1 + δ where division leaves one. Below the diagonal j ≤ n − 2 products went
/// before: j + 5 ≤ n + 3 roundings (Lemma 8.4).
#[must_use]
pub fn cholesky<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(n + 3) * magnitude
}

/// Cholesky and both solves: |b − Ax̂| ≤ γ₍₃ₙ₊₅₎|L̂||L̂ᵀ||x̂| (Higham 2002, Theorem 10.4, with the bound above and one
/// rounding more for the reciprocals in each solve).
#[must_use]
pub fn cholesky_solve<T: Float>(n: usize, magnitude: &Exact) -> Exact {
    gamma::<T>(3 * n + 5) * magnitude
}

/// Cholesky must run to completion if λ_min(D⁻¹AD⁻¹) > nγ₍ₙ₊₃₎/(1 − γ₍ₙ₊₃₎), D = diag(aᵢᵢ)^½
/// (Demmel; Higham 2002, Theorem 10.7, with the bound above).
#[must_use]
pub fn cholesky_succeeds_above<T: Float>(n: usize) -> f64 {
    let gamma = gamma_f64::<T>(n + 3);
    n as f64 * gamma / (1.0 - gamma)
}

/// Symmetric eigenproblems: ‖A − VΛVᵀ‖_F/‖A‖_F, ‖VᵀV − I‖_F, |λ̂ − λ|/‖A‖_F: 10·n·u.
///
/// A convention, not a theorem: Householder and QL are backward stable (Parlett 1998, §8), but
/// no explicit constant is published. LAPACK accepts 30·n·2u (TESTING/dsep.in); this is a sixth.
#[must_use]
pub fn eigen<T: Float>(n: usize) -> f64 {
    10.0 * n.max(1) as f64 * T::UNIT_ROUNDOFF.to_f64()
}

/// ‖H − Hᵀ‖_F/‖H‖_F for a Hessian formed by its n products, each element a sum of `terms` terms.
///
/// Two elements that should agree are sums of `terms` terms in different orders, each within
/// γ₍ₜₑᵣₘₛ₎ of its own magnitude sum; √n stands for how much larger those sums are than the
/// elements in norm. A convention, not a theorem, as [`eigen`] is: the magnitude sums of a deep
/// network have no closed form. A term of the product left out gives an asymmetry of order 1.
#[must_use]
pub fn hessian_asymmetry(n: usize, terms: usize) -> f64 {
    2.0 * gamma_f64::<f64>(terms) * (n as f64).sqrt()
}

/// One Lanczos step of k, over ‖A‖_F: what A q = Q t + β q⁺ leaves, and |T − QᵀAQ|.
///
/// The product errs by γ₍ₙ₊₂₎‖|A||q|‖ ≤ γ₍ₙ₊₂₎‖A‖_F. Each pass of Gram–Schmidt errs by γₙ per coefficient,
/// √k of them, and by γ₍ₖ₊₂₎(√k + 1) in the update; the second pass acts on what is left, so two
/// passes cost at most twice that. Where Q is orthonormal only within ω (largest element), the
/// coefficients mix: 3√k·ω. Norm, division and sum of coefficients: 4u + γₙ.
#[must_use]
pub fn lanczos<T: Float>(n: usize, k: usize, defect: f64) -> f64 {
    let root = (k as f64).sqrt();
    let pass = root * gamma_f64::<T>(n + 2) + gamma_f64::<T>(k + 2) * (root + 1.0);
    let unit = T::UNIT_ROUNDOFF.to_f64();
    // The oracle forms its products in f64, rounding as often as the kernel at that width.
    let oracle = 2.0 * gamma_f64::<f64>(2 * n + 2) * root;
    2.0 * gamma_f64::<T>(n + 2) + 2.0 * pass + 3.0 * root * defect + 4.0 * unit + oracle
}

/// |QᵀQ − I|, largest element, where β stays above ‖A‖/100: the second pass errs by γ₍ₙ₊₂₎ per
/// coefficient and γ₍ₖ₊₂₎(√k + 1) in the update, relative to a vector that it hardly shortens
/// (Giraud, Langou, Rozložník 2005: twice is enough); normalizing adds γ₍ₙ₊₂₎, the oracle as much.
#[must_use]
pub fn lanczos_orthogonality<T: Float>(n: usize, k: usize) -> f64 {
    let root = (k as f64).sqrt();
    2.0 * gamma_f64::<T>(n + 2) + gamma_f64::<T>(k + 2) * (root + 1.0) + gamma_f64::<f64>(n)
}

/// e₁ᵀTᵖe₁ − qᵀAᵖq for p ≤ 2k − 1, over ‖A‖ᵖ: with F the steps' errors, ‖F‖ ≤ √k·E‖A‖_F, Aʲq = QTʲe₁ + Σ
/// AʲF…, j ≤ k − 1 terms on either side, and one more for the middle product.
#[must_use]
pub fn lanczos_moment(k: usize, step: f64, frobenius_over_norm: f64) -> f64 {
    (2 * k + 2) as f64 * (k as f64).sqrt() * step * frobenius_over_norm
}

/// Tr(Ĝ⁻¹H) − Tr(G⁻¹H), G = LLᵀ: Cholesky and both solves perturb G by γ₍₃ₙ₊₅₎|L||Lᵀ| (Higham 2002,
/// Theorem 10.4), to first order Tr(G⁻¹ΔG G⁻¹H); the product and the sum round 2n + 2 times.
///
/// `perturbed` is Tr(|G⁻¹||L||Lᵀ||G⁻¹||H|), `magnitude` Tr(|L⁻¹||H||L⁻ᵀ|).
#[must_use]
pub fn trace_ratio<T: Float>(n: usize, perturbed: f64, magnitude: f64) -> f64 {
    gamma_f64::<T>(3 * n + 5) * perturbed + gamma_f64::<T>(2 * n + 2) * magnitude
}

/// Hoeffding: |Σsᵢ| of N independent signs exceeds this with chance at most `failure`.
///
/// P(|Σ| ≥ t) ≤ 2exp(−t²/2N) (Hoeffding 1963, Theorem 2, for ranges of 2).
#[must_use]
pub fn hoeffding_signs(count: usize, failure: f64) -> f64 {
    (2.0 * count as f64 * (2.0 / failure).ln()).sqrt()
}

/// sup|Fₙ − F| of N independent values exceeds this with chance at most `failure`.
///
/// P ≤ 2exp(−2Nt²) (Dvoretzky, Kiefer, Wolfowitz 1956; the constant by Massart 1990).
#[must_use]
pub fn empirical_distribution(count: usize, failure: f64) -> f64 {
    ((2.0 / failure).ln() / (2.0 * count as f64)).sqrt()
}

/// Bernstein, for the mean of m probes zᵀAz around Tr A, signs z, B = A − diag A.
///
/// Each term has mean 0, variance 2‖B‖_F² and size at most R = Σ|bᵢⱼ|; then P(|mean| > t) ≤
/// 2exp(−mt²/(2σ² + 2Rt/3)) (Boucheron, Lugosi, Massart 2013, Corollary 2.11), solved for t.
#[must_use]
pub fn bernstein_trace(products: usize, variance: f64, range: f64, failure: f64) -> f64 {
    let (m, log) = (products as f64, (2.0 / failure).ln());
    let third = range * log / 3.0;
    (third + (third * third + 2.0 * m * variance * log).sqrt()) / m
}

/// tanh: relative error, from [`elementary::TANH`] units of at most 2u each.
#[must_use]
pub fn tanh<T: Float>() -> f64 {
    2.0 * elementary::TANH * T::UNIT_ROUNDOFF.to_f64()
}

/// libm's own claim for exp, expm1, log, log1p, tanh, sin, cos: one unit in the last place,
/// 2u relative to a result that is normal.
#[must_use]
pub fn libm<T: Float>() -> f64 {
    2.0 * T::UNIT_ROUNDOFF.to_f64()
}

/// Running mean of m samples of size at most s: each update rounds the difference, the quotient and
/// the sum, each error at most 3u·2s, and a later update keeps at most all of it: 6·m·u·s.
#[must_use]
pub fn running_mean<T: Float>(count: usize, largest: f64) -> f64 {
    6.0 * count as f64 * T::UNIT_ROUNDOFF.to_f64() * largest
}

/// Welford's sum of squares, relative: m·u·κ to first order with κ² = 1 + mean²/σ² (Chan, Lewis 1979,
/// doi:10.1145/359146.359152), here with s ≥ |mean| for the mean; 4 for root, quotients and products.
#[must_use]
pub fn running_variance<T: Float>(count: usize, largest: f64, deviation: f64) -> f64 {
    let condition = (1.0 + (largest / deviation).powi(2)).sqrt();
    4.0 * count as f64 * T::UNIT_ROUNDOFF.to_f64() * condition
}

/// Student's quantile: the chance documented beside it, and the quantile rounded to the format
/// (the density of t times t is below 1/2, so u of t moves the chance by less than u).
#[must_use]
pub fn quantile<T: Float>(freedom: usize) -> f64 {
    let method = if freedom <= 200 { 1e-12 } else { 1e-4 };
    method + T::UNIT_ROUNDOFF.to_f64()
}
