//! A step of training, and the largest curvature where it began.

use teeter::curvature::{Phase, PhaseOptions, PhaseTracker};
use teeter::krylov::{
    SharpnessTracker, SharpnessTrackerOptions, TrackedSharpness, sharpness_tracker_scratch_len,
    track_sharpness,
};
use teeter::objective::{At, Mlp, mlp_initialize, mlp_scratch_len};
use teeter::optim::{Sgd, SgdState};
use teeter::random::Stream;
use teeter::{Error, Machine};

use crate::{Config, Data, Rule, hash, take};

/// What the random streams are for. The first is the laboratory's, so that its trainings begin where these do.
pub(crate) mod purpose {
    pub(crate) const PARAMETERS: u64 = 1;
    pub(crate) const SPECTRUM: u64 = 6;
    pub(crate) const TRACE_RATIO: u64 = 5;
}

/// Vectors that follow λ₁, and products a step: the usual ones.
const TRACKED: usize = 6;
const PRODUCTS: usize = 2;

/// Steps of the tracker at the initial point, which does not move meanwhile: λ₁ is right from the first step on.
const WARM_UP: usize = 10;

/// Half the width of the band around η·λ₁/2 = 1 that is the edge: that of the laboratory's records.
const EDGE_BAND: f64 = 0.05;

/// Measurements that agree before another phase is told. There is one each step, and words that change at each are not read.
const PATIENCE: u32 = 4;

/// A loss so many times that of the beginning does not come back: the laboratory's number, for its reason (`host/src/train/descent.rs`).
const EXPLOSION: f64 = 1e6;

/// What is known of a step. All of it but `update_norm` is of the point where the step began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Steps taken before this one.
    pub step: u64,
    /// Over all training rows.
    pub loss: f64,
    /// Over all training rows.
    pub accuracy: f64,
    /// λ₁ of the loss over all training rows.
    pub sharpness: TrackedSharpness<f64>,
    /// The sharpness up to which the rule is stable: 2/η for gradient descent.
    pub threshold: f64,
    /// λ₁ over the threshold: η·λ₁/2.
    pub ratio: f64,
    /// By the ratio and the loss.
    pub phase: Phase,
    /// The step from which on training was first at the edge.
    pub first_edge_step: Option<u64>,
    /// Instabilities that began so far.
    pub instabilities: u32,
    /// Those that ended where it is flatter.
    pub catapults: u32,
    /// ‖g‖ of the step's rows.
    pub gradient_norm: f64,
    /// ‖Δw‖.
    pub update_norm: f64,
}

/// A point of training, lent to a [`Survey`](crate::Survey).
#[derive(Debug)]
pub struct Snapshot<'s> {
    /// Steps taken before it.
    pub step: u64,
    /// Its parameters.
    pub params: &'s [f64],
    /// Running mean of the diagonal Fisher matrix over the surveys; zeros before the first.
    pub fisher: &'s mut [f64],
}

/// Elements of memory that [`Trainer::new`] needs.
#[must_use]
pub fn trainer_len(config: &Config) -> usize {
    let n = config.params();
    let batch = if config.batch < config.train { config.batch } else { 0 };
    let networks = [config.train, batch]
        .map(|rows| mlp_scratch_len(config.widths(), rows))
        .iter()
        .sum::<usize>();
    5 * n + sharpness_tracker_scratch_len(n, TRACKED) + networks
}

/// Training as a machine that takes one step at a time.
///
/// # Method
/// Each step evaluates the loss over all training rows, follows λ₁ of its Hessian by two products
/// ([`SharpnessTracker`]), and moves the parameters by the gradient of its batch. The products change nothing in the training: its
/// parameters are those of a training without them.
///
/// # Accuracy
/// The same bits on every machine.
#[derive(Debug)]
pub struct Trainer<'a> {
    machine: Machine,
    config: &'a Config,
    data: Data<'a>,
    learning_rate: f64,
    threshold: f64,
    steps: u64,
    initial_loss: f64,
    tracker: SharpnessTracker<'a, f64>,
    phases: PhaseTracker<f64>,
    params: &'a mut [f64],
    gradient: &'a mut [f64],
    velocity: &'a mut [f64],
    product: &'a mut [f64],
    fisher: &'a mut [f64],
    network: &'a mut [f64],
    batch_network: &'a mut [f64],
}

