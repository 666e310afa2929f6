/* A linear system by Cholesky: factor once, solve twice, look at the residual. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "teeter.h"

enum { N = 12 };

int main(void)
{
    double a[N * N], l[N * N], x[N], residual[N];
    teeter_machine machine = teeter_machine_detect();
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) a[i * N + j] = 1.0 / (double)(i + j + 1) + (i == j ? 1.0 : 0.0);
    memcpy(l, a, sizeof l);

    teeter_status status = teeter_cholesky_f64(machine, teeter_rows_mut_f64(l, N, N));
    double worst = 0;
    for (int side = 0; side < 2 && status == TEETER_OK; side++) {
        for (size_t i = 0; i < N; i++) residual[i] = x[i] = side ? (double)i : 1.0;
        status = teeter_cholesky_solve_f64(machine, teeter_rows_f64(l, N, N),
                                           teeter_columns_mut_f64(x, N, 1));
        /* residual <- b - A x */
        if (status == TEETER_OK)
            status = teeter_gemv_f64(machine, -1.0, teeter_rows_f64(a, N, N), x, 1.0, residual);
        double norm = 0;
        if (status == TEETER_OK) status = teeter_norm2_f64(machine, N, residual, &norm);
        worst = fmax(worst, norm);
    }
    if (status != TEETER_OK) {
        fprintf(stderr, "%s\n", teeter_status_text(status));
        return 1;
    }
    printf("|b - Ax| <= %.1e\n", worst);
    /* A matrix that is not positive definite is refused, with a status. */
    l[0] = -1.0;
    status = teeter_cholesky_f64(machine, teeter_rows_mut_f64(l, N, N));
    printf("with a negative pivot: %s\n", teeter_status_text(status));
    /* Higham 2002, 10.4: |b - Ax| <= 4n(3n + 1)u |L||L'||x|, here below 4n(3n + 1)u * 8 * 12. */
    return worst <= 4.0 * N * (3.0 * N + 1.0) * 1.11e-16 * 96.0 && status == TEETER_PIVOT ? 0 : 1;
}
