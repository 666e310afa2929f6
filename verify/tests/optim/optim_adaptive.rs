//! Adam's kin: what makes each of them itself, and that refusing a step changes nothing.

use teeter::optim::{
    AdaHessian, Adam, AdamState, BoundedAdam, EpsilonPlacement, NAdam, Padam, PadamState,
    PartialPower, RmsProp, RmsPropState, RootBound, Sophia, SophiaState,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine, vector};
use teeter_verify::bound::optim as bound;
use teeter_verify::oracle::steps::{Rule, Running};
use teeter_verify::property::{self, optim_peers, optim_steps};
use teeter_verify::subject::Subject;

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2025, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

/// How a fault gets into a rule: constants that are not those asked for.
struct Wrong(fn(Rule<f64>) -> Rule<f64>);

impl Subject<f64> for Wrong {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn optimizer_step(
        &self,
        rule: &Rule<f64>,
        data: [&[f64]; 2],
        running: &mut Running<f64>,
    ) -> Result<(), Error> {
        running.step(self.machine(), &(self.0)(*rule), data).map(|_| ())
    }
}

fn inside(adam: Adam<f64>) -> Adam<f64> {
    Adam { epsilon_placement: EpsilonPlacement::Inside, ..adam }
}

#[test]
fn planted_faults_of_steps_are_caught() {
    let faults: [fn(Rule<f64>) -> Rule<f64>; 5] = [
        // ε on the other side of the root.
        |rule| match rule {
            Rule::Adam(adam) => Rule::Adam(inside(adam)),
            other => other,
        },
        // AMSGrad without its maximum.
        |rule| match rule {
            Rule::Padam(Padam { adam, .. }) => Rule::Adam(adam),
            other => other,
        },
        // A bound on the wrong side.
        |rule| match rule {
            Rule::Bounded(BoundedAdam { adam, bound: RootBound::AtMost(bound) }) => {
                Rule::Bounded(BoundedAdam { adam, bound: RootBound::AtLeast(bound) })
            }
            other => other,
        },
        // NAdam without its schedule.
        |rule| match rule {
            Rule::NAdam(NAdam { adam, .. }) => Rule::NAdam(NAdam { adam, momentum_decay: 0.0 }),
            other => other,
        },
        // The squared gradient where the curvature belongs.
        |rule| match rule {
            Rule::AdaHessian(AdaHessian { adam }) => Rule::Adam(adam),
            other => other,
        },
    ];
    for fault in faults {
        let subject = &Wrong(fault);
        property::assert_caught(&optim_steps::steps_are_their_formulas(subject));
        property::assert_caught(&optim_steps::a_thousand_steps_stay_within_the_running_bound(
            subject,
        ));
    }
    // Descent by half the rate, which only the bits and the closed form see.
    let half = Wrong(|rule| match rule {
        Rule::Sophia(rule) => Rule::Sophia(Sophia { gamma: 2.0 * rule.gamma, ..rule }),
        other => other,
    });
    property::assert_caught(&optim_steps::constant_gradients_have_closed_forms(&half));
}

#[test]
fn a_bound_never_reached_and_a_power_of_one_half_are_adam_to_the_bit() {
    let (adam, n) = (optim_steps::adam::<f64>(), 21);
    let rules = [
        Rule::Adam(adam),
        Rule::Bounded(BoundedAdam { adam, bound: RootBound::AtMost(1e9) }),
        Rule::Bounded(BoundedAdam { adam, bound: RootBound::AtLeast(1e-290) }),
        Rule::Padam(Padam { adam, power: PartialPower::Half }),
    ];
    let ends = rules.map(|rule| {
        let mut running = Running::new(&normals::<f64>(1, n));
        for t in 0..20 {
            // A growing gradient: v rises, and so is its own maximum.
            let g: Vec<f64> = normals::<f64>(2, n).iter().map(|g| g * 1.5_f64.powi(t)).collect();
            running.step(Machine::detect(), &rule, [&g, &g]).expect("valid");
        }
        bits(&running.params)
    });
    assert!(ends.iter().all(|end| *end == ends[0]), "{rules:?}");
}

/// min(√v̂, U) with √v̂ ≥ U throughout is descent with moving-average momentum, bias-corrected.
#[test]
fn adam_held_below_its_root_is_descent_and_held_above_it_has_its_edge() {
    let adam = Adam { epsilon: 0.0, ..optim_steps::adam::<f64>() };
    let edge = 2.0 * (1.0 + adam.beta1) / (1.0 - adam.beta1) * 4.0 / adam.learning_rate;
    for (part, stable) in [(0.99, true), (1.01, false)] {
        let rule = BoundedAdam { adam, bound: RootBound::AtLeast(4.0) };
        // Small gradients: the root stays below its bound until it has diverged.
        let mut running = Running::new(&[1e-9_f64 / edge]);
        for _ in 0..bound::TURNS {
            let g = [part * edge * running.params[0]];
            running.step(Machine::detect(), &Rule::Bounded(rule), [&g, &g]).expect("valid");
        }
        let left = running.params[0].abs() * edge / 1e-9;
        let rests = left <= bound::AT_REST;
        assert_eq!(rests, stable, "at {part} of the edge {left:e} is left");
        assert!(stable || left >= 1.0 / bound::AT_REST, "at {part}: {left:e}");
    }
}

