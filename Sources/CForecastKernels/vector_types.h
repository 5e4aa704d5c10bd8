// SPDX-License-Identifier: Apache-2.0
// Vectors of eight, which the compiler splits where the machine has narrower ones.
#ifndef FORESHADOW_VECTOR_TYPES_H
#define FORESHADOW_VECTOR_TYPES_H

typedef float v8f __attribute__((vector_size(32)));
typedef int v8i __attribute__((vector_size(32)));
/// The same without an alignment, for memory that has none.
typedef float v8f_unaligned __attribute__((vector_size(32), aligned(4), may_alias));
#define SPLAT(value) ((v8f){(value), (value), (value), (value), (value), (value), (value), (value)})

/// Two of them side by side.
typedef float v16f __attribute__((vector_size(64)));
typedef int v16i __attribute__((vector_size(64)));
#define JOIN(low, high) \
  __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define LOW(pair) __builtin_shufflevector(pair, pair, 0, 1, 2, 3, 4, 5, 6, 7)
#define HIGH(pair) __builtin_shufflevector(pair, pair, 8, 9, 10, 11, 12, 13, 14, 15)
#define SPLAT16(value) JOIN(SPLAT(value), SPLAT(value))

#define load(address) ((v8f) * (const v8f_unaligned *)(address))
#define store(address, value) (*(v8f_unaligned *)(address) = (value))

#endif
