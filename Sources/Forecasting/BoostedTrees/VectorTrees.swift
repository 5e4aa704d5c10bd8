// SPDX-License-Identifier: Apache-2.0
import CForecastKernels

/// Boosted trees whose leaves hold all quantile levels of ``ExpertTable`` at once.
///
/// One walk answers for every level, and all trees are stored as complete binary trees of one depth,
/// so that all nodes are compared for eight rows at a time without branches
/// (`foreshadow_tree_sums`): what makes 100 000 series × 3 horizons a matter of a fraction of a
/// second. A row goes left where
/// `feature < threshold`; features are never NaN (`unknown` stands for what is not known).
package struct VectorTrees: Sendable, Equatable {
  /// Stands for an unknown feature: below every relative load.
  static let unknown: Float = -1
  /// Rows that are predicted at a time, so that their features stay in the first-level cache.
  static let block = FORESHADOW_TREE_BLOCK
  /// Values of a leaf, padded.
  private static let leaf = FORESHADOW_TREE_LEAF

  /// Inner nodes on the way to a leaf.
  let depth: Int
  /// Number of trees.
  let treeCount: Int
  /// Start offset of the feature's column in a block, `[tree, node]`, children of n at 2n+1, 2n+2.
  private var offsets: [Int32] = []
  private var thresholds: [Float] = []
  /// `[tree, leaf, value]`.
  private var leaves: [Float] = []
  /// What the first tree adds to, by level.
  private let start: [Float]

  /// Trees of at most `depth` levels.
  ///
  /// - Parameters:
  ///   - trees: as grown.
  ///   - values: `values[tree][node]` are the values of a leaf by level.
  ///   - start: the constant prediction by level.
  ///   - depth: inner nodes on the way to a leaf, at least those of every tree.
  package init(_ trees: [GrownTree], leaves values: [[[Float]]], start: [Float], depth: Int) {
    self.depth = depth
    treeCount = trees.count
    precondition((1...FORESHADOW_TREE_DEEPEST).contains(depth), "depth \(depth)")
    self.start = start
    for (tree, leafValues) in zip(trees, values) {
      append(tree, leafValues)
    }
  }

  /// Appends one tree, its shallow leaves repeated at full depth.
  private mutating func append(_ tree: GrownTree, _ values: [[Float]]) {
    let inner = (1 << depth) - 1
    let zero = [Float](repeating: 0, count: ExpertTable.levels.count)
    var nodes = [0]
    for place in 0..<inner {
      let node = nodes[place]
      if tree.isLeaf(node) {
        offsets.append(0)
        thresholds.append(.infinity)
        nodes += [node, node]
      } else {
        offsets.append(Int32(tree.columns[node] * Self.block))
        thresholds.append(tree.thresholds[node])
        nodes += [tree.left[node], tree.right[node]]
      }
    }
    for node in nodes[inner...] {
      leaves += node < values.count ? values[node] : zero
      leaves += [Float](repeating: 0, count: Self.leaf - zero.count)
    }
  }

  /// Writes the quantiles of all rows as `[row, level]`.
  package func predict(_ features: FeatureMatrix, into result: UnsafeMutablePointer<Float>) {
    let columns = features.columnCount
    let size = columns * Self.block
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { block in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.block * Self.leaf) { sums in
        // The last block may be short, and its whole width is compared.
        block.update(repeating: 0)
        guard let block = block.baseAddress, let sums = sums.baseAddress else { return }
        features.values.withUnsafeBufferPointer { values in
          guard let values = values.baseAddress else { return }
          for first in Swift.stride(from: 0, to: features.rowCount, by: Self.block) {
            let count = min(Self.block, features.rowCount - first)
            for column in 0..<columns {
              (block + column * Self.block).update(
                from: values + column * features.rowCount + first, count: count)
            }
            sum(block, count, sums)
            Self.unpack(sums, count, result + first * ExpertTable.levels.count)
          }
        }
      }
    }
  }

  /// Adds up the leaves of one block of rows.
  private func sum(
    _ block: UnsafePointer<Float>, _ count: Int, _ sums: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<count {
      for value in start.indices { sums[row * Self.leaf + value] = start[value] }
    }
    foreshadow_tree_sums(depth, treeCount, count, block, offsets, thresholds, leaves, sums)
  }

  private static func unpack(
    _ sums: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>
  ) {
    let levels = ExpertTable.levels.count
    for row in 0..<count {
      (result + row * levels).update(from: sums + row * leaf, count: levels)
    }
  }
}

/// One tree as the boosting library has grown it, by node number.
package struct GrownTree: Equatable {
  /// Children; -1 marks a leaf.
  package var left: [Int]
  package var right: [Int]
  /// Feature column and threshold of inner nodes.
  package var columns: [Int]
  package var thresholds: [Float]

  /// A tree.
  package init(left: [Int], right: [Int], columns: [Int], thresholds: [Float]) {
    self.left = left
    self.right = right
    self.columns = columns
    self.thresholds = thresholds
  }

  func isLeaf(_ node: Int) -> Bool { left[node] < 0 }

  /// The leaf in which each row ends.
  package func leaves(of features: FeatureMatrix) -> [Int] {
    (0..<features.rowCount).map { row in
      var node = 0
      while left[node] >= 0 {
        node = features[row, columns[node]] < thresholds[node] ? left[node] : right[node]
      }
      return node
    }
  }
}
