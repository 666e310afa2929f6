//! Networks of layers with data, and everything the kernel and the tape say of them.

use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, AttentionMask, Dropout, Loss, Network, NetworkLayer, NetworkShape, Objective,
    network_param_len, network_scratch_len,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine};

use crate::bound::layers::square;
use crate::oracle::layers::Forward;
use crate::oracle::tape::{Dual, Running, Tape, Var};

/// A network, its data, a point and a direction; numbers of f32, so that both formats hold them.
#[derive(Clone, Debug)]
pub struct Layers {
    /// What it shows.
    pub name: &'static str,
    /// Numbers of a sample.
    pub inputs: usize,
    /// From the input to the output.
    pub layers: Vec<NetworkLayer>,
    /// ℓ
    pub loss: Loss,
    /// The masks.
    pub dropout: Option<Dropout>,
    /// N × d
    pub x: Vec<f32>,
    /// N × out
    pub t: Vec<f32>,
    /// w
    pub params: Vec<f32>,
    /// v
    pub v: Vec<f32>,
}

/// N of every case.
pub const SAMPLES: usize = 5;

/// Everything that is asked of an objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers<X> {
    /// L
    pub loss: X,
    /// ∇L
    pub gradient: Vec<X>,
    /// Hv
    pub hessian: Vec<X>,
    /// JᵀH_L Jv/N
    pub gauss_newton: Vec<X>,
    /// (1/N) Σ g ⊙ g
    pub fisher: Vec<X>,
}

fn numbers(stream: u64, scale: f32, len: usize) -> Vec<f32> {
    let mut numbers = vec![0.0_f32; len];
    normals_into(Stream::new(77, stream), &mut numbers);
    numbers.iter().map(|x| x * scale).collect()
}

impl Layers {
    fn new(
        name: &'static str,
        (inputs, outputs): (usize, usize),
        layers: Vec<NetworkLayer>,
        loss: Loss,
    ) -> Self {
        let shape = NetworkShape { inputs, layers: &layers, loss };
        let len = network_param_len(shape).expect("layers that fit");
        let (params, v) = (numbers(1, 0.5, len), numbers(2, 1.0, len));
        let (x, mut t) = (numbers(3, 1.0, SAMPLES * inputs), numbers(4, 1.0, SAMPLES * outputs));
        if loss == Loss::CrossEntropy {
            // Not quite probabilities once rounded: the loss knows their sum.
            for row in t.chunks_mut(outputs) {
                let sum: f32 = row.iter().map(|t| t.abs()).sum();
                row.iter_mut().for_each(|t| *t = t.abs() / sum);
            }
        }
        Self { name, inputs, layers, loss, dropout: None, x, t, params, v }
    }

