//! Curvature along a step from losses and slopes, against whole-number quadratics; critical sharpness from losses alone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::curvature::{
    CriticalEstimate, CriticalSharpness, CriticalSharpnessOptions, StepObservation,
    curvature_from_losses, curvature_from_slopes, relative_progress, step_alpha,
};
use teeter::{Error, Float, Stop};
use teeter_verify::input::{Source, matrix};
use teeter_verify::oracle::exact::{Exact, abs, from, try_from};
use teeter_verify::oracle::naive;

/// A quadratic of whole numbers, and a step along it: every loss and slope is exact.
fn quadratic(n: usize, seed: u64) -> Option<StepObservation<f64>> {
    let source = &mut Source::new(seed);
    let mut whole = || (0..n).map(|_| source.whole(-3, 3) as f64).collect::<Vec<_>>();
    let [w, step] = [whole(), whole()];
    let h = matrix::whole_symmetric(n, seed);
    let after: Vec<f64> = w.iter().zip(&step).map(|(w, d)| w + d).collect();
    // ½wᵀHw: halves are exact.
    let loss = |w: &[f64]| 0.5 * naive::dot(w, &naive::apply(&h, w));
    let slope = |w: &[f64]| naive::dot(&step, &naive::apply(&h, w));
    let length = naive::dot(&step, &step);
    // A norm that is a whole number, so that it is exact too.
    let norm = (1..100).map(f64::from).find(|norm| norm * norm == length)?;
    (slope(&w) != 0.0).then_some(StepObservation {
        loss_before: loss(&w),
        loss_after: loss(&after),
        slope_before: slope(&w),
        slope_after: slope(&after),
        step_norm: norm,
        loss_error: 0.0,
        slope_error: 0.0,
    })
}

fn quadratics() -> Vec<StepObservation<f64>> {
    let list: Vec<_> = (1..=12)
        .flat_map(|n| (0..40).filter_map(move |seed| quadratic(n, 100 * n as u64 + seed)))
        .collect();
    assert!(list.len() > 60, "{}", list.len());
    list
}

fn narrow<T: Float>(step: &StepObservation<f64>) -> StepObservation<T> {
    StepObservation {
        loss_before: T::from_f64(step.loss_before),
        loss_after: T::from_f64(step.loss_after),
        slope_before: T::from_f64(step.slope_before),
        slope_after: T::from_f64(step.slope_after),
        step_norm: T::from_f64(step.step_norm),
        loss_error: T::from_f64(step.loss_error),
        slope_error: T::from_f64(step.slope_error),
    }
}

/// Progress, curvature (from slopes, from losses) and α of exact numbers, without rounding.
fn truth(step: &StepObservation<f64>) -> [Exact; 4] {
    let [before, after] = [from(step.loss_before), from(step.loss_after)];
    let [down, up] = [from(step.slope_before), from(step.slope_after)];
    let square = from(step.step_norm) * from(step.step_norm);
    let change = after - before;
    [
        change.clone() / -down.clone(),
        (up.clone() - &down) / &square,
        (change - &down) * from(2.0) / square,
        -up / down,
    ]
}

/// Each gauge and its rounding.
fn gauges<T: Float>(step: &StepObservation<T>) -> [[T; 2]; 4] {
    let progress = relative_progress(step).unwrap();
    let [slopes, losses] =
        [curvature_from_slopes(step).unwrap(), curvature_from_losses(step).unwrap()];
    let fit = step_alpha(step).unwrap();
    [
        [progress.value, progress.rounding],
        [slopes.value, slopes.rounding],
        [losses.value, losses.rounding],
        [fit.alpha, fit.rounding],
    ]
}

fn exact_on_quadratics<T: Float>() {
    for step in quadratics() {
        let truth = truth(&step);
        assert_eq!(truth[1], truth[2], "{step:?}");
        let fit = step_alpha(&narrow::<T>(&step)).unwrap();
        assert_eq!(fit.misfit, T::ZERO, "{step:?}");
        for (i, (found, truth)) in gauges(&narrow::<T>(&step)).iter().zip(&truth).enumerate() {
            let [value, rounding] = *found;
            assert!(abs(&(from(value) - truth)) <= from(rounding), "{i} {step:?} {value:?}");
            // Exact inputs leave the roundings of a few operations on numbers no larger than these.
            let sizes = [step.loss_before, step.loss_after, step.slope_before, step.slope_after];
            let size = sizes.iter().fold(value.to_f64().abs() + 1.0, |m, x| m.max(x.abs()));
            assert!(rounding.to_f64() <= 64.0 * T::EPSILON.to_f64() * size, "{i} {rounding:?}");
        }
    }
}

