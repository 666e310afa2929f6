/* What the reference's testers leave out: memory that must not be read, interleaved blocks, singular triangles,
   vectors that cross, handlers of the program's own. Ends with the number of failures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeter_cblas.h"

static int failures;

static void expect(int holds, const char *what) {
    if (!holds) {
        failures++;
    }
    printf("   %s: %s\n", holds ? "holds" : "FAILS", what);
}

static int last_place;
static char last_routine[32];

/* Stands in front of the library's. */
void cblas_xerbla(int place, const char *routine, const char *format, ...) {
    (void)format;
    last_place = place;
    snprintf(last_routine, sizeof last_routine, "%s", routine);
}

/* Whole numbers in a matrix by columns, small enough that every sum is exact. */
static void fill(double *x, int n, int seed) {
    for (int i = 0; i < n; i++) {
        x[i] = (double)((i * 7 + seed * 5) % 11 - 5);
    }
}

enum { N = 37, LD = 40 };

/* Of one matrix of 3 x 3 blocks the lower right one is updated by two others: columns of the three interleave. */
static void interleaved_blocks(void) {
    static double a[LD * 60], expected[LD * 60];
    fill(a, LD * 60, 1);
    memcpy(expected, a, sizeof a);
    const int m = 20, n = 17, k = 12;
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < m; i++) {
            double sum = expected[(k + j) * LD + k + i];
            for (int p = 0; p < k; p++) {
                sum -= expected[p * LD + k + i] * expected[(k + j) * LD + p];
            }
            expected[(k + j) * LD + k + i] = sum;
        }
    }
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, -1.0, a + k, LD, a + k * LD, LD, 1.0,
                a + k * LD + k, LD);
    expect(memcmp(a, expected, sizeof a) == 0, "gemm on three interleaved blocks of one matrix, nothing else touched");
    /* Two rows of one matrix. */
    for (int j = 0; j < 60; j++) {
        double row = expected[j * LD + 3];
        expected[j * LD + 3] = expected[j * LD + 4];
        expected[j * LD + 4] = row;
    }
    cblas_dswap(60, a + 3, LD, a + 4, LD);
    expect(memcmp(a, expected, sizeof a) == 0, "swap of two rows of one matrix");
}

static void unread(void) {
    double a[9], b[9], y[9];
    fill(a, 9, 2);
    fill(b, 9, 3);
    for (int i = 0; i < 9; i++) {
        y[i] = NAN;
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 3, 3, 3, 1.0, a, 3, b, 3, 0.0, y, 3);
    double sum = 0.0;
    for (int i = 0; i < 9; i++) {
        sum += y[i];
    }
    expect(!isnan(sum), "gemm, beta = 0: NaN in C is not read");
    y[0] = y[2] = y[4] = NAN;
    cblas_dgemv(CblasRowMajor, CblasTrans, 3, 3, 1.0, a, 3, b, -1, 0.0, y, -2);
    expect(y[4] == a[0] * b[2] + a[3] * b[1] + a[6] * b[0] && !isnan(y[0] + y[2]), "gemv, beta = 0, increments -1 and -2");
    y[0] = 2.0;
    cblas_dgemv(CblasColMajor, CblasNoTrans, 1, 1, 0.0, NULL, 1, NULL, 1, 3.0, y, 1);
    cblas_dsymv(CblasColMajor, CblasUpper, 1, 0.0, NULL, 1, NULL, 1, 2.0, y, 1);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, 1, 1, 5, 0.0, NULL, 1, NULL, 5, 2.0, y, 1);
    cblas_dsymm(CblasColMajor, CblasLeft, CblasUpper, 1, 1, 0.0, NULL, 1, NULL, 1, 2.0, y, 1);
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, 1, 5, 0.0, NULL, 1, 2.0, y, 1);
    expect(y[0] == 2.0 * 3.0 * 16.0, "alpha = 0: null operands are not read, y and C are scaled");
    cblas_daxpy(0, 1.0, NULL, 1, NULL, 1);
    expect(cblas_ddot(-3, NULL, 1, NULL, 1) == 0.0 && cblas_dnrm2(0, NULL, 1) == 0.0, "no elements, null pointers");
    float c = 5.0f;
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, 1, 1, 0, 1.0f, NULL, 1, NULL, 1, 0.0f, &c, 1);
    expect(c == 0.0f, "gemm with k = 0 and beta = 0 clears C");
}

