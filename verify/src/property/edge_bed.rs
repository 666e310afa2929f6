//! Sixty parameters that train to the edge of stability, with their Hessian exact at every look.
//!
//! Twenty points on [−1, 1], target 4x³ − 3x, a network of twenty tanh units without a bias at its output; first weights
//! N(0, 1.9²·2/21), output weights N(0, 2/21), biases 0; L = (1/40)Σr², all points in every step.

use serde::Serialize;
use teeter::curvature::{UpdateRule, stability_threshold};
use teeter::factor::{symmetric_eigen, symmetric_eigen_scratch_len};
use teeter::matrix::{MatMut, MatRef};
use teeter::objective::{Activation, At, Loss, Mlp, MlpShape, mlp_param_len, mlp_scratch_len};
use teeter::operator::LinearOperator;
use teeter::optim::{Adam, AdamState, EpsilonPlacement, Momentum, Sam, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};

use super::{Context, Measured};
use crate::bound::edge as bound;

const WIDTHS: [usize; 3] = [1, 20, 1];
const POINTS: usize = 20;
/// Without the bias of the output, which stays 0.
const PARAMS: usize = 60;
/// Steps of a run, from one look at the Hessian to the next, and looks at the end that count.
const STEPS: usize = 12_000;
const LOOK_EVERY: usize = 100;
const LOOKS: usize = 30;

/// What trains the bed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trainer {
    /// Gradient descent, with momentum or without.
    Sgd(Momentum<f64>),
    /// Gradient descent with the gradient of the point ρ uphill.
    Sam(f64),
    /// Adam, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, by its preconditioned sharpness.
    Adam,
}

/// One run of the bed.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// λ₁/threshold, the mean of the last looks.
    pub ratio: f64,
    /// Its standard deviation over them.
    pub deviation: f64,
    /// The largest ratio at any look.
    pub largest: f64,
    /// The loss at the end.
    pub loss: f64,
    /// λ₁ of the Hessian itself at the end.
    pub sharpness: f64,
}

/// The edge a trainer has where the gradient has this norm.
fn edge(trainer: Trainer, rate: f64, gradient_norm: f64) -> Result<f64, Error> {
    let rule = match trainer {
        Trainer::Sgd(Momentum::None) => UpdateRule::GradientDescent,
        Trainer::Sgd(Momentum::Polyak(beta)) => UpdateRule::Polyak { beta },
        Trainer::Sgd(Momentum::Nesterov(beta)) => UpdateRule::Nesterov { beta },
        Trainer::Sgd(Momentum::Ema(beta)) => UpdateRule::Ema { beta },
        Trainer::Sam(rho) => UpdateRule::Sam { rho, gradient_norm },
        Trainer::Adam => UpdateRule::Adam { beta1: ADAM.beta1 },
    };
    stability_threshold(rule, rate)
}

const ADAM: Adam<f64> = Adam {
    learning_rate: 0.0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    epsilon_placement: EpsilonPlacement::Outside,
    weight_decay: 0.0,
};

fn start(seed: u64) -> Vec<f64> {
    let mut w = vec![0.0; mlp_param_len(&WIDTHS)];
    let scale = (2.0_f64 / 21.0).sqrt();
    let (first, rest) = w.split_at_mut(20);
    normals_into(Stream::new(seed, 0), first);
    normals_into(Stream::new(seed, 1), &mut rest[20..40]);
    first.iter_mut().for_each(|w| *w *= 1.9 * scale);
    rest[20..40].iter_mut().for_each(|w| *w *= scale);
    w
}