#[test]
fn gauges_are_exact_on_whole_quadratics() {
    exact_on_quadratics::<f64>();
    exact_on_quadratics::<f32>();
}

/// Losses and slopes moved within their errors: what is exact stays within `rounding`, which is attained but for a factor.
#[test]
fn rounding_of_the_inputs_is_bounded() {
    let mut reached = [0.0_f64; 4];
    for (number, step) in quadratics().into_iter().enumerate() {
        let truth = truth(&step);
        for (loss_error, slope_error) in
            [(0.0, 0.25), (0.25, 0.0), (0.5, 0.25), (0.001_953_125, 0.125)]
        {
            for signs in 0..16_u32 {
                let sign = |bit: u32| if signs >> bit & 1 == 0 { 1.0 } else { -1.0 };
                let moved = StepObservation {
                    loss_before: step.loss_before + sign(0) * loss_error,
                    loss_after: step.loss_after + sign(1) * loss_error,
                    slope_before: step.slope_before + sign(2) * slope_error,
                    slope_after: step.slope_after + sign(3) * slope_error,
                    loss_error,
                    slope_error,
                    ..step
                };
                if moved.slope_before == 0.0 {
                    continue;
                }
                let fit = step_alpha(&moved).unwrap();
                assert!(fit.misfit.abs() <= fit.misfit_rounding, "{moved:?} {fit:?}");
                for (i, ([value, rounding], truth)) in
                    gauges(&moved).into_iter().zip(&truth).enumerate()
                {
                    let Some(allowed) = try_from(rounding) else { continue };
                    let off = abs(&(from(value) - truth));
                    assert!(off <= allowed, "{number} {i} {moved:?} {value} {rounding}");
                    reached[i] = reached[i].max(off.to_f64_fast() / rounding);
                }
            }
        }
    }
    assert!(reached.iter().all(|&share| share > 0.5), "{reached:?}");
}

/// Along an eigenvector gradient descent ends at α = ηλ − 1 = 1 + 2·progress: at the edge the loss is what it was.
#[test]
fn the_edge_is_where_progress_ends() {
    for (rate, lambda) in [(0.5, 4.0), (0.25, 8.0), (0.5, 2.0), (0.5, 1.0), (1.0, 3.0)] {
        let [w, gradient] = [3.0, 3.0 * lambda];
        let after = w - rate * gradient;
        let step = StepObservation {
            loss_before: 0.5 * lambda * w * w,
            loss_after: 0.5 * lambda * after * after,
            slope_before: -rate * gradient * gradient,
            slope_after: -rate * gradient * lambda * after,
            step_norm: rate * gradient,
            loss_error: 0.0,
            slope_error: 0.0,
        };
        let [progress, from_slopes, from_losses, alpha] = gauges(&step).map(|[value, _]| value);
        assert_eq!([from_slopes, from_losses], [lambda; 2]);
        assert_eq!([alpha, progress], [rate * lambda - 1.0, rate * lambda / 2.0 - 1.0]);
    }
}

/// t³ has a misfit of −½, beyond what rounding may be; and α without errors is that of the slopes.
#[test]
fn a_loss_that_is_no_parabola_is_told() {
    let step = StepObservation {
        loss_before: 5.0,
        loss_after: 5.0 - 4.0 + 2.0 + 1.0,
        slope_before: -4.0,
        slope_after: -4.0 + 4.0 + 3.0,
        step_norm: 1.0,
        loss_error: 0.0,
        slope_error: 0.0,
    };
    let fit = step_alpha(&step).unwrap();
    assert_eq!((fit.misfit, fit.alpha), (-0.5, 0.75));
    assert!(fit.misfit.abs() > fit.misfit_rounding);
    // Slopes that are known badly beside losses: the losses decide the slope at the start, −4 − ½.
    let fit = step_alpha(&StepObservation { slope_error: 0.5, ..step }).unwrap();
    assert_eq!(fit.alpha, 7.0 / 4.5 - 1.0);
    let fit = step_alpha(&StepObservation { slope_error: 2.0, loss_error: 1.0, ..step }).unwrap();
    assert_eq!(fit.alpha, 7.0 / 4.25 - 1.0);
    assert!(fit.misfit.abs() <= fit.misfit_rounding);
}

