// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

/// Our exact likelihood, optimum and forecasts against statsmodels 0.15 and R forecast 8.20.
@Suite(
  .enabled(if: SharedData.exists, SharedData.skipReason),
  .enabled(if: isReleaseBuild, "skipped: minutes in a debug build"))
struct ArimaOracleTests {
  /// Relative; both sides are sums of some hundred terms in double precision.
  static let likelihoodTolerance = 1e-6
  /// How much less than the better program our optimum may find.
  static let optimumTolerance = 1e-3

  /// Share of the standard error.
  static let forecastTolerance = 0.01

  static let series = [
    "planetlab_a", "planetlab_b", "bitbrains_a", "azure_a", "nab_rds", "ar1_synth",
  ]

  struct Oracle {
    var order: ArimaOrder
    var statsmodels: [String: Any]
    var r: [String: Any]
    var values: [Double]
  }

  static func oracles(_ name: String) throws -> [Oracle] {
    let all = try SharedData.json("oracles/forecast/arima_statsmodels.json")
    let entry = try #require((all["series"] as? [String: Any])?[name] as? [String: Any])
    let values = try #require(entry["y"] as? [Double])
    let fits = try #require(entry["fits"] as? [[String: Any]])
    let r = try SharedData.json("oracles/forecast/arima_R_forecast.json")
    let rFits = try #require(r[name] as? [[String: Any]])
    #expect(fits.count == 6 && rFits.count == 6, "36 fits in all")
    return try zip(fits, rFits).map { fit, rFit in
      let plain = try #require(fit["order"] as? [Int])
      let seasonal = try #require(fit["seasonal"] as? [Int])
      #expect(plain == rFit["order"] as? [Int])
      let order = ArimaOrder(
        plain[0], plain[1], plain[2], seasonal: (seasonal[0], seasonal[1], seasonal[2]),
        season: max(1, seasonal[3]))
      return Oracle(order: order, statsmodels: fit, r: rFit, values: values)
    }
  }

  /// statsmodels' names to our parameters; its intercept is the constant of the recursion.
  static func parameters(_ named: [String: Double]) -> ArimaParameters {
    func all(_ prefix: String) -> [Double] {
      (1...9).compactMap { named["\(prefix).L\($0)"] }
        + (1...2).compactMap { named["\(prefix).L\(24 * $0)"] }
    }
    var result = ArimaParameters()
    result.autoregressive = all("ar")
    result.movingAverage = all("ma")
    result.seasonalAutoregressive = all("ar.S")
    result.seasonalMovingAverage = all("ma.S")
    result.variance = named["sigma2"] ?? .nan
    let sum = result.autoregressive.reduce(0, +)
    result.mean = (named["intercept"] ?? 0) / (1 - sum)
    return result
  }

