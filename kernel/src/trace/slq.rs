//! Stochastic Lanczos quadrature: sums over all eigenvalues from a few probes.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::{Jacobi, LanczosRecurrence, lanczos_recurrence_scratch_len};
use crate::operator::Symmetric;
use crate::random::{Stream, normals_into, signs_into};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::trace::{Probe, quadrature_scratch_len};

/// What [`Slq`] draws and spends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlqOptions {
    /// How probes are drawn.
    pub probe: Probe,
    /// Probes, at least 1; 8 to 32 are usual.
    pub probes: usize,
    /// Lanczos steps of each, at least 1: products in all are at most probes·steps. 10 to 30 are usual.
    pub steps: usize,
    /// Where the randomness comes from.
    pub stream: Stream,
}

/// Elements of scratch that [`Slq::new`] needs: 2(n + k) + 2m(k + 1) for m probes of k steps.
#[must_use]
pub const fn slq_scratch_len(n: usize, probes: usize, steps: usize) -> usize {
    let records = probes.saturating_mul(record_len(steps));
    lanczos_recurrence_scratch_len(n, steps).saturating_add(records)
}

/// ‖z‖², the number of steps, α and β.
const fn record_len(steps: usize) -> usize {
    steps.saturating_add(1).saturating_mul(2)
}

/// Stochastic Lanczos quadrature as a machine: Tr f(A) for every f, and the spectral density.
///
/// The products are spent once: what is kept are the T of the probes, 2(k + 1) numbers each. Any number
/// of functions, and the density, are then read off them without another product.
///
/// # Method
/// Probe j is stream j of the given one. From each runs [`LanczosRecurrence`]; zᵀf(A)z ≈ ‖z‖² Σ wᵢ f(θᵢ) by
/// [`gauss_rule`](crate::trace::gauss_rule). The mean over the probes estimates Tr f(A).
///
/// For symmetric B = f(A) the variance of zᵀBz is at most 2‖B‖_F², and zᵀB²z, whose mean ‖B‖_F² is, comes
/// from the same nodes. For signs, whose length is fixed, a multiple of the identity adds nothing to the
/// variance: it is at most 2(‖B‖_F² − (Tr B)²/n), as Σbᵢᵢ² ≥ (Tr B)²/n. So F is the mean of ‖z‖² Σ wᵢ(f(θᵢ) − c)², c the
/// estimate of Tr B/n, and of 2F₀/(nm), F₀ the same mean for c = 0: the mean of c² exceeds (Tr B)²/n² by the
/// variance of c, which is at most 2‖B‖_F²/(n²m). Without it, probes that agree by chance would be a proof. For
/// normals F is F₀.
/// The standard error is √(2F/m), and the interval that of [`Hutchinson`](crate::trace::Hutchinson) for such lengths.
///
/// # Accuracy
/// The mean over all probes that can be drawn is the trace of the quadrature, exact for polynomials of degree
/// 2k − 1, and Tr f(A) wherever every process closes. What is left is in
/// [`SlqEstimate::bracket`](crate::trace::SlqEstimate) for functions whose derivatives have one sign. That of [`LanczosRecurrence`] for T. The
/// same bits on every machine.
///
/// # Cost
/// At most mk products, 9n flops beside each; O(mk²) flops an estimate.
///
/// # Source
/// Ubaru, Chen, Saad 2017, doi:10.1137/16M1104974; Bai, Fahey, Golub 1996, doi:10.1016/0377-0427(96)00018-0, for
/// the brackets; the width is ours.
#[derive(Debug)]
pub struct Slq<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    pub(super) options: SlqOptions,
    pub(super) done: usize,
    pub(super) products: usize,
    pub(super) process: LanczosRecurrence<'a, T>,
    pub(super) records: &'a mut [T],
}

