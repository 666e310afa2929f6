//! Linear models, their regularization and their evidence.

use teeter::curvature::{
    EvidenceOptions, EvidenceStop, LinearModel, SpectralFilter, linear_model_memory_len,
    linear_model_scratch_len,
};
use teeter::matrix::MatRef;
use teeter::{Error, Float, Machine};

use super::{Context, Measured, Worst};
use crate::bound::linear_model::{self as bound, Sizes};
use crate::input::general;
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of them.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        ridge_weights_are_stationary(subject),
        degrees_of_freedom_are_those_of_the_eigenvalues(subject),
        evidence_is_the_density_of_the_targets(subject),
        most_probable_constants_satisfy_mackay(subject),
        a_stopped_flow_keeps_at_most_thirty_percent_more_than_ridge(subject),
        moody_gap_is_exact_over_all_noise(subject),
    ]
}

/// Tall, square and wide.
pub const SHAPES: [[usize; 2]; 8] =
    [[1, 1], [5, 1], [1, 3], [6, 6], [12, 4], [4, 7], [30, 9], [24, 24]];

/// A design and targets in f64, as the format holds them.
#[derive(Clone, Debug)]
pub struct Data<T> {
    /// N × k.
    pub shape: [usize; 2],
    /// Φ, row after row.
    pub design: Vec<T>,
    /// t.
    pub targets: Vec<T>,
}

impl<T: Float> Data<T> {
    /// Φ uniform, t = Φ·1 and noise of half that size.
    #[must_use]
    pub fn new([n, k]: [usize; 2], seed: u64) -> Self {
        let design: Vec<T> = general::uniform(n, k, seed).into_iter().map(T::from_f64).collect();
        let noise = general::uniform(n, 1, seed + 1000);
        let row = |i: usize| design[i * k..(i + 1) * k].iter().map(|x| x.to_f64()).sum::<f64>();
        let targets = (0..n).map(|i| T::from_f64(row(i) + 0.5 * noise[i])).collect();
        Self { shape: [n, k], design, targets }
    }

    /// Φ and t widened.
    #[must_use]
    pub fn wide(&self) -> [Vec<f64>; 2] {
        [&self.design, &self.targets].map(|list| list.iter().map(|x| x.to_f64()).collect())
    }

    /// What `f` makes of the model.
    ///
    /// # Errors
    /// The kernel's.
    pub fn model<R>(
        &self,
        machine: Machine,
        f: impl FnOnce(&LinearModel<'_, T>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let [n, k] = self.shape;
        let mut memory = vec![T::NAN; linear_model_memory_len(n, k)];
        let mut scratch = vec![T::NAN; linear_model_scratch_len(n, k)];
        let design = MatRef::row_major(&self.design, n, k)?;
        f(&LinearModel::new(machine, design, &self.targets, &mut memory, &mut scratch)?)
    }

    /// Norms for the bounds, with the residual of these weights.
    #[must_use]
    pub fn sizes(&self, weights: &[f64]) -> Sizes {
        let [design, targets] = self.wide();
        Sizes {
            shape: self.shape,
            design: naive::frobenius(&design),
            targets: naive::norm(&targets),
            residual: naive::norm(&residual(&design, &targets, weights)),
            weights: naive::norm(weights),
        }
    }
}

/// t − Φw.
#[must_use]
pub fn residual(design: &[f64], targets: &[f64], weights: &[f64]) -> Vec<f64> {
    let k = weights.len();
    let fitted = |i: usize| naive::dot(&design[i * k..(i + 1) * k], weights);
    targets.iter().enumerate().map(|(i, t)| t - fitted(i)).collect()
}

/// Φᵀr.
#[must_use]
pub fn pull(design: &[f64], r: &[f64], k: usize) -> Vec<f64> {
    (0..k).map(|j| r.iter().enumerate().map(|(i, r)| design[i * k + j] * r).sum()).collect()
}

/// ‖Φᵀ(t − Φw) − αw‖ beside its bound.
#[must_use]
pub fn ridge_weights_are_stationary<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let data = Data::<T>::new(shape, seed as u64);
        for alpha in [0.0625, 1.0, 64.0] {
            let mut weights = vec![T::NAN; shape[1]];
            let filter = SpectralFilter::Ridge { alpha: T::from_f64(alpha) };
            let done = data.model(subject.machine(), |m| m.weights_into(filter, &mut weights));
            let weights: Vec<f64> = weights.iter().map(|x| x.to_f64()).collect();
            let [design, targets] = data.wide();
            let pull = pull(&design, &residual(&design, &targets, &weights), shape[1]);
            let left: Vec<f64> = pull.iter().zip(&weights).map(|(p, w)| p - alpha * w).collect();
            let error = if done.is_ok() { naive::norm(&left) } else { f64::NAN };
            worst.see_f64(error, bound::stationarity::<T>(data.sizes(&weights)));
        }
    }
    worst.finish(Context::of("curvature", subject), "ridge weights are stationary")
}

