//! The largest eigenvalues of an operator that changes from step to step, at one or two products a step.

use crate::check;
use crate::error::Error;
use crate::factor::symmetric_eigen_scratch_len;
use crate::float::Float;
use crate::krylov::basis::ROWS;
use crate::krylov::lanczos::unit_vector;
use crate::krylov::tracking_state::{SharpnessTrackerState, Turn};
use crate::krylov::tracking_steps::Parts;
use crate::operator::Symmetric;
use crate::random::{Stream, normals_into};
use crate::simd::Machine;
use crate::vector;

/// What a [`SharpnessTracker`] may spend, and what it follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpnessTrackerOptions<T> {
    /// Vectors kept, at least 2 (1 for n = 1); 6 is usual, and 2 more than the eigenvalues expected beyond the limit.
    pub dim_max: usize,
    /// Products a step, at least 1; 2 is usual. With 1 the estimate is some ten times farther off.
    pub products_per_step: usize,
    /// Eigenvalues beyond this are followed beside the largest one, at a quarter of the products (an eighth, where there is
    /// one a step); [`set_limit`](SharpnessTracker::set_limit) moves it.
    pub limit: Option<T>,
    /// Seed of the random vectors: the start, if none is given, and what stands in for a residual of zero.
    pub seed: u64,
}

/// λ₁ as a [`SharpnessTracker`] sees it. Always filled; NaN before the first product.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct TrackedSharpness<T> {
    /// θ: the largest Ritz value of products of the last few steps. The estimate of λ₁.
    pub value: T,
    /// ‖Wy − θy‖, W the products as they were taken: what is left to improve, were the operator the same since.
    pub residual: T,
    /// The age in steps of the products that y rests on, weighted by their shares in it; 0: all are of this step.
    pub lag: T,
    /// By how much the leading Rayleigh quotient moved in a step, when that was last seen (0 before it was): drift·lag is
    /// about what the estimate owes to its age.
    pub drift: T,
    /// The largest Rayleigh quotient in the span of the vectors whose products are of one and the same step: λ₁ of the
    /// operator of that step is no smaller (up to rounding).
    pub measured: T,
    /// Its residual: an eigenvalue of that operator lies within it of `measured`.
    pub measured_residual: T,
    /// Steps since then; 0: it speaks of the operator of this step.
    pub measured_age: u64,
    /// Steps begun.
    pub steps: u64,
    /// Products taken in all.
    pub products: u64,
    /// Pairs kept.
    pub pairs: usize,
    /// Those of them whose values are beyond the limit; 0 where there is none.
    pub beyond_limit: usize,
}

/// One of the pairs that a [`SharpnessTracker`] keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct TrackedPair<T> {
    /// Its Ritz value.
    pub value: T,
    /// ‖Wy − θy‖, W the products as they were taken.
    pub residual: T,
    /// The age in steps of the products it rests on.
    pub lag: T,
}

/// Elements of scratch that [`SharpnessTracker::new`] needs: about (2·`dim_max` + 1)n.
#[must_use]
pub const fn sharpness_tracker_scratch_len(n: usize, dim_max: usize) -> usize {
    let dim = if dim_max < n { dim_max } else { n };
    let vectors = n.saturating_mul(dim.saturating_mul(2).saturating_add(1));
    let small =
        dim.saturating_mul(3 + ROWS).saturating_add(dim.saturating_mul(dim).saturating_mul(4));
    // The problem of order 2 needs room too where one vector is kept.
    let solver = symmetric_eigen_scratch_len(if dim > 2 { dim } else { 2 });
    vectors.saturating_add(small).saturating_add(solver)
}

