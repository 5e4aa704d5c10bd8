// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How an ensemble of trees is grown.
///
/// Training uses one thread and the histogram method, so that equal data, parameters and seed give
/// equal bytes. Symbols as in Chen & Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD
/// 2016, doi:10.1145/2939672.2939785.
public struct BoostingParameters: Sendable, Equatable, Codable {
  /// Number of trees.
  public var rounds = 100
  /// Shrinkage of each tree (η), in (0, 1].
  public var learningRate = 0.1
  /// Depth of a tree, ≥ 1.
  public var maximumDepth = 5
  /// Smallest sum of second derivatives in a leaf.
  public var minimumChildWeight = 20.0
  /// Share of the rows drawn for each tree, in (0, 1].
  public var rowShare = 0.7
  /// Share of the features drawn for each tree, in (0, 1].
  public var featureShare = 0.7
  /// Histogram bins a feature, ≥ 2.
  public var histogramBins = 64
  /// Seed of the drawing of rows and features.
  public var seed: UInt32 = 1

  /// The defaults.
  public init() {}

  /// The library's parameters, in the order in which they are set.
  func libraryParameters(objective: String) -> [(name: String, value: String)] {
    [
      ("verbosity", "0"), ("nthread", "1"), ("tree_method", "hist"), ("objective", objective),
      ("seed", String(seed)), ("eta", String(learningRate)),
      ("max_depth", String(maximumDepth)), ("min_child_weight", String(minimumChildWeight)),
      ("subsample", String(rowShare)), ("colsample_bytree", String(featureShare)),
      ("max_bin", String(histogramBins)),
    ]
  }
}

/// A trained ensemble of regression trees.
///
/// ```swift
/// let trees = try GradientBoostedTrees.train(
///   features, labels: overloaded, objective: .logistic, parameters: BoostingParameters())
/// let probabilities = try trees.predict(features)
/// ```
///
/// An immutable value: copies share the trees. Thread safe (predictions take turns).
public struct GradientBoostedTrees: Sendable {
  /// What the trees minimise.
  public enum Objective: Sendable, Equatable {
    /// Log loss of 0/1 labels; predictions are probabilities.
    case logistic
    /// Squared error; predictions are means.
    case squaredError
    /// Pinball loss; predictions are quantiles of this level, in (0, 1).
    case quantile(Double)
  }

  /// The trees as a JSON document of the boosting library, which its Python package reads too.
  public let modelBytes: [UInt8]
  /// Number of features a row must have.
  public let featureCount: Int
  /// Number of trees.
  public let roundCount: Int
  private let shared: SharedBooster

  /// The trees of a document made by ``modelBytes``.
  ///
  /// - Throws: ``LearnedModelError`` when the bytes are not such a document.
  public init(modelBytes: [UInt8]) throws(LearnedModelError) {
    let booster = try Booster(modelBytes: modelBytes)
    self.modelBytes = modelBytes
    featureCount = try booster.featureCount()
    roundCount = try booster.roundCount()
    shared = SharedBooster(booster)
  }

  /// Grows trees for `labels`, one a row of `features`.
  ///
  /// - Precondition: `labels.count == features.rowCount`; labels are finite (and 0 or 1 for
  ///   `.logistic`).
  /// - Throws: ``LearnedModelError`` when there are no rows or the library refuses.
  public static func train(
    _ features: FeatureMatrix, labels: [Float], objective: Objective,
    parameters: BoostingParameters
  ) throws(LearnedModelError) -> GradientBoostedTrees {
    precondition(labels.count == features.rowCount, "one label a row")
    guard features.rowCount > 0, features.columnCount > 0 else {
      throw LearnedModelError(.trainingData, at: "features", "no rows to learn from")
    }
    switch objective {
    case .logistic:
      return try grow(features, labels, "binary:logistic", parameters)
    case .squaredError:
      return try grow(features, labels, "reg:squarederror", parameters)
    case .quantile(let level):
      let rows = try BoosterRows(features, labels: nil)
      let training = try QuantileBoosting(rows: rows, parameters: parameters)
      let bytes = try training.grow(targets: labels, level: level)
      return try GradientBoostedTrees(modelBytes: bytes)
    }
  }

  /// Trees with one of the library's own objectives.
  private static func grow(
    _ features: FeatureMatrix, _ labels: [Float], _ objective: String,
    _ parameters: BoostingParameters
  ) throws(LearnedModelError) -> GradientBoostedTrees {
    let rows = try BoosterRows(features, labels: labels)
    // The start value is the mean label, kept inside (0, 1) for a probability.
    let mean = labels.reduce(0.0) { $0 + Double($1) } / Double(labels.count)
    let start = objective == "binary:logistic" ? min(max(mean, 1e-6), 1 - 1e-6) : mean
    let booster = try Booster(
      trainingOn: rows,
      parameters: parameters.libraryParameters(objective: objective)
        + [("base_score", String(start))])
    for round in 0..<parameters.rounds { try booster.update(round: round, rows: rows) }
    return try GradientBoostedTrees(modelBytes: booster.modelBytes())
  }

  /// The prediction for each row.
  ///
  /// - Precondition: `features.columnCount == featureCount`.
  /// - Throws: ``LearnedModelError`` when the library refuses.
  public func predict(_ features: FeatureMatrix) throws(LearnedModelError) -> [Float] {
    precondition(
      features.columnCount == featureCount,
      "\(features.columnCount) features for trees of \(featureCount)")
    guard features.rowCount > 0 else { return [] }
    return try shared.predict(features)
  }
}

/// A booster that several threads may ask in turn.
private final class SharedBooster: Sendable {
  private let booster: Mutex<Booster>

  init(_ booster: sending Booster) { self.booster = Mutex(booster) }

  func predict(_ features: FeatureMatrix) throws(LearnedModelError) -> [Float] {
    try booster.withLock { booster throws(LearnedModelError) in try booster.predict(features) }
  }
}
