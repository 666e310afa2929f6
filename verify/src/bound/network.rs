//! Loss and derivatives of a network.
//!
//! Higham 2002, §3.1: a product of K rounded factors carries a relative error of at most
//! γ_K = Ku/(1 − Ku). Loss and derivatives of a network are sums of products of |w|, |x|, |t| and
//! values of f, f′, f″. So the error is at most γ_K times the same sum over magnitudes, if a
//! perturbed argument of f, f′, f″ is paid for. [`magnitude_gradient`] is that sum: it
//! goes through the network with |W|, |b|, |x|, m_z = log 2 + m_a ≥ |f(a)|, and in the place of f′
//! the factor (1 + m_a)² ≥ |f′| + |f″|m_a, which pays for a relative error of a; its own
//! derivative 2(1 + m_a)m_Ra ≥ (|f″| + |f‴|m_a)m_Ra pays in the same way for f″ in products
//! with the Hessian (|f′| ≤ 1, |f″| ≤ 0.77, |f‴| ≤ 2 for every activation here).

use teeter::objective::Loss;

use crate::input::network::Network;

/// Roundings on the longest path of a gradient element: per layer its chain forward
/// (in + 1), its chain back (out), at most 10 in activation and slope; 20 and twice out in
/// the loss; N in the sum over samples.
fn roundings(case: &Network) -> f64 {
    let layers: usize = case.widths.windows(2).map(|w| w[0] + w[1] + 11).sum();
    let outputs = case.widths.last().copied().unwrap_or(0);
    (layers + 2 * outputs + 20 + case.samples) as f64
}

fn gamma(k: f64, unit: f64) -> f64 {
    k * unit / (1.0 - k * unit)
}

/// Loss and gradient of magnitudes at |w| = `params`; see above.
#[must_use]
pub fn magnitude_gradient(case: &Network, params: &[f64]) -> (f64, Vec<f64>) {
    let mut out = vec![0.0; params.len()];
    let mut loss = 0.0;
    let (d, outputs) = (case.widths[0], case.widths.last().copied().unwrap_or(0));
    for n in 0..case.samples {
        let x: Vec<f64> = case.x[n * d..(n + 1) * d].iter().map(|x| x.abs()).collect();
        let mut z = vec![x];
        let (mut at, mut starts) = (0, vec![]);
        for pair in case.widths.windows(2) {
            let (rows, cols) = (pair[0], pair[1]);
            let below = &z[z.len() - 1];
            let a: Vec<f64> = (0..cols)
                .map(|j| {
                    params[at + rows * cols + j]
                        + (0..rows).map(|i| below[i] * params[at + i * cols + j]).sum::<f64>()
                })
                .collect();
            starts.push(at);
            at += (rows + 1) * cols;
            z.push(a.iter().map(|a| a + std::f64::consts::LN_2).collect());
        }
        let f = &z[z.len() - 1];
        let t: Vec<f64> = case.t[n * outputs..(n + 1) * outputs].iter().map(|t| t.abs()).collect();
        let all: f64 = f.iter().sum();
        let mass: f64 = t.iter().sum();
        let mut delta: Vec<f64> = match case.loss {
            Loss::HalfSquared => f.iter().zip(&t).map(|(f, t)| f + t).collect(),
            // |∂p| ≤ 2p Σ|∂f|, and again for the second derivative. Not the largest: each
            // output must be seen in the derivative along v.
            Loss::CrossEntropy => {
                t.iter().map(|t| (mass + t) * (1.0 + 2.0 * all).powi(2)).collect()
            }
        };
        loss += match case.loss {
            Loss::HalfSquared => delta.iter().map(|r| r * r).sum::<f64>(),
            Loss::CrossEntropy => mass * (2.0 * all + (outputs as f64).ln()) * 2.0,
        };
        for (layer, pair) in case.widths.windows(2).enumerate().rev() {
            let ((rows, cols), at) = ((pair[0], pair[1]), starts[layer]);
            for j in 0..cols {
                for i in 0..rows {
                    out[at + i * cols + j] += z[layer][i] * delta[j];
                }
                out[at + rows * cols + j] += delta[j];
            }
            delta = (0..rows)
                .map(|i| {
                    let e: f64 = (0..cols).map(|j| params[at + i * cols + j] * delta[j]).sum();
                    e * (1.0 + z[layer][i]).powi(2)
                })
                .collect();
        }
    }
    let samples = case.samples as f64;
    out.iter_mut().for_each(|g| *g /= samples);
    (loss / samples, out)
}

