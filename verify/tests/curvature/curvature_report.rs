//! The curvature report: what it says holds, as often as it says; and it is read off one pass of products.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::curvature::{
    CurvatureReport, CurvatureSummary, Damping, ReportOptions, curvature_report,
    curvature_report_machine_scratch_len, curvature_report_scratch_len,
};
use teeter::krylov::Floor;
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, LinearOperator};
use teeter::random::{Stream, normals_into};
use teeter::trace::{EndEstimate, Hutchinson, Probe, SlqOptions, quadrature_scratch_len};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::{self, quadrature as own};
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::coverage::spectra;

fn options<T: Float>(probes: usize, steps: usize, seed: u64) -> ReportOptions<T> {
    let stream = Stream::new(2029, seed);
    let quadrature = SlqOptions { probe: Probe::Gaussian, probes, steps, stream };
    ReportOptions { quadrature, confidence: T::from_f64(0.95), floor: Floor::Unknown }
}

fn with<T: Float, R>(
    machine: Machine,
    a: &[T],
    options: &ReportOptions<T>,
    read: impl FnOnce(&CurvatureReport<'_, T>, &mut [T]) -> R,
) -> R {
    let n = a.len().isqrt();
    let SlqOptions { probes, steps, .. } = options.quadrature;
    let mut scratch = vec![T::NAN; curvature_report_scratch_len(n, probes, steps)];
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n).unwrap()).unwrap();
    let report = curvature_report(machine, &mut operator, options, &mut scratch).unwrap();
    read(&report, &mut vec![T::NAN; quadrature_scratch_len(steps)])
}

fn summary<T: Float>(
    machine: Machine,
    a: &[T],
    options: &ReportOptions<T>,
    damping: Damping<T>,
) -> CurvatureSummary<T> {
    with(machine, a, options, |report, small| report.summary(damping, small).unwrap())
}

/// Five spectra, 800 seeds, 8 normals of 12 steps: each statement holds as often as the project promises, and all together as
/// often as the sum of their chances leaves, but for 10⁻⁶.
#[test]
fn statements_hold_as_often_as_they_say() {
    const SEEDS: u64 = 800;
    let n = 60;
    let [low, _] = bound::trace::coverage(0.95);
    for (number, (name, values)) in spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 271 + number as u64);
        let (largest, smallest) =
            values.iter().fold((f64::MIN, f64::MAX), |(l, s), &x| (x.max(l), x.min(s)));
        let (trace, norm) = (values.iter().sum::<f64>(), naive::norm(&values));
        let effective: f64 = values.iter().map(|x| x.abs() / (x.abs() + 0.1)).sum();
        let floor = if name == "indefinite" { Floor::Unknown } else { Floor::AtLeast(0.0) };
        let (mut held, mut together) = ([0_u32; 5], 0_u32);
        for seed in 0..SEEDS {
            let asked = ReportOptions { floor, ..options(8, 12, seed) };
            let s = summary(Machine::detect(), &a, &asked, Damping::Absolute(0.1));
            // A node may err by the rounding of the process.
            let slack = own::full_process::<f64>(n, [norm, 0.0, 0.0], [0.0, 1.0]);
            let holds =
                |e: EndEstimate<f64>, end: f64| e.lower - slack <= end && end <= e.upper + slack;
            let all = [
                holds(s.largest, largest),
                holds(s.smallest, smallest),
                s.trace.lower <= trace && trace <= s.trace.upper,
                s.frobenius.lower <= norm && norm <= s.frobenius.upper,
                s.effective.trace.lower <= effective && effective <= s.effective.trace.upper,
            ];
            for (held, one) in held.iter_mut().zip(all) {
                *held += u32::from(one);
            }
            together += u32::from(all.iter().all(|&one| one));
        }
        let shares = held.map(|count| f64::from(count) / SEEDS as f64);
        // A corner at 0 has no bracket there.
        let counted = if name == "indefinite" { 4 } else { 5 };
        let least = |chance: f64| 1.0 - bound::sequence::share(SEEDS, 1.0 - chance, bound::RARE);
        let fine = shares[..counted].iter().all(|&share| share >= least(low));
        assert!(fine, "{name}: {shares:?}");
        assert!(f64::from(together) / SEEDS as f64 >= least(0.75), "{name}");
    }
}

