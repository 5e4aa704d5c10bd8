// SPDX-License-Identifier: Apache-2.0
// For one instruction set: included once for each, with KERNEL_TARGET (an attribute) and
// KERNEL_NAME (adds a suffix to a name) defined.

/// The leaf's number for eight rows: the deepest nodes say left or right, and every node above picks
/// one child's answer and puts its own bit before it.
KERNEL_TARGET static inline v8i KERNEL_NAME(leaf_numbers)(
    size_t depth, const float *rows, const int32_t *offset, const float *threshold) {
  v8i answers[1 << (FORESHADOW_TREE_DEEPEST - 1)];
  size_t width = (size_t)1 << (depth - 1);
  size_t first = width - 1;
  const v8i one = {1, 1, 1, 1, 1, 1, 1, 1};
  for (size_t node = 0; node < width; node++) {
    v8f limit = SPLAT(threshold[first + node]);
    v8i is_left = (v8i)(load(rows + offset[first + node]) < limit);
    answers[node] = ~is_left & one;
  }
  for (int bit = 2; width > 1; bit <<= 1) {
    width >>= 1;
    first = width - 1;
    const v8i set = {bit, bit, bit, bit, bit, bit, bit, bit};
    for (size_t node = 0; node < width; node++) {
      v8f limit = SPLAT(threshold[first + node]);
      v8i is_left = (v8i)(load(rows + offset[first + node]) < limit);
      answers[node] =
          (is_left & answers[2 * node]) | (~is_left & (answers[2 * node + 1] | set));
    }
  }
  return answers[0];
}

KERNEL_TARGET static void KERNEL_NAME(tree_sums)(
    size_t depth, size_t trees, size_t rows, const float *block, const int32_t *offset,
    const float *threshold, const float *leaf, float *sums) {
  const size_t inner = ((size_t)1 << depth) - 1;
  for (size_t tree = 0; tree < trees; tree++) {
    for (size_t start = 0; start < rows; start += 8) {
      int32_t numbers[8] __attribute__((aligned(32)));
      *(v8i *)numbers = KERNEL_NAME(leaf_numbers)(depth, block + start, offset, threshold);
      size_t count = rows - start < 8 ? rows - start : 8;
      for (size_t row = 0; row < count; row++) {
        const float *values = leaf + (size_t)numbers[row] * FORESHADOW_TREE_LEAF;
        float *target = sums + (start + row) * FORESHADOW_TREE_LEAF;
        for (size_t value = 0; value < FORESHADOW_TREE_LEAF; value++) target[value] += values[value];
      }
    }
    offset += inner;
    threshold += inner;
    leaf += (inner + 1) * FORESHADOW_TREE_LEAF;
  }
}
