//! What a network is made of: kinds of layers, their lengths, where their numbers lie.

use crate::check;
use crate::error::Error;
use crate::objective::Activation;
use crate::objective::network::affine::Affine;

/// Which tokens a token attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum AttentionMask {
    /// All.
    None,
    /// Itself and those before it.
    Causal,
}

/// One layer: a map from the numbers of a sample to others.
///
/// A sample is one row of numbers. Layers that speak of `inputs` or `features` read it as positions (tokens, pixels)
/// one after the other, each with so many numbers, channels last; how many positions there are follows from the
/// length of the row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NetworkLayer {
    /// y = xW + b at each position.
    ///
    /// Parameters: W, inputs × outputs, row-major, then b, outputs.
    Dense {
        /// Numbers of a position before.
        inputs: usize,
        /// And after.
        outputs: usize,
    },
    /// y(t) = b + Σₖ x(stride·t + k − padding)·Wₖ over the taps k of a window; zeros beyond the ends.
    ///
    /// Parameters: W, width × inputs × outputs, then b, outputs.
    Conv1d {
        /// Channels before.
        inputs: usize,
        /// Channels after.
        outputs: usize,
        /// Taps.
        width: usize,
        /// Positions from one window to the next, at least 1.
        stride: usize,
        /// Zeros before the first position and after the last.
        padding: usize,
    },
    /// The same over rows and columns of an image whose rows follow one another.
    ///
    /// Parameters: W, width × width × inputs × outputs, then b, outputs.
    Conv2d {
        /// Rows of the image; its columns follow from the length.
        height: usize,
        /// Channels before.
        inputs: usize,
        /// Channels after.
        outputs: usize,
        /// Taps along each side of a square window.
        width: usize,
        /// Rows and columns from one window to the next, at least 1.
        stride: usize,
        /// Zeros on every side.
        padding: usize,
    },
    /// y = γ ⊙ (x − μ)/√(σ² + ε) + β at each position, with its own mean μ and variance σ² = mean (x − μ)².
    ///
    /// Parameters: γ, then β, features each.
    LayerNorm {
        /// Numbers of a position.
        features: usize,
        /// ε ≥ 0, in units of x².
        epsilon: f64,
    },
    /// y = f(x), number by number.
    Pointwise(Activation),
    /// y = ½x(1 + tanh(√(2/π)(x + 0.044715 x³))), number by number: GELU in its tanh form.
    Gelu,
    /// Y = softmax(QKᵀ/√e)V for each head, e = features/heads. A position holds q, k and v, features each: what a
    /// [`Dense`](Self::Dense) layer of 3·features outputs has made.
    Attention {
        /// Numbers of a position after; three times as many before.
        features: usize,
        /// Heads; they divide the features.
        heads: usize,
        /// Which tokens a token attends to.
        mask: AttentionMask,
    },
    /// y = x + the input of the layer `back` layers before this one: a residual connection around those.
    Residual {
        /// How far back, at least 1.
        back: usize,
    },
    /// y = the mean over positions.
    Mean {
        /// Numbers of a position.
        features: usize,
    },
    /// y = 0 with probability `rate`, else x/(1 − rate), where [`Network::set_dropout`] has turned it on; else y = x.
    ///
    /// [`Network::set_dropout`]: crate::objective::Network::set_dropout
    Dropout {
        /// In [0, 1).
        rate: f64,
    },
}

/// The form of a network, without its numbers.
///
/// # Shapes
/// A sample has `inputs` numbers; each layer maps them to its own; the last layer's are the outputs. Parameters lie
/// layer after layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkShape<'a> {
    /// Numbers of a sample.
    pub inputs: usize,
    /// From the input to the output.
    pub layers: &'a [NetworkLayer],
    /// ℓ, whose mean over the samples is the loss.
    pub loss: crate::objective::Loss,
}

/// A layer and where its numbers lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) index: usize,
    pub(super) layer: NetworkLayer,
    /// Numbers of a sample before and after.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Numbers of a sample in all layers' inputs before this one's.
    pub(super) start: usize,
    /// Where its parameters begin, and how many.
    pub(super) params: usize,
    pub(super) param_len: usize,
}

impl NetworkLayer {
    /// Positions of `features` numbers in a row of `len`.
    fn positions(len: usize, features: usize) -> Result<usize, Error> {
        check::not_empty("layers", features)?;
        let count = len / features.max(1);
        check::same_len("layers", count * features, len)?;
        Ok(count)
    }

