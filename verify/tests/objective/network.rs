//! Networks of layers: properties, misuse, edges, and what can be done by hand.

use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, AttentionMask, Dropout, Loss, Mlp, MlpShape, Network, NetworkLayer, NetworkShape,
    Objective, mlp_scratch_len, network_param_len, network_scratch_len, smooth_labels,
};
use teeter::random::Stream;
use teeter::{Error, Machine};
use teeter_verify::input::layers::{Layers, SAMPLES};
use teeter_verify::property::{self, layers};
use teeter_verify::subject::Teeter;

#[test]
fn network_properties_hold() {
    for machine in Machine::present() {
        property::assert_all(&layers::all::<f64>(&Teeter(machine)));
        property::assert_all(&layers::all::<f32>(&Teeter(machine)));
    }
}

fn shape(inputs: usize, layers: &[NetworkLayer]) -> NetworkShape<'_> {
    NetworkShape { inputs, layers, loss: Loss::HalfSquared }
}

/// Every length that does not fit, by both numbers.
#[test]
fn network_shapes_that_do_not_fit_are_refused() {
    use NetworkLayer::{Attention, Conv1d, Conv2d, Dense, Dropout, LayerNorm, Mean, Residual};
    let conv = |width, stride, padding| Conv1d { inputs: 2, outputs: 3, width, stride, padding };
    let image = |height| Conv2d { height, inputs: 1, outputs: 1, width: 3, stride: 1, padding: 0 };
    let attention = |features, heads| Attention { features, heads, mask: AttentionMask::None };
    let length = |expected, found| Error::Length { argument: "layers", expected, found };
    let empty = |argument| Error::Empty { argument };
    let cases: [(usize, &[NetworkLayer], Error); 18] = [
        (7, &[Dense { inputs: 2, outputs: 1 }], length(6, 7)),
        (0, &[Dense { inputs: 2, outputs: 1 }], empty("inputs")),
        (4, &[], empty("layers")),
        (4, &[Dense { inputs: 0, outputs: 1 }], empty("layers")),
        (4, &[Dense { inputs: 2, outputs: 0 }], empty("outputs")),
        (5, &[conv(3, 1, 0)], length(4, 5)),
        (4, &[conv(0, 1, 0)], empty("width")),
        (4, &[conv(1, 0, 0)], empty("stride")),
        (4, &[conv(3, 1, 0)], Error::Short { argument: "layers", needed: 3, found: 2 }),
        (10, &[image(3)], length(9, 10)),
        (8, &[image(2)], Error::Short { argument: "layers", needed: 3, found: 2 }),
        (12, &[attention(4, 3)], length(3, 4)),
        (12, &[attention(4, 0)], empty("heads")),
        (10, &[attention(4, 2)], length(0, 10)),
        (5, &[LayerNorm { features: 2, epsilon: 0.0 }], length(4, 5)),
        (5, &[Mean { features: 0 }], empty("layers")),
        (4, &[Residual { back: 1 }], Error::Short { argument: "back", needed: 1, found: 0 }),
        (
            4,
            &[Dense { inputs: 2, outputs: 1 }, Residual { back: 1 }],
            Error::Length { argument: "back", expected: 2, found: 4 },
        ),
    ];
    for (inputs, layers, refused) in cases {
        assert_eq!(network_param_len(shape(inputs, layers)), Err(refused), "{inputs} {layers:?}");
        assert_eq!(network_scratch_len(shape(inputs, layers), 3), Err(refused), "{layers:?}");
    }
    for rate in [-0.1, 1.0, f64::NAN] {
        let found = network_param_len(shape(2, &[Dropout { rate }]));
        assert!(matches!(found, Err(Error::Range { argument: "rate", .. })), "{found:?}");
    }
    for epsilon in [-1.0, f64::NAN, f64::INFINITY] {
        let found = network_param_len(shape(2, &[LayerNorm { features: 2, epsilon }]));
        assert!(matches!(found, Err(Error::Range { argument: "epsilon", .. })), "{found:?}");
    }
}

/// Lengths near the largest number saturate; none wraps.
#[test]
fn network_lengths_saturate() {
    let layers = [NetworkLayer::Conv1d {
        inputs: usize::MAX / 2,
        outputs: 3,
        width: 3,
        stride: 1,
        padding: usize::MAX / 2,
    }];
    let shape = shape(usize::MAX / 2, &layers);
    assert_eq!(network_scratch_len(shape, 2), Ok(usize::MAX), "saturated");
    let refused = Network::<f64>::new(
        Machine::portable(),
        shape,
        (
            MatRef::row_major(&[], 0, 0).expect("empty"),
            MatRef::row_major(&[], 0, 0).expect("empty"),
        ),
        2,
        &mut [],
    );
    assert!(refused.is_err(), "no samples");
}

