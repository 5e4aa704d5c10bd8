// SPDX-License-Identifier: Apache-2.0

/// How well several predictors foretold overloads on one file: the JSON of `foreshadow overloads`.
public struct OverloadReport: Sendable, Codable {
  /// Results of one question asked of one predictor.
  public struct Skill: Sendable, Codable {
    /// Moments that were judged.
    public var momentCount: Int
    /// Those in which it happened.
    public var eventCount: Int
    /// Area under the receiver operating characteristic: 0.5 is chance, 1 perfect. nil if
    /// it never happened, or always.
    public var area: Double?
    /// Rates at ½, 1, 2, 4 and 8 alarms for each event.
    public var matched: [AlarmCurve.Rates]
    /// The characteristic.
    public var curve: [AlarmCurve.Rates]
  }

  /// Results of one predictor.
  public struct Result: Sendable, Codable {
    /// Its name.
    public var predictor: String
    /// Series that are within their capacity now and exceed it then.
    public var onset: Skill
    /// Series that exceed it then, whatever they do now.
    public var overload: Skill
    /// Whether its probabilities of overload mean what they say: 0 is perfect.
    public var expectedCalibrationError: Double
    /// Predicted against observed overload, in ten bins.
    public var reliability: ReliabilityTable
  }

  /// Alarms for each event at which predictors are compared.
  public static let alarmsPerEvent = [0.5, 1, 2, 4, 8]

  /// The file, as it was named.
  public var data: String
  /// Number of series.
  public var seriesCount: Int
  /// Training part, horizon and origins.
  public var plan: EvaluationPlan
  /// How capacities were chosen.
  public var capacity: OverloadEvaluation.CapacityRule
  /// One entry a predictor, in the order they were asked for.
  public var results: [Result] = []

  /// Evaluates predictors one after the other.
  ///
  /// - Parameters:
  ///   - predictors: who foretells.
  ///   - table: the series.
  ///   - plan: what to foretell; `plan.problems(length:)` is empty for the table. Only the first
  ///     horizon is asked for.
  ///   - capacity: how capacities follow from the training part.
  ///   - data: name of the table's file.
  ///   - progress: called after each predictor with the number that are done.
  /// - Throws: ``LearnedModelError`` when the training part is too short to learn from.
  public init(
    _ predictors: [OverloadEvaluation.Predictor], on table: SeriesTable, plan: EvaluationPlan,
    capacity: OverloadEvaluation.CapacityRule, data: String, progress: (Int) -> Void = { _ in }
  ) throws {
    self.data = data
    self.plan = plan
    self.capacity = capacity
    seriesCount = table.series.count
    let evaluation = OverloadEvaluation(table: table, plan: plan, rule: capacity)
    for (index, predictor) in predictors.enumerated() {
      results.append(Result(predictor.name, try evaluation.answers(of: predictor)))
      progress(index + 1)
    }
  }
}

extension OverloadReport.Result {
  init(_ name: String, _ answers: OverloadEvaluation.Answers) {
    predictor = name
    let beginning = answers.canBegin.indices.filter { answers.canBegin[$0] }
    onset = OverloadReport.Skill(
      AlarmCurve(
        scores: beginning.map { answers.probabilities[$0] },
        isEvent: beginning.map { answers.isOverload[$0] }))
    overload = OverloadReport.Skill(
      AlarmCurve(scores: answers.probabilities, isEvent: answers.isOverload))
    reliability = ReliabilityTable(
      probabilities: answers.probabilities, labels: answers.isOverload.map { $0 ? 1 : 0 })
    expectedCalibrationError = reliability.expectedCalibrationError
  }
}

extension OverloadReport.Skill {
  init(_ curve: AlarmCurve) {
    momentCount = curve.count
    eventCount = curve.eventCount
    area = curve.area
    matched = OverloadReport.alarmsPerEvent.map {
      curve.rates(alarms: $0 * Double(curve.eventCount))
    }
    self.curve = curve.sampled()
  }
}
