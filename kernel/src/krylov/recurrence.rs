//! The Lanczos process that keeps two vectors: T without Q.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::lanczos::unit_vector;
use crate::simd::Machine;
use crate::vector;

/// The symmetric tridiagonal matrix of k Lanczos steps, and what is left over.
///
/// Its eigenvalues are nodes of a quadrature rule, each with a weight. They are not a list of
/// eigenvalues of A: one may stand in it several times, and a multiple one only once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jacobi<'a, T> {
    /// α₁ … αₖ
    pub diagonal: &'a [T],
    /// β₁ … βₖ₋₁
    pub off_diagonal: &'a [T],
    /// βₖ: the norm of what the last product has outside the basis; 0 where that is rounding alone.
    pub residual_norm: T,
}

/// Elements of scratch that [`LanczosRecurrence::new`] needs: 2(n + k) for n rows and k steps.
#[must_use]
pub const fn lanczos_recurrence_scratch_len(n: usize, steps_max: usize) -> usize {
    n.saturating_add(steps_max).saturating_mul(2)
}

/// The Lanczos process without reorthogonalization, in two vectors beside the product.
///
/// For quadrature: qᵀf(A)q, traces, densities. It gives T alone, no basis, no eigenvectors and no
/// multiplicities; for these take [`Lanczos`](crate::krylov::Lanczos).
///
/// # Method
/// w = Aqⱼ − βⱼ₋₁qⱼ₋₁, αⱼ = qⱼᵀw, w ← w − αⱼqⱼ, βⱼ = ‖w‖, in this order (Paige's). The process is closed
/// when βⱼ is at most (4 + √n)·ε·‖T‖∞, the size of the product's own rounding error.
///
/// # Accuracy
/// The vectors lose orthogonality once a Ritz value has converged, and then copies of it appear in
/// T. The weights of the copies add up to that of the eigenvalue: T is, within a small multiple of
/// √ε‖A‖ at worst, the exact T of a matrix whose eigenvalues lie close to those of A. The same
/// bits on every machine. Multiplying A by 2ᵏ multiplies T by 2ᵏ exactly, barring over- and underflow.
///
/// # Cost
/// 9n flops a step beside the product; 2(n + k) elements lent.
///
/// # Source
/// Paige 1972, doi:10.1093/imamat/10.3.373; Greenbaum 1989, doi:10.1016/0024-3795(89)90285-1.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::{LanczosRecurrence, lanczos_recurrence_scratch_len}};
/// let a = [1.0, 2.0, 4.0]; // a diagonal matrix
/// let mut scratch = [0.0; lanczos_recurrence_scratch_len(3, 3)];
/// let mut process = LanczosRecurrence::new(Machine::detect(), &[1.0; 3], 3, &mut scratch)?;
/// let mut product = [0.0; 3];
/// while let Some(q) = process.wants() {
///     for ((p, a), q) in product.iter_mut().zip(a).zip(q) {
///         *p = a * q;
///     }
///     process.push(&product)?;
/// }
/// let trace: f64 = process.jacobi().diagonal.iter().sum();
/// assert!((trace - 7.0).abs() < 1e-14);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct LanczosRecurrence<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    pub(super) steps_max: usize,
    pub(super) steps: usize,
    pub(super) closed: bool,
    pub(super) norm: T,
    /// qⱼ and the other one, which lies first after an odd number of steps.
    pub(super) vectors: &'a mut [T],
    pub(super) diagonal: &'a mut [T],
    pub(super) off_diagonal: &'a mut [T],
}

impl<'a, T: Float> LanczosRecurrence<'a, T> {
    /// Starts from the direction of `start`, for at most `steps_max` steps.
    ///
    /// # Shapes
    /// `start`: n ≥ 1. `scratch`: at least [`lanczos_recurrence_scratch_len`] (n, `steps_max`).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0 or `steps_max` = 0, `Error::Short` for too little scratch,
    /// `Error::NotFinite` or `Error::ZeroVector` for a start without a direction.
    pub fn new(
        machine: Machine,
        start: &[T],
        steps_max: usize,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = start.len();
        check::not_empty("start", n)?;
        check::finite("start", start)?;
        let process = Self::unstarted(machine, n, steps_max, scratch)?;
        let (first, second) = check::split(process.vectors, n)?;
        unit_vector(machine, start, first)?;
        second.fill(T::ZERO);
        Ok(process)
    }

