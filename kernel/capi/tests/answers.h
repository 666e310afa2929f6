/* The body of answers.c, for T and F. */

static int32_t F(times_index)(void *context, size_t n, const T *x, T *y)
{
    (void)context;
    for (size_t i = 0; i < n; i++) y[i] = (T)(i + 1) * x[i];
    return 0;
}

/* The gradient of sum (i + 1) w_i^3 / 6: at w = (1, 1, ...) its Hessian is diag(1, 2, ...). */
static int32_t F(cubic)(void *context, size_t n, const T *w, T *g)
{
    if (context != NULL) return 77;
    for (size_t i = 0; i < n; i++) g[i] = (T)(i + 1) * w[i] * w[i] / 2;
    return 0;
}

static int F(near)(T found, T truth, T units)
{
    return fabs((double)found - (double)truth) <= (double)units * (double)UNIT * fabs((double)truth);
}

static void F(vectors)(teeter_machine m)
{
    T x[3] = {3, -4, 0}, y[3] = {1, 2, 5}, r = 0;
    size_t index = 9;
    F(teeter_givens) rotation;
    OK(F(teeter_dot)(m, 3, x, y, &r));
    HOLD(r == -5);
    OK(F(teeter_dot)(m, 3, x, x, &r));
    HOLD(r == 25);
    OK(F(teeter_dot_precise)(m, 3, x, y, &r));
    HOLD(r == -5);
    OK(F(teeter_norm2)(m, 3, x, &r));
    HOLD(r == 5);
    OK(F(teeter_sum)(m, 3, y, &r));
    HOLD(r == 8);
    OK(F(teeter_sum_precise)(m, 3, y, &r));
    HOLD(r == 8);
    OK(F(teeter_sum_abs)(m, 3, x, &r));
    HOLD(r == 7);
    OK(F(teeter_argmax_abs)(m, 3, x, &index));
    HOLD(index == 1);
    OK(F(teeter_first_not_finite)(m, 3, x, &index));
    HOLD(index == 3);
    OK(F(teeter_axpy)(m, 3, 2, x, y));
    HOLD(y[0] == 7 && y[1] == -6 && y[2] == 5);
    OK(F(teeter_scale)(m, 3, 2, y));
    HOLD(y[0] == 14 && y[1] == -12 && y[2] == 10);
    OK(F(teeter_multiply)(m, 3, x, y));
    HOLD(y[0] == 42 && y[1] == 48 && y[2] == 0);
    OK(F(teeter_swap)(m, 3, x, y));
    HOLD(x[0] == 42 && y[0] == 3);
    OK(F(teeter_givens_of)(3, 4, &rotation));
    HOLD(F(near)(rotation.r, 5, 4) && F(near)(rotation.c, (T)0.6, 4));
    OK(F(teeter_rotate)(m, 3, 0, 1, x, y));
    HOLD(x[0] == 3 && y[0] == -42);

    T e[5] = {0, 0, 0, 0, 0};
    OK(F(teeter_exp)(m, 1, e));
    OK(F(teeter_tanh)(m, 1, e + 1));
    OK(F(teeter_sigmoid)(m, 1, e + 2));
    OK(F(teeter_softplus)(m, 1, e + 3));
    OK(F(teeter_log1p)(m, 1, e + 4));
    HOLD(e[0] == 1 && e[1] == 0 && e[2] == (T)0.5 && F(near)(e[3], (T)0.6931471805599453, 4));
    HOLD(e[4] == 0);

    teeter_stream stream = {5, 2};
    T a[7], b[7];
    OK(F(teeter_signs)(stream, 7, a));
    for (int i = 0; i < 7; i++) HOLD(a[i] == 1 || a[i] == -1);
    OK(F(teeter_normals)(stream, 7, a));
    OK(F(teeter_normals)(stream, 4, b));
    HOLD(memcmp(a, b, 4 * sizeof *a) == 0);
    OK(F(teeter_uniforms)(stream, 7, a));
    for (int i = 0; i < 7; i++) HOLD(a[i] > 0 && a[i] < 1);
}

