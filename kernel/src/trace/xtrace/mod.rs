//! XTrace: every probe both sketches the range and samples what the others leave of it.

mod small;
mod state;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::trace::range::{self, Work};
use crate::trace::{HutchinsonOptions, TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

use small::{Small, small_scratch_len};
pub use state::XTraceState;
use state::{Phase, probes_max};

/// Elements of scratch that [`XTrace::new`] needs: n(k + 2) + 3k(k + 1) for k = ⌊m/2⌋ probes of m < n products, 2n for more.
#[must_use]
pub const fn xtrace_machine_scratch_len(n: usize, products: usize) -> usize {
    machine_len(n, probes_max(n, products))
}

const fn machine_len(n: usize, k: usize) -> usize {
    let long = n.saturating_mul(k.saturating_add(2));
    long.saturating_add(k.saturating_mul(3).saturating_mul(k.saturating_add(1)))
}

/// Elements of scratch that [`XTrace::estimate`] needs: 2k² + 8k for k = ⌊m/2⌋ probes of m < n products, none for more.
#[must_use]
pub const fn xtrace_estimate_scratch_len(n: usize, products: usize) -> usize {
    small_scratch_len(probes_max(n, products))
}

/// Elements of scratch that [`xtrace`] needs: n more than machine and estimate.
#[must_use]
pub const fn xtrace_scratch_len(n: usize, products: usize) -> usize {
    let estimate = xtrace_estimate_scratch_len(n, products);
    xtrace_machine_scratch_len(n, products).saturating_add(estimate).saturating_add(n)
}

/// XTrace as a machine, for symmetric A: the mean over i of Tr(QᵢᵀAQᵢ) + ωᵢᵀ(I − Pᵢ)A(I − Pᵢ)ωᵢ, Qᵢ an orthonormal basis
/// of the products Aωⱼ of all other probes, Pᵢ = QᵢQᵢᵀ.
///
/// As [`HutchPp`](crate::trace::HutchPp) for matrices whose trace sits in few eigenvalues, and better, since every probe
/// serves twice: of m products m/2 sketch and m/2 sample. For a flat spectrum it is √2 times worse than
/// [`Hutchinson`](crate::trace::Hutchinson); where A ⪰ 0 [`XNysTrace`](crate::trace::XNysTrace) is better still.
///
/// # Method
/// Products of a probe ωᵢ and of the column of Q that it gave rise to follow each other, so that the first i probes are an
/// estimate at any time. Probes are drawn again when needed, k(k + 1)/2 times in all, and never stored. With AΩ = QR, sᵢ the unit
/// vector orthogonal to all columns of R but number i has Qᵢ = Q(I − sᵢsᵢᵀ), and A = Aᵀ leaves nothing to know but
/// H = QᵀAQ, R and QᵀΩ. A probe whose product lies in the span of those before it up to (4 + √n)·ε of its own length has no
/// column; leaving out one that such a product stands in for takes nothing from Q. Normal probes count by their
/// direction alone: the second term is times (n − rank Pᵢ)/‖(I − Pᵢ)ωᵢ‖².
///
/// `sample_error` is the authors' error estimate, the scatter of the k terms over √k. The terms share all but one probe, so
/// it is too small, by up to 2 in our tables. `standard_error` is the jackknife's: the estimate without probe j, for every j, from
/// leaving out two, and (k − 1)/k of the sum of their squared deviations. By the inequality of Efron and Stein that
/// is on average not below (k − 1)/k times the variance of the estimate from k − 1 probes, whatever A is. Student's quantile of
/// k − 1 degrees gives the interval.
///
/// # Accuracy
/// Unbiased. Exact, within a small multiple of n·u·‖A‖ times the condition of R, where the rank of A is below k, and where m ≥ n. The
/// interval holds the trace at least as often as it says on the spectra of `teeter-verify -- accuracy`, and is wider than
/// it must be, by 1.2 to 2.6 there; it holds chance alone, not rounding. The same bits on every machine.
/// Multiplying A by 2ᵏ multiplies every number of the result by 2ᵏ exactly, barring over- and underflow. For A that is
/// not symmetric the estimate has a bias.
///
/// # Cost
/// 8nk flops beside a product, and half a product's probes again; O(k³) an estimate. See
/// [`xtrace_machine_scratch_len`] for the memory.
///
/// # Source
/// Epperly, Tropp, Webber 2024, *XTrace: making the most of every sample in stochastic trace estimation*,
/// arXiv:2301.07825, §2, §4.1; Efron, Stein 1981, *The jackknife estimate of variance*, doi:10.1214/aos/1176345462. Pairs left
/// out for a jackknife of it are ours.
///
/// # Example
/// ```
/// use teeter::trace::*;
/// use teeter::{Machine, random::Stream};
/// let options =
///     HutchinsonOptions { probe: Probe::Rademacher, products: 6, confidence: 0.95, stream: Stream::new(1, 0) };
/// let mut scratch = [0.0; xtrace_machine_scratch_len(9, 6)];
/// let mut trace = XTrace::new(Machine::detect(), 9, &options, &mut scratch)?;
/// let mut product = [0.0; 9];
/// while let Some(z) = trace.wants() {
///     let sum: f64 = z.iter().sum(); // a matrix of rank one: all ones
///     product.fill(sum);
///     trace.push(&product)?;
/// }
/// let mut small = [0.0; xtrace_estimate_scratch_len(9, 6)];
/// assert!((trace.estimate(0.95, &mut small)?.value - 9.0).abs() < 1e-13);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct XTrace<'a, T> {
    pub(in crate::trace) machine: Machine,
    pub(in crate::trace) state: XTraceState<T>,
    pub(in crate::trace) wanted: &'a mut [T],
    pub(in crate::trace) image: &'a mut [T],
    pub(in crate::trace) basis: &'a mut [T],
    /// Column i: Qᵀ(Aωᵢ), k apart.
    pub(in crate::trace) r: &'a mut [T],
    /// Column i: Qᵀωᵢ.
    pub(in crate::trace) w: &'a mut [T],
    /// The upper triangle of QᵀAQ.
    pub(in crate::trace) h: &'a mut [T],
    pub(in crate::trace) pass: &'a mut [T],
    /// One more than the number of the column of Q that probe i gave rise to; 0 for none.
    pub(in crate::trace) place: &'a mut [T],
    /// ‖ωᵢ‖²
    pub(in crate::trace) squares: &'a mut [T],
}

