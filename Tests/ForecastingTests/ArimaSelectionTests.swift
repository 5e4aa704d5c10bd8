// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

/// The stepwise search against R forecast 8.20 `auto.arima(stepwise = TRUE, approximation = FALSE)`.
@Suite(.enabled(if: SharedData.exists, SharedData.skipReason))
struct ArimaSelectionTests {
  /// Two searches may stop at different local optima; as models they must be nearly as good.
  static let criterionTolerance = 2.0

  @Test(arguments: ArimaOracleTests.series)
  func chosenOrderIsAsGoodAsTheOneRChooses(name: String) throws {
    let oracle = try #require(ArimaOracleTests.oracles(name).first)
    let all = try SharedData.json("oracles/forecast/arima_R_forecast.json")
    let chosen = try #require(all[name + "__auto.arima"] as? [String: Any])
    let order = try #require(chosen["order"] as? [Int])
    let criterion = try #require(chosen["aicc"] as? Double)
    let result = try #require(ArimaSelection.select(oracle.values))
    // Criteria of different differences are not comparable.
    #expect(result.fit.order.differences == order[1], "\(result.fit.order), R: \(order)")
    #expect(
      result.fit.aicc <= criterion + Self.criterionTolerance,
      "\(result.fit.order) \(result.fit.aicc), R: \(order) \(criterion)")
  }
}