/// The outer ends are not so far out that they say nothing: at 12 steps of 8 probes within 1.6 times the largest eigenvalue.
#[test]
fn outer_ends_close_with_the_steps() {
    let n = 100;
    let a = matrix::with_spectrum_mixed(&spectra(n)[0].1, 9);
    let mut before = f64::INFINITY;
    for steps in [4, 8, 16, 32] {
        let asked = ReportOptions { floor: Floor::AtLeast(0.0), ..options(8, steps, 3) };
        let s = summary(Machine::detect(), &a, &asked, Damping::OfLargest(0.5));
        assert!(s.largest.upper < before && s.largest.upper >= 1.0, "{steps}: {:?}", s.largest);
        assert!(
            s.largest.upper
                <= s.largest.value
                    * teeter::krylov::lanczos_reach(
                        steps,
                        teeter::krylov::likely_cosine(n, 0.05).unwrap(),
                    ),
            "no better than a single start"
        );
        before = s.largest.upper;
    }
    assert!(before < 1.1);
}

/// What the first step tells is what products tell: Tr and ‖·‖_F as Hutchinson has them.
#[test]
fn first_moments_are_those_of_products() {
    let (n, machine) = (20, Machine::detect());
    let a = matrix::whole_symmetric(n, 5);
    let asked = options::<f64>(6, 1, 2);
    let mut plain = Hutchinson::new(asked.quadrature.stream, Probe::Gaussian);
    for j in 0..6 {
        let mut z = vec![f64::NAN; n];
        normals_into(asked.quadrature.stream.child(j), &mut z);
        plain.push(machine, &z, &naive::apply(&a, &z)).unwrap();
    }
    let (moments, s) = with(machine, &a, &asked, |report, small| {
        let summary = report.summary(Damping::Absolute(1.0), small).unwrap();
        (report.quadrature().first_moments().unwrap(), summary)
    });
    let size = 4.0 * n as f64 * naive::frobenius(&a);
    let allowed = size * own::first_moments::<f64>(n);
    let [one, other] = [&moments, &plain].map(|m| m.estimate(0.9).unwrap());
    assert!((one.value - other.value).abs() <= allowed);
    assert!((one.standard_error - other.standard_error).abs() <= allowed);
    let [one, other] = [&moments, &plain].map(|m| m.frobenius_norm().unwrap());
    assert!((one.value - other.value).abs() <= allowed);
    assert_eq!(s.frobenius.value, one.value);
    assert_eq!((s.products, s.probes, s.steps, s.dim), (6, 6, 1, n));
}

/// Multiplying H, α and the floor by 2ᵏ multiplies what has a unit, and nothing else.
#[test]
fn powers_of_two_change_no_bit() {
    let n = 18;
    let a = matrix::whole_positive(n, 4);
    let read = |k: i32| {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
        let asked = ReportOptions { floor: Floor::AtLeast(0.0), ..options(4, 6, 1) };
        let damping = Damping::Absolute(3.0_f64.scale_by_power(k));
        let (s, curves) = with(Machine::detect(), &scaled, &asked, |report, small| {
            let mut curves = [[f64::NAN; 7]; 3];
            let [grid, density, cumulative] = &mut curves;
            report.spectrum_into(0.05, [grid, density, cumulative], small).unwrap();
            (report.summary(damping, small).unwrap(), curves)
        });
        let back = |x: f64| x.scale_by_power(-k);
        let ends =
            [s.largest, s.smallest].map(|e| [e.value, e.residual, e.lower, e.upper].map(back));
        let united =
            [s.trace.value, s.trace.lower, s.frobenius.value, s.frobenius.lower, s.frobenius.upper];
        let [grid, density, cumulative] = curves;
        let curves = (grid.map(back), density.map(|x| x.scale_by_power(k)), cumulative);
        (ends, united.map(back), s.effective, s.confidence_together, curves)
    };
    let plain = read(0);
    assert_eq!(read(300), plain);
    assert_eq!(read(-300), plain);
    // α as a share of the largest node is the same as that number.
    let asked = options(4, 6, 1);
    let one = summary(Machine::detect(), &a, &asked, Damping::OfLargest(0.5));
    let two = summary(Machine::detect(), &a, &asked, Damping::Absolute(one.alpha));
    assert_eq!(one, two);
    assert_eq!(one.alpha, 0.5 * one.largest.value);
}