/// Σλ/(λ + α) beside faer's singular values; no residual and no weights are negative.
#[must_use]
pub fn degrees_of_freedom_are_those_of_the_eigenvalues<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let data = Data::<T>::new(shape, seed as u64);
        let (values, _, _) = reference::svd(&data.wide()[0], shape);
        for alpha in [0.0625, 1.0, 64.0] {
            let truth: f64 = values.iter().map(|s| s * s / (s * s + alpha)).sum();
            let filter = SpectralFilter::Ridge { alpha: T::from_f64(alpha) };
            let fit = data.model(subject.machine(), |model| model.fit(filter));
            let ours = fit.map_or(f64::NAN, |fit| fit.degrees_of_freedom.to_f64());
            let sizes = data.sizes(&vec![0.0; shape[1]]);
            let oracle = bound::degrees::<f64>(sizes, alpha);
            worst.see_f64((ours - truth).abs(), bound::degrees::<T>(sizes, alpha) + oracle);
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "degrees of freedom are Σs²/(s² + α)")
}

/// ln N(t; 0, ΦΦᵀ/α + I/β), by faer's Cholesky, and tᵀC⁻¹t/2.
fn log_density(design: &[f64], targets: &[f64], [alpha, beta]: [f64; 2]) -> Option<[f64; 2]> {
    let n = targets.len();
    let k = design.len() / n;
    let row = |i: usize| &design[i * k..(i + 1) * k];
    let element = |e: usize| {
        let (i, j) = (e / n, e % n);
        naive::dot(row(i), row(j)) / alpha + if i == j { 1.0 / beta } else { 0.0 }
    };
    let c: Vec<f64> = (0..n * n).map(element).collect();
    let l = reference::cholesky(&c, n)?;
    let mut half = targets.to_vec();
    for i in 0..n {
        half[i] = (half[i] - naive::dot(&l[i * n..i * n + i], &half[..i])) / l[i * n + i];
    }
    let energy = 0.5 * naive::dot(&half, &half);
    let logs: f64 = (0..n).map(|i| l[i * n + i].ln()).sum();
    let constant = 0.5 * n as f64 * (2.0 * std::f64::consts::PI).ln();
    Some([-energy - logs - constant, energy])
}

/// Against the Gaussian density of the targets themselves (oracle 12).
#[must_use]
pub fn evidence_is_the_density_of_the_targets<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let data = Data::<T>::new(shape, seed as u64);
        let [design, targets] = data.wide();
        for constants in [[1.0, 1.0], [0.25, 4.0], [8.0, 0.5]] {
            let [alpha, beta] = constants.map(T::from_f64);
            let ours = data.model(subject.machine(), |model| model.evidence(alpha, beta));
            let truth = log_density(&design, &targets, constants);
            let (Ok(ours), Some([truth, energy])) = (ours, truth) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let sizes = data.sizes(&vec![0.0; shape[1]]);
            let magnitude = energy
                + (ours.log_evidence.to_f64() - truth).abs()
                + truth.abs()
                + 2.0 * ours.log_occam_factor.to_f64().abs()
                + shape[0] as f64 * (constants[1].ln().abs() + 2.0);
            let own = bound::log_evidence::<T>(sizes, constants, [energy, magnitude]);
            let oracle = bound::log_density(sizes, constants, energy);
            worst.see_f64((ours.log_evidence.to_f64() - truth).abs(), own + oracle);
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "evidence is the density of the targets")
}

