// SPDX-License-Identifier: Apache-2.0
#include "analog_kernel.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "vector_types.h"

// Vectors are arguments of inlined functions only: their calling convention is no matter.
#pragma clang diagnostic ignored "-Wpsabi"

/// With so many candidates they are sorted out, which brings the bound nearer; measured, and flat
/// from 40 to 60. And the room that they need: 64 may come at a time.
enum { ENOUGH = 48, CANDIDATES = FORESHADOW_ANALOG_MOST + 64 };

// No fused multiply-add here: both versions give the same bits.
#if defined(__x86_64__)
#define KERNEL_TARGET __attribute__((target("avx2")))
#define KERNEL_NAME(name) name##_avx2
#include "analog_kernel_body.h"
#undef KERNEL_TARGET
#undef KERNEL_NAME
#define DISPATCH(call_avx2, call_baseline) \
  if (__builtin_cpu_supports("avx2")) return call_avx2; \
  return call_baseline
#else
#define DISPATCH(call_avx2, call_baseline) return call_baseline
#endif

#define KERNEL_TARGET
#define KERNEL_NAME(name) name##_baseline
#include "analog_kernel_body.h"

void foreshadow_analog_distances(
    size_t count, const float *loads, const float *fasts, const float *slows,
    foreshadow_moment now, float slow_weight, float scale, const float *penalties,
    float *distances) {
  DISPATCH(
      distances_avx2(count, loads, fasts, slows, now, slow_weight, scale, penalties, distances),
      distances_baseline(
          count, loads, fasts, slows, now, slow_weight, scale, penalties, distances));
}

void foreshadow_analog_add(
    size_t count, const float *distances, const float *penalties, const float *before, float now,
    float weight, float scale, float *result) {
  DISPATCH(
      add_avx2(count, distances, penalties, before, now, weight, scale, result),
      add_baseline(count, distances, penalties, before, now, weight, scale, result));
}

size_t foreshadow_analog_nearest(
    size_t count, const float *distances, const float *outcomes, size_t wanted, float *bound,
    float *found_outcomes) {
  DISPATCH(
      nearest_avx2(count, distances, outcomes, wanted, bound, found_outcomes),
      nearest_baseline(count, distances, outcomes, wanted, bound, found_outcomes));
}