impl<'a, T: Float> Slq<'a, T> {
    /// Draws the first probe.
    ///
    /// # Shapes
    /// `scratch`: at least [`slq_scratch_len`] (n, probes, steps).
    ///
    /// # Errors
    /// `Error::Empty` for n, probes or steps 0; `Error::Short` for too little scratch.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &SlqOptions,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let SlqOptions { probes, steps, .. } = *options;
        check::not_empty("n", n)?;
        check::not_empty("probes", probes)?;
        check::not_empty("steps", steps)?;
        check::at_least("scratch", slq_scratch_len(n, probes, steps), scratch.len())?;
        let mut scratch = scratch;
        let memory = check::take(&mut scratch, lanczos_recurrence_scratch_len(n, steps))?;
        let records = check::take(&mut scratch, probes.saturating_mul(record_len(steps)))?;
        records.fill(T::ZERO);
        let process = LanczosRecurrence::unstarted(machine, n, steps, memory)?;
        let options = *options;
        let mut slq = Self { machine, n, options, done: 0, products: 0, process, records };
        slq.draw()?;
        Ok(slq)
    }

    /// The vector whose product comes next; `None` when all probes are done.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        if self.done == self.options.probes { None } else { self.process.wants() }
    }

    /// Takes the product of A with the vector that [`Slq::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted; those of [`LanczosRecurrence::push`]. Nothing is changed
    /// then: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new quadrature" });
        }
        self.process.push(product)?;
        self.products += 1;
        if self.process.wants().is_none() {
            self.keep();
            self.done += 1;
            if self.done < self.options.probes {
                self.draw()?;
            }
        }
        Ok(())
    }

    /// Starts the process of the next probe, and writes down its length.
    fn draw(&mut self) -> Result<(), Error> {
        let stream = self.options.stream.child(self.done as u64);
        let probe = self.options.probe;
        let length = self.process.restart(|z| match probe {
            Probe::Rademacher => signs_into(stream, z),
            Probe::Gaussian => normals_into(stream, z),
        })?;
        let square = match probe {
            Probe::Rademacher => T::from_usize(self.n),
            Probe::Gaussian => length * length,
        };
        let len = record_len(self.options.steps);
        if let Some(slot) = self.records.get_mut(self.done.saturating_mul(len)) {
            *slot = square;
        }
        Ok(())
    }

    /// Writes T of the process that has ended into its record.
    fn keep(&mut self) {
        let (steps, jacobi) = (self.options.steps, self.process.jacobi());
        let len = record_len(steps);
        let record = pieces_mut(self.records, len).nth(self.done);
        let Some([_, count, numbers @ ..]) = record else { return };
        *count = T::from_usize(jacobi.diagonal.len());
        let (alphas, betas) = numbers.split_at_mut_checked(steps).unwrap_or_default();
        for (slot, &alpha) in alphas.iter_mut().zip(jacobi.diagonal) {
            *slot = alpha;
        }
        let last = core::iter::once(&jacobi.residual_norm);
        for (slot, &beta) in betas.iter_mut().zip(jacobi.off_diagonal.iter().chain(last)) {
            *slot = beta;
        }
    }

    /// ‖z‖² and T of each probe that is done.
    pub(super) fn each(&self) -> impl Iterator<Item = (T, Jacobi<'_, T>)> {
        let steps = self.options.steps;
        let records = pieces(self.records, record_len(steps)).take(self.done);
        records.filter_map(move |record| {
            let [square, count, numbers @ ..] = record else { return None };
            let count = count.to_f64() as usize;
            let (alphas, betas) = numbers.split_at_checked(steps)?;
            let last = count.checked_sub(1)?;
            let jacobi = Jacobi {
                diagonal: alphas.get(..count)?,
                off_diagonal: betas.get(..last)?,
                residual_norm: *betas.get(last)?,
            };
            Some((*square, jacobi))
        })
    }

    /// Probes done so far.
    #[must_use]
    pub fn probes(&self) -> usize {
        self.done
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.products
    }

    /// There must be a probe, and memory for one rule.
    pub(super) fn ready(&self, scratch: &[T]) -> Result<(), Error> {
        check::not_empty("probes", self.done)?;
        let needed = quadrature_scratch_len(self.options.steps);
        check::at_least("scratch", needed, scratch.len())
    }
}

/// Elements of scratch that [`stochastic_lanczos_quadrature`] needs: n more than [`Slq::new`].
#[must_use]
pub const fn stochastic_lanczos_quadrature_scratch_len(
    n: usize,
    probes: usize,
    steps: usize,
) -> usize {
    slq_scratch_len(n, probes, steps).saturating_add(n)
}

/// All products of [`Slq`], at once; the answers are read off what it returns.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`stochastic_lanczos_quadrature_scratch_len`] (n, probes, steps).
///
/// # Accuracy
/// That of [`Slq`].
///
/// # Errors
/// Those of [`Slq::new`] and [`Slq::push`]; what the operator returns.
///
/// # Cost
/// At most probes·steps products.
///
/// # Source
/// As [`Slq`].
///
/// # Example
/// ```
/// use teeter::{Machine, operator::Diagonal, random::Stream, trace::*};
/// let (probe, stream) = (Probe::Rademacher, Stream::new(1, 0));
/// let options = SlqOptions { probe, probes: 4, steps: 3, stream };
/// let mut operator = Diagonal::new(&[1.0_f64, 2.0, 4.0]);
/// let mut scratch = [0.0; stochastic_lanczos_quadrature_scratch_len(3, 4, 3)];
/// let slq = stochastic_lanczos_quadrature(Machine::detect(), &mut operator, &options, &mut scratch)?;
/// let function = SpectralFunction::Log { shift: 0.0 };
/// let mut small = [0.0; quadrature_scratch_len(3)];
/// let answer = slq.estimate(function, SpectrumBounds::unknown(), 0.95, &mut small)?;
/// assert!((answer.trace.value - 8.0_f64.ln()).abs() < 1e-12); // signs are exact for a diagonal matrix
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "slq")]
#[doc(alias = "logdet")]
pub fn stochastic_lanczos_quadrature<'a, T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &SlqOptions,
    scratch: &'a mut [T],
) -> Result<Slq<'a, T>, Error> {
    let n = operator.dim();
    let SlqOptions { probes, steps, .. } = *options;
    let needed = stochastic_lanczos_quadrature_scratch_len(n, probes, steps);
    check::not_empty("operator", n)?;
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut slq = Slq::new(machine, n, options, scratch)?;
    while let Some(q) = slq.wants() {
        operator.apply(q, product)?;
        slq.push(product)?;
    }
    Ok(slq)
}
