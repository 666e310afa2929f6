//! Every factorization and solve on every class of input that is known to hurt: answered in finite numbers or
//! refused, as a table says, on every machine; none hangs.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use teeter::factor;
use teeter::matrix::{self, Diagonal, MatMut, MatRef, Side, Triangle};
use teeter::{Error, Float, Machine};
use teeter_verify::input::{general, matrix as symmetric};

/// Classes of symmetric matrices, in the order of the letters of [`Row::verdicts`].
const CLASSES: [&str; 13] = [
    "NaN",
    "infinity",
    "minus infinity",
    "subnormal",
    "1e300",
    "1e-300",
    "rank-deficient",
    "zero",
    "indefinite",
    "hollow",
    "graded",
    "clustered",
    "positive",
];

/// An n × n matrix of a class, every element as it is mirrored.
fn class<T: Float>(name: &str, n: usize) -> Vec<T> {
    let spectrum = |f: &dyn Fn(f64) -> f64| {
        let values: Vec<f64> = (0..n).map(|i| f(i as f64)).collect();
        symmetric::with_spectrum(&values, 7)
    };
    let positive = || spectrum(&|i| 1.0 + i / n as f64);
    let (extreme, lost) = (general::extreme_power::<T>(), if T::BITS == 32 { -140 } else { -1060 });
    let (a, power) = match name {
        "subnormal" => (symmetric::whole_symmetric(n, 8), lost),
        "1e300" => (positive(), extreme),
        "1e-300" => (positive(), -extreme),
        "rank-deficient" => {
            (spectrum(&|i| if i < 2.0 && i + 1.0 < n as f64 { 3.0 } else { 0.0 }), 0)
        }
        "zero" => (vec![0.0; n * n], 0),
        "indefinite" => (spectrum(&|i| if i % 2.0 == 0.0 { -1.0 - i } else { 1.0 + i }), 0),
        "hollow" => {
            let mut a = symmetric::whole_symmetric(n, 9);
            (0..n).for_each(|i| a[i * n + i] = 0.0);
            (a, 0)
        }
        "graded" => {
            let grade = |e: usize| 0.5_f64.powi((e / n + e % n) as i32);
            (positive().iter().enumerate().map(|(e, x)| x * grade(e)).collect(), 0)
        }
        "clustered" => (spectrum(&|i| 1.0 + 1e-9 * i), 0),
        _ => (positive(), 0),
    };
    let mut a: Vec<T> = a.iter().map(|&x| T::from_f64(x).scale_by_power(power)).collect();
    match name {
        "NaN" => a[n * n - 1] = T::NAN,
        "infinity" => a[n * n - 1] = T::INFINITY,
        "minus infinity" => a[n * n - 1] = -T::INFINITY,
        _ => {}
    }
    a
}

type Answer<T> = Result<Vec<T>, Error>;

/// A function: what it must say to each class, A: answered in finite numbers, R: refused, ?: one of these,
/// for rounding decides; and a call with all that it writes.
struct Row<T> {
    name: &'static str,
    verdicts: &'static str,
    call: fn(Machine, &[T], usize) -> Answer<T>,
}

fn view<T: Float>(a: &mut [T], n: usize) -> MatMut<'_, T> {
    let cols = a.len() / n;
    MatMut::row_major(a, n, cols).unwrap()
}

fn read<T: Float>(a: &[T], n: usize) -> MatRef<'_, T> {
    MatRef::row_major(a, n, a.len() / n).unwrap()
}

/// The first column: a right-hand side whose solution is of the size of one.
fn column<T: Float>(a: &[T], n: usize) -> Vec<T> {
    a.iter().copied().step_by(n).collect()
}

fn identity<T: Float>(n: usize) -> Vec<T> {
    (0..n * n).map(|e| if e / n == e % n { T::ONE } else { T::ZERO }).collect()
}

fn cholesky<T: Float>(machine: Machine, a: &[T], n: usize) -> Answer<T> {
    let mut l = a.to_vec();
    factor::cholesky_in_place(machine, view(&mut l, n))?;
    Ok(l)
}

fn lu<T: Float>(machine: Machine, a: &[T], n: usize) -> Result<(Vec<T>, Vec<usize>), Error> {
    let (mut lu, mut pivots) = (a.to_vec(), vec![0; n]);
    factor::lu_in_place(machine, view(&mut lu, n), &mut pivots)?;
    Ok((lu, pivots))
}

fn eigen<T: Float>(machine: Machine, a: &[T], g: &[T], n: usize) -> Answer<T> {
    let (mut a, mut g, mut values) = (a.to_vec(), g.to_vec(), vec![T::ZERO; n]);
    let scratch = &mut vec![T::NAN; factor::generalized_eigen_scratch_len(n)];
    factor::generalized_eigen(machine, view(&mut a, n), view(&mut g, n), &mut values, scratch)?;
    Ok([a, values].concat())
}

