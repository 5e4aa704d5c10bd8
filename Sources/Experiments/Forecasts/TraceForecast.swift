// SPDX-License-Identifier: Apache-2.0
public import Forecasting
public import Units
public import Workloads

/// The forecast of one VM of a trace, and everything that a table or picture of it shows.
public struct TraceForecast: Sendable {
  /// The trace's file.
  public let file: String
  /// The VM.
  public let vm: String
  /// What is forecast.
  public let metric: TraceMetric
  /// Length of a sample.
  public let intervalSeconds: Double
  /// Calendar time of the first sample in seconds since 1970; nil when the trace has none.
  public let startEpochSeconds: Int64?
  /// What was known: the VM's values before the forecast, NaN where missing.
  public let history: [Double]
  /// What came then, as far as the trace goes; empty for a forecast from its end.
  public let truth: [Double]
  /// The model that was asked for.
  public let askedModel: String
  /// The model that answered.
  public let answeringModel: String
  /// Why another model answered, or why the interval is wide: one sentence each.
  public let notes: [String]
  /// The forecasts that were asked for.
  public let steps: [Step]
  /// Forecasts between the next sample and the longest horizon, for pictures.
  public let path: [Step]

  /// Levels of the quantiles of a step.
  public static let levels = [0.05, 0.5, 0.95, 0.99]

  /// One forecast.
  public struct Step: Sendable, Equatable {
    /// Samples ahead.
    public var horizon: Int
    /// Expected value.
    public var mean: Double
    /// Quantiles at ``TraceForecast/levels``.
    public var quantiles: [Double]
  }

  /// Trains a model on a trace and forecasts one of its VMs.
  ///
  /// A model that learns across series is trained on all VMs, others on the one.
  ///
  /// - Parameters:
  ///   - trace: the trace.
  ///   - file: its name in messages.
  ///   - vm: name of the VM.
  ///   - metric: what is forecast.
  ///   - model: the model.
  ///   - horizons: samples ahead, ascending from 1.
  ///   - ago: samples at the end of the trace that the model doesn't see.
  /// - Throws: ``TraceForecastError`` when the trace has no such VM, metric or samples.
  public init(
    _ trace: DemandTrace, file: String, vm: String, metric: TraceMetric, model: ForecastModel,
    horizons: [Int], ago: Int = 0
  ) throws(TraceForecastError) {
    let (index, matrix) = try Self.find(vm, metric, in: trace, file: file)
    let known = trace.sampleCount - ago
    guard known >= 1, ago >= 0 else {
      throw TraceForecastError(
        file: file,
        message: "expected to leave at least 1 of \(trace.sampleCount) samples, found ago \(ago)")
    }
    let values = matrix.column(index).map(Double.init)
    let columns = model.learnsAcrossSeries ? Array(trace.vms.indices) : [index]
    let past = TrainingSeries(
      columns.map { column in
        column == index
          ? Array(values[..<known]) : matrix.column(column)[..<known].map(Double.init)
      },
      calendar: StepCalendar(
        interval: trace.interval, startEpochSeconds: trace.startEpochSeconds ?? 0),
      classes: columns.map { trace.vms[$0].profile })
    var forecaster = model.make(past, ForecastSettings(horizons: horizons))
    let series = columns.firstIndex(of: index) ?? 0
    var batch = ForecastBatch(
      seriesCount: columns.count, horizons: horizons, levels: Self.levels)
    forecaster.forecast(into: &batch)
    var path = ForecastBatch(
      seriesCount: columns.count, horizons: Self.pathHorizons(to: horizons), levels: Self.levels)
    forecaster.forecast(into: &path)

    self.file = file
    self.vm = vm
    self.metric = metric
    intervalSeconds = trace.interval.seconds
    startEpochSeconds = trace.startEpochSeconds
    history = Array(values[..<known])
    truth = Array(values[known...])
    askedModel = model.name
    answeringModel = forecaster.modelNames[batch.modelIndex[series]]
    notes = Self.notes(forecaster, answering: batch.modelIndex[series], history: history)
    steps = Self.steps(batch, series: series)
    self.path = Self.steps(path, series: series)
  }

