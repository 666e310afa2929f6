//! The edge of stability where it is exact: SGD in the mean square, small models, geometry.

use teeter::curvature::{
    Catapult, GraphTerms, LayerMut, MeanSquare, MeanSquareThreshold, SelfStabilization, UpdateRule,
    mean_square_memory_len, mean_square_scratch_len, product_step, rescale_layers, sane,
    scalar_curvature, stability_threshold,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::objective::{Activation, At, Loss};
use teeter::operator::LinearOperator;
use teeter::optim::{Momentum, Sam, Sgd, SgdState};
use teeter::{Error, Float, Machine};

use super::{Context, Measured, Worst};
use crate::bound::edge as bound;
use crate::bound::optim;
use crate::input::general;
use crate::input::network::Network;
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        sgd_is_marginal_at_its_threshold(subject),
        stationary_covariance_is_a_fixed_point(subject),
        reduced_models_are_gradient_descent(subject),
        scalar_curvature_is_that_of_the_shape_operator(subject),
        sane_knows_no_scale(subject),
    ]
}

/// n semi-definite matrices of order d, each a sum of two squares of whole vectors over 4.
#[must_use]
pub fn hessians<T: Float>(n: usize, d: usize, seed: u64) -> Vec<T> {
    let mut list = Vec::new();
    for i in 0..n {
        let v = general::whole(2, d, seed + i as u64);
        let entry = |e: usize| (v[e / d] * v[e % d] + v[d + e / d] * v[d + e % d]) / 16.0;
        list.extend((0..d * d).map(|e| T::from_f64(entry(e))));
    }
    list
}

/// E[(I − ηH_B)⊗(I − ηH_B)] over every batch of B of n: d² × d².
#[must_use]
pub fn enumerated(hessians: &[f64], [d, batch]: [usize; 2], eta: f64) -> Vec<f64> {
    let n = hessians.len() / (d * d);
    let mut q = vec![0.0; d.pow(4)];
    let mut count = 0.0;
    for chosen in (0..1_u32 << n).filter(|chosen| chosen.count_ones() as usize == batch) {
        let members = (0..n).filter(|i| chosen >> i & 1 == 1);
        let mut step = vec![0.0; d * d];
        for i in members {
            for (x, h) in step.iter_mut().zip(&hessians[i * d * d..]) {
                *x -= eta * h / batch as f64;
            }
        }
        for i in 0..d {
            step[i * d + i] += 1.0;
        }
        for (e, x) in q.iter_mut().enumerate() {
            let (row, column) = (e / (d * d), e % (d * d));
            *x += step[row / d * d + column / d] * step[row % d * d + column % d];
        }
        count += 1.0;
    }
    q.iter().map(|x| x / count).collect()
}

