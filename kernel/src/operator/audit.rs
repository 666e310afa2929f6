//! Whether an operator is what the methods that use it take for granted.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{AuditOptions, Finding, LinearOperator, OperatorReport, Verdict};
use crate::random::{Stream, normals_into};
use crate::simd::Machine;
use crate::vector;

/// Elements of scratch that [`check_operator`] needs: 7n.
#[must_use]
pub const fn check_operator_scratch_len(n: usize) -> usize {
    n.saturating_mul(7)
}

/// How many times ν‖A‖_F an honest defect may be: 32 for rounding and probes, 4 for ‖A‖_F.
///
/// A defect is at most a product of three factors of mean square 1: normal u, normal x, bounded
/// martingale of roundings. Its tenth moment is below 945²·2.05·10⁴, so it exceeds 32 with chance below 1.7·10⁻⁵
/// (Markov). ‖A‖_F is underestimated by 4 from K products with chance below (e/16)^(K/2): for weights pᵢ ≥ 0 of sum 1,
/// E exp(−λΣpᵢgᵢ²) ≤ (1 + 2λ)^(−½), and Chernoff.
const SLACK: f64 = 128.0;

/// 2 and −½: 2x and y/2 are exact, and neither the sum nor the product is 1, so that constant terms show.
const COMBINATION: [f64; 2] = [2.0, -0.5];

/// An audit: is it linear, symmetric, deterministic, finite, positive semidefinite?
///
/// When to use: once, before a Krylov method or a trace is believed, on every operator of one's own; in
/// tests. All methods of this crate take symmetry on trust, and a closure that breaks it gets numbers
/// without meaning.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`check_operator_scratch_len`] (n).
///
/// # Method
/// For each pair of normal vectors x, y near length 1: the products of x, y and 2x − y/2. The first is
/// taken again at once, so that a batch drawn anew shows, and at the end, so that drift does.
/// ‖A‖_F² = E‖Az‖²/E zᵢ² is estimated from the products of x and y. All is measured in units of a power of two
/// near the first product, so that defects and verdicts are the same for 2ᵏA, barring over- and underflow.
///
/// # Accuracy
/// A property holds if its defect is at most c·ν, c = 128 times 5 (linear), 4 (symmetric, positive) or 0
/// (deterministic), ν not less than √(n + 1)·u for the inner products; fails above both that and `options.tolerance`.
/// An operator that is sound and has noise ν is not called sound with chance below 7·10⁻⁵ a
/// pair + 0.18 ^ pairs, in the model that [`AuditOptions::of_sums`] names.
///
/// An asymmetry ‖A − Aᵀ‖_F = δ‖A‖_F is passed over at threshold τ with chance at most (√2·τ/δ) ^ pairs, for
/// ‖A‖_F as estimated: yᵀ(A − Aᵀ)x is normal given x with variance ‖(A − Aᵀ)x‖², and singular values of an
/// antisymmetric matrix come in pairs, so the density at 0 is at most that of a Laplace variable. A constant
/// term b shows as 0.24‖b‖ over a product's norm, for certain. Other nonlinearities show where probes reach: at
/// lengths 1 and 2. One negative eigenvalue among many positive ones is mostly not seen
/// ([`crate::krylov`] finds it): the verdict on definiteness is one-sided.
///
/// A product that is not finite ends the audit: `finite` fails, the rest is unknown. For n = 0 all holds.
///
/// # Errors
/// `Error::Empty` for no pairs, `Error::Short` for too little scratch, `Error::Range` for a noise outside
/// [u, 1] or a tolerance outside [0, 1]; what the operator returns.
///
/// # Cost
/// 3·`pairs` + 2 products and about 50n flops beside each pair.
///
/// # Example
/// ```
/// use teeter::operator::{
///     AuditOptions, FromFn, Verdict, check_operator, check_operator_scratch_len,
/// };
/// use teeter::random::Stream;
/// let mut upper = FromFn::new(2, |x: &[f64], y: &mut [f64]| {
///     y[0] = 3.0 * x[0] + x[1];
///     y[1] = 3.0 * x[1];
///     Ok(())
/// });
/// let options = AuditOptions::of_sums(2, Stream::new(1, 0));
/// let mut scratch = [0.0; check_operator_scratch_len(2)];
/// let machine = teeter::Machine::detect();
/// let report = check_operator(machine, &mut upper, &options, &mut scratch)?;
/// assert_eq!(report.linear.verdict, Verdict::Holds);
/// assert_eq!(report.symmetric.verdict, Verdict::Fails);
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn check_operator<T: Float>(
    machine: Machine,
    operator: &mut impl LinearOperator<T>,
    options: &AuditOptions<T>,
    scratch: &mut [T],
) -> Result<OperatorReport<T>, Error> {
    let n = operator.dim();
    check::not_empty("pairs", options.pairs)?;
    check::at_least("scratch", check_operator_scratch_len(n), scratch.len())?;
    check::in_range("noise", options.noise, T::UNIT_ROUNDOFF.to_f64(), 1.0)?;
    check::in_range("tolerance", options.tolerance, 0.0, 1.0)?;
    let mut audit = Audit::new(machine, operator, n);
    if n > 0 {
        let mut scratch = scratch;
        let first = check::take(&mut scratch, n)?;
        for pair in 0..options.pairs {
            audit.pair(options.stream, pair, first, &mut *scratch)?;
        }
        let x = check::take(&mut scratch, n)?;
        probe(options.stream, 0, x);
        audit.again(x, first, scratch)?;
    }
    Ok(audit.report(options))
}