/// λ₁ of an operator that changes from training step to training step, at one or two products a step: a machine that wants
/// products of vectors, and never more of them than were agreed on.
///
/// ```text
/// V: k orthonormal vectors,  W ≈ AV: their products, each as old as it is
/// H = VᵀAV from W,  Hs = θs,  y = Vs
/// ```
///
/// # When to use
/// When λ₁ is wanted at every step of training, and a search from the last eigenvector
/// ([`extremal_eigenpair`](crate::krylov::extremal_eigenpair): six to twenty products) costs too much. What makes it cheap
/// is that the operator changes little; when it leaps, the estimate follows within a few steps, and `drift`, `lag` and
/// `measured` tell that it did.
///
/// At the edge of stability the iterates leap from one wall of the valley to the other, and the Hessian with them. The curvature
/// that counts is that between them, at ½(wₜ + wₜ₋₁): **the caller forms that midpoint** and takes all products of step t
/// there. The tracker sees products only.
///
/// With Adam the operator is P^−½HP^−½ ([`Preconditioned`](crate::operator::Preconditioned)).
///
/// # Method
/// Every step renews the product of the leading Ritz vector y; the second one is that of the residual of the renewed
/// product, as in a step of LOBPCG with more than one old direction. With one product a step the two take turns. Where
/// eigenvalues beyond a limit are followed, every second turn of the residual goes to another pair (its product or its
/// residual, in turns), the first pair below the limit included.
///
/// vᵢᵀAvⱼ is known from either product; each has the weight (1 + age)⁻², age in steps. The pairs beyond the limit and two
/// more are kept, at least four, at most `dim_max`; V is made orthonormal anew by V(3I − VᵀV)/2 each time. If a
/// residual is rounding only, a random vector takes its place.
///
/// # Accuracy
/// θ is an estimate, neither bound nor certificate, for products of two operators belong to neither. `measured` is one: the largest
/// Rayleigh quotient of products of a single step, with its residual, and the age of that step. On an operator that
/// does not change all of it is Rayleigh–Ritz, and θ grows to λ₁.
/// An eigenvalue that overtakes the largest from outside of the subspace is found late. Measured: the table `tracking`.
///
/// Multiplying A by 2ᵏ multiplies values, residuals and drift by 2ᵏ exactly and leaves vectors and ages,
/// barring over- and underflow. The same bits on every machine.
///
/// # Cost
/// 10nk² + O(k³) flops beside each product (each pair of products of a step, from the second step on).
///
/// # Source
/// Knyazev 2001, doi:10.1137/S1064827500366124, for the directions; Cohen et al. 2025, arXiv:2410.24206, for eigenvalues followed
/// along training and their midpoints; Björck, Bowie 1971, doi:10.1137/0708036, for orthonormality. The mixture of ages is ours.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*};
/// let options =
///     SharpnessTrackerOptions { dim_max: 3, products_per_step: 2, limit: Some(5.0), seed: 1 };
/// let mut memory = [0.0; sharpness_tracker_scratch_len(4, 3)];
/// let mut tracker = SharpnessTracker::new(Machine::detect(), 4, &options, &[], &mut memory)?;
/// let mut product = [0.0; 4];
/// for step in 0..20 {
///     let a = [1.0, 6.0, 3.0, 8.0 + 0.01 * f64::from(step)]; // a diagonal matrix that changes
///     tracker.advance()?;
///     while let Some(v) = tracker.wants() {
///         for ((p, a), v) in product.iter_mut().zip(a).zip(v) {
///             *p = a * v;
///         }
///         tracker.push(&product)?;
///     }
/// }
/// let sharpness = tracker.estimate();
/// assert!((sharpness.value - 8.19).abs() < 0.01 && sharpness.products == 40);
/// assert_eq!(sharpness.beyond_limit, 2);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct SharpnessTracker<'a, T> {
    pub(super) machine: Machine,
    pub(super) state: SharpnessTrackerState<T>,
    pub(super) memory: &'a mut [T],
}