    /// The windows of a convolution or of a dense layer over a row of `len`.
    pub(super) fn affine(&self, len: usize) -> Result<Option<Affine>, Error> {
        match *self {
            Self::Dense { inputs, outputs } => {
                let columns = Self::positions(len, inputs)?;
                Affine::new([1, columns], [inputs, outputs], [1, 1], [1, 1], [0, 0]).map(Some)
            }
            Self::Conv1d { inputs, outputs, width, stride, padding } => {
                let columns = Self::positions(len, inputs)?;
                let (taps, steps) = ([1, width], [1, stride]);
                Affine::new([1, columns], [inputs, outputs], taps, steps, [0, padding]).map(Some)
            }
            Self::Conv2d { height, inputs, outputs, width, stride, padding } => {
                let columns = Self::positions(len, height.saturating_mul(inputs))?;
                let (taps, steps) = ([width; 2], [stride; 2]);
                Affine::new([height, columns], [inputs, outputs], taps, steps, [padding; 2])
                    .map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Numbers of a sample after this layer, `len` before it.
    fn output_len(&self, len: usize) -> Result<usize, Error> {
        if let Some(affine) = self.affine(len)? {
            return Ok(affine.output_len());
        }
        match *self {
            Self::LayerNorm { features, epsilon } => {
                check::in_range("epsilon", epsilon, 0.0, f64::MAX)?;
                Self::positions(len, features).map(|_| len)
            }
            Self::Attention { features, heads, .. } => {
                check::not_empty("heads", heads)?;
                Self::positions(features, heads)?;
                let tokens = Self::positions(len, features.saturating_mul(3))?;
                Ok(tokens * features)
            }
            Self::Mean { features } => Self::positions(len, features).map(|_| features),
            Self::Dropout { rate } => {
                check::in_range("rate", rate, 0.0, 1.0 - f64::EPSILON).map(|()| len)
            }
            Self::Residual { back } => check::not_empty("back", back).map(|()| len),
            _ => Ok(len),
        }
    }

    /// Parameters of this layer before which a sample has `len` numbers.
    fn param_len(&self, len: usize) -> Result<usize, Error> {
        Ok(match *self {
            Self::LayerNorm { features, .. } => features.saturating_mul(2),
            _ => self.affine(len)?.map_or(0, |affine| affine.param_len()),
        })
    }

    /// Elements of work that this layer needs besides, for a block of `samples`.
    fn work_len(&self, len: usize, samples: usize) -> usize {
        match *self {
            Self::Attention { features, .. } => {
                let tokens = len / features.saturating_mul(3).max(1);
                tokens.saturating_mul(tokens).saturating_mul(4)
            }
            Self::Pointwise(_) | Self::Gelu => len.saturating_mul(samples),
            _ => 0,
        }
    }
}

impl<'a> NetworkShape<'a> {
    /// The layers from the input to the output.
    pub(super) fn sites(self) -> impl Iterator<Item = Result<Site, Error>> + use<'a> {
        let (mut inputs, mut start, mut params) = (self.inputs, 0_usize, 0_usize);
        self.layers.iter().enumerate().map(move |(index, &layer)| {
            let outputs = layer.output_len(inputs)?;
            let param_len = layer.param_len(inputs)?;
            let site = Site { index, layer, inputs, outputs, start, params, param_len };
            start = start.saturating_add(inputs);
            params = params.saturating_add(param_len);
            inputs = outputs;
            Ok(site)
        })
    }

    /// Layer `index`.
    pub(super) fn site(self, index: usize) -> Result<Site, Error> {
        let missing = Error::Short {
            argument: "layers",
            needed: index.saturating_add(1),
            found: self.layers.len(),
        };
        self.sites().nth(index).unwrap_or(Err(missing))
    }

    /// The layers from the output to the input.
    pub(super) fn sites_reversed(self) -> impl Iterator<Item = Result<Site, Error>> + use<'a> {
        (0..self.layers.len()).rev().map(move |index| self.site(index))
    }

    /// Where the input of the layer `back` before `site` begins; it must be as long as what it is added to.
    pub(super) fn skipped(self, site: &Site, back: usize) -> Result<usize, Error> {
        let from = site.index.checked_sub(back);
        let short = Error::Short { argument: "back", needed: back, found: site.index };
        let from = self.site(from.ok_or(short)?)?;
        check::same_len("back", site.outputs, from.inputs)?;
        Ok(from.start)
    }

    /// Checks every layer and returns what all of them need.
    pub(super) fn lengths(self, samples: usize) -> Result<Lengths, Error> {
        check::not_empty("inputs", self.inputs)?;
        check::not_empty("layers", self.layers.len())?;
        let mut all = Lengths { units: self.inputs, outputs: self.inputs, params: 0, work: 0 };
        for site in self.sites() {
            let site = site?;
            check::not_empty("layers", site.outputs)?;
            if let NetworkLayer::Residual { back } = site.layer {
                self.skipped(&site, back)?;
            }
            all.units = all.units.saturating_add(site.outputs);
            all.params = all.params.saturating_add(site.param_len);
            all.work = all.work.max(site.layer.work_len(site.inputs, samples));
            all.outputs = site.outputs;
        }
        Ok(all)
    }
}

/// How many numbers a network holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    /// Of a sample, inputs and outputs of all layers.
    pub(super) units: usize,
    pub(super) outputs: usize,
    pub(super) params: usize,
    /// Of what its layers need besides.
    pub(super) work: usize,
}
