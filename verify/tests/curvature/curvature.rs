//! Curvature: stability thresholds against the optimizers themselves, one per cent to either
//! side; effective parameters and their limits; phases; rotation.

use teeter::curvature::{
    Phase, PhaseOptions, PhaseTracker, UpdateRule, effective_parameters,
    effective_parameters_clipped, effective_parameters_truncated, effective_parameters_weighted,
    largest_learning_rate, rotation_angle, sane, sane_alpha, stability_threshold,
    stability_threshold_with_decay,
};
use teeter::optim::{Adam, AdamState, EpsilonPlacement, Momentum, Sam, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};
use teeter_verify::bound::optim as bound;
use teeter_verify::property;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("curvature"));
}

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(77, stream), &mut x);
    x
}

/// What became of |w| = 1: 0 when it fell below 1e-6 for good, 2 when it passed 1e6.
fn fate(mut turn: impl FnMut(&mut [f64; 1])) -> i32 {
    let mut w = [1.0];
    for _ in 0..bound::TURNS {
        turn(&mut w);
        if w[0].abs() > 1e6 {
            return 2;
        }
    }
    i32::from(w[0].abs() > 1e-6)
}

fn sgd_fate(momentum: Momentum<f64>, rate: f64, decay: f64, sharpness: f64) -> i32 {
    let sgd = Sgd { learning_rate: rate, momentum, weight_decay: decay };
    let mut v = [0.0];
    fate(|w| {
        let g = [sharpness * w[0]];
        let mut state = SgdState { velocity: &mut v };
        sgd.step(Machine::portable(), &g, &mut state, w).expect("valid");
    })
}

#[test]
fn momentum_diverges_above_its_threshold_and_converges_below() {
    for beta in [0.3, 0.5, 0.9] {
        let pairs = [
            (UpdateRule::GradientDescent, Momentum::None),
            (UpdateRule::Polyak { beta }, Momentum::Polyak(beta)),
            (UpdateRule::Nesterov { beta }, Momentum::Nesterov(beta)),
            (UpdateRule::Ema { beta }, Momentum::Ema(beta)),
        ];
        for (rule, momentum) in pairs {
            for (rate, decay) in [(0.1, 0.0), (0.5, 0.0), (0.1, 4.0)] {
                let edge = stability_threshold_with_decay(rule, rate, decay).expect("valid");
                // One per cent of the whole curvature, that of the decay included.
                let [below, above] = [0.99, 1.01].map(|part| part * (edge + decay) - decay);
                let fates = [below, above].map(|h| sgd_fate(momentum, rate, decay, h));
                assert_eq!(fates, [0, 2], "{rule:?} rate {rate} decay {decay} edge {edge}");
            }
        }
    }
}

/// v ← βv + (1 − β)g, w ← w − η((1 − β)g + βv), which no optimizer of ours runs.
#[test]
fn moving_average_with_nesterov_has_its_threshold() {
    for beta in [0.3, 0.9] {
        let (rule, rate) = (UpdateRule::EmaNesterov { beta }, 0.1);
        let edge = stability_threshold(rule, rate).expect("valid");
        let fates = [0.99, 1.01].map(|part| {
            let mut v = 0.0;
            fate(|w| {
                let fresh = (1.0 - beta) * part * edge * w[0];
                v = beta * v + fresh;
                w[0] -= rate * (fresh + beta * v);
            })
        });
        assert_eq!(fates, [0, 2], "beta {beta}, edge {edge}");
    }
}

