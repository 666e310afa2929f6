//! LOBPCG: eigenpairs at one end of the spectrum, with a preconditioner, from the vectors of last time.

use crate::check;
use crate::error::{Error, Stop};
use crate::factor::symmetric_eigen_scratch_len;
use crate::float::Float;
use crate::krylov::Eigenpair;
use crate::krylov::basis::ROWS;
use crate::krylov::lobpcg_state::{LobpcgState, Phase};
use crate::krylov::lobpcg_steps::Parts;
use crate::simd::Machine;
use crate::vector;

/// An end of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum SpectrumEnd {
    /// The largest eigenvalues, signs counted.
    Largest,
    /// The smallest, signs counted.
    Smallest,
}

/// What [`Lobpcg`] looks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LobpcgOptions<T> {
    /// Where the eigenvalues are wanted.
    pub end: SpectrumEnd,
    /// Pairs wanted, at least 1; all n, if that is fewer. The width of the block: copies of a multiple eigenvalue are
    /// found up to it. The last of them converge slowly; one or two more than are needed cost less than they save.
    pub count: usize,
    /// Vectors given to start from, at most `count`; random ones take the place of the others, and of any that is zero or
    /// depends on those before it.
    pub starts: usize,
    /// Stop at ‖Av − θv‖ ≤ tolerance·|θ|, or at what rounding leaves of it: (4 + √n)·ε·‖A‖.
    pub tolerance: T,
    /// Products with A allowed in all, at least 1; at most half of them are set aside for residuals.
    pub product_max: usize,
    /// Seed of the random starts.
    pub seed: u64,
}

/// A vector, and what is to be done with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LobpcgWants<'a, T> {
    /// A times it.
    Product(&'a [T]),
    /// The preconditioner times it; without one, the vector itself. It has length 1.
    Preconditioned(&'a [T]),
}

impl<T> LobpcgWants<'_, T> {
    /// The vector.
    #[must_use]
    pub fn vector(&self) -> &[T] {
        match self {
            Self::Product(x) | Self::Preconditioned(x) => x,
        }
    }
}

/// Elements of scratch that [`Lobpcg::new`] needs: about (6k + 1)n.
#[must_use]
pub const fn lobpcg_machine_scratch_len(n: usize, count: usize) -> usize {
    let dim = lobpcg_dim(n, count);
    let vectors = n.saturating_mul(dim.saturating_mul(2).saturating_add(1));
    let small =
        dim.saturating_mul(4 + ROWS).saturating_add(dim.saturating_mul(dim).saturating_mul(4));
    vectors.saturating_add(small).saturating_add(symmetric_eigen_scratch_len(dim))
}

/// Vectors of the basis at most: Ritz vectors, residuals, directions.
const fn lobpcg_dim(n: usize, count: usize) -> usize {
    let three = count.saturating_mul(3);
    if three < n { three } else { n }
}

