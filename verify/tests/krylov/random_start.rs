//! λ₁ from above, with a stated chance to fail.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Floor, Lanczos, LargestBound, LargestBoundOptions, lanczos_reach, lanczos_scratch_len,
    lanczos_steps_for, largest_bound_scratch_len, largest_eigenvalue_bound,
    largest_eigenvalue_bound_scratch_len, likely_cosine, power_reach,
};
use teeter::operator::{Diagonal, FromFn, LinearOperator};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::Source;
use teeter_verify::oracle::naive;

/// The chance is that of the Beta law or more; and not much more than twice δ's share for many dimensions.
#[test]
fn likely_cosines_are_missed_no_more_often_than_said() {
    assert_eq!(likely_cosine(1, 0.5), Ok(1.0));
    for n in [2, 3, 4, 5, 10, 100, 10_000] {
        for failure in [1.0, 0.5, 0.1, 1e-3, 1e-9] {
            let cosine = likely_cosine(n, failure).unwrap();
            let chance = bound::random_start::chance_of_cosine_below(n, cosine);
            assert!(chance <= failure, "{n}, {failure}: {chance}");
            assert!(n < 10 || failure > 0.1 || chance > 0.9 * failure, "{n}, {failure}: {chance}");
        }
    }
    assert!(matches!(likely_cosine(0, 0.1), Err(Error::Empty { .. })));
    for failure in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(likely_cosine(3, failure), Err(Error::Range { .. })));
    }
}

/// The largest Ritz value of k steps on a diagonal matrix.
fn ritz(spectrum: &[f64], start: &[f64], k: usize) -> f64 {
    let mut scratch = vec![0.0; lanczos_scratch_len(spectrum.len(), k)];
    let mut lanczos = Lanczos::new(Machine::detect(), start, k, &mut scratch).unwrap();
    let mut product = vec![0.0; spectrum.len()];
    while let Some(q) = lanczos.wants() {
        Diagonal::new(spectrum).apply(q, &mut product).unwrap();
        lanczos.push(&product).unwrap();
    }
    let mut scratch = vec![0.0; largest_bound_scratch_len(lanczos.steps())];
    LargestBound::of(&lanczos, Floor::AtLeast(0.0), 0.5, &mut scratch).unwrap().lower
}

/// The worst A for a start with cosine c, by the duality of the proof: λ₁ = 1 and k values at the extrema of T₂ₖ₋₁, weights as the
/// Lagrange polynomials there have at 1. Its Ritz value is 1/reach: the bound is attained.
#[test]
fn the_worst_spectrum_attains_the_reach_of_lanczos() {
    for k in 1..9 {
        for cosine in [0.5, 0.1, 0.01] {
            let reach = lanczos_reach(k, cosine);
            let a = 1.0 / reach;
            let z = |j: usize| (j as f64 * std::f64::consts::PI / (2 * k - 1) as f64).cos();
            let nodes: Vec<f64> = (0..k).map(|j| a * (1.0 - z(j).powi(2))).collect();
            let lagrange = |j: usize| -> f64 {
                let factor = |i: usize| (1.0 - nodes[i]) / (nodes[j] - nodes[i]);
                (0..k).filter(|&i| i != j).map(factor).product()
            };
            let weights: Vec<f64> = (0..k).map(|j| lagrange(j).abs() / z(j)).collect();
            let sum: f64 = weights.iter().sum();
            let rest = 1.0 - cosine * cosine;
            let mut start: Vec<f64> = weights.iter().map(|w| (w / sum * rest).sqrt()).collect();
            let mut spectrum = nodes.clone();
            start.push(cosine);
            spectrum.push(1.0);
            let theta = ritz(&spectrum, &start, k);
            let allowed = bound::random_start::ritz_of_cosine::<f64>(k + 1, k, cosine)
                * naive::norm(&spectrum)
                + bound::random_start::reach(k, cosine);
            assert!((theta - a).abs() <= allowed, "k = {k}, c = {cosine}: {theta} beside {a}");
        }
    }
}

