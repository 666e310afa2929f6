//! Curvature at one point of training.

use teeter::curvature::{effective_parameters_weighted, rotation_angle, sane_alpha};
use teeter::krylov::{Lanczos, lanczos_scratch_len, ritz_scratch_len, ritz_values, ritz_vector};
use teeter::objective::{At, Mlp};
use teeter::operator::Symmetric;
use teeter::random::{Stream, normals_into, signs_into};
use teeter::trace::{
    HutchinsonOptions, Probe, TraceEstimate, student_t_quantile, trace_ratio_diagonal,
    trace_ratio_scratch_len,
};
use teeter::{Error, Machine};

use crate::record::{Estimate, Sharpness, Spectrum, Traces};
use crate::train::problem::{Problem, purpose};

/// Of the intervals around traces.
pub const CONFIDENCE: f64 = 0.95;

/// Random probes per trace.
pub const PROBES: usize = 8;

/// What a measurement leaves of the Fisher matrix known before. At the edge the gradient of one step swings to one side and that
/// of the next to the other; a metric should see both.
pub const FISHER_DECAY: f64 = 0.8;

/// Added to G, relative to its mean entry. Inputs that are always zero (the corner pixels of the digits) have no gradient, and so
/// no scale of their own. The price: Tr(G⁻¹H) is then no longer exactly invariant under a change of parameters.
pub const FISHER_DAMPING: f64 = 1e-3;

/// Products for λ₁. Always as many: a process that starts at the eigenvector of an earlier step, and is stopped as soon as its
/// residual is small, can miss an eigenvalue that has grown past it since.
const SHARPNESS_PRODUCTS: usize = 16;

/// Length of the random part of the start, relative to the eigenvector: it brings in the directions that the spectrum has beside.
const START_NOISE: f64 = 0.1;

/// Products per probe for the effective parameters. With α = λ₁/2 the pole of x/(x + α) is so far from the spectrum that k of them
/// leave an error of about 3.7^(−2k), far below the spread of the probes.
const QUADRATURE_PRODUCTS: usize = 6;

/// α in parts of the largest |θ|, as in the authors' code of the sharpness-adjusted number.
const EFFECTIVE_SCALE: f64 = 0.5;

/// Products for a spectrum.
const SPECTRUM_PRODUCTS: usize = 40;

/// What is remembered from one measurement to the next, and room to work in.
#[derive(Debug)]
pub(crate) struct Gauge {
    machine: Machine,
    /// Of the measurement before; empty at first.
    eigenvector: Vec<f64>,
    start: Vec<f64>,
    product: Vec<f64>,
    /// Running mean of the diagonal Fisher matrix; empty at first.
    fisher: Vec<f64>,
    /// G as of the measurement before.
    metric: Vec<f64>,
    scratch: Vec<f64>,
}

/// λ₁ and what its Krylov space tells beside.
pub(crate) struct Top {
    pub(crate) sharpness: Sharpness,
    /// Half the largest |θ|.
    pub(crate) alpha: f64,
    /// Degrees.
    pub(crate) rotation: Option<f64>,
}

type Point<'a, 'b> = At<'a, Mlp<'b, f64>, f64>;

impl Gauge {
    pub(crate) fn new(machine: Machine, n: usize) -> Self {
        let process = lanczos_scratch_len(n, SPECTRUM_PRODUCTS.max(SHARPNESS_PRODUCTS));
        Self {
            machine,
            eigenvector: Vec::new(),
            start: vec![0.0; n],
            product: vec![0.0; n],
            fisher: Vec::new(),
            metric: vec![0.0; n],
            scratch: vec![0.0; process.max(trace_ratio_scratch_len(n))],
        }
    }

    /// λ₁ by Lanczos, started from the eigenvector of the measurement before with some noise.
    pub(crate) fn top(&mut self, at: &mut Point<'_, '_>, stream: Stream) -> Result<Top, Error> {
        normals_into(stream, &mut self.start);
        if !self.eigenvector.is_empty() {
            let noise = START_NOISE / (self.start.len() as f64).sqrt();
            for (start, v) in self.start.iter_mut().zip(&self.eigenvector) {
                *start = v + noise * *start;
            }
        }
        let mut lanczos =
            Lanczos::new(self.machine, &self.start, SHARPNESS_PRODUCTS, &mut self.scratch)?;
        run(&mut lanczos, &mut at.hessian(), &mut self.product)?;
        let ritz = Ritz::of(&lanczos)?;
        let (value, residual) = ritz.top();
        let k = lanczos.steps();
        // The start is no longer needed: the new eigenvector takes its place.
        ritz_vector(self.machine, &lanczos, k - 1, &mut self.start, &mut vec![0.0; k * (k + 2)])?;
        let rotation = if self.eigenvector.is_empty() {
            None
        } else {
            Some(rotation_angle(self.machine, &self.eigenvector, &self.start)?.to_degrees())
        };
        self.eigenvector.clone_from(&self.start);
        Ok(Top {
            sharpness: Sharpness { value, residual, products: k },
            alpha: sane_alpha(&ritz.values, EFFECTIVE_SCALE, 1)?,
            rotation,
        })
    }

