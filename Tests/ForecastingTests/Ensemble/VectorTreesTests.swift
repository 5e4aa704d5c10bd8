// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Testing
import Units

private let levels = ExpertTable.levels

/// A repeatable number in 0 ..< 1.
private func uniform(_ index: Int) -> Double {
  let mixed = UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
  let scattered = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
  return Double(scattered >> 40) / Double(1 << 24)
}

@Test("Descending at full depth gives what walking the grown tree gives", arguments: [1, 127, 300])
func descentEqualsWalk(rowCount: Int) {
  // An uneven tree: one branch ends at once, the other goes two deeper.
  let tree = GrownTree(
    left: [1, -1, 3, -1, -1], right: [2, -1, 4, -1, -1], columns: [1, 0, 0, 0, 0],
    thresholds: [0.3, 0, 0.6, 0, 0])
  let values = (0..<5).map { node in levels.indices.map { Float(10 * node + $0) } }
  let trees = VectorTrees(
    [tree, tree], leaves: [values, values], start: levels.map { Float($0) }, depth: 3)
  var features = FeatureMatrix(rowCount: rowCount, columnCount: 2)
  for row in 0..<rowCount {
    features[row, 0] = Float(uniform(2 * row))
    features[row, 1] = Float(uniform(2 * row + 1))
  }
  var result = [Float](repeating: 0, count: rowCount * levels.count)
  result.withUnsafeMutableBufferPointer { buffer in
    if let start = buffer.baseAddress { trees.predict(features, into: start) }
  }
  let leaves = tree.leaves(of: features)
  for row in 0..<rowCount {
    for level in levels.indices {
      let expected = Float(levels[level]) + 2 * values[leaves[row]][level]
      #expect(abs(result[row * levels.count + level] - expected) < 1e-4)
    }
  }
}

@Test("Trees find the quantiles of two groups with different spreads")
func treesFindQuantilesOfGroups() throws {
  let count = 4000
  var features = FeatureMatrix(rowCount: count, columnCount: 2)
  var targets: [Float] = []
  for row in 0..<count {
    features[row, 0] = row % 2 == 0 ? 0 : 1
    features[row, 1] = Float(uniform(row))
    // Uniform on 0 … 1, or on 10 … 14.
    let u = uniform(row + 77_777)
    targets.append(Float(row % 2 == 0 ? u : 10 + 4 * u))
  }
  var boosting = BoostingParameters()
  // 0.9¹²⁰ of the distance between the groups remains: nothing.
  boosting.rounds = 120
  boosting.maximumDepth = 1
  boosting.featureShare = 1
  let trees = try VectorTreesTraining(boosting: boosting).grow(features, targets: targets)
  var result = [Float](repeating: 0, count: count * levels.count)
  result.withUnsafeMutableBufferPointer { buffer in
    if let start = buffer.baseAddress { trees.predict(features, into: start) }
  }
  // Half the rows are noise about the other feature; 2000 values a group: 5σ of a quantile.
  for (level, share) in levels.enumerated() {
    let error = 5 * (share * (1 - share) / 2000).squareRoot() + 0.01
    #expect(abs(Double(result[level]) - share) < error, "low group at \(share)")
    let high = Double(result[levels.count + level])
    #expect(abs(high - 10 - 4 * share) < 4 * error, "high group at \(share)")
  }
}

@Test("Trees as the only member learn a rule that all series share")
func treesLearnASharedRule() throws {
  // Whoever jumps to 60 stays there for exactly four steps; jumps come at random.
  func series(_ seed: Int) -> [Double] {
    var left = 0
    return (0..<400).map { time in
      let isJump = left == 0 && uniform(seed * 1000 + time) < 0.05
      left = isJump ? 4 : left
      defer { left = max(0, left - 1) }
      return left > 0 ? 60 : 10
    }
  }
  let history = TrainingSeries((0..<20).map(series), calendar: fiveMinutes)
  let short = ForecastSettings(horizons: [1], bounds: 0...100)
  let trees = try #require(TreeExperts(history: history, settings: short))
  var model = EnsembleForecaster(
    name: "trees", experts: [trees], settings: short,
    history: TrainingSeries(empty: 20, calendar: fiveMinutes))
  for time in 0..<400 { model.observe((0..<20).map { series($0)[time] }) }
  func median(after value: Double) -> Double {
    model.observe([Double](repeating: value, count: 20))
    var batch = ForecastBatch(seriesCount: 20, horizons: [1], levels: [0.5])
    model.forecast(into: &batch)
    return batch.quantiles.reduce(0, +) / 20
  }
  for _ in 0..<12 { _ = median(after: 10) }
  // Three of the four steps go on, the fourth is the last; 5 of 50 points is a wrong leaf.
  for _ in 0..<3 { #expect(abs(median(after: 60) - 60) < 5) }
  #expect(abs(median(after: 60) - 10) < 5)
}