/// The same for power iteration: two eigenvalues, 1 and a·m/(m + 1), attain it.
#[test]
fn two_eigenvalues_attain_the_reach_of_power_iteration() {
    for k in 1..30 {
        for cosine in [0.9, 0.5, 0.1, 0.01] {
            let a = 1.0 / power_reach(k, cosine);
            let m = (2 * k - 2) as f64;
            let x = a * m / (m + 1.0);
            // Aᵏ⁻¹b = (c, √(1 − c²)·xᵏ⁻¹), and its Rayleigh quotient.
            let (first, second) = (cosine * cosine, (1.0 - cosine * cosine) * x.powf(m));
            let theta = (first + second * x) / (first + second);
            // xᵐ: a power of m, each rounding and that of a itself m-fold.
            let allowed = bound::gamma_f64::<f64>(64 * (2 * k));
            assert!((theta - a).abs() <= allowed, "k = {k}, c = {cosine}: {theta} beside {a}");
        }
    }
    for k in 1..30 {
        assert!(lanczos_reach(k, 0.01) <= power_reach(k, 0.01), "Lanczos reaches as far, at least");
    }
}

/// For every start, whatever its cosine: λ₁ ≤ θ·reach(k, cosine). No chance is left in it.
#[test]
fn no_start_hides_more_than_its_cosine_allows() {
    let source = &mut Source::new(11);
    let n = 40;
    for case in 0..300 {
        let power = 1.0 + (case % 7) as f64;
        let spectrum: Vec<f64> = (0..n).map(|_| source.unit().abs().powf(power)).collect();
        let top = (0..n).max_by(|&i, &j| spectrum[i].total_cmp(&spectrum[j])).unwrap();
        let mut start: Vec<f64> = (0..n).map(|_| source.unit()).collect();
        start[top] *= 10.0_f64.powi(-(case % 5));
        let cosine = start[top].abs() / naive::norm(&start);
        for k in [1, 2, 3, 5, 9, 14] {
            let theta = ritz(&spectrum, &start, k);
            let rounding = bound::random_start::ritz_of_cosine::<f64>(n, k, cosine.min(0.5))
                * naive::norm(&spectrum);
            let bound = (theta + rounding) * lanczos_reach(k, cosine);
            assert!(spectrum[top] <= bound, "{case}, {k}: {} beside {bound}", spectrum[top]);
        }
    }
}

/// Seeds whose bound is too small, of `runs`.
fn failures(spectrum: &[f64], steps: usize, floor: Floor<f64>, failure: f64, runs: u64) -> f64 {
    let n = spectrum.len();
    let largest = spectrum.iter().fold(f64::MIN, |m, &x| m.max(x));
    let mut scratch = vec![f64::NAN; largest_eigenvalue_bound_scratch_len(n, steps)];
    let mut failed = 0;
    for seed in 0..runs {
        let options = LargestBoundOptions { steps, floor, failure, seed };
        let machine = Machine::detect();
        let mut operator = Diagonal::new(spectrum);
        let bound = largest_eigenvalue_bound(machine, &mut operator, &options, &mut scratch);
        let bound = bound.unwrap();
        let told = bound.products <= steps && bound.failure == failure;
        assert!(told, "the bound says what it cost and how sure it is: {bound:?}");
        let rate = if bound.upper > 0.0 { 2.0 / bound.upper } else { f64::INFINITY };
        assert_eq!(bound.learning_rate, rate, "the edge is 2/λ₁");
        failed += u32::from(bound.upper < largest);
    }
    f64::from(failed)
}

