//! Optimizer steps beside what memory allows, and the network's derivatives beside what `gemm` does.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use nalgebra::DVector;
use teeter::matrix::{MatMut, MatRef, gemm};
use teeter::objective::{
    Activation, Loss, Mlp, MlpShape, Objective, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::optim::{Adam, AdamState, EpsilonPlacement, Momentum, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, vector};

/// 2 and 8 MiB an array: beyond L2.
const LENGTHS: [usize; 2] = [1 << 18, 1 << 20];

const WIDTHS: [usize; 3] = [64, 128, 256];

const BATCH: usize = 256;

const RATE: f64 = 1e-6;

/// One entrant of a race.
type Entrant<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Seconds of each: the least of interleaved rounds, for what others do on the machine only adds.
fn race(entrants: &mut [Entrant<'_>], budget: Duration) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; entrants.len()];
    let (start, mut round) = (Instant::now(), 0);
    while round < 9 || start.elapsed() < budget {
        for ((_, run), least) in entrants.iter_mut().zip(&mut least) {
            let start = Instant::now();
            run();
            let seconds = start.elapsed().as_secs_f64();
            // The first round warms up.
            if round > 0 {
                *least = least.min(seconds);
            }
        }
        round += 1;
    }
    least
}

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(5, stream), &mut x);
    x
}

/// Which step.
#[derive(Clone, Copy, Debug)]
enum Step {
    Plain,
    Nesterov,
    Adam,
}

/// Parameters and up to two arrays of state.
type Arrays = [Vec<f64>; 3];

impl Step {
    /// Numbers that a step reads and writes for each parameter: its pass, and the gradient once more for its norm.
    fn touched(self) -> usize {
        match self {
            Self::Plain => 3 + 1,
            Self::Nesterov => 5 + 1,
            Self::Adam => 7 + 1,
        }
    }

    fn ours(self, machine: Machine, g: &[f64], [w, m, v]: &mut Arrays, powers: &mut [f64; 2]) {
        let sgd = |momentum| Sgd { learning_rate: RATE, momentum, weight_decay: 0.0 };
        let done = match self {
            Self::Plain => sgd(Momentum::None).step(machine, g, &mut SgdState { velocity: m }, w),
            Self::Nesterov => {
                sgd(Momentum::Nesterov(0.9)).step(machine, g, &mut SgdState { velocity: m }, w)
            }
            Self::Adam => {
                let rule = Adam {
                    learning_rate: RATE,
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    epsilon_placement: EpsilonPlacement::Outside,
                    weight_decay: 0.0,
                };
                let [beta1_power, beta2_power] = *powers;
                let mut state =
                    AdamState { first: m, second: v, steps: 1, beta1_power, beta2_power };
                let done = rule.step(machine, g, &mut state, w);
                *powers = [state.beta1_power, state.beta2_power];
                done
            }
        };
        assert!(done.is_ok(), "a finite gradient: {done:?}");
    }

