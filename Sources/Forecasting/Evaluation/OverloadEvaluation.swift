// SPDX-License-Identifier: Apache-2.0
import Units

/// How well overloads are foretold: every predictor gives, at every origin and for every series, a
/// probability that the value `horizon` steps ahead exceeds the series' capacity.
///
/// Two questions are asked of the same answers. *Onset*: of the series that are within their
/// capacity now, which will not be then? That is what a shadow must be ahead of. *Overload*: which
/// will exceed it at all? That is what alarm time is spent on.
public struct OverloadEvaluation: Sendable {
  /// Who foretells.
  public enum Predictor: Sendable {
    /// Boosted trees that were trained to answer this very question (``OverloadClassifier``).
    case classifier
    /// A forecast model, read off its quantiles (``exceedance(of:levels:quantiles:)``).
    case forecast(ForecastModel)

    /// The name, as the command line has it.
    public var name: String {
      switch self {
      case .classifier: Self.classifierName
      case .forecast(let model): model.name
      }
    }

    /// Name of the classifier.
    public static let classifierName = "classifier"
  }

  /// How capacities follow from the training part.
  public struct CapacityRule: Sendable, Equatable, Codable {
    /// Percentile of the training values, 0 … 100.
    public var percentile: Double
    /// Least capacity, in the unit of the values.
    public var minimum: Double

    /// A rule.
    public init(percentile: Double = 95, minimum: Double = 2) {
      self.percentile = percentile
      self.minimum = minimum
    }
  }

  /// Answers of one predictor, `[moment]`, with what came.
  struct Answers {
    var probabilities: [Double] = []
    var isOverload: [Bool] = []
    /// Whether the series was known to be within its capacity at the origin.
    var canBegin: [Bool] = []
  }

  let table: SeriesTable
  let plan: EvaluationPlan
  /// One a series.
  let capacities: [Double]

  /// An evaluation of the plan's first horizon.
  ///
  /// - Precondition: `plan.problems(length:)` is empty for the table.
  public init(table: SeriesTable, plan: EvaluationPlan, rule: CapacityRule) {
    self.table = table
    self.plan = plan
    capacities = table.series.map { values in
      let training = values[..<plan.trainCount].filter { !$0.isNaN }.sorted()
      let percentile = linearQuantile(training, rule.percentile / 100)
      return max(rule.minimum, percentile.isNaN ? rule.minimum : percentile)
    }
  }

  /// All answers of a predictor.
  ///
  /// - Throws: ``LearnedModelError`` when the training part is too short to learn from.
  func answers(of predictor: Predictor) throws -> Answers {
    switch predictor {
    case .classifier: try classifierAnswers()
    case .forecast(let model): forecastAnswers(model)
    }
  }

  private func forecastAnswers(_ model: ForecastModel) -> Answers {
    let set = ForecastEvaluation.collect(model, on: table, plan: plan)[0]
    var answers = Answers()
    for (position, origin) in set.origins.enumerated() {
      for series in 0..<set.seriesCount {
        let cell = position * set.seriesCount + series
        let probability = Self.exceedance(
          of: capacities[series], levels: set.levels, quantiles: set.quantiles.map { $0[cell] })
        add(probability, series: series, origin: origin, to: &answers)
      }
    }
    return answers
  }

  private func classifierAnswers() throws -> Answers {
    let target = TargetWindow.at(plan.horizons[0])
    var training = OverloadTraining()
    training.sampling.stepsPerDay = max(1, Int((86_400 / plan.stepSeconds).rounded()))
    let history = (0..<plan.trainCount).flatMap { step in table.series.map { $0[step] } }
    var classifier = try OverloadClassifier.train(
      history: history, capacities: capacities, targets: [target], training: training)
    var answers = Answers()
    var known = plan.trainCount
    for origin in plan.origins(length: table.series[0].count) {
      while known < origin {
        classifier.observe(table.series.map { $0[known] })
        known += 1
      }
      let probabilities = try classifier.probabilities(of: target)
      for series in table.series.indices {
        add(probabilities[series], series: series, origin: origin, to: &answers)
      }
    }
    return answers
  }

  private func add(_ probability: Double, series: Int, origin: Int, to answers: inout Answers) {
    let values = table.series[series]
    let (now, then) = (values[origin - 1], values[origin + plan.horizons[0] - 1])
    guard !then.isNaN else { return }
    answers.probabilities.append(probability.isNaN ? 0 : probability)
    answers.isOverload.append(then > capacities[series])
    answers.canBegin.append(now <= capacities[series])
  }

  /// P(value > `bound`) of a forecast that is known by its quantiles: linear between them, and
  /// falling with the square of the distance beyond the outermost ones, in half widths of the
  /// forecast, so that far-off bounds keep their order.
  ///
  /// - Parameters:
  ///   - bound: what is to be exceeded.
  ///   - levels: ascending, in (0, 1), at least two.
  ///   - quantiles: non-decreasing, one a level.
  /// - Returns: the probability, in (0, 1).
  public static func exceedance(
    of bound: Double, levels: [Double], quantiles: [Double]
  ) -> Double {
    let last = levels.count - 1
    let scale = max((quantiles[last] - quantiles[0]) / 2, 1e-9)
    // A value on the bound does not exceed it, so of equal quantiles the highest level counts.
    if bound >= quantiles[last] {
      return (1 - levels[last]) * tail((bound - quantiles[last]) / scale)
    }
    if bound < quantiles[0] { return 1 - levels[0] * tail((quantiles[0] - bound) / scale) }
    let upper = quantiles.firstIndex { $0 > bound } ?? last
    let (low, high) = (quantiles[upper - 1], quantiles[upper])
    let share = (bound - low) / (high - low)
    return 1 - levels[upper - 1] - share * (levels[upper] - levels[upper - 1])
  }

  private static func tail(_ distance: Double) -> Double { 1 / (1 + distance * (1 + distance / 2)) }
}
