//! Hutch++: the trace on a sketched range, and Hutchinson's estimator on the rest.

mod state;

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, gemv};
use crate::operator::LinearOperator;
use crate::simd::Machine;
use crate::trace::range::{self, Work};
use crate::trace::{HutchinsonOptions, TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

pub use state::HutchPpState;
use state::{Phase, sketch_len};

/// Elements of scratch that [`HutchPp::new`] needs: (n + 1)·⌊m/3⌋ + 2n for m < n products, 2n for more.
#[must_use]
pub const fn hutch_pp_machine_scratch_len(n: usize, products: usize) -> usize {
    n.saturating_add(1).saturating_mul(sketch_len(n, products)).saturating_add(n.saturating_mul(2))
}

/// Elements of scratch that [`hutch_pp`] needs: n more than [`hutch_pp_machine_scratch_len`].
#[must_use]
pub const fn hutch_pp_scratch_len(n: usize, products: usize) -> usize {
    hutch_pp_machine_scratch_len(n, products).saturating_add(n)
}

/// Hutch++ as a machine: Tr A = Tr(QᵀAQ) + Tr(PAP), P = I − QQᵀ, the first part exactly, the second by
/// [`crate::trace::Hutchinson`].
///
/// For matrices whose trace sits in few eigenvalues, where it beats plain Hutchinson by orders; for a flat
/// spectrum it is √3 times worse, since only a third of the products are samples.
///
/// # Method
/// Of m products ⌊m/3⌋ are of random probes S; Q is an orthonormal basis of AS, by two passes of classical
/// Gram–Schmidt. A column of AS that lies in the span of those before it up to (4 + √n)·ε of its own length
/// adds nothing to Q. As many products as Q has columns give Tr(QᵀAQ), all others are of Pz for new probes z.
/// Two products or fewer are all of the last kind; n or more are n products of basis vectors.
///
/// Given Q, the samples zᵀPAPz are Hutchinson's for PAP. So the standard error is √(2F/g) for g
/// samples, F the mean of ‖PAPz‖², and Satterthwaite's rule gives the freedom of Student's quantile as in
/// [`crate::trace::Hutchinson`]. That is derived, up to the law of the samples, which is taken as normal there too.
///
/// # Accuracy
/// Unbiased: Q does not depend on the probes of the rest. Exact, up to a small multiple of n·u·‖A‖_F times the condition
/// of AS, where the rank of A is at most ⌊m/3⌋ (with normal probes surely, with signs nearly so), and where m ≥ n. The same
/// bits on every machine. Multiplying A by 2ᵏ multiplies every number of the result by 2ᵏ exactly, barring
/// over- and underflow. A need not be symmetric; the interval is then wider than it must be.
///
/// # Cost
/// 8n·r flops beside a product, r the columns of Q so far; (n + 1)·⌊m/3⌋ + 2n elements lent.
///
/// # Source
/// Meyer, Musco, Musco, Woodruff 2021, doi:10.1137/1.9781611976496.16, Algorithm 1; twice is enough: Giraud,
/// Langou, Rozložník 2005, doi:10.1016/j.camwa.2005.08.009; Satterthwaite 1946, doi:10.2307/3002019.
///
/// # Example
/// ```
/// use teeter::trace::{HutchPp, HutchinsonOptions, Probe, hutch_pp_machine_scratch_len};
/// use teeter::{Machine, random::Stream};
/// let options =
///     HutchinsonOptions { probe: Probe::Rademacher, products: 6, confidence: 0.95, stream: Stream::new(1, 0) };
/// let mut scratch = [0.0; hutch_pp_machine_scratch_len(9, 6)];
/// let mut trace = HutchPp::new(Machine::detect(), 9, &options, &mut scratch)?;
/// let mut product = [0.0; 9];
/// while let Some(z) = trace.wants() {
///     let sum: f64 = z.iter().sum(); // a matrix of rank one: all ones
///     product.fill(sum);
///     trace.push(&product)?;
/// }
/// assert!((trace.estimate(0.95)?.value - 9.0).abs() < 1e-13);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct HutchPp<'a, T> {
    pub(in crate::trace) machine: Machine,
    pub(in crate::trace) state: HutchPpState<T>,
    pub(in crate::trace) basis: &'a mut [T],
    pub(in crate::trace) coefficients: &'a mut [T],
    pub(in crate::trace) wanted: &'a mut [T],
    pub(in crate::trace) image: &'a mut [T],
}

