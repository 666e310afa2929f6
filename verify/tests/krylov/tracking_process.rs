//! The tracker as a machine: what it is given, what it refuses, how it is taken up again.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    SharpnessTracker, SharpnessTrackerOptions, TrackedSharpness, sharpness_tracker_scratch_len,
    track_sharpness,
};
use teeter::operator::FromFn;
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::naive;
use teeter_verify::property::tracking::{changing, defect, memory, options, rounding, step};

/// A step without products makes all that is known a step older, and changes nothing else.
#[test]
fn steps_without_products_are_lag() {
    let n = 12;
    let mut memory = memory::<f64>(n, 4);
    let mut tracker =
        SharpnessTracker::new(Machine::detect(), n, &options(4, 2), &[], &mut memory).unwrap();
    for t in 0..8 {
        step(&mut tracker, &changing(n, t)).unwrap();
    }
    let before = tracker.estimate();
    for _ in 0..5 {
        tracker.advance().unwrap();
    }
    let after = tracker.estimate();
    assert_eq!((after.steps, after.measured_age), (before.steps + 5, 5));
    assert_eq!((after.lag, after.products), (before.lag + 5.0, before.products));
    assert_eq!(
        TrackedSharpness { lag: 0.0, steps: 0, measured_age: 0, ..after },
        TrackedSharpness { lag: 0.0, steps: 0, measured_age: 0, ..before }
    );
    step(&mut tracker, &changing(n, 9)).unwrap();
    assert!(tracker.estimate().lag < 1.0, "{:?}", tracker.estimate());
}

/// 2ᵏA: 2ᵏ times values, residuals, drift; the same vectors and ages; and every machine agrees.
#[test]
fn tracking_scales_exactly_on_every_machine() {
    let n = 33;
    let run = |machine: Machine, power: i32| {
        let options = SharpnessTrackerOptions {
            limit: Some(20.0.scale_by_power(power)),
            ..options::<f64>(5, 2)
        };
        let mut memory = memory::<f64>(n, 5);
        let mut tracker = SharpnessTracker::new(machine, n, &options, &[], &mut memory).unwrap();
        let mut seen = Vec::new();
        for t in 0..36 {
            let a: Vec<f64> = changing(n, t).iter().map(|x| x.scale_by_power(power)).collect();
            step(&mut tracker, &a).unwrap();
            let TrackedSharpness {
                value, residual, drift, measured, measured_residual, lag, ..
            } = tracker.estimate();
            let scaled = [value, residual, drift, measured, measured_residual];
            seen.push((scaled.map(|x| x.scale_by_power(-power).to_bits()), lag.to_bits()));
        }
        (seen, tracker.vector(0).unwrap().to_vec())
    };
    let plain = run(Machine::portable(), 0);
    for machine in Machine::present() {
        for power in [-400, -3, 0, 300] {
            assert_eq!(plain, run(machine, power), "{} 2^{power}", machine.name());
        }
        assert_eq!(plain, run(machine.fused(), 0), "{}", machine.name());
    }
}

/// Taken up again after every product, on other memory, after products that are refused.
#[test]
fn resumed_trackers_are_uninterrupted() {
    let (n, machine) = (30, Machine::detect());
    let options = SharpnessTrackerOptions { limit: Some(15.0), ..options::<f64>(5, 2) };
    let (mut memory, mut other) = (memory::<f64>(n, 5), memory::<f64>(n, 5));
    let mut tracker = SharpnessTracker::new(machine, n, &options, &[], &mut memory).unwrap();
    let mut state = SharpnessTracker::new(machine, n, &options, &[], &mut other).unwrap().state();
    for t in 0..25 {
        let a = changing(n, t);
        step(&mut tracker, &a).unwrap();
        let mut resumed = SharpnessTracker::resume(machine, state, &mut other).unwrap();
        resumed.advance().unwrap();
        (state, other) = (resumed.state(), resumed.memory().to_vec());
        loop {
            let mut resumed = SharpnessTracker::resume(machine, state, &mut other).unwrap();
            let Some(v) = resumed.wants() else { break };
            let mut product = naive::apply(&a, v);
            let right = std::mem::replace(&mut product[7], f64::NAN);
            let refused = Err(Error::NotFinite { argument: "product", index: 7 });
            assert_eq!(resumed.push(&product), refused);
            assert!(matches!(resumed.push(&product[1..]), Err(Error::Length { .. })));
            assert!(matches!(resumed.push(&[f64::MAX / 2.0; 30]), Err(Error::NotFinite { .. })));
            product[7] = right;
            resumed.push(&product).unwrap();
            (state, other) = (resumed.state(), resumed.memory().to_vec());
        }
    }
    let mut resumed = SharpnessTracker::resume(machine, state, &mut other).unwrap();
    assert!(matches!(resumed.push(&[0.0; 30]), Err(Error::State { .. })));
    assert_eq!(resumed.estimate(), tracker.estimate());
    assert_eq!(resumed.vector(1), tracker.vector(1));
    assert!(SharpnessTracker::resume(machine, state, &mut [0.0; 100]).is_err());
}

