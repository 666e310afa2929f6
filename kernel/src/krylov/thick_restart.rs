//! Several eigenpairs, one product at a time: Lanczos with thick restarts, from any number of starts.

use crate::check;
use crate::error::{Error, Stop};
use crate::factor::symmetric_eigen_scratch_len;
use crate::float::Float;
use crate::krylov::basis::ROWS;
use crate::krylov::thick_state::{Phase, ThickRestartState};
use crate::krylov::thick_steps::Parts;
use crate::krylov::wanted::{Taken, Wanted};
use crate::krylov::{Eigenpair, Which};
use crate::simd::Machine;
use crate::vector;

/// What [`ThickRestart`] looks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThickRestartOptions<T> {
    /// Eigenpairs wanted, at least 1; all n, if that is fewer. The most there is memory for, where there is a limit.
    pub count: usize,
    /// Only eigenvalues beyond this are wanted, however few: larger, smaller, larger in modulus, or at either end
    /// beyond ± the limit, as `which` has it.
    pub limit: Option<T>,
    /// The end of the spectrum they are wanted from.
    pub which: Which,
    /// Vectors kept before a restart, more than `count` unless it is n: [`krylov_dim_for`].
    pub krylov_dim: usize,
    /// Vectors it starts from, at least 1; usually 1. Eigenvalues of so high a multiplicity are seen at once, and each
    /// is found more slowly.
    /// Random ones make up for starts that are not given. Where both are there, the random ones are to
    /// show that the given ones have missed nothing: one is enough, and costs a search.
    pub block: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|, or at what rounding leaves of it: (4 + √n)·ε·‖A‖.
    pub tolerance: T,
    /// Pairs, the most wanted first, whose residual is computed from a product of its own in the end; all of
    /// them is usual. That of the others is the search's: the same but for rounding, if A is
    /// symmetric and the same at each product.
    pub checked: usize,
    /// Products allowed in all, at least 1; at most half of them are set aside for residuals.
    pub product_max: usize,
    /// Seed of the random starts.
    pub seed: u64,
}

/// Whether the pairs found are all that were wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Completeness {
    /// All: as many as were wanted, or all beyond the limit.
    All,
    /// As many as there was memory for; there may be more beyond the limit.
    MemoryFull,
    /// Not known: the search has not ended, or its products were spent first.
    Unknown,
}

/// The usual number of vectors for `count` pairs of n: min(n, max(2·count + 1, 20)).
#[must_use]
pub const fn krylov_dim_for(n: usize, count: usize) -> usize {
    let twice = count.saturating_mul(2).saturating_add(1);
    let dim = if twice < 20 { 20 } else { twice };
    if dim < n { dim } else { n }
}

/// Elements of scratch that [`ThickRestart::new`] needs.
#[must_use]
pub const fn thick_restart_scratch_len(n: usize, krylov_dim: usize) -> usize {
    let dim = if krylov_dim < n { krylov_dim } else { n };
    let columns = dim.saturating_add(1);
    let square = columns.saturating_mul(columns);
    let vectors = n.saturating_mul(columns);
    let small = columns.saturating_mul(4 + ROWS).saturating_add(square.saturating_mul(3));
    vectors.saturating_add(small).saturating_add(symmetric_eigen_scratch_len(dim))
}

