// SPDX-License-Identifier: Apache-2.0

/// The trees of a ``QuantileTreesForecaster``.
struct QuantileTreesModel: Sendable {
  let grid: QuantileGrid
  let stepsPerDay: Int
  /// `[horizon][level]`, and behind the levels the trees of the mean.
  let trees: [[GradientBoostedTrees]]

  /// Relative loads of all series at one horizon.
  struct Prediction {
    /// `[level][series]`.
    var quantiles: [[Float]]
    /// One a series.
    var mean: [Float]
  }

  /// The mean of the last hour, to which the trees predict the difference.
  private static let baseColumn = LoadState.names.firstIndex(of: "mean2") ?? 0

  static func train(
    history: LoadHistory, horizons: [Int], sampling: TrainingSampling,
    training: QuantileTreesTraining
  ) throws(LearnedModelError) -> QuantileTreesModel {
    let grid = QuantileGrid(horizons: horizons, levels: training.levels)
    var boosting = training.boosting
    boosting.seed = training.seed
    var trees: [[GradientBoostedTrees]] = []
    for horizon in horizons {
      let rows = try TrainingRows(
        history: history, target: .at(horizon), factors: [1], sampling: sampling
      ) { series, origin, scale in
        let value = history.value(series: series, sample: origin + horizon - 1)
        let limit = Double(LoadState.largest) / Double(LoadState.one)
        return value.isNaN ? nil : Float(min(max(value / scale, 0), limit))
      }
      let differences = rows.labels.indices.map { row in
        let base = rows.features[row, baseColumn]
        return rows.labels[row] - (base.isNaN ? 0 : base)
      }
      var ensembles: [GradientBoostedTrees] = []
      for level in grid.levels {
        ensembles.append(
          try .train(
            rows.features, labels: differences, objective: .quantile(level), parameters: boosting))
      }
      ensembles.append(
        try .train(
          rows.features, labels: differences, objective: .squaredError, parameters: boosting))
      trees.append(ensembles)
    }
    return QuantileTreesModel(grid: grid, stepsPerDay: sampling.stepsPerDay, trees: trees)
  }

  /// The relative loads at a trained horizon.
  ///
  /// A call that the library refuses (it has no reason to, after training or loading) leaves the
  /// mean of the last hour.
  func predict(_ features: FeatureMatrix, horizon: Int) -> Prediction {
    let base = (0..<features.rowCount).map { row in
      let value = features[row, Self.baseColumn]
      return value.isNaN ? 0 : value
    }
    let results = trees[horizon].map { ensemble -> [Float] in
      guard let differences = try? ensemble.predict(features) else { return base }
      return zip(base, differences).map { $0 + $1 }
    }
    return Prediction(quantiles: Array(results.dropLast()), mean: results[grid.levels.count])
  }
}