    /// The same formula over iterators, without norms and without a look at NaN.
    fn iterators(self, g: &[f64], [w, m, v]: &mut Arrays, powers: &mut [f64; 2]) {
        match self {
            Self::Plain => w.iter_mut().zip(g).for_each(|(w, g)| *w -= RATE * g),
            Self::Nesterov => {
                for ((w, v), g) in w.iter_mut().zip(m).zip(g) {
                    *v = 0.9 * *v + g;
                    *w -= RATE * (g + 0.9 * *v);
                }
            }
            Self::Adam => {
                *powers = [powers[0] * 0.9, powers[1] * 0.999];
                let [one, two] = powers.map(|power| 1.0 / (1.0 - power));
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
                    *m = 0.9 * *m + (1.0 - 0.9) * g;
                    *v = 0.999 * *v + (1.0 - 0.999) * (g * g);
                    *w -= RATE * (*m * one) / ((*v * two).sqrt() + 1e-8);
                }
            }
        }
    }

    /// With nalgebra's vectors, as its users write it: its operations one after the other.
    fn nalgebra(self, g: &DVector<f64>, [w, m, v]: &mut [DVector<f64>; 3], powers: &mut [f64; 2]) {
        match self {
            Self::Plain => w.axpy(-RATE, g, 1.0),
            Self::Nesterov => {
                m.axpy(1.0, g, 0.9);
                w.axpy(-RATE, g, 1.0);
                w.axpy(-RATE * 0.9, m, 1.0);
            }
            Self::Adam => {
                *powers = [powers[0] * 0.9, powers[1] * 0.999];
                let [one, two] = powers.map(|power| 1.0 / (1.0 - power));
                m.axpy(1.0 - 0.9, g, 0.9);
                v.zip_apply(g, |v, g| *v = 0.999 * *v + (1.0 - 0.999) * (g * g));
                w.zip_zip_apply(m, v, |w, m, v| *w -= RATE * (m * one) / ((v * two).sqrt() + 1e-8));
            }
        }
    }
}

/// Steps of all three ways from one start must agree but for rounding.
fn check(step: Step, parts: [&[f64]; 3], start: &[f64]) -> Result<(), String> {
    let [ours, iterators, nalgebra] = parts;
    for (i, w) in start.iter().enumerate() {
        // η at most 10⁻⁶·(2 + largest gradient): ten roundings of w and of what moved it.
        let allowed = 10.0 * f64::EPSILON * (w.abs() + 1.0);
        let far = |x: &[f64]| (x[i] - ours[i]).abs() > allowed;
        if far(iterators) || far(nalgebra) || ours[i] == *w {
            return Err(format!("{step:?}: answers differ at {i}, or nothing moved"));
        }
    }
    Ok(())
}

fn step_row(step: Step, n: usize, out: &mut String) -> Result<(), String> {
    let machine = Machine::detect();
    let (g, start) = (normals(0, n), normals(1, n));
    let arrays = || [start.clone(), vec![0.0; n], vec![0.0; n]];
    let (mut ours, mut plain) = (arrays(), arrays());
    let (mut dense, g_dense) = (arrays().map(DVector::from_vec), DVector::from_vec(g.clone()));
    let mut powers = [[1.0; 2]; 3];
    let [of_ours, of_plain, of_dense] = &mut powers;
    step.ours(machine, &g, &mut ours, of_ours);
    step.iterators(&g, &mut plain, of_plain);
    step.nalgebra(&g_dense, &mut dense, of_dense);
    check(step, [&ours[0], &plain[0], dense[0].as_slice()], &start)?;
    let (mut x, y) = (vec![0.0; n], normals(2, n));
    let mut entrants: [Entrant<'_>; 4] = [
        ("ours", Box::new(|| step.ours(machine, &g, black_box(&mut ours), of_ours))),
        ("iterators", Box::new(|| step.iterators(&g, black_box(&mut plain), of_plain))),
        ("nalgebra", Box::new(|| step.nalgebra(&g_dense, black_box(&mut dense), of_dense))),
        (
            "axpy",
            Box::new(|| {
                let _ = vector::axpy(machine, 1e-9, &y, black_box(&mut x));
            }),
        ),
    ];
    let seconds = race(&mut entrants, Duration::from_secs(1));
    drop(entrants);
    let [ours, iterators, nalgebra, axpy] = seconds[..] else { return Err("four entrants".into()) };
    let rate = |numbers: usize, seconds: f64| (8 * numbers * n) as f64 / seconds / 1e9;
    let memory = rate(3, axpy);
    let name = format!("{step:?}");
    let line = writeln!(
        out,
        "{name:9} {n:8} {:10.0} {:9.1} {memory:9.1} {:7.0} % {:10.2} {:9.2}",
        ours * 1e9 / 1e3,
        rate(step.touched(), ours),
        100.0 * rate(step.touched(), ours) / memory,
        iterators / ours,
        nalgebra / ours
    );
    line.map_err(|error| error.to_string())
}

