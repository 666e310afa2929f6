//! The learning-rate controller: it holds its fraction, keeps its limits, gives weights back bit for bit, and says why it ends.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::curvature::{
    Advice, CriticalEstimate, Diagnosis, Gauge, MeasuredSharpness, RateController,
    RateControllerState, RateObservation, UpdateRule, largest_learning_rate,
};
use teeter::state::Saved;
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::input::Source;
use teeter_verify::property::controller::{Control, Digits, run};

fn rule<T: Float>(rule: UpdateRule<T>, target: f64) -> RateController<T> {
    RateController {
        rule,
        target: T::from_f64(target),
        growth_max: T::from_f64(1.25),
        shrink_max: T::from_f64(0.5),
        rate_min: T::from_f64(1e-6),
        rate_max: T::from_f64(1024.0),
        error_max: T::from_f64(0.5),
        unmeasured_max: 3,
        loss_share: T::ONE,
        loss_guard: T::TWO,
        loss_floor: T::ZERO,
        backoff: T::from_f64(0.25),
        keep_every: 1,
        restores_max: 2,
        steps_max: 1000,
    }
}

fn exactly<T: Float>(value: f64) -> Option<MeasuredSharpness<T>> {
    Some(MeasuredSharpness { value: T::from_f64(value), error: T::ZERO })
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits_u64()).collect()
}

/// The advised rate for one observation of loss 1 at a weight of 1.
fn advised(
    controller: &RateController<f64>,
    rate: f64,
    seen: Option<MeasuredSharpness<f64>>,
) -> f64 {
    let (mut kept, mut params) = ([0.0], [1.0]);
    let mut state = RateControllerState::new(rate, &mut kept);
    let seen = RateObservation { loss: 1.0, gradient: &[1.0], sharpness: seen };
    match controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap() {
        Advice::Step(rate) => rate,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rate_settles_at_its_fraction_of_every_threshold() {
    let rules = [
        UpdateRule::GradientDescent,
        UpdateRule::Polyak { beta: 0.9 },
        UpdateRule::Nesterov { beta: 0.9 },
        UpdateRule::Ema { beta: 0.9 },
        UpdateRule::EmaNesterov { beta: 0.9 },
        UpdateRule::UnnormalizedSam { rho: 0.05 },
        UpdateRule::Sam { rho: 0.05, gradient_norm: f64::NAN },
        UpdateRule::Adam { beta1: 0.9 },
    ];
    for one in rules {
        for (target, start) in [(0.5, 1e-3), (0.9, 100.0), (1.5, 1.0)] {
            let controller = rule(one, target);
            let (mut kept, mut params) = ([0.0], [1.0]);
            let mut state = RateControllerState::new(start, &mut kept);
            for _ in 0..100 {
                let seen = RateObservation { loss: 1.0, gradient: &[3.0], sharpness: exactly(8.0) };
                controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap();
            }
            let there = match one {
                UpdateRule::Sam { rho, .. } => UpdateRule::Sam { rho, gradient_norm: 3.0 },
                other => other,
            };
            let expected = target * largest_learning_rate(there, 8.0).unwrap();
            assert_eq!(state.learning_rate, expected, "{one:?}, {target}");
        }
    }
}

#[test]
fn rate_moves_within_its_limits() {
    let controller = rule(UpdateRule::GradientDescent, 0.5);
    assert_eq!(advised(&controller, 1.0, exactly(0.1)), 1.25, "growth");
    assert_eq!(advised(&controller, 1.0, exactly(100.0)), 0.5, "shrinking");
    assert_eq!(advised(&controller, 1.0, exactly(0.9)), 1.0 / 0.9, "between");
    assert_eq!(advised(&controller, 1000.0, exactly(1e-9)), 1024.0, "the largest");
    assert_eq!(advised(&controller, 1e-6, exactly(1e9)), 1e-6, "the smallest");
    for flat in [0.0, -3.0, 1e-320] {
        assert_eq!(advised(&controller, 1.0, exactly(flat)), 1.25, "no curvature to fear: {flat}");
    }
    let within = |value, error| Some(MeasuredSharpness { value, error });
    assert_eq!(advised(&controller, 1.0, within(1.5, 0.5)), 0.5, "the upper end decides");
    assert_eq!(advised(&controller, 1.0, within(0.1, 0.06)), 1.0, "the uncertain does not raise");
    assert_eq!(advised(&controller, 1.0, within(1.0, 0.6)), 1.0 / 1.6, "but lowers");
    for nothing in [None, within(f64::NAN, 0.0), within(1.0, f64::INFINITY), within(1.0, f64::NAN)]
    {
        assert_eq!(advised(&controller, 1.0, nothing), 1.0, "{nothing:?}");
    }
}

/// Weights that no arithmetic would give back: −0, a subnormal, neighbors.
const ODD: [f64; 4] = [-0.0, 5e-324, 1.0 + f64::EPSILON, -1e300];

#[test]
fn a_divergence_gives_the_last_good_weights_back_bit_for_bit() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2.5] {
        for in_gradient in [false, true] {
            if in_gradient && bad == 2.5 {
                continue;
            }
            let controller = rule(UpdateRule::GradientDescent, 0.5);
            let (mut kept, mut params) = ([7.0; 4], ODD);
            let mut state = RateControllerState::new(1.0, &mut kept);
            let good = RateObservation { loss: 1.0, gradient: &[1.0; 4], sharpness: None };
            controller.observe(Machine::portable(), &good, &mut state, &mut params).unwrap();
            params = [f64::NAN, 1e10, -3.0, f64::INFINITY];
            let gradient = if in_gradient { [1.0, 1.0, bad, 1.0] } else { [1.0; 4] };
            let loss = if in_gradient { 1.0 } else { bad };
            let seen = RateObservation { loss, gradient: &gradient, sharpness: exactly(1e-3) };
            let advice =
                controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap();
            assert_eq!(advice, Advice::Restored(0.25), "{bad} {in_gradient}");
            assert_eq!(bits(&params), bits(&ODD));
            assert_eq!(state.restores, 1);
        }
    }
}

