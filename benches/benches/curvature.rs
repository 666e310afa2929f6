//! What is concluded from curvature: small arithmetic, benchmarked so that it stays small.

use std::f64::consts::PI;

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::curvature::{
    Advice, CriticalSharpness, CriticalSharpnessOptions, MeasuredSharpness, Phase, PhaseOptions,
    PhaseTracker, RateController, RateControllerState, RateObservation, StepObservation,
    UpdateRule, curvature_from_losses, curvature_from_slopes, effective_parameters,
    effective_parameters_clipped, effective_parameters_truncated, effective_parameters_weighted,
    largest_learning_rate, relative_progress, rotation_angle, sane, sane_alpha,
    stability_threshold, stability_threshold_with_decay, step_alpha,
};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const N: usize = 256;

const UNIT: f64 = f64::EPSILON / 2.0;

/// A number, computed again and again, against the right one within so many roundings.
fn number(
    criterion: &mut Criterion,
    name: &str,
    mut f: impl FnMut() -> Result<f64, Error>,
    (right, roundings): (f64, usize),
) {
    let step = |out: &mut f64| *out = f().unwrap_or(f64::NAN);
    let allowed = gamma(roundings, UNIT) * right.abs();
    alone(criterion, (name, N), f64::NAN, step, |out| close(*out, right, allowed));
}

fn stability(criterion: &mut Criterion) {
    let rule = UpdateRule::GradientDescent;
    number(criterion, "stability_threshold", || stability_threshold(rule, 0.5), (4.0, 2));
    // L + ½·0.25·‖w‖² has its edge where λ + 0.25 = 2/η.
    let decayed = || stability_threshold_with_decay(rule, 0.5, 0.25);
    number(criterion, "stability_threshold_with_decay", decayed, (3.75, 3));
    number(criterion, "largest_learning_rate", || largest_learning_rate(rule, 4.0), (0.5, 2));
}

fn phase(criterion: &mut Criterion) {
    let options = PhaseOptions { band: 0.1, patience: 1 };
    let Ok(mut tracker) = PhaseTracker::new(options) else { panic!("a band within [0, 1]") };
    let mut now = 0;
    let step = |phase: &mut Option<Phase>| {
        now += 1;
        *phase = tracker.push(now, [4.0, 4.0], 1.0).ok();
    };
    alone(criterion, ("PhaseTracker", 1), None, step, |phase| match phase {
        Some(Phase::Edge) => Ok(()),
        other => Err(format!("{other:?} where sharpness equals the threshold")),
    });
}

/// λᵢ = i and α = 1: Σ i/(i + 1).
fn effective(criterion: &mut Criterion) {
    let values: Vec<f64> = (0..N).map(|i| i as f64).collect();
    let sum = |from: usize| (from..N).map(|i| i as f64 / (i as f64 + 1.0)).sum::<f64>();
    let all = (sum(0), 2 * N);
    number(criterion, "effective_parameters", || effective_parameters(&values, 1.0), all);
    let clipped = || effective_parameters_clipped(&values, 1.0);
    number(criterion, "effective_parameters_clipped", clipped, all);
    // The mean over nodes of equal weights, times the dimension.
    let weights = vec![1.0 / N as f64; N];
    let weighted = || effective_parameters_weighted(&values, &weights, N, 1.0);
    number(criterion, "effective_parameters_weighted", weighted, all);
    // With all eigenvalues given, nothing is left to bound.
    let descending: Vec<f64> = values.iter().rev().copied().collect();
    let truncated = || effective_parameters_truncated(&descending, N, None, 1.0).map(|b| b.lower);
    number(criterion, "effective_parameters_truncated", truncated, all);
    // α = c·λ₁: the largest eigenvalue itself for c = 1, k = 1.
    let alpha = (N - 1) as f64;
    number(criterion, "sane_alpha", || sane_alpha(&values, 1.0, 1), (alpha, 2));
    let share = values.iter().map(|v| v / (v + alpha)).sum();
    number(criterion, "sane", || sane(&values, 1.0, 1), (share, 2 * N));
}

