// SPDX-License-Identifier: Apache-2.0
import Numerics
public import StateArchive

/// A point forecaster that also knows the variance of its forecasts.
public protocol VarianceForecaster: PointForecaster {
  /// Writes the forecast variance of every series; NaN where the model does not know it.
  func variance(horizon: Int, into variances: UnsafeMutableBufferPointer<Double>)
}

/// Normal intervals around a model that knows its forecast variance.
///
/// `quantile(τ) = prediction + z_τ·σ_h`. Where the model has no variance (its stand-in answers),
/// the deliberately wide spread of `SpreadTracker` is used.
public struct GaussianForecaster<Point: VarianceForecaster>: Forecaster {
  /// The model's names with `+gauss`, stand-ins with `+wide`.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// The model that predicts.
  public private(set) var point: Point
  private let settings: ForecastSettings
  private var spread: SpreadTracker

  /// A forecaster that has lived through `history`.
  public init(point: Point, settings: ForecastSettings, history: TrainingSeries) {
    self.point = point
    self.settings = settings
    seriesCount = point.seriesCount
    modelNames = point.modelNames.enumerated().map { $1 + ($0 == 0 ? "+gauss" : "+wide") }
    spread = SpreadTracker(seriesCount: point.seriesCount)
    history.replay { observe($0) }
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) {
    precondition(values.count == seriesCount, "\(values.count) values, \(seriesCount) series")
    let checked = values.map(ForecastSettings.sane)
    checked.withUnsafeBufferPointer { buffer in
      point.observe(buffer)
      spread.observe(buffer)
    }
  }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) {
    precondition(batch.seriesCount == seriesCount, "a batch of another number of series")
    let normal = batch.levels.map(StandardNormal.quantile)
    var predictions = ContiguousArray(repeating: 0.0, count: seriesCount)
    var deviations = predictions
    for (position, horizon) in batch.horizons.enumerated() {
      let fitted = settings.fittedIndex(for: horizon)
      predictions.withUnsafeMutableBufferPointer {
        point.predict(horizon: horizon, fitted: fitted, into: $0)
      }
      deviations.withUnsafeMutableBufferPointer { point.variance(horizon: horizon, into: $0) }
      for series in 0..<seriesCount {
        let variance = deviations[series]
        deviations[series] =
          variance.isFinite
          ? max(0, variance).squareRoot() : spread.wide(series, bounds: settings.bounds)
        batch.mean[position * seriesCount + series] = settings.clipped(predictions[series])
      }
      for level in batch.levels.indices {
        let row = batch.quantileIndex(horizon: position, level: level, series: 0)
        for series in 0..<seriesCount {
          batch.quantiles[row + series] = settings.clipped(
            predictions[series] + normal[level] * deviations[series])
        }
      }
    }
    for series in 0..<seriesCount { batch.modelIndex[series] = point.modelIndex(series: series) }
  }
}

extension GaussianForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try point.archive(&archive)
    try archive.state(&spread)
  }
}
