// SPDX-License-Identifier: Apache-2.0

/// What one evaluation of several models on one file gave: the JSON of `foreshadow evaluate`.
public struct EvaluationReport: Sendable, Codable, Equatable {
  /// The file, as it was named.
  public var data: String
  /// The file of the sample; nil when all series were taken.
  public var sample: String?
  /// Number of series.
  public var seriesCount: Int
  /// Training part, horizons and origins.
  public var plan: EvaluationPlan
  /// Origins at which forecasts were made.
  public var originCount: Int
  /// Models that could not be trained, by name, and why; simpler ones answered for them.
  public var standIns: [StandIn] = []
  /// One entry a model and horizon, models in the order they were asked for.
  public var scores: [ForecastScores] = []

  /// A model that could not be trained.
  public struct StandIn: Sendable, Codable, Equatable {
    /// Its name.
    public var model: String
    /// Why.
    public var reason: String
  }

  /// Evaluates models one after the other.
  ///
  /// - Parameters:
  ///   - models: the models.
  ///   - table: the series.
  ///   - plan: what to forecast; `plan.problems(length:)` is empty for the table.
  ///   - data: name of the table's file.
  ///   - sample: name of the sample's file.
  ///   - progress: called after each model with the number of models done.
  public init(
    _ models: [ForecastModel], on table: SeriesTable, plan: EvaluationPlan, data: String,
    sample: String? = nil, progress: (Int) -> Void = { _ in }
  ) {
    self.data = data
    self.sample = sample
    self.plan = plan
    seriesCount = table.series.count
    originCount = plan.origins(length: table.series.first?.count ?? 0).count
    for (index, model) in models.enumerated() {
      var forecaster = ForecastEvaluation.train(model, on: table, plan: plan)
      let forecasts = ForecastEvaluation.roll(&forecaster, on: table, plan: plan)
      scores += ForecastEvaluation.score(forecasts, of: model, on: table, plan: plan)
      if let reason = forecaster.standInReason {
        standIns.append(StandIn(model: model.name, reason: reason))
      }
      progress(index + 1)
    }
  }

  /// The scores at one horizon.
  public func scores(horizon: Int) -> [ForecastScores] { scores.filter { $0.horizon == horizon } }
}
