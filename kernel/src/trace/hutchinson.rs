//! Hutchinson's estimator of the trace.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::operator::LinearOperator;
use crate::random::{Stream, normals_into, signs_into};
use crate::simd::Machine;
use crate::trace::student_t_quantile;
use crate::vector;

/// How the entries of a probe are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// ±1 with equal chance: the smaller variance, exact for diagonal A.
    Rademacher,
    /// Standard normal: the variance does not depend on the basis.
    Gaussian,
}

/// A trace, how far it may be off, and its price. Always filled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct TraceEstimate<T> {
    /// `LimitReached`: the products asked for were used. Agreeing probes prove nothing.
    pub stop: Stop,
    /// The mean of zᵀAz.
    pub value: T,
    /// The standard error of the mean.
    pub standard_error: T,
    /// Lower end of the interval at the confidence asked for.
    pub lower: T,
    /// Upper end of it.
    pub upper: T,
    /// Products used.
    pub products: usize,
}

/// Hutchinson's estimator as a machine: it wants products of its probes, one at a time.
///
/// # Method
/// Probe j is stream j of the given one, so it is never stored and never drawn twice. Mean and
/// the root of the sum of squares are updated as in Welford 1962.
///
/// # Accuracy
/// The mean over all probes that can be drawn is Tr A, so the estimate has no bias. With m ≥ 2
/// probes the standard error is the sample's s/√m, and the interval Student's t with m − 1
/// degrees of freedom: its coverage is as stated when zᵀAz is near normal, which it is when no
/// few entries of A dominate. Samples that agree to the bit prove nothing (two probes of a
/// small matrix often do), and one sample has no spread: there the standard error is
/// √2·(mean of ‖Az‖²)^½/√m, since the variance of zᵀAz is at most 2‖A‖_F² for symmetric A and
/// E‖Az‖² = ‖A‖_F². It is an estimate too, zero only if every product was zero. Sums of squares
/// neither overflow nor underflow on the way.
///
/// # Source
/// Hutchinson 1990, doi:10.1080/03610919008812866; Girard 1989, doi:10.1007/BF01395775.
#[derive(Clone, Copy, Debug)]
pub struct Hutchinson<T> {
    stream: Stream,
    probe: Probe,
    count: usize,
    mean: T,
    /// √Σ (sample − mean)²
    spread: T,
    /// √Σ ‖Az‖²
    image: T,
}

impl<T: Float> Hutchinson<T> {
    /// Starts with no probe drawn.
    #[must_use]
    pub fn new(stream: Stream, probe: Probe) -> Self {
        Self { stream, probe, count: 0, mean: T::ZERO, spread: T::ZERO, image: T::ZERO }
    }

    /// Writes the probe whose product comes next into `z`. May be called again: the same bits.
    pub fn probe_into(&self, z: &mut [T]) {
        let stream = self.stream.child(self.count as u64);
        match self.probe {
            Probe::Rademacher => signs_into(stream, z),
            Probe::Gaussian => normals_into(stream, z),
        }
    }

    /// Takes the product Az of the probe z.
    ///
    /// # Shapes
    /// `z`, `product`: n.
    ///
    /// # Errors
    /// `Error::Length` if the lengths differ; `Error::NotFinite` if an element of the product
    /// is not finite, or zᵀAz overflows (index n then). Nothing is changed: the right product
    /// can still be pushed.
    pub fn push(&mut self, machine: Machine, z: &[T], product: &[T]) -> Result<(), Error> {
        let sample = vector::dot(machine, z, product)?;
        if !sample.is_finite() {
            let index = vector::first_not_finite(machine, product).unwrap_or(product.len());
            return Err(Error::NotFinite { argument: "product", index });
        }
        self.count += 1;
        let m = T::from_usize(self.count);
        let deviation = sample - self.mean;
        self.mean += deviation / m;
        let share = deviation * ((m - T::ONE) / m).sqrt();
        self.spread = vector::norm2(machine, &[self.spread, share]);
        self.image = vector::norm2(machine, &[self.image, vector::norm2(machine, product)]);
        Ok(())
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.count
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// # Errors
    /// `Error::Empty` before the first product, `Error::Range` for another confidence.
    pub fn estimate(&self, confidence: T) -> Result<TraceEstimate<T>, Error> {
        check::not_empty("products", self.count)?;
        let m = T::from_usize(self.count);
        let (standard_error, freedom) = if self.spread == T::ZERO {
            (T::TWO.sqrt() * self.image / m, usize::MAX)
        } else {
            (self.spread / ((m - T::ONE) * m).sqrt(), self.count - 1)
        };
        let half = student_t_quantile(confidence, freedom)? * standard_error;
        Ok(TraceEstimate {
            stop: Stop::LimitReached,
            value: self.mean,
            standard_error,
            lower: self.mean - half,
            upper: self.mean + half,
            products: self.count,
        })
    }

    /// Products that would make the interval's half width `tolerance`·|value|, judged by the
    /// probes so far; `None` where none have been taken or the value is zero.
    #[must_use]
    pub fn products_needed(&self, confidence: T, tolerance: T) -> Option<usize> {
        let estimate = self.estimate(confidence).ok()?;
        let wish = tolerance * estimate.value.abs();
        if wish.is_nan() || wish <= T::ZERO {
            return None;
        }
        let ratio = (estimate.upper - estimate.value) / wish;
        let count = (ratio * ratio * T::from_usize(self.count)).to_f64();
        Some(libm::ceil(count.min(9.0e15)) as usize)
    }
}

/// What [`hutchinson`] draws and spends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HutchinsonOptions<T> {
    /// How probes are drawn.
    pub probe: Probe,
    /// Products to use, at least 1; 32 is usual.
    pub products: usize,
    /// Confidence of the interval, between 0 and 1; 0.95 is usual.
    pub confidence: T,
    /// Where the randomness comes from.
    pub stream: Stream,
}

/// Elements of scratch that [`hutchinson`] needs: 2n.
#[must_use]
pub const fn hutchinson_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// An unbiased estimate of Tr A, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`hutchinson_scratch_len`] (n).
///
/// # Method
/// [`Hutchinson`], pushed `options.products` times.
///
/// # Accuracy
/// That of [`Hutchinson`]. The same bits on every machine. Multiplying A by 2ᵏ multiplies every
/// number of the result by 2ᵏ exactly, barring over- and underflow.
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch,
/// `Error::Range` for the confidence, `Error::NotFinite` for a product that is not finite; what
/// the operator returns.
///
/// # Cost
/// `options.products` products and 4n flops beside each.
///
/// # Source
/// Hutchinson 1990, doi:10.1080/03610919008812866.
pub fn hutchinson<T: Float>(
    machine: Machine,
    operator: &mut impl LinearOperator<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", hutchinson_scratch_len(n), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let z = check::take(&mut scratch, n)?;
    let product = check::take(&mut scratch, n)?;
    let mut estimator = Hutchinson::new(options.stream, options.probe);
    for _ in 0..options.products {
        estimator.probe_into(z);
        operator.apply(z, product)?;
        estimator.push(machine, z, product)?;
    }
    estimator.estimate(options.confidence)
}