#[test]
fn amsgrad_never_lengthens_its_step_where_adam_does() {
    let adam = optim_steps::adam::<f64>();
    let after = |rule: Rule<f64>| {
        let mut running = Running::new(&[0.0]);
        for t in 0..3_000 {
            // One large gradient, then small ones.
            let g = [if t == 0 { 64.0 } else { 0.25 }];
            running.step(Machine::detect(), &rule, [&g, &g]).expect("valid");
        }
        running
    };
    let padam = after(Rule::Padam(Padam { adam, power: PartialPower::Half }));
    let (largest, v) = (padam.memory[2][0], padam.memory[1][0]);
    assert!(largest > 2.0 * v, "the maximum is kept: {largest} beside {v}");
    let plain = after(Rule::Adam(adam));
    assert!(padam.params[0].abs() < plain.params[0].abs(), "shorter steps");
}

#[test]
fn newton_kin_step_to_the_minimum_of_a_diagonal_quadratic() {
    let (machine, n) = (Machine::detect(), 12);
    // Powers of two: every operation is exact.
    let curvature: Vec<f64> = (0..n).map(|i| 2.0_f64.powi(i - 6)).collect();
    let start: Vec<f64> = (0..n).map(|i| f64::from(i) - 5.5).collect();
    let gradient: Vec<f64> = curvature.iter().zip(&start).map(|(d, w)| d * w).collect();
    let base = optim_steps::adam::<f64>();
    let adam = Adam { learning_rate: 1.0, beta1: 0.0, beta2: 0.0, epsilon: 0.0, ..base };
    for sign in [1.0, -1.0] {
        let d: Vec<f64> = curvature.iter().map(|d| sign * d).collect();
        let (mut first, mut second, mut w) = (vec![0.0; 12], vec![0.0; 12], start.clone());
        let mut state = AdamState::new(&mut first, &mut second);
        let done = AdaHessian { adam }.step(machine, &gradient, &d, &mut state, &mut w);
        let report = done.expect("valid");
        assert_eq!(w, [0.0; 12], "AdaHessian, sign {sign}");
        let length = vector::norm2(machine, &start);
        let allowed = bound::moved_norm::<f64>(12) * length;
        assert!((report.update_norm - length).abs() <= allowed, "{report:?} for {length}");
    }
    let rule = Sophia {
        learning_rate: 1.0,
        beta1: 0.0,
        beta2: 0.0,
        gamma: 1.0,
        epsilon: 0.0,
        weight_decay: 0.0,
    };
    let (mut first, mut h, mut w) = (vec![9.0; 12], vec![9.0; 12], start.clone());
    let mut state = SophiaState::new(&mut first, &mut h);
    rule.update_curvature(machine, &curvature, &mut state).expect("valid");
    rule.step(machine, &gradient, &mut state, &mut w).expect("valid");
    assert_eq!((state.steps, state.updates), (1, 1), "counted");
    for (w, start) in w.iter().zip(&start) {
        let right = if start.abs() < 1.0 { 0.0 } else { start - start.signum() };
        assert_eq!(*w, right, "Sophia from {start}");
    }
    // Without curvature, or with negative one, the sign alone; no gradient moves nothing.
    for curvature in [0.0, -3.0] {
        let (mut first, mut h, mut w) = ([0.0; 3], [0.0; 3], [10.0; 3]);
        let mut state = SophiaState::new(&mut first, &mut h);
        rule.update_curvature(machine, &[curvature; 3], &mut state).expect("valid");
        rule.step(machine, &[0.25, -8.0, -0.0], &mut state, &mut w).expect("valid");
        assert_eq!(w, [9.0, 11.0, 10.0], "curvature {curvature}");
    }
}

#[test]
fn reports_and_zero_gradients_are_as_adams() {
    let (machine, n) = (Machine::detect(), 40);
    for (name, rule) in optim_steps::rules::<f64>() {
        let (g, d) = (normals(3, n), normals(4, n));
        let mut running = Running::new(&vec![0.0; n]);
        let report = running.step(machine, &rule, [&g, &d]).expect("valid");
        let moved = vector::norm2(machine, &running.params);
        let allowed = bound::moved_norm::<f64>(n) * moved;
        assert!((report.update_norm - moved).abs() <= allowed, "{name}: {report:?} for {moved}");
        assert_eq!(report.gradient_norm, vector::norm2(machine, &g), "{name}");

        let (zero, mut still) = (vec![0.0; n], Running::new(&vec![0.0; n]));
        let report = still.step(machine, &rule, [&zero, &d]).expect("valid");
        assert_eq!((still.params, report.update_norm), (zero, 0.0), "{name}: no gradient");
    }
}

