/* Sharpness followed by poll and push, without a callback: one product per tick, as firmware would
 * spread it. The operator sharpens from step to step. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "teeter.h"

enum { N = 40, DIM = 6 };

static teeter_status tick(teeter_tracker_f64 *tracker, double top)
{
    const double *v;
    double product[N];
    teeter_status status = teeter_tracker_poll_f64(tracker, &v);
    if (status != TEETER_OK || v == NULL) return status;
    for (size_t i = 0; i < N; i++) product[i] = v[i] * (i == 0 ? top : (double)i / N);
    return teeter_tracker_push_f64(tracker, product);
}

int main(void)
{
    size_t len = teeter_tracker_scratch_len(N, DIM);
    double *memory = malloc(len * sizeof *memory);
    if (memory == NULL) return 2;
    teeter_tracker_options_f64 options = {DIM, 2, 0, 0.0, 1};
    teeter_vectors_f64 none = {NULL, 0};
    teeter_scratch_f64 scratch = {memory, len};
    teeter_tracker_f64 tracker;
    teeter_tracked_f64 seen = {0};
    teeter_status status =
        teeter_tracker_new_f64(teeter_machine_detect(), N, &options, none, scratch, &tracker);

    double top = 2.0;
    for (int step = 0; step < 60 && status == TEETER_OK; step++) {
        top = 2.0 + 0.05 * step;
        status = teeter_tracker_advance_f64(&tracker);
        for (int i = 0; i < 2 && status == TEETER_OK; i++) status = tick(&tracker, top);
        if (status == TEETER_OK) status = teeter_tracker_estimate_f64(&tracker, &seen);
        if (step % 20 == 19)
            printf("step %2d: lambda1 %.6f, tracked %.6f, residual %.1e\n", step, top, seen.value,
                   seen.residual);
    }
    free(memory);
    if (status != TEETER_OK) {
        fprintf(stderr, "%s\n", teeter_status_text(status));
        return 1;
    }
    return fabs(seen.value - top) <= 0.01 * top && seen.products == 120 ? 0 : 1;
}
