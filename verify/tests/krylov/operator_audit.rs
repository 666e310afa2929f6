//! The audit of operators, and what composed operators and differences refuse.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::MatRef;
use teeter::operator::{
    AuditOptions, Congruent, Deflated, Dense, Diagonal, Difference, FiniteDifference, FromFn,
    Kronecker, LinearOperator, LowRankPlusDiagonal, OperatorReport, Selected, SubRange, Sum, SumOf,
    Verdict, check_operator, check_operator_scratch_len, deflated_scratch_len,
    finite_difference_scratch_len, principal_scratch_len,
};
use teeter::random::Stream;
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::property::finite_difference::{KINDS, options};

fn audit_with<T: Float>(
    operator: &mut impl LinearOperator<T>,
    options: &AuditOptions<T>,
) -> Result<OperatorReport<T>, Error> {
    let mut scratch = vec![T::NAN; check_operator_scratch_len(operator.dim())];
    check_operator(Machine::detect(), operator, options, &mut scratch)
}

fn audit(operator: &mut impl LinearOperator<f64>) -> OperatorReport<f64> {
    let options = AuditOptions::of_sums(operator.dim(), Stream::new(3, 0));
    audit_with(operator, &options).unwrap()
}

/// x ↦ Ax by the plain loop.
fn multiply<T: Float>(a: &[f64], x: &[T], y: &mut [T]) {
    for (y, row) in y.iter_mut().zip(a.chunks(x.len())) {
        *y = row.iter().zip(x).fold(T::ZERO, |sum, (&a, &x)| sum + T::from_f64(a) * x);
    }
}

fn sound_operators_are_called_sound<T: Float>() {
    for (seed, n) in (0..40).flat_map(|seed| [1, 2, 3, 17, 64].map(|n| (seed, n))) {
        let a = matrix::whole_symmetric(n, seed);
        let mut operator = FromFn::new(n, |x: &[T], y: &mut [T]| {
            multiply(&a, x, y);
            y.iter_mut().for_each(|y| *y /= T::from_f64(3.0));
            Ok(())
        });
        let options = AuditOptions::of_sums(n + 1, Stream::new(seed, 9));
        let report = audit_with(&mut operator, &options).unwrap();
        let list = [report.linear, report.symmetric, report.deterministic];
        assert!(list.iter().all(|f| f.verdict == Verdict::Holds), "n = {n}: {report:?}");
        assert!(report.is_sound(), "n = {n}: {report:?}");
        assert_eq!(report.products, 14, "three a pair and two");
        assert_eq!((report.finite, report.not_finite_index), (Verdict::Holds, n), "{report:?}");
    }
}

#[test]
fn sound_operators_pass() {
    sound_operators_are_called_sound::<f32>();
    sound_operators_are_called_sound::<f64>();
    let zero = audit(&mut Diagonal::new(&[0.0; 5]));
    assert!(zero.is_sound() && zero.norm_estimate == 0.0, "{zero:?}");
    assert_eq!(zero.positive_semidefinite.verdict, Verdict::Holds);
    let none = audit(&mut Diagonal::new(&[]));
    assert!(none.is_sound() && none.products == 0, "{none:?}");
}

/// What is done to product number j of x.
type Fault = dyn Fn(usize, &[f64], &mut [f64]);

