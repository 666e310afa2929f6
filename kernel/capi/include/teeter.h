/* teeter: numerics for learning at the edge of stability. C interface.
 *
 * Written by kernel/capi/header from the Rust sources; to change it, change those. To install it with the
 * library for pkg-config and CMake: kernel/capi/install PREFIX. Programs that use it: kernel/capi/examples.
 *
 * Status. Every function that can fail returns a teeter_status: 0 (TEETER_OK), or why there is no
 * answer; teeter_status_text says it in words. Results are written only when it is 0, and then all
 * of their fields. What a call only reads is never changed. A matrix that is factored in place, and a
 * vector that an iteration works in, is unspecified when it stops midway (TEETER_PIVOT,
 * TEETER_OPERATOR, TEETER_NO_CONVERGENCE, TEETER_NOT_FINITE from a product), and untouched at every
 * other status.
 *
 * Memory. The caller owns all of it. Pointers must be valid for the lengths given; null, misaligned
 * and overlapping ones are refused, save that arguments which are only read may be the same. Memory is
 * counted in elements, not bytes. Scratch is told by _scratch_len, or where the formula is simple by a
 * macro of the same name in capitals, for arrays.
 *
 * Machine. Made once by teeter_machine_detect() and passed on; another number than it or its kin
 * returned on this processor is not allowed. All machines give the same bits, except fused ones,
 * which agree among themselves.
 *
 * Callbacks. A product gets the context it was registered with. It returns 0; any other number stops the
 * call with TEETER_OPERATOR and is handed back in operator_code.
 *
 * Step machines, for programs without callbacks, or that spread work over time: _new makes one in a
 * struct of the caller's, _poll tells the vector whose product is wanted (null: none), _push takes
 * the product; the memory lent to _new stays lent until the last call. Such a struct can be moved but
 * not copied; fill it with zeros and any use before _new is TEETER_STATE. There is nothing to free.
 *
 * Threads. No globals, no heap: calls on different memory need no locks.
 *
 * Names. _f32 takes float, _f64 double. An arrow says what is written: result ← xᵀy. */

#ifndef TEETER_H
#define TEETER_H

#include <stddef.h>
#include <stdint.h>

/* Scratch for arrays: the numbers of the functions of these names, which also watch for overflow. */
#define TEETER_LANCZOS_SCRATCH_LEN(n, dim_max) (((dim_max) + 1) * ((n) + 3))
#define TEETER_EXTREMAL_EIGENPAIR_SCRATCH_LEN(n, krylov_dim) \
    ((krylov_dim) < (n) ? TEETER_EIGENPAIR_LEN_(n, krylov_dim) : TEETER_EIGENPAIR_LEN_(n, n))
#define TEETER_EIGENPAIR_LEN_(n, k) (TEETER_LANCZOS_SCRATCH_LEN(n, k) + (n) + (k) * ((k) + 5))
#define TEETER_RITZ_SCRATCH_LEN(steps) (2 * (steps))
#define TEETER_RITZ_VECTOR_SCRATCH_LEN(steps) ((steps) * ((steps) + 2))
#define TEETER_POWER_ITERATION_SCRATCH_LEN(n) (n)
#define TEETER_CONJUGATE_GRADIENT_SCRATCH_LEN(n) (6 * (n))
#define TEETER_HUTCHINSON_SCRATCH_LEN(n) (2 * (n))
#define TEETER_HUTCHINSON_STEPS_SCRATCH_LEN(n) (n)
#define TEETER_DIAGONAL_SCRATCH_LEN(n) (4 * (n))
#define TEETER_DIAGONAL_STEPS_SCRATCH_LEN(n) (3 * (n))
#define TEETER_QUADRATURE_SCRATCH_LEN(steps) (4 * ((steps) + 1))
#define TEETER_DIFFERENCE_SCRATCH_LEN(n) (3 * (n))
#define TEETER_TRACER_SCRATCH_LEN(n) (2 * (n))

/* What to look for in a spectrum. */
#define TEETER_LARGEST_ALGEBRAIC 0
#define TEETER_SMALLEST_ALGEBRAIC 1
#define TEETER_LARGEST_MAGNITUDE 2
#define TEETER_BOTH_ENDS 3

/* Why an iteration stopped: the tolerance was reached; the budget was used up; the answer is exact. */
#define TEETER_CONVERGED 0
#define TEETER_LIMIT_REACHED 1
#define TEETER_INVARIANT 2

/* Whether the pairs found are all that were wanted. */
#define TEETER_ALL 0
#define TEETER_MEMORY_FULL 1
#define TEETER_UNKNOWN 2

/* Which triangle of a matrix counts. */
#define TEETER_LOWER 0
#define TEETER_UPPER 1

/* What stands on the diagonal of a triangular matrix. */
#define TEETER_NON_UNIT 0
#define TEETER_UNIT 1

/* On which side a matrix stands. */
#define TEETER_LEFT 0
#define TEETER_RIGHT 1

/* Random probes: signs, or normal numbers. */
#define TEETER_RADEMACHER 0
#define TEETER_GAUSSIAN 1

/* How a trace was estimated. */
#define TEETER_HUTCHINSON 0
#define TEETER_DIAGONAL 1
#define TEETER_HUTCH_PP 2
#define TEETER_QUADRATURE 3
#define TEETER_XTRACE 4
#define TEETER_XNYSTRACE 5

/* Functions of eigenvalues. */
#define TEETER_LOG 0
#define TEETER_RECIPROCAL 1
#define TEETER_SHARE 2
#define TEETER_SHARE_MAGNITUDE 3
#define TEETER_EXP 4
#define TEETER_SQUARE 5

/* Momentum. */
#define TEETER_PLAIN 0
#define TEETER_POLYAK 1
#define TEETER_NESTEROV 2
#define TEETER_EMA 3

/* Where ε stands: outside the root, or inside. */
#define TEETER_OUTSIDE 0
#define TEETER_INSIDE 1

/* How iterates are averaged. */
#define TEETER_MEAN 0
#define TEETER_EXPONENTIAL 1

/* Sharpness-aware perturbations. */
#define TEETER_SAM 0
#define TEETER_SAM_UNNORMALIZED 1
#define TEETER_ASAM 2

/* What a penalty is differentiated along. */
#define TEETER_ALONG_PROBE 0
#define TEETER_ALONG_GRADIENT 1

/* Activations. */
#define TEETER_TANH 0
#define TEETER_RELU 1
#define TEETER_SOFTPLUS 2
#define TEETER_IDENTITY 3

/* Losses. */
#define TEETER_HALF_SQUARED 0
#define TEETER_CROSS_ENTROPY 1

/* Update rules, for their thresholds. */
#define TEETER_RULE_GRADIENT_DESCENT 0
#define TEETER_RULE_POLYAK 1
#define TEETER_RULE_NESTEROV 2
#define TEETER_RULE_EMA 3
#define TEETER_RULE_EMA_NESTEROV 4
#define TEETER_RULE_UNNORMALIZED_SAM 5
#define TEETER_RULE_SAM 6
#define TEETER_RULE_ADAM 7

/* Phases of training. */
#define TEETER_STABLE 0
#define TEETER_PROGRESSIVE_SHARPENING 1
#define TEETER_EDGE 2
#define TEETER_INSTABILITY 3

/* How a search for α and β ended. */
#define TEETER_EVIDENCE_CONVERGED 0
#define TEETER_EVIDENCE_LIMIT_REACHED 1
#define TEETER_EVIDENCE_NO_SIGNAL 2
#define TEETER_EVIDENCE_NO_NOISE 3

/* Where the gradients of a difference are taken: on both sides, or on one. */
#define TEETER_CENTRAL 0
#define TEETER_FORWARD 1

/* How a call ended: 0 for success, else one of the values below. */
typedef int32_t teeter_status;

/* A machine; made by `teeter_machine_detect` or `teeter_machine_portable`. */
typedef uint32_t teeter_machine;

/* The form of a multilayer perceptron. A layer's parameters are W, in × out, row-major, then b, out; layers
 * follow one another. */
typedef struct {
    /* Inputs, hidden units of each layer, outputs. */
    const size_t *widths;
    /* How many widths: at least 2. */
    size_t width_count;
    /* `TEETER_TANH`, `TEETER_RELU`, `TEETER_SOFTPLUS`, `TEETER_IDENTITY`: of every layer but the last. */
    uint32_t activation;
    /* `TEETER_HALF_SQUARED` or `TEETER_CROSS_ENTROPY`; the loss is its mean over the samples. */
    uint32_t loss;
} teeter_mlp_shape;

/* The rotation that takes (f, g) to (r, 0). */
typedef struct {
    /* The cosine. */
    double c;
    /* The sine. */
    double s;
    /* cf + sg. */
    double r;
} teeter_givens_f64;

typedef struct {
    float c;
    float s;
    float r;
} teeter_givens_f32;

/* A stream: the same two numbers are always the same random numbers, on every target. */
typedef struct {
    /* Whose numbers. */
    uint64_t seed;
    /* Which of them; streams of one seed are independent of one another. */
    uint64_t stream;
} teeter_stream;

/* A matrix to read: element (i, j) is `data[i * row_stride + j * col_stride]`.
 * Row-major: strides (cols, 1); column-major: (1, rows); exchanging rows with cols and the strides
 * with one another transposes. See `teeter_rows_f64`, `teeter_columns_f64`, `teeter_t_f64`. */
typedef struct {
    /* Element (0, 0). */
    const double *data;
    /* Rows. */
    size_t rows;
    /* Columns. */
    size_t cols;
    /* Elements from one row to the next. */
    size_t row_stride;
    /* Elements from one column to the next. */
    size_t col_stride;
} teeter_matrix_f64;

typedef struct {
    const float *data;
    size_t rows;
    size_t cols;
    size_t row_stride;
    size_t col_stride;
} teeter_matrix_f32;

/* A matrix to write, laid out alike. No two of its elements may share an address. The addresses
 * from its first to its last element must not meet those of another argument: two blocks of
 * one array whose rows interleave are refused. */
typedef struct {
    /* Element (0, 0). */
    double *data;
    /* Rows. */
    size_t rows;
    /* Columns. */
    size_t cols;
    /* Elements from one row to the next. */
    size_t row_stride;
    /* Elements from one column to the next. */
    size_t col_stride;
} teeter_matrix_mut_f64;

typedef struct {
    float *data;
    size_t rows;
    size_t cols;
    size_t row_stride;
    size_t col_stride;
} teeter_matrix_mut_f32;

/* A square matrix of which one triangle counts; the other is not read. */
typedef struct {
    /* The matrix. */
    teeter_matrix_f64 matrix;
    /* `TEETER_LOWER` or `TEETER_UPPER`. */
    uint32_t triangle;
    /* `TEETER_NON_UNIT`, or `TEETER_UNIT` for ones in place of the diagonal. */
    uint32_t diagonal;
} teeter_triangular_f64;

typedef struct {
    teeter_matrix_f32 matrix;
    uint32_t triangle;
    uint32_t diagonal;
} teeter_triangular_f32;

/* Memory lent for a call: what is in it before and after means nothing. Its length is told by the
 * function `…_scratch_len` beside the function that wants it. */
typedef struct {
    /* The memory. */
    double *data;
    /* Its elements. */
    size_t len;
} teeter_scratch_f64;

typedef struct {
    float *data;
    size_t len;
} teeter_scratch_f32;

/* y ← Ax. Returns 0; any other number stops the call with `TEETER_OPERATOR` and is handed back. May
 * read x, must write all of y, must keep neither, must not unwind or jump out, and must not use
 * what the call was given. */
typedef int32_t (*teeter_product_f64)(void *context, size_t n, const double *x, double *y);
typedef int32_t (*teeter_product_f32)(void *context, size_t n, const float *x, float *y);

/* A symmetric operator: its order, its product, and what the product wants to see. */
typedef struct {
    /* n, for an n × n operator. */
    size_t n;
    /* The product. */
    teeter_product_f64 product;
    /* Handed to the product untouched; may be null. */
    void *context;
} teeter_operator_f64;

typedef struct {
    size_t n;
    teeter_product_f32 product;
    void *context;
} teeter_operator_f32;

/* What to look for and what it may cost. */
typedef struct {
    /* `TEETER_LARGEST_ALGEBRAIC`, … */
    uint32_t which;
    /* Vectors kept before a restart, at least 1; min(n, 20) is usual. */
    size_t krylov_dim;
    /* Products allowed in all, at least 1. */
    size_t product_max;
    /* Stop at ‖Av − θv‖ ≤ tolerance·|θ|. */
    double tolerance;
} teeter_lanczos_options_f64;

typedef struct {
    uint32_t which;
    size_t krylov_dim;
    size_t product_max;
    float tolerance;
} teeter_lanczos_options_f32;

/* The eigenpair and its certificate: an eigenvalue lies in [lower, upper]. */
typedef struct {
    /* `TEETER_CONVERGED`, `TEETER_LIMIT_REACHED` or `TEETER_INVARIANT`. */
    uint32_t stop;
    /* 0; the only field written when the status is `TEETER_OPERATOR`. */
    int32_t operator_code;
    /* The eigenvalue θ. */
    double value;
    /* ‖Av − θv‖. */
    double residual;
    /* θ − residual. */
    double lower;
    /* θ + residual. */
    double upper;
    /* Products used. */
    size_t products;
    /* Steps of the last Krylov process. */
    size_t steps;
    /* How far its basis is from orthonormal. */
    double orthogonality;
} teeter_eigenpair_f64;

typedef struct {
    uint32_t stop;
    int32_t operator_code;
    float value;
    float residual;
    float lower;
    float upper;
    size_t products;
    size_t steps;
    float orthogonality;
} teeter_eigenpair_f32;

/* What power iteration may cost. */
typedef struct {
    /* Products allowed in all, at least 1. */
    size_t product_max;
    /* Stop at ‖Av − θv‖ ≤ tolerance·|θ|. */
    double tolerance;
} teeter_power_options_f64;

typedef struct {
    size_t product_max;
    float tolerance;
} teeter_power_options_f32;

