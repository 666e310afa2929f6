//! Optimizer steps: one pass over memory each, so bytes are what they cost.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::optim::{
    Adam, AdamState, Displacement, EpsilonPlacement, Momentum, Sam, Sgd, SgdState, Tracer,
    TracerState, first_difference_distance, second_difference_distance, tracer_scratch_len,
};
use teeter::random::{Stream, normals_into};
use teeter_benches::group::{all_close, alone, close, settings};
use teeter_benches::reference::gamma;

/// The network of the main job; beyond L2.
const SIZES: [usize; 2] = [3466, 262_144];

const UNIT: f64 = f64::EPSILON / 2.0;

/// Small, so that thousands of steps along one gradient move little.
const RATE: f64 = 1e-6;

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(5, stream), &mut x);
    x
}

/// w − ηd after one step from zero state, within the few roundings that an element sees.
fn moved(params: &[f64], right: impl Iterator<Item = f64>) -> Result<(), String> {
    let largest = params.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    all_close(params, right, gamma(8, UNIT) * largest)
}

fn sgd(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let (w, g) = (normals(0, n), normals(1, n));
        let momenta = [("Sgd", Momentum::None), ("Sgd Nesterov", Momentum::Nesterov(0.9))];
        for (name, momentum) in momenta {
            let rule = Sgd { learning_rate: RATE, momentum, weight_decay: 0.0 };
            // From rest, Nesterov's first direction is (1 + β)g.
            let factor = if momentum == Momentum::None { 1.0 } else { 1.9 };
            let step = |[velocity, params]: &mut [Vec<f64>; 2]| {
                let done = rule.step(m, &g, &mut SgdState { velocity }, params);
                assert!(done.is_ok(), "a finite gradient: {done:?}");
            };
            let state = [vec![0.0; n], w.clone()];
            alone(criterion, (name, n), state, step, |[_, params]| {
                moved(params, w.iter().zip(&g).map(|(w, g)| w - RATE * factor * g))
            });
        }
    }
}

fn adam(criterion: &mut Criterion) {
    let m = Machine::detect();
    let rule = Adam {
        learning_rate: RATE,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 0.0,
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: 0.0,
    };
    for n in SIZES {
        let (w, g) = (normals(0, n), normals(1, n));
        let (mut first, mut second) = (vec![0.0; n], vec![0.0; n]);
        let mut state = AdamState::new(&mut first, &mut second);
        let step = |params: &mut Vec<f64>| {
            let done = rule.step(m, &g, &mut state, params);
            assert!(done.is_ok(), "a finite gradient: {done:?}");
        };
        // Without ε, the first step has the size of the learning rate.
        alone(criterion, ("Adam", n), w.clone(), step, |params| {
            moved(params, w.iter().zip(&g).map(|(w, g)| w - RATE * g.signum()))
        });
    }
}

fn sam(criterion: &mut Criterion) {
    let m = Machine::detect();
    let rule = Sam { rho: 0.05 };
    for n in SIZES {
        let (w, g) = (normals(0, n), normals(1, n));
        let state = (w.clone(), vec![0.0; n], f64::NAN);
        let step = |(params, saved, distance): &mut (Vec<f64>, Vec<f64>, f64)| match rule
            .perturb(m, &g, params, saved)
        {
            Ok(there) => {
                *distance = there.params().first().map_or(f64::NAN, |p| p - w[0]);
                there.restore();
            }
            Err(error) => panic!("a finite gradient: {error}"),
        };
        let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
        alone(criterion, ("perturb", n), state, step, |(params, _, distance)| {
            all_close(params, w.iter().copied(), 0.0)?;
            let right = rule.rho * g[0] / norm;
            close(*distance, right, gamma(n, UNIT) * right.abs() + gamma(4, UNIT) * w[0].abs())
        });
    }
}

