//! What the batch size does to curvature, learning rates and damping.

use crate::check;
use crate::curvature::random_matrix::{Spike, semicircle_spike};
use crate::error::Error;
use crate::float::Float;

fn positive<T: Float>(argument: &'static str, value: T) -> Result<(), Error> {
    check::in_range(argument, value, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())
}

/// A batch drawn from a data set, as far as curvature feels it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNoise<T> {
    /// P: parameters, at least 1.
    pub params: usize,
    /// B: samples in a batch, 1 to N.
    pub batch: usize,
    /// N: samples in all.
    pub samples: usize,
    /// σ²: variance of one entry of one sample's Hessian.
    pub variance: T,
}

impl<T: Float> BatchNoise<T> {
    fn check(&self) -> Result<(), Error> {
        check::not_empty("params", self.params)?;
        check::not_empty("batch", self.batch)?;
        if self.batch > self.samples {
            let (found, high) = (self.batch as f64, self.samples as f64);
            return Err(Error::Range { argument: "batch", found, low: 1.0, high });
        }
        check::in_range("variance", self.variance, 0.0, T::MAX.to_f64())
    }

    /// 𝔟 = B/(1 − B/N) as its inverse (1 − B/N)/B, which is 0 for the full batch.
    fn inverse_size(&self) -> T {
        let [b, n] = [self.batch, self.samples].map(T::from_usize);
        T::from_usize(self.samples.saturating_sub(self.batch)) / n / b
    }

    /// 2σ√(P/𝔟), 𝔟 = B/(1 − B/N): the edge of the bulk that sampling adds to the Hessian.
    ///
    /// # Units
    /// That of the Hessian.
    ///
    /// # Accuracy
    /// Relative error at most 8u, barring over- and underflow. 0 for the full batch.
    ///
    /// # Errors
    /// `Error::Empty`, `Error::Range` for a count of 0, B > N, or a variance that is negative or not finite.
    ///
    /// # Cost
    /// A root.
    ///
    /// # Source
    /// Granziol, Zohren, Roberts 2022, JMLR 23(173), §3.
    pub fn edge(&self) -> Result<T, Error> {
        self.check()?;
        let square = T::from_usize(self.params) * self.inverse_size() * self.variance;
        Ok(T::TWO * square.sqrt())
    }
}

/// λ + Pσ²/𝔟λ: an eigenvalue of the full Hessian as the Hessian of a batch shows it; the bulk's edge where it is lost.
///
/// # Units
/// That of the Hessian.
///
/// # Accuracy
/// Relative error at most 20u. The limit of many parameters and of noise whose entries are alike and independent; that of
/// networks is not quite.
///
/// # Errors
/// As [`BatchNoise::edge`]; `Error::Range` for λ not finite.
///
/// # Cost
/// A root, a few divisions.
///
/// # Source
/// Granziol, Zohren, Roberts 2022, JMLR 23(173), Theorem 3.
///
/// # Example
/// ```
/// use teeter::curvature::{BatchNoise, batch_eigenvalue};
/// let noise = BatchNoise { params: 100, batch: 10, samples: 1000, variance: 1.0 };
/// let seen: f64 = batch_eigenvalue(&noise, 6.0)?.value;
/// assert!((seen - (6.0 + 9.9 / 6.0)).abs() < 1e-12, "{seen}");
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn batch_eigenvalue<T: Float>(noise: &BatchNoise<T>, eigenvalue: T) -> Result<Spike<T>, Error> {
    let edge = noise.edge()?;
    if edge < T::MIN_POSITIVE {
        check::in_range("eigenvalue", eigenvalue, -T::MAX.to_f64(), T::MAX.to_f64())?;
        return Ok(Spike { value: eigenvalue, overlap: T::ONE });
    }
    semicircle_spike(eigenvalue, edge)
}

/// 2/λ₁′: the largest stable learning rate of SGD with a batch, λ₁′ as of [`batch_eigenvalue`].
///
/// It grows as B while noise dominates and saturates at 2/λ₁. A necessary condition, from the mean Hessian of a batch;
/// [`MeanSquare::threshold`] is exact for small problems.
///
/// [`MeanSquare::threshold`]: crate::curvature::MeanSquare::threshold
///
/// # Units
/// The inverse of that of the Hessian.
///
/// # Accuracy
/// Relative error at most 24u.
///
/// # Errors
/// As [`batch_eigenvalue`]; `Error::Range` for λ₁ not a positive normal number.
///
/// # Cost
/// As [`batch_eigenvalue`].
///
/// # Source
/// Granziol, Zohren, Roberts 2022, JMLR 23(173), §4.
pub fn batch_learning_rate<T: Float>(noise: &BatchNoise<T>, sharpness: T) -> Result<T, Error> {
    positive("sharpness", sharpness)?;
    Ok(T::TWO / batch_eigenvalue(noise, sharpness)?.value)
}