/* What is wanted of the spectrum and what it may cost. */
typedef struct {
    /* Pairs wanted at most, at least 1. */
    size_t count;
    /* 1 if only eigenvalues beyond `limit` are wanted, else 0. */
    uint32_t has_limit;
    /* `TEETER_LARGEST_ALGEBRAIC`, … */
    uint32_t which;
    /* Larger, smaller, larger in modulus, or at either end beyond ± this, as `which` has it. */
    double limit;
    /* Vectors kept before a restart: `teeter_krylov_dim_for(n, count)`. */
    size_t krylov_dim;
    /* Vectors it starts from; usually 1. */
    size_t block;
    /* Stop at ‖Av − θv‖ ≤ tolerance·|θ|, or at what rounding leaves of it. */
    double tolerance;
    /* Pairs whose residual is computed from a product of its own in the end; `count` is usual. */
    size_t checked;
    /* Products allowed in all, at least 1. */
    size_t product_max;
    /* Seed of the random starts. */
    uint64_t seed;
} teeter_thick_restart_options_f64;

typedef struct {
    size_t count;
    uint32_t has_limit;
    uint32_t which;
    float limit;
    size_t krylov_dim;
    size_t block;
    float tolerance;
    size_t checked;
    size_t product_max;
    uint64_t seed;
} teeter_thick_restart_options_f32;

/* Vectors of n elements each, one after the other. */
typedef struct {
    /* The first element of the first; may be null if there are none. */
    const double *data;
    /* Vectors. */
    size_t count;
} teeter_vectors_f64;

typedef struct {
    const float *data;
    size_t count;
} teeter_vectors_f32;

/* The search, in the caller's memory. Made by `teeter_thick_restart_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The machine. */
    uint64_t words[46];
} teeter_thick_restart_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[46];
} teeter_thick_restart_f32;

/* What a tracker may spend, and what it follows. */
typedef struct {
    /* Vectors kept, at least 2 (1 for n = 1); 6 is usual. */
    size_t dim_max;
    /* Products a step, at least 1; 2 is usual. */
    size_t products_per_step;
    /* 1 to follow the eigenvalues beyond `limit` beside the largest, else 0. */
    uint32_t has_limit;
    /* That limit. */
    double limit;
    /* Seed of the random vectors. */
    uint64_t seed;
} teeter_tracker_options_f64;

typedef struct {
    size_t dim_max;
    size_t products_per_step;
    uint32_t has_limit;
    float limit;
    uint64_t seed;
} teeter_tracker_options_f32;

/* The tracker, in the caller's memory. Made by `teeter_tracker_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The tracker. */
    uint64_t words[46];
} teeter_tracker_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[46];
} teeter_tracker_f32;

/* λ₁ as the tracker sees it. NaN before the first product. */
typedef struct {
    /* 0; the only field written when the status is `TEETER_OPERATOR`. */
    int32_t operator_code;
    /* The estimate of λ₁. */
    double value;
    /* ‖Wy − θy‖, W the products as they were taken. */
    double residual;
    /* The age in steps of the products that it rests on; 0: all are of this step. */
    double lag;
    /* How far the leading Rayleigh quotient moved in a step, when that was last seen. */
    double drift;
    /* λ₁ of the operator `measured_age` steps ago was no smaller. */
    double measured;
    /* An eigenvalue of that operator lies within it of `measured`. */
    double measured_residual;
    /* Steps since then; 0: it speaks of this step. */
    uint64_t measured_age;
    /* Steps begun. */
    uint64_t steps;
    /* Products taken in all. */
    uint64_t products;
    /* Pairs kept. */
    size_t pairs;
    /* Those of them beyond the limit; 0 where there is none. */
    size_t beyond_limit;
} teeter_tracked_f64;

typedef struct {
    int32_t operator_code;
    float value;
    float residual;
    float lag;
    float drift;
    float measured;
    float measured_residual;
    uint64_t measured_age;
    uint64_t steps;
    uint64_t products;
    size_t pairs;
    size_t beyond_limit;
} teeter_tracked_f32;

/* One of the pairs that a tracker keeps. */
typedef struct {
    /* Its Ritz value. */
    double value;
    /* ‖Wy − θy‖, W the products as they were taken. */
    double residual;
    /* The age in steps of the products it rests on. */
    double lag;
} teeter_tracked_pair_f64;

typedef struct {
    float value;
    float residual;
    float lag;
} teeter_tracked_pair_f32;

/* The process, in the caller's memory. Made by `teeter_lanczos_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The process. */
    uint64_t words[22];
} teeter_lanczos_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[22];
} teeter_lanczos_f32;

/* What conjugate gradients are asked for and may cost. */
typedef struct {
    /* ‖b − Ax‖ ≤ tolerance·‖b‖ is enough; 0: as small as rounding lets it be. */
    double tolerance;
    /* Products allowed, at least 1. */
    size_t product_max;
    /* Not above the smallest eigenvalue of A; 0 if nothing is known. */
    double floor;
    /* n elements: the diagonal of M ≈ A, positive; null for M = I. */
    const double *preconditioner;
    /* b: n elements. */
    const double *right_side;
} teeter_solve_options_f64;

typedef struct {
    float tolerance;
    size_t product_max;
    float floor;
    const float *preconditioner;
    const float *right_side;
} teeter_solve_options_f32;

/* How far x is from solving Ax = b. */
typedef struct {
    /* `TEETER_CONVERGED` or `TEETER_LIMIT_REACHED`. */
    uint32_t stop;
    /* 0; the only field written when the status is `TEETER_OPERATOR`. */
    int32_t operator_code;
    /* ‖b − Ax‖. */
    double residual;
    /* That over ‖b‖; 0 for b = 0. */
    double relative_residual;
    /* 1 if it was found from a product with x, 0 if carried on from step to step. */
    uint32_t verified;
    /* ‖x* − x‖_A four steps ago was no less. */
    double energy_before;
    /* ‖x* − x‖_A is no more; ∞ for a floor of 0. */
    double energy_upper;
    /* ‖x* − x‖₂ is no more; ∞ for a floor of 0. */
    double error_upper;
    /* Products used. */
    size_t products;
    /* Steps among them. */
    size_t steps;
} teeter_solve_f64;

typedef struct {
    uint32_t stop;
    int32_t operator_code;
    float residual;
    float relative_residual;
    uint32_t verified;
    float energy_before;
    float energy_upper;
    float error_upper;
    size_t products;
    size_t steps;
} teeter_solve_f32;

/* How many probes of which kind, and how sure the interval is to be. */
typedef struct {
    /* `TEETER_RADEMACHER` or `TEETER_GAUSSIAN`. */
    uint32_t probe;
    /* Products to use; 32 is usual. */
    size_t products;
    /* The chance that the interval holds the trace: 0.95, say. */
    double confidence;
    /* Whose random numbers. */
    teeter_stream stream;
} teeter_trace_options_f64;

typedef struct {
    uint32_t probe;
    size_t products;
    float confidence;
    teeter_stream stream;
} teeter_trace_options_f32;

/* A trace, how far it may be off, and its price. */
typedef struct {
    /* `TEETER_LIMIT_REACHED`: the products asked for were used. `TEETER_INVARIANT`: n products told all.
     * `TEETER_CONVERGED`: the tolerance of `teeter_hutchinson_until_f64` was reached. */
    uint32_t stop;
    /* 0; the only field written when the status is `TEETER_OPERATOR`. */
    int32_t operator_code;
    /* `TEETER_HUTCHINSON`, …: how it was estimated. */
    uint32_t method;
    /* The estimate. */
    double value;
    /* Of the estimate, as its interval takes it. */
    double standard_error;
    /* Of the estimate, from the scatter of its terms alone. */
    double sample_error;
    /* Lower end of the interval. */
    double lower;
    /* Upper end of it. */
    double upper;
    /* The chance that the interval was to hold the trace. */
    double confidence;
    /* Products used. */
    size_t products;
} teeter_trace_f64;

typedef struct {
    uint32_t stop;
    int32_t operator_code;
    uint32_t method;
    float value;
    float standard_error;
    float sample_error;
    float lower;
    float upper;
    float confidence;
    size_t products;
} teeter_trace_f32;

/* When `teeter_hutchinson_until_f64` may stop before its products are used. */
typedef struct {
    /* The interval is to be no wider to each side than this share of the value. */
    double tolerance;
    /* The probes at which its sequence of intervals is narrowest; those expected are a good choice. */
    size_t narrowest;
} teeter_stop_rule_f64;

typedef struct {
    float tolerance;
    size_t narrowest;
} teeter_stop_rule_f32;

/* What an estimate of the diagonal may cost, and where it goes. */
typedef struct {
    /* Products to use. */
    size_t products;
    /* Whose random signs. */
    teeter_stream stream;
    /* n elements, written: the diagonal. */
    double *diagonal;
    /* n elements, written: the standard error of each. */
    double *errors;
} teeter_diagonal_request_f64;

typedef struct {
    size_t products;
    teeter_stream stream;
    float *diagonal;
    float *errors;
} teeter_diagonal_request_f32;

/* Hutch++, in the caller's memory. Made by `teeter_hutch_pp_steps_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The state. */
    uint64_t words[46];
} teeter_hutch_pp_steps_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[46];
} teeter_hutch_pp_steps_f32;

/* XTrace, in the caller's memory. Made by `teeter_xtrace_steps_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The state. */
    uint64_t words[54];
} teeter_xtrace_steps_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[54];
} teeter_xtrace_steps_f32;

/* Hutchinson's estimator, in the caller's memory. Made by `teeter_hutchinson_steps_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The state. */
    uint64_t words[30];
} teeter_hutchinson_steps_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[30];
} teeter_hutchinson_steps_f32;

/* An estimator of the diagonal, in the caller's memory. Made by `teeter_diagonal_steps_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The state. */
    uint64_t words[22];
} teeter_diagonal_steps_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[22];
} teeter_diagonal_steps_f32;

/* How many probes of how many products each. */
typedef struct {
    /* `TEETER_RADEMACHER` or `TEETER_GAUSSIAN`. */
    uint32_t probe;
    /* Probes; 8 is usual. */
    size_t probes;
    /* Lanczos steps of each; 40 is usual. */
    size_t steps;
    /* Whose random numbers. */
    teeter_stream stream;
} teeter_slq_options_f64;

typedef struct {
    uint32_t probe;
    size_t probes;
    size_t steps;
    teeter_stream stream;
} teeter_slq_options_f32;

/* Stochastic Lanczos quadrature, in the caller's memory. Made by `teeter_slq_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The state. */
    uint64_t words[38];
} teeter_slq_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[38];
} teeter_slq_f32;

/* A function of eigenvalues, what is known of the spectrum, and how sure to be. */
typedef struct {
    /* `TEETER_LOG`, `TEETER_RECIPROCAL`, `TEETER_SHARE`, `TEETER_SHARE_MAGNITUDE`, `TEETER_EXP`, `TEETER_SQUARE`. */
    uint32_t function;
    /* a in log(λ + a), 1/(λ + a), λ/(λ + a), |λ|/(|λ| + a); not read by the others. */
    double shift;
    /* Not above the smallest eigenvalue; −∞ if not known. */
    double floor;
    /* Not below the largest; ∞ if not known. */
    double ceiling;
    /* The chance that the interval holds the trace. */
    double confidence;
} teeter_spectral_f64;

typedef struct {
    uint32_t function;
    float shift;
    float floor;
    float ceiling;
    float confidence;
} teeter_spectral_f32;

/* The ends of the spectrum as the probes see them. */
typedef struct {
    /* λ₁ is not below it. */
    double largest;
    /* An eigenvalue lies within this of it. */
    double largest_residual;
    /* The smallest eigenvalue is not above it. */
    double smallest;
    /* An eigenvalue lies within this of it. */
    double smallest_residual;
} teeter_ends_f64;

typedef struct {
    float largest;
    float largest_residual;
    float smallest;
    float smallest_residual;
} teeter_ends_f32;

/* Constants of gradient descent. */
typedef struct {
    /* η ≥ 0. */
    double learning_rate;
    /* `TEETER_PLAIN`, or `TEETER_POLYAK`: v ← βv + g; `TEETER_NESTEROV`: the same, looking ahead; `TEETER_EMA`: v ← βv + (1 − β)g. */
    uint32_t momentum;
    /* β in [0, 1); not read by `TEETER_PLAIN`. */
    double beta;
    /* α ≥ 0 in g + αw: the gradient of the ridge penalty ½α‖w‖². */
    double weight_decay;
} teeter_sgd_f64;

typedef struct {
    float learning_rate;
    uint32_t momentum;
    float beta;
    float weight_decay;
} teeter_sgd_f32;

/* What gradient descent remembers. */
typedef struct {
    /* Parameters. */
    size_t n;
    /* v: n elements, zeros before the first step; null without momentum. */
    double *velocity;
} teeter_sgd_state_f64;

typedef struct {
    size_t n;
    float *velocity;
} teeter_sgd_state_f32;

/* What a step did. */
typedef struct {
    /* ‖g‖ of the gradient that was given. */
    double gradient_norm;
    /* ‖w_new − w_old‖. */
    double update_norm;
} teeter_step_f64;

typedef struct {
    float gradient_norm;
    float update_norm;
} teeter_step_f32;

/* Constants of Adam, and of AdamW. */
typedef struct {
    /* η ≥ 0. */
    double learning_rate;
    /* β₁ in [0, 1): memory of the gradient. */
    double beta1;
    /* β₂ in [0, 1): memory of its square. */
    double beta2;
    /* ε ≥ 0. */
    double epsilon;
    /* `TEETER_OUTSIDE`: √v̂ + ε; `TEETER_INSIDE`: √(v̂ + ε). */
    uint32_t epsilon_placement;
    /* α ≥ 0 of the decoupled decay w ← w − ηαw, as in AdamW. */
    double weight_decay;
} teeter_adam_f64;

typedef struct {
    float learning_rate;
    float beta1;
    float beta2;
    float epsilon;
    uint32_t epsilon_placement;
    float weight_decay;
} teeter_adam_f32;

/* What Adam remembers. Before the first step: arrays of zeros, both powers 1, steps 0. */
typedef struct {
    /* Parameters. */
    size_t n;
    /* m: n elements. */
    double *first;
    /* v: n elements. */
    double *second;
    /* β₁ᵗ. */
    double beta1_power;
    /* β₂ᵗ. */
    double beta2_power;
    /* t. */
    uint64_t steps;
} teeter_adam_state_f64;

typedef struct {
    size_t n;
    float *first;
    float *second;
    float beta1_power;
    float beta2_power;
    uint64_t steps;
} teeter_adam_state_f32;

/* Constants of RMSProp. */
typedef struct {
    /* η ≥ 0. */
    double learning_rate;
    /* α in [0, 1): memory of the gradient's square. */
    double alpha;
    /* β in [0, 1): memory of the step. */
    double momentum;
    /* ε ≥ 0. */
    double epsilon;
    /* `TEETER_OUTSIDE`: √v + ε; `TEETER_INSIDE`: √(v + ε). */
    uint32_t epsilon_placement;
    /* ≥ 0 of the decoupled decay. */
    double weight_decay;
} teeter_rms_prop_f64;