/// A network of the first case, and what is done to it.
fn with_dense<R>(act: impl FnOnce(&mut Network<'_, f64>) -> R) -> R {
    let layers = [NetworkLayer::Dense { inputs: 2, outputs: 1 }];
    let shape = shape(2, &layers);
    let x = MatRef::row_major(&[1.0, 2.0, 3.0, 4.0], 2, 2).expect("two rows");
    let t = MatRef::row_major(&[0.0, 1.0], 2, 1).expect("two rows");
    let mut scratch = vec![f64::NAN; network_scratch_len(shape, 1).expect("fits")];
    let machine = Machine::detect();
    act(&mut Network::new(machine, shape, (x, t), 1, &mut scratch).expect("fits"))
}

/// f = (x₁ + x₂) + ½ is 3.5 and 7.5: residuals 3.5 and 6.5.
#[test]
fn a_dense_network_is_exact_by_hand() {
    with_dense(|network| {
        let w = [1.0, 1.0, 0.5];
        assert_eq!(network.evaluate(&w), Ok((12.25 + 42.25) / 4.0), "mean of halved squares");
        let mut out = [f64::NAN; 3];
        assert_eq!(network.gradient(&w, &mut out), Ok(()), "evaluated");
        assert_eq!(out, [(3.5 + 19.5) / 2.0, (7.0 + 26.0) / 2.0, 5.0], "residual times input");
        // H = mean of (x, 1)(x, 1)ᵀ, which is also the Gauss–Newton matrix.
        for product in [Objective::hessian_product, Objective::gauss_newton_product] {
            assert_eq!(product(network, &w, &[1.0, 0.0, 0.0], &mut out), Ok(()), "evaluated");
            assert_eq!(out, [5.0, 7.0, 2.0], "its first column");
        }
        assert_eq!(network.sample_gradient(&w, 1, &mut out), Ok(()), "there are two");
        assert_eq!(out, [19.5, 26.0, 6.5], "the second sample's alone");
        let mut f = [f64::NAN; 2];
        assert_eq!(network.outputs(&w, &mut f), Ok(()), "two samples");
        assert_eq!(f, [3.5, 7.5], "outputs");
    });
}

#[test]
fn network_misuse_is_refused_and_changes_nothing() {
    with_dense(|network| {
        let mut out = [7.0; 3];
        let early = Err(Error::State { expected: "evaluate" });
        assert_eq!(network.gradient(&[1.0; 3], &mut out), early, "nothing evaluated");
        let short = Error::Length { argument: "params", expected: 3, found: 2 };
        assert_eq!(network.evaluate(&[1.0; 2]), Err(short), "a parameter is missing");
        assert!(network.evaluate(&[1.0; 3]).is_ok(), "all there");
        let long = Err(Error::Length { argument: "v", expected: 3, found: 4 });
        assert_eq!(network.hessian_product(&[1.0; 3], &[1.0; 4], &mut out), long, "too long");
        let sample = network.sample_gradient(&[1.0; 3], 2, &mut out);
        let range = Error::Range { argument: "index", found: 2.0, low: 0.0, high: 1.0 };
        assert_eq!(sample, Err(range), "samples 0 and 1");
        assert!(network.outputs(&[1.0; 3], &mut out).is_err(), "two samples, three places");
        network.set_dropout(None);
        assert_eq!(network.gradient(&[1.0; 3], &mut out), early, "to be evaluated again");
        assert_eq!(out, [7.0; 3], "untouched");
    });
}

/// A NaN among the parameters is an answer: the loss is NaN.
#[test]
fn a_network_that_diverges_says_so() {
    with_dense(|network| {
        let loss = network.evaluate(&[f64::NAN, 0.0, 0.0]);
        assert!(loss.is_ok_and(f64::is_nan), "NaN, not an error");
        let loss = network.evaluate(&[f64::MAX, f64::MAX, 0.0]);
        assert_eq!(loss, Ok(f64::INFINITY), "too large a residual");
    });
}

/// Which numbers are left out is a function of seed, step and place: the fraction is right within Hoeffding's
/// bound, other steps leave out others, and what is left out may be infinite.
#[test]
fn dropout_leaves_out_what_its_counter_says() {
    const UNITS: usize = 4096;
    let layers = [NetworkLayer::Dropout { rate: 0.25 }];
    let shape = shape(UNITS, &layers);
    let (mut ones, zeros) = (vec![1.0; UNITS], vec![0.0; UNITS]);
    let outputs = |x: &[f64], step: Option<u64>| -> Vec<f64> {
        let x = MatRef::row_major(x, 1, UNITS).expect("one row");
        let t = MatRef::row_major(&zeros, 1, UNITS).expect("one row");
        let mut scratch = vec![f64::NAN; network_scratch_len(shape, 1).expect("fits")];
        let mut network =
            Network::new(Machine::detect(), shape, (x, t), 1, &mut scratch).expect("fits");
        network.set_dropout(step.map(|step| Dropout { stream: Stream::new(1, 2), step }));
        let mut out = vec![f64::NAN; UNITS];
        network.outputs(&[], &mut out).expect("fits");
        out
    };
    assert_eq!(outputs(&ones, None), ones, "off");
    let (first, again, second) =
        (outputs(&ones, Some(0)), outputs(&ones, Some(0)), outputs(&ones, Some(1)));
    assert_eq!(first, again, "the same step");
    assert_ne!(first, second, "another step");
    let kept = 1.0 / 0.75;
    assert!(first.iter().all(|&y| y == 0.0 || y == kept), "0 or x/(1 − rate)");
    // Hoeffding: |fraction − rate| ≤ √(log(2/δ)/2n), δ = 10⁻⁹.
    let fraction = first.iter().filter(|&&y| y == 0.0).count() as f64 / UNITS as f64;
    let allowed =
        ((2.0 / teeter_verify::bound::layers::DROPOUT_FAILURE).ln() / (2.0 * UNITS as f64)).sqrt();
    assert!((fraction - 0.25).abs() <= allowed, "{fraction} is not 0.25 ± {allowed}");
    let place = first.iter().position(|&y| y == 0.0).expect("some are left out");
    ones[place] = f64::INFINITY;
    assert_eq!(outputs(&ones, Some(0))[place], 0.0, "left out, whatever it is");
}

#[test]
fn labels_are_smoothed_exactly() {
    let mut t = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    assert_eq!(smooth_labels(0.5, 4, &mut t), Ok(()), "two rows");
    assert_eq!(t[..4], [0.625, 0.125, 0.125, 0.125], "half of it spread");
    assert_eq!(t[5], 0.625, "the second row too");
    let before = t;
    let ragged = Error::Length { argument: "targets", expected: 6, found: 8 };
    assert_eq!(smooth_labels(0.5, 3, &mut t), Err(ragged), "8 is not a multiple of 3");
    assert_eq!(smooth_labels(0.5, 0, &mut t), Err(Error::Empty { argument: "classes" }), "none");
    for s in [-0.1, 1.5, f64::NAN] {
        assert!(matches!(smooth_labels(s, 4, &mut t), Err(Error::Range { .. })), "{s}");
    }
    assert_eq!(t, before, "untouched");
}

/// Positive semidefinite, and the Hessian where the residuals vanish with a linear output.
#[test]
fn the_gauss_newton_matrix_of_a_network_is_never_negative() {
    for case in Layers::all() {
        let answers = case.measure::<f64>(Machine::detect(), SAMPLES).expect("fits");
        let quadratic: f64 =
            answers.gauss_newton.iter().zip(&case.v).map(|(g, &v)| g * f64::from(v)).sum();
        let truth = case.truth::<f64>();
        let allowed: f64 = truth
            .gauss_newton
            .iter()
            .zip(&case.v)
            .map(|(&g, &v)| teeter_verify::bound::layers::difference::<f64>(g) * f64::from(v).abs())
            .sum();
        assert!(quadratic >= -allowed, "{}: {quadratic}", case.name);
    }
}

/// Dense layers and tanh or relu, one loss after the other: each element of the gradient is the same chain as that
/// of `Mlp`.
#[test]
fn a_network_of_dense_layers_has_the_gradient_of_the_mlp() {
    let mut compared = 0;
    for case in Layers::all() {
        let [
            NetworkLayer::Dense { .. },
            NetworkLayer::Pointwise(activation),
            NetworkLayer::Dense { outputs, .. },
        ] = case.layers[..]
        else {
            continue;
        };
        if activation == Activation::Softplus {
            continue; // its slope is read off the other end
        }
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let [x, t, w] = [&case.x, &case.t, &case.params].map(|x| wide(x));
        let widths = [case.inputs, 4, outputs];
        let shape = MlpShape { widths: &widths, activation, loss: case.loss };
        let mut scratch = vec![f64::NAN; mlp_scratch_len(&widths, SAMPLES)];
        let inputs = MatRef::row_major(&x, SAMPLES, case.inputs).expect("rows");
        let targets = MatRef::row_major(&t, SAMPLES, outputs).expect("rows");
        for machine in Machine::present() {
            let found = case.measure::<f64>(machine, 2).expect("fits");
            let mut mlp = Mlp::new(machine, shape, (inputs, targets), &mut scratch).expect("fits");
            let mut gradient = vec![f64::NAN; w.len()];
            mlp.evaluate(&w).expect("fits");
            mlp.gradient(&w, &mut gradient).expect("evaluated");
            assert_eq!(found.gradient, gradient, "{} on {}", case.name, machine.name());
            compared += 1;
        }
    }
    assert!(compared >= 3, "tanh, relu and identity");
}

/// The mean of the samples' own gradients, in the order of the samples, within the roundings of a mean.
#[test]
fn sample_gradients_add_up_to_the_gradient() {
    for case in Layers::all() {
        let found = case.sample_mean(Machine::detect()).expect("fits");
        let truth = case.truth::<f64>();
        for (found, &right) in found.iter().zip(&truth.gradient) {
            let allowed = teeter_verify::bound::layers::difference::<f64>(right);
            assert!((found - right.value).abs() <= allowed, "{}: {found} {right:?}", case.name);
        }
    }
}
