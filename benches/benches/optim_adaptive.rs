//! Adam's kin, noise and the proximal step: one pass over memory each, so bytes are what they cost.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::optim::{
    AdaHessian, Adam, AdamState, BoundedAdam, EpsilonPlacement, NAdam, Padam, PadamState,
    PartialPower, RmsProp, RmsPropState, RootBound, Sophia, SophiaState, add_noise,
    add_noise_along, noise_penalty, perturb_with_noise, soft_threshold,
};
use teeter::random::{Stream, normals_into};
use teeter_benches::group::{all_close, alone, settings};
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

/// The change of one element in the first step, by its gradient and curvature, over η.
type First = fn(f64, f64) -> f64;

#[derive(Clone, Copy)]
enum Rule {
    Padam(Padam<f64>),
    Bounded(BoundedAdam<f64>),
    NAdam(NAdam<f64>),
    AdaHessian(AdaHessian<f64>),
    Sophia(Sophia<f64>),
    RmsProp(RmsProp<f64>),
}

/// Parameters, the averages, and what is left of the running products after the first step of many.
struct Running {
    params: Vec<f64>,
    memory: [Vec<f64>; 3],
    power: f64,
}

impl Running {
    fn new(params: &[f64]) -> Self {
        let zeros = || vec![0.0; params.len()];
        Self { params: params.to_vec(), memory: [zeros(), zeros(), zeros()], power: 1.0 }
    }

    fn step(&mut self, m: Machine, rule: &Rule, [g, d]: [&[f64]; 2]) {
        let [first, second, third] = &mut self.memory;
        let w = &mut self.params;
        let power = self.power;
        let adam = |first, second| AdamState {
            first,
            second,
            beta1_power: power,
            beta2_power: power,
            steps: 0,
        };
        let done = match rule {
            Rule::Padam(rule) => {
                let averages = adam(first, second);
                rule.step(m, g, &mut PadamState { averages, largest: third }, w)
            }
            Rule::Bounded(rule) => rule.step(m, g, &mut adam(first, second), w),
            Rule::NAdam(rule) => rule.step(m, g, &mut adam(first, second), w),
            Rule::AdaHessian(rule) => rule.step(m, g, d, &mut adam(first, second), w),
            Rule::Sophia(rule) => {
                let mut state = SophiaState { first, curvature: second, steps: 0, updates: 0 };
                rule.update_curvature(m, d, &mut state)
                    .and_then(|()| rule.step(m, g, &mut state, w))
            }
            Rule::RmsProp(rule) => {
                rule.step(m, g, &mut RmsPropState { second: first, velocity: second }, w)
            }
        };
        assert!(done.is_ok(), "a finite gradient: {done:?}");
        self.power *= 0.5;
    }
}

