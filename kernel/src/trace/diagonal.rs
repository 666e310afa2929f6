//! The diagonal from products.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::LinearOperator;
use crate::random::{Stream, signs_into};
use crate::simd::Machine;
use crate::vector;

/// What [`diagonal_estimate`] draws and spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagonalOptions {
    /// Products to use, at least 1.
    pub products: usize,
    /// Where the randomness comes from.
    pub stream: Stream,
}

/// Elements of scratch that [`DiagonalEstimator::new`] needs: 3n.
#[must_use]
pub const fn diagonal_estimator_scratch_len(n: usize) -> usize {
    n.saturating_mul(3)
}

/// Elements of scratch that [`diagonal_estimate`] needs: 4n.
#[must_use]
pub const fn diagonal_estimate_scratch_len(n: usize) -> usize {
    n.saturating_mul(4)
}

/// Where a [`DiagonalEstimator`] stands: with the memory lent to it all that is needed to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagonalState {
    pub(super) n: usize,
    pub(super) options: DiagonalOptions,
    pub(super) count: usize,
}

/// The diagonal of A as a machine: the mean of z ⊙ Az over sign vectors z.
///
/// For diagonal preconditioners and per-parameter curvature. Where the rows have much beside their diagonal element
/// it needs many products: as many as n of basis vectors give the diagonal exactly, and are what it
/// does when so many are asked for.
///
/// # Method
/// Element i of each z ⊙ Az is aᵢᵢ + Σⱼ zᵢzⱼaᵢⱼ: mean aᵢᵢ, variance Σⱼ aᵢⱼ² over j ≠ i. For signs Bekas' divisor Σz ⊙ z is m. Mean and root of the
/// sum of squared deviations of each element as in Welford 1962, without over- or underflow.
///
/// # Accuracy
/// Unbiased; the mean over all sign vectors is the diagonal. A diagonal A is exact, within 6mu. The standard error of an element is that of
/// its scatter, an estimate itself: no coverage is promised for few products. A need not be symmetric. The same bits on every
/// machine. Multiplying A by 2ᵏ multiplies every number by 2ᵏ exactly, barring over- and underflow.
///
/// # Cost
/// 20n flops beside a product; 3n elements lent.
///
/// # Source
/// Bekas, Kokiopoulou, Saad 2007, *An estimator for the diagonal of a matrix*, doi:10.1016/j.apnum.2007.01.003.
///
/// # Example
/// ```
/// use teeter::trace::{DiagonalEstimator, DiagonalOptions, diagonal_estimator_scratch_len};
/// use teeter::{Machine, random::Stream};
/// let options = DiagonalOptions { products: 2, stream: Stream::new(1, 0) };
/// let mut scratch = [0.0; diagonal_estimator_scratch_len(3)];
/// let mut estimator = DiagonalEstimator::new(Machine::detect(), 3, options, &mut scratch)?;
/// while let Some(z) = estimator.wants() {
///     let product = [2.0 * z[0], 3.0 * z[1], 5.0 * z[2]];
///     estimator.push(&product)?;
/// }
/// assert_eq!(estimator.diagonal(), [2.0, 3.0, 5.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct DiagonalEstimator<'a, T> {
    pub(super) machine: Machine,
    pub(super) state: DiagonalState,
    pub(super) wanted: &'a mut [T],
    pub(super) mean: &'a mut [T],
    /// √Σ (sample − mean)² of each element.
    pub(super) spread: &'a mut [T],
}

impl<'a, T: Float> DiagonalEstimator<'a, T> {
    /// Starts with the first probe drawn.
    ///
    /// # Shapes
    /// `scratch`: at least [`diagonal_estimator_scratch_len`] (n).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0 or no products, `Error::Short` for too little scratch.
    pub fn new(
        machine: Machine,
        n: usize,
        options: DiagonalOptions,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("n", n)?;
        check::not_empty("products", options.products)?;
        let state = DiagonalState { n, options, count: 0 };
        let mut started = Self::resume(machine, state, scratch)?;
        started.mean.fill(T::ZERO);
        started.spread.fill(T::ZERO);
        started.prepare();
        Ok(started)
    }

    /// Where the machine stands: Copy, and with the memory lent all that [`DiagonalEstimator::resume`] needs.
    #[must_use]
    pub fn state(&self) -> DiagonalState {
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
        state: DiagonalState,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = state.n;
        check::at_least("scratch", diagonal_estimator_scratch_len(n), scratch.len())?;
        let mut scratch = scratch;
        Ok(Self {
            machine,
            state,
            wanted: check::take(&mut scratch, n)?,
            mean: check::take(&mut scratch, n)?,
            spread: check::take(&mut scratch, n)?,
        })
    }

