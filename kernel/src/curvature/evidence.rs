//! The evidence framework: how strong a prior the data themselves ask for.

use crate::check;
use crate::curvature::SpectralFilter;
use crate::curvature::linear_model::LinearModel;
use crate::error::Error;
use crate::float::Float;
use crate::simd::pieces;
use crate::vector;

/// A Gaussian prior of precision α and noise of precision β, weighed by the data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Evidence<T> {
    /// α: the prior is N(0, I/α).
    pub alpha: T,
    /// β: the noise is N(0, 1/β).
    pub beta: T,
    /// E_W = ½‖w‖² at the most probable weights.
    pub weight_energy: T,
    /// E_D = ½‖t − Φw‖² there.
    pub data_energy: T,
    /// γ = Σλ/(λ + α), λ of βΦᵀΦ: how many weights the data determine.
    pub gamma: T,
    /// log p(t | α, β), in nats.
    pub log_evidence: T,
    /// log of p(w | α)(2π)^{k/2}/√det A, the Occam factor: what the fit costs, never above 0.
    pub log_occam_factor: T,
}

/// Why the search for α and β ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum EvidenceStop {
    /// 2αE_W = γ within the tolerance.
    Converged,
    /// The steps were used up; `mismatch` says how far from it.
    LimitReached,
    /// The evidence rises until α is as good as infinite: the data ask for w = 0.
    NoSignal,
    /// The evidence rises until α is as good as 0: the data leave nothing for noise, or no prior.
    NoNoise,
}

/// The most probable α and β, and why they are these.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct EvidenceFit<T> {
    /// There.
    pub evidence: Evidence<T>,
    /// |2αE_W − γ|/γ.
    pub mismatch: T,
    /// Evaluations used.
    pub steps: usize,
    /// Why it ended.
    pub stop: EvidenceStop,
}

/// How long and how closely to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvidenceOptions<T> {
    /// Evaluations, at least 2, each of r terms; 100 are plenty.
    pub step_max: usize,
    /// |2αE_W − γ|/γ at which to stop, in (0, 1].
    pub tolerance: T,
}

/// A prediction and the variances it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Prediction<T> {
    /// φᵀw.
    pub mean: T,
    /// φᵀA⁻¹φ: what the data left undecided.
    pub variance: T,
    /// 1/β: what no data decide.
    pub noise: T,
}

/// Energies of a ratio ρ = α/β, which decides w.
struct Profile<T> {
    weight: T,
    data: T,
    gamma: T,
    /// N − γ, by sums.
    left: T,
}

