//! Layer `objective`: derivatives against differences and single samples, and the relations that
//! need no oracle. Whole numbers, bits, layouts and misuse are in `mlp.rs`.

use teeter::Machine;
use teeter::objective::{Activation, Loss, Objective};
use teeter_verify::bound::network;
use teeter_verify::input::network::{
    ACTIVATIONS, DEPTHS, Derivatives, LOSSES, Network, basis, moved,
};
use teeter_verify::oracle::naive::dot;
use teeter_verify::property;
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("objective"));
}

/// The Gauss–Newton product where the Hessian's was asked for: right on one layer, wrong on two.
struct GaussNewtonForHessian;
impl Subject<f64> for GaussNewtonForHessian {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn hessian_product(&self, network: &Network, params: &[f64], v: &[f64]) -> Vec<f64> {
        network.measure(self.machine(), params, v).gauss_newton
    }
}

/// A bias forgotten in the backward pass: the last element is missing.
struct ForgottenBias;
impl Subject<f64> for ForgottenBias {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn hessian_product(&self, network: &Network, params: &[f64], v: &[f64]) -> Vec<f64> {
        let mut product = network.measure(self.machine(), params, v).hessian;
        product.iter_mut().rev().take(1).for_each(|x| *x = 0.0);
        product
    }
}

#[test]
fn planted_faults_are_caught() {
    let caught = property::assert_caught;
    caught(&property::objective::hessian_product_is_the_central_difference(&GaussNewtonForHessian));
    caught(&property::objective::trained_sharpness_is_that_of_faer(&GaussNewtonForHessian));
    caught(&property::objective::hessian_product_is_the_central_difference(&ForgottenBias));
    caught(&property::objective::dense_hessian_is_symmetric(&ForgottenBias));
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
    let h = network::STEP;
    for case in Network::all(5) {
        let w = case.params();
        let gradient = case.gradient_at(&w);
        let (rounding, own) = (network::loss(&case, &w), network::gradient(&case, &w));
        for (i, (&g, own)) in gradient.iter().zip(own).enumerate() {
            let e = basis(w.len(), i);
            let difference = |h: f64| {
                (case.loss_at(&moved(&w, h, &e)) - case.loss_at(&moved(&w, -h, &e))) / (2.0 * h)
            };
            let (near, far) = (difference(h), difference(2.0 * h));
            let allowed = network::central_difference(near, far, rounding) + own;
            assert_close(&[g], &[near], &[allowed], &format!("{case:?}, parameter {i}"));
        }
    }
}

#[test]
fn hessian_product_is_the_central_difference_of_the_gradient() {
    let h = network::STEP;
    for case in Network::all(5) {
        let (w, v) = (case.params(), case.vector(8));
        let product = case.measure(Machine::detect(), &w, &v).hessian;
        let difference = |h: f64| -> Vec<f64> {
            let (ahead, behind) =
                (case.gradient_at(&moved(&w, h, &v)), case.gradient_at(&moved(&w, -h, &v)));
            ahead.iter().zip(&behind).map(|(a, b)| (a - b) / (2.0 * h)).collect()
        };
        let (near, far) = (difference(h), difference(2.0 * h));
        let own = network::product(&case, &w, &v);
        let rounding = network::gradient(&case, &w);
        let allowed: Vec<f64> = (0..w.len())
            .map(|i| own[i] + network::central_difference(near[i], far[i], rounding[i]))
            .collect();
        assert_close(&product, &near, &allowed, &format!("{case:?}"));
    }
}