/// The penalty of L = ½Σaᵢwᵢ², whose curvature does not change: the value is Σaᵢuᵢ².
fn tracer(criterion: &mut Criterion) {
    let m = Machine::detect();
    let rule = Tracer { rho: 0.1, beta: 0.1, damping: 1e-3 };
    for n in SIZES {
        let (mut w, a) = (normals(0, n), normals(2, n));
        let fisher: Vec<f64> = normals(3, n).iter().map(|x| x * x).collect();
        let (mut metric, mut peak) = (vec![0.0; n], vec![0.0; n]);
        let mut state = TracerState::new(&mut metric, &mut peak);
        let update = |last: &mut f64| {
            let done = rule.update_metric(m, &fisher, &mut state);
            assert_eq!(done, Ok(()), "squares are not negative");
            *last = state.metric.last().copied().unwrap_or(f64::NAN);
        };
        let right = fisher.last().copied().unwrap_or(f64::NAN);
        alone(criterion, ("update_metric", n), f64::NAN, update, |last| {
            close(*last, right, gamma(4, UNIT) * right)
        });

        let u = normals(4, n);
        let slope = |w: &[f64]| -> Vec<f64> { a.iter().zip(w).map(|(a, w)| a * w).collect() };
        let gradient = slope(&w);
        let Ok(distance) = second_difference_distance(m, &w) else { panic!("w is not zero") };
        let mut scratch = vec![0.0; tracer_scratch_len(n)];
        let mut there = (vec![0.0; n], vec![0.0; n]);
        let norm = u.iter().map(|u| u * u).sum::<f64>().sqrt();
        let shift = distance / norm;
        let at = |sign: f64| -> Vec<f64> {
            slope(&w.iter().zip(&u).map(|(w, u)| w + sign * shift * u).collect::<Vec<_>>())
        };
        there.0.copy_from_slice(&at(1.0));
        there.1.copy_from_slice(&at(-1.0));
        let step = |value: &mut f64| {
            let from = Displacement { direction: &u, gradient: &gradient, distance };
            let penalty = rule
                .ahead(m, from, &mut w, &mut scratch)
                .and_then(|ahead| ahead.gradient(&there.0))
                .and_then(|behind| behind.gradient(&there.1));
            *value = penalty.map_or(f64::NAN, |penalty| penalty.value);
        };
        let terms = || a.iter().zip(&u).map(|(a, u)| a * u * u);
        let size: f64 = terms().map(f64::abs).sum();
        // The differences lose u·|g|/ε of the gradient, summed along u; sums round too.
        let lost: f64 = gradient.iter().zip(&u).map(|(g, u)| (g * u).abs()).sum();
        let allowed = 8.0 * UNIT * (lost + size * shift) / shift + gamma(n, UNIT) * 4.0 * size;
        alone(criterion, ("ahead", n), f64::NAN, step, |value| {
            close(*value, terms().sum(), allowed)
        });
    }
}

