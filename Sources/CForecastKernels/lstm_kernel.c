// SPDX-License-Identifier: Apache-2.0
#include "lstm_kernel.h"

#include <string.h>

#include "vector_types.h"

// Vectors are arguments of inlined functions only: their calling convention is no matter.
#pragma clang diagnostic ignored "-Wpsabi"

#if defined(__x86_64__)
#define LSTM_TARGET __attribute__((target("avx2,fma")))
#define LSTM_NAME(name) name##_avx2
#include "lstm_kernel_body.h"
#undef LSTM_TARGET
#undef LSTM_NAME
#endif

#define LSTM_TARGET
#define LSTM_NAME(name) name##_baseline
#include "lstm_kernel_body.h"

void foreshadow_lstm_step(
    size_t rows, size_t inputs, size_t hidden, const float *x, const float *weights,
    const float *bias, float *h, float *c) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    step_avx2(rows, inputs, hidden, x, weights, bias, h, c);
    return;
  }
#endif
  step_baseline(rows, inputs, hidden, x, weights, bias, h, c);
}

void foreshadow_dense(
    size_t rows, size_t a_width, size_t b_width, size_t outputs, const float *a, const float *b,
    const float *weights, const float *bias, float *result) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    dense_avx2(rows, a_width, b_width, outputs, a, b, weights, bias, result);
    return;
  }
#endif
  dense_baseline(rows, a_width, b_width, outputs, a, b, weights, bias, result);
}
