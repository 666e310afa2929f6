//! LU, LDLᵀ, QR, least squares, and what a Cholesky factor gives.
//!
//! Answers are checked by whole numbers that come back: AX = B for a known X, or by undoing.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::factor::{
    LogDeterminant, cholesky_downdate, cholesky_in_place, cholesky_inverse,
    cholesky_log_determinant, cholesky_solve_matrix, cholesky_update, ldlt_in_place, ldlt_solve,
    least_squares, least_squares_pivoted, least_squares_pivoted_scratch_len, lu_in_place,
    lu_log_determinant, lu_solve, lu_solve_t, qr_apply, qr_apply_t, qr_form, qr_in_place,
    qr_pivoted_in_place, qr_rank,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_benches::group::{all_close, alone, close, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 3] = [8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A symmetric matrix I·n + whole numbers in [−1, 1], dominant enough for every method here: its
/// condition is below 10, its largest entry at most n + 1.
#[derive(Clone)]
struct State {
    n: usize,
    machine: Machine,
    a: Vec<f64>,
    factor: Vec<f64>,
    tau: Vec<f64>,
    places: Vec<usize>,
    /// A times 1, 2, 3, ….
    b: Vec<f64>,
    x: Vec<f64>,
    scratch: Vec<f64>,
    value: f64,
}

type Step = fn(&mut State) -> Result<(), Error>;

impl State {
    fn new(n: usize) -> Self {
        let element = |e: usize| {
            let (i, j) = (e / n, e % n);
            if i == j { n as f64 } else { ((i * j + i + j) % 3) as f64 - 1.0 }
        };
        let a: Vec<f64> = (0..n * n).map(element).collect();
        let row = |row: &[f64]| row.iter().enumerate().map(|(j, a)| a * (j + 1) as f64).sum();
        let b: Vec<f64> = a.chunks(n).map(row).collect();
        Self {
            n,
            machine: Machine::detect(),
            factor: a.clone(),
            tau: vec![0.0; n],
            places: vec![0; n],
            x: b.clone(),
            scratch: vec![0.0; least_squares_pivoted_scratch_len(n, n, n) + 32 * n],
            value: 0.0,
            a,
            b,
        }
    }

    /// Undoes the last run: it is counted, and is little.
    fn reset(&mut self) {
        self.factor.copy_from_slice(&self.a);
    }

    fn factor(&mut self) -> Result<MatMut<'_, f64>, Error> {
        MatMut::col_major(&mut self.factor, self.n, self.n)
    }

    fn solve(
        &mut self,
        f: impl FnOnce(Machine, MatRef<'_, f64>, &[usize], MatMut<'_, f64>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.x.copy_from_slice(&self.b);
        let factor = MatRef::col_major(&self.factor, self.n, self.n)?;
        f(self.machine, factor, &self.places, MatMut::col_major(&mut self.x, self.n, 1)?)
    }

    /// x = 1, 2, 3, … within κ·γ₄ₙ₊₄·n² of its size: every method here is backward stable, with growth
    /// below n and the reflections' constant below n.
    fn check_solution(&self) -> Result<(), String> {
        let n = self.n;
        let allowed = 10.0 * gamma(4 * n + 4, UNIT) * (n * n) as f64 * n as f64;
        all_close(&self.x, (0..n).map(|j| (j + 1) as f64), allowed)
    }
}

fn lu(s: &mut State) -> Result<(), Error> {
    s.reset();
    let (machine, n) = (s.machine, s.n);
    lu_in_place(machine, MatMut::col_major(&mut s.factor, n, n)?, &mut s.places)
}

fn ldlt(s: &mut State) -> Result<(), Error> {
    s.reset();
    let machine = s.machine;
    ldlt_in_place(machine, s.factor()?, None).map(|_| ())
}

fn cholesky(s: &mut State) -> Result<(), Error> {
    s.reset();
    let machine = s.machine;
    cholesky_in_place(machine, s.factor()?)
}

fn qr(s: &mut State) -> Result<(), Error> {
    s.reset();
    let a = MatMut::col_major(&mut s.factor, s.n, s.n)?;
    qr_in_place(s.machine, a, &mut s.tau, &mut s.scratch)
}

fn pivoted(s: &mut State) -> Result<(), Error> {
    s.reset();
    let a = MatMut::col_major(&mut s.factor, s.n, s.n)?;
    qr_pivoted_in_place(s.machine, a, &mut s.tau, &mut s.places, &mut s.scratch)
}

fn fitted(s: &mut State) -> Result<(), Error> {
    s.reset();
    s.x.copy_from_slice(&s.b);
    let a = MatMut::col_major(&mut s.factor, s.n, s.n)?;
    least_squares(s.machine, a, MatMut::col_major(&mut s.x, s.n, 1)?, &mut s.scratch)
}

fn fitted_pivoted(s: &mut State) -> Result<(), Error> {
    s.reset();
    s.x.copy_from_slice(&s.b);
    let a = MatMut::col_major(&mut s.factor, s.n, s.n)?;
    let b = MatMut::col_major(&mut s.x, s.n, 1)?;
    least_squares_pivoted(s.machine, a, b, 1e-9, &mut s.places, &mut s.scratch).map(|_| ())
}

fn apply(s: &mut State) -> Result<(), Error> {
    let qr = MatRef::col_major(&s.factor, s.n, s.n)?;
    let c = MatMut::col_major(&mut s.x, s.n, 1)?;
    qr_apply(s.machine, qr, &s.tau, c, &mut s.scratch)
}

fn apply_t(s: &mut State) -> Result<(), Error> {
    let qr = MatRef::col_major(&s.factor, s.n, s.n)?;
    let c = MatMut::col_major(&mut s.x, s.n, 1)?;
    qr_apply_t(s.machine, qr, &s.tau, c, &mut s.scratch)
}

fn form(s: &mut State) -> Result<(), Error> {
    let (n, machine) = (s.n, s.machine);
    let (q, scratch) = s.scratch.split_at_mut(n * n);
    let qr = MatRef::col_major(&s.factor, n, n)?;
    qr_form(machine, qr, &s.tau, MatMut::col_major(q, n, n)?, scratch)
}

/// A factorization and the solves that go with it.
fn group(criterion: &mut Criterion, (name, factorize): (&str, Step), solves: &[(&str, Step)]) {
    for n in SIZES {
        let run = |f: Step| {
            move |s: &mut State| assert_eq!(f(s), Ok(()), "dominant matrices have every factor")
        };
        let mut state = State::new(n);
        run(factorize)(&mut state);
        alone(criterion, (name, n), state.clone(), run(factorize), |s| {
            // What the first solve makes of the factor, or the answer itself.
            let mut s = s.clone();
            if let Some((_, solve)) = solves.first() {
                run(*solve)(&mut s);
            }
            s.check_solution()
        });
        for &(name, solve) in solves {
            alone(criterion, (name, n), state.clone(), run(solve), State::check_solution);
        }
    }
}

fn square(criterion: &mut Criterion) {
    let solves: [(&str, Step); 2] =
        [("lu_solve", |s| s.solve(lu_solve)), ("lu_solve_t", |s| s.solve(lu_solve_t))];
    group(criterion, ("lu_in_place", lu), &solves);
    let solve: Step = |s| s.solve(|m, ld, _, b| ldlt_solve(m, ld, b));
    group(criterion, ("ldlt_in_place", ldlt), &[("ldlt_solve", solve)]);
    let solve: Step = |s| s.solve(|m, l, _, b| cholesky_solve_matrix(m, l, b));
    group(
        criterion,
        ("cholesky_in_place and matrix", cholesky),
        &[("cholesky_solve_matrix", solve)],
    );
    group(criterion, ("least_squares", fitted), &[]);
    group(criterion, ("least_squares_pivoted", fitted_pivoted), &[]);
}

/// R of these matrices has |r₀₀| = ‖a₀‖, or the longest column's norm with pivoting; reflections keep ‖b‖.
fn reflections(criterion: &mut Criterion) {
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    for n in SIZES {
        let run = |f: Step| {
            move |s: &mut State| assert_eq!(f(s), Ok(()), "finite matrices have a QR factorization")
        };
        let allowed = gamma(4 * n * n, UNIT) * 4.0;
        for (name, f) in [("qr_in_place", qr as Step), ("qr_pivoted_in_place", pivoted)] {
            alone(criterion, (name, n), State::new(n), run(f), |s| {
                let column = if name == "qr_in_place" { 0 } else { s.places[0] };
                let length = norm(&s.a[column * n..(column + 1) * n]);
                close(s.factor[0].abs(), length, allowed * length)
            });
        }
        let mut state = State::new(n);
        run(qr)(&mut state);
        for (name, f) in [("qr_apply", apply as Step), ("qr_apply_t", apply_t)] {
            alone(criterion, (name, n), state.clone(), run(f), |s| {
                close(norm(&s.x), norm(&s.b), allowed * norm(&s.b))
            });
        }
        alone(criterion, ("qr_form", n), state.clone(), run(form), |s| {
            all_close(
                &[norm(&s.scratch[..n]), norm(&s.scratch[n * (n - 1)..n * n])],
                [1.0; 2],
                allowed,
            )
        });
        let rank: Step = |s| {
            let found = qr_rank(MatRef::col_major(&s.factor, s.n, s.n)?, 1e-9)?;
            s.value = found as f64;
            Ok(())
        };
        alone(criterion, ("qr_rank", n), state, run(rank), |s| close(s.value, n as f64, 0.0));
    }
}

/// Updates and downdates by the same vector, so that the factor stays where it was.
fn changes(criterion: &mut Criterion) {
    for n in SIZES {
        let run = |f: Step| {
            move |s: &mut State| assert_eq!(f(s), Ok(()), "dominant matrices are positive definite")
        };
        let mut state = State::new(n);
        run(cholesky)(&mut state);
        let update: Step = |s| {
            s.x.fill(0.5);
            let l = MatMut::col_major(&mut s.factor, s.n, s.n)?;
            cholesky_update(s.machine, l, &mut s.x)
        };
        let first = state.factor[0];
        // l₀₀ becomes √(l₀₀² + ¼).
        let (up, down) = ((first * first + 0.25).sqrt(), (first * first - 0.25).sqrt());
        alone(criterion, ("cholesky_update", n), state.clone(), run(update), |s| {
            close(s.factor[0], up, gamma(8 * n, UNIT) * up)
        });
        let downdate: Step = |s| {
            cholesky(s)?;
            s.x.fill(0.5);
            let l = MatMut::col_major(&mut s.factor, s.n, s.n)?;
            cholesky_downdate(s.machine, l, &mut s.x, &mut s.scratch)
        };
        alone(criterion, ("cholesky_downdate", n), state.clone(), run(downdate), |s| {
            close(s.factor[0], down, gamma(8 * n * n, UNIT) * up)
        });
        let inverse: Step = |s| {
            let (n, l) = (s.n, MatRef::col_major(&s.factor, s.n, s.n)?);
            cholesky_inverse(s.machine, l, MatMut::col_major(&mut s.scratch[..n * n], n, n)?)
        };
        alone(criterion, ("cholesky_inverse", n), state.clone(), run(inverse), |s| {
            // The first row of A times the first column of A⁻¹.
            let product = s.a[..n].iter().zip(&s.scratch[..n]).map(|(a, x)| a * x).sum::<f64>();
            close(product, 1.0, 10.0 * gamma(4 * n * n, UNIT))
        });
        let log: Step = |s| {
            s.value = cholesky_log_determinant(MatRef::col_major(&s.factor, s.n, s.n)?)?;
            Ok(())
        };
        let mut other = State::new(n);
        run(lu)(&mut other);
        let log_lu: Step = |s| {
            let LogDeterminant { log, .. } =
                lu_log_determinant(MatRef::col_major(&s.factor, s.n, s.n)?, &s.places)?;
            s.value = log;
            Ok(())
        };
        let mut right = other.clone();
        run(log_lu)(&mut right);
        let allowed = 20.0 * gamma(4 * n * n, UNIT) * right.value;
        alone(criterion, ("cholesky_log_determinant", n), state, run(log), |s| {
            close(s.value, right.value, allowed)
        });
        alone(criterion, ("lu_log_determinant", n), other, run(log_lu), |s| {
            close(s.value, right.value, allowed)
        });
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = square, reflections, changes
}
criterion_main!(layer);
