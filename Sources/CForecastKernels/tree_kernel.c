// SPDX-License-Identifier: Apache-2.0
#include "tree_kernel.h"

#include "vector_types.h"

// Vectors are arguments of inlined functions only: their calling convention is no matter.
#pragma clang diagnostic ignored "-Wpsabi"

// No fused multiply-add here: both versions give the same bits.
#if defined(__x86_64__)
#define KERNEL_TARGET __attribute__((target("avx2")))
#define KERNEL_NAME(name) name##_avx2
#include "tree_kernel_body.h"
#undef KERNEL_TARGET
#undef KERNEL_NAME
#endif

#define KERNEL_TARGET
#define KERNEL_NAME(name) name##_baseline
#include "tree_kernel_body.h"

void foreshadow_tree_sums(
    size_t depth, size_t trees, size_t rows, const float *block, const int32_t *offsets,
    const float *thresholds, const float *leaves, float *sums) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    tree_sums_avx2(depth, trees, rows, block, offsets, thresholds, leaves, sums);
    return;
  }
#endif
  tree_sums_baseline(depth, trees, rows, block, offsets, thresholds, leaves, sums);
}
