//! Networks of layers: one that is an MLP, beside `Mlp`, whose bits its gradient has; and a tiny transformer.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, AttentionMask, Dropout, Loss, Mlp, MlpShape, Network, NetworkLayer, NetworkShape,
    Objective, mlp_scratch_len, network_param_len, network_scratch_len, smooth_labels,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};
use teeter_benches::group::{all_close, alone, settings};

const SAMPLES: usize = 256;
const WIDTHS: [usize; 3] = [64, 32, 10];
const DENSE: [NetworkLayer; 3] = [
    NetworkLayer::Dense { inputs: 64, outputs: 32 },
    NetworkLayer::Pointwise(Activation::Tanh),
    NetworkLayer::Dense { inputs: 32, outputs: 10 },
];

/// Eight rows of an image as tokens of eight numbers.
const TRANSFORMER: [NetworkLayer; 9] = [
    NetworkLayer::Dense { inputs: 8, outputs: 16 },
    NetworkLayer::LayerNorm { features: 16, epsilon: 1e-5 },
    NetworkLayer::Dense { inputs: 16, outputs: 48 },
    NetworkLayer::Attention { features: 16, heads: 2, mask: AttentionMask::None },
    NetworkLayer::Residual { back: 3 },
    NetworkLayer::Gelu,
    NetworkLayer::Dropout { rate: 0.1 },
    NetworkLayer::Mean { features: 16 },
    NetworkLayer::Dense { inputs: 16, outputs: 10 },
];

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(4, stream), &mut x);
    x.iter_mut().for_each(|x| *x *= 0.25);
    x
}

/// Data, parameters, direction and a network of `layers`, 64 samples at a time.
fn with_network(
    layers: &[NetworkLayer],
    f: impl FnOnce(&mut Network<'_, f64>, &[f64], &[f64]) -> Result<(), Error>,
) {
    let shape = NetworkShape { inputs: 64, layers, loss: Loss::HalfSquared };
    let (inputs, targets) = (normals(1, SAMPLES * 64), normals(2, SAMPLES * 10));
    let run = || {
        let n = network_param_len(shape)?;
        let mut scratch = vec![0.0; network_scratch_len(shape, 64)?];
        let data =
            (MatRef::row_major(&inputs, SAMPLES, 64)?, MatRef::row_major(&targets, SAMPLES, 10)?);
        let machine = Machine::detect().fused();
        let mut network = Network::new(machine, shape, data, 64, &mut scratch)?;
        f(&mut network, &normals(3, n), &normals(4, n))
    };
    let outcome = run();
    assert!(outcome.is_ok(), "the lengths fit: {outcome:?}");
}

/// ∇L by `Mlp`.
fn mlp_gradient(w: &[f64]) -> Vec<f64> {
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let (inputs, targets) = (normals(1, SAMPLES * 64), normals(2, SAMPLES * 10));
    let mut scratch = vec![0.0; mlp_scratch_len(&WIDTHS, SAMPLES)];
    let mut gradient = vec![0.0; w.len()];
    let mut run = || {
        let data =
            (MatRef::row_major(&inputs, SAMPLES, 64)?, MatRef::row_major(&targets, SAMPLES, 10)?);
        let mut mlp = Mlp::new(Machine::detect().fused(), shape, data, &mut scratch)?;
        mlp.evaluate(w)?;
        mlp.gradient(w, &mut gradient)
    };
    let outcome: Result<(), Error> = run();
    assert!(outcome.is_ok(), "the lengths fit: {outcome:?}");
    gradient
}

fn dense(criterion: &mut Criterion) {
    with_network(&DENSE, |network, w, v| {
        network.evaluate(w)?;
        let (n, right) = (w.len(), mlp_gradient(w));
        let gradient = |out: &mut Vec<f64>| {
            assert_eq!(network.gradient(w, out), Ok(()), "evaluated");
        };
        // The same chains: the same bits.
        let check = |out: &Vec<f64>| all_close(out, right.iter().copied(), 0.0);
        alone(criterion, ("network gradient", n), vec![f64::NAN; n], gradient, check);
        products(criterion, "network", network, (w, v))
    });
}

/// Hessian and Gauss–Newton product; each the bits of the call before.
fn products(
    criterion: &mut Criterion,
    name: &str,
    network: &mut Network<'_, f64>,
    (w, v): (&[f64], &[f64]),
) -> Result<(), Error> {
    let n = w.len();
    let mut right = vec![f64::NAN; n];
    network.hessian_product(w, v, &mut right)?;
    let hessian = |out: &mut Vec<f64>| {
        assert_eq!(network.hessian_product(w, v, out), Ok(()), "evaluated");
    };
    let check = |out: &Vec<f64>| all_close(out, right.iter().copied(), 0.0);
    alone(criterion, (&format!("{name} Hessian product"), n), vec![f64::NAN; n], hessian, check);
    network.gauss_newton_product(w, v, &mut right)?;
    let middle = |out: &mut Vec<f64>| {
        assert_eq!(network.gauss_newton_product(w, v, out), Ok(()), "evaluated");
    };
    let check = |out: &Vec<f64>| all_close(out, right.iter().copied(), 0.0);
    alone(criterion, (&format!("{name} Gauss-Newton"), n), vec![f64::NAN; n], middle, check);
    Ok(())
}

fn transformer(criterion: &mut Criterion) {
    with_network(&TRANSFORMER, |network, w, v| {
        network.set_dropout(Some(Dropout { stream: Stream::new(1, 2), step: 3 }));
        assert_eq!(network.shape().layers.len(), TRANSFORMER.len(), "all of them");
        let (n, outputs) = (w.len(), network.samples() * 10);
        let right = network.evaluate(w)?;
        let evaluate = |loss: &mut f64| *loss = network.evaluate(w).unwrap_or(f64::NAN);
        let check = |loss: &f64| all_close(&[*loss], [right], 0.0);
        alone(criterion, ("transformer evaluate", n), f64::NAN, evaluate, check);
        let forward = |out: &mut Vec<f64>| {
            assert_eq!(network.outputs(w, out), Ok(()), "ten of each");
        };
        let finite = |out: &Vec<f64>| {
            if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err("not finite".to_owned()) }
        };
        alone(criterion, ("transformer outputs", n), vec![f64::NAN; outputs], forward, finite);
        let sample = |out: &mut Vec<f64>| {
            assert_eq!(network.sample_gradient(w, 0, out), Ok(()), "there is one");
        };
        alone(criterion, ("transformer sample gradient", n), vec![f64::NAN; n], sample, finite);
        network.evaluate(w)?;
        products(criterion, "transformer", network, (w, v))
    });
}

fn labels(criterion: &mut Criterion) {
    let step = |t: &mut Vec<f64>| {
        t.fill(0.0);
        assert_eq!(smooth_labels(0.5, 8, t), Ok(()), "whole rows");
    };
    // Half of nothing and an eighth of a half: exact.
    let check = |t: &Vec<f64>| all_close(t, vec![0.0625; 4096], 0.0);
    alone(criterion, ("smooth_labels", 4096), vec![f64::NAN; 4096], step, check);
}

criterion_group! {
    name = layer;
    config = settings();
    targets = dense, transformer, labels
}
criterion_main!(layer);
