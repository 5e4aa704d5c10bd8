// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Testing

/// The probe of the project's predictability study: capacity = 95th percentile of the first week
/// (at least 2 points), trained on days 1–7, scored on days 8–14.
@Suite(
  "Overload probabilities on public traces",
  .enabled(if: LoadData.isPresent, "skipped: no shared data"))
struct OverloadClassifierTraceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    /// (share of time with an alarm, share of overloaded samples missed), both in %; the miss
    /// shares of a LightGBM probe, to be reached at the same alarm time.
    let curve: [(alarm: Double, missed: Double)]
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "Azure", file: LoadData.azure, curve: [(15, 21), (22, 14), (37, 6.7)]),
    Case(name: "Bitbrains", file: LoadData.bitbrains, curve: [(6.7, 21), (8.6, 16), (13, 10)]),
  ]

  /// The bound on the expected calibration error.
  static let calibrationBound = 0.02

  @Test("The alarm curve beats the probe and the probabilities are calibrated", arguments: cases)
  func beatsTheProbe(of test: Case) throws {
    let series = try LoadData.series(test.file)
    let week = 2016
    let capacities = series.map { max(2, LoadData.percentile($0[0..<week], 0.95)) }
    var classifier = try OverloadClassifier.train(
      history: LoadData.rowMajor(series, 0..<week), seriesCount: series.count,
      capacities: capacities, horizons: [1, 12], seed: 1)
    var soon: [Double] = []
    var soonLabels: [Float] = []
    var hour: [Double] = []
    var hourLabels: [Float] = []
    for origin in week..<series[0].count {
      let next = try classifier.probabilities(horizon: 1)
      let within = try classifier.probabilities(horizon: 12)
      for (index, values) in series.enumerated() {
        soon.append(next[index])
        soonLabels.append(values[origin] > capacities[index] ? 1 : 0)
        if origin + 12 <= values.count {
          hour.append(within[index])
          hourLabels.append(
            values[origin..<origin + 12].contains { $0 > capacities[index] } ? 1 : 0)
        }
      }
      classifier.observe(series.map { $0[origin] })
    }
    for point in test.curve {
      let missed = missedShare(soon, soonLabels, alarmShare: point.alarm / 100) * 100
      print("\(test.name): missed \(missed) % at \(point.alarm) % alarm, probe \(point.missed) %")
      #expect(missed <= point.missed)
    }
    for (name, probabilities, labels) in [
      ("next step", soon, soonLabels), ("within an hour", hour, hourLabels),
    ] {
      let table = ReliabilityTable(probabilities: probabilities, labels: labels)
      print("\(test.name), \(name): ECE \(table.expectedCalibrationError)")
      for bin in table.bins { print("  \(bin.count) \(bin.predicted) \(bin.observed)") }
      #expect(table.expectedCalibrationError <= Self.calibrationBound)
    }
    for model in classifier.models {
      let error = model.heldOut.reliability.expectedCalibrationError
      print("\(model.target.name) held out: ECE \(error) \(model.calibration)")
    }
  }

  /// Share of the positive labels without an alarm, when the alarm goes to the `alarmShare` of
  /// rows with the highest probability.
  func missedShare(_ probabilities: [Double], _ labels: [Float], alarmShare: Double) -> Double {
    let threshold = probabilities.sorted(by: >)[Int(alarmShare * Double(probabilities.count))]
    let missed = zip(probabilities, labels).count { $0 <= threshold && $1 == 1 }
    return Double(missed) / Double(labels.count { $0 == 1 })
  }
}
