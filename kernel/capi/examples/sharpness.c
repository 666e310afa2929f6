/* The largest eigenvalue of an operator known only by its product, and with it
 * the largest stable learning rate. Build: see kernel/capi/check. */
#include <stdio.h>

#include "teeter.h"

/* The second difference on n points: eigenvalues 2 - 2 cos(k pi / (n + 1)). */
static int32_t product(void *context, size_t n, const double *x, double *y)
{
    size_t *products = context;
    *products += 1;
    for (size_t i = 0; i < n; i++) {
        double left = i > 0 ? x[i - 1] : 0.0;
        double right = i + 1 < n ? x[i + 1] : 0.0;
        y[i] = 2.0 * x[i] - left - right;
    }
    return 0;
}

int main(void)
{
    enum { N = 50, DIM = 20 };
    static double vector[N], memory[TEETER_EXTREMAL_EIGENPAIR_SCRATCH_LEN(N, DIM)];
    size_t products = 0;
    for (size_t i = 0; i < N; i++) vector[i] = i % 2 ? -1.0 : 1.1;

    teeter_operator_f64 hessian = {N, product, &products};
    teeter_lanczos_options_f64 options = {TEETER_LARGEST_ALGEBRAIC, DIM, 200, 1e-8};
    teeter_scratch_f64 scratch = {memory, sizeof memory / sizeof *memory};
    teeter_eigenpair_f64 pair;
    teeter_status status = teeter_extremal_eigenpair_f64(
        teeter_machine_detect(), &hessian, &options, vector, scratch, &pair);
    if (status != TEETER_OK) {
        fprintf(stderr, "%s\n", teeter_status_text(status));
        return 1;
    }
    printf("lambda1 in [%.12f, %.12f] after %zu products; stable below a learning rate of %.6f\n",
           pair.lower, pair.upper, pair.products, 2.0 / pair.upper);
    /* 2 - 2 cos(50 pi / 51) */
    return pair.lower <= 3.99620665748 && 3.99620665747 <= pair.upper && pair.products == products
               ? 0
               : 1;
}