/// How a learning rate follows the batch size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum BatchScaling {
    /// η ∝ B: SGD, while noise dominates.
    Linear,
    /// η ∝ √B: adaptive methods, which the edge of the bulk limits.
    SquareRoot,
}

/// η·B′/B or η·√(B′/B): a learning rate for another batch size.
///
/// # Accuracy
/// Relative error at most 4u; from B to 4ᵏB exact.
///
/// # Errors
/// `Error::Empty` for a batch of 0; `Error::Range` for η not a positive normal number.
///
/// # Cost
/// A division, a root.
///
/// # Source
/// Granziol, Zohren, Roberts 2022, JMLR 23(173), §5.
///
/// # Example
/// ```
/// use teeter::curvature::{BatchScaling, scaled_learning_rate};
/// assert_eq!(scaled_learning_rate(BatchScaling::Linear, 0.25, [128, 256]), Ok(0.5));
/// assert_eq!(scaled_learning_rate(BatchScaling::SquareRoot, 0.25, [128, 512]), Ok(0.5));
/// ```
pub fn scaled_learning_rate<T: Float>(
    scaling: BatchScaling,
    learning_rate: T,
    [from, to]: [usize; 2],
) -> Result<T, Error> {
    positive("learning_rate", learning_rate)?;
    check::not_empty("from", from)?;
    check::not_empty("to", to)?;
    let ratio = T::from_usize(to) / T::from_usize(from);
    Ok(match scaling {
        BatchScaling::Linear => learning_rate * ratio,
        BatchScaling::SquareRoot => learning_rate * ratio.sqrt(),
    })
}

/// g = η(N/B − 1)/(1 − m): the noise scale of SGD with momentum m, in units of η·samples.
///
/// Runs of equal noise scale are alike, to first order in ηλ. The temperature of the equivalent diffusion is
/// [`temperature`].
///
/// # Accuracy
/// Relative error at most 6u. 0 for the full batch.
///
/// # Errors
/// `Error::Range` for η not a positive normal number, m outside [0, 1), B > N; `Error::Empty` for B = 0.
///
/// # Cost
/// Three divisions.
///
/// # Source
/// Smith, Le 2018, arXiv:1710.06451, §4.
///
/// # Example
/// ```
/// use teeter::curvature::noise_scale;
/// assert_eq!(noise_scale(0.25, 0.5, [16, 80]), Ok(2.0));
/// ```
pub fn noise_scale<T: Float>(
    learning_rate: T,
    momentum: T,
    [batch, samples]: [usize; 2],
) -> Result<T, Error> {
    positive("learning_rate", learning_rate)?;
    check::in_range("momentum", momentum, 0.0, (T::ONE - T::UNIT_ROUNDOFF).to_f64())?;
    check::not_empty("batch", batch)?;
    if batch > samples {
        let (found, high) = (batch as f64, samples as f64);
        return Err(Error::Range { argument: "batch", found, low: 1.0, high });
    }
    let times = T::from_usize(samples.saturating_sub(batch)) / T::from_usize(batch);
    Ok(learning_rate * times / (T::ONE - momentum))
}

/// η/(B(1 − m)): the training temperature.
///
/// # Accuracy
/// Relative error at most 4u.
///
/// # Errors
/// As [`noise_scale`].
///
/// # Cost
/// Two divisions.
///
/// # Source
/// Jastrzębski et al. 2017, arXiv:1711.04623; with m as Smith, Le 2018.
pub fn temperature<T: Float>(learning_rate: T, momentum: T, batch: usize) -> Result<T, Error> {
    positive("learning_rate", learning_rate)?;
    check::in_range("momentum", momentum, 0.0, (T::ONE - T::UNIT_ROUNDOFF).to_f64())?;
    check::not_empty("batch", batch)?;
    Ok(learning_rate / T::from_usize(batch) / (T::ONE - momentum))
}
