//! NA-Hutch++: a sketch and samples from products that do not wait for one another.

use crate::check;
use crate::error::Error;
use crate::factor::{least_squares, least_squares_scratch_len};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemv};
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::trace::range::{self, Work};
use crate::trace::{Hutchinson, HutchinsonOptions, TraceEstimate, TraceMethod, student_t_quantile};
use crate::vector;

/// Columns of the narrow sketch: a sixth of the products; none where n products tell the trace.
const fn sketch_len(n: usize, products: usize) -> usize {
    if products < n { products / 6 } else { 0 }
}

/// Elements of scratch that [`NaHutchPp::new`] needs: n(3k + 2) + 6k² + 3k and what least squares take, k = ⌊m/6⌋.
#[must_use]
pub const fn na_hutch_pp_machine_scratch_len(n: usize, products: usize) -> usize {
    machine_len(n, sketch_len(n, products))
}

const fn machine_len(n: usize, k: usize) -> usize {
    let tall = k.saturating_mul(2);
    let vectors = n.saturating_mul(k.saturating_mul(3).saturating_add(2));
    let small = k.saturating_mul(k).saturating_mul(6).saturating_add(k.saturating_mul(3));
    vectors.saturating_add(small).saturating_add(least_squares_scratch_len(tall, k, tall))
}

/// Elements of scratch that [`na_hutch_pp`] needs: n more than [`na_hutch_pp_machine_scratch_len`].
#[must_use]
pub const fn na_hutch_pp_scratch_len(n: usize, products: usize) -> usize {
    na_hutch_pp_machine_scratch_len(n, products).saturating_add(n)
}

/// What the next product is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A basis vector: the trace is summed from its diagonal.
    Diagonal,
    /// A probe whose product extends the basis Q.
    Narrow,
    /// A probe whose product is kept.
    Tall,
    /// A probe of what the sketches leave.
    Rest,
    /// Nothing.
    Done,
}

/// Where a [`NaHutchPp`] stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug)]
pub struct NaHutchPpState<T> {
    pub(super) n: usize,
    /// Products in all.
    pub(super) count: usize,
    /// Columns of the narrow sketch; of the tall one twice as many.
    pub(super) sketch: usize,
    /// Columns of Q.
    pub(super) rank: usize,
    pub(super) step: usize,
    /// Tr Ã, or the diagonal's sum, as far as it is known.
    pub(super) known: T,
    /// Draws both sketches; its products are samples too, until there are better ones.
    pub(super) early: Hutchinson<T>,
    pub(super) rest: Hutchinson<T>,
}

impl<T: Float> NaHutchPpState<T> {
    fn phase(&self) -> Phase {
        if self.step == self.count {
            Phase::Done
        } else if self.count == self.n {
            Phase::Diagonal
        } else if self.step < self.sketch {
            Phase::Narrow
        } else if self.step < 3 * self.sketch {
            Phase::Tall
        } else {
            Phase::Rest
        }
    }
}

/// NA-Hutch++ as a machine: Tr A = Tr Ã + Tr(A − Ã), Ã = Q(SᵀQ)⁺(AS)ᵀ, the second part by [`Hutchinson`].
///
/// # When to use
/// Where products are cheaper many at a time, or their vectors must be known beforehand: none depends on the result of
/// another. For the same number of products [`HutchPp`](crate::trace::HutchPp) is more exact.
///
/// # Method
/// Of m products k = ⌊m/6⌋ are of random probes R, 2k of probes S, the rest of probes g. Q is an orthonormal basis of AR, by two
/// passes of classical Gram–Schmidt; (SᵀQ)⁺ by QR. The sample of g is gᵀ(A − Ã)g, its image Ag − Q(SᵀQ)⁺(AS)ᵀg costs no product. Fewer
/// than six products are all of the last kind; n or more are n products of basis vectors. Where SᵀQ has dependent columns, Ã = 0.
///
/// Given R and S, the samples are Hutchinson's for A − Ã; the interval is that of [`Hutchinson`]. Ã is not symmetric: the variance is at most
/// 2‖A − Ã‖_F², which is what the images estimate.
///
/// # Accuracy
/// Unbiased: Ã does not depend on the probes g. Exact, up to a small multiple of n·u·‖A‖_F times the condition of SᵀQ, where the
/// rank of A is at most k, and where m ≥ n. The same bits on every machine. Multiplying A by 2ᵏ multiplies every number of the result by
/// 2ᵏ exactly, barring over- and underflow.
///
/// # Cost
/// 8nk flops beside a product, 20k³ once; n(3k + 2) elements and some small ones lent.
///
/// # Source
/// Meyer, Musco, Musco, Woodruff 2021, doi:10.1137/1.9781611976496.16, Algorithm 2.
///
/// # Example
/// ```
/// use teeter::trace::{HutchinsonOptions, NaHutchPp, Probe, na_hutch_pp_machine_scratch_len};
/// use teeter::{Machine, random::Stream};
/// let options =
///     HutchinsonOptions { probe: Probe::Gaussian, products: 7, confidence: 0.95, stream: Stream::new(1, 0) };
/// let mut scratch = [0.0; na_hutch_pp_machine_scratch_len(9, 7)];
/// let mut trace = NaHutchPp::new(Machine::detect(), 9, &options, &mut scratch)?;
/// let mut product = [0.0; 9];
/// while let Some(z) = trace.wants() {
///     let sum: f64 = z.iter().sum(); // a matrix of rank one: all ones
///     product.fill(sum);
///     trace.push(&product)?;
/// }
/// assert!((trace.estimate(0.95)?.value - 9.0).abs() < 1e-12);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct NaHutchPp<'a, T> {
    machine: Machine,
    pub(super) state: NaHutchPpState<T>,
    pub(super) wanted: &'a mut [T],
    image: &'a mut [T],
    /// Q, n × k, and AS, n × 2k.
    pub(super) basis: &'a mut [T],
    pub(super) tall: &'a mut [T],
    /// SᵀQ, 2k × rank, which least squares overwrite; what becomes (SᵀQ)⁺, 2k apart.
    small: &'a mut [T],
    pub(super) inverse: &'a mut [T],
    coefficients: &'a mut [T],
    work: &'a mut [T],
}

