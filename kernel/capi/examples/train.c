/* A network learns exclusive or by Adam; then its sharpness from exact Hessian products, and how it compares to
 * what plain gradient descent would bear. */
#include <stdio.h>
#include <stdlib.h>

#include "teeter.h"

enum { SAMPLES = 4, PARAMS = (2 + 1) * 8 + (8 + 1) * 1, DIM = 12 };

static const float inputs[SAMPLES * 2] = {0, 0, 0, 1, 1, 0, 1, 1};
static const float targets[SAMPLES] = {0, 1, 1, 0};
static const size_t widths[] = {2, 8, 1};

static teeter_status train(teeter_machine machine, teeter_mlp_f32 *mlp, float *params, float *loss)
{
    static float gradient[PARAMS], first[PARAMS], second[PARAMS];
    teeter_adam_f32 adam = {0.02f, 0.9f, 0.999f, 1e-8f, TEETER_OUTSIDE, 0.0f};
    teeter_adam_state_f32 state = {PARAMS, first, second, 1.0f, 1.0f, 0};
    teeter_step_f32 report;
    teeter_status status = teeter_mlp_evaluate_f32(mlp, params, loss);
    for (int step = 0; step < 2000 && status == TEETER_OK; step++) {
        status = teeter_mlp_gradient_f32(mlp, params, gradient);
        if (status == TEETER_OK)
            status = teeter_adam_step_f32(machine, &adam, gradient, &state, params, &report);
        if (status == TEETER_OK) status = teeter_mlp_evaluate_f32(mlp, params, loss);
    }
    return status;
}

int main(void)
{
    static float params[PARAMS], vector[PARAMS];
    static float memory[TEETER_EXTREMAL_EIGENPAIR_SCRATCH_LEN(PARAMS, DIM)];
    teeter_machine machine = teeter_machine_detect();
    teeter_mlp_shape shape = {widths, 3, TEETER_TANH, TEETER_HALF_SQUARED};
    teeter_stream stream = {1, 0};
    size_t len = teeter_mlp_scratch_len(&shape, SAMPLES);
    float *lent = malloc(len * sizeof *lent);
    if (lent == NULL || teeter_mlp_param_len(&shape) != PARAMS) return 2;

    float loss = 0;
    teeter_mlp_f32 mlp;
    teeter_scratch_f32 scratch = {lent, len};
    teeter_status status = teeter_mlp_initialize_f32(&shape, stream, params);
    if (status == TEETER_OK)
        status = teeter_mlp_new_f32(machine, &shape, teeter_rows_f32(inputs, SAMPLES, 2),
                                    teeter_rows_f32(targets, SAMPLES, 1), scratch, &mlp);
    if (status == TEETER_OK) status = train(machine, &mlp, params, &loss);

    teeter_mlp_point_f32 point = {&mlp, params};
    teeter_operator_f32 hessian = {PARAMS, teeter_mlp_hessian_product_f32, &point};
    teeter_lanczos_options_f32 options = {TEETER_LARGEST_ALGEBRAIC, DIM, 200, 1e-3f};
    teeter_scratch_f32 krylov = {memory, sizeof memory / sizeof *memory};
    teeter_eigenpair_f32 pair = {0};
    for (size_t i = 0; i < PARAMS; i++) vector[i] = i % 3 ? -1.0f : 1.0f;
    if (status == TEETER_OK)
        status =
            teeter_extremal_eigenpair_f32(machine, &hessian, &options, vector, krylov, &pair);

    teeter_update_rule_f32 descent = {TEETER_RULE_GRADIENT_DESCENT, 0, 0, 0};
    float rate = 0;
    if (status == TEETER_OK)
        status = teeter_largest_learning_rate_f32(&descent, pair.value, &rate);
    free(lent);
    if (status != TEETER_OK) {
        fprintf(stderr, "%s\n", teeter_status_text(status));
        return 1;
    }
    printf("loss %.2e; sharpness %.3f in %zu products; gradient descent is stable below %.3f\n",
           (double)loss, (double)pair.value, pair.products, (double)rate);
    return loss < 1e-3f ? 0 : 1;
}
