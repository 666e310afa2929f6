//! What a point of training is like: more than every step can afford, so it takes one product at a time.

use teeter::curvature::{
    CurvatureReport, CurvatureSummary, Damping, ReportOptions, curvature_report_machine_scratch_len,
};
use teeter::krylov::Floor;
use teeter::objective::{At, Mlp, Objective, mlp_scratch_len};
use teeter::random::Stream;
use teeter::trace::{Hutchinson, Probe, SlqOptions, TraceEstimate, quadrature_scratch_len};
use teeter::{Error, Float, Machine};

use crate::trainer::purpose;
use crate::{Config, Data, Snapshot, take};

/// Probes of the spectrum and Lanczos steps of each.
const SPECTRUM: [usize; 2] = [4, 16];

/// Probes of Tr(G⁻¹H).
const RATIO_PROBES: usize = 8;

/// Of each interval.
const CONFIDENCE: f64 = 0.95;

/// What a survey leaves of the Fisher matrix of those before, and what is added to G relative to its mean: both the
/// laboratory's, for its reasons (`host/src/train/gauge.rs`).
const FISHER_DECAY: f64 = 0.8;
const FISHER_DAMPING: f64 = 1e-3;

/// α of the effective parameters as a share of the largest node, as the authors of the sharpness-adjusted number have it.
const EFFECTIVE_SCALE: f64 = 0.5;

/// Points of the curves of a spectrum.
pub const CURVE_POINTS: usize = 256;

/// Blur of the density, relative to the range of the spectrum.
const BLUR: f64 = 0.01;

/// A survey that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurveyReport {
    /// Steps taken before its point.
    pub step: u64,
    /// Over the test rows.
    pub test_loss: f64,
    /// Over the test rows.
    pub test_accuracy: f64,
    /// Both ends, trace, norm and effective parameters of the Hessian.
    pub summary: CurvatureSummary<f64>,
    /// Tr(G⁻¹H), G the diagonal Fisher matrix.
    pub trace_ratio: TraceEstimate<f64>,
}

/// How far a survey has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Products still to be taken, at most; 0: the report can be read.
    pub left: usize,
}

/// Elements of memory that [`Survey::new`] needs.
#[must_use]
pub fn survey_len(config: &Config) -> usize {
    let (n, [probes, steps]) = (config.params(), SPECTRUM);
    let test = mlp_scratch_len(config.widths(), config.test);
    let network = test.max(mlp_scratch_len(config.widths(), config.train));
    let report = curvature_report_machine_scratch_len(n, probes, steps);
    5 * n + network + report + quadrature_scratch_len(steps)
}

/// Spectrum, traces and Tr(G⁻¹H) at one point, as a machine: training goes on between its products.
///
/// # Method
/// [`CurvatureReport`] of 4 normal probes and 16 steps each, then [`Hutchinson`] on G^(−½)HG^(−½) with 8 signs. G is the running mean
/// over the surveys of the diagonal empirical Fisher matrix, of the loss as the network has it, and a thousandth of
/// its mean entry. So Tr(G⁻¹H) is a number to be compared along one training; where that thousandth counts, it is not
/// invariant under a change of parameters.
///
/// # Accuracy
/// Each interval holds with a chance of 95 % over the probes. The same bits on every machine.
#[derive(Debug)]
pub struct Survey<'a> {
    machine: Machine,
    step: u64,
    test: [f64; 2],
    params: &'a [f64],
    network: Mlp<'a, f64>,
    report: CurvatureReport<'a, f64>,
    ratio: Hutchinson<f64>,
    /// 1/√g.
    inverse_root: &'a mut [f64],
    probe: &'a mut [f64],
    scaled: &'a mut [f64],
    product: &'a mut [f64],
    small: &'a mut [f64],
}

