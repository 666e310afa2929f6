//! Solves by products, and the traces and effective parameters that rest on them or stand beside them.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::curvature::{
    Damping, ReportOptions, curvature_report, curvature_report_scratch_len,
    effective_parameters_cholesky, effective_parameters_dense,
    effective_parameters_dense_scratch_len, effective_parameters_quadrature,
    effective_parameters_quadrature_scratch_len, effective_parameters_seen,
    effective_parameters_solve, effective_parameters_solve_scratch_len,
};
use teeter::krylov::{Floor, SolveOptions, conjugate_gradient, conjugate_gradient_scratch_len};
use teeter::matrix::{MatMut, MatRef};
use teeter::operator::Diagonal;
use teeter::random::Stream;
use teeter::trace::{
    HutchinsonOptions, Probe, SlqOptions, StopRule, TraceRatioOptions,
    generalized_lanczos_quadrature, generalized_lanczos_quadrature_scratch_len,
    hutchinson_scratch_len, hutchinson_until, quadrature_scratch_len,
    stochastic_lanczos_quadrature, stochastic_lanczos_quadrature_scratch_len,
    student_sequence_quantile, trace_ratio_solve, trace_ratio_solve_scratch_len,
};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const SIZE: usize = 128;

const STEPS: usize = 20;

const PROBES: usize = 4;

const UNIT: f64 = f64::EPSILON / 2.0;

const OPTIONS: TraceRatioOptions<'static, f64> = TraceRatioOptions {
    probe: Probe::Rademacher,
    probes: PROBES,
    confidence: 0.95,
    stream: Stream::new(3, 0),
    solve: SolveOptions { tolerance: 1e-8, product_max: 1000, floor: 1.0, preconditioner: None },
};

const QUADRATURE: SlqOptions = SlqOptions {
    probe: Probe::Rademacher,
    probes: PROBES,
    steps: STEPS,
    stream: Stream::new(3, 0),
};

/// 1 … 2, evenly: a condition of 2.
fn metric() -> Vec<f64> {
    (0..SIZE).map(|i| 1.0 + i as f64 / (SIZE - 1) as f64).collect()
}

fn stated(found: Result<f64, Error>) -> f64 {
    found.unwrap_or(f64::NAN)
}

fn solves(criterion: &mut Criterion) {
    let (machine, g) = (Machine::detect(), metric());
    let b = vec![1.0; SIZE];
    alone(
        criterion,
        ("conjugate_gradient", SIZE),
        (vec![0.0; SIZE], vec![0.0; conjugate_gradient_scratch_len(SIZE)], f64::NAN),
        |(x, scratch, error)| {
            let mut operator = Diagonal::new(&g);
            *error = stated(
                conjugate_gradient(machine, &mut operator, &b, &OPTIONS.solve, x, scratch)
                    .map(|e| e.error_upper),
            );
        },
        |(x, _, error)| {
            let off: f64 = x.iter().zip(&g).map(|(x, g)| (x - 1.0 / g).powi(2)).sum();
            close(off.sqrt(), 0.0, error + gamma(8 * SIZE, UNIT))
        },
    );
    // Signs are exact for diagonal matrices; solves leave ‖z‖·10⁻⁸·‖Hz‖ at most.
    let right: f64 = g.iter().map(|g| 1.0 / g).sum();
    let left = 1e-8 * SIZE as f64 + gamma(8 * SIZE, UNIT) * right;
    alone(
        criterion,
        ("trace_ratio_solve", SIZE),
        (vec![0.0; trace_ratio_solve_scratch_len(SIZE)], f64::NAN),
        |(scratch, out)| {
            let (mut h, mut g) = (Diagonal::new(&b), Diagonal::new(&g));
            let found = trace_ratio_solve(machine, &mut h, &mut g, &OPTIONS, scratch);
            *out = stated(found.map(|e| e.trace.value));
        },
        |(_, out)| close(*out, right, left),
    );
    let mut l = vec![0.0; SIZE * SIZE];
    g.iter().enumerate().for_each(|(i, g)| l[i * (SIZE + 1)] = g.sqrt());
    let len = generalized_lanczos_quadrature_scratch_len(SIZE, PROBES, STEPS);
    let mut small = vec![0.0; quadrature_scratch_len(STEPS)];
    alone(
        criterion,
        ("generalized_lanczos_quadrature", SIZE),
        (vec![0.0; len], f64::NAN),
        |(scratch, out)| {
            let mut h = Diagonal::new(&b);
            *out = stated(MatRef::row_major(&l, SIZE, SIZE).and_then(|l| {
                generalized_lanczos_quadrature(machine, &mut h, l, &QUADRATURE, scratch)?
                    .estimate_of(|mu| mu, 0.95, &mut small)
                    .map(|e| e.value)
            }));
        },
        |(_, out)| close(*out, right, gamma(SIZE + 40 * STEPS, UNIT) * SIZE as f64),
    );
}