#[test]
fn weights_are_kept_only_while_they_are_good() {
    let controller = RateController { loss_share: 0.5, ..rule(UpdateRule::GradientDescent, 0.5) };
    let (mut kept, mut params) = ([0.0], [1.0]);
    let mut state = RateControllerState::new(1.0, &mut kept);
    // Accepted, and above the average: not kept. NaN among weights: not kept either.
    for (loss, weight, expected) in
        [(1.0, 1.0, 1.0), (1.5, 2.0, 1.0), (1.2, 3.0, 3.0), (0.5, f64::NAN, 3.0), (0.4, 4.0, 4.0)]
    {
        params[0] = weight;
        let seen = RateObservation { loss, gradient: &[1.0], sharpness: exactly(1.0) };
        controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap();
        assert_eq!(state.kept[0], expected, "loss {loss}");
    }
}

/// Runs until it is told to stop; at most `limit` observations.
fn ends(
    controller: &RateController<f64>,
    limit: usize,
    mut seen: impl FnMut(usize) -> (f64, f64, Option<MeasuredSharpness<f64>>),
) -> Option<(usize, Diagnosis)> {
    let (mut kept, mut params) = ([0.0], [1.0]);
    let mut state = RateControllerState::new(1.0, &mut kept);
    for step in 0..limit {
        let (loss, gradient, sharpness) = seen(step);
        let seen = RateObservation { loss, gradient: &[gradient], sharpness };
        let advice =
            controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap();
        if let Advice::Stop(diagnosis) = advice {
            let again = controller.observe(Machine::portable(), &seen, &mut state, &mut params);
            assert_eq!(again, Ok(advice), "it says so ever after");
            assert_eq!(state.stopped(), Some(diagnosis), "kept");
            return Some((step, diagnosis));
        }
    }
    None
}

#[test]
fn every_end_has_its_diagnosis() {
    let controller = rule(UpdateRule::GradientDescent, 0.5);
    let sharp = exactly(1.0);
    let start = ends(&controller, 9, |_| (f64::NAN, 1.0, sharp));
    assert_eq!(start, Some((0, Diagnosis::NotFiniteAtStart)));
    let finite = ends(&controller, 9, |step| (if step == 0 { 1.0 } else { f64::NAN }, 1.0, sharp));
    assert_eq!(finite, Some((3, Diagnosis::NotFinite)), "two restores are allowed");
    // The restored weights are seen between divergences, and kept again: that is no progress.
    let raised = ends(&controller, 99, |step| (if step % 2 == 0 { 1.0 } else { 9.0 }, 1.0, sharp));
    assert_eq!(raised, Some((5, Diagnosis::LossRaised)));
    let patient = RateController { backoff: 0.9, ..controller };
    let progress = ends(&patient, 99, |step| {
        let fallen = 1.0 / (1.0 + step as f64);
        (if step % 2 == 0 { fallen } else { 9.0 }, 1.0, sharp)
    });
    assert_eq!(progress, None, "lower losses between divergences are progress");
    let narrow = RateController { rate_min: 0.5, ..controller };
    let small = ends(&narrow, 9, |step| (if step == 0 { 1.0 } else { 9.0 }, 1.0, None));
    assert_eq!(small, Some((1, Diagnosis::RateTooSmall)));
    let blind = ends(&controller, 9, |step| (1.0, 1.0, if step < 2 { sharp } else { None }));
    assert_eq!(blind, Some((5, Diagnosis::NotMeasurable)), "three in a row are allowed");
    let short = RateController { steps_max: 4, ..controller };
    assert_eq!(ends(&short, 9, |_| (1.0, 1.0, sharp)), Some((4, Diagnosis::BudgetSpent)));
}

