//! Tr(G⁻¹H) by solves and through the generalized problem; the effective number of parameters four ways.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::curvature::{
    effective_parameters_cholesky, effective_parameters_dense,
    effective_parameters_dense_scratch_len, effective_parameters_quadrature,
    effective_parameters_quadrature_scratch_len, effective_parameters_seen,
    effective_parameters_solve, effective_parameters_solve_scratch_len,
};
use teeter::factor::{cholesky_in_place, generalized_eigen, generalized_eigen_scratch_len};
use teeter::krylov::SolveOptions;
use teeter::matrix::{MatMut, MatRef};
use teeter::operator::{Dense, Diagonal, LinearOperator};
use teeter::random::Stream;
use teeter::trace::{
    Probe, RatioProduct, SlqOptions, TraceRatioOptions, TraceRatioSolve,
    generalized_lanczos_quadrature, generalized_lanczos_quadrature_scratch_len,
    quadrature_scratch_len, trace_ratio_solve, trace_ratio_solve_machine_scratch_len,
    trace_ratio_solve_scratch_len,
};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::input::quadrature::with;
use teeter_verify::oracle::naive;
use teeter_verify::property::{assert_all, ratio_solve as properties};
use teeter_verify::subject::Teeter;

#[test]
fn properties_hold() {
    for machine in Machine::present() {
        assert_all(&properties::all::<f64>(&Teeter(machine)));
        assert_all(&properties::all::<f32>(&Teeter(machine)));
    }
}

/// Of diagonal matrices signs leave no doubt: the value is exact but for the solves, with both kinds of products counted.
#[test]
fn products_of_both_are_counted_and_budgets_kept() {
    let (n, machine) = (6, Machine::detect());
    let h = [1.0, -2.0, 3.0, 0.5, 4.0, 1.0];
    let g = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
    let asked = properties::options::<f64>(3, 1.0, 0.95);
    let run = |budget: usize| {
        let solve = SolveOptions { product_max: budget, ..asked.solve };
        let options = TraceRatioOptions { solve, ..asked };
        let mut scratch = vec![f64::NAN; trace_ratio_solve_scratch_len(n)];
        let (mut h, mut g) = (Diagonal::new(&h), Diagonal::new(&g));
        trace_ratio_solve(machine, &mut h, &mut g, &options, &mut scratch)
    };
    // Two eigenvalues of G: two steps and the product that verifies, beside that of H.
    let e = run(1000).unwrap();
    assert_eq!((e.probes, e.hessian_products, e.metric_products), (6, 6, 18));
    assert_eq!(e.trace.products, 24);
    let truth: f64 = h.iter().zip(&g).map(|(h, g)| h / g).sum();
    assert!((e.trace.value - truth).abs() <= e.solve_error + bound::gamma_f64::<f64>(50) * 12.0);
    assert!(e.trace.lower <= truth && truth <= e.trace.upper);
    for budget in 2..30 {
        let e = run(budget).unwrap();
        // A probe takes four; one that is cut short counts for nothing, unless it is the first.
        assert_eq!(e.probes, (budget / 4).clamp(1, 6), "{budget}");
        assert!(
            e.trace.products <= budget
                && e.trace.products == e.hessian_products + e.metric_products
        );
        assert!(
            (e.trace.value - truth).abs() <= e.solve_error + bound::gamma_f64::<f64>(50) * 12.0
        );
    }
    let refused = run(1).err();
    assert!(matches!(refused, Some(Error::Range { argument: "product_max", .. })));
}

/// H·2ʲ and G·2ᵏ: 2^(j − k), and no bit changes.
#[test]
fn powers_of_two_change_no_bit() {
    let n = 14;
    let (h, g) = (matrix::whole_symmetric(n, 4), matrix::whole_positive(n, 5));
    let subject = Teeter(Machine::detect());
    let read = |j: i32, k: i32| {
        let [h, g]: [Vec<f64>; 2] =
            [(&h, j), (&g, k)].map(|(a, j)| a.iter().map(|x| x.scale_by_power(j)).collect());
        let asked = properties::options::<f64>(9, 1.0.scale_by_power(k), 0.9);
        let e = properties::by_solves(&subject, [&h, &g], &asked).unwrap();
        let t = e.trace;
        let all = [t.value, t.standard_error, t.lower, t.upper, e.solve_error];
        (all.map(|x| x.scale_by_power(k - j)), e.relative_residual, t.products)
    };
    let plain = read(0, 0);
    for (j, k) in [(200, 0), (-200, 0), (0, 200), (0, -200), (150, -150)] {
        assert_eq!(read(j, k), plain, "2^{j}, 2^{k}");
    }
}

