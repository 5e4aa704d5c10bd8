// SPDX-License-Identifier: Apache-2.0
import Units

/// Models of published predictive policies, as scenarios name them.
extension ForecastModel {
  /// Past errors of each series and horizon from which quantiles are read: a day of five minutes.
  private static let rivalResiduals = 288

  static func press(_ source: inout some ParameterSource) -> ForecastModel {
    press(SignatureMarkov.Parameters(from: &source))
  }

  static func agile(_ source: inout some ParameterSource) -> ForecastModel {
    agile(WaveletMarkov.Parameters(from: &source))
  }

  /// PRESS's prediction (``SignatureMarkov``).
  public static func press(_ parameters: SignatureMarkov.Parameters) -> ForecastModel {
    ForecastModel(name: "press") { history, settings in
      EmpiricalForecaster(
        point: SignatureMarkov(
          parameters: parameters, seriesCount: history.seriesCount,
          interval: history.calendar.interval),
        settings: settings, residualCapacity: rivalResiduals, warmUp: warmUp, history: history)
    }
  }

  /// AGILE's prediction (``WaveletMarkov``).
  public static func agile(_ parameters: WaveletMarkov.Parameters) -> ForecastModel {
    ForecastModel(name: "agile") { history, settings in
      EmpiricalForecaster(
        point: WaveletMarkov(parameters: parameters, seriesCount: history.seriesCount),
        settings: settings, residualCapacity: rivalResiduals, warmUp: warmUp, history: history)
    }
  }
}
