// SPDX-License-Identifier: Apache-2.0
import Units

/// Trains models to be kept: one for all series and, if asked for, one a class.
public struct RegistryTraining: Sendable {
  /// The model.
  public var model: TrainableModel
  /// What the loads are.
  public var metric: String
  /// How series are divided into classes.
  public var rule: ClassRule
  /// Horizons and bounds.
  public var settings: ForecastSettings
  /// Trees an ensemble, or batches; nil for the model's default.
  public var effort: Int?

  /// A training.
  public init(
    _ model: TrainableModel, metric: String, rule: ClassRule, settings: ForecastSettings,
    effort: Int? = nil
  ) {
    self.model = model
    self.metric = metric
    self.rule = rule
    self.settings = settings
    self.effort = effort
  }

  /// What came out of a training.
  public struct Result: Sendable {
    /// The models with their names in a registry, the one for all series first.
    public var models: [(name: String, header: ModelHeader, file: SafetensorsFile)] = []
    /// Classes that could not be trained, and why: the model for all series answers for them.
    public var skipped: [(className: String, reason: String)] = []
  }

  /// Trains.
  ///
  /// Scores are those of a first model, trained on the first four fifths, at up to 24 origins of
  /// the rest (horizons that fit into it): `h<horizon>.pinballSum` and `h<horizon>.coverage90`.
  ///
  /// - Throws: ``LearnedModelError`` when not even the model for all series can be trained.
  public func run(_ history: TrainingSeries, hasCalendar: Bool) throws(LearnedModelError) -> Result
  {
    let classes = SeriesClasses(rule, of: history)
    let indices = classes.indices(of: history)
    var result = Result()
    result.models.append(try train(history, className: nil, classes: classes, hasCalendar))
    guard rule != .one else { return result }
    for (index, name) in classes.names.enumerated() {
      let members = indices.indices.filter { indices[$0] == index }
      guard !members.isEmpty else { continue }
      do throws(LearnedModelError) {
        var trained = try train(
          history.selecting(members), className: name, classes: classes, hasCalendar)
        let taken = result.models.map(\.name)
        if taken.contains(trained.name) { trained.name += "-\(index + 1)" }
        result.models.append(trained)
      } catch {
        result.skipped.append((name, "\(error)"))
      }
    }
    return result
  }

  /// Name of the model of a class in a registry.
  private func name(of className: String?) -> String {
    let base = "\(metric)-\(model.rawValue)"
    guard let className else { return base }
    let allowed = className.prefix(60).map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
        ? character : "_"
    }
    return "\(base)-\(String(allowed))"
  }

  private func train(
    _ history: TrainingSeries, className: String?, classes: SeriesClasses, _ hasCalendar: Bool
  ) throws(LearnedModelError) -> (name: String, header: ModelHeader, file: SafetensorsFile) {
    let known = history.values.count { $0.isFinite }
    let needed = ForecastModel.seasonsNeeded * history.calendar.stepsPerDay
    guard known >= needed else {
      throw LearnedModelError(
        .trainingData, at: className ?? "history",
        "expected at least \(needed) values (two days), found \(known)")
    }
    let scores = try heldOutScores(history)
    let file = try model.train(history, settings, effort: effort)
    var header = try ModelHeader(of: file, kinds: [model.kind])
    header.metric = metric
    header.className = className
    header.classes = rule == .one ? nil : classes
    header.intervalSeconds = history.calendar.interval.seconds
    if hasCalendar { header.trainedFromEpochSeconds = history.calendar.startEpochSeconds }
    header.scores.merge(scores) { _, new in new }
    return (
      name(of: className), header,
      SafetensorsFile(tensors: file.tensors, metadata: header.metadata())
    )
  }

  private func heldOutScores(
    _ history: TrainingSeries
  ) throws(LearnedModelError) -> [String: Double] {
    let length = history.sampleCount
    let cut = length * 4 / 5
    let plan = EvaluationPlan(
      trainCount: cut, horizons: settings.horizons.filter { $0 <= length - cut }, firstOrigin: cut,
      lastOrigin: length,
      originStride: max(1, (length - cut) / 24), bounds: settings.bounds,
      stepSeconds: history.calendar.interval.seconds)
    guard plan.problems(length: length).isEmpty else { return [:] }
    let table = SeriesTable(
      names: history.classes, series: (0..<history.seriesCount).map { Array(history.series($0)) })
    let early = TrainingSeries(
      table.series.map { Array($0[..<cut]) }, calendar: history.calendar,
      classes: history.classes)
    let file = try model.train(early, settings, effort: effort)
    var forecaster = try model.load(file, early, settings)
    let forecasts = ForecastEvaluation.roll(&forecaster, on: table, plan: plan)
    var scores: [String: Double] = [:]
    for (index, horizon) in plan.horizons.enumerated() {
      let score = ForecastScores(
        model: model.rawValue, horizon: horizon, forecasts: forecasts[index], table: table,
        plan: plan)
      if score.pinballSum.isFinite { scores["h\(horizon).pinballSum"] = score.pinballSum }
      if score.interval90.coverage.isFinite {
        scores["h\(horizon).coverage90"] = score.interval90.coverage
      }
    }
    return scores
  }
}