#[test]
fn each_fault_of_an_operator_is_named() {
    let a = matrix::whole_symmetric(9, 2);
    let faulty = |fault: &Fault| {
        let mut calls = 0;
        audit(&mut FromFn::new(9, |x: &[f64], y: &mut [f64]| {
            multiply(&a, x, y);
            fault(calls, x, y);
            calls += 1;
            Ok(())
        }))
    };
    let asymmetric = faulty(&|_, x, y| y[0] += x[8]);
    assert_eq!(asymmetric.symmetric.verdict, Verdict::Fails, "{asymmetric:?}");
    assert_eq!(asymmetric.linear.verdict, Verdict::Holds, "{asymmetric:?}");
    let affine = faulty(&|_, _, y| y[3] += 0.01);
    assert_eq!(affine.linear.verdict, Verdict::Fails, "{affine:?}");
    assert_eq!(affine.deterministic.verdict, Verdict::Holds, "{affine:?}");
    let bent = faulty(&|_, x, y| y[2] += x[2].abs());
    assert_eq!(bent.linear.verdict, Verdict::Fails, "{bent:?}");
    let normalized = faulty(&|_, x, y| y.iter_mut().zip(x).for_each(|(y, x)| *y += x * x));
    assert_eq!(normalized.linear.verdict, Verdict::Fails, "{normalized:?}");
    // A batch drawn anew at each product, and a slow drift that two calls in a row do not show.
    let drawn = faulty(&|call, x, y| y[1] += (call % 2) as f64 * x[1]);
    assert_eq!(drawn.deterministic.verdict, Verdict::Fails, "{drawn:?}");
    let drift = faulty(&|call, x, y| y[1] += (call / 4) as f64 * x[1]);
    assert_eq!(drift.deterministic.verdict, Verdict::Fails, "{drift:?}");
    // Sums in another order: other bits, no fault.
    let shaken = faulty(&|call, _, y| y[0] *= 1.0 + f64::EPSILON * (call % 2) as f64);
    assert_eq!(shaken.deterministic.verdict, Verdict::Noisy, "{shaken:?}");
    assert!(shaken.is_sound(), "{shaken:?}");
    let rough = faulty(&|_, x, y| y[0] += 1e-10 * x[8]);
    assert_eq!(rough.symmetric.verdict, Verdict::Noisy, "{rough:?}");
}

#[test]
fn definiteness_is_one_sided() {
    let negative = audit(&mut Diagonal::new(&[-1.0; 6]));
    assert_eq!(negative.positive_semidefinite.verdict, Verdict::Fails, "{negative:?}");
    assert!((negative.lowest_quotient + 1.0).abs() <= bound::gamma_f64::<f64>(20), "{negative:?}");
    let whole = matrix::whole_positive(8, 3);
    let dense = MatRef::row_major(&whole, 8, 8).unwrap();
    let positive = audit(&mut Dense::new(Machine::detect(), dense).unwrap());
    assert_eq!(positive.positive_semidefinite.verdict, Verdict::Holds, "{positive:?}");
    assert!(positive.lowest_quotient > 0.0, "{positive:?}");
}

#[test]
fn findings_do_not_see_the_scale() {
    let mut a = matrix::whole_symmetric(7, 2);
    a[3] += 0.25;
    let of = |power: i32| {
        let a: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
        audit(&mut Dense::new(Machine::detect(), MatRef::row_major(&a, 7, 7).unwrap()).unwrap())
    };
    let base = of(0);
    assert_eq!(base.symmetric.verdict, Verdict::Fails, "{base:?}");
    for power in [-900, -40, 3, 60, 950] {
        let found = of(power);
        assert_eq!(found.norm_estimate, base.norm_estimate.scale_by_power(power), "2^{power}");
        assert_eq!(found.lowest_quotient, base.lowest_quotient.scale_by_power(power), "2^{power}");
        let scaled = OperatorReport {
            norm_estimate: base.norm_estimate,
            lowest_quotient: base.lowest_quotient,
            ..found
        };
        assert_eq!(scaled, base, "2^{power}");
    }
}

#[test]
fn products_that_fail_end_the_audit() {
    for at in 0..14 {
        let mut calls = 0;
        let report = audit(&mut FromFn::new(5, |x: &[f64], y: &mut [f64]| {
            y.copy_from_slice(x);
            if calls == at {
                y[3] = f64::NAN;
            }
            calls += 1;
            Ok(())
        }));
        assert_eq!((report.finite, report.not_finite_index), (Verdict::Fails, 3), "{report:?}");
        assert_eq!(report.symmetric.verdict, Verdict::Unknown, "{report:?}");
        assert_eq!(report.products, at + 1, "it stopped there");
        assert!(!report.is_sound(), "{report:?}");
        let mut calls = 0;
        let mut refusing = FromFn::new(5, |_: &[f64], y: &mut [f64]| {
            y.fill(0.0);
            calls += 1;
            if calls > at { Err(Error::Operator { code: 4 }) } else { Ok(()) }
        });
        let options = AuditOptions::of_sums(5, Stream::new(3, 0));
        let refused = audit_with(&mut refusing, &options).err();
        assert_eq!(refused, Some(Error::Operator { code: 4 }), "at product {at}");
    }
}

