//! Levels 2 and 3 with a triangular matrix.

use criterion::{Criterion, criterion_group, criterion_main};
use faer::Par;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use teeter::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, TriangularRef};
use teeter::matrix::{trmm, trmv, trsm, trsv};
use teeter::{Error, Machine};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 4] = [8, 32, 128, 256];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A diagonally dominant lower triangle in A; right-hand sides in x and B, answers in y and C.
fn case(n: usize) -> Case<f64> {
    let of = |operation| Case::new(Shape { operation, layout: Layout::Col, n });
    Case { b: of(Operation::Gemm).b, ..of(Operation::Cholesky) }
}

fn lower(a: &[f64], n: usize) -> Result<TriangularRef<'_, f64>, Error> {
    Ok(MatRef::col_major(a, n, n)?.triangular(Triangle::Lower, Diagonal::NonUnit))
}

/// |Lx − b| ≤ 2γₙ₊₂|L||x|: product or solve, the error is within γₙ₊₁, its check rounds too.
fn residual(s: &Case<f64>, x: &[f64], b: &[f64]) -> Result<(), String> {
    let n = s.shape.n;
    b.iter().enumerate().try_for_each(|(i, &b)| {
        let terms = (0..=i).map(|j| s.a[j * n + i] * x[j]);
        let (sum, size) = terms.fold((0.0, 0.0), |(s, m), t| (s + t, m + f64::abs(t)));
        close(sum, b, 2.0 * gamma(n + 2, UNIT) * size)
    })
}

fn columns(s: &Case<f64>, x: &[f64], b: &[f64]) -> Result<(), String> {
    let n = s.shape.n;
    x.chunks(n).zip(b.chunks(n)).try_for_each(|(x, b)| residual(s, x, b))
}

fn vectors(criterion: &mut Criterion) {
    type Call = fn(Machine, TriangularRef<'_, f64>, &mut [f64]) -> Result<(), Error>;
    let machine = Machine::detect();
    let run = |s: &mut Case<f64>, call: Call| {
        s.y.copy_from_slice(&s.x);
        let done = lower(&s.a, s.shape.n).and_then(|l| call(machine, l, &mut s.y));
        assert_eq!(done, Ok(()), "the diagonal is n");
    };
    for n in SIZES {
        alone(criterion, ("trmv", n), case(n), |s| run(s, trmv), |s| residual(s, &s.x, &s.y));
        alone(criterion, ("trsv", n), case(n), |s| run(s, trsv), |s| residual(s, &s.y, &s.x));
    }
}

fn matrices(criterion: &mut Criterion) {
    type Call =
        fn(Machine, f64, Side<TriangularRef<'_, f64>>, MatMut<'_, f64>) -> Result<(), Error>;
    let best = Machine::detect();
    for (n, machine) in SIZES.into_iter().flat_map(|n| [(n, best), (n, best.fused())]) {
        let run = |s: &mut Case<f64>, call: Call| {
            s.c.copy_from_slice(&s.b);
            let target = MatMut::col_major(&mut s.c, n, n);
            let done = lower(&s.a, n).and_then(|l| call(machine, 1.0, Side::Left(l), target?));
            assert_eq!(done, Ok(()), "the diagonal is n");
        };
        let name =
            |name: &str| if machine.is_fused() { format!("{name} fused") } else { name.into() };
        alone(criterion, (&name("trmm"), n), case(n), |s| run(s, trmm), |s| columns(s, &s.b, &s.c));
        alone(criterion, (&name("trsm"), n), case(n), |s| run(s, trsm), |s| columns(s, &s.c, &s.b));
        if machine.is_fused() {
            let faer = |s: &mut Case<f64>| {
                s.c.copy_from_slice(&s.b);
                let l = faer::MatRef::from_column_major_slice(&s.a, n, n);
                let c = faer::MatMut::from_column_major_slice_mut(&mut s.c, n, n);
                solve_lower_triangular_in_place(l, c, Par::Seq);
            };
            alone(criterion, ("trsm faer", n), case(n), faer, |s| columns(s, &s.c, &s.b));
        }
    }
}

criterion_group! {
    name = family;
    config = settings();
    targets = vectors, matrices
}
criterion_main!(family);
