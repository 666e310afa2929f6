//! Networks of layers, number by number, on the tape: definitions, and no formula of a derivative.

use teeter::objective::{Activation, AttentionMask, Dropout, Loss, NetworkLayer};

use super::tape::{Dual, Running, Tape, Var};

/// A window: rows and columns before it moves, taps, stride, padding, channels.
struct Window {
    size: [usize; 2],
    taps: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    channels: [usize; 2],
}

/// The outputs of `sample` for one row of inputs.
pub struct Forward<'a> {
    /// Where everything is recorded.
    pub tape: &'a mut Tape,
    /// The masks.
    pub dropout: Option<Dropout>,
    /// Which sample of the data.
    pub sample: usize,
}

impl Forward<'_> {
    /// From the inputs through all layers.
    pub fn run(&mut self, layers: &[NetworkLayer], inputs: Vec<Var>, params: &[Var]) -> Vec<Var> {
        let (mut rows, mut at) = (vec![inputs], 0);
        for (index, layer) in layers.iter().enumerate() {
            let x = rows[index].clone();
            let (y, used) = self.layer((index, layer), &x, &params[at..]);
            at += used;
            let y = if let NetworkLayer::Residual { back } = *layer {
                let skipped = rows[index - back].clone();
                y.iter().zip(&skipped).map(|(&y, &s)| self.tape.add(y, s)).collect()
            } else {
                y
            };
            rows.push(y);
        }
        rows.pop().unwrap_or_default()
    }

    fn layer(
        &mut self,
        (index, layer): (usize, &NetworkLayer),
        x: &[Var],
        params: &[Var],
    ) -> (Vec<Var>, usize) {
        match *layer {
            NetworkLayer::Dense { inputs, outputs } => {
                let size = [1, x.len() / inputs];
                let (taps, stride, padding) = ([1, 1], [1, 1], [0, 0]);
                self.window(
                    &Window { size, taps, stride, padding, channels: [inputs, outputs] },
                    x,
                    params,
                )
            }
            NetworkLayer::Conv1d { inputs, outputs, width, stride, padding } => {
                let size = [1, x.len() / inputs];
                let channels = [inputs, outputs];
                let (taps, stride, padding) = ([1, width], [1, stride], [0, padding]);
                self.window(&Window { size, taps, stride, padding, channels }, x, params)
            }
            NetworkLayer::Conv2d { height, inputs, outputs, width, stride, padding } => {
                let size = [height, x.len() / (height * inputs)];
                let channels = [inputs, outputs];
                let (taps, stride, padding) = ([width; 2], [stride; 2], [padding; 2]);
                self.window(&Window { size, taps, stride, padding, channels }, x, params)
            }
            NetworkLayer::LayerNorm { features, epsilon } => {
                let y = x.chunks(features).flat_map(|x| self.normalize(x, epsilon, params));
                (y.collect(), 2 * features)
            }
            NetworkLayer::Attention { features, heads, mask } => {
                (self.attention(x, features, heads, mask), 0)
            }
            NetworkLayer::Pointwise(f) => (x.iter().map(|&x| self.activation(f, x)).collect(), 0),
            NetworkLayer::Gelu => (x.iter().map(|&x| self.gelu(x)).collect(), 0),
            NetworkLayer::Mean { features } => {
                let count = x.len() / features;
                let y = (0..features).map(|j| {
                    let column: Vec<Var> = (0..count).map(|i| x[i * features + j]).collect();
                    let sum = self.tape.sum(&column);
                    self.tape.scale(1.0 / count as f64, sum)
                });
                (y.collect(), 0)
            }
            NetworkLayer::Dropout { rate } => (self.drop(index, rate, x), 0),
            NetworkLayer::Residual { .. } => (x.to_vec(), 0),
        }
    }

    fn window(&mut self, window: &Window, x: &[Var], params: &[Var]) -> (Vec<Var>, usize) {
        let Window { size, taps, stride, padding, channels: [inputs, outputs] } = *window;
        let count = |side: usize| (size[side] + 2 * padding[side] - taps[side]) / stride[side] + 1;
        let bias = taps[0] * taps[1] * inputs * outputs;
        let mut y = vec![];
        for (i, j) in (0..count(0)).flat_map(|i| (0..count(1)).map(move |j| (i, j))) {
            for out in 0..outputs {
                let mut terms = vec![params[bias + out]];
                for (a, b) in (0..taps[0]).flat_map(|a| (0..taps[1]).map(move |b| (a, b))) {
                    let row = (i * stride[0] + a).checked_sub(padding[0]);
                    let column = (j * stride[1] + b).checked_sub(padding[1]);
                    let (Some(row), Some(column)) = (row, column) else { continue };
                    if row >= size[0] || column >= size[1] {
                        continue;
                    }
                    for c in 0..inputs {
                        let w = params[((a * taps[1] + b) * inputs + c) * outputs + out];
                        terms.push(self.tape.mul(x[(row * size[1] + column) * inputs + c], w));
                    }
                }
                y.push(self.tape.sum(&terms));
            }
        }
        (y, bias + outputs)
    }

    fn normalize(&mut self, x: &[Var], epsilon: f64, params: &[Var]) -> Vec<Var> {
        let (n, tape) = (x.len(), &mut *self.tape);
        let sum = tape.sum(x);
        let mean = tape.scale(1.0 / n as f64, sum);
        let off: Vec<Var> = x.iter().map(|&x| tape.sub(x, mean)).collect();
        let squares = tape.dot(&off, &off);
        let variance = tape.scale(1.0 / n as f64, squares);
        let epsilon = tape.push(Dual::constant(epsilon));
        let shifted = tape.add(variance, epsilon);
        let root = tape.sqrt(shifted);
        let scale = tape.reciprocal(root);
        let each = off.iter().enumerate().map(|(j, &off)| {
            let hat = tape.mul(off, scale);
            let scaled = tape.mul(params[j], hat);
            tape.add(scaled, params[n + j])
        });
        each.collect()
    }

    fn attention(
        &mut self,
        x: &[Var],
        features: usize,
        heads: usize,
        mask: AttentionMask,
    ) -> Vec<Var> {
        let (tokens, width) = (x.len() / (3 * features), features / heads);
        let at = |token: usize, third: usize, head: usize| -> Vec<Var> {
            let start = (token * 3 + third) * features + head * width;
            x[start..start + width].to_vec()
        };
        let mut y = vec![];
        for token in 0..tokens {
            for head in 0..heads {
                let seen = if mask == AttentionMask::Causal { token + 1 } else { tokens };
                let scores: Vec<Var> = (0..seen)
                    .map(|other| {
                        let score = self.tape.dot(&at(token, 0, head), &at(other, 1, head));
                        self.tape.scale(1.0 / (width as f64).sqrt(), score)
                    })
                    .collect();
                let p = self.softmax(&scores);
                for j in 0..width {
                    let column: Vec<Var> = (0..seen).map(|other| at(other, 2, head)[j]).collect();
                    y.push(self.tape.dot(&p, &column));
                }
            }
        }
        y
    }

    /// Shifted by the largest, as everyone does; the shift is a constant and changes no derivative.
    fn softmax(&mut self, scores: &[Var]) -> Vec<Var> {
        let tape = &mut *self.tape;
        let largest =
            scores.iter().map(|&s| tape.value(s).value.value).fold(f64::NEG_INFINITY, f64::max);
        let shift = tape.push(Dual::constant(-largest));
        let exps: Vec<Var> = scores
            .iter()
            .map(|&s| {
                let shifted = tape.add(s, shift);
                tape.exp(shifted)
            })
            .collect();
        let sum = tape.sum(&exps);
        let inverse = tape.reciprocal(sum);
        exps.iter().map(|&e| tape.mul(e, inverse)).collect()
    }

    fn activation(&mut self, f: Activation, x: Var) -> Var {
        let tape = &mut *self.tape;
        match f {
            Activation::Tanh => tape.tanh(x),
            Activation::Relu => tape.relu(x),
            Activation::Softplus => {
                let e = tape.exp(x);
                let one = tape.push(Dual::constant(1.0));
                let sum = tape.add(one, e);
                tape.ln(sum)
            }
            Activation::Identity => x,
        }
    }

    fn gelu(&mut self, x: Var) -> Var {
        let tape = &mut *self.tape;
        let square = tape.mul(x, x);
        let cube = tape.mul(square, x);
        let bent = tape.scale(0.044_715, cube);
        let sum = tape.add(x, bent);
        let inner = tape.scale((2.0 / std::f64::consts::PI).sqrt(), sum);
        let t = tape.tanh(inner);
        let one = tape.push(Dual::constant(1.0));
        let factor = tape.add(one, t);
        let product = tape.mul(x, factor);
        tape.scale(0.5, product)
    }

    fn drop(&mut self, layer: usize, rate: f64, x: &[Var]) -> Vec<Var> {
        let Some(Dropout { stream, step }) = self.dropout else { return x.to_vec() };
        let stream = stream.child(step).child(layer as u64);
        let first = self.sample * x.len();
        x.iter()
            .enumerate()
            .map(|(i, &x)| {
                // The high 32 bits, as a number in [0, 1).
                let uniform = (stream.bits((first + i) as u64) >> 32) as f64 / 2.0_f64.powi(32);
                let kept = uniform >= rate;
                self.tape.scale(if kept { 1.0 / (1.0 - rate) } else { 0.0 }, x)
            })
            .collect()
    }

    /// ℓ of outputs and targets.
    pub fn loss(&mut self, loss: Loss, outputs: &[Var], targets: &[f64]) -> Var {
        match loss {
            Loss::HalfSquared => {
                let off: Vec<Var> = outputs
                    .iter()
                    .zip(targets)
                    .map(|(&f, &t)| {
                        let minus = self.tape.push(Dual::constant(-t));
                        self.tape.add(f, minus)
                    })
                    .collect();
                let squares = self.tape.dot(&off, &off);
                self.tape.scale(0.5, squares)
            }
            Loss::CrossEntropy => {
                let p = self.softmax(outputs);
                let logs: Vec<Var> = p
                    .iter()
                    .zip(targets)
                    .map(|(&p, &t)| {
                        let log = self.tape.ln(p);
                        self.tape.scale(-t, log)
                    })
                    .collect();
                self.tape.sum(&logs)
            }
        }
    }

    /// ∂²ℓ/∂f² times R of the outputs: what the Gauss–Newton product puts in the middle.
    pub fn curve(&mut self, loss: Loss, outputs: &[Var], targets: &[f64]) -> Vec<Running> {
        let r: Vec<Running> = outputs.iter().map(|&f| self.tape.value(f).along).collect();
        if loss == Loss::HalfSquared {
            return r;
        }
        let p = self.softmax(outputs);
        let p: Vec<Running> = p.iter().map(|&p| self.tape.value(p).value).collect();
        let mass = Running::exact(targets.iter().sum());
        let products = p.iter().zip(&r).map(|(&p, &r)| p * r);
        let mean = products.fold(Running::exact(0.0), |sum, product| sum + product);
        p.iter().zip(&r).map(|(&p, &r)| mass * (p * (r - mean))).collect()
    }
}