/// Zero, identity, orders 1 to 7; and no step takes more products than were agreed on.
#[test]
fn small_and_trivial_operators() {
    for n in [1, 2, 3, 7] {
        for products in 1..=5 {
            for diagonal in [0.0, 1.0, -2.0] {
                let a = matrix::dense(&vec![diagonal; n], &vec![0.0; n.saturating_sub(1)]);
                let mut memory = memory::<f64>(n, 4);
                let options = options(4, products);
                let mut tracker =
                    SharpnessTracker::new(Machine::detect(), n, &options, &[], &mut memory)
                        .unwrap();
                assert!(tracker.estimate().value.is_nan() && tracker.wants().is_none());
                assert_eq!(tracker.estimate().pairs, 0);
                for t in 1..=9 {
                    assert_eq!(step(&mut tracker, &a).unwrap().len(), products);
                    let estimate = tracker.estimate();
                    let allowed =
                        rounding::<f64>(n, 4, t * products) * (n as f64).sqrt() * diagonal.abs();
                    assert!((estimate.value - diagonal).abs() <= allowed, "{n} {estimate:?}");
                    assert!(estimate.pairs <= n.min(4));
                }
            }
        }
    }
}

/// 4000 turns in f32 leave the basis as orthonormal as the first one.
#[test]
fn long_runs_stay_orthonormal() {
    let n = 16;
    let source = &mut Source::new(5);
    let mut memory = memory::<f32>(n, 5);
    let mut tracker =
        SharpnessTracker::new(Machine::detect(), n, &options(5, 2), &[], &mut memory).unwrap();
    for t in 0..4000 {
        let d: Vec<f64> = vector::uniform::<f64>(n, source);
        let e: Vec<f64> = vector::uniform::<f64>(n - 1, source);
        step(&mut tracker, &matrix::dense(&d, &e)).unwrap();
        let defect = defect(&tracker);
        assert!(defect <= bound::tracking::orthonormal::<f32>(n, 5), "{t}: {defect}");
    }
}

/// What fails within a step leaves the tracker as it was, and the next step goes on.
#[test]
fn failures_of_the_operator_come_back() {
    let n = 9;
    let mut memory = memory::<f64>(n, 4);
    let mut tracker =
        SharpnessTracker::new(Machine::detect(), n, &options(4, 2), &[], &mut memory).unwrap();
    let mut product = vec![0.0; n];
    for t in 0..12 {
        let mut calls = 0;
        let fails = t % 3 == 2;
        let mut operator = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
            calls += 1;
            if fails && calls == 1 + t % 2 {
                return Err(Error::State { expected: "a product" });
            }
            for (i, (y, x)) in y.iter_mut().zip(x).enumerate() {
                *y = i as f64 * x;
            }
            Ok(())
        });
        let outcome = track_sharpness(&mut tracker, &mut operator, &mut product);
        assert_eq!(outcome.is_err(), fails);
        if let Ok(tracked) = outcome {
            assert_eq!(tracked, tracker.estimate());
            assert_eq!(tracked.steps, t + 1);
        }
    }
    let mut short = FromFn::new(n - 1, |_: &[f64], _: &mut [f64]| Ok(()));
    let refused = track_sharpness(&mut tracker, &mut short, &mut product);
    assert!(matches!(refused, Err(Error::Length { argument: "operator", .. })));
    let mut right = FromFn::new(n, |_: &[f64], _: &mut [f64]| Ok(()));
    let refused = track_sharpness(&mut tracker, &mut right, &mut product[1..]);
    assert!(matches!(refused, Err(Error::Length { argument: "product", .. })));
    assert_eq!(tracker.estimate().steps, 12);
}

#[test]
fn trackers_check_their_arguments_first() {
    let machine = Machine::detect();
    let new = |n, options: &SharpnessTrackerOptions<f64>, start: &[f64], len| {
        let mut memory = vec![0.0; len];
        SharpnessTracker::new(machine, n, options, start, &mut memory).map(|_| ())
    };
    let (good, enough) = (options(4, 2), sharpness_tracker_scratch_len(10, 4));
    assert_eq!(new(10, &good, &[], enough), Ok(()));
    assert!(matches!(new(0, &good, &[], enough), Err(Error::Empty { .. })));
    assert!(matches!(new(10, &good, &[], enough - 1), Err(Error::Short { .. })));
    assert!(matches!(new(10, &good, &[1.0; 9], enough), Err(Error::Length { .. })));
    assert!(matches!(new(10, &good, &[0.0; 10], enough), Err(Error::ZeroVector { .. })));
    assert!(matches!(new(10, &good, &[f64::NAN; 10], enough), Err(Error::NotFinite { .. })));
    for bad in [
        SharpnessTrackerOptions { dim_max: 1, ..good },
        SharpnessTrackerOptions { products_per_step: 0, ..good },
        SharpnessTrackerOptions { limit: Some(f64::INFINITY), ..good },
    ] {
        assert!(matches!(new(10, &bad, &[], enough), Err(Error::Range { .. })), "{bad:?}");
    }
    assert_eq!(sharpness_tracker_scratch_len(usize::MAX, 9), usize::MAX);
}