#[test]
fn adam_diverges_above_its_threshold_of_preconditioned_sharpness() {
    for (beta1, decay) in [(0.5, 0.0), (0.9, 0.0), (0.9, 0.005)] {
        let (rate, rule) = (100.0, UpdateRule::Adam { beta1 });
        let edge = stability_threshold_with_decay(rule, rate, decay).expect("valid");
        let fates = [0.99, 1.01].map(|part| {
            let adam = Adam {
                learning_rate: rate,
                beta1,
                beta2: 1.0 - f64::EPSILON,
                epsilon: 0.0,
                epsilon_placement: EpsilonPlacement::Outside,
                weight_decay: decay,
            };
            // Long after the start (powers 0), with a second moment that gradients of this size
            // cannot change: P = √v = 1, and (1 − β₂)g² < 1e-4 to the end.
            let (mut m, mut v) = ([0.0], [1.0]);
            let mut power = 0.0;
            fate(|w| {
                let (first, second) = (&mut m, &mut v);
                let mut state =
                    AdamState { first, second, beta1_power: power, beta2_power: power, steps: 1 };
                let g = [part * edge * w[0]];
                adam.step(Machine::portable(), &g, &mut state, w).expect("valid");
                power = state.beta1_power;
                v = [1.0];
            })
        });
        assert_eq!(fates, [0, 2], "beta1 {beta1} decay {decay}, edge {edge}");
    }
}

#[test]
fn unnormalized_sam_has_its_threshold() {
    for rho in [0.0, 0.01, 0.3] {
        for decay in [0.0, 3.0] {
            let (rule, rate) = (UpdateRule::UnnormalizedSam { rho }, 0.1);
            let edge = stability_threshold_with_decay(rule, rate, decay).expect("valid");
            let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: decay };
            let fates = [0.99, 1.01].map(|part| {
                let h = part * edge;
                fate(|w| {
                    let g = [h * (w[0] + rho * h * w[0])];
                    let mut state = SgdState { velocity: &mut [] };
                    sgd.step(Machine::portable(), &g, &mut state, w).expect("valid");
                })
            });
            assert_eq!(fates, [0, 2], "rho {rho} decay {decay}, edge {edge}");
        }
    }
}

/// At SAM's limit cycle on a quadratic the SAM edge is the sharpness itself.
#[test]
fn sam_edge_at_the_limit_cycle_is_the_sharpness() {
    let (machine, h, rate, rho) = (Machine::portable(), 3.0, 0.4, 0.05);
    let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: 0.0 };
    let (mut w, mut saved, mut gradient_norm) = ([0.3], [0.0], 0.0);
    for _ in 0..bound::TURNS {
        let g = [h * w[0]];
        let moved = Sam { rho }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
        gradient_norm = moved.gradient_norm();
        let there = [h * moved.params()[0]];
        moved.restore();
        let mut state = SgdState { velocity: &mut [] };
        sgd.step(machine, &there, &mut state, &mut w).expect("valid");
    }
    let edge = stability_threshold(UpdateRule::Sam { rho, gradient_norm }, rate).expect("valid");
    // The cycle contracts by |1 − ηλ| = 0.2 and carries ten roundings a turn.
    let allowed = h * (bound::threshold::<f64>() + 10.0 * f64::EPSILON / (1.0 - 0.2));
    assert!((edge - h).abs() <= allowed, "{edge} for {h}");
}

#[test]
fn sam_edge_solves_its_equation_and_ends_at_that_of_gradient_descent() {
    let rate = 0.1;
    let plain = stability_threshold(UpdateRule::<f64>::GradientDescent, rate).expect("valid");
    for exponent in -300..=300 {
        let (rho, gradient_norm) = (2.0_f64.powi(exponent), 0.7);
        let rule = UpdateRule::Sam { rho, gradient_norm };
        let edge = stability_threshold(rule, rate).expect("valid");
        assert!(edge <= plain, "rho = 2^{exponent}: above 2/η");
        let product = 0.5 * rate * edge * (1.0 + edge * (rho / gradient_norm));
        // The left side is of second degree in the edge.
        let allowed = 3.0 * bound::threshold::<f64>();
        assert!((product - 1.0).abs() <= allowed, "rho = 2^{exponent}: {product}");
        let back = largest_learning_rate(rule, edge).expect("valid");
        assert!(
            (back / rate - 1.0).abs() <= bound::inverse_threshold::<f64>(),
            "rho = 2^{exponent}: {back}"
        );
        if exponent < -60 {
            assert_eq!(edge, plain, "rho = 2^{exponent}: no penalty left");
        }
    }
    let none = stability_threshold(UpdateRule::Sam { rho: 0.1, gradient_norm: 0.0 }, rate);
    assert_eq!(none, Ok(0.0), "no gradient");
    let huge = UpdateRule::Sam { rho: 1e300, gradient_norm: 1e-300 };
    let edge = stability_threshold(huge, rate).expect("valid");
    assert!(edge > 0.0 && edge < 1e-290, "asymptote: {edge:e}");
}

