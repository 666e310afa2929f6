//! Averages of iterates and schedules: exact identities, the variance they promise, and their ends.

use teeter::optim::{
    Adam, AdamState, AverageKind, AverageState, Gadam, GadamX, IterateAverage, Lookahead,
    LookaheadState, Momentum, Padam, PadamState, PartialPower, Schedule, ScheduleShape, Sgd,
    SgdState,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::optim as bound;
use teeter_verify::property::optim_steps;

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2027, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

fn check_averages<T: Float>(kind: AverageKind<T>) {
    const ITERATES: u64 = 50;
    for machine in Machine::present() {
        for n in [0, 1, 5, 33, 131] {
            let average = IterateAverage { kind, start: 3, every: 2 };
            let mut mean = vec![T::NAN; n];
            let mut state = AverageState::new(&mut mean);
            let (mut naive, mut taken) = (vec![T::ZERO; n], Vec::new());
            for t in 0..ITERATES {
                let w = normals::<T>(t, n);
                let took = average.update(machine, &w, &mut state).expect("valid");
                assert_eq!(took, t >= 3 && (t - 3) % 2 == 0, "iterate {t}");
                if !took {
                    continue;
                }
                taken.push(w.clone());
                let share = match kind {
                    AverageKind::Mean => T::ONE / T::from_f64(taken.len() as f64),
                    AverageKind::Exponential(beta) => T::ONE - beta,
                };
                for (mean, &w) in naive.iter_mut().zip(&w) {
                    *mean = if taken.len() == 1 { w } else { *mean + share * (w - *mean) };
                }
            }
            assert_eq!((state.seen, state.taken), (ITERATES, taken.len() as u64), "counted");
            assert_eq!(bits(state.mean), bits(&naive), "{machine:?} {kind:?} n = {n}");
            // Against the sum in f64.
            for (i, mean) in state.mean.iter().enumerate() {
                let column = || taken.iter().map(|w| w[i].to_f64());
                let largest = column().fold(0.0_f64, |m, w| m.max(w.abs()));
                let (right, allowed) = match kind {
                    AverageKind::Mean => {
                        let count = taken.len() as f64;
                        (column().sum::<f64>() / count, bound::mean::<T>(taken.len()))
                    }
                    AverageKind::Exponential(beta) => {
                        let b = beta.to_f64();
                        let fold = |m: Option<f64>, w| Some(m.map_or(w, |m| b * m + (1.0 - b) * w));
                        let right = column().fold(None, fold).unwrap_or(f64::NAN);
                        (right, bound::exponential_average::<T>(b))
                    }
                };
                let error = (mean.to_f64() - right).abs();
                assert!(error <= allowed * largest, "{kind:?}: {mean} for {right}");
            }
        }
    }
}

#[test]
fn averages_are_their_formulas_to_the_bit_and_the_mean_is_the_mean() {
    check_averages::<f32>(AverageKind::Mean);
    check_averages::<f64>(AverageKind::Mean);
    check_averages(AverageKind::Exponential(0.875_f32));
    check_averages(AverageKind::Exponential(0.9_f64));
    // Equal iterates, and a power of two.
    let (machine, w) = (Machine::detect(), normals::<f64>(1, 9));
    let average = IterateAverage { kind: AverageKind::Mean, start: 0, every: 1 };
    let mut mean = vec![0.0; 9];
    let mut state = AverageState::new(&mut mean);
    for _ in 0..7 {
        average.update(machine, &w, &mut state).expect("valid");
    }
    assert_eq!(bits(state.mean), bits(&w), "equal iterates");
}

/// n·Var of the mean of n iterates, from the weights of each noise: s²/λ² in the limit, for every rate.
#[test]
fn averaging_forgets_the_learning_rate() {
    const CHAINS: usize = 2_048;
    const STEPS: u64 = 400;
    let (machine, curvature, noise) = (Machine::detect(), 0.5, 2.0);
    for (run, rate) in [(0, 0.25), (1, 1.0), (2, 3.0)] {
        let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: 0.0 };
        let average = IterateAverage { kind: AverageKind::Mean, start: 0, every: 1 };
        let (mut w, mut mean) = (vec![0.0; CHAINS], vec![0.0; CHAINS]);
        let mut state = AverageState::new(&mut mean);
        for t in 0..STEPS {
            let mut g = normals::<f64>(1_000 + run * STEPS + t, CHAINS);
            for (g, w) in g.iter_mut().zip(&w) {
                *g = curvature * w + noise * *g;
            }
            sgd.step(machine, &g, &mut SgdState { velocity: &mut [] }, &mut w).expect("valid");
            average.update(machine, &w, &mut state).expect("valid");
        }
        let found = state.mean.iter().map(|w| w * w).sum::<f64>() / CHAINS as f64;
        let kept = 1.0 - rate * curvature;
        // The noise k steps before the end moves the mean by s(1 − (1 − ηλ)ᵏ)/(λn).
        let weights = (1..=STEPS).map(|k| (1.0 - kept.powi(k as i32)).powi(2)).sum::<f64>();
        let right = (noise / curvature / STEPS as f64).powi(2) * weights;
        let limit = (noise / curvature).powi(2) / STEPS as f64;
        let allowed = bound::sample_variance(CHAINS);
        assert!((found / right - 1.0).abs() <= allowed, "rate {rate}: {found:e} for {right:e}");
        assert!(
            (found / limit - 1.0).abs() <= allowed + 2.0 / (rate * curvature * STEPS as f64),
            "the limit forgets the rate"
        );
        // One iterate varies with the rate.
        let last = w.iter().map(|w| w * w).sum::<f64>() / CHAINS as f64;
        let iterate = rate * noise * noise / (curvature * (2.0 - rate * curvature));
        assert!((last / iterate - 1.0).abs() <= allowed, "rate {rate}: {last} for {iterate}");
    }
}

