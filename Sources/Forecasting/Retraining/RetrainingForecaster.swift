// SPDX-License-Identifier: Apache-2.0
import StateArchive
public import Units

/// When a model is trained again, and on what.
public struct RetrainingSchedule: Sendable, Hashable {
  /// Time between trainings; zero for never.
  public var every: SimTime
  /// Whether a rise of the loss also leads to one, at most once a day.
  public var onDrift: Bool
  /// How much of the latest past is learned from.
  public var window: SimTime

  /// A schedule; without arguments a model is never trained again.
  public init(every: SimTime = .zero, onDrift: Bool = false, window: SimTime = .days(14)) {
    self.every = every
    self.onDrift = onDrift
    self.window = window
  }

  /// Whether a model is ever trained again.
  public var isActive: Bool { every > .zero || onDrift }
}

/// A training after the first one.
public struct Retraining: Sendable, Equatable, Codable {
  /// Why it happened.
  public enum Cause: Sendable, Equatable, Codable {
    /// The schedule's time had passed.
    case schedule
    /// The loss had risen.
    case drift
  }

  /// Values observed since the forecaster was made.
  public var step: Int
  /// Why.
  public var cause: Cause

  /// A training.
  public init(step: Int, cause: Cause) {
    self.step = step
    self.cause = cause
  }
}

/// A model that is trained again as time passes, or when its forecasts become worse.
///
/// Drift: the pinball loss of the next value's forecast, averaged over the series and divided by its
/// mean over the first day after a training, goes through a ``PageHinkley`` test that tolerates a
/// rise by ``driftTolerance`` and asks for ``driftThreshold``: twice the loss is noticed after about
/// 50 steps. Single values count at most ``largestLoss``, so one spike is not a drift.
public struct RetrainingForecaster: Forecaster {
  /// Rise of the relative loss that is no drift.
  public static let driftTolerance = 0.2
  /// Sum of the relative loss beyond that which is one.
  public static let driftThreshold = 40.0
  /// Most that one step counts, relative to the usual loss.
  public static let largestLoss = 5.0
  private static let levels = [0.5, 0.95]

  /// Trainings after the first one, in order.
  public private(set) var retrainings: [Retraining] = []
  private let model: ForecastModel
  private let settings: ForecastSettings
  private let schedule: RetrainingSchedule
  private let calendar: StepCalendar
  private let classes: [String]
  private var inner: any Forecaster
  /// The latest steps, all series of each.
  private var past: [[Double]]
  /// Steps before the first of `past`.
  private var forgotten = 0
  private var step = 0
  private var lastTraining = 0
  /// What the present model was trained on, if not on the history: steps, and when they begin.
  private var trainedOn: [[Double]] = []
  private var trainedFrom: StepCalendar
  private var watch: LossWatch
  private var next: ForecastBatch

  /// The model, trained on `history`; before its first own training `first` answers, if given.
  public init(
    _ model: ForecastModel, first: ForecastModel? = nil, settings: ForecastSettings,
    history: TrainingSeries, schedule: RetrainingSchedule
  ) {
    self.model = model
    self.settings = settings
    self.schedule = schedule
    calendar = history.calendar
    trainedFrom = history.calendar
    classes = history.classes
    inner = (first ?? model).make(history, settings)
    var steps: [[Double]] = []
    history.replay { steps.append($0) }
    past = steps
    watch = LossWatch(learning: calendar.stepsPerDay)
    next = ForecastBatch(
      seriesCount: history.seriesCount, horizons: [1], levels: Self.levels)
    trimPast()
    if schedule.onDrift { inner.forecast(into: &next) }
  }

  /// Those of the model.
  public var modelNames: [String] { inner.modelNames }
  /// That of the latest training.
  public var standInReason: String? { inner.standInReason }
  /// Number of series followed.
  public var seriesCount: Int { inner.seriesCount }

  /// Takes the next value of every series, and trains again when it is time.
  public mutating func observe(_ values: [Double]) {
    step += 1
    let hasDrifted = schedule.onDrift && watch.observe(loss(of: values))
    past.append(values)
    trimPast()
    inner.observe(values)
    let age = step - lastTraining
    let period = schedule.every / calendar.interval
    if schedule.every > .zero, age >= max(1, period) {
      retrain(.schedule)
    } else if hasDrifted, age >= calendar.stepsPerDay {
      retrain(.drift)
    }
    if schedule.onDrift { inner.forecast(into: &next) }
  }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) { inner.forecast(into: &batch) }

  /// Mean pinball loss of the last forecast of these values; NaN when all are missing.
  private func loss(of values: [Double]) -> Double {
    var sum = 0.0
    var count = 0.0
    for (series, value) in values.enumerated() where value.isFinite {
      for (index, level) in Self.levels.enumerated() {
        let error =
          value - next.quantiles[next.quantileIndex(horizon: 0, level: index, series: series)]
        sum += max(level * error, (level - 1) * error)
      }
      count += 1
    }
    return sum / count
  }

  /// Trimmed in larger pieces, so that a step costs no copy of the past.
  private mutating func trimPast() {
    let limit = max(1, schedule.window / calendar.interval)
    guard past.count > limit + limit / 8 else { return }
    forgotten += past.count - limit
    past.removeFirst(past.count - limit)
  }

  /// The model as the last training left it.
  private func trained() -> any Forecaster {
    let history = TrainingSeries(
      (0..<seriesCount).map { series in trainedOn.map { $0[series] } }, calendar: trainedFrom,
      classes: classes)
    return model.make(history, settings)
  }

  private mutating func retrain(_ cause: Retraining.Cause) {
    let limit = max(1, schedule.window / calendar.interval)
    let steps = past.suffix(limit)
    var start = calendar
    let skipped = Int64(forgotten + past.count - steps.count)
    start.startEpochSeconds += skipped * calendar.interval.nanoseconds / 1_000_000_000
    trainedOn = Array(steps)
    trainedFrom = start
    inner = trained()
    retrainings.append(Retraining(step: step, cause: cause))
    lastTraining = step
    watch = LossWatch(learning: calendar.stepsPerDay)
  }
}

/// The loss relative to what it was at first, and the test on it.
private struct LossWatch: Sendable {
  private let learning: Int
  private var count = 0
  private var usual = 0.0
  private var test = PageHinkley(
    tolerance: RetrainingForecaster.driftTolerance,
    threshold: RetrainingForecaster.driftThreshold)

  init(learning: Int) { self.learning = max(30, learning) }

  mutating func observe(_ loss: Double) -> Bool {
    guard loss.isFinite else { return false }
    if count < learning {
      count += 1
      usual += (loss - usual) / Double(count)
      return false
    }
    // Where all forecasts came true there is no scale: any loss is then a large one.
    let relative = usual > 0 ? loss / usual : loss > 0 ? .infinity : 1
    return test.observe(min(relative, RetrainingForecaster.largestLoss))
  }
}

extension LossWatch: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&count)
    try archive.state(&usual)
    try archive.state(&test)
  }
}

extension RetrainingForecaster {
  /// Exchanges what was observed. A model that was trained on the way is trained again on the same
  /// values, which gives the same model.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&retrainings)
    try archive.state(&past)
    try archive.state(&forgotten)
    try archive.state(&step)
    try archive.state(&lastTraining)
    try archive.state(&trainedOn)
    try archive.state(&trainedFrom)
    if archive.isReading, !retrainings.isEmpty { inner = trained() }
    try inner.archive(&archive)
    try watch.archive(&archive)
    try archive.state(&next)
  }
}
