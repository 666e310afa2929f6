//! Layer `objective`: whole numbers without rounding, the same bits on every machine and in every
//! layout, and what is refused.

use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, Objective, Quadratic, mlp_initialize, mlp_param_len,
    mlp_scratch_len, quadratic_scratch_len,
};
use teeter::random::Stream;
use teeter::{Error, Machine};
use teeter_verify::bound::network;
use teeter_verify::input::network::{ACTIVATIONS, Derivatives, LOSSES, Network};

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

/// Integers that are exact in f64, and the same network in i64: 2N·L and N·∇L of linear layers.
fn integer_case(widths: &[usize]) -> (Network, Vec<i64>, Vec<i64>) {
    let small = |count: usize, salt: usize| -> Vec<i64> {
        (0..count).map(|i| ((i * 7 + salt * 5 + i * i) % 7) as i64 - 3).collect()
    };
    let mut case = Network::new(widths, Activation::Identity, Loss::HalfSquared, 4);
    let float = |x: Vec<i64>| -> Vec<f64> { x.into_iter().map(|x| x as f64).collect() };
    case.x = float(small(case.x.len(), 1));
    case.t = float(small(case.t.len(), 2));
    let dim = case.dim();
    (case, small(dim, 3), small(dim, 4))
}

fn integer_loss_and_gradient(case: &Network, w: &[i64]) -> (i64, Vec<i64>) {
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
fn strict_machines_give_the_same_bits() {
    for samples in [1, 127, 128, 129, 300] {
        for activation in ACTIVATIONS {
            for loss in LOSSES {
                let case = Network::new(&[7, 9, 5, 3], activation, loss, samples);
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
        let case = Network::new(&[5, 3], Activation::Tanh, Loss::HalfSquared, samples);
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
    let case = Network::new(&[4, 5, 3], Activation::Tanh, Loss::CrossEntropy, 130);
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
    let found = Derivatives::of(&mut mlp, &w, &v);
    assert_eq!(found.bits(), case.measure(Machine::detect(), &w, &v).bits(), "column-major data");
}

#[test]
fn single_precision_is_the_same_function() {
    for activation in ACTIVATIONS {
        let case = Network::new(&[3, 4, 2], activation, Loss::HalfSquared, 5);
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
        let allowed = network::gradient_in(&case, &params, unit);
        assert_close(&gradient, &case.gradient_at(&params), &allowed, &format!("{activation:?}"));
    }
}

#[test]
fn accuracy_counts_rows_whose_largest_agree() {
    // f(x) = x.
    let mut case = Network::new(&[2, 2], Activation::Identity, Loss::HalfSquared, 4);
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
    let mut case = Network::new(&[1, 2], Activation::Identity, Loss::CrossEntropy, 1);
    (case.x, case.t) = (vec![1.0], vec![1.0, 0.0]);
    let loss = case.loss_at(&[1e5, -1e5, 0.0, 0.0]);
    assert_eq!(loss, 0.0, "right for sure");
    let found = case.measure(Machine::detect(), &[-1e5, 1e5, 0.0, 0.0], &[1.0; 4]);
    assert_eq!(found.loss, 2e5, "wrong for sure");
    assert_eq!(found.gradient, [-1.0, 1.0, -1.0, 1.0], "p − t");
    let loss = case.loss_at(&[40.0, 0.0, 0.0, 0.0]);
    let exact = (-40.0_f64).exp();
    assert_close(&[loss], &[exact], &[exact * network::CONFIDENT_LOSS], "log(1 + e^−40) ≈ e^−40");
}

#[test]
fn saturated_units_give_finite_derivatives() {
    for activation in ACTIVATIONS {
        for weight in [1e3, -1e3, 1e-300, 0.0] {
            let mut case = Network::new(&[1, 1, 1], activation, Loss::HalfSquared, 2);
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
    for case in Network::all(3) {
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
    let case = Network::new(&[2, 3, 1], Activation::Tanh, Loss::HalfSquared, 4);
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
    let found = Derivatives::of(&mut bowl, &[2.0, 3.0, 5.0], &[1.0, 0.0, 1.0]);
    assert_eq!(found.loss, 18.0, "½(1, 1, 2)A(1, 1, 2)ᵀ");
    assert_eq!(found.gradient, [1.0, 7.0, 14.0], "A(1, 1, 2)");
    assert_eq!(found.hessian, [2.0, 1.0, 6.0], "A(1, 0, 1)");
    assert_eq!(found.gauss_newton, found.hessian, "the same matrix");
    assert_eq!(found.fisher, [1.0, 49.0, 196.0], "g ⊙ g");
    let wrong = Quadratic::new(Machine::detect(), a, &[1.0], &mut scratch).err();
    assert_eq!(wrong, Some(Error::Length { argument: "center", expected: 3, found: 1 }));
}

/// The borrow adds nothing: each call is the objective's own, at the point it was made with.
#[test]
fn a_point_hands_through_what_it_holds() {
    let case = Network::new(&[3, 4, 2], Activation::Softplus, Loss::CrossEntropy, 5);
    assert_eq!(case.shape().param_len(), mlp_param_len(&case.widths));
    let (w, v) = (case.params(), case.vector(8));
    let held = case.measure(Machine::detect(), &w, &v);
    case.with(Machine::detect(), |mlp| {
        let (mut out, loss) = (vec![f64::NAN; w.len()], mlp.evaluate(&w).expect("evaluates"));
        assert_eq!((loss, mlp.dim(), mlp.samples()), (held.loss, w.len(), 5));
        assert_eq!(mlp.shape(), case.shape());
        mlp.gradient(&w, &mut out).expect("gradient");
        assert_eq!(out, held.gradient);
        mlp.hessian_product(&w, &v, &mut out).expect("product");
        assert_eq!(out, held.hessian);
        mlp.gauss_newton_product(&w, &v, &mut out).expect("product");
        assert_eq!(out, held.gauss_newton);
        mlp.fisher_diagonal(&w, &mut out).expect("diagonal");
        assert_eq!(out, held.fisher);
        let at = At::new(mlp, &w).expect("evaluates");
        assert_eq!((at.loss(), at.params()), (held.loss, &w[..]));
        assert_eq!(at.objective().samples(), 5);
    });
}
