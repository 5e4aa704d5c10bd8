// SPDX-License-Identifier: Apache-2.0

/// Trained ``VectorTrees`` for some horizons, global over the series of a history.
///
/// Loads are relative to a scale per series (``LoadScale``); the trees predict the difference to a
/// mean of recent loads, whose window is the one with the least absolute error in training, because
/// trees can't follow a series out of the range they were trained on.
struct GlobalTreesModel: Sendable, Equatable {
  /// Rows below which nothing is learned for a horizon.
  static let minimumRows = 1000

  /// Trees of one horizon.
  struct Member: Sendable, Equatable {
    /// The feature that predictions are differences to.
    let baseColumn: Int
    let trees: VectorTrees
  }

  /// One a horizon; nil where the history was too short.
  let members: [Member?]

  /// How much the default model learns, and how.
  static func parameters(seed: UInt32 = 1) -> BoostingParameters {
    var parameters = BoostingParameters()
    parameters.rounds = 75
    parameters.maximumDepth = 6
    parameters.minimumChildWeight = 50
    parameters.seed = seed
    return parameters
  }

  /// Trains on the first `sampleCount` samples of a history.
  static func train(
    history: LoadHistory, horizons: [Int], sampling: TrainingSampling,
    boosting: BoostingParameters
  ) -> GlobalTreesModel {
    GlobalTreesModel(
      members: horizons.map { horizon in
        try? train(history, horizon: horizon, sampling: sampling, boosting: boosting)
      })
  }

  private static func train(
    _ history: LoadHistory, horizon: Int, sampling: TrainingSampling,
    boosting: BoostingParameters
  ) throws(LearnedModelError) -> Member? {
    var rows = try TrainingRows(
      history: history, target: .at(horizon), factors: [1], sampling: sampling
    ) { series, origin, scale in
      let value = history.value(series: series, sample: origin + horizon - 1)
      let limit = Double(LoadState.largest) / Double(LoadState.one)
      return value.isNaN ? nil : Float(min(max(value / scale, 0), limit))
    }
    guard rows.labels.count >= minimumRows else { return nil }
    rows.features.replaceUnknown()
    let features = rows.features
    let bases = LoadState.names.indices.filter { baseNames.contains(LoadState.names[$0]) }
    func error(_ column: Int) -> Double {
      rows.labels.indices.reduce(0) {
        $0 + Double(abs(rows.labels[$1] - features[$1, column]))
      }
    }
    let errors = bases.map(error)
    let best = bases[errors.firstIndex(of: errors.min() ?? 0) ?? 0]
    let targets = rows.labels.indices.map { rows.labels[$0] - features[$0, best] }
    let trees = try VectorTreesTraining(boosting: boosting).grow(features, targets: targets)
    return Member(baseColumn: best, trees: trees)
  }

  /// Last load, means of the windows and of everything.
  private static let baseNames: Set<String> = [
    "lag1", "mean0", "mean1", "mean2", "mean3", "mean4", "mean5", "longRunMean",
  ]
}

extension FeatureMatrix {
  /// Puts ``VectorTrees/unknown`` where a feature is NaN.
  mutating func replaceUnknown() {
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices where values[index].isNaN { values[index] = VectorTrees.unknown }
    }
  }
}