fn rotation(criterion: &mut Criterion) {
    let m = Machine::detect();
    let x: Vec<f64> = (0..N).map(|i| if i < N / 2 { 1.0 } else { 0.0 }).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.0 - x).collect();
    number(criterion, "rotation_angle", || rotation_angle(m, &x, &y), (PI / 2.0, N));
}

/// L = 3w²/2 from w = 2 at η = 0.5.
fn gauges(criterion: &mut Criterion) {
    let seen = StepObservation {
        loss_before: 6.0,
        loss_after: 1.5,
        slope_before: -18.0,
        slope_after: 9.0,
        step_norm: 3.0,
        loss_error: 0.0,
        slope_error: 0.0,
    };
    let progress = || relative_progress(&seen).map(|gauge| gauge.value);
    number(criterion, "relative_progress", progress, (-0.25, 2));
    let losses = || curvature_from_losses(&seen).map(|gauge| gauge.value);
    number(criterion, "curvature_from_losses", losses, (3.0, 4));
    let slopes = || curvature_from_slopes(&seen).map(|gauge| gauge.value);
    number(criterion, "curvature_from_slopes", slopes, (3.0, 3));
    number(criterion, "step_alpha", || step_alpha(&seen).map(|fit| fit.alpha), (0.5, 4));
    let options = CriticalSharpnessOptions { rate: 0.1, tolerance: 0.125, evaluations_max: 10 };
    let critical = |out: &mut [f64; 2]| {
        let loss = |rate: f64| 1.5 * (2.0 - rate * 6.0) * (2.0 - rate * 6.0);
        let found = CriticalSharpness::new(&options, loss(0.0)).and_then(|mut gauge| {
            while let Some(rate) = gauge.wants() {
                gauge.push(loss(rate))?;
            }
            Ok(gauge.estimate())
        });
        *out = found.map_or([f64::NAN; 2], |found| [found.lower, found.upper]);
    };
    alone(criterion, ("CriticalSharpness", 1), [f64::NAN; 2], critical, |[lower, upper]| {
        let encloses = *lower <= 3.0 && 3.0 <= *upper && upper / lower <= 1.25;
        if encloses { Ok(()) } else { Err(format!("3 is not enclosed: {lower} {upper}")) }
    });
}

/// A step of L = 3w²/2 observed: the norm of n slopes, and a copy of n weights every time.
fn controller(criterion: &mut Criterion) {
    let controller = RateController {
        rule: UpdateRule::GradientDescent,
        target: 0.5,
        growth_max: 1.25,
        shrink_max: 0.5,
        rate_min: 1e-6,
        rate_max: 1e3,
        error_max: 0.5,
        unmeasured_max: 20,
        loss_share: 1.0,
        loss_guard: 2.0,
        loss_floor: 0.0,
        backoff: 0.25,
        keep_every: 1,
        restores_max: 8,
        steps_max: 1,
    };
    let gradient = vec![1.0_f64; N];
    let (mut params, mut kept) = (vec![2.0; N], vec![0.0; N]);
    let observe = || -> Result<f64, Error> {
        let mut state = RateControllerState::new(1.0, &mut kept);
        let sharpness = Some(MeasuredSharpness { value: 0.8, error: 0.1 });
        let seen = RateObservation { loss: 1.0, gradient: &gradient, sharpness };
        let advice = controller.observe(Machine::detect(), &seen, &mut state, &mut params)?;
        Ok(if let Advice::Step(rate) = advice { rate } else { f64::NAN })
    };
    number(criterion, "RateController", observe, (1.0 / 0.9, 4 * N));
}

criterion_group! {
    name = layer;
    config = settings();
    targets = stability, phase, effective, rotation, gauges, controller
}
criterion_main!(layer);
