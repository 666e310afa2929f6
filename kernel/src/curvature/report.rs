//! One call for what a curvature is: both ends, trace, norm, effective parameters and density, from one pass of products.

use core::fmt;

use crate::check;
use crate::curvature::effective_parameters_seen;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::Floor;
use crate::operator::Symmetric;
use crate::simd::Machine;
use crate::state::{Kind, Saved, Visitor};
use crate::trace::{
    EndEstimate, NormInterval, Slq, SlqEstimate, SlqOptions, TraceEstimate, slq_scratch_len,
};

/// Statements of a summary that hold with a chance each: two ends, trace, norm, effective parameters.
const STATEMENTS: f64 = 5.0;

/// What [`curvature_report`] spends, and how sure it is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportOptions<T> {
    /// Probes and steps: at most probes·steps products. 8 normals of 12 steps are usual; more steps for the ends and small
    /// α, more probes for trace and norm. Normals, for signs say nothing beyond the outermost nodes.
    pub quadrature: SlqOptions,
    /// Confidence of each statement by itself, between 0 and 1; 0.95 is usual.
    pub confidence: T,
    /// What is known of the smallest eigenvalue: 0 for Gauss–Newton and Fisher matrices.
    pub floor: Floor<T>,
}

/// α of the effective number of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Damping<T> {
    /// α itself: a weight decay, a damping.
    Absolute(T),
    /// α as a share of the largest node in size, as [`sane`](crate::curvature::sane) has it: ½ there.
    OfLargest(T),
}

/// What one pass of products tells of a curvature. Always filled; `Display` prints it.
///
/// All of it rests on the same probes. Each interval holds with chance `confidence` by itself; together they
/// hold with `confidence_together`, whatever they share.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct CurvatureSummary<T> {
    /// n
    pub dim: usize,
    /// Products used.
    pub products: usize,
    /// Probes done.
    pub probes: usize,
    /// Steps of each, at most.
    pub steps: usize,
    /// λ₁
    pub largest: EndEstimate<T>,
    /// λ_min
    pub smallest: EndEstimate<T>,
    /// Tr H
    pub trace: TraceEstimate<T>,
    /// ‖H‖_F
    pub frobenius: NormInterval<T>,
    /// α
    pub alpha: T,
    /// Σ |λ|/(|λ| + α)
    pub effective: SlqEstimate<T>,
    /// Of each statement.
    pub confidence: T,
    /// Of all five: 1 less the sum of their chances to fail, or 0.
    pub confidence_together: T,
}

impl<T: Float> fmt::Display for CurvatureSummary<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dim, products, probes, steps, largest, smallest, trace, .. } = *self;
        let percent = |chance: T| 100.0 * chance.to_f64();
        writeln!(f, "{dim} parameters, {products} products: {probes} probes of {steps} steps")?;
        let ends = [("largest eigenvalue", largest), ("smallest eigenvalue", smallest)];
        for (name, EndEstimate { value, residual, lower, upper }) in ends {
            write!(f, "{name:<22}{value:>11.3e}  in [{lower:.3e}, {upper:.3e}]")?;
            writeln!(f, ", an eigenvalue within {residual:.1e}")?;
        }
        if largest.upper > T::ZERO {
            let rates = [largest.upper, largest.value].map(|sharpness| T::TWO / sharpness);
            writeln!(
                f,
                "{:<22}{:>11.3e}  surely stable; at {:.3e} surely not",
                "learning rate below", rates[0], rates[1]
            )?;
        }
        let mean = trace.value / T::from_usize(dim);
        let (value, lower, upper) = (trace.value, trace.lower, trace.upper);
        writeln!(
            f,
            "{:<22}{value:>11.3e}  in [{lower:.3e}, {upper:.3e}], {mean:.2e} a parameter",
            "trace"
        )?;
        let NormInterval { value, lower, upper, .. } = self.frobenius;
        writeln!(f, "{:<22}{value:>11.3e}  in [{lower:.3e}, {upper:.3e}]", "Frobenius norm")?;
        let SlqEstimate { trace: effective, bracket } = self.effective;
        let (value, lower, upper) = (effective.value, effective.lower, effective.upper);
        write!(f, "{:<22}{value:>11.3e}  in [{lower:.3e}, {upper:.3e}]", "effective parameters")?;
        writeln!(
            f,
            ", α = {:.2e}; these probes: [{:.3e}, {:.3e}]",
            self.alpha, bracket.lower, bracket.upper
        )?;
        write!(
            f,
            "each at {:.4} %, all of them at {:.4} %",
            percent(self.confidence),
            percent(self.confidence_together)
        )
    }
}

/// Elements of scratch that [`CurvatureReport::new`] needs: those of [`Slq`].
#[must_use]
pub const fn curvature_report_machine_scratch_len(n: usize, probes: usize, steps: usize) -> usize {
    slq_scratch_len(n, probes, steps)
}

