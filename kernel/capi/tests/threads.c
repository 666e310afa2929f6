/* Two threads, two contexts, no lock: each must get the bits that it gets alone. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "teeter.h"

enum { N = 64, STEPS = 200 };

struct work {
    double shift;
    size_t calls;
    teeter_tracked_f64 seen;
    teeter_trace_f64 trace;
    teeter_status status;
    double memory[12000];
};

static int32_t product(void *context, size_t n, const double *x, double *y)
{
    struct work *work = context;
    work->calls += 1;
    for (size_t i = 0; i < n; i++)
        y[i] = (work->shift + (double)i) * x[i] + (i + 1 < n ? x[i + 1] : 0) + (i > 0 ? x[i - 1] : 0);
    return 0;
}

static void *run(void *argument)
{
    struct work *work = argument;
    double image[N];
    teeter_machine machine = teeter_machine_detect();
    teeter_operator_f64 a = {N, product, work};
    teeter_tracker_options_f64 options = {6, 2, 0, 0, 3};
    teeter_vectors_f64 none = {NULL, 0};
    teeter_scratch_f64 scratch = {work->memory, sizeof work->memory / sizeof *work->memory};
    teeter_trace_options_f64 trace = {TEETER_RADEMACHER, 32, 0.95, {9, 0}};
    teeter_tracker_f64 tracker;
    work->calls = 0;
    work->status = teeter_tracker_new_f64(machine, N, &options, none, scratch, &tracker);
    for (int i = 0; i < STEPS && work->status == TEETER_OK; i++)
        work->status = teeter_tracker_step_f64(&tracker, &a, image, &work->seen);
    for (int i = 0; i < STEPS / 10 && work->status == TEETER_OK; i++)
        work->status = teeter_hutchinson_f64(machine, &a, &trace, scratch, &work->trace);
    return NULL;
}

static int same(const struct work *a, const struct work *b)
{
    return a->status == TEETER_OK && b->status == TEETER_OK && a->calls == b->calls &&
           memcmp(&a->seen.value, &b->seen.value, sizeof a->seen.value) == 0 &&
           memcmp(&a->trace.value, &b->trace.value, sizeof a->trace.value) == 0;
}

int main(void)
{
    static struct work alone[2], together[2];
    pthread_t threads[2];
    int right = 1;
    for (int i = 0; i < 2; i++) {
        alone[i].shift = together[i].shift = 10.0 * i;
        run(&alone[i]);
    }
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, &together[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) right &= same(&alone[i], &together[i]);
    right &= !same(&alone[0], &alone[1]);
    printf("threads: %s\n", right ? "each has the bits it has alone" : "WRONG");
    return !right;
}
