//! Every family of the kernel, called with arguments the compiler cannot know.
//!
//! `verify/firmware/build` links these for a Cortex-M4F and looks for panic and allocator
//! symbols: a slice index, a division or an `expect` anywhere below would bring them in.
#![no_std]

mod models;
mod products;

use teeter::curvature::{
    PhaseOptions, PhaseTracker, UpdateRule, effective_parameters, rotation_angle, sane,
    stability_threshold,
};
use teeter::factor::{
    LdltRegularization, cholesky_downdate, cholesky_in_place, cholesky_inverse,
    cholesky_log_determinant, cholesky_solve, cholesky_solve_matrix, cholesky_update,
    generalized_eigen, ldlt_in_place, ldlt_pivoted_in_place, ldlt_pivoted_inertia,
    ldlt_pivoted_log_determinant, ldlt_pivoted_solve, ldlt_solve, least_squares,
    least_squares_pivoted, lu_in_place, lu_log_determinant, lu_solve, lu_solve_t, qr_apply,
    qr_apply_t, qr_form, qr_in_place, qr_pivoted_in_place, qr_rank, svd, svd_rank, symmetric_eigen,
};
use teeter::krylov::{LanczosOptions, PowerOptions, Which, extremal_eigenpair, power_iteration};
use teeter::matrix::{
    Diagonal as Ones, MatMut, MatRef, Side, Triangle, gemm, gemv, ger, symm, symv, syr, syr2,
    syr2k, syrk, trmm, trmv, trsm, trsv,
};
use teeter::objective::{Activation, At, Loss, Mlp, MlpShape, Quadratic, mlp_initialize};
use teeter::operator::{Dense, Diagonal, Shifted};
use teeter::optim::{
    Adam, AdamState, Displacement, EpsilonPlacement, Momentum, Sam, Sgd, SgdState, Tracer,
    TracerState, second_difference_distance,
};
use teeter::random::{Stream, normals_into, signs_into, uniforms_into};
use teeter::trace::{
    HutchinsonOptions, Probe, hutchinson, trace_exact, trace_ratio_cholesky, trace_ratio_diagonal,
};
use teeter::{Error, Machine, vector};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[unsafe(no_mangle)]
pub fn every_entry() {}

#[unsafe(no_mangle)]
pub fn every_random(seed: u64, x: &mut [f32]) {
    let stream = Stream::new(seed, 1);
    signs_into(stream, x);
    normals_into(stream.child(2), x);
    uniforms_into(stream.child(3), x);
}

#[unsafe(no_mangle)]
pub fn every_vector(x: &[f32], y: &mut [f32]) -> Result<f32, Error> {
    let machine = Machine::native();
    vector::axpy(machine, 0.5, x, y)?;
    vector::scale(machine, 0.5, y);
    vector::multiply(machine, x, y)?;
    vector::copy(x, y)?;
    vector::tanh_in_place(machine, y);
    let at = vector::argmax_abs(machine, x)? + vector::first_not_finite(machine, x).unwrap_or(0);
    let sums = vector::sum(machine, x) + vector::sum_abs(machine, x) + at as f32;
    Ok(vector::dot(machine, x, y)? + vector::norm2(machine, x) + sums)
}

