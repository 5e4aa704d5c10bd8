// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

/// A moving-average root on the unit circle is often the most likely one, and bad for forecasts.
@Suite struct ArimaPileUpTests {
  static let order = ArimaOrder(2, 0, 1)

  @Test("Fits for forecasts stay inside, and give up little likelihood for it", arguments: 1...20)
  func staysInside(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: "noise")
    let noise = (0...60).map { _ in stream.normal(mean: 0, standardDeviation: 1) }
    // Differences of white noise: the true root is on the circle.
    let values = (0..<60).map { 10 + noise[$0 + 1] - 0.98 * noise[$0] }
    let most = try #require(ArimaFit(values, order: Self.order))
    let inside = try #require(ArimaFit(values, order: Self.order, effort: .invertible))
    #expect(abs(inside.parameters.movingAverage[0]) < 0.995)
    // Never above the maximum, and below it by less than the prior's own height between a root of
    // 1.005 and the middle, −ln(1 − 0.995²) = 4.6.
    #expect(inside.logLikelihood <= most.logLikelihood + 1e-3)
    #expect(inside.logLikelihood > most.logLikelihood - 4.6)
  }

  /// statsmodels' ARIMA(2,0,1) with empirical errors (forecast_reference.json, `arima201+emp`):
  /// 4.687. At the maximum of the likelihood it is 4.96, because 21 of 100 series pile up.
  @Test(
    "PlanetLab forecasts are as good as the reference's",
    .enabled(if: SharedData.exists, SharedData.skipReason),
    .enabled(if: isReleaseBuild, "skipped: not an optimised build"))
  func planetLab() throws {
    let data = try #require(ProtocolData.all.first { $0.key == "planetlab" })
    let scores = try ForecastEvaluation.run(
      .named("arima"), on: data.table(), plan: data.plan)
    // 1 %: the two programs stop at different points of flat likelihoods.
    #expect(scores[0].pinballSum < 4.687 * 1.01)
  }
}