#[test]
fn thresholds_scale_exactly_and_have_inverses() {
    let beta = 0.9_f64;
    let rules = [
        UpdateRule::GradientDescent,
        UpdateRule::Polyak { beta },
        UpdateRule::Nesterov { beta },
        UpdateRule::Ema { beta },
        UpdateRule::EmaNesterov { beta },
        UpdateRule::Adam { beta1: beta },
    ];
    for rule in rules {
        let edge = stability_threshold(rule, 0.3).expect("valid");
        for k in [-500, -3, 9, 500] {
            let power = 2.0_f64.powi(k);
            let there = stability_threshold(rule, 0.3 * power).expect("valid");
            assert_eq!(there, edge / power, "{rule:?} at 2^{k}");
        }
        let rate = largest_learning_rate(rule, edge).expect("valid");
        assert!((rate / 0.3 - 1.0).abs() <= bound::inverse_threshold::<f64>(), "{rule:?}: {rate}");
    }
    let adam = stability_threshold(UpdateRule::Adam { beta1: beta }, 1.0).expect("valid");
    assert!((adam / 38.0 - 1.0).abs() <= 10.0 * bound::threshold::<f64>(), "{adam} for 38/η");
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = stability_threshold(UpdateRule::GradientDescent, rate);
        assert!(matches!(refused, Err(Error::Range { .. })), "rate {rate}: {refused:?}");
    }
    assert!(stability_threshold(UpdateRule::Polyak { beta: 1.0 }, 0.1).is_err(), "beta = 1");
}

#[test]
fn effective_parameters_have_their_limits() {
    for n in [1, 2, 30] {
        let values: Vec<f64> = normals(1, n).iter().map(|x| x * x).collect();
        let allowed = bound::shares(n);
        let (mut before, trace) = (n as f64, values.iter().sum::<f64>());
        for alpha in [1e-12, 1e-3, 0.1, 1.0, 30.0, 1e6, 1e12] {
            let count = effective_parameters(&values, alpha).expect("valid");
            assert!(count < before && count > 0.0, "falls with alpha");
            before = count;
            let rest: f64 = values.iter().map(|value| alpha / (value + alpha)).sum();
            let whole = count + rest;
            assert!((whole / n as f64 - 1.0).abs() <= allowed, "N + αTr(H + αI)⁻¹ = {whole}");
            let clipped = effective_parameters_clipped(&values, alpha).expect("valid");
            assert_eq!(clipped, count, "none is negative");
        }
        // αN → Tr H, with a relative error of λ/α at most.
        let alpha = 1e18;
        let limit = alpha * effective_parameters(&values, alpha).expect("valid");
        assert!((limit / trace - 1.0).abs() <= allowed + 100.0 / alpha, "{limit} for {trace}");
    }
    let signed = [-2.0, 0.0, 0.5, -0.0, f64::MAX, 5e-324];
    assert_eq!(effective_parameters(&signed, 0.0), Ok(4.0), "the rank at α = 0");
    assert_eq!(effective_parameters_clipped(&signed, 0.0), Ok(3.0), "the positive ones");
    assert_eq!(effective_parameters(&[f64::MAX, -f64::MAX], f64::MAX), Ok(1.0), "no overflow");
    assert_eq!(effective_parameters(&[-2.0], 2.0), Ok(0.5), "no pole");
    assert_eq!(effective_parameters::<f64>(&[], 1.0), Ok(0.0), "of nothing");
    let refusal = Err(Error::NotFinite { argument: "eigenvalues", index: 1 });
    assert_eq!(effective_parameters(&[1.0, f64::NAN], 1.0), refusal, "NaN");
    assert!(effective_parameters(&[1.0], -1.0).is_err(), "α < 0");
}

