//! XNysTrace: XTrace for positive semidefinite A, one product a probe.

mod small;
mod state;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::trace::range::{self, Work};
use crate::trace::{HutchinsonOptions, TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

use small::{Small, small_scratch_len};
pub use state::XNysTraceState;
use state::{Phase, probes_max};

/// Elements of scratch that [`XNysTrace::new`] needs: (n + 2k)k + 2n + k for k = m < n products, 2n for more.
#[must_use]
pub const fn xnystrace_machine_scratch_len(n: usize, products: usize) -> usize {
    machine_len(n, probes_max(n, products))
}

const fn machine_len(n: usize, k: usize) -> usize {
    let long = n.saturating_mul(k.saturating_add(2));
    let squares = k.saturating_mul(2).saturating_add(1);
    long.saturating_add(k.saturating_mul(squares))
}

/// Elements of scratch that [`XNysTrace::estimate`] needs: 3k² + 10k for k = m < n products, none for more.
#[must_use]
pub const fn xnystrace_estimate_scratch_len(n: usize, products: usize) -> usize {
    small_scratch_len(probes_max(n, products))
}

/// Elements of scratch that [`xnystrace`] needs: n more than machine and estimate.
#[must_use]
pub const fn xnystrace_scratch_len(n: usize, products: usize) -> usize {
    let estimate = xnystrace_estimate_scratch_len(n, products);
    xnystrace_machine_scratch_len(n, products).saturating_add(estimate).saturating_add(n)
}

/// XNysTrace as a machine, for A ⪰ 0: the mean over i of Tr Âᵢ + ωᵢᵀ(A − Âᵢ)ωᵢ, Âᵢ the Nyström approximation
/// AΩᵢ(ΩᵢᵀAΩᵢ)⁻¹ΩᵢᵀA from all probes but number i.
///
/// The most exact of the estimators here where eigenvalues decay: every product sketches and samples. Gauss–Newton
/// and Fisher matrices are positive semidefinite; a Hessian is not, and for it there is [`XTrace`](crate::trace::XTrace).
///
/// # Method
/// Any estimate Âᵢ that does not depend on ωᵢ gives no bias, so the inverse may be that of ΩᵀAΩ + μI, with μ = 4√n·ε·‖AΩ‖_F above
/// its rounding error. With AΩ = QR, ΩᵀAΩ + μI = LLᵀ and B = RL⁻ᵀ, Tr Â = ‖B‖_F², leaving out i takes ‖Bsᵢ‖² from it, sᵢ the
/// direction of L⁻¹eᵢ, and the sample is ‖L⁻¹eᵢ‖⁻² − μ. Probes are drawn again when needed, k(k + 1)/2 times in all, and
/// never stored. Q is built as in [`XTrace`](crate::trace::XTrace).
///
/// `sample_error`, `standard_error` and the interval as in [`XTrace`](crate::trace::XTrace): the authors' scatter, and the
/// jackknife. Where ΩᵀAΩ has no Cholesky factor even with 256 μ, A is not positive semidefinite, and the answer is
/// [`Hutchinson`](crate::trace::Hutchinson)'s from the same products; `method` says so.
///
/// # Accuracy
/// Unbiased. Exact, within a small multiple of k·√n·ε·‖AΩ‖_F, where the rank of A is below k, and where m ≥ n. The
/// interval holds the trace at least as often as it says, for normals and for spectra that decay by less than orders
/// a probe (`teeter-verify -- accuracy`); it is wider than it must be, by about 2. The same bits on every machine. Multiplying A by 2ᵏ
/// multiplies every number of the result by 2ᵏ exactly, barring over- and underflow.
///
/// # Cost
/// 8nk flops beside a product, and half a product's probes again; O(k³) an estimate. See
/// [`xnystrace_machine_scratch_len`] for the memory.
///
/// # Source
/// Epperly, Tropp, Webber 2024, arXiv:2301.07825, §2.3, §4.2; Efron, Stein 1981, doi:10.1214/aos/1176345462. The shift of the
/// small matrix alone, and pairs left out for a jackknife, are ours.
///
/// # Example
/// ```
/// use teeter::trace::*;
/// use teeter::{Machine, random::Stream};
/// let options =
///     HutchinsonOptions { probe: Probe::Rademacher, products: 3, confidence: 0.95, stream: Stream::new(1, 0) };
/// let mut scratch = [0.0; xnystrace_machine_scratch_len(9, 3)];
/// let mut trace = XNysTrace::new(Machine::detect(), 9, &options, &mut scratch)?;
/// let mut product = [0.0; 9];
/// while let Some(z) = trace.wants() {
///     let sum: f64 = z.iter().sum(); // a matrix of rank one: all ones
///     product.fill(sum);
///     trace.push(&product)?;
/// }
/// let mut small = [0.0; xnystrace_estimate_scratch_len(9, 3)];
/// assert!((trace.estimate(0.95, &mut small)?.value - 9.0).abs() < 1e-12);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct XNysTrace<'a, T> {
    machine: Machine,
    state: XNysTraceState<T>,
    wanted: &'a mut [T],
    image: &'a mut [T],
    basis: &'a mut [T],
    /// Column i: Qᵀ(Aωᵢ), k apart.
    r: &'a mut [T],
    /// The upper triangle of ΩᵀAΩ.
    h: &'a mut [T],
    pass: &'a mut [T],
}