#[test]
fn machines_agree_bit_for_bit() {
    let a: Vec<f32> = matrix::whole_positive(33, 6).iter().map(|&x| x as f32).collect();
    let read = |machine| summary(machine, &a, &options(3, 7, 4), Damping::OfLargest(0.5));
    for fused in [false, true] {
        let list: Vec<_> = Machine::present().filter(|m| m.is_fused() == fused).map(read).collect();
        assert!(list.windows(2).all(|pair| pair[0] == pair[1]), "fused {fused}: {list:?}");
    }
}

/// Signs can miss an eigenvector: beyond the nodes nothing is said, but for a floor. Normals that close have seen all.
#[test]
fn ends_are_as_honest_as_their_probes() {
    let n = 12;
    let a = matrix::whole_positive(n, 4);
    let signs = |floor| {
        let mut asked = options::<f64>(3, 4, 1);
        asked.quadrature.probe = Probe::Rademacher;
        summary(Machine::detect(), &a, &ReportOptions { floor, ..asked }, Damping::OfLargest(0.5))
    };
    let open = signs(Floor::Unknown);
    assert_eq!((open.largest.upper, open.smallest.lower), (f64::INFINITY, -f64::INFINITY));
    assert_eq!(signs(Floor::AtLeast(0.5)).smallest.lower, 0.5);
    // A floor above what was seen is none.
    let wrong = signs(Floor::AtLeast(1e9));
    assert_eq!((wrong.largest.upper, wrong.smallest.lower), (f64::INFINITY, wrong.smallest.value));
    // Three eigenvalues: normals have closed after three steps and seen all.
    let d: Vec<f64> = (0..n).map(|i| [1.0, 2.0, 4.0][i % 3]).collect();
    let mut scratch = vec![f64::NAN; curvature_report_scratch_len(n, 2, 9)];
    let asked = options(2, 9, 1);
    let report = curvature_report(Machine::detect(), &mut Diagonal::new(&d), &asked, &mut scratch);
    let report = report.unwrap();
    let whole = report.summary(Damping::OfLargest(0.5), &mut [0.0; quadrature_scratch_len(9)]);
    let whole = whole.unwrap();
    assert_eq!(whole.products, 6);
    assert_eq!(
        (whole.largest.upper, whole.smallest.lower),
        (whole.largest.value, whole.smallest.value)
    );
    let seen = [naive::norm(&d), 3.0 * bound::lanczos_orthogonality::<f64>(n, 3), 0.0];
    let allowed = own::full_process::<f64>(n, seen, [4.0, 1.0]);
    assert!((whole.largest.value - 4.0).abs() <= allowed);
    assert!((whole.smallest.value - 1.0).abs() <= allowed);
}

