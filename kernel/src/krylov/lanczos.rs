//! The Lanczos process, one product at a time.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::basis;
use crate::matrix::{MatRef, gemv};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`Lanczos::new`] needs: (k + 1)(n + 3) for n rows and k steps.
#[must_use]
pub const fn lanczos_scratch_len(n: usize, dim_max: usize) -> usize {
    dim_max.saturating_add(1).saturating_mul(n.saturating_add(3))
}

/// The Lanczos process as a machine: it wants the product of a vector, and is given it.
///
/// No callback: firmware may spread the steps over ticks, another runtime may compute the
/// product where it likes. After j pushes, with q₁ the start,
///
/// ```text
/// A Q = Q T + β q eᵀ,  T = tridiag(diagonal, off_diagonal),  β = residual_norm
/// ```
///
/// # Method
/// Each product is orthogonalized against the whole basis by two passes of classical
/// Gram–Schmidt (two `gemv` each); αⱼ is the sum of the two coefficients along qⱼ, and βⱼ the
/// norm of what is left, unscaled. The process has found an invariant subspace when βⱼ is at
/// most (4 + √n)·ε·‖T‖∞, the size of the product's own rounding error; then all Ritz
/// values are eigenvalues up to rounding, and it wants no more.
///
/// # Accuracy
/// ‖QᵀQ − I‖ is a small multiple of √k·n·u. T, Q and β obey the relation above within a small
/// multiple of n·u·‖A‖ beside the error of the products. The same bits on every machine.
/// Multiplying A by 2ᵏ multiplies T by 2ᵏ exactly, barring over- and underflow.
///
/// # Cost
/// 8nj flops in step j beside the product; (k + 1)(n + 3) elements lent.
///
/// # Source
/// Parlett 1998, *The Symmetric Eigenvalue Problem*, §13; twice is enough: §6.9 there, and
/// Giraud, Langou, Rozložník 2005, doi:10.1016/j.camwa.2005.08.009.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::{Lanczos, lanczos_scratch_len}};
/// let a = [1.0, 2.0, 4.0]; // a diagonal matrix
/// let mut scratch = [0.0; lanczos_scratch_len(3, 3)];
/// let mut lanczos = Lanczos::new(Machine::detect(), &[1.0; 3], 3, &mut scratch)?;
/// let mut product = [0.0; 3];
/// while let Some(q) = lanczos.wants() {
///     for ((p, a), q) in product.iter_mut().zip(a).zip(q) {
///         *p = a * q;
///     }
///     lanczos.push(&product)?;
/// }
/// let trace: f64 = lanczos.diagonal().iter().sum();
/// assert!((trace - 7.0).abs() < 1e-14);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct Lanczos<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    pub(super) dim_max: usize,
    pub(super) steps: usize,
    pub(super) invariant: bool,
    pub(super) norm: T,
    pub(super) basis: &'a mut [T],
    pub(super) diagonal: &'a mut [T],
    pub(super) off_diagonal: &'a mut [T],
    pub(super) coefficients: &'a mut [T],
}

impl<'a, T: Float> Lanczos<'a, T> {
    /// Starts from the direction of `start`, for at most `dim_max` steps.
    ///
    /// # Shapes
    /// `start`: n ≥ 1. `scratch`: at least [`lanczos_scratch_len`] (n, `dim_max`).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0 or `dim_max` = 0, `Error::Short` for too little scratch,
    /// `Error::NotFinite` or `Error::ZeroVector` for a start without a direction.
    pub fn new(
        machine: Machine,
        start: &[T],
        dim_max: usize,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = start.len();
        check::not_empty("start", n)?;
        check::not_empty("dim_max", dim_max)?;
        check::at_least("scratch", lanczos_scratch_len(n, dim_max), scratch.len())?;
        check::finite("start", start)?;
        let mut scratch = scratch;
        let basis = check::take(&mut scratch, n * (dim_max + 1))?;
        let diagonal = check::take(&mut scratch, dim_max)?;
        let off_diagonal = check::take(&mut scratch, dim_max)?;
        let coefficients = check::take(&mut scratch, dim_max)?;
        let (first, _) = check::split(basis, n)?;
        unit_vector(machine, start, first)?;
        Ok(Self {
            machine,
            n,
            dim_max,
            steps: 0,
            invariant: false,
            norm: T::ZERO,
            basis,
            diagonal,
            off_diagonal,
            coefficients,
        })
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        if self.invariant || self.steps == self.dim_max {
            return None;
        }
        self.basis.get(self.steps * self.n..(self.steps + 1) * self.n)
    }

