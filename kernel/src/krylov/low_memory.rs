//! One eigenpair in three vectors: T by the recurrence, and its vector by running the recurrence once more.

use crate::check;
use crate::error::{Error, Stop};
use crate::factor::tridiagonal_vectors;
use crate::float::Float;
use crate::krylov::{LanczosRecurrence, Which, lanczos_recurrence_scratch_len};
use crate::matrix::MatMut;
use crate::operator::Symmetric;
use crate::simd::{Machine, pieces_mut};
use crate::vector;

/// Which pair, how many steps, and when it counts as found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowMemoryOptions<T> {
    /// The eigenvalue wanted; of both ends the rightmost.
    pub which: Which,
    /// Steps of the recurrence, each run twice: at most 2·steps products.
    pub steps_max: usize,
    /// Converged means: residual ≤ tolerance·|value|.
    pub tolerance: T,
}

/// An eigenpair found in three vectors. It says nothing of multiplicity, and no list of such pairs would: without
/// orthogonalization one eigenvalue may stand in T several times.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct LowMemoryPair<T> {
    /// `Invariant` where the recurrence closed, else whether the tolerance was met.
    pub stop: Stop,
    /// θ = vᵀAv.
    pub value: T,
    /// ‖Av − θv‖ for the unit vector v, from a product with v itself.
    pub residual: T,
    /// θ − residual: some eigenvalue of A lies in [lower, upper].
    pub lower: T,
    /// θ + residual.
    pub upper: T,
    /// Products with A used.
    pub products: usize,
    /// Order of T.
    pub steps: usize,
}

/// Elements of scratch that [`LowMemoryLanczos::new`] needs, beside the vector: 2n + k(k + 4) for k steps.
#[must_use]
pub const fn low_memory_machine_scratch_len(n: usize, steps_max: usize) -> usize {
    let small = steps_max.saturating_mul(steps_max.saturating_add(2));
    lanczos_recurrence_scratch_len(n, steps_max).saturating_add(small)
}

/// Elements of scratch that [`low_memory_eigenpair`] needs: n more than the step machine.
#[must_use]
pub const fn low_memory_scratch_len(n: usize, steps_max: usize) -> usize {
    low_memory_machine_scratch_len(n, steps_max).saturating_add(n)
}

/// What the next product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// T.
    First,
    /// v = Σ sⱼqⱼ, the qⱼ as before.
    Second,
    /// The residual.
    Check,
    Done,
}

/// The eigenpair at one end of the spectrum in three vectors, one product at a time.
///
/// # When to use
/// Where k vectors are too much memory; else [`ThickRestart`](crate::krylov::ThickRestart), which needs half the products and
/// finds several pairs.
///
/// # Shapes
/// `start`: n ≥ 1, the start of both runs; the caller keeps it. `vector`: n, where v goes.
///
/// # Method
/// [`LanczosRecurrence`] for k steps; the eigenvector s of T; the recurrence again from the same start, whose vectors
/// are the same to the bit as long as the operator is deterministic, adding sⱼqⱼ to v; one product with v. 2k products.
///
/// # Accuracy
/// `residual` is that of the v that is returned, within (n + 4)u‖A‖, whatever the recurrence lost; an operator that
/// gives other products the second time shows there too. The same bits on every machine; multiplying A by 2ᵏ
/// multiplies θ and residual by 2ᵏ exactly, barring over- and underflow.
///
/// # Errors
/// [`LowMemoryLanczos::push`] says what it refuses; then nothing has changed.
///
/// # Cost
/// 20n flops a step of T beside two products, O(k³) once; 3n + k(k + 4) elements, `start` not counted.
///
/// # Source
/// Cullum, Willoughby 1985, *Lanczos Algorithms*, vol. 1, §4.7; Paige 1972.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::Diagonal};
/// let options = LowMemoryOptions { which: Which::LargestAlgebraic, steps_max: 3, tolerance: 1e-6 };
/// let (mut vector, mut scratch) = ([0.0; 3], [0.0; low_memory_scratch_len(3, 3)]);
/// let mut hessian = Diagonal::new(&[1.0, 2.0, 8.0]);
/// let machine = Machine::detect();
/// let top = low_memory_eigenpair(machine, &mut hessian, &options, &[1.0; 3], &mut vector, &mut scratch)?;
/// assert!(top.lower <= 8.0 && 8.0 <= top.upper && top.residual < 1e-12);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct LowMemoryLanczos<'a, T> {
    pub(super) machine: Machine,
    pub(super) options: LowMemoryOptions<T>,
    pub(super) start: &'a [T],
    pub(super) recurrence: LanczosRecurrence<'a, T>,
    /// s, then what finds it.
    pub(super) small: &'a mut [T],
    pub(super) vector: &'a mut [T],
    pub(super) phase: Phase,
    pub(super) pair: LowMemoryPair<T>,
}