/// One line each for what a user asks about.
#[test]
fn the_summary_prints_what_it_knows() {
    let a = matrix::with_spectrum_mixed(&spectra(40)[3].1, 4);
    let asked = ReportOptions { floor: Floor::AtLeast(0.0), ..options(8, 12, 1) };
    let text = summary(Machine::detect(), &a, &asked, Damping::OfLargest(0.5)).to_string();
    for word in [
        "40 parameters, 96 products: 8 probes of 12 steps",
        "largest eigenvalue",
        "smallest eigenvalue",
        "learning rate below",
        "trace",
        "Frobenius norm",
        "effective parameters",
        "each at 95.0000 %, all of them at 75.0000 %",
    ] {
        assert!(text.contains(word), "no `{word}` in\n{text}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused_and_the_right_product_can_follow() {
    let machine = Machine::detect();
    let fine = options::<f64>(2, 3, 1);
    let needed = curvature_report_machine_scratch_len(4, 2, 3);
    let mut scratch = vec![f64::NAN; needed];
    let mut small = vec![f64::NAN; quadrature_scratch_len(3)];
    let mut report = CurvatureReport::new(machine, 4, &fine, &mut scratch).unwrap();
    let damping = Damping::Absolute(1.0);
    assert_eq!(report.summary(damping, &mut small), Err(Error::Empty { argument: "probes" }));
    let (mut operator, mut product) = (Diagonal::new(&[1.0, 2.0, 5.0, 7.0]), [f64::NAN; 4]);
    let mut partial = None;
    while let Some(q) = report.wants() {
        operator.apply(q, &mut product).unwrap();
        let length = Err(Error::Length { argument: "product", expected: 4, found: 3 });
        assert_eq!(report.push(&product[..3]), length);
        let found = Err(Error::NotFinite { argument: "product", index: 0 });
        assert_eq!(report.push(&[f64::NAN; 4]), found);
        report.push(&product).unwrap();
        partial = partial.or(report.summary(damping, &mut small).ok());
    }
    assert_eq!(partial.map(|s| (s.probes, s.products)), Some((1, 3)));
    let by_machine = report.summary(damping, &mut small).unwrap();
    let mut scratch = vec![f64::NAN; curvature_report_scratch_len(4, 2, 3)];
    let by_loop = curvature_report(machine, &mut operator, &fine, &mut scratch).unwrap();
    assert_eq!(by_loop.summary(damping, &mut small), Ok(by_machine));
    let alpha = |damping| {
        let found = by_loop.summary(damping, &mut [0.0; 16]).err();
        assert!(matches!(found, Some(Error::Range { argument: "alpha", .. })), "{found:?}");
    };
    alpha(Damping::Absolute(0.0));
    alpha(Damping::OfLargest(-1.0));
    alpha(Damping::Absolute(f64::NAN));
    let mut curves = [[0.0; 5]; 2];
    let [grid, density] = &mut curves;
    let length = by_loop.spectrum_into(0.1, [grid, density, &mut [0.0; 4]], &mut small);
    assert_eq!(length, Err(Error::Length { argument: "cumulative", expected: 5, found: 4 }));
    let found = by_loop.quadrature().end_bounds(Floor::Unknown, 1.5, &mut small).err();
    assert!(matches!(found, Some(Error::Range { argument: "failure", .. })));

    let new = |options: &ReportOptions<f64>, len: usize| {
        CurvatureReport::new(machine, 4, options, &mut vec![0.0; len]).err()
    };
    let short = Some(Error::Short { argument: "scratch", needed, found: needed - 1 });
    assert_eq!(new(&fine, needed - 1), short);
    let found = new(&ReportOptions { confidence: 1.0, ..fine }, needed);
    assert!(matches!(found, Some(Error::Range { argument: "confidence", .. })));
    let found = new(&ReportOptions { floor: Floor::AtLeast(f64::NAN), ..fine }, needed);
    assert!(matches!(found, Some(Error::Range { argument: "floor", .. })));
    assert_eq!(curvature_report_scratch_len(usize::MAX, 1, 1), usize::MAX);
    assert_eq!(curvature_report_machine_scratch_len(usize::MAX, 1, 1), usize::MAX);
    // Zero has no density and no digit lost.
    let zero = summary(machine, &[0.0; 9], &options(2, 2, 1), Damping::OfLargest(0.5));
    assert_eq!((zero.trace.value, zero.largest.upper, zero.effective.trace.value), (0.0, 0.0, 0.0));
}