impl<T: Float> LinearModel<'_, T> {
    fn profile(&self, ratio: T) -> Result<Profile<T>, Error> {
        let fit = self.fit(SpectralFilter::Ridge { alpha: ratio })?;
        let mut left = T::from_usize(self.rows.saturating_sub(self.values.len()));
        for direction in self.directions() {
            let [_, rest] = SpectralFilter::Ridge { alpha: ratio }.parts(direction.eigenvalue);
            left += rest;
        }
        let (weight, data) = (T::HALF * fit.weight_square, T::HALF * fit.residual_square);
        Ok(Profile { weight, data, gamma: fit.degrees_of_freedom, left })
    }

    /// The evidence log p(t | α, β) of a Gaussian prior, with its parts.
    ///
    /// log ev = −αE_W − βE_D − ½Σ log(1 + βs²/α) + (N/2) log(β/2π), which is the density of t under
    /// N(0, ΦΦᵀ/α + I/β). For comparing models: [`evidence_shares`]. With the features of a last layer as Φ it is
    /// the Laplace approximation, which is exact there.
    ///
    /// # Units
    /// α in 1/weights², β in 1/targets².
    ///
    /// # Accuracy
    /// Sums of r terms, each within 16u, beside the design's ΔΦ of [`LinearModel::new`], which moves the logarithm by
    /// at most (r + 2βE_D + 2αE_W)κη(2 + κη), κ = 1 + ‖Φ‖_F√(β/α). Scaling t by 2ᵏ and β by 4⁻ᵏ, α by 4⁻ᵏ, changes no energy.
    ///
    /// # Errors
    /// `Error::Range` for α or β not a positive normal number, or α/β not one.
    ///
    /// # Cost
    /// 20r flops, r logarithms.
    ///
    /// # Source
    /// MacKay 1992, *Neural Computation* 4, 415, §4.
    #[doc(alias = "mackay")]
    pub fn evidence(&self, alpha: T, beta: T) -> Result<Evidence<T>, Error> {
        let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
        check::in_range("alpha", alpha, smallest, largest)?;
        check::in_range("beta", beta, smallest, largest)?;
        let ratio = alpha / beta;
        check::in_range("alpha / beta", ratio, smallest, largest)?;
        let profile = self.profile(ratio)?;
        Ok(self.weigh([alpha, beta], &profile))
    }

    fn weigh(&self, [alpha, beta]: [T; 2], profile: &Profile<T>) -> Evidence<T> {
        let ratio = alpha / beta;
        let mut occam = T::ZERO;
        for direction in self.directions() {
            occam += (direction.eigenvalue / ratio).ln_1p();
        }
        let log_occam_factor = -alpha * profile.weight - T::HALF * occam;
        let density = T::HALF * T::from_usize(self.rows) * (beta / (T::TWO * T::PI)).ln();
        Evidence {
            alpha,
            beta,
            weight_energy: profile.weight,
            data_energy: profile.data,
            gamma: profile.gamma,
            log_evidence: density - beta * profile.data + log_occam_factor,
            log_occam_factor,
        }
    }

    /// α and β of largest evidence: 2αE_W = γ, 2βE_D = N − γ.
    ///
    /// In place of cross-validation, from the training data alone. Centre targets and columns first, or give Φ a
    /// constant column and accept a prior on it.
    ///
    /// # Method
    /// MacKay's re-estimation α ← γ/2E_W, β ← (N − γ)/2E_D, within a bracket. Since w depends on ρ = α/β alone,
    /// β = N/(2E_D + 2ρE_W) for every ρ, and one equation remains, γ = 2αE_W. The start is ρ = ‖Φ‖_F²/r. The slope of the
    /// evidence there, and at an end of [u²s₁², s₁²/u], says on which side it has a peak; if on none, α runs away,
    /// and `stop` says so with the values at that end. Every third step halves the bracket's logarithm. A
    /// peak is a local one: evidence may have several.
    ///
    /// # Accuracy
    /// `mismatch` says it: at most `tolerance` if converged, plus 32(r + N)u of rounding. 2αE_W + 2βE_D = N within 8u.
    /// Scaling t by 2ᵏ scales α and β by 4⁻ᵏ exactly, barring over- and underflow.
    ///
    /// # Errors
    /// `Error::Range` for a tolerance outside (0, 1] or a `step_max` below 2; `Error::ZeroVector` for targets or a design
    /// of zeros; `Error::Range` if α or β has no normal number.
    ///
    /// # Cost
    /// 12r flops and 2r divisions a step.
    ///
    /// # Source
    /// MacKay 1992, *Neural Computation* 4, 415, eq. 4.9 and 4.10; the bracket is ours.
    #[doc(alias = "mackay")]
    #[doc(alias = "empirical_bayes")]
    pub fn maximize_evidence(&self, options: &EvidenceOptions<T>) -> Result<EvidenceFit<T>, Error> {
        check::in_range("tolerance", options.tolerance, T::MIN_POSITIVE.to_f64(), 1.0)?;
        let (found, high) = (options.step_max as f64, usize::MAX as f64);
        if options.step_max < 2 {
            return Err(Error::Range { argument: "step_max", found, low: 2.0, high });
        }
        let largest = self.values.first().copied().unwrap_or(T::ZERO);
        if largest == T::ZERO {
            return Err(Error::ZeroVector { argument: "design" });
        }
        let top = largest * largest;
        let [low, high] = [top * T::UNIT_ROUNDOFF * T::UNIT_ROUNDOFF, top / T::UNIT_ROUNDOFF];
        let mean = self.directions().fold(T::ZERO, |sum, one| sum + one.eigenvalue)
            / T::from_usize(self.values.len());
        let at_start = self.profile(mean)?;
        if at_start.data + mean * at_start.weight == T::ZERO {
            return Err(Error::ZeroVector { argument: "targets" });
        }
        let rises = self.slope(mean, &at_start) > T::ZERO;
        let (end, stop) =
            if rises { (high, EvidenceStop::NoSignal) } else { (low, EvidenceStop::NoNoise) };
        let at_end = self.profile(end)?;
        let beyond = self.slope(end, &at_end);
        // A peak lies between only if the evidence falls toward the end.
        if !(if rises { beyond < T::ZERO } else { beyond > T::ZERO }) {
            return self.settled(end, &at_end, (2, stop));
        }
        let bracket = if rises { [mean, end] } else { [end, mean] };
        self.climb(options, bracket, (mean, at_start))
    }

    /// Half the derivative of the evidence by log ρ, β following: γ/2 − αE_W.
    fn slope(&self, ratio: T, profile: &Profile<T>) -> T {
        let pull = ratio * profile.weight;
        let share = pull / (profile.data + pull);
        T::HALF * (profile.gamma - T::from_usize(self.rows) * share)
    }

    /// From a ratio, with a peak inside the bracket.
    fn climb(
        &self,
        options: &EvidenceOptions<T>,
        bracket: [T; 2],
        start: (T, Profile<T>),
    ) -> Result<EvidenceFit<T>, Error> {
        let ([mut low, mut high], (mut ratio, mut profile)) = (bracket, start);
        let mut steps = 2;
        loop {
            let slope = self.slope(ratio, &profile);
            if T::TWO * slope.abs() <= options.tolerance * profile.gamma {
                return self.settled(ratio, &profile, (steps, EvidenceStop::Converged));
            }
            if steps >= options.step_max {
                return self.settled(ratio, &profile, (steps, EvidenceStop::LimitReached));
            }
            if slope > T::ZERO {
                low = ratio
            } else {
                high = ratio
            }
            let proposed = (profile.gamma / profile.weight) * (profile.data / profile.left);
            let inside = proposed > low && proposed < high && !steps.is_multiple_of(3);
            ratio = if inside { proposed } else { low.sqrt() * high.sqrt() };
            profile = self.profile(ratio)?;
            steps += 1;
        }
    }

    fn settled(
        &self,
        ratio: T,
        profile: &Profile<T>,
        (steps, stop): (usize, EvidenceStop),
    ) -> Result<EvidenceFit<T>, Error> {
        let n = T::from_usize(self.rows);
        let beta = n / (T::TWO * (profile.data + ratio * profile.weight));
        let alpha = ratio * beta;
        let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
        check::in_range("beta", beta, smallest, largest)?;
        check::in_range("alpha", alpha, smallest, largest)?;
        let evidence = self.weigh([alpha, beta], profile);
        let mismatch = (T::TWO * self.slope(ratio, profile)).abs() / profile.gamma;
        Ok(EvidenceFit { evidence, mismatch, steps, stop })
    }

    /// φᵀw and its variance φᵀA⁻¹φ + 1/β, A = αI + βΦᵀΦ, for new features φ.
    ///
    /// # Shapes
    /// `features`: k. `[alpha, beta]` as found by [`LinearModel::maximize_evidence`].
    ///
    /// # Accuracy
    /// Sums of r products, dot products of k terms: with g = γₖ₊ᵣ₊₈ the mean errs by g Σ|vᵀφ||fc/s|, the variance by
    /// g‖φ‖²/α at most, which counts where the data decide nearly all; the design as in [`LinearModel::new`]. The
    /// variance is never below 0.
    ///
    /// # Errors
    /// `Error::Length`; `Error::NotFinite`; `Error::Range` as in [`LinearModel::evidence`].
    ///
    /// # Cost
    /// 2kr flops, no scratch.
    ///
    /// # Source
    /// MacKay 1992, *Neural Computation* 4, 448, §2.
    #[doc(alias = "laplace")]
    pub fn predict(&self, features: &[T], [alpha, beta]: [T; 2]) -> Result<Prediction<T>, Error> {
        check::same_len("features", self.cols, features.len())?;
        check::finite("features", features)?;
        let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
        check::in_range("alpha", alpha, smallest, largest)?;
        check::in_range("beta", beta, smallest, largest)?;
        let filter = SpectralFilter::Ridge { alpha: alpha / beta };
        let (mut mean, mut variance, mut seen) = (T::ZERO, T::ZERO, T::ZERO);
        for (direction, column) in self.directions().zip(pieces(self.right, self.cols)) {
            let along = vector::dot(self.machine, column, features)?;
            let [share, rest] = filter.parts(direction.eigenvalue);
            mean += along * (share * direction.solution);
            variance += along * along * rest;
            seen += along * along;
        }
        if self.cols > self.values.len() {
            let norm = vector::norm2(self.machine, features);
            variance += (norm * norm - seen).max_of(T::ZERO);
        }
        Ok(Prediction { mean, variance: variance / alpha, noise: T::ONE / beta })
    }
}

