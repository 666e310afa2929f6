//! Trainings on digits from learning rates of all sizes: plain SGD beside rates that follow the sharpness.

use serde::Serialize;
use teeter::curvature::{
    Advice, Diagnosis, MeasuredSharpness, RateController, RateControllerState, RateObservation,
    StepObservation, UpdateRule, curvature_from_losses,
};
use teeter::krylov::{
    SharpnessTracker, SharpnessTrackerOptions, sharpness_tracker_scratch_len, track_sharpness,
};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::optim::{Momentum, Sgd, SgdState};
use teeter::random::Stream;
use teeter::{Error, Machine, vector};

use super::trainings::Failure;

const WIDTHS: [usize; 3] = [64, 16, 10];
const ROWS: usize = 500;
const BATCH: usize = 100;
const STEPS: u64 = 300;

/// Who decides on the learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Control {
    /// Nobody: SGD with the rate given.
    Plain,
    /// The controller, from two Hessian products a step.
    Tracker,
    /// The controller, from the losses before and after each step.
    Gauge,
}

impl Control {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Tracker, Self::Gauge];
}

/// One training.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Who decided.
    pub control: Control,
    /// The learning rate at the start.
    pub rate: f64,
    /// The seed of the weights.
    pub seed: u64,
    /// Loss of all rows at the start and at the end.
    pub losses: [f64; 2],
    /// The learning rate at the end.
    pub last_rate: f64,
    /// Times that weights were restored.
    pub restores: u64,
    /// Why the controller stopped before the last step, if it did.
    pub stopped: Option<String>,
}

impl Run {
    /// Ended with a loss that is no number, or above that of the start.
    #[must_use]
    pub fn diverged(&self) -> bool {
        let [first, last] = self.losses;
        last.is_nan() || last > first
    }
}

/// The controller of the table; its target is the one thing in which tracker and gauge differ.
#[must_use]
pub fn controller(control: Control) -> RateController<f32> {
    // A curvature along the step is at most λ₁, and less before training oscillates.
    let target = if control == Control::Gauge { 0.4 } else { 0.8 };
    RateController {
        rule: UpdateRule::GradientDescent,
        target,
        growth_max: 1.1,
        shrink_max: 0.5,
        rate_min: 1e-6,
        rate_max: 1e3,
        error_max: 0.5,
        unmeasured_max: 100,
        loss_share: 0.2,
        loss_guard: 2.0,
        loss_floor: 0.01,
        backoff: 0.25,
        keep_every: 5,
        restores_max: 12,
        steps_max: STEPS,
    }
}

/// The digits in batches.
#[derive(Debug)]
pub struct Digits {
    features: Vec<f32>,
    targets: Vec<f32>,
}

impl Digits {
    /// The first rows, one-hot.
    ///
    /// # Errors
    /// Those of the data.
    pub fn load() -> Result<Self, Failure> {
        let split = teeter_host::data::split(&teeter_host::data::digits()?, ROWS)?;
        let mut targets = vec![0.0; ROWS * 10];
        for (row, &label) in targets.chunks_mut(10).zip(&split.train.labels) {
            row[label] = 1.0;
        }
        Ok(Self { features: split.train.features.iter().map(|&x| x as f32).collect(), targets })
    }

    /// Rows from `start`, as inputs and targets.
    fn rows(
        &self,
        start: usize,
        count: usize,
    ) -> Result<(MatRef<'_, f32>, MatRef<'_, f32>), Error> {
        let x = &self.features[start * 64..(start + count) * 64];
        let t = &self.targets[start * 10..(start + count) * 10];
        Ok((MatRef::row_major(x, count, 64)?, MatRef::row_major(t, count, 10)?))
    }
}

const SHAPE: MlpShape<'static> =
    MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };

/// One training from one rate and one seed.
///
/// # Errors
/// If the kernel refuses: it does not.
pub fn run(digits: &Digits, control: Control, rate: f64, seed: u64) -> Result<Run, Error> {
    let machine = Machine::detect();
    let n = mlp_param_len(&WIDTHS);
    let mut all_memory = vec![0.0; mlp_scratch_len(&WIDTHS, ROWS)];
    let mut all = Mlp::new(machine, SHAPE, digits.rows(0, ROWS)?, &mut all_memory)?;
    let [mut w, mut gradient, mut product, mut kept] = [(); 4].map(|()| vec![0.0_f32; n]);
    mlp_initialize(SHAPE, Stream::new(seed, 1), &mut w)?;
    let first_loss = loss_of(&mut all, &w)?;

    let controller = controller(control);
    let mut state = RateControllerState::new(rate as f32, &mut kept);
    let options =
        SharpnessTrackerOptions { dim_max: 6, products_per_step: 2, limit: None, seed: seed + 1 };
    let mut memory = vec![0.0; sharpness_tracker_scratch_len(n, 6)];
    let mut tracker = SharpnessTracker::new(machine, n, &options, &[], &mut memory)?;
    let mut seen_along: Option<MeasuredSharpness<f32>> = None;
    let mut memory = vec![0.0; mlp_scratch_len(&WIDTHS, BATCH)];
    let mut stopped = None;
    for step in 0..STEPS {
        let start = (step as usize * BATCH) % ROWS;
        let mut batch = Mlp::new(machine, SHAPE, digits.rows(start, BATCH)?, &mut memory)?;
        let mut at = At::new(&mut batch, &w)?;
        at.gradient(&mut gradient)?;
        let loss = at.loss();
        let sharpness = match control {
            Control::Plain => None,
            Control::Gauge => seen_along.take(),
            Control::Tracker if loss.is_finite() => {
                // A product that overflows is refused, and leaves the tracker as it was.
                track_sharpness(&mut tracker, &mut at.hessian(), &mut product).ok().map(Into::into)
            }
            Control::Tracker => None,
        };
        let step_rate = if control == Control::Plain {
            rate as f32
        } else {
            let seen = RateObservation { loss, gradient: &gradient, sharpness };
            match controller.observe(machine, &seen, &mut state, &mut w)? {
                Advice::Step(rate) => rate,
                Advice::Restored(_) => continue,
                Advice::Stop(diagnosis) => {
                    stopped = Some(diagnosis);
                    break;
                }
            }
        };
        let sgd = Sgd { learning_rate: step_rate, momentum: Momentum::None, weight_decay: 0.0 };
        let Ok(report) = sgd.step(machine, &gradient, &mut SgdState { velocity: &mut [] }, &mut w)
        else {
            break;
        };
        if control == Control::Gauge {
            let after = At::new(&mut batch, &w)?.loss();
            seen_along = along(step_rate, [loss, after], report.gradient_norm, n);
        }
    }
    let last_loss = loss_of(&mut all, &w)?;
    Ok(Run {
        control,
        rate,
        seed,
        losses: [first_loss, last_loss].map(f64::from),
        last_rate: f64::from(if control == Control::Plain {
            rate as f32
        } else {
            state.learning_rate
        }),
        restores: state.restores,
        stopped: stopped.map(|one: Diagnosis| format!("{one:?}")),
    })
}

/// The loss of all rows; NaN for weights that are none.
fn loss_of(all: &mut Mlp<'_, f32>, w: &[f32]) -> Result<f32, Error> {
    let finite = vector::first_not_finite(Machine::detect(), w).is_none();
    if finite { Ok(At::new(all, w)?.loss()) } else { Ok(f32::NAN) }
}

/// The curvature along the step just taken, of the same batch.
fn along(rate: f32, losses: [f32; 2], norm: f32, n: usize) -> Option<MeasuredSharpness<f32>> {
    let [loss_before, loss_after] = losses;
    let unit = f32::EPSILON / 2.0;
    let slope = -rate * norm * norm;
    let step = StepObservation {
        loss_before,
        loss_after,
        slope_before: slope,
        slope_after: f32::NAN,
        step_norm: rate * norm,
        loss_error: (BATCH as f32).sqrt() * unit * loss_before.max(loss_after),
        slope_error: (n as f32).sqrt() * unit * slope.abs(),
    };
    curvature_from_losses(&step).ok().map(Into::into)
}