#[test]
fn machines_agree_bit_for_bit() {
    let n = 19;
    let (h, g) = (matrix::whole_symmetric(n, 4), matrix::whole_positive(n, 5));
    let read = |machine| {
        let asked = properties::options::<f32>(9, 0.5, 0.9);
        properties::by_solves(&Teeter(machine), [&h, &g], &asked).unwrap()
    };
    let list: Vec<_> = Machine::present().map(read).collect();
    assert!(list.windows(2).all(|pair| pair[0] == pair[1]), "{list:?}");
}

/// Σμ over the dense generalized eigenvalues, quadrature of (H, G), and its ends.
#[test]
fn the_generalized_problem_has_the_same_trace() {
    let (n, machine) = (9, Machine::detect());
    let spectrum: Vec<f64> = (0..n).map(|i| 1.0 + 0.25 * f64::from(i)).collect();
    let n = spectrum.len();
    let g = matrix::with_spectrum_mixed(&spectrum, 3);
    let h = matrix::whole_symmetric(n, 6);
    let (mut vectors, mut l, mut values) = (h.clone(), g.clone(), vec![f64::NAN; n]);
    let mut scratch = vec![f64::NAN; generalized_eigen_scratch_len(n)];
    generalized_eigen(
        machine,
        MatMut::row_major(&mut vectors, n, n).unwrap(),
        MatMut::row_major(&mut l, n, n).unwrap(),
        &mut values,
        &mut scratch,
    )
    .unwrap();
    let sum: f64 = values.iter().sum();
    let mut l = g.clone();
    cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
    let l = MatRef::row_major(&l, n, n).unwrap();
    let (probes, steps) = (40, n);
    let options = SlqOptions { probe: Probe::Rademacher, probes, steps, stream: Stream::new(5, 1) };
    let mut scratch = vec![f64::NAN; generalized_lanczos_quadrature_scratch_len(n, probes, steps)];
    let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n).unwrap()).unwrap();
    let slq =
        generalized_lanczos_quadrature(machine, &mut operator, l, &options, &mut scratch).unwrap();
    let mut small = vec![f64::NAN; quadrature_scratch_len(steps)];
    let e = slq.estimate_of(|mu| mu, 1.0 - bound::RARE, &mut small).unwrap();
    assert!(e.lower <= sum && sum <= e.upper, "{e:?}, not {sum}");
    // n steps see all: the ends are eigenvalues, within the rounding of n steps of a matrix of norm ‖H‖_F at most.
    let size = naive::frobenius(&h);
    let seen = [size, n as f64 * bound::lanczos_orthogonality::<f64>(n, n), 0.0];
    let allowed = bound::quadrature::full_process::<f64>(n, seen, [1.0, 1.0]) * size;
    let ends = slq.ends(&mut small).unwrap();
    assert!(
        (ends.largest - values[n - 1]).abs() <= allowed
            && (ends.smallest - values[0]).abs() <= allowed
    );

    let run = |l: MatRef<'_, f64>, len: usize| {
        let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n).unwrap()).unwrap();
        let mut scratch = vec![0.0; len];
        generalized_lanczos_quadrature(machine, &mut operator, l, &options, &mut scratch).err()
    };
    let needed = generalized_lanczos_quadrature_scratch_len(n, probes, steps);
    let short = Error::Short { argument: "scratch", needed, found: needed - 1 };
    assert_eq!(run(l, needed - 1), Some(short));
    let part = l.sub([0, 0], [n - 1, n]).unwrap();
    let length = Error::Length { argument: "l.rows", expected: n, found: n - 1 };
    assert_eq!(run(part, needed), Some(length));
    assert_eq!(generalized_lanczos_quadrature_scratch_len(usize::MAX, 1, 1), usize::MAX);
}