#[test]
fn hessian_and_gauss_newton_are_symmetric_on_basis_vectors() {
    for case in Network::all(6) {
        let (w, n) = (case.params(), case.dim());
        let columns: Vec<Derivatives> =
            (0..n).map(|i| case.measure(Machine::detect(), &w, &basis(n, i))).collect();
        let allowed: Vec<Vec<f64>> =
            (0..n).map(|i| network::product(&case, &w, &basis(n, i))).collect();
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

#[test]
fn gauss_newton_is_never_negative() {
    for case in Network::all(6) {
        let w = case.params();
        for stream in 20..26 {
            let v = case.vector(stream);
            let form = dot(&v, &case.measure(Machine::detect(), &w, &v).gauss_newton);
            let magnitudes: Vec<f64> = v.iter().map(|v| v.abs()).collect();
            let allowed = dot(&magnitudes, &network::product(&case, &w, &v));
            assert!(form >= -allowed, "{case:?}: vᵀGv = {form}, allowed -{allowed}");
        }
    }
}

#[test]
fn one_layer_has_its_gauss_newton_matrix_as_hessian() {
    for loss in LOSSES {
        for samples in [1, 5, 129] {
            let case = Network::new(&[6, 3], Activation::Tanh, loss, samples);
            let found = case.measure(Machine::detect(), &case.params(), &case.vector(8));
            assert_eq!(found.hessian, found.gauss_newton, "{case:?}");
        }
    }
}

#[test]
fn hessian_is_gauss_newton_plus_a_part_linear_in_the_residuals() {
    for activation in ACTIVATIONS {
        for widths in DEPTHS {
            let mut case = Network::new(widths, activation, Loss::HalfSquared, 6);
            let (w, v) = (case.params(), case.vector(8));
            let outputs: Vec<f64> = case.with(Machine::detect(), |mlp| {
                mlp.evaluate(&w).expect("evaluates");
                let f = mlp.outputs().expect("evaluated");
                (0..f.rows()).flat_map(|i| f.row(i).expect("adjacent").to_vec()).collect()
            });
            let part = |case: &Network| -> (Vec<f64>, Vec<f64>) {
                let found = case.measure(Machine::detect(), &w, &v);
                let rest = found.hessian.iter().zip(&found.gauss_newton);
                let rest = rest.map(|(h, g)| h - g).collect();
                (rest, network::product(case, &w, &v))
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
    for case in Network::all(5).into_iter().chain(Network::all(131).into_iter().skip(2).step_by(5))
    {
        let w = case.params();
        let magnitudes: Vec<f64> = w.iter().map(|w| w.abs()).collect();
        let found = case.measure(Machine::detect(), &w, &w).fisher;
        let (mut mean, mut sizes) = (vec![0.0; w.len()], vec![]);
        for n in 0..case.samples {
            let alone = case.sample(n);
            sizes.push(network::magnitude_gradient(&alone, &magnitudes).1);
            for (mean, g) in mean.iter_mut().zip(alone.gradient_at(&w)) {
                *mean += g * g / case.samples as f64;
            }
        }
        assert_close(&found, &mean, &network::fisher(&case, &sizes), &format!("{case:?}"));
    }
}

#[test]
fn order_of_samples_changes_rounding_only() {
    for case in Network::all(140) {
        let (w, v) = (case.params(), case.vector(8));
        let reverse = |x: &[f64], width: usize| -> Vec<f64> {
            x.chunks(width).rev().flatten().copied().collect()
        };
        let (d, outputs) = (case.widths[0], case.widths[case.widths.len() - 1]);
        let reversed =
            Network { x: reverse(&case.x, d), t: reverse(&case.t, outputs), ..case.clone() };
        let (a, b) =
            (case.measure(Machine::detect(), &w, &v), reversed.measure(Machine::detect(), &w, &v));
        let at = format!("{:?} {:?} {:?}", case.widths, case.activation, case.loss);
        let double = |x: Vec<f64>| -> Vec<f64> { x.into_iter().map(|x| 2.0 * x).collect() };
        assert_close(&[a.loss], &[b.loss], &[2.0 * network::loss(&case, &w)], &at);
        let allowed = double(network::gradient(&case, &w));
        assert_close(&a.gradient, &b.gradient, &allowed, &at);
        let allowed = double(network::product(&case, &w, &v));
        assert_close(&a.hessian, &b.hessian, &allowed, &at);
        assert_close(&a.gauss_newton, &b.gauss_newton, &allowed, &at);
    }
}