/// Over seeds, the bound fails no more often than it says: on easy spectra, and on those that are worst for the number of steps.
/// A half of the bound would fail more often there: the test has power.
#[test]
fn bounds_fail_no_more_often_than_they_say() {
    let (n, runs) = (30, 2000);
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<f64>>();
    let one = |x: f64| of(&|i| if i == 0 { 1.0 } else { x });
    let spectra = [
        ("linear", of(&|i| i as f64)),
        ("one above 0", one(0.0)),
        ("one above ½", one(0.5)),
        ("one far above many", of(&|i| if i == 0 { 10.0 } else { i as f64 / n as f64 })),
        ("indefinite", of(&|i| i as f64 - 12.0)),
        ("negative", of(&|i| -1.0 - i as f64)),
    ];
    for (name, spectrum) in &spectra {
        for (steps, failure) in [(1, 0.2), (2, 0.2), (4, 0.05), (8, 0.05)] {
            let floors = [Floor::Unknown, Floor::AtLeast(-31.0), Floor::AtLeast(0.0)];
            let known = if spectrum.iter().any(|&x| x < 0.0) { 2 } else { 3 };
            for floor in &floors[..known] {
                let failed = failures(spectrum, steps, *floor, failure, runs);
                let most = bound::random_start::events(failure, runs as usize);
                assert!(failed <= most, "{name}, {steps}, {floor:?}: {failed} of {runs}");
            }
        }
    }
    // λ₁ over equal ones, one step: upper = θ/c² where θ is all but x. It fails where |cos| is below c, and does.
    let failed = failures(&one(0.0), 1, Floor::AtLeast(0.0), 0.2, runs);
    let least = 2.0 * 0.2 * runs as f64 - bound::random_start::events(0.2, runs as usize);
    assert!(failed >= least, "the bound is sharp here, and fails as often as it says: {failed}");
}

/// Where nothing is known of λₙ: both ends err by no more than ε of the length S, so S = (θ₁ − θₖ) + 2εS and upper = θ₁ + εS. The
/// least Ritz value is the largest one of −A, whose process is the same but for signs.
#[test]
fn without_a_floor_both_ends_may_err() {
    let n = 30;
    let d: Vec<f64> = (0..n).map(|i| f64::from(i) - 12.0).collect();
    let run = |d: &[f64], failure| {
        let options = LargestBoundOptions { steps: 12, floor: Floor::Unknown, failure, seed: 2 };
        let mut scratch = vec![0.0; largest_eigenvalue_bound_scratch_len(d.len(), 12)];
        let machine = Machine::detect();
        largest_eigenvalue_bound(machine, &mut Diagonal::new(d), &options, &mut scratch).unwrap()
    };
    let negative: Vec<f64> = d.iter().map(|x| -x).collect();
    for failure in [0.5, 0.1, 1e-3] {
        let (bound, least) = (run(&d, failure), -run(&negative, failure).lower);
        let reach = lanczos_reach(12, likely_cosine(d.len(), 0.5 * failure).unwrap());
        assert!(reach < 2.0, "the case says something: {reach}");
        let epsilon = 1.0 - 1.0 / reach;
        let length = (bound.upper - bound.lower) / epsilon;
        let error = (length - (bound.lower - least) - 2.0 * epsilon * length).abs();
        // A dozen roundings, of numbers that ε and 1 − 2ε divide.
        let allowed = bound::gamma_f64::<f64>(32) * (length + bound.upper.abs() / epsilon)
            / (1.0 - 2.0 * epsilon);
        assert!(error <= allowed, "{failure}: {error} beside {allowed}");
    }
}

/// As many steps as were said to be needed reach as far as was asked, and one fewer do not.
#[test]
fn steps_for_a_reach_are_the_least() {
    for reach in [4.0, 1.5, 1.1, 1.01] {
        for cosine in [0.9, 0.1, 1e-3, 1e-9] {
            let steps = lanczos_steps_for(reach, cosine).unwrap();
            let slack = 1.0 + bound::random_start::reach(steps, cosine);
            assert!(lanczos_reach(steps, cosine) <= reach * slack, "{reach}, {cosine}: {steps}");
            assert!(steps == 1 || lanczos_reach(steps - 1, cosine) > reach, "{reach}, {cosine}");
        }
    }
    for (reach, cosine) in [(1.0, 0.5), (f64::NAN, 0.5), (2.0, 0.0), (2.0, 1.5), (2.0, f64::NAN)] {
        assert!(matches!(lanczos_steps_for(reach, cosine), Err(Error::Range { .. })));
    }
    for reach in [lanczos_reach, power_reach] {
        assert_eq!(reach(0, 0.5), f64::INFINITY);
        assert_eq!(reach(3, 0.0), f64::INFINITY);
        assert_eq!(reach(3, f64::NAN), f64::INFINITY);
        assert_eq!(reach(3, 1.0), 1.0);
    }
}