#[test]
fn gauges_scale_exactly() {
    let scale = |step: &StepObservation<f64>, k: i32| StepObservation {
        loss_before: step.loss_before.scale_by_power(k),
        loss_after: step.loss_after.scale_by_power(k),
        slope_before: step.slope_before.scale_by_power(k),
        slope_after: step.slope_after.scale_by_power(k),
        step_norm: step.step_norm,
        loss_error: 0.25_f64.scale_by_power(k),
        slope_error: 0.125_f64.scale_by_power(k),
    };
    for step in quadratics() {
        let [progress, slopes, losses, alpha] = gauges(&scale(&step, 0));
        for k in [-600, -1, 3, 600] {
            let by = |pair: [f64; 2]| pair.map(|x| x.scale_by_power(k));
            let expected = [progress, by(slopes), by(losses), alpha];
            assert_eq!(gauges(&scale(&step, k)), expected, "{k} {step:?}");
        }
    }
}

#[test]
fn gauges_refuse_what_they_cannot_tell() {
    let step = quadratics()[0];
    let all = |step: &StepObservation<f64>| {
        [
            relative_progress(step).err(),
            curvature_from_losses(step).err(),
            curvature_from_slopes(step).err(),
            step_alpha(step).err(),
        ]
        .map(|error| matches!(error, Some(Error::Range { .. })))
    };
    assert_eq!(all(&step), [false; 4]);
    for bad in [f64::NAN, f64::INFINITY] {
        assert_eq!(all(&StepObservation { loss_before: bad, ..step }), [true; 4]);
        assert_eq!(all(&StepObservation { loss_after: -bad, ..step }), [true; 4]);
        assert_eq!(all(&StepObservation { slope_before: bad, ..step }), [true; 4]);
        assert_eq!(all(&StepObservation { loss_error: bad, ..step }), [true; 4]);
        assert_eq!(all(&StepObservation { slope_after: bad, ..step }), [false, false, true, true]);
        assert_eq!(all(&StepObservation { step_norm: bad, ..step }), [false, true, true, false]);
    }
    assert_eq!(all(&StepObservation { slope_error: -1.0, ..step }), [true; 4]);
    assert_eq!(all(&StepObservation { step_norm: 0.0, ..step }), [false, true, true, false]);
    assert_eq!(all(&StepObservation { slope_before: 0.0, ..step }), [true, false, false, true]);
    let blurred = StepObservation { slope_error: step.slope_before.abs(), ..step };
    assert_eq!(relative_progress(&blurred).unwrap().rounding, f64::INFINITY);
}

fn search<T: Float>(
    options: &CriticalSharpnessOptions<T>,
    mut loss: impl FnMut(T) -> T,
) -> CriticalEstimate<T> {
    let mut gauge = CriticalSharpness::new(options, loss(T::ZERO)).unwrap();
    assert!(gauge.estimate().sharpness.is_nan(), "nothing is known yet");
    let mut taken = 0;
    while let Some(rate) = gauge.wants() {
        assert!(rate.is_finite() && rate > T::ZERO, "{rate:?}");
        gauge.push(loss(rate)).unwrap();
        taken += 1;
        assert_eq!(gauge.estimate().evaluations, taken, "{gauge:?}");
        assert!(taken <= options.evaluations_max, "{gauge:?}");
    }
    assert!(matches!(gauge.push(T::ONE), Err(Error::State { .. })), "{gauge:?}");
    gauge.estimate()
}

fn critical_on_quadratics<T: Float>() {
    for (slope, bend) in [(1.0, 1.0), (7.0, 3.0), (0.125, 100.0)] {
        // L = 50 − sη + ½cη²: η_c = 2s/c, sharpness c/s.
        let loss = |rate: T| {
            let rate = rate.to_f64();
            T::from_f64(50.0 * slope - slope * rate + 0.5 * bend * rate * rate)
        };
        let truth = bend / slope;
        for power in -9..=9 {
            for tolerance in [0.0625, 0.25, 1.0] {
                let rate = T::from_f64(1.3 * 2.0 / truth).scale_by_power(power);
                let tolerance = T::from_f64(tolerance);
                let options = CriticalSharpnessOptions { rate, tolerance, evaluations_max: 40 };
                let found = search(&options, loss);
                assert_eq!(found.stop, Stop::Converged, "{found:?}");
                let [lower, upper, value] =
                    [found.lower, found.upper, found.sharpness].map(Float::to_f64);
                // Near the root losses differ by less than they round: their signs there say nothing.
                let blur = T::EPSILON.to_f64() * 100.0 * slope / (slope * 2.0 / truth);
                assert!(
                    lower <= truth * (1.0 + blur) && truth * (1.0 - blur) <= upper,
                    "{truth} {found:?}"
                );
                assert!(value >= lower && value <= upper, "{found:?}");
                assert!(found.rate_high <= (T::ONE + tolerance) * found.rate_low, "{found:?}");
                let most = if power.abs() <= 1 { 6 } else { 6 + 2 * power.unsigned_abs() as usize };
                assert!(found.evaluations <= most, "{power} {tolerance:?} {found:?}");
            }
        }
    }
}