#[test]
fn a_saved_controller_goes_on_bit_for_bit() {
    let controller = rule(UpdateRule::Polyak { beta: 0.5 }, 0.9);
    let source = &mut Source::new(77);
    let seen: Vec<(f64, f64)> =
        (0..60).map(|_| (1.0 + source.whole(0, 3) as f64, source.whole(1, 9) as f64)).collect();
    let observe = |state: &mut RateControllerState<'_, f64>,
                   params: &mut [f64],
                   one: (f64, f64)| {
        let seen = RateObservation { loss: one.0, gradient: &[1.0; 3], sharpness: exactly(one.1) };
        let advice = controller.observe(Machine::portable(), &seen, state, params).unwrap();
        params.iter_mut().for_each(|x| *x = 0.75 * *x + 0.1);
        advice
    };
    for cut in [0, 1, 7, 30, 59] {
        let (mut kept, mut other) = ([0.0; 3], [9.0; 3]);
        let mut state = RateControllerState::new(0.3, &mut kept);
        let mut params = [1.0, -2.0, 3.0];
        for &one in &seen[..cut] {
            observe(&mut state, &mut params, one);
        }
        let mut bytes = vec![0; state.saved_len()];
        state.save(&mut bytes).unwrap();
        let mut restored = RateControllerState::new(5.0, &mut other);
        restored.restore(&bytes).unwrap();
        let mut copy = params;
        for &one in &seen[cut..] {
            let (a, b) =
                (observe(&mut state, &mut params, one), observe(&mut restored, &mut copy, one));
            assert_eq!(a, b, "cut at {cut}");
        }
        assert_eq!(bits(&params), bits(&copy));
        assert_eq!(bits(state.kept), bits(restored.kept));
        // A byte changed anywhere is refused, and changes nothing.
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0x10;
            assert!(restored.restore(&broken).is_err(), "byte {at}");
        }
    }
}

#[test]
fn controller_knows_no_scale() {
    let scaled = |power: i32| {
        let by = |x: f64, power: i32| x.scale_by_power(power);
        let plain = rule(UpdateRule::Nesterov { beta: 0.9 }, 0.8);
        let controller = RateController {
            rate_min: by(plain.rate_min, -power),
            rate_max: by(plain.rate_max, -power),
            ..plain
        };
        let (mut kept, mut params) = ([0.0; 2], [1.0, 2.0]);
        let mut state = RateControllerState::new(by(1.0, -power), &mut kept);
        let source = &mut Source::new(5);
        let mut rates = Vec::new();
        for _ in 0..50 {
            let (loss, sharpness) = (source.whole(1, 9) as f64 / 4.0, source.whole(-1, 9) as f64);
            let sharpness =
                MeasuredSharpness { value: by(sharpness, power), error: by(0.25, power) };
            let gradient = [by(1.5, power), by(-2.0, power)];
            let seen = RateObservation {
                loss: by(loss, power),
                gradient: &gradient,
                sharpness: Some(sharpness),
            };
            controller.observe(Machine::portable(), &seen, &mut state, &mut params).unwrap();
            rates.push(by(state.learning_rate, power));
        }
        bits(&rates)
    };
    for power in [-40, 1, 60] {
        assert_eq!(scaled(0), scaled(power), "2^{power}");
    }
}

#[test]
fn mistakes_are_named_and_change_nothing() {
    let good = rule(UpdateRule::GradientDescent, 0.5);
    let wrong: [(&str, RateController<f64>); 14] = [
        ("target", RateController { target: 0.0, ..good }),
        ("target", RateController { target: f64::NAN, ..good }),
        ("growth_max", RateController { growth_max: 0.9, ..good }),
        ("shrink_max", RateController { shrink_max: 1.1, ..good }),
        ("rate_min", RateController { rate_min: 0.0, ..good }),
        ("rate_max", RateController { rate_max: 1e-7, ..good }),
        ("error_max", RateController { error_max: -1.0, ..good }),
        ("loss_share", RateController { loss_share: 0.0, ..good }),
        ("loss_guard", RateController { loss_guard: 1.0, ..good }),
        ("loss_floor", RateController { loss_floor: 2.0, ..good }),
        ("backoff", RateController { backoff: 1.0, ..good }),
        ("keep_every", RateController { keep_every: 0, ..good }),
        ("beta", RateController { rule: UpdateRule::Polyak { beta: 1.0 }, ..good }),
        ("rho", RateController { rule: UpdateRule::UnnormalizedSam { rho: -1.0 }, ..good }),
    ];
    let attempt = |controller: &RateController<f64>, rate, gradient: &[f64]| {
        let (mut kept, mut params) = ([3.0, 4.0], [1.0, 2.0]);
        let mut state = RateControllerState::new(rate, &mut kept);
        let seen = RateObservation { loss: 1.0, gradient, sharpness: exactly(1.0) };
        let result = controller.observe(Machine::portable(), &seen, &mut state, &mut params);
        assert_eq!((state.steps, params, &*state.kept), (0, [1.0, 2.0], &[3.0, 4.0][..]));
        result.unwrap_err()
    };
    for (name, controller) in wrong {
        match attempt(&controller, 1.0, &[1.0; 2]) {
            Error::Range { argument, .. } => assert_eq!(argument, name),
            other => panic!("{name}: {other}"),
        }
    }
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        let error = attempt(&good, rate, &[1.0; 2]);
        assert!(matches!(error, Error::Range { argument: "learning_rate", .. }), "{error}");
    }
    let error = attempt(&good, 1.0, &[1.0]);
    assert_eq!(error, Error::Length { argument: "gradient", expected: 2, found: 1 });
}