#[test]
fn bounds_scale_exactly_on_every_machine_and_refuse_what_does_not_fit() {
    let d: Vec<f64> = (0..23).map(|i| f64::from(i) - 4.0).collect();
    let run = |machine, d: &[f64], options: &LargestBoundOptions<f64>, len| {
        let mut scratch = vec![f64::NAN; len];
        largest_eigenvalue_bound(machine, &mut Diagonal::new(d), options, &mut scratch)
    };
    let enough = largest_eigenvalue_bound_scratch_len(23, 9);
    let good =
        LargestBoundOptions { steps: 9, floor: Floor::AtLeast(-4.0), failure: 0.01, seed: 5 };
    for floor in [Floor::AtLeast(-4.0), Floor::Unknown] {
        let options = LargestBoundOptions { floor, ..good };
        let plain = run(Machine::portable(), &d, &options, enough).unwrap();
        assert!(plain.lower <= 18.0 && plain.upper >= 18.0, "{plain:?}");
        for machine in Machine::present() {
            for power in [-300, 0, 7, 300] {
                let scaled: Vec<f64> = d.iter().map(|x| x.scale_by_power(power)).collect();
                let floor = match floor {
                    Floor::AtLeast(x) => Floor::AtLeast(x.scale_by_power(power)),
                    Floor::Unknown => Floor::Unknown,
                };
                let options = LargestBoundOptions { floor, ..good };
                let other = run(machine, &scaled, &options, enough).unwrap();
                assert_eq!(other.lower, plain.lower.scale_by_power(power));
                assert_eq!(other.upper, plain.upper.scale_by_power(power));
            }
        }
    }
    let machine = Machine::detect();
    assert!(matches!(run(machine, &d, &good, enough - 1), Err(Error::Short { .. })));
    assert!(matches!(run(machine, &[], &good, enough), Err(Error::Empty { .. })));
    for bad in [
        LargestBoundOptions { steps: 0, ..good },
        LargestBoundOptions { failure: 1.5, ..good },
        LargestBoundOptions { failure: f64::NAN, ..good },
        LargestBoundOptions { floor: Floor::AtLeast(f64::NAN), ..good },
    ] {
        assert!(matches!(run(machine, &d, &bad, enough), Err(Error::Range { .. })), "{bad:?}");
    }
    let nan = [f64::NAN; 23];
    assert!(matches!(run(machine, &nan, &good, enough), Err(Error::NotFinite { .. })));
    // One dimension has one direction; zero has no positive eigenvalue; a chance of 0 allows no bound.
    let one = run(machine, &[7.0], &good, enough).unwrap();
    assert_eq!((one.lower, one.upper, one.products), (7.0, 7.0, 1));
    let zero = LargestBoundOptions { floor: Floor::AtLeast(0.0), ..good };
    let zero = run(machine, &[0.0; 23], &zero, enough).unwrap();
    assert_eq!((zero.upper, zero.learning_rate), (0.0, f64::INFINITY));
    let sure = run(machine, &d, &LargestBoundOptions { failure: 0.0, ..good }, enough).unwrap();
    assert_eq!((sure.upper, sure.learning_rate), (f64::INFINITY, 0.0));
    // A floor that is none: no bound.
    let wrong = LargestBoundOptions { floor: Floor::AtLeast(40.0), ..good };
    assert_eq!(run(machine, &d, &wrong, enough).unwrap().upper, f64::INFINITY);
}

/// The operator fails at product 1, 2, 3, …: the error comes back.
#[test]
fn faults_come_back_at_every_product() {
    for fail_at in 1..6 {
        let mut calls = 0;
        let mut operator = FromFn::new(20, |x: &[f64], y: &mut [f64]| {
            calls += 1;
            y.iter_mut().zip(x).enumerate().for_each(|(i, (y, x))| *y = i as f64 * x);
            if calls == fail_at { Err(Error::Operator { code: fail_at }) } else { Ok(()) }
        });
        let options =
            LargestBoundOptions { steps: 5, floor: Floor::Unknown, failure: 0.1, seed: 1 };
        let mut scratch = vec![0.0; largest_eigenvalue_bound_scratch_len(20, 5)];
        let out =
            largest_eigenvalue_bound(Machine::detect(), &mut operator, &options, &mut scratch);
        assert_eq!(out.unwrap_err(), Error::Operator { code: fail_at });
    }
}
