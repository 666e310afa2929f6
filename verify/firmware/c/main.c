/* Firmware in C that links libteeter_c.a: lambda_1 of an operator that is known by a callback, with its certificate, as
 * firmware of others would ask for it; and what must be refused. newlib prints through semihosting. */
#include <stdio.h>
#include <stdlib.h>

#include "teeter.h"

enum { N = 24, DIM = 8 };

/* y <- Ax for the path's Laplacian, whose largest eigenvalue is 2 + 2 cos(pi / 25) with ends held. */
static int32_t laplacian(void *context, size_t n, const float *x, float *y) {
    size_t *products = context;
    ++*products;
    for (size_t i = 0; i < n; ++i)
        y[i] = 2.0F * x[i] - (i > 0 ? x[i - 1] : 0.0F) - (i + 1 < n ? x[i + 1] : 0.0F);
    return 0;
}

static int32_t refuses(void *context, size_t n, const float *x, float *y) {
    (void)context, (void)n, (void)x, (void)y;
    return 77;
}

static void must(int holds, const char *what) {
    if (holds) return;
    printf("failed: %s\n", what);
    exit(1);
}

int main(void) {
    const teeter_machine machine = teeter_machine_detect();
    static float vector[N], scratch[4096], x[N], y[N];
    for (size_t i = 0; i < N; ++i) {
        x[i] = (float)(int)(i % 7) - 3.0F;
        y[i] = (float)(int)(i % 5) - 2.0F;
        vector[i] = i % 2 ? -1.0F : 1.25F;
    }
    float dot = 0.0F, exact = 0.0F;
    must(teeter_dot_f32(machine, N, x, y, &dot) == TEETER_OK, "dot");
    /* Whole numbers: any order of sums is exact. */
    for (size_t i = 0; i < N; ++i) exact += x[i] * y[i];
    must(dot == exact, "dot is exact on whole numbers");

    size_t products = 0;
    const teeter_operator_f32 operator_ = {N, laplacian, &products};
    const teeter_lanczos_options_f32 options = {TEETER_LARGEST_ALGEBRAIC, DIM, 200, 1e-5F};
    const teeter_scratch_f32 memory = {scratch, sizeof scratch / sizeof *scratch};
    must(teeter_extremal_eigenpair_scratch_len(N, DIM) <= memory.len, "enough scratch");
    teeter_eigenpair_f32 top;
    const teeter_status status = teeter_extremal_eigenpair_f32(machine, &operator_, &options, vector, memory, &top);
    must(status == TEETER_OK, teeter_status_text(status));
    must(top.products == products, "products counted on both sides");
    /* The nearest float; the certificate's bounds and a few roundings of size 4 u must hold it. */
    const float lambda = 3.98422940F;
    must(top.lower - 2e-6F <= lambda && lambda <= top.upper + 2e-6F, "lambda_1 within its certificate");

    const teeter_operator_f32 broken = {N, refuses, NULL};
    teeter_eigenpair_f32 none = {0};
    must(teeter_extremal_eigenpair_f32(machine, &broken, &options, vector, memory, &none) == TEETER_OPERATOR
             && none.operator_code == 77, "a callback's code is handed back");
    must(teeter_dot_f32(machine, N, NULL, y, &dot) == TEETER_NULL, "null is refused");

    union { float number; unsigned bits; } value = {top.value}, sum = {dot};
    printf("lambda_1 %08x dot %08x products %u stop %u\n", value.bits, sum.bits, (unsigned)top.products,
           (unsigned)top.stop);
    return 0;
}