/// λ/(λ + 1) over 1 … 2.
fn effective(criterion: &mut Criterion) {
    let (machine, d) = (Machine::detect(), metric());
    let right: f64 = d.iter().map(|x| x / (x + 1.0)).sum();
    let allowed = gamma(20 * SIZE, UNIT) * (SIZE * SIZE) as f64;
    let mut whole = vec![0.0; SIZE * SIZE];
    d.iter().enumerate().for_each(|(i, x)| whole[i * (SIZE + 1)] = *x);
    alone(
        criterion,
        ("effective_parameters_dense", SIZE),
        (whole.clone(), vec![0.0; effective_parameters_dense_scratch_len(SIZE)], f64::NAN),
        |(h, scratch, out)| {
            h.copy_from_slice(&whole);
            *out = stated(
                MatMut::row_major(h, SIZE, SIZE)
                    .and_then(|h| effective_parameters_dense(machine, h, 1.0, scratch)),
            );
        },
        |(_, _, out)| close(*out, right, allowed),
    );
    alone(
        criterion,
        ("effective_parameters_cholesky", SIZE),
        (whole.clone(), vec![0.0; SIZE], f64::NAN),
        |(h, scratch, out)| {
            h.copy_from_slice(&whole);
            *out = stated(
                MatMut::row_major(h, SIZE, SIZE)
                    .and_then(|h| effective_parameters_cholesky(machine, h, 1.0, scratch)),
            );
        },
        |(_, _, out)| close(*out, right, allowed),
    );
    let left = 2e-8 * SIZE as f64 + allowed;
    alone(
        criterion,
        ("effective_parameters_solve", SIZE),
        (vec![0.0; effective_parameters_solve_scratch_len(SIZE)], f64::NAN),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            let found = effective_parameters_solve(machine, &mut h, 1.0, &OPTIONS, scratch);
            *out = stated(found.map(|e| e.trace.value));
        },
        |(_, out)| close(*out, right, left),
    );
    // 20 steps on a spectrum of condition 2: the bracket is closed to rounding.
    let len = effective_parameters_quadrature_scratch_len(SIZE, PROBES, STEPS);
    alone(
        criterion,
        ("effective_parameters_quadrature", SIZE),
        (vec![0.0; len], f64::NAN),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            let found =
                effective_parameters_quadrature(machine, &mut h, 1.0, &QUADRATURE, 0.95, scratch);
            *out = stated(found.map(|e| e.trace.value));
        },
        |(_, out)| close(*out, right, allowed),
    );
    let len = stochastic_lanczos_quadrature_scratch_len(SIZE, PROBES, STEPS);
    let (mut scratch, mut h) = (vec![0.0; len], Diagonal::new(&d));
    let slq = stochastic_lanczos_quadrature(machine, &mut h, &QUADRATURE, &mut scratch);
    let Ok(slq) = slq else { panic!("scratch of the length asked for") };
    alone(
        criterion,
        ("effective_parameters_seen", STEPS),
        (vec![0.0; quadrature_scratch_len(STEPS)], f64::NAN),
        |(small, out)| {
            let found = effective_parameters_seen(&slq, 1.0, 0.95, small);
            *out = stated(found.map(|e| e.trace.value));
        },
        |(_, out)| close(*out, right, allowed),
    );
}

/// One pass for all; a trace as good as asked; and what a look costs.
fn reports(criterion: &mut Criterion) {
    let (machine, d) = (Machine::detect(), metric());
    let (confidence, floor) = (0.95, Floor::AtLeast(0.0));
    let options = ReportOptions { quadrature: QUADRATURE, confidence, floor };
    let mut small = vec![0.0; quadrature_scratch_len(STEPS)];
    // α₁ of signs carries Σdᵢ.
    let total: f64 = d.iter().sum();
    alone(
        criterion,
        ("curvature_report", SIZE),
        (vec![0.0; curvature_report_scratch_len(SIZE, PROBES, STEPS)], f64::NAN),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            *out = stated(
                curvature_report(machine, &mut h, &options, scratch)
                    .and_then(|report| report.summary(Damping::OfLargest(0.5), &mut small))
                    .map(|summary| summary.trace.value),
            );
        },
        |(_, out)| close(*out, total, gamma(SIZE + 40 * STEPS, UNIT) * (SIZE * SIZE) as f64),
    );
    let (probe, stream) = (Probe::Rademacher, Stream::new(3, 0));
    let options = HutchinsonOptions { probe, products: 1000, confidence, stream };
    let rule = StopRule { tolerance: 0.1, narrowest: 32 };
    alone(
        criterion,
        ("hutchinson_until", SIZE),
        (vec![0.0; hutchinson_scratch_len(SIZE)], f64::NAN),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            let found = hutchinson_until(machine, &mut h, &options, &rule, scratch);
            *out = stated(found.map(|e| e.value));
        },
        |(_, out)| close(*out, total, 2.0 * gamma(2 * SIZE, UNIT) * total),
    );
    // Wider than Student's 2.04 of 31 degrees, by less than its double.
    alone(
        criterion,
        ("student_sequence_quantile", 32),
        f64::NAN,
        |out| *out = stated(student_sequence_quantile(0.95, 32, 31, 32)),
        |out| close(*out, 3.06, 1.02),
    );
}

criterion_group! {
    name = layer;
    config = settings();
    targets = solves, effective, reports
}
criterion_main!(layer);
