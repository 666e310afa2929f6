//! Products with a Hessian of which only the gradient is known.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{LinearOperator, Symmetric};
use crate::simd::Machine;
use crate::vector;

/// Where the gradients of a difference are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// (g(w + hv) − g(w − hv))/2h: error of order h², two gradients a product.
    Central,
    /// (g(w + hv) − g(w))/h: error of order h, one gradient a product and one for the point.
    Forward,
}

/// How a Hessian is made of gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceOptions<T> {
    /// Where the gradients are taken.
    pub difference: Difference,
    /// Relative error of a gradient, from u to 1; `T::EPSILON` for one that is as good as its format.
    pub noise: T,
    /// ‖hv‖, or 0 to have it chosen from `noise` and ‖w‖. It is met within a factor 2.
    pub distance: T,
}

/// How far a product may be off. Plain numbers, each a norm of an error vector.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct DifferenceError<T> {
    /// What the third derivative (central) or the second (forward) leaves, by a second step.
    pub truncation: T,
    /// What rounding leaves: `noise` in the gradients over the step, and the rounding of w ± hv.
    pub rounding: T,
    /// ‖hv‖ of the step taken.
    pub distance: T,
}

/// Elements of scratch that [`FiniteDifference::new`] needs: 3n.
#[must_use]
pub const fn finite_difference_scratch_len(n: usize) -> usize {
    n.saturating_mul(3)
}

/// v ↦ Hv at w from differences of gradients, for a runtime without second derivatives.
///
/// Where there are exact products ([`crate::objective::Objective`]), take those.
///
/// # Example
/// ```
/// use teeter::operator::{
///     Difference, DifferenceOptions, FiniteDifference, LinearOperator, finite_difference_scratch_len,
/// };
/// let gradient = |w: &[f64], g: &mut [f64]| {
///     g[0] = w[0] * w[0] * w[0];
///     Ok(())
/// };
/// let options = DifferenceOptions {
///     difference: Difference::Central,
///     noise: f64::EPSILON,
///     distance: 0.0,
/// };
/// let mut scratch = [0.0; finite_difference_scratch_len(1)];
/// let machine = teeter::Machine::detect();
/// let mut hessian = FiniteDifference::new(machine, gradient, &[2.0], options, &mut scratch)?;
/// let mut y = [0.0];
/// let error = hessian.apply_with_error(&[1.0], &mut y)?;
/// assert!((y[0] - 12.0).abs() <= error.truncation + error.rounding);
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct FiniteDifference<'a, F, T> {
    machine: Machine,
    gradient: F,
    params: &'a [T],
    options: DifferenceOptions<T>,
    /// log₂ of the distance to go, rounded.
    distance: i32,
    point: &'a mut [T],
    /// The gradient at w − hv, or at w.
    base: &'a mut [T],
    other: &'a mut [T],
    has_base: bool,
}