typedef struct {
    float learning_rate;
    float alpha;
    float momentum;
    float epsilon;
    uint32_t epsilon_placement;
    float weight_decay;
} teeter_rms_prop_f32;

/* What RMSProp remembers: arrays of zeros before the first step. */
typedef struct {
    /* Parameters. */
    size_t n;
    /* v: n elements. */
    double *second;
    /* The step's average: n elements; null for a momentum of 0. */
    double *velocity;
} teeter_rms_prop_state_f64;

typedef struct {
    size_t n;
    float *second;
    float *velocity;
} teeter_rms_prop_state_f32;

/* How far and in which metric to move against descent. */
typedef struct {
    /* `TEETER_SAM`: ρg/‖g‖; `TEETER_SAM_UNNORMALIZED`: ρg; `TEETER_ASAM`: in the metric (|w| + η)². */
    uint32_t kind;
    /* ρ ≥ 0. */
    double rho;
    /* η ≥ 0 of `TEETER_ASAM`; not read by the others. */
    double eta;
} teeter_sam_f64;

typedef struct {
    uint32_t kind;
    float rho;
    float eta;
} teeter_sam_f32;

/* Which iterates an average takes, and how. */
typedef struct {
    /* `TEETER_MEAN`: all alike; `TEETER_EXPONENTIAL`: w̄ ← w̄ + (1 − β)(w − w̄). */
    uint32_t kind;
    /* β in [0, 1); not read by `TEETER_MEAN`. */
    double beta;
    /* Iterates to leave out at first. */
    uint64_t start;
    /* Of the others, every how manieth to take; at least 1. */
    uint64_t every;
} teeter_average_f64;

typedef struct {
    uint32_t kind;
    float beta;
    uint64_t start;
    uint64_t every;
} teeter_average_f32;

/* What an average remembers. Before the first iterate: both counts 0. */
typedef struct {
    /* Parameters. */
    size_t n;
    /* w̄: n elements. */
    double *mean;
    /* Iterates seen. */
    uint64_t seen;
    /* Iterates taken. */
    uint64_t taken;
} teeter_average_state_f64;

typedef struct {
    size_t n;
    float *mean;
    uint64_t seen;
    uint64_t taken;
} teeter_average_state_f32;

/* Constants of G-TRACER. */
typedef struct {
    /* ρ ≥ 0: weight of the penalty, in units of loss. */
    double rho;
    /* β in [0, 1]: how much of G each F replaces. */
    double beta;
    /* Part of the largest Gᵢ ever that is added to Gᵢ; ≥ 0. */
    double damping;
} teeter_tracer_f64;

typedef struct {
    float rho;
    float beta;
    float damping;
} teeter_tracer_f32;

/* What G-TRACER remembers: arrays of zeros and 0 updates before the first. */
typedef struct {
    /* Parameters. */
    size_t n;
    /* G: n elements, none negative. */
    double *metric;
    /* The largest G so far: n elements. */
    double *peak;
    /* Updates of G so far. */
    uint64_t updates;
} teeter_tracer_state_f64;

typedef struct {
    size_t n;
    float *metric;
    float *peak;
    uint64_t updates;
} teeter_tracer_state_f32;

/* From where, along what and how far the penalty is differentiated. */
typedef struct {
    /* `TEETER_ALONG_PROBE`: the trace along a probe, two gradients; `TEETER_ALONG_GRADIENT`: gᵀP⁻¹g
     * along P⁻¹g, one gradient. */
    uint32_t kind;
    /* Parameters. */
    size_t n;
    /* The gradient at the parameters: n elements, lent until the penalty is there. */
    const double *gradient;
    /* u: n elements, lent alike. */
    const double *direction;
    /* How far the parameters move, positive. */
    double distance;
} teeter_displacement_f64;

typedef struct {
    uint32_t kind;
    size_t n;
    const float *gradient;
    const float *direction;
    float distance;
} teeter_displacement_f32;

/* A penalty in the making, in the caller's memory. Nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The penalty. */
    uint64_t words[30];
} teeter_penalty_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[30];
} teeter_penalty_f32;

/* The network with its data, in the caller's memory. Made by `teeter_mlp_new_f64`; nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The network. */
    uint64_t words[46];
} teeter_mlp_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[46];
} teeter_mlp_f32;

/* How an optimizer acts on a quadratic. */
typedef struct {
    /* `TEETER_RULE_GRADIENT_DESCENT`, `_POLYAK`, `_NESTEROV`, `_EMA`, `_EMA_NESTEROV`, `_UNNORMALIZED_SAM`, `_SAM`, `_ADAM`. */
    uint32_t kind;
    /* β of the momentum, β₁ of Adam; not read by others. */
    double beta;
    /* ρ of the SAM family; not read by others. */
    double rho;
    /* ‖g‖ where the edge of SAM is asked for; not read by others. */
    double gradient_norm;
} teeter_update_rule_f64;

typedef struct {
    uint32_t kind;
    float beta;
    float rho;
    float gradient_norm;
} teeter_update_rule_f32;

/* Tells the phase of training, in the caller's memory. Nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The tracker. */
    uint64_t words[22];
} teeter_phase_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[22];
} teeter_phase_f32;

/* What was seen of a step w → w + Δ, φ(t) = L(w + tΔ). */
typedef struct {
    /* L(w). */
    double loss_before;
    /* L(w + Δ), of the same samples. */
    double loss_after;
    /* gᵀΔ with the gradient at w. */
    double slope_before;
    /* gᵀΔ with the gradient at w + Δ; NaN if not known. */
    double slope_after;
    /* ‖Δ‖. */
    double step_norm;
    /* Rounding error of each loss, at most. */
    double loss_error;
    /* Rounding error of each slope, at most. */
    double slope_error;
} teeter_observation_f64;

typedef struct {
    float loss_before;
    float loss_after;
    float slope_before;
    float slope_after;
    float step_norm;
    float loss_error;
    float slope_error;
} teeter_observation_f32;

/* A number and what rounding may make of it. */
typedef struct {
    /* The number. */
    double value;
    /* That of exact losses and slopes lies within this of it. */
    double rounding;
} teeter_gauge_f64;

typedef struct {
    float value;
    float rounding;
} teeter_gauge_f32;

/* The parabola through losses and slopes of a step. */
typedef struct {
    /* Where the step ended: −1 at its start, 0 at the minimum, 1 at the same height on the other side. */
    double alpha;
    /* The exact one lies within this of it. */
    double rounding;
    /* L(w + Δ) − L(w) − (φ′(0) + φ′(1))/2: 0 for a parabola. */
    double misfit;
    /* A parabola's misfit is at most this by rounding. */
    double misfit_rounding;
} teeter_step_fit_f64;

typedef struct {
    float alpha;
    float rounding;
    float misfit;
    float misfit_rounding;
} teeter_step_fit_f32;

/* Memory for a linear model. */
typedef struct {
    /* `teeter_linear_model_memory_len(N, k)`, lent until the last call. */
    teeter_scratch_f64 kept;
    /* `teeter_linear_model_scratch_len(N, k)`, for this call. */
    teeter_scratch_f64 scratch;
} teeter_linear_model_memory_f64;

typedef struct {
    teeter_scratch_f32 kept;
    teeter_scratch_f32 scratch;
} teeter_linear_model_memory_f32;

/* A linear model t = Φw + noise, in the caller's memory. Nothing of it is for the caller. */
typedef struct {
    /* What stands in the words. */
    uint64_t mark;
    /* The model. */
    uint64_t words[22];
} teeter_linear_model_f64;

typedef struct {
    uint64_t mark;
    uint64_t words[22];
} teeter_linear_model_f32;

/* A Gaussian prior of precision α and noise of precision β, weighed by the data. */
typedef struct {
    /* α: the prior is N(0, I/α). */
    double alpha;
    /* β: the noise is N(0, 1/β). */
    double beta;
    /* ½‖w‖² at the most probable weights. */
    double weight_energy;
    /* ½‖t − Φw‖² there. */
    double data_energy;
    /* How many weights the data determine. */
    double gamma;
    /* log p(t | α, β). */
    double log_evidence;
    /* The Occam factor's logarithm. */
    double log_occam_factor;
    /* Of `teeter_evidence_maximize_f64`: `TEETER_EVIDENCE_CONVERGED`, `_LIMIT_REACHED`, `_NO_SIGNAL`, `_NO_NOISE`; else 0. */
    uint32_t stop;
    /* Of the same, |2αE_W − γ|/γ; else 0. */
    double mismatch;
    /* Of the same, evaluations used; else 0. */
    size_t steps;
} teeter_evidence_f64;

typedef struct {
    float alpha;
    float beta;
    float weight_energy;
    float data_energy;
    float gamma;
    float log_evidence;
    float log_occam_factor;
    uint32_t stop;
    float mismatch;
    size_t steps;
} teeter_evidence_f32;

/* A network at the parameters that were evaluated last: the context of its products. */
typedef struct {
    /* The network. */
    teeter_mlp_f64 *mlp;
    /* The parameters. */
    const double *params;
} teeter_mlp_point_f64;

typedef struct {
    teeter_mlp_f32 *mlp;
    const float *params;
} teeter_mlp_point_f32;

/* A loss known by its gradient, at a point: the context of `teeter_difference_product_f64`. */
typedef struct {
    /* Which machine to run on. */
    teeter_machine machine;
    /* `TEETER_CENTRAL`: two gradients a product, an error of order h²; `TEETER_FORWARD`: of order h. */
    uint32_t kind;
    /* y ← ∇L(x): called as a product is, and refuses as a product does. */
    teeter_product_f64 gradient;
    /* Handed to the gradient untouched; may be null. */
    void *context;
    /* w: n elements. */
    const double *params;
    /* Relative error of a gradient, from half an epsilon to 1; the epsilon of the format for a good one. */
    double noise;
    /* How far to step, or 0 to have it chosen. */
    double distance;
    /* 3n elements. */
    teeter_scratch_f64 scratch;
} teeter_difference_f64;

typedef struct {
    teeter_machine machine;
    uint32_t kind;
    teeter_product_f32 gradient;
    void *context;
    const float *params;
    float noise;
    float distance;
    teeter_scratch_f32 scratch;
} teeter_difference_f32;

/* Success. */
#define TEETER_OK 0

/* A pointer is null. */
#define TEETER_NULL 1

/* A pointer is not aligned to its element. */
#define TEETER_MISALIGNED 2

/* An output overlaps another argument. */
#define TEETER_OVERLAP 3

/* The machine is not one that `teeter_machine_detect` returns. */
#define TEETER_MACHINE 4

/* A length does not fit, or overflows. */
#define TEETER_LENGTH 5

/* Scratch is too short. */
#define TEETER_SHORT 6

/* A number is outside its range. */
#define TEETER_RANGE 7

/* Nothing was given where something is needed. */
#define TEETER_EMPTY 8

/* NaN or infinity where a finite number is needed. */
#define TEETER_NOT_FINITE 9

/* A vector without a direction. */
#define TEETER_ZERO_VECTOR 10

/* A pivot is not positive. */
#define TEETER_PIVOT 11

/* A bounded iteration used up its bound. */
#define TEETER_NO_CONVERGENCE 12

/* The caller's operator returned a code other than 0; the code is handed back. */
#define TEETER_OPERATOR 13

/* Called out of turn. */
#define TEETER_STATE 14

/* An error that this version of the interface has no name for. */
#define TEETER_OTHER 15

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* What a status means, in English; never null, never freed. */
const char *teeter_status_text(teeter_status status);

/* The version of the library: major·10000 + minor·100 + patch. */
uint32_t teeter_version(void);

/* The best machine present. Call once and keep the number. */
teeter_machine teeter_machine_detect(void);

/* The machine that is present everywhere. */
teeter_machine teeter_machine_portable(void);

/* The same machine, fusing multiply and add in level 3 and factorizations where it can: faster, and
 * the same bits on all machines that fuse, but not those of the others. 0, which every call
 * refuses, if `machine` is none. */
teeter_machine teeter_machine_fused(teeter_machine machine);

/* Parameters of a network; 0 for a shape that is none. */
size_t teeter_mlp_param_len(const teeter_mlp_shape *shape);

/* Elements of scratch that `teeter_mlp_new_*` needs; 0 for a shape that is none. */
size_t teeter_mlp_scratch_len(const teeter_mlp_shape *shape, size_t samples);

/* Elements of scratch for `teeter_extremal_eigenpair_*`. */
size_t teeter_extremal_eigenpair_scratch_len(size_t n, size_t krylov_dim);

/* Elements of scratch for `teeter_power_iteration_*`. */
size_t teeter_power_iteration_scratch_len(size_t n);

/* Elements of scratch for `teeter_thick_restart_new_*`. */
size_t teeter_thick_restart_scratch_len(size_t n, size_t krylov_dim);

/* Elements of scratch for `teeter_tracker_new_*`. */
size_t teeter_tracker_scratch_len(size_t n, size_t dim_max);

/* Elements of scratch for `teeter_lanczos_new_*`. */
size_t teeter_lanczos_scratch_len(size_t n, size_t dim_max);

/* Elements of scratch for `teeter_lanczos_values_*`. */
size_t teeter_ritz_scratch_len(size_t steps);

/* Elements of scratch for `teeter_conjugate_gradient_*`. */
size_t teeter_conjugate_gradient_scratch_len(size_t n);

/* Elements of scratch for `teeter_hutchinson_* and teeter_hutchinson_until_*`. */
size_t teeter_hutchinson_scratch_len(size_t n);