/// On quadratics the truth is enclosed, closely, and soon.
#[test]
fn critical_sharpness_encloses_that_of_quadratics() {
    critical_on_quadratics::<f64>();
    critical_on_quadratics::<f32>();
}

/// Losses that never rise, never fall, are NaN, or have no pattern: it ends within its budget and says what it does not know.
#[test]
fn critical_sharpness_ends_whatever_the_losses_are() {
    let options = CriticalSharpnessOptions { rate: 0.1, tolerance: 0.1, evaluations_max: 12 };
    let falling = search(&options, |rate| -rate);
    assert_eq!((falling.stop, falling.lower, falling.evaluations), (Stop::LimitReached, 0.0, 12));
    assert_eq!(falling.upper, 2.0 / falling.rate_low);
    let constant = search(&options, |_| 1.0);
    assert_eq!((constant.stop, constant.rate_high), (Stop::LimitReached, f64::INFINITY));
    for broken in [f64::NAN, f64::INFINITY, f64::MAX] {
        let rising = search(&options, |rate| if rate > 0.0 { broken } else { 0.0 });
        assert_eq!(
            (rising.stop, rising.upper, rising.rate_low),
            (Stop::LimitReached, f64::INFINITY, 0.0)
        );
        // A wall: what lies beyond it is no number, and it is found all the same.
        let wall = search(&CriticalSharpnessOptions { evaluations_max: 40, ..options }, |rate| {
            if rate > 0.7 { broken } else { -rate }
        });
        assert_eq!(wall.stop, Stop::Converged);
        assert!(wall.rate_low <= 0.7 && 0.7 <= wall.rate_high, "{wall:?}");
    }
    let source = &mut Source::new(4);
    for _ in 0..200 {
        let noise = search(&options, |rate| if rate > 0.0 { source.unit() - 0.5 } else { 0.0 });
        assert!(noise.rate_low < noise.rate_high && noise.lower <= noise.upper, "{noise:?}");
    }
    for evaluations_max in 1..6 {
        let few = search(&CriticalSharpnessOptions { evaluations_max, ..options }, |rate| {
            rate * rate - rate
        });
        assert!(
            few.evaluations <= evaluations_max && few.upper >= 2.0 && few.lower <= 2.0,
            "{few:?}"
        );
    }
}

/// Losses times 2ᵏ change nothing; rates times 2ᵏ give 2⁻ᵏ times the sharpness.
#[test]
fn critical_sharpness_scales_exactly() {
    let options = CriticalSharpnessOptions { rate: 0.3, tolerance: 0.01, evaluations_max: 30 };
    let loss = |rate: f64| 3.0 - rate + rate * rate + 0.125 * rate * rate * rate;
    let plain = search(&options, loss);
    assert_eq!(plain.stop, Stop::Converged);
    for k in [-300, -1, 5, 300] {
        assert_eq!(search(&options, |rate| loss(rate).scale_by_power(k)), plain);
        let other = CriticalSharpnessOptions { rate: 0.3_f64.scale_by_power(k), ..options };
        let scaled = search(&other, |rate: f64| loss(rate.scale_by_power(-k)));
        // The geometric mean rounds as it may for odd powers.
        if k % 2 == 0 {
            assert_eq!(scaled.sharpness, plain.sharpness.scale_by_power(-k));
            assert_eq!(scaled.rate_low, plain.rate_low.scale_by_power(k));
        }
    }
    for bad in [
        CriticalSharpnessOptions { rate: 0.0, ..options },
        CriticalSharpnessOptions { rate: f64::NAN, ..options },
        CriticalSharpnessOptions { tolerance: 0.0, ..options },
        CriticalSharpnessOptions { evaluations_max: 0, ..options },
    ] {
        assert!(matches!(CriticalSharpness::new(&bad, 1.0), Err(Error::Range { .. })), "{bad:?}");
    }
    assert!(matches!(CriticalSharpness::new(&options, f64::NAN), Err(Error::Range { .. })));
}