/// What is done with G = M = F after one update: P = (1 + damping)F.
fn metric(criterion: &mut Criterion) {
    let m = Machine::detect();
    let rule = Tracer { rho: 0.1, beta: 0.1, damping: 1e-3 };
    let n = SIZES[0];
    let (x, g) = (normals(5, n), normals(6, n));
    let (mut metric, mut peak) = (vec![0.0; n], vec![0.0; n]);
    let mut state = TracerState::new(&mut metric, &mut peak);
    let step = |last: &mut f64| {
        let done = rule.update_metric_from_gradient(m, &g, &mut state);
        assert_eq!(done, Ok(()), "a finite gradient");
        *last = state.metric.last().copied().unwrap_or(f64::NAN);
    };
    let right = g.last().map_or(f64::NAN, |g| g * g);
    alone(criterion, ("update_metric_from_gradient", n), f64::NAN, step, |last| {
        close(*last, right, gamma(4, UNIT) * right)
    });

    let p = |i: usize| (1.0 + rule.damping) * g[i] * g[i];
    // Each element sees the few roundings of P, a root and a quotient.
    let each = |found: &[f64], right: &dyn Fn(usize) -> f64| {
        let near = |i: usize| close(found[i], right(i), gamma(10, UNIT) * right(i).abs());
        (0..n).try_for_each(near)
    };
    // Every step starts from x again, or the vector would leave the range of numbers.
    let fresh = |f: &dyn Fn(&mut [f64]) -> Result<(), teeter::Error>, out: &mut Vec<f64>| {
        out.copy_from_slice(&x);
        assert_eq!(f(out), Ok(()), "the lengths fit");
    };
    let state = &state;
    let whiten = |z: &mut [f64]| rule.whiten(m, state, z);
    alone(
        criterion,
        ("whiten", n),
        x.clone(),
        |out| fresh(&whiten, out),
        |out| each(out, &|i| x[i] / p(i).sqrt()),
    );
    let precondition = |z: &mut [f64]| rule.precondition(m, state, z);
    alone(
        criterion,
        ("precondition", n),
        x.clone(),
        |out| fresh(&precondition, out),
        |out| each(out, &|i| x[i] / p(i)),
    );
    let probe = |z: &mut [f64]| rule.probe_into(m, Stream::new(5, 9), state, z);
    alone(
        criterion,
        ("probe_into", n),
        x.clone(),
        |out| fresh(&probe, out),
        |out| each(&out.iter().map(|z| z.abs()).collect::<Vec<_>>(), &|i| 1.0 / p(i).sqrt()),
    );
    let regularize = |penalty: &mut [f64]| rule.regularize(m, &g, penalty);
    alone(
        criterion,
        ("regularize", n),
        x.clone(),
        |out| fresh(&regularize, out),
        |out| {
            let near = |i: usize| {
                let size = g[i].abs() + rule.rho * x[i].abs();
                close(out[i], g[i] + rule.rho * x[i], gamma(4, UNIT) * size)
            };
            (0..n).try_for_each(near)
        },
    );
}

/// The penalty gᵀu of one displaced gradient; its value needs none of it.
fn rank_one(criterion: &mut Criterion) {
    let m = Machine::detect();
    let rule = Tracer { rho: 0.1, beta: 0.1, damping: 1e-3 };
    let n = SIZES[0];
    let (mut w, g, u) = (normals(0, n), normals(1, n), normals(4, n));
    let Ok(distance) = first_difference_distance(m, &w) else { panic!("w is not zero") };
    let mut scratch = vec![0.0; tracer_scratch_len(n)];
    let step = |value: &mut f64| {
        let from = Displacement { direction: &u, gradient: &g, distance };
        let penalty = rule.rank_one(m, from, &mut w, &mut scratch).and_then(|at| at.gradient(&g));
        *value = penalty.map_or(f64::NAN, |penalty| penalty.value);
    };
    let terms = || g.iter().zip(&u).map(|(g, u)| g * u);
    let allowed = 2.0 * gamma(n, UNIT) * terms().map(f64::abs).sum::<f64>();
    alone(criterion, ("rank_one", n), f64::NAN, step, |value| {
        close(*value, terms().sum(), allowed)
    });
}

fn distances(criterion: &mut Criterion) {
    type Distance = fn(Machine, &[f64]) -> Result<f64, teeter::Error>;
    let m = Machine::detect();
    let list: [(&str, Distance, f64); 2] = [
        ("first_difference_distance", first_difference_distance, 2.0 * UNIT.sqrt()),
        ("second_difference_distance", second_difference_distance, (48.0 * UNIT).sqrt().sqrt()),
    ];
    for (name, distance, factor) in list {
        let w = normals(0, SIZES[0]);
        let right = factor * w.iter().map(|w| w * w).sum::<f64>().sqrt();
        let step = |out: &mut f64| *out = distance(m, &w).unwrap_or(f64::NAN);
        alone(criterion, (name, w.len()), f64::NAN, step, |out| {
            close(*out, right, gamma(w.len(), UNIT) * right)
        });
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = sgd, adam, sam, tracer, metric, rank_one, distances
}
criterion_main!(layer);
