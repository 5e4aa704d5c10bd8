// SPDX-License-Identifier: Apache-2.0

/// The values that came, side by side with their forecasts and what scoring needs of the past.
struct ScoredValues {
  /// One-step changes at or below this make a series "constant": its scaled error is undefined.
  static let constantChange = 1e-6

  /// Level above which a value counts as a spike (`spike80`, `onset80`), in percent.
  static let spikeLevel = 80.0

  private(set) var values: [Double] = []
  private(set) var means: [Double] = []
  /// Series of each value.
  private(set) var series: [Int] = []
  /// The last value known at the forecast's origin.
  private(set) var lastKnown: [Double] = []
  /// Mean absolute one-step change of each series in training.
  private(set) var trainingChange: [Double] = []
  /// 95th percentile of each series in training.
  private(set) var trainingP95: [Double] = []
  private var quantiles: [[Double]]
  private let levels: [Double]

  init(_ forecasts: ForecastSet, table: SeriesTable, plan: EvaluationPlan, horizon: Int) {
    levels = forecasts.levels
    quantiles = levels.map { _ in [] }
    for (position, origin) in forecasts.origins.enumerated() {
      for index in 0..<forecasts.seriesCount {
        let value = table.series[index][origin + horizon - 1]
        guard !value.isNaN else { continue }
        let cell = position * forecasts.seriesCount + index
        values.append(value)
        series.append(index)
        means.append(forecasts.means[cell])
        lastKnown.append(table.series[index][..<origin].last { !$0.isNaN } ?? .infinity)
        for level in levels.indices { quantiles[level].append(forecasts.quantiles[level][cell]) }
      }
    }
    for values in table.series {
      let training = values[..<plan.trainCount]
      let changes = zip(training.dropFirst(), training).map { abs($0 - $1) }.filter { !$0.isNaN }
      trainingChange.append(mean(changes))
      trainingP95.append(linearQuantile(training.filter { !$0.isNaN }.sorted(), 0.95))
    }
  }

  /// The forecasts of one level, in the order of ``values``.
  func quantile(_ level: Double) -> [Double] {
    levels.firstIndex(of: level).map { quantiles[$0] } ?? []
  }
}

/// The arithmetic mean; NaN of nothing.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// The quantile of ascending values with linear interpolation between order statistics
/// (Hyndman & Fan 1996, definition 7); NaN of nothing.
func linearQuantile(_ sorted: [Double], _ level: Double) -> Double {
  guard let last = sorted.last else { return .nan }
  let position = level * Double(sorted.count - 1)
  let below = Int(position)
  guard below + 1 < sorted.count else { return last }
  return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
}