/// The report as a machine: it wants one product after the other, and can be read from the first whole probe on.
///
/// # Method
/// [`Slq`]: Lanczos processes from random starts. The ends from the outermost nodes and [`Slq::end_bounds`]; trace and effective parameters
/// from the rules; the norm from the first steps of each process, [`Slq::frobenius`]. Nothing is spent twice.
///
/// # Accuracy
/// That of each: [`Slq::end_bounds`], [`Slq::estimate_of`], [`Slq::frobenius`],
/// [`effective_parameters_seen`]. They share their probes, and so tend to be wrong together. Multiplying H, α and the floor by 2ᵏ multiplies what has a unit, and
/// leaves what has none, exactly, barring over- and underflow. The same bits on every machine.
///
/// # Cost
/// At most probes·steps products, 9n flops beside each; O(probes·steps²) flops a summary.
#[derive(Debug)]
pub struct CurvatureReport<'a, T> {
    n: usize,
    options: ReportOptions<T>,
    slq: Slq<'a, T>,
}

impl<'a, T: Float> CurvatureReport<'a, T> {
    /// Draws the first probe.
    ///
    /// # Shapes
    /// `scratch`: at least [`curvature_report_machine_scratch_len`] (n, probes, steps).
    ///
    /// # Errors
    /// Those of [`Slq::new`]; `Error::Range` for the confidence or a floor that is not finite.
    pub fn new(
        machine: Machine,
        n: usize,
        options: &ReportOptions<T>,
        scratch: &'a mut [T],
    ) -> Result<Self, Error> {
        let high = 1.0 - f64::EPSILON / 2.0;
        check::in_range("confidence", options.confidence, f64::MIN_POSITIVE, high)?;
        if let Floor::AtLeast(floor) = options.floor {
            check::in_range("floor", floor, f64::MIN, f64::MAX)?;
        }
        let slq = Slq::new(machine, n, &options.quadrature, scratch)?;
        Ok(Self { n, options: *options, slq })
    }

    /// The vector whose product comes next; `None` when all probes are done.
    #[must_use]
    pub fn wants(&self) -> Option<&[T]> {
        self.slq.wants()
    }

    /// Takes the product of H with the vector that [`CurvatureReport::wants`] gave.
    ///
    /// # Errors
    /// Those of [`Slq::push`]. Nothing is changed then: the right product can still be pushed.
    pub fn push(&mut self, product: &[T]) -> Result<(), Error> {
        self.slq.push(product)
    }

    /// The processes: any other function of the eigenvalues, the density, the cumulative spectrum.
    #[must_use]
    pub fn quadrature(&self) -> &Slq<'a, T> {
        &self.slq
    }

    /// All numbers, for one α. Another α costs no product.
    ///
    /// # Shapes
    /// `scratch`: at least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done; `Error::Range` for an α that is not positive (0 of a spectrum that is zero
    /// counts as the smallest normal number); `Error::Short`; `Error::NotFinite` where a sum overflows.
    pub fn summary(
        &self,
        damping: Damping<T>,
        scratch: &mut [T],
    ) -> Result<CurvatureSummary<T>, Error> {
        let ReportOptions { quadrature, confidence, floor } = self.options;
        let failure = 1.0 - confidence.to_f64();
        let [largest, smallest] = self.slq.end_bounds(floor, failure, scratch)?;
        let alpha = match damping {
            Damping::Absolute(alpha) => alpha,
            Damping::OfLargest(share) => {
                check::in_range("alpha", share, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
                let size = largest.value.abs().max_of(smallest.value.abs());
                (share * size).max_of(T::MIN_POSITIVE)
            }
        };
        let together = (1.0 - STATEMENTS * failure).max(0.0);
        Ok(CurvatureSummary {
            dim: self.n,
            products: self.slq.products(),
            probes: self.slq.probes(),
            steps: quadrature.steps,
            largest,
            smallest,
            trace: self.slq.estimate_of(|x| x, confidence, scratch)?,
            frobenius: self.slq.frobenius(confidence, scratch)?,
            alpha,
            effective: effective_parameters_seen(&self.slq, alpha, confidence, scratch)?,
            confidence,
            confidence_together: T::from_f64(together),
        })
    }

    /// A grid over the spectrum, its density there and the share of eigenvalues up to each point.
    ///
    /// # Shapes
    /// `width`: the blur over the range of the nodes, more than 0; 0.01 is usual. `curves`: grid, density, cumulative, of one length.
    /// `scratch`: at least [`quadrature_scratch_len`](crate::trace::quadrature_scratch_len) (steps).
    ///
    /// # Method
    /// [`Slq::spectral_grid_into`], [`Slq::density_into`], [`Slq::cumulative_into`].
    ///
    /// # Accuracy
    /// Theirs. Where all nodes are equal there is no density, and it is filled with 0.
    ///
    /// # Errors
    /// Theirs.
    pub fn spectrum_into(
        &self,
        width: T,
        curves: [&mut [T]; 3],
        scratch: &mut [T],
    ) -> Result<(), Error> {
        let [grid, density, cumulative] = curves;
        check::in_range("width", width, T::MIN_POSITIVE.to_f64(), T::MAX.to_f64())?;
        check::same_len("density", grid.len(), density.len())?;
        check::same_len("cumulative", grid.len(), cumulative.len())?;
        let sigma = self.slq.spectral_grid_into(width, grid, scratch)?;
        if sigma >= T::MIN_POSITIVE {
            self.slq.density_into(grid, sigma, density, scratch)?;
        } else {
            density.fill(T::ZERO);
        }
        self.slq.cumulative_into(grid, sigma, cumulative, scratch)
    }
}