#[test]
fn an_audit_checks_its_arguments() {
    let good = AuditOptions::of_sums(2, Stream::new(0, 0));
    let mut identity = Diagonal::new(&[1.0, 1.0]);
    let mut refuse = |options: AuditOptions<f64>, len: usize| {
        check_operator(Machine::detect(), &mut identity, &options, &mut vec![0.0; len]).err()
    };
    let none = refuse(AuditOptions { pairs: 0, ..good }, 14);
    assert_eq!(none, Some(Error::Empty { argument: "pairs" }));
    let short = refuse(good, 13);
    assert_eq!(short, Some(Error::Short { argument: "scratch", needed: 14, found: 13 }));
    for noise in [0.0, f64::NAN, 2.0] {
        let refused = refuse(AuditOptions { noise, ..good }, 14);
        assert!(matches!(refused, Some(Error::Range { argument: "noise", .. })), "{refused:?}");
    }
    for tolerance in [-1.0, f64::NAN, 2.0] {
        let refused = refuse(AuditOptions { tolerance, ..good }, 14);
        assert!(matches!(refused, Some(Error::Range { argument: "tolerance", .. })), "{refused:?}");
    }
}

/// Of 3000 audits of one pair, those that pass an asymmetry at τ/δ are no more than the bound and what chance adds
/// (Hoeffding, 1e-9). The norm is estimated well: A is large beside E.
#[test]
fn asymmetries_are_missed_no_more_often_than_stated() {
    const SEEDS: u64 = 3000;
    let n = 24;
    for ratio in [0.05, 0.2, 0.4] {
        let missed = (0..SEEDS).filter(|&seed| {
            // E of rank two, the worst: A − Aᵀ = δ‖A‖_F(e₀e₁ᵀ − e₁e₀ᵀ)/√2.
            let delta = 0.125;
            let size = delta * (n as f64).sqrt() / 2.0_f64.sqrt();
            let mut operator = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
                y.copy_from_slice(x);
                y[0] += size * x[1];
                Ok(())
            });
            let options = AuditOptions {
                pairs: 1,
                noise: f64::EPSILON,
                tolerance: 1.0,
                stream: Stream::new(seed, 2),
            };
            let report = audit_with(&mut operator, &options).unwrap();
            report.symmetric.defect <= ratio * delta
        });
        let share = missed.count() as f64 / SEEDS as f64;
        // ‖A‖_F² from two products of 24 unit eigenvalues: within 4 with chance 1 − 1e-9 and more.
        let allowed = bound::operator::asymmetry_missed(2.0 * ratio, 1);
        let chance = bound::hoeffding_signs(SEEDS as usize, 1e-9) / (2.0 * SEEDS as f64);
        assert!(share <= allowed + chance, "{share} at {ratio}, not {allowed}");
        assert!(share >= bound::operator::asymmetry_missed(ratio / 4.0, 1) - chance, "{share}");
    }
}

/// Differences are noisier than sums, and known to be.
#[test]
fn differences_pass_an_audit_made_for_them() {
    let w = [0.5, -1.25, 2.0, 0.75];
    let gradient = |w: &[f64], g: &mut [f64]| {
        let total: f64 = w.iter().sum();
        g.iter_mut().zip(w).for_each(|(g, w)| *g = w * w * w + total.tanh());
        Ok(())
    };
    for kind in KINDS {
        let mut scratch = [f64::NAN; finite_difference_scratch_len(4)];
        let settings = options(kind, 0.0);
        let machine = Machine::detect();
        let mut hessian =
            FiniteDifference::new(machine, gradient, &w, settings, &mut scratch).unwrap();
        let stream = Stream::new(8, 0);
        let report = audit_with(&mut hessian, &AuditOptions::of_differences(kind, stream)).unwrap();
        assert!(report.is_sound(), "{kind:?}: {report:?}");
        assert_eq!(report.deterministic.verdict, Verdict::Holds, "{kind:?}");
        let strict = AuditOptions::of_sums(4, stream);
        let report = audit_with(&mut hessian, &strict).unwrap();
        assert_ne!(report.linear.verdict, Verdict::Holds, "{kind:?}: {report:?}");
    }
    assert!(Difference::Central != Difference::Forward, "two kinds");
}

