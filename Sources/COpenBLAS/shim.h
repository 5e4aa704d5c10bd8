// SPDX-License-Identifier: Apache-2.0
// The matrix products by their Fortran names: <cblas.h> declares the enumerations that GSL's own
// <gsl_cblas.h> declares too, and a program that imports both modules would not compile.

/// C = alpha op(A) op(B) + beta C, column-major, in double precision.
void dgemm_(
    const char *transA, const char *transB, const int *m, const int *n, const int *k,
    const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
    const double *beta, double *c, const int *ldc);

/// C = alpha op(A) op(B) + beta C, column-major, in single precision.
void sgemm_(
    const char *transA, const char *transB, const int *m, const int *n, const int *k,
    const float *alpha, const float *a, const int *lda, const float *b, const int *ldb,
    const float *beta, float *c, const int *ldc);

/// Number of threads of all later calls in this process.
void openblas_set_num_threads(int threads);
