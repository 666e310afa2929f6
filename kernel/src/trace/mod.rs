//! Traces, from products alone.
//!
//! For a random z with E zzᵀ = I, zᵀAz has mean Tr A (Girard 1989, Hutchinson 1990). The mean
//! of m such numbers is the estimate; how far it may be off is part of the answer.
//!
//! | item                     | estimates                                  | products     |
//! |--------------------------|--------------------------------------------|--------------|
//! | [`Hutchinson`]           | Tr A, one probe at a time                  | one a probe  |
//! | [`hutchinson`]           | Tr A, the loop over it                     | as asked     |
//! | [`hutchinson_until`]     | Tr A within a tolerance, valid though it looks after each product | as it takes |
//! | [`HutchPp`], [`hutch_pp`] | Tr A, exactly on a sketched range          | as asked     |
//! | [`NaHutchPp`], [`na_hutch_pp`] | Tr A, A = Aᵀ, no product waiting for another | as asked |
//! | [`XTrace`], [`xtrace`]   | Tr A, A = Aᵀ; each probe sketches and samples | as asked  |
//! | [`XNysTrace`], [`xnystrace`], [`xnystrace_deflated`] | Tr A, A ⪰ 0, and each product | as asked |
//! | [`DiagonalEstimator`], [`diagonal_estimate`] | the diagonal           | one a probe  |
//! | [`Hutchinson::frobenius_norm`] | ‖A‖_F                                | none more    |
//! | [`trace_exact`]          | Tr A exactly                               | n            |
//! | [`trace_ratio_diagonal`] | Tr(G⁻¹H), G diagonal                       | as asked     |
//! | [`trace_ratio_cholesky`] | Tr(G⁻¹H), G = LLᵀ                          | as asked     |
//! | [`TraceRatioSolve`], [`trace_ratio_solve`] | Tr(G⁻¹H), G by its products too | as asked, both counted |
//! | [`generalized_lanczos_quadrature`] | Σ f(μ), Hv = μGv, G = LLᵀ      | as asked     |
//! | [`Slq`]                  | Tr f(A), density, one product at a time    | as asked     |
//! | [`stochastic_lanczos_quadrature`] | the loop over it                  | as asked     |
//! | [`gauss_rule`], [`gauss_radau_rule`], [`quadratic_form_bracket`] | qᵀf(A)q from T | none |
//! | [`student_t_quantile`]   | how wide an interval of m samples must be  | none         |
//! | [`student_sequence_quantile`] | the same, looked at after every sample | none       |
//!
//! Which one: where A ⪰ 0 (Gauss–Newton, Fisher), [`xnystrace_deflated`] with normals and half the products for Lanczos; else
//! [`xtrace`] with normals where eigenvalues decay, [`hutchinson`] with signs where they do not, or where n vectors
//! of that many products are too much memory. Exact at n products, whatever is asked for.
//!
//! Single-probe variance for symmetric A: 2(‖A‖_F² − Σaᵢᵢ²) with signs, 2‖A‖_F² with normals.
//! Tr(G⁻¹H) is the measure of flatness that a change of coordinates w → Aw + b leaves alone,
//! if G is a metric that changes along, as a Fisher matrix does; with εI added to G, or with
//! Adam's √v for G, it is not.
//!
//! Not here yet: XDiag.

mod bracket;
mod density;
mod diagonal;
mod estimate;
mod exact;
mod frobenius;
mod generalized;
mod hutch_pp;
mod hutchinson;
mod interval;
mod leave_out;
mod na_hutch_pp;
mod quadrature;
mod range;
mod ratio;
mod ratio_solve;
mod saved;
mod sequence;
mod slq;
mod slq_ends;
mod slq_estimate;
mod spectral;
mod xnystrace;
mod xtrace;

pub use bracket::{Bracket, SpectrumBounds, quadratic_form_bracket};
pub use diagonal::{
    DiagonalEstimator, DiagonalOptions, DiagonalState, diagonal_estimate,
    diagonal_estimate_scratch_len, diagonal_estimator_scratch_len,
};
pub use estimate::{TraceEstimate, TraceMethod};
pub use exact::{trace_exact, trace_exact_scratch_len};
pub use frobenius::NormEstimate;
pub use generalized::{generalized_lanczos_quadrature, generalized_lanczos_quadrature_scratch_len};
pub use hutch_pp::{
    HutchPp, HutchPpState, hutch_pp, hutch_pp_machine_scratch_len, hutch_pp_scratch_len,
};
pub use hutchinson::{Hutchinson, HutchinsonOptions, Probe, hutchinson, hutchinson_scratch_len};
pub use interval::student_t_quantile;
pub use na_hutch_pp::{
    NaHutchPp, NaHutchPpState, na_hutch_pp, na_hutch_pp_machine_scratch_len,
    na_hutch_pp_scratch_len,
};
pub use quadrature::{gauss_radau_rule, gauss_rule, quadrature_scratch_len};
pub use ratio::{trace_ratio_cholesky, trace_ratio_diagonal, trace_ratio_scratch_len};
pub use ratio_solve::{
    RatioProduct, TraceRatioEstimate, TraceRatioOptions, TraceRatioSolve, trace_ratio_solve,
    trace_ratio_solve_machine_scratch_len, trace_ratio_solve_scratch_len,
};
pub use sequence::{StopRule, hutchinson_until, student_sequence_quantile};
pub use slq::{
    Slq, SlqOptions, slq_scratch_len, stochastic_lanczos_quadrature,
    stochastic_lanczos_quadrature_scratch_len,
};
pub use slq_ends::{EndEstimate, NormInterval};
pub use slq_estimate::{SlqEstimate, SpectrumEnds};
pub use spectral::SpectralFunction;
pub use xnystrace::{
    XNysTrace, XNysTraceState, xnystrace, xnystrace_deflated, xnystrace_estimate_scratch_len,
    xnystrace_machine_scratch_len, xnystrace_scratch_len,
};
pub use xtrace::{
    XTrace, XTraceState, xtrace, xtrace_estimate_scratch_len, xtrace_machine_scratch_len,
    xtrace_scratch_len,
};