#[test]
fn differences_refuse_and_can_go_on() {
    let machine = Machine::detect();
    for kind in KINDS {
        let mut calls = 0;
        let gradient = |w: &[f64], g: &mut [f64]| {
            calls += 1;
            g.copy_from_slice(w);
            match calls {
                1 => Err(Error::Operator { code: 9 }),
                2 => {
                    g[1] = f64::INFINITY;
                    Ok(())
                }
                _ => Ok(()),
            }
        };
        let mut scratch = [f64::NAN; 6];
        let w = [1.0, 2.0];
        let settings = options(kind, 0.0);
        let mut hessian =
            FiniteDifference::new(machine, gradient, &w, settings, &mut scratch).unwrap();
        let mut y = [f64::NAN; 2];
        assert_eq!(hessian.apply(&[0.0; 2], &mut y), Ok(()), "zero asks for no gradient");
        assert_eq!(y, [0.0; 2]);
        assert_eq!(hessian.apply(&[1.0, 0.0], &mut y), Err(Error::Operator { code: 9 }));
        let infinite = Err(Error::NotFinite { argument: "gradient", index: 1 });
        assert_eq!(hessian.apply(&[1.0, 0.0], &mut y), infinite);
        let wrong = Err(Error::NotFinite { argument: "x", index: 1 });
        assert_eq!(hessian.apply(&[1.0, f64::NAN], &mut y), wrong);
        assert_eq!(hessian.apply(&[1.0, 0.0], &mut y), Ok(()), "it goes on");
        assert_eq!(y, [1.0, 0.0]);
    }
    let gradient = |_: &[f64], _: &mut [f64]| Ok(());
    let make = |w: &[f64], noise: f64, distance: f64, len: usize| {
        let mut scratch = vec![0.0; len];
        let settings = teeter::operator::DifferenceOptions {
            noise,
            distance,
            ..options(Difference::Central, 0.0)
        };
        FiniteDifference::new(machine, gradient, w, settings, &mut scratch).err()
    };
    assert_eq!(make(&[1.0], f64::EPSILON, 0.0, 3), None);
    let short = Error::Short { argument: "scratch", needed: 3, found: 2 };
    assert_eq!(make(&[1.0], f64::EPSILON, 0.0, 2), Some(short));
    let wrong = Error::NotFinite { argument: "params", index: 0 };
    assert_eq!(make(&[f64::NAN], f64::EPSILON, 0.0, 3), Some(wrong));
    let ranges = [(0.0, 0.0), (2.0, 0.0), (f64::EPSILON, -1.0), (f64::EPSILON, f64::NAN)];
    for (noise, distance) in ranges {
        let refused = make(&[1.0], noise, distance, 3);
        assert!(matches!(refused, Some(Error::Range { .. })), "{noise} {distance}: {refused:?}");
    }
}