    /// Takes the diagonal empirical Fisher matrix here into its running mean over the measurements.
    pub(crate) fn watch_fisher(&mut self, at: &mut Point<'_, '_>) -> Result<(), Error> {
        at.fisher_diagonal(&mut self.metric)?;
        if self.fisher.is_empty() {
            self.fisher.clone_from(&self.metric);
        }
        for (kept, now) in self.fisher.iter_mut().zip(&self.metric) {
            *kept = FISHER_DECAY * *kept + (1.0 - FISHER_DECAY) * now;
        }
        let mean = self.fisher.iter().sum::<f64>() / self.fisher.len() as f64;
        for (g, kept) in self.metric.iter_mut().zip(&self.fisher) {
            *g = kept + FISHER_DAMPING * mean;
        }
        Ok(())
    }

    /// Tr H, Tr(G⁻¹H) and the effective parameters at scale `alpha`.
    pub(crate) fn traces(
        &mut self,
        at: &mut Point<'_, '_>,
        alpha: f64,
        [plain, ratio]: [Stream; 2],
    ) -> Result<Traces, Error> {
        let options = HutchinsonOptions {
            probe: Probe::Rademacher,
            products: PROBES,
            confidence: CONFIDENCE,
            stream: ratio,
        };
        let trace_ratio = trace_ratio_diagonal(
            self.machine,
            &mut at.hessian(),
            &self.metric,
            &options,
            &mut self.scratch,
        )?;
        let [trace, effective_parameters] = self.quadrature(at, alpha, plain)?;
        Ok(Traces { trace, trace_ratio: estimate(trace_ratio), effective_parameters })
    }

    /// Tr H and Tr f(H), f(x) = |x|/(|x| + α), by Lanczos quadrature from the same probes. The rule is exact for f(x) = x, so its
    /// first moment is Hutchinson's sample and costs nothing more.
    fn quadrature(
        &mut self,
        at: &mut Point<'_, '_>,
        alpha: f64,
        stream: Stream,
    ) -> Result<[Estimate; 2], Error> {
        let n = self.start.len();
        let mut samples = [[0.0; PROBES]; 2];
        let [traces, counts] = &mut samples;
        for (index, (trace, count)) in traces.iter_mut().zip(counts).enumerate() {
            signs_into(stream.child(index as u64), &mut self.start);
            let mut lanczos =
                Lanczos::new(self.machine, &self.start, QUADRATURE_PRODUCTS, &mut self.scratch)?;
            run(&mut lanczos, &mut at.hessian(), &mut self.product)?;
            let ritz = Ritz::of(&lanczos)?;
            // qᵀHq is the first element of T.
            *trace = n as f64 * lanczos.diagonal().first().copied().unwrap_or(f64::NAN);
            *count = effective_parameters_weighted(&ritz.values, &ritz.weights, n, alpha)?;
        }
        let [traces, counts] = samples;
        Ok([mean(&traces)?, mean(&counts)?])
    }

    /// Ritz values of the Hessian from one random start.
    pub(crate) fn spectrum(
        &mut self,
        at: &mut Point<'_, '_>,
        step: usize,
        stream: Stream,
    ) -> Result<Spectrum, Error> {
        normals_into(stream, &mut self.start);
        let mut lanczos =
            Lanczos::new(self.machine, &self.start, SPECTRUM_PRODUCTS, &mut self.scratch)?;
        run(&mut lanczos, &mut at.hessian(), &mut self.product)?;
        let Ritz { values, weights, residuals } = Ritz::of(&lanczos)?;
        Ok(Spectrum { step, values, weights, residuals })
    }
}

/// The streams of one measurement.
pub(crate) fn streams(problem: &Problem, step: usize) -> [Stream; 3] {
    [purpose::LANCZOS_START, purpose::TRACE, purpose::TRACE_RATIO]
        .map(|purpose| problem.stream(purpose).child(step as u64))
}

/// Runs a Lanczos process to its end.
fn run(
    lanczos: &mut Lanczos<'_, f64>,
    operator: &mut impl Symmetric<f64>,
    product: &mut [f64],
) -> Result<(), Error> {
    while let Some(q) = lanczos.wants() {
        operator.apply(q, product)?;
        lanczos.push(product)?;
    }
    Ok(())
}

/// The mean of independent samples, with Student's interval.
fn mean(samples: &[f64]) -> Result<Estimate, Error> {
    let m = samples.len() as f64;
    let value = samples.iter().sum::<f64>() / m;
    let squares = samples.iter().map(|sample| (sample - value).powi(2)).sum::<f64>();
    let standard_error = (squares / (m - 1.0) / m).sqrt();
    let half = student_t_quantile(CONFIDENCE, samples.len() - 1)? * standard_error;
    Ok(Estimate { value, standard_error, lower: value - half, upper: value + half })
}

struct Ritz {
    values: Vec<f64>,
    weights: Vec<f64>,
    residuals: Vec<f64>,
}

impl Ritz {
    fn of(lanczos: &Lanczos<'_, f64>) -> Result<Self, Error> {
        let k = lanczos.steps();
        let [mut values, mut weights, mut residuals] = [(); 3].map(|()| vec![0.0; k]);
        let mut scratch = vec![0.0; ritz_scratch_len(k)];
        ritz_values(lanczos, &mut values, &mut weights, &mut residuals, &mut scratch)?;
        Ok(Self { values, weights, residuals })
    }

    /// The largest, and its error bound.
    fn top(&self) -> (f64, f64) {
        let last = |list: &[f64]| list.last().copied().unwrap_or(f64::NAN);
        (last(&self.values), last(&self.residuals))
    }
}

fn estimate(of: TraceEstimate<f64>) -> Estimate {
    let TraceEstimate { value, standard_error, lower, upper, .. } = of;
    Estimate { value, standard_error, lower, upper }
}
