// SPDX-License-Identifier: Apache-2.0
// Sums of the leaves of complete binary trees for a block of rows.
//
// Why C: see lstm_kernel.h. All nodes of a tree are compared for eight rows at a time, which is
// more comparisons than a descent needs but none of them waits for another.
#ifndef FORESHADOW_TREE_KERNEL_H
#define FORESHADOW_TREE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/// Rows of a block; floats of a leaf; the deepest tree.
enum {
  FORESHADOW_TREE_BLOCK = 128,
  FORESHADOW_TREE_LEAF = 12,
  FORESHADOW_TREE_DEEPEST = 8,
};

/// Adds to each row's sums the leaf in which it ends, tree after tree. A row goes left where
/// feature < threshold.
///
/// - depth: inner nodes on the way to a leaf, 1 ... FORESHADOW_TREE_DEEPEST.
/// - trees: number of trees.
/// - rows: rows that count, at most FORESHADOW_TREE_BLOCK.
/// - block: features [column, FORESHADOW_TREE_BLOCK]; what is beyond `rows` is read but does not
///   count.
/// - offsets: start of the node's feature column in `block`, [tree, node], children of n at 2n+1
///   and 2n+2.
/// - thresholds: [tree, node].
/// - leaves: [tree, leaf, FORESHADOW_TREE_LEAF].
/// - sums: [row, FORESHADOW_TREE_LEAF], added to.
void foreshadow_tree_sums(
    size_t depth, size_t trees, size_t rows, const float *block, const int32_t *offsets,
    const float *thresholds, const float *leaves, float *sums);

#endif
