//! Conjugate gradients: Ax = b by products alone.

use crate::check;
use crate::error::{Error, Stop};
use crate::float::Float;
use crate::krylov::solve::check_options;
use crate::krylov::{SolveEstimate, SolveOptions};
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::vector;

/// Steps by which the estimate of the error looks back.
const DELAY: usize = 4;

/// Elements of scratch that [`ConjugateGradient::new`] needs: 5n.
#[must_use]
pub const fn conjugate_gradient_machine_scratch_len(n: usize) -> usize {
    n.saturating_mul(5)
}

/// What the next product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A step along p.
    Step,
    /// The residual of x, from a product.
    Verify,
    /// Nothing: done.
    Done(Stop),
}

/// Conjugate gradients as a machine: it wants products of its directions, one at a time.
///
/// # Method
/// Hestenes and Stiefel's, with the residual updated from step to step. That residual goes on falling when the
/// true one no longer does. So where it reaches the tolerance, and before the last product of the budget, the machine
/// wants the product of x itself. If b − Ax, so found, is not small enough but half of what it was when it was last found so, the steps
/// begin again from it; if not, no more is to be had and the machine is done. b is scaled by a power of two first.
///
/// # Accuracy
/// In exact arithmetic ‖x* − xₖ‖_A falls with every step and is at most 2((√κ − 1)/(√κ + 1))ᵏ‖x*‖_A; x is exact after
/// as many steps as A has different eigenvalues. In floating point it takes more steps. What [`SolveEstimate`] says of a verified
/// residual holds whatever rounding did, but for that of the product and of b − Ax itself, γₙ₊₂(|A||x| + |b|) or so.
/// Multiplying A by 2ʲ or b by 2ᵏ moves every result by its power of two exactly, barring over- and underflow. The same bits on
/// every machine.
///
/// # Cost
/// 10n flops beside each product, n divisions with a preconditioner; 5n elements lent.
///
/// # Source
/// Hestenes, Stiefel 1952, doi:10.6028/jres.049.044; residuals found anew: Van der Vorst, Ye 2000,
/// doi:10.1137/S1064827599353865; the estimate of the error: Strakoš, Tichý 2002, ETNA 13, 56.
///
/// # Example
/// ```
/// use teeter::{Machine, krylov::{ConjugateGradient, SolveOptions, conjugate_gradient_machine_scratch_len}};
/// let (a, b) = ([1.0, 2.0, 4.0], [3.0, 8.0, 4.0]); // a diagonal matrix
/// let options = SolveOptions { tolerance: 0.0, product_max: 20, floor: 1.0, preconditioner: None };
/// let mut scratch = [0.0; conjugate_gradient_machine_scratch_len(3)];
/// let mut solver = ConjugateGradient::new(Machine::detect(), &b, &options, &mut scratch)?;
/// let mut product = [0.0_f64; 3];
/// while let Some(p) = solver.wants() {
///     for ((y, a), p) in product.iter_mut().zip(a).zip(p) {
///         *y = a * p;
///     }
///     solver.push(&product)?;
/// }
/// let mut x = [0.0; 3];
/// solver.solution_into(&mut x)?;
/// assert!((x[1] - 4.0).abs() <= solver.estimate().error_upper + 1e-15);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct ConjugateGradient<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    pub(super) options: SolveOptions<'a, T>,
    pub(super) phase: Phase,
    pub(super) products: usize,
    pub(super) steps: usize,
    /// x, b and r are these times 2^power.
    pub(super) power: i32,
    /// rᵀM⁻¹r
    pub(super) rho: T,
    /// ‖b‖, ‖r‖, and ‖r‖ as it was last found from a product.
    pub(super) norms: [T; 3],
    /// ‖xⱼ₊₁ − xⱼ‖_A² of the last steps.
    pub(super) falls: [T; DELAY],
    pub(super) verified: bool,
    pub(super) x: &'a mut [T],
    pub(super) b: &'a mut [T],
    pub(super) r: &'a mut [T],
    pub(super) p: &'a mut [T],
    pub(super) z: &'a mut [T],
}

impl<'a, T: Float> ConjugateGradient<'a, T> {
    /// Starts from x = 0.
    ///
    /// # Shapes
    /// `b`: n ≥ 1. `scratch`: at least [`conjugate_gradient_machine_scratch_len`] (n).
    ///
    /// # Errors
    /// `Error::Empty` for n = 0; `Error::NotFinite` for b; `Error::Range` for tolerance, floor or `product_max`;
    /// `Error::Length` or `Error::Pivot` for a preconditioner of another length or that is not positive; `Error::Short`.
    pub fn new(
        machine: Machine,
        b: &[T],
        options: &SolveOptions<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check::not_empty("b", b.len())?;
        check::finite("b", b)?;
        let mut solver = Self::unstarted(machine, b.len(), options, scratch)?;
        solver.restart(b, options.product_max)?;
        Ok(solver)
    }