  private static func find(
    _ vm: String, _ metric: TraceMetric, in trace: DemandTrace, file: String
  ) throws(TraceForecastError) -> (Int, SampleMatrix) {
    guard let index = trace.vms.firstIndex(where: { $0.name == vm }) else {
      let names = trace.vms.map(\.name)
      let hint =
        nearestName(to: vm, in: names).map { "; did you mean \"\($0)\"?" }
        ?? "; the first of \(names.count) is \"\(names.first ?? "")\""
      throw TraceForecastError(file: file, message: "no VM \"\(vm)\"\(hint)")
    }
    return (index, try metric.requiredValues(in: trace, file: file))
  }

  /// At most 96 horizons, evenly spread, the longest one included.
  private static func pathHorizons(to horizons: [Int]) -> [Int] {
    let last = horizons.last ?? 1
    let count = min(last, 96)
    return (1...count).map { $0 * last / count }
  }

  private static func steps(_ batch: ForecastBatch, series: Int) -> [Step] {
    batch.horizons.indices.map { position in
      Step(
        horizon: batch.horizons[position],
        mean: batch.mean[position * batch.seriesCount + series],
        quantiles: levels.indices.map {
          batch.quantiles[batch.quantileIndex(horizon: position, level: $0, series: series)]
        })
    }
  }

  private static func notes(
    _ forecaster: any Forecaster, answering index: Int, history: [Double]
  ) -> [String] {
    let (asked, answering) = (forecaster.modelNames[0], forecaster.modelNames[index])
    var notes: [String] = []
    if let reason = forecaster.standInReason {
      notes.append("\(asked) was not trained: \(reason)")
    }
    let known = history.count { !$0.isNaN }
    if answering.hasSuffix("+wide") {
      notes.append(
        "cold start: with \(known) known values there are too few past errors to judge; "
          + "the interval is deliberately wide")
    } else if index > 0, forecaster.standInReason == nil {
      notes.append("\(asked) has seen too little (\(known) values); \(answering) answers")
    }
    return notes
  }
}

extension TraceForecast {
  /// The next sample, the one in an hour and the one in a day.
  public static func usualHorizons(interval: SimTime) -> [Int] {
    let hour = max(2, SimTime.hours(1) / interval)
    return [1, hour, max(hour + 1, SimTime.days(1) / interval)]
  }

  /// Calendar time of the sample `horizon` steps after the last known one, as ISO 8601; nil when
  /// the trace has none.
  public func time(ofHorizon horizon: Int) -> String? {
    startEpochSeconds.map { start in
      let seconds = (Double(history.count + horizon - 1) * intervalSeconds).rounded(.down)
      return isoText(epochSeconds: start + Int64(seconds))
    }
  }

  /// The value that came `horizon` steps ahead; nil when the trace ends before or has a gap there.
  public func truth(ofHorizon horizon: Int) -> Double? {
    guard horizon <= truth.count, !truth[horizon - 1].isNaN else { return nil }
    return truth[horizon - 1]
  }

  /// The forecast as a document; quantiles by their level.
  public var json: JSONValue {
    .object([
      ("file", .string(file)), ("vm", .string(vm)), ("metric", .string(metric.rawValue)),
      ("units", .string(metric.units)), ("intervalSeconds", .number(intervalSeconds)),
      ("knownSamples", .integer(history.count)), ("askedModel", .string(askedModel)),
      ("answeringModel", .string(answeringModel)), ("notes", .strings(notes)),
      ("forecasts", .array(steps.map(json))),
    ])
  }

  private func json(_ step: Step) -> JSONValue {
    .object([
      ("horizon", .integer(step.horizon)),
      ("time", time(ofHorizon: step.horizon).map { .string($0) } ?? .null),
      ("mean", .number(step.mean)),
      (
        "quantiles",
        .object(zip(Self.levels, step.quantiles).map { ("\($0)", JSONValue.number($1)) })
      ),
      ("truth", truth(ofHorizon: step.horizon).map { .number($0) } ?? .null),
    ])
  }
}