/// Trains and looks.
///
/// # Errors
/// If the kernel refuses: a loss that diverged does.
pub fn run(machine: Machine, trainer: Trainer, rate: f64, seed: u64) -> Result<Run, Error> {
    let x: Vec<f64> = (0..POINTS).map(|i| 2.0 * i as f64 / (POINTS - 1) as f64 - 1.0).collect();
    let t: Vec<f64> = x.iter().map(|x| 4.0 * x * x * x - 3.0 * x).collect();
    let mut scratch = vec![0.0; mlp_scratch_len(&WIDTHS, POINTS)];
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let (x, t) = (MatRef::row_major(&x, POINTS, 1)?, MatRef::row_major(&t, POINTS, 1)?);
    let mut mlp = Mlp::new(machine, shape, (x, t), &mut scratch)?;
    let mut w = start(seed);
    let n = w.len();
    let (mut gradient, mut saved) = (vec![0.0; n], vec![0.0; n]);
    let (mut velocity, mut first, mut second) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut moments = AdamState::new(&mut first, &mut second);
    let momentum = if let Trainer::Sgd(momentum) = trainer { momentum } else { Momentum::None };
    let sgd = Sgd { learning_rate: rate, momentum, weight_decay: 0.0 };
    let mut ratios = Vec::new();
    let mut sharpness = f64::NAN;
    for step in 1..=STEPS {
        At::new(&mut mlp, &w)?.gradient(&mut gradient)?;
        gradient[PARAMS] = 0.0;
        match trainer {
            Trainer::Sgd(_) => {
                let velocity = if momentum == Momentum::None { &mut [][..] } else { &mut velocity };
                sgd.step(machine, &gradient, &mut SgdState { velocity }, &mut w)?;
            }
            Trainer::Sam(rho) => {
                let moved = Sam { rho }.perturb(machine, &gradient, &mut w, &mut saved)?;
                At::new(&mut mlp, moved.params())?.gradient(&mut gradient)?;
                moved.restore();
                gradient[PARAMS] = 0.0;
                sgd.step(machine, &gradient, &mut SgdState { velocity: &mut [] }, &mut w)?;
            }
            Trainer::Adam => {
                Adam { learning_rate: rate, ..ADAM }.step(
                    machine,
                    &gradient,
                    &mut moments,
                    &mut w,
                )?;
            }
        }
        if !step.is_multiple_of(LOOK_EVERY) {
            continue;
        }
        let metric = match trainer {
            Trainer::Adam => metric(&moments),
            _ => vec![1.0; PARAMS],
        };
        let [plain, seen] = look(machine, &mut mlp, &w, &metric)?;
        At::new(&mut mlp, &w)?.gradient(&mut gradient)?;
        gradient[PARAMS] = 0.0;
        let norm = teeter::vector::norm2(machine, &gradient);
        ratios.push(seen / edge(trainer, rate, norm)?);
        sharpness = plain;
    }
    let last = &ratios[ratios.len() - LOOKS..];
    let ratio = last.iter().sum::<f64>() / LOOKS as f64;
    let square = last.iter().map(|r| (r - ratio).powi(2)).sum::<f64>();
    Ok(Run {
        ratio,
        deviation: (square / (LOOKS - 1) as f64).sqrt(),
        largest: ratios.iter().copied().fold(0.0, f64::max),
        loss: At::new(&mut mlp, &w)?.loss(),
        sharpness,
    })
}

/// P = (1 − β₁ᵗ)(√v̂ + ε).
fn metric(moments: &AdamState<'_, f64>) -> Vec<f64> {
    let (one, two) = (1.0 - moments.beta1_power, 1.0 - moments.beta2_power);
    moments.second[..PARAMS].iter().map(|v| one * ((v / two).sqrt() + ADAM.epsilon)).collect()
}

/// λ₁ of H and of P^{−½}HP^{−½}, every column of H a product.
fn look(
    machine: Machine,
    mlp: &mut Mlp<'_, f64>,
    w: &[f64],
    metric: &[f64],
) -> Result<[f64; 2], Error> {
    let mut at = At::new(mlp, w)?;
    let (mut basis, mut product) = (vec![0.0; w.len()], vec![0.0; w.len()]);
    let mut h = vec![0.0; PARAMS * PARAMS];
    for (i, column) in h.chunks_mut(PARAMS).enumerate() {
        basis[i] = 1.0;
        at.hessian().apply(&basis, &mut product)?;
        basis[i] = 0.0;
        column.copy_from_slice(&product[..PARAMS]);
    }
    let scaled = h
        .iter()
        .enumerate()
        .map(|(e, x)| x / metric[e / PARAMS].sqrt() / metric[e % PARAMS].sqrt());
    let scaled = scaled.collect();
    Ok([top(machine, h)?, top(machine, scaled)?])
}

fn top(machine: Machine, mut a: Vec<f64>) -> Result<f64, Error> {
    let mut values = vec![0.0; PARAMS];
    let mut scratch = vec![0.0; symmetric_eigen_scratch_len(PARAMS)];
    let view = MatMut::row_major(&mut a, PARAMS, PARAMS)?;
    symmetric_eigen(machine, view, &mut values, &mut scratch)?;
    Ok(values[PARAMS - 1])
}

/// The runs that must end at the edge: name, trainer, η.
#[must_use]
pub fn runs() -> Vec<(&'static str, Trainer, f64)> {
    vec![
        ("GD", Trainer::Sgd(Momentum::None), 0.4),
        ("GD", Trainer::Sgd(Momentum::None), 0.25),
        ("GD", Trainer::Sgd(Momentum::None), 0.15),
        ("SAM ρ = 0.05", Trainer::Sam(0.05), 0.4),
        ("SAM ρ = 0.05", Trainer::Sam(0.05), 0.25),
        ("SAM ρ = 0.1", Trainer::Sam(0.1), 0.25),
        ("Adam", Trainer::Adam, 1e-2),
        ("Adam", Trainer::Adam, 3e-3),
    ]
}