static void F(matrices)(teeter_machine m)
{
    /* A = (2 1; 1 3), B its square (5 5; 5 10). */
    T a[4] = {2, 1, 1, 3}, c[4] = {9, 9, 9, 9}, x[2] = {1, 2}, y[2] = {1, 1};
    F(teeter_matrix) av = F(teeter_rows)(a, 2, 2);
    F(teeter_matrix_mut) cv = F(teeter_rows_mut)(c, 2, 2);
    F(teeter_triangular) lower = {av, TEETER_LOWER, TEETER_NON_UNIT};
    OK(F(teeter_gemm)(m, 1, av, F(teeter_t)(av), 0, cv));
    HOLD(c[0] == 5 && c[1] == 5 && c[2] == 5 && c[3] == 10);
    OK(F(teeter_gemv)(m, 1, av, x, 2, y));
    HOLD(y[0] == 6 && y[1] == 9);
    OK(F(teeter_symv)(m, 1, lower, x, 0, y));
    HOLD(y[0] == 4 && y[1] == 7);
    OK(F(teeter_ger)(m, 1, x, x, cv));
    HOLD(c[0] == 6 && c[1] == 7 && c[2] == 7 && c[3] == 14);
    OK(F(teeter_syr)(m, -1, x, TEETER_LOWER, cv));
    HOLD(c[0] == 5 && c[1] == 7 && c[2] == 5 && c[3] == 10);
    c[1] = 77;
    OK(F(teeter_syrk)(m, 1, av, 0, TEETER_LOWER, cv));
    HOLD(c[0] == 5 && c[1] == 77 && c[2] == 5 && c[3] == 10);
    OK(F(teeter_trmv)(m, lower, x));
    HOLD(x[0] == 2 && x[1] == 7);
    OK(F(teeter_trsv)(m, lower, x));
    HOLD(x[0] == 1 && x[1] == 2);
    OK(F(teeter_trmm)(m, TEETER_RIGHT, 2, lower, cv));
    HOLD(c[2] == 40 && c[3] == 60);
    OK(F(teeter_trsm)(m, TEETER_RIGHT, (T)0.5, lower, cv));
    HOLD(c[2] == 5 && c[3] == 10);
}

