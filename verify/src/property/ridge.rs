//! Penalties of any shape, basis functions and the Lasso.

use std::f64::consts::PI;

use teeter::curvature::{
    GeneralizedRidge, LassoOptions, gaussian_basis_into, gaussian_bending_into,
    generalized_ridge_memory_len, generalized_ridge_scratch_len, lasso, lasso_alpha_max,
    lasso_scratch_len,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine};

use super::{Context, Measured, Worst};
use crate::bound::linear_model as bound;
use crate::oracle::{naive, reference};
use crate::property::evidence::{Data, pull, residual};
use crate::subject::Subject;

/// Every property of them.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        generalized_weights_are_stationary(subject),
        bending_energy_is_the_integral(subject),
        bending_energy_is_the_fourth_derivative_of_the_gram(subject),
        lasso_gap_bounds_the_objective(subject),
    ]
}

/// Weights and degrees of freedom of Φ, t, Ω at α.
///
/// # Errors
/// The kernel's.
pub fn generalized<T: Float>(
    machine: Machine,
    data: &Data<T>,
    penalty: &[T],
    alpha: T,
) -> Result<(Vec<T>, T), Error> {
    let [n, k] = data.shape;
    let mut memory = vec![T::NAN; generalized_ridge_memory_len(k)];
    let mut scratch = vec![T::NAN; generalized_ridge_scratch_len(n, k)];
    let problem = (MatRef::row_major(&data.design, n, k)?, &data.targets[..]);
    let penalty = MatRef::row_major(penalty, k, k)?;
    let model = GeneralizedRidge::new(machine, problem, penalty, &mut memory, &mut scratch)?;
    let mut weights = vec![T::NAN; k];
    model.weights_into(alpha, &mut weights)?;
    Ok((weights, model.fit(alpha)?.degrees_of_freedom))
}

/// A design of Gaussians on [−1, 1] and its bending energy.
///
/// # Errors
/// The kernel's.
pub fn gaussians<T: Float>([n, k]: [usize; 2], width: f64) -> Result<(Data<T>, Vec<T>), Error> {
    let grid = |i: usize, n: usize| T::from_f64(2.0 * i as f64 / (n.max(2) - 1) as f64 - 1.0);
    let x: Vec<T> = (0..n).map(|i| grid(i, n)).collect();
    let centers: Vec<T> = (0..k).map(|j| grid(j, k)).collect();
    let (mut design, mut omega) = (vec![T::NAN; n * k], vec![T::NAN; k * k]);
    let width = T::from_f64(width);
    gaussian_basis_into(&x, &centers, width, MatMut::row_major(&mut design, n, k)?)?;
    gaussian_bending_into(&centers, width, MatMut::row_major(&mut omega, k, k)?)?;
    let target = |x: &T| T::from_f64((3.0 * x.to_f64()).sin());
    let targets = x.iter().map(target).collect();
    Ok((Data { shape: [n, k], design, targets }, omega))
}

/// ‖Φᵀ(t − Φw) − αΩw‖.
#[must_use]
pub fn generalized_weights_are_stationary<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (shape, width) in [([9, 3], 0.5), ([20, 6], 0.25), ([30, 9], 0.25), ([5, 1], 1.0)] {
        for alpha in [0.0, 0.001, 1.0] {
            let Ok((data, omega)) = gaussians::<T>(shape, width) else { continue };
            let found = generalized(subject.machine(), &data, &omega, T::from_f64(alpha));
            let Ok((weights, _)) = found else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let wide = |list: &[T]| -> Vec<f64> { list.iter().map(|x| x.to_f64()).collect() };
            let (weights, omega) = (wide(&weights), wide(&omega));
            let [design, targets] = data.wide();
            let k = shape[1];
            let pull = pull(&design, &residual(&design, &targets, &weights), k);
            let bent = naive::apply(&omega, &weights);
            let left: Vec<f64> = pull.iter().zip(&bent).map(|(p, b)| p - alpha * b).collect();
            let (values, _, _) = reference::svd(&design, shape);
            let condition = values[0] / values[k - 1];
            let spread = (k as f64 * condition).powi(2);
            let penalty = alpha * naive::frobenius(&omega);
            let sizes = data.sizes(&weights);
            worst.see_f64(naive::norm(&left), bound::generalized::<T>(sizes, penalty, spread));
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "weights under a penalty satisfy their normal equations")
}

/// φ″(x)s² of a Gaussian.
fn bent(x: f64, center: f64, width: f64) -> f64 {
    let v = (x - center) / width;
    (v * v - 1.0) * (-0.5 * v * v).exp()
}

fn omega<T: Float>(centers: [f64; 2], width: f64) -> Option<f64> {
    let centers = centers.map(T::from_f64);
    let mut omega = [T::NAN; 4];
    let view = MatMut::row_major(&mut omega, 2, 2).ok()?;
    gaussian_bending_into(&centers, T::from_f64(width), view).ok()?;
    let [_, right, left, _] = omega;
    (right.to_bits_u64() == left.to_bits_u64()).then(|| right.to_f64())
}

