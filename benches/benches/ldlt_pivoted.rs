//! LDLᵀ with rook pivoting and what it gives, beside faer's with the same pivoting.

use criterion::{Criterion, criterion_group, criterion_main};
use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::lblt::factor as lblt;
use faer::{Auto, MatMut as FaerMut, Par, Spec};
use teeter::factor::{
    LogDeterminant, ldlt_pivoted_in_place, ldlt_pivoted_inertia, ldlt_pivoted_log_determinant,
    ldlt_pivoted_scratch_len, ldlt_pivoted_solve, lu_in_place, lu_log_determinant,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_benches::group::{all_close, alone, close, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 4] = [4, 8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A symmetric indefinite matrix by columns: n by turns positive and negative beside a hollow pair of rows, so
/// that there are pivots of both orders; its condition is below 10.
#[derive(Clone)]
struct State {
    n: usize,
    machine: Machine,
    a: Vec<f64>,
    ld: Vec<f64>,
    off_diagonal: Vec<f64>,
    pivots: Vec<usize>,
    /// A times 1, 2, 3, ….
    b: Vec<f64>,
    x: Vec<f64>,
    scratch: Vec<f64>,
    value: f64,
}

type Step = fn(&mut State) -> Result<(), Error>;

impl State {
    fn new(n: usize) -> Self {
        let size = n as f64;
        let element = |e: usize| match (e / n, e % n) {
            (0, 1) | (1, 0) => size,
            (0, 0) | (1, 1) => 0.0,
            (i, j) if i == j => {
                if i % 2 == 0 {
                    size
                } else {
                    -size
                }
            }
            (i, j) => ((i * j + i + j) % 3) as f64 - 1.0,
        };
        let a: Vec<f64> = (0..n * n).map(element).collect();
        let row = |row: &[f64]| row.iter().enumerate().map(|(j, a)| a * (j + 1) as f64).sum();
        let b: Vec<f64> = a.chunks(n).map(row).collect();
        Self {
            n,
            machine: Machine::detect(),
            ld: a.clone(),
            off_diagonal: vec![0.0; n - 1],
            pivots: vec![0; n],
            x: b.clone(),
            scratch: vec![0.0; ldlt_pivoted_scratch_len(n)],
            value: 0.0,
            a,
            b,
        }
    }

    fn view(&self) -> Result<MatRef<'_, f64>, Error> {
        MatRef::col_major(&self.ld, self.n, self.n)
    }
}

fn factor(s: &mut State) -> Result<(), Error> {
    s.ld.copy_from_slice(&s.a);
    let ld = MatMut::col_major(&mut s.ld, s.n, s.n)?;
    ldlt_pivoted_in_place(s.machine, ld, &mut s.off_diagonal, &mut s.pivots, &mut s.scratch)
}

fn solve(s: &mut State) -> Result<(), Error> {
    s.x.copy_from_slice(&s.b);
    let (ld, x) = (MatRef::col_major(&s.ld, s.n, s.n)?, MatMut::col_major(&mut s.x, s.n, 1)?);
    ldlt_pivoted_solve(s.machine, ld, &s.off_diagonal, &s.pivots, x)
}

fn inertia(s: &mut State) -> Result<(), Error> {
    let found = ldlt_pivoted_inertia(s.view()?, &s.off_diagonal)?;
    s.value = found.negative as f64;
    Ok(())
}

fn log_determinant(s: &mut State) -> Result<(), Error> {
    let LogDeterminant { log, .. } = ldlt_pivoted_log_determinant(s.view()?, &s.off_diagonal)?;
    s.value = log;
    Ok(())
}

/// log|det| by LU.
fn reference(state: &State) -> f64 {
    let (n, mut lu, mut pivots) = (state.n, state.a.clone(), vec![0; state.n]);
    let done = MatMut::col_major(&mut lu, n, n)
        .and_then(|a| lu_in_place(state.machine, a, &mut pivots))
        .and_then(|()| lu_log_determinant(MatRef::col_major(&lu, n, n)?, &pivots));
    done.map_or(f64::NAN, |found| found.log)
}

/// The factors themselves are checked by the solution that they give.
fn faer(criterion: &mut Criterion, n: usize) {
    let mut params: Spec<lblt::LbltParams, f64> = <lblt::LbltParams as Auto<f64>>::auto().into();
    params.config.pivoting = lblt::PivotingStrategy::Rook;
    let needed = lblt::cholesky_in_place_scratch::<usize, f64>(n, Par::Seq, params);
    let (mut memory, mut inverse) = (MemBuffer::new(needed), vec![0_usize; n]);
    let mut state = State::new(n);
    state.off_diagonal.push(0.0);
    let step = move |s: &mut State| {
        s.ld.copy_from_slice(&s.a);
        let ld = FaerMut::from_column_major_slice_mut(&mut s.ld, n, n);
        let off_diagonal = DiagMut::from_slice_mut(&mut s.off_diagonal);
        let stack = MemStack::new(&mut memory);
        let (pivots, inverse) = (&mut s.pivots, &mut inverse);
        lblt::cholesky_in_place(ld, off_diagonal, pivots, inverse, Par::Seq, stack, params);
    };
    alone(criterion, ("ldlt_pivoted_in_place faer", n), state, step, |s| {
        // The product of its pivots has the size of det A.
        let (mut log, mut k) = (0.0, 0);
        while k < n {
            let (d, q) = (s.ld[k * (n + 1)], s.off_diagonal[k]);
            let value = if q == 0.0 { d } else { d * s.ld[(k + 1) * (n + 1)] - q * q };
            log += value.abs().ln();
            k += if q == 0.0 { 1 } else { 2 };
        }
        let right = reference(s);
        close(log, right, 20.0 * gamma(4 * n * n + 256, UNIT) * right.abs())
    });
}

fn pivoted(criterion: &mut Criterion) {
    for n in SIZES {
        let run = |f: Step| {
            move |s: &mut State| assert_eq!(f(s), Ok(()), "the matrix is far from singular")
        };
        // κ·γ₃ₙ₊₁₂₈·n² of the solution's size, growth below 3.
        let allowed = 30.0 * gamma(4 * n + 128, UNIT) * (n * n) as f64 * n as f64;
        let check = move |s: &State| all_close(&s.x, (0..n).map(|j| (j + 1) as f64), allowed);
        let mut state = State::new(n);
        run(factor)(&mut state);
        alone(criterion, ("ldlt_pivoted_in_place", n), state.clone(), run(factor), |s| {
            let mut s = s.clone();
            run(solve)(&mut s);
            check(&s)
        });
        faer(criterion, n);
        alone(criterion, ("ldlt_pivoted_solve", n), state.clone(), run(solve), check);
        // Diagonally dominant but for the pair, which has one of each sign.
        let negative = (n / 2) as f64;
        alone(criterion, ("ldlt_pivoted_inertia", n), state.clone(), run(inertia), |s| {
            close(s.value, negative, 0.0)
        });
        let right = reference(&state);
        let within = 20.0 * gamma(4 * n * n + 256, UNIT) * right.abs();
        alone(criterion, ("ldlt_pivoted_log_determinant", n), state, run(log_determinant), |s| {
            close(s.value, right, within)
        });
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = pivoted
}
criterion_main!(layer);