static void singular(void) {
    /* A lower triangle with a zero in its second row. */
    const double a[9] = {2.0, 1.0, 1.0, NAN, 0.0, 3.0, NAN, NAN, 4.0};
    double x[3] = {2.0, 5.0, 1.0}, b[6] = {2.0, 1.0, 8.0, 4.0, 1.0, 0.0};
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, 3, a, 3, x, 1);
    expect(x[0] == 1.0 && isinf(x[1]) && isinf(x[2]), "trsv divides by a zero pivot");
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, 3, 2, 2.0, a, 3, b, 3);
    expect(b[0] == 2.0 && b[1] == 0.0 && b[2] == 3.5 && b[3] == 4.0 && b[4] == -INFINITY, "so does trsm, and leaves 0 at 0");
}

static void crossing(void) {
    double x[5] = {1.0, 2.0, 3.0, 4.0, 5.0};
    cblas_daxpy(5, 1.0, x, 1, x, 1);
    expect(x[0] == 2.0 && x[4] == 10.0, "axpy of a vector onto itself");
    cblas_daxpy(4, 1.0, x, 1, x + 1, 1);
    expect(x[1] == 6.0 && x[4] == 30.0, "axpy of crossing vectors, from the first element on");
    double y[4] = {0.0, 0.0, 0.0, 0.0};
    cblas_daxpy(4, 1.0, x, 0, y, 1);
    cblas_dcopy(2, y, -1, x, 2);
    expect(y[3] == 2.0 && x[0] == y[1] && x[2] == y[0] && x[1] == 6.0, "increments of 0, -1 and 2");
    float z[300];
    for (int i = 0; i < 300; i++) {
        z[i] = i % 3 == 0 ? 3e38f : NAN;
    }
    float norm = cblas_snrm2(100, z, 3);
    expect(isinf(norm), "nrm2 by threes reads nothing between, and overflows only where the norm does");
    z[0] = z[3] = 1e-30f;
    expect(fabsf(cblas_snrm2(2, z, 3) / 1.41421356e-30f - 1.0f) < 1e-6f, "nrm2 of squares that would vanish");
    z[6] = -4e37f;
    expect(cblas_isamax(3, z, 3) == 2 && cblas_isamax(3, z, -3) == 0, "isamax from 0; none for a negative increment");
}

static void handler(void) {
    double a[4] = {0.0, 0.0, 0.0, 0.0}, c[4] = {1.0, 2.0, 3.0, 4.0};
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1.0, a, 1, a, 2, 0.0, c, 2);
    expect(last_place == 9 && strcmp(last_routine, "cblas_dgemm") == 0 && RowMajorStrg == 0, "lda by columns: place 9");
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1.0, a, 1, a, 2, 0.0, c, 2);
    expect(last_place == 11 && RowMajorStrg == 1, "lda by rows: that of the transposed call, 11");
    cblas_sger((CBLAS_ORDER)7, 1, 1, 1.0f, NULL, 1, NULL, 1, NULL, 1);
    expect(last_place == 1 && strcmp(last_routine, "cblas_sger") == 0, "order: place 1");
    expect(c[0] == 1.0 && c[3] == 4.0, "nothing was touched");
}

/* Strict: an unchanged program has the bits of a chain of separately rounded operations. */
static void strict(void) {
    static double a[N * N], b[N * N], c[N * N];
    for (int i = 0; i < N * N; i++) {
        a[i] = 1.0 / (1.0 + i % 97);
        b[i] = 1.0 / (3.0 + i % 89);
    }
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1.0, a, N, b, N, 0.0, c, N);
    int apart = 0;
    for (int j = 0; j < N; j++) {
        for (int i = 0; i < N; i++) {
            volatile double sum = 0.0;
            for (int p = 0; p < N; p++) {
                volatile double product = a[p * N + i] * b[j * N + p];
                sum += product;
            }
            apart += sum != c[j * N + i];
        }
    }
    if (getenv("TEETER_BLAS_STRICT")) {
        expect(apart == 0, "strict gemm is the chain of plain C, bit for bit");
    } else {
        printf("   %d of %d elements of a fused gemm differ from plain C\n", apart, N * N);
    }
}

int main(void) {
    interleaved_blocks();
    unread();
    singular();
    crossing();
    handler();
    strict();
    return failures;
}