#[test]
fn every_gauge_has_its_error() {
    let gauge = MeasuredSharpness::from(Gauge { value: 3.0, rounding: 0.5 });
    assert_eq!(gauge, MeasuredSharpness { value: 3.0, error: 0.5 });
    let critical = CriticalEstimate {
        stop: Stop::Converged,
        sharpness: 3.0,
        lower: 2.5,
        upper: 3.25,
        rate_low: 0.6,
        rate_high: 0.8,
        evaluations: 4,
    };
    assert_eq!(MeasuredSharpness::from(critical), MeasuredSharpness { value: 3.0, error: 0.25 });
}

/// A walk of losses, gradients and sharpnesses of all kinds: the same on every machine, and never a panic.
fn walk<T: Float>(machine: Machine, n: usize) -> Vec<u64> {
    let controller = rule(UpdateRule::Sam { rho: T::from_f64(0.1), gradient_norm: T::ONE }, 0.8);
    let controller =
        RateController { restores_max: u64::MAX, unmeasured_max: u64::MAX, ..controller };
    let mut kept = vec![T::ZERO; n];
    let mut state = RateControllerState::new(T::ONE, &mut kept);
    let mut start = vec![0; state.saved_len()];
    state.save(&mut start).unwrap();
    let source = &mut Source::new(n as u64);
    let odd =
        [T::NAN, T::INFINITY, -T::INFINITY, T::MAX, -T::MAX, T::ZERO, T::MIN_POSITIVE * T::HALF];
    let mut params = vec![T::ONE; n];
    let mut trace = Vec::new();
    for step in 0..300 {
        let mut draw = || {
            let at = source.whole(0, 60) as usize;
            odd.get(at).copied().unwrap_or(T::from_f64(at as f64 / 8.0))
        };
        let (loss, value, error) = (draw(), draw(), draw());
        let gradient: Vec<T> = (0..n).map(|i| if i % 9 == 8 { draw() } else { T::HALF }).collect();
        let sharpness = (step % 3 != 0).then_some(MeasuredSharpness { value, error });
        let seen = RateObservation { loss, gradient: &gradient, sharpness };
        let advice = controller.observe(machine, &seen, &mut state, &mut params).unwrap();
        let rate = match advice {
            Advice::Step(rate) | Advice::Restored(rate) => rate,
            Advice::Stop(_) => {
                // Begun anew, on the same memory.
                state.restore(&start).unwrap();
                T::ZERO
            }
        };
        assert!(rate.is_finite(), "a rate is a number");
        trace.push(rate.to_bits_u64());
        for (w, g) in params.iter_mut().zip(&gradient) {
            *w -= T::from_f64(0.01) * *g;
        }
    }
    trace
}

#[test]
fn controller_is_the_same_on_every_machine_whatever_it_sees() {
    for n in [0, 1, 2, 31, 33, 200] {
        let (single, double) =
            (walk::<f32>(Machine::portable(), n), walk::<f64>(Machine::portable(), n));
        for machine in Machine::present() {
            assert_eq!(walk::<f32>(machine, n), single, "{} {n}", machine.name());
            assert_eq!(walk::<f64>(machine, n), double, "{} {n}", machine.name());
        }
    }
}

#[test]
fn a_controlled_training_survives_the_rate_that_plain_descent_does_not() {
    let digits = Digits::load().unwrap();
    assert!(run(&digits, Control::Plain, 10.0, 0).unwrap().diverged());
    for control in [Control::Tracker, Control::Gauge] {
        let run = run(&digits, control, 10.0, 0).unwrap();
        assert!(!run.diverged() && run.stopped.is_none(), "{run:?}");
        assert!(run.losses[1] < 0.5 * run.losses[0], "and learns: {run:?}");
    }
}