fn definite<T: Float>() -> [Row<T>; 7] {
    [
        Row { name: "cholesky", verdicts: "RRR?AA?RRRAAA", call: cholesky },
        Row {
            name: "cholesky_solve, cholesky_solve_matrix, trsm",
            verdicts: "RRR?AA?RRRAAA",
            call: |machine, a, n| {
                let (l, mut x, mut y) = (cholesky(machine, a, n)?, column(a, n), column(a, n));
                factor::cholesky_solve(machine, read(&l, n), &mut x)?;
                factor::cholesky_solve_matrix(machine, read(&l, n), view(&mut y, n))?;
                let lower = read(&l, n).triangular(Triangle::Lower, Diagonal::NonUnit);
                let mut z = column(a, n);
                matrix::trsm(machine, T::ONE, Side::Left(lower), view(&mut z, n))?;
                Ok([x, y, z].concat())
            },
        },
        Row {
            name: "cholesky_inverse",
            verdicts: "RRR?AA?RRRAAA",
            call: |machine, a, n| {
                let (l, mut inverse) = (cholesky(machine, a, n)?, vec![T::NAN; n * n]);
                factor::cholesky_inverse(machine, read(&l, n), view(&mut inverse, n))?;
                Ok(inverse)
            },
        },
        Row {
            name: "cholesky_update, cholesky_downdate",
            verdicts: "RRR?AA?RRRAAA",
            call: |machine, a, n| {
                let mut l = cholesky(machine, a, n)?;
                let half: Vec<T> = column(&l, n).iter().map(|&x| x * T::HALF).collect();
                let scratch = &mut vec![T::NAN; factor::cholesky_downdate_scratch_len(n)];
                factor::cholesky_update(machine, view(&mut l, n), &mut half.clone())?;
                factor::cholesky_downdate(machine, view(&mut l, n), &mut half.clone(), scratch)?;
                Ok(l)
            },
        },
        Row {
            name: "generalized_eigen, as the metric",
            verdicts: "RRR?AA?RRRAAA",
            call: |machine, a, n| eigen(machine, &identity(n), a, n),
        },
        Row {
            name: "ldlt",
            verdicts: "RRR?AA?R?RAAA",
            call: |machine, a, n| {
                let mut ld = a.to_vec();
                factor::ldlt_in_place(machine, view(&mut ld, n), None)?;
                Ok(ld)
            },
        },
        Row {
            name: "ldlt_solve",
            verdicts: "RRR?AA?R?RAAA",
            call: |machine, a, n| {
                let (mut ld, mut x) = (a.to_vec(), column(a, n));
                factor::ldlt_in_place(machine, view(&mut ld, n), None)?;
                factor::ldlt_solve(machine, read(&ld, n), view(&mut x, n))?;
                Ok(x)
            },
        },
    ]
}

fn general<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "ldlt_pivoted",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut ld, mut beside, mut pivots) =
                    (a.to_vec(), vec![T::NAN; n - 1], vec![0; n]);
                let scratch = &mut vec![T::NAN; factor::ldlt_pivoted_scratch_len(n)];
                let to = view(&mut ld, n);
                factor::ldlt_pivoted_in_place(machine, to, &mut beside, &mut pivots, scratch)?;
                Ok([ld, beside].concat())
            },
        },
        Row {
            name: "ldlt_pivoted_solve",
            verdicts: "RRR?AA?R??AAA",
            call: |machine, a, n| {
                let (mut ld, mut beside, mut pivots) =
                    (a.to_vec(), vec![T::NAN; n - 1], vec![0; n]);
                let scratch = &mut vec![T::NAN; factor::ldlt_pivoted_scratch_len(n)];
                let to = view(&mut ld, n);
                factor::ldlt_pivoted_in_place(machine, to, &mut beside, &mut pivots, scratch)?;
                let mut x = column(a, n);
                factor::ldlt_pivoted_solve(
                    machine,
                    read(&ld, n),
                    &beside,
                    &pivots,
                    view(&mut x, n),
                )?;
                Ok(x)
            },
        },
        Row {
            name: "lu",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| Ok(lu(machine, a, n)?.0),
        },
        Row {
            name: "lu_solve, lu_solve_t",
            verdicts: "RRR?AA?R??AAA",
            call: |machine, a, n| {
                let ((lu, pivots), mut x, mut y) = (lu(machine, a, n)?, column(a, n), column(a, n));
                factor::lu_solve(machine, read(&lu, n), &pivots, view(&mut x, n))?;
                factor::lu_solve_t(machine, read(&lu, n), &pivots, view(&mut y, n))?;
                Ok([x, y].concat())
            },
        },
    ]
}

