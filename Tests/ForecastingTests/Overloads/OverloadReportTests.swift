// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

@Suite("Who foretells overloads")
struct OverloadReportTests {
  /// Levels at which a normal distribution is told.
  private static let levels = [0.025, 0.05, 0.5, 0.9, 0.95, 0.975, 0.99]

  @Test("an exceedance read off quantiles meets them and never rises with the bound")
  func exceedanceMeetsQuantiles() {
    let quantiles = [-2.0, -1.5, 0, 1.3, 1.6, 2, 2.3]
    func exceedance(_ bound: Double) -> Double {
      OverloadEvaluation.exceedance(of: bound, levels: Self.levels, quantiles: quantiles)
    }
    for (level, quantile) in zip(Self.levels, quantiles) {
      #expect(abs(exceedance(quantile) - (1 - level)) < 1e-12)
    }
    let values = stride(from: -40.0, through: 40, by: 0.1).map(exceedance)
    #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("a certain forecast: a value on the bound does not exceed it")
  func exceedanceOfEqualQuantiles() {
    let same = Self.levels.map { _ in 5.0 }
    func exceedance(_ bound: Double) -> Double {
      OverloadEvaluation.exceedance(of: bound, levels: Self.levels, quantiles: same)
    }
    #expect(exceedance(5) < 0.01 + 1e-9)
    #expect(exceedance(4) > 0.97 && exceedance(6) < 0.01)
  }

  /// Five series that jump for two samples at the same time each day, over noise: only who knows the
  /// time of day can foretell the first of the two.
  private func spikes(days: Int) -> SeriesTable {
    var random = RandomStream(seed: 11, purpose: "test/overloads")
    let series = (0..<5).map { index in
      (0..<days * 288).map { step in
        let isSpike = [0, 1].contains((step - 37 * index) % 288 - 100)
        return (isSpike ? 60.0 : 20) + 8 * random.uniform()
      }
    }
    return SeriesTable(names: (0..<5).map { "vm\($0)" }, series: series)
  }

  @Test("yesterday's profile knows a daily spike, autoregression does not")
  func dailySpike() throws {
    let table = spikes(days: 8)
    let plan = EvaluationPlan(
      trainCount: 5 * 288, horizons: [1], firstOrigin: 5 * 288, lastOrigin: 8 * 288 - 1,
      originStride: 1)
    let predictors: [OverloadEvaluation.Predictor] = [
      .forecast(try .named("seasonal-naive")), .forecast(try .named("ar")), .classifier,
    ]
    let report = try OverloadReport(
      predictors, on: table, plan: plan, capacity: .init(percentile: 99, minimum: 40),
      data: "spikes")
    let (profile, regression, classifier) = (
      report.results[0], report.results[1], report.results[2]
    )
    // Five series, three days: one onset each, and the sample after it is an overload as well; what
    // comes after these two does not begin within capacity.
    for result in report.results {
      #expect(result.onset.eventCount == 15)
      #expect(result.overload.eventCount == 30)
      #expect(result.onset.momentCount == 5 * 3 * 288 - 30)
    }
    #expect(profile.onset.area == 1)
    #expect(profile.onset.matched[1].truePositiveRate == 1)
    #expect(profile.onset.matched[1].falsePositiveRate == 0)
    #expect((regression.onset.area ?? 1) < 0.8)
    // The second sample of the spike is foretold by the first.
    #expect((regression.overload.area ?? 0) > (regression.onset.area ?? 1))
    #expect((classifier.onset.area ?? 0) > 0.95)
  }
}
