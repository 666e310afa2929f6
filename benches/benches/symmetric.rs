//! Levels 2 and 3 with one triangle stored.

use criterion::{Criterion, criterion_group, criterion_main};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Par};
use teeter::matrix::{MatMut, MatRef, Side, Triangle, symm, symv, syr, syr2, syr2k, syrk};
use teeter::{Error, Machine};
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 4] = [8, 32, 128, 256];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A symmetric A with entries below 1 but for its diagonal, B and C of any entries.
fn case(n: usize) -> Case<f64> {
    let of = |operation| Case::new(Shape { operation, layout: Layout::Col, n });
    Case { b: of(Operation::Gemm).b, ..of(Operation::Cholesky) }
}

type Step = fn(&mut Case<f64>, Machine) -> Result<(), Error>;

/// Element (i, j) of what a step computes, and of what it should.
type Found = fn(&Case<f64>, usize, usize) -> f64;
type Right<'a> = dyn Fn(&Case<f64>, usize, usize) -> f64 + 'a;

/// One function, strict or fused; `right`: elements (i, j) of the lower triangle of C, or of y for
/// j = 0.
fn measure(
    criterion: &mut Criterion,
    (name, n, machine): (&str, usize, Machine),
    step: Step,
    (found, right): (Found, &Right<'_>),
) {
    let name = if machine.is_fused() { format!("{name} fused") } else { name.to_owned() };
    alone(
        criterion,
        (&name, n),
        case(n),
        |s| assert_eq!(step(s, machine), Ok(()), "a benchmark's step must succeed"),
        |s| {
            // Any order of summation, twice: ours and the reference's; entries are at most n.
            let allowed = 2.0 * gamma(2 * n + 3, UNIT) * (n * n) as f64 * (n + 1) as f64;
            let lower = (0..n).flat_map(|i| (0..=i).map(move |j| (i, j)));
            let computed: Vec<f64> = lower.clone().map(|(i, j)| found(s, i, j)).collect();
            all_close(&computed, lower.map(|(i, j)| right(s, i, j)), allowed)
        },
    );
}

fn vectors(criterion: &mut Criterion) {
    let machine = Machine::detect();
    for n in SIZES {
        let first = case(n);
        let symv: Step = |s, m| {
            let a = MatRef::col_major(&s.a, s.shape.n, s.shape.n)?.symmetric(Triangle::Lower);
            symv(m, 1.0, a, &s.x, 0.0, &mut s.y)
        };
        measure(
            criterion,
            ("symv", n, machine),
            symv,
            (|s, i, _| s.y[i], &|s, i, _| (0..n).map(|p| s.a[p * n + i] * s.x[p]).sum()),
        );
        let syr: Step = |s, m| {
            let (x, n) = (&s.x, s.shape.n);
            syr(m, s.alpha, x, MatMut::col_major(&mut s.c, n, n)?.symmetric(Triangle::Lower))
        };
        let old = |i: usize, j: usize| first.c[j * n + i];
        measure(
            criterion,
            ("syr", n, machine),
            syr,
            (element, &|s, i, j| old(i, j) + s.alpha * s.x[i] * s.x[j]),
        );
        let syr2: Step = |s, m| {
            let (x, y, n) = (&s.x, &s.y, s.shape.n);
            syr2(m, s.alpha, x, y, MatMut::col_major(&mut s.c, n, n)?.symmetric(Triangle::Lower))
        };
        measure(
            criterion,
            ("syr2", n, machine),
            syr2,
            (element, &|s, i, j| old(i, j) + s.alpha * (s.x[i] * s.y[j] + s.y[i] * s.x[j])),
        );
    }
}

fn element(s: &Case<f64>, i: usize, j: usize) -> f64 {
    s.c[j * s.shape.n + i]
}

fn matrices(criterion: &mut Criterion) {
    let best = Machine::detect();
    for (n, machine) in SIZES.into_iter().flat_map(|n| [(n, best), (n, best.fused())]) {
        let syrk: Step = |s, m| {
            let n = s.shape.n;
            let c = MatMut::col_major(&mut s.c, n, n)?.symmetric(Triangle::Lower);
            syrk(m, 1.0, MatRef::col_major(&s.b, n, n)?, 0.0, c)
        };
        let square = |s: &Case<f64>, i: usize, j: usize| {
            (0..n).map(|p| s.b[p * n + i] * s.b[p * n + j]).sum()
        };
        measure(criterion, ("syrk", n, machine), syrk, (element, &square));
        let syr2k: Step = |s, m| {
            let n = s.shape.n;
            let c = MatMut::col_major(&mut s.c, n, n)?.symmetric(Triangle::Lower);
            let (a, b) = (MatRef::col_major(&s.a, n, n)?, MatRef::col_major(&s.b, n, n)?);
            syr2k(m, 1.0, a, b, 0.0, c)
        };
        measure(
            criterion,
            ("syr2k", n, machine),
            syr2k,
            (element, &|s, i, j| {
                let (a, b) = (|i, p| s.a[p * n + i], |i, p| s.b[p * n + i]);
                (0..n).map(|p: usize| a(i, p) * b(j, p) + b(i, p) * a(j, p)).sum()
            }),
        );
        let symm: Step = |s, m| {
            let n = s.shape.n;
            let a = MatRef::col_major(&s.a, n, n)?.symmetric(Triangle::Lower);
            let b = MatRef::col_major(&s.b, n, n)?;
            symm(m, 1.0, Side::Left(a), b, 0.0, MatMut::col_major(&mut s.c, n, n)?)
        };
        measure(
            criterion,
            ("symm", n, machine),
            symm,
            (element, &|s, i, j| (0..n).map(|p| s.a[p * n + i] * s.b[j * n + p]).sum()),
        );
        if machine.is_fused() {
            let faer: Step = |s, _| {
                let n = s.shape.n;
                let b = faer::MatRef::from_column_major_slice(&s.b, n, n);
                let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
                let c = faer::MatMut::from_column_major_slice_mut(&mut s.c, n, n);
                matmul(c, lower, Accum::Replace, b, full, b.transpose(), full, 1.0, Par::Seq);
                Ok(())
            };
            measure(criterion, ("syrk faer", n, machine), faer, (element, &square));
        }
    }
}

criterion_group! {
    name = family;
    config = settings();
    targets = vectors, matrices
}
criterion_main!(family);