    /// Memory without a right-hand side yet: [`Self::restart`] comes next.
    pub(crate) fn unstarted(
        machine: Machine,
        n: usize,
        options: &SolveOptions<'a, T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        check_options(n, options)?;
        check::at_least("scratch", conjugate_gradient_machine_scratch_len(n), scratch.len())?;
        let mut scratch = scratch;
        let x = check::take(&mut scratch, n)?;
        let b = check::take(&mut scratch, n)?;
        let r = check::take(&mut scratch, n)?;
        let p = check::take(&mut scratch, n)?;
        let z = check::take(&mut scratch, n)?;
        let (options, phase) = (*options, Phase::Done(Stop::Converged));
        let ([products, steps], power, rho, verified) = ([0, 0], 0, T::ZERO, true);
        let (norms, falls) = ([T::ZERO; 3], [T::ZERO; DELAY]);
        Ok(Self {
            machine,
            n,
            options,
            phase,
            products,
            steps,
            power,
            rho,
            norms,
            falls,
            verified,
            x,
            b,
            r,
            p,
            z,
        })
    }

    /// Starts again from another right-hand side, which is finite, with so many products.
    pub(crate) fn restart(&mut self, b: &[T], product_max: usize) -> Result<(), Error> {
        let largest = b.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
        self.power = if largest > T::ZERO { largest.exponent() } else { 0 };
        for (scaled, &x) in self.b.iter_mut().zip(b) {
            *scaled = x.scale_by_power(-self.power);
        }
        vector::copy(self.b, self.r)?;
        self.x.fill(T::ZERO);
        self.options.product_max = product_max;
        (self.products, self.steps, self.verified) = (0, 0, true);
        self.falls = [T::ZERO; DELAY];
        let norm = vector::norm2(self.machine, self.b);
        self.norms = [norm; 3];
        self.begin()?;
        if norm == T::ZERO {
            self.phase = Phase::Done(Stop::Converged);
        }
        Ok(())
    }

    /// p ← M⁻¹r, and a step along it next.
    fn begin(&mut self) -> Result<(), Error> {
        self.phase = Phase::Step;
        self.rho = self.precondition()?;
        vector::copy(self.z, self.p)
    }

    /// z ← M⁻¹r; rᵀz.
    fn precondition(&mut self) -> Result<T, Error> {
        vector::copy(self.r, self.z)?;
        if let Some(diagonal) = self.options.preconditioner {
            for (z, &d) in self.z.iter_mut().zip(diagonal) {
                *z /= d;
            }
        }
        vector::dot(self.machine, self.r, self.z)
    }