/// Normal numbers over the power of two next below √n, so that the vector is near length 1.
fn probe<T: Float>(stream: Stream, index: u64, x: &mut [T]) {
    normals_into(stream.child(index), x);
    let factor = T::ONE.scale_by_power(-length_exponent(x.len()));
    for x in x {
        *x *= factor;
    }
}

/// ⌊log₂n⌋/2
fn length_exponent(n: usize) -> i32 {
    n.checked_ilog2().unwrap_or(0) as i32 / 2
}

/// What has been seen so far, in units of 2^`exponent`.
struct Audit<'a, A, T> {
    machine: Machine,
    operator: &'a mut A,
    n: usize,
    products: usize,
    exponent: Option<i32>,
    not_finite: Option<usize>,
    /// √Σ‖Az‖² over the products of x and y, and how many.
    image: T,
    images: usize,
    linear: T,
    symmetric: T,
    different: T,
    negative: T,
    lowest: T,
}

impl<'a, A: LinearOperator<T>, T: Float> Audit<'a, A, T> {
    fn new(machine: Machine, operator: &'a mut A, n: usize) -> Self {
        let zero = T::ZERO;
        Self {
            machine,
            operator,
            n,
            products: 0,
            exponent: None,
            not_finite: None,
            image: zero,
            images: 0,
            linear: zero,
            symmetric: zero,
            different: zero,
            negative: zero,
            lowest: if n == 0 { zero } else { T::INFINITY },
        }
    }

    /// out ← Ax in units of the audit; `false` once anything was not finite.
    fn product(&mut self, x: &[T], out: &mut [T]) -> Result<bool, Error> {
        if self.not_finite.is_some() {
            return Ok(false);
        }
        self.operator.apply(x, out)?;
        self.products += 1;
        self.not_finite = vector::first_not_finite(self.machine, out);
        if self.not_finite.is_some() {
            return Ok(false);
        }
        let largest = out.iter().fold(T::ZERO, |largest, y| largest.max_of(y.abs()));
        if self.exponent.is_none() && largest > T::ZERO {
            self.exponent = Some(largest.exponent());
        }
        // Two factors: one may overflow where the unit is subnormal.
        let power = -self.exponent.unwrap_or(0);
        let factors = [T::ONE.scale_by_power(power / 2), T::ONE.scale_by_power(power - power / 2)];
        for y in out.iter_mut() {
            *y = *y * factors[0] * factors[1];
        }
        Ok(true)
    }

    /// xᵀAx enters the verdict on definiteness.
    fn quadratic(&mut self, x: &[T], ax: &[T]) -> Result<(), Error> {
        let form = vector::dot(self.machine, x, ax)?;
        self.negative = self.negative.max_of(-form);
        let square = vector::dot(self.machine, x, x)?;
        if square > T::ZERO {
            self.lowest = self.lowest.min_of(form / square);
        }
        Ok(())
    }

    fn see_image(&mut self, ax: &[T]) {
        let norm = vector::norm2(self.machine, ax);
        self.image = vector::norm2(self.machine, &[self.image, norm]);
        self.images += 1;
    }

