//! Quadrature from Lanczos processes.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::krylov::Jacobi;
use teeter::operator::Diagonal;
use teeter::random::Stream;
use teeter::trace::{
    Probe, SlqOptions, SpectralFunction, SpectrumBounds, gauss_radau_rule, gauss_rule,
    quadratic_form_bracket, quadrature_scratch_len, stochastic_lanczos_quadrature,
    stochastic_lanczos_quadrature_scratch_len,
};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const STEPS: usize = 20;

const SIZE: usize = 256;

const UNIT: f64 = f64::EPSILON / 2.0;

/// Weights add to 1 within those of the vectors, 20·k·u.
fn adds_to_one(done: Result<(), Error>, weights: &[f64]) -> Result<(), String> {
    done.map_err(|error| error.to_string())?;
    close(weights.iter().sum(), 1.0, gamma(20 * weights.len(), UNIT))
}

fn rules(criterion: &mut Criterion) {
    let (diagonal, off_diagonal) = ([2.0; STEPS], [1.0; STEPS - 1]);
    let jacobi = Jacobi { diagonal: &diagonal, off_diagonal: &off_diagonal, residual_norm: 1.0 };
    let state =
        |k: usize| (vec![0.0; k], vec![0.0; k], vec![0.0; quadrature_scratch_len(k)], Ok(()));
    alone(
        criterion,
        ("gauss_rule", STEPS),
        state(STEPS),
        |(nodes, weights, scratch, done)| *done = gauss_rule(jacobi, nodes, weights, scratch),
        |(_, weights, _, done)| adds_to_one(*done, weights),
    );
    alone(
        criterion,
        ("gauss_radau_rule", STEPS),
        state(STEPS + 1),
        |(nodes, weights, scratch, done)| {
            *done = gauss_radau_rule(jacobi, 0.0, nodes, weights, scratch);
        },
        |(_, weights, _, done)| adds_to_one(*done, weights),
    );
    let function = SpectralFunction::Share { shift: 1.0 };
    let bounds = SpectrumBounds { floor: 0.0, ceiling: f64::INFINITY };
    alone(
        criterion,
        ("quadratic_form_bracket", STEPS),
        (vec![0.0; quadrature_scratch_len(STEPS)], [f64::NAN; 2]),
        |(scratch, out)| {
            *out = quadratic_form_bracket(jacobi, function, bounds, scratch)
                .map_or([f64::NAN; 2], |bracket| [bracket.lower, bracket.upper]);
        },
        // Between 0 and 1, and the lower end below the upper one up to rounding.
        |(_, [lower, upper])| {
            close(*lower, 0.5, 0.5)?;
            close(*upper, 0.5, 0.5)?;
            close((lower - upper).max(0.0), 0.0, gamma(40 * STEPS, UNIT))
        },
    );
}

fn traces(criterion: &mut Criterion) {
    let machine = Machine::detect();
    let d: Vec<f64> = (1..=SIZE).map(|i| i as f64).collect();
    let (probe, probes, stream) = (Probe::Rademacher, 4, Stream::new(3, 0));
    let options = SlqOptions { probe, probes, steps: STEPS, stream };
    let len = stochastic_lanczos_quadrature_scratch_len(SIZE, probes, STEPS);
    let mut small = vec![0.0; quadrature_scratch_len(STEPS)];
    // zᵀDz = Σdᵢ for signs, which α₁ alone carries: exact up to the rounding of rules and products.
    let total: f64 = d.iter().sum();
    alone(
        criterion,
        ("stochastic_lanczos_quadrature", SIZE),
        (vec![0.0; len], f64::NAN),
        |(scratch, out)| {
            let mut operator = Diagonal::new(&d);
            *out = stochastic_lanczos_quadrature(machine, &mut operator, &options, scratch)
                .and_then(|slq| slq.estimate_of(|x| x, 0.95, &mut small))
                .map_or(f64::NAN, |estimate| estimate.value);
        },
        |(_, out)| close(*out, total, gamma(SIZE + 40 * STEPS, UNIT) * (SIZE * SIZE) as f64),
    );
}

criterion_group! {
    name = layer;
    config = settings();
    targets = rules, traces
}
criterion_main!(layer);
