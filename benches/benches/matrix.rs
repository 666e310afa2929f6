//! Levels 2 and 3.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::matrix::{MatRef, trsv_lower, trsv_lower_t};
use teeter::{Error, Machine};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{alone, close, settings, with_peers};
use teeter_benches::peer::Number;
use teeter_benches::reference::gamma;

const SIZES: [usize; 3] = [8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

fn beside_peers<T: Number>(criterion: &mut Criterion) {
    let layouts = &[Layout::Row, Layout::Col];
    with_peers::<T>(criterion, "gemv", (Operation::Gemv, layouts), &SIZES);
    with_peers::<T>(criterion, "gemv transposed", (Operation::GemvT, layouts), &SIZES);
    with_peers::<T>(criterion, "ger", (Operation::Ger, layouts), &SIZES);
    with_peers::<T>(criterion, "gemm", (Operation::Gemm, layouts), &SIZES);
    with_peers::<T>(criterion, "gemm transposed", (Operation::GemmTn, layouts), &SIZES);
}

/// A diagonally dominant lower triangle in A, a right-hand side in x.
fn triangle(n: usize) -> Case<f64> {
    Case::new(Shape { operation: Operation::Cholesky, layout: Layout::Col, n })
}

/// |b − Lx| ≤ 2γₙ₊₁|L||x|: the solve is backward stable within γₙ, its check rounds too.
fn residual(s: &Case<f64>, l: impl Fn(usize, usize) -> f64) -> Result<(), String> {
    let n = s.shape.n;
    for i in 0..n {
        let terms = (0..n).map(|j| l(i, j) * s.y[j]);
        let (sum, size) = terms.fold((0.0, 0.0), |(s, m), t| (s + t, m + f64::abs(t)));
        close(sum, s.x[i], 2.0 * gamma(n + 1, UNIT) * size)?;
    }
    Ok(())
}

fn solves(criterion: &mut Criterion) {
    type Solve = fn(Machine, MatRef<'_, f64>, &mut [f64]) -> Result<(), Error>;
    let m = Machine::detect();
    for n in SIZES {
        let solve = |s: &mut Case<f64>, f: Solve| {
            s.y.copy_from_slice(&s.x);
            let done = MatRef::col_major(&s.a, n, n).and_then(|l| f(m, l, &mut s.y));
            assert_eq!(done, Ok(()), "the diagonal is n");
        };
        let a = triangle(n).a;
        let lower = |i: usize, j: usize| if j <= i { a[j * n + i] } else { 0.0 };
        alone(
            criterion,
            ("trsv_lower", n),
            triangle(n),
            |s| solve(s, trsv_lower),
            |s| residual(s, lower),
        );
        alone(
            criterion,
            ("trsv_lower_t", n),
            triangle(n),
            |s| solve(s, trsv_lower_t),
            |s| residual(s, |i, j| lower(j, i)),
        );
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, solves
}
criterion_main!(layer);