fn orthogonal<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "qr, formed and applied",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut qr, mut tau, mut c) = (a.to_vec(), vec![T::NAN; n], identity(n));
                let (mut q, scratch) =
                    (qr.clone(), &mut vec![T::NAN; factor::qr_scratch_len(n, n)]);
                factor::qr_in_place(machine, view(&mut qr, n), &mut tau, scratch)?;
                factor::qr_form(machine, read(&qr, n), &tau, view(&mut q, n), scratch)?;
                factor::qr_apply_t(machine, read(&qr, n), &tau, view(&mut c, n), scratch)?;
                Ok([qr, tau, q, c].concat())
            },
        },
        Row {
            name: "qr_pivoted",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut qr, mut tau, mut columns) = (a.to_vec(), vec![T::NAN; n], vec![0; n]);
                let scratch = &mut vec![T::NAN; factor::qr_pivoted_scratch_len(n, n)];
                let to = view(&mut qr, n);
                factor::qr_pivoted_in_place(machine, to, &mut tau, &mut columns, scratch)?;
                Ok([qr, tau].concat())
            },
        },
        Row {
            name: "least_squares",
            verdicts: "RRR?AA?R???AA",
            call: |machine, a, n| {
                let (mut qr, mut x) = (a.to_vec(), column(a, n));
                let scratch = &mut vec![T::NAN; factor::least_squares_scratch_len(n, n, 1)];
                factor::least_squares(machine, view(&mut qr, n), view(&mut x, n), scratch)?;
                Ok(x)
            },
        },
        Row {
            name: "least_squares_pivoted",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut qr, mut x, mut columns) = (a.to_vec(), column(a, n), vec![0; n]);
                let scratch = &mut vec![T::NAN; factor::least_squares_pivoted_scratch_len(n, n, 1)];
                let (qr, b) = (view(&mut qr, n), view(&mut x, n));
                // Rank is told by n units of the largest column, as LAPACK's callers do.
                let tolerance = T::from_usize(n) * T::EPSILON;
                factor::least_squares_pivoted(machine, qr, b, tolerance, &mut columns, scratch)?;
                Ok(x)
            },
        },
    ]
}

fn spectral<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "symmetric_eigen",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut v, mut values) = (a.to_vec(), vec![T::NAN; n]);
                let scratch = &mut vec![T::NAN; factor::symmetric_eigen_scratch_len(n)];
                factor::symmetric_eigen(machine, view(&mut v, n), &mut values, scratch)?;
                Ok([v, values].concat())
            },
        },
        Row {
            name: "generalized_eigen",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| eigen(machine, a, &identity(n), n),
        },
        Row {
            name: "svd",
            verdicts: "RRRAAAAAAAAAA",
            call: |machine, a, n| {
                let (mut u, mut v, mut values) = (a.to_vec(), a.to_vec(), vec![T::NAN; n]);
                let scratch = &mut vec![T::NAN; factor::svd_scratch_len(n, n)];
                let (to_u, to_v) = (view(&mut u, n), view(&mut v, n));
                factor::svd(machine, read(a, n), to_u, &mut values, to_v, scratch)?;
                Ok([u, v, values].concat())
            },
        },
        Row {
            name: "tridiagonal_values, …_first_components, …_vectors",
            verdicts: "RRRAAAAAAAAAA",
            call: |_, a, n| {
                let d: Vec<T> = a.iter().copied().step_by(n + 1).collect();
                let e: Vec<T> = a.iter().copied().skip(1).step_by(n + 1).collect();
                let (mut values, mut first, mut v) = (d.clone(), vec![T::NAN; n], identity(n));
                factor::tridiagonal_values(&mut values, &mut e.clone())?;
                factor::tridiagonal_first_components(&mut d.clone(), &mut e.clone(), &mut first)?;
                factor::tridiagonal_vectors(&mut d.clone(), &mut e.clone(), view(&mut v, n))?;
                Ok([values, first, v].concat())
            },
        },
    ]
}

/// One order; for n = 1 the classes mean less: answered or refused, finite if answered.
fn all<T: Float>(machine: Machine, n: usize) {
    let rows = definite::<T>().into_iter().chain(general()).chain(orthogonal()).chain(spectral());
    for row in rows {
        assert_eq!(row.verdicts.len(), CLASSES.len(), "{}", row.name);
        for (name, verdict) in CLASSES.into_iter().zip(row.verdicts.chars()) {
            let answer = (row.call)(machine, &class::<T>(name, n), n);
            let verdict = if n == 1 && verdict == 'A' { '?' } else { verdict };
            let fine = match (&answer, verdict) {
                (Ok(numbers), 'A' | '?') => numbers.iter().all(|x| x.is_finite()),
                (Err(_), 'R' | '?') => true,
                (Err(_), _) => false,
                (Ok(_), _) => n == 1 && !matches!(name, "NaN" | "infinity" | "minus infinity"),
            };
            let what = format!("{} of {name}, f{}, n = {n}, {machine:?}", row.name, T::BITS);
            assert!(fine, "{what}: {answer:?}, but the table says {verdict}");
        }
    }
}

/// Far more than all of them take.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn every_class_is_answered_or_refused() {
    let (done, wait) = mpsc::channel();
    let work = thread::spawn(move || {
        for machine in Machine::present() {
            for n in [1, 2, 5, 17, 34] {
                all::<f32>(machine, n);
                all::<f64>(machine, n);
            }
        }
        let _ = done.send(());
    });
    let ended = wait.recv_timeout(PATIENCE);
    assert!(ended != Err(mpsc::RecvTimeoutError::Timeout), "one of them hangs");
    work.join().unwrap();
}