/// What the kernel makes of them.
///
/// # Errors
/// The kernel's.
pub fn mean_square<T: Float, R>(
    machine: Machine,
    hessians: &[T],
    shape: [usize; 2],
    f: impl FnOnce(&MeanSquare<'_, T>, &mut [T]) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut memory = vec![T::NAN; mean_square_memory_len(shape[0])];
    let mut scratch = vec![T::NAN; mean_square_scratch_len(shape[0])];
    let model = MeanSquare::new(machine, hessians, shape, &mut memory, &mut scratch)?;
    f(&model, &mut scratch)
}

fn wide<T: Float>(list: &[T]) -> Vec<f64> {
    list.iter().map(|x| x.to_f64()).collect()
}

/// λ₁ and λ₁/λ_min⁺ of the mean of n matrices.
#[must_use]
pub fn spread(hessians: &[f64], d: usize) -> [f64; 2] {
    let n = hessians.len() / (d * d);
    let mean: Vec<f64> = (0..d * d)
        .map(|e| (0..n).map(|i| hessians[i * d * d + e]).sum::<f64>() / n as f64)
        .collect();
    let values = reference::eigenvalues(&mean, d);
    let top = values[d - 1];
    let least = values.iter().copied().filter(|&x| x > bound::formula::<f64>(100) * top);
    [top, top / least.fold(top, f64::min)]
}

/// ρ(Q(η*)) = 1, Q by enumeration of all batches; the simpler thresholds lie above, and 2/λ₁ is that of B = n (oracle 17).
#[must_use]
pub fn sgd_is_marginal_at_its_threshold<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (seed, [n, d]) in [[6, 3], [5, 2], [4, 1], [6, 4], [1, 2]].into_iter().enumerate() {
        let list = hessians::<T>(n, d, 10 * seed as u64);
        let [top, condition] = spread(&wide(&list), d);
        let allowed = bound::mean_square::<T>(d, n, condition);
        let mut before = 0.0;
        for batch in 1..=n {
            let found = mean_square(subject.machine(), &list, [d, batch], |m, _| Ok(m.threshold()));
            let Ok(MeanSquareThreshold { threshold, full_batch, along_top, by_trace }) = found
            else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let [eta, full, along, trace] =
                [threshold, full_batch, along_top, by_trace].map(T::to_f64);
            let q = enumerated(&wide(&list), [d, batch], eta);
            let values = reference::eigenvalues(&q, d * d);
            let radius = values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            worst.see_f64((radius - 1.0).abs(), allowed);
            worst.see_f64((full * top / 2.0 - 1.0).abs(), allowed);
            let above = [eta / along, eta / trace, before / eta, eta / full];
            above.into_iter().for_each(|ratio| worst.see_f64((ratio - 1.0).max(0.0), allowed));
            if batch == n {
                worst.see_f64((eta / full - 1.0).abs(), allowed);
            }
            before = eta;
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "SGD is marginal at its mean-square threshold")
}

/// Σ = Q(η)Σ + η²pΣ_g with Q by enumeration (oracle 18, exactly).
#[must_use]
pub fn stationary_covariance_is_a_fixed_point<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (seed, [n, d]) in [[6, 3], [5, 2], [6, 4]].into_iter().enumerate() {
        let list = hessians::<T>(n, d, 60 + 10 * seed as u64);
        let [_, condition] = spread(&wide(&list), d);
        let g = general::whole(1, d, 5);
        let gradients: Vec<T> = (0..d * d)
            .map(|e| T::from_f64(g[e / d] * g[e % d] + if e / d == e % d { 1.0 } else { 0.0 }))
            .collect();
        for batch in [1, 2, n - 1] {
            let mut sigma = vec![T::NAN; d * d];
            let found = mean_square(subject.machine(), &list, [d, batch], |model, scratch| {
                let eta = model.threshold().threshold * T::HALF;
                let view = MatMut::row_major(&mut sigma, d, d)?;
                model.covariance_into(eta, MatRef::row_major(&gradients, d, d)?, view, scratch)?;
                Ok(eta.to_f64())
            });
            let Ok(eta) = found else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let (sigma, wide_list) = (wide(&sigma), wide(&list));
            let q = enumerated(&wide_list, [d, batch], eta);
            let p = (n - batch) as f64 / (batch * (n - 1)) as f64;
            let carried = naive::apply(&q, &sigma);
            let push = eta * eta * p;
            let left: Vec<f64> =
                (0..d * d).map(|e| sigma[e] - carried[e] - push * gradients[e].to_f64()).collect();
            let size = naive::norm(&sigma) + push * naive::norm(&wide(&gradients));
            let allowed = 4.0 * bound::mean_square::<T>(d, n, condition) * size;
            worst.see_f64(naive::norm(&left), allowed);
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "the stationary covariance is a fixed point")
}

/// The catapult's two numbers against gradient descent on u and v; imbalance of products; the mean of x² (oracle 16).
#[must_use]
pub fn reduced_models_are_gradient_descent<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let n = 16;
    for rate in [0.25, 1.0, 1.75] {
        let (mut u, mut v) = (general::uniform(n, 1, 1), general::uniform(n, 1, 2));
        for _ in 0..5 {
            let output = naive::dot(&u, &v) / (n as f64).sqrt();
            let sharpness = (naive::dot(&u, &u) + naive::dot(&v, &v)) / n as f64;
            let [f, l, w, eta] = [output, sharpness, n as f64, rate].map(T::from_f64);
            let ours = Catapult { output: f, sharpness: l, width: w }.step(eta);
            let pull = rate * output / (n as f64).sqrt();
            let (a, b): (Vec<f64>, Vec<f64>) =
                u.iter().zip(&v).map(|(u, v)| (u - pull * v, v - pull * u)).unzip();
            (u, v) = (a, b);
            let next = naive::dot(&u, &v) / (n as f64).sqrt();
            let flatter = (naive::dot(&u, &u) + naive::dot(&v, &v)) / n as f64;
            let push = rate * output * output / n as f64;
            let size = output.abs() * (1.0 + rate * sharpness + rate * push);
            let size = size + sharpness + push * (rate * sharpness + 4.0);
            let allowed = bound::formula::<T>(12 + 2 * n) * size;
            worst.see_f64((ours.output.to_f64() - next).abs(), allowed);
            worst.see_f64((ours.sharpness.to_f64() - flatter).abs(), allowed);
        }
    }
    for (eta, slope, [a, b]) in [(0.5, 1.25, [3.0, 1.0]), (0.75, -2.0, [-1.5, 0.25])] {
        let (mut first, mut second) = ([T::from_f64(a)], [T::from_f64(b)]);
        let slopes = [T::from_f64(slope)];
        let done = product_step(T::from_f64(eta), &slopes, &mut first, &mut second);
        let [x, y] = [first[0].to_f64(), second[0].to_f64()];
        let shrink = 1.0 - eta * eta * slope * slope;
        let error = ((x * x - y * y) - (a * a - b * b) * shrink).abs();
        let size = (a.abs() + b.abs()).powi(2) * (1.0 + (eta * slope).powi(2));
        let error = if done.is_ok() { error } else { f64::NAN };
        worst.see_f64(error, bound::formula::<T>(8) * size);
    }
    let (model, eta) = (SelfStabilization { sharpening: 0.125, restoring: 8.0 }, 0.0625_f64);
    let (mut at, mut sum, steps) = ([0.2, 0.0], 0.0, 4000);
    for _ in 0..steps {
        sum += at[0] * at[0];
        at = model.step(eta, at);
    }
    let mean = sum / f64::from(steps);
    let moved = 2.0 * at[1] / (eta * model.restoring * f64::from(steps));
    let magnitude = mean + model.mean_square() + moved.abs();
    let allowed = bound::telescoped(steps as usize, magnitude);
    worst.see_f64((mean + moved - model.mean_square()).abs(), allowed);
    worst.finish(Context::of("curvature", subject), "reduced models are gradient descent")
}

