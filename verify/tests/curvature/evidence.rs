//! Linear models and their evidence: derivatives, runaways, predictions, averages, edges, bits.

use teeter::curvature::{
    EvidenceOptions, EvidenceStop, LinearModel, Prediction, SpectralFilter, average_predictions,
    effective_parameters_nonlinear, effective_parameters_nonlinear_scratch_len, evidence_shares,
    generalized_prediction_error, linear_model_memory_len, linear_model_scratch_len,
    ridge_of_descent,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_verify::bound::linear_model as bound;
use teeter_verify::input::general;
use teeter_verify::oracle::{naive, reference};
use teeter_verify::property::evidence::{Data, SHAPES};

const OPTIONS: EvidenceOptions<f64> = EvidenceOptions { step_max: 200, tolerance: 1e-10 };

fn portable() -> Machine {
    Machine::portable()
}

/// d log ev/d log α = γ/2 − αE_W, d log ev/d log β = (N − γ)/2 − βE_D; and the most probable pair is a peak.
#[test]
fn evidence_has_mackays_derivatives_and_its_peak_is_one() {
    for shape in [[12, 4], [30, 9], [4, 7]] {
        let data = Data::<f64>::new(shape, 3);
        let n = shape[0] as f64;
        let sizes = data.sizes(&vec![0.0; shape[1]]);
        data.model(portable(), |model| {
            let at = |alpha: f64, beta: f64| model.evidence(alpha, beta);
            for [alpha, beta] in [[1.0, 1.0], [0.25, 8.0]] {
                let here = at(alpha, beta)?;
                let h: f64 = 1.0 / 256.0;
                let up = [at(alpha * h.exp(), beta)?, at(alpha, beta * h.exp())?];
                let down = [at(alpha / h.exp(), beta)?, at(alpha, beta / h.exp())?];
                let right = [
                    0.5 * here.gamma - alpha * here.weight_energy,
                    0.5 * (n - here.gamma) - beta * here.data_energy,
                ];
                let energy = alpha * here.weight_energy + beta * here.data_energy;
                let magnitude = energy + here.log_evidence.abs() + n * 4.0;
                let value = bound::log_evidence::<f64>(sizes, [alpha, beta], [energy, magnitude]);
                for i in 0..2 {
                    let slope = (up[i].log_evidence - down[i].log_evidence) / (2.0 * h);
                    let allowed = bound::slope(sizes, energy, value, h);
                    assert!((slope - right[i]).abs() <= allowed, "{slope} for {}", right[i]);
                }
                let occam = here.log_evidence + beta * here.data_energy
                    - 0.5 * n * (beta / (2.0 * std::f64::consts::PI)).ln();
                assert!((occam - here.log_occam_factor).abs() <= value, "fit and Occam factor");
                assert!(here.log_occam_factor <= 0.0, "a prior costs");
            }
            if shape[0] > shape[1] {
                let fit = model.maximize_evidence(&OPTIONS)?;
                assert_eq!(fit.stop, EvidenceStop::Converged, "{fit:?}");
                assert!(fit.mismatch <= OPTIONS.tolerance && fit.steps < 100, "{fit:?}");
                let [alpha, beta] = [fit.evidence.alpha, fit.evidence.beta];
                for [a, b] in [[1.25, 1.0], [0.8, 1.0], [1.0, 1.25], [1.0, 0.8]] {
                    let beside = at(a * alpha, b * beta)?.log_evidence;
                    assert!(beside < fit.evidence.log_evidence, "no peak: {a}, {b}");
                }
            }
            Ok(())
        })
        .expect("valid");
    }
}

fn model_of<R>(
    shape: [usize; 2],
    design: &[f64],
    targets: &[f64],
    f: impl FnOnce(&LinearModel<'_, f64>) -> Result<R, Error>,
) -> Result<R, Error> {
    let data = Data { shape, design: design.to_vec(), targets: targets.to_vec() };
    data.model(portable(), f)
}

#[test]
fn a_runaway_is_named_and_bounded() {
    let search = |design: &[f64], targets: &[f64]| {
        let shape = [targets.len(), design.len() / targets.len()];
        model_of(shape, design, targets, |model| model.maximize_evidence(&OPTIONS))
    };
    let none = search(&[1.0, -1.0, 0.0, 0.0], &[0.0, 0.0, 1.0, 2.0]).expect("valid");
    assert_eq!(none.stop, EvidenceStop::NoSignal, "nothing of the targets is in reach");
    assert!(none.evidence.alpha.is_finite() && none.evidence.gamma <= f64::EPSILON, "{none:?}");
    let weak = search(&[1.0, 1.0, 1.0, 1.0], &[1.0, -1.0, 2.0, -2.5]).expect("valid");
    assert_eq!(weak.stop, EvidenceStop::NoSignal, "less than noise would give");
    let exact = search(&[1.0, 0.0, 0.0], &[2.0, 0.0, 0.0]).expect("valid");
    assert_eq!(exact.stop, EvidenceStop::NoNoise, "nothing is left for noise");
    assert!(exact.evidence.beta.is_finite(), "{exact:?}");
    let zero = search(&[1.0, 2.0], &[0.0, 0.0]);
    assert_eq!(zero, Err(Error::ZeroVector { argument: "targets" }), "no targets");
    let zero = search(&[0.0, 0.0], &[1.0, 2.0]);
    assert_eq!(zero, Err(Error::ZeroVector { argument: "design" }), "no design");
    let few = EvidenceOptions { step_max: 3, tolerance: 1e-15 };
    let data = Data::<f64>::new([30, 9], 1);
    let short = data.model(portable(), |model| model.maximize_evidence(&few)).expect("valid");
    assert_eq!((short.stop, short.steps), (EvidenceStop::LimitReached, 3), "{short:?}");
    for bad in [
        EvidenceOptions { step_max: 1, tolerance: 0.5 },
        EvidenceOptions { step_max: 9, tolerance: 0.0 },
        EvidenceOptions { step_max: 9, tolerance: f64::NAN },
    ] {
        let refused = data.model(portable(), |model| model.maximize_evidence(&bad));
        assert!(matches!(refused, Err(Error::Range { .. })), "{bad:?}: {refused:?}");
    }
    for [alpha, beta] in [[0.0, 1.0], [1.0, -1.0], [f64::NAN, 1.0], [1e-300, 1e300]] {
        let refused = data.model(portable(), |model| model.evidence(alpha, beta));
        assert!(matches!(refused, Err(Error::Range { .. })), "{alpha}, {beta}: {refused:?}");
    }
}

#[test]
fn constants_follow_the_scale_of_the_targets_exactly() {
    let data = Data::<f64>::new([30, 9], 7);
    let there = Data { targets: data.targets.iter().map(|t| 8.0 * t).collect(), ..data.clone() };
    let search = |data: &Data<f64>| {
        data.model(portable(), |model| model.maximize_evidence(&OPTIONS)).expect("valid")
    };
    let (one, other) = (search(&data).evidence, search(&there).evidence);
    assert_eq!([one.alpha, one.beta], [64.0 * other.alpha, 64.0 * other.beta], "2⁻²ᵏ");
    assert_eq!(one.gamma, other.gamma, "γ has no unit");
}

/// φᵀA⁻¹φ and φᵀw by faer's inverse of A = αI + βΦᵀΦ; wide designs leave directions to the prior alone.
#[test]
fn predictions_are_those_of_the_dense_posterior() {
    for shape in SHAPES {
        let [n, k] = shape;
        let data = Data::<f64>::new(shape, 11);
        let [design, targets] = data.wide();
        let features = general::uniform(k, 1, 99);
        for [alpha, beta] in [[1.0, 4.0], [0.5, 0.25]] {
            let a: Vec<f64> = (0..k * k)
                .map(|e| {
                    let (p, q) = (e / k, e % k);
                    let product: f64 = (0..n).map(|i| design[i * k + p] * design[i * k + q]).sum();
                    beta * product + if p == q { alpha } else { 0.0 }
                })
                .collect();
            let inverse = reference::inverse(&a, k);
            let pull: Vec<f64> = (0..k)
                .map(|j| beta * (0..n).map(|i| design[i * k + j] * targets[i]).sum::<f64>())
                .collect();
            let weights = naive::apply(&inverse, &pull);
            let spread = naive::dot(&features, &naive::apply(&inverse, &features));
            let found = data
                .model(portable(), |model| model.predict(&features, [alpha, beta]))
                .expect("valid");
            let length = naive::norm(&features);
            let [mean, variance] =
                bound::prediction::<f64>(data.sizes(&weights), length, alpha / beta);
            let mean_error = (found.mean - naive::dot(&features, &weights)).abs();
            // The oracle's inverse is as good as the condition of A lets it be: as large a bound.
            assert!(mean_error <= 2.0 * mean, "{shape:?}: mean off by {mean_error:e}, {mean:e}");
            let error = (found.variance - spread).abs();
            assert!(error <= 2.0 * variance / alpha, "{shape:?}: variance off by {error:e}");
            assert_eq!(found.noise, 1.0 / beta, "noise");
        }
    }
    let data = Data::<f64>::new([5, 2], 1);
    let refused = data.model(portable(), |model| model.predict(&[1.0, f64::NAN], [1.0, 1.0]));
    assert_eq!(refused, Err(Error::NotFinite { argument: "features", index: 1 }), "NaN");
}

#[test]
fn models_are_weighed_by_their_evidence() {
    let logs = [-700.0, -701.0, -5000.0];
    let mut shares = [f64::NAN; 3];
    evidence_shares(&logs, &mut shares).expect("valid");
    let right = 1.0 / (1.0 + (-1.0_f64).exp());
    let allowed = right * (bound::shares::<f64>(3, 1.0) + bound::shares::<f64>(3, 0.0));
    assert!((shares[0] - right).abs() <= allowed, "{shares:?}");
    assert_eq!(shares[2], 0.0, "beyond the format");
    let mut moved = [f64::NAN; 3];
    evidence_shares(&logs.map(|log| log + 512.0), &mut moved).expect("valid");
    assert_eq!(moved, shares, "a common factor of the evidences changes nothing");
    assert_eq!(
        evidence_shares::<f64>(&[], &mut []),
        Err(Error::Empty { argument: "log_evidences" })
    );
    assert!(evidence_shares(&[0.0, f64::INFINITY], &mut [0.0; 2]).is_err(), "infinite");

    let of = |mean: f64, variance: f64| Prediction { mean, variance, noise: 1.0 };
    let one = average_predictions(&[of(3.0, 2.0)], &[1.0]).expect("valid");
    assert_eq!(one, of(3.0, 2.0), "of one model");
    let both = average_predictions(&[of(0.0, 1.0), of(4.0, 1.0)], &[0.75, 0.25]).expect("valid");
    assert_eq!(both, of(1.0, 4.0), "disagreement is uncertainty: 1 + ¾·1 + ¼·9");
    assert!(average_predictions(&[of(0.0, 1.0)], &[1.5]).is_err(), "no probability");
}

#[test]
fn moody_of_a_linear_model_is_its_degrees_of_freedom() {
    for shape in [[12, 4], [30, 9], [1, 1]] {
        let [n, p] = shape;
        let data = Data::<f64>::new(shape, 2);
        let alpha = 0.5;
        let mixed: Vec<f64> = data.design.iter().map(|x| -2.0 * x).collect();
        let mut curvature: Vec<f64> = (0..p * p)
            .map(|e| {
                let (a, b) = (e / p, e % p);
                let product: f64 =
                    (0..n).map(|i| data.design[i * p + a] * data.design[i * p + b]).sum();
                2.0 * product + if a == b { 2.0 * alpha } else { 0.0 }
            })
            .collect();
        let sizes = data.sizes(&vec![0.0; p]);
        let condition = 1.0 + sizes.design * sizes.design / alpha;
        let filter = SpectralFilter::Ridge { alpha };
        let right = data.model(portable(), |model| model.fit(filter)).expect("valid");
        let right = right.degrees_of_freedom;
        let mut scratch = vec![f64::NAN; effective_parameters_nonlinear_scratch_len(n, p)];
        let view = MatMut::row_major(&mut curvature, p, p).expect("square");
        let mixed = MatRef::row_major(&mixed, n, p).expect("n by p");
        let found =
            effective_parameters_nonlinear(portable(), mixed, view, &mut scratch).expect("valid");
        let allowed =
            right * bound::moody::<f64>(shape, condition) + bound::degrees::<f64>(sizes, alpha);
        assert!((found - right).abs() <= allowed, "{shape:?}: {found} for {right}");
    }
    let mut saddle = [1.0, 0.0, 0.0, -1.0];
    let view = MatMut::row_major(&mut saddle, 2, 2).expect("square");
    let mixed = MatRef::row_major(&[1.0, 1.0], 1, 2).expect("a row");
    let refused = effective_parameters_nonlinear(portable(), mixed, view, &mut [0.0; 2]);
    assert_eq!(refused, Err(Error::Pivot { index: 1, value: -1.0 }), "at a saddle");
    assert_eq!(generalized_prediction_error(0.25, 1.0, 3.0, 6), Ok(1.25), "E + 2σ²p/n");
    assert!(generalized_prediction_error(0.25, -1.0, 3.0, 6).is_err(), "variance below 0");
    assert!(generalized_prediction_error(0.25, 1.0, 3.0, 0).is_err(), "no data");
}

#[test]
fn early_stopping_is_generalized_ridge() {
    for eta in [0.125, 0.5, 0.9375] {
        for steps in [1, 2, 17, 300] {
            for eigenvalue in [0.0625_f64, 0.5, 1.0] {
                let x = eta * eigenvalue;
                let filter = SpectralFilter::Descent { learning_rate: eta, steps };
                let share = filter.share(eigenvalue).expect("valid");
                let mut left = 1.0;
                for _ in 0..steps {
                    left *= 1.0 - x;
                }
                let allowed = bound::descent::<f64>(x) + f64::from(steps) * f64::EPSILON;
                assert!((share - (1.0 - left)).abs() <= allowed, "{eta}, {steps}: {share}");
                let alpha = ridge_of_descent(eigenvalue, eta, steps).expect("valid");
                let ridge = SpectralFilter::Ridge { alpha }.share(eigenvalue).expect("valid");
                let allowed = bound::ridge_of_descent::<f64>(x, steps) + bound::descent::<f64>(x);
                assert!((ridge / share - 1.0).abs() <= allowed, "{ridge} for {share}");
            }
        }
    }
    let filter = |learning_rate| SpectralFilter::Descent { learning_rate, steps: 3 };
    assert_eq!(filter(1.0).share(1.0), Ok(1.0), "one step suffices");
    assert_eq!(filter(2.0).share(1.0), Ok(2.0), "at the edge it overshoots for ever");
    assert_eq!(filter(0.5).share(0.0), Ok(0.0), "nothing to learn");
    let unstable = SpectralFilter::Descent { learning_rate: 3.0, steps: u32::MAX };
    assert_eq!(unstable.share(1.0).map(f64::is_infinite), Ok(true), "beyond it diverges");
    assert_eq!(ridge_of_descent(1.0, 0.5, 0), Ok(f64::INFINITY), "no step: all of the prior");
    assert_eq!(ridge_of_descent(1.0, 1.0, 5), Ok(0.0), "all learned: no prior");
    assert!(ridge_of_descent(1.0, 1.5, 5).is_err() && ridge_of_descent(0.0, 0.5, 5).is_err());
    let edges = [
        (SpectralFilter::Ridge { alpha: 0.0 }.share(0.0), Ok(0.0)),
        (SpectralFilter::Ridge { alpha: 0.0 }.share(1e-300), Ok(1.0)),
        (SpectralFilter::Ridge { alpha: f64::MAX }.share(f64::MAX), Ok(0.5)),
        (SpectralFilter::Flow { time: 0.0 }.share(7.0), Ok(0.0)),
        (SpectralFilter::Flow { time: f64::MAX }.share(f64::MAX), Ok(1.0)),
    ];
    for (found, right) in edges {
        assert_eq!(found, right);
    }
    for eigenvalue in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = SpectralFilter::Flow { time: 1.0 }.share(eigenvalue);
        assert!(matches!(refused, Err(Error::Range { .. })), "{eigenvalue}: {refused:?}");
    }
}

#[test]
fn a_model_refuses_what_it_cannot_use_and_fits_the_rest() {
    let lengths = [linear_model_memory_len(3, 2), linear_model_scratch_len(3, 2)];
    let build = |design: &[f64], targets: &[f64], [memory, scratch]: [usize; 2]| {
        let mut memory = vec![0.0; memory];
        let mut scratch = vec![0.0; scratch];
        let k = design.len() / 3;
        let design = MatRef::row_major(design, 3, k)?;
        LinearModel::new(portable(), design, targets, &mut memory, &mut scratch).map(|_| ())
    };
    let (phi, t) = ([1.0; 6], [1.0; 3]);
    assert_eq!(build(&phi, &t, lengths), Ok(()), "dependent columns are fine");
    assert!(matches!(build(&phi, &t[..2], lengths), Err(Error::Length { .. })), "targets");
    let [memory, scratch] = lengths;
    assert!(matches!(build(&phi, &t, [memory - 1, scratch]), Err(Error::Short { .. })));
    assert!(matches!(build(&phi, &t, [memory, scratch - 1]), Err(Error::Short { .. })));
    assert!(matches!(build(&[], &t, lengths), Err(Error::Empty { .. })), "no columns");
    assert!(matches!(build(&phi, &[1.0, f64::NAN, 1.0], lengths), Err(Error::NotFinite { .. })));
    assert!(matches!(build(&[f64::INFINITY; 6], &t, lengths), Err(Error::NotFinite { .. })));
    assert!(matches!(build(&phi, &[f64::MAX; 3], lengths), Err(Error::Range { .. })));
    let all = model_of([2, 2], &[3.0, 0.0, 0.0, 0.0], &[6.0, 5.0], |model| {
        let mut w = [f64::NAN; 2];
        model.weights_into(SpectralFilter::Ridge { alpha: 0.0 }, &mut w)?;
        let fit = model.fit(SpectralFilter::Ridge { alpha: 0.0 })?;
        Ok((w, fit.degrees_of_freedom, fit.residual_square, model.singular_values().to_vec()))
    });
    assert_eq!(all, Ok(([2.0, 0.0], 1.0, 25.0, vec![3.0, 0.0])), "a column of zeros");
    let full = model_of([1, 1], &[2.0], &[4.0], |model| {
        Ok(model.fit(SpectralFilter::Ridge { alpha: 0.0 })?.cross_validation)
    });
    assert_eq!(full, Ok(f64::INFINITY), "nothing left to judge by");
    let gcv = model_of([2, 1], &[1.0, 0.0], &[1.0, 3.0], |model| {
        Ok(model.fit(SpectralFilter::Ridge { alpha: 0.0 })?.cross_validation)
    });
    assert_eq!(gcv, Ok(18.0), "2·9/1²");
}

#[test]
fn models_have_the_same_bits_on_every_machine() {
    for shape in SHAPES {
        let data = Data::<f64>::new(shape, 21);
        let all = |machine: Machine| {
            data.model(machine, |model| {
                let mut bits: Vec<u64> =
                    model.singular_values().iter().map(|x| x.to_bits()).collect();
                let mut weights = vec![0.0; shape[1]];
                model.weights_into(SpectralFilter::Flow { time: 0.5 }, &mut weights)?;
                bits.extend(weights.iter().map(|x| x.to_bits()));
                let evidence = model.evidence(0.5, 2.0)?;
                bits.push(evidence.log_evidence.to_bits());
                let guess = model.predict(&weights, [0.5, 2.0])?;
                bits.extend([guess.mean.to_bits(), guess.variance.to_bits()]);
                Ok(bits)
            })
            .expect("valid")
        };
        let mut first = [None, None];
        for machine in Machine::present() {
            let kind = usize::from(machine.is_fused());
            let here = first[kind].get_or_insert_with(|| all(machine)).clone();
            assert_eq!(all(machine), here, "{machine:?}, {shape:?}");
        }
    }
}