impl<'a, F, T: Float> FiniteDifference<'a, F, T>
where
    F: FnMut(&[T], &mut [T]) -> Result<(), Error>,
{
    /// The Hessian at `params` of the loss whose gradient `gradient` writes into its second argument.
    ///
    /// # Shapes
    /// `params`: n. `scratch`: at least [`finite_difference_scratch_len`] (n).
    ///
    /// # Method
    /// h is a power of two, so that hv and the division by it are exact: ‖hv‖ is, within a factor 2,
    /// `options.distance`, or ‖w‖ times the third root of `options.noise` (central), its square root
    /// (forward), which make truncation and rounding of one order where the loss varies on the scale of
    /// ‖w‖; at w = 0 that root itself. `params` are not written: w ± hv stands in scratch.
    ///
    /// # Accuracy
    /// Truncation: ‖v‖³h²/6 times the largest derivative of H's (central). Rounding: ν(‖g⁺‖ + ‖g⁻‖)/2h for
    /// gradients of relative error ν, and u‖H‖(‖w‖ + h‖v‖)/h for that of w ± hv. So on a quadratic there is
    /// rounding alone, whatever h. v → 2ᵏv gives 2ᵏ times the product exactly, and so do w → 2ᵏw with
    /// a loss to match. The same bits on every machine if the gradients are. v = 0 gives 0, without a gradient.
    ///
    /// # Errors
    /// `Error::Short` for too little scratch, `Error::NotFinite` for `params`, `Error::Range` for a
    /// noise outside [u, 1] or a negative distance. Of a product: `Error::NotFinite` for the vector or
    /// a gradient; what the gradient returns.
    ///
    /// # Cost
    /// Of a product: two gradients (central), one (forward), about 6n flops.
    ///
    /// # Source
    /// Nocedal, Wright 2006, §8.1; Higham 2002, §1.14 on the choice of h.
    pub fn new(
        machine: Machine,
        gradient: F,
        params: &'a [T],
        options: DifferenceOptions<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = params.len();
        check::at_least("scratch", finite_difference_scratch_len(n), scratch.len())?;
        check::finite("params", params)?;
        check::in_range("noise", options.noise, T::UNIT_ROUNDOFF.to_f64(), 1.0)?;
        check::in_range("distance", options.distance, 0.0, T::MAX.to_f64())?;
        let norm = vector::norm2(machine, params);
        // The nearest whole number to a third or half of the exponent.
        let root = match options.difference {
            Difference::Central => (options.noise.exponent() + 1).div_euclid(3),
            Difference::Forward => options.noise.exponent().div_euclid(2),
        };
        let distance = if options.distance > T::ZERO {
            options.distance.exponent()
        } else if norm > T::ZERO && norm.is_finite() {
            norm.exponent() + root
        } else {
            root
        };
        let mut scratch = scratch;
        let point = check::take(&mut scratch, n)?;
        let base = check::take(&mut scratch, n)?;
        let other = check::take(&mut scratch, n)?;
        let has_base = false;
        Ok(Self { machine, gradient, params, options, distance, point, base, other, has_base })
    }

    /// y ← Hx as [`LinearOperator::apply`] does, and how far it may be off.
    ///
    /// # Shapes
    /// `x`, `y`: n.
    ///
    /// # Method
    /// A second difference at 2h. Its distance from the first is three times (central), or once
    /// (forward), the first's truncation to leading order (Richardson).
    ///
    /// # Accuracy
    /// `truncation` is exact up to rounding where the next order vanishes: on quartic losses (central),
    /// cubic ones (forward). It holds the rounding of both differences too, so it is no less than what
    /// can be told. `rounding` is (ν(‖g⁺‖ + ‖g⁻‖) + ‖δ‖‖y‖/‖x‖)/2h, δ the rounding of the points,
    /// computed exactly; the second term takes H to turn δ no longer than x. An estimate, no bound.
    ///
    /// # Errors
    /// Those of a product.
    ///
    /// # Cost
    /// Two products.
    pub fn apply_with_error(&mut self, x: &[T], y: &mut [T]) -> Result<DifferenceError<T>, Error> {
        let Some(power) = self.start(x, y)? else {
            let zero = T::ZERO;
            return Ok(DifferenceError { truncation: zero, rounding: zero, distance: zero });
        };
        let mut rounding = self.difference(x, power, y)?;
        let norm = vector::norm2(self.machine, x);
        let rate = self.options.difference;
        let lost = scaled(self.lost(x, power), -power) * (vector::norm2(self.machine, y) / norm);
        rounding += if rate == Difference::Central { T::HALF * lost } else { lost };
        // The second step into `other`, which lends itself for the while.
        let other = core::mem::take(&mut self.other);
        let done = self.difference(x, power + 1, other);
        for (other, &y) in other.iter_mut().zip(y.iter()) {
            *other -= y;
        }
        let apart = vector::norm2(self.machine, other);
        self.other = other;
        done?;
        let truncation = match rate {
            Difference::Central => apart / T::from_f64(3.0),
            Difference::Forward => apart,
        };
        Ok(DifferenceError { truncation, rounding, distance: scaled(norm, power) })
    }

    /// log₂ h for this vector; `None` for the zero vector, whose product is written.
    fn start(&self, x: &[T], y: &mut [T]) -> Result<Option<i32>, Error> {
        check::same_len("x", self.params.len(), x.len())?;
        check::same_len("y", self.params.len(), y.len())?;
        check::finite("x", x)?;
        let norm = vector::norm2(self.machine, x).min_of(T::MAX);
        if norm == T::ZERO {
            y.fill(T::ZERO);
            return Ok(None);
        }
        Ok(Some(self.distance - norm.exponent()))
    }

    /// y ← the difference with h = 2^`power`; the noise of its gradients.
    fn difference(&mut self, x: &[T], power: i32, y: &mut [T]) -> Result<T, Error> {
        match self.options.difference {
            Difference::Central => {
                self.has_base = false;
                move_to(self.point, self.params, x, (power, -T::ONE));
                evaluate(self.machine, &mut self.gradient, self.point, self.base)?;
            }
            Difference::Forward if !self.has_base => {
                evaluate(self.machine, &mut self.gradient, self.params, self.base)?;
                self.has_base = true;
            }
            Difference::Forward => {}
        }
        move_to(self.point, self.params, x, (power, T::ONE));
        evaluate(self.machine, &mut self.gradient, self.point, y)?;
        let sizes = vector::norm2(self.machine, y) + vector::norm2(self.machine, self.base);
        let divisor = power + i32::from(self.options.difference == Difference::Central);
        let factors = halves(-divisor);
        for (y, &base) in y.iter_mut().zip(self.base.iter()) {
            *y = (*y - base) * factors[0] * factors[1];
        }
        Ok(scaled(self.options.noise * sizes, -divisor))
    }

    /// ‖δ‖: what rounding of the points has added to the step, hv or 2hv.
    fn lost(&mut self, x: &[T], power: i32) -> T {
        let factors = halves(power);
        let central = self.options.difference == Difference::Central;
        for ((lost, &w), &x) in self.point.iter_mut().zip(self.params).zip(x) {
            let step = x * factors[0] * factors[1];
            let ahead = (w + step) - w;
            *lost = if central {
                // Both ends are near w, so that their distances from it are exact.
                (ahead - step) + ((w - (w - step)) - step)
            } else {
                ahead - step
            };
        }
        vector::norm2(self.machine, self.point)
    }
}

