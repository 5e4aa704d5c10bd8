// SPDX-License-Identifier: Apache-2.0

extension ForecastModel {
  /// The shipped default: smoothing at three speeds, the library of past loads, and whatever else
  /// is given, averaged by recent success and calibrated.
  ///
  /// It needs no training: a history only shortens its youth.
  public static func ensemble(
    name: String = "default",
    extra: @escaping @Sendable (TrainingSeries, ForecastSettings) -> [any QuantileExperts] = {
      _, _ in []
    }
  ) -> ForecastModel {
    ForecastModel(name: name) { history, settings in
      let count = history.seriesCount
      let past = TrainingSeries(
        empty: count, calendar: history.calendar, classes: history.classes)
      let experts: [any QuantileExperts] =
        [
          SmoothingExperts(seriesCount: count, horizons: settings.horizons),
          AnalogExperts(
            seriesCount: count, horizons: settings.horizons, calendar: history.calendar),
        ] + (TreeExperts(history: history, settings: settings).map { [$0] } ?? [])
        + extra(history, settings)
      let ensemble = EnsembleForecaster(
        name: name, experts: experts, settings: settings, history: past)
      return CalibratedForecaster(ensemble, settings: settings, history: history)
    }
  }
}
