/* teeter: numerics for learning at the edge of stability. C interface.
 *
 * Every function returns a status: 0 (TEETER_OK), or why there is no answer;
 * outputs are written only when it is 0. Pointers must be valid for the lengths
 * given; null, misaligned and overlapping ones are refused. No heap, no globals:
 * threads need no locks. A machine is made once by teeter_machine_detect() and
 * passed on; another number than it returned on this processor is not allowed.
 */
#ifndef TEETER_H
#define TEETER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t teeter_status;
typedef uint32_t teeter_machine;

enum {
    TEETER_OK = 0,
    TEETER_NULL = 1,
    TEETER_MISALIGNED = 2,
    TEETER_OVERLAP = 3,
    TEETER_MACHINE = 4,
    TEETER_LENGTH = 5,
    TEETER_SHORT = 6,
    TEETER_RANGE = 7,
    TEETER_EMPTY = 8,
    TEETER_NOT_FINITE = 9,
    TEETER_ZERO_VECTOR = 10,
    TEETER_PIVOT = 11,
    TEETER_NO_CONVERGENCE = 12,
    TEETER_OPERATOR = 13,
    TEETER_STATE = 14,
    TEETER_OTHER = 15
};

enum { TEETER_LARGEST_ALGEBRAIC = 0, TEETER_SMALLEST_ALGEBRAIC = 1, TEETER_LARGEST_MAGNITUDE = 2 };
enum { TEETER_CONVERGED = 0, TEETER_LIMIT_REACHED = 1, TEETER_INVARIANT = 2 };

/* What a status means; never null, never to be freed. */
const char *teeter_status_text(teeter_status status);
/* major * 10000 + minor * 100 + patch */
uint32_t teeter_version(void);

/* The best machine present; the one present everywhere. Same bits on both. */
teeter_machine teeter_machine_detect(void);
teeter_machine teeter_machine_portable(void);

/* result <- x'y */
teeter_status teeter_dot_f32(teeter_machine machine, size_t n, const float *x, const float *y, float *result);
teeter_status teeter_dot_f64(teeter_machine machine, size_t n, const double *x, const double *y, double *result);
/* result <- sqrt(x'x), without overflow or underflow on the way */
teeter_status teeter_norm2_f32(teeter_machine machine, size_t n, const float *x, float *result);
teeter_status teeter_norm2_f64(teeter_machine machine, size_t n, const double *x, double *result);
/* y <- alpha x + y */
teeter_status teeter_axpy_f32(teeter_machine machine, size_t n, float alpha, const float *x, float *y);
teeter_status teeter_axpy_f64(teeter_machine machine, size_t n, double alpha, const double *x, double *y);

/* A symmetric operator: product computes y <- A x and returns 0; any other code
 * stops the call with TEETER_OPERATOR and is handed back in operator_code. It
 * may read x, must write all of y, and must not keep either pointer. */
typedef struct {
    size_t n;
    int32_t (*product)(void *context, size_t n, const float *x, float *y);
    void *context;
} teeter_operator_f32;
typedef struct {
    size_t n;
    int32_t (*product)(void *context, size_t n, const double *x, double *y);
    void *context;
} teeter_operator_f64;

typedef struct {
    uint32_t which;      /* TEETER_LARGEST_ALGEBRAIC, ... */
    size_t krylov_dim;   /* vectors kept before a restart, at least 1; min(n, 20) is usual */
    size_t product_max;  /* products allowed in all, at least 1 */
    float tolerance;     /* stop at |Av - theta v| <= tolerance |theta| */
} teeter_lanczos_options_f32;
typedef struct {
    uint32_t which;
    size_t krylov_dim;
    size_t product_max;
    double tolerance;
} teeter_lanczos_options_f64;

typedef struct {
    uint32_t stop;          /* TEETER_CONVERGED, TEETER_LIMIT_REACHED, TEETER_INVARIANT */
    int32_t operator_code;  /* the only field written when the status is TEETER_OPERATOR */
    float value, residual, lower, upper;  /* an eigenvalue lies in [lower, upper] */
    size_t products, steps;
    float orthogonality;
} teeter_eigenpair_f32;
typedef struct {
    uint32_t stop;
    int32_t operator_code;
    double value, residual, lower, upper;
    size_t products, steps;
    double orthogonality;
} teeter_eigenpair_f64;

typedef struct { float *data; size_t len; } teeter_scratch_f32;
typedef struct { double *data; size_t len; } teeter_scratch_f64;

/* Elements of scratch that teeter_extremal_eigenpair_* needs. */
size_t teeter_extremal_eigenpair_scratch_len(size_t n, size_t krylov_dim);

/* vector: n elements, the start on entry (any direction), the unit eigenvector on return. */
teeter_status teeter_extremal_eigenpair_f32(
    teeter_machine machine, const teeter_operator_f32 *operator_, const teeter_lanczos_options_f32 *options,
    float *vector, teeter_scratch_f32 scratch, teeter_eigenpair_f32 *result);
teeter_status teeter_extremal_eigenpair_f64(
    teeter_machine machine, const teeter_operator_f64 *operator_, const teeter_lanczos_options_f64 *options,
    double *vector, teeter_scratch_f64 scratch, teeter_eigenpair_f64 *result);

#ifdef __cplusplus
}
#endif

#endif
