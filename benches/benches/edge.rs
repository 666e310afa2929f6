//! Random-matrix laws and the edge of stability in small: each call, its answer checked.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::curvature::{
    BatchNoise, BatchScaling, BatchSharpness, BoxMaximizer, BoxOptions, Catapult, GraphTerms,
    HessianVariability, LayerMut, MarchenkoPastur, MeanSquare, SelfStabilization, UpdateLine,
    batch_eigenvalue, batch_learning_rate, box_maximizer_len, central_flow_step, curvature_along,
    flattest_rescaling, hessian_variability_len, marchenko_pastur_spike, mean_square_memory_len,
    mean_square_scratch_len, noise_scale, product_step, rescale_layers, scalar_curvature,
    scaled_learning_rate, semicircle_cumulative, semicircle_density, semicircle_spike, temperature,
};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const N: usize = 1024;

const UNIT: f64 = f64::EPSILON / 2.0;

fn number(
    criterion: &mut Criterion,
    name: &str,
    right: f64,
    mut f: impl FnMut() -> Result<f64, Error>,
) {
    let step = |out: &mut f64| *out = f().unwrap_or(f64::NAN);
    let allowed = gamma(4 * N, UNIT) * right.abs().max(1.0);
    alone(criterion, (name, N), f64::NAN, step, |out| close(*out, right, allowed));
}

fn laws(criterion: &mut Criterion) {
    let pi = std::f64::consts::PI;
    number(criterion, "semicircle_density", 1.0 / pi, || semicircle_density(0.0, 2.0));
    number(criterion, "semicircle_cumulative", 0.5, || semicircle_cumulative(0.0, 2.0));
    number(criterion, "semicircle_spike", 2.5, || Ok(semicircle_spike(2.0, 2.0)?.value));
    number(criterion, "marchenko_pastur_spike", 3.375, || {
        Ok(marchenko_pastur_spike(3.0, 1.0, 0.25)?.value)
    });
    number(criterion, "MarchenkoPastur::new", 2.25, || Ok(MarchenkoPastur::new(1.0, 0.25)?.upper));
    let Ok(law) = MarchenkoPastur::new(1.0, 0.25) else { return };
    // √(1.25·0.75)/(2π·0.25).
    number(criterion, "MarchenkoPastur::density", 0.9375_f64.sqrt() / (0.5 * pi), || {
        law.density(1.0)
    });
    number(criterion, "MarchenkoPastur::cumulative", 1.0, || law.cumulative(2.25));
}

fn batches(criterion: &mut Criterion) {
    let noise = BatchNoise { params: 16, batch: 8, samples: 16, variance: 1.0 };
    number(criterion, "batch_eigenvalue", 4.25, || Ok(batch_eigenvalue(&noise, 4.0)?.value));
    number(criterion, "batch_learning_rate", 2.0 / 4.25, || batch_learning_rate(&noise, 4.0));
    number(criterion, "scaled_learning_rate", 0.5, || {
        scaled_learning_rate(BatchScaling::SquareRoot, 0.25, [128, 512])
    });
    number(criterion, "noise_scale", 2.0, || noise_scale(0.25, 0.5, [16, 80]));
    number(criterion, "temperature", 0.0625, || temperature(0.5, 0.5, 16));
    let (machine, x) = (Machine::detect(), vec![1.0; N]);
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
    number(criterion, "curvature_along", 2.0, || curvature_along(machine, &x, &twice));
    let mut sharpness = BatchSharpness::new();
    number(criterion, "BatchSharpness::push", 2.0, || sharpness.push(machine, &x, &twice));
    let mut memory = vec![0.0; hessian_variability_len(N)];
    let Ok(mut noise) = HessianVariability::new(N, &mut memory) else { return };
    number(criterion, "HessianVariability::push", 0.0, || {
        noise.push(machine, &twice).map(|()| 0.0)
    });
    number(criterion, "HessianVariability::damping", 0.0, || {
        noise.push(machine, &twice)?;
        Ok(noise.damping(machine, &x)?.damping)
    });
    number(criterion, "UpdateLine::new", 3.0 * N as f64, || {
        let line = UpdateLine::new(machine, &x, &x, &twice)?;
        Ok(line.slope + line.curvature)
    });
}

/// Samples 0 and 2 in each of d directions: η* is that of one direction, 1, or lower.
fn mean_square(criterion: &mut Criterion) {
    let (machine, d) = (Machine::detect(), 6);
    let mut list = vec![0.0; 2 * d * d];
    for i in 0..d {
        list[d * d + i * d + i] = 2.0;
    }
    let mut memory = vec![0.0; mean_square_memory_len(d)];
    let mut scratch = vec![0.0; mean_square_scratch_len(d)];
    number(criterion, "MeanSquare::new", 1.0, || {
        let model = MeanSquare::new(machine, &list, [d, 1], &mut memory, &mut scratch)?;
        Ok(model.threshold().threshold)
    });
}

fn small(criterion: &mut Criterion) {
    number(criterion, "Catapult::step", -2.0, || {
        Ok(Catapult { output: 2.0, sharpness: 1.0, width: 4.0 }.step(1.0).sharpness)
    });
    number(criterion, "SelfStabilization::step", -1.5, || {
        Ok(SelfStabilization { sharpening: 1.0, restoring: 2.0 }.step(0.5, [1.0, 1.0])[0])
    });
    let (mut a, mut b, slopes) = (vec![1.0; N], vec![1.0; N], vec![0.0; N]);
    number(criterion, "product_step", 1.0, || {
        product_step(0.5, &slopes, &mut a, &mut b)?;
        Ok(a[0])
    });
    let (machine, mut w) = (Machine::detect(), vec![0.0; N]);
    number(criterion, "central_flow_step", 2.0, || {
        let [down, up] = [vec![-1.0; N], vec![1.0; N]];
        Ok(central_flow_step(machine, [&down, &up], 4.0, [0.5, 0.5], &mut w)?.variance)
    });
    let mut bias = [1.0];
    number(criterion, "rescale_layers", 1.0, || {
        let layers = &mut [
            LayerMut { weights: &mut a, bias: &mut bias },
            LayerMut { weights: &mut b, bias: &mut [] },
        ];
        rescale_layers(&[1.0], layers)?;
        Ok(a[0])
    });
    number(criterion, "flattest_rescaling", 8.0, || Ok(flattest_rescaling([16.0, 1.0])?.trace));
    let terms = GraphTerms {
        trace: 5.0,
        frobenius_square: 13.0,
        gradient_square: 0.0,
        bending: 0.0,
        image_square: 0.0,
    };
    number(criterion, "scalar_curvature", 12.0, || scalar_curvature(&terms));
    let (x, ones) = (vec![0.0; N], vec![1.0; N]);
    let mut memory = vec![0.0; box_maximizer_len(N)];
    let options = BoxOptions { epsilon: 0.5, evaluation_max: 4 };
    number(criterion, "BoxMaximizer::push", 100.0, || {
        let mut search = BoxMaximizer::new(options, (&x, 0.0), &ones, &mut memory)?;
        search.push(1.0, &ones)?;
        Ok(search.estimate().value)
    });
}

criterion_group! {
    name = layer;
    config = settings();
    targets = laws, batches, mean_square, small
}
criterion_main!(layer);