#[unsafe(no_mangle)]
pub fn every_matrix(
    shape: [usize; 3],
    strides: [usize; 6],
    a: &[f32],
    b: &[f32],
    c: &mut [f32],
) -> Result<(), Error> {
    let (machine, [m, n, k], [s0, s1, s2, s3, s4, s5]) = (Machine::native(), shape, strides);
    let a = MatRef::strided(a, [m, k], [s0, s1])?;
    let view = MatRef::strided(b, [k, n], [s2, s3])?;
    let mut target = MatMut::strided(c, [m, n], [s4, s5])?;
    gemm(machine, 0.5, a, view, 2.0, target.rb_mut())?;
    ger(machine, 0.5, b, b, target.rb_mut())?;
    let (mut left, right) = target.split_at_col(n / 2)?;
    if let Some(column) = left.column(0) {
        gemv(machine, 0.5, right.rb(), b, 2.0, column)?;
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub fn every_triangle(
    [n, m]: [usize; 2],
    strides: [usize; 4],
    a: &[f32],
    b: &mut [f32],
    x: &mut [f32],
) -> Result<(), Error> {
    let (machine, [s0, s1, s2, s3]) = (Machine::native(), strides);
    let view = MatRef::strided(a, [n, n], [s0, s1])?;
    let (triangular, symmetric) =
        (view.triangular(Triangle::Lower, Ones::NonUnit), view.symmetric(Triangle::Upper));
    trmv(machine, triangular, x)?;
    trsv(machine, triangular.t(), x)?;
    symv(machine, 0.5, symmetric, a, 2.0, x)?;
    let mut target = MatMut::strided(b, [n, m], [s2, s3])?;
    trmm(machine, 0.5, Side::Left(triangular), target.rb_mut())?;
    trsm(machine, 0.5, Side::Left(triangular.t()), target.rb_mut())?;
    symm(machine, 0.5, Side::Left(symmetric), view, 2.0, target.rb_mut())?;
    syr(machine, 0.5, x, target.rb_mut().symmetric(Triangle::Lower))?;
    syr2(machine, 0.5, x, a, target.rb_mut().symmetric(Triangle::Upper))?;
    syrk(machine, 0.5, view, 2.0, target.rb_mut().symmetric(Triangle::Lower))?;
    syr2k(machine, 0.5, view, view.t(), 2.0, target.symmetric(Triangle::Upper))
}

#[unsafe(no_mangle)]
pub fn every_factor(
    n: usize,
    a: &mut [f32],
    x: &mut [f32],
    scratch: &mut [f32],
) -> Result<(), Error> {
    let machine = Machine::native();
    symmetric_eigen(machine, MatMut::row_major(a, n, n)?, x, scratch)?;
    cholesky_in_place(machine, MatMut::col_major(a, n, n)?)?;
    cholesky_solve(machine, MatRef::col_major(a, n, n)?, x)
}

#[unsafe(no_mangle)]
pub fn every_square_factor(
    n: usize,
    a: &mut [f32],
    x: &mut [f32],
    pivots: &mut [usize],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let machine = Machine::native();
    lu_in_place(machine, MatMut::row_major(a, n, n)?, pivots)?;
    lu_solve(machine, MatRef::row_major(a, n, n)?, pivots, MatMut::col_major(x, n, 1)?)?;
    lu_solve_t(machine, MatRef::row_major(a, n, n)?, pivots, MatMut::col_major(x, n, 1)?)?;
    let determinant = lu_log_determinant(MatRef::row_major(a, n, n)?, pivots)?;
    let rule = LdltRegularization { signs: &[], epsilon: 0.1, delta: 0.1 };
    ldlt_in_place(machine, MatMut::row_major(a, n, n)?, Some(rule))?;
    ldlt_solve(machine, MatRef::row_major(a, n, n)?, MatMut::col_major(x, n, 1)?)?;
    cholesky_update(machine, MatMut::row_major(a, n, n)?, x)?;
    cholesky_downdate(machine, MatMut::row_major(a, n, n)?, x, scratch)?;
    let l = MatRef::row_major(a, n, n)?;
    cholesky_solve_matrix(machine, l, MatMut::col_major(x, n, 1)?)?;
    cholesky_inverse(machine, l, MatMut::row_major(scratch, n, n)?)?;
    Ok(determinant.log + cholesky_log_determinant(l)?)
}

#[unsafe(no_mangle)]
pub fn every_indefinite_factor(
    n: usize,
    a: &mut [f32],
    off_diagonal: &mut [f32],
    pivots: &mut [usize],
    (x, scratch): (&mut [f32], &mut [f32]),
) -> Result<f32, Error> {
    let machine = Machine::native();
    let ld = MatMut::row_major(a, n, n)?;
    ldlt_pivoted_in_place(machine, ld, off_diagonal, pivots, scratch)?;
    let (ld, b) = (MatRef::row_major(a, n, n)?, MatMut::col_major(x, n, 1)?);
    ldlt_pivoted_solve(machine, ld, off_diagonal, pivots, b)?;
    let negative = ldlt_pivoted_inertia(ld, off_diagonal)?.negative as f32;
    Ok(negative + ldlt_pivoted_log_determinant(ld, off_diagonal)?.log)
}

#[unsafe(no_mangle)]
pub fn every_spectrum(
    [m, n]: [usize; 2],
    a: &mut [f32],
    g: &mut [f32],
    values: &mut [f32],
    (u, scratch): (&mut [f32], &mut [f32]),
) -> Result<usize, Error> {
    let machine = Machine::native();
    let (x, l) = (MatMut::row_major(a, n, n)?, MatMut::row_major(g, n, n)?);
    generalized_eigen(machine, x, l, values, scratch)?;
    let (left, right) = (MatMut::row_major(u, m, n)?, MatMut::row_major(g, n, n)?);
    svd(machine, MatRef::row_major(a, m, n)?, left, values, right, scratch)?;
    svd_rank(values, 0.1)
}

#[unsafe(no_mangle)]
pub fn every_rectangular_factor(
    [m, n]: [usize; 2],
    a: &mut [f32],
    x: &mut [f32],
    columns: &mut [usize],
    (tau, scratch): (&mut [f32], &mut [f32]),
) -> Result<usize, Error> {
    let machine = Machine::native();
    qr_pivoted_in_place(machine, MatMut::row_major(a, m, n)?, tau, columns, scratch)?;
    qr_in_place(machine, MatMut::row_major(a, m, n)?, tau, scratch)?;
    let qr = MatRef::row_major(a, m, n)?;
    qr_apply(machine, qr, tau, MatMut::col_major(x, m, 1)?, scratch)?;
    qr_apply_t(machine, qr, tau, MatMut::col_major(x, m, 1)?, scratch)?;
    qr_form(machine, qr, tau, MatMut::col_major(x, m, 1)?, scratch)?;
    let rank = qr_rank(qr, 0.1)?;
    least_squares(machine, MatMut::row_major(a, m, n)?, MatMut::col_major(x, m, 1)?, scratch)?;
    let (a, b) = (MatMut::row_major(a, m, n)?, MatMut::col_major(x, m, 1)?);
    Ok(rank + least_squares_pivoted(machine, a, b, 0.1, columns, scratch)?)
}

#[unsafe(no_mangle)]
pub fn every_krylov_and_trace(
    d: &[f32],
    l: &[f32],
    vector: &mut [f32],
    scratch: &mut [f32],
    seed: u64,
) -> Result<f32, Error> {
    let (machine, n) = (Machine::native(), d.len());
    let l = MatRef::row_major(l, n, n)?;
    let mut operator = Shifted::new(machine, Diagonal::new(d), 0.5);
    let options = LanczosOptions {
        which: Which::LargestMagnitude,
        krylov_dim: 20,
        product_max: 100,
        tolerance: 1e-2,
    };
    let top = extremal_eigenpair(machine, &mut operator, &options, vector, scratch)?;
    let options = PowerOptions { product_max: 100, tolerance: 1e-2 };
    let power = power_iteration(machine, &mut operator, &options, vector, scratch)?;
    let options = HutchinsonOptions {
        probe: Probe::Gaussian,
        products: 32,
        confidence: 0.95,
        stream: Stream::new(seed, 0),
    };
    let trace = hutchinson(machine, &mut operator, &options, scratch)?;
    let exact = trace_exact(&mut Dense::new(machine, l)?, scratch)?;
    let ratio = trace_ratio_diagonal(machine, &mut operator, d, &options, scratch)?;
    let dense = trace_ratio_cholesky(machine, &mut operator, l, &options, scratch)?;
    Ok(top.value + power.value + trace.upper + exact + ratio.lower + dense.value)
}

#[unsafe(no_mangle)]
pub fn every_objective(
    widths: &[usize],
    data: (&[f32], &[f32], usize),
    params: &mut [f32],
    out: &mut [f32],
    scratch: &mut [f32],
) -> Result<f32, Error> {
    let (machine, (inputs, targets, samples)) = (Machine::native(), data);
    let mut losses = 0.0;
    let kinds = [
        (Activation::Tanh, Loss::HalfSquared),
        (Activation::Relu, Loss::CrossEntropy),
        (Activation::Softplus, Loss::CrossEntropy),
        (Activation::Identity, Loss::HalfSquared),
    ];
    for (activation, loss) in kinds {
        let shape = MlpShape { widths, activation, loss };
        mlp_initialize(shape, Stream::new(1, 2), params)?;
        let width = |i: Option<&usize>| i.copied().unwrap_or(0);
        let x = MatRef::row_major(inputs, samples, width(widths.first()))?;
        let t = MatRef::row_major(targets, samples, width(widths.last()))?;
        let mut mlp = Mlp::new(machine, shape, (x, t), scratch)?;
        let mut at = At::new(&mut mlp, params)?;
        at.gradient(out)?;
        at.fisher_diagonal(out)?;
        trace_exact(&mut at.hessian(), &mut [])?;
        trace_exact(&mut at.gauss_newton(), &mut [])?;
        losses += at.loss() + mlp.accuracy()?;
    }
    let a = MatRef::row_major(inputs, params.len(), params.len())?;
    let mut bowl = Quadratic::new(machine, a, targets, scratch)?;
    Ok(losses + At::new(&mut bowl, params)?.loss())
}

#[unsafe(no_mangle)]
pub fn every_optim(
    gradient: &[f32],
    state: (&mut [f32], &mut [f32]),
    params: &mut [f32],
    saved: &mut [f32],
    probe: &mut [f32],
) -> Result<(), Error> {
    let (machine, (first, second)) = (Machine::native(), state);
    let sgd = Sgd { learning_rate: 0.1, momentum: Momentum::Nesterov(0.9), weight_decay: 0.1 };
    sgd.step(machine, gradient, &mut SgdState { velocity: first }, params)?;
    let adam = Adam {
        learning_rate: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-8,
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: 0.1,
    };
    adam.step(machine, gradient, &mut AdamState::new(first, second), params)?;
    Sam { rho: 0.05 }.perturb(machine, gradient, params, saved)?.restore();
    let tracer = Tracer { rho: 0.1, beta: 0.1, damping: 0.1 };
    let mut state = TracerState::new(first, second);
    tracer.update_metric_from_gradient(machine, gradient, &mut state)?;
    tracer.probe_into(machine, Stream::new(1, 1), &state, probe)?;
    let distance = second_difference_distance(machine, params)?;
    let from = Displacement { gradient, direction: probe, distance };
    let penalty = tracer.ahead(machine, from, params, saved)?.gradient(gradient)?;
    penalty.gradient(gradient)?;
    Ok(())
}

#[unsafe(no_mangle)]
pub fn every_curvature(values: &[f32], other: &[f32]) -> Result<f32, Error> {
    let mut phases = PhaseTracker::new(PhaseOptions { band: 0.1, patience: 2 })?;
    let edge = stability_threshold(UpdateRule::Sam { rho: 0.1, gradient_norm: 1.0 }, 0.5)?;
    for (step, &value) in values.iter().enumerate() {
        phases.push(step as u64, [value, edge], value)?;
    }
    let angle = rotation_angle(Machine::native(), values, other)?;
    Ok(angle + sane(values, 0.5, 1)? + effective_parameters(values, 0.5)?)
}
