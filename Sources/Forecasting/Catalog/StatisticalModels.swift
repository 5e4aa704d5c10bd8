// SPDX-License-Identifier: Apache-2.0
import Units

/// Models that follow every series by itself, as scenarios name them.
extension ForecastModel {
  /// Errors of the first steps still show the arbitrary start of a state; none is kept of them.
  static let warmUp = 12

  static func naive(_ source: inout some ParameterSource) -> ForecastModel {
    ForecastModel(name: "naive") { history, settings in
      EmpiricalForecaster(
        point: SeasonalNaive(seriesCount: history.seriesCount), settings: settings,
        warmUp: warmUp, history: history)
    }
  }

  static func seasonalNaive(_ source: inout some ParameterSource) -> ForecastModel {
    let season = source.time(
      "season", default: .days(1), in: .seconds(1) ... .days(366), about: "Length of the season.")
    return ForecastModel(name: "seasonal-naive") { history, settings in
      let steps = max(1, season / history.calendar.interval)
      return EmpiricalForecaster(
        point: SeasonalNaive(seriesCount: history.seriesCount, season: steps, seasonsNeeded: 2),
        settings: settings, warmUp: warmUp, history: history)
    }
  }

  static func smoothing(_ source: inout some ParameterSource) -> ForecastModel {
    let residuals = source.integer(
      "residuals", default: 2016, in: 20...100_000,
      about: "Past errors of each series and horizon from which quantiles are read.")
    return ForecastModel(name: "ses") { smoothed($0, $1, residuals: residuals) }
  }

  static func smoothed(
    _ history: TrainingSeries, _ settings: ForecastSettings, residuals: Int = 2016
  ) -> any Forecaster {
    EmpiricalForecaster(
      point: ExponentialSmoothing(fitting: history, horizons: settings.horizons),
      settings: settings, residualCapacity: residuals, warmUp: warmUp, history: history)
  }
}
