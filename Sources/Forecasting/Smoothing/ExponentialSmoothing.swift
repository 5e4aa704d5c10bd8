// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Simple exponential smoothing (an exponentially weighted moving average): the level moves by a
/// share α of each error, and every horizon's forecast is the level.
///
/// `level ← level + α·(y − level)`, started at the first value. One α per series and horizon, the
/// best of ``smoothingGrid`` on the training part by mean absolute h-step error (ties go to the
/// smaller α, which smooths more); series without training data get ``defaultSmoothing``.
/// Source: Brown 1956; Gardner 2006, doi:10.1016/j.ijforecast.2006.03.005.
public struct ExponentialSmoothing: PointForecaster {
  /// The values of α that are tried.
  public static let smoothingGrid = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
  /// Forecasts of the first steps still show the arbitrary start of the level; α isn't judged by them.
  static let settlingSteps = 12
  /// α of a series without training data.
  public static let defaultSmoothing = 0.3

  /// `["ses"]`: it needs no history.
  public let modelNames = ["ses"]
  /// Number of series followed.
  public let seriesCount: Int
  /// α, `[horizon, series]`.
  public private(set) var smoothing: ContiguousArray<Double>
  /// Level, `[horizon, series]`; NaN before the first value.
  private var levels: ContiguousArray<Double>
  private let horizonCount: Int

  /// Chooses α for every series and horizon; the state is that before the first value.
  public init(fitting history: TrainingSeries, horizons: [Int]) {
    seriesCount = history.seriesCount
    horizonCount = horizons.count
    let cells = horizons.count * history.seriesCount
    smoothing = ContiguousArray(repeating: Self.defaultSmoothing, count: cells)
    levels = ContiguousArray(repeating: .nan, count: cells)
    for series in 0..<seriesCount {
      let best = Self.bestSmoothing(Array(history.series(series)), horizons: horizons)
      for index in horizons.indices { smoothing[index * seriesCount + series] = best[index] }
    }
  }

  /// The best α of the grid for each horizon.
  static func bestSmoothing(_ values: [Double], horizons: [Int]) -> [Double] {
    var best = [Double](repeating: defaultSmoothing, count: horizons.count)
    var least = [Double](repeating: .infinity, count: horizons.count)
    var path = [Double](repeating: .nan, count: values.count)
    for candidate in smoothingGrid {
      var level = Double.nan
      for time in values.indices {
        let value = ForecastSettings.sane(values[time])
        if !value.isNaN { level = level.isNaN ? value : level + candidate * (value - level) }
        path[time] = level
      }
      for (index, horizon) in horizons.enumerated() where values.count > horizon + settlingSteps {
        var sum = 0.0
        var count = 0
        for time in horizon + settlingSteps..<values.count {
          let error = abs(ForecastSettings.sane(values[time]) - path[time - horizon])
          if !error.isNaN {
            sum += error
            count += 1
          }
        }
        guard count > 0, sum / Double(count) < least[index] else { continue }
        least[index] = sum / Double(count)
        best[index] = candidate
      }
    }
    return best
  }

  /// Moves the levels towards the values.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    for index in 0..<horizonCount {
      let row = index * seriesCount
      for series in 0..<seriesCount {
        let value = values[series]
        let level = levels[row + series]
        let next = level.isNaN ? value : level + smoothing[row + series] * (value - level)
        levels[row + series] = value.isNaN ? level : next
      }
    }
  }

  /// The levels.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    let row = fitted * seriesCount
    for series in 0..<seriesCount {
      let level = levels[row + series]
      predictions[series] = level.isNaN ? 0 : level
    }
  }

  /// Always 0: there is nothing simpler to fall back to.
  public func modelIndex(series: Int) -> Int { 0 }
}

extension ExponentialSmoothing {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&smoothing)
    try archive.state(&levels)
  }
}
