//! Small networks with their data, and everything the kernel says of them.

use teeter::Machine;
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, Objective, mlp_param_len, mlp_scratch_len,
};
use teeter::operator::LinearOperator;
use teeter::random::{Stream, normals_into};

/// A network and its data.
#[derive(Clone, Debug)]
pub struct Network {
    /// d, h₁, …, out.
    pub widths: Vec<usize>,
    /// f of the hidden layers.
    pub activation: Activation,
    /// ℓ
    pub loss: Loss,
    /// N
    pub samples: usize,
    /// Inputs, N × d.
    pub x: Vec<f64>,
    /// Targets, N × out.
    pub t: Vec<f64>,
}

/// Every activation.
pub const ACTIVATIONS: [Activation; 4] =
    [Activation::Tanh, Activation::Relu, Activation::Softplus, Activation::Identity];
/// Both losses.
pub const LOSSES: [Loss; 2] = [Loss::HalfSquared, Loss::CrossEntropy];
/// One to four layers.
pub const DEPTHS: [&[usize]; 4] = [&[3, 2], &[3, 4, 2], &[2, 3, 4, 3], &[3, 2, 4, 3, 2]];

impl Network {
    /// Normal inputs; normal targets, or probabilities for the cross-entropy.
    #[must_use]
    pub fn new(widths: &[usize], activation: Activation, loss: Loss, samples: usize) -> Self {
        let (d, outputs) = (widths[0], widths[widths.len() - 1]);
        let (mut x, mut t) = (vec![0.0; samples * d], vec![0.0; samples * outputs]);
        normals_into(Stream::new(1, 0), &mut x);
        normals_into(Stream::new(1, 1), &mut t);
        if loss == Loss::CrossEntropy {
            for row in t.chunks_mut(outputs) {
                row.iter_mut().for_each(|t| *t = f64::exp(*t));
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|t| *t /= sum);
            }
        }
        Self { widths: widths.to_vec(), activation, loss, samples, x, t }
    }

    /// Every activation, loss and depth.
    #[must_use]
    pub fn all(samples: usize) -> Vec<Self> {
        let mut cases = vec![];
        for activation in ACTIVATIONS {
            for loss in LOSSES {
                cases.extend(DEPTHS.map(|widths| Self::new(widths, activation, loss, samples)));
            }
        }
        cases
    }

    /// The form, for the kernel.
    #[must_use]
    pub fn shape(&self) -> MlpShape<'_> {
        MlpShape { widths: &self.widths, activation: self.activation, loss: self.loss }
    }

    /// Number of parameters.
    #[must_use]
    pub fn dim(&self) -> usize {
        mlp_param_len(&self.widths)
    }

    /// Normal parameters, so that biases are not small.
    #[must_use]
    pub fn params(&self) -> Vec<f64> {
        self.vector(7)
    }

    /// A normal vector of as many elements, one per stream.
    #[must_use]
    pub fn vector(&self, stream: u64) -> Vec<f64> {
        let mut v = vec![0.0; self.dim()];
        normals_into(Stream::new(2, stream), &mut v);
        v
    }

    /// Sample n alone.
    #[must_use]
    pub fn sample(&self, n: usize) -> Self {
        let (d, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        Self {
            samples: 1,
            x: self.x[n * d..(n + 1) * d].to_vec(),
            t: self.t[n * outputs..(n + 1) * outputs].to_vec(),
            ..self.clone()
        }
    }

    /// Runs `body` on the kernel's network.
    ///
    /// # Panics
    /// If the kernel refuses the shapes.
    pub fn with<R>(&self, machine: Machine, body: impl FnOnce(&mut Mlp<'_, f64>) -> R) -> R {
        let (d, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let x = MatRef::row_major(&self.x, self.samples, d).expect("inputs fit");
        let t = MatRef::row_major(&self.t, self.samples, outputs).expect("targets fit");
        // NaN where nothing may be read before it is written.
        let mut scratch = vec![f64::NAN; mlp_scratch_len(&self.widths, self.samples)];
        let mut mlp = Mlp::new(machine, self.shape(), (x, t), &mut scratch).expect("shapes fit");
        body(&mut mlp)
    }

    /// Everything at `params`, along v.
    ///
    /// # Panics
    /// If the kernel refuses.
    #[must_use]
    pub fn measure(&self, machine: Machine, params: &[f64], v: &[f64]) -> Derivatives {
        self.with(machine, |mlp| Derivatives::of(mlp, params, v))
    }

    /// L at `params`.
    ///
    /// # Panics
    /// If the kernel refuses.
    #[must_use]
    pub fn loss_at(&self, params: &[f64]) -> f64 {
        self.with(Machine::detect(), |mlp| mlp.evaluate(params)).expect("evaluates")
    }

    /// ∇L at `params`.
    ///
    /// # Panics
    /// If the kernel refuses.
    #[must_use]
    pub fn gradient_at(&self, params: &[f64]) -> Vec<f64> {
        self.measure(Machine::detect(), params, params).gradient
    }
}

/// Everything an objective gives.
#[derive(Clone, Debug)]
pub struct Derivatives {
    /// L
    pub loss: f64,
    /// ∇L
    pub gradient: Vec<f64>,
    /// ∇²L·v
    pub hessian: Vec<f64>,
    /// Gauss–Newton product.
    pub gauss_newton: Vec<f64>,
    /// Diagonal of the empirical Fisher matrix.
    pub fisher: Vec<f64>,
}

impl Derivatives {
    /// Everything that `objective` gives at `params`, along v.
    ///
    /// # Panics
    /// If it refuses.
    #[must_use]
    pub fn of(objective: &mut impl Objective<f64>, params: &[f64], v: &[f64]) -> Self {
        let out = vec![f64::NAN; objective.dim()];
        let mut at = At::new(objective, params).expect("evaluates");
        let mut all = [out.clone(), out.clone(), out.clone(), out];
        at.gradient(&mut all[0]).expect("gradient");
        at.hessian().apply(v, &mut all[1]).expect("hessian");
        at.gauss_newton().apply(v, &mut all[2]).expect("gauss_newton");
        at.fisher_diagonal(&mut all[3]).expect("fisher");
        let loss = at.loss();
        let [gradient, hessian, gauss_newton, fisher] = all;
        Self { loss, gradient, hessian, gauss_newton, fisher }
    }

    /// All of it as bits.
    #[must_use]
    pub fn bits(&self) -> Vec<u64> {
        let parts = [&self.gradient, &self.hessian, &self.gauss_newton, &self.fisher];
        let all = parts.into_iter().flatten().map(|x| x.to_bits());
        std::iter::once(self.loss.to_bits()).chain(all).collect()
    }
}

/// eᵢ of n.
#[must_use]
pub fn basis(n: usize, i: usize) -> Vec<f64> {
    let mut e = vec![0.0; n];
    e[i] = 1.0;
    e
}

/// w + step·v
#[must_use]
pub fn moved(w: &[f64], step: f64, v: &[f64]) -> Vec<f64> {
    w.iter().zip(v).map(|(w, v)| w + step * v).collect()
}