/// Thick-restart Lanczos as a machine: it wants the product of a vector, and is given it; at most
/// `product_max` times.
///
/// With the basis V = [Q, P], products taken of Q and not yet of P,
///
/// ```text
/// A Q = Q H + P B,     ‖Ay − θy‖ = ‖B s‖ for y = Qs, Hs = θs
/// ```
///
/// # Method
/// Each product is orthogonalized against all of V by two passes of classical Gram–Schmidt; what is
/// left joins P, unless it is no larger than rounding, (4 + √n)·ε·‖A‖. When V is full, the
/// wanted half of the Ritz vectors stays, with P: pairs that have converged stay in the basis and hold
/// all that follows off (soft locking). When P is empty the subspace is invariant and its pairs are exact; a
/// random vector orthogonal to it is taken in, until as many random starts have closed as pairs are
/// wanted or one of them has brought nothing: so every copy of a multiple eigenvalue is found. A
/// random start that does not close has brought nothing when one pair beyond the wanted has
/// converged too (or is clearly within the limit), and it has had products enough that an eigenvalue farther out would lie within
/// a tenth of the spectrum of a Ritz value, but for a chance of 0.001 (without restarts). In the end
/// the residuals of pairs are computed from products of their own.
///
/// # Accuracy
/// The vectors are orthonormal within a small multiple of k·n·u for each restart, and the residuals of
/// the search within as much of ‖A‖ of the true ones, which are what is reported in the end. Multiplying A by 2ᵏ multiplies
/// values and residuals by 2ᵏ exactly and leaves the vectors, barring over- and underflow. The same
/// bits on every machine.
///
/// # Cost
/// 8nj flops beside the product that finds j vectors, and 9j³ for its small problem (every product
/// up to j = 15, every second up to 31, …); 2n·j·(j/2) at a restart.
///
/// # Source
/// Wu, Simon 2000, doi:10.1137/S0895479898334605; several starts: Ruhe 1979,
/// doi:10.1090/S0025-5718-1979-0521282-9 (band Lanczos); random starts: Kuczyński, Woźniakowski 1992,
/// doi:10.1137/0613066.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*};
/// let options = ThickRestartOptions {
///     count: 2, limit: None, which: Which::LargestAlgebraic, krylov_dim: 4, block: 1, tolerance: 1e-10,
///     checked: 2, product_max: 40, seed: 1,
/// };
/// let mut memory = [0.0; thick_restart_scratch_len(4, 4)];
/// let mut process = ThickRestart::new(Machine::detect(), 4, &options, &[], &mut memory)?;
/// let a = [4.0, 9.0, 9.0, 1.0]; // a diagonal matrix; 9 is double
/// let mut product = [0.0; 4];
/// while let Some(q) = process.wants() {
///     for ((p, a), q) in product.iter_mut().zip(a).zip(q) {
///         *p = a * q;
///     }
///     process.push(&product)?;
/// }
/// let second: f64 = process.pair(1).map_or(f64::NAN, |pair| pair.value);
/// assert!((second - 9.0).abs() < 1e-13);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct ThickRestart<'a, T> {
    pub(super) machine: Machine,
    pub(super) state: ThickRestartState<T>,
    pub(super) memory: &'a mut [T],
}

impl<'a, T: Float> ThickRestart<'a, T> {
    /// Starts from `starts`, vectors of length n one after another; from random ones where those are fewer
    /// than `block`, zero, or dependent. If they are more, start i is added to start i − `block`: a search is quick
    /// from the sum of many, where a block of many is slow.
    ///
    /// # Shapes
    /// `starts`: a whole multiple of n. `scratch`: at least [`thick_restart_scratch_len`] (n, `krylov_dim`).
    /// `block` is at most `krylov_dim` − `count`, or n where `krylov_dim` is.
    ///
    /// # Errors
    /// `Error::Empty` for n = 0; `Error::Range`, `Error::Length`, `Error::Short` for arguments that do not
    /// fit; `Error::NotFinite` for a start that is not.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &ThickRestartOptions<T>,
        starts: &[T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        // Nothing here may depend on whether level 3 fuses.
        let machine = machine.strict();
        check::not_empty("operator", n)?;
        check::in_range("tolerance", options.tolerance, 0.0, f64::MAX)?;
        check::in_range("count", T::from_usize(options.count), 1.0, f64::INFINITY)?;
        let dim = options.krylov_dim.min(n);
        let low = options.count.saturating_add(1).min(n);
        check::in_range("krylov_dim", T::from_usize(dim), low as f64, n as f64)?;
        // All starts and the pairs that a restart keeps must find room together.
        let room = if dim == n { n } else { dim - options.count };
        check::in_range("block", T::from_usize(options.block), 1.0, room as f64)?;
        let limit = options.limit.unwrap_or(T::ZERO);
        check::in_range("limit", limit, f64::MIN, f64::MAX)?;
        let budget = T::from_usize(options.product_max);
        check::in_range("product_max", budget, 1.0, f64::INFINITY)?;
        check::same_len("starts", starts.len().div_ceil(n) * n, starts.len())?;
        check::at_least("scratch", thick_restart_scratch_len(n, dim), scratch.len())?;
        check::finite("starts", starts)?;
        let state = ThickRestartState {
            n,
            dim,
            options: *options,
            phase: Phase::Expand,
            total: 0,
            taken: 0,
            found: 0,
            wanted: 0,
            answered: false,
            checked: 0,
            products: 0,
            restarts: 0,
            drawn: 0,
            chain: 0,
            closed_chains: 0,
            since_drawn: 0,
            invariant: false,
            reopened: false,
            before: Taken::NOTHING,
            norm: T::ZERO,
            in_order: false,
            orthogonality: T::NAN,
        };
        let mut process = Self { machine, state, memory: scratch };
        let mut parts = Parts::of(process.memory, n, dim)?;
        for first in 0..options.block.min(starts.len().checked_div(n).unwrap_or(0)) {
            parts.take_in(machine, &mut process.state, starts, first)?;
        }
        let given = process.state.total;
        while process.state.total < options.block {
            if !parts.draw(machine, &mut process.state)? {
                break;
            }
            process.state.reopened |= given > 0;
        }
        Ok(process)
    }

