//! Data and network in the form the kernel reads.

use teeter::Machine;
use teeter::matrix::MatRef;
use teeter::objective::{self, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len};
use teeter::random::Stream;

use crate::config::{Activation, Loss, Network};
use crate::data::{Dataset, Split};
use crate::error::HostError;

/// What a random stream is for; a number is never given to a second purpose.
pub(crate) mod purpose {
    pub(crate) const PARAMETERS: u64 = 1;
    pub(crate) const SHUFFLE: u64 = 2;
    pub(crate) const LANCZOS_START: u64 = 3;
    pub(crate) const TRACE: u64 = 4;
    pub(crate) const TRACE_RATIO: u64 = 5;
    pub(crate) const SPECTRUM: u64 = 6;
}

/// A network, rows to train it on, rows to test it on.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(crate) machine: Machine,
    pub(crate) seed: u64,
    pub(crate) train: Part,
    pub(crate) test: Part,
    /// d, hidden layers, classes.
    widths: Vec<usize>,
    activation: objective::Activation,
    loss: objective::Loss,
}

/// Rows and what the network should answer to each.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    rows: usize,
    /// rows × d.
    inputs: Vec<f64>,
    /// rows × classes: 1 at the class, 0 elsewhere.
    targets: Vec<f64>,
}

impl Problem {
    /// A network between the features and the classes of `split`.
    pub fn new(split: Split, network: &Network, seed: u64) -> Self {
        let mut widths = vec![split.train.columns];
        widths.extend(&network.hidden);
        widths.push(split.train.classes.len());
        Self {
            machine: Machine::detect(),
            seed,
            train: Part::new(split.train),
            test: Part::new(split.test),
            widths,
            activation: match network.activation {
                Activation::Tanh => objective::Activation::Tanh,
                Activation::Relu => objective::Activation::Relu,
                Activation::Softplus => objective::Activation::Softplus,
                Activation::Identity => objective::Activation::Identity,
            },
            loss: match network.loss {
                Loss::HalfSquared => objective::Loss::HalfSquared,
                Loss::CrossEntropy => objective::Loss::CrossEntropy,
            },
        }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        mlp_param_len(&self.widths)
    }

    /// Where training starts; the same for every learning rate.
    ///
    /// # Errors
    /// [`HostError::Kernel`] if the network has no valid shape.
    pub fn initial(&self) -> Result<Vec<f64>, HostError> {
        let mut params = vec![0.0; self.parameters()];
        mlp_initialize(self.shape(), self.stream(purpose::PARAMETERS), &mut params)
            .map_err(|source| HostError::Kernel { doing: "choosing initial parameters", source })?;
        Ok(params)
    }

    pub(crate) fn stream(&self, purpose: u64) -> Stream {
        Stream::new(self.seed, purpose)
    }

    /// Elements of scratch for [`Problem::network`].
    pub(crate) fn scratch_len(&self, part: &Part) -> usize {
        mlp_scratch_len(&self.widths, part.rows)
    }

    /// The network on some rows.
    pub(crate) fn network<'a>(
        &'a self,
        part: &'a Part,
        scratch: &'a mut [f64],
    ) -> Result<Mlp<'a, f64>, teeter::Error> {
        let [inputs, .., outputs] = self.widths[..] else {
            return Err(teeter::Error::Short {
                argument: "widths",
                needed: 2,
                found: self.widths.len(),
            });
        };
        let inputs = MatRef::row_major(&part.inputs, part.rows, inputs)?;
        let targets = MatRef::row_major(&part.targets, part.rows, outputs)?;
        Mlp::new(self.machine, self.shape(), (inputs, targets), scratch)
    }

    fn shape(&self) -> MlpShape<'_> {
        MlpShape { widths: &self.widths, activation: self.activation, loss: self.loss }
    }
}

impl Part {
    fn new(data: Dataset) -> Self {
        let classes = data.classes.len();
        let one_hot =
            |&label: &usize| (0..classes).map(move |class| f64::from(u8::from(class == label)));
        Self {
            rows: data.rows(),
            targets: data.labels.iter().flat_map(one_hot).collect(),
            inputs: data.features,
        }
    }
}

/// Draws for shuffling rows, from the seed alone.
pub fn shuffle_below(seed: u64) -> impl FnMut(usize) -> usize {
    let stream = Stream::new(seed, purpose::SHUFFLE);
    let mut index = 0;
    move |n| {
        index += 1;
        // Below n, which is a usize.
        stream.below(index, n as u64) as usize
    }
}
