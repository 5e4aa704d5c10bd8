// SPDX-License-Identifier: Apache-2.0
import Units

/// ARIMA models as scenarios name them.
extension ForecastModel {
  static func arima(_ source: inout some ParameterSource) -> ForecastModel {
    func order(_ key: String, _ standard: Int, _ most: Int, _ about: String) -> Int {
      source.integer(key, default: standard, in: 0...most, about: about)
    }
    let (p, d, q) = (
      order("p", 2, 8, "Number of autoregressive coefficients."),
      order("d", 0, 2, "Number of differences."),
      order("q", 1, 8, "Number of moving-average coefficients.")
    )
    var seasonal = (
      P: order("seasonalP", 0, 2, "Number of seasonal autoregressive coefficients."),
      D: order("seasonalD", 0, 1, "Number of seasonal differences."),
      Q: order("seasonalQ", 0, 2, "Number of seasonal moving-average coefficients.")
    )
    let season = source.integer(
      "season", default: 1, in: 1...366, about: "Samples in a season; 1 for none.")
    if seasonal != (0, 0, 0), season < 2 {
      source.problem("season", "a seasonal part needs a season of at least 2 samples")
      seasonal = (0, 0, 0)
    }
    let chosen = ArimaOrder(p, d, q, seasonal: seasonal, season: season)
    return arima("arima", .fixed(chosen), &source)
  }

  static func autoregression(_ source: inout some ParameterSource) -> ForecastModel {
    let p = source.integer(
      "p", default: 8, in: 1...24, about: "Number of autoregressive coefficients.")
    return arima("ar", .fixed(ArimaOrder(p, 0, 0)), &source)
  }

  static func automaticArima(_ source: inout some ParameterSource) -> ForecastModel {
    let season = source.integer(
      "season", default: 1, in: 1...366, about: "Samples in a season; 1 for none.")
    return arima("autoarima", .automatic(season: season), &source)
  }

  private static func arima(
    _ name: String, _ choice: Arima.OrderChoice, _ source: inout some ParameterSource
  ) -> ForecastModel {
    let limit = source.integer(
      "training", default: 1008, in: 50...100_000,
      about: "Latest samples of each series that the parameters are fitted to.")
    let isNormal =
      source.choice(
        "intervals", default: "empirical", of: ["empirical", "normal"],
        about: "Quantiles of the model's own past errors, or of a normal distribution.")
      == "normal"
    return ForecastModel(name: name) { history, settings in
      let point = Arima(
        fitting: history, choice: choice, horizons: settings.horizons, trainingLimit: limit)
      if isNormal { return GaussianForecaster(point: point, settings: settings, history: history) }
      return EmpiricalForecaster(
        point: point, settings: settings, warmUp: warmUp, history: history)
    }
  }
}
