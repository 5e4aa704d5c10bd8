// SPDX-License-Identifier: Apache-2.0

/// Every metric of the forecast protocol for one model and horizon, pooled over series and origins.
///
/// With y the value, q(τ) the quantile forecast and M the mean forecast; missing values are left
/// out. JSON keys are those of the protocol's reference results.
public struct ForecastScores: Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// Steps ahead.
  public var horizon: Int
  /// Series scored.
  public var seriesCount: Int
  /// Forecasts whose value exists.
  public var forecastCount: Int
  /// mean |y − q(0.5)|.
  public var meanAbsoluteError = Double.nan
  /// √ mean (y − M)².
  public var rootMeanSquareError = Double.nan
  /// Mean over the series of their root mean square errors.
  public var rootMeanSquareErrorSeriesMean = Double.nan
  /// mean (M − y).
  public var bias = Double.nan
  /// Mean over the series of MAE / (mean one-step change in training); constant series left out.
  public var meanAbsoluteScaledError = Double.nan
  /// Median over the series of the same.
  public var meanAbsoluteScaledErrorMedian = Double.nan
  /// mean max(τ(y − q), (τ − 1)(y − q)) at ``ForecastScores/pinballLevels``.
  public var pinball: [Double] = []
  /// Coverage and width of the central 90 % interval.
  public var interval90 = IntervalScore()
  /// Coverage and width of the central 95 % interval.
  public var interval95 = IntervalScore()
  /// mean(width + 20·(distance outside)) of the 90 % interval (Winkler 1972 at α = 0.1).
  public var winkler90 = Double.nan
  /// Share of values at most q(τ) at 0.9, 0.95, 0.99.
  public var below: [Double] = []
  /// Alarms against events, for every kind of event and alarm level.
  public var alarms: [AlarmScore] = []
  /// mean max(q(0.95) − y, 0).
  public var overProvision95 = Double.nan
  /// mean max(y − q(0.95), 0).
  public var underProvision95 = Double.nan

  /// Levels of ``pinball`` and of the alarms.
  public static let pinballLevels = [0.5, 0.9, 0.95, 0.99]
  /// Levels of ``below``.
  public static let belowLevels = [0.9, 0.95, 0.99]
  /// The sum of the four pinball losses: what models are ranked by.
  public var pinballSum: Double { pinball.reduce(0, +) }
}

/// How often values lie in an interval, and how long it is.
public struct IntervalScore: Sendable, Equatable {
  /// Share of values inside, ends included.
  public var coverage = Double.nan
  /// Mean length.
  public var width = Double.nan
}

/// Precision and recall of "the quantile forecast exceeds the threshold" as an alarm.
public struct AlarmScore: Sendable, Equatable, Codable {
  /// `spike80`, `spikeP95`, `onset80` or `onsetP95`.
  public var event: String
  /// Level of the quantile that raises the alarm.
  public var level: Double
  /// Alarms that were right / alarms; nil without alarms.
  public var precision: Double?
  /// Events that were announced / events; nil without events.
  public var recall: Double?
  /// Harmonic mean of both; 0 without a right alarm.
  public var f1: Double
  /// Number of events.
  public var events: Int
  /// Number of alarms.
  public var alarms: Int
}

extension ForecastScores {
  /// Scores one set of forecasts.
  ///
  /// - Precondition: the set's levels are ``ForecastEvaluation/levels``.
  public init(
    model: String, horizon: Int, forecasts: ForecastSet, table: SeriesTable, plan: EvaluationPlan
  ) {
    precondition(forecasts.levels == ForecastEvaluation.levels, "other quantile levels")
    self.model = model
    self.horizon = horizon
    seriesCount = forecasts.seriesCount
    forecastCount = 0
    let truth = ScoredValues(forecasts, table: table, plan: plan, horizon: horizon)
    forecastCount = truth.values.count
    guard forecastCount > 0 else { return }
    scorePoint(truth)
    scoreQuantiles(truth)
    alarms = AlarmScore.all(truth)
  }