    /// Whether basis vectors are asked about: so many products tell the diagonal.
    fn is_exact(&self) -> bool {
        self.state.options.products >= self.state.n
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        let count = self.state.options.products.min(self.state.n);
        if self.state.count == count { None } else { Some(self.wanted) }
    }

    /// Takes the product of A with the vector that [`DiagonalEstimator::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite, or above a quarter of the largest number. Nothing is changed: the
    /// right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new estimate" });
        }
        check::same_len("product", self.state.n, product.len())?;
        let largest = T::MAX.scale_by_power(-2);
        let refused = |x: &T| x.is_nan() || x.abs() > largest;
        if let Some(index) = product.iter().position(refused) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        self.state.count += 1;
        if self.is_exact() {
            let index = self.state.count - 1;
            let own = product.get(index).copied().unwrap_or(T::ZERO);
            self.mean.iter_mut().skip(index).take(1).for_each(|mean| *mean = own);
        } else {
            let m = T::from_usize(self.state.count);
            let root = ((m - T::ONE) / m).sqrt();
            let elements = self.mean.iter_mut().zip(self.spread.iter_mut());
            let samples = self.wanted.iter().zip(product);
            for ((mean, spread), (&z, &product)) in elements.zip(samples) {
                let deviation = z * product - *mean;
                *mean += deviation / m;
                *spread = vector::norm2(self.machine, &[*spread, deviation * root]);
            }
        }
        self.prepare();
        Ok(())
    }

    /// Draws what is wanted next.
    fn prepare(&mut self) {
        if self.is_exact() {
            self.wanted.fill(T::ZERO);
            self.wanted.iter_mut().skip(self.state.count).take(1).for_each(|x| *x = T::ONE);
        } else {
            signs_into(self.state.options.stream.child(self.state.count as u64), self.wanted);
        }
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.count
    }

    /// The estimate so far, n elements; 0 before the first product. Of basis vectors, those asked about so far.
    #[must_use]
    pub fn diagonal(&self) -> &[T] {
        self.mean
    }

    /// The standard error of each element so far: 0 from basis vectors, and from one product, which tells none.
    ///
    /// # Shapes
    /// `errors`: n.
    ///
    /// # Errors
    /// `Error::Length`; `Error::Empty` before the first product.
    pub fn standard_errors_into(&self, errors: &mut [T]) -> Result<(), Error> {
        check::same_len("errors", self.state.n, errors.len())?;
        check::not_empty("products", self.state.count)?;
        let m = T::from_usize(self.state.count);
        let root = (m * (m - T::ONE).max_of(T::ONE)).sqrt();
        for (error, &spread) in errors.iter_mut().zip(self.spread.iter()) {
            *error = spread / root;
        }
        Ok(())
    }
}

/// The diagonal of A, and the standard error of each element.
///
/// # Shapes
/// `operator`: n × n. `diagonal`, `errors`: n. `scratch`: at least [`diagonal_estimate_scratch_len`] (n).
///
/// # Method
/// [`DiagonalEstimator`], until it wants no more: the smaller of n and `options.products`. Returns how many.
///
/// # Accuracy
/// That of [`DiagonalEstimator`].
///
/// # Errors
/// `Error::Empty` for n = 0 or no products, `Error::Length`, `Error::Short` if a length does not fit,
/// `Error::NotFinite` for a product that is not finite or too large; what the operator returns.
///
/// # Cost
/// That of [`DiagonalEstimator`].
///
/// # Source
/// Bekas, Kokiopoulou, Saad 2007, doi:10.1016/j.apnum.2007.01.003.
pub fn diagonal_estimate<T: Float>(
    machine: Machine,
    operator: &mut impl LinearOperator<T>,
    options: DiagonalOptions,
    diagonal: &mut [T],
    errors: &mut [T],
    scratch: &mut [T],
) -> Result<usize, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::same_len("diagonal", n, diagonal.len())?;
    check::same_len("errors", n, errors.len())?;
    check::at_least("scratch", diagonal_estimate_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut estimator = DiagonalEstimator::new(machine, n, options, scratch)?;
    while let Some(wanted) = estimator.wants() {
        operator.apply(wanted, product)?;
        estimator.push(product)?;
    }
    vector::copy(estimator.diagonal(), diagonal)?;
    estimator.standard_errors_into(errors)?;
    Ok(estimator.products())
}