/// pᵢ = evᵢ/Σev from log evidences: the probabilities of models that were equally likely before.
///
/// # Shapes
/// `log_evidences`, `shares`: m ≥ 1.
///
/// # Accuracy
/// Relative error at most (m + 4 + 2|log p|)u each, without overflow however large the logarithms; shares of less than
/// the format holds are 0. They add to 1 within (2m + 4)u.
///
/// # Errors
/// `Error::Empty`, `Error::Length`, `Error::NotFinite`.
///
/// # Cost
/// m exponentials.
///
/// # Source
/// MacKay 1992, *Neural Computation* 4, 415, §2.
///
/// # Example
/// ```
/// use teeter::curvature::evidence_shares;
/// let mut shares = [0.0; 2];
/// evidence_shares(&[-1000.0, -1000.0], &mut shares)?;
/// assert_eq!(shares, [0.5, 0.5]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "bayes_factor")]
#[doc(alias = "softmax")]
pub fn evidence_shares<T: Float>(log_evidences: &[T], shares: &mut [T]) -> Result<(), Error> {
    check::not_empty("log_evidences", log_evidences.len())?;
    check::same_len("shares", log_evidences.len(), shares.len())?;
    check::finite("log_evidences", log_evidences)?;
    let best = log_evidences.iter().fold(-T::INFINITY, |best, &one| best.max_of(one));
    let mut sum = T::ZERO;
    for (share, &one) in shares.iter_mut().zip(log_evidences) {
        *share = (one - best).exp();
        sum += *share;
    }
    for share in shares {
        *share /= sum;
    }
    Ok(())
}