#[test]
fn parts_of_a_spectrum_bound_the_whole() {
    let n = 40;
    let mut values: Vec<f64> = normals(2, n).iter().map(|x| x * x * x * x).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let trace: f64 = values.iter().sum();
    let weights = vec![1.0 / n as f64; n];
    for alpha in [0.01, 1.0, 100.0] {
        let whole = effective_parameters(&values, alpha).expect("valid");
        let allowed = bound::shares(n) * n as f64;
        for k in [1, 5, 39, 40] {
            for known in [None, Some(trace)] {
                let part = &values[..k];
                let bounds = effective_parameters_truncated(part, n, known, alpha).expect("valid");
                assert!(bounds.lower <= whole + allowed, "{bounds:?} for {whole}, k = {k}");
                assert!(bounds.upper >= whole - allowed, "{bounds:?} for {whole}, k = {k}");
            }
        }
        let mean = effective_parameters_weighted(&values, &weights, n, alpha).expect("valid");
        assert!((mean - whole).abs() <= 2.0 * allowed, "{mean} for {whole}");
    }
    let few = effective_parameters_truncated(&values, 39, None, 1.0);
    assert!(matches!(few, Err(Error::Range { argument: "dim", .. })), "{few:?}");
}

#[test]
fn sane_compares_spectra_of_different_scale() {
    let n = 25;
    let mut values = normals(3, n);
    values[7] = values[3];
    let mut sorted: Vec<f64> = values.iter().map(|x| x.abs()).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    for k in 1..=n {
        let alpha = sane_alpha(&values, 0.5, k).expect("valid");
        assert_eq!(alpha, 0.5 * sorted[k - 1], "k = {k}");
        let here = sane(&values, 0.5, k).expect("valid");
        for (factor, allowed) in [(8.0, 0.0), (1.0 / 3.0, bound::shares(n) * here)] {
            let scaled: Vec<f64> = values.iter().map(|x| factor * x).collect();
            let there = sane(&scaled, 0.5, k).expect("valid");
            assert!((there - here).abs() <= allowed, "k = {k}, times {factor}: {there} for {here}");
        }
    }
    let (one, all) = (2.0_f64 / 3.0, 2.0 * n as f64 / 3.0);
    let mut rank_one = vec![0.0; n];
    rank_one[11] = -7.0;
    let of_one = sane(&rank_one, 0.5, 1).expect("valid");
    assert!((of_one - one).abs() <= bound::shares(1), "{of_one} for rank one");
    let of_all = sane(&vec![4.0; n], 0.5, 1).expect("valid");
    assert!((of_all - all).abs() <= bound::shares(n) * all, "{of_all} for a multiple of I");
    let between = sane(&values, 0.5, 1).expect("valid");
    assert!(one <= between && between <= all, "{between} is between the two");
    assert!(sane(&values, 0.5, 0).is_err() && sane(&values, 0.5, n + 1).is_err(), "k outside");
    assert_eq!(sane::<f64>(&[0.0, 0.0], 0.5, 2), Ok(0.0), "of zeros");
}