#[test]
fn averages_refuse_and_change_nothing() {
    let machine = Machine::detect();
    let average = IterateAverage { kind: AverageKind::Mean, start: 0, every: 1 };
    let mut mean = [3.0; 2];
    let mut state = AverageState { mean: &mut mean, seen: 4, taken: 4 };
    let bad = average.update(machine, &[1.0, f64::NAN], &mut state);
    assert_eq!(bad, Err(Error::NotFinite { argument: "params", index: 1 }), "NaN");
    let short = average.update(machine, &[1.0], &mut state);
    assert_eq!(
        short,
        Err(Error::Length { argument: "mean", expected: 1, found: 2 }),
        "a mean of another length"
    );
    for wrong in [
        IterateAverage { every: 0, ..average },
        IterateAverage { kind: AverageKind::Exponential(1.0), ..average },
        IterateAverage { kind: AverageKind::Exponential(f64::NAN), ..average },
    ] {
        assert!(
            matches!(wrong.update(machine, &[1.0; 2], &mut state), Err(Error::Range { .. })),
            "{wrong:?}"
        );
    }
    assert_eq!((state.seen, state.taken, mean), (4, 4, [3.0; 2]), "untouched");
}

#[test]
fn lookahead_follows_every_few_steps_and_with_one_is_not_there() {
    let (machine, n) = (Machine::detect(), 19);
    let sgd = Sgd { learning_rate: 0.1, momentum: Momentum::Polyak(0.9), weight_decay: 0.0 };
    let run = |lookahead: Option<Lookahead<f64>>| {
        let (mut v, mut w, mut slow) = (vec![0.0; n], normals::<f64>(1, n), vec![0.0; n]);
        let mut state = LookaheadState::new(&w, &mut slow).expect("lengths");
        let mut naive = w.clone();
        for t in 1..=20 {
            let g = normals::<f64>(50 + t, n);
            sgd.step(machine, &g, &mut SgdState { velocity: &mut v }, &mut w).expect("valid");
            let Some(rule) = lookahead else { continue };
            let fast = w.clone();
            let met = rule.update(machine, &mut state, &mut w).expect("valid");
            assert_eq!(met, t % rule.interval == 0, "step {t}");
            if met && rule.alpha < 1.0 {
                for (slow, fast) in naive.iter_mut().zip(&fast) {
                    *slow += rule.alpha * (fast - *slow);
                }
                assert_eq!(bits(&w), bits(&naive), "step {t}");
            }
        }
        bits(&w)
    };
    assert_eq!(run(Some(Lookahead { interval: 5, alpha: 1.0 })), run(None), "α = 1");
    assert_ne!(run(Some(Lookahead { interval: 5, alpha: 0.5 })), run(None), "α = ½");

    let (mut slow, mut w) = ([1.0; 2], [1.0, f64::INFINITY]);
    let mut state = LookaheadState { slow: &mut slow, steps: 6 };
    let rule = Lookahead { interval: 1, alpha: 0.5 };
    let bad = rule.update(machine, &mut state, &mut w);
    assert_eq!(bad, Err(Error::NotFinite { argument: "params", index: 1 }), "infinity");
    for wrong in [Lookahead { interval: 0, ..rule }, Lookahead { alpha: 1.5, ..rule }] {
        let done = wrong.update(machine, &mut state, &mut [1.0; 2]);
        assert!(matches!(done, Err(Error::Range { .. })), "{done:?}");
    }
    assert_eq!(state.steps, 6, "not counted");
}

