//! Dense factorizations and the tridiagonal eigenproblem.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::factor::{
    cholesky_in_place, cholesky_solve, tridiagonal_first_components, tridiagonal_values,
    tridiagonal_vectors,
};
use teeter::matrix::{MatMut, MatRef};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, close, settings, with_peers};
use teeter_benches::peer::Number;
use teeter_benches::reference::gamma;

const SIZES: [usize; 3] = [8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

fn beside_peers<T: Number>(criterion: &mut Criterion) {
    let (both, col) = (&[Layout::Row, Layout::Col], &[Layout::Col]);
    with_peers::<T>(criterion, "cholesky_in_place", (Operation::Cholesky, both), &SIZES);
    with_peers::<T>(criterion, "symmetric_eigen", (Operation::SymmetricEigen, col), &SIZES);
}

fn solves(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let mut s: Case<f64> =
            Case::new(Shape { operation: Operation::Cholesky, layout: Layout::Col, n });
        s.c.copy_from_slice(&s.a);
        let factored = MatMut::col_major(&mut s.c, n, n).and_then(|a| cholesky_in_place(m, a));
        assert_eq!(factored, Ok(()), "A is dominant");
        let step = |s: &mut Case<f64>| {
            s.y.copy_from_slice(&s.x);
            let l = MatRef::col_major(&s.c, n, n);
            assert_eq!(l.and_then(|l| cholesky_solve(m, l, &mut s.y)), Ok(()), "pivots > 0");
        };
        alone(criterion, ("cholesky_solve", n), s, step, |s| {
            // Backward error γ₃ₙ₊₁|L||Lᵀ| ≤ γ₃ₙ₊₁·n·max aᵢᵢ an element (Higham 2002, §10.1), and as
            // much again for factor and check; max aᵢᵢ = n.
            let size: f64 = s.y.iter().map(|y| y.abs()).sum();
            let allowed = 2.0 * gamma(4 * n, UNIT) * n as f64 * n as f64 * size;
            s.a.chunks(n).zip(s.x.iter()).try_for_each(|(row, &x)| {
                close(row.iter().zip(s.y.iter()).map(|(a, y)| a * y).sum(), x, allowed)
            })
        });
    }
}

/// The second difference: eigenvalues 2 − 2cos(kπ/(n + 1)), first components known too.
#[derive(Clone)]
struct Tridiagonal {
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
    vectors: Vec<f64>,
}

impl Tridiagonal {
    fn new(n: usize) -> Self {
        Self { diagonal: vec![2.0; n], off_diagonal: vec![-1.0; n - 1], vectors: vec![0.0; n * n] }
    }

    /// Undoes the last run: it is counted, and is little.
    fn reset(&mut self) {
        let n = self.diagonal.len();
        self.diagonal.fill(2.0);
        self.off_diagonal.fill(-1.0);
        self.vectors.fill(0.0);
        self.vectors.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
    }

    fn angle(k: usize, n: usize) -> f64 {
        (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64
    }

    /// Within 10nu‖T‖, ‖T‖ < 4: the kernel's own bound.
    fn check_values(&self) -> Result<(), String> {
        let n = self.diagonal.len();
        let right = (0..n).map(|k| 2.0 - 2.0 * Self::angle(k, n).cos());
        all_close(&self.diagonal, right, 10.0 * n as f64 * UNIT * 4.0)
    }

    /// First components √(2/(n + 1))·sin(kπ/(n + 1)) up to sign, given at `stride`: their errors are those of the
    /// matrix, 40nu, over the least gap, 3(π/(n + 1))² at the ends of the spectrum.
    fn check_first(&self, stride: usize) -> Result<(), String> {
        let n = self.diagonal.len();
        let step = std::f64::consts::PI / (n + 1) as f64;
        let allowed = 40.0 * n as f64 * UNIT / (2.0 * step * step) + gamma(n, UNIT);
        let found: Vec<f64> =
            self.vectors.iter().step_by(stride).take(n).map(|x| x.abs()).collect();
        let scale = (2.0 / (n + 1) as f64).sqrt();
        all_close(&found, (0..n).map(|k| scale * Self::angle(k, n).sin()), allowed)
    }
}

fn tridiagonal(criterion: &mut Criterion) {
    for n in SIZES {
        let values = |s: &mut Tridiagonal| {
            s.reset();
            let done = tridiagonal_values(&mut s.diagonal, &mut s.off_diagonal);
            assert_eq!(done, Ok(()), "implicit QL converges");
        };
        let new = Tridiagonal::new;
        alone(criterion, ("tridiagonal_values", n), new(n), values, Tridiagonal::check_values);

        let first = |s: &mut Tridiagonal| {
            s.reset();
            let row = &mut s.vectors[..n];
            let done = tridiagonal_first_components(&mut s.diagonal, &mut s.off_diagonal, row);
            assert_eq!(done, Ok(()), "implicit QL converges");
        };
        alone(criterion, ("tridiagonal_first_components", n), new(n), first, |s| {
            s.check_values()?;
            s.check_first(1)
        });

        let vectors = |s: &mut Tridiagonal| {
            s.reset();
            let done = MatMut::col_major(&mut s.vectors, n, n)
                .and_then(|v| tridiagonal_vectors(&mut s.diagonal, &mut s.off_diagonal, v));
            assert_eq!(done, Ok(()), "implicit QL converges");
        };
        alone(criterion, ("tridiagonal_vectors", n), new(n), vectors, |s| {
            s.check_values()?;
            s.check_first(n)
        });
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, solves, tridiagonal
}
criterion_main!(layer);