impl<'a, T: Float> SharpnessTracker<'a, T> {
    /// A tracker that has seen nothing, with the direction of `start`; a random one if `start` is empty.
    ///
    /// # Shapes
    /// `start`: n, or none. `scratch`: at least [`sharpness_tracker_scratch_len`] (n, `dim_max`).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0; `Error::Range`, `Error::Length`, `Error::Short` for arguments that do not fit;
    /// `Error::NotFinite`, `Error::ZeroVector` for a start without a direction.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &SharpnessTrackerOptions<T>,
        start: &[T],
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        // Nothing here may depend on whether level 3 fuses.
        let machine = machine.strict();
        check::not_empty("operator", n)?;
        // One vector spans no direction to move in.
        let low = if n > 1 { 2.0 } else { 1.0 };
        check::in_range("dim_max", T::from_usize(options.dim_max), low, f64::INFINITY)?;
        let budget = T::from_usize(options.products_per_step);
        check::in_range("products_per_step", budget, 1.0, f64::INFINITY)?;
        check_limit(options.limit)?;
        if !start.is_empty() {
            check::same_len("start", n, start.len())?;
        }
        check::at_least(
            "scratch",
            sharpness_tracker_scratch_len(n, options.dim_max),
            scratch.len(),
        )?;
        check::finite("start", start)?;
        let (first, _) = check::split(scratch, n)?;
        if start.is_empty() {
            normals_into(Stream::new(options.seed, 0), first);
            let norm = vector::norm2(machine, first);
            for x in first {
                *x /= norm;
            }
        } else {
            unit_vector(machine, start, first)?;
        }
        let state = SharpnessTrackerState {
            n,
            capacity: options.dim_max.min(n),
            options: *options,
            turn: Turn::Idle,
            dim: 0,
            steps: 0,
            products: 0,
            spent: options.products_per_step,
            others: 0,
            drawn: 1,
            norm: T::ZERO,
            drift: T::ZERO,
            measured: T::NAN,
            measured_residual: T::NAN,
            measured_age: 0,
        };
        Ok(Self { machine, state, memory: scratch })
    }

    /// Takes a tracker up again from copies of its state and of its memory.
    ///
    /// # Errors
    /// `Error::Short` if the memory is not that of the state.
    pub fn resume(
        machine: Machine,
        state: SharpnessTrackerState<T>,
        memory: &'a mut [T],
    ) -> Result<Self, Error> {
        let needed = sharpness_tracker_scratch_len(state.n, state.capacity);
        check::at_least("memory", needed, memory.len())?;
        Ok(Self { machine: machine.strict(), state, memory })
    }

    /// What it knows beside [`memory`](Self::memory).
    #[must_use]
    pub fn state(&self) -> SharpnessTrackerState<T> {
        self.state
    }

    /// The memory lent, as it is now.
    #[must_use]
    pub fn memory(&self) -> &[T] {
        self.memory
    }

    /// Follows the eigenvalues beyond another limit from now on: c·2/η moves with the learning rate.
    ///
    /// # Errors
    /// `Error::Range` for a limit that is not finite; nothing is changed then.
    pub fn set_limit(&mut self, limit: Option<T>) -> Result<(), Error> {
        check_limit(limit)?;
        self.state.options.limit = limit;
        Ok(())
    }

    /// Begins a step: the operator is another one from now on, and all products are a step older. To be called before the
    /// products of every step, the first one too. Products of the last step that were not taken are not missed; a
    /// step without any is allowed, and shows in `lag`.
    ///
    /// # Errors
    /// None in practice.
    pub fn advance(&mut self) -> Result<(), Error> {
        let state = &mut self.state;
        let mut parts = Parts::of(self.memory, state.n, state.capacity)?;
        for age in parts.ages.iter_mut().take(state.dim) {
            *age += T::ONE;
        }
        state.steps = state.steps.saturating_add(1);
        state.measured_age = state.measured_age.saturating_add(u64::from(state.dim > 0));
        state.spent = 0;
        parts.prepare(self.machine, state)
    }

    /// The vector whose product with the operator of this step comes next; `None` when the step's products are taken.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.state.turn {
            Turn::Idle => None,
            Turn::Refresh(index) => self.column(index),
            Turn::Join => self.column(self.state.dim),
        }
    }

    fn column(&self, index: usize) -> Option<&[T]> {
        let n = self.state.n;
        self.memory.get(index * n..(index + 1) * n)
    }

    /// Takes the product of the vector it [`wants`](Self::wants).
    ///
    /// # Errors
    /// `Error::State` if it wants none before [`advance`](Self::advance), `Error::Length`, `Error::NotFinite` for a product
    /// that is not finite or whose norm times 4k is not: nothing is changed then, and the right one may
    /// still be given.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.state.turn == Turn::Idle {
            return Err(Error::State { expected: "a tracker that was advanced" });
        }
        check::same_len("product", self.state.n, product.len())?;
        if let Some(index) = vector::first_not_finite(self.machine, product) {
            return Err(Error::NotFinite { argument: "product", index });
        }
        // All that is made of products is sums of k of them with weights of at most 2.
        let room = T::from_usize(self.state.capacity.saturating_mul(4));
        if !(vector::norm2(self.machine, product) * room).is_finite() {
            return Err(Error::NotFinite { argument: "product", index: 0 });
        }
        let state = &mut self.state;
        let mut parts = Parts::of(self.memory, state.n, state.capacity)?;
        parts.take_in(self.machine, state, product)
    }

    /// λ₁ as it is seen now; between the two products of a step, from the first one alone.
    #[must_use]
    pub fn estimate(&self) -> TrackedSharpness<T> {
        let state = &self.state;
        let unknown = TrackedPair { value: T::NAN, residual: T::NAN, lag: T::NAN };
        let TrackedPair { value, residual, lag } = self.pair(0).unwrap_or(unknown);
        let above =
            |limit| (0..state.dim).filter_map(|i| self.pair(i)).filter(|p| p.value > limit).count();
        TrackedSharpness {
            value,
            residual,
            lag,
            drift: state.drift,
            measured: state.measured,
            measured_residual: state.measured_residual,
            measured_age: state.measured_age,
            steps: state.steps,
            products: state.products,
            pairs: state.dim,
            beyond_limit: state.options.limit.map_or(0, above),
        }
    }

    /// The `index`th pair, the largest first. What is not followed (`limit`) is as old as its lag.
    #[must_use]
    pub fn pair(&self, index: usize) -> Option<TrackedPair<T>> {
        if index >= self.state.dim {
            return None;
        }
        let [value, residual, lag] = Parts::pair_of(self.memory, &self.state, index)?;
        Some(TrackedPair { value, residual, lag })
    }

    /// The unit vector of the `index`th pair.
    #[must_use]
    pub fn vector(&self, index: usize) -> Option<&[T]> {
        if index < self.state.dim { self.column(index) } else { None }
    }
}