#[test]
fn rotation_is_the_angle_between_lines() {
    for machine in Machine::present() {
        for angle in [0.0, 1e-300, 1e-16, 1e-9, 1e-3, 0.5, 1.0, 1.5, std::f64::consts::FRAC_PI_2] {
            for n in [2, 50] {
                let (mut x, mut y) = (vec![0.0; n], vec![0.0; n]);
                (x[0], y[0], y[n - 1]) = (3.0, -(0.25 * angle.cos()), -(0.25 * angle.sin()));
                let found = rotation_angle(machine, &x, &y).expect("valid");
                assert!((found - angle).abs() <= bound::angle(n), "{found} for {angle}, n = {n}");
            }
        }
        let x = normals(4, 300);
        let y: Vec<f64> = x.iter().map(|x| -4.0 * x).collect();
        assert_eq!(rotation_angle(machine, &x, &y), Ok(0.0), "the same line");
        let [here, there] = [Machine::portable(), machine]
            .map(|machine| rotation_angle(machine, &x, &normals(5, 300)).expect("valid"));
        assert_eq!(here.to_bits(), there.to_bits(), "{machine:?}");
    }
    let zero = rotation_angle(Machine::portable(), &[1.0], &[0.0]);
    assert_eq!(zero, Err(Error::ZeroVector { argument: "y" }), "no direction");
}

/// Sharpens to the edge at step 40, bounces there, is thrown up at steps 70 and 71, and
/// comes down from above with a falling loss at step 72.
fn training(step: u64) -> [f64; 2] {
    let ratio = match step {
        0..40 => 0.5 + 0.01 * step as f64,
        70 => 1.3,
        71 => 1.4,
        72 => 1.2,
        _ => 1.0 + 0.05 * (step % 2) as f64,
    };
    let loss = if (70..72).contains(&step) { step as f64 } else { 2.0 - 0.01 * step as f64 };
    [ratio, loss]
}

#[test]
fn phases_follow_their_definitions_at_every_scale() {
    let run = |patience: u32, scale: f64| {
        let mut tracker = PhaseTracker::new(PhaseOptions { band: 0.1, patience }).expect("valid");
        let phases: Vec<Phase> = (0..100)
            .map(|step| {
                let [ratio, loss] = training(step);
                let sharpness = [ratio * 20.0 * scale, 20.0 * scale];
                tracker.push(step, sharpness, loss * scale).expect("valid")
            })
            .collect();
        (phases, tracker.first_edge_step(), tracker.instabilities())
    };
    let (phases, first, count) = run(1, 1.0);
    assert_eq!(phases[0], Phase::Stable, "no trend yet");
    assert_eq!(phases[1..40], [Phase::ProgressiveSharpening; 39], "sharpening");
    assert_eq!(phases[40..70], [Phase::Edge; 30], "at the edge");
    assert_eq!(phases[70..72], [Phase::Instability; 2], "thrown up");
    assert_eq!(phases[72..], [Phase::Edge; 28], "back at the edge, from above");
    assert_eq!((first, count), (Some(40), 1), "first step at the edge, instabilities");
    let (patient, first, _) = run(3, 1.0);
    assert_eq!(patient[2], Phase::Stable, "two measurements do not make a trend");
    assert_eq!(patient[41], Phase::ProgressiveSharpening, "not yet");
    assert_eq!((patient[42], first), (Phase::Edge, Some(40)), "known late, dated back");
    assert_eq!(
        [patient[70], patient[73], patient[74]],
        [Phase::Instability, Phase::Instability, Phase::Edge],
        "an instability at once, its end with patience"
    );
    for k in [-30, 30] {
        assert_eq!(run(3, 2.0_f64.powi(k)).0, patient, "scaled by 2^{k}");
    }

    let mut tracker = PhaseTracker::new(PhaseOptions { band: 0.1, patience: 1 }).expect("valid");
    let pushed = tracker.push(5, [1.0, 2.0], 1.0).expect("valid");
    assert_eq!(tracker.phase(), pushed, "what was told last");
    let before = tracker;
    let bad = [
        tracker.push(6, [f64::NAN, 2.0], 1.0),
        tracker.push(6, [1.0, 0.0], 1.0),
        tracker.push(6, [1.0, 2.0], f64::INFINITY),
        tracker.push(5, [1.0, 2.0], 1.0),
    ];
    assert!(bad.iter().all(Result::is_err), "{bad:?}");
    assert_eq!(tracker, before, "a refused measurement changes nothing");
}