    /// Takes a process up again from copies of its state and of its memory.
    ///
    /// # Errors
    /// `Error::Short` if the memory is not that of the state.
    pub fn resume(
        machine: Machine,
        state: ThickRestartState<T>,
        memory: &'a mut [T],
    ) -> Result<Self, Error> {
        check::at_least("memory", thick_restart_scratch_len(state.n, state.dim), memory.len())?;
        Ok(Self { machine: machine.strict(), state, memory })
    }

    /// What it knows beside [`memory`](Self::memory).
    #[must_use]
    pub fn state(&self) -> ThickRestartState<T> {
        self.state
    }

    /// The memory lent, as it is now.
    #[must_use]
    pub fn memory(&self) -> &[T] {
        self.memory
    }

    /// The vector whose product comes next; `None` when all is done.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        let column = match self.state.phase {
            Phase::Expand => self.state.taken,
            Phase::Check => self.state.checked,
            Phase::Done => return None,
        };
        self.column(column)
    }

    fn column(&self, index: usize) -> Option<&[T]> {
        let n = self.state.n;
        self.memory.get(index * n..(index + 1) * n)
    }

    /// Takes the product of the vector it [`wants`](Self::wants).
    ///
    /// # Errors
    /// `Error::State` if it wants none, `Error::Length`, `Error::NotFinite` for a product that is none: nothing
    /// is changed then, and the right one may still be given.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.state.phase == Phase::Done {
            return Err(Error::State { expected: "a new process" });
        }
        check::same_len("product", self.state.n, product.len())?;
        if let Some(index) = vector::first_not_finite(self.machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        let (machine, state) = (self.machine, &mut self.state);
        let mut parts = Parts::of(self.memory, state.n, state.dim)?;
        if state.phase == Phase::Check {
            return parts.check_pair(machine, state, product);
        }
        parts.expand(machine, state, product)?;
        parts.settle(machine, state)
    }

    /// Ends the search: the best pairs so far become the answer, and the products it wants from
    /// now on are those of their vectors. Nothing happens if it has ended by itself.
    ///
    /// # Errors
    /// None in practice.
    pub fn conclude(&mut self) -> Result<(), Error> {
        if self.state.phase != Phase::Expand {
            return Ok(());
        }
        let mut parts = Parts::of(self.memory, self.state.n, self.state.dim)?;
        parts.conclude(self.machine, &mut self.state)
    }

    /// Whether the answer is there and products are wanted only for its residuals.
    #[must_use]
    pub fn is_concluded(&self) -> bool {
        self.state.phase != Phase::Expand
    }

    /// Products taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.products
    }

    /// Restarts so far.
    #[must_use]
    pub fn restarts(&self) -> usize {
        self.state.restarts
    }

    /// Pairs that [`pair`](Self::pair) can tell of.
    #[must_use]
    pub fn found(&self) -> usize {
        self.state.found.min(self.state.wanted)
    }

    /// How the search ended, or that it has not.
    #[must_use]
    pub fn completeness(&self) -> Completeness {
        let (state, found) = (&self.state, self.found());
        if !state.answered {
            Completeness::Unknown
        } else if state.options.limit.is_some() && found == state.options.count && found < state.n {
            Completeness::MemoryFull
        } else {
            Completeness::All
        }
    }

    /// The `index`th pair, the most wanted first (of both ends by turns, the upper first), as the last
    /// small problem gave it; recomputed from its own product once that was taken.
    #[must_use]
    pub fn pair(&self, index: usize) -> Option<Eigenpair<T>> {
        if index >= self.found() {
            return None;
        }
        let state = &self.state;
        let (values, residuals) = Parts::pairs_of(self.memory, state)?;
        let at = if state.in_order {
            index
        } else {
            Wanted::new(values, state.options.which, state.options.limit).nth(index)?
        };
        let (value, residual) = (*values.get(at)?, *residuals.get(at)?);
        // An operator that is not symmetric, or not the same at each call, closes a subspace that is not
        // invariant: the residual tells.
        let stop = if state.invariant && state.reaches(T::ZERO, value, residual) {
            Stop::Invariant
        } else if state.reaches(state.options.tolerance, value, residual) {
            Stop::Converged
        } else {
            Stop::LimitReached
        };
        Some(Eigenpair {
            stop,
            value,
            residual,
            lower: value - residual,
            upper: value + residual,
            products: state.products,
            steps: state.taken,
            orthogonality: state.orthogonality,
        })
    }

    /// The unit vector of the `index`th pair; `None` before the end, and beyond
    /// [`found`](Self::found).
    #[must_use]
    pub fn vector(&self, index: usize) -> Option<&[T]> {
        if index < self.found() && self.is_concluded() { self.column(index) } else { None }
    }
}