    /// Memory without a start yet: [`Self::restart`] comes next.
    pub(crate) fn unstarted(
        machine: Machine,
        n: usize,
        steps_max: usize,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("start", n)?;
        check::not_empty("steps_max", steps_max)?;
        let needed = lanczos_recurrence_scratch_len(n, steps_max);
        check::at_least("scratch", needed, scratch.len())?;
        let mut scratch = scratch;
        let vectors = check::take(&mut scratch, n.saturating_mul(2))?;
        let diagonal = check::take(&mut scratch, steps_max)?;
        let off_diagonal = check::take(&mut scratch, steps_max)?;
        let (steps, closed, norm) = (0, false, T::ZERO);
        Ok(Self { machine, n, steps_max, steps, closed, norm, vectors, diagonal, off_diagonal })
    }

    /// Starts again from what `draw` writes; returns its length.
    pub(crate) fn restart(&mut self, draw: impl FnOnce(&mut [T])) -> Result<T, Error> {
        let (first, second) = check::split(self.vectors, self.n)?;
        draw(second);
        check::finite("start", second)?;
        unit_vector(self.machine, second, first)?;
        let length = vector::norm2(self.machine, second);
        second.fill(T::ZERO);
        (self.steps, self.closed, self.norm) = (0, false, T::ZERO);
        Ok(length)
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        if self.closed || self.steps == self.steps_max {
            return None;
        }
        let from = if self.steps.is_multiple_of(2) { 0 } else { self.n };
        self.vectors.get(from..from + self.n)
    }

    /// Takes the product of A with the vector that [`LanczosRecurrence::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite, or the length above an eighth of the largest
    /// number (index n then). Nothing is changed then: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new Lanczos process" });
        }
        check::same_len("product", self.n, product.len())?;
        let machine = self.machine;
        // Sums of three vectors of that length cannot overflow. NaN is no number below.
        let room = vector::norm2(machine, product) <= T::MAX.scale_by_power(-3);
        if !room {
            let index = vector::first_not_finite(machine, product).unwrap_or(self.n);
            return Err(Error::NotFinite { argument: "product", index });
        }
        let (first, second) = check::split(self.vectors, self.n)?;
        let (q, w) = if self.steps.is_multiple_of(2) { (first, second) } else { (second, first) };
        let before = self.off_diagonal.get(self.steps.wrapping_sub(1)).copied();
        let before = before.unwrap_or(T::ZERO);
        vector::scale(machine, -before, w);
        vector::axpy(machine, T::ONE, product, w)?;
        let alpha = vector::dot(machine, q, w)?;
        vector::axpy(machine, -alpha, q, w)?;
        let beta = vector::norm2(machine, w);

        self.norm = self.norm.max_of(before + alpha.abs() + beta);
        let root = T::from_usize(self.n).sqrt();
        self.closed = beta <= (T::TWO + T::TWO + root) * T::EPSILON * self.norm;
        if !self.closed {
            for x in w.iter_mut() {
                *x /= beta;
            }
        }
        let beta = if self.closed { T::ZERO } else { beta };
        if let (Some(a), Some(b)) =
            (self.diagonal.get_mut(self.steps), self.off_diagonal.get_mut(self.steps))
        {
            (*a, *b) = (alpha, beta);
        }
        self.steps += 1;
        Ok(())
    }

    /// Products taken so far: the order of T.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Whether nothing was left over: the quadrature of T is then exact up to rounding.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// T and βₖ.
    #[must_use]
    pub fn jacobi(&self) -> Jacobi<'_, T> {
        let last = self.steps.wrapping_sub(1);
        Jacobi {
            diagonal: self.diagonal.get(..self.steps).unwrap_or(&[]),
            off_diagonal: self.off_diagonal.get(..self.steps.saturating_sub(1)).unwrap_or(&[]),
            residual_norm: self.off_diagonal.get(last).copied().unwrap_or(T::ZERO),
        }
    }
}
