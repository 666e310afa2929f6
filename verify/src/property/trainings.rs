//! λ₁ followed along recorded trainings: how far off, at how many products, how late.

use serde::Serialize;
use teeter::curvature::{UpdateRule, stability_threshold};
use teeter::krylov::{
    Eigenpair, EigenpairsOptions, SharpnessTracker, SharpnessTrackerOptions, ThickRestartOptions,
    Which, extremal_eigenpairs, extremal_eigenpairs_scratch_len, sharpness_tracker_scratch_len,
    track_sharpness,
};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::operator::{FromFn, LinearOperator, Symmetric};
use teeter::optim::{Adam, AdamState, EpsilonPlacement, Momentum, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, vector};

use crate::bound;

/// Steps at the beginning that are not judged: every method starts from a random vector.
const LEARNING: usize = 20;

/// The update rule of a training, and its learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Gradient descent.
    GradientDescent(f64),
    /// Adam with β₁ = 0.9, β₂ = 0.999; the operator is P^−½HP^−½.
    Adam(f64),
}

/// Where the Hessian is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At wₜ.
    Iterate,
    /// At ½(wₜ + wₜ₊₁).
    Midpoint,
}

/// A network on digits, trained.
#[derive(Clone, Debug)]
pub struct Training {
    /// Inputs, hidden layers, classes.
    pub widths: Vec<usize>,
    /// Rows of the digits, from the first.
    pub rows: usize,
    /// Steps.
    pub steps: usize,
    /// How it is trained.
    pub rule: Rule,
    /// Where the Hessian is taken.
    pub place: Place,
}

/// One method on one training.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The training.
    pub training: String,
    /// The method.
    pub method: String,
    /// Whether it is ours, and so must keep what is promised.
    pub ours: bool,
    /// Products a step, in the mean.
    pub products: f64,
    /// |θ − λ₁|/λ₁ over the steps: its median, 90 and 99 of 100, the largest.
    pub errors: [f64; 4],
    /// The first step whose error is within a twentieth.
    pub found_after: Option<usize>,
    /// Steps by which it sees λ₁ at the edge later than the reference does; negative: earlier.
    pub crossing_lag: Option<i64>,
    /// Steps at which `measured` exceeded the reference's upper end, or missed every eigenvalue near.
    pub false_claims: usize,
}

impl Row {
    /// Within what is promised, and nothing claimed that is not so; true for what is not ours.
    #[must_use]
    pub fn passed(&self) -> bool {
        let [median, ..] = self.errors;
        !self.ours || median <= bound::tracking::MEDIAN && self.false_claims == 0
    }
}

/// λ₁ of each step by one method.
struct Series {
    method: String,
    ours: bool,
    products: usize,
    values: Vec<f64>,
    false_claims: usize,
}

impl Series {
    fn new(method: &str) -> Self {
        let method = method.to_owned();
        Self { method, ours: false, products: 0, values: Vec::new(), false_claims: 0 }
    }

    fn row(&self, training: &Training, truth: &[f64], edge: f64) -> Row {
        let error = |(value, truth): (&f64, &f64)| (value - truth).abs() / truth.abs();
        let errors: Vec<f64> = self.values.iter().zip(truth).map(error).collect();
        let mut sorted = errors[LEARNING.min(errors.len() - 1)..].to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let crossing = |values: &[f64]| {
            values.iter().enumerate().position(|(t, &x)| t >= LEARNING && x >= edge)
        };
        let lag = crossing(truth).zip(crossing(&self.values));
        Row {
            training: training.name(),
            method: self.method.clone(),
            ours: self.ours,
            products: self.products as f64 / self.values.len() as f64,
            errors: [at(0.5), at(0.9), at(0.99), at(1.0)],
            found_after: errors.iter().position(|&error| error <= 0.05),
            crossing_lag: lag.map(|(truth, seen)| seen as i64 - truth as i64),
            false_claims: self.false_claims,
        }
    }
}

