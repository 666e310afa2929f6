//! Curvature at one point of training.

use teeter::curvature::{rotation_angle, sane};
use teeter::krylov::{Lanczos, lanczos_scratch_len, ritz_scratch_len, ritz_values, ritz_vector};
use teeter::objective::{At, Mlp};
use teeter::operator::Symmetric;
use teeter::random::{Stream, normals_into};
use teeter::trace::{
    HutchinsonOptions, Probe, TraceEstimate, hutchinson, trace_ratio_diagonal,
    trace_ratio_scratch_len,
};
use teeter::{Error, Machine};

use crate::record::{Estimate, Sharpness, Spectrum};
use crate::train::problem::{Problem, purpose};

/// Of the intervals around traces.
pub const CONFIDENCE: f64 = 0.95;

/// Random probes per trace.
pub const PROBES: usize = 8;

/// What a measurement leaves of the Fisher matrix known before. At the edge the gradients of one step swing with the
/// oscillation; a metric should not.
pub const FISHER_DECAY: f64 = 0.9;

/// Added to G, relative to its mean entry. Inputs that are always zero (the corner pixels of the digits) have no gradient, and so
/// no scale of their own. The price: Tr(G⁻¹H) is then no longer exactly invariant under a change of parameters.
pub const FISHER_DAMPING: f64 = 1e-3;

/// Lanczos for λ₁ takes at least this many products: a process that starts at the eigenvector of an earlier step and is stopped as
/// soon as its residual is small can miss an eigenvalue that has grown past it since.
const LANCZOS_MIN: usize = 10;

/// And at most this many.
const LANCZOS_MAX: usize = 30;

/// It stops in between once the residual bound is below this part of θ. The error of θ itself is smaller still: of second order.
const LANCZOS_TOLERANCE: f64 = 1e-2;

/// Length of the random part of the start, relative to the eigenvector: it brings in the directions that the spectrum has beside.
const START_NOISE: f64 = 0.1;

/// Products for a spectrum.
const SPECTRUM_STEPS: usize = 40;

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
    metric: Vec<f64>,
    scratch: Vec<f64>,
}

/// λ₁ and what its Krylov space tells beside.
pub(crate) struct Top {
    pub(crate) sharpness: Sharpness,
    pub(crate) effective_parameters: f64,
    /// Degrees.
    pub(crate) rotation: Option<f64>,
}

type Point<'a, 'b> = At<'a, Mlp<'b, f64>, f64>;

impl Gauge {
    pub(crate) fn new(machine: Machine, n: usize) -> Self {
        let process = lanczos_scratch_len(n, SPECTRUM_STEPS.max(LANCZOS_MAX));
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
        let mut hessian = at.hessian();
        let mut lanczos = Lanczos::new(self.machine, &self.start, LANCZOS_MAX, &mut self.scratch)?;
        let ritz = loop {
            extend(&mut lanczos, &mut hessian, &mut self.product, LANCZOS_MIN)?;
            let ritz = Ritz::of(&lanczos)?;
            let (value, residual) = ritz.top();
            if lanczos.wants().is_none() || residual <= LANCZOS_TOLERANCE * value.abs() {
                break ritz;
            }
            let one_more = lanczos.steps() + 1;
            extend(&mut lanczos, &mut hessian, &mut self.product, one_more)?;
        };
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
            effective_parameters: sane(&ritz.values, 0.5, 1)?,
            rotation,
        })
    }

    /// Tr H and Tr(G⁻¹H). G is the running mean of the diagonal empirical Fisher matrix over the measurements, plus damping.
    pub(crate) fn traces(
        &mut self,
        at: &mut Point<'_, '_>,
        streams: [Stream; 2],
    ) -> Result<[Estimate; 2], Error> {
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
        let [plain, ratio] = streams.map(|stream| HutchinsonOptions {
            probe: Probe::Rademacher,
            products: PROBES,
            confidence: CONFIDENCE,
            stream,
        });
        let trace = hutchinson(self.machine, &mut at.hessian(), &plain, &mut self.scratch)?;
        let trace_ratio = trace_ratio_diagonal(
            self.machine,
            &mut at.hessian(),
            &self.metric,
            &ratio,
            &mut self.scratch,
        )?;
        Ok([trace, trace_ratio].map(estimate))
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
            Lanczos::new(self.machine, &self.start, SPECTRUM_STEPS, &mut self.scratch)?;
        extend(&mut lanczos, &mut at.hessian(), &mut self.product, SPECTRUM_STEPS)?;
        let Ritz { values, weights, residuals } = Ritz::of(&lanczos)?;
        Ok(Spectrum { step, values, weights, residuals })
    }
}

/// The streams of one measurement.
pub(crate) fn streams(problem: &Problem, step: usize) -> [Stream; 3] {
    [purpose::LANCZOS_START, purpose::TRACE, purpose::TRACE_RATIO]
        .map(|purpose| problem.stream(purpose).child(step as u64))
}

/// Continues a Lanczos process until it has taken `steps` or needs no more.
fn extend(
    lanczos: &mut Lanczos<'_, f64>,
    operator: &mut impl Symmetric<f64>,
    product: &mut [f64],
    steps: usize,
) -> Result<(), Error> {
    while lanczos.steps() < steps
        && let Some(q) = lanczos.wants()
    {
        operator.apply(q, product)?;
        lanczos.push(product)?;
    }
    Ok(())
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