  private mutating func scorePoint(_ truth: ScoredValues) {
    let median = truth.quantile(0.5)
    var absolute = [Double](repeating: 0, count: seriesCount)
    var square = absolute
    var counts = absolute
    var signed = 0.0
    for (index, value) in truth.values.enumerated() {
      let series = truth.series[index]
      absolute[series] += abs(value - median[index])
      square[series] += (value - truth.means[index]) * (value - truth.means[index])
      counts[series] += 1
      signed += truth.means[index] - value
    }
    let total = Double(forecastCount)
    meanAbsoluteError = absolute.reduce(0, +) / total
    rootMeanSquareError = (square.reduce(0, +) / total).squareRoot()
    bias = signed / total
    let scored = counts.indices.filter { counts[$0] > 0 }
    rootMeanSquareErrorSeriesMean = mean(scored.map { (square[$0] / counts[$0]).squareRoot() })
    let scaled = scored.filter { truth.trainingChange[$0] > ScoredValues.constantChange }
      .map { absolute[$0] / counts[$0] / truth.trainingChange[$0] }
    meanAbsoluteScaledError = mean(scaled)
    meanAbsoluteScaledErrorMedian = linearQuantile(scaled.sorted(), 0.5)
  }

  private mutating func scoreQuantiles(_ truth: ScoredValues) {
    let total = Double(forecastCount)
    pinball = Self.pinballLevels.map { level in
      zip(truth.values, truth.quantile(level)).reduce(0) { sum, pair in
        let error = pair.0 - pair.1
        return sum + max(level * error, (level - 1) * error)
      } / total
    }
    below = Self.belowLevels.map { level in
      Double(zip(truth.values, truth.quantile(level)).count { $0 <= $1 }) / total
    }
    interval90 = IntervalScore(truth, 0.05, 0.95)
    interval95 = IntervalScore(truth, 0.025, 0.975)
    let upper = truth.quantile(0.95)
    let lower = truth.quantile(0.05)
    var penalty = 0.0
    var over = 0.0
    var under = 0.0
    for (index, value) in truth.values.enumerated() {
      penalty += 20 * (max(lower[index] - value, 0) + max(value - upper[index], 0))
      over += max(upper[index] - value, 0)
      under += max(value - upper[index], 0)
    }
    winkler90 = interval90.width + penalty / total
    overProvision95 = over / total
    underProvision95 = under / total
  }
}

extension IntervalScore {
  init(_ truth: ScoredValues, _ low: Double, _ high: Double) {
    let lower = truth.quantile(low)
    let upper = truth.quantile(high)
    let total = Double(truth.values.count)
    coverage =
      Double(
        truth.values.indices.count {
          lower[$0] <= truth.values[$0] && truth.values[$0] <= upper[$0]
        })
      / total
    width = zip(lower, upper).reduce(0) { $0 + $1.1 - $1.0 } / total
  }
}

extension AlarmScore {
  /// All four kinds of event at all four alarm levels.
  static func all(_ truth: ScoredValues) -> [AlarmScore] {
    let fixed = [Double](repeating: ScoredValues.spikeLevel, count: truth.trainingP95.count)
    var scores: [AlarmScore] = []
    for level in ForecastScores.pinballLevels {
      let alarm = truth.quantile(level)
      for (suffix, thresholds) in [("80", fixed), ("P95", truth.trainingP95)] {
        for kind in ["spike", "onset"] {
          scores.append(
            AlarmScore(
              truth, alarm, thresholds, event: kind + suffix, level: level,
              onsetOnly: kind == "onset"))
        }
      }
    }
    return scores
  }

  private init(
    _ truth: ScoredValues, _ alarm: [Double], _ thresholds: [Double], event: String, level: Double,
    onsetOnly: Bool
  ) {
    var hits = 0
    var alarms = 0
    var events = 0
    for index in truth.values.indices {
      let threshold = thresholds[truth.series[index]]
      if onsetOnly, !(truth.lastKnown[index] <= threshold) { continue }
      let isEvent = truth.values[index] > threshold
      let isAlarm = alarm[index] > threshold
      hits += isEvent && isAlarm ? 1 : 0
      alarms += isAlarm ? 1 : 0
      events += isEvent ? 1 : 0
    }
    self.event = event
    self.level = level
    self.events = events
    self.alarms = alarms
    precision = alarms > 0 ? Double(hits) / Double(alarms) : nil
    recall = events > 0 ? Double(hits) / Double(events) : nil
    f1 = hits > 0 ? 2 * Double(hits) / Double(alarms + events) : 0
  }
}
