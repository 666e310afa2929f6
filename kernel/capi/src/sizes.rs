//! How much scratch each call needs, in elements, the same on every target.
//!
//! A size that does not fit a `size_t` is `SIZE_MAX`, which no memory has.

use teeter::{curvature, factor, krylov, operator, optim, trace};

/// Elements of scratch for `teeter_extremal_eigenpair_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_extremal_eigenpair_scratch_len(n: usize, krylov_dim: usize) -> usize {
    krylov::extremal_eigenpair_scratch_len(n, krylov_dim)
}

/// Elements of scratch for `teeter_power_iteration_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_power_iteration_scratch_len(n: usize) -> usize {
    krylov::power_iteration_scratch_len(n)
}

/// Elements of scratch for `teeter_thick_restart_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_thick_restart_scratch_len(n: usize, krylov_dim: usize) -> usize {
    krylov::thick_restart_scratch_len(n, krylov_dim)
}

/// Elements of scratch for `teeter_tracker_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_tracker_scratch_len(n: usize, dim_max: usize) -> usize {
    krylov::sharpness_tracker_scratch_len(n, dim_max)
}

/// Elements of scratch for `teeter_lanczos_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_lanczos_scratch_len(n: usize, dim_max: usize) -> usize {
    krylov::lanczos_scratch_len(n, dim_max)
}

/// Elements of scratch for `teeter_lanczos_values_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_ritz_scratch_len(steps: usize) -> usize {
    krylov::ritz_scratch_len(steps)
}

/// Elements of scratch for `teeter_conjugate_gradient_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_conjugate_gradient_scratch_len(n: usize) -> usize {
    krylov::conjugate_gradient_scratch_len(n)
}

/// Elements of scratch for `teeter_hutchinson_* and teeter_hutchinson_until_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_hutchinson_scratch_len(n: usize) -> usize {
    trace::hutchinson_scratch_len(n)
}

/// Elements of scratch for `teeter_hutch_pp_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_hutch_pp_scratch_len(n: usize, products: usize) -> usize {
    trace::hutch_pp_scratch_len(n, products)
}

/// Elements of scratch for `teeter_xtrace_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_xtrace_scratch_len(n: usize, products: usize) -> usize {
    trace::xtrace_scratch_len(n, products)
}

/// Elements of scratch for `teeter_xnystrace_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_xnystrace_scratch_len(n: usize, products: usize) -> usize {
    trace::xnystrace_scratch_len(n, products)
}

/// Elements of scratch for `teeter_diagonal_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_diagonal_scratch_len(n: usize) -> usize {
    trace::diagonal_estimate_scratch_len(n)
}

/// Elements of scratch for `teeter_hutch_pp_steps_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_hutch_pp_steps_scratch_len(n: usize, products: usize) -> usize {
    trace::hutch_pp_machine_scratch_len(n, products)
}

/// Elements of scratch for `teeter_xtrace_steps_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_xtrace_steps_scratch_len(n: usize, products: usize) -> usize {
    trace::xtrace_machine_scratch_len(n, products)
}

/// Elements of scratch for `teeter_xtrace_steps_estimate_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_xtrace_estimate_scratch_len(n: usize, products: usize) -> usize {
    trace::xtrace_estimate_scratch_len(n, products)
}

/// Elements of scratch for `teeter_diagonal_steps_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_diagonal_steps_scratch_len(n: usize) -> usize {
    trace::diagonal_estimator_scratch_len(n)
}

/// Elements of scratch for `teeter_slq_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_slq_scratch_len(n: usize, probes: usize, steps: usize) -> usize {
    trace::slq_scratch_len(n, probes, steps)
}

/// Elements of scratch for `teeter_slq_estimate_* and its kin`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_quadrature_scratch_len(steps: usize) -> usize {
    trace::quadrature_scratch_len(steps)
}

/// Elements of scratch for `teeter_cholesky_downdate_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_cholesky_downdate_scratch_len(n: usize) -> usize {
    factor::cholesky_downdate_scratch_len(n)
}

/// Elements of scratch for `teeter_qr_* and what applies it`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_qr_scratch_len(m: usize, n: usize) -> usize {
    factor::qr_scratch_len(m, n)
}

/// Elements of scratch for `teeter_least_squares_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_least_squares_scratch_len(m: usize, n: usize, p: usize) -> usize {
    factor::least_squares_scratch_len(m, n, p)
}

/// Elements of scratch for `teeter_symmetric_eigen_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_symmetric_eigen_scratch_len(n: usize) -> usize {
    factor::symmetric_eigen_scratch_len(n)
}

/// Elements of scratch for `teeter_generalized_eigen_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_generalized_eigen_scratch_len(n: usize) -> usize {
    factor::generalized_eigen_scratch_len(n)
}

/// Elements of scratch for `teeter_svd_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_svd_scratch_len(m: usize, n: usize) -> usize {
    factor::svd_scratch_len(m, n)
}

/// Elements of scratch for `teeter_penalty_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_tracer_scratch_len(n: usize) -> usize {
    optim::tracer_scratch_len(n)
}

/// Elements of scratch in a `teeter_difference_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_difference_scratch_len(n: usize) -> usize {
    operator::finite_difference_scratch_len(n)
}

/// Elements of scratch for `teeter_hutchinson_steps_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_hutchinson_steps_scratch_len(n: usize) -> usize {
    n
}

/// Elements of scratch for `teeter_lanczos_vector_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_ritz_vector_scratch_len(steps: usize) -> usize {
    steps.saturating_add(2).saturating_mul(steps)
}

/// The usual `krylov_dim` for `count` pairs of order n.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_krylov_dim_for(n: usize, count: usize) -> usize {
    krylov::krylov_dim_for(n, count)
}

/// Elements that a linear model of this design keeps.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_linear_model_memory_len(rows: usize, cols: usize) -> usize {
    curvature::linear_model_memory_len(rows, cols)
}

/// Elements of scratch for `teeter_linear_model_new_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_linear_model_scratch_len(rows: usize, cols: usize) -> usize {
    curvature::linear_model_scratch_len(rows, cols)
}

/// Elements of scratch for `teeter_effective_parameters_dense_*`.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_effective_parameters_dense_scratch_len(n: usize) -> usize {
    curvature::effective_parameters_dense_scratch_len(n)
}
