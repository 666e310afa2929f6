/* Every family called as it should be, in both formats, its answer held against one known in closed
 * form. What is tested here is the way through the interface; the kernel has its own tests. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeter.h"

static int failures;

static void hold(int fine, const char *what, int line)
{
    if (!fine) {
        fprintf(stderr, "answers.c:%d: %s\n", line, what);
        failures += 1;
    }
}
#define HOLD(condition) hold((condition) != 0, #condition, __LINE__)
/* The status, in words where it is not the one expected. */
#define OK(call)                                                                        \
    do {                                                                                \
        teeter_status status_ = (call);                                                 \
        if (status_ != TEETER_OK) fprintf(stderr, "%s: ", teeter_status_text(status_)); \
        hold(status_ == TEETER_OK, #call, __LINE__);                                    \
    } while (0)

#define T double
#define F(name) name##_f64
#define UNIT 2.220446049250313e-16
#include "answers.h"
#undef T
#undef F
#undef UNIT
#define T float
#define F(name) name##_f32
#define UNIT 1.1920929e-7f
#include "answers.h"

/* The macros are the functions. */
static void sizes(void)
{
    for (size_t n = 0; n < 40; n++) {
        HOLD(TEETER_POWER_ITERATION_SCRATCH_LEN(n) == teeter_power_iteration_scratch_len(n));
        HOLD(TEETER_CONJUGATE_GRADIENT_SCRATCH_LEN(n) == teeter_conjugate_gradient_scratch_len(n));
        HOLD(TEETER_HUTCHINSON_SCRATCH_LEN(n) == teeter_hutchinson_scratch_len(n));
        HOLD(TEETER_HUTCHINSON_STEPS_SCRATCH_LEN(n) == teeter_hutchinson_steps_scratch_len(n));
        HOLD(TEETER_DIAGONAL_SCRATCH_LEN(n) == teeter_diagonal_scratch_len(n));
        HOLD(TEETER_DIAGONAL_STEPS_SCRATCH_LEN(n) == teeter_diagonal_steps_scratch_len(n));
        HOLD(TEETER_QUADRATURE_SCRATCH_LEN(n) == teeter_quadrature_scratch_len(n));
        HOLD(TEETER_DIFFERENCE_SCRATCH_LEN(n) == teeter_difference_scratch_len(n));
        HOLD(TEETER_TRACER_SCRATCH_LEN(n) == teeter_tracer_scratch_len(n));
        HOLD(TEETER_RITZ_SCRATCH_LEN(n) == teeter_ritz_scratch_len(n));
        HOLD(TEETER_RITZ_VECTOR_SCRATCH_LEN(n) == teeter_ritz_vector_scratch_len(n));
        for (size_t k = 0; k < 45; k++) {
            HOLD(TEETER_LANCZOS_SCRATCH_LEN(n, k) == teeter_lanczos_scratch_len(n, k));
            HOLD(TEETER_EXTREMAL_EIGENPAIR_SCRATCH_LEN(n, k) ==
                 teeter_extremal_eigenpair_scratch_len(n, k));
        }
    }
    /* A size that does not fit is one that no memory has. */
    HOLD(teeter_lanczos_scratch_len(SIZE_MAX / 2, 20) == SIZE_MAX);
}

int main(void)
{
    teeter_machine machines[2] = {teeter_machine_portable(), teeter_machine_detect()};
    sizes();
    for (int i = 0; i < 2; i++) {
        everything_f64(machines[i]);
        everything_f32(machines[i]);
    }
    HOLD(teeter_version() > 0);
    HOLD(teeter_machine_fused(12345) == 0);
    printf("answers: %d wrong\n", failures);
    return failures != 0;
}