fn magnitudes(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x.abs()).collect()
}

/// Error of the loss at `params`; a rounded point w(1 + u) is paid for by two roundings more.
#[must_use]
pub fn loss(case: &Network, params: &[f64]) -> f64 {
    let w = magnitudes(params);
    let (loss, gradient) = magnitude_gradient(case, &w);
    let moved: f64 = gradient.iter().zip(&w).map(|(g, w)| g * w).sum();
    gamma(roundings(case) + 2.0, f64::EPSILON / 2.0) * (loss + moved)
}

/// Error of each element of the gradient at `params`, in a format of unit roundoff `unit`.
#[must_use]
pub fn gradient_in(case: &Network, params: &[f64], unit: f64) -> Vec<f64> {
    let gamma = gamma(2.0 * roundings(case), unit);
    let (_, sum) = magnitude_gradient(case, &magnitudes(params));
    sum.iter().map(|g| gamma * g).collect()
}

/// Error of each element of the gradient at `params`.
#[must_use]
pub fn gradient(case: &Network, params: &[f64]) -> Vec<f64> {
    gradient_in(case, params, f64::EPSILON / 2.0)
}

/// Error of each element of Hv, and of the Gauss–Newton product.
///
/// The magnitude gradient is a polynomial with coefficients ≥ 0, hence convex along |v|: its
/// derivative is at most its difference over a whole step. The R-operator doubles the
/// roundings of a path.
#[must_use]
pub fn product(case: &Network, params: &[f64], v: &[f64]) -> Vec<f64> {
    let w = magnitudes(params);
    let ahead: Vec<f64> = w.iter().zip(v).map(|(w, v)| w + v.abs()).collect();
    let (_, here) = magnitude_gradient(case, &w);
    let (_, there) = magnitude_gradient(case, &ahead);
    let gamma = gamma(4.0 * roundings(case), f64::EPSILON / 2.0);
    there.iter().zip(&here).map(|(there, here)| gamma * (there - here)).collect()
}

/// Step of a central difference: the cube root of u balances h² against u/h.
pub const STEP: f64 = 6e-6;

/// Error of the central difference D(h) of a function whose values carry `rounding`.
///
/// D(h) = f′ + ch² + O(h⁴), so D(2h) − D(h) = 3ch² + O(h⁴): three times the truncation, which
/// leaves room for the O(h⁴). D(h) carries rounding/h, D(2h) half of it, and the quotient u.
#[must_use]
pub fn central_difference(near: f64, far: f64, rounding: f64) -> f64 {
    (far - near).abs() + 1.5 * rounding / STEP + 2.0 * f64::EPSILON * near.abs()
}

/// Error of the Fisher diagonal, from the magnitudes of each sample's gradient: a square
/// doubles the relative error, the mean adds N + 3 roundings.
#[must_use]
pub fn fisher(case: &Network, magnitudes: &[Vec<f64>]) -> Vec<f64> {
    let gamma = gamma(5.0 * roundings(case), f64::EPSILON / 2.0);
    let samples = magnitudes.len() as f64;
    (0..magnitudes[0].len())
        .map(|i| gamma * magnitudes.iter().map(|g| g[i] * g[i]).sum::<f64>() / samples)
        .collect()
}

/// Relative error of log(1 + e^(−40)) through four functions within one unit each.
pub const CONFIDENT_LOSS: f64 = 8.0 * f64::EPSILON;