fn check_limit<T: Float>(limit: Option<T>) -> Result<(), Error> {
    check::in_range("limit", limit.unwrap_or(T::ZERO), f64::MIN, f64::MAX)
}

/// One step of a [`SharpnessTracker`]: its products with the operator as it is now, and λ₁ of it.
///
/// # Shapes
/// `tracker` and `operator`: the same n. `product`: n, to work in.
///
/// # Errors
/// `Error::Length` if lengths do not fit; what the operator returns, `Error::NotFinite` for what it gives. Before a product
/// is taken nothing is changed but the count of steps and ages.
///
/// # Cost
/// `products_per_step` products.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::*, operator::Diagonal};
/// let options = SharpnessTrackerOptions { dim_max: 3, products_per_step: 2, limit: None, seed: 1 };
/// let mut memory = [0.0_f64; sharpness_tracker_scratch_len(3, 3)];
/// let mut tracker = SharpnessTracker::new(Machine::detect(), 3, &options, &[], &mut memory)?;
/// for top in [4.0, 4.5, 5.0, 5.5] {
///     let a = [1.0, 2.0, top];
///     let tracked = track_sharpness(&mut tracker, &mut Diagonal::new(&a), &mut [0.0; 3])?;
///     assert!(tracked.measured <= top + 1e-12 && tracked.measured_age == 0);
/// }
/// assert!((tracker.estimate().value - 5.5).abs() < 0.1);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn track_sharpness<T: Float>(
    tracker: &mut SharpnessTracker<'_, T>,
    operator: &mut impl Symmetric<T>,
    product: &mut [T],
) -> Result<TrackedSharpness<T>, Error> {
    check::same_len("operator", tracker.state.n, operator.dim())?;
    check::same_len("product", tracker.state.n, product.len())?;
    tracker.advance()?;
    while let Some(v) = tracker.wants() {
        operator.apply(v, product)?;
        tracker.push(product)?;
    }
    Ok(tracker.estimate())
}