#[test]
fn kin_refuse_what_is_not_finite_and_change_nothing() {
    let (machine, n) = (Machine::detect(), 19);
    let good = normals::<f32>(1, n);
    for (name, rule) in optim_steps::rules::<f32>() {
        let fresh = || Running {
            memory: [2, 3, 4].map(|stream| normals(stream, n)),
            params: normals(5, n),
            powers: [0.5, 0.25],
            steps: 7,
        };
        let refused = |g: &[f32], d: &[f32], argument: &str| {
            let (mut running, before) = (fresh(), fresh());
            let done = running.step(machine, &rule, [g, d]);
            let found = match done {
                Err(
                    Error::NotFinite { argument, .. }
                    | Error::Range { argument, .. }
                    | Error::Length { argument, .. },
                ) => argument,
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(found, argument, "{name}: {done:?}");
            assert_eq!(bits(&running.params), bits(&before.params), "{name}");
            for (now, before) in running.memory.iter().zip(&before.memory) {
                // Sophia takes the curvature in a call of its own.
                let own = matches!(rule, Rule::Sophia(_)) && argument != "estimate";
                assert!(own || bits(now) == bits(before), "{name}: memory");
            }
            assert_eq!((running.powers, running.steps), (before.powers, 7), "{name}");
        };
        for bad in [f32::NAN, f32::INFINITY] {
            let mut g = good.clone();
            g[11] = bad;
            refused(&g, &good, "gradient");
            match rule {
                Rule::AdaHessian(_) => refused(&good, &g, "curvature"),
                Rule::Sophia(_) => refused(&good, &g, "estimate"),
                _ => {}
            }
        }
        refused(&good[1..], &good, "gradient");
    }
}

/// Constants out of range, by rule: each names itself.
#[test]
fn kin_check_their_constants() {
    let (machine, g) = (Machine::detect(), [1.0, 2.0]);
    let adam = optim_steps::adam::<f64>();
    let refusal = |rule: Rule<f64>| {
        let mut running = Running::new(&[1.0; 2]);
        match running.step(machine, &rule, [&g, &g]) {
            Err(Error::Range { argument, .. }) => argument,
            other => panic!("{rule:?}: {other:?}"),
        }
    };
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        let bounded = |bound| Rule::Bounded(BoundedAdam { adam, bound });
        assert_eq!(refusal(bounded(RootBound::AtMost(bad))), "bound", "a bound from above");
        assert_eq!(refusal(bounded(RootBound::AtLeast(bad))), "bound", "a bound from below");
        let nadam = NAdam { adam, momentum_decay: bad };
        assert_eq!(refusal(Rule::NAdam(nadam)), "momentum_decay", "of NAdam");
        let wrong = Adam { beta1: bad, ..adam };
        assert_eq!(refusal(Rule::AdaHessian(AdaHessian { adam: wrong })), "beta1", "of AdaHessian");
        let padam = Padam { adam: Adam { epsilon: bad, ..adam }, power: PartialPower::Half };
        assert_eq!(refusal(Rule::Padam(padam)), "epsilon", "of Padam");
        let rms_prop = optim_steps::rms_prop::<f64>(0.5);
        for (argument, rule) in [
            ("alpha", RmsProp { alpha: bad, ..rms_prop }),
            ("momentum", RmsProp { momentum: bad, ..rms_prop }),
            ("weight_decay", RmsProp { weight_decay: bad, ..rms_prop }),
        ] {
            assert_eq!(refusal(Rule::RmsProp(rule)), argument, "of RMSProp");
        }
    }
    let rms_prop = optim_steps::rms_prop::<f64>(0.5);
    let (mut second, mut w) = ([0.0; 2], [1.0; 2]);
    let mut state = RmsPropState::new(&mut second, &mut []);
    let short = rms_prop.step(machine, &g, &mut state, &mut w);
    let expected = Error::Length { argument: "velocity", expected: 2, found: 0 };
    assert_eq!((short, w), (Err(expected), [1.0; 2]), "a velocity that is missing");
    let (mut first, mut second, mut largest) = ([7.0; 2], [7.0; 2], [7.0; 1]);
    let mut state = PadamState::new(&mut first, &mut second, &mut largest);
    let padam = Padam { adam, power: PartialPower::Quarter };
    let short = padam.step(machine, &g, &mut state, &mut w);
    let expected = Error::Length { argument: "largest", expected: 2, found: 1 };
    assert_eq!((short, w), (Err(expected), [1.0; 2]), "a maximum that is short");
    assert_eq!((first, second, largest), ([0.0; 2], [0.0; 2], [0.0]), "new fills with zeros");
}

/// The recorded steps of a peer, where there are any.
#[test]
fn steps_are_those_of_pytorch_within_the_bound_of_two_programs() {
    let rows = [optim_peers::measure::<f32>(), optim_peers::measure::<f64>()].concat();
    assert!(rows.len() >= 40, "the record is read: {} rows", rows.len());
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// The table's own rows.
#[test]
fn long_runs_stay_within_their_bounds() {
    let rows = [optim_steps::measure::<f32>(), optim_steps::measure::<f64>()].concat();
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