static void F(factors)(teeter_machine m)
{
    T a[4] = {4, 0, 2, 5}, b[2] = {8, 9}, inverse[4], r = 0, sign = 0, log = 0;
    static T scratch[4000];
    F(teeter_scratch) lent = {scratch, 4000};
    F(teeter_matrix_mut) av = F(teeter_rows_mut)(a, 2, 2), bv = F(teeter_columns_mut)(b, 2, 1);
    F(teeter_matrix) ar = F(teeter_read)(av);
    size_t pivots[2], rank = 9;
    /* (4 2; 2 5): L = (2 0; 1 2), det 16. */
    OK(F(teeter_cholesky)(m, av));
    HOLD(a[0] == 2 && a[2] == 1 && a[3] == 2);
    OK(F(teeter_cholesky_solve)(m, ar, bv));
    HOLD(F(near)(b[0], (T)1.375, 8) && F(near)(b[1], (T)1.25, 8));
    OK(F(teeter_cholesky_log_determinant)(ar, &r));
    HOLD(F(near)(r, (T)2.772588722239781, 8));
    OK(F(teeter_cholesky_inverse)(m, ar, F(teeter_rows_mut)(inverse, 2, 2)));
    HOLD(F(near)(inverse[3], (T)0.25, 8));
    T x[2] = {1, 0};
    OK(F(teeter_cholesky_update)(m, av, x));
    HOLD(F(near)(a[0], (T)2.23606797749979, 8));
    T d[2] = {1, 0};
    OK(F(teeter_cholesky_downdate)(m, av, d, lent));
    HOLD(F(near)(a[0], 2, 16));

    T q[4] = {4, 0, 2, -5};
    F(teeter_matrix_mut) qv = F(teeter_rows_mut)(q, 2, 2);
    T z[2] = {8, -2};
    OK(F(teeter_ldlt)(m, qv));
    OK(F(teeter_ldlt_solve)(m, F(teeter_read)(qv), F(teeter_columns_mut)(z, 2, 1)));
    HOLD(F(near)(z[0], (T)1.5, 8) && F(near)(z[1], 1, 8));

    T u[4] = {0, 2, 1, 3};
    F(teeter_matrix_mut) uv = F(teeter_rows_mut)(u, 2, 2);
    T w[2] = {2, 4}, wt[2] = {1, 5};
    OK(F(teeter_lu)(m, uv, pivots));
    OK(F(teeter_lu_solve)(m, F(teeter_read)(uv), pivots, F(teeter_columns_mut)(w, 2, 1)));
    HOLD(F(near)(w[0], 1, 8) && F(near)(w[1], 1, 8));
    OK(F(teeter_lu_solve_t)(m, F(teeter_read)(uv), pivots, F(teeter_columns_mut)(wt, 2, 1)));
    HOLD(F(near)(wt[0], 1, 8) && F(near)(wt[1], 1, 8));
    OK(F(teeter_lu_log_determinant)(F(teeter_read)(uv), pivots, &sign, &log));
    HOLD(sign == -1 && F(near)(log, (T)0.6931471805599453, 8));

    /* The line through (0, 1), (1, 3), (2, 5). */
    T design[6] = {1, 0, 1, 1, 1, 2}, t[3] = {1, 3, 5};
    F(teeter_scratch) most = {scratch, teeter_least_squares_scratch_len(3, 2, 1)};
    HOLD(most.len <= 4000);
    OK(F(teeter_least_squares)(m, F(teeter_rows_mut)(design, 3, 2),
                               F(teeter_columns_mut)(t, 3, 1), most));
    HOLD(F(near)(t[0], 1, 100) && F(near)(t[1], 2, 100));

    T h[6] = {3, 0, 4, 0, 0, 2}, tau[2], form[6], back[3] = {1, 2, 3};
    F(teeter_matrix_mut) hv = F(teeter_rows_mut)(h, 3, 2);
    OK(F(teeter_qr)(m, hv, tau, lent));
    HOLD(F(near)((T)fabs((double)h[0]), 5, 16));
    OK(F(teeter_qr_form)(m, F(teeter_read)(hv), tau, F(teeter_rows_mut)(form, 3, 2), lent));
    HOLD(F(near)((T)fabs((double)form[0]), (T)0.6, 16));
    F(teeter_matrix_mut) back_view = F(teeter_columns_mut)(back, 3, 1);
    OK(F(teeter_qr_apply)(m, F(teeter_read)(hv), tau, back_view, lent));
    OK(F(teeter_qr_apply_t)(m, F(teeter_read)(hv), tau, back_view, lent));
    HOLD(F(near)(back[0], 1, 64) && F(near)(back[2], 3, 64));

    T s[4] = {2, 0, 1, 2}, values[2] = {0, 0}, v[4], o[1] = {1};
    OK(F(teeter_symmetric_eigen)(m, F(teeter_rows_mut)(s, 2, 2), values, lent));
    HOLD(F(near)(values[0], 1, 32) && F(near)(values[1], 3, 32));
    T ga[4] = {2, 0, 0, 8}, gg[4] = {1, 0, 0, 2};
    OK(F(teeter_generalized_eigen)(m, F(teeter_rows_mut)(ga, 2, 2), F(teeter_rows_mut)(gg, 2, 2),
                                   values, lent));
    HOLD(F(near)(values[0], 2, 32) && F(near)(values[1], 4, 32));
    T g[4] = {0, 3, 4, 0};
    OK(F(teeter_svd)(m, F(teeter_rows)(g, 2, 2), F(teeter_rows_mut)(s, 2, 2), values,
                     F(teeter_rows_mut)(v, 2, 2), lent));
    HOLD(F(near)(values[0], 4, 32) && F(near)(values[1], 3, 32));
    OK(F(teeter_svd_rank)(2, values, (T)0.8, &rank));
    HOLD(rank == 1);
    T diagonal[2] = {2, 2};
    OK(F(teeter_tridiagonal_values)(2, diagonal, o));
    HOLD(F(near)(diagonal[0], 1, 32) && F(near)(diagonal[1], 3, 32));
}

/* diag(1, 2, ..., 9) known by its product. */
enum { F(N) = 9 };

