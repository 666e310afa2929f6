/* The BLAS of teeter: the C names, as every cblas.h declares them. Integers have 32 bits. See the README beside. */
#ifndef TEETER_CBLAS_H
#define TEETER_CBLAS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CBLAS_ENUM_DEFINED_H
#define CBLAS_ENUM_DEFINED_H
typedef enum CBLAS_ORDER { CblasRowMajor = 101, CblasColMajor = 102 } CBLAS_ORDER;
typedef enum CBLAS_TRANSPOSE { CblasNoTrans = 111, CblasTrans = 112, CblasConjTrans = 113 } CBLAS_TRANSPOSE;
typedef enum CBLAS_UPLO { CblasUpper = 121, CblasLower = 122 } CBLAS_UPLO;
typedef enum CBLAS_DIAG { CblasNonUnit = 131, CblasUnit = 132 } CBLAS_DIAG;
typedef enum CBLAS_SIDE { CblasLeft = 141, CblasRight = 142 } CBLAS_SIDE;
#endif
typedef CBLAS_ORDER CBLAS_LAYOUT;

/* What hears of an illegal argument: its place from 1, the routine, and a text. A program may define its own. */
void cblas_xerbla(int place, const char *routine, const char *format, ...);
extern int RowMajorStrg; /* 1 if the last complaint was about matrices by rows: places are those of the transposed call */

/* xᵀy; 0 for n <= 0 */
float cblas_sdot(int n, const float *x, int incx, const float *y, int incy);
double cblas_ddot(int n, const double *x, int incx, const double *y, int incy);

/* the 2-norm, without overflow or underflow on the way */
float cblas_snrm2(int n, const float *x, int incx);
double cblas_dnrm2(int n, const double *x, int incx);

/* sum of magnitudes; 0 for incx <= 0 */
float cblas_sasum(int n, const float *x, int incx);
double cblas_dasum(int n, const double *x, int incx);

/* the first place, from 0, of the largest magnitude */
size_t cblas_isamax(int n, const float *x, int incx);
size_t cblas_idamax(int n, const double *x, int incx);

/* y <- alpha x + y */
void cblas_saxpy(int n, float alpha, const float *x, int incx, float *y, int incy);
void cblas_daxpy(int n, double alpha, const double *x, int incx, double *y, int incy);

/* x <- alpha x */
void cblas_sscal(int n, float alpha, float *x, int incx);
void cblas_dscal(int n, double alpha, double *x, int incx);

/* y <- x */
void cblas_scopy(int n, const float *x, int incx, float *y, int incy);
void cblas_dcopy(int n, const double *x, int incx, double *y, int incy);

/* x <-> y */
void cblas_sswap(int n, float *x, int incx, float *y, int incy);
void cblas_dswap(int n, double *x, int incx, double *y, int incy);

/* x, y <- c x + s y, c y - s x */
void cblas_srot(int n, float *x, int incx, float *y, int incy, float c, float s);
void cblas_drot(int n, double *x, int incx, double *y, int incy, double c, double s);

/* y <- alpha op(A) x + beta y */
void cblas_sgemv(CBLAS_ORDER order, CBLAS_TRANSPOSE trans, int m, int n, float alpha, const float *a, int lda, const
    float *x, int incx, float beta, float *y, int incy);
void cblas_dgemv(CBLAS_ORDER order, CBLAS_TRANSPOSE trans, int m, int n, double alpha, const double *a, int lda, const
    double *x, int incx, double beta, double *y, int incy);

/* A <- A + alpha x yᵀ */
void cblas_sger(CBLAS_ORDER order, int m, int n, float alpha, const float *x, int incx, const float *y, int incy,
    float *a, int lda);
void cblas_dger(CBLAS_ORDER order, int m, int n, double alpha, const double *x, int incx, const double *y, int incy,
    double *a, int lda);

/* y <- alpha A x + beta y, A symmetric */
void cblas_ssymv(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, float alpha, const float *a, int lda, const float *x, int
    incx, float beta, float *y, int incy);
void cblas_dsymv(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, double alpha, const double *a, int lda, const double *x,
    int incx, double beta, double *y, int incy);

/* A <- A + alpha x xᵀ in one triangle */
void cblas_ssyr(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, float alpha, const float *x, int incx, float *a, int lda);
void cblas_dsyr(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, double alpha, const double *x, int incx, double *a, int
    lda);

/* A <- A + alpha (x yᵀ + y xᵀ) in one triangle */
void cblas_ssyr2(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, float alpha, const float *x, int incx, const float *y, int
    incy, float *a, int lda);
void cblas_dsyr2(CBLAS_ORDER order, CBLAS_UPLO uplo, int n, double alpha, const double *x, int incx, const double *y,
    int incy, double *a, int lda);

/* x <- op(A) x, A triangular */
void cblas_strmv(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, CBLAS_DIAG diag, int n, const float *a,
    int lda, float *x, int incx);
void cblas_dtrmv(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, CBLAS_DIAG diag, int n, const double *a,
    int lda, double *x, int incx);

/* x <- op(A)⁻¹ x, A triangular */
void cblas_strsv(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, CBLAS_DIAG diag, int n, const float *a,
    int lda, float *x, int incx);
void cblas_dtrsv(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, CBLAS_DIAG diag, int n, const double *a,
    int lda, double *x, int incx);

/* C <- alpha op(A) op(B) + beta C */
void cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE transa, CBLAS_TRANSPOSE transb, int m, int n, int k, float alpha,
    const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE transa, CBLAS_TRANSPOSE transb, int m, int n, int k, double alpha,
    const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);

/* C <- alpha A B + beta C, or alpha B A + beta C, A symmetric */
void cblas_ssymm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, int m, int n, float alpha, const float *a, int
    lda, const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dsymm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, int m, int n, double alpha, const double *a, int
    lda, const double *b, int ldb, double beta, double *c, int ldc);

/* C <- alpha A Aᵀ + beta C, or alpha Aᵀ A + beta C, in one triangle */
void cblas_ssyrk(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, int n, int k, float alpha, const float *a,
    int lda, float beta, float *c, int ldc);
void cblas_dsyrk(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, int n, int k, double alpha, const double
    *a, int lda, double beta, double *c, int ldc);

/* C <- alpha (A Bᵀ + B Aᵀ) + beta C, or alpha (Aᵀ B + Bᵀ A) + beta C, in one triangle */
void cblas_ssyr2k(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, int n, int k, float alpha, const float
    *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dsyr2k(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, int n, int k, double alpha, const double
    *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);

/* B <- alpha op(A) B, or alpha B op(A), A triangular */
void cblas_strmm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE transa, CBLAS_DIAG diag, int m,
    int n, float alpha, const float *a, int lda, float *b, int ldb);
void cblas_dtrmm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE transa, CBLAS_DIAG diag, int m,
    int n, double alpha, const double *a, int lda, double *b, int ldb);

/* B <- alpha op(A)⁻¹ B, or alpha B op(A)⁻¹, A triangular */
void cblas_strsm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE transa, CBLAS_DIAG diag, int m,
    int n, float alpha, const float *a, int lda, float *b, int ldb);
void cblas_dtrsm(CBLAS_ORDER order, CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE transa, CBLAS_DIAG diag, int m,
    int n, double alpha, const double *a, int lda, double *b, int ldb);

#ifdef __cplusplus
}
#endif

#endif