    /// Takes the product of A with the vector that [`Lanczos::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements,
    /// `Error::NotFinite` if an element is not finite. Nothing is changed then: the right
    /// product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new Lanczos process" });
        }
        check::same_len("product", self.n, product.len())?;
        if let Some(index) = vector::first_not_finite(self.machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        let (machine, n, k) = (self.machine, self.n, self.steps + 1);
        let (done, rest) = check::split(self.basis, k * n)?;
        let (w, _) = check::split(rest, n)?;
        let q = MatRef::col_major(done, n, k)?;
        let (h, _) = check::split(self.coefficients, k)?;

        vector::copy(product, w)?;
        let mut alpha = T::ZERO;
        for _ in 0..2 {
            gemv(machine, T::ONE, q.t(), w, T::ZERO, h)?;
            gemv(machine, -T::ONE, q, h, T::ONE, w)?;
            alpha += h.last().copied().unwrap_or(T::ZERO);
        }
        let beta = vector::norm2(machine, w);

        let before = self.off_diagonal.get(self.steps.wrapping_sub(1)).copied();
        let before = before.unwrap_or(T::ZERO);
        self.norm = self.norm.max_of(before + alpha.abs() + beta);
        let root = T::from_usize(n).sqrt();
        let breakdown = (T::TWO + T::TWO + root) * T::EPSILON * self.norm;
        self.invariant = beta <= breakdown || k == n;
        if !self.invariant {
            for x in w.iter_mut() {
                *x /= beta;
            }
        }
        if let (Some(a), Some(b)) =
            (self.diagonal.get_mut(self.steps), self.off_diagonal.get_mut(self.steps))
        {
            (*a, *b) = (alpha, beta);
        }
        self.steps = k;
        Ok(())
    }

    /// Products taken so far: the order of T.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Whether the basis spans an invariant subspace: the Ritz values are then exact.
    #[must_use]
    pub fn is_invariant(&self) -> bool {
        self.invariant
    }

    /// The diagonal of T: `steps` elements.
    #[must_use]
    pub fn diagonal(&self) -> &[T] {
        self.diagonal.get(..self.steps).unwrap_or(&[])
    }

    /// The off-diagonal of T: `steps` − 1 elements.
    #[must_use]
    pub fn off_diagonal(&self) -> &[T] {
        self.off_diagonal.get(..self.steps.saturating_sub(1)).unwrap_or(&[])
    }

    /// β: the norm of what the last product has outside the basis; 0 before the first.
    #[must_use]
    pub fn residual_norm(&self) -> T {
        self.off_diagonal.get(self.steps.wrapping_sub(1)).copied().unwrap_or(T::ZERO)
    }

    /// The largest row sum of T so far, residual included: at most a little more than ‖A‖.
    #[must_use]
    pub fn norm_estimate(&self) -> T {
        self.norm
    }

    /// Q: n × `steps`, orthonormal columns.
    ///
    /// # Errors
    /// None in practice: the basis always holds what was built.
    pub fn basis(&self) -> Result<MatRef<'_, T>, Error> {
        MatRef::col_major(self.basis, self.n, self.steps)
    }

    /// The largest element of |QᵀQ − I|: how orthonormal the basis is.
    ///
    /// # Errors
    /// None in practice.
    ///
    /// # Cost
    /// 2n·steps² flops.
    pub fn orthogonality_defect(&mut self) -> Result<T, Error> {
        let (machine, n, k) = (self.machine, self.n, self.steps);
        let q = MatRef::col_major(self.basis, n, k)?;
        basis::defect(machine, q, self.coefficients)
    }
}

/// `out` ← x/‖x‖, without over- or underflow.
pub(crate) fn unit_vector<T: Float>(machine: Machine, x: &[T], out: &mut [T]) -> Result<(), Error> {
    let largest = x.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
    if largest == T::ZERO {
        return Err(Error::ZeroVector { argument: "start" });
    }
    let power = largest.exponent();
    for (out, x) in out.iter_mut().zip(x) {
        *out = x.scale_by_power(-power);
    }
    let norm = vector::norm2(machine, out);
    for out in out {
        *out /= norm;
    }
    Ok(())
}