static void F(krylov)(teeter_machine m)
{
    enum { N = F(N) };
    F(teeter_operator) a = {N, F(times_index), NULL};
    T v[N], product[N], b[N], x[N];
    static T memory[8000], small[200];
    F(teeter_scratch) lent = {memory, 8000}, scratch = {small, 200};
    F(teeter_eigenpair) pair;
    const T *wanted = NULL, *vector = NULL;
    size_t steps = 0, found = 0;
    uint32_t invariant = 9, completeness = 9;
    int32_t code = 5;
    for (int i = 0; i < N; i++) v[i] = 1;
    F(teeter_lanczos_options) options = {TEETER_SMALLEST_ALGEBRAIC, N, 100, 100 * UNIT};
    OK(F(teeter_extremal_eigenpair)(m, &a, &options, v, lent, &pair));
    HOLD(F(near)(pair.value, 1, 1000) && pair.operator_code == 0 && pair.products > 0);
    for (int i = 0; i < N; i++) v[i] = 1;
    F(teeter_power_options) power = {3000, (T)0.01};
    OK(F(teeter_power_iteration)(m, &a, &power, v, lent, &pair));
    HOLD(pair.stop == TEETER_CONVERGED && pair.lower <= 9 && 9 <= pair.upper);

    F(teeter_lanczos) process;
    T values[N], weights[N], residuals[N];
    for (int i = 0; i < N; i++) v[i] = 1;
    OK(F(teeter_lanczos_new)(m, N, v, N, lent, &process));
    while (F(teeter_lanczos_poll)(&process, &wanted) == TEETER_OK && wanted) {
        F(times_index)(NULL, N, wanted, product);
        OK(F(teeter_lanczos_push)(&process, product));
    }
    OK(F(teeter_lanczos_steps)(&process, &steps, &invariant));
    HOLD(steps == N);
    OK(F(teeter_lanczos_values)(&process, values, weights, residuals, scratch));
    HOLD(F(near)(values[N - 1], 9, 1000) && F(near)(values[0], 1, 1000));
    OK(F(teeter_lanczos_vector)(m, &process, N - 1, N, v, scratch));
    HOLD(F(near)((T)fabs((double)v[N - 1]), 1, 10000));

    F(teeter_thick_restart_options) some = {2, 0, TEETER_LARGEST_ALGEBRAIC, 0, 7, 1,
                                            1000 * UNIT, 2, 500, 3};
    F(teeter_vectors) none = {NULL, 0};
    F(teeter_thick_restart) search;
    OK(F(teeter_thick_restart_new)(m, N, &some, none, lent, &search));
    OK(F(teeter_thick_restart_poll)(&search, &wanted));
    F(times_index)(NULL, N, wanted, product);
    OK(F(teeter_thick_restart_push)(&search, product));
    OK(F(teeter_thick_restart_run)(&search, &a, product, &code));
    OK(F(teeter_thick_restart_found)(&search, &found, &completeness));
    HOLD(found == 2 && completeness == TEETER_ALL && code == 5);
    OK(F(teeter_thick_restart_pair)(&search, 1, &pair, &vector));
    HOLD(F(near)(pair.value, 8, 10000) && vector != NULL);
    OK(F(teeter_thick_restart_conclude)(&search));

    for (int i = 0; i < N; i++) b[i] = 1;
    F(teeter_solve_options) solve = {100 * UNIT, 100, 1, NULL, b};
    F(teeter_solve) solved;
    OK(F(teeter_conjugate_gradient)(m, &a, &solve, x, lent, &solved));
    HOLD(F(near)(x[3], (T)0.25, 10000) && solved.stop == TEETER_CONVERGED);

    T ones[N], spare[TEETER_DIFFERENCE_SCRATCH_LEN(F(N))];
    F(teeter_difference) loss = {m, TEETER_CENTRAL, F(cubic), NULL, ones, UNIT, 0, {spare, 3 * N}};
    F(teeter_operator) hessian = {N, F(teeter_difference_product), &loss};
    for (int i = 0; i < N; i++) ones[i] = v[i] = 1;
    HOLD(F(teeter_difference_product)(&loss, N, v, product) == 0);
    HOLD(fabs((double)product[4] - 5) < 0.01);
    options.which = TEETER_LARGEST_ALGEBRAIC;
    options.tolerance = (T)0.01;
    OK(F(teeter_extremal_eigenpair)(m, &hessian, &options, v, lent, &pair));
    HOLD(fabs((double)pair.value - 9) < 0.1);
    /* What the gradient returns comes back through both. */
    loss.context = &loss;
    HOLD(F(teeter_extremal_eigenpair)(m, &hessian, &options, v, lent, &pair) == TEETER_OPERATOR);
    HOLD(pair.operator_code == 77);

    F(teeter_tracker_options) follow = {4, 2, 1, (T)8.5, 1};
    F(teeter_tracker) tracker;
    F(teeter_tracked) seen;
    F(teeter_tracked_pair) tracked;
    OK(F(teeter_tracker_new)(m, N, &follow, none, lent, &tracker));
    for (int i = 0; i < 40; i++) OK(F(teeter_tracker_step)(&tracker, &a, product, &seen));
    HOLD(fabs((double)seen.value - 9) < 0.01 && seen.beyond_limit == 1);
    OK(F(teeter_tracker_advance)(&tracker));
    OK(F(teeter_tracker_poll)(&tracker, &wanted));
    F(times_index)(NULL, N, wanted, product);
    OK(F(teeter_tracker_push)(&tracker, product));
    OK(F(teeter_tracker_set_limit)(&tracker, 100));
    OK(F(teeter_tracker_estimate)(&tracker, &seen));
    HOLD(seen.beyond_limit == 0 && seen.steps == 41);
    OK(F(teeter_tracker_pair)(&tracker, 0, &tracked, &vector));
    HOLD(fabs((double)tracked.value - 9) < 0.01 && vector != NULL);
}