#[test]
fn composed_operators_name_mistakes() {
    let machine = Machine::detect();
    let (two, three) = (Diagonal::new(&[1.0, 2.0]), Diagonal::new(&[1.0; 3]));
    let mut s = [0.0; 16];
    let length = |argument, expected, found| Some(Error::Length { argument, expected, found });
    let short = |needed, found| Some(Error::Short { argument: "scratch", needed, found });
    let short_of = |error: Option<Error>| matches!(error, Some(Error::Short { .. }));
    assert_eq!(Sum::new(machine, two, three, &mut s).err(), length("second", 2, 3));
    assert_eq!(Sum::new(machine, two, two, &mut s[..1]).err(), short(2, 1));
    let mut mixed = [two, three];
    assert_eq!(SumOf::new(machine, &mut mixed, &[1.0; 2], &mut s).err(), length("operators", 2, 3));
    assert_eq!(SumOf::new(machine, &mut mixed, &[1.0], &mut s).err(), length("weights", 2, 1));
    let empty: &mut [Diagonal<'_, f64>] = &mut [];
    let none = SumOf::new(machine, empty, &[], &mut s).err();
    assert_eq!(none, Some(Error::Empty { argument: "operators" }));
    let range = |e: Option<Error>| matches!(e, Some(Error::Range { .. }));
    assert!(range(SubRange::new(three, 1, 3, &mut s).err()), "beyond the end");
    assert!(range(SubRange::new(three, usize::MAX, 3, &mut s).err()), "beyond all");
    assert_eq!(SubRange::new(three, 0, 3, &mut s[..5]).err(), short(6, 5));
    for list in [&[0, 3][..], &[1, 1], &[2, 0], &[usize::MAX]] {
        assert!(range(Selected::new(three, list, &mut s).err()), "{list:?}");
    }
    assert_eq!(principal_scratch_len(usize::MAX), usize::MAX);
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let (tall, wide) = (MatRef::row_major(&a, 3, 2).unwrap(), MatRef::row_major(&a, 2, 3).unwrap());
    let d = [1.0; 3];
    let wrong = LowRankPlusDiagonal::new(machine, &d, wide, &d, &mut s).err();
    assert_eq!(wrong, length("factor.rows", 3, 2));
    let wrong = LowRankPlusDiagonal::new(machine, &d, tall, &d, &mut s).err();
    assert_eq!(wrong, length("weights", 2, 3));
    assert!(short_of(LowRankPlusDiagonal::new(machine, &d, tall, &d[..2], &mut s[..1]).err()), "2");
    let square = MatRef::row_major(&a, 2, 2).unwrap();
    assert_eq!(Kronecker::new(machine, tall, square, &mut s).err(), length("a.cols", 3, 2));
    assert_eq!(Kronecker::new(machine, square, wide, &mut s).err(), length("b.cols", 2, 3));
    assert_eq!(Kronecker::new(machine, square, square, &mut s[..3]).err(), short(4, 3));
    assert_eq!(Congruent::new(machine, three, square, &mut s).err(), length("l.rows", 3, 2));
    assert_eq!(Congruent::new(machine, two, wide, &mut s).err(), length("l.cols", 2, 3));
    let singular = MatRef::row_major(&[1.0, 0.0, 1.0, 0.0], 2, 2).unwrap();
    let mut operator = Congruent::new(machine, two, singular, &mut s).unwrap();
    let refused = operator.apply(&[1.0; 2], &mut [0.0; 2]);
    assert_eq!(refused, Err(Error::Pivot { index: 1, value: 0.0 }));
    assert_eq!(Deflated::new(machine, three, wide, &mut s).err(), length("q.rows", 3, 2));
    assert_eq!(Deflated::new(machine, three, tall, &mut s[..4]).err(), short(5, 4));
    assert_eq!(deflated_scratch_len(3, 2), 5);
    let mut operator = Deflated::new(machine, three, tall, &mut s).unwrap();
    assert_eq!(operator.apply(&[1.0; 2], &mut [0.0; 3]).err(), length("x", 3, 2));
    assert_eq!(operator.apply(&[1.0; 3], &mut [0.0; 2]).err(), length("y", 3, 2));
}

/// What is deflated is gone, what is orthogonal to it is left alone.
#[test]
fn deflation_takes_the_directions_out() {
    let q = [0.6, 0.8, 0.0];
    let q = MatRef::col_major(&q, 3, 1).unwrap();
    let mut s = [f64::NAN; 4];
    let diagonal = Diagonal::new(&[5.0, 5.0, 2.0]);
    let mut operator = Deflated::new(Machine::detect(), diagonal, q, &mut s).unwrap();
    let mut y = [f64::NAN; 3];
    operator.apply(&[0.6, 0.8, 0.0], &mut y).unwrap();
    let small = 5.0 * bound::gamma_f64::<f64>(3 * 3 + 2 + 10) * 4.0;
    assert!(y.iter().all(|y| y.abs() <= small), "{y:?}");
    operator.apply(&[0.0, 0.0, 1.0], &mut y).unwrap();
    assert_eq!(y, [0.0, 0.0, 2.0]);
}