fn rules() -> [(&'static str, Rule, First); 6] {
    let adam = Adam {
        learning_rate: RATE,
        beta1: 0.0,
        beta2: 0.999,
        epsilon: 0.0,
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: 0.0,
    };
    let sophia = Sophia {
        learning_rate: RATE,
        beta1: 0.0,
        beta2: 0.0,
        gamma: 1.0,
        epsilon: 0.0,
        weight_decay: 0.0,
    };
    let rms_prop = RmsProp {
        learning_rate: RATE,
        alpha: 0.75,
        momentum: 0.5,
        epsilon: 0.0,
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: 0.0,
    };
    let bounded = BoundedAdam { adam, bound: RootBound::AtMost(0.5) };
    let padam = Padam { adam, power: PartialPower::Eighth };
    [
        ("Padam", Rule::Padam(padam), |g, _| g / g.abs().sqrt().sqrt()),
        ("BoundedAdam", Rule::Bounded(bounded), |g, _| g / g.abs().min(0.5)),
        ("NAdam", Rule::NAdam(NAdam { adam, momentum_decay: 0.004 }), |g, _| g.signum()),
        ("AdaHessian", Rule::AdaHessian(AdaHessian { adam }), |g, d| g / d.abs()),
        ("Sophia and update_curvature", Rule::Sophia(sophia), |g, d| {
            if g.abs() < d { g / d } else { g.signum() }
        }),
        ("RmsProp with momentum", Rule::RmsProp(rms_prop), |g, _| 2.0 * g.signum()),
    ]
}

fn steps(criterion: &mut Criterion) {
    let machine = Machine::detect();
    for n in SIZES {
        let (w, g, d) = (normals(0, n), normals(1, n), normals(2, n));
        for (name, rule, first) in rules() {
            let step = |running: &mut Running| running.step(machine, &rule, [&g, &d]);
            alone(criterion, (name, n), Running::new(&w), step, |running| {
                let right =
                    w.iter().zip(g.iter().zip(&d)).map(|(w, (g, d))| w - RATE * first(*g, *d));
                // A quotient of curvatures may be large beside w.
                let changes = g.iter().zip(&d).map(|(g, d)| RATE * first(*g, *d).abs());
                let largest = changes.chain(w.iter().map(|w| w.abs())).fold(0.0, f64::max);
                all_close(&running.params, right, gamma(16, UNIT) * largest)
            });
        }
    }
}

/// Noise of size σ on weights, gradients, directions; what it costs on a layer; the soft threshold.
fn noise(criterion: &mut Criterion) {
    let (m, n, sigma) = (Machine::detect(), SIZES[0], 0.5);
    let (w, stream) = (normals(0, n), Stream::new(5, 7));
    let z = normals(7, n);
    let right = || w.iter().zip(&z).map(|(w, z)| w + sigma * z);
    let largest = w.iter().chain(&z).fold(0.0, |m: f64, x| m.max(x.abs()));
    let step = |[x, scratch]: &mut [Vec<f64>; 2]| {
        // From w again, or it would wander.
        x.copy_from_slice(&w);
        assert_eq!(add_noise(m, sigma, stream, x, scratch), Ok(()), "lengths fit");
    };
    let state = [w.clone(), vec![0.0; n]];
    alone(criterion, ("add_noise", n), state, step, |[x, _]| {
        all_close(x, right(), gamma(4, UNIT) * 2.0 * largest)
    });

    let step = |[x, saved, there]: &mut [Vec<f64>; 3]| {
        let Ok(moved) = perturb_with_noise(m, sigma, stream, x, saved) else {
            panic!("lengths fit");
        };
        there.copy_from_slice(moved.params());
    };
    let state = [w.clone(), vec![0.0; n], vec![0.0; n]];
    alone(criterion, ("perturb_with_noise", n), state, step, |[x, _, there]| {
        all_close(x, w.iter().copied(), 0.0)?;
        all_close(there, right(), gamma(4, UNIT) * 2.0 * largest)
    });

    let (directions, sigmas) = (normals(8, 2 * n), [0.5, 0.25]);
    let pair = normals(7, 2);
    let step = |x: &mut Vec<f64>| {
        x.copy_from_slice(&w);
        let done = add_noise_along(m, &sigmas, stream, &directions, x, &mut [0.0; 2]);
        assert_eq!(done, Ok(()), "lengths fit");
    };
    alone(criterion, ("add_noise_along", n), w.clone(), step, |x| {
        let along = |i: usize| 0.5 * pair[0] * directions[i] + 0.25 * pair[1] * directions[n + i];
        all_close(x, (0..n).map(|i| w[i] + along(i)), gamma(8, UNIT) * 8.0 * largest)
    });

    let forms: Vec<f64> = w.iter().map(|w| w * w).collect();
    let right = 0.125 * forms.iter().sum::<f64>() / n as f64;
    let step = |out: &mut f64| *out = noise_penalty(m, sigma, &forms).unwrap_or(f64::NAN);
    alone(criterion, ("noise_penalty", n), 0.0, step, |out| {
        all_close(&[*out], [right], gamma(2 * n, UNIT) * right)
    });

    let step = |(x, zeros): &mut (Vec<f64>, usize)| {
        x.copy_from_slice(&w);
        *zeros = soft_threshold(m, sigma, x).unwrap_or(usize::MAX);
    };
    alone(criterion, ("soft_threshold", n), (w.clone(), 0), step, |(x, zeros)| {
        let right = w.iter().map(|w| (w.abs() - sigma).max(0.0).copysign(*w));
        all_close(x, right, 0.0)?;
        let counted = x.iter().filter(|x| **x == 0.0).count();
        if counted == *zeros { Ok(()) } else { Err(format!("{zeros} zeros for {counted}")) }
    });
}

criterion_group! {
    name = layer;
    config = settings();
    targets = steps, noise
}
criterion_main!(layer);
