// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

@Suite("Gradient-boosted trees")
struct GradientBoostedTreesTests {
  static func parameters(rounds: Int = 60) -> BoostingParameters {
    var parameters = BoostingParameters()
    parameters.rounds = rounds
    parameters.learningRate = 0.3
    parameters.maximumDepth = 2
    parameters.minimumChildWeight = 1
    parameters.rowShare = 1
    parameters.featureShare = 1
    return parameters
  }

  /// One feature, 0 or 1, and labels drawn from another uniform range for each.
  static func groups(_ count: Int, seed: UInt64) -> (FeatureMatrix, [Float]) {
    var random = RandomStream(seed: seed, purpose: "rows")
    var features = FeatureMatrix(rowCount: count, columnCount: 1)
    var labels: [Float] = []
    for row in 0..<count {
      let group = row % 2
      features[row, 0] = Float(group)
      labels.append(Float(random.uniform(in: group == 0 ? 0..<1 : 10..<30)))
    }
    return (features, labels)
  }

  static func empiricalQuantile(_ values: [Float], _ level: Double) -> Double {
    LoadData.percentile(values.map(Double.init), level)
  }

  /// Sixty rounds with shrinkage 0.3 leave 0.7⁶⁰ of the first error, and leaves are floats.
  static let leafTolerance = 1e-3

  @Test("Squared error gives the mean of each group")
  func means() throws {
    let (features, labels) = Self.groups(2000, seed: 1)
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .squaredError, parameters: Self.parameters())
    let predictions = try trees.predict(features)
    for group in 0..<2 {
      let own = stride(from: group, to: 2000, by: 2).map { Double(labels[$0]) }
      let mean = own.reduce(0, +) / Double(own.count)
      // The library shrinks leaves by a unit of ridge on about a thousand rows.
      #expect(abs(Double(predictions[group]) - mean) < 0.02)
    }
  }

  @Test("Pinball loss gives the quantile of each group", arguments: [0.05, 0.5, 0.9, 0.99])
  func quantiles(level: Double) throws {
    let (features, labels) = Self.groups(2000, seed: 2)
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .quantile(level), parameters: Self.parameters())
    let predictions = try trees.predict(features)
    for group in 0..<2 {
      let own = stride(from: group, to: 2000, by: 2).map { labels[$0] }
      let expected = Self.empiricalQuantile(own, level)
      #expect(abs(Double(predictions[group]) - expected) < Self.leafTolerance * 30)
    }
  }

  @Test("Log loss gives the share of each group")
  func shares() throws {
    let (features, values) = Self.groups(2000, seed: 3)
    let labels = values.map { $0 > 0.8 && $0 < 14 ? Float(1) : 0 }
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .logistic, parameters: Self.parameters())
    let predictions = try trees.predict(features)
    for group in 0..<2 {
      let own = stride(from: group, to: 2000, by: 2).map { Double(labels[$0]) }
      #expect(abs(Double(predictions[group]) - own.reduce(0, +) / Double(own.count)) < 0.01)
    }
  }

  @Test("A missing feature is a branch of its own")
  func missingFeatures() throws {
    var features = FeatureMatrix(rowCount: 400, columnCount: 1)
    var labels: [Float] = []
    for row in 0..<400 {
      features[row, 0] = row % 2 == 0 ? .nan : 1
      labels.append(row % 2 == 0 ? 5 : 1)
    }
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .squaredError, parameters: Self.parameters())
    let predictions = try trees.predict(features)
    #expect(abs(predictions[0] - 5) < 0.1 && abs(predictions[1] - 1) < 0.1)
  }

  @Test(
    "Two trainings give the same bytes",
    arguments: [
      GradientBoostedTrees.Objective.logistic, .squaredError, .quantile(0.9),
    ])
  func determinism(objective: GradientBoostedTrees.Objective) throws {
    var (features, labels) = Self.groups(500, seed: 4)
    if objective == .logistic { labels = labels.map { $0 > 5 ? 1 : 0 } }
    var parameters = Self.parameters(rounds: 10)
    parameters.rowShare = 0.5
    let first = try GradientBoostedTrees.train(
      features, labels: labels, objective: objective, parameters: parameters)
    let second = try GradientBoostedTrees.train(
      features, labels: labels, objective: objective, parameters: parameters)
    #expect(first.modelBytes == second.modelBytes)
    parameters.seed = 2
    let other = try GradientBoostedTrees.train(
      features, labels: labels, objective: objective, parameters: parameters)
    #expect(first.modelBytes != other.modelBytes)
  }

  @Test("A document read back predicts the same")
  func roundTrip() throws {
    let (features, labels) = Self.groups(500, seed: 5)
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .quantile(0.9), parameters: Self.parameters())
    let copy = try GradientBoostedTrees(modelBytes: trees.modelBytes)
    #expect(try copy.predict(features) == trees.predict(features))
    #expect(copy.featureCount == 1)
    #expect(copy.roundCount == 60)
  }

  @Test("Damaged documents are refused", arguments: [0, 1, 2, 100, 1000])
  func damagedDocuments(length: Int) throws {
    let (features, labels) = Self.groups(100, seed: 6)
    let trees = try GradientBoostedTrees.train(
      features, labels: labels, objective: .squaredError, parameters: Self.parameters(rounds: 3))
    #expect(throws: LearnedModelError.self) {
      try GradientBoostedTrees(modelBytes: Array(trees.modelBytes.prefix(length)))
    }
  }

  @Test("No rows are an error")
  func noRows() {
    #expect(throws: LearnedModelError.self) {
      try GradientBoostedTrees.train(
        FeatureMatrix(rowCount: 0, columnCount: 1), labels: [], objective: .squaredError,
        parameters: BoostingParameters())
    }
  }
}