    /// The products of one pair. `first` keeps the very first one.
    fn pair(
        &mut self,
        stream: Stream,
        pair: usize,
        first: &mut [T],
        scratch: &mut [T],
    ) -> Result<(), Error> {
        let (n, mut scratch, index) = (self.n, scratch, 2 * pair as u64);
        let [x, y] = [check::take(&mut scratch, n)?, check::take(&mut scratch, n)?];
        let [ax, ay] = [check::take(&mut scratch, n)?, check::take(&mut scratch, n)?];
        let [z, az] = [check::take(&mut scratch, n)?, check::take(&mut scratch, n)?];
        probe(stream, index, x);
        probe(stream, index + 1, y);
        let [two, minus_half] = COMBINATION.map(T::from_f64);
        for ((z, &x), &y) in z.iter_mut().zip(x.iter()).zip(y.iter()) {
            *z = two * x + minus_half * y;
        }
        if !self.product(x, ax)? {
            return Ok(());
        }
        if pair == 0 {
            vector::copy(ax, first)?;
            if !self.compare(x, first, az)? {
                return Ok(());
            }
        }
        if !(self.product(y, ay)? && self.product(z, az)?) {
            return Ok(());
        }
        self.see_image(ax);
        self.see_image(ay);
        self.quadratic(x, ax)?;
        self.quadratic(y, ay)?;
        self.quadratic(z, az)?;
        let there = vector::dot(self.machine, y, ax)?;
        let back = vector::dot(self.machine, x, ay)?;
        self.symmetric = self.symmetric.max_of((there - back).abs());
        for ((az, &ax), &ay) in az.iter_mut().zip(ax.iter()).zip(ay.iter()) {
            *az -= two * ax + minus_half * ay;
        }
        self.linear = self.linear.max_of(vector::norm2(self.machine, az));
        Ok(())
    }

    /// Takes the product of x again and compares it with the first.
    fn compare(&mut self, x: &[T], first: &[T], out: &mut [T]) -> Result<bool, Error> {
        if !self.product(x, out)? {
            return Ok(false);
        }
        let size = vector::norm2(self.machine, first).max_of(vector::norm2(self.machine, out));
        for (out, &first) in out.iter_mut().zip(first) {
            *out -= first;
        }
        let apart = vector::norm2(self.machine, out);
        if apart > T::ZERO {
            self.different = self.different.max_of(apart / size);
        }
        Ok(true)
    }

    fn again(&mut self, x: &[T], first: &[T], scratch: &mut [T]) -> Result<(), Error> {
        let mut scratch = scratch;
        let out = check::take(&mut scratch, self.n)?;
        self.compare(x, first, out).map(|_| ())
    }

    fn report(&self, options: &AuditOptions<T>) -> OperatorReport<T> {
        let from = T::from_f64;
        // Probes have mean squares of 4^−e where normals have 1.
        let length = T::ONE.scale_by_power(length_exponent(self.n));
        let norm = self.image * length / T::from_usize(self.images.max(1)).sqrt();
        let relative = |defect: T, weight: T| {
            if defect > T::ZERO { defect * weight / norm } else { T::ZERO }
        };
        let inner = T::UNIT_ROUNDOFF * (T::from_usize(self.n) + T::ONE).sqrt();
        let both = options.noise.max_of(inner) * from(SLACK);
        let finding = |defect: T, threshold: T| Finding {
            defect,
            threshold,
            verdict: if self.not_finite.is_some() {
                Verdict::Unknown
            } else if defect <= threshold {
                Verdict::Holds
            } else if defect <= options.tolerance {
                Verdict::Noisy
            } else {
                Verdict::Fails
            },
        };
        let combined = length / from(4.25).sqrt();
        let square = length * length;
        let unit = self.exponent.unwrap_or(0);
        OperatorReport {
            // √4.25 + 2.5 over √4.25, and the roundings of z and of the sum.
            linear: finding(relative(self.linear, combined), from(5.0 * SLACK) * options.noise),
            symmetric: finding(relative(self.symmetric, square), from(4.0) * both),
            deterministic: finding(self.different, T::ZERO),
            positive_semidefinite: finding(relative(self.negative, square), from(4.0) * both),
            finite: if self.not_finite.is_some() { Verdict::Fails } else { Verdict::Holds },
            not_finite_index: self.not_finite.unwrap_or(self.n),
            lowest_quotient: self.lowest.scale_by_power(unit),
            norm_estimate: norm.scale_by_power(unit),
            products: self.products,
        }
    }
}