    /// The vector whose product comes next; `None` when there is no more to do.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        match self.phase {
            Phase::Step => Some(self.p),
            Phase::Verify => Some(self.x),
            Phase::Done(_) => None,
        }
    }

    /// Takes the product of A with the vector that [`ConjugateGradient::wants`] gave.
    ///
    /// # Errors
    /// `Error::State` if no product is wanted, `Error::Length` if it has not n elements, `Error::NotFinite` if an
    /// element is not finite, or the length above an eighth of the largest number (index n then). `Error::Pivot`,
    /// with the number of the step and pᵀAp/pᵀp, if that is not positive: A is not positive definite (or so small
    /// along p that the step overflows). Nothing is changed then: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        if self.wants().is_none() {
            return Err(Error::State { expected: "a new conjugate gradient" });
        }
        check::same_len("product", self.n, product.len())?;
        // NaN is no number below.
        let room = vector::norm2(self.machine, product) <= T::MAX.scale_by_power(-3);
        if !room {
            let index = vector::first_not_finite(self.machine, product).unwrap_or(self.n);
            return Err(Error::NotFinite { argument: "product", index });
        }
        match self.phase {
            Phase::Step => self.step(product),
            _ => self.verify(product),
        }
    }

    fn step(&mut self, product: &[T]) -> Result<(), Error> {
        let machine = self.machine;
        let curvature = vector::dot(machine, self.p, product)?;
        let length = self.rho / curvature;
        let fall = length * self.rho;
        if !(curvature > T::ZERO && fall.is_finite()) {
            let norm = vector::norm2(machine, self.p);
            let value = (curvature / norm / norm).to_f64();
            return Err(Error::Pivot { index: self.steps, value });
        }
        vector::axpy(machine, length, self.p, self.x)?;
        vector::axpy(machine, -length, product, self.r)?;
        self.products += 1;
        self.steps += 1;
        self.verified = false;
        self.falls.rotate_left(1);
        if let Some(last) = self.falls.last_mut() {
            *last = fall;
        }
        let [of_b, norm, _] = &mut self.norms;
        *norm = vector::norm2(machine, self.r);
        // Below ε·‖b‖ it is not known what is left: of x itself that much is rounding.
        let small = *norm <= self.options.tolerance.max_of(T::EPSILON) * *of_b;
        let left = self.options.product_max - self.products;
        let rho = self.precondition()?;
        if left == 0 {
            self.phase = Phase::Done(Stop::LimitReached);
        } else if small || left == 1 || rho <= T::ZERO {
            self.phase = Phase::Verify;
        } else {
            vector::scale(machine, rho / self.rho, self.p);
            vector::axpy(machine, T::ONE, self.z, self.p)?;
        }
        self.rho = rho;
        Ok(())
    }

    fn verify(&mut self, product: &[T]) -> Result<(), Error> {
        vector::copy(self.b, self.r)?;
        vector::axpy(self.machine, -T::ONE, product, self.r)?;
        self.products += 1;
        self.verified = true;
        let [of_b, norm, last] = &mut self.norms;
        *norm = vector::norm2(self.machine, self.r);
        let halved = *norm <= T::HALF * *last;
        *last = *norm;
        self.phase = if *norm <= self.options.tolerance * *of_b {
            Phase::Done(Stop::Converged)
        } else {
            Phase::Done(Stop::LimitReached)
        };
        let left = self.products < self.options.product_max;
        if self.phase == Phase::Done(Stop::LimitReached) && halved && left {
            self.begin()?;
        }
        Ok(())
    }

    /// `out` ← x.
    ///
    /// # Errors
    /// `Error::Length` if it has not n elements.
    pub fn solution_into(&self, out: &mut [T]) -> Result<(), Error> {
        check::same_len("out", self.n, out.len())?;
        for (out, x) in out.iter_mut().zip(self.x.iter()) {
            *out = x.scale_by_power(self.power);
        }
        Ok(())
    }

    /// zᵀx and ‖x‖.
    pub(crate) fn against(&self, z: &[T]) -> Result<(T, T), Error> {
        let (sample, length) =
            (vector::dot(self.machine, z, self.x)?, vector::norm2(self.machine, self.x));
        Ok((sample.scale_by_power(self.power), length.scale_by_power(self.power)))
    }

    /// How far x is off, at any time.
    #[must_use]
    pub fn estimate(&self) -> SolveEstimate<T> {
        let [of_b, norm, _] = self.norms;
        let (floor, back) = (self.options.floor, |x: T| x.scale_by_power(self.power));
        let known = |bound: T| if norm == T::ZERO { T::ZERO } else { back(bound) };
        let energy = self.falls.iter().fold(T::ZERO, |sum, &fall| sum + fall).sqrt();
        SolveEstimate {
            stop: if let Phase::Done(stop) = self.phase { stop } else { Stop::LimitReached },
            residual: back(norm),
            relative_residual: if of_b > T::ZERO { norm / of_b } else { T::ZERO },
            verified: self.verified,
            energy_before: back(energy),
            energy_upper: known(norm / floor.sqrt()),
            error_upper: known(norm / floor),
            products: self.products,
            steps: self.steps,
        }
    }
}

/// Elements of scratch that [`conjugate_gradient`] needs: 6n.
#[must_use]
pub const fn conjugate_gradient_scratch_len(n: usize) -> usize {
    conjugate_gradient_machine_scratch_len(n).saturating_add(n)
}

/// x with Ax ≈ b, A symmetric and positive definite.
///
/// Where A is a matrix in memory and n some hundreds, [`cholesky_solve`](crate::factor::cholesky_solve) is faster.
///
/// # Shapes
/// `b`, `x`: n; x is overwritten. `scratch`: at least [`conjugate_gradient_scratch_len`] (n).
///
/// # Method
/// [`ConjugateGradient`], run to its end.
///
/// # Accuracy
/// That of [`ConjugateGradient`]: the residual is found from a product, unless a single one was allowed.
///
/// # Errors
/// Those of [`ConjugateGradient::new`] and [`ConjugateGradient::push`]; `Error::Length`; what the operator returns. x
/// holds the last iterate, if there is one.
///
/// # Cost
/// At most `product_max` products and 10n flops beside each.
///
/// # Source
/// As [`ConjugateGradient`].
#[doc(alias = "cg")]
pub fn conjugate_gradient<T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    b: &[T],
    options: &SolveOptions<'_, T>,
    x: &mut [T],
    scratch: &mut [T],
) -> Result<SolveEstimate<T>, Error> {
    let n = operator.dim();
    check::not_empty("operator", n)?;
    check::same_len("b", n, b.len())?;
    check::same_len("x", n, x.len())?;
    check::at_least("scratch", conjugate_gradient_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut solver = ConjugateGradient::new(machine, b, options, scratch)?;
    let mut done = Ok(());
    while let Some(wanted) = solver.wants() {
        done = operator.apply(wanted, product).and_then(|()| solver.push(product));
        if done.is_err() {
            break;
        }
    }
    solver.solution_into(x)?;
    done.map(|()| solver.estimate())
}