static void F(traces)(teeter_machine m)
{
    enum { N = F(N) };
    F(teeter_operator) a = {N, F(times_index), NULL};
    static T memory[4000], small[400];
    F(teeter_scratch) lent = {memory, 4000}, scratch = {small, 400};
    F(teeter_trace_options) options = {TEETER_RADEMACHER, 8, (T)0.95, {1, 2}};
    F(teeter_stop_rule) rule = {(T)0.5, 8};
    F(teeter_trace) trace, other;
    T product[N], diagonal[N], errors[N];
    const T *wanted = NULL;
    int32_t code = 5;
    /* Signs see a diagonal matrix exactly: 45. */
    OK(F(teeter_hutchinson)(m, &a, &options, lent, &trace));
    HOLD(F(near)(trace.value, 45, 100) && trace.lower <= 45 && 45 <= trace.upper);
    HOLD(trace.products == 8 && trace.method == TEETER_HUTCHINSON && trace.operator_code == 0);
    OK(F(teeter_hutchinson_until)(m, &a, &options, &rule, lent, &other));
    OK(F(teeter_hutch_pp)(m, &a, &options, lent, &other));
    HOLD(other.lower <= 45 && 45 <= other.upper);
    OK(F(teeter_xtrace)(m, &a, &options, lent, &other));
    HOLD(other.lower <= 45 && 45 <= other.upper);
    OK(F(teeter_xnystrace)(m, &a, &options, lent, &other));
    HOLD(other.lower <= 45 && 45 <= other.upper);

#define RUN(kind)                                                                          \
    F(teeter_##kind) kind;                                                                 \
    OK(F(teeter_##kind##_new)(m, N, &options, lent, &kind));                               \
    while (F(teeter_##kind##_poll)(&kind, &wanted) == TEETER_OK && wanted) {               \
        F(times_index)(NULL, N, wanted, product);                                          \
        OK(F(teeter_##kind##_push)(&kind, product));                                       \
    }
    RUN(hutchinson_steps)
    OK(F(teeter_hutchinson_steps_estimate)(&hutchinson_steps, (T)0.95, &other));
    HOLD(other.value == trace.value && other.upper == trace.upper);
    RUN(hutch_pp_steps)
    OK(F(teeter_hutch_pp_steps_estimate)(&hutch_pp_steps, (T)0.95, &other));
    HOLD(other.products == 8);
    RUN(xtrace_steps)
    OK(F(teeter_xtrace_steps_estimate)(&xtrace_steps, (T)0.95, scratch, &other));
    HOLD(other.products == 8);
#undef RUN

    F(teeter_diagonal_request) request = {8, {1, 2}, diagonal, errors};
    OK(F(teeter_diagonal)(m, &a, &request, lent, &code));
    HOLD(F(near)(diagonal[4], 5, 100));
    F(teeter_diagonal_steps) steps;
    OK(F(teeter_diagonal_steps_new)(m, N, 3, request.stream, lent, &steps));
    while (F(teeter_diagonal_steps_poll)(&steps, &wanted) == TEETER_OK && wanted) {
        F(times_index)(NULL, N, wanted, product);
        OK(F(teeter_diagonal_steps_push)(&steps, product));
    }
    OK(F(teeter_diagonal_steps_estimate)(&steps, N, diagonal, errors));
    HOLD(F(near)(diagonal[4], 5, 100));

    F(teeter_slq_options) slq_options = {TEETER_RADEMACHER, 2, N, {4, 4}};
    F(teeter_slq) slq;
    OK(F(teeter_slq_new)(m, N, &slq_options, lent, &slq));
    OK(F(teeter_slq_poll)(&slq, &wanted));
    F(times_index)(NULL, N, wanted, product);
    OK(F(teeter_slq_push)(&slq, product));
    OK(F(teeter_slq_run)(&slq, &a, product, &code));
    F(teeter_spectral) square = {TEETER_SQUARE, 0, 0, 10, (T)0.95};
    OK(F(teeter_slq_estimate)(&slq, &square, scratch, &trace));
    HOLD(F(near)(trace.value, 285, 10000));
    F(teeter_ends) ends;
    OK(F(teeter_slq_ends)(&slq, scratch, &ends));
    HOLD(F(near)(ends.largest, 9, 1000) && F(near)(ends.smallest, 1, 1000));
    T grid[50], density[50], sigma = 0, area = 0;
    OK(F(teeter_slq_grid)(&slq, (T)0.05, 50, grid, scratch, &sigma));
    OK(F(teeter_slq_density)(&slq, sigma, 50, grid, density, scratch));
    for (int i = 1; i < 50; i++)
        area += (density[i] + density[i - 1]) / 2 * (grid[i] - grid[i - 1]);
    HOLD(area > (T)0.98 && area < (T)1.02);
}

static void F(optimizers)(teeter_machine m)
{
    T g[2] = {1, -2}, w[2] = {1, 1}, saved[2], v[2] = {0, 0}, first[2] = {0, 0}, second[2] = {0, 0};
    F(teeter_step) report;
    F(teeter_sgd) sgd = {(T)0.5, TEETER_PLAIN, 0, 0};
    F(teeter_sgd_state) plain = {2, NULL}, heavy = {2, v};
    OK(F(teeter_sgd_step)(m, &sgd, g, &plain, w, &report));
    HOLD(w[0] == (T)0.5 && w[1] == 2);
    sgd.momentum = TEETER_POLYAK;
    sgd.beta = (T)0.5;
    OK(F(teeter_sgd_step)(m, &sgd, g, &heavy, w, &report));
    OK(F(teeter_sgd_step)(m, &sgd, g, &heavy, w, &report));
    HOLD(v[0] == (T)1.5);
    F(teeter_adam) adam = {(T)0.125, (T)0.5, (T)0.5, 0, TEETER_OUTSIDE, 0};
    F(teeter_adam_state) state = {2, first, second, 1, 1, 0};
    w[0] = w[1] = 1;
    OK(F(teeter_adam_step)(m, &adam, g, &state, w, &report));
    HOLD(F(near)(w[0], (T)0.875, 8) && F(near)(w[1], (T)1.125, 8) && state.steps == 1);
    HOLD(state.beta1_power == (T)0.5);
    second[0] = second[1] = 0;
    F(teeter_rms_prop) rms = {(T)0.5, 0, 0, 0, TEETER_OUTSIDE, 0};
    F(teeter_rms_prop_state) rms_state = {2, second, NULL};
    w[0] = w[1] = 1;
    OK(F(teeter_rms_prop_step)(m, &rms, g, &rms_state, w, &report));
    HOLD(F(near)(w[0], (T)0.5, 8) && F(near)(w[1], (T)1.5, 8));

    T along[2] = {3, 4};
    F(teeter_sam) sam = {TEETER_SAM, 5, 0};
    w[0] = w[1] = 1;
    OK(F(teeter_sam_perturb)(m, &sam, 2, along, w, saved));
    HOLD(F(near)(w[0], 4, 8) && F(near)(w[1], 5, 8) && saved[0] == 1);
    OK(F(teeter_restore)(2, saved, w));
    HOLD(w[0] == 1 && w[1] == 1);
    F(teeter_average) average = {TEETER_MEAN, 0, 0, 1};
    F(teeter_average_state) mean = {2, first, 0, 0};
    OK(F(teeter_average_update)(m, &average, w, &mean));
    w[0] = 3;
    OK(F(teeter_average_update)(m, &average, w, &mean));
    HOLD(first[0] == 2 && mean.taken == 2);

    /* w^4/4 at 1 in the metric 1: H = 3w^2, its slope 6. */
    T metric[1] = {0}, peak[1] = {0}, fisher[1] = {1}, probe[1], p[1] = {1}, here[1] = {1};
    T memory[TEETER_TRACER_SCRATCH_LEN(1)], there[1], value = 0, *slope = NULL;
    const T *point = NULL;
    F(teeter_tracer) tracer = {(T)0.5, 1, 0};
    F(teeter_tracer_state) traced = {1, metric, peak, 0};
    F(teeter_scratch) lent = {memory, TEETER_TRACER_SCRATCH_LEN(1)};
    teeter_stream stream = {1, 1};
    OK(F(teeter_tracer_update)(m, &tracer, fisher, &traced));
    HOLD(metric[0] == 1 && traced.updates == 1);
    OK(F(teeter_tracer_probe)(m, &tracer, stream, &traced, probe));
    OK(F(teeter_tracer_precondition)(m, &tracer, &traced, here));
    F(teeter_displacement) from = {TEETER_ALONG_PROBE, 1, here, probe, (T)0.125};
    F(teeter_penalty) penalty;
    here[0] = 1;
    OK(F(teeter_penalty_new)(m, &tracer, &from, p, lent, &penalty));
    while (F(teeter_penalty_poll)(&penalty, &point) == TEETER_OK && point) {
        there[0] = *point * *point * *point;
        OK(F(teeter_penalty_push)(&penalty, there));
    }
    OK(F(teeter_penalty_result)(&penalty, &value, &slope));
    HOLD(p[0] == 1 && F(near)(slope[0], 6, 5000));
    /* The central difference of w^3: 3 + 1/64. */
    HOLD(F(near)(value, (T)3.015625, 5000));
    OK(F(teeter_tracer_regularize)(m, &tracer, 1, here, slope));
    HOLD(F(near)(slope[0], 4, 5000));
    OK(F(teeter_penalty_new)(m, &tracer, &from, p, lent, &penalty));
    HOLD(p[0] != 1);
    OK(F(teeter_penalty_drop)(&penalty));
    HOLD(p[0] == 1);
}

static void F(network)(teeter_machine m)
{
    /* A line: f(x) = wx + b on (1, 1), (3, 1) at w = 1, b = 0: L = 1, g = (3, 1), H = (5 2; 2 1). */
    static const size_t widths[2] = {1, 1};
    T x[2] = {1, 3}, t[2] = {1, 1}, w[2] = {1, 0}, out[2], v[2] = {1, 0}, loss = 0, share = 0;
    T memory[100];
    teeter_mlp_shape shape = {widths, 2, TEETER_TANH, TEETER_HALF_SQUARED};
    F(teeter_scratch) lent = {memory, teeter_mlp_scratch_len(&shape, 2)};
    F(teeter_mlp) mlp;
    HOLD(teeter_mlp_param_len(&shape) == 2 && lent.len <= 100);
    OK(F(teeter_mlp_new)(m, &shape, F(teeter_rows)(x, 2, 1), F(teeter_rows)(t, 2, 1), lent, &mlp));
    OK(F(teeter_mlp_evaluate)(&mlp, w, &loss));
    HOLD(loss == 1);
    OK(F(teeter_mlp_gradient)(&mlp, w, out));
    HOLD(out[0] == 3 && out[1] == 1);
    OK(F(teeter_mlp_hessian)(&mlp, w, v, out));
    HOLD(out[0] == 5 && out[1] == 2);
    OK(F(teeter_mlp_gauss_newton)(&mlp, w, v, out));
    HOLD(out[0] == 5 && out[1] == 2);
    OK(F(teeter_mlp_fisher)(&mlp, w, out));
    HOLD(out[0] == 18 && out[1] == 2);
    OK(F(teeter_mlp_accuracy)(&mlp, &share));
    F(teeter_mlp_point) point = {&mlp, w};
    HOLD(F(teeter_mlp_hessian_product)(&point, 2, v, out) == 0 && out[0] == 5);
    HOLD(F(teeter_mlp_gauss_newton_product)(&point, 2, v, out) == 0 && out[0] == 5);
    teeter_stream stream = {1, 0};
    OK(F(teeter_mlp_initialize)(&shape, stream, w));
    HOLD(w[0] > -1 && w[0] < 1 && w[1] > -1 && w[1] < 1 && w[0] != w[1]);
}

static void F(conclusions)(teeter_machine m)
{
    T r = 0, eigenvalues[3] = {-1, 1, 3}, h[4] = {1, 0, 0, 3};
    static T scratch[4000];
    F(teeter_scratch) lent = {scratch, 4000};
    F(teeter_update_rule) descent = {TEETER_RULE_GRADIENT_DESCENT, 0, 0, 0};
    OK(F(teeter_stability_threshold)(&descent, (T)0.5, 0, &r));
    HOLD(r == 4);
    OK(F(teeter_largest_learning_rate)(&descent, 4, &r));
    HOLD(r == (T)0.5);
    F(teeter_phase) phase;
    uint32_t now = 9;
    OK(F(teeter_phase_new)((T)0.125, 1, &phase));
    OK(F(teeter_phase_push)(&phase, 0, 2, 4, 1, &now));
    HOLD(now == TEETER_STABLE);
    OK(F(teeter_phase_push)(&phase, 1, 4, 4, 1, &now));
    HOLD(now == TEETER_EDGE);
    /* L = 3w^2/2 from w = 2 at 0.5: g = 6, the step -3. */
    F(teeter_observation) step = {6, (T)1.5, -18, 9, 3, 0, 0};
    F(teeter_gauge) gauge;
    F(teeter_step_fit) fit;
    OK(F(teeter_relative_progress)(&step, &gauge));
    HOLD(gauge.value == (T)-0.25);
    OK(F(teeter_curvature_from_losses)(&step, &gauge));
    HOLD(gauge.value == 3);
    OK(F(teeter_curvature_from_slopes)(&step, &gauge));
    HOLD(gauge.value == 3);
    OK(F(teeter_step_alpha)(&step, &fit));
    HOLD(F(near)(fit.alpha, (T)0.5, 16) && fit.misfit == 0);
    OK(F(teeter_effective_parameters)(2, eigenvalues + 1, 1, &r));
    HOLD(r == (T)1.25);
    OK(F(teeter_effective_parameters_clipped)(3, eigenvalues, 1, &r));
    HOLD(r == (T)1.25);
    OK(F(teeter_effective_parameters_dense)(m, F(teeter_rows_mut)(h, 2, 2), 1, lent, &r));
    HOLD(F(near)(r, (T)1.25, 32));
    OK(F(teeter_generalized_prediction_error)(1, 2, 3, 4, &r));
    HOLD(r == 4);

    T design[6] = {2, 0, 0, 1, 0, 0}, targets[3] = {4, 1, 3}, kept[100], weights[2];
    F(teeter_linear_model_memory) memory = {{kept, teeter_linear_model_memory_len(3, 2)}, lent};
    F(teeter_linear_model) model;
    F(teeter_evidence) evidence;
    HOLD(memory.kept.len <= 100 && teeter_linear_model_scratch_len(3, 2) <= 4000);
    OK(F(teeter_linear_model_new)(m, F(teeter_rows)(design, 3, 2), targets, memory, &model));
    OK(F(teeter_linear_model_weights)(&model, 0, 2, weights));
    HOLD(F(near)(weights[0], 2, 32) && F(near)(weights[1], 1, 32));
    OK(F(teeter_evidence_of)(&model, 1, 1, &evidence));
    /* 4/5 + 1/2 */
    HOLD(F(near)(evidence.gamma, (T)1.3, 64));
    OK(F(teeter_evidence_maximize)(&model, 100, (T)0.001, &evidence));
    HOLD(evidence.steps > 0 && evidence.alpha > 0);
}

static void F(everything)(teeter_machine m)
{
    F(vectors)(m);
    F(matrices)(m);
    F(factors)(m);
    F(krylov)(m);
    F(traces)(m);
    F(optimizers)(m);
    F(network)(m);
    F(conclusions)(m);
}
