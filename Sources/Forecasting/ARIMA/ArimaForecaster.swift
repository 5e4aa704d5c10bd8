// SPDX-License-Identifier: Apache-2.0
public import StateArchive
import Units

/// An ARIMA model per series, each with its own order and parameters.
///
/// Series that no model could be fitted to (too short, constant, not stationary) are answered by
/// exponential smoothing, and named so. Use it in ``EmpiricalForecaster`` for quantiles of past
/// errors, in ``GaussianForecaster`` for normal intervals.
public struct Arima: PointForecaster, VarianceForecaster {
  /// How orders are found.
  public enum OrderChoice: Sendable, Equatable {
    /// The same order for every series.
    case fixed(ArimaOrder)
    /// Stepwise by AICc, with that season (1: none).
    case automatic(season: Int)
  }

  /// The model's name, then `ses`.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// The fit of each series; nil where smoothing answers.
  public let fits: [ArimaFit?]
  private var states: [ArimaState?]
  private var fallback: ExponentialSmoothing

  /// Fits every series of the history's last `trainingLimit` values; the state is that before the
  /// first value. The limit keeps the likelihood's cost and the reach of old regimes bounded.
  public init(
    fitting history: TrainingSeries, choice: OrderChoice, horizons: [Int],
    trainingLimit: Int = 1008
  ) {
    let fits: [ArimaFit?] = (0..<history.seriesCount).map { index in
      let values = history.series(index).suffix(trainingLimit).map(ForecastSettings.sane)
      switch choice {
      case .fixed(let order): return ArimaFit(values, order: order, effort: .invertible)
      case .automatic(let season): return ArimaSelection.select(values, season: season)?.fit
      }
    }
    var name = "autoarima"
    if case .fixed(let order) = choice { name = "arima\(order)" }
    self.init(
      name: name, fits: fits,
      fallback: ExponentialSmoothing(fitting: history, horizons: horizons))
  }

  /// Models that are already known, one a series.
  public init(fits: [ArimaFit?], horizons: [Int]) {
    let history = TrainingSeries(
      empty: fits.count, calendar: StepCalendar(interval: .seconds(1)))
    self.init(
      name: "arima", fits: fits,
      fallback: ExponentialSmoothing(fitting: history, horizons: horizons))
  }

  private init(name: String, fits: [ArimaFit?], fallback: ExponentialSmoothing) {
    seriesCount = fits.count
    modelNames = [name, "ses"]
    self.fits = fits
    self.fallback = fallback
    states = fits.map { fit in
      fit.flatMap { ArimaState(order: $0.order, parameters: $0.parameters) }
    }
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    fallback.observe(values)
    for series in 0..<seriesCount { states[series]?.observe(values[series]) }
  }

  /// Expected values.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    fallback.predict(horizon: horizon, fitted: fitted, into: predictions)
    for series in 0..<seriesCount {
      guard let state = states[series], state.isReady else { continue }
      let value = state.meanForecast(horizon)
      if value.isFinite { predictions[series] = value }
    }
  }

  /// Forecast variances; NaN where smoothing answers.
  public func variance(
    horizon: Int, into variances: UnsafeMutableBufferPointer<Double>
  ) {
    for series in 0..<seriesCount {
      guard let state = states[series], state.isReady else {
        variances[series] = .nan
        continue
      }
      variances[series] = state.varianceForecast(horizon)
    }
  }

  /// 0 for the ARIMA model, 1 for its stand-in.
  public func modelIndex(series: Int) -> Int { states[series]?.isReady == true ? 0 : 1 }
}

extension Arima {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&states)
    try fallback.archive(&archive)
  }
}
