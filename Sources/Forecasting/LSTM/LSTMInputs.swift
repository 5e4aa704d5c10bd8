// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the LSTM of a ``LSTMForecaster`` sees of each series in a step: some of the features of the
/// boosted trees, made free of level and spread.
///
/// With ℓ the mean of the last hour and s the standard deviation of the last day (at least
/// ``smallestSpread``), both relative to the series' scale, a load v enters as (v - ℓ) / s, limited
/// to ±``limit``; unknown ones enter as zero. The network answers in the same units.
struct LSTMInputs: Sendable, Codable {
  /// Own inputs `[series, ownCount]`, row-major.
  private(set) var own: [Float]
  /// Inputs that all series share: sine and cosine of the time of day and of the week.
  private(set) var shared: [Float]
  /// ℓ of each series.
  private(set) var level: [Float]
  /// s of each series.
  private(set) var spread: [Float]
  private var features: FeatureMatrix

  /// The smallest spread, relative to the scale: below it a series counts as constant.
  static let smallestSpread: Float = 0.002
  /// Largest magnitude of an input.
  static let limit: Float = 8
  static let sharedCount = 4

  private static let levelColumn = column("mean2")
  private static let spreadColumn = column("deviation5")
  /// Columns that enter relative to level and spread.
  private static let relativeColumns = [
    "lag1", "lag2", "mean0", "mean4", "mean5", "maximum2", "maximum4", "maximum5",
  ].map(column)
  /// Columns of a target window that enter in the same way.
  private static let targetColumns = ["maximumDay1", "maximumDay2", "maximumDay7"].map(column)

  /// Own inputs of a model with `horizons` horizons.
  static func ownCount(horizons: Int) -> Int {
    relativeColumns.count + 3 + horizons * targetColumns.count
  }

  /// Names of the inputs, own ones first.
  static func names(horizons: [Int]) -> [String] {
    relativeColumns.map { LoadState.names[$0] } + ["deviation2", "logSpread", "level"]
      + horizons.flatMap { horizon in targetColumns.map { "\(LoadState.names[$0])At\(horizon)" } }
      + ["sineOfDay", "cosineOfDay", "sineOfWeek", "cosineOfWeek"]
  }

  private static func column(_ name: String) -> Int {
    guard let index = LoadState.names.firstIndex(of: name) else {
      preconditionFailure("no feature \(name)")
    }
    return index
  }

  init(seriesCount: Int, horizons: Int) {
    own = [Float](repeating: 0, count: seriesCount * Self.ownCount(horizons: horizons))
    shared = [Float](repeating: 0, count: Self.sharedCount)
    level = [Float](repeating: 0, count: seriesCount)
    spread = [Float](repeating: Self.smallestSpread, count: seriesCount)
    features = FeatureMatrix(rowCount: seriesCount, columnCount: LoadState.columnCount)
  }

  /// Renews everything from the present state.
  mutating func update(from state: LoadState, horizons: [Int], firstStep: Int) {
    let width = Self.ownCount(horizons: horizons.count)
    state.writeCommon(into: &features, firstStep: firstStep)
    for series in 0..<state.seriesCount {
      let mean = features[series, Self.levelColumn]
      let deviation = features[series, Self.spreadColumn]
      level[series] = mean.isNaN ? 0 : mean
      spread[series] = deviation > Self.smallestSpread ? deviation : Self.smallestSpread
    }
    for (position, column) in Self.relativeColumns.enumerated() {
      copy(column, to: position, width: width)
    }
    let next = Self.relativeColumns.count
    let hourColumn = Self.levelColumn + 1
    for series in 0..<state.seriesCount {
      let deviation = features[series, hourColumn]
      own[series * width + next] = deviation.isNaN ? 0 : deviation / spread[series]
      own[series * width + next + 1] = log(spread[series]) / 4
      own[series * width + next + 2] = min(level[series], Self.limit)
    }
    var position = next + 3
    for horizon in horizons {
      state.writeTarget(.at(horizon), into: &features, firstStep: firstStep)
      for column in Self.targetColumns {
        copy(column, to: position, width: width)
        position += 1
      }
    }
    let day = Float((firstStep + state.step) % state.stepsPerDay) / Float(state.stepsPerDay)
    let week =
      Float((firstStep + state.step) % (7 * state.stepsPerDay)) / Float(7 * state.stepsPerDay)
    shared = [
      sin(2 * .pi * day), cos(2 * .pi * day), sin(2 * .pi * week), cos(2 * .pi * week),
    ]
  }

  /// Copies a feature, relative to level and spread.
  private mutating func copy(_ column: Int, to position: Int, width: Int) {
    for series in level.indices {
      let value = (features[series, column] - level[series]) / spread[series]
      own[series * width + position] =
        value.isNaN ? 0 : min(max(value, -Self.limit), Self.limit)
    }
  }
}
