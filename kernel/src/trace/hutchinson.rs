//! Hutchinson's estimator of the trace.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::LinearOperator;
use crate::random::{Stream, normals_into, signs_into};
use crate::simd::Machine;
use crate::trace::{TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

/// How the entries of a probe are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// ±1 with equal chance: the smaller variance, exact for diagonal A.
    Rademacher,
    /// Standard normal: the variance does not depend on the basis.
    Gaussian,
}

impl Probe {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Rademacher, Self::Gaussian];
}

/// Hutchinson's estimator as a machine: it wants products of its probes, one at a time.
///
/// # Method
/// Probe j is stream j of the given one, so it is never stored and never drawn twice. Mean and
/// the root of the sum of squares are updated as in Welford 1962; sums of squares neither overflow nor
/// underflow on the way.
///
/// The scatter of m numbers zᵀAz tells their variance badly: where a few eigenvalues dominate, Student's
/// interval at 95 % holds the trace in 91 % of runs at m = 8. But for symmetric A that variance is at
/// most 2‖A‖_F² (exactly that for normals; for signs Σaᵢᵢ² less), and each ‖Az‖² has mean ‖A‖_F²: far
/// more certain, at the price of one sum of squares. So the standard error is √(2F/m), F the mean of ‖Az‖².
/// F itself is uncertain where few eigenvalues dominate: by Satterthwaite's rule 2F²/Var(F) degrees of freedom
/// stand behind it, and Student's quantile for so many gives the interval. Var(F) is the variance of the
/// m numbers ‖Az‖² and of one more whose squared deviation is half the mean's square: for r equal eigenvalues and
/// no others the variance of ‖Az‖² is 2/r times that, so that it stands for four.
///
/// # Accuracy
/// The mean over all probes that can be drawn is Tr A, so the estimate has no bias. At confidence 0.95 the
/// interval holds the trace in 93.5 to 97 % of runs, at 0.99 in 98 to 99.7 %, for m = 4 to 64 and spectra from flat
/// to geometric, and is at most 1.3 times as wide as one that knows the variance (`teeter-verify -- coverage` prints
/// both; 2,000 runs each). Where A is nearly diagonal, signs do better than the interval says. Probes are assumed
/// independent and A fixed: what a batch of data adds to the error of a Hessian is not in it.
///
/// # Source
/// Hutchinson 1990, doi:10.1080/03610919008812866; Girard 1989, doi:10.1007/BF01395775; the variance: Avron,
/// Toledo 2011, doi:10.1145/1944345.1944349; degrees of freedom: Satterthwaite 1946, doi:10.2307/3002019.
#[derive(Clone, Copy, Debug)]
pub struct Hutchinson<T> {
    pub(super) stream: Stream,
    pub(super) probe: Probe,
    pub(super) count: usize,
    pub(super) mean: T,
    /// √Σ (sample − mean)²
    pub(super) spread: T,
    /// √Σ ‖Az‖²
    pub(super) image: T,
    /// Σ ‖Az‖⁴ / (Σ ‖Az‖²)²: 1/m where all are equal, 1 where one is all.
    pub(super) concentration: T,
}

impl<T: Float> Hutchinson<T> {
    /// Starts with no probe drawn.
    #[must_use]
    pub fn new(stream: Stream, probe: Probe) -> Self {
        let [mean, spread, image, concentration] = [T::ZERO; 4];
        Self { stream, probe, count: 0, mean, spread, image, concentration }
    }

    /// Writes the probe whose product comes next into `z`. May be called again: the same bits.
    pub fn probe_into(&self, z: &mut [T]) {
        self.probe_number(self.count, z);
    }

    /// Writes probe number `index` into `z`.
    pub(super) fn probe_number(&self, index: usize, z: &mut [T]) {
        let stream = self.stream.child(index as u64);
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
        self.push_sample(machine, sample, vector::norm2(machine, product));
        Ok(())
    }

    /// One sample whose variance is twice the mean of the squares of such lengths.
    pub(super) fn push_sample(&mut self, machine: Machine, sample: T, length: T) {
        self.count += 1;
        let m = T::from_usize(self.count);
        let deviation = sample - self.mean;
        self.mean += deviation / m;
        let share = deviation * ((m - T::ONE) / m).sqrt();
        self.spread = vector::norm2(machine, &[self.spread, share]);
        self.see_length(machine, length);
    }

    /// One more ‖Az‖; ratios of lengths, so that no scale of A is too large or too small.
    fn see_length(&mut self, machine: Machine, length: T) {
        let image = vector::norm2(machine, &[self.image, length]);
        if image > T::ZERO {
            let (before, now) = (self.image / image, length / image);
            let (before, now) = (before * before, now * now);
            self.concentration = self.concentration * (before * before) + now * now;
        }
        self.image = image;
    }

    /// Satterthwaite's degrees of freedom of the mean of ‖Az‖², rounded down; at least 2, and 4 for one product.
    pub(super) fn freedom(&self) -> usize {
        let m = T::from_usize(self.count);
        let freedom = (T::TWO * m / self.scatter()).to_f64();
        freedom.min(f64::from(u32::MAX)) as usize
    }

    /// Var(F)·m/F², of the lengths and of the one more.
    pub(super) fn scatter(&self) -> T {
        let m = T::from_usize(self.count);
        (m * self.concentration - T::ONE).max_of(T::ZERO) + T::HALF / m
    }

    /// √Σ‖Az‖²
    pub(super) fn image(&self) -> T {
        self.image
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
        Ok(self.within(confidence, student_t_quantile(confidence, self.freedom())?))
    }

    /// The estimate so far, with an interval of `quantile` standard errors.
    pub(super) fn within(&self, confidence: T, quantile: T) -> TraceEstimate<T> {
        let m = T::from_usize(self.count);
        let standard_error = T::TWO.sqrt() * self.image / m;
        let sample_error = self.spread / ((m - T::ONE).max_of(T::ONE) * m).sqrt();
        // Infinite is infinite, of an error of 0 too.
        let half = if quantile.is_finite() { quantile * standard_error } else { quantile };
        TraceEstimate {
            standard_error,
            sample_error,
            lower: self.mean - half,
            upper: self.mean + half,
            ..TraceEstimate::point(TraceMethod::Hutchinson, self.mean, confidence, self.count)
        }
    }

    /// [`TraceEstimate::products_needed`] of the estimate so far; `None` before the first product.
    #[must_use]
    pub fn products_needed(&self, confidence: T, tolerance: T) -> Option<usize> {
        self.estimate(confidence).ok()?.products_needed(tolerance)
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