#[test]
fn gadam_is_adam_beside_the_mean_of_its_iterates() {
    let (machine, n) = (Machine::detect(), 21);
    let adam = Adam { weight_decay: 0.0625, ..optim_steps::adam::<f64>() };
    let padam = Padam { adam, power: PartialPower::Eighth };
    let average = IterateAverage { kind: AverageKind::Mean, start: 4, every: 3 };
    let zeros = || vec![0.0; n];
    let (mut m, mut v, mut mean, mut w) = (zeros(), zeros(), zeros(), normals::<f64>(1, n));
    let (mut m2, mut v2, mut mean2, mut w2) = (zeros(), zeros(), zeros(), w.clone());
    let (mut mx, mut vx, mut top, mut meanx, mut wx) =
        (zeros(), zeros(), zeros(), zeros(), w.clone());
    let (mut my, mut vy, mut top_y, mut wy) = (zeros(), zeros(), zeros(), w.clone());
    let mut first = (AdamState::new(&mut m, &mut v), AverageState::new(&mut mean));
    let mut second = (AdamState::new(&mut m2, &mut v2), AverageState::new(&mut mean2));
    let mut third = (PadamState::new(&mut mx, &mut vx, &mut top), AverageState::new(&mut meanx));
    let mut fourth = PadamState::new(&mut my, &mut vy, &mut top_y);
    for t in 0..20 {
        let g = normals::<f64>(20 + t, n);
        let gadam = Gadam { adam, average };
        gadam.step(machine, &g, &mut first.0, &mut first.1, &mut w).expect("valid");
        adam.step(machine, &g, &mut second.0, &mut w2).expect("valid");
        average.update(machine, &w2, &mut second.1).expect("valid");
        let gadam_x = GadamX { padam, average };
        gadam_x.step(machine, &g, &mut third.0, &mut third.1, &mut wx).expect("valid");
        padam.step(machine, &g, &mut fourth, &mut wy).expect("valid");
    }
    assert_eq!(bits(&w), bits(&w2), "parameters");
    assert_eq!(bits(first.1.mean), bits(second.1.mean), "average");
    assert_eq!((first.1.taken, third.1.taken), (6, 6), "iterates 4, 7, …, 19");
    assert_eq!(bits(&wx), bits(&wy), "GadamX");
    assert_ne!(bits(third.1.mean), bits(&wx), "its average is another");

    // What the average refuses is refused before the step.
    let wrong = Gadam { adam, average: IterateAverage { every: 0, ..average } };
    let before = bits(&w);
    let done = wrong.step(machine, &normals(1, n), &mut first.0, &mut first.1, &mut w);
    assert!(matches!(done, Err(Error::Range { argument: "every", .. })), "{done:?}");
    assert_eq!((bits(&w), first.0.steps), (before, 20), "untouched");
}

