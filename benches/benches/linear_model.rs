//! Linear models: one factorization, and what each fit costs after it.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::curvature::{
    EvidenceOptions, GeneralizedRidge, LassoOptions, LinearModel, Prediction, SpectralFilter,
    average_predictions, effective_parameters_nonlinear,
    effective_parameters_nonlinear_scratch_len, evidence_shares, gaussian_basis_into,
    gaussian_bending_into, generalized_prediction_error, generalized_ridge_memory_len,
    generalized_ridge_scratch_len, lasso, lasso_alpha_max, lasso_scratch_len,
    linear_model_memory_len, linear_model_scratch_len, polynomial_basis_into,
    polynomial_bending_into, ridge_of_descent,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const UNIT: f64 = f64::EPSILON / 2.0;

/// N × k: as many rows as a small data set, as many columns as a last layer.
const SHAPE: [usize; 2] = [256, 16];

/// Column j is 1 in rows i ≡ j (mod k), 0 elsewhere: orthogonal, of norm √(N/k).
fn design() -> Vec<f64> {
    let [n, k] = SHAPE;
    (0..n * k).map(|e| if e / k % k == e % k { 1.0 } else { 0.0 }).collect()
}

/// Row i has i mod k: least squares finds w = (0, 1, …).
fn targets() -> Vec<f64> {
    (0..SHAPE[0]).map(|i| (i % SHAPE[1]) as f64).collect()
}

fn number(
    criterion: &mut Criterion,
    name: &str,
    right: f64,
    mut f: impl FnMut() -> Result<f64, Error>,
) {
    let step = |out: &mut f64| *out = f().unwrap_or(f64::NAN);
    let allowed = gamma(100 * SHAPE[0], UNIT) * right.abs().max(1.0);
    alone(criterion, (name, SHAPE[1]), f64::NAN, step, |out| close(*out, right, allowed));
}

fn models(criterion: &mut Criterion) {
    let ([n, k], machine) = (SHAPE, Machine::detect());
    let (design, targets) = (design(), targets());
    let Ok(view) = MatRef::row_major(&design, n, k) else { return };
    let mut memory = vec![0.0; linear_model_memory_len(n, k)];
    let mut scratch = vec![0.0; linear_model_scratch_len(n, k)];
    number(criterion, "LinearModel::new", 4.0, || {
        let model = LinearModel::new(machine, view, &targets, &mut memory, &mut scratch)?;
        Ok(model.singular_values().first().copied().unwrap_or(0.0))
    });
    let Ok(model) = LinearModel::new(machine, view, &targets, &mut memory, &mut scratch) else {
        return;
    };
    let ridge = SpectralFilter::Ridge { alpha: 16.0 };
    number(criterion, "LinearModel::fit", 8.0, || Ok(model.fit(ridge)?.degrees_of_freedom));
    let mut w = vec![0.0; k];
    number(criterion, "LinearModel::weights_into", 0.5, || {
        model.weights_into(ridge, &mut w)?;
        Ok(w.get(1).copied().unwrap_or(0.0))
    });
    let features: Vec<f64> = (0..k).map(|j| if j == 1 { 1.0 } else { 0.0 }).collect();
    number(criterion, "LinearModel::predict", 1.0 / 32.0, || {
        Ok(model.predict(&features, [16.0, 1.0])?.variance)
    });
    let options = EvidenceOptions { step_max: 3, tolerance: 1e-6 };
    number(criterion, "LinearModel::maximize_evidence", n as f64, || {
        let of = model.maximize_evidence(&options)?.evidence;
        Ok(2.0 * of.alpha * of.weight_energy + 2.0 * of.beta * of.data_energy)
    });
    let mut scratch = vec![0.0; lasso_scratch_len(n, k)];
    number(criterion, "lasso_alpha_max", 240.0, || {
        lasso_alpha_max(machine, view, &targets, &mut scratch)
    });
    let options = LassoOptions { alpha: 16.0, sweep_max: 1, tolerance: 0.0 };
    number(criterion, "lasso", 14.0, || {
        w.fill(0.0);
        lasso(machine, (view, &targets), &options, &mut w, &mut scratch)?;
        Ok(w.last().copied().unwrap_or(0.0))
    });
}