impl<'a, T: Float> XNysTrace<'a, T> {
    /// Starts with the first probe drawn. `options.confidence` is not used.
    ///
    /// # Shapes
    /// `scratch`: at least [`xnystrace_machine_scratch_len`] (n, `options.products`).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &HutchinsonOptions<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("n", n)?;
        check::not_empty("products", options.products)?;
        let mut started = Self::resume(machine, XNysTraceState::new(n, options), scratch)?;
        started.prepare();
        Ok(started)
    }

    /// Where the machine stands: Copy, and with the memory lent all that [`XNysTrace::resume`] needs.
    #[must_use]
    pub fn state(&self) -> XNysTraceState<T> {
        self.state
    }

    /// Goes on from a state and the memory that belongs to it, or a copy: the same bits as without the interruption.
    ///
    /// # Shapes
    /// `scratch`: what was lent to the machine of the state, unchanged since.
    ///
    /// # Errors
    /// `Error::Short` for too little scratch.
    pub fn resume(
        machine: Machine,
        state: XNysTraceState<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let (n, k) = (state.n, state.probes);
        check::at_least("scratch", machine_len(n, k), scratch.len())?;
        let mut scratch = scratch;
        Ok(Self {
            machine,
            state,
            wanted: check::take(&mut scratch, n)?,
            image: check::take(&mut scratch, n)?,
            basis: check::take(&mut scratch, n * k)?,
            r: check::take(&mut scratch, k * k)?,
            h: check::take(&mut scratch, k * k)?,
            pass: check::take(&mut scratch, k)?,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        if self.state.phase() == Phase::Done { None } else { Some(self.wanted) }
    }

    /// Takes the product of A with the vector that [`XNysTrace::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite, or so large that the sums of the estimate could overflow: a length above
    /// 1/(64nk) of the largest number (index n then). Nothing is changed: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        let (phase, n) = (self.state.phase(), self.state.n);
        if phase == Phase::Done {
            return Err(Error::State { expected: "a new estimate" });
        }
        check::same_len("product", n, product.len())?;
        range::check_room(self.machine, self.state.probes, product)?;
        if phase == Phase::Diagonal {
            self.state.known += vector::dot(self.machine, self.wanted, product)?;
        } else {
            self.take_probe(product)?;
        }
        self.state.step += 1;
        self.prepare();
        Ok(())
    }

    fn take_probe(&mut self, product: &[T]) -> Result<(), Error> {
        let (machine, k, i) = (self.machine, self.state.probes, self.state.step);
        self.state.early.push(machine, self.wanted, product)?;
        let work = Work {
            image: &mut *self.image,
            pass: &mut *self.pass,
            coefficients: range::line(self.r, k, i),
        };
        let grown = range::extend(machine, (&mut *self.basis, self.state.rank), product, work)?;
        self.state.rank += usize::from(grown);
        let h = range::line(self.h, k, i);
        for (earlier, h) in h.iter_mut().take(i).enumerate() {
            self.state.early.probe_number(earlier, self.image);
            *h = vector::dot(machine, self.image, product)?;
        }
        if let Some(own) = h.get_mut(i) {
            *own = vector::dot(machine, self.wanted, product)?;
        }
        Ok(())
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) {
        match self.state.phase() {
            Phase::Diagonal => range::unit_into(self.state.step, self.wanted),
            Phase::Probe => self.state.early.probe_into(self.wanted),
            Phase::Done => {}
        }
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.step
    }

    /// The dimension that the products span.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.state.rank
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// Until there are two products it is plain Hutchinson's. Where n products tell the trace, it is
    /// [`Stop::Invariant`](crate::Stop) and the interval a point.
    ///
    /// # Shapes
    /// `scratch`: at least [`xnystrace_estimate_scratch_len`].
    ///
    /// # Errors
    /// `Error::Empty` before the first product, `Error::State` before the last of n basis vectors,
    /// `Error::Range` for another confidence, `Error::Short`.
    pub fn estimate(&self, confidence: T, scratch: &mut [T]) -> Result<TraceEstimate<T>, Error> {
        let (state, k) = (&self.state, self.state.probes);
        student_t_quantile(confidence, 1)?;
        check::not_empty("products", state.step)?;
        check::at_least("scratch", small_scratch_len(k), scratch.len())?;
        if k == 0 && state.step < state.count {
            return Err(Error::State { expected: "push" });
        }
        if k == 0 {
            return Ok(TraceEstimate::exact(state.known, confidence, state.step));
        }
        let probes = state.step;
        if probes < 2 {
            return state.early.estimate(confidence);
        }
        let (machine, n, rank) = (self.machine, state.n, state.rank);
        let small = Small { machine, n, k, probes, rank, r: self.r, h: self.h };
        let Some(numbers) = small.estimate(scratch)? else {
            return state.early.estimate(confidence);
        };
        let counts = [probes, state.step];
        TraceEstimate::jackknife(TraceMethod::XNysTrace, numbers, counts, confidence)
    }
}

/// An unbiased estimate of Tr A by XNysTrace for A ⪰ 0, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n, symmetric. `scratch`: at least [`xnystrace_scratch_len`] (n, `options.products`).
///
/// # Method
/// [`XNysTrace`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`XNysTrace`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch, `Error::Range` for the
/// confidence, `Error::NotFinite` for a product that is not finite or too large; what the operator returns.
///
/// # Cost
/// That of [`XNysTrace`].
///
/// # Source
/// Epperly, Tropp, Webber 2024, arXiv:2301.07825.
pub fn xnystrace<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", xnystrace_scratch_len(n, options.products), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let small = check::take(&mut scratch, xnystrace_estimate_scratch_len(n, options.products))?;
    let mut trace = XNysTrace::new(machine, n, options, scratch)?;
    while let Some(wanted) = trace.wants() {
        operator.apply(wanted, product)?;
        trace.push(product)?;
    }
    trace.estimate(options.confidence, small)
}