impl<'a, T: Float> XTrace<'a, T> {
    /// Starts with the first probe drawn. `options.confidence` is not used; of an odd number of products but one the last is
    /// not either.
    ///
    /// # Shapes
    /// `scratch`: at least [`xtrace_machine_scratch_len`] (n, `options.products`).
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
        let mut started = Self::resume(machine, XTraceState::new(n, options), scratch)?;
        started.prepare();
        Ok(started)
    }

    /// Where the machine stands: Copy, and with the memory lent all that [`XTrace::resume`] needs.
    #[must_use]
    pub fn state(&self) -> XTraceState<T> {
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
        state: XTraceState<T>,
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
            w: check::take(&mut scratch, k * k)?,
            h: check::take(&mut scratch, k * k)?,
            pass: check::take(&mut scratch, k)?,
            place: check::take(&mut scratch, k)?,
            squares: check::take(&mut scratch, k)?,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.state.phase() {
            Phase::Done => None,
            Phase::Column => column(self.basis, self.state.n, self.state.columns),
            Phase::Diagonal | Phase::Probe => Some(self.wanted),
        }
    }

    /// Takes the product of A with the vector that [`XTrace::wants`] gave.
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
        match phase {
            Phase::Probe => self.take_probe(product)?,
            Phase::Column => self.take_column(product)?,
            Phase::Diagonal | Phase::Done => {
                self.state.known += vector::dot(self.machine, self.wanted, product)?;
            }
        }
        self.state.step += 1;
        self.prepare();
        Ok(())
    }

    fn take_probe(&mut self, product: &[T]) -> Result<(), Error> {
        let (machine, n, k) = (self.machine, self.state.n, self.state.probes);
        let (i, before) = (self.state.drawn, self.state.rank);
        let square = vector::dot(machine, self.wanted, self.wanted)?;
        self.state.early.push(machine, self.wanted, product)?;
        let work = Work {
            image: &mut *self.image,
            pass: &mut *self.pass,
            coefficients: range::line(self.r, k, i),
        };
        let grown = range::extend(machine, (&mut *self.basis, before), product, work)?;
        let rank = before + usize::from(grown);
        set(self.place, i, if grown { T::from_usize(rank) } else { T::ZERO });
        set(self.squares, i, square);
        let q = MatRef::col_major(self.basis, n, rank)?;
        let (w, rest) = check::split(range::line(self.w, k, i), rank)?;
        rest.fill(T::ZERO);
        gemv(machine, T::ONE, q.t(), self.wanted, T::ZERO, w)?;
        if grown {
            let newest = q.column(before).unwrap_or(&[]);
            for earlier in 0..i {
                self.state.early.probe_number(earlier, self.image);
                let along = vector::dot(machine, newest, self.image)?;
                set(self.w, earlier * k + before, along);
            }
        }
        (self.state.drawn, self.state.rank) = (i + 1, rank);
        Ok(())
    }

    fn take_column(&mut self, product: &[T]) -> Result<(), Error> {
        let (n, k, j) = (self.state.n, self.state.probes, self.state.columns);
        let q = MatRef::col_major(self.basis, n, j + 1)?;
        let (h, _) = check::split(range::line(self.h, k, j), j + 1)?;
        gemv(self.machine, T::ONE, q.t(), product, T::ZERO, h)?;
        self.state.columns += 1;
        Ok(())
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) {
        match self.state.phase() {
            Phase::Diagonal => range::unit_into(self.state.step, self.wanted),
            Phase::Probe => self.state.early.probe_into(self.wanted),
            Phase::Column | Phase::Done => {}
        }
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.step
    }

    /// Columns of Q: the dimension that the products of the probes span.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.state.rank
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// Until two probes are complete it is plain Hutchinson's, from the probes. Where n products tell the trace, it is
    /// [`Stop::Invariant`](crate::Stop) and the interval a point.
    ///
    /// # Shapes
    /// `scratch`: at least [`xtrace_estimate_scratch_len`].
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
        let probes = state.complete();
        if probes < 2 {
            let early = state.early.estimate(confidence)?;
            return Ok(TraceEstimate { products: state.step, ..early });
        }
        let small = Small {
            machine: self.machine,
            n: state.n,
            k,
            probes,
            rank: state.columns,
            probe: state.probe,
            parts: [&*self.r, &*self.w, &*self.h],
            place: self.place,
            squares: self.squares,
        };
        let numbers = small.estimate(scratch)?;
        let counts = [probes, state.step];
        TraceEstimate::jackknife(TraceMethod::XTrace, numbers, counts, confidence)
    }
}

fn column<T>(x: &[T], n: usize, j: usize) -> Option<&[T]> {
    x.get(j * n..(j + 1) * n)
}

fn set<T>(x: &mut [T], i: usize, value: T) {
    if let Some(x) = x.get_mut(i) {
        *x = value;
    }
}

/// An unbiased estimate of Tr A by XTrace, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n, symmetric. `scratch`: at least [`xtrace_scratch_len`] (n, `options.products`).
///
/// # Method
/// [`XTrace`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`XTrace`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch, `Error::Range` for the
/// confidence, `Error::NotFinite` for a product that is not finite or too large; what the operator returns.
///
/// # Cost
/// That of [`XTrace`].
///
/// # Source
/// Epperly, Tropp, Webber 2024, arXiv:2301.07825.
pub fn xtrace<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", xtrace_scratch_len(n, options.products), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let small = check::take(&mut scratch, xtrace_estimate_scratch_len(n, options.products))?;
    let mut trace = XTrace::new(machine, n, options, scratch)?;
    while let Some(wanted) = trace.wants() {
        operator.apply(wanted, product)?;
        trace.push(product)?;
    }
    trace.estimate(options.confidence, small)
}
