//! Traces from products.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::factor::cholesky_in_place;
use teeter::matrix::{MatMut, MatRef};
use teeter::operator::Diagonal;
use teeter::random::Stream;
use teeter::trace::{
    DiagonalOptions, HutchinsonOptions, Probe, TraceEstimate, diagonal_estimate,
    diagonal_estimate_scratch_len, hutch_pp, hutch_pp_scratch_len, hutchinson,
    hutchinson_scratch_len, na_hutch_pp, na_hutch_pp_scratch_len, student_t_quantile, trace_exact,
    trace_exact_scratch_len, trace_ratio_cholesky, trace_ratio_diagonal, trace_ratio_scratch_len,
    xnystrace, xnystrace_deflated, xnystrace_scratch_len, xtrace, xtrace_scratch_len,
};
use teeter::{Error, Machine};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const SIZE: usize = 256;

const UNIT: f64 = f64::EPSILON / 2.0;

const OPTIONS: HutchinsonOptions<f64> = HutchinsonOptions {
    probe: Probe::Rademacher,
    products: 8,
    confidence: 0.95,
    stream: Stream::new(3, 0),
};

fn spectrum() -> Vec<f64> {
    (1..=SIZE).map(|i| i as f64).collect()
}

/// Rademacher probes are exact on a diagonal matrix, so the answer is known, up to rounding
/// of sums of positive terms.
fn exactly(found: f64, right: f64, roundings: usize) -> Result<(), String> {
    close(found, right, 2.0 * gamma(SIZE + roundings, UNIT) * right)
}

fn value(estimate: Result<TraceEstimate<f64>, Error>) -> f64 {
    estimate.map_or(f64::NAN, |e| e.value)
}

/// Scratch and the answer.
fn state(len: usize) -> (Vec<f64>, f64) {
    (vec![0.0; len], f64::NAN)
}

fn estimates(criterion: &mut Criterion) {
    let m = Machine::detect();
    let d = spectrum();
    let total: f64 = d.iter().sum();
    alone(
        criterion,
        ("hutchinson", SIZE),
        state(hutchinson_scratch_len(SIZE)),
        |(scratch, out)| *out = value(hutchinson(m, &mut Diagonal::new(&d), &OPTIONS, scratch)),
        |(_, out)| exactly(*out, total, OPTIONS.products),
    );
    alone(
        criterion,
        ("trace_exact", SIZE),
        state(trace_exact_scratch_len(SIZE)),
        |(scratch, out)| {
            *out = trace_exact(&mut Diagonal::new(&d), scratch).unwrap_or(f64::NAN);
        },
        |(_, out)| exactly(*out, total, 0),
    );
    // Tr(D⁻¹D) = n.
    alone(
        criterion,
        ("trace_ratio_diagonal", SIZE),
        state(trace_ratio_scratch_len(SIZE)),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            *out = value(trace_ratio_diagonal(m, &mut h, &d, &OPTIONS, scratch));
        },
        |(_, out)| exactly(*out, SIZE as f64, OPTIONS.products + 4),
    );
    let mut l = vec![0.0; SIZE * SIZE];
    l.iter_mut().step_by(SIZE + 1).zip(&d).for_each(|(l, d)| *l = *d);
    let factored = MatMut::col_major(&mut l, SIZE, SIZE).and_then(|g| cholesky_in_place(m, g));
    assert_eq!(factored, Ok(()), "a positive diagonal");
    alone(
        criterion,
        ("trace_ratio_cholesky", SIZE),
        state(trace_ratio_scratch_len(SIZE)),
        |(scratch, out)| {
            let mut h = Diagonal::new(&d);
            let estimate = MatRef::col_major(&l, SIZE, SIZE)
                .and_then(|l| trace_ratio_cholesky(m, &mut h, l, &OPTIONS, scratch));
            *out = value(estimate);
        },
        |(_, out)| exactly(*out, SIZE as f64, OPTIONS.products + 4),
    );
}