/// The mixture of several models' predictions: mean Σpᵢmᵢ, variance Σpᵢ(vᵢ + (mᵢ − mean)²), noise Σpᵢnᵢ.
///
/// Models that disagree make the mixture less certain than each of them.
///
/// # Shapes
/// `predictions`, `shares`: m ≥ 1, the shares as of [`evidence_shares`].
///
/// # Accuracy
/// Sums of m terms: (m + 4)u of Σpᵢ|mᵢ| for the mean, (m + 6)u for noise and for variance relative to itself and what
/// the error of the mean, squared, adds.
///
/// # Errors
/// `Error::Empty`, `Error::Length`; `Error::Range` for a share outside [0, 1].
///
/// # Cost
/// 8m flops.
///
/// # Source
/// Hoeting et al. 1999, *Statistical Science* 14, 382.
///
/// # Example
/// ```
/// use teeter::curvature::{Prediction, average_predictions};
/// let of = |mean| Prediction { mean, variance: 1.0, noise: 0.5 };
/// let both = average_predictions(&[of(1.0), of(3.0)], &[0.5, 0.5])?;
/// assert_eq!(both, Prediction { mean: 2.0, variance: 2.0, noise: 0.5 });
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "model_averaging")]
pub fn average_predictions<T: Float>(
    predictions: &[Prediction<T>],
    shares: &[T],
) -> Result<Prediction<T>, Error> {
    check::not_empty("predictions", predictions.len())?;
    check::same_len("shares", predictions.len(), shares.len())?;
    for &share in shares {
        check::in_range("shares", share, 0.0, 1.0)?;
    }
    let (mut mean, mut noise, mut variance) = (T::ZERO, T::ZERO, T::ZERO);
    for (one, &share) in predictions.iter().zip(shares) {
        mean += share * one.mean;
        noise += share * one.noise;
    }
    for (one, &share) in predictions.iter().zip(shares) {
        let apart = one.mean - mean;
        variance += share * (one.variance + apart * apart);
    }
    Ok(Prediction { mean, variance, noise })
}
