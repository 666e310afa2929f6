//! One run of gradient descent.

use teeter::Error;
use teeter::curvature::{self, PhaseOptions, PhaseTracker, UpdateRule, stability_threshold};
use teeter::objective::{At, Mlp};
use teeter::optim::{Momentum, Sgd, SgdState};

use crate::error::{Divergence, DivergenceSign, HostError};
use crate::record::{EDGE_BAND, Measurement, Phase, Run, Spectrum, last_quarter, median};
use crate::train::gauge::{Gauge, streams};
use crate::train::problem::{Problem, purpose};

/// So many times the initial loss ends a run at once. A catapult, which comes back, lifts the loss by about the width of the
/// network (Lewkowycz et al. 2020, §2), and no layer is wider than 4096: what has passed a million is not on its way back.
const EXPLOSION: f64 = 1e6;

/// Below this relative rise the end of a run is not above its start: a sum over rows has that much rounding.
const ROUNDING: f64 = 1e-8;

/// When a run measures, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Steps in all.
    pub steps: usize,
    /// Steps between two measurements; the last step is measured too.
    pub measure_every: usize,
}

/// Measurements from one estimate of the traces to the next: it costs four times as much as the sharpness.
const TRACES_EVERY: usize = 4;

impl Schedule {
    /// Steps between two estimates of the traces.
    pub fn trace_every(self) -> usize {
        TRACES_EVERY * self.measure_every
    }

    fn traces_due(self, step: usize) -> bool {
        step.is_multiple_of(self.trace_every()) || step == self.steps
    }

    fn is_due(self, step: usize) -> bool {
        step.is_multiple_of(self.measure_every) || step == self.steps
    }
}

/// Full-batch gradient descent at one learning rate, as far as it has come.
#[derive(Debug)]
pub struct Descent {
    rule: Sgd<f64>,
    threshold: f64,
    schedule: Schedule,
    step: usize,
    params: Vec<f64>,
    gradient: Vec<f64>,
    losses: Vec<f64>,
    measurements: Vec<Measurement>,
    spectra: Vec<Spectrum>,
    gauge: Gauge,
    phases: PhaseTracker<f64>,
    train_scratch: Vec<f64>,
    test_scratch: Vec<f64>,
}

impl Descent {
    /// At step 0.
    ///
    /// # Errors
    /// [`HostError::Kernel`] for a learning rate or a network that the kernel refuses.
    pub fn new(
        problem: &Problem,
        learning_rate: f64,
        schedule: Schedule,
    ) -> Result<Self, HostError> {
        let params = problem.initial()?;
        let refused = |source| HostError::Kernel { doing: "preparing a run", source };
        let threshold =
            stability_threshold(UpdateRule::GradientDescent, learning_rate).map_err(refused)?;
        let options = PhaseOptions { band: EDGE_BAND, patience: 1 };
        Ok(Self {
            rule: Sgd { learning_rate, momentum: Momentum::None, weight_decay: 0.0 },
            threshold,
            schedule,
            step: 0,
            gradient: vec![0.0; params.len()],
            losses: Vec::with_capacity(schedule.steps + 1),
            measurements: Vec::new(),
            spectra: Vec::new(),
            gauge: Gauge::new(problem.machine, params.len()),
            phases: PhaseTracker::new(options).map_err(refused)?,
            train_scratch: vec![0.0; problem.scratch_len(&problem.train)],
            test_scratch: vec![0.0; problem.scratch_len(&problem.test)],
            params,
        })
    }

    /// The measurement taken last.
    pub fn latest(&self) -> Option<&Measurement> {
        self.measurements.last()
    }

    /// Whether all steps are taken and measured.
    pub fn is_finished(&self) -> bool {
        self.losses.len() > self.schedule.steps
    }

    /// Measures where it stands, and goes on to the step at which the next measurement is due. At the last step it only measures.
    ///
    /// # Errors
    /// [`HostError::Diverged`] as soon as loss, gradient or curvature are no longer finite or the loss has exploded, and at the end
    /// if the loss has not come down from where it began; [`HostError::Kernel`] for anything else.
    pub fn advance(&mut self, problem: &Problem) -> Result<(), HostError> {
        self.stretch(problem).map_err(|halt| match halt {
            Halt::Exploded | Halt::Kernel(Error::NotFinite { .. }) => self.diverged(self.burst()),
            Halt::Kernel(source) => HostError::Kernel { doing: "training", source },
        })?;
        self.risen().map_or(Ok(()), |sign| Err(self.diverged(sign)))
    }

