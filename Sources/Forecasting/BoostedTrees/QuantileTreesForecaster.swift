// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// How a ``QuantileTreesForecaster`` is trained.
public struct QuantileTreesTraining: Sendable, Equatable {
  /// How each ensemble is grown; ``seed`` replaces the seed in here.
  public var boosting: BoostingParameters
  /// Rows drawn for each horizon, at most.
  public var maximumRows = 60_000
  /// Quantile levels with trees of their own, ascending; others are interpolated.
  public var levels = [0.025, 0.05, 0.5, 0.9, 0.95, 0.975, 0.99]
  /// Seed of the row and feature drawing.
  public var seed: UInt32 = 1

  /// The defaults.
  public init() {
    boosting = BoostingParameters()
    boosting.rounds = 80
    boosting.maximumDepth = 6
    boosting.minimumChildWeight = 50
  }
}

/// Boosted trees for quantiles: one ensemble a horizon and level and one for the mean, global over
/// all series, on the features of the overload models.
///
/// A load is seen relative to its series' scale (the upper bound of forecasts, or without one the
/// 95th percentile of the series). The trees predict the difference to the mean of the last hour, which they could
/// not reach themselves when a series leaves the range they were trained on.
public struct QuantileTreesForecaster: Forecaster {
  /// `trees`, and `lastValue` for a series that has no value yet.
  public let modelNames = ["trees", "lastValue"]
  let model: QuantileTreesModel
  private var state: LoadState
  private var features: FeatureMatrix
  private let firstStep: Int
  private let bounds: ClosedRange<Double>

  /// Number of series followed.
  public var seriesCount: Int { state.seriesCount }

  /// A forecaster with trained trees that has observed nothing.
  init(
    model: QuantileTreesModel, scales: [Double], firstStep: Int, bounds: ClosedRange<Double>
  ) {
    self.model = model
    state = LoadState(capacities: scales, stepsPerDay: model.stepsPerDay)
    features = FeatureMatrix(rowCount: scales.count, columnCount: LoadState.columnCount)
    self.firstStep = firstStep
    self.bounds = bounds
  }

  /// Trains on a history and returns a forecaster that has observed it.
  ///
  /// - Parameters:
  ///   - history: the past of the series.
  ///   - settings: horizons with trees of their own, and the bounds of forecasts.
  ///   - training: how the trees are grown.
  /// - Returns: the forecaster.
  /// - Throws: ``LearnedModelError`` when the history is too short for a horizon.
  public static func train(
    history: TrainingSeries, settings: ForecastSettings,
    training: QuantileTreesTraining = QuantileTreesTraining()
  ) throws(LearnedModelError) -> QuantileTreesForecaster {
    let past = try LoadHistory(history, bounds: settings.bounds)
    let sampling = TrainingSampling(
      calendar: history.calendar, maximumRows: training.maximumRows)
    let model = try QuantileTreesModel.train(
      history: past, horizons: settings.horizons, sampling: sampling, training: training)
    var forecaster = QuantileTreesForecaster(
      model: model, scales: past.capacities, firstStep: sampling.firstStep,
      bounds: settings.bounds)
    history.replay { forecaster.observe($0) }
    return forecaster
  }

  /// Takes the next value of every series; what is above the upper bound counts as the bound.
  public mutating func observe(_ values: [Double]) {
    state.observe(values.map { min($0, bounds.upperBound) })
  }

  /// Starts one series anew with a scale (a typical high load, > 0): another VM in its place.
  public mutating func reset(series: Int, scale: Double) {
    state.reset(series: series, capacity: scale)
  }

  /// Fills the batch.
  public mutating func forecast(into batch: inout ForecastBatch) {
    state.writeCommon(into: &features, firstStep: firstStep)
    var trained: (index: Int, prediction: QuantileTreesModel.Prediction)?
    for (position, horizon) in batch.horizons.enumerated() {
      let index = model.grid.trainedIndex(for: horizon)
      if trained?.index != index {
        state.writeTarget(
          .at(model.grid.horizons[index]), into: &features, firstStep: firstStep)
        trained = (index, model.predict(features, horizon: index))
      }
      if let prediction = trained?.prediction {
        write(prediction, at: position, into: &batch)
      }
    }
  }

  /// Writes the predictions of one horizon.
  private func write(
    _ prediction: QuantileTreesModel.Prediction, at position: Int, into batch: inout ForecastBatch
  ) {
    var quantiles = [Double](repeating: 0, count: model.grid.levels.count)
    for series in 0..<seriesCount {
      let known = state.seen[series] > 0
      let scale = state.capacities[series]
      for level in quantiles.indices {
        quantiles[level] = known ? Double(prediction.quantiles[level][series]) * scale : 0
      }
      model.grid.tidy(&quantiles, bounds: bounds)
      for (level, value) in batch.levels.enumerated() {
        let index = batch.quantileIndex(horizon: position, level: level, series: series)
        batch.quantiles[index] = model.grid.quantile(value, of: quantiles)
      }
      let mean = known ? Double(prediction.mean[series]) * scale : 0
      batch.mean[position * seriesCount + series] =
        min(max(mean.isNaN ? 0 : mean, bounds.lowerBound), bounds.upperBound)
      batch.modelIndex[series] = known ? 0 : 1
    }
  }
}

extension QuantileTreesForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state)
  }
}