/// An indefinite metric is told at the step that shows it; wrong products change nothing.
#[test]
fn metrics_that_are_none_and_wrong_products_are_refused() {
    let (n, machine) = (3, Machine::detect());
    let asked = properties::options::<f64>(1, 0.5, 0.9);
    let mut scratch = vec![f64::NAN; trace_ratio_solve_scratch_len(n)];
    let (mut h, mut g) = (Diagonal::new(&[1.0; 3]), Diagonal::new(&[1.0, -9.0, 1.0]));
    let refused = trace_ratio_solve(machine, &mut h, &mut g, &asked, &mut scratch);
    assert!(matches!(refused, Err(Error::Pivot { index: 0, value }) if value < 0.0));
    let mut small = Diagonal::new(&[1.0; 2]);
    let refused = trace_ratio_solve(machine, &mut h, &mut small, &asked, &mut scratch);
    assert_eq!(refused, Err(Error::Length { argument: "g", expected: 3, found: 2 }));
    let refused = trace_ratio_solve(machine, &mut h, &mut g, &asked, &mut scratch[..20]);
    assert_eq!(refused, Err(Error::Short { argument: "scratch", needed: 21, found: 20 }));

    let mut answers = Vec::new();
    for refuse in [false, true] {
        let mut scratch = vec![f64::NAN; trace_ratio_solve_machine_scratch_len(n)];
        let mut state = TraceRatioSolve::new(machine, n, &asked, &mut scratch).unwrap();
        assert_eq!(state.estimate(0.9), Err(Error::Empty { argument: "products" }));
        let (mut h, mut g) = (Diagonal::new(&[1.0, 2.0, 3.0]), Diagonal::new(&[1.0, 2.0, 5.0]));
        let mut product = [f64::NAN; 3];
        while let Some(wanted) = state.wants() {
            match wanted {
                RatioProduct::Hessian(x) => h.apply(x, &mut product).unwrap(),
                RatioProduct::Metric(x) => g.apply(x, &mut product).unwrap(),
            }
            if refuse {
                let length = Err(Error::Length { argument: "product", expected: 3, found: 2 });
                assert_eq!(state.push(&product[..2]), length);
                let found = Err(Error::NotFinite { argument: "product", index: 1 });
                assert_eq!(state.push(&[0.0, f64::NAN, 0.0]), found);
            }
            state.push(&product).unwrap();
        }
        let over = Err(Error::State { expected: "a new trace" });
        assert_eq!(state.push(&product), over);
        answers.push(state.estimate(0.9));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].is_ok());
    let none = TraceRatioOptions { probes: 0, ..asked };
    let found = TraceRatioSolve::new(machine, n, &none, &mut [0.0; 18]).err();
    assert_eq!(found, Some(Error::Empty { argument: "probes" }));
    let found = TraceRatioSolve::new(machine, 0, &asked, &mut [0.0; 18]).err();
    assert_eq!(found, Some(Error::Empty { argument: "n" }));
    assert_eq!(trace_ratio_solve_machine_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(trace_ratio_solve_scratch_len(usize::MAX), usize::MAX);
}

/// Without a floor nothing is known of the error of the solves, and that is said; the interval stays finite.
#[test]
fn without_a_floor_the_solves_are_open() {
    let subject = Teeter(Machine::detect());
    let (h, g) = (matrix::whole_symmetric(8, 4), matrix::whole_positive(8, 5));
    let e = properties::by_solves(&subject, [&h, &g], &properties::options::<f64>(9, 0.0, 0.9));
    let e = e.unwrap();
    assert!(e.solve_error == f64::INFINITY && e.trace.upper.is_finite(), "{e:?}");
    assert!(e.relative_residual <= f64::EPSILON.sqrt());
}