/// 2αE_W = γ and 2αE_W + 2βE_D = N where the search converged (oracle 12).
#[must_use]
pub fn most_probable_constants_satisfy_mackay<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let options = EvidenceOptions {
        step_max: 200,
        tolerance: T::from_f64(64.0) * T::EPSILON * T::from_f64(30.0),
    };
    for (seed, shape) in [[12, 4], [30, 9], [40, 3], [24, 24]].into_iter().enumerate() {
        let data = Data::<T>::new(shape, seed as u64);
        let fit = data.model(subject.machine(), |model| model.maximize_evidence(&options));
        let Ok(fit) = fit else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let of = fit.evidence;
        let [alpha, beta] = [of.alpha.to_f64(), of.beta.to_f64()];
        let pull = 2.0 * alpha * of.weight_energy.to_f64();
        let n = shape[0] as f64;
        let balance = (pull + 2.0 * beta * of.data_energy.to_f64()) / n - 1.0;
        worst.see_f64(balance.abs(), bound::balance::<T>());
        if fit.stop == EvidenceStop::Converged {
            let gamma = of.gamma.to_f64();
            let allowed = bound::fixed_point::<T>(options.tolerance.to_f64(), shape[0]);
            worst.see_f64((pull / gamma - 1.0).abs(), allowed);
        } else {
            worst.see_f64(f64::from(u8::from(fit.stop == EvidenceStop::LimitReached)), 0.0);
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "2αE_W = γ and 2αE_W + 2βE_D = N at the most probable α and β")
}

/// 1 ≤ f_flow/f_ridge ≤ 1.29843 with α = 1/τ (oracle 24).
#[must_use]
pub fn a_stopped_flow_keeps_at_most_thirty_percent_more_than_ridge<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    let allowed = 2.0 * bound::share::<T>();
    for i in 0..400 {
        let eigenvalue = T::from_f64(1.07_f64.powi(i - 200));
        for power in [-3, 0, 5] {
            let time = T::ONE.scale_by_power(power);
            let flow = SpectralFilter::Flow { time }.share(eigenvalue);
            let ridge = SpectralFilter::Ridge { alpha: T::ONE / time }.share(eigenvalue);
            let [flow, ridge] = [flow, ridge].map(|f| f.map_or(f64::NAN, T::to_f64));
            let ratio = flow / ridge;
            let beyond = (1.0 - ratio).max(ratio - bound::FLOW_OVER_RIDGE);
            worst.see_f64(if ratio.is_nan() { ratio } else { beyond.max(0.0) }, allowed);
        }
    }
    worst.finish(Context::of("curvature", subject), "1 ≤ f_flow/f_ridge ≤ 1.29843")
}

/// Test error less training error is 2σ² Tr S/n in the mean over all sign vectors as noise, bias and all (oracle 13).
#[must_use]
pub fn moody_gap_is_exact_over_all_noise<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let (shape, sigma) = ([6, 3], 0.5);
    let base = Data::<T>::new(shape, 5);
    let [design, truth] = base.wide();
    let truth: Vec<f64> = truth.iter().map(|t| (8.0 * t).round() / 8.0).collect();
    for alpha in [0.25, 2.0] {
        let filter = SpectralFilter::Ridge { alpha: T::from_f64(alpha) };
        let (mut gap, mut effective, mut allowed) = (0.0, f64::NAN, 0.0_f64);
        for signs in 0..1_u32 << shape[0] {
            let noise = |i: usize| if signs >> i & 1 == 0 { sigma } else { -sigma };
            let targets = (0..shape[0]).map(|i| T::from_f64(truth[i] + noise(i))).collect();
            let data = Data { targets, ..base.clone() };
            let mut weights = vec![T::NAN; shape[1]];
            let fit = data.model(subject.machine(), |model| {
                model.weights_into(filter, &mut weights)?;
                model.fit(filter)
            });
            let weights: Vec<f64> = weights.iter().map(|x| x.to_f64()).collect();
            let missed = residual(&design, &truth, &weights);
            let train = fit.map_or(f64::NAN, |fit| fit.residual_square.to_f64());
            gap += naive::dot(&missed, &missed) + shape[0] as f64 * sigma * sigma - train;
            effective = fit.map_or(f64::NAN, |fit| fit.degrees_of_freedom.to_f64());
            allowed = allowed.max(bound::moody_gap::<T>(data.sizes(&weights), alpha));
        }
        gap /= f64::from(1_u32 << shape[0]);
        worst.see_f64((gap - 2.0 * sigma * sigma * effective).abs(), allowed);
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "test error less training error is 2σ² p_eff/n over all noise")
}
