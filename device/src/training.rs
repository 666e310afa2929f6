//! Gradient descent on digits, with its sharpness followed and its rate held: one loop for chip and desk.

use teeter::krylov::{SharpnessTracker, SharpnessTrackerOptions, track_sharpness};
use teeter::matrix::MatRef;
use teeter::objective::{Activation, At, Loss, Mlp, MlpShape, mlp_initialize};
use teeter::optim::{Momentum, Sgd, SgdState};
use teeter::random::Stream;
use teeter::state::Saved;
use teeter::{Error, Machine};

use crate::Config;
use crate::config::PRODUCTS_PER_STEP;
use crate::digits::{self, CLASSES, PIXELS};
use crate::hash;
use crate::log::{End, Step};
use crate::rate::Rate;

/// Tensors whose hashes a step carries, in the order in which it computes them.
pub const TENSORS: [&str; 6] = [
    "weights of the hidden layer",
    "biases of the hidden layer",
    "weights of the output layer",
    "biases of the output layer",
    "gradient",
    "vectors of the sharpness tracker",
];

/// Those of them that are parameters.
pub const PARAM_TENSORS: usize = 4;

/// A training under way: all its state, in memory that was lent.
#[derive(Debug)]
pub struct Training<'a> {
    machine: Machine,
    config: Config,
    step: u32,
    rate: Rate,
    inputs: &'a mut [f32],
    targets: &'a mut [f32],
    params: &'a mut [f32],
    gradient: &'a mut [f32],
    product: &'a mut [f32],
    network: &'a mut [f32],
    tracker: SharpnessTracker<'a, f32>,
}

/// `len` elements off the front of what is left.
fn lend<'a>(rest: &mut &'a mut [f32], len: usize) -> Result<&'a mut [f32], Error> {
    let (found, all) = (rest.len(), core::mem::take(rest));
    let (front, back) = all.split_at_mut_checked(len).ok_or(Error::Short {
        argument: "memory",
        needed: len,
        found,
    })?;
    *rest = back;
    Ok(front)
}

impl<'a> Training<'a> {
    /// Before the first step.
    ///
    /// # Errors
    /// `Error::Range` for a configuration that does not fit, `Error::Short` for fewer elements of memory than
    /// [`Config::memory_len`].
    pub fn new(machine: Machine, config: Config, memory: &'a mut [f32]) -> Result<Self, Error> {
        config.check()?;
        let (samples, n) = (config.samples as usize, config.param_len());
        let mut rest = memory;
        // What a former owner left there must not show in a snapshot.
        rest.fill(0.0);
        let inputs = lend(&mut rest, samples * PIXELS)?;
        let targets = lend(&mut rest, samples * CLASSES)?;
        let params = lend(&mut rest, n)?;
        let gradient = lend(&mut rest, n)?;
        let product = lend(&mut rest, n)?;
        let tracked = lend(&mut rest, config.tracker_len())?;
        let options = SharpnessTrackerOptions {
            dim_max: config.dim_max as usize,
            products_per_step: PRODUCTS_PER_STEP,
            limit: None,
            seed: config.seed,
        };
        let tracker = SharpnessTracker::new(machine, n, &options, &[], tracked)?;
        digits::load(0, inputs, targets);
        let widths = config.widths();
        mlp_initialize(shape(&widths), Stream::new(config.seed, 1), params)?;
        let rate = Rate::new(&config);
        let network = rest;
        Ok(Self {
            machine,
            config,
            step: 0,
            rate,
            inputs,
            targets,
            params,
            gradient,
            product,
            network,
            tracker,
        })
    }

    /// The step that comes next; as many are done.
    #[must_use]
    pub fn next_step(&self) -> u32 {
        self.step
    }

