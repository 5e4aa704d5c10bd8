// SPDX-License-Identifier: Apache-2.0
import Units

/// What a rolling-origin evaluation does with a table of series.
///
/// Origin t means that values 0 ..< t are known and nothing else; the forecast for horizon h is of
/// value t + h − 1. Models are fitted once on the first `trainCount` values and then only observe.
public struct EvaluationPlan: Sendable, Equatable, Codable {
  /// Length of the training part.
  public var trainCount: Int
  /// Steps ahead, ascending, ≥ 1.
  public var horizons: [Int]
  /// First origin, at least `trainCount`.
  public var firstOrigin: Int
  /// Last origin, included if the stride meets it.
  public var lastOrigin: Int
  /// Steps between origins, ≥ 1.
  public var originStride: Int
  /// Forecasts are clipped to these values.
  public var bounds: ClosedRange<Double>
  /// Seconds of one step (for models that know the time of day).
  public var stepSeconds: Double

  /// A plan; the defaults are those of percentages in five-minute steps.
  public init(
    trainCount: Int, horizons: [Int], firstOrigin: Int, lastOrigin: Int, originStride: Int,
    bounds: ClosedRange<Double> = 0...100, stepSeconds: Double = 300
  ) {
    self.trainCount = trainCount
    self.horizons = horizons
    self.firstOrigin = firstOrigin
    self.lastOrigin = lastOrigin
    self.originStride = originStride
    self.bounds = bounds
    self.stepSeconds = stepSeconds
  }

  /// The origins for which every horizon's value exists in series of `length` values.
  public func origins(length: Int) -> [Int] {
    let last = min(lastOrigin, length - (horizons.last ?? 1))
    guard firstOrigin <= last else { return [] }
    return Array(stride(from: firstOrigin, through: last, by: originStride))
  }

  /// Everything that is wrong with the plan for series of `length` values, in words.
  public func problems(length: Int) -> [String] {
    var problems: [String] = []
    let ascending = zip(horizons, horizons.dropFirst()).allSatisfy(<)
    if horizons.isEmpty || horizons[0] < 1 || !ascending {
      problems.append("horizons: expected ascending numbers from 1, found \(horizons)")
    }
    if !(1...max(1, length)).contains(trainCount) {
      problems.append("train: expected 1 … \(length), found \(trainCount)")
    }
    if originStride < 1 { problems.append("origins: expected a step ≥ 1, found \(originStride)") }
    if firstOrigin < trainCount {
      problems.append("origins: the first one, \(firstOrigin), is before the end of training")
    }
    if !(stepSeconds > 0 && stepSeconds <= 1e9) {
      problems.append("step: expected 0 … 1e9 s, found \(stepSeconds)")
    }
    if problems.isEmpty, origins(length: length).isEmpty {
      problems.append("origins: no origin has all its values in series of \(length) values")
    }
    return problems
  }
}

/// Rolling-origin evaluation of forecast models on a table of series.
public enum ForecastEvaluation {
  /// Quantile levels that every forecast gives and ``ForecastScores`` judges.
  public static let levels = [0.025, 0.05, 0.5, 0.9, 0.95, 0.975, 0.99]

  /// Runs one model through the plan and scores it, one result per horizon.
  ///
  /// - Precondition: `plan.problems(length:)` is empty for the table.
  public static func run(
    _ model: ForecastModel, on table: SeriesTable, plan: EvaluationPlan, classes: [String]? = nil
  ) -> [ForecastScores] {
    score(
      collect(model, on: table, plan: plan, classes: classes), of: model, on: table, plan: plan)
  }

  static func score(
    _ forecasts: [ForecastSet], of model: ForecastModel, on table: SeriesTable,
    plan: EvaluationPlan
  ) -> [ForecastScores] {
    plan.horizons.indices.map { index in
      ForecastScores(
        model: model.name, horizon: plan.horizons[index], forecasts: forecasts[index],
        table: table, plan: plan)
    }
  }

  /// The forecasts of one model at every origin, one set per horizon.
  public static func collect(
    _ model: ForecastModel, on table: SeriesTable, plan: EvaluationPlan, classes: [String]? = nil
  ) -> [ForecastSet] {
    var forecaster = train(model, on: table, plan: plan, classes: classes)
    return roll(&forecaster, on: table, plan: plan)
  }

  /// The model, trained on the training part.
  static func train(
    _ model: ForecastModel, on table: SeriesTable, plan: EvaluationPlan, classes: [String]? = nil
  ) -> any Forecaster {
    let history = TrainingSeries(
      table.series.map { Array($0[..<plan.trainCount]) },
      calendar: StepCalendar(interval: .seconds(plan.stepSeconds)), classes: classes)
    return model.make(history, ForecastSettings(horizons: plan.horizons, bounds: plan.bounds))
  }

  /// The forecasts at every origin of a forecaster that has seen the training part.
  static func roll(
    _ forecaster: inout any Forecaster, on table: SeriesTable, plan: EvaluationPlan
  ) -> [ForecastSet] {
    let length = table.series.first?.count ?? 0
    precondition(plan.problems(length: length).isEmpty, "\(plan.problems(length: length))")
    let origins = plan.origins(length: length)
    var sets = plan.horizons.map { _ in
      ForecastSet(seriesCount: table.series.count, levels: levels, origins: origins)
    }
    var batch = ForecastBatch(
      seriesCount: table.series.count, horizons: plan.horizons, levels: levels)
    var known = plan.trainCount
    for origin in origins {
      while known < origin {
        forecaster.observe(table.series.map { $0[known] })
        known += 1
      }
      forecaster.forecast(into: &batch)
      for index in sets.indices { sets[index].append(batch, horizon: index, bounds: plan.bounds) }
    }
    return sets
  }
}

/// All forecasts of one model for one horizon.
public struct ForecastSet: Sendable {
  /// Number of series.
  public let seriesCount: Int
  /// Quantile levels, ascending.
  public let levels: [Double]
  /// The origins, ascending.
  public let origins: [Int]
  /// Expected values, `[origin, series]`.
  public private(set) var means: [Double] = []
  /// Quantiles, one array `[origin, series]` a level, non-decreasing over the levels.
  public private(set) var quantiles: [[Double]]
  /// Which model answered, `[origin, series]`, as an index into its `modelNames`.
  public private(set) var modelIndices: [Int] = []

  /// No forecasts yet.
  public init(seriesCount: Int, levels: [Double], origins: [Int]) {
    self.seriesCount = seriesCount
    self.levels = levels
    self.origins = origins
    quantiles = levels.map { _ in [] }
  }

  /// Adds the forecasts of the next origin, clipped to `bounds`, quantiles made non-decreasing.
  public mutating func append(
    _ batch: ForecastBatch, horizon: Int, bounds: ClosedRange<Double>
  ) {
    func clipped(_ value: Double) -> Double {
      min(max(value, bounds.lowerBound), bounds.upperBound)
    }
    for series in 0..<seriesCount {
      means.append(clipped(batch.mean[horizon * seriesCount + series]))
      modelIndices.append(batch.modelIndex[series])
      var highest = -Double.infinity
      for level in levels.indices {
        let index = batch.quantileIndex(horizon: horizon, level: level, series: series)
        highest = max(highest, clipped(batch.quantiles[index]))
        quantiles[level].append(highest)
      }
    }
  }
}