/// Seconds of loss and gradient, of a Hessian product, of one of the network's products.
fn network(width: usize) -> Result<[f64; 3], Error> {
    let machine = Machine::detect().fused();
    let widths = [width; 4];
    let shape = MlpShape { widths: &widths, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let n = mlp_param_len(&widths);
    let (x, t) = (normals(1, BATCH * width), normals(2, BATCH * width));
    let data = (MatRef::row_major(&x, BATCH, width)?, MatRef::row_major(&t, BATCH, width)?);
    let mut scratch = vec![0.0; mlp_scratch_len(&widths, BATCH)];
    let mut other = vec![0.0; mlp_scratch_len(&widths, BATCH)];
    let mut first = Mlp::new(machine, shape, data, &mut scratch)?;
    let mut second = Mlp::new(machine, shape, data, &mut other)?;
    let mut w = vec![0.0; n];
    mlp_initialize(shape, Stream::new(4, 0), &mut w)?;
    let v = normals(3, n);
    second.evaluate(&w)?;
    let [mut gradient, mut product, mut c] = [vec![0.0; n], vec![0.0; n], vec![0.0; BATCH * width]];
    let a = MatRef::row_major(&x, BATCH, width)?;
    let b = MatRef::row_major(&w[..width * width], width, width)?;
    let mut entrants: [Entrant<'_>; 3] = [
        (
            "gradient",
            Box::new(|| {
                let done =
                    first.evaluate(&w).and_then(|_| first.gradient(&w, black_box(&mut gradient)));
                assert!(done.is_ok(), "the lengths fit");
            }),
        ),
        (
            "product",
            Box::new(|| {
                let done = second.hessian_product(&w, &v, black_box(&mut product));
                assert!(done.is_ok(), "the lengths fit");
            }),
        ),
        (
            "gemm",
            Box::new(|| {
                let c = MatMut::row_major(black_box(&mut c), BATCH, width);
                let done = c.and_then(|c| gemm(machine, 1.0, a, b, 0.0, c));
                assert!(done.is_ok(), "the lengths fit");
            }),
        ),
    ];
    let seconds = race(&mut entrants, Duration::from_secs(1));
    drop(entrants);
    let finite = |x: &[f64]| x.iter().all(|x| x.is_finite()) && x.iter().any(|&x| x != 0.0);
    assert!(finite(&gradient) && finite(&product), "an answer; that it is right, `verify` shows");
    Ok([seconds[0], seconds[1], seconds[2]])
}

/// Both tables.
///
/// # Errors
/// A message where answers differ.
pub fn report() -> Result<String, String> {
    let mut out = String::from(
        "f64; GB/s count every number a step reads or writes, the gradient twice (its norm is one of the answers);\n\
         memory: axpy over arrays of the same length in the same rounds; ratios: their time over ours, above 1 we are faster\n\n\
         step             n         µs      GB/s    memory    share  iterators  nalgebra\n",
    );
    for n in LENGTHS {
        for step in [Step::Plain, Step::Nesterov, Step::Adam] {
            step_row(step, n, &mut out)?;
        }
    }
    out.push_str(
        "\nnetwork of 3 layers, tanh, batch 256, fused; bound: all its products (8 of a layer's; the inputs have no derivative) at\n\
         the speed of gemm 256 × width × width in the same rounds\n\nwidth  gradient µs  share of gemm  Hessian product/gradient\n",
    );
    for width in WIDTHS {
        let [gradient, product, gemm] = network(width).map_err(|error| error.to_string())?;
        // Forward 3, backward 2, outer 3.
        let share = 100.0 * 8.0 * gemm / gradient;
        let (micro, ratio) = (gradient * 1e6, product / gradient);
        writeln!(out, "{width:5} {micro:12.0} {share:12.0} % {ratio:25.2}")
            .map_err(|error| error.to_string())?;
    }
    Ok(out)
}