/* Elements of scratch for `teeter_hutch_pp_*`. */
size_t teeter_hutch_pp_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_xtrace_*`. */
size_t teeter_xtrace_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_xnystrace_*`. */
size_t teeter_xnystrace_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_diagonal_*`. */
size_t teeter_diagonal_scratch_len(size_t n);

/* Elements of scratch for `teeter_hutch_pp_steps_new_*`. */
size_t teeter_hutch_pp_steps_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_xtrace_steps_new_*`. */
size_t teeter_xtrace_steps_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_xtrace_steps_estimate_*`. */
size_t teeter_xtrace_estimate_scratch_len(size_t n, size_t products);

/* Elements of scratch for `teeter_diagonal_steps_new_*`. */
size_t teeter_diagonal_steps_scratch_len(size_t n);

/* Elements of scratch for `teeter_slq_new_*`. */
size_t teeter_slq_scratch_len(size_t n, size_t probes, size_t steps);

/* Elements of scratch for `teeter_slq_estimate_* and its kin`. */
size_t teeter_quadrature_scratch_len(size_t steps);

/* Elements of scratch for `teeter_cholesky_downdate_*`. */
size_t teeter_cholesky_downdate_scratch_len(size_t n);

/* Elements of scratch for `teeter_qr_* and what applies it`. */
size_t teeter_qr_scratch_len(size_t m, size_t n);

/* Elements of scratch for `teeter_least_squares_*`. */
size_t teeter_least_squares_scratch_len(size_t m, size_t n, size_t p);

/* Elements of scratch for `teeter_symmetric_eigen_*`. */
size_t teeter_symmetric_eigen_scratch_len(size_t n);

/* Elements of scratch for `teeter_generalized_eigen_*`. */
size_t teeter_generalized_eigen_scratch_len(size_t n);

/* Elements of scratch for `teeter_svd_*`. */
size_t teeter_svd_scratch_len(size_t m, size_t n);

/* Elements of scratch for `teeter_penalty_new_*`. */
size_t teeter_tracer_scratch_len(size_t n);

/* Elements of scratch in a `teeter_difference_*`. */
size_t teeter_difference_scratch_len(size_t n);

/* Elements of scratch for `teeter_hutchinson_steps_new_*`. */
size_t teeter_hutchinson_steps_scratch_len(size_t n);

/* Elements of scratch for `teeter_lanczos_vector_*`. */
size_t teeter_ritz_vector_scratch_len(size_t steps);

/* The usual `krylov_dim` for `count` pairs of order n. */
size_t teeter_krylov_dim_for(size_t n, size_t count);

/* Elements that a linear model of this design keeps. */
size_t teeter_linear_model_memory_len(size_t rows, size_t cols);

/* Elements of scratch for `teeter_linear_model_new_*`. */
size_t teeter_linear_model_scratch_len(size_t rows, size_t cols);

/* Elements of scratch for `teeter_effective_parameters_dense_*`. */
size_t teeter_effective_parameters_dense_scratch_len(size_t n);

/* result ← xᵀy. */
teeter_status teeter_dot_f64(teeter_machine machine,
                             size_t n,
                             const double *x,
                             const double *y,
                             double *result);
teeter_status teeter_dot_f32(teeter_machine machine,
                             size_t n,
                             const float *x,
                             const float *y,
                             float *result);

/* result ← xᵀy, as if summed in twice the precision and then rounded. */
teeter_status teeter_dot_precise_f64(teeter_machine machine,
                                     size_t n,
                                     const double *x,
                                     const double *y,
                                     double *result);
teeter_status teeter_dot_precise_f32(teeter_machine machine,
                                     size_t n,
                                     const float *x,
                                     const float *y,
                                     float *result);

/* result ← ‖x‖₂, without overflow or underflow on the way. */
teeter_status teeter_norm2_f64(teeter_machine machine, size_t n, const double *x, double *result);
teeter_status teeter_norm2_f32(teeter_machine machine, size_t n, const float *x, float *result);

/* result ← Σ xᵢ. */
teeter_status teeter_sum_f64(teeter_machine machine, size_t n, const double *x, double *result);
teeter_status teeter_sum_f32(teeter_machine machine, size_t n, const float *x, float *result);

/* result ← Σ |xᵢ|. */
teeter_status teeter_sum_abs_f64(teeter_machine machine, size_t n, const double *x, double *result);
teeter_status teeter_sum_abs_f32(teeter_machine machine, size_t n, const float *x, float *result);

/* result ← Σ xᵢ, as if summed in twice the precision and then rounded. */
teeter_status teeter_sum_precise_f64(teeter_machine machine,
                                     size_t n,
                                     const double *x,
                                     double *result);
teeter_status teeter_sum_precise_f32(teeter_machine machine,
                                     size_t n,
                                     const float *x,
                                     float *result);

/* index ← the first i with the largest |xᵢ|; the first NaN if there is one. Refuses n = 0. */
teeter_status teeter_argmax_abs_f64(teeter_machine machine,
                                    size_t n,
                                    const double *x,
                                    size_t *index);
teeter_status teeter_argmax_abs_f32(teeter_machine machine,
                                    size_t n,
                                    const float *x,
                                    size_t *index);

/* index ← the first i at which x is NaN or infinite; n if there is none. */
teeter_status teeter_first_not_finite_f64(teeter_machine machine,
                                          size_t n,
                                          const double *x,
                                          size_t *index);
teeter_status teeter_first_not_finite_f32(teeter_machine machine,
                                          size_t n,
                                          const float *x,
                                          size_t *index);

/* y ← αx + y. */
teeter_status teeter_axpy_f64(teeter_machine machine,
                              size_t n,
                              double alpha,
                              const double *x,
                              double *y);
teeter_status teeter_axpy_f32(teeter_machine machine,
                              size_t n,
                              float alpha,
                              const float *x,
                              float *y);

/* x ← αx. */
teeter_status teeter_scale_f64(teeter_machine machine, size_t n, double alpha, double *x);
teeter_status teeter_scale_f32(teeter_machine machine, size_t n, float alpha, float *x);

/* yᵢ ← xᵢyᵢ. */
teeter_status teeter_multiply_f64(teeter_machine machine, size_t n, const double *x, double *y);
teeter_status teeter_multiply_f32(teeter_machine machine, size_t n, const float *x, float *y);

/* x ↔ y. */
teeter_status teeter_swap_f64(teeter_machine machine, size_t n, double *x, double *y);
teeter_status teeter_swap_f32(teeter_machine machine, size_t n, float *x, float *y);

/* result ← c and s with c² + s² = 1, cf + sg = r, cg − sf = 0. */
teeter_status teeter_givens_of_f64(double f, double g, teeter_givens_f64 *result);
teeter_status teeter_givens_of_f32(float f, float g, teeter_givens_f32 *result);

/* (x, y) ← (cx + sy, cy − sx). */
teeter_status teeter_rotate_f64(teeter_machine machine,
                                size_t n,
                                double c,
                                double s,
                                double *x,
                                double *y);
teeter_status teeter_rotate_f32(teeter_machine machine,
                                size_t n,
                                float c,
                                float s,
                                float *x,
                                float *y);

/* xᵢ ← f(xᵢ), f(x) = eˣ. */
teeter_status teeter_exp_f64(teeter_machine machine, size_t n, double *x);
teeter_status teeter_exp_f32(teeter_machine machine, size_t n, float *x);

/* xᵢ ← f(xᵢ), f(x) = tanh x. */
teeter_status teeter_tanh_f64(teeter_machine machine, size_t n, double *x);
teeter_status teeter_tanh_f32(teeter_machine machine, size_t n, float *x);

/* xᵢ ← f(xᵢ), f(x) = 1/(1 + e⁻ˣ). */
teeter_status teeter_sigmoid_f64(teeter_machine machine, size_t n, double *x);
teeter_status teeter_sigmoid_f32(teeter_machine machine, size_t n, float *x);

/* xᵢ ← f(xᵢ), f(x) = log(1 + eˣ). */
teeter_status teeter_softplus_f64(teeter_machine machine, size_t n, double *x);
teeter_status teeter_softplus_f32(teeter_machine machine, size_t n, float *x);

/* xᵢ ← f(xᵢ), f(x) = log(1 + x). */
teeter_status teeter_log1p_f64(teeter_machine machine, size_t n, double *x);
teeter_status teeter_log1p_f32(teeter_machine machine, size_t n, float *x);

/* x ← +1 or −1, by equal chance. Element i is a function of stream and i, the same on every target. */
teeter_status teeter_signs_f64(teeter_stream stream,
                               size_t n,
                               double *x);
teeter_status teeter_signs_f32(teeter_stream stream,
                               size_t n,
                               float *x);

/* x ← standard normal numbers. Element i is a function of stream and i, the same on every target. */
teeter_status teeter_normals_f64(teeter_stream stream, size_t n, double *x);
teeter_status teeter_normals_f32(teeter_stream stream, size_t n, float *x);

/* x ← uniform numbers of the open interval (0, 1). Element i is a function of stream and i, the same on every target. */
teeter_status teeter_uniforms_f64(teeter_stream stream,
                                  size_t n,
                                  double *x);
teeter_status teeter_uniforms_f32(teeter_stream stream,
                                  size_t n,
                                  float *x);

/* y ← αAx + βy. `x`: a.cols elements, `y`: a.rows. β = 0 does not read y. */
teeter_status teeter_gemv_f64(teeter_machine machine,
                              double alpha,
                              teeter_matrix_f64 a,
                              const double *x,
                              double beta,
                              double *y);
teeter_status teeter_gemv_f32(teeter_machine machine,
                              float alpha,
                              teeter_matrix_f32 a,
                              const float *x,
                              float beta,
                              float *y);

/* A ← αxyᵀ + A. `x`: a.rows elements, `y`: a.cols. */
teeter_status teeter_ger_f64(teeter_machine machine,
                             double alpha,
                             const double *x,
                             const double *y,
                             teeter_matrix_mut_f64 a);
teeter_status teeter_ger_f32(teeter_machine machine,
                             float alpha,
                             const float *x,
                             const float *y,
                             teeter_matrix_mut_f32 a);

/* y ← αAx + βy, A symmetric, of which one triangle is read; `diagonal` of `a` must be 0.
 * β = 0 does not read y. */
teeter_status teeter_symv_f64(teeter_machine machine,
                              double alpha,
                              teeter_triangular_f64 a,
                              const double *x,
                              double beta,
                              double *y);
teeter_status teeter_symv_f32(teeter_machine machine,
                              float alpha,
                              teeter_triangular_f32 a,
                              const float *x,
                              float beta,
                              float *y);

/* A ← αxxᵀ + A in one triangle of A; the other is left alone. `x`: a.rows elements. */
teeter_status teeter_syr_f64(teeter_machine machine,
                             double alpha,
                             const double *x,
                             uint32_t triangle,
                             teeter_matrix_mut_f64 a);
teeter_status teeter_syr_f32(teeter_machine machine,
                             float alpha,
                             const float *x,
                             uint32_t triangle,
                             teeter_matrix_mut_f32 a);

/* x ← Ax, A triangular. `x`: n elements. */
teeter_status teeter_trmv_f64(teeter_machine machine, teeter_triangular_f64 a, double *x);
teeter_status teeter_trmv_f32(teeter_machine machine, teeter_triangular_f32 a, float *x);

/* x ← A⁻¹x, A triangular. `x`: n elements. A diagonal element of 0 is TEETER_PIVOT. */
teeter_status teeter_trsv_f64(teeter_machine machine, teeter_triangular_f64 a, double *x);
teeter_status teeter_trsv_f32(teeter_machine machine, teeter_triangular_f32 a, float *x);

/* C ← αAB + βC. β = 0 does not read C. */
teeter_status teeter_gemm_f64(teeter_machine machine,
                              double alpha,
                              teeter_matrix_f64 a,
                              teeter_matrix_f64 b,
                              double beta,
                              teeter_matrix_mut_f64 c);
teeter_status teeter_gemm_f32(teeter_machine machine,
                              float alpha,
                              teeter_matrix_f32 a,
                              teeter_matrix_f32 b,
                              float beta,
                              teeter_matrix_mut_f32 c);

/* C ← αAAᵀ + βC in one triangle of C; the other is left alone. β = 0 does not read C. */
teeter_status teeter_syrk_f64(teeter_machine machine,
                              double alpha,
                              teeter_matrix_f64 a,
                              double beta,
                              uint32_t triangle,
                              teeter_matrix_mut_f64 c);
teeter_status teeter_syrk_f32(teeter_machine machine,
                              float alpha,
                              teeter_matrix_f32 a,
                              float beta,
                              uint32_t triangle,
                              teeter_matrix_mut_f32 c);

/* B ← αAB for `side` TEETER_LEFT, αBA for TEETER_RIGHT; A triangular. */
teeter_status teeter_trmm_f64(teeter_machine machine,
                              uint32_t side,
                              double alpha,
                              teeter_triangular_f64 a,
                              teeter_matrix_mut_f64 b);
teeter_status teeter_trmm_f32(teeter_machine machine,
                              uint32_t side,
                              float alpha,
                              teeter_triangular_f32 a,
                              teeter_matrix_mut_f32 b);

/* B ← αA⁻¹B for `side` TEETER_LEFT, αBA⁻¹ for TEETER_RIGHT; A triangular. A diagonal element
 * of 0 is TEETER_PIVOT. */
teeter_status teeter_trsm_f64(teeter_machine machine,
                              uint32_t side,
                              double alpha,
                              teeter_triangular_f64 a,
                              teeter_matrix_mut_f64 b);
teeter_status teeter_trsm_f32(teeter_machine machine,
                              uint32_t side,
                              float alpha,
                              teeter_triangular_f32 a,
                              teeter_matrix_mut_f32 b);

/* A ← L with A = LLᵀ: the lower triangle is read and overwritten, the upper left alone.
 * `TEETER_PIVOT`: A is not positive definite; rows before the pivot then hold L, the rest of the lower
 * triangle is unspecified. */
teeter_status teeter_cholesky_f64(teeter_machine machine,
                                  teeter_matrix_mut_f64 a);
teeter_status teeter_cholesky_f32(teeter_machine machine,
                                  teeter_matrix_mut_f32 a);

/* B ← A⁻¹B, `l` as `teeter_cholesky_f64` left it. A vector is a matrix of one column. */
teeter_status teeter_cholesky_solve_f64(teeter_machine machine,
                                        teeter_matrix_f64 l,
                                        teeter_matrix_mut_f64 b);
teeter_status teeter_cholesky_solve_f32(teeter_machine machine,
                                        teeter_matrix_f32 l,
                                        teeter_matrix_mut_f32 b);

/* inverse ← A⁻¹, both triangles, `l` as `teeter_cholesky_f64` left it. */
teeter_status teeter_cholesky_inverse_f64(teeter_machine machine,
                                          teeter_matrix_f64 l,
                                          teeter_matrix_mut_f64 inverse);
teeter_status teeter_cholesky_inverse_f32(teeter_machine machine,
                                          teeter_matrix_f32 l,
                                          teeter_matrix_mut_f32 inverse);

/* result ← log det A, `l` as `teeter_cholesky_f64` left it. */
teeter_status teeter_cholesky_log_determinant_f64(teeter_matrix_f64 l, double *result);
teeter_status teeter_cholesky_log_determinant_f32(teeter_matrix_f32 l, float *result);

/* L of A + xxᵀ from L of A. `x`: n elements, used up. */
teeter_status teeter_cholesky_update_f64(teeter_machine machine,
                                         teeter_matrix_mut_f64 l,
                                         double *x);
teeter_status teeter_cholesky_update_f32(teeter_machine machine,
                                         teeter_matrix_mut_f32 l,
                                         float *x);

/* L of A − xxᵀ from L of A. `x`: n elements, used up. `scratch`:
 * `teeter_cholesky_downdate_scratch_len(n)`. `TEETER_PIVOT`: A − xxᵀ is not positive definite. */
teeter_status teeter_cholesky_downdate_f64(teeter_machine machine,
                                           teeter_matrix_mut_f64 l,
                                           double *x,
                                           teeter_scratch_f64 scratch);
teeter_status teeter_cholesky_downdate_f32(teeter_machine machine,
                                           teeter_matrix_mut_f32 l,
                                           float *x,
                                           teeter_scratch_f32 scratch);

/* A ← L and D with A = LDLᵀ, without pivoting: for quasidefinite matrices. The lower triangle is
 * read and overwritten, D on the diagonal. `TEETER_PIVOT`: a pivot is 0; A is unspecified then. */
teeter_status teeter_ldlt_f64(teeter_machine machine, teeter_matrix_mut_f64 a);
teeter_status teeter_ldlt_f32(teeter_machine machine, teeter_matrix_mut_f32 a);

/* B ← A⁻¹B, `ld` as `teeter_ldlt_f64` left it. A vector is a matrix of one column. */
teeter_status teeter_ldlt_solve_f64(teeter_machine machine,
                                    teeter_matrix_f64 ld,
                                    teeter_matrix_mut_f64 b);
teeter_status teeter_ldlt_solve_f32(teeter_machine machine,
                                    teeter_matrix_f32 ld,
                                    teeter_matrix_mut_f32 b);

/* A ← L and U with PA = LU. `pivots`: min(m, n), the row exchanged with row i. A singular A has a 0 on the
 * diagonal of U, which `teeter_lu_solve_f64` refuses. */
teeter_status teeter_lu_f64(teeter_machine machine,
                            teeter_matrix_mut_f64 a,
                            size_t *pivots);
teeter_status teeter_lu_f32(teeter_machine machine,
                            teeter_matrix_mut_f32 a,
                            size_t *pivots);

/* B ← A⁻¹B, `lu` and `pivots` as `teeter_lu_f64` left them. `TEETER_PIVOT`: A is singular. */
teeter_status teeter_lu_solve_f64(teeter_machine machine,
                                  teeter_matrix_f64 lu,
                                  const size_t *pivots,
                                  teeter_matrix_mut_f64 b);
teeter_status teeter_lu_solve_f32(teeter_machine machine,
                                  teeter_matrix_f32 lu,
                                  const size_t *pivots,
                                  teeter_matrix_mut_f32 b);

/* B ← A⁻ᵀB, `lu` and `pivots` as `teeter_lu_f64` left them. */
teeter_status teeter_lu_solve_t_f64(teeter_machine machine,
                                    teeter_matrix_f64 lu,
                                    const size_t *pivots,
                                    teeter_matrix_mut_f64 b);
teeter_status teeter_lu_solve_t_f32(teeter_machine machine,
                                    teeter_matrix_f32 lu,
                                    const size_t *pivots,
                                    teeter_matrix_mut_f32 b);

/* sign, log ← det A = sign·e^log, `lu` and `pivots` as `teeter_lu_f64` left them. */
teeter_status teeter_lu_log_determinant_f64(teeter_matrix_f64 lu,
                                            const size_t *pivots,
                                            double *sign,
                                            double *log);
teeter_status teeter_lu_log_determinant_f32(teeter_matrix_f32 lu,
                                            const size_t *pivots,
                                            float *sign,
                                            float *log);

/* A ← R and reflections with A = QR. `a`: m × n, `tau`: min(m, n) elements, `scratch`:
 * `teeter_qr_scratch_len(m, n)`. */
teeter_status teeter_qr_f64(teeter_machine machine,
                            teeter_matrix_mut_f64 a,
                            double *tau,
                            teeter_scratch_f64 scratch);
teeter_status teeter_qr_f32(teeter_machine machine,
                            teeter_matrix_mut_f32 a,
                            float *tau,
                            teeter_scratch_f32 scratch);

/* C ← QC, `qr` and `tau` as `teeter_qr_f64` left them. `scratch`: `teeter_qr_scratch_len(m, c.cols)`. */
teeter_status teeter_qr_apply_f64(teeter_machine machine,
                                  teeter_matrix_f64 qr,
                                  const double *tau,
                                  teeter_matrix_mut_f64 c,
                                  teeter_scratch_f64 scratch);
teeter_status teeter_qr_apply_f32(teeter_machine machine,
                                  teeter_matrix_f32 qr,
                                  const float *tau,
                                  teeter_matrix_mut_f32 c,
                                  teeter_scratch_f32 scratch);

/* C ← QᵀC, `qr` and `tau` as `teeter_qr_f64` left them. `scratch`: `teeter_qr_scratch_len(m, c.cols)`. */
teeter_status teeter_qr_apply_t_f64(teeter_machine machine,
                                    teeter_matrix_f64 qr,
                                    const double *tau,
                                    teeter_matrix_mut_f64 c,
                                    teeter_scratch_f64 scratch);
teeter_status teeter_qr_apply_t_f32(teeter_machine machine,
                                    teeter_matrix_f32 qr,
                                    const float *tau,
                                    teeter_matrix_mut_f32 c,
                                    teeter_scratch_f32 scratch);

/* `q` ← the first q.cols columns of Q; min(m, n) of them are the thin Q. `scratch`:
 * `teeter_qr_scratch_len(m, q.cols)`. */
teeter_status teeter_qr_form_f64(teeter_machine machine,
                                 teeter_matrix_f64 qr,
                                 const double *tau,
                                 teeter_matrix_mut_f64 q,
                                 teeter_scratch_f64 scratch);
teeter_status teeter_qr_form_f32(teeter_machine machine,
                                 teeter_matrix_f32 qr,
                                 const float *tau,
                                 teeter_matrix_mut_f32 q,
                                 teeter_scratch_f32 scratch);

/* Least squares, min ‖AX − B‖, m ≥ n. `a`: m × n of full rank, used up. `b`: m × p; its first n rows become X, and
 * what is below them has the norm of the residual. `scratch`: `teeter_least_squares_scratch_len(m, n, p)`.
 * `TEETER_PIVOT`: columns depend on one another. */
teeter_status teeter_least_squares_f64(teeter_machine machine,
                                       teeter_matrix_mut_f64 a,
                                       teeter_matrix_mut_f64 b,
                                       teeter_scratch_f64 scratch);
teeter_status teeter_least_squares_f32(teeter_machine machine,
                                       teeter_matrix_mut_f32 a,
                                       teeter_matrix_mut_f32 b,
                                       teeter_scratch_f32 scratch);

/* `a` (n × n, lower triangle read) ← eigenvectors in its columns; `values`: n, ascending. `scratch`:
 * `teeter_symmetric_eigen_scratch_len(n)`. */
teeter_status teeter_symmetric_eigen_f64(teeter_machine machine,
                                         teeter_matrix_mut_f64 a,
                                         double *values,
                                         teeter_scratch_f64 scratch);
teeter_status teeter_symmetric_eigen_f32(teeter_machine machine,
                                         teeter_matrix_mut_f32 a,
                                         float *values,
                                         teeter_scratch_f32 scratch);

/* Av = λGv: `a` ← vectors in its columns, `g` (positive definite) ← its Cholesky factor, `values`: n,
 * ascending. `scratch`: `teeter_generalized_eigen_scratch_len(n)`. */
teeter_status teeter_generalized_eigen_f64(teeter_machine machine,
                                           teeter_matrix_mut_f64 a,
                                           teeter_matrix_mut_f64 g,
                                           double *values,
                                           teeter_scratch_f64 scratch);
teeter_status teeter_generalized_eigen_f32(teeter_machine machine,
                                           teeter_matrix_mut_f32 a,
                                           teeter_matrix_mut_f32 g,
                                           float *values,
                                           teeter_scratch_f32 scratch);

/* A = U diag(values) Vᵀ. `a`: m × n, `u`: m × r, `v`: n × r, `values`: r, descending, r = min(m, n).
 * `scratch`: `teeter_svd_scratch_len(m, n)`. */
teeter_status teeter_svd_f64(teeter_machine machine,
                             teeter_matrix_f64 a,
                             teeter_matrix_mut_f64 u,
                             double *values,
                             teeter_matrix_mut_f64 v,
                             teeter_scratch_f64 scratch);
teeter_status teeter_svd_f32(teeter_machine machine,
                             teeter_matrix_f32 a,
                             teeter_matrix_mut_f32 u,
                             float *values,
                             teeter_matrix_mut_f32 v,
                             teeter_scratch_f32 scratch);

/* rank ← how many of r singular values, descending, exceed tolerance times the first. */
teeter_status teeter_svd_rank_f64(size_t r, const double *values, double tolerance, size_t *rank);
teeter_status teeter_svd_rank_f32(size_t r, const float *values, float tolerance, size_t *rank);

/* `diagonal`: n elements ← eigenvalues, ascending, of the symmetric tridiagonal matrix with this diagonal
 * and `off_diagonal`: n − 1 elements, used up. */
teeter_status teeter_tridiagonal_values_f64(size_t n,
                                            double *diagonal,
                                            double *off_diagonal);
teeter_status teeter_tridiagonal_values_f32(size_t n,
                                            float *diagonal,
                                            float *off_diagonal);

/* y ← Hx, H the Hessian at `params`, from differences of gradients: the product of a `teeter_operator_f64`
 * whose context is a `teeter_difference_f64`. Returns what the gradient returned if it refused, else a status.
 * Where there are exact products, take those. */
int32_t teeter_difference_product_f64(void *context,
                                      size_t n,
                                      const double *x,
                                      double *y);
int32_t teeter_difference_product_f32(void *context,
                                      size_t n,
                                      const float *x,
                                      float *y);

/* The eigenpair at one end of the spectrum, by Lanczos with restarts. `vector`: n elements, the start on entry (any
 * direction), the unit eigenvector on return. `scratch`:
 * `teeter_extremal_eigenpair_scratch_len(n, krylov_dim)`. If the operator refuses, `vector` is unspecified. */
teeter_status teeter_extremal_eigenpair_f64(teeter_machine machine,
                                            const teeter_operator_f64 *operator_,
                                            const teeter_lanczos_options_f64 *options,
                                            double *vector,
                                            teeter_scratch_f64 scratch,
                                            teeter_eigenpair_f64 *result);
teeter_status teeter_extremal_eigenpair_f32(teeter_machine machine,
                                            const teeter_operator_f32 *operator_,
                                            const teeter_lanczos_options_f32 *options,
                                            float *vector,
                                            teeter_scratch_f32 scratch,
                                            teeter_eigenpair_f32 *result);

/* The eigenpair of the largest |λ| by power iteration: little memory, many products; see
 * `teeter_extremal_eigenpair_f64` for what is usually better. `vector` as there. `scratch`:
 * `teeter_power_iteration_scratch_len(n)`. */
teeter_status teeter_power_iteration_f64(teeter_machine machine,
                                         const teeter_operator_f64 *operator_,
                                         const teeter_power_options_f64 *options,
                                         double *vector,
                                         teeter_scratch_f64 scratch,
                                         teeter_eigenpair_f64 *result);
teeter_status teeter_power_iteration_f32(teeter_machine machine,
                                         const teeter_operator_f32 *operator_,
                                         const teeter_power_options_f32 *options,
                                         float *vector,
                                         teeter_scratch_f32 scratch,
                                         teeter_eigenpair_f32 *result);

/* Begins a search on an operator of order n. `starts`: `start_count` vectors of n elements, one after the other; may be null
 * if there are none: random ones make up for them. `scratch`: `teeter_thick_restart_scratch_len(n, krylov_dim)`,
 * lent until the last call. */
teeter_status teeter_thick_restart_new_f64(teeter_machine machine,
                                           size_t n,
                                           const teeter_thick_restart_options_f64 *options,
                                           teeter_vectors_f64 starts,
                                           teeter_scratch_f64 scratch,
                                           teeter_thick_restart_f64 *search);
teeter_status teeter_thick_restart_new_f32(teeter_machine machine,
                                           size_t n,
                                           const teeter_thick_restart_options_f32 *options,
                                           teeter_vectors_f32 starts,
                                           teeter_scratch_f32 scratch,
                                           teeter_thick_restart_f32 *search);

/* vector ← n elements whose product is to be pushed next; null when the search is done. */
teeter_status teeter_thick_restart_poll_f64(teeter_thick_restart_f64 *search,
                                            const double **vector);
teeter_status teeter_thick_restart_poll_f32(teeter_thick_restart_f32 *search,
                                            const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. A product that is not finite is
 * refused and changes nothing: the right one can still be pushed. */
teeter_status teeter_thick_restart_push_f64(teeter_thick_restart_f64 *search,
                                            const double *product);
teeter_status teeter_thick_restart_push_f32(teeter_thick_restart_f32 *search,
                                            const float *product);

/* Ends the search: the best pairs so far become the answer, and the products it still wants are those
 * for their residuals. */
teeter_status teeter_thick_restart_conclude_f64(teeter_thick_restart_f64 *search);
teeter_status teeter_thick_restart_conclude_f32(teeter_thick_restart_f32 *search);

/* Pushes all products that the search wants. `product`: n elements of scratch. `operator_code`: what the
 * operator returned if the status is `TEETER_OPERATOR`; the search can go on then. */
teeter_status teeter_thick_restart_run_f64(teeter_thick_restart_f64 *search,
                                           const teeter_operator_f64 *operator_,
                                           double *product,
                                           int32_t *operator_code);
teeter_status teeter_thick_restart_run_f32(teeter_thick_restart_f32 *search,
                                           const teeter_operator_f32 *operator_,
                                           float *product,
                                           int32_t *operator_code);

/* found ← how many pairs can be asked for; completeness ← `TEETER_ALL`, `TEETER_MEMORY_FULL` or
 * `TEETER_UNKNOWN`: whether these are all that were wanted. */
teeter_status teeter_thick_restart_found_f64(teeter_thick_restart_f64 *search,
                                             size_t *found,
                                             uint32_t *completeness);
teeter_status teeter_thick_restart_found_f32(teeter_thick_restart_f32 *search,
                                             size_t *found,
                                             uint32_t *completeness);

/* The pair of this index, the most wanted first, and where its unit vector stands (null before the
 * end of the search): valid until the next `_push`. `TEETER_RANGE` beyond those found. */
teeter_status teeter_thick_restart_pair_f64(teeter_thick_restart_f64 *search,
                                            size_t index,
                                            teeter_eigenpair_f64 *pair,
                                            const double **vector);
teeter_status teeter_thick_restart_pair_f32(teeter_thick_restart_f32 *search,
                                            size_t index,
                                            teeter_eigenpair_f32 *pair,
                                            const float **vector);

/* A tracker of an operator of order n. `start`: no vector, or one. `scratch`: `teeter_tracker_scratch_len(n, dim_max)`,
 * lent until the last call. */
teeter_status teeter_tracker_new_f64(teeter_machine machine,
                                     size_t n,
                                     const teeter_tracker_options_f64 *options,
                                     teeter_vectors_f64 start,
                                     teeter_scratch_f64 scratch,
                                     teeter_tracker_f64 *tracker);
teeter_status teeter_tracker_new_f32(teeter_machine machine,
                                     size_t n,
                                     const teeter_tracker_options_f32 *options,
                                     teeter_vectors_f32 start,
                                     teeter_scratch_f32 scratch,
                                     teeter_tracker_f32 *tracker);

/* One step by callback: advances, takes the step's products and estimates. `product`: n elements
 * of scratch. */
teeter_status teeter_tracker_step_f64(teeter_tracker_f64 *tracker,
                                      const teeter_operator_f64 *operator_,
                                      double *product,
                                      teeter_tracked_f64 *result);
teeter_status teeter_tracker_step_f32(teeter_tracker_f32 *tracker,
                                      const teeter_operator_f32 *operator_,
                                      float *product,
                                      teeter_tracked_f32 *result);

/* Begins a step: the operator is another one from now on. Called before the products of every step. */
teeter_status teeter_tracker_advance_f64(teeter_tracker_f64 *tracker);
teeter_status teeter_tracker_advance_f32(teeter_tracker_f32 *tracker);

/* vector ← n elements whose product is to be pushed next; null when the step's products are taken. */
teeter_status teeter_tracker_poll_f64(teeter_tracker_f64 *tracker, const double **vector);
teeter_status teeter_tracker_poll_f32(teeter_tracker_f32 *tracker, const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. A product that is not finite is
 * refused and changes nothing: the right one can still be pushed. */
teeter_status teeter_tracker_push_f64(teeter_tracker_f64 *tracker, const double *product);
teeter_status teeter_tracker_push_f32(teeter_tracker_f32 *tracker, const float *product);

/* result ← λ₁ as it is seen now. */
teeter_status teeter_tracker_estimate_f64(teeter_tracker_f64 *tracker, teeter_tracked_f64 *result);
teeter_status teeter_tracker_estimate_f32(teeter_tracker_f32 *tracker, teeter_tracked_f32 *result);

/* Follows the eigenvalues beyond another limit from now on. */
teeter_status teeter_tracker_set_limit_f64(teeter_tracker_f64 *tracker, double limit);
teeter_status teeter_tracker_set_limit_f32(teeter_tracker_f32 *tracker, float limit);

/* The pair of this index, the largest first, and where its unit vector stands: valid until the
 * next `_push`. `TEETER_RANGE` beyond those kept. */
teeter_status teeter_tracker_pair_f64(teeter_tracker_f64 *tracker,
                                      size_t index,
                                      teeter_tracked_pair_f64 *pair,
                                      const double **vector);
teeter_status teeter_tracker_pair_f32(teeter_tracker_f32 *tracker,
                                      size_t index,
                                      teeter_tracked_pair_f32 *pair,
                                      const float **vector);

/* Begins a process of at most `dim_max` steps. `start`: n elements, any direction. `scratch`:
 * `teeter_lanczos_scratch_len(n, dim_max)`, lent until the last call. */
teeter_status teeter_lanczos_new_f64(teeter_machine machine,
                                     size_t n,
                                     const double *start,
                                     size_t dim_max,
                                     teeter_scratch_f64 scratch,
                                     teeter_lanczos_f64 *process);
teeter_status teeter_lanczos_new_f32(teeter_machine machine,
                                     size_t n,
                                     const float *start,
                                     size_t dim_max,
                                     teeter_scratch_f32 scratch,
                                     teeter_lanczos_f32 *process);

/* vector ← n elements whose product is to be pushed next; null when the process is done. */
teeter_status teeter_lanczos_poll_f64(teeter_lanczos_f64 *process, const double **vector);
teeter_status teeter_lanczos_poll_f32(teeter_lanczos_f32 *process, const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. */
teeter_status teeter_lanczos_push_f64(teeter_lanczos_f64 *process, const double *product);
teeter_status teeter_lanczos_push_f32(teeter_lanczos_f32 *process, const float *product);

/* steps ← steps taken; invariant ← 1 if the subspace is invariant and the Ritz values exact, else 0. */
teeter_status teeter_lanczos_steps_f64(teeter_lanczos_f64 *process,
                                       size_t *steps,
                                       uint32_t *invariant);
teeter_status teeter_lanczos_steps_f32(teeter_lanczos_f32 *process,
                                       size_t *steps,
                                       uint32_t *invariant);

/* The Ritz values, ascending, with the weight and the residual of each: as many elements as `_steps`
 * tells. `scratch`: `teeter_ritz_scratch_len(steps)`. */
teeter_status teeter_lanczos_values_f64(teeter_lanczos_f64 *process,
                                        double *values,
                                        double *weights,
                                        double *residuals,
                                        teeter_scratch_f64 scratch);
teeter_status teeter_lanczos_values_f32(teeter_lanczos_f32 *process,
                                        float *values,
                                        float *weights,
                                        float *residuals,
                                        teeter_scratch_f32 scratch);

/* vector ← the unit Ritz vector of the value of this index: n elements. `scratch`:
 * `teeter_ritz_vector_scratch_len(steps)`. */
teeter_status teeter_lanczos_vector_f64(teeter_machine machine,
                                        teeter_lanczos_f64 *process,
                                        size_t index,
                                        size_t n,
                                        double *vector,
                                        teeter_scratch_f64 scratch);
teeter_status teeter_lanczos_vector_f32(teeter_machine machine,
                                        teeter_lanczos_f32 *process,
                                        size_t index,
                                        size_t n,
                                        float *vector,
                                        teeter_scratch_f32 scratch);

/* x ← A⁻¹b by conjugate gradients, A positive definite. `x`: n elements. `scratch`:
 * `teeter_conjugate_gradient_scratch_len(n)`. `TEETER_PIVOT`: A is not positive definite. */
teeter_status teeter_conjugate_gradient_f64(teeter_machine machine,
                                            const teeter_operator_f64 *operator_,
                                            const teeter_solve_options_f64 *options,
                                            double *x,
                                            teeter_scratch_f64 scratch,
                                            teeter_solve_f64 *result);
teeter_status teeter_conjugate_gradient_f32(teeter_machine machine,
                                            const teeter_operator_f32 *operator_,
                                            const teeter_solve_options_f32 *options,
                                            float *x,
                                            teeter_scratch_f32 scratch,
                                            teeter_solve_f32 *result);

/* Tr A as the mean of zᵀAz over random probes.
 * `scratch`: `teeter_hutchinson_scratch_len(n)`. */
teeter_status teeter_hutchinson_f64(teeter_machine machine,
                                    const teeter_operator_f64 *operator_,
                                    const teeter_trace_options_f64 *options,
                                    teeter_scratch_f64 scratch,
                                    teeter_trace_f64 *result);
teeter_status teeter_hutchinson_f32(teeter_machine machine,
                                    const teeter_operator_f32 *operator_,
                                    const teeter_trace_options_f32 *options,
                                    teeter_scratch_f32 scratch,
                                    teeter_trace_f32 *result);

/* Tr A by Hutch++: exactly on a sketched range, Hutchinson on the rest. For spectra that decay.
 * `scratch`: `teeter_hutch_pp_scratch_len(n, products)`. */
teeter_status teeter_hutch_pp_f64(teeter_machine machine,
                                  const teeter_operator_f64 *operator_,
                                  const teeter_trace_options_f64 *options,
                                  teeter_scratch_f64 scratch,
                                  teeter_trace_f64 *result);
teeter_status teeter_hutch_pp_f32(teeter_machine machine,
                                  const teeter_operator_f32 *operator_,
                                  const teeter_trace_options_f32 *options,
                                  teeter_scratch_f32 scratch,
                                  teeter_trace_f32 *result);

/* Tr A by XTrace: as Hutch++, and each probe tests what the others sketch. Needs the fewest products
 * where the spectrum decays.
 * `scratch`: `teeter_xtrace_scratch_len(n, products)`. */
teeter_status teeter_xtrace_f64(teeter_machine machine,
                                const teeter_operator_f64 *operator_,
                                const teeter_trace_options_f64 *options,
                                teeter_scratch_f64 scratch,
                                teeter_trace_f64 *result);
teeter_status teeter_xtrace_f32(teeter_machine machine,
                                const teeter_operator_f32 *operator_,
                                const teeter_trace_options_f32 *options,
                                teeter_scratch_f32 scratch,
                                teeter_trace_f32 *result);

/* Tr A by XNysTrace, for A with no negative eigenvalue: the sharpest of all there.
 * `scratch`: `teeter_xnystrace_scratch_len(n, products)`. */
teeter_status teeter_xnystrace_f64(teeter_machine machine,
                                   const teeter_operator_f64 *operator_,
                                   const teeter_trace_options_f64 *options,
                                   teeter_scratch_f64 scratch,
                                   teeter_trace_f64 *result);
teeter_status teeter_xnystrace_f32(teeter_machine machine,
                                   const teeter_operator_f32 *operator_,
                                   const teeter_trace_options_f32 *options,
                                   teeter_scratch_f32 scratch,
                                   teeter_trace_f32 *result);

/* Tr A by as many probes as the tolerance asks for, `products` at most. The interval holds at whatever probe it stops.
 * `scratch`: `teeter_hutchinson_scratch_len(n)`. */
teeter_status teeter_hutchinson_until_f64(teeter_machine machine,
                                          const teeter_operator_f64 *operator_,
                                          const teeter_trace_options_f64 *options,
                                          const teeter_stop_rule_f64 *rule,
                                          teeter_scratch_f64 scratch,
                                          teeter_trace_f64 *result);
teeter_status teeter_hutchinson_until_f32(teeter_machine machine,
                                          const teeter_operator_f32 *operator_,
                                          const teeter_trace_options_f32 *options,
                                          const teeter_stop_rule_f32 *rule,
                                          teeter_scratch_f32 scratch,
                                          teeter_trace_f32 *result);

/* The diagonal of A, with an error for each element. `scratch`: `teeter_diagonal_scratch_len(n)`. `operator_code`: what
 * the operator returned if the status is `TEETER_OPERATOR`; the diagonal is unspecified then. */
teeter_status teeter_diagonal_f64(teeter_machine machine,
                                  const teeter_operator_f64 *operator_,
                                  const teeter_diagonal_request_f64 *request,
                                  teeter_scratch_f64 scratch,
                                  int32_t *operator_code);
teeter_status teeter_diagonal_f32(teeter_machine machine,
                                  const teeter_operator_f32 *operator_,
                                  const teeter_diagonal_request_f32 *request,
                                  teeter_scratch_f32 scratch,
                                  int32_t *operator_code);

/* Begins an estimate of the trace of an operator of order n. `scratch`:
 * `teeter_hutch_pp_steps_scratch_len(n, products)`, lent until the last call. */
teeter_status teeter_hutch_pp_steps_new_f64(teeter_machine machine,
                                            size_t n,
                                            const teeter_trace_options_f64 *options,
                                            teeter_scratch_f64 scratch,
                                            teeter_hutch_pp_steps_f64 *state);
teeter_status teeter_hutch_pp_steps_new_f32(teeter_machine machine,
                                            size_t n,
                                            const teeter_trace_options_f32 *options,
                                            teeter_scratch_f32 scratch,
                                            teeter_hutch_pp_steps_f32 *state);

/* vector ← n elements whose product is to be pushed next; null when it is done. */
teeter_status teeter_hutch_pp_steps_poll_f64(teeter_hutch_pp_steps_f64 *state,
                                             const double **vector);
teeter_status teeter_hutch_pp_steps_poll_f32(teeter_hutch_pp_steps_f32 *state,
                                             const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
 * and changes nothing: the right one can still be pushed. */
teeter_status teeter_hutch_pp_steps_push_f64(teeter_hutch_pp_steps_f64 *state,
                                             const double *product);
teeter_status teeter_hutch_pp_steps_push_f32(teeter_hutch_pp_steps_f32 *state,
                                             const float *product);

/* result ← the trace from the products so far. 0 < confidence < 1. */
teeter_status teeter_hutch_pp_steps_estimate_f64(teeter_hutch_pp_steps_f64 *state,
                                                 double confidence,
                                                 teeter_trace_f64 *result);
teeter_status teeter_hutch_pp_steps_estimate_f32(teeter_hutch_pp_steps_f32 *state,
                                                 float confidence,
                                                 teeter_trace_f32 *result);

/* Begins an estimate of the trace of an operator of order n. `scratch`:
 * `teeter_xtrace_steps_scratch_len(n, products)`, lent until the last call. */
teeter_status teeter_xtrace_steps_new_f64(teeter_machine machine,
                                          size_t n,
                                          const teeter_trace_options_f64 *options,
                                          teeter_scratch_f64 scratch,
                                          teeter_xtrace_steps_f64 *state);
teeter_status teeter_xtrace_steps_new_f32(teeter_machine machine,
                                          size_t n,
                                          const teeter_trace_options_f32 *options,
                                          teeter_scratch_f32 scratch,
                                          teeter_xtrace_steps_f32 *state);

/* vector ← n elements whose product is to be pushed next; null when it is done. */
teeter_status teeter_xtrace_steps_poll_f64(teeter_xtrace_steps_f64 *state, const double **vector);
teeter_status teeter_xtrace_steps_poll_f32(teeter_xtrace_steps_f32 *state, const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
 * and changes nothing: the right one can still be pushed. */
teeter_status teeter_xtrace_steps_push_f64(teeter_xtrace_steps_f64 *state, const double *product);
teeter_status teeter_xtrace_steps_push_f32(teeter_xtrace_steps_f32 *state, const float *product);

/* result ← the trace from the products so far. 0 < confidence < 1.
 * `scratch`: `teeter_xtrace_estimate_scratch_len(n, products)`. */
teeter_status teeter_xtrace_steps_estimate_f64(teeter_xtrace_steps_f64 *state,
                                               double confidence,
                                               teeter_scratch_f64 scratch,
                                               teeter_trace_f64 *result);
teeter_status teeter_xtrace_steps_estimate_f32(teeter_xtrace_steps_f32 *state,
                                               float confidence,
                                               teeter_scratch_f32 scratch,
                                               teeter_trace_f32 *result);

/* Begins an estimate of the trace of an operator of order n. `scratch`: n elements, lent until the last call. */
teeter_status teeter_hutchinson_steps_new_f64(teeter_machine machine,
                                              size_t n,
                                              const teeter_trace_options_f64 *options,
                                              teeter_scratch_f64 scratch,
                                              teeter_hutchinson_steps_f64 *state);
teeter_status teeter_hutchinson_steps_new_f32(teeter_machine machine,
                                              size_t n,
                                              const teeter_trace_options_f32 *options,
                                              teeter_scratch_f32 scratch,
                                              teeter_hutchinson_steps_f32 *state);

/* vector ← n elements whose product is to be pushed next; null when it is done. */
teeter_status teeter_hutchinson_steps_poll_f64(teeter_hutchinson_steps_f64 *state,
                                               const double **vector);
teeter_status teeter_hutchinson_steps_poll_f32(teeter_hutchinson_steps_f32 *state,
                                               const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
 * and changes nothing: the right one can still be pushed. */
teeter_status teeter_hutchinson_steps_push_f64(teeter_hutchinson_steps_f64 *state,
                                               const double *product);
teeter_status teeter_hutchinson_steps_push_f32(teeter_hutchinson_steps_f32 *state,
                                               const float *product);

/* result ← the trace from the products so far. 0 < confidence < 1. */
teeter_status teeter_hutchinson_steps_estimate_f64(teeter_hutchinson_steps_f64 *state,
                                                   double confidence,
                                                   teeter_trace_f64 *result);
teeter_status teeter_hutchinson_steps_estimate_f32(teeter_hutchinson_steps_f32 *state,
                                                   float confidence,
                                                   teeter_trace_f32 *result);

/* Begins an estimate of the diagonal of an operator of order n by this many products. `scratch`:
 * `teeter_diagonal_steps_scratch_len(n)`, lent until the last call. */
teeter_status teeter_diagonal_steps_new_f64(teeter_machine machine,
                                            size_t n,
                                            size_t products,
                                            teeter_stream stream,
                                            teeter_scratch_f64 scratch,
                                            teeter_diagonal_steps_f64 *state);
teeter_status teeter_diagonal_steps_new_f32(teeter_machine machine,
                                            size_t n,
                                            size_t products,
                                            teeter_stream stream,
                                            teeter_scratch_f32 scratch,
                                            teeter_diagonal_steps_f32 *state);

/* vector ← n elements whose product is to be pushed next; null when it is done. */
teeter_status teeter_diagonal_steps_poll_f64(teeter_diagonal_steps_f64 *state,
                                             const double **vector);
teeter_status teeter_diagonal_steps_poll_f32(teeter_diagonal_steps_f32 *state,
                                             const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
 * and changes nothing: the right one can still be pushed. */
teeter_status teeter_diagonal_steps_push_f64(teeter_diagonal_steps_f64 *state,
                                             const double *product);
teeter_status teeter_diagonal_steps_push_f32(teeter_diagonal_steps_f32 *state,
                                             const float *product);

/* diagonal, errors ← the estimate from the products so far, and the standard error of each: n elements. */
teeter_status teeter_diagonal_steps_estimate_f64(teeter_diagonal_steps_f64 *state,
                                                 size_t n,
                                                 double *diagonal,
                                                 double *errors);
teeter_status teeter_diagonal_steps_estimate_f32(teeter_diagonal_steps_f32 *state,
                                                 size_t n,
                                                 float *diagonal,
                                                 float *errors);

/* Begins a quadrature for an operator of order n. `scratch`: `teeter_slq_scratch_len(n, probes, steps)`, lent until the last call. */
teeter_status teeter_slq_new_f64(teeter_machine machine,
                                 size_t n,
                                 const teeter_slq_options_f64 *options,
                                 teeter_scratch_f64 scratch,
                                 teeter_slq_f64 *state);
teeter_status teeter_slq_new_f32(teeter_machine machine,
                                 size_t n,
                                 const teeter_slq_options_f32 *options,
                                 teeter_scratch_f32 scratch,
                                 teeter_slq_f32 *state);

/* vector ← n elements whose product is to be pushed next; null when it is done. */
teeter_status teeter_slq_poll_f64(teeter_slq_f64 *state, const double **vector);
teeter_status teeter_slq_poll_f32(teeter_slq_f32 *state, const float **vector);

/* Takes the product of the vector that `_poll` gave: n elements. One that is not finite is refused
 * and changes nothing: the right one can still be pushed. */
teeter_status teeter_slq_push_f64(teeter_slq_f64 *state, const double *product);
teeter_status teeter_slq_push_f32(teeter_slq_f32 *state, const float *product);

/* Pushes all products that are wanted. `product`: n elements of scratch. `operator_code`: what the operator returned
 * if the status is `TEETER_OPERATOR`; the quadrature can go on then. */
teeter_status teeter_slq_run_f64(teeter_slq_f64 *state,
                                 const teeter_operator_f64 *operator_,
                                 double *product,
                                 int32_t *operator_code);
teeter_status teeter_slq_run_f32(teeter_slq_f32 *state,
                                 const teeter_operator_f32 *operator_,
                                 float *product,
                                 int32_t *operator_code);

/* result ← Tr f(A) from the probes done so far. With `TEETER_SHARE` and shift α it is the effective number of
 * parameters. `scratch`: `teeter_quadrature_scratch_len(steps)`. */
teeter_status teeter_slq_estimate_f64(teeter_slq_f64 *state,
                                      const teeter_spectral_f64 *request,
                                      teeter_scratch_f64 scratch,
                                      teeter_trace_f64 *result);
teeter_status teeter_slq_estimate_f32(teeter_slq_f32 *state,
                                      const teeter_spectral_f32 *request,
                                      teeter_scratch_f32 scratch,
                                      teeter_trace_f32 *result);

/* result ← the ends of the spectrum. `scratch`: `teeter_quadrature_scratch_len(steps)`. */
teeter_status teeter_slq_ends_f64(teeter_slq_f64 *state,
                                  teeter_scratch_f64 scratch,
                                  teeter_ends_f64 *result);
teeter_status teeter_slq_ends_f32(teeter_slq_f32 *state,
                                  teeter_scratch_f32 scratch,
                                  teeter_ends_f32 *result);

/* grid ← `points` places that hold the spectrum and its smoothing, equally far apart; sigma ← the
 * smoothing width for `teeter_slq_density_f64`: `width` of the spectrum's. `scratch`:
 * `teeter_quadrature_scratch_len(steps)`. */
teeter_status teeter_slq_grid_f64(teeter_slq_f64 *state,
                                  double width,
                                  size_t points,
                                  double *grid,
                                  teeter_scratch_f64 scratch,
                                  double *sigma);
teeter_status teeter_slq_grid_f32(teeter_slq_f32 *state,
                                  float width,
                                  size_t points,
                                  float *grid,
                                  teeter_scratch_f32 scratch,
                                  float *sigma);

/* density ← the spectral density, its integral 1, smoothed by a normal law of width sigma, at each of `points` places.
 * `scratch`: `teeter_quadrature_scratch_len(steps)`. */
teeter_status teeter_slq_density_f64(teeter_slq_f64 *state,
                                     double sigma,
                                     size_t points,
                                     const double *grid,
                                     double *density,
                                     teeter_scratch_f64 scratch);
teeter_status teeter_slq_density_f32(teeter_slq_f32 *state,
                                     float sigma,
                                     size_t points,
                                     const float *grid,
                                     float *density,
                                     teeter_scratch_f32 scratch);

/* One step of gradient descent. `gradient`, `params`: n elements. */
teeter_status teeter_sgd_step_f64(teeter_machine machine,
                                  const teeter_sgd_f64 *constants,
                                  const double *gradient,
                                  teeter_sgd_state_f64 *state,
                                  double *params,
                                  teeter_step_f64 *report);
teeter_status teeter_sgd_step_f32(teeter_machine machine,
                                  const teeter_sgd_f32 *constants,
                                  const float *gradient,
                                  teeter_sgd_state_f32 *state,
                                  float *params,
                                  teeter_step_f32 *report);

/* One step of Adam. `gradient`, `params`: n elements. */
teeter_status teeter_adam_step_f64(teeter_machine machine,
                                   const teeter_adam_f64 *constants,
                                   const double *gradient,
                                   teeter_adam_state_f64 *state,
                                   double *params,
                                   teeter_step_f64 *report);
teeter_status teeter_adam_step_f32(teeter_machine machine,
                                   const teeter_adam_f32 *constants,
                                   const float *gradient,
                                   teeter_adam_state_f32 *state,
                                   float *params,
                                   teeter_step_f32 *report);

/* One step of RMSProp. `gradient`, `params`: n elements. */
teeter_status teeter_rms_prop_step_f64(teeter_machine machine,
                                       const teeter_rms_prop_f64 *constants,
                                       const double *gradient,
                                       teeter_rms_prop_state_f64 *state,
                                       double *params,
                                       teeter_step_f64 *report);
teeter_status teeter_rms_prop_step_f32(teeter_machine machine,
                                       const teeter_rms_prop_f32 *constants,
                                       const float *gradient,
                                       teeter_rms_prop_state_f32 *state,
                                       float *params,
                                       teeter_step_f32 *report);

/* saved ← w, params ← the point where the gradient is to be taken: n elements each. Then
 * `teeter_restore_f64`, and a step with that gradient. A gradient of zero moves nothing. */
teeter_status teeter_sam_perturb_f64(teeter_machine machine,
                                     const teeter_sam_f64 *sam,
                                     size_t n,
                                     const double *gradient,
                                     double *params,
                                     double *saved);
teeter_status teeter_sam_perturb_f32(teeter_machine machine,
                                     const teeter_sam_f32 *sam,
                                     size_t n,
                                     const float *gradient,
                                     float *params,
                                     float *saved);

/* params ← saved: n elements, to the bit. */
teeter_status teeter_restore_f64(size_t n, const double *saved, double *params);
teeter_status teeter_restore_f32(size_t n, const float *saved, float *params);

/* Shows an iterate to the average. `params`: n elements. */
teeter_status teeter_average_update_f64(teeter_machine machine,
                                        const teeter_average_f64 *average,
                                        const double *params,
                                        teeter_average_state_f64 *state);
teeter_status teeter_average_update_f32(teeter_machine machine,
                                        const teeter_average_f32 *average,
                                        const float *params,
                                        teeter_average_state_f32 *state);

/* G ← (1 − β)G + βF, F a diagonal Fisher matrix: n elements, as `teeter_mlp_fisher_f64` gives it, or the
 * squares of a gradient. */
teeter_status teeter_tracer_update_f64(teeter_machine machine,
                                       const teeter_tracer_f64 *tracer,
                                       const double *fisher,
                                       teeter_tracer_state_f64 *state);
teeter_status teeter_tracer_update_f32(teeter_machine machine,
                                       const teeter_tracer_f32 *tracer,
                                       const float *fisher,
                                       teeter_tracer_state_f32 *state);

/* probe ← P^−½z, z random signs: n elements. The mean of uᵀHu over such u is Tr(P⁻¹H). */
teeter_status teeter_tracer_probe_f64(teeter_machine machine,
                                      const teeter_tracer_f64 *tracer,
                                      teeter_stream stream,
                                      const teeter_tracer_state_f64 *state,
                                      double *probe);
teeter_status teeter_tracer_probe_f32(teeter_machine machine,
                                      const teeter_tracer_f32 *tracer,
                                      teeter_stream stream,
                                      const teeter_tracer_state_f32 *state,
                                      float *probe);

/* x ← P⁻¹x: n elements. */
teeter_status teeter_tracer_precondition_f64(teeter_machine machine,
                                             const teeter_tracer_f64 *tracer,
                                             const teeter_tracer_state_f64 *state,
                                             double *x);
teeter_status teeter_tracer_precondition_f32(teeter_machine machine,
                                             const teeter_tracer_f32 *tracer,
                                             const teeter_tracer_state_f32 *state,
                                             float *x);

/* penalty ← gradient + ρ·penalty: n elements. What a step is then taken with. */
teeter_status teeter_tracer_regularize_f64(teeter_machine machine,
                                           const teeter_tracer_f64 *tracer,
                                           size_t n,
                                           const double *gradient,
                                           double *penalty);
teeter_status teeter_tracer_regularize_f32(teeter_machine machine,
                                           const teeter_tracer_f32 *tracer,
                                           size_t n,
                                           const float *gradient,
                                           float *penalty);

/* Moves the parameters to the first point where a gradient is wanted. `params`: n elements, lent until
 * the penalty is there or `teeter_penalty_drop_f64`. `scratch`: `teeter_tracer_scratch_len(n)`, lent alike. */
teeter_status teeter_penalty_new_f64(teeter_machine machine,
                                     const teeter_tracer_f64 *tracer,
                                     const teeter_displacement_f64 *from,
                                     double *params,
                                     teeter_scratch_f64 scratch,
                                     teeter_penalty_f64 *penalty);
teeter_status teeter_penalty_new_f32(teeter_machine machine,
                                     const teeter_tracer_f32 *tracer,
                                     const teeter_displacement_f32 *from,
                                     float *params,
                                     teeter_scratch_f32 scratch,
                                     teeter_penalty_f32 *penalty);

/* point ← where the gradient is wanted next, n elements of `params`; null when the penalty is there. */
teeter_status teeter_penalty_poll_f64(teeter_penalty_f64 *penalty,
                                      const double **point);
teeter_status teeter_penalty_poll_f32(teeter_penalty_f32 *penalty,
                                      const float **point);

/* Takes the gradient at the point that `_poll` gave: n elements. A gradient that is not finite ends the
 * penalty, and the parameters are as they were. */
teeter_status teeter_penalty_push_f64(teeter_penalty_f64 *penalty,
                                      const double *gradient);
teeter_status teeter_penalty_push_f32(teeter_penalty_f32 *penalty,
                                      const float *gradient);

/* value ← the penalty; gradient ← where its gradient stands: n elements of the scratch. `TEETER_STATE` before it is there. */
teeter_status teeter_penalty_result_f64(teeter_penalty_f64 *penalty,
                                        double *value,
                                        double **gradient);
teeter_status teeter_penalty_result_f32(teeter_penalty_f32 *penalty,
                                        float *value,
                                        float **gradient);

/* Gives the penalty up: the parameters are as they were, to the bit. */
teeter_status teeter_penalty_drop_f64(teeter_penalty_f64 *penalty);
teeter_status teeter_penalty_drop_f32(teeter_penalty_f32 *penalty);

/* params ← random numbers within 1/√in of each layer: `teeter_mlp_param_len` elements. */
teeter_status teeter_mlp_initialize_f64(const teeter_mlp_shape *shape,
                                        teeter_stream stream,
                                        double *params);
teeter_status teeter_mlp_initialize_f32(const teeter_mlp_shape *shape,
                                        teeter_stream stream,
                                        float *params);

/* The network of `shape` on `inputs` (N × d) and `targets` (N × out). Data, widths and `scratch` are lent until
 * the last call. `scratch`: `teeter_mlp_scratch_len(shape, N)`. */
teeter_status teeter_mlp_new_f64(teeter_machine machine,
                                 const teeter_mlp_shape *shape,
                                 teeter_matrix_f64 inputs,
                                 teeter_matrix_f64 targets,
                                 teeter_scratch_f64 scratch,
                                 teeter_mlp_f64 *mlp);
teeter_status teeter_mlp_new_f32(teeter_machine machine,
                                 const teeter_mlp_shape *shape,
                                 teeter_matrix_f32 inputs,
                                 teeter_matrix_f32 targets,
                                 teeter_scratch_f32 scratch,
                                 teeter_mlp_f32 *mlp);

/* loss ← L(w), and keeps what gradients and products at w start from. */
teeter_status teeter_mlp_evaluate_f64(teeter_mlp_f64 *mlp, const double *params, double *loss);
teeter_status teeter_mlp_evaluate_f32(teeter_mlp_f32 *mlp, const float *params, float *loss);

/* share ← how many samples, of 1, have their largest output where their target has its. */
teeter_status teeter_mlp_accuracy_f64(teeter_mlp_f64 *mlp, double *share);
teeter_status teeter_mlp_accuracy_f32(teeter_mlp_f32 *mlp, float *share);

/* out ← ∇L(w), at the `params` that were evaluated last. */
teeter_status teeter_mlp_gradient_f64(teeter_mlp_f64 *mlp, const double *params, double *out);
teeter_status teeter_mlp_gradient_f32(teeter_mlp_f32 *mlp, const float *params, float *out);

/* out ← the mean over samples of the squares of their gradients: the diagonal of the empirical Fisher matrix, at the `params` that were evaluated last. */
teeter_status teeter_mlp_fisher_f64(teeter_mlp_f64 *mlp,
                                    const double *params,
                                    double *out);
teeter_status teeter_mlp_fisher_f32(teeter_mlp_f32 *mlp,
                                    const float *params,
                                    float *out);

/* out ← Hv, H the Hessian of the loss, at the `params` that were evaluated last. */
teeter_status teeter_mlp_hessian_f64(teeter_mlp_f64 *mlp,
                                     const double *params,
                                     const double *v,
                                     double *out);
teeter_status teeter_mlp_hessian_f32(teeter_mlp_f32 *mlp,
                                     const float *params,
                                     const float *v,
                                     float *out);

/* out ← Gv, G the Gauss–Newton part of the Hessian, at the `params` that were evaluated last. */
teeter_status teeter_mlp_gauss_newton_f64(teeter_mlp_f64 *mlp,
                                          const double *params,
                                          const double *v,
                                          double *out);
teeter_status teeter_mlp_gauss_newton_f32(teeter_mlp_f32 *mlp,
                                          const float *params,
                                          const float *v,
                                          float *out);

/* `teeter_mlp_hessian_f64` as the product of a `teeter_operator_f64` whose context is a
 * `teeter_mlp_point_f64`. Returns the status. */
int32_t teeter_mlp_hessian_product_f64(void *context, size_t n, const double *x, double *y);
int32_t teeter_mlp_hessian_product_f32(void *context, size_t n, const float *x, float *y);

/* `teeter_mlp_gauss_newton_f64` as the product of a `teeter_operator_f64` whose context is a
 * `teeter_mlp_point_f64`. Returns the status. */
int32_t teeter_mlp_gauss_newton_product_f64(void *context, size_t n, const double *x, double *y);
int32_t teeter_mlp_gauss_newton_product_f32(void *context, size_t n, const float *x, float *y);

/* threshold ← the largest stable sharpness at a learning rate: 2/η for gradient descent. */
teeter_status teeter_stability_threshold_f64(const teeter_update_rule_f64 *rule,
                                             double learning_rate,
                                             double weight_decay,
                                             double *threshold);
teeter_status teeter_stability_threshold_f32(const teeter_update_rule_f32 *rule,
                                             float learning_rate,
                                             float weight_decay,
                                             float *threshold);

/* learning_rate ← the largest at which this sharpness is stable: 2/λ₁ for gradient descent. */
teeter_status teeter_largest_learning_rate_f64(const teeter_update_rule_f64 *rule,
                                               double sharpness,
                                               double *learning_rate);
teeter_status teeter_largest_learning_rate_f32(const teeter_update_rule_f32 *rule,
                                               float sharpness,
                                               float *learning_rate);

/* A tracker of phases: `band` in [0, 1], half the width of the edge around 1; `patience`: measurements in a
 * row, at least 1, that must agree on another phase. */
teeter_status teeter_phase_new_f64(double band,
                                   uint32_t patience,
                                   teeter_phase_f64 *tracker);
teeter_status teeter_phase_new_f32(float band,
                                   uint32_t patience,
                                   teeter_phase_f32 *tracker);

/* phase ← `TEETER_STABLE`, `TEETER_PROGRESSIVE_SHARPENING`, `TEETER_EDGE` or `TEETER_INSTABILITY` after the measurement of a step. */
teeter_status teeter_phase_push_f64(teeter_phase_f64 *tracker,
                                    uint64_t step,
                                    double sharpness,
                                    double threshold,
                                    double loss,
                                    uint32_t *phase);
teeter_status teeter_phase_push_f32(teeter_phase_f32 *tracker,
                                    uint64_t step,
                                    float sharpness,
                                    float threshold,
                                    float loss,
                                    uint32_t *phase);

/* gauge ← the progress of a step over what its slope promised: −1 is all of it, 0 the edge of stability. */
teeter_status teeter_relative_progress_f64(const teeter_observation_f64 *step,
                                           teeter_gauge_f64 *gauge);
teeter_status teeter_relative_progress_f32(const teeter_observation_f32 *step,
                                           teeter_gauge_f32 *gauge);

/* gauge ← the curvature along a step, from two losses and one slope. */
teeter_status teeter_curvature_from_losses_f64(const teeter_observation_f64 *step,
                                               teeter_gauge_f64 *gauge);
teeter_status teeter_curvature_from_losses_f32(const teeter_observation_f32 *step,
                                               teeter_gauge_f32 *gauge);

/* gauge ← the curvature along a step, from two slopes. */
teeter_status teeter_curvature_from_slopes_f64(const teeter_observation_f64 *step,
                                               teeter_gauge_f64 *gauge);
teeter_status teeter_curvature_from_slopes_f32(const teeter_observation_f32 *step,
                                               teeter_gauge_f32 *gauge);

/* fit ← where on the parabola through losses and slopes a step ended. */
teeter_status teeter_step_alpha_f64(const teeter_observation_f64 *step, teeter_step_fit_f64 *fit);
teeter_status teeter_step_alpha_f32(const teeter_observation_f32 *step, teeter_step_fit_f32 *fit);

/* result ← Σ |λ|/(|λ| + α), the effective number of parameters, from n eigenvalues; α ≥ 0. */
teeter_status teeter_effective_parameters_f64(size_t n,
                                              const double *eigenvalues,
                                              double alpha,
                                              double *result);
teeter_status teeter_effective_parameters_f32(size_t n,
                                              const float *eigenvalues,
                                              float alpha,
                                              float *result);

/* The same of the positive eigenvalues alone. */
teeter_status teeter_effective_parameters_clipped_f64(size_t n,
                                                      const double *eigenvalues,
                                                      double alpha,
                                                      double *result);
teeter_status teeter_effective_parameters_clipped_f32(size_t n,
                                                      const float *eigenvalues,
                                                      float alpha,
                                                      float *result);

/* The same of a matrix whose lower triangle is read; `h` is used up. `scratch`:
 * `teeter_effective_parameters_dense_scratch_len(n)`. Of an operator: `teeter_slq_estimate_f64`. */
teeter_status teeter_effective_parameters_dense_f64(teeter_machine machine,
                                                    teeter_matrix_mut_f64 h,
                                                    double alpha,
                                                    teeter_scratch_f64 scratch,
                                                    double *result);
teeter_status teeter_effective_parameters_dense_f32(teeter_machine machine,
                                                    teeter_matrix_mut_f32 h,
                                                    float alpha,
                                                    teeter_scratch_f32 scratch,
                                                    float *result);

/* result ← the prediction error to expect: the training error and 2·variance·N_eff/n. */
teeter_status teeter_generalized_prediction_error_f64(double train_error,
                                                      double noise_variance,
                                                      double effective,
                                                      size_t n,
                                                      double *result);
teeter_status teeter_generalized_prediction_error_f32(float train_error,
                                                      float noise_variance,
                                                      float effective,
                                                      size_t n,
                                                      float *result);

/* The model of `design` (Φ, N × k) and `targets` (N elements), which are not needed afterwards. */
teeter_status teeter_linear_model_new_f64(teeter_machine machine,
                                          teeter_matrix_f64 design,
                                          const double *targets,
                                          teeter_linear_model_memory_f64 memory,
                                          teeter_linear_model_f64 *model);
teeter_status teeter_linear_model_new_f32(teeter_machine machine,
                                          teeter_matrix_f32 design,
                                          const float *targets,
                                          teeter_linear_model_memory_f32 memory,
                                          teeter_linear_model_f32 *model);

/* weights ← the ridge fit, the minimum of ‖t − Φw‖² + alpha‖w‖²: k elements. */
teeter_status teeter_linear_model_weights_f64(teeter_linear_model_f64 *model,
                                              double alpha,
                                              size_t k,
                                              double *weights);
teeter_status teeter_linear_model_weights_f32(teeter_linear_model_f32 *model,
                                              float alpha,
                                              size_t k,
                                              float *weights);

/* result ← the evidence of these α and β. */
teeter_status teeter_evidence_of_f64(teeter_linear_model_f64 *model,
                                     double alpha,
                                     double beta,
                                     teeter_evidence_f64 *result);
teeter_status teeter_evidence_of_f32(teeter_linear_model_f32 *model,
                                     float alpha,
                                     float beta,
                                     teeter_evidence_f32 *result);

/* result ← the most probable α and β: `step_max` evaluations at most (100 are plenty), until |2αE_W − γ|/γ is
 * within `tolerance`, in (0, 1]. */
teeter_status teeter_evidence_maximize_f64(teeter_linear_model_f64 *model,
                                           size_t step_max,
                                           double tolerance,
                                           teeter_evidence_f64 *result);
teeter_status teeter_evidence_maximize_f32(teeter_linear_model_f32 *model,
                                           size_t step_max,
                                           float tolerance,
                                           teeter_evidence_f32 *result);

/* Rows one after the other. */
static inline teeter_matrix_f64 teeter_rows_f64(const double *data, size_t rows, size_t cols)
{
    teeter_matrix_f64 matrix = {data, rows, cols, cols, 1};
    return matrix;
}
static inline teeter_matrix_f32 teeter_rows_f32(const float *data, size_t rows, size_t cols)
{
    teeter_matrix_f32 matrix = {data, rows, cols, cols, 1};
    return matrix;
}

/* Columns one after the other. A vector is a matrix of one column. */
static inline teeter_matrix_f64 teeter_columns_f64(const double *data, size_t rows, size_t cols)
{
    teeter_matrix_f64 matrix = {data, rows, cols, 1, rows};
    return matrix;
}
static inline teeter_matrix_f32 teeter_columns_f32(const float *data, size_t rows, size_t cols)
{
    teeter_matrix_f32 matrix = {data, rows, cols, 1, rows};
    return matrix;
}

/* The transpose, in the same memory. */
static inline teeter_matrix_f64 teeter_t_f64(teeter_matrix_f64 a)
{
    teeter_matrix_f64 matrix = {a.data, a.cols, a.rows, a.col_stride, a.row_stride};
    return matrix;
}
static inline teeter_matrix_f32 teeter_t_f32(teeter_matrix_f32 a)
{
    teeter_matrix_f32 matrix = {a.data, a.cols, a.rows, a.col_stride, a.row_stride};
    return matrix;
}

/* Rows one after the other, to write. */
static inline teeter_matrix_mut_f64 teeter_rows_mut_f64(double *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f64 matrix = {data, rows, cols, cols, 1};
    return matrix;
}
static inline teeter_matrix_mut_f32 teeter_rows_mut_f32(float *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f32 matrix = {data, rows, cols, cols, 1};
    return matrix;
}

/* Columns one after the other, to write. */
static inline teeter_matrix_mut_f64 teeter_columns_mut_f64(double *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f64 matrix = {data, rows, cols, 1, rows};
    return matrix;
}
static inline teeter_matrix_mut_f32 teeter_columns_mut_f32(float *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f32 matrix = {data, rows, cols, 1, rows};
    return matrix;
}

/* A matrix to write, to read. */
static inline teeter_matrix_f64 teeter_read_f64(teeter_matrix_mut_f64 a)
{
    teeter_matrix_f64 matrix = {a.data, a.rows, a.cols, a.row_stride, a.col_stride};
    return matrix;
}
static inline teeter_matrix_f32 teeter_read_f32(teeter_matrix_mut_f32 a)
{
    teeter_matrix_f32 matrix = {a.data, a.rows, a.cols, a.row_stride, a.col_stride};
    return matrix;
}

#ifdef __cplusplus
} // extern "C"
#endif // __cplusplus

#endif /* TEETER_H */