/// LOBPCG as a machine: it wants the product of a vector, or a vector preconditioned, and is given it.
///
/// ```text
/// V = [X, W, P]:  X: Ritz vectors,  W ≈ M⁻¹(AX − XΘ),  P: what the last step added to X
/// Vᵀ(A V)s = θs,  ‖Ay − θy‖ for y = Vs
/// ```
///
/// # When to use
/// With a preconditioner, or with good starts for all pairs; it keeps no more than 3k vectors and their products. With
/// neither, [`ThickRestart`](crate::krylov::ThickRestart) needs fewer products.
///
/// M⁻¹ should resemble (A − σI)⁻¹ for σ near the eigenvalues wanted, up to its sign and size; it need be neither symmetric nor
/// definite. One that is poor costs products, one that is singular perhaps all of them; values and residuals are those of A in any case.
///
/// # Method
/// A Rayleigh–Ritz step on span{X, W, P}, whose basis is orthonormalized vector by vector by two passes, so that no Gram matrix
/// has to be factored: P is what is left of the new X without its part in the old, orthogonalized against X in coordinates
/// of V. Pairs that have converged stay in X and give no more residuals (soft locking). A preconditioned residual that depends
/// on what is there is replaced by the residual itself; where no direction is left, the search ends.
///
/// Products of X and P are combined, not taken again, but for those of X after every 32 rounds, when the basis is made orthonormal
/// anew, and in the end: what is reported rests on them. If the residuals are not good enough then, but half of what they were when they were last found so, the rounds go on.
///
/// # Accuracy
/// An eigenvalue lies in [lower, upper] of each pair whose residual was taken anew: all, if `product_max` is twice `count` or more.
/// That these are the outermost eigenvalues is not certified: starts that have no part along an eigenvector may miss it. From random starts
/// that has chance 0. The vectors are orthonormal within a small multiple of k·n·u. Multiplying A by 2ᵏ multiplies values and
/// residuals by 2ᵏ exactly and leaves the vectors, barring over- and underflow. The same bits on every machine.
///
/// # Cost
/// A round: a product and a preconditioning for each pair that has not converged, 60nk² + O(k³) flops.
///
/// # Source
/// Knyazev 2001, doi:10.1137/S1064827500366124; a basis that is orthonormal: Hetmaniuk, Lehoucq 2006,
/// doi:10.1016/j.jcp.2006.02.007; Duersch, Shao, Yang, Gu 2018, doi:10.1137/17M1129830.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*};
/// let options = LobpcgOptions {
///     end: SpectrumEnd::Smallest, count: 2, starts: 0, tolerance: 1e-10, product_max: 60, seed: 1,
/// };
/// let mut memory = [0.0; lobpcg_machine_scratch_len(8, 2)];
/// let mut process = Lobpcg::new(Machine::detect(), 8, &options, &[], &mut memory)?;
/// let a = [9.0, 1.0, 400.0, 30.0, 1.0, 7.0, 1e6, 2e5_f64]; // a diagonal matrix; 1 is double
/// let mut answer = [0.0; 8];
/// while let Some(wanted) = process.wants() {
///     let precondition = matches!(wanted, LobpcgWants::Preconditioned(_));
///     for ((y, a), x) in answer.iter_mut().zip(a).zip(wanted.vector()) {
///         *y = if precondition { x / a } else { a * x };
///     }
///     process.push(&answer)?;
/// }
/// let second = process.pair(1).map_or(f64::NAN, |pair| pair.value);
/// assert!((second - 1.0).abs() < 1e-9);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct Lobpcg<'a, T> {
    pub(super) machine: Machine,
    pub(super) state: LobpcgState<T>,
    pub(super) memory: &'a mut [T],
}

impl<'a, T: Float> Lobpcg<'a, T> {
    /// Starts from `starts`, vectors of length n one after another, and random ones.
    ///
    /// # Shapes
    /// `starts`: n for each of `options.starts`. `scratch`: at least [`lobpcg_machine_scratch_len`] (n, `count`).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0; `Error::Range`, `Error::Length`, `Error::Short` for arguments that do not fit;
    /// `Error::NotFinite` for a start that is not.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &LobpcgOptions<T>,
        starts: &[T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        // Nothing here may depend on whether level 3 fuses.
        let machine = machine.strict();
        check_options(n, options)?;
        check::same_len("starts", n.saturating_mul(options.starts), starts.len())?;
        check::at_least("scratch", lobpcg_machine_scratch_len(n, options.count), scratch.len())?;
        check::finite("starts", starts)?;
        let count = options.count.min(n);
        let [total, found, turn, joined, products, rounds, since] = [0; 7];
        let state = LobpcgState {
            n,
            options: *options,
            count,
            dim: lobpcg_dim(n, count),
            phase: Phase::Start,
            starts: 0,
            total,
            found,
            turn,
            joined,
            products,
            rounds,
            since,
            norm: T::ZERO,
            verified: T::INFINITY,
            whole: false,
            orthogonality: T::NAN,
        };
        let mut process = Self { machine, state, memory: scratch };
        let mut parts = Parts::of(process.memory, &process.state)?;
        parts.start(machine, &mut process.state, starts)?;
        Ok(process)
    }

    /// Takes a process up again from copies of its state and of its memory.
    ///
    /// # Errors
    /// `Error::Short` if the memory is not that of the state.
    pub fn resume(
        machine: Machine,
        state: LobpcgState<T>,
        memory: &'a mut [T],
    ) -> Result<Self, Error> {
        check::at_least("memory", lobpcg_machine_scratch_len(state.n, state.count), memory.len())?;
        Ok(Self { machine: machine.strict(), state, memory })
    }

