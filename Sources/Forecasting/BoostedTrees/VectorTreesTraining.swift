// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Grows ``VectorTrees``: the boosting library chooses the splits, the leaves get quantiles.
///
/// In each round the gradients of a group of levels (middle, upper tail, lower tail in turn) choose
/// a tree, and every level then gets the shrunk quantile of its own residuals in each leaf. A split
/// that tells the upper tail apart mostly tells the median apart too, so that levels help each
/// other, and one set of trees is grown where one for each level would be needed.
package struct VectorTreesTraining {
  /// How the trees are grown.
  package var boosting: BoostingParameters

  /// Training with the given parameters.
  package init(boosting: BoostingParameters) { self.boosting = boosting }

  /// Which levels of the grid choose the splits, round by round.
  private static let turns: [[Int]] = [
    [2, 3, 4], [5, 6, 7, 8], [2, 3, 4], [5, 6, 7, 8], [0, 1],
  ]

  /// Trees for the quantiles of `targets`, one a row of `features` (none of which is NaN).
  package func grow(
    _ features: FeatureMatrix, targets: [Float]
  ) throws(LearnedModelError) -> VectorTrees {
    let levels = ExpertTable.levels
    let rows = try BoosterRows(features, labels: nil)
    let booster = try Booster(
      trainingOn: rows,
      parameters: boosting.libraryParameters(objective: "reg:squarederror")
        + [("base_score", "0")])
    var copy = targets
    let start = copy.withUnsafeMutableBufferPointer { copy in
      levels.map { OrderStatistics.quantile(reordering: copy, $0) }
    }
    var predictions = start.map { [Float](repeating: $0, count: targets.count) }
    var gradients = [Float](repeating: 0, count: targets.count)
    var curvatures = [Float](repeating: 1, count: targets.count)
    var leafValues: [[[Float]]] = []
    for round in 0..<boosting.rounds {
      let turn = Self.turns[round % Self.turns.count]
      for row in targets.indices {
        var sum: Float = 0
        for level in turn {
          let share = Float(levels[level])
          // Tails are judged in units of their own variance, or the rarest would never speak.
          let unit = 1 / (share * (1 - share)).squareRoot()
          sum += (targets[row] > predictions[level][row] ? -share : 1 - share) * unit
        }
        gradients[row] = sum
        curvatures[row] = 1
      }
      try booster.update(rows: rows, gradients: &gradients, curvatures: &curvatures)
      let leaves = try booster.leaves(rows: rows, round: round)
      leafValues.append(refit(leaves, targets: targets, predictions: &predictions))
    }
    let trees = try GrownTreeDocument.trees(in: booster.modelBytes(), count: boosting.rounds)
    return VectorTrees(
      trees, leaves: leafValues, start: start, depth: boosting.maximumDepth)
  }

  /// The shrunk quantiles of each leaf by node number, added to the predictions.
  private func refit(
    _ leaves: [Int], targets: [Float], predictions: inout [[Float]]
  ) -> [[Float]] {
    let grouping = LeafGrouping(leaves)
    var values = [[Float]](
      repeating: [Float](repeating: 0, count: predictions.count), count: grouping.leafCount)
    var residuals = [Float](repeating: 0, count: targets.count)
    for level in predictions.indices {
      for (place, row) in grouping.rows.enumerated() {
        residuals[place] = targets[row] - predictions[level][row]
      }
      residuals.withUnsafeMutableBufferPointer { residuals in
        for leaf in 0..<grouping.leafCount {
          let range = grouping.range(leaf)
          guard !range.isEmpty else { continue }
          values[leaf][level] =
            Float(boosting.learningRate)
            * OrderStatistics.quantile(
              reordering: UnsafeMutableBufferPointer(rebasing: residuals[range]),
              ExpertTable.levels[level])
        }
      }
      for row in targets.indices { predictions[level][row] += values[leaves[row]][level] }
    }
    return values
  }
}

/// Rows sorted by the leaf they end in.
private struct LeafGrouping {
  let leafCount: Int
  private(set) var rows: [Int]
  private var starts: [Int]

  /// A counting sort.
  init(_ leaves: [Int]) {
    leafCount = (leaves.max() ?? -1) + 1
    starts = [Int](repeating: 0, count: leafCount + 1)
    for leaf in leaves { starts[leaf + 1] += 1 }
    for leaf in 0..<leafCount { starts[leaf + 1] += starts[leaf] }
    rows = [Int](repeating: 0, count: leaves.count)
    var next = starts
    for (row, leaf) in leaves.enumerated() {
      rows[next[leaf]] = row
      next[leaf] += 1
    }
  }

  func range(_ leaf: Int) -> Range<Int> { starts[leaf]..<starts[leaf + 1] }
}

/// Reads the structure of trees out of the boosting library's JSON document.
enum GrownTreeDocument {
  private struct Document: Decodable {
    struct Learner: Decodable { var gradient_booster: Booster }
    struct Booster: Decodable { var model: Model }
    struct Model: Decodable { var trees: [Tree] }
    struct Tree: Decodable {
      var left_children: [Int]
      var right_children: [Int]
      var split_indices: [Int]
      var split_conditions: [Double]
    }
    var learner: Learner
  }

  /// The trees of a document; a tree without a split has one node.
  static func trees(in bytes: [UInt8], count: Int) throws(LearnedModelError) -> [GrownTree] {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
      throw LearnedModelError(.library, at: "model document", "expected trees, found none")
    }
    let trees = document.learner.gradient_booster.model.trees.map { tree in
      GrownTree(
        left: tree.left_children, right: tree.right_children, columns: tree.split_indices,
        thresholds: tree.split_conditions.map { Float($0) })
    }
    guard trees.count == count else {
      throw LearnedModelError(
        .library, at: "model document", "\(trees.count) trees after \(count) rounds")
    }
    return trees
  }
}
