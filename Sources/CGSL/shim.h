// SPDX-License-Identifier: Apache-2.0
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_vector.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_wavelet.h>

// GSL's algorithm names are mutable C globals, which Swift 6 does not let through.
static inline const gsl_multimin_fdfminimizer_type *cgsl_vector_bfgs2(void) {
  return gsl_multimin_fdfminimizer_vector_bfgs2;
}
static inline const gsl_qrng_type *cgsl_qrng_sobol(void) {
  return gsl_qrng_sobol;
}
static inline const gsl_wavelet_type *cgsl_wavelet_haar(void) {
  return gsl_wavelet_haar;
}