/// (Tr A)² − Tr A², A = (I + ggᵀ)⁻¹H/√(1 + ‖g‖²), of the graph of L in ℝⁿ⁺¹ (oracle 28).
#[must_use]
pub fn scalar_curvature_is_that_of_the_shape_operator<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for (seed, n) in [1, 2, 3, 7].into_iter().enumerate() {
        let b = general::whole(n, n, 30 + seed as u64);
        let h: Vec<f64> = (0..n * n).map(|e| (b[e] + b[e % n * n + e / n]) / 2.0).collect();
        let g: Vec<f64> = general::whole(n, 1, 40).iter().map(|x| x / 4.0).collect();
        let image = naive::apply(&h, &g);
        let trace: f64 = (0..n).map(|i| h[i * n + i]).sum();
        let square = naive::dot(&g, &g);
        let terms = GraphTerms {
            trace: T::from_f64(trace),
            frobenius_square: T::from_f64(naive::dot(&h, &h)),
            gradient_square: T::from_f64(square),
            bending: T::from_f64(naive::dot(&g, &image)),
            image_square: T::from_f64(naive::dot(&image, &image)),
        };
        let ours = scalar_curvature(&terms).map_or(f64::NAN, T::to_f64);
        let metric: Vec<f64> = (0..n * n)
            .map(|e| g[e / n] * g[e % n] + if e / n == e % n { 1.0 } else { 0.0 })
            .collect();
        let shape = naive::multiply(&reference::inverse(&metric, n), &h, n);
        let twice = naive::multiply(&shape, &shape, n);
        let of = |a: &[f64]| (0..n).map(|i| a[i * n + i]).sum::<f64>();
        let truth = (of(&shape).powi(2) - of(&twice)) / (1.0 + square);
        let magnitude = trace.powi(2)
            + naive::dot(&h, &h)
            + 2.0 * (naive::dot(&image, &image) + (trace * naive::dot(&g, &image)).abs());
        worst.see_f64((ours - truth).abs(), bound::scalar::<T>(n, magnitude, 1.0 + square));
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "scalar curvature is that of the shape operator")
}

/// SANE(cH) = SANE(H), 1/(1 + c) at rank one, P/(1 + c) for a multiple of I (oracle 15).
#[must_use]
pub fn sane_knows_no_scale<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 5, 40] {
        let values: Vec<T> = general::uniform(n, 1, 9).into_iter().map(T::from_f64).collect();
        let half = T::HALF;
        let of = |list: &[T]| sane(list, half, 1).map_or(f64::NAN, T::to_f64);
        let here = of(&values);
        for c in [3.0, 1.0 / 7.0] {
            let scaled: Vec<T> = values.iter().map(|&x| T::from_f64(c) * x).collect();
            // Each value rounds once more on either side.
            let allowed = 2.0 * optim::shares_in::<T>(n + 2);
            worst.see_f64((of(&scaled) / here - 1.0).abs(), allowed);
        }
        let mut one = vec![T::ZERO; n];
        one[n / 2] = T::from_f64(-7.0);
        worst.see_f64((of(&one) * 1.5 - 1.0).abs(), optim::shares_in::<T>(n));
        let all = vec![T::from_f64(0.3); n];
        worst.see_f64((of(&all) * 1.5 / n as f64 - 1.0).abs(), optim::shares_in::<T>(n));
    }
    worst.finish(Context::of("curvature", subject), "SANE knows no scale")
}

