//! XNysTrace: XTrace for positive semidefinite A, one product a probe.

mod run;
mod small;
mod state;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::random::normals_into;
use crate::simd::Machine;
use crate::trace::range::{self, Work};
use crate::trace::{HutchinsonOptions, TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

use run::machine_len;
pub use run::{
    xnystrace, xnystrace_deflated, xnystrace_estimate_scratch_len, xnystrace_machine_scratch_len,
    xnystrace_scratch_len,
};
use small::{Small, small_scratch_len};
use state::Phase;
pub use state::XNysTraceState;

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
/// never stored. Q is built as in [`XTrace`](crate::trace::XTrace). Of normal probes the direction outside the others alone
/// counts, as there: the better ones where what is not sketched is nearly a multiple of the identity.
///
/// [`XNysTrace::deflated`] begins with Lanczos' process, reorthogonalized, from one normal vector: the trace on its q columns
/// costs no more products than they do, and the probes, without their part in them, see the rest. Where it closes it goes on
/// from another vector, so that multiplicities are found. Half of the products are a good q: at 32 products it is the most exact here
/// on every decaying spectrum of the table `accuracy`.
///
/// `sample_error`, `standard_error` and the interval as in [`XTrace`](crate::trace::XTrace): the authors' scatter, and the
/// jackknife. Where ΩᵀAΩ has no Cholesky factor even with 256 μ, A is not positive semidefinite, and the answer is
/// [`Hutchinson`](crate::trace::Hutchinson)'s from the same products; `method` says so.
///
/// # Accuracy
/// Unbiased. Exact, within a small multiple of k·√n·ε·‖AΩ‖_F, where the rank of A is below k, and where m ≥ n. The
/// interval holds the trace at least as often as it says on the spectra of `teeter-verify -- accuracy`, and is wider than it
/// must be, by 1.2 to 2.5 there; it holds chance alone, not rounding. The same bits on every machine. Multiplying A by 2ᵏ
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
    pub(in crate::trace) machine: Machine,
    pub(in crate::trace) state: XNysTraceState<T>,
    pub(in crate::trace) wanted: &'a mut [T],
    pub(in crate::trace) image: &'a mut [T],
    pub(in crate::trace) other: &'a mut [T],
    pub(in crate::trace) basis: &'a mut [T],
    /// Column i: Qᵀ(Aωᵢ), k apart.
    pub(in crate::trace) r: &'a mut [T],
    /// The upper triangle of ΩᵀAΩ.
    pub(in crate::trace) h: &'a mut [T],
    /// The upper triangle of ΩᵀΩ.
    pub(in crate::trace) gram: &'a mut [T],
    pub(in crate::trace) pass: &'a mut [T],
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
        Self::deflated(machine, n, options, 0, scratch)
    }

    /// The same after `columns` products of Lanczos' process.
    ///
    /// # Shapes
    /// `columns`: less than `options.products`; of no account where n products tell the trace. `scratch`: as
    /// [`XNysTrace::new`].
    ///
    /// # Errors
    /// Those of [`XNysTrace::new`]; `Error::Range` for the columns.
    pub fn deflated(
        machine: Machine,
        n: usize,
        options: &HutchinsonOptions<T>,
        columns: usize,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("n", n)?;
        check::not_empty("products", options.products)?;
        let high = (options.products - 1) as f64;
        check::in_range("columns", T::from_usize(columns), 0.0, high)?;
        let state = XNysTraceState::new(n, options, columns);
        let mut started = Self::resume(machine, state, scratch)?;
        if started.state.deflate > 0 {
            started.fresh_column()?;
        }
        started.prepare()?;
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
        let (n, k) = (state.n, state.lines);
        check::at_least("scratch", machine_len(n, k), scratch.len())?;
        let mut scratch = scratch;
        Ok(Self {
            machine,
            state,
            wanted: check::take(&mut scratch, n)?,
            image: check::take(&mut scratch, n)?,
            other: check::take(&mut scratch, n)?,
            basis: check::take(&mut scratch, n * k)?,
            r: check::take(&mut scratch, k * k)?,
            h: check::take(&mut scratch, k * k)?,
            gram: check::take(&mut scratch, k * k)?,
            pass: check::take(&mut scratch, k)?,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.state.phase() {
            Phase::Done => None,
            Phase::Column => {
                let start = self.state.step * self.state.n;
                self.basis.get(start..start + self.state.n)
            }
            Phase::Diagonal | Phase::Probe => Some(self.wanted),
        }
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
        range::check_room(self.machine, self.state.lines, product)?;
        match phase {
            Phase::Probe => self.take_probe(product)?,
            Phase::Column | Phase::Diagonal | Phase::Done => {
                let wanted = self.wants().unwrap_or(&[]);
                self.state.known += vector::dot(self.machine, wanted, product)?;
                if phase == Phase::Column && self.state.step + 1 < self.state.deflate {
                    vector::copy(product, self.image)?;
                    if !self.extend()? {
                        self.fresh_column()?;
                    }
                }
            }
        }
        self.state.step += 1;
        self.prepare()
    }

    fn take_probe(&mut self, product: &[T]) -> Result<(), Error> {
        let (machine, k) = (self.machine, self.state.lines);
        let i = self.state.early.products();
        vector::copy(product, self.image)?;
        self.project(Target::Image)?;
        self.state.early.push(machine, self.wanted, self.image)?;
        self.extend()?;
        let (h, gram) = (range::line(self.h, k, i), range::line(self.gram, k, i));
        for (earlier, (h, gram)) in h.iter_mut().zip(gram.iter_mut()).take(i + 1).enumerate() {
            // Its part in the columns of Lanczos' process meets nothing in the other factor.
            self.state.early.probe_number(earlier, self.other);
            *h = vector::dot(machine, self.other, self.image)?;
            *gram = vector::dot(machine, self.other, self.wanted)?;
        }
        Ok(())
    }

    /// One more column of Q from the vector `image`, if it has anything outside; its coefficients are those of the next probe.
    fn extend(&mut self) -> Result<bool, Error> {
        let (k, i) = (self.state.lines, self.state.early.products().saturating_sub(1));
        let work = Work {
            image: &mut *self.other,
            pass: &mut *self.pass,
            coefficients: range::line(self.r, k, i),
        };
        let basis = (&mut *self.basis, self.state.rank);
        let grown = range::extend(self.machine, basis, self.image, work)?;
        self.state.rank += usize::from(grown);
        Ok(grown)
    }

    /// A column of Q from a normal vector; where even that has nothing outside, there are no more.
    fn fresh_column(&mut self) -> Result<(), Error> {
        normals_into(self.state.stream.child(u64::MAX - self.state.rank as u64), self.image);
        if !self.extend()? {
            self.state.deflate = self.state.rank;
        }
        Ok(())
    }

    /// x ← x − Q(Qᵀx), Q the columns of Lanczos' process.
    fn project(&mut self, target: Target) -> Result<(), Error> {
        let (n, columns) = (self.state.n, self.state.deflate);
        if columns == 0 {
            return Ok(());
        }
        let q = MatRef::col_major(self.basis, n, columns)?;
        let (along, _) = check::split(self.pass, columns)?;
        let x = match target {
            Target::Wanted => &mut *self.wanted,
            Target::Image => &mut *self.image,
        };
        gemv(self.machine, T::ONE, q.t(), x, T::ZERO, along)?;
        gemv(self.machine, -T::ONE, q, along, T::ONE, x)
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) -> Result<(), Error> {
        match self.state.phase() {
            Phase::Diagonal => range::unit_into(self.state.step, self.wanted),
            Phase::Probe => {
                self.state.early.probe_into(self.wanted);
                self.project(Target::Wanted)?;
            }
            Phase::Column | Phase::Done => {}
        }
        Ok(())
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
    /// Until there are two probes it is plain Hutchinson's. Where n products tell the trace, it is
    /// [`Stop::Invariant`](crate::Stop) and the interval a point.
    ///
    /// # Shapes
    /// `scratch`: at least [`xnystrace_estimate_scratch_len`].
    ///
    /// # Errors
    /// `Error::Empty` before the first product of a probe, `Error::State` before the last of n basis vectors,
    /// `Error::Range` for another confidence, `Error::Short`.
    pub fn estimate(&self, confidence: T, scratch: &mut [T]) -> Result<TraceEstimate<T>, Error> {
        let (state, k) = (&self.state, self.state.lines);
        student_t_quantile(confidence, 1)?;
        check::not_empty("products", state.step)?;
        check::at_least("scratch", small_scratch_len(k), scratch.len())?;
        if k == 0 && state.step < state.count {
            return Err(Error::State { expected: "push" });
        }
        if k == 0 {
            return Ok(TraceEstimate::exact(state.known, confidence, state.step));
        }
        let (probes, products) = (state.early.products(), state.step);
        let columns = [state.deflate, state.rank.saturating_sub(state.deflate)];
        let small = Small {
            machine: self.machine,
            n: state.n,
            k,
            probes,
            probe: state.probe,
            columns,
            r: self.r,
            h: self.h,
            gram: self.gram,
        };
        let numbers = if probes < 2 { None } else { small.estimate(scratch)? };
        let estimate = match numbers {
            None => TraceEstimate { products, ..state.early.estimate(confidence)? },
            Some(numbers) => {
                let counts = [probes, products];
                TraceEstimate::jackknife(TraceMethod::XNysTrace, numbers, counts, confidence)?
            }
        };
        Ok(estimate.and_known(state.known))
    }
}

/// Which of the machine's vectors is projected.
#[derive(Clone, Copy)]
enum Target {
    Wanted,
    Image,
}
