//! Keskar's sharpness: how far the loss can rise within a small box.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;

/// The box and the budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxOptions<T> {
    /// ε > 0: half the box's width is ε(|xᵢ| + 1); the paper has 10⁻³ and 5·10⁻⁴.
    pub epsilon: T,
    /// Evaluations of loss and gradient, at least 1; the paper has ten iterations.
    pub evaluation_max: usize,
}

/// What was found within the box.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct BoxSharpness<T> {
    /// φ = 100·(max f − f(x))/(1 + f(x)), with the largest f seen: a lower bound of the maximum's.
    pub value: T,
    /// The largest loss seen.
    pub largest: T,
    /// Evaluations used.
    pub evaluations: usize,
    /// Converged: the gradient at the best point points into its corner, so that no step within the box rises to first order.
    pub stop: Stop,
}

/// Elements of memory that [`BoxMaximizer`] needs of n parameters: 2n.
#[must_use]
pub const fn box_maximizer_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// max f over |zᵢ − xᵢ| ≤ ε(|xᵢ| + 1), as a step machine: corner by corner along the gradient's signs.
///
/// # Method
/// Frank and Wolfe's step: from the best point to the corner that its gradient points into. For a convex f, as near a minimum,
/// each such step rises, and the corners visited are never visited again. Where a step does not rise, it is
/// halved; the first one, whose direction was a guess, goes to the corner of its own gradient instead.
///
/// # Example
/// ```
/// use teeter::curvature::{BoxMaximizer, BoxOptions, box_maximizer_len};
/// // f = ½·3w² at its minimum 0: the corner is at ε(0 + 1).
/// let (x, mut memory) = ([0.0], [0.0; box_maximizer_len(1)]);
/// let options = BoxOptions { epsilon: 0.5, evaluation_max: 10 };
/// let mut search = BoxMaximizer::new(options, (&x, 0.0), &[1.0], &mut memory)?;
/// while let Some(z) = search.wants() {
///     let (loss, gradient) = (1.5 * z[0] * z[0], [3.0 * z[0]]);
///     search.push(loss, &gradient)?;
/// }
/// assert_eq!(search.estimate().value, 37.5);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct BoxMaximizer<'a, T> {
    options: BoxOptions<T>,
    x: &'a [T],
    start: T,
    best: &'a mut [T],
    trial: &'a mut [T],
    largest: T,
    evaluations: usize,
    stop: Stop,
    done: bool,
}

impl<'a, T: Float> BoxMaximizer<'a, T> {
    /// A search that begins in the corner of a direction's signs.
    ///
    /// At a minimum there is no gradient to begin with: signs of a random vector do, or of the top eigenvector.
    ///
    /// # Shapes
    /// `(x, loss)`: n ≥ 1 and f(x). `direction`: n; 0 counts as +. `memory`: at least [`box_maximizer_len`] (n), kept.
    ///
    /// # Accuracy
    /// Corners within 3u of ε(|x| + 1), and one rounding of their sum with x.
    ///
    /// # Errors
    /// `Error::Empty`, `Error::Length`, `Error::Short`, `Error::NotFinite`; `Error::Range` for ε not a positive normal number, no
    /// budget, or a loss that is not finite or ≤ −1, for which φ has no meaning.
    ///
    /// # Cost
    /// 3n flops here and for each evaluation.
    ///
    /// # Source
    /// Keskar et al. 2017, arXiv:1609.04836, Metric 2.1 with A = I; the search is ours, in place of ten iterations of L-BFGS-B.
    pub fn new(
        options: BoxOptions<T>,
        (x, loss): (&'a [T], T),
        direction: &[T],
        memory: &'a mut [T],
    ) -> Result<Self, Error> {
        let (smallest, largest) = (T::MIN_POSITIVE.to_f64(), T::MAX.to_f64());
        check::in_range("epsilon", options.epsilon, smallest, largest)?;
        check::not_empty("evaluation_max", options.evaluation_max)?;
        check::not_empty("x", x.len())?;
        check::same_len("direction", x.len(), direction.len())?;
        check::at_least("memory", box_maximizer_len(x.len()), memory.len())?;
        check::finite("x", x)?;
        check::finite("direction", direction)?;
        check::in_range("loss", loss, (T::UNIT_ROUNDOFF - T::ONE).to_f64(), largest)?;
        let mut memory = memory;
        let best = check::take(&mut memory, x.len())?;
        let trial = check::take(&mut memory, x.len())?;
        crate::vector::copy(x, best)?;
        corner(options.epsilon, x, direction, trial);
        let (start, evaluations, stop) = (loss, 0, Stop::LimitReached);
        Ok(Self { options, x, start, best, trial, largest: loss, evaluations, stop, done: false })
    }

    /// The point whose loss and gradient come next; `None` when done.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        (!self.done).then_some(&*self.trial)
    }

    /// Takes loss and gradient of the point wanted.
    ///
    /// # Shapes
    /// `gradient`: n.
    ///
    /// # Accuracy
    /// Exact: comparisons, corners as in [`BoxMaximizer::new`], halves.
    ///
    /// # Errors
    /// `Error::Length`, `Error::NotFinite`, also for the loss: nothing changes then. `Error::State` when done.
    ///
    /// # Cost
    /// 3n flops.
    ///
    /// # Source
    /// Frank, Wolfe 1956, doi:10.1002/nav.3800030109.
    pub fn push(&mut self, loss: T, gradient: &[T]) -> Result<(), Error> {
        if self.done {
            return Err(Error::State { expected: "estimate" });
        }
        check::same_len("gradient", self.x.len(), gradient.len())?;
        check::finite("loss", &[loss])?;
        check::finite("gradient", gradient)?;
        self.evaluations += 1;
        if loss > self.largest {
            self.largest = loss;
            crate::vector::copy(self.trial, self.best)?;
            corner(self.options.epsilon, self.x, gradient, self.trial);
        } else if self.evaluations == 1 {
            // The first direction was a guess; now there is a gradient.
            corner(self.options.epsilon, self.x, gradient, self.trial);
        } else {
            for (trial, &best) in self.trial.iter_mut().zip(self.best.iter()) {
                *trial = best + T::HALF * (*trial - best);
            }
        }
        let mut apart = self.best.iter().zip(self.trial.iter());
        let same = apart.all(|(best, trial)| best == trial);
        if same {
            self.stop = Stop::Converged;
        }
        self.done = same || self.evaluations >= self.options.evaluation_max;
        Ok(())
    }

    /// The sharpness of what was seen so far; 0 before the first rise.
    ///
    /// # Accuracy
    /// 6u relative to 100·(|max f| + |f(x)|)/(1 + f(x)). Not invariant to rescaling of parameters, nor to a constant added to f.
    #[must_use]
    pub fn estimate(&self) -> BoxSharpness<T> {
        let rise = (self.largest - self.start) / (T::ONE + self.start);
        BoxSharpness {
            value: T::from_f64(100.0) * rise,
            largest: self.largest,
            evaluations: self.evaluations,
            stop: self.stop,
        }
    }

    /// Where the largest loss was seen; x before the first rise.
    #[must_use]
    pub fn point(&self) -> &[T] {
        self.best
    }
}

/// xᵢ ± ε(|xᵢ| + 1).
fn corner<T: Float>(epsilon: T, x: &[T], direction: &[T], out: &mut [T]) {
    for ((out, &x), &sign) in out.iter_mut().zip(x).zip(direction) {
        let half = epsilon * (x.abs() + T::ONE);
        *out = if sign < T::ZERO { x - half } else { x + half };
    }
}
