// SPDX-License-Identifier: Apache-2.0

extension ForecastModel {
  /// The shipped default: many simple forecasts, averaged by recent success and calibrated.
  ///
  /// How it is built, from below:
  /// 1. Members, each a set of quantiles for every series and horizon: exponential smoothing at
  ///    three speeds with its past errors (``SmoothingExperts``), moments of the past week that
  ///    were like the present one, the profile of the day and the loads of the last day and week
  ///    (``AnalogExperts``), and boosted trees that learn from all series of the history
  ///    (``TreeExperts``; left out where the history is shorter than 48 samples).
  /// 2. Their average by weights per series, horizon and quantile level, which follow the pinball
  ///    loss of the last days, with the series' class as prior (``EnsembleForecaster``).
  /// 3. A correction per class, horizon and level that keeps the shares of values below each quantile
  ///    at its level (``CalibratedForecaster``).
  ///
  /// Only the trees need training: without a history the rest works, and is named as what it is.
  ///
  /// - Parameters:
  ///   - name: the model's name.
  ///   - trees: whether boosted trees are trained on the history.
  ///   - isCalibrated: whether the correction of the third step is made.
  ///   - extra: further members, made before they have seen anything (``ForecasterExpert`` makes
  ///     one of any forecaster).
  /// - Returns: the model.
  public static func ensemble(
    name: String = "default", trees: Bool = true, isCalibrated: Bool = true,
    extra: @escaping @Sendable (TrainingSeries, ForecastSettings) -> [any QuantileExperts] = {
      _, _ in []
    }
  ) -> ForecastModel {
    ForecastModel(name: name, learnsAcrossSeries: true) { history, settings in
      let count = history.seriesCount
      let past = TrainingSeries(
        empty: count, calendar: history.calendar, classes: history.classes)
      var experts: [any QuantileExperts] = [
        SmoothingExperts(seriesCount: count, horizons: settings.horizons),
        AnalogExperts(
          seriesCount: count, horizons: settings.horizons, calendar: history.calendar),
      ]
      if trees, let learned = TreeExperts(history: history, settings: settings) {
        experts.append(learned)
      }
      let ensemble = EnsembleForecaster(
        name: name, experts: experts + extra(history, settings), settings: settings,
        history: isCalibrated ? past : history)
      guard isCalibrated else { return ensemble }
      return CalibratedForecaster(ensemble, settings: settings, history: history)
    }
  }
}
