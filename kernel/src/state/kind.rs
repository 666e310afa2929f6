//! The states there are.

/// Which state the bytes hold; the numbers are part of the layout and never change.
///
/// Steppers of other layers take numbers from 100 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u16)]
pub enum Kind {
    /// `optim::SgdState`
    Sgd = 1,
    /// `optim::AdamState`
    Adam = 2,
    /// `optim::PadamState`
    Padam = 3,
    /// `optim::RmsPropState`
    RmsProp = 4,
    /// `optim::SophiaState`
    Sophia = 5,
    /// `optim::TracerState`
    Tracer = 6,
    /// `optim::LookSamState`
    LookSam = 7,
    /// `optim::AverageState`
    Average = 8,
    /// `optim::LookaheadState`
    Lookahead = 9,
    /// `optim::PenaltyMean`
    PenaltyMean = 10,
    /// `optim::TracePenaltyState`
    TracePenalty = 11,
    /// `krylov::Lanczos`
    Lanczos = 100,
    /// `krylov::LanczosRecurrence`
    LanczosRecurrence = 101,
    /// `krylov::LowMemoryLanczos`
    LowMemoryLanczos = 102,
    /// `krylov::ThickRestart`
    ThickRestart = 103,
    /// `krylov::Lobpcg`
    Lobpcg = 104,
    /// `krylov::SharpnessTracker`
    SharpnessTracker = 105,
    /// `krylov::ConjugateGradient`
    ConjugateGradient = 106,
    /// `trace::Hutchinson`
    Hutchinson = 120,
    /// `trace::HutchPp`
    HutchPp = 121,
    /// `trace::XTrace`
    XTrace = 122,
    /// `trace::XNysTrace`
    XNysTrace = 123,
    /// `trace::DiagonalEstimator`
    DiagonalEstimator = 124,
    /// `trace::Slq`
    Slq = 125,
    /// `trace::TraceRatioSolve`
    TraceRatioSolve = 126,
    /// `trace::NaHutchPp`
    NaHutchPp = 127,
    /// `curvature::CurvatureReport`
    CurvatureReport = 140,
    /// `curvature::RateControllerState`
    RateController = 141,
}