/// Elements of scratch that [`curvature_report`] needs: n more than [`CurvatureReport::new`].
#[must_use]
pub const fn curvature_report_scratch_len(n: usize, probes: usize, steps: usize) -> usize {
    curvature_report_machine_scratch_len(n, probes, steps).saturating_add(n)
}

/// λ₁, λ_min, Tr H, ‖H‖_F, effective parameters and density from one pass of products, each with its error.
///
/// For one of them alone others are better: [`extremal_eigenpair`](crate::krylov::extremal_eigenpair) for λ₁ with its eigenvector,
/// [`xtrace`](crate::trace::xtrace) for the trace.
///
/// # Shapes
/// `operator`: n × n. `scratch`: at least [`curvature_report_scratch_len`] (n, probes, steps).
///
/// # Method
/// [`CurvatureReport`], all of its products; the numbers are read off what it returns.
///
/// # Accuracy
/// That of [`CurvatureReport`].
///
/// # Errors
/// Those of [`CurvatureReport::new`] and [`CurvatureReport::push`]; what the operator returns.
///
/// # Cost
/// At most probes·steps products.
///
/// # Source
/// As [`Slq`]; for the ends [`Slq::end_bounds`].
///
/// # Example
/// ```
/// use teeter::{Machine, curvature::*, krylov::Floor, operator::Diagonal, random::Stream, trace::*};
/// let (probe, stream) = (Probe::Gaussian, Stream::new(1, 0));
/// let quadrature = SlqOptions { probe, probes: 8, steps: 12, stream };
/// let options = ReportOptions { quadrature, confidence: 0.99, floor: Floor::AtLeast(0.0) };
/// let d: Vec<f64> = (1..=200).map(|i| 10.0 / f64::from(i * i)).collect();
/// let mut scratch = vec![0.0; curvature_report_scratch_len(200, 8, 12)];
/// let report = curvature_report(Machine::detect(), &mut Diagonal::new(&d), &options, &mut scratch)?;
/// let mut small = [0.0; quadrature_scratch_len(12)];
/// let found = report.summary(Damping::OfLargest(0.5), &mut small)?;
/// assert!(found.largest.lower <= 10.0 + 1e-12 && 10.0 <= found.largest.upper);
/// assert!(found.trace.lower <= 16.4 && 16.4 <= found.trace.upper);
/// println!("{found}");
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "spectrum")]
pub fn curvature_report<'a, T: Float>(
    machine: Machine,
    operator: &mut impl Symmetric<T>,
    options: &ReportOptions<T>,
    scratch: &'a mut [T],
) -> Result<CurvatureReport<'a, T>, Error> {
    let n = operator.dim();
    let SlqOptions { probes, steps, .. } = options.quadrature;
    check::not_empty("operator", n)?;
    let needed = curvature_report_scratch_len(n, probes, steps);
    check::at_least("scratch", needed, scratch.len())?;
    let mut scratch = scratch;
    let product = check::take(&mut scratch, n)?;
    let mut report = CurvatureReport::new(machine, n, options, scratch)?;
    while let Some(q) = report.wants() {
        operator.apply(q, product)?;
        report.push(product)?;
    }
    Ok(report)
}

impl<T: Float> Saved<T> for CurvatureReport<'_, T> {
    const KIND: Kind = Kind::CurvatureReport;
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        visitor.same(self.n)?;
        visitor.number(&mut self.options.confidence)?;
        let (mut known, mut floor) = match self.options.floor {
            Floor::AtLeast(floor) => (true, floor),
            Floor::Unknown => (false, T::ZERO),
        };
        visitor.flag(&mut known)?;
        visitor.number(&mut floor)?;
        self.options.floor = if known { Floor::AtLeast(floor) } else { Floor::Unknown };
        self.slq.visit(visitor)
    }
}
