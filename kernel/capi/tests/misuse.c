/* Every status provoked from C, and after each the outputs looked at: the misuse table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeter.h"

static int rows, wrong;
static unsigned seen;

static const char *const names[] = {
    "OK",    "NULL",       "MISALIGNED",  "OVERLAP", "MACHINE",        "LENGTH",   "SHORT", "RANGE",
    "EMPTY", "NOT_FINITE", "ZERO_VECTOR", "PIVOT",   "NO_CONVERGENCE", "OPERATOR", "STATE", "OTHER"};

/* One row: what was done, the status it got, and whether the outputs kept their bytes. */
static void row(const char *what, teeter_status expected, teeter_status found, int untouched)
{
    int fine = found == expected && untouched;
    printf("%-58s %-12s %s%s\n", what, found >= 0 && found < 16 ? names[found] : "?",
           untouched ? "untouched" : "WRITTEN", fine ? "" : "   <-- wrong");
    rows += 1;
    wrong += !fine;
    seen |= 1u << (unsigned)found;
}

/* Outputs of a call that must not be written. */
static double out[64], before[64];
static union {
    teeter_eigenpair_f64 pair;
    teeter_trace_f64 trace;
    teeter_tracked_f64 tracked;
    unsigned char bytes[256];
} result, result_before;

static int kept(void)
{
    return memcmp(out, before, sizeof out) == 0 &&
           memcmp(&result, &result_before, sizeof result) == 0;
}

static void fresh(void)
{
    for (int i = 0; i < 64; i++) out[i] = before[i] = 7.0 + i;
    memset(&result, 0x5a, sizeof result);
    memcpy(&result_before, &result, sizeof result);
}