fn sketches(criterion: &mut Criterion) {
    let m = Machine::detect();
    let total: f64 = spectrum().iter().sum();
    // One entry, so that one column of the sketch is its whole range.
    let mut single = vec![0.0; SIZE];
    single.iter_mut().take(1).for_each(|x| *x = total);
    alone(
        criterion,
        ("hutch_pp", SIZE),
        state(hutch_pp_scratch_len(SIZE, OPTIONS.products)),
        |(scratch, out)| *out = value(hutch_pp(m, &mut Diagonal::new(&single), &OPTIONS, scratch)),
        |(_, out)| exactly(*out, total, OPTIONS.products),
    );
    // Between them the sketches have the range; their products meet in a least-squares problem of order one.
    alone(
        criterion,
        ("na_hutch_pp", SIZE),
        state(na_hutch_pp_scratch_len(SIZE, OPTIONS.products)),
        |(scratch, out)| {
            *out = value(na_hutch_pp(m, &mut Diagonal::new(&single), &OPTIONS, scratch));
        },
        |(_, out)| exactly(*out, total, 64 * SIZE),
    );
    alone(
        criterion,
        ("xtrace", SIZE),
        state(xtrace_scratch_len(SIZE, OPTIONS.products)),
        |(scratch, out)| *out = value(xtrace(m, &mut Diagonal::new(&single), &OPTIONS, scratch)),
        |(_, out)| exactly(*out, total, 64 * OPTIONS.products),
    );
    // The shift of its small matrix is 4√n·ε·‖AΩ‖_F, each of eight columns as long as the entry.
    alone(
        criterion,
        ("xnystrace", SIZE),
        state(xnystrace_scratch_len(SIZE, OPTIONS.products)),
        |(scratch, out)| *out = value(xnystrace(m, &mut Diagonal::new(&single), &OPTIONS, scratch)),
        |(_, out)| exactly(*out, total, 64 * SIZE),
    );
    alone(
        criterion,
        ("xnystrace_deflated", SIZE),
        state(xnystrace_scratch_len(SIZE, OPTIONS.products)),
        |(scratch, out)| {
            let half = OPTIONS.products / 2;
            let mut operator = Diagonal::new(&single);
            *out = value(xnystrace_deflated(m, &mut operator, &OPTIONS, half, scratch));
        },
        |(_, out)| exactly(*out, total, 64 * SIZE),
    );
}

fn diagonal(criterion: &mut Criterion) {
    let (m, d) = (Machine::detect(), spectrum());
    let options = DiagonalOptions { products: OPTIONS.products, stream: OPTIONS.stream };
    let lens = [SIZE, SIZE, diagonal_estimate_scratch_len(SIZE)];
    // Signs are exact on a diagonal matrix.
    alone(
        criterion,
        ("diagonal_estimate", SIZE),
        (lens.map(|len| vec![0.0; len]), f64::NAN),
        |([diagonal, errors, scratch], out)| {
            let mut operator = Diagonal::new(&d);
            let done = diagonal_estimate(m, &mut operator, options, diagonal, errors, scratch);
            *out = done.map_or(f64::NAN, |_| diagonal.iter().sum());
        },
        |(_, out)| exactly(*out, d.iter().sum(), OPTIONS.products),
    );
}

fn quantile(criterion: &mut Criterion) {
    // With one degree of freedom the distribution is Cauchy's, and the quantile at 0.5 is 1.
    // The chance is within 1e-12, as its document says, and grows there by 1/π for each unit of t.
    alone(
        criterion,
        ("student_t_quantile", 1),
        f64::NAN,
        |out| *out = student_t_quantile(0.5, 1).unwrap_or(f64::NAN),
        |out| close(*out, 1.0, std::f64::consts::PI * 1e-12),
    );
}

criterion_group! {
    name = layer;
    config = settings();
    targets = estimates, sketches, diagonal, quantile
}
criterion_main!(layer);