    fn stretch(&mut self, problem: &Problem) -> Result<(), Halt> {
        // Lent to the network for the stretch; it must not stay lent while `self` measures.
        let mut scratch = std::mem::take(&mut self.train_scratch);
        let mut params = std::mem::take(&mut self.params);
        let outcome = self.steps(problem, &mut scratch, &mut params);
        self.train_scratch = scratch;
        self.params = params;
        outcome
    }

    fn steps(
        &mut self,
        problem: &Problem,
        scratch: &mut [f64],
        params: &mut [f64],
    ) -> Result<(), Halt> {
        let mut network = problem.network(&problem.train, scratch)?;
        loop {
            let mut at = At::new(&mut network, params)?;
            self.losses.push(at.loss());
            if !at.loss().is_finite() {
                return Err(Error::NotFinite { argument: "loss", index: 0 }.into());
            }
            if at.loss() > EXPLOSION * self.initial_loss() {
                return Err(Halt::Exploded);
            }
            if self.schedule.is_due(self.step) {
                self.measure(problem, &mut at)?;
            }
            if self.step == self.schedule.steps {
                return Ok(());
            }
            at.gradient(&mut self.gradient)?;
            let mut state = SgdState { velocity: &mut [] };
            self.rule.step(problem.machine, &self.gradient, &mut state, params)?;
            self.step += 1;
            if self.schedule.is_due(self.step) {
                return Ok(());
            }
        }
    }

    fn measure(
        &mut self,
        problem: &Problem,
        at: &mut At<'_, Mlp<'_, f64>, f64>,
    ) -> Result<(), Error> {
        let step = self.step;
        let [start, trace, trace_ratio] = streams(problem, step);
        let mut test = problem.network(&problem.test, &mut self.test_scratch)?;
        let test_accuracy = At::new(&mut test, at.params())?.objective().accuracy()?;
        let train_accuracy = at.objective().accuracy()?;
        if step == 0 || step == self.schedule.steps {
            let stream = problem.stream(purpose::SPECTRUM);
            self.spectra.push(self.gauge.spectrum(at, step, stream)?);
        }
        let top = self.gauge.top(at, start)?;
        self.gauge.watch_fisher(at)?;
        let traces = if self.schedule.traces_due(step) {
            Some(self.gauge.traces(at, top.alpha, [trace, trace_ratio])?)
        } else {
            None
        };
        let loss = at.loss();
        let phase = self.phases.push(step as u64, [top.sharpness.value, self.threshold], loss)?;
        self.measurements.push(Measurement {
            step,
            loss,
            train_accuracy,
            test_accuracy,
            sharpness: top.sharpness,
            ratio: top.sharpness.value / self.threshold,
            traces,
            rotation: top.rotation,
            phase: phase_of(phase),
        });
        Ok(())
    }

    fn initial_loss(&self) -> f64 {
        self.losses.first().copied().unwrap_or(f64::NAN)
    }

    /// What is seen where a run was stopped on its way.
    fn burst(&self) -> DivergenceSign {
        let (step, loss) = (self.step, self.losses.last().copied().unwrap_or(f64::NAN));
        if loss > EXPLOSION * self.initial_loss() && loss.is_finite() {
            DivergenceSign::Exploded { step, loss }
        } else {
            DivergenceSign::NotFinite { step, loss }
        }
    }

    /// A catapult may lift the loss for a while, so only the end is judged; its median, since at the edge single steps leap.
    fn risen(&self) -> Option<DivergenceSign> {
        let (from, step) = (last_quarter(self.schedule.steps), self.schedule.steps);
        let loss = median(self.losses.get(from..=step)?.to_vec())?;
        let above = loss > self.initial_loss() * (1.0 + ROUNDING);
        above.then_some(DivergenceSign::Risen { from, step, loss })
    }

    fn diverged(&self, sign: DivergenceSign) -> HostError {
        HostError::Diverged(vec![Divergence {
            learning_rate: self.rule.learning_rate,
            initial_loss: self.initial_loss(),
            sign,
            last_ratio: self.latest().map(|at| (at.step, at.ratio)),
        }])
    }

    /// The finished run; `None` before the end.
    pub fn into_run(self) -> Option<Run> {
        let [before, after] = <[Spectrum; 2]>::try_from(self.spectra).ok()?;
        Some(Run {
            learning_rate: self.rule.learning_rate,
            threshold: self.threshold,
            losses: self.losses,
            measurements: self.measurements,
            before,
            after,
        })
    }
}

/// Why a stretch ends early.
enum Halt {
    Exploded,
    Kernel(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Kernel(error)
    }
}

fn phase_of(phase: curvature::Phase) -> Phase {
    match phase {
        curvature::Phase::Stable => Phase::Stable,
        curvature::Phase::ProgressiveSharpening => Phase::Sharpening,
        curvature::Phase::Edge => Phase::Edge,
        curvature::Phase::Instability => Phase::Unstable,
    }
}