  @Test(arguments: series)
  func likelihoodAgreesAtTheOraclesParameters(name: String) throws {
    for oracle in try Self.oracles(name) {
      let exact = try #require(oracle.statsmodels["simple_diff"] as? [String: Any])
      let named = try #require(exact["params"] as? [String: Double])
      let expected = try #require(exact["loglik"] as? Double)
      let ours = try #require(
        ArimaFit.logLikelihood(
          oracle.values, order: oracle.order, parameters: Self.parameters(named)))
      #expect(
        abs(ours - expected) <= Self.likelihoodTolerance * abs(expected),
        "\(name) \(oracle.order): \(ours), expected \(expected)")
    }
  }

  @Test(arguments: series)
  func optimumIsNotWorseThanTheBetterProgram(name: String) throws {
    for oracle in try Self.oracles(name) {
      let exact = try #require(oracle.statsmodels["simple_diff"] as? [String: Any])
      let best = max(
        try #require(exact["loglik"] as? Double), oracle.r["loglik"] as? Double ?? -.infinity)
      let fit = try #require(ArimaFit(oracle.values, order: oracle.order))
      #expect(
        fit.logLikelihood >= best - Self.optimumTolerance,
        "\(name) \(oracle.order): \(fit.logLikelihood), best \(best)")
    }
  }

  /// The penalties of the three criteria: what is left when the likelihood is taken out.
  @Test(arguments: series)
  func informationCriteriaAgree(name: String) throws {
    for oracle in try Self.oracles(name) {
      guard let likelihood = oracle.r["loglik"] as? Double else { continue }
      let fit = try #require(ArimaFit(oracle.values, order: oracle.order))
      for (key, value) in [("aic", fit.aic), ("aicc", fit.aicc), ("bic", fit.bic)] {
        let expected = try #require(oracle.r[key] as? Double) + 2 * likelihood
        #expect(
          abs(value + 2 * fit.logLikelihood - expected) <= 1e-6 * abs(expected),
          "\(name) \(oracle.order) \(key)")
      }
    }
  }

  /// Where both searches have found the same parameters, our own fit forecasts the same.
  @Test(arguments: series)
  func forecastsOfOurOwnFitAgreeWhereParametersAreIdentified(name: String) throws {
    var compared = 0
    for oracle in try Self.oracles(name) {
      let named = try #require(oracle.statsmodels["params"] as? [String: Double])
      let theirs = Self.parameters(named)
      let fit = try #require(ArimaFit(oracle.values, order: oracle.order))
      let ours = fit.parameters
      func distance(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).map { abs($0 - $1) }.max() ?? 0
      }
      let apart =
        [
          distance(ours.autoregressive, theirs.autoregressive),
          distance(ours.movingAverage, theirs.movingAverage),
          distance(ours.seasonalAutoregressive, theirs.seasonalAutoregressive),
          distance(ours.seasonalMovingAverage, theirs.seasonalMovingAverage),
        ].max() ?? 0
      guard apart < Self.sameParameters else { continue }
      compared += 1
      try Self.expectForecasts(fit, oracle, "\(name) \(oracle.order)")
    }
    #expect(compared >= 2, "\(compared) of 6 orders have the same parameters")
  }

  /// Parameters that agree to this in both programs count as identified.
  static let sameParameters = 2e-3

  @Test(arguments: series)
  func forecastsAgreeAtTheOraclesParameters(name: String) throws {
    for oracle in try Self.oracles(name) {
      // statsmodels filters d > 0 undifferenced from a diffuse start: its own parameters, its own
      // forecasts, the same model.
      let named = try #require(oracle.statsmodels["params"] as? [String: Double])
      let fit = ArimaFit(order: oracle.order, parameters: Self.parameters(named))
      try Self.expectForecasts(fit, oracle, "\(name) \(oracle.order)")
    }
  }

  /// Means and 95 % bounds of 12 steps within 1 % of the standard error.
  private static func expectForecasts(_ fit: ArimaFit, _ oracle: Oracle, _ what: Comment) throws {
    let means = try #require(oracle.statsmodels["forecast"] as? [Double])
    let deviations = try #require(oracle.statsmodels["se"] as? [Double])
    var forecaster = GaussianForecaster(
      point: Arima(fits: [fit], horizons: [1]),
      settings: ForecastSettings(horizons: [1], bounds: -1e9...1e9),
      history: TrainingSeries([oracle.values], calendar: fiveMinutes))
    var batch = ForecastBatch(
      seriesCount: 1, horizons: Array(1...12), levels: [0.025, 0.5, 0.975])
    forecaster.forecast(into: &batch)
    let z = 1.959963984540054
    for step in 0..<12 {
      let bound = forecastTolerance * deviations[step]
      let upper = batch.quantiles[batch.quantileIndex(horizon: step, level: 2, series: 0)]
      let lower = batch.quantiles[batch.quantileIndex(horizon: step, level: 0, series: 0)]
      #expect(abs(batch.mean[step] - means[step]) <= bound, what)
      #expect(abs(upper - means[step] - z * deviations[step]) <= bound, what)
      #expect(abs(lower - means[step] + z * deviations[step]) <= bound, what)
    }
  }
}