/// 2^`power` as two factors, neither of which over- or underflows where the product counts.
fn halves<T: Float>(power: i32) -> [T; 2] {
    let first = power / 2;
    [T::ONE.scale_by_power(first), T::ONE.scale_by_power(power - first)]
}

fn scaled<T: Float>(x: T, power: i32) -> T {
    let [first, second] = halves(power);
    x * first * second
}

/// point ← w ± hx
fn move_to<T: Float>(point: &mut [T], params: &[T], x: &[T], (power, sign): (i32, T)) {
    let [first, second] = halves(power);
    let first = sign * first;
    for ((point, &w), &x) in point.iter_mut().zip(params).zip(x) {
        *point = w + x * first * second;
    }
}

/// The gradient at a point, all of it finite.
fn evaluate<T: Float>(
    machine: Machine,
    gradient: &mut impl FnMut(&[T], &mut [T]) -> Result<(), Error>,
    point: &[T],
    out: &mut [T],
) -> Result<(), Error> {
    gradient(point, out)?;
    match vector::first_not_finite(machine, out) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite { argument: "gradient", index }),
    }
}

impl<F, T: Float> LinearOperator<T> for FiniteDifference<'_, F, T>
where
    F: FnMut(&[T], &mut [T]) -> Result<(), Error>,
{
    fn dim(&self) -> usize {
        self.params.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        match self.start(x, y)? {
            None => Ok(()),
            Some(power) => self.difference(x, power, y).map(|_| ()),
        }
    }
}

impl<F, T: Float> Symmetric<T> for FiniteDifference<'_, F, T> where
    F: FnMut(&[T], &mut [T]) -> Result<(), Error>
{
}