    /// Each kind of layer, alone between dense ones and together.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Self::activations();
        all.extend(Self::convolutions());
        all.extend(Self::tokens());
        all
    }

    /// Number by number.
    fn activations() -> Vec<Self> {
        use NetworkLayer::{Dense, Dropout as Drop, Gelu, Pointwise};
        let (half, entropy) = (Loss::HalfSquared, Loss::CrossEntropy);
        let dense = |inputs, outputs| Dense { inputs, outputs };
        let between = |layer| vec![dense(3, 4), layer, dense(4, 2)];
        let drop = |rate| Drop { rate };
        let twice = vec![drop(0.3), dense(6, 8), Gelu, drop(0.5), dense(8, 2)];
        let mut dropped = Self::new("dropout", (6, 2), twice, half);
        dropped.dropout = Some(Dropout { stream: Stream::new(5, 6), step: 7 });
        vec![
            Self::new("dense, positions", (6, 4), vec![dense(3, 2)], half),
            Self::new("tanh", (3, 2), between(Pointwise(Activation::Tanh)), half),
            Self::new("relu", (3, 2), between(Pointwise(Activation::Relu)), entropy),
            Self::new("softplus", (3, 2), between(Pointwise(Activation::Softplus)), entropy),
            Self::new("identity", (3, 2), between(Pointwise(Activation::Identity)), half),
            Self::new("gelu", (3, 2), between(Gelu), entropy),
            dropped,
        ]
    }

    /// Windows that fit, that reach beyond the ends, that leap.
    fn convolutions() -> Vec<Self> {
        use NetworkLayer::{Conv1d, Conv2d, Dense, Gelu, Mean, Pointwise};
        let half = Loss::HalfSquared;
        let line = |stride, padding| Conv1d { inputs: 2, outputs: 3, width: 3, stride, padding };
        let image = |stride, padding| {
            let (inputs, outputs, width) = (2, 3, 3);
            Conv2d { height: 5, inputs, outputs, width, stride, padding }
        };
        let last = Dense { inputs: 3, outputs: 2 };
        let padded = vec![line(1, 2), Gelu, Mean { features: 3 }, last];
        let strided = vec![line(3, 1), Pointwise(Activation::Tanh)];
        vec![
            Self::new("conv1d", (14, 15), vec![line(1, 0)], half),
            Self::new("conv1d, padded", (14, 2), padded, half),
            Self::new("conv1d, strided", (14, 9), strided, half),
            Self::new("conv2d", (40, 18), vec![image(1, 0)], half),
            Self::new("conv2d, strided and padded", (40, 18), vec![image(2, 1), Gelu], half),
        ]
    }

    /// What a transformer is made of.
    fn tokens() -> Vec<Self> {
        use NetworkLayer::{Attention, Dense, Gelu, LayerNorm, Mean, Residual};
        let (half, entropy) = (Loss::HalfSquared, Loss::CrossEntropy);
        let dense = |inputs, outputs| Dense { inputs, outputs };
        let attend = |heads, mask| Attention { features: 4, heads, mask };
        let attention = |heads, mask| {
            vec![dense(4, 12), attend(heads, mask), dense(4, 2), Mean { features: 2 }]
        };
        let norm = |features, epsilon| LayerNorm { features, epsilon };
        let normal = |epsilon| vec![dense(3, 5), norm(5, epsilon), dense(5, 2)];
        let back = |back| Residual { back };
        let residual = vec![dense(3, 3), Gelu, dense(3, 3), back(2), back(4)];
        let mut block = vec![dense(2, 4), norm(4, 1e-5), dense(4, 12)];
        block.extend([attend(2, AttentionMask::Causal), dense(4, 4), back(4), norm(4, 1e-5)]);
        block.extend([dense(4, 6), Gelu, dense(6, 4), back(4), Mean { features: 4 }, dense(4, 3)]);
        vec![
            Self::new("layer norm", (3, 2), normal(1e-5), entropy),
            Self::new("layer norm, no epsilon", (3, 2), normal(0.0), half),
            Self::new("attention", (12, 2), attention(1, AttentionMask::None), half),
            Self::new("heads, causal", (12, 2), attention(2, AttentionMask::Causal), entropy),
            Self::new("residual", (3, 3), residual, half),
            Self::new("transformer", (8, 3), block, entropy),
        ]
    }

    /// The form of the network.
    #[must_use]
    pub fn shape(&self) -> NetworkShape<'_> {
        NetworkShape { inputs: self.inputs, layers: &self.layers, loss: self.loss }
    }

    /// What the kernel says, `block` samples at a time.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn measure<T: Float>(&self, machine: Machine, block: usize) -> Result<Answers<T>, Error> {
        let convert = |x: &[f32]| x.iter().map(|&x| T::from_f32(x)).collect::<Vec<T>>();
        let [x, t, params, v] = [&self.x, &self.t, &self.params, &self.v].map(|x| convert(x));
        let (n, shape) = (params.len(), self.shape());
        let inputs = MatRef::row_major(&x, SAMPLES, self.inputs)?;
        let targets = MatRef::row_major(&t, SAMPLES, t.len() / SAMPLES)?;
        let mut scratch = vec![T::NAN; network_scratch_len(shape, block)?];
        let mut network = Network::new(machine, shape, (inputs, targets), block, &mut scratch)?;
        network.set_dropout(self.dropout);
        let loss = network.evaluate(&params)?;
        let [mut gradient, mut hessian, mut gauss_newton, mut fisher] =
            [(); 4].map(|()| vec![T::NAN; n]);
        network.gradient(&params, &mut gradient)?;
        network.hessian_product(&params, &v, &mut hessian)?;
        network.gauss_newton_product(&params, &v, &mut gauss_newton)?;
        network.fisher_diagonal(&params, &mut fisher)?;
        Ok(Answers { loss, gradient, hessian, gauss_newton, fisher })
    }

    /// The mean of the gradients of single samples, in f64.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn sample_mean(&self, machine: Machine) -> Result<Vec<f64>, Error> {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let [x, t, params] = [&self.x, &self.t, &self.params].map(|x| wide(x));
        let inputs = MatRef::row_major(&x, SAMPLES, self.inputs)?;
        let targets = MatRef::row_major(&t, SAMPLES, t.len() / SAMPLES)?;
        let mut scratch = vec![f64::NAN; network_scratch_len(self.shape(), 1)?];
        let mut network = Network::new(machine, self.shape(), (inputs, targets), 1, &mut scratch)?;
        network.set_dropout(self.dropout);
        let (mut mean, mut one) = (vec![0.0; params.len()], vec![f64::NAN; params.len()]);
        for sample in 0..SAMPLES {
            network.sample_gradient(&params, sample, &mut one)?;
            mean.iter_mut().zip(&one).for_each(|(mean, one)| *mean += one / SAMPLES as f64);
        }
        Ok(mean)
    }

    /// What the tape says, and how far numbers of a format may be from it.
    #[must_use]
    pub fn truth<T: Float>(&self) -> Answers<Running> {
        let n = self.params.len();
        let (mut loss, zero) = (Running::exact(0.0), vec![Running::exact(0.0); n]);
        let [mut gradient, mut hessian, mut gauss_newton, mut fisher] =
            [(); 4].map(|()| zero.clone());
        let share = Running::exact(1.0 / SAMPLES as f64);
        let outputs = self.t.len() / SAMPLES;
        for sample in 0..SAMPLES {
            let mut tape = Tape::default();
            let moving = self.params.iter().zip(&self.v);
            let params: Vec<Var> = moving
                .map(|(&w, &v)| tape.push(Dual::moving(f64::from(w), f64::from(v))))
                .collect();
            let row = &self.x[sample * self.inputs..(sample + 1) * self.inputs];
            let inputs = row.iter().map(|&x| tape.push(Dual::constant(f64::from(x)))).collect();
            let targets: Vec<f64> = self.t[sample * outputs..(sample + 1) * outputs]
                .iter()
                .map(|&t| f64::from(t))
                .collect();
            let mut forward = Forward { tape: &mut tape, dropout: self.dropout, sample };
            let f = forward.run(&self.layers, inputs, &params);
            let lost = forward.loss(self.loss, &f, &targets);
            let curved = forward.curve(self.loss, &f, &targets);
            loss = loss + tape.value(lost).value * share;
            let bars = tape.bars_of(&tape.pull(&[(lost, Dual::constant(1.0))]), &params);
            let seeds: Vec<(Var, Dual)> = f
                .iter()
                .zip(curved)
                .map(|(&f, value)| (f, Dual { value, along: Running::exact(0.0) }))
                .collect();
            let middle = tape.bars_of(&tape.pull(&seeds), &params);
            for i in 0..n {
                let (g, rg) = (bars[i].value, bars[i].along);
                gradient[i] = gradient[i] + g * share;
                hessian[i] = hessian[i] + rg * share;
                gauss_newton[i] = gauss_newton[i] + middle[i].value * share;
                fisher[i] = fisher[i] + square::<T>(g) * share;
            }
        }
        Answers { loss, gradient, hessian, gauss_newton, fisher }
    }
}