/// One of each kind: their ratios are 1 ± 0.1 (oracle 25).
#[must_use]
pub fn training_ends_at_the_edge(machine: Machine) -> Measured {
    let mut worst = super::Worst::default();
    for (_, trainer, rate) in runs().into_iter().filter(|run| [0.4, 0.01].contains(&run.2)) {
        let ratio = run(machine, trainer, rate, SEED).map_or(f64::NAN, |run| run.ratio);
        worst.see_f64((ratio - 1.0).abs(), bound::BED);
    }
    let context = Context { layer: "curvature", machine: machine.name(), format: "f64" };
    worst.finish(context, "sixty parameters end at the edge of GD, SAM, Adam")
}

/// The seed of the runs that are held to the bound.
pub const SEED: u64 = 0;

/// One per cent of a threshold to either side, by the optimizers themselves.
#[derive(Clone, Debug, Serialize)]
pub struct Threshold {
    /// The rule.
    pub rule: String,
    /// λ at the threshold, for η as given.
    pub edge: f64,
    /// ln|w| per step at 0.99 and at 1.01 of it.
    pub growth: [f64; 2],
}

impl Threshold {
    /// Below it shrinks, above it grows.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.growth[0] < 0.0 && self.growth[1] > 0.0
    }
}

/// Every rule on ½λw², η = 0.1.
///
/// # Errors
/// If the kernel refuses (it does not).
pub fn thresholds() -> Result<Vec<Threshold>, Error> {
    let eta = 0.1;
    let mut list = Vec::new();
    let rules = [
        UpdateRule::GradientDescent,
        UpdateRule::Polyak { beta: 0.9 },
        UpdateRule::Nesterov { beta: 0.9 },
        UpdateRule::Ema { beta: 0.9 },
        UpdateRule::EmaNesterov { beta: 0.9 },
        UpdateRule::UnnormalizedSam { rho: 0.05 },
        UpdateRule::Adam { beta1: 0.9 },
    ];
    for rule in rules {
        let edge = stability_threshold(rule, eta)?;
        let growth = [growth(rule, eta, 0.99 * edge)?, growth(rule, eta, 1.01 * edge)?];
        list.push(Threshold { rule: format!("{rule:?}"), edge, growth });
    }
    Ok(list)
}

/// ln|w| per step on ½λw², after the start is forgotten.
fn growth(rule: UpdateRule<f64>, eta: f64, sharpness: f64) -> Result<f64, Error> {
    let machine = Machine::portable();
    let (mut w, mut v, mut second) = ([1.0], [0.0], [1.0]);
    let mut power = 0.0;
    let mut logs = 0.0;
    let momentum = match rule {
        UpdateRule::Polyak { beta } => Momentum::Polyak(beta),
        UpdateRule::Nesterov { beta } => Momentum::Nesterov(beta),
        UpdateRule::Ema { beta } => Momentum::Ema(beta),
        _ => Momentum::None,
    };
    for _ in 0..bound::GROWTH_STEPS {
        let g = sharpness * w[0];
        match rule {
            // No optimizer of ours: its recurrence.
            UpdateRule::EmaNesterov { beta } => {
                let fresh = (1.0 - beta) * g;
                v[0] = beta * v[0] + fresh;
                w[0] -= eta * (fresh + beta * v[0]);
            }
            // P = 1 throughout, long after the start.
            UpdateRule::Adam { beta1 } => {
                let adam = Adam {
                    learning_rate: eta,
                    beta1,
                    beta2: 1.0 - f64::EPSILON,
                    epsilon: 0.0,
                    ..ADAM
                };
                second[0] = 1.0;
                let (first, second) = (&mut v, &mut second);
                let mut state =
                    AdamState { first, second, beta1_power: power, beta2_power: power, steps: 1 };
                adam.step(machine, &[g], &mut state, &mut w)?;
                power = state.beta1_power;
            }
            rule => {
                let g = if let UpdateRule::UnnormalizedSam { rho } = rule {
                    sharpness * (w[0] + rho * g)
                } else {
                    g
                };
                let sgd = Sgd { learning_rate: eta, momentum, weight_decay: 0.0 };
                let velocity = if momentum == Momentum::None { &mut [][..] } else { &mut v };
                sgd.step(machine, &[g], &mut SgdState { velocity }, &mut w)?;
            }
        }
        // Kept at a size where no second moment changes and nothing overflows.
        let size = w[0].abs().max(v[0].abs());
        logs += size.ln();
        w[0] /= size;
        v[0] /= size;
    }
    Ok(logs / bound::GROWTH_STEPS as f64)
}
