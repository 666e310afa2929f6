//! Steps of the optimizers, three in a row so that their state is used.

use teeter::Error;
use teeter::optim::{
    Adam, AdamState, Displacement, EpsilonPlacement, Momentum, Sam, Sgd, SgdState, StepReport,
    Tracer, TracerState, tracer_scratch_len,
};
use teeter::random::Stream;

use crate::Hash;
use crate::input::{Fill, Number, fill};
use crate::lab::Lab;

/// Lengths of parameter vectors.
const LENGTHS: [usize; 9] = [0, 1, 3, 4, 8, 17, 33, 64, 131];

/// What the gradients are like; those with ∞ and NaN are refused.
const FILLS: [Fill; 4] = [Fill::Plain, Fill::Graded, Fill::Tiny, Fill::Edges];

fn report<T: Number>(hash: &mut Hash, outcome: Result<StepReport<T>, Error>) {
    if let Some(report) = hash.outcome(outcome) {
        hash.numbers(&[report.gradient_norm, report.update_norm]);
    }
}

pub(crate) fn sgd<T: Number>(lab: &mut Lab<'_, T>) {
    let (machine, beta) = (lab.machine, T::from_f64(0.875));
    let forms =
        [Momentum::None, Momentum::Polyak(beta), Momentum::Nesterov(beta), Momentum::Ema(beta)];
    for (seed, &n) in (0..).zip(&LENGTHS) {
        for kind in FILLS {
            for momentum in forms {
                let ([gradient, velocity, params], hash) = lab.lend([n, n, n]);
                velocity.fill(T::ZERO);
                fill(params, Fill::Plain, seed + 1000);
                let (learning_rate, weight_decay) = (T::from_f64(0.1), T::from_f64(0.01));
                let sgd = Sgd { learning_rate, momentum, weight_decay };
                for step in 0..3 {
                    fill(gradient, kind, seed + 100 * step);
                    let mut state = SgdState { velocity: &mut *velocity };
                    report(hash, sgd.step(machine, gradient, &mut state, params));
                }
                hash.numbers(velocity);
                hash.numbers(params);
            }
        }
    }
}

pub(crate) fn adam<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&LENGTHS) {
        for kind in FILLS {
            for epsilon_placement in [EpsilonPlacement::Outside, EpsilonPlacement::Inside] {
                let ([gradient, first, second, params], hash) = lab.lend([n, n, n, n]);
                fill(params, Fill::Plain, seed + 1000);
                let adam = Adam {
                    learning_rate: T::from_f64(0.01),
                    beta1: T::from_f64(0.9),
                    beta2: T::from_f64(0.999),
                    epsilon: T::from_f64(1e-8),
                    epsilon_placement,
                    weight_decay: T::from_f64(0.1),
                };
                let mut state = AdamState::new(first, second);
                for step in 0..3 {
                    fill(gradient, kind, seed + 100 * step);
                    report(hash, adam.step(machine, gradient, &mut state, params));
                }
                hash.numbers(first);
                hash.numbers(second);
                hash.numbers(params);
            }
        }
    }
}

pub(crate) fn sam<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&LENGTHS) {
        for kind in FILLS {
            let ([gradient, params, saved], hash) = lab.lend([n, n, n]);
            fill(gradient, kind, seed);
            fill(params, Fill::Plain, seed + 1000);
            let sam = Sam { rho: T::from_f64(0.05) };
            let outcome = sam.perturb(machine, gradient, params, saved);
            if let Some(perturbed) = hash.outcome(outcome) {
                hash.number(perturbed.gradient_norm());
                hash.numbers(perturbed.params());
                perturbed.restore();
            }
            hash.numbers(params);
        }
    }
}

/// The metric, a probe, and the penalty by two displaced gradients.
pub(crate) fn tracer<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&LENGTHS) {
        for kind in FILLS {
            let lens = [n, n, n, n, n, n, tracer_scratch_len(n)];
            let ([gradient, there, metric, peak, probe, params, scratch], hash) = lab.lend(lens);
            fill(gradient, kind, seed);
            fill(there, Fill::Plain, seed + 100);
            fill(params, Fill::Plain, seed + 1000);
            let tracer = Tracer {
                rho: T::from_f64(0.1),
                beta: T::from_f64(0.25),
                damping: T::from_f64(0.01),
            };
            let mut state = TracerState::new(metric, peak);
            for values in [&*gradient, &*there] {
                hash.outcome(tracer.update_metric_from_gradient(machine, values, &mut state));
            }
            let drawn = tracer.probe_into(machine, Stream::new(seed, 1), &state, probe);
            hash.outcome(drawn);
            hash.numbers(state.metric);
            hash.numbers(state.peak);
            hash.numbers(probe);
            let from =
                Displacement { gradient: there, direction: probe, distance: T::from_f64(0.01) };
            let penalty = tracer.ahead(machine, from, params, scratch).and_then(|ahead| {
                hash.numbers(ahead.params());
                let behind = ahead.gradient(there)?;
                hash.numbers(behind.params());
                behind.gradient(gradient)
            });
            if let Some(penalty) = hash.outcome(penalty) {
                hash.number(penalty.value);
                hash.outcome(tracer.regularize(machine, there, penalty.gradient));
                hash.numbers(penalty.gradient);
            }
            hash.numbers(params);
        }
    }
}