impl<'a, T: Float> NaHutchPp<'a, T> {
    /// Starts with the first probe drawn. `options.confidence` is not used.
    ///
    /// # Shapes
    /// `scratch`: at least [`na_hutch_pp_machine_scratch_len`] (n, `options.products`).
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
        let state = NaHutchPpState {
            n,
            count: options.products.min(n),
            sketch: sketch_len(n, options.products),
            rank: 0,
            step: 0,
            known: T::ZERO,
            early: Hutchinson::new(options.stream.child(0), options.probe),
            rest: Hutchinson::new(options.stream.child(1), options.probe),
        };
        let mut started = Self::resume(machine, state, scratch)?;
        started.prepare();
        Ok(started)
    }

    /// Where the machine stands: Copy, and with the memory lent all that [`NaHutchPp::resume`] needs.
    #[must_use]
    pub fn state(&self) -> NaHutchPpState<T> {
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
        state: NaHutchPpState<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let (n, k) = (state.n, state.sketch);
        check::at_least("scratch", machine_len(n, k), scratch.len())?;
        let mut scratch = scratch;
        Ok(Self {
            // Least squares are of level 3; the bits must not depend on whether that fuses.
            machine: machine.strict(),
            state,
            wanted: check::take(&mut scratch, n)?,
            image: check::take(&mut scratch, n)?,
            basis: check::take(&mut scratch, n * k)?,
            tall: check::take(&mut scratch, n * 2 * k)?,
            small: check::take(&mut scratch, 2 * k * k)?,
            inverse: check::take(&mut scratch, 4 * k * k)?,
            coefficients: check::take(&mut scratch, 3 * k)?,
            work: scratch,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        if self.state.phase() == Phase::Done { None } else { Some(self.wanted) }
    }

    /// Takes the product of A with the vector that [`NaHutchPp::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite, or so large that the sums of the estimate could overflow (index n
    /// then). Nothing is changed: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        let (phase, n, machine) = (self.state.phase(), self.state.n, self.machine);
        if phase == Phase::Done {
            return Err(Error::State { expected: "a new estimate" });
        }
        check::same_len("product", n, product.len())?;
        range::check_room(machine, self.state.count, product)?;
        match phase {
            Phase::Narrow => {
                self.state.early.push(machine, self.wanted, product)?;
                let (k, work) = (self.state.sketch, &mut *self.coefficients);
                let (pass, _) = check::split(work, k)?;
                let work = Work { image: &mut *self.image, pass, coefficients: &mut [] };
                let basis = (&mut *self.basis, self.state.rank);
                self.state.rank += usize::from(range::extend(machine, basis, product, work)?);
            }
            Phase::Tall => {
                let column = self.state.step - self.state.sketch;
                let (_, rest) = check::split(self.tall, column * n)?;
                vector::copy(product, check::split(rest, n)?.0)?;
                self.state.early.push(machine, self.wanted, product)?;
                if column + 1 == 2 * self.state.sketch {
                    self.solve()?;
                }
            }
            Phase::Rest => {
                vector::copy(product, self.image)?;
                self.take_sketch_out()?;
                // The product was finite: what is not any more has overflowed on the way.
                let overflow = Error::NotFinite { argument: "product", index: n };
                let pushed = self.state.rest.push(machine, self.wanted, self.image);
                pushed.map_err(|_| overflow)?;
            }
            Phase::Diagonal | Phase::Done => {
                self.state.known += vector::dot(machine, self.wanted, product)?;
            }
        }
        self.state.step += 1;
        self.prepare();
        Ok(())
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) {
        match self.state.phase() {
            Phase::Diagonal => range::unit_into(self.state.step, self.wanted),
            Phase::Narrow | Phase::Tall => self.state.early.probe_into(self.wanted),
            Phase::Rest => self.state.rest.probe_into(self.wanted),
            Phase::Done => {}
        }
    }

    /// (SᵀQ)⁺ and Tr Ã = Σ ((SᵀQ)⁺)ᵢⱼ·qᵢᵀ(As)ⱼ.
    fn solve(&mut self) -> Result<(), Error> {
        let (machine, n, k, rank) =
            (self.machine, self.state.n, self.state.sketch, self.state.rank);
        let tall = 2 * k;
        let q = MatRef::col_major(self.basis, n, rank)?;
        let (line, _) = check::split(self.coefficients, rank)?;
        for j in 0..tall {
            self.state.early.probe_number(k + j, self.image);
            gemv(machine, T::ONE, q.t(), self.image, T::ZERO, line)?;
            for (i, &value) in line.iter().enumerate() {
                self.small.iter_mut().skip(i * tall + j).take(1).for_each(|x| *x = value);
            }
        }
        self.inverse.fill(T::ZERO);
        for i in 0..tall {
            self.inverse.iter_mut().skip(i * tall + i).take(1).for_each(|x| *x = T::ONE);
        }
        let a = MatMut::col_major(self.small, tall, rank)?;
        let b = MatMut::col_major(self.inverse, tall, tall)?;
        match least_squares(machine, a, b, self.work) {
            Ok(_) => {}
            Err(Error::Pivot { .. }) => {
                self.state.rank = 0;
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        for j in 0..tall {
            let image = self.tall.get(j * n..(j + 1) * n).unwrap_or(&[]);
            gemv(machine, T::ONE, q.t(), image, T::ZERO, line)?;
            let column = self.inverse.get(j * tall..j * tall + rank).unwrap_or(&[]);
            self.state.known += vector::dot(machine, column, line)?;
        }
        Ok(())
    }

    /// `image` ← `image` − Q(SᵀQ)⁺(AS)ᵀg
    fn take_sketch_out(&mut self) -> Result<(), Error> {
        let (machine, n, rank, tall) =
            (self.machine, self.state.n, self.state.rank, 2 * self.state.sketch);
        let (seen, rest) = check::split(self.coefficients, tall)?;
        let (along, _) = check::split(rest, rank)?;
        let products = MatRef::col_major(self.tall, n, tall)?;
        gemv(machine, T::ONE, products.t(), self.wanted, T::ZERO, seen)?;
        let inverse = MatRef::strided(self.inverse, [rank, tall], [1, tall.max(1)])?;
        gemv(machine, T::ONE, inverse, seen, T::ZERO, along)?;
        let q = MatRef::col_major(self.basis, n, rank)?;
        gemv(machine, -T::ONE, q, along, T::ONE, self.image)
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.step
    }

    /// The estimate so far, with an interval at `confidence`, 0 < confidence < 1.
    ///
    /// Before the first product of the rest it is plain Hutchinson's, from the products of the sketches. Where n products tell
    /// the trace, it is [`Stop::Invariant`](crate::Stop) and the interval a point.
    ///
    /// # Errors
    /// `Error::Empty` before the first product, `Error::State` before the last of n basis vectors,
    /// `Error::Range` for another confidence.
    pub fn estimate(&self, confidence: T) -> Result<TraceEstimate<T>, Error> {
        let (state, products) = (&self.state, self.state.step);
        student_t_quantile(confidence, 1)?;
        check::not_empty("products", products)?;
        if state.count == state.n {
            if products < state.count {
                return Err(Error::State { expected: "push" });
            }
            return Ok(TraceEstimate::exact(state.known, confidence, products));
        }
        if state.rest.products() == 0 {
            return Ok(TraceEstimate { products, ..state.early.estimate(confidence)? });
        }
        let method = TraceMethod::NaHutchPp;
        let rest = state.rest.estimate(confidence)?;
        Ok(TraceEstimate { method, products, ..rest }.and_known(state.known))
    }
}

/// An unbiased estimate of Tr A by NA-Hutch++, with its standard error and an interval.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`na_hutch_pp_scratch_len`] (n, `options.products`).
///
/// # Method
/// [`NaHutchPp`], until it wants no more: the smaller of n and `options.products`.
///
/// # Accuracy
/// That of [`NaHutchPp`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch, `Error::Range` for the
/// confidence, `Error::NotFinite` for a product that is not finite or too large; what the operator returns.
///
/// # Cost
/// That of [`NaHutchPp`]; n more elements lent.
///
/// # Source
/// Meyer, Musco, Musco, Woodruff 2021, doi:10.1137/1.9781611976496.16.
pub fn na_hutch_pp<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &HutchinsonOptions<T>,
    scratch: &mut [T],
) -> Result<TraceEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::not_empty("products", options.products)?;
    check::at_least("scratch", na_hutch_pp_scratch_len(n, options.products), scratch.len())?;
    student_t_quantile(options.confidence, 1)?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut state = NaHutchPp::new(machine, n, options, scratch)?;
    while let Some(wanted) = state.wants() {
        operator.apply(wanted, product)?;
        state.push(product)?;
    }
    state.estimate(options.confidence)
}