impl<'a> Trainer<'a> {
    /// At the initial parameters.
    ///
    /// # Shapes
    /// `memory`: at least [`trainer_len`].
    ///
    /// # Errors
    /// Those of [`Config::check`]; `Error::Short` for too little memory.
    pub fn new(
        machine: Machine,
        config: &'a Config,
        data: Data<'a>,
        memory: &'a mut [f64],
    ) -> Result<Self, Error> {
        config.check()?;
        let n = config.params();
        let mut memory = memory;
        let params = take(&mut memory, n)?;
        let gradient = take(&mut memory, n)?;
        let velocity = take(&mut memory, n)?;
        let product = take(&mut memory, n)?;
        let fisher = take(&mut memory, n)?;
        let tracked = take(&mut memory, sharpness_tracker_scratch_len(n, TRACKED))?;
        let network = take(&mut memory, mlp_scratch_len(config.widths(), config.train))?;
        let parameters = Stream::new(config.seed, purpose::PARAMETERS);
        mlp_initialize(config.shape(), parameters, params)?;
        velocity.fill(0.0);
        fisher.fill(0.0);
        let threshold = config.rule.threshold(config.learning_rate)?;
        let options = SharpnessTrackerOptions {
            dim_max: TRACKED,
            products_per_step: PRODUCTS,
            limit: Some(threshold),
            seed: config.seed,
        };
        let tracker = SharpnessTracker::new(machine, n, &options, &[], tracked)?;
        let phases = PhaseTracker::new(PhaseOptions { band: EDGE_BAND, patience: PATIENCE })?;
        Ok(Self {
            machine,
            config,
            data,
            learning_rate: config.learning_rate,
            threshold,
            steps: 0,
            initial_loss: f64::NAN,
            tracker,
            phases,
            params,
            gradient,
            velocity,
            product,
            fisher,
            network,
            batch_network: memory,
        })
    }

    /// Another η from the next step on.
    ///
    /// # Errors
    /// `Error::Range` for one that is not positive; nothing is changed then.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), Error> {
        let threshold = self.config.rule.threshold(learning_rate)?;
        self.tracker.set_limit(Some(threshold))?;
        (self.learning_rate, self.threshold) = (learning_rate, threshold);
        Ok(())
    }

    /// One step.
    ///
    /// # Errors
    /// Where training has diverged, `Error::NotFinite`, or `Error::Range` for a loss a million times that of the beginning
    /// ([`Trainer::is_divergence`]): the parameters stay where they are, and every further step says the same.
    pub fn step(&mut self) -> Result<StepReport, Error> {
        let Config { train, batch, rule, .. } = *self.config;
        let shape = self.config.shape();
        let mut network =
            Mlp::new(self.machine, shape, self.data.train.pair(), &mut *self.network)?;
        let mut at = At::new(&mut network, &*self.params)?;
        let loss = at.loss();
        if self.steps == 0 {
            self.initial_loss = loss;
        }
        check_loss(loss, self.initial_loss)?;
        let accuracy = at.objective().accuracy()?;
        let rounds = if self.steps == 0 { WARM_UP } else { 1 };
        for _ in 0..rounds {
            track_sharpness(&mut self.tracker, &mut at.hessian(), self.product)?;
        }
        let sharpness = self.tracker.estimate();
        if batch == train {
            at.gradient(self.gradient)?;
        } else {
            let rows = self.data.train.rows(self.config.window(self.steps), batch)?;
            let mut network = Mlp::new(self.machine, shape, rows.pair(), &mut *self.batch_network)?;
            At::new(&mut network, &*self.params)?.gradient(self.gradient)?;
        }
        let phase = self.phases.push(self.steps, [sharpness.value, self.threshold], loss)?;
        let moved = self.update(rule)?;
        self.steps += 1;
        Ok(StepReport {
            step: self.steps - 1,
            loss,
            accuracy,
            sharpness,
            threshold: self.threshold,
            ratio: sharpness.value / self.threshold,
            phase,
            first_edge_step: self.phases.first_edge_step(),
            instabilities: self.phases.instabilities(),
            catapults: self.phases.catapults(),
            gradient_norm: moved.gradient_norm,
            update_norm: moved.update_norm,
        })
    }

    fn update(&mut self, rule: Rule) -> Result<teeter::optim::StepReport<f64>, Error> {
        let learning_rate = self.learning_rate;
        let rule = Sgd { learning_rate, momentum: rule.momentum(), weight_decay: 0.0 };
        let mut state = SgdState { velocity: &mut *self.velocity };
        rule.step(self.machine, self.gradient, &mut state, self.params)
    }

    /// Whether a step that says this will never be taken, at any learning rate.
    #[must_use]
    pub fn is_divergence(error: &Error) -> bool {
        matches!(error, Error::NotFinite { .. } | Error::Range { argument: "loss", .. })
    }

    /// Steps taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// η of the next step.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &[f64] {
        self.params
    }

    /// 64 bits for the parameters: the same on every machine.
    #[must_use]
    pub fn hash(&self) -> u64 {
        hash(self.params)
    }

    /// The point where the next step begins, for a survey.
    pub fn snapshot(&mut self) -> Snapshot<'_> {
        Snapshot { step: self.steps, params: self.params, fisher: self.fisher }
    }
}

/// A loss from which training can come back.
fn check_loss(loss: f64, initial: f64) -> Result<(), Error> {
    let high = EXPLOSION * initial;
    if !loss.is_finite() {
        Err(Error::NotFinite { argument: "loss", index: 0 })
    } else if loss > high {
        Err(Error::Range { argument: "loss", found: loss, low: 0.0, high })
    } else {
        Ok(())
    }
}
