// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

/// The features by their definitions, from the whole history: slow and obvious, beside the fast and
/// incremental ones.
@Suite("Load features")
struct LoadFeaturesTests {
  static let stepsPerDay = 24

  /// A load with everything that may go wrong in it.
  static func history(seed: UInt64, samples: Int, series: Int) -> [[Double]] {
    var random = RandomStream(seed: seed, purpose: "history")
    return (0..<samples).map { _ in
      (0..<series).map { _ in
        let kind = random.uniform()
        if kind < 0.1 { return .nan }
        if kind < 0.12 { return 1e12 }
        if kind < 0.14 { return 0 }
        if kind < 0.15 { return -.infinity }
        return random.uniform(in: 0..<1.5)
      }
    }
  }

  @Test("Streaming features equal those computed from the history", arguments: 1...8)
  func streamingEqualsBatch(seed: Int) {
    let count = 3
    let samples = 9 * Self.stepsPerDay
    let history = Self.history(seed: UInt64(seed), samples: samples, series: count)
    let capacities = [1.0, 0.5, 2]
    var state = LoadState(capacities: capacities, stepsPerDay: Self.stepsPerDay)
    var matrix = FeatureMatrix(rowCount: count, columnCount: LoadState.columnCount)
    for step in 0...samples {
      if step % 5 == 0 || step > samples - 30 {
        for target in [TargetWindow.at(1), .within(12), .at(24)] {
          state.writeCommon(into: &matrix, firstStep: 3)
          state.writeTarget(target, into: &matrix, firstStep: 3)
          for series in 0..<count {
            let expected = Reference(
              history: history[0..<step].map { $0[series] }, capacity: capacities[series],
              stepsPerDay: Self.stepsPerDay
            ).features(target: target, firstStep: 3)
            for (column, name) in LoadState.names.enumerated() {
              let found = matrix[series, column]
              let same = found == expected[column] || (found.isNaN && expected[column].isNaN)
              #expect(same, "\(name) at \(step): \(found), expected \(expected[column])")
            }
          }
        }
      }
      if step < samples { state.observe(history[step]) }
    }
  }

  @Test("A series that starts anew has the features of a new series")
  func reset() {
    var used = LoadState(capacities: [1, 1], stepsPerDay: Self.stepsPerDay)
    var fresh = used
    for values in Self.history(seed: 9, samples: 200, series: 2) {
      used.observe(values)
      fresh.observe([values[0], .nan])
    }
    used.reset(series: 1, capacity: 2)
    fresh.reset(series: 1, capacity: 2)
    for values in Self.history(seed: 10, samples: 60, series: 2) {
      used.observe(values)
      fresh.observe(values)
    }
    var (a, b) = (
      FeatureMatrix(rowCount: 2, columnCount: LoadState.columnCount),
      FeatureMatrix(rowCount: 2, columnCount: LoadState.columnCount)
    )
    used.writeCommon(into: &a, firstStep: 0)
    fresh.writeCommon(into: &b, firstStep: 0)
    used.writeTarget(.within(12), into: &a, firstStep: 0)
    fresh.writeTarget(.within(12), into: &b, firstStep: 0)
    #expect(a.values.map(\.bitPattern) == b.values.map(\.bitPattern))
  }
}

/// The definitions, one series at a time, in integers of 1/65 536 of the capacity.
private struct Reference {
  /// Known values from the first on, missing ones filled with the last known, fixed point.
  let values: [Int]
  /// How many steps came before the first known value.
  let lead: Int
  let stepsPerDay: Int
  let one = 65_536

  init(history: [Double], capacity: Double, stepsPerDay: Int) {
    self.stepsPerDay = stepsPerDay
    var values: [Int] = []
    var lead = 0
    for value in history {
      if value.isNaN {
        if let last = values.last { values.append(last) } else { lead += 1 }
        continue
      }
      let scaled = (min(max(value / capacity, 0), 64) * 65_536).rounded()
      values.append(value > capacity ? max(Int(scaled), 65_537) : min(Int(scaled), 65_536))
    }
    self.values = values
    self.lead = lead
  }

  func relative(_ value: Int) -> Float { Float(value) / 65_536 }

  /// The value `lag` steps back.
  func lag(_ lag: Int) -> Int? {
    lag >= 1 && lag <= values.count ? values[values.count - lag] : nil
  }

  func mean(_ part: ArraySlice<Int>) -> Float {
    part.isEmpty ? .nan : Float(Double(part.reduce(0, +)) / Double(part.count) / 65_536)
  }

  func deviation(_ part: ArraySlice<Int>) -> Float {
    guard !part.isEmpty else { return .nan }
    let count = Double(part.count)
    let mean = Double(part.reduce(0, +)) / count
    let variance = Double(part.reduce(0) { $0 + $1 * $1 }) / count - mean * mean
    return Float(max(variance, 0).squareRoot() / 65_536)
  }

  func features(target: TargetWindow, firstStep: Int) -> [Float] {
    let step = values.count + lead
    var result: [Float] = []
    let lags = Array(1...12) + [12, 8, 6, 4].map { max(1, stepsPerDay / $0) }
    for lag in lags { result.append(self.lag(lag).map(relative) ?? .nan) }
    for divisor in [96, 48, 24, 8, 4, 1] {
      let length = max(1, stepsPerDay / divisor)
      let window = values.suffix(length)
      result += [mean(window), deviation(window)]
      result.append(maximum(length: length, step: step))
      result.append(
        window.isEmpty ? .nan : Float(window.count { $0 > one }) / Float(window.count))
    }
    result += [mean(values[...]), deviation(values[...])]
    result.append(Float((firstStep + step) % max(1, stepsPerDay / 24)))
    result += counters()
    result += targetFeatures(target, step: step, firstStep: firstStep)
    return result
  }

  /// Exact up to an hour; whole hours of the clock, at least as long, beyond.
  func maximum(length: Int, step: Int) -> Float {
    let hour = max(1, stepsPerDay / 24)
    if values.isEmpty { return .nan }
    var back = length
    if length > hour { back = step - ((step - 1) / hour - length / hour) * hour }
    return relative(values.suffix(back).max() ?? 0)
  }

  func counters() -> [Float] {
    let limit = 7 * stepsPerDay + 2
    var (since, run, onset, interval) = (limit, 0, limit, limit)
    for value in values {
      if value > one {
        if run == 0 {
          interval = min(onset + 1, limit)
          onset = 0
        } else {
          onset = min(onset + 1, limit)
        }
        since = 0
        run = min(run + 1, limit)
      } else {
        onset = min(onset + 1, limit)
        since = min(since + 1, limit)
        run = 0
      }
    }
    return [Float(since), Float(run), Float(onset), Float(interval)]
  }

  func targetFeatures(_ target: TargetWindow, step: Int, firstStep: Int) -> [Float] {
    let targetStep = firstStep + step + target.last - 1
    var result = [
      Float(targetStep % stepsPerDay), Float(targetStep / stepsPerDay % 7),
    ]
    func dayMaximum(_ day: Int, _ margin: Int) -> Int? {
      (target.first - margin...target.last + margin)
        .compactMap { lag(day * stepsPerDay + 1 - $0) }.max()
    }
    for day in [1, 2, 3, 7] { result.append(dayMaximum(day, 0).map(relative) ?? .nan) }
    for day in [1, 2, 3, 7] { result.append(dayMaximum(day, 1).map(relative) ?? .nan) }
    let days = (1...7).compactMap { dayMaximum($0, 1) }
    result.append(Float(days.count { $0 > one }) / Float(days.count))
    return result
  }
}