fn penalties(criterion: &mut Criterion) {
    let ([n, k], machine) = (SHAPE, Machine::detect());
    let (design, targets) = (design(), targets());
    let Ok(view) = MatRef::row_major(&design, n, k) else { return };
    let identity: Vec<f64> = (0..k * k).map(|e| if e / k == e % k { 16.0 } else { 0.0 }).collect();
    let Ok(penalty) = MatRef::row_major(&identity, k, k) else { return };
    let mut memory = vec![0.0; generalized_ridge_memory_len(k)];
    let mut scratch = vec![0.0; generalized_ridge_scratch_len(n, k)];
    number(criterion, "GeneralizedRidge::new", 8.0, || {
        let problem = (view, &targets[..]);
        let model = GeneralizedRidge::new(machine, problem, penalty, &mut memory, &mut scratch)?;
        Ok(model.fit(1.0)?.degrees_of_freedom)
    });
    let mixed: Vec<f64> = design.iter().map(|x| -2.0 * x).collect();
    let Ok(mixed) = MatRef::row_major(&mixed, n, k) else { return };
    let mut scratch = vec![0.0; effective_parameters_nonlinear_scratch_len(n, k)];
    let mut u = vec![0.0; k * k];
    number(criterion, "effective_parameters_nonlinear", 8.0, || {
        for (e, x) in u.iter_mut().enumerate() {
            *x = if e / k == e % k { 64.0 } else { 0.0 };
        }
        let u = MatMut::row_major(&mut u, k, k)?;
        effective_parameters_nonlinear(machine, mixed, u, &mut scratch)
    });
}

fn bases(criterion: &mut Criterion) {
    let [n, k] = SHAPE;
    let x: Vec<f64> = (0..n).map(|i| i as f64 / n as f64).collect();
    let mut out = vec![0.0; n * k];
    number(criterion, "gaussian_basis_into", 1.0, || {
        gaussian_basis_into(&x, &x[..k], 0.5, MatMut::row_major(&mut out, n, k)?)?;
        Ok(out[0])
    });
    number(criterion, "polynomial_basis_into", 0.5, || {
        polynomial_basis_into(&x, MatMut::row_major(&mut out, n, k)?)?;
        Ok(out[n / 2 * k + 1])
    });
    let mut omega = vec![0.0; k * k];
    number(criterion, "gaussian_bending_into", 6.0 * std::f64::consts::PI.sqrt(), || {
        gaussian_bending_into(&x[..k], 0.5, MatMut::row_major(&mut omega, k, k)?)?;
        Ok(omega[0])
    });
    number(criterion, "polynomial_bending_into", 8.0, || {
        polynomial_bending_into([-1.0, 1.0], MatMut::row_major(&mut omega, k, k)?)?;
        Ok(omega[2 * k + 2])
    });
}

fn numbers(criterion: &mut Criterion) {
    let mut shares = [0.0; 8];
    number(criterion, "evidence_shares", 0.125, || {
        evidence_shares(&[-3.0; 8], &mut shares)?;
        Ok(shares[0])
    });
    let one = Prediction { mean: 2.0, variance: 1.0, noise: 1.0 };
    number(criterion, "average_predictions", 2.0, || {
        Ok(average_predictions(&[one; 8], &[0.125; 8])?.mean)
    });
    number(criterion, "generalized_prediction_error", 1.5, || {
        generalized_prediction_error(1.0, 0.5, 2.0, 4)
    });
    number(criterion, "ridge_of_descent", 2.0, || ridge_of_descent(2.0, 0.25, 1));
    let flow = SpectralFilter::Flow { time: 1.0 };
    number(criterion, "SpectralFilter::share", 1.0 - (-2.0_f64).exp(), || flow.share(2.0));
}

criterion_group! {
    name = layer;
    config = settings();
    targets = models, penalties, bases, numbers
}
criterion_main!(layer);