impl<'a, T: Float> LowMemoryLanczos<'a, T> {
    /// Before the first product.
    ///
    /// # Errors
    /// Those of [`LanczosRecurrence::new`]; `Error::Length` if `vector` does not fit, `Error::Range` for a tolerance that
    /// is negative or NaN.
    pub fn new(
        machine: Machine,
        options: &LowMemoryOptions<T>,
        start: &'a [T],
        vector: &'a mut [T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let (n, k) = (start.len(), options.steps_max);
        check::same_len("vector", n, vector.len())?;
        check::in_range("tolerance", options.tolerance, 0.0, f64::MAX)?;
        check::at_least("scratch", low_memory_machine_scratch_len(n, k), scratch.len())?;
        let mut scratch = scratch;
        let own = check::take(&mut scratch, lanczos_recurrence_scratch_len(n, k))?;
        let recurrence = LanczosRecurrence::new(machine, start, k, own)?;
        let nan = T::NAN;
        let (stop, products, steps) = (Stop::LimitReached, 0, 0);
        let pair = LowMemoryPair {
            stop,
            value: nan,
            residual: nan,
            lower: nan,
            upper: nan,
            products,
            steps,
        };
        let (phase, options, small) = (Phase::First, *options, scratch);
        Ok(Self { machine, options, start, recurrence, small, vector, phase, pair })
    }