impl<'a> Survey<'a> {
    /// Evaluates the network at the point, on both parts of the data.
    ///
    /// # Shapes
    /// `memory`: at least [`survey_len`].
    ///
    /// # Errors
    /// `Error::Short` for too little memory; `Error::NotFinite` where training has diverged; `Error::Pivot` where no gradient
    /// is left to make a metric of.
    pub fn new(
        machine: Machine,
        config: &'a Config,
        data: Data<'a>,
        snapshot: Snapshot<'_>,
        memory: &'a mut [f64],
    ) -> Result<Self, Error> {
        let n = config.params();
        let mut memory = memory;
        let params = take(&mut memory, n)?;
        let inverse_root = take(&mut memory, n)?;
        let probe = take(&mut memory, n)?;
        let scaled = take(&mut memory, n)?;
        let product = take(&mut memory, n)?;
        let [probes, steps] = SPECTRUM;
        let spectrum = take(&mut memory, curvature_report_machine_scratch_len(n, probes, steps))?;
        let small = take(&mut memory, quadrature_scratch_len(steps))?;
        for (to, from) in params.iter_mut().zip(snapshot.params) {
            *to = *from;
        }
        let params = &*params;
        let mut tested = Mlp::new(machine, config.shape(), data.test.pair(), &mut *memory)?;
        let at = At::new(&mut tested, params)?;
        let test = [at.loss(), at.objective().accuracy()?];
        let mut network = Mlp::new(machine, config.shape(), data.train.pair(), memory)?;
        let mut at = At::new(&mut network, params)?;
        at.fisher_diagonal(product)?;
        watch_fisher(product, snapshot.fisher, inverse_root)?;
        let stream = |purpose| Stream::new(config.seed, purpose).child(snapshot.step);
        let quadrature =
            SlqOptions { probe: Probe::Gaussian, probes, steps, stream: stream(purpose::SPECTRUM) };
        let options = ReportOptions { quadrature, confidence: CONFIDENCE, floor: Floor::Unknown };
        let report = CurvatureReport::new(machine, n, &options, spectrum)?;
        let ratio = Hutchinson::new(stream(purpose::TRACE_RATIO), Probe::Rademacher);
        let step = snapshot.step;
        Ok(Self {
            machine,
            step,
            test,
            params,
            network,
            report,
            ratio,
            inverse_root,
            probe,
            scaled,
            product,
            small,
        })
    }

    /// Takes up to `products` products.
    ///
    /// # Errors
    /// `Error::NotFinite` for a Hessian that is not finite.
    ///
    /// # Cost
    /// So many Hessian products.
    pub fn advance(&mut self, products: usize) -> Result<Progress, Error> {
        for _ in 0..products {
            if let Some(q) = self.report.wants() {
                self.network.hessian_product(self.params, q, self.product)?;
                self.report.push(self.product)?;
            } else if self.ratio.products() < RATIO_PROBES {
                self.sample_ratio()?;
            }
        }
        Ok(self.progress())
    }

    /// zᵀG^(−½)HG^(−½)z.
    fn sample_ratio(&mut self) -> Result<(), Error> {
        self.ratio.probe_into(self.probe);
        let scales = self.inverse_root.iter();
        for ((to, z), scale) in self.scaled.iter_mut().zip(&*self.probe).zip(scales) {
            *to = z * scale;
        }
        self.network.hessian_product(self.params, self.scaled, self.product)?;
        for (x, scale) in self.product.iter_mut().zip(&*self.inverse_root) {
            *x *= scale;
        }
        self.ratio.push(self.machine, self.probe, self.product)
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let [probes, steps] = SPECTRUM;
        let slq = self.report.quadrature();
        // Probes that found an invariant subspace took fewer products.
        let spent = if slq.probes() == probes { probes * steps } else { slq.products() };
        let ratio = RATIO_PROBES - self.ratio.products().min(RATIO_PROBES);
        Progress { left: probes * steps - spent.min(probes * steps) + ratio }
    }

    /// What was found.
    ///
    /// # Errors
    /// `Error::Empty` before all products are taken.
    pub fn report(&mut self) -> Result<SurveyReport, Error> {
        let [test_loss, test_accuracy] = self.test;
        let trace_ratio = self.ratio.estimate(CONFIDENCE)?;
        let summary = self.report.summary(Damping::OfLargest(EFFECTIVE_SCALE), self.small)?;
        Ok(SurveyReport { step: self.step, test_loss, test_accuracy, summary, trace_ratio })
    }

    /// Grid, density and share of eigenvalues up to each point.
    ///
    /// # Shapes
    /// `curves`: three of one length.
    ///
    /// # Errors
    /// `Error::Empty` before the first probe is done; `Error::Length`.
    pub fn spectrum_into(&mut self, curves: [&mut [f64]; 3]) -> Result<(), Error> {
        self.report.spectrum_into(BLUR, curves, self.small)
    }
}

/// Takes the Fisher matrix `now` into the running mean, and makes G^(−½) of it.
fn watch_fisher(now: &[f64], mean: &mut [f64], inverse_root: &mut [f64]) -> Result<(), Error> {
    let first = mean.iter().all(|&x| x == 0.0);
    for (kept, &now) in mean.iter_mut().zip(now) {
        *kept = if first { now } else { FISHER_DECAY * *kept + (1.0 - FISHER_DECAY) * now };
    }
    let damping = FISHER_DAMPING * mean.iter().sum::<f64>() / now.len() as f64;
    if !(damping.is_finite() && damping > 0.0) {
        return Err(Error::Pivot { index: 0, value: damping });
    }
    for (inverse, &kept) in inverse_root.iter_mut().zip(&*mean) {
        *inverse = 1.0 / Float::sqrt(kept + damping);
    }
    Ok(())
}
