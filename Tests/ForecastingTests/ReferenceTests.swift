// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

/// Our versions of the protocol's simplest methods must give its published numbers.
@Suite(.enabled(if: SharedData.exists, SharedData.skipReason))
struct ReferenceTests {
  /// The reference stores forecasts as 32-bit floats, and where values are whole numbers a
  /// quantile that lies on one falls to either side.
  static let tolerance = 0.01

  /// The model of the catalogue behind a method of the reference; its seasonal model answers after
  /// one season, ours after two, so it is made here.
  static func model(_ name: String) throws -> ForecastModel {
    switch name {
    case "dayprofile7+emp":
      return ForecastModel(name: name) { history, settings in
        EmpiricalForecaster(
          point: SeasonalProfile(seriesCount: history.seriesCount, season: 288),
          settings: settings, history: history)
      }
    case "snaive288+emp":
      return ForecastModel(name: name) { history, settings in
        EmpiricalForecaster(
          point: SeasonalNaive(seriesCount: history.seriesCount, season: 288, seasonsNeeded: 1),
          settings: settings, history: history)
      }
    default: return try .named(String(name.prefix { $0 != "+" }))
    }
  }

  @Test(arguments: ProtocolData.all, ["naive+emp", "ses+emp", "snaive288+emp", "dayprofile7+emp"])
  func modelGivesTheReferenceNumbers(data: ProtocolData, name: String) throws {
    let reference = try SharedData.json("oracles/forecast/forecast_reference.json")
    let methods = try #require(reference[data.key] as? [String: Any])
    guard let method = methods[name] as? [String: Any] else { return }
    let scores = try ForecastEvaluation.run(Self.model(name), on: data.table(), plan: data.plan)
    for score in scores {
      let expected = try #require(method["h\(score.horizon)"] as? [String: Any])
      let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(score))
      let got = try #require(encoded as? [String: Any])
      // The bias is the small difference of large errors: judged on their scale.
      func scale(_ key: String, _ value: Double) -> Double {
        key == "bias" ? score.meanAbsoluteError : value
      }
      for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
        guard let value = value as? Double else { continue }
        let ours = try #require(got[key] as? Double, "\(key)")
        #expect(abs(ours - value) <= Self.tolerance * abs(scale(key, value)), "\(key)")
      }
    }
  }
}
