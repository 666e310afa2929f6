//! What knows a matrix by its products alone, and networks of layers.

use teeter::curvature::{BoxMaximizer, BoxOptions, Damping, ReportOptions, curvature_report};
use teeter::krylov::{
    Eigenpair, EigenpairsOptions, LargestBoundOptions, Lobpcg, LobpcgOptions, LowMemoryOptions,
    SharpnessTracker, SharpnessTrackerOptions, SolveOptions, conjugate_gradient,
    eigenpairs_beyond, extremal_eigenpairs, largest_eigenvalue_bound, lobpcg,
    low_memory_eigenpair, track_sharpness,
};
use teeter::matrix::MatRef;
use teeter::objective::{At, Dropout, Network, NetworkShape, network_scratch_len, smooth_labels};
use teeter::operator::{AuditOptions, Dense, Identity, check_operator};
use teeter::state::Saved;
use teeter::trace::{
    DiagonalOptions, HutchinsonOptions, SlqOptions, diagonal_estimate, hutch_pp, na_hutch_pp,
    stochastic_lanczos_quadrature, xnystrace, xnystrace_deflated, xtrace,
};
use teeter::{Error, Machine};

fn square(n: usize, a: &[f32]) -> Result<Dense<'_, f32>, Error> {
    Dense::new(Machine::native(), MatRef::row_major(a, n, n)?)
}

#[unsafe(no_mangle)]
pub fn every_eigenpairs(
    (n, a): (usize, &[f32]),
    options: &EigenpairsOptions<f32>,
    pairs: &mut [Eigenpair<f32>],
    vectors: &mut [f32],
    scratch: &mut [f32],
) -> Result<usize, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    let found = extremal_eigenpairs(machine, &mut operator, options, pairs, vectors, scratch)?;
    let (all, _) = eigenpairs_beyond(machine, &mut operator, options, pairs, vectors, scratch)?;
    Ok(found + all)
}

#[unsafe(no_mangle)]
pub fn every_preconditioned(
    (n, a): (usize, &[f32]),
    options: &LobpcgOptions<f32>,
    pairs: &mut [Eigenpair<f32>],
    vectors: &mut [f32],
    scratch: &mut [f32],
) -> Result<usize, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    let operators = (&mut operator, &mut Identity::new(n));
    lobpcg(machine, operators, options, pairs, vectors, scratch)
}

#[unsafe(no_mangle)]
pub fn every_saved(
    (n, bytes): (usize, &mut [u8]),
    options: &LobpcgOptions<f32>,
    scratch: &mut [f32],
) -> Result<usize, Error> {
    let mut process = Lobpcg::new(Machine::native(), n, options, &[], scratch)?;
    let len = process.save(bytes)?;
    process.restore(bytes.get(..len).unwrap_or(&[]))?;
    Ok(len)
}

#[unsafe(no_mangle)]
pub fn every_bound(
    (n, a): (usize, &[f32]),
    options: &LargestBoundOptions<f32>,
    audit: &AuditOptions<f32>,
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    let bound = largest_eigenvalue_bound(machine, &mut operator, options, scratch)?;
    check_operator(machine, &mut operator, audit, scratch)?;
    Ok(bound.upper)
}

#[unsafe(no_mangle)]
pub fn every_tracking(
    (n, a): (usize, &[f32]),
    options: &SharpnessTrackerOptions<f32>,
    start: &[f32],
    product: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    let mut tracker = SharpnessTracker::new(machine, n, options, start, scratch)?;
    tracker.set_limit(Some(1.0))?;
    tracker.advance()?;
    Ok(track_sharpness(&mut tracker, &mut operator, product)?.value)
}

#[unsafe(no_mangle)]
pub fn every_low_memory(
    (n, a): (usize, &[f32]),
    options: &LowMemoryOptions<f32>,
    start: &[f32],
    vector: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    Ok(low_memory_eigenpair(machine, &mut operator, options, start, vector, scratch)?.value)
}

#[unsafe(no_mangle)]
pub fn every_solve(
    (n, a): (usize, &[f32]),
    b: &[f32],
    options: &SolveOptions<'_, f32>,
    x: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    Ok(conjugate_gradient(machine, &mut operator, b, options, x, scratch)?.residual)
}

#[unsafe(no_mangle)]
pub fn every_estimate(
    (n, a): (usize, &[f32]),
    options: &HutchinsonOptions<f32>,
    diagonal: (DiagonalOptions, &mut [f32], &mut [f32]),
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    let mut sum = hutch_pp(machine, &mut operator, options, scratch)?.value;
    sum += na_hutch_pp(machine, &mut operator, options, scratch)?.value;
    sum += xtrace(machine, &mut operator, options, scratch)?.value;
    sum += xnystrace(machine, &mut operator, options, scratch)?.value;
    sum += xnystrace_deflated(machine, &mut operator, options, n, scratch)?.value;
    let (options, values, errors) = diagonal;
    diagonal_estimate(machine, &mut operator, options, values, errors, scratch)?;
    Ok(sum)
}

#[unsafe(no_mangle)]
pub fn every_report(
    (n, a): (usize, &[f32]),
    options: &ReportOptions<f32>,
    slq: &SlqOptions,
    scratch: &mut [f32],
    small: &mut [f32],
) -> Result<f32, Error> {
    let (machine, mut operator) = (Machine::native(), square(n, a)?);
    stochastic_lanczos_quadrature(machine, &mut operator, slq, scratch)?;
    let report = curvature_report(machine, &mut operator, options, scratch)?;
    let (curves, small) =
        small.split_at_mut_checked(30).ok_or(Error::Empty { argument: "small" })?;
    let mut rows = curves.chunks_mut(10);
    if let (Some(x), Some(y), Some(z)) = (rows.next(), rows.next(), rows.next()) {
        report.spectrum_into(0.1, [x, y, z], small)?;
    }
    Ok(report.summary(Damping::OfLargest(0.5), small)?.alpha)
}

#[unsafe(no_mangle)]
pub fn every_network(
    shape: NetworkShape<'_>,
    [x, t]: [&[f32]; 2],
    samples: usize,
    [params, v, out]: [&mut [f32]; 3],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    smooth_labels(0.1, 10, v)?;
    let outputs = t.len().checked_div(samples).unwrap_or(0);
    let data =
        (MatRef::row_major(x, samples, shape.inputs)?, MatRef::row_major(t, samples, outputs)?);
    let needed = network_scratch_len(shape, 1)?;
    let mut network = Network::new(Machine::native(), shape, data, 1, scratch)?;
    network.set_dropout(Some(Dropout { stream: teeter::random::Stream::new(1, 2), step: 3 }));
    network.outputs(params, out)?;
    network.sample_gradient(params, 0, out)?;
    let mut at = At::new(&mut network, params)?;
    at.gradient(out)?;
    at.fisher_diagonal(out)?;
    teeter::operator::LinearOperator::apply(&mut at.hessian(), v, out)?;
    teeter::operator::LinearOperator::apply(&mut at.gauss_newton(), v, out)?;
    Ok(at.loss() + needed as f32)
}

#[unsafe(no_mangle)]
pub fn every_box(
    options: BoxOptions<f32>,
    x: &[f32],
    [direction, gradient]: [&[f32]; 2],
    memory: &mut [f32],
) -> Result<(), Error> {
    let mut search = BoxMaximizer::new(options, (x, 1.0), direction, memory)?;
    if search.wants().is_some() {
        search.push(2.0, gradient)?;
    }
    Ok(())
}
