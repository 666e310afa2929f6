//! Conjugate gradients, and the solve behind Tr(G⁻¹H).

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    ConjugateGradient, SolveEstimate, SolveOptions, conjugate_gradient,
    conjugate_gradient_machine_scratch_len, conjugate_gradient_scratch_len,
};
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, LinearOperator};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::{assert_all, conjugate_gradient as properties};
use teeter_verify::subject::Teeter;

#[test]
fn properties_hold() {
    for machine in Machine::present() {
        assert_all(&properties::all::<f64>(&Teeter(machine)));
        assert_all(&properties::all::<f32>(&Teeter(machine)));
    }
}

fn options<T: Float>(tolerance: T, product_max: usize) -> SolveOptions<'static, T> {
    SolveOptions { tolerance, product_max, floor: T::ZERO, preconditioner: None }
}

fn solve<T: Float>(
    machine: Machine,
    a: &[T],
    b: &[T],
    options: &SolveOptions<'_, T>,
) -> Result<(Vec<T>, SolveEstimate<T>), Error> {
    let n = b.len();
    let mut scratch = vec![T::NAN; conjugate_gradient_scratch_len(n)];
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n).unwrap()).unwrap();
    let mut x = vec![T::NAN; n];
    let e = conjugate_gradient(machine, &mut operator, b, options, &mut x, &mut scratch)?;
    Ok((x, e))
}

fn diagonal<T: Float>(
    d: &[T],
    b: &[T],
    options: &SolveOptions<'_, T>,
) -> Result<(Vec<T>, SolveEstimate<T>), Error> {
    let mut scratch = vec![T::NAN; conjugate_gradient_scratch_len(d.len())];
    let (mut operator, mut x) = (Diagonal::new(d), vec![T::NAN; d.len()]);
    let machine = Machine::detect();
    let e = conjugate_gradient(machine, &mut operator, b, options, &mut x, &mut scratch)?;
    Ok((x, e))
}

/// A·2ʲ and b·2ᵏ: x moves by 2^(k − j), residuals by 2ᵏ, and no bit changes.
#[test]
fn powers_of_two_change_no_bit() {
    let n = 23;
    let (a, b) = (matrix::whole_positive(n, 3), vec![3.0_f64; n]);
    let read = |j: i32, k: i32| {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(j)).collect();
        let right: Vec<f64> = b.iter().map(|x| x.scale_by_power(k)).collect();
        let asked = SolveOptions { floor: 1.0.scale_by_power(j), ..options(1e-9_f64.sqrt(), 90) };
        let (x, e) = solve(Machine::detect(), &scaled, &right, &asked).unwrap();
        let x: Vec<f64> = x.iter().map(|x| x.scale_by_power(j - k)).collect();
        (
            x,
            [
                e.residual.scale_by_power(-k),
                e.error_upper.scale_by_power(j - k),
                e.relative_residual,
            ],
            (e.stop, e.products, e.steps),
        )
    };
    let plain = read(0, 0);
    assert_eq!(plain.2.0, Stop::Converged);
    for (j, k) in [(0, 400), (0, -400), (200, 0), (-200, 1), (300, 900), (-300, -900)] {
        assert_eq!(read(j, k), plain, "2^{j}, 2^{k}");
    }
    // The energy norm has the unit of b²/A: even powers keep its bits.
    let energy = |j: i32| {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(j)).collect();
        let asked = SolveOptions { floor: 1.0.scale_by_power(j), ..options(0.01, 90) };
        let e = solve(Machine::detect(), &scaled, &b, &asked).unwrap().1;
        [e.energy_before, e.energy_upper].map(|x| x.scale_by_power(j / 2))
    };
    assert_eq!(energy(64), energy(0));
}