/* Evaluated in this order: fresh outputs, the call, the look at them. */
#define ROW(what, expected, call)                        \
    do {                                                 \
        fresh();                                         \
        teeter_status status_ = (call);                  \
        row(what, TEETER_##expected, status_, kept());   \
    } while (0)

enum { N = 6 };

static int32_t good(void *context, size_t n, const double *x, double *y)
{
    (void)context;
    for (size_t i = 0; i < n; i++) y[i] = (double)(i + 1) * x[i];
    return 0;
}

static int32_t not_finite(void *context, size_t n, const double *x, double *y)
{
    (void)context;
    for (size_t i = 0; i < n; i++) y[i] = i == 2 ? NAN : x[i];
    return 0;
}

static int32_t refusing(void *context, size_t n, const double *x, double *y)
{
    int *left = context;
    if ((*left)-- == 0) return -42;
    return good(NULL, n, x, y);
}

static double memory[4000];
static teeter_machine machine;

static void vectors(void)
{
    double x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const double *odd = (const double *)(const void *)((const char *)x + 1);
    float small[4] = {1, 2, 3, 4};
    ROW("dot of a null vector", NULL, teeter_dot_f64(machine, 8, NULL, x, out));
    ROW("dot into a null result", NULL, teeter_dot_f64(machine, 8, x, x, NULL));
    ROW("dot of n = 0 at null, which is no array", NULL, teeter_dot_f64(machine, 0, NULL, x, out));
    ROW("dot of a misaligned vector", MISALIGNED, teeter_dot_f64(machine, 1, odd, x, out));
    ROW("dot of SIZE_MAX elements", LENGTH, teeter_dot_f64(machine, SIZE_MAX, x, x, out));
    ROW("dot on machine 0", MACHINE, teeter_dot_f64(0, 8, x, x, out));
    ROW("dot on machine 99", MACHINE, teeter_dot_f64(99, 8, x, x, out));
    ROW("dot with the result inside x", OVERLAP, teeter_dot_f64(machine, 8, out, x, out + 3));
    ROW("axpy with y beginning inside x", OVERLAP, teeter_axpy_f64(machine, 8, 1, out, out + 4));
    ROW("axpy with y = x", OVERLAP, teeter_axpy_f64(machine, 8, 1, out, out));
    ROW("swap of a vector with itself", OVERLAP, teeter_swap_f64(machine, 8, out, out));
    ROW("argmax of nothing", EMPTY, teeter_argmax_abs_f64(machine, 0, x, (size_t *)(void *)out));
    ROW("float: norm into null", NULL, teeter_norm2_f32(machine, 4, small, NULL));
    ROW("float: norm of a misaligned vector", MISALIGNED,
        teeter_norm2_f32(machine, 1, (const float *)(const void *)((const char *)small + 2),
                         (float *)out));
}

static void matrices(void)
{
    double a[9] = {4, 1, 0, 1, 4, 1, 0, 1, 4}, x[3] = {1, 1, 1}, zero[4] = {1, 0, 2, 0};
    teeter_matrix_f64 av = teeter_rows_f64(a, 3, 3), wide = teeter_rows_f64(a, 2, 3);
    teeter_matrix_mut_f64 cv = teeter_rows_mut_f64(out, 3, 3), folded = {out, 3, 3, 1, 1};
    teeter_matrix_f64 huge = {a, SIZE_MAX, 2, SIZE_MAX, 1}, none = {NULL, 3, 3, 3, 1};
    teeter_triangular_f64 third = {av, 2, TEETER_NON_UNIT};
    teeter_triangular_f64 singular = {teeter_rows_f64(zero, 2, 2), TEETER_LOWER, TEETER_NON_UNIT};
    ROW("gemm of shapes that do not fit", LENGTH, teeter_gemm_f64(machine, 1, av, wide, 0, cv));
    ROW("gemm of a null matrix", NULL, teeter_gemm_f64(machine, 1, none, av, 0, cv));
    ROW("gemm of a shape beyond memory", LENGTH, teeter_gemm_f64(machine, 1, huge, av, 0, cv));
    ROW("gemm into elements that share an address", OVERLAP,
        teeter_gemm_f64(machine, 1, av, av, 0, folded));
    ROW("gemm into its own operand", OVERLAP,
        teeter_gemm_f64(machine, 1, teeter_read_f64(cv), av, 0, cv));
    ROW("trmv of a third triangle", RANGE, teeter_trmv_f64(machine, third, out));
    ROW("trsm on a third side", RANGE,
        teeter_trsm_f64(machine, 2, 1, singular, teeter_rows_mut_f64(out, 2, 2)));
    ROW("trsv with 0 on the diagonal", PIVOT, teeter_trsv_f64(machine, singular, out));
    ROW("syrk into a triangle that is none", RANGE,
        teeter_syrk_f64(machine, 1, av, 0, 5, cv));
    ROW("cholesky of a matrix that is not square", LENGTH,
        teeter_cholesky_f64(machine, teeter_rows_mut_f64(out, 2, 3)));
    ROW("cholesky solve with b of another length", LENGTH,
        teeter_cholesky_solve_f64(machine, av, teeter_columns_mut_f64(out, 2, 1)));
    teeter_scratch_f64 two = {memory, 2}, null = {NULL, 100};
    ROW("eigen with too little scratch", SHORT,
        teeter_symmetric_eigen_f64(machine, cv, out + 20, two));
    ROW("eigen with null scratch", NULL, teeter_symmetric_eigen_f64(machine, cv, out + 20, null));
    ROW("eigen with values inside the matrix", OVERLAP,
        teeter_symmetric_eigen_f64(machine, cv, out + 4, two));
    (void)x;
}

/* A matrix that stops midway is unspecified: the header says so. Only the status is looked at. */
static void midway(void)
{
    double bad[4] = {1, 2, 2, 1}, flat[4] = {1, 2, 2, 4};
    size_t pivots[2] = {9, 9};
    teeter_matrix_mut_f64 singular = teeter_rows_mut_f64(flat, 2, 2);
    if (teeter_lu_f64(machine, singular, pivots) != TEETER_OK) exit(2);
    ROW("lu solve with a singular matrix", PIVOT,
        teeter_lu_solve_f64(machine, teeter_read_f64(singular), pivots,
                            teeter_columns_mut_f64(out, 2, 1)));
    pivots[1] = 7;
    ROW("lu solve with a pivot beyond the rows", RANGE,
        teeter_lu_solve_f64(machine, teeter_read_f64(singular), pivots,
                            teeter_columns_mut_f64(out, 2, 1)));
    fresh();
    row("cholesky of an indefinite matrix (a unspecified)", TEETER_PIVOT,
        teeter_cholesky_f64(machine, teeter_rows_mut_f64(bad, 2, 2)), kept());
}

static void operators(void)
{
    static double vector[N], zero[N], start[N];
    teeter_operator_f64 a = {N, good, NULL}, none = {N, NULL, NULL}, nan = {N, not_finite, NULL};
    teeter_operator_f64 empty = {0, good, NULL};
    teeter_lanczos_options_f64 options = {TEETER_LARGEST_ALGEBRAIC, N, 50, 1e-9}, odd = options;
    teeter_scratch_f64 lent = {memory, 4000}, few = {memory, 10};
    odd.which = 17;
    for (int i = 0; i < N; i++) start[i] = vector[i] = 1;
#define TOP(a, o, v, s) teeter_extremal_eigenpair_f64(machine, a, o, v, s, &result.pair)
    ROW("eigenpair of a null operator", NULL, TOP(NULL, &options, vector, lent));
    ROW("eigenpair of an operator without product", NULL, TOP(&none, &options, vector, lent));
    ROW("eigenpair without options", NULL, TOP(&a, NULL, vector, lent));
    ROW("eigenpair with too little scratch", SHORT, TOP(&a, &options, vector, few));
    ROW("eigenpair at an end that is none", RANGE, TOP(&a, &odd, vector, lent));
    ROW("eigenpair from the zero vector", ZERO_VECTOR, TOP(&a, &options, zero, lent));
    ROW("eigenpair of order 0", EMPTY, TOP(&empty, &options, vector, lent));
    ROW("eigenpair with its vector in the scratch", OVERLAP, TOP(&a, &options, memory, lent));
    ROW("eigenpair of a product with NaN", NOT_FINITE, TOP(&nan, &options, start, lent));
    odd = options;
    odd.product_max = 0;
    ROW("eigenpair for no product at all", RANGE, TOP(&a, &odd, vector, lent));

    int calls = 0, always_code = 1, others_kept = 1;
    teeter_status status = TEETER_OPERATOR;
    for (; calls < 60; calls++) {
        int left = calls;
        teeter_operator_f64 tired = {N, refusing, &left};
        for (int i = 0; i < N; i++) vector[i] = 1;
        fresh();
        teeter_status now = TOP(&tired, &options, vector, lent);
        if (now != TEETER_OPERATOR) {
            status = now == TEETER_OK && calls > 0 ? TEETER_OPERATOR : now;
            break;
        }
        always_code &= result.pair.operator_code == -42;
        result.pair.operator_code = result_before.pair.operator_code;
        others_kept &= kept();
    }
    char text[80];
    snprintf(text, sizeof text, "eigenpair refused at product 0, 1, ..., %d: its code %s", calls - 1,
             always_code ? "is handed back" : "IS LOST");
    row(text, TEETER_OPERATOR, status, others_kept && always_code);

    teeter_trace_options_f64 trace = {TEETER_RADEMACHER, 8, 0.95, {1, 1}}, sure = trace;
    sure.confidence = 1.0;
    ROW("trace at a confidence of 1", RANGE,
        teeter_hutchinson_f64(machine, &a, &sure, lent, &result.trace));
    sure = trace;
    sure.probe = 9;
    ROW("trace by a probe that is none", RANGE,
        teeter_hutchinson_f64(machine, &a, &sure, lent, &result.trace));
    ROW("trace with too little scratch", SHORT,
        teeter_hutchinson_f64(machine, &a, &trace, few, &result.trace));
    ROW("trace of products with NaN", NOT_FINITE,
        teeter_hutchinson_f64(machine, &nan, &trace, lent, &result.trace));
}

static void step_machines(void)
{
    static teeter_tracker_f64 tracker, blank;
    static teeter_lanczos_f64 process;
    static teeter_mlp_f64 mlp;
    const double *wanted = NULL;
    double start[N] = {1, 1, 1, 1, 1, 1}, product[N], nan[N] = {NAN, 0, 0, 0, 0, 0};
    teeter_tracker_options_f64 options = {3, 2, 0, 0, 1}, none = {0, 2, 0, 0, 1};
    teeter_vectors_f64 no = {NULL, 0}, null = {NULL, 1};
    teeter_scratch_f64 lent = {memory, 4000}, few = {memory, 3};
    ROW("poll of a tracker never made", STATE,
        teeter_tracker_poll_f64(&blank, (const double **)(void *)out));
    ROW("tracker that keeps no vector", RANGE,
        teeter_tracker_new_f64(machine, N, &none, no, lent, &tracker));
    ROW("tracker in too little scratch", SHORT,
        teeter_tracker_new_f64(machine, N, &options, no, few, &tracker));
    ROW("tracker from a start that is null", NULL,
        teeter_tracker_new_f64(machine, N, &options, null, lent, &tracker));
    ROW("tracker of order 0", EMPTY,
        teeter_tracker_new_f64(machine, 0, &options, no, lent, &tracker));
    if (teeter_tracker_new_f64(machine, N, &options, no, lent, &tracker) != TEETER_OK) exit(2);
    ROW("push before the step has begun", STATE, teeter_tracker_push_f64(&tracker, start));
    if (teeter_tracker_advance_f64(&tracker) != TEETER_OK) exit(2);
    if (teeter_tracker_poll_f64(&tracker, &wanted) != TEETER_OK || wanted == NULL) exit(2);
    ROW("push of the wanted vector itself", OVERLAP, teeter_tracker_push_f64(&tracker, wanted));
    ROW("push of NaN, after which the right one is taken", NOT_FINITE,
        teeter_tracker_push_f64(&tracker, nan));
    good(NULL, N, wanted, product);
    if (teeter_tracker_push_f64(&tracker, product) != TEETER_OK) exit(2);
    ROW("pair beyond those kept", RANGE,
        teeter_tracker_pair_f64(&tracker, 77, (teeter_tracked_pair_f64 *)(void *)out,
                                (const double **)(void *)(out + 8)));
    memcpy(&process, &tracker, sizeof process);
    ROW("a tracker where a Lanczos process should be", STATE,
        teeter_lanczos_push_f64(&process, product));

    static const size_t widths[2] = {2, 1};
    static double data[6] = {1, 2, 3, 4, 5, 6}, params[3];
    teeter_mlp_shape shape = {widths, 2, TEETER_TANH, TEETER_HALF_SQUARED}, one = shape, odd = shape;
    one.width_count = 1;
    odd.activation = 11;
    teeter_matrix_f64 x = teeter_rows_f64(data, 2, 2), t = teeter_rows_f64(data + 4, 2, 1);
    ROW("network of one width", SHORT, teeter_mlp_new_f64(machine, &one, x, t, lent, &mlp));
    ROW("network with an activation that is none", RANGE,
        teeter_mlp_new_f64(machine, &odd, x, t, lent, &mlp));
    ROW("network with targets of another shape", LENGTH,
        teeter_mlp_new_f64(machine, &shape, x, x, lent, &mlp));
    if (teeter_mlp_new_f64(machine, &shape, x, t, lent, &mlp) != TEETER_OK) exit(2);
    ROW("gradient before any evaluation", STATE, teeter_mlp_gradient_f64(&mlp, params, out));
    ROW("loss into the network's own scratch", OVERLAP,
        teeter_mlp_evaluate_f64(&mlp, params, memory + 4));
    row("length of a network without a shape is 0", TEETER_OK,
        teeter_mlp_param_len(NULL) == 0 ? TEETER_OK : TEETER_OTHER, 1);
}

static void optimizers(void)
{
    double g[2] = {1, 1}, nan[2] = {1, INFINITY};
    teeter_sgd_f64 sgd = {0.1, TEETER_PLAIN, 0, 0}, negative = {-0.1, TEETER_PLAIN, 0, 0};
    teeter_sgd_f64 odd = {0.1, 8, 0, 0}, heavy = {0.1, TEETER_POLYAK, 0.9, 0};
    teeter_sgd_state_f64 state = {2, NULL};
    static teeter_step_f64 report;
    ROW("step with an infinite gradient", NOT_FINITE,
        teeter_sgd_step_f64(machine, &sgd, nan, &state, out, &report));
    ROW("step at a negative learning rate", RANGE,
        teeter_sgd_step_f64(machine, &negative, g, &state, out, &report));
    ROW("step with a momentum that is none", RANGE,
        teeter_sgd_step_f64(machine, &odd, g, &state, out, &report));
    ROW("step with momentum and no velocity", NULL,
        teeter_sgd_step_f64(machine, &heavy, g, &state, out, &report));
    ROW("step with the gradient in the parameters", OVERLAP,
        teeter_sgd_step_f64(machine, &sgd, out, &state, out, &report));
    double flat[2] = {0, 0};
    teeter_update_rule_f64 rule = {TEETER_RULE_POLYAK, 1.5, 0, 0};
    ROW("threshold of a momentum above 1", RANGE,
        teeter_stability_threshold_f64(&rule, 0.1, 0, out));
    ROW("effective parameters at alpha = -1", RANGE,
        teeter_effective_parameters_f64(2, flat, -1, out));
    teeter_observation_f64 still = {1, 1, 0, 0, 1, 0, 0};
    ROW("progress of a step without slope", RANGE,
        teeter_relative_progress_f64(&still, (teeter_gauge_f64 *)(void *)out));
}

int main(void)
{
    machine = teeter_machine_detect();
    printf("%-58s %-12s %s\n", "misuse", "status", "outputs");
    vectors();
    matrices();
    midway();
    operators();
    step_machines();
    optimizers();
    /* No call is known that does not converge, and every error has a name in this version. */
    unsigned known = (1u << 16) - 1, unreachable = 1u << TEETER_NO_CONVERGENCE | 1u << TEETER_OTHER;
    unsigned missing = known & ~seen & ~unreachable;
    for (teeter_status status = 0; status < 16; status++) {
        if (missing & 1u << status) printf("never provoked: %s\n", names[status]);
        for (teeter_status other = 0; other < status; other++)
            wrong += strcmp(teeter_status_text(status), teeter_status_text(other)) == 0;
    }
    wrong += strcmp(teeter_status_text(-5), teeter_status_text(4711)) != 0;
    printf("misuse: %d rows, %d wrong; not provoked: NO_CONVERGENCE, OTHER (no call gives them)\n",
           rows, wrong);
    return wrong != 0 || missing != 0;
}