impl Training {
    /// In words.
    #[must_use]
    pub fn name(&self) -> String {
        let rule = match self.rule {
            Rule::GradientDescent(rate) => format!("gradient descent {rate}"),
            Rule::Adam(rate) => format!("Adam {rate}"),
        };
        let place = match self.place {
            Place::Iterate => "iterates",
            Place::Midpoint => "midpoints",
        };
        format!("{rule}, {place}")
    }

    fn edge(&self) -> Result<f64, Error> {
        match self.rule {
            Rule::GradientDescent(rate) => stability_threshold(UpdateRule::GradientDescent, rate),
            Rule::Adam(rate) => stability_threshold(UpdateRule::Adam { beta1: 0.9 }, rate),
        }
    }

    /// Trains, and shows `visit` the Hessian of every step (preconditioned, for Adam).
    ///
    /// # Errors
    /// Those of the data, of the kernel, of `visit`.
    pub fn run(
        &self,
        mut visit: impl FnMut(
            &mut dyn FnMut(&[f64], &mut [f64]) -> Result<(), Error>,
        ) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        let machine = Machine::detect();
        let split = teeter_host::data::split(&teeter_host::data::digits()?, self.rows)?;
        let mut targets = vec![0.0; self.rows * 10];
        for (row, &label) in targets.chunks_mut(10).zip(&split.train.labels) {
            row[label] = 1.0;
        }
        let (activation, loss) = (Activation::Tanh, Loss::HalfSquared);
        let shape = MlpShape { widths: &self.widths, activation, loss };
        let n = mlp_param_len(&self.widths);
        let mut scratch = vec![0.0; mlp_scratch_len(&self.widths, self.rows)];
        let x = MatRef::row_major(&split.train.features, self.rows, 64)?;
        let t = MatRef::row_major(&targets, self.rows, 10)?;
        let mut mlp = Mlp::new(machine, shape, (x, t), &mut scratch)?;
        let [mut w, mut point, mut scaled, mut gradient] = [(); 4].map(|()| vec![0.0; n]);
        mlp_initialize(shape, Stream::new(0, 1), &mut w)?;
        let [mut first, mut second] = [vec![0.0; n], vec![0.0; n]];
        let mut adam = AdamState::new(&mut first, &mut second);
        let mut d = vec![1.0; n];
        for _ in 0..self.steps {
            point.clone_from(&w);
            At::new(&mut mlp, &w)?.gradient(&mut gradient)?;
            match self.rule {
                Rule::GradientDescent(learning_rate) => {
                    let sgd = Sgd { learning_rate, momentum: Momentum::None, weight_decay: 0.0 };
                    sgd.step(machine, &gradient, &mut SgdState { velocity: &mut [] }, &mut w)?;
                }
                Rule::Adam(learning_rate) => {
                    let rule = adam_of(learning_rate);
                    rule.step(machine, &gradient, &mut adam, &mut w)?;
                    let correction = 1.0 - adam.beta2_power;
                    for (d, v) in d.iter_mut().zip(adam.second.iter()) {
                        *d = 1.0 / ((v / correction).sqrt() + rule.epsilon).sqrt();
                    }
                }
            }
            if self.place == Place::Midpoint {
                for (point, w) in point.iter_mut().zip(&w) {
                    *point = 0.5 * (*point + w);
                }
            }
            let mut at = At::new(&mut mlp, &point)?;
            let mut hessian = at.hessian();
            visit(&mut |x, y| {
                for ((scaled, x), d) in scaled.iter_mut().zip(x).zip(&d) {
                    *scaled = d * x;
                }
                hessian.apply(&scaled, y)?;
                for (y, d) in y.iter_mut().zip(&d) {
                    *y *= d;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn adam_of(learning_rate: f64) -> Adam<f64> {
    Adam {
        learning_rate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: 0.0,
    }
}

/// Whatever stops a training.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// λ₁ anew: the reference, from a random start at every step.
fn fresh(
    operator: &mut impl Symmetric<f64>,
    seed: u64,
    scratch: &mut [f64],
) -> Result<Eigenpair<f64>, Error> {
    let n = operator.dim();
    let search = ThickRestartOptions {
        count: 1,
        limit: None,
        which: Which::LargestAlgebraic,
        krylov_dim: 30.min(n),
        block: 1,
        tolerance: bound::tracking::REFERENCE,
        checked: 0,
        product_max: 500,
        seed,
    };
    let mut pairs = [Eigenpair::unknown()];
    let mut vectors = vec![0.0; n];
    let options = EigenpairsOptions { search, starts: 0 };
    extremal_eigenpairs(Machine::detect(), operator, &options, &mut pairs, &mut vectors, scratch)?;
    Ok(pairs[0])
}

/// Power iteration that goes on from the vector of the step before: θ of the last product.
fn power(
    operator: &mut impl Symmetric<f64>,
    v: &mut [f64],
    product: &mut [f64],
    products: usize,
) -> Result<f64, Error> {
    let machine = Machine::detect();
    let mut value = f64::NAN;
    for _ in 0..products {
        operator.apply(v, product)?;
        value = vector::dot(machine, v, product)?;
        let norm = vector::norm2(machine, product);
        for (v, p) in v.iter_mut().zip(product.iter()) {
            *v = p / norm;
        }
    }
    Ok(value)
}

/// Every method along one training.
///
/// # Errors
/// Those of the data and of the kernel.
pub fn measure(training: &Training) -> Result<Vec<Row>, Failure> {
    let (machine, n) = (Machine::detect(), mlp_param_len(&training.widths));
    let edge = training.edge()?;
    let options = |products_per_step, limit| SharpnessTrackerOptions {
        dim_max: 6,
        products_per_step,
        limit,
        seed: 1,
    };
    let of_ours = [
        ("ours, 2 products", options(2, None)),
        ("ours, 2, and all beyond 0.75 of the edge", options(2, Some(0.75 * edge))),
        ("ours, 1 product", options(1, None)),
    ];
    let mut memories = of_ours.map(|_| vec![0.0; sharpness_tracker_scratch_len(n, 6)]);
    let mut ours = Vec::new();
    for ((name, options), memory) in of_ours.iter().zip(&mut memories) {
        let tracker = SharpnessTracker::new(machine, n, options, &[], memory)?;
        ours.push((tracker, Series { ours: true, ..Series::new(name) }));
    }
    let mut start = vec![0.0; n];
    normals_into(Stream::new(1, 0), &mut start);
    let unit = 1.0 / vector::norm2(machine, &start);
    vector::scale(machine, unit, &mut start);
    let mut others = [2, 1].map(|products| {
        let name = format!("power iteration, {products} product{}", &"s"[..products - 1]);
        (products, start.clone(), Series::new(&name))
    });
    let mut reference = Series::new("Lanczos anew each step (the reference)");
    let mut product = vec![0.0; n];
    let mut scratch = vec![0.0; extremal_eigenpairs_scratch_len(n, 30)];
    let mut seed = 100;
    training.run(|apply| {
        let mut operator = FromFn::new(n, |x: &[f64], y: &mut [f64]| apply(x, y));
        seed += 1;
        let truth = fresh(&mut operator, seed, &mut scratch)?;
        reference.values.push(truth.value);
        reference.products += truth.products;
        for (tracker, series) in &mut ours {
            let tracked = track_sharpness(tracker, &mut operator, &mut product)?;
            series.values.push(tracked.value);
            series.products = tracked.products as usize;
            let fresh = tracked.measured_age == 0;
            series.false_claims += usize::from(fresh && tracked.measured > truth.upper);
        }
        for (products, v, series) in &mut others {
            series.values.push(power(&mut operator, v, &mut product, *products)?);
            series.products += *products;
        }
        Ok(())
    })?;
    let all = ours.iter().map(|(_, series)| series).chain(others.iter().map(|(.., s)| s));
    Ok(all
        .chain([&reference])
        .map(|series| series.row(training, &reference.values, edge))
        .collect())
}