    /// What it knows beside [`memory`](Self::memory).
    #[must_use]
    pub fn state(&self) -> LobpcgState<T> {
        self.state
    }

    /// The memory lent, as it is now.
    #[must_use]
    pub fn memory(&self) -> &[T] {
        self.memory
    }

    /// What comes next; `None` when all is done.
    #[must_use]
    pub fn wants(&self) -> Option<LobpcgWants<'_, T>> {
        let state = &self.state;
        match state.phase {
            Phase::Start | Phase::Direction => self.column(state.total).map(LobpcgWants::Product),
            Phase::Refresh | Phase::Check => self.column(state.turn).map(LobpcgWants::Product),
            Phase::Residual => {
                let behind = state.n * state.dim * 2;
                let residual = self.memory.get(behind..behind + state.n);
                residual.map(LobpcgWants::Preconditioned)
            }
            Phase::Done => None,
        }
    }

    fn column(&self, index: usize) -> Option<&[T]> {
        let n = self.state.n;
        self.memory.get(index * n..(index + 1) * n)
    }

    /// Takes what it [`wants`](Self::wants).
    ///
    /// # Errors
    /// `Error::State` if it wants nothing, `Error::Length`, `Error::NotFinite` for elements that are not finite or a product
    /// whose length is not: nothing is changed then, and the right one may still be given.
    pub fn push(&mut self, answer: &[T]) -> Result<(), Error> {
        if self.state.phase == Phase::Done {
            return Err(Error::State { expected: "a new process" });
        }
        check::same_len("answer", self.state.n, answer.len())?;
        // A preconditioner's size does not matter, so that its length need not be a number.
        let preconditioned = self.state.phase == Phase::Residual;
        let index = vector::first_not_finite(self.machine, answer);
        let room = preconditioned || vector::norm2(self.machine, answer) <= largest(self.state.n);
        if index.is_some() || !room {
            let index = index.unwrap_or(self.state.n);
            return Err(Error::NotFinite { argument: "answer", index });
        }
        let (machine, state) = (self.machine, &mut self.state);
        let mut parts = Parts::of(self.memory, state)?;
        match state.phase {
            Phase::Residual => parts.join(machine, state, answer),
            Phase::Refresh | Phase::Check => parts.verify(machine, state, answer),
            _ => parts.take(machine, state, answer),
        }
    }

    /// Products with A taken so far.
    #[must_use]
    pub fn products(&self) -> usize {
        self.state.products
    }

    /// Rayleigh–Ritz steps so far.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.state.rounds
    }

    /// Pairs that [`pair`](Self::pair) can tell of.
    #[must_use]
    pub fn found(&self) -> usize {
        self.state.found
    }

    /// The `index`th pair, the outermost first, as the last step gave it; from its own product once that was taken.
    #[must_use]
    pub fn pair(&self, index: usize) -> Option<Eigenpair<T>> {
        let state = &self.state;
        if index >= state.found {
            return None;
        }
        let (values, residuals) = Parts::pairs_of(self.memory, state)?;
        let (value, residual) = (*values.get(index)?, *residuals.get(index)?);
        let stop = if state.whole && state.reaches(T::ZERO, value, residual) {
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
            steps: state.rounds,
            orthogonality: state.orthogonality,
        })
    }

    /// The unit vector of the `index`th pair; `None` beyond [`found`](Self::found).
    #[must_use]
    pub fn vector(&self, index: usize) -> Option<&[T]> {
        if index < self.found() { self.column(index) } else { None }
    }
}

pub(crate) fn check_options<T: Float>(n: usize, options: &LobpcgOptions<T>) -> Result<(), Error> {
    check::not_empty("operator", n)?;
    check::in_range("tolerance", options.tolerance, 0.0, f64::MAX)?;
    check::in_range("count", T::from_usize(options.count), 1.0, f64::INFINITY)?;
    let most = options.count.min(n) as f64;
    check::in_range("starts", T::from_usize(options.starts), 0.0, most)?;
    check::in_range("product_max", T::from_usize(options.product_max), 1.0, f64::INFINITY)
}

/// Lengths of products up to this leave every sum of the small problem finite.
fn largest<T: Float>(n: usize) -> T {
    T::MAX.scale_by_power(-6) / T::from_usize(n)
}