#[test]
fn effective_parameters_refuse_what_has_no_answer() {
    let machine = Machine::detect();
    let alpha =
        |found: Option<Error>| matches!(found, Some(Error::Range { argument: "alpha", .. }));
    let mut scratch = vec![f64::NAN; effective_parameters_dense_scratch_len(2)];
    let mut dense = |a: f64, len: usize| {
        let mut h = [2.0, 1.0, 1.0, 2.0];
        let view = MatMut::row_major(&mut h, 2, 2).unwrap();
        effective_parameters_dense(machine, view, a, &mut scratch[..len])
    };
    let whole = effective_parameters_dense_scratch_len(2);
    assert!(alpha(dense(-1.0, whole).err()) && alpha(dense(f64::NAN, whole).err()));
    assert!(matches!(dense(1.0, whole - 1), Err(Error::Short { argument: "scratch", .. })));
    // α = 0 counts what is not zero.
    assert_eq!(dense(0.0, whole), Ok(2.0));

    let cholesky = |mut h: [f64; 4], a: f64, len: usize| {
        let view = MatMut::row_major(&mut h, 2, 2).unwrap();
        effective_parameters_cholesky(machine, view, a, &mut [0.0; 2][..len])
    };
    assert!(alpha(cholesky([2.0, 1.0, 1.0, 2.0], 0.0, 2).err()));
    let short = Err(Error::Short { argument: "scratch", needed: 2, found: 1 });
    assert_eq!(cholesky([2.0, 1.0, 1.0, 2.0], 1.0, 1), short);
    let pivot = cholesky([-2.0, 0.0, 0.0, 2.0], 1.0, 2);
    assert_eq!(pivot, Err(Error::Pivot { index: 0, value: -1.0 }));
    // λ/(λ + α) of −½ and 2 at α = 1: −1 + ⅔.
    let signed = cholesky([-0.5, 0.0, 0.0, 2.0], 1.0, 2).unwrap();
    assert!((signed + 1.0 / 3.0).abs() <= bound::gamma_f64::<f64>(20));
    let mut none: [f64; 0] = [];
    let view = MatMut::row_major(&mut none, 0, 0).unwrap();
    assert_eq!(effective_parameters_cholesky(machine, view, 1.0, &mut []), Ok(0.0));

    let asked = properties::options::<f64>(1, 0.0, 0.9);
    let mut h = Diagonal::new(&[1.0, 2.0]);
    let mut scratch = vec![f64::NAN; effective_parameters_solve_scratch_len(2)];
    assert!(alpha(effective_parameters_solve(machine, &mut h, 0.0, &asked, &mut scratch).err()));
    let short = effective_parameters_solve(machine, &mut h, 1.0, &asked, &mut scratch[..13]);
    assert_eq!(short.err(), Some(Error::Short { argument: "scratch", needed: 14, found: 13 }));
    let mut negative = Diagonal::new(&[1.0, -2.0]);
    let pivot = effective_parameters_solve(machine, &mut negative, 1.0, &asked, &mut scratch);
    assert!(matches!(pivot, Err(Error::Pivot { .. })), "{pivot:?}");

    let options =
        SlqOptions { probe: Probe::Rademacher, probes: 2, steps: 2, stream: Stream::new(1, 0) };
    let mut scratch = vec![f64::NAN; effective_parameters_quadrature_scratch_len(2, 2, 2)];
    let found = effective_parameters_quadrature(machine, &mut h, 0.0, &options, 0.9, &mut scratch);
    assert!(alpha(found.err()));
    // An indefinite matrix has |λ|/(|λ| + α), and no bracket: exact all the same with two steps of two.
    let found =
        effective_parameters_quadrature(machine, &mut negative, 1.0, &options, 0.9, &mut scratch);
    let e = found.unwrap();
    assert!(e.bracket.lower == -f64::INFINITY || e.bracket.lower == e.bracket.upper);
    assert!(
        (e.trace.value - (0.5 + 2.0 / 3.0)).abs()
            <= bound::quadrature::rule::<f64>(4, 2.0, 2.0, 2.0)
    );
    assert_eq!(effective_parameters_quadrature_scratch_len(usize::MAX, 1, 1), usize::MAX);
    assert_eq!(effective_parameters_solve_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(effective_parameters_dense_scratch_len(usize::MAX), usize::MAX);
}

/// Several α from the same products, and N_eff falls as α grows; scaling both changes no bit.
#[test]
fn one_quadrature_answers_for_every_alpha() {
    let n = 20;
    let a = matrix::whole_positive(n, 3);
    let asked = teeter_verify::input::quadrature::options(3, 8, 4);
    let read = |k: i32| {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
        with(Machine::detect(), &scaled, &asked, |slq, small| {
            [0.5, 5.0, 50.0].map(|alpha: f64| {
                effective_parameters_seen(slq, alpha.scale_by_power(k), 0.9, small).unwrap()
            })
        })
    };
    let plain = read(0);
    assert!(
        plain[0].trace.value > plain[1].trace.value && plain[1].trace.value > plain[2].trace.value
    );
    assert_eq!(read(300), plain);
    assert_eq!(read(-300), plain);
}