    /// Whether all steps are done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.step >= self.config.steps
    }

    /// Whether a snapshot is due before the next step.
    #[must_use]
    pub fn is_snapshot_due(&self) -> bool {
        let left = self.step.checked_rem(self.config.snapshot_every);
        self.step > 0 && left == Some(0) && !self.is_done()
    }

    /// One step: loss, gradient and λ₁ where the parameters are, then the parameters moved.
    ///
    /// λ₁ is that of the point itself, not of the midpoint between two: below the edge the parameters do not swing,
    /// and the evaluation is there already.
    ///
    /// # Errors
    /// `Error::NotFinite` once the training has diverged; the parameters stay where they are then.
    pub fn step(&mut self) -> Result<Step, Error> {
        let [w1, b1, w2, b2] = self.param_hashes();
        let widths = self.config.widths();
        let rows = self.config.samples as usize;
        let data = (
            MatRef::row_major(self.inputs, rows, PIXELS)?,
            MatRef::row_major(self.targets, rows, CLASSES)?,
        );
        let mut network = Mlp::new(self.machine, shape(&widths), data, self.network)?;
        let mut at = At::new(&mut network, self.params)?;
        let loss = at.loss();
        at.gradient(self.gradient)?;
        let sharpness = track_sharpness(&mut self.tracker, &mut at.hessian(), self.product)?;
        let learning_rate = self.rate.next(&sharpness)?;
        let gradient = hash::of_numbers(self.gradient);
        let tracked = self.tracker_hash();
        let sgd = Sgd { learning_rate, momentum: Momentum::None, weight_decay: 0.0 };
        let mut nothing = SgdState { velocity: &mut [] };
        sgd.step(self.machine, self.gradient, &mut nothing, self.params)?;
        let step = self.step;
        self.step = step.saturating_add(1);
        Ok(Step {
            step,
            loss,
            sharpness: sharpness.value,
            learning_rate,
            tensors: [w1, b1, w2, b2, gradient, tracked],
        })
    }

    /// What came of it: loss and accuracy on what was trained on, and accuracy on as many other digits.
    ///
    /// # Errors
    /// None in practice.
    pub fn finish(self) -> Result<End, Error> {
        let params = self.param_hashes();
        let Self { machine, config, step, inputs, targets, params: w, network, .. } = self;
        let widths = config.widths();
        let rows = config.samples as usize;
        let (mut loss, mut accuracy) = (0.0, [0.0; 2]);
        // The test first, for the loss kept is that of training.
        for (accuracy, first) in accuracy.iter_mut().rev().zip([digits::COUNT - rows, 0]) {
            digits::load(first, inputs, targets);
            let data = (
                MatRef::row_major(inputs, rows, PIXELS)?,
                MatRef::row_major(targets, rows, CLASSES)?,
            );
            let mut mlp = Mlp::new(machine, shape(&widths), data, network)?;
            let at = At::new(&mut mlp, w)?;
            loss = at.loss();
            *accuracy = at.objective().accuracy()?;
        }
        Ok(End { steps: step, loss, accuracy, params })
    }

    /// Of the vectors that the tracker keeps, and what it says of each.
    fn tracker_hash(&self) -> u64 {
        let pairs = (0..self.config.dim_max as usize).map_while(|i| {
            let (pair, vector) = (self.tracker.pair(i)?, self.tracker.vector(i)?);
            Some((pair, vector))
        });
        pairs.fold(hash::of_numbers(&[]), |hash, (pair, vector)| {
            let hash = hash::and_numbers(hash, &[pair.value, pair.residual, pair.lag]);
            hash::and_numbers(hash, vector)
        })
    }

    /// Hashes of the parameters, tensor by tensor.
    fn param_hashes(&self) -> [u64; PARAM_TENSORS] {
        let mut rest = &*self.params;
        tensor_lens(&self.config).map(|len| {
            let (front, back) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            rest = back;
            hash::of_numbers(front)
        })
    }

    /// Writes all that the next step depends on, and how many bytes it took.
    ///
    /// # Errors
    /// `Error::Short` for fewer than [`Config::snapshot_len`] bytes.
    pub fn save(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        let (needed, found) = (self.config.snapshot_len(), bytes.len());
        let short = Error::Short { argument: "bytes", needed, found };
        let head = self.params.len().saturating_mul(4).saturating_add(8);
        let (front, back) = bytes.split_at_mut_checked(head).ok_or(short)?;
        let step = self.step.to_le_bytes();
        let rate = self.rate.value.to_le_bytes();
        let params = self.params.iter().flat_map(|x| x.to_le_bytes());
        let all = step.into_iter().chain(rate).chain(params);
        front.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        Ok(head.saturating_add(self.tracker.save(back)?))
    }

    /// Goes on from what [`save`](Self::save) wrote, bit for bit as what was saved would have.
    ///
    /// # Errors
    /// `Error::Short`, `Error::Saved` for bytes of another configuration, or none of `save`'s; parameters and tracker are
    /// untouched then.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (needed, found) = (self.config.snapshot_len(), bytes.len());
        let short = Error::Short { argument: "bytes", needed, found };
        let (step, rest) = bytes.split_first_chunk().ok_or(short)?;
        let (rate, rest) = rest.split_first_chunk().ok_or(short)?;
        let len = self.params.len().saturating_mul(4);
        let (params, tracker) = rest.split_at_checked(len).ok_or(short)?;
        self.tracker.restore(tracker)?;
        self.step = u32::from_le_bytes(*step);
        self.rate.value = f32::from_le_bytes(*rate);
        let (words, _) = params.as_chunks();
        for (x, word) in self.params.iter_mut().zip(words) {
            *x = f32::from_le_bytes(*word);
        }
        Ok(())
    }
}

/// Elements of each tensor of the parameters, in their order.
#[must_use]
pub fn tensor_lens(config: &Config) -> [usize; PARAM_TENSORS] {
    let [inputs, hidden, outputs] = config.widths();
    [inputs * hidden, hidden, hidden * outputs, outputs]
}

fn shape(widths: &[usize; 3]) -> MlpShape<'_> {
    MlpShape { widths, activation: Activation::Tanh, loss: Loss::HalfSquared }
}
