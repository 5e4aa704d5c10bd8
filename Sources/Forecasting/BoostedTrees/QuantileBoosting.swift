// SPDX-License-Identifier: Apache-2.0

/// Grows trees for the pinball loss.
///
/// The library (1.7) has no quantile objective, and a tree's leaves can't be left to the gradients:
/// the pinball gradient tells a direction but no distance. So the gradients choose the splits, and
/// each leaf gets the quantile of the residuals in it (as in LightGBM; Friedman, "Greedy function
/// approximation", 2001, for the absolute error). The leaves are written into the library's own
/// document at the end, so that prediction is the library's.
struct QuantileBoosting {
  private let rows: BoosterRows
  private let parameters: BoostingParameters

  init(rows: BoosterRows, parameters: BoostingParameters) throws(LearnedModelError) {
    self.rows = rows
    self.parameters = parameters
  }

  /// The document of an ensemble for the quantile `level` of `targets`.
  func grow(targets: [Float], level: Double) throws(LearnedModelError) -> [UInt8] {
    precondition(level > 0 && level < 1, "level \(level) is not in (0, 1)")
    var copy = targets
    let start = copy.withUnsafeMutableBufferPointer {
      OrderStatistics.quantile(reordering: $0, level)
    }
    let booster = try Booster(
      trainingOn: rows,
      parameters: parameters.libraryParameters(objective: "reg:squarederror")
        + [("base_score", String(start))])
    var predictions = [Float](repeating: start, count: targets.count)
    var gradients = predictions
    var curvatures = [Float](repeating: 1, count: targets.count)
    var leafValues: [[Float]] = []
    for round in 0..<parameters.rounds {
      for row in targets.indices {
        gradients[row] = targets[row] > predictions[row] ? -Float(level) : Float(1 - level)
        curvatures[row] = 1
      }
      try booster.update(rows: rows, gradients: &gradients, curvatures: &curvatures)
      let leaves = try booster.leaves(rows: rows, round: round)
      let values = leafQuantiles(
        leaves, residuals: zip(targets, predictions).map { $0 - $1 }, level: level)
      for row in predictions.indices { predictions[row] += values[leaves[row]] }
      leafValues.append(values)
    }
    return try TreeDocument(booster.modelBytes()).replacingLeaves(by: leafValues)
  }

  /// The shrunk quantile of the residuals of each leaf, by node number (0 for inner nodes).
  private func leafQuantiles(_ leaves: [Int], residuals: [Float], level: Double) -> [Float] {
    // Counting sort by leaf: the residuals of a leaf lie together.
    var starts = [Int](repeating: 0, count: (leaves.max() ?? 0) + 2)
    for leaf in leaves { starts[leaf + 1] += 1 }
    for leaf in 1..<starts.count { starts[leaf] += starts[leaf - 1] }
    var grouped = residuals
    var next = starts
    for (leaf, residual) in zip(leaves, residuals) {
      grouped[next[leaf]] = residual
      next[leaf] += 1
    }
    return grouped.withUnsafeMutableBufferPointer { grouped in
      (0..<starts.count - 1).map { leaf in
        let range = starts[leaf]..<starts[leaf + 1]
        guard !range.isEmpty else { return 0 }
        return Float(parameters.learningRate)
          * OrderStatistics.quantile(
            reordering: UnsafeMutableBufferPointer(rebasing: grouped[range]), level)
      }
    }
  }
}

/// The boosting library's JSON document, as far as leaf values go.
///
/// For each tree, in order, the library writes `"left_children":[…]`, in which -1 marks a leaf,
/// and after it `"split_conditions":[…]`, which holds the value of a leaf at its node number.
private struct TreeDocument {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The document with the leaves of tree `t` set to `values[t]`, by node number.
  func replacingLeaves(by values: [[Float]]) throws(LearnedModelError) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    var position = 0
    for tree in values.indices {
      let children = try elements(of: "left_children", after: position)
      let conditions = try elements(of: "split_conditions", after: children.upperBound)
      let isLeaf = bytes[children].split(separator: UInt8(ascii: ",")).map {
        $0.elementsEqual("-1".utf8)
      }
      let old = bytes[conditions].split(separator: UInt8(ascii: ","))
      guard isLeaf.count == old.count else {
        throw LearnedModelError(.library, at: "tree \(tree)", "arrays of different lengths")
      }
      result += bytes[position..<conditions.lowerBound]
      for node in old.indices {
        if node > 0 { result.append(UInt8(ascii: ",")) }
        // A leaf that no row reached has no quantile; it keeps zero, which changes nothing.
        let value = node < values[tree].count ? values[tree][node] : 0
        result += isLeaf[node] ? Array(String(value).utf8) : Array(old[node])
      }
      position = conditions.upperBound
    }
    return result + bytes[position...]
  }

  /// The bytes between the brackets of the next array called `key`.
  private func elements(of key: String, after start: Int) throws(LearnedModelError) -> Range<Int> {
    let pattern = Array("\"\(key)\":[".utf8)
    var position = start
    while position + pattern.count <= bytes.count {
      if bytes[position] == pattern[0], bytes[position...].starts(with: pattern) {
        let first = position + pattern.count
        if let end = bytes[first...].firstIndex(of: UInt8(ascii: "]")) { return first..<end }
      }
      position += 1
    }
    throw LearnedModelError(.library, at: key, "not in the library's document")
  }
}