/// 3/4 + 3v²/4 + v⁴/16 times e^{−v²/4} and √π/s³.
fn magnitude(v: f64, width: f64) -> f64 {
    let shape = 0.75 + 0.75 * v * v + v.powi(4) / 16.0;
    PI.sqrt() / width.powi(3) * shape * (-v * v / 4.0).exp()
}

/// Against ∫φ″φ″ on a grid, whose sum converges faster than any power (oracle 23).
#[must_use]
pub fn bending_energy_is_the_integral<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for width in [0.25, 1.0, 3.0] {
        for step in 0..24 {
            let apart = 0.25 * f64::from(step) * width;
            let points = 400;
            let (low, high) = (-9.0 * width, apart + 9.0 * width);
            let h = (high - low) / f64::from(points);
            let at = |i: i32| low + h * f64::from(i);
            let sum: f64 =
                (0..=points).map(|i| bent(at(i), 0.0, width) * bent(at(i), apart, width)).sum();
            let truth = sum * h / width.powi(4);
            let (v, diagonal) = (apart / width, magnitude(0.0, width));
            let allowed =
                bound::bending::<T>(v, magnitude(v, width), points as usize, 40.0 * diagonal);
            let ours = omega::<T>([0.0, apart], width).unwrap_or(f64::NAN);
            worst.see_f64((ours - truth).abs(), allowed);
        }
    }
    worst.finish(Context::of("curvature", subject), "bending energy is ∫φ″φ″")
}

/// Against the fourth derivative of √π exp(−v²/4) by Cauchy's integral over a circle (oracle 23).
#[must_use]
pub fn bending_energy_is_the_fourth_derivative_of_the_gram<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    let points = 48;
    for step in 0..24 {
        let v = 0.25 * f64::from(step);
        // f(z) = e^{−z²/4} at z = v + e^{iθ}; f⁗ = 4! mean of f(z)e^{−4iθ}, the real part.
        let (mut sum, mut largest) = (0.0, 0.0_f64);
        for i in 0..points {
            let angle = 2.0 * PI * f64::from(i) / f64::from(points);
            let (x, y) = (v + angle.cos(), angle.sin());
            let size = (-(x * x - y * y) / 4.0).exp();
            sum += size * (-(x * y) / 2.0 - 4.0 * angle).cos();
            largest = largest.max(size);
        }
        let truth = PI.sqrt() * 24.0 * sum / f64::from(points);
        let ours = omega::<T>([0.0, v], 1.0).unwrap_or(f64::NAN);
        let scale = PI.sqrt() * largest * (1.0 + v);
        let allowed = bound::fourth_derivative::<T>(v, magnitude(v, 1.0), scale, points as usize);
        worst.see_f64((ours - truth).abs(), allowed);
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "bending energy is the fourth derivative of the Gram matrix")
}

/// The gap bounds how far the objective is above the best found with a hundred times the work; weights past α_max are 0; no
/// column pulls at an inactive weight by more than α, within what the gap allows: ½(|φᵀr| − α)²/‖φ‖² ≤ gap.
#[must_use]
pub fn lasso_gap_bounds_the_objective<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let machine = subject.machine();
    for (seed, shape) in [[6, 3], [12, 20], [30, 8]].into_iter().enumerate() {
        let data = Data::<T>::new(shape, 40 + seed as u64);
        let ([n, k], [design, targets]) = (shape, data.wide());
        let Ok(view) = MatRef::row_major(&data.design, n, k) else { continue };
        let mut scratch = vec![T::NAN; lasso_scratch_len(n, k)];
        let most = lasso_alpha_max(machine, view, &data.targets, &mut scratch);
        let Ok(most) = most else { continue };
        for share in [1.5, 0.5, 0.0625] {
            let alpha = most * T::from_f64(share);
            let mut run = |sweep_max: usize| {
                let options = LassoOptions { alpha, sweep_max, tolerance: T::EPSILON };
                let mut weights = vec![T::ZERO; k];
                let problem = (view, &data.targets[..]);
                let fit = lasso(machine, problem, &options, &mut weights, &mut scratch);
                let weights: Vec<f64> = weights.iter().map(|x| x.to_f64()).collect();
                fit.map(|fit| (fit, weights))
            };
            let (Ok((few, weights)), Ok((many, _))) = (run(3), run(300)) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let sizes = data.sizes(&weights);
            let length = sizes.targets + sizes.design * sizes.weights;
            let cost = alpha.to_f64() * weights.iter().map(|w| w.abs()).sum::<f64>();
            let allowed = bound::gap::<T>(shape, length * length + cost);
            let above = few.objective.to_f64() - many.objective.to_f64() - few.gap.to_f64();
            worst.see_f64(above.max(0.0), allowed);
            if share > 1.0 {
                worst.see_f64(few.active as f64, 0.0);
            }
            let pull = pull(&design, &residual(&design, &targets, &weights), k);
            for (j, pull) in pull.iter().enumerate() {
                let square: f64 = (0..n).map(|i| design[i * k + j].powi(2)).sum();
                let beyond = (pull.abs() - alpha.to_f64()).max(0.0);
                let gain = 0.5 * beyond * beyond / square - few.gap.to_f64();
                worst.see_f64(gain.max(0.0), allowed);
            }
        }
    }
    worst.finish(Context::of("curvature", subject), "the Lasso's gap bounds its objective")
}