impl<'a, T: Float> HutchPp<'a, T> {
    /// Starts with the first probe drawn. `options.confidence` is not used.
    ///
    /// # Shapes
    /// `scratch`: at least [`hutch_pp_machine_scratch_len`] (n, `options.products`).
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
        let mut started = Self::resume(machine, HutchPpState::new(n, options), scratch)?;
        started.prepare()?;
        Ok(started)
    }

    /// Where the machine stands: Copy, and with the memory lent all that [`HutchPp::resume`] needs.
    #[must_use]
    pub fn state(&self) -> HutchPpState<T> {
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
        state: HutchPpState<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let HutchPpState { n, sketch, .. } = state;
        let needed = n.saturating_add(1).saturating_mul(sketch).saturating_add(n.saturating_mul(2));
        check::at_least("scratch", needed, scratch.len())?;
        let mut scratch = scratch;
        Ok(Self {
            machine,
            state,
            wanted: check::take(&mut scratch, n)?,
            image: check::take(&mut scratch, n)?,
            coefficients: check::take(&mut scratch, sketch)?,
            basis: check::take(&mut scratch, n * sketch)?,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.state.phase() {
            Phase::Done => None,
            Phase::Range => column(self.basis, self.state.n, self.state.step - self.state.sketch),
            Phase::Diagonal | Phase::Sketch | Phase::Rest => Some(self.wanted),
        }
    }

    /// Takes the product of A with the vector that [`HutchPp::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite, or a sum of its elements overflows (index n
    /// then). Nothing is changed: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        let phase = self.state.phase();
        if phase == Phase::Done {
            return Err(Error::State { expected: "a new estimate" });
        }
        check::same_len("product", self.state.n, product.len())?;
        if let Some(index) = vector::first_not_finite(self.machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        match phase {
            Phase::Sketch => {
                self.state.early.push(self.machine, self.wanted, product)?;
                self.extend_basis(product)?;
            }
            Phase::Rest => {
                vector::copy(product, self.image)?;
                self.project(Target::Image)?;
                // The product was finite: what is not any more has overflowed in the projection.
                let overflow = Error::NotFinite { argument: "product", index: self.state.n };
                self.state
                    .rest
                    .push(self.machine, self.wanted, self.image)
                    .map_err(|_| overflow)?;
            }
            Phase::Diagonal | Phase::Range | Phase::Done => {
                let wanted = self.wants().unwrap_or(&[]);
                let known = self.state.known + vector::dot(self.machine, wanted, product)?;
                if !known.is_finite() {
                    return Err(Error::NotFinite { argument: "product", index: self.state.n });
                }
                self.state.known = known;
            }
        }
        self.state.step += 1;
        self.prepare()
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) -> Result<(), Error> {
        match self.state.phase() {
            Phase::Diagonal => range::unit_into(self.state.step, self.wanted),
            Phase::Sketch => self.state.early.probe_into(self.wanted),
            Phase::Rest => {
                self.state.rest.probe_into(self.wanted);
                self.project(Target::Wanted)?;
            }
            Phase::Range | Phase::Done => {}
        }
        Ok(())
    }

    /// One more column of Q, unless the product lies in the span of those there are.
    fn extend_basis(&mut self, product: &[T]) -> Result<(), Error> {
        let work =
            Work { image: &mut *self.image, pass: &mut *self.coefficients, coefficients: &mut [] };
        let basis = (&mut *self.basis, self.state.rank);
        self.state.rank += usize::from(range::extend(self.machine, basis, product, work)?);
        Ok(())
    }

    /// x ← x − Q(Qᵀx)
    fn project(&mut self, target: Target) -> Result<(), Error> {
        let q = MatRef::col_major(self.basis, self.state.n, self.state.rank)?;
        let (h, _) = check::split(self.coefficients, self.state.rank)?;
        let x = match target {
            Target::Wanted => &mut *self.wanted,
            Target::Image => &mut *self.image,
        };
        gemv(self.machine, T::ONE, q.t(), x, T::ZERO, h)?;
        gemv(self.machine, -T::ONE, q, h, T::ONE, x)
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.step
    }

    /// Columns of Q: the dimension on which the trace is exact.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.state.rank
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// Before the first product of the rest it is plain Hutchinson's, from the products of the sketch. Where n
    /// products tell the trace, it is [`Stop::Invariant`](crate::Stop) and the interval a point.
    ///
    /// # Errors
    /// `Error::Empty` before the first product, `Error::State` before the last of n basis vectors,
    /// `Error::Range` for another confidence.
    pub fn estimate(&self, confidence: T) -> Result<TraceEstimate<T>, Error> {
        student_t_quantile(confidence, 1)?;
        check::not_empty("products", self.state.step)?;
        if self.state.count == self.state.n {
            return self.diagonal(confidence);
        }
        if self.state.rest.products() == 0 {
            return Ok(TraceEstimate {
                products: self.state.step,
                ..self.state.early.estimate(confidence)?
            });
        }
        let rest = self.state.rest.estimate(confidence)?;
        Ok(TraceEstimate {
            method: TraceMethod::HutchPp,
            value: self.state.known + rest.value,
            lower: self.state.known + rest.lower,
            upper: self.state.known + rest.upper,
            products: self.state.step,
            ..rest
        })
    }

    fn diagonal(&self, confidence: T) -> Result<TraceEstimate<T>, Error> {
        if self.state.step < self.state.count {
            return Err(Error::State { expected: "push" });
        }
        Ok(TraceEstimate::exact(self.state.known, confidence, self.state.step))
    }
}

/// Which of the machine's vectors is projected.
#[derive(Clone, Copy)]
enum Target {
    Wanted,
    Image,
}

fn column<T>(basis: &[T], n: usize, j: usize) -> Option<&[T]> {
    basis.get(j * n..(j + 1) * n)
}

/// An unbiased estimate of Tr A by Hutch++, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`hutch_pp_scratch_len`] (n, `options.products`).
///
/// # Method
/// [`HutchPp`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`HutchPp`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch, `Error::Range` for the
/// confidence, `Error::NotFinite` for a product that is not finite; what the operator returns.
///
/// # Cost
/// That of [`HutchPp`]; n more elements lent.
///
/// # Source
/// Meyer, Musco, Musco, Woodruff 2021, doi:10.1137/1.9781611976496.16.
pub fn hutch_pp<T: Float>(
    machine: Machine,
    operator: &mut impl LinearOperator<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", hutch_pp_scratch_len(n, options.products), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut state = HutchPp::new(machine, n, options, scratch)?;
    while let Some(wanted) = state.wants() {
        operator.apply(wanted, product)?;
        state.push(product)?;
    }
    state.estimate(options.confidence)
}