fn shapes<T: Float>() -> [ScheduleShape<T>; 4] {
    let of = T::from_f64;
    [
        ScheduleShape::Constant,
        ScheduleShape::Cosine { steps: 40, last: of(0.0625) },
        ScheduleShape::Step { every: 7, factor: of(0.3) },
        ScheduleShape::Averaging { start: 40, last: of(0.25) },
    ]
}

fn check_schedules<T: Float>() {
    for shape in shapes::<T>() {
        for warm_up in [0, 1, 5] {
            let schedule = Schedule { warm_up, shape };
            let at = |step| schedule.factor(step).expect("valid").to_f64();
            for step in 0..warm_up {
                let right = (step + 1) as f64 / warm_up as f64;
                assert!((at(step) - right).abs() <= bound::schedule::<T>(), "{schedule:?}");
            }
            assert_eq!(at(warm_up), 1.0, "{schedule:?}: exactly 1 at its start");
            for t in 0..100_u64 {
                let right = match shape {
                    ScheduleShape::Constant => 1.0,
                    ScheduleShape::Cosine { .. } if t >= 40 => 0.0625,
                    ScheduleShape::Cosine { .. } => {
                        let angle = std::f64::consts::PI * t as f64 / 40.0;
                        0.0625 + 0.9375 * 0.5 * (1.0 + angle.cos())
                    }
                    ScheduleShape::Step { factor, .. } => factor.to_f64().powi(t as i32 / 7),
                    ScheduleShape::Averaging { .. } => {
                        let part = t as f64 / 40.0;
                        (1.0 - 0.75 * (part - 0.5) / 0.4).clamp(0.25, 1.0)
                    }
                };
                let (here, next) = (at(warm_up + t), at(warm_up + t + 1));
                let allowed = bound::schedule::<T>();
                assert!((here - right).abs() <= allowed, "{schedule:?} at {t}: {here}, {right}");
                assert!(next <= here + allowed, "{schedule:?} at {t}: it rises");
                assert!((0.0..=1.0).contains(&here), "{schedule:?} at {t}: {here}");
            }
            let end = match shape {
                ScheduleShape::Constant => 1.0,
                ScheduleShape::Cosine { last, .. } | ScheduleShape::Averaging { last, .. } => {
                    last.to_f64()
                }
                ScheduleShape::Step { .. } => 0.0,
            };
            assert_eq!(at(u64::MAX), end, "{schedule:?}: at the end of time");
        }
    }
}

#[test]
fn schedules_have_their_shapes_and_exact_ends() {
    check_schedules::<f32>();
    check_schedules::<f64>();
    for wrong in [
        ScheduleShape::Cosine { steps: 3, last: 1.5 },
        ScheduleShape::Averaging { start: 3, last: f64::NAN },
        ScheduleShape::Step { every: 0, factor: 0.5 },
        ScheduleShape::Step { every: 3, factor: -0.5 },
    ] {
        for warm_up in [0, 9] {
            let done = Schedule { warm_up, shape: wrong }.factor(2);
            assert!(matches!(done, Err(Error::Range { .. })), "{wrong:?}: {done:?}");
        }
    }
    // Nothing to fall over: at once at the end.
    for shape in [
        ScheduleShape::Cosine { steps: 0, last: 0.5 },
        ScheduleShape::Averaging { start: 0, last: 0.5 },
    ] {
        assert_eq!(Schedule { warm_up: 0, shape }.factor(1), Ok(0.5), "{shape:?}");
    }
}
