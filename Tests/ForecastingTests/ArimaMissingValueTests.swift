// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import SimulationKernel
import Testing
import Units

/// Missing values: the likelihood is the density of the values that are there.
@Suite struct ArimaMissingValueTests {
  /// Relative; a Cholesky factor and a filter of some dozen values in double precision.
  static let tolerance = 1e-8

  struct Case: Sendable, CustomTestStringConvertible {
    var order: ArimaOrder
    var parameters: ArimaParameters
    var testDescription: String { "\(order)" }
  }

  static let cases: [Case] = [
    make(ArimaOrder(1, 0, 0), ar: [0.7]),
    make(ArimaOrder(2, 0, 1), ar: [0.6, 0.2], ma: [0.4]),
    make(ArimaOrder(0, 0, 2), ma: [0.5, -0.3]),
    make(
      ArimaOrder(1, 0, 1, seasonal: (1, 0, 1), season: 4), ar: [0.5], ma: [-0.4], sar: [0.6],
      sma: [0.3]),
  ]

  static func make(
    _ order: ArimaOrder, ar: [Double] = [], ma: [Double] = [], sar: [Double] = [],
    sma: [Double] = []
  ) -> Case {
    var parameters = ArimaParameters()
    parameters.autoregressive = ar
    parameters.movingAverage = ma
    parameters.seasonalAutoregressive = sar
    parameters.seasonalMovingAverage = sma
    parameters.mean = 10
    parameters.variance = 2.5
    return Case(order: order, parameters: parameters)
  }

  /// Autocovariances from the response to one innovation, followed until it has died out.
  static func covariances(_ model: Case, count: Int) -> [Double] {
    let parameters = model.parameters
    let season = model.order.season
    func polynomial(_ plain: [Double], _ seasonal: [Double], sign: Double) -> [Double] {
      var result = [Double](repeating: 0, count: plain.count + season * seasonal.count + 1)
      for (i, a) in ([1] + plain.map { sign * $0 }).enumerated() {
        for (j, b) in ([1] + seasonal.map { sign * $0 }).enumerated() {
          result[i + season * j] += a * b
        }
      }
      return result
    }
    let ar = polynomial(parameters.autoregressive, parameters.seasonalAutoregressive, sign: -1)
    let ma = polynomial(parameters.movingAverage, parameters.seasonalMovingAverage, sign: 1)
    var response: [Double] = []
    for step in 0..<4000 {
      var value = step < ma.count ? ma[step] : 0
      for lag in 1..<max(1, ar.count) where lag <= step { value -= ar[lag] * response[step - lag] }
      response.append(value)
    }
    return (0..<count).map { lag in
      (lag..<response.count).reduce(0.0) { $0 + response[$1] * response[$1 - lag] }
        * parameters.variance
    }
  }

  /// The Gaussian log-density of values at some times, by Cholesky's decomposition.
  static func density(_ values: [Double], at times: [Int], covariances: [Double]) -> Double {
    let n = values.count
    var lower = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    var solved = [Double](repeating: 0, count: n)
    var result = -0.5 * Double(n) * log(2 * .pi)
    for i in 0..<n {
      for j in 0...i {
        var sum = covariances[abs(times[i] - times[j])]
        for k in 0..<j { sum -= lower[i][k] * lower[j][k] }
        lower[i][j] = i == j ? sum.squareRoot() : sum / lower[j][j]
      }
      solved[i] = (values[i] - (0..<i).reduce(0.0) { $0 + lower[i][$1] * solved[$1] }) / lower[i][i]
      result -= log(lower[i][i]) + 0.5 * solved[i] * solved[i]
    }
    return result
  }

  @Test(arguments: cases, 1...6 as ClosedRange<UInt64>)
  func likelihoodIsTheDensityOfWhatIsThere(model: Case, seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "gaps")
    var series = (0..<60).map { _ in 10 + 2 * random.normal(mean: 0, standardDeviation: 1) }
    for index in series.indices where random.uniform(in: 0..<1) < 0.3 { series[index] = .nan }
    let times = series.indices.filter { !series[$0].isNaN }
    let expected = Self.density(
      times.map { series[$0] - model.parameters.mean }, at: times,
      covariances: Self.covariances(model, count: series.count))
    let ours = try #require(
      ArimaFit.logLikelihood(series, order: model.order, parameters: model.parameters))
    #expect(abs(ours - expected) <= Self.tolerance * abs(expected), "\(ours), not \(expected)")
  }

  /// A fit to a series with a third of its values missing still finds the process.
  @Test func aFitSurvivesGaps() throws {
    var random = RandomStream(seed: 9, purpose: "gaps")
    var (series, state) = ([Double](), 0.0)
    for _ in 0..<3000 {
      state = 0.8 * state + random.normal(mean: 0, standardDeviation: 1)
      series.append(random.uniform(in: 0..<1) < 0.33 ? .nan : 50 + state)
    }
    let fit = try #require(ArimaFit(series, order: ArimaOrder(1, 0, 0)))
    // Four standard errors of about sqrt((1 − φ²)/n).
    #expect(abs(fit.parameters.autoregressive[0] - 0.8) < 4 * (0.36 / 2000).squareRoot())
    #expect(abs(fit.parameters.variance - 1) < 0.15)
    #expect(fit.count == series.count { !$0.isNaN })
  }

  /// With one difference, the value after a gap is further away: its variance grows with the gap.
  @Test func aForecastThroughAGapIsLessSure() throws {
    var parameters = ArimaParameters()
    parameters.movingAverage = [-0.5]
    let fit = ArimaFit(order: ArimaOrder(0, 1, 1), parameters: parameters)
    func width(gap: Int) -> Double {
      let values = (0..<50).map { Double($0 % 5) } + [Double](repeating: .nan, count: gap)
      var forecaster = GaussianForecaster(
        point: Arima(fits: [fit], horizons: [1]),
        settings: ForecastSettings(horizons: [1], bounds: -1e9...1e9),
        history: TrainingSeries([values], calendar: StepCalendar(interval: .minutes(5))))
      var batch = ForecastBatch(seriesCount: 1, horizons: [1], levels: [0.1, 0.9])
      forecaster.forecast(into: &batch)
      return batch.quantiles[1] - batch.quantiles[0]
    }
    // σ² of h steps of an IMA(1,1) is 1 + (h − 1)(1 + θ)²: h = 1 and h = 5.
    #expect(abs(width(gap: 4) / width(gap: 0) - (1 + 4 * 0.25).squareRoot()) < 1e-6)
  }
}
