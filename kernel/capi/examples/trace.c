/* The trace of an operator with an interval that says how far it may be off: by callback, by products pushed
 * one at a time, and as an effective number of parameters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "teeter.h"

enum { N = 200, PRODUCTS = 64 };

/* Eigenvalues 100 k^-2 in the basis of a reflection: dense, with a trace known in closed form. */
static void multiply(const double *x, double *y)
{
    double sum = 0, back = 0;
    for (size_t i = 0; i < N; i++) sum += x[i];
    for (size_t i = 0; i < N; i++) {
        double rank = (double)(i + 1);
        y[i] = (x[i] - 2.0 / N * sum) * 100.0 / (rank * rank);
        back += y[i];
    }
    for (size_t i = 0; i < N; i++) y[i] -= 2.0 / N * back;
}

static int32_t product(void *context, size_t n, const double *x, double *y)
{
    (void)context;
    (void)n;
    multiply(x, y);
    return 0;
}

static void print(const char *name, const teeter_trace_f64 *trace)
{
    printf("%-12s %9.4f in [%9.4f, %9.4f] at %.0f %%, %zu products\n", name, trace->value,
           trace->lower, trace->upper, 100.0 * trace->confidence, trace->products);
}

int main(void)
{
    teeter_machine machine = teeter_machine_detect();
    teeter_operator_f64 a = {N, product, NULL};
    teeter_trace_options_f64 options = {TEETER_RADEMACHER, PRODUCTS, 0.95, {7, 0}};
    size_t len = teeter_xtrace_scratch_len(N, PRODUCTS);
    double *memory = malloc(len * sizeof *memory), image[N], truth = 0;
    if (memory == NULL) return 2;
    teeter_scratch_f64 scratch = {memory, len};
    for (size_t i = N; i > 0; i--) truth += 100.0 / ((double)i * (double)i);

    teeter_trace_f64 plain, sharp, pushed;
    teeter_hutchinson_steps_f64 steps;
    const double *wanted;
    teeter_status status = teeter_xtrace_f64(machine, &a, &options, scratch, &sharp);
    if (status == TEETER_OK)
        status = teeter_hutchinson_f64(machine, &a, &options, scratch, &plain);
    if (status == TEETER_OK)
        status = teeter_hutchinson_steps_new_f64(machine, N, &options, scratch, &steps);
    while (status == TEETER_OK &&
           (status = teeter_hutchinson_steps_poll_f64(&steps, &wanted)) == TEETER_OK && wanted) {
        multiply(wanted, image);
        status = teeter_hutchinson_steps_push_f64(&steps, image);
    }
    if (status == TEETER_OK) status = teeter_hutchinson_steps_estimate_f64(&steps, 0.95, &pushed);
    free(memory);
    if (status != TEETER_OK) {
        fprintf(stderr, "%s\n", teeter_status_text(status));
        return 1;
    }
    printf("truth        %9.4f\n", truth);
    print("Hutchinson", &plain);
    print("pushed", &pushed);
    print("XTrace", &sharp);
    /* The same products, the same bits; and the sharper method is no farther off. */
    return plain.value == pushed.value && sharp.lower <= truth && truth <= sharp.upper &&
                   fabs(sharp.value - truth) <= fabs(plain.value - truth)
               ? 0
               : 1;
}
