// SPDX-License-Identifier: Apache-2.0
import Units

/// The horizons and quantile levels that a learned model was trained for, and how other ones are
/// answered from them.
struct QuantileGrid: Sendable, Equatable {
  /// Steps ahead, ascending.
  let horizons: [Int]
  /// Levels, ascending, in (0, 1).
  let levels: [Double]

  init(horizons: [Int], levels: [Double]) {
    precondition(!horizons.isEmpty && horizons[0] >= 1, "no horizons")
    precondition(zip(horizons, horizons.dropFirst()).allSatisfy(<), "horizons not ascending")
    precondition(!levels.isEmpty && levels.allSatisfy { $0 > 0 && $0 < 1 }, "levels")
    precondition(zip(levels, levels.dropFirst()).allSatisfy(<), "levels not ascending")
    self.horizons = horizons
    self.levels = levels
  }

  /// The trained horizon that answers for `horizon`: the next longer one, so that an interval is
  /// rather too wide, or the longest.
  func trainedIndex(for horizon: Int) -> Int {
    horizons.firstIndex { $0 >= horizon } ?? horizons.count - 1
  }

  /// The trained quantiles of a series made non-decreasing (a running maximum) and inside `bounds`.
  func tidy(_ quantiles: inout [Double], bounds: ClosedRange<Double>) {
    var highest = bounds.lowerBound
    for index in quantiles.indices {
      let value = quantiles[index].isNaN ? highest : quantiles[index]
      highest = min(max(highest, value), bounds.upperBound)
      quantiles[index] = highest
    }
  }

  /// The quantile at `level` of a series with the given trained quantiles: linear between trained
  /// levels, the outermost one beyond them.
  func quantile(_ level: Double, of quantiles: [Double]) -> Double {
    guard let above = levels.firstIndex(where: { $0 >= level }) else {
      return quantiles[levels.count - 1]
    }
    guard above > 0, levels[above] > level else { return quantiles[above] }
    let share = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
    return quantiles[above - 1] + share * (quantiles[above] - quantiles[above - 1])
  }

  /// The mean of the distribution that ``quantile(_:of:)`` describes.
  func mean(of quantiles: [Double]) -> Double {
    var sum =
      quantiles[0] * levels[0] + quantiles[levels.count - 1] * (1 - levels[levels.count - 1])
    for index in 1..<max(1, levels.count) {
      sum += (levels[index] - levels[index - 1]) * (quantiles[index] + quantiles[index - 1]) / 2
    }
    return sum
  }
}

/// The scale of each series for learned models: what its loads are divided by.
enum LoadScale {
  /// The largest value that can occur, where `bounds` say so: losses then weigh as they are
  /// measured, and a series may rise to any multiple of what it has shown. Otherwise the 95th
  /// percentile of each series, but at least a hundredth of the median of them all, so that an idle
  /// series is not blown up; 1 where nothing is known.
  static func scales(of history: TrainingSeries, bounds: ClosedRange<Double>) -> [Double] {
    if bounds.upperBound.isFinite, bounds.upperBound > 0 {
      return [Double](repeating: bounds.upperBound, count: history.seriesCount)
    }
    let percentiles = (0..<history.seriesCount).map { series -> Double in
      let known = history.series(series).filter { $0.isFinite && $0 > 0 }.sorted()
      return known.isEmpty ? 0 : known[(known.count - 1) * 95 / 100]
    }
    let sorted = percentiles.sorted()
    // The median: one absurd series must not set the floor of all.
    let typical = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    let floor = typical > 0 ? typical / 100 : 1
    return percentiles.map { max($0, floor) }
  }
}

extension LoadHistory {
  /// The history of `series`, transposed, limited to the upper bound, with scales of forecasters.
  init(_ series: TrainingSeries, bounds: ClosedRange<Double>) throws(LearnedModelError) {
    var values = [Double](repeating: .nan, count: series.values.count)
    for sample in 0..<series.sampleCount {
      for index in 0..<series.seriesCount {
        values[sample * series.seriesCount + index] =
          series.values[
            index * series.sampleCount + sample]
      }
    }
    try self.init(values: values, capacities: LoadScale.scales(of: series, bounds: bounds))
  }
}

extension TrainingSampling {
  /// The steps of the week of a history.
  init(calendar: StepCalendar, maximumRows: Int) {
    self.init()
    self.maximumRows = maximumRows
    stepsPerDay = calendar.stepsPerDay
    let seconds = Double(calendar.interval.nanoseconds) / 1e9
    let day = Int((calendar.startEpochSeconds / 86_400) % 7 + 7) % 7
    firstStep =
      day * stepsPerDay + Int((calendar.secondsOfDay(step: 0) / seconds).rounded(.down))
  }
}
