// SPDX-License-Identifier: Apache-2.0
import Units

/// The shipped default and the seasonal models, as scenarios name them.
extension ForecastModel {
  /// `default`: ``ensemble(name:trees:extra:)``.
  static func shippedDefault(_ source: inout some ParameterSource) -> ForecastModel {
    let trees = source.flag(
      "trees", default: true, about: "Train boosted trees on the history as a member.")
    return .ensemble(trees: trees)
  }

  /// `ensemble`: the default's average of many members without its calibration, with further
  /// members by choice.
  static func chosenEnsemble(_ source: inout some ParameterSource) -> ForecastModel {
    let trees = source.flag(
      "trees", default: true, about: "Train boosted trees on the history as a member.")
    let hasHoltWinters = source.flag(
      "holtWinters", default: false, about: "Holt-Winters with a daily season as a member.")
    let hasProfile = source.flag(
      "profile", default: false, about: "The mean of earlier days as a member.")
    let hasArima = source.flag(
      "arima", default: false, about: "ARIMA(2,0,1), one a series, as a member.")
    let isCalibrated = source.flag(
      "calibrated", default: false, about: "Correct quantiles that are exceeded too often.")
    return .ensemble(name: "ensemble", trees: trees, isCalibrated: isCalibrated) {
      history, settings in
      let day = history.calendar.stepsPerDay
      var members: [any QuantileExperts] = []
      func add(_ point: some PointForecaster) {
        members.append(ForecasterExpert(EmpiricalForecaster(point: point, settings: settings)))
      }
      if hasHoltWinters { add(HoltWinters(fitting: history, season: day)) }
      if hasProfile { add(SeasonalProfile(seriesCount: history.seriesCount, season: day)) }
      if hasArima {
        add(
          Arima(
            fitting: history, choice: .fixed(ArimaOrder(2, 0, 1)), horizons: settings.horizons))
      }
      return members
    }
  }

  /// `holt-winters`: level, trend and season of a day, with quantiles of past errors.
  static func holtWinters(_ source: inout some ParameterSource) -> ForecastModel {
    let season = source.time(
      "season", default: .days(1), in: .seconds(1) ... .days(366), about: "Length of the season.")
    let isDamped = source.flag("damped", default: true, about: "Let the trend fade out.")
    return .holtWinters(season: season, isDamped: isDamped)
  }

  /// `profile`: the mean of earlier seasons at the target's phase, with quantiles of past errors.
  static func profile(_ source: inout some ParameterSource) -> ForecastModel {
    let season = source.time(
      "season", default: .days(1), in: .seconds(1) ... .days(366), about: "Length of the season.")
    let seasons = source.integer("seasons", default: 7, in: 1...60, about: "Seasons averaged.")
    return .profile(season: season, seasons: seasons)
  }

  /// Additive Holt-Winters smoothing (``HoltWinters``) with quantiles of its past errors.
  public static func holtWinters(
    season: SimTime = .days(1), isDamped: Bool = true
  ) -> ForecastModel {
    ForecastModel(name: "holt-winters") { history, settings in
      EmpiricalForecaster(
        point: HoltWinters(
          fitting: history, season: max(1, season / history.calendar.interval),
          isDamped: isDamped),
        settings: settings, history: history)
    }
  }

  /// A day or week profile (``SeasonalProfile``) with quantiles of its past errors.
  public static func profile(season: SimTime = .days(1), seasons: Int = 7) -> ForecastModel {
    ForecastModel(name: "profile") { history, settings in
      EmpiricalForecaster(
        point: SeasonalProfile(
          seriesCount: history.seriesCount, season: max(1, season / history.calendar.interval),
          seasons: seasons),
        settings: settings, history: history)
    }
  }

  /// Any model with the calibration layer on top (``CalibratedForecaster``).
  ///
  /// The inner model is made without a past and lives through the history under the eyes of the
  /// layer, unless it `learns` from history: then it is made from the first 60 % and the layer
  /// judges it in the rest.
  public static func calibrated(_ model: ForecastModel, learns: Bool = true) -> ForecastModel {
    ForecastModel(
      name: model.name + "+calibrated", learnsAcrossSeries: model.learnsAcrossSeries
    ) { history, settings in
      let split = learns ? history.sampleCount * 3 / 5 : 0
      let (past, rest) = history.split(at: split)
      return CalibratedForecaster(
        model.make(past, settings), settings: settings, history: rest)
    }
  }
}

extension TrainingSeries {
  /// The first `count` samples, and what follows them.
  func split(at count: Int) -> (past: TrainingSeries, rest: TrainingSeries) {
    let parts = (0..<seriesCount).map { (series($0).prefix(count), series($0).dropFirst(count)) }
    var later = calendar
    // Whole seconds: a calendar starts on one.
    later.startEpochSeconds += Int64(count) * calendar.interval.nanoseconds / 1_000_000_000
    return (
      TrainingSeries(parts.map { Array($0.0) }, calendar: calendar, classes: classes),
      TrainingSeries(parts.map { Array($0.1) }, calendar: later, classes: classes)
    )
  }
}
