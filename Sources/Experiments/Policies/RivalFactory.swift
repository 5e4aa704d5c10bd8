// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import Forecasting
import Units

extension PolicyCatalog {
  /// PRESS-like shadowing.
  static func press(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = PressParameters(from: &source)
    return rival(
      "press", label(&source), model: .press(parameters.forecast), parameters.shadowing)
  }

  /// AGILE-like shadowing.
  static func agile(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = AgileParameters(from: &source)
    return rival(
      "agile", label(&source), model: .agile(parameters.forecast), parameters.shadowing)
  }

  private static func rival(
    _ name: String, _ label: String?, model: ForecastModel,
    _ parameters: PredictiveShadowing.Parameters
  ) -> PolicySpec {
    PolicySpec(name: name, label: label) { context in
      let forecaster = model.make(
        context.past, ForecastSettings(horizons: Array(1...parameters.lookAhead)))
      return {
        PredictiveShadowing(parameters: parameters, inventory: $0, forecaster: forecaster)
      }
    }
  }
}
