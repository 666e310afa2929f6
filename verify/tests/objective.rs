//! Objectives against oracles that share nothing with them: differences, integers, one sample
//! at a time; and relations that need no oracle.

use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, Objective, Quadratic, mlp_initialize, mlp_param_len,
    mlp_scratch_len, quadratic_scratch_len,
};
use teeter::operator::LinearOperator;
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};

/// Every tolerance of this file, derived.
///
/// Higham 2002, §3.1: a product of K rounded factors carries a relative error of at most
/// γ_K = Ku/(1 − Ku). Loss and derivatives of a network are sums of products of |w|, |x|, |t| and
/// values of f, f′, f″. So the error is at most γ_K times the same sum over magnitudes, if a
/// perturbed argument of f, f′, f″ is paid for. [`magnitude_gradient`] is that sum: it
/// goes through the network with |W|, |b|, |x|, m_z = log 2 + m_a ≥ |f(a)|, and in the place of f′
/// the factor (1 + m_a)² ≥ |f′| + |f″|m_a, which pays for a relative error of a; its own
/// derivative 2(1 + m_a)m_Ra ≥ (|f″| + |f‴|m_a)m_Ra pays in the same way for f″ in products
/// with the Hessian (|f′| ≤ 1, |f″| ≤ 0.77, |f‴| ≤ 2 for every activation here).
mod bound {
    use super::Case;
    use teeter::objective::Loss;

    /// Roundings on the longest path of a gradient element: per layer its chain forward
    /// (in + 1), its chain back (out), at most 10 in activation and slope; 20 and twice out in
    /// the loss; N in the sum over samples.
    fn roundings(case: &Case) -> f64 {
        let layers: usize = case.widths.windows(2).map(|w| w[0] + w[1] + 11).sum();
        let outputs = case.widths.last().copied().unwrap_or(0);
        (layers + 2 * outputs + 20 + case.samples) as f64
    }

    fn gamma(k: f64, unit: f64) -> f64 {
        k * unit / (1.0 - k * unit)
    }