#[test]
fn machines_agree_bit_for_bit() {
    let n = 41;
    let a: Vec<f32> = matrix::whole_positive(n, 8).iter().map(|&x| x as f32).collect();
    let b: Vec<f32> = (0..n).map(|i| i as f32 - 7.0).collect();
    let d: Vec<f32> = (0..n).map(|i| a[i * (n + 1)]).collect();
    let asked = SolveOptions { preconditioner: Some(&d), ..options(1e-3_f32.sqrt(), 50) };
    let list: Vec<_> = Machine::present().map(|m| solve(m, &a, &b, &asked)).collect();
    assert!(list[0].is_ok() && list.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Budgets are kept to the product; the last one finds the residual, unless there is only one.
#[test]
fn budgets_are_kept() {
    let n = 30;
    let a = matrix::with_spectrum_mixed(&(0..n).map(|i| 0.7_f64.powi(i)).collect::<Vec<f64>>(), 3);
    let b = vec![1.0; n as usize];
    for budget in 1..20 {
        let (x, e) = solve(Machine::detect(), &a, &b, &options(0.0, budget)).unwrap();
        assert_eq!((e.products, e.stop), (budget, Stop::LimitReached));
        assert_eq!((e.verified, e.steps), (budget > 1, if budget > 1 { budget - 1 } else { 1 }));
        assert!(naive::norm(&x) > 0.0);
    }
    let refused = solve(Machine::detect(), &a, &b, &options(0.0, 0)).err();
    assert!(matches!(refused, Some(Error::Range { argument: "product_max", .. })));
}

/// The pivot is pᵀAp/pᵀp of the step at which it shows; nothing is lost, and the right product can follow.
#[test]
fn indefinite_and_singular_matrices_are_told() {
    let b = [1.0, 1.0];
    let told = |d: &[f64]| diagonal(d, &b, &options(0.0, 9)).err();
    assert_eq!(told(&[1.0, -1.0]), Some(Error::Pivot { index: 0, value: 0.0 }));
    assert!(matches!(told(&[1.0, -3.0]), Some(Error::Pivot { index: 0, value }) if value < -0.5));
    assert!(matches!(told(&[3.0, -1.0]), Some(Error::Pivot { index: 1, value }) if value < 0.0));
    assert_eq!(told(&[0.0, 0.0]), Some(Error::Pivot { index: 0, value: 0.0 }));
    // Singular but solvable: b lies in the range.
    let (x, e) = diagonal(&[2.0, 0.0], &[6.0, 0.0], &options(0.0, 9)).unwrap();
    assert_eq!((x, e.stop, e.residual), (vec![3.0, 0.0], Stop::Converged, 0.0));
    // Singular and not: what lies outside the range stays.
    assert!(matches!(told(&[2.0, 0.0]), Some(Error::Pivot { index: 1, .. })));
}

/// M = A of a diagonal matrix: one step, whatever the condition.
#[test]
fn its_own_diagonal_solves_a_diagonal_matrix_at_once() {
    let d: Vec<f64> = (0..20).map(|i| 2.0_f64.powi(3 * i - 30)).collect();
    let b: Vec<f64> = (0..20).map(|i| f64::from(i) - 3.0).collect();
    let asked = SolveOptions { preconditioner: Some(&d), floor: d[0], ..options(0.0, 9) };
    let (x, e) = diagonal(&d, &b, &asked).unwrap();
    assert_eq!((e.steps, e.products, e.stop, e.residual), (1, 2, Stop::Converged, 0.0));
    let exact: Vec<f64> = b.iter().zip(&d).map(|(b, d)| b / d).collect();
    assert_eq!((x, e.error_upper, e.energy_upper), (exact, 0.0, 0.0));
    for (value, argument) in [(0.0, 3), (-1.0, 0), (f64::NAN, 19)] {
        let mut wrong = d.clone();
        wrong[argument] = value;
        let asked = SolveOptions { preconditioner: Some(&wrong), ..options(0.0, 9) };
        let refused = diagonal(&d, &b, &asked).err();
        assert!(matches!(refused, Some(Error::Pivot { index, .. }) if index == argument));
    }
}

/// Where κu is near 1 the residual of the steps goes on falling; the machine owns up, and stops long before its budget.
#[test]
fn what_rounding_leaves_is_owned_up_to() {
    let n = 12;
    let a: Vec<f32> = matrix::hilbert(n).iter().map(|&x| x as f32).collect();
    let mut shifted = a.clone();
    (0..n).for_each(|i| shifted[i * (n + 1)] += 1e-6_f32.sqrt() * 0.01);
    let b = vec![1.0_f32; n];
    let (x, e) = solve(Machine::detect(), &shifted, &b, &options(0.0, 100_000)).unwrap();
    assert!(e.verified && e.products < 1000 && e.stop == Stop::LimitReached, "{e:?}");
    let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let wide: Vec<f64> = shifted.iter().map(|&x| f64::from(x)).collect();
    let left: Vec<f64> = naive::apply(&wide, &x).iter().map(|y| 1.0 - y).collect();
    let size = naive::frobenius(&wide) * naive::norm(&x);
    let allowed = bound::conjugate_gradient::residual::<f32>(n, size, (n as f64).sqrt());
    assert!((naive::norm(&left) - f64::from(e.residual)).abs() <= allowed, "{e:?}");
}

#[test]
fn wrong_products_are_refused_and_the_right_one_can_follow() {
    let d = [1.0, 5.0, 2.0, 3.0];
    let b = [1.0, -2.0, 0.5, 4.0];
    let machine = Machine::detect();
    let mut answers = Vec::new();
    for refuse in [false, true] {
        let mut scratch = vec![f64::NAN; conjugate_gradient_machine_scratch_len(4)];
        let mut solver =
            ConjugateGradient::new(machine, &b, &options(1e-9_f64, 30), &mut scratch).unwrap();
        let (mut operator, mut product) = (Diagonal::new(&d), [f64::NAN; 4]);
        while let Some(p) = solver.wants() {
            operator.apply(p, &mut product).unwrap();
            if refuse {
                let before = solver.estimate();
                let length = Err(Error::Length { argument: "product", expected: 4, found: 3 });
                assert_eq!(solver.push(&product[..3]), length);
                let mut wrong = product;
                wrong[2] = f64::NAN;
                let found = Err(Error::NotFinite { argument: "product", index: 2 });
                assert_eq!(solver.push(&wrong), found);
                let found = Err(Error::NotFinite { argument: "product", index: 4 });
                assert_eq!(solver.push(&[f64::MAX; 4]), found);
                if before.products == 0 {
                    let negative: Vec<f64> = b.iter().map(|x| -x).collect();
                    let told = solver.push(&negative);
                    assert!(matches!(told, Err(Error::Pivot { index: 0, .. })), "{told:?}");
                }
                assert_eq!(solver.estimate(), before);
            }
            solver.push(&product).unwrap();
        }
        let state = Err(Error::State { expected: "a new conjugate gradient" });
        assert_eq!(solver.push(&product), state);
        let mut x = [f64::NAN; 4];
        solver.solution_into(&mut x).unwrap();
        let length = Err(Error::Length { argument: "out", expected: 4, found: 3 });
        assert_eq!(solver.solution_into(&mut x[..3]), length);
        answers.push((x, solver.estimate()));
    }
    assert_eq!(answers[0], answers[1]);
    let (_, by_loop) = diagonal(&d, &b, &options(1e-9, 30)).unwrap();
    assert_eq!(by_loop, answers[0].1);
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let machine = Machine::detect();
    let fine = options(0.1_f64, 5);
    let new = |b: &[f64], options: &SolveOptions<'_, f64>, len: usize| {
        ConjugateGradient::new(machine, b, options, &mut vec![0.0; len]).err()
    };
    assert_eq!(new(&[], &fine, 0), Some(Error::Empty { argument: "b" }));
    let found = Some(Error::NotFinite { argument: "b", index: 1 });
    assert_eq!(new(&[1.0, f64::NAN], &fine, 10), found);
    let short = Some(Error::Short { argument: "scratch", needed: 10, found: 9 });
    assert_eq!(new(&[1.0, 1.0], &fine, 9), short);
    let bad = |options: &SolveOptions<'_, f64>, name: &str| {
        let found = new(&[1.0, 1.0], options, 10);
        assert!(matches!(found, Some(Error::Range { argument, .. }) if argument == name), "{name}");
    };
    bad(&SolveOptions { tolerance: -1.0, ..fine }, "tolerance");
    bad(&SolveOptions { tolerance: f64::NAN, ..fine }, "tolerance");
    bad(&SolveOptions { floor: f64::INFINITY, ..fine }, "floor");
    bad(&SolveOptions { product_max: 0, ..fine }, "product_max");
    let d = [1.0];
    let found = new(&[1.0, 1.0], &SolveOptions { preconditioner: Some(&d), ..fine }, 10);
    let length = Error::Length { argument: "preconditioner", expected: 2, found: 1 };
    assert_eq!(found, Some(length));
    assert_eq!(conjugate_gradient_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(conjugate_gradient_machine_scratch_len(usize::MAX), usize::MAX);

    let run = |b: &[f64], x: &mut [f64], len: usize| {
        let mut operator = Diagonal::new(&[1.0, 2.0]);
        conjugate_gradient(machine, &mut operator, b, &fine, x, &mut vec![0.0; len]).err()
    };
    let length = |argument| Some(Error::Length { argument, expected: 2, found: 1 });
    assert_eq!(run(&[1.0], &mut [0.0; 2], 12), length("b"));
    assert_eq!(run(&[1.0; 2], &mut [0.0; 1], 12), length("x"));
    let short = Some(Error::Short { argument: "scratch", needed: 12, found: 11 });
    assert_eq!(run(&[1.0; 2], &mut [0.0; 2], 11), short);
    // b = 0 costs nothing; n = 1 is exact.
    let (x, e) = diagonal(&[3.0, 4.0], &[0.0, 0.0], &fine).unwrap();
    assert_eq!((x, e.products, e.stop), (vec![0.0; 2], 0, Stop::Converged));
    assert_eq!((e.error_upper, e.relative_residual), (0.0, 0.0));
    let (x, e) = diagonal(&[4.0], &[3.0], &fine).unwrap();
    assert_eq!((x, e.products, e.stop, e.error_upper), (vec![0.75], 2, Stop::Converged, 0.0));
}
