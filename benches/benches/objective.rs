//! Losses and their derivatives: the network that the main job trains, on fewer samples.
//!
//! Checks here are gauges; that derivatives are exact is shown in `verify`.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::matrix::{MatRef, gemv};
use teeter::objective::{
    Activation, Loss, Mlp, MlpShape, Objective, Quadratic, mlp_initialize, mlp_param_len,
    mlp_scratch_len, quadratic_scratch_len,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};
use teeter_benches::group::{all_close, alone, close, settings};
use teeter_benches::reference::gamma;

const WIDTHS: [usize; 4] = [64, 32, 32, 10];

const SHAPE: MlpShape<'static> =
    MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };

const SAMPLES: usize = 256;

/// Parameters.
const N: usize = mlp_param_len(&WIDTHS);

const UNIT: f64 = f64::EPSILON / 2.0;

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(4, stream), &mut x);
    x
}

fn initialized() -> Vec<f64> {
    let mut params = vec![0.0; N];
    assert_eq!(mlp_initialize(SHAPE, Stream::new(4, 0), &mut params), Ok(()), "N parameters");
    params
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The network, with its data and memory lent to `f`.
fn with_mlp<R>(f: impl FnOnce(&mut Mlp<'_, f64>) -> Result<R, Error>) -> R {
    let (inputs, targets) = (normals(1, SAMPLES * WIDTHS[0]), normals(2, SAMPLES * WIDTHS[3]));
    let mut scratch = vec![0.0; mlp_scratch_len(&WIDTHS, SAMPLES)];
    let data = || {
        let inputs = MatRef::row_major(&inputs, SAMPLES, WIDTHS[0])?;
        Ok((inputs, MatRef::row_major(&targets, SAMPLES, WIDTHS[3])?))
    };
    let result = data()
        .and_then(|data| f(&mut Mlp::new(Machine::detect().fused(), SHAPE, data, &mut scratch)?));
    match result {
        Ok(result) => result,
        Err(error) => panic!("the lengths fit: {error}"),
    }
}

fn initialization(criterion: &mut Criterion) {
    let step = |params: &mut Vec<f64>| {
        assert_eq!(mlp_initialize(SHAPE, Stream::new(4, 0), params), Ok(()), "N parameters");
    };
    // ±1/√fan_in, and no fan is below 32.
    alone(criterion, ("mlp_initialize", N), vec![f64::NAN; N], step, |params| {
        params.iter().try_for_each(|&x| close(x, 0.0, 1.0 / 32.0_f64.sqrt()))
    });
}

fn first_order(criterion: &mut Criterion) {
    let w = initialized();
    with_mlp(|mlp| {
        let right = mlp.evaluate(&w)?;
        alone(
            criterion,
            ("evaluate", N),
            f64::NAN,
            |loss| *loss = mlp.evaluate(&w).unwrap_or(f64::NAN),
            // The same call: the same bits.
            |loss| close(*loss, right, 0.0),
        );
        Ok(())
    });
    // The slope of the loss along a direction d, by a central difference of step h = u^⅓,
    // whose truncation and rounding are of order u^⅔; √u leaves room for their constants.
    let d = normals(3, N);
    let h = UNIT.cbrt();
    let slope = with_mlp(|mlp| {
        let mut at = |h: f64| {
            let moved: Vec<f64> = w.iter().zip(&d).map(|(w, d)| w + h * d).collect();
            mlp.evaluate(&moved)
        };
        Ok((at(h)? - at(-h)?) / (2.0 * h))
    });
    with_mlp(|mlp| {
        mlp.evaluate(&w)?;
        let step = |g: &mut Vec<f64>| assert_eq!(mlp.gradient(&w, g), Ok(()), "N elements");
        alone(criterion, ("gradient", N), vec![f64::NAN; N], step, |g| {
            close(dot(g, &d), slope, UNIT.sqrt() * dot(&d, &d))
        });
        let accuracy = |out: &mut f64| *out = mlp.accuracy().unwrap_or(f64::NAN);
        // A fraction of the samples, whatever the network answers.
        alone(criterion, ("accuracy", SAMPLES), f64::NAN, accuracy, |out| {
            close(*out * SAMPLES as f64, (*out * SAMPLES as f64).round(), 0.0)?;
            close(*out, 0.5, 0.5)
        });
        let step = |f: &mut Vec<f64>| assert_eq!(mlp.fisher_diagonal(&w, f), Ok(()), "N elements");
        alone(criterion, ("fisher_diagonal", N), vec![f64::NAN; N], step, |f| {
            f.iter().all(|&f| f >= 0.0).then_some(()).ok_or_else(|| "a mean of squares < 0".into())
        });
        Ok(())
    });
}

/// Symmetry: uᵀ(Hv) = vᵀ(Hu), up to √u of the sizes: far above rounding, far below a fault.
fn second_order(criterion: &mut Criterion) {
    type Product = fn(&mut Mlp<'_, f64>, &[f64], &[f64], &mut [f64]) -> Result<(), Error>;
    let list: [(&str, Product); 2] = [
        ("hessian_product", |mlp, w, v, out| mlp.hessian_product(w, v, out)),
        ("gauss_newton_product", |mlp, w, v, out| mlp.gauss_newton_product(w, v, out)),
    ];
    let (w, u, v) = (initialized(), normals(5, N), normals(6, N));
    for (name, product) in list {
        with_mlp(|mlp| {
            mlp.evaluate(&w)?;
            let mut hu = vec![f64::NAN; N];
            product(mlp, &w, &u, &mut hu)?;
            let step = |hv: &mut Vec<f64>| assert_eq!(product(mlp, &w, &v, hv), Ok(()), "lengths");
            alone(criterion, (name, N), vec![f64::NAN; N], step, |hv| {
                let size = (dot(&hu, &hu) * dot(&v, &v)).sqrt();
                close(dot(&u, hv), dot(&v, &hu), UNIT.sqrt() * size)
            });
            Ok(())
        });
    }
}

fn quadratic(criterion: &mut Criterion) {
    const ORDER: usize = 64;
    let m = Machine::detect();
    let half = normals(7, ORDER * ORDER);
    let entry = |k: usize| half[k] + half[k % ORDER * ORDER + k / ORDER];
    let a: Vec<f64> = (0..ORDER * ORDER).map(entry).collect();
    let (center, w) = (vec![0.0; ORDER], normals(8, ORDER));
    let mut scratch = vec![0.0; quadratic_scratch_len(ORDER)];
    let mut right = vec![0.0; ORDER];
    let made = MatRef::row_major(&a, ORDER, ORDER).and_then(|view| {
        gemv(m, 1.0, view, &w, 0.0, &mut right)?;
        Quadratic::new(m, view, &center, &mut scratch)
    });
    let Ok(mut quadratic) = made else { panic!("the lengths fit") };
    let step = |g: &mut Vec<f64>| {
        let done = quadratic.evaluate(&w).and_then(|_| quadratic.gradient(&w, g));
        assert_eq!(done, Ok(()), "the lengths fit");
    };
    // A(w − 0): two products, each within γ of Σ|a||w|, the largest such row taken for all.
    let size = a.chunks(ORDER).map(|row| row.iter().zip(&w).map(|(a, w)| (a * w).abs()).sum());
    let allowed = 2.0 * gamma(ORDER + 2, UNIT) * size.fold(0.0, f64::max);
    alone(criterion, ("Quadratic", ORDER), vec![f64::NAN; ORDER], step, |g| {
        all_close(g, right.iter().copied(), allowed)
    });
}

criterion_group! {
    name = layer;
    config = settings();
    targets = initialization, first_order, second_order, quadratic
}
criterion_main!(layer);