/// SAM on ½wᵀdiag(3, 2, 1)w settles at ‖w‖ = ηρλ₁/(2 − ηλ₁) along the first axis, where the SAM edge is λ₁ (oracle 9).
#[must_use]
pub fn sam_settles_where_its_edge_is_the_sharpness(machine: Machine) -> Measured {
    let mut worst = Worst::default();
    let h = [3.0, 2.0, 1.0];
    for (eta, rho) in [(0.25, 0.05), (0.4, 0.5), (0.6, 0.05)] {
        let (mut w, mut saved) = ([0.3, 0.2, -0.4], [0.0; 3]);
        let sgd = Sgd { learning_rate: eta, momentum: Momentum::None, weight_decay: 0.0 };
        let turns = 4000;
        let mut norm = f64::NAN;
        for _ in 0..turns {
            let g: Vec<f64> = h.iter().zip(&w).map(|(h, w)| h * w).collect();
            norm = naive::norm(&g);
            let Ok(moved) = (Sam { rho }).perturb(machine, &g, &mut w, &mut saved) else { break };
            let there: Vec<f64> = h.iter().zip(moved.params()).map(|(h, w)| h * w).collect();
            moved.restore();
            let step = sgd.step(machine, &there, &mut SgdState { velocity: &mut [] }, &mut w);
            if step.is_err() {
                break;
            }
        }
        let radius = eta * rho * h[0] / (2.0 - eta * h[0]);
        let contraction = (1.0 - eta * h[0]).abs().max((1.0 - eta * h[2]).abs());
        let allowed = optim::fixed_point(contraction.max(0.9), turns);
        worst.see_f64((naive::norm(&w) / radius - 1.0).abs(), allowed);
        let edge = stability_threshold(UpdateRule::Sam { rho, gradient_norm: norm }, eta);
        let edge = edge.unwrap_or(f64::NAN);
        worst.see_f64((edge / h[0] - 1.0).abs(), 2.0 * allowed + optim::threshold::<f64>());
    }
    let context = Context { layer: "curvature", machine: machine.name(), format: "f64" };
    worst.finish(context, "SAM settles where its edge is the sharpness")
}

/// Loss, gradient and dense Hessian.
fn told(network: &Network, machine: Machine, w: &[f64]) -> Option<(f64, Vec<f64>, Vec<f64>)> {
    let n = w.len();
    network.with(machine, |mlp| {
        let mut at = At::new(mlp, w).ok()?;
        let loss = at.loss();
        let (mut gradient, mut hessian) = (vec![0.0; n], vec![0.0; n * n]);
        at.gradient(&mut gradient).ok()?;
        for (i, column) in hessian.chunks_mut(n).enumerate() {
            let mut basis = vec![0.0; n];
            basis[i] = 1.0;
            at.hessian().apply(&basis, column).ok()?;
        }
        Some((loss, gradient, hessian))
    })
}

/// A ReLU network rescaled by powers of two: the loss bit for bit, g′ = D⁻¹g and H′ = D⁻¹HD⁻¹ exactly; and the trace is another
/// one (oracle 27).
#[must_use]
pub fn rescaling_is_covariant(machine: Machine) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for widths in [&[3, 4, 1][..], &[2, 3, 4, 2]] {
        let network = Network::new(widths, Activation::Relu, Loss::HalfSquared, 7);
        let w = network.params();
        let scales: Vec<f64> = [8.0, 0.25].into_iter().take(widths.len() - 2).collect();
        let (mut there, mut d) = (w.clone(), vec![1.0; w.len()]);
        for params in [&mut there, &mut d] {
            let mut rest = &mut params[..];
            let mut layers = Vec::new();
            for pair in widths.windows(2) {
                let (weights, after) = rest.split_at_mut(pair[0] * pair[1]);
                let (bias, after) = after.split_at_mut(pair[1]);
                layers.push(LayerMut { weights, bias });
                rest = after;
            }
            broken += usize::from(rescale_layers(&scales, &mut layers).is_err());
        }
        let both = (told(&network, machine, &w), told(&network, machine, &there));
        let (Some((loss, g, h)), Some((same, turned, bent))) = both else {
            broken += 1;
            continue;
        };
        let n = w.len();
        let mut see = |right: bool| {
            cases += 1;
            broken += usize::from(!right);
        };
        see(loss == same);
        for i in 0..n {
            see(turned[i] == g[i] / d[i]);
            for j in 0..n {
                see(bent[j * n + i] == h[j * n + i] / d[i] / d[j]);
            }
        }
        let trace = |h: &[f64]| (0..n).map(|i| h[i * n + i]).sum::<f64>();
        see(d.iter().any(|&d| d != 1.0) && trace(&bent) > 2.0 * trace(&h));
    }
    let context = Context { layer: "curvature", machine: machine.name(), format: "f64" };
    Measured::exact(
        context,
        "rescaled layers are the same function, their Hessian is not",
        broken,
        cases,
    )
}