    /// Loss and gradient of magnitudes at |w| = `params`; see above.
    pub fn magnitude_gradient(case: &Case, params: &[f64]) -> (f64, Vec<f64>) {
        let mut out = vec![0.0; params.len()];
        let mut loss = 0.0;
        let (d, outputs) = (case.widths[0], *case.widths.last().expect("widths"));
        for n in 0..case.samples {
            let x: Vec<f64> = case.x[n * d..(n + 1) * d].iter().map(|x| x.abs()).collect();
            let mut z = vec![x];
            let (mut at, mut starts) = (0, vec![]);
            for pair in case.widths.windows(2) {
                let (rows, cols) = (pair[0], pair[1]);
                let below = z.last().expect("a layer");
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
            let f = z.last().expect("outputs");
            let t: Vec<f64> =
                case.t[n * outputs..(n + 1) * outputs].iter().map(|t| t.abs()).collect();
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
    pub fn loss(case: &Case, params: &[f64]) -> f64 {
        let w = magnitudes(params);
        let (loss, gradient) = magnitude_gradient(case, &w);
        let moved: f64 = gradient.iter().zip(&w).map(|(g, w)| g * w).sum();
        gamma(roundings(case) + 2.0, f64::EPSILON / 2.0) * (loss + moved)
    }

    /// Error of each element of the gradient at `params`, in a format of unit roundoff `unit`.
    pub fn gradient_in(case: &Case, params: &[f64], unit: f64) -> Vec<f64> {
        let gamma = gamma(2.0 * roundings(case), unit);
        let (_, sum) = magnitude_gradient(case, &magnitudes(params));
        sum.iter().map(|g| gamma * g).collect()
    }

    /// Error of each element of the gradient at `params`.
    pub fn gradient(case: &Case, params: &[f64]) -> Vec<f64> {
        gradient_in(case, params, f64::EPSILON / 2.0)
    }

    /// Error of each element of Hv, and of the Gauss–Newton product.
    ///
    /// The magnitude gradient is a polynomial with coefficients ≥ 0, hence convex along |v|: its
    /// derivative is at most its difference over a whole step. The R-operator doubles the
    /// roundings of a path.
    pub fn product(case: &Case, params: &[f64], v: &[f64]) -> Vec<f64> {
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
    pub fn central_difference(near: f64, far: f64, rounding: f64) -> f64 {
        (far - near).abs() + 1.5 * rounding / STEP + 2.0 * f64::EPSILON * near.abs()
    }

    /// Error of the Fisher diagonal, from the magnitudes of each sample's gradient: a square
    /// doubles the relative error, the mean adds N + 3 roundings.
    pub fn fisher(case: &Case, magnitudes: &[Vec<f64>]) -> Vec<f64> {
        let gamma = gamma(5.0 * roundings(case), f64::EPSILON / 2.0);
        let samples = magnitudes.len() as f64;
        (0..magnitudes[0].len())
            .map(|i| gamma * magnitudes.iter().map(|g| g[i] * g[i]).sum::<f64>() / samples)
            .collect()
    }

    /// Relative error of log(1 + e^(−40)) through four functions within one unit each.
    pub const CONFIDENT_LOSS: f64 = 8.0 * f64::EPSILON;
}

/// A network and its data.
#[derive(Clone, Debug)]
struct Case {
    widths: Vec<usize>,
    activation: Activation,
    loss: Loss,
    samples: usize,
    x: Vec<f64>,
    t: Vec<f64>,
}

const ACTIVATIONS: [Activation; 4] =
    [Activation::Tanh, Activation::Relu, Activation::Softplus, Activation::Identity];
const LOSSES: [Loss; 2] = [Loss::HalfSquared, Loss::CrossEntropy];
const DEPTHS: [&[usize]; 4] = [&[3, 2], &[3, 4, 2], &[2, 3, 4, 3], &[3, 2, 4, 3, 2]];

impl Case {
    /// Normal inputs; normal targets, or probabilities for the cross-entropy.
    fn new(widths: &[usize], activation: Activation, loss: Loss, samples: usize) -> Self {
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
    fn all(samples: usize) -> Vec<Self> {
        let mut cases = vec![];
        for activation in ACTIVATIONS {
            for loss in LOSSES {
                cases.extend(DEPTHS.map(|widths| Self::new(widths, activation, loss, samples)));
            }
        }
        cases
    }

    fn shape(&self) -> MlpShape<'_> {
        MlpShape { widths: &self.widths, activation: self.activation, loss: self.loss }
    }

    fn dim(&self) -> usize {
        mlp_param_len(&self.widths)
    }

    /// Normal parameters, so that biases are not small.
    fn params(&self) -> Vec<f64> {
        self.vector(7)
    }

    fn vector(&self, stream: u64) -> Vec<f64> {
        let mut v = vec![0.0; self.dim()];
        normals_into(Stream::new(2, stream), &mut v);
        v
    }

    /// Sample n alone.
    fn sample(&self, n: usize) -> Self {
        let (d, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        Self {
            samples: 1,
            x: self.x[n * d..(n + 1) * d].to_vec(),
            t: self.t[n * outputs..(n + 1) * outputs].to_vec(),
            ..self.clone()
        }
    }

    fn with<R>(&self, machine: Machine, body: impl FnOnce(&mut Mlp<'_, f64>) -> R) -> R {
        let (d, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let x = MatRef::row_major(&self.x, self.samples, d).expect("inputs fit");
        let t = MatRef::row_major(&self.t, self.samples, outputs).expect("targets fit");
        // NaN where nothing may be read before it is written.
        let mut scratch = vec![f64::NAN; mlp_scratch_len(&self.widths, self.samples)];
        let mut mlp = Mlp::new(machine, self.shape(), (x, t), &mut scratch).expect("shapes fit");
        body(&mut mlp)
    }

    fn measure(&self, machine: Machine, params: &[f64], v: &[f64]) -> Measured {
        self.with(machine, |mlp| Measured::of(mlp, params, v))
    }

    fn loss_at(&self, params: &[f64]) -> f64 {
        self.with(Machine::detect(), |mlp| mlp.evaluate(params)).expect("evaluates")
    }

    fn gradient_at(&self, params: &[f64]) -> Vec<f64> {
        self.measure(Machine::detect(), params, params).gradient
    }
}

/// Everything an objective gives.
#[derive(Clone, Debug)]
struct Measured {
    loss: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
    gauss_newton: Vec<f64>,
    fisher: Vec<f64>,
}

impl Measured {
    fn of(objective: &mut impl Objective<f64>, params: &[f64], v: &[f64]) -> Self {
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

    fn bits(&self) -> Vec<u64> {
        let parts = [&self.gradient, &self.hessian, &self.gauss_newton, &self.fisher];
        let all = parts.into_iter().flatten().map(|x| x.to_bits());
        std::iter::once(self.loss.to_bits()).chain(all).collect()
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn basis(n: usize, i: usize) -> Vec<f64> {
    let mut e = vec![0.0; n];
    e[i] = 1.0;
    e
}

fn moved(w: &[f64], step: f64, v: &[f64]) -> Vec<f64> {
    w.iter().zip(v).map(|(w, v)| w + step * v).collect()
}

fn assert_close(found: &[f64], expected: &[f64], allowed: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: lengths");
    for (i, ((found, expected), allowed)) in found.iter().zip(expected).zip(allowed).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= *allowed,
            "{what}: element {i} is {found}, expected {expected}: error {error:e}, \
             allowed {allowed:e}"
        );
    }
}

#[test]
fn gradient_is_the_central_difference_of_the_loss() {
    let h = bound::STEP;
    for case in Case::all(5) {
        let w = case.params();
        let gradient = case.gradient_at(&w);
        let (rounding, own) = (bound::loss(&case, &w), bound::gradient(&case, &w));
        for (i, (&g, own)) in gradient.iter().zip(own).enumerate() {
            let e = basis(w.len(), i);
            let difference = |h: f64| {
                (case.loss_at(&moved(&w, h, &e)) - case.loss_at(&moved(&w, -h, &e))) / (2.0 * h)
            };
            let (near, far) = (difference(h), difference(2.0 * h));
            let allowed = bound::central_difference(near, far, rounding) + own;
            assert_close(&[g], &[near], &[allowed], &format!("{case:?}, parameter {i}"));
        }
    }
}

#[test]
fn hessian_product_is_the_central_difference_of_the_gradient() {
    let h = bound::STEP;
    for case in Case::all(5) {
        let (w, v) = (case.params(), case.vector(8));
        let product = case.measure(Machine::detect(), &w, &v).hessian;
        let difference = |h: f64| -> Vec<f64> {
            let (ahead, behind) =
                (case.gradient_at(&moved(&w, h, &v)), case.gradient_at(&moved(&w, -h, &v)));
            ahead.iter().zip(&behind).map(|(a, b)| (a - b) / (2.0 * h)).collect()
        };
        let (near, far) = (difference(h), difference(2.0 * h));
        let own = bound::product(&case, &w, &v);
        let rounding = bound::gradient(&case, &w);
        let allowed: Vec<f64> = (0..w.len())
            .map(|i| own[i] + bound::central_difference(near[i], far[i], rounding[i]))
            .collect();
        assert_close(&product, &near, &allowed, &format!("{case:?}"));
    }
}

#[test]
fn hessian_and_gauss_newton_are_symmetric_on_basis_vectors() {
    for case in Case::all(6) {
        let (w, n) = (case.params(), case.dim());
        let columns: Vec<Measured> =
            (0..n).map(|i| case.measure(Machine::detect(), &w, &basis(n, i))).collect();
        let allowed: Vec<Vec<f64>> =
            (0..n).map(|i| bound::product(&case, &w, &basis(n, i))).collect();
        for i in 0..n {
            for j in 0..i {
                let allowed = [allowed[i][j] + allowed[j][i]];
                let at = format!("{case:?} ({i}, {j})");
                let (a, b) = (columns[i].hessian[j], columns[j].hessian[i]);
                assert_close(&[a], &[b], &allowed, &at);
                let (a, b) = (columns[i].gauss_newton[j], columns[j].gauss_newton[i]);
                assert_close(&[a], &[b], &allowed, &at);
            }
        }
    }
}

/// Integers that are exact in f64, and the same network in i64: 2N·L and N·∇L of linear layers.
fn integer_case(widths: &[usize]) -> (Case, Vec<i64>, Vec<i64>) {
    let small = |count: usize, salt: usize| -> Vec<i64> {
        (0..count).map(|i| ((i * 7 + salt * 5 + i * i) % 7) as i64 - 3).collect()
    };
    let mut case = Case::new(widths, Activation::Identity, Loss::HalfSquared, 4);
    let float = |x: Vec<i64>| -> Vec<f64> { x.into_iter().map(|x| x as f64).collect() };
    case.x = float(small(case.x.len(), 1));
    case.t = float(small(case.t.len(), 2));
    let dim = case.dim();
    (case, small(dim, 3), small(dim, 4))
}

fn integer_loss_and_gradient(case: &Case, w: &[i64]) -> (i64, Vec<i64>) {
    let (mut loss, mut gradient) = (0, vec![0; w.len()]);
    let (d, outputs) = (case.widths[0], case.widths[case.widths.len() - 1]);
    for n in 0..case.samples {
        let mut z: Vec<Vec<i64>> =
            vec![case.x[n * d..(n + 1) * d].iter().map(|&x| x as i64).collect()];
        let (mut at, mut starts) = (0, vec![]);
        for pair in case.widths.windows(2) {
            let (rows, cols, below) = (pair[0], pair[1], &z[z.len() - 1]);
            let a = (0..cols).map(|j| {
                let products = (0..rows).map(|i| below[i] * w[at + i * cols + j]);
                w[at + rows * cols + j] + products.sum::<i64>()
            });
            let a = a.collect();
            z.push(a);
            starts.push(at);
            at += (rows + 1) * cols;
        }
        let t = &case.t[n * outputs..(n + 1) * outputs];
        let mut delta: Vec<i64> =
            z[z.len() - 1].iter().zip(t).map(|(f, &t)| f - t as i64).collect();
        loss += delta.iter().map(|r| r * r).sum::<i64>();
        for (layer, pair) in case.widths.windows(2).enumerate().rev() {
            let ((rows, cols), at) = ((pair[0], pair[1]), starts[layer]);
            for j in 0..cols {
                (0..rows).for_each(|i| gradient[at + i * cols + j] += z[layer][i] * delta[j]);
                gradient[at + rows * cols + j] += delta[j];
            }
            delta = (0..rows)
                .map(|i| (0..cols).map(|j| w[at + i * cols + j] * delta[j]).sum())
                .collect();
        }
    }
    (loss, gradient)
}

#[test]
fn linear_networks_on_integers_are_exact() {
    for widths in [&[3, 2][..], &[3, 4, 2], &[9, 11, 5]] {
        let (case, w, v) = integer_case(widths);
        let (loss, gradient) = integer_loss_and_gradient(&case, &w);
        // At most two layers: the gradient is a cubic in w, and this difference of a cubic is exact.
        let ahead = |k: i64| -> Vec<i64> {
            let w: Vec<i64> = w.iter().zip(&v).map(|(w, v)| w + k * v).collect();
            integer_loss_and_gradient(&case, &w).1
        };
        let (g1, g_1, g2, g_2) = (ahead(1), ahead(-1), ahead(2), ahead(-2));
        let product: Vec<i64> =
            (0..w.len()).map(|i| (8 * (g1[i] - g_1[i]) - (g2[i] - g_2[i])) / 12).collect();
        let float = |x: &[i64], by: f64| -> Vec<f64> { x.iter().map(|&x| x as f64 / by).collect() };
        let (w, v) = (float(&w, 1.0), float(&v, 1.0));
        for machine in Machine::present() {
            let found = case.measure(machine, &w, &v);
            assert_eq!(found.loss, loss as f64 / 8.0, "{machine:?} {widths:?}: loss");
            assert_eq!(found.gradient, float(&gradient, 4.0), "{machine:?} {widths:?}: gradient");
            assert_eq!(found.hessian, float(&product, 4.0), "{machine:?} {widths:?}: Hv");
        }
    }
}

#[test]
fn gauss_newton_is_never_negative() {
    for case in Case::all(6) {
        let w = case.params();
        for stream in 20..26 {
            let v = case.vector(stream);
            let form = dot(&v, &case.measure(Machine::detect(), &w, &v).gauss_newton);
            let magnitudes: Vec<f64> = v.iter().map(|v| v.abs()).collect();
            let allowed = dot(&magnitudes, &bound::product(&case, &w, &v));
            assert!(form >= -allowed, "{case:?}: vᵀGv = {form}, allowed -{allowed}");
        }
    }
}

#[test]
fn one_layer_has_its_gauss_newton_matrix_as_hessian() {
    for loss in LOSSES {
        for samples in [1, 5, 129] {
            let case = Case::new(&[6, 3], Activation::Tanh, loss, samples);
            let found = case.measure(Machine::detect(), &case.params(), &case.vector(8));
            assert_eq!(found.hessian, found.gauss_newton, "{case:?}");
        }
    }
}

#[test]
fn hessian_is_gauss_newton_plus_a_part_linear_in_the_residuals() {
    for activation in ACTIVATIONS {
        for widths in DEPTHS {
            let mut case = Case::new(widths, activation, Loss::HalfSquared, 6);
            let (w, v) = (case.params(), case.vector(8));
            let outputs: Vec<f64> = case.with(Machine::detect(), |mlp| {
                mlp.evaluate(&w).expect("evaluates");
                let f = mlp.outputs().expect("evaluated");
                (0..f.rows()).flat_map(|i| f.row(i).expect("adjacent").to_vec()).collect()
            });
            let part = |case: &Case| -> (Vec<f64>, Vec<f64>) {
                let found = case.measure(Machine::detect(), &w, &v);
                let rest = found.hessian.iter().zip(&found.gauss_newton);
                let rest = rest.map(|(h, g)| h - g).collect();
                (rest, bound::product(case, &w, &v))
            };
            let (once, allowed_once) = part(&case);
            case.t = outputs.iter().zip(&case.t).map(|(f, t)| f - 2.0 * (f - t)).collect();
            let (twice, allowed_twice) = part(&case);
            let allowed: Vec<f64> = allowed_once
                .iter()
                .zip(&allowed_twice)
                .map(|(once, twice)| 4.0 * once + 2.0 * twice)
                .collect();
            let doubled: Vec<f64> = once.iter().map(|x| 2.0 * x).collect();
            assert_close(&twice, &doubled, &allowed, &format!("{case:?}"));
            // No residual: exactly nothing is added.
            case.t = outputs;
            let none = case.measure(Machine::detect(), &w, &v);
            assert_eq!(none.hessian, none.gauss_newton, "{case:?}: residuals are 0");
        }
    }
}

#[test]
fn fisher_diagonal_is_the_mean_square_of_single_gradients() {
    for case in Case::all(5).into_iter().chain(Case::all(131).into_iter().skip(2).step_by(5)) {
        let w = case.params();
        let magnitudes: Vec<f64> = w.iter().map(|w| w.abs()).collect();
        let found = case.measure(Machine::detect(), &w, &w).fisher;
        let (mut mean, mut sizes) = (vec![0.0; w.len()], vec![]);
        for n in 0..case.samples {
            let alone = case.sample(n);
            sizes.push(bound::magnitude_gradient(&alone, &magnitudes).1);
            for (mean, g) in mean.iter_mut().zip(alone.gradient_at(&w)) {
                *mean += g * g / case.samples as f64;
            }
        }
        assert_close(&found, &mean, &bound::fisher(&case, &sizes), &format!("{case:?}"));
    }
}

#[test]
fn order_of_samples_changes_rounding_only() {
    for case in Case::all(140) {
        let (w, v) = (case.params(), case.vector(8));
        let reverse = |x: &[f64], width: usize| -> Vec<f64> {
            x.chunks(width).rev().flatten().copied().collect()
        };
        let (d, outputs) = (case.widths[0], case.widths[case.widths.len() - 1]);
        let reversed =
            Case { x: reverse(&case.x, d), t: reverse(&case.t, outputs), ..case.clone() };
        let (a, b) =
            (case.measure(Machine::detect(), &w, &v), reversed.measure(Machine::detect(), &w, &v));
        let at = format!("{:?} {:?} {:?}", case.widths, case.activation, case.loss);
        let double = |x: Vec<f64>| -> Vec<f64> { x.into_iter().map(|x| 2.0 * x).collect() };
        assert_close(&[a.loss], &[b.loss], &[2.0 * bound::loss(&case, &w)], &at);
        let allowed = double(bound::gradient(&case, &w));
        assert_close(&a.gradient, &b.gradient, &allowed, &at);
        let allowed = double(bound::product(&case, &w, &v));
        assert_close(&a.hessian, &b.hessian, &allowed, &at);
        assert_close(&a.gauss_newton, &b.gauss_newton, &allowed, &at);
    }
}

#[test]
fn strict_machines_give_the_same_bits() {
    for samples in [1, 127, 128, 129, 300] {
        for activation in ACTIVATIONS {
            for loss in LOSSES {
                let case = Case::new(&[7, 9, 5, 3], activation, loss, samples);
                let (w, v) = (case.params(), case.vector(8));
                let expected = case.measure(Machine::portable(), &w, &v).bits();
                for machine in Machine::present().filter(|machine| !machine.is_fused()) {
                    let found = case.measure(machine, &w, &v).bits();
                    assert_eq!(found, expected, "{machine:?} {samples} {activation:?} {loss:?}");
                }
            }
        }
    }
}

/// What the documents promise: each gradient element is one chain over all samples.
#[test]
fn blocks_do_not_enter_the_bits_of_a_gradient() {
    for samples in [1, 127, 128, 129, 300] {
        let case = Case::new(&[5, 3], Activation::Tanh, Loss::HalfSquared, samples);
        let w = case.params();
        let mut expected = vec![0.0; w.len()];
        for (x, t) in case.x.chunks(5).zip(case.t.chunks(3)) {
            for j in 0..3 {
                let f = (0..5).fold(w[15 + j], |sum, i| sum + x[i] * w[i * 3 + j]);
                let delta = (f - t[j]) / samples as f64;
                (0..5).for_each(|i| expected[i * 3 + j] += x[i] * delta);
                expected[15 + j] += delta;
            }
        }
        let found = case.measure(Machine::detect(), &w, &w).gradient;
        assert_eq!(found, expected, "{samples} samples");
    }
}

#[test]
fn views_of_any_strides_give_the_same_bits() {
    let case = Case::new(&[4, 5, 3], Activation::Tanh, Loss::CrossEntropy, 130);
    let (w, v) = (case.params(), case.vector(8));
    let transpose = |x: &[f64], width: usize| -> Vec<f64> {
        (0..width).flat_map(|j| x.iter().skip(j).step_by(width).copied()).collect()
    };
    let (x, t) = (transpose(&case.x, 4), transpose(&case.t, 3));
    let x = MatRef::col_major(&x, 130, 4).expect("fits");
    let t = MatRef::col_major(&t, 130, 3).expect("fits");
    let mut scratch = vec![f64::NAN; mlp_scratch_len(&case.widths, 130)];
    let mut mlp =
        Mlp::new(Machine::detect(), case.shape(), (x, t), &mut scratch).expect("shapes fit");
    let found = Measured::of(&mut mlp, &w, &v);
    assert_eq!(found.bits(), case.measure(Machine::detect(), &w, &v).bits(), "column-major data");
}

#[test]
fn single_precision_is_the_same_function() {
    for activation in ACTIVATIONS {
        let case = Case::new(&[3, 4, 2], activation, Loss::HalfSquared, 5);
        let single = |x: &[f64]| -> Vec<f32> { x.iter().map(|&x| x as f32).collect() };
        let (x, t, w) = (single(&case.x), single(&case.t), single(&case.params()));
        let x = MatRef::row_major(&x, 5, 3).expect("fits");
        let t = MatRef::row_major(&t, 5, 2).expect("fits");
        let mut scratch = vec![f32::NAN; mlp_scratch_len(&case.widths, 5)];
        let mut mlp =
            Mlp::new(Machine::detect(), case.shape(), (x, t), &mut scratch).expect("shapes fit");
        let mut gradient = vec![f32::NAN; w.len()];
        At::new(&mut mlp, &w).and_then(|mut at| at.gradient(&mut gradient)).expect("gradient");
        let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
        let params = case.params();
        let unit = f64::from(f32::EPSILON) / 2.0;
        let allowed = bound::gradient_in(&case, &params, unit);
        assert_close(&gradient, &case.gradient_at(&params), &allowed, &format!("{activation:?}"));
    }
}

#[test]
fn accuracy_counts_rows_whose_largest_agree() {
    // f(x) = x.
    let mut case = Case::new(&[2, 2], Activation::Identity, Loss::HalfSquared, 4);
    case.x = vec![3.0, 1.0, 0.0, 2.0, 5.0, 5.0, f64::NAN, 1.0];
    case.t = vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    case.with(Machine::detect(), |mlp| {
        assert_eq!(mlp.accuracy(), Err(Error::State { expected: "evaluate" }), "too early");
        let loss = mlp.evaluate(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).expect("a loss, even if NaN");
        assert!(loss.is_nan(), "NaN among the inputs must be seen in the loss");
        // A hit, a miss, a tie that the first wins, NaN.
        assert_eq!(mlp.accuracy(), Ok(0.5), "two of four");
        assert_eq!(mlp.outputs().map(|f| f.get(1, 1)), Ok(Some(2.0)), "outputs");
    });
}

#[test]
fn cross_entropy_survives_large_logits_and_keeps_small_losses() {
    let mut case = Case::new(&[1, 2], Activation::Identity, Loss::CrossEntropy, 1);
    (case.x, case.t) = (vec![1.0], vec![1.0, 0.0]);
    let loss = case.loss_at(&[1e5, -1e5, 0.0, 0.0]);
    assert_eq!(loss, 0.0, "right for sure");
    let found = case.measure(Machine::detect(), &[-1e5, 1e5, 0.0, 0.0], &[1.0; 4]);
    assert_eq!(found.loss, 2e5, "wrong for sure");
    assert_eq!(found.gradient, [-1.0, 1.0, -1.0, 1.0], "p − t");
    let loss = case.loss_at(&[40.0, 0.0, 0.0, 0.0]);
    let exact = (-40.0_f64).exp();
    assert_close(&[loss], &[exact], &[exact * bound::CONFIDENT_LOSS], "log(1 + e^−40) ≈ e^−40");
}

#[test]
fn saturated_units_give_finite_derivatives() {
    for activation in ACTIVATIONS {
        for weight in [1e3, -1e3, 1e-300, 0.0] {
            let mut case = Case::new(&[1, 1, 1], activation, Loss::HalfSquared, 2);
            (case.x, case.t) = (vec![1.0, -1.0], vec![0.0, 0.0]);
            let found = case.measure(Machine::detect(), &[weight, 0.0, 1.0, 0.0], &[1.0; 4]);
            let parts = [&found.gradient, &found.hessian, &found.gauss_newton, &found.fisher];
            let finite = parts.into_iter().flatten().all(|x| x.is_finite());
            assert!(finite && found.loss.is_finite(), "{activation:?} {weight}: {found:?}");
        }
    }
}

#[test]
fn non_finite_parameters_show_in_the_loss() {
    for case in Case::all(3) {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut w = case.params();
            let last = w.len() - 1;
            w[last] = bad;
            let loss = case.loss_at(&w);
            assert!(!loss.is_finite(), "{case:?} with {bad}: loss {loss}");
        }
    }
}

#[test]
fn mistakes_are_named() {
    let case = Case::new(&[2, 3, 1], Activation::Tanh, Loss::HalfSquared, 4);
    let x = MatRef::row_major(&case.x, 4, 2).expect("fits");
    let t = MatRef::row_major(&case.t, 4, 1).expect("fits");
    let build = |widths: &[usize], x, t, scratch: usize| -> Option<Error> {
        let shape = MlpShape { widths, ..case.shape() };
        Mlp::new(Machine::detect(), shape, (x, t), &mut vec![0.0; scratch]).err()
    };
    let length = |argument, expected, found| Some(Error::Length { argument, expected, found });
    let empty = |argument| Some(Error::Empty { argument });
    let few = Some(Error::Short { argument: "widths", needed: 2, found: 1 });
    assert_eq!(build(&[2], x, t, 999), few, "one width");
    assert_eq!(build(&[2, 0, 1], x, t, 999), empty("widths"), "a width of 0");
    assert_eq!(build(&[3, 1], x, t, 999), length("inputs.cols", 3, 2), "inputs");
    assert_eq!(build(&[2, 2], x, t, 999), length("targets.cols", 2, 1), "targets");
    let none = MatRef::row_major(&[], 0, 2).expect("fits");
    assert_eq!(build(&[2, 1], none, t, 999), empty("inputs"), "N = 0");
    let fewer = t.sub([0, 0], [3, 1]).expect("fits");
    assert_eq!(build(&[2, 1], x, fewer, 999), length("targets.rows", 4, 3), "rows");
    let needed = mlp_scratch_len(&[2, 3, 1], 4);
    let short = Some(Error::Short { argument: "scratch", needed, found: needed - 1 });
    assert_eq!(build(&[2, 3, 1], x, t, needed - 1), short, "scratch");
    case.with(Machine::detect(), |mlp| {
        let (w, mut out) = (case.params(), case.params());
        let early = Err(Error::State { expected: "evaluate" });
        assert_eq!(mlp.gradient(&w, &mut out), early, "before evaluation");
        assert_eq!(mlp.evaluate(&w[1..]).err(), length("params", 13, 12), "params");
        mlp.evaluate(&w).expect("evaluates");
        assert_eq!(mlp.gradient(&w, &mut out[1..]).err(), length("out", 13, 12), "out");
        let product = mlp.hessian_product(&w, &w[1..], &mut out).err();
        assert_eq!(product, length("v", 13, 12), "v");
    });
    assert_eq!(mlp_param_len(&[usize::MAX, 2]), usize::MAX, "saturates");
    assert_eq!(mlp_scratch_len(&[1, usize::MAX], 3), usize::MAX, "saturates");
}

#[test]
fn initial_parameters_lie_within_one_over_root_of_the_inputs() {
    let shape = |widths| MlpShape { widths, activation: Activation::Tanh, loss: LOSSES[0] };
    let mut params = vec![f64::NAN; mlp_param_len(&[100, 40, 4])];
    mlp_initialize(shape(&[100, 40, 4]), Stream::new(9, 1), &mut params).expect("fits");
    let (first, second) = params.split_at(101 * 40);
    for (part, inputs) in [(first, 100.0_f64), (second, 40.0)] {
        let limit = 1.0 / inputs.sqrt();
        assert!(part.iter().all(|w| w.abs() <= limit), "within ±{limit}");
        // The variance of a uniform is limit²/3, that of its mean over n a factor n less.
        let n = part.len() as f64;
        let mean = part.iter().sum::<f64>() / n;
        assert!(mean.abs() <= 4.0 * limit / (3.0 * n).sqrt(), "mean {mean}");
        // The variance of a square is limit⁴(1/5 − 1/9).
        let square = part.iter().map(|w| w * w).sum::<f64>() / n;
        let allowed = 4.0 * limit * limit * (4.0 / 45.0 / n).sqrt();
        assert!((square - limit * limit / 3.0).abs() <= allowed, "mean square {square}");
    }
    // A layer's values do not depend on the widths behind it.
    let mut shallow = vec![f64::NAN; mlp_param_len(&[100, 40])];
    mlp_initialize(shape(&[100, 40]), Stream::new(9, 1), &mut shallow).expect("fits");
    assert_eq!(shallow, first, "layer 0 alone");
    let short = mlp_initialize(shape(&[100, 40]), Stream::new(9, 1), &mut shallow[1..]);
    let expected = Error::Length { argument: "params", expected: 4040, found: 4039 };
    assert_eq!(short, Err(expected), "length");
}

#[test]
fn quadratic_on_integers_is_exact() {
    let a = [4.0, 1.0, -2.0, 1.0, 6.0, 0.0, -2.0, 0.0, 8.0];
    let a = MatRef::row_major(&a, 3, 3).expect("fits");
    let mut scratch = [f64::NAN; quadratic_scratch_len(3)];
    let mut bowl =
        Quadratic::new(Machine::detect(), a, &[1.0, 2.0, 3.0], &mut scratch).expect("fits");
    assert_eq!(bowl.gradient(&[0.0; 3], &mut [0.0; 3]), Err(Error::State { expected: "evaluate" }));
    // w − c = (1, 1, 2)
    let found = Measured::of(&mut bowl, &[2.0, 3.0, 5.0], &[1.0, 0.0, 1.0]);
    assert_eq!(found.loss, 18.0, "½(1, 1, 2)A(1, 1, 2)ᵀ");
    assert_eq!(found.gradient, [1.0, 7.0, 14.0], "A(1, 1, 2)");
    assert_eq!(found.hessian, [2.0, 1.0, 6.0], "A(1, 0, 1)");
    assert_eq!(found.gauss_newton, found.hessian, "the same matrix");
    assert_eq!(found.fisher, [1.0, 49.0, 196.0], "g ⊙ g");
    let wrong = Quadratic::new(Machine::detect(), a, &[1.0], &mut scratch).err();
    assert_eq!(wrong, Some(Error::Length { argument: "center", expected: 3, found: 1 }));
}
