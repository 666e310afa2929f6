//! Elementary functions, in units in the last place of the true value (of the smallest subnormal below
//! the normal numbers). They hold for f32 and f64, whose steps are the same.
//!
//! The pair e = exp y = 2ᵏ(1 + r + c): c = r²q carries 3.3u of itself (r² one rounding, q 1.3, the product
//! one), at most 0.22u where c ≤ 0.0676 (r > 0) and 0.18u where c ≤ 0.0537 (r < 0); that it is taken at r without
//! its rest costs 0.09u; two sums of low parts cost 0.13u; the polynomial 0.06u (f64; f32 less). So the pair
//! is off by 0.5u for r > 0, where it is at least 1, and by 0.46u for r < 0, where it is at least 0.707: at
//! most 0.66u of e, and at most half a unit in the last place of e.
//!
//! The quotient of pairs loses 3u of its tail, which is below 2⁻¹¹ of the quotient: nothing.

/// exp: 0.5 from the pair and 0.5 from rounding it. A subnormal result is rounded again, but the first
/// error then is at most half as large.
pub const EXP: f64 = 1.0;

/// exp where r is in [`EXP_NEAR_R`] and the result normal, in f32 and in f64: c ≤ 0.0082, so 3.3u·c = 0.027u; r
/// without its rest (at most u/16) costs 0.008u, each of two sums of low parts 0.008u, the polynomial 0.002u in
/// f32 and 0.06u in f64: 0.053u and 0.111u of at least 1, where a unit is 2u. 0.5 for rounding the pair. The rest of r is up
/// to 0.031 units: a sweep sees where it is left out.
pub const EXP_NEAR: [f64; 2] = [0.53, 0.56];

/// Where [`EXP_NEAR`] holds: far from where k changes.
pub const EXP_NEAR_R: std::ops::Range<f64> = 0.0625..0.125;

/// tanh = (1 − e)/(1 + e): 1 − e is off by 3.3u·c + 0.18u for k = 0 (c/(1 − e) ≤ 0.19, r has no rest), and by
/// 0.5u·e/(1 − e) below, at most 0.86u; 1 + e by 0.28u; each u is at most one unit; 0.5 for the last rounding.
pub const TANH: f64 = 1.7;

/// tanh where |x| is at least [`TANH_NEAR_ONE_X`] and e below 2⁻¹⁰: 0.66u·e in 1 − e and in 1 + e, 2⁻¹¹u from the quotient
/// of pairs, u² from sums of low parts: below 0.002u, and u is the unit of a result in [½, 1); 0.5 for the last
/// rounding. A sweep sees where 1 − 2ᵏ loses its rest, which is up to half a unit.
pub const TANH_NEAR_ONE: f64 = 0.502;

/// From where on [`TANH_NEAR_ONE`] holds: e = exp(−2x) < 2⁻¹⁰ for x > 5 log 2 = 3.466.
pub const TANH_NEAR_ONE_X: f64 = 3.5;

/// 1/(1 + e) or e/(1 + e): the error of e enters once, damped by the denominator: 0.66u; 0.5 for rounding. A
/// subnormal result is rounded again, but the first error then is at most half as large.
pub const SIGMOID: f64 = 1.2;

/// log(1 + x): in u, absolutely, at |f| ≤ 0.4142: 0.086 for f²/2, 0.113 for s(f²/2 + p) (6.2 roundings of
/// 0.0182), 0.068 for their difference: 0.267; for f ≥ −0.293: 0.164. k ≠ 0 adds 0.15 for low parts. Worst at
/// k = −1, a result of 0.347 of which u is two units: 2·0.42; 0.5 for the last rounding.
pub const LOG1P: f64 = 1.4;

/// max(x, 0) + log(1 + e): below 0 the pair's 0.66u of e (condition at most 1), and the logarithm's 0.5u of a
/// result just below a power of two, where u is one unit, or, at 0.5, 0.52u absolutely, half of a unit
/// each; 0.5 for the last rounding.
pub const SOFTPLUS: f64 = 1.7;

/// sigmoid(x) + sigmoid(−x) − 1 in u: the half ≤ 1 has a unit of u, the other one of at most u/2.
pub const SIGMOID_SYMMETRY: f64 = SIGMOID * 1.5;
