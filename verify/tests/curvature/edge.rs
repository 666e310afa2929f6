//! The edge of stability in small: SGD in the mean square, models that are exact, coordinates, phases.

use teeter::curvature::{
    Catapult, CentralStep, GraphTerms, LayerMut, MeanSquare, Phase, PhaseOptions, PhaseTracker,
    central_flow_step, flattest_rescaling, mean_square_memory_len, mean_square_scratch_len,
    product_step, rescale_layers, scalar_curvature,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_verify::bound::edge as bound;
use teeter_verify::property::assert_all;
use teeter_verify::property::edge::{hessians, mean_square, rescaling_is_covariant};
use teeter_verify::property::edge_bed;

fn portable() -> Machine {
    Machine::portable()
}

#[test]
fn one_sample_is_gradient_descent_and_no_curvature_has_no_edge() {
    let one = mean_square(portable(), &[4.0], [1, 1], |model, _| Ok(model.threshold()));
    let one = one.expect("valid");
    assert_eq!([one.threshold, one.full_batch, one.along_top, one.by_trace], [0.5; 4], "2/λ");
    // Samples 0 and 2, batches of one: (1 + (1 − 2η)²)/2 = 1 at η = 1.
    let two = mean_square(portable(), &[0.0, 2.0], [1, 1], |model, _| Ok(model.threshold()));
    let two = two.expect("valid");
    let error = f64::abs(two.threshold - 1.0);
    assert!(error <= bound::mean_square::<f64>(1, 2, 1.0), "half of 2/λ̄: {}", two.threshold);
    assert_eq!(two.full_batch, 2.0, "2/λ̄");
    let flat = mean_square(portable(), &[0.0; 8], [2, 1], |model, _| Ok(model.threshold()));
    assert_eq!(flat.map(|t| t.threshold), Ok(f64::INFINITY), "no curvature");
    // A direction that no sample sees is left alone: the covariance there stays 0.
    let list = [1.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0];
    let (mut sigma, identity) = ([f64::NAN; 4], [1.0, 0.0, 0.0, 1.0]);
    mean_square(portable(), &list, [2, 1], |model, scratch| {
        let view = MatMut::row_major(&mut sigma, 2, 2)?;
        model.covariance_into(0.25, MatRef::row_major(&identity, 2, 2)?, view, scratch)
    })
    .expect("valid");
    // ηp/(2λ − η(λ² + var)) with p = 1, λ = 2, E λᵢ² = 5.
    let right = 0.25 / (4.0 - 0.25 * 5.0);
    assert!((sigma[0] - right).abs() <= bound::mean_square::<f64>(2, 2, 1.0), "{sigma:?}");
    assert_eq!(sigma[1..], [0.0; 3], "the other direction");
}

#[test]
fn mean_square_refuses_what_it_cannot_use() {
    let build = |list: &[f64], shape: [usize; 2], cut: [usize; 2]| {
        let mut memory = vec![0.0; mean_square_memory_len(2) - cut[0]];
        let mut scratch = vec![0.0; mean_square_scratch_len(2) - cut[1]];
        MeanSquare::new(portable(), list, shape, &mut memory, &mut scratch).map(|_| ())
    };
    let good = [1.0, 0.0, 0.0, 1.0];
    assert_eq!(build(&good, [2, 1], [0, 0]), Ok(()), "good");
    assert!(matches!(build(&good, [2, 2], [0, 0]), Err(Error::Range { .. })), "B > n");
    assert!(matches!(build(&good, [2, 0], [0, 0]), Err(Error::Empty { .. })), "B = 0");
    assert!(matches!(build(&good[..3], [2, 1], [0, 0]), Err(Error::Length { .. })), "no square");
    assert!(matches!(build(&good, [2, 1], [1, 0]), Err(Error::Short { .. })), "memory");
    assert!(matches!(build(&good, [2, 1], [0, 1]), Err(Error::Short { .. })), "scratch");
    let nan = [1.0, f64::NAN, 0.0, 1.0];
    assert!(matches!(build(&nan, [2, 1], [0, 0]), Err(Error::NotFinite { .. })), "NaN");
    let mut sigma = [0.0; 1];
    for rate in [0.0, 0.5, 0.75, f64::NAN] {
        let refused = mean_square(portable(), &[4.0], [1, 1], |model, scratch| {
            let view = MatMut::row_major(&mut sigma, 1, 1)?;
            model.covariance_into(rate, MatRef::row_major(&[1.0], 1, 1)?, view, scratch)
        });
        assert!(matches!(refused, Err(Error::Range { .. })), "{rate}: {refused:?}");
    }
}

#[test]
fn mean_square_scales_and_has_the_same_bits_on_every_machine() {
    let list = hessians::<f64>(6, 4, 3);
    let all = |machine: Machine, scale: f64| {
        let list: Vec<f64> = list.iter().map(|x| scale * x).collect();
        let mut sigma = vec![0.0; 16];
        let identity: Vec<f64> = (0..16).map(|e| if e % 5 == 0 { 1.0 } else { 0.0 }).collect();
        mean_square(machine, &list, [4, 2], |model, scratch| {
            let threshold = model.threshold();
            let view = MatMut::row_major(&mut sigma, 4, 4)?;
            let gradients = MatRef::row_major(&identity, 4, 4)?;
            model.covariance_into(0.5 * threshold.threshold, gradients, view, scratch)?;
            Ok((threshold, sigma.iter().map(|x| x.to_bits()).collect::<Vec<u64>>()))
        })
        .expect("valid")
    };
    let mut first = [None, None];
    for machine in Machine::present() {
        let kind = usize::from(machine.is_fused());
        let here = first[kind].get_or_insert_with(|| all(machine, 1.0)).clone();
        assert_eq!(all(machine, 1.0), here, "{machine:?}");
        let scaled = all(machine, 64.0).0;
        assert_eq!(scaled.threshold * 64.0, here.0.threshold, "times 2⁶");
        assert_eq!(scaled.by_trace * 64.0, here.0.by_trace, "times 2⁶");
    }
}

/// On ½·3w₁² + ½w₂², w = (1, 2), a step of −ηg: exact, and progress 0 where gᵀHg/‖g‖² = 2/η.
/// At the minimum of a diagonal quadratic: 100·½Σhε²(|x| + 1)², from any corner; then a saddle, a budget, a constant.
/// ηλ₀ = 1.5 learns lazily, 2.5 and 3.5 are thrown to flatter minima, 4.5 diverges (science.md §3.6).
#[test]
fn catapults_have_their_regimes() {
    for (start, lands) in [(1.5, Some(1.5)), (2.5, Some(2.0)), (3.5, Some(2.0)), (4.5, None)] {
        let mut model = Catapult { output: 1.0, sharpness: start, width: 1000.0 };
        let mut peak = 0.0_f64;
        for _ in 0..bound_steps() {
            model = model.step(1.0);
            peak = peak.max(0.5 * model.output * model.output);
        }
        match lands {
            Some(flat) => {
                assert!(model.output.abs() <= f64::EPSILON, "{start}: {model:?}");
                assert!(model.sharpness <= flat, "{start}: {model:?}");
                assert_eq!(peak > 10.0, start > 2.0, "{start}: peak loss {peak}");
            }
            None => assert!(!model.output.is_finite(), "{start}: {model:?}"),
        }
    }
}

/// ln(1/u) over ln of the slowest contraction here, 1/2, and the time of the catapult: plenty.
const fn bound_steps() -> usize {
    1000
}

/// L = ½x²y − ay: S = y along x. Below the edge y rises by τηa; at the edge it stays, held by σ² = 2a.
#[test]
fn the_central_flow_stays_at_the_edge() {
    let (a, eta, tau) = (0.5, 0.25, 0.5);
    let (gradient, rise) = ([0.0, -a], [0.0, 1.0]);
    for machine in Machine::present() {
        let mut w = [0.0, 4.0];
        let step = |w: &mut [f64; 2]| {
            let sharpness = w[1];
            central_flow_step(machine, [&gradient, &rise], sharpness, [eta, tau], w).expect("valid")
        };
        let below = step(&mut w);
        assert_eq!(below, CentralStep { variance: 0.0, descent: -eta * a * a }, "gradient flow");
        assert_eq!(w, [0.0, 4.0 + tau * eta * a], "sharpening");
        w[1] = 8.0;
        let at = step(&mut w);
        assert_eq!(at, CentralStep { variance: 2.0 * a, descent: -0.0 }, "held");
        assert_eq!(w, [0.0, 8.0], "it stays");
        let falling = [0.0, -1.0];
        let free = central_flow_step(machine, [&gradient, &falling], 9.0, [eta, tau], &mut w);
        assert_eq!(free.map(|step| step.variance), Ok(0.0), "where S falls by itself");
    }
    let mut w = [1.0, 2.0];
    let bad = [
        central_flow_step(portable(), [&gradient, &rise[..1]], 1.0, [eta, tau], &mut w),
        central_flow_step(portable(), [&gradient, &rise], f64::NAN, [eta, tau], &mut w),
        central_flow_step(portable(), [&gradient, &rise], 1.0, [0.0, tau], &mut w),
        central_flow_step(portable(), [&[f64::NAN, 0.0], &rise], 1.0, [eta, tau], &mut w),
    ];
    assert!(bad.iter().all(Result::is_err) && w == [1.0, 2.0], "{bad:?}");
    let (mut first, mut second) = ([1.0], [2.0]);
    let refused = product_step(1.0, &[f64::NAN], &mut first, &mut second);
    assert!(refused.is_err() && first == [1.0] && second == [2.0], "{refused:?}");
    assert!(product_step(f64::NAN, &[1.0], &mut first, &mut second).is_err(), "rate");
}

#[test]
fn rescaled_layers_are_the_same_function() {
    let all: Vec<_> = Machine::present().map(rescaling_is_covariant).collect();
    assert_all(&all);
    let least = flattest_rescaling([16.0, 1.0]).expect("valid");
    assert_eq!([least.scale, least.trace], [2.0, 8.0], "16/4 + 4·1");
    assert!(flattest_rescaling([0.0, 1.0]).is_err(), "no minimum");
    let (mut one, mut two) = ([1.0], [1.0]);
    let mut refused = |scales: &[f64]| {
        let layers = &mut [
            LayerMut { weights: &mut one, bias: &mut [] },
            LayerMut { weights: &mut two, bias: &mut [] },
        ];
        rescale_layers(scales, layers).is_err()
    };
    assert!(refused(&[0.0]) && refused(&[f64::NAN]) && refused(&[]), "scales");
    assert_eq!((one, two), ([1.0], [1.0]), "nothing changed");
    assert!(rescale_layers::<f64>(&[], &mut []).is_err(), "no layers");
}

#[test]
fn scalar_curvature_has_its_special_cases() {
    let at = |trace: f64, frobenius_square: f64| GraphTerms {
        trace,
        frobenius_square,
        gradient_square: 0.0,
        bending: 0.0,
        image_square: 0.0,
    };
    assert_eq!(scalar_curvature(&at(7.0, 49.0)), Ok(0.0), "rank one, however sharp");
    assert_eq!(scalar_curvature(&at(0.0, 2.0)), Ok(-2.0), "a saddle");
    for bad in [
        GraphTerms { trace: f64::NAN, ..at(1.0, 1.0) },
        GraphTerms { frobenius_square: -1.0, ..at(1.0, 1.0) },
        GraphTerms { gradient_square: f64::INFINITY, ..at(1.0, 1.0) },
    ] {
        assert!(scalar_curvature(&bad).is_err(), "{bad:?}");
    }
}

/// Sharpening, the edge, an instability that ends flatter, sharpening again, the edge again.
#[test]
fn catapults_and_re_entries_are_counted() {
    let mut tracker = PhaseTracker::new(PhaseOptions { band: 0.125, patience: 1 }).expect("valid");
    let course = [
        (0.5, 1.0, Phase::Stable),
        (0.75, 1.0, Phase::ProgressiveSharpening),
        (1.0, 1.0, Phase::Edge),
        (1.5, 2.0, Phase::Instability),
        (1.4, 3.0, Phase::Instability),
        (0.5, 1.0, Phase::Stable),
        (0.75, 1.0, Phase::ProgressiveSharpening),
        (1.0, 1.0, Phase::Edge),
        (1.5, 2.0, Phase::Instability),
        (1.0, 1.0, Phase::Edge),
    ];
    let mut counts = Vec::new();
    for (step, (ratio, loss, phase)) in (0..).zip(course) {
        let told = tracker.push(step, [ratio, 1.0], loss).expect("valid");
        assert_eq!(told, phase, "step {step}");
        counts.push([tracker.instabilities(), tracker.catapults(), tracker.reentries()]);
    }
    let right = [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 0],
        [1, 1, 1],
        [2, 1, 1],
        [2, 1, 1],
    ];
    assert_eq!(counts, right, "instabilities, catapults, re-entries");
}

#[test]
fn sixty_parameters_train_to_their_edges() {
    assert_all(&[edge_bed::training_ends_at_the_edge(Machine::detect())]);
}

#[test]
fn thresholds_part_decay_from_growth_at_one_per_cent() {
    for threshold in edge_bed::thresholds().expect("valid") {
        assert!(threshold.passed(), "{threshold:?}");
    }
}