    /// The vector whose product comes next; `None` when the pair is there.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.phase {
            Phase::First | Phase::Second => self.recurrence.wants(),
            Phase::Check => Some(self.vector),
            Phase::Done => None,
        }
    }

    /// Takes the product of A with the vector that [`LowMemoryLanczos::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements, `Error::NotFinite` if an element
    /// is not finite: nothing is changed then, and the right product can still be pushed. `Error::NoConvergence` if the
    /// small problem does not converge.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        match self.phase {
            Phase::First => {
                self.recurrence.push(product)?;
                self.pair.products += 1;
                if self.recurrence.wants().is_none() { self.turn() } else { Ok(()) }
            }
            Phase::Second => {
                self.recurrence.push(product)?;
                self.pair.products += 1;
                self.add_vector()
            }
            Phase::Check => self.measure(product),
            Phase::Done => Err(Error::State { expected: "a new process" }),
        }
    }

    /// The pair; `None` before the last product.
    #[must_use]
    pub fn pair(&self) -> Option<LowMemoryPair<T>> {
        (self.phase == Phase::Done).then_some(self.pair)
    }

    /// s from T, and back to the start.
    fn turn(&mut self) -> Result<(), Error> {
        let jacobi = self.recurrence.jacobi();
        let k = jacobi.diagonal.len();
        if self.recurrence.is_closed() {
            self.pair.stop = Stop::Invariant;
        }
        let (vectors, rest) = check::split(self.small, k * k)?;
        let (values, rest) = check::split(rest, k)?;
        let (off_diagonal, _) = check::split(rest, k.saturating_sub(1))?;
        vector::copy(jacobi.diagonal, values)?;
        vector::copy(jacobi.off_diagonal, off_diagonal)?;
        for (j, column) in pieces_mut(vectors, k).enumerate() {
            for (i, x) in column.iter_mut().enumerate() {
                *x = if i == j { T::ONE } else { T::ZERO };
            }
        }
        tridiagonal_vectors(values, off_diagonal, MatMut::col_major(vectors, k, k)?)?;
        let first = values.first().copied().unwrap_or(T::ZERO);
        let last = values.last().copied().unwrap_or(T::ZERO);
        let at_first = match self.options.which {
            Which::SmallestAlgebraic => true,
            Which::LargestMagnitude => first.abs() > last.abs(),
            Which::LargestAlgebraic | Which::BothEnds => false,
        };
        if !at_first {
            // s to the front: the last column over the first.
            let last = check::split(vectors, k * k.saturating_sub(1))?;
            if k > 1 {
                vector::copy(last.1, check::split(last.0, k)?.0)?;
            }
        }
        self.pair.steps = k;
        let start = self.start;
        self.recurrence.restart(|out| {
            out.iter_mut().zip(start).for_each(|(out, &x)| *out = x);
        })?;
        self.vector.fill(T::ZERO);
        self.phase = Phase::Second;
        self.add_vector()
    }

    /// v ← v + sⱼqⱼ; after the last j, v to length 1.
    fn add_vector(&mut self) -> Result<(), Error> {
        let j = self.recurrence.steps();
        let weight = self.small.get(j).copied().unwrap_or(T::ZERO);
        if let Some(q) = self.recurrence.wants() {
            vector::axpy(self.machine, weight, q, self.vector)?;
        }
        if j + 1 >= self.pair.steps {
            let length = vector::norm2(self.machine, self.vector);
            if length > T::ZERO && length.is_finite() {
                self.vector.iter_mut().for_each(|x| *x /= length);
            } else {
                // Another operator than in the first run: the start is as good as anything.
                self.recurrence.restart(|out| {
                    out.iter_mut().zip(self.start).for_each(|(out, &x)| *out = x);
                })?;
                vector::copy(self.recurrence.wants().unwrap_or(&[]), self.vector)?;
            }
            self.phase = Phase::Check;
        }
        Ok(())
    }

    /// θ and its residual.
    fn measure(&mut self, product: &[T]) -> Result<(), Error> {
        check::same_len("product", self.vector.len(), product.len())?;
        if let Some(index) = vector::first_not_finite(self.machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        let value = vector::dot(self.machine, self.vector, product)?;
        let residual = distance(value, product, self.vector);
        let pair = &mut self.pair;
        pair.products += 1;
        (pair.value, pair.residual) = (value, residual);
        (pair.lower, pair.upper) = (value - residual, value + residual);
        if pair.stop != Stop::Invariant && residual <= self.options.tolerance * value.abs() {
            pair.stop = Stop::Converged;
        }
        self.phase = Phase::Done;
        Ok(())
    }
}

/// ‖p − θv‖ without a vector to hold it: by the largest part, then scaled by its power of two.
fn distance<T: Float>(value: T, product: &[T], vector: &[T]) -> T {
    let apart = || product.iter().zip(vector).map(|(&p, &v)| (p - value * v).abs());
    let largest = apart().fold(T::ZERO, |largest, x| if x > largest { x } else { largest });
    if largest == T::ZERO || !largest.is_finite() {
        return largest;
    }
    let power = largest.exponent();
    let squares = apart().fold(T::ZERO, |sum, x| {
        let x = x.scale_by_power(-power);
        sum + x * x
    });
    squares.sqrt().scale_by_power(power)
}

/// The loop over [`LowMemoryLanczos`].
///
/// # Shapes
/// `start`, `vector`: n; `scratch`: at least [`low_memory_scratch_len`] (n, `steps_max`).
///
/// # Errors
/// Those of the step machine, and those of the operator.
///
/// # Cost
/// At most 2·`steps_max` products.
pub fn low_memory_eigenpair<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &LowMemoryOptions<T>,
    start: &[T],
    vector: &mut [T],
    scratch: &mut [T],
) -> Result<LowMemoryPair<T>, Error> {
    let n = operator.dim();
    check::same_len("start", n, start.len())?;
    check::at_least("scratch", low_memory_scratch_len(n, options.steps_max), scratch.len())?;
    let (product, scratch) = check::split(scratch, n)?;
    let mut process = LowMemoryLanczos::new(machine, options, start, vector, scratch)?;
    while let Some(wanted) = process.wants() {
        operator.apply(wanted, product)?;
        process.push(product)?;
    }
    process.pair().ok_or(Error::State { expected: "push" })
}
