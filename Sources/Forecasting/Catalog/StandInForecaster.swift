// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// A simpler model that answers in place of one that could not be trained, and why.
///
/// The wanted model's name stays the first of ``modelNames``, so a batch names the stand-in.
public struct StandInForecaster: Forecaster {
  /// The wanted model's name, followed by those of the model that answers.
  public let modelNames: [String]
  private let reason: String
  private var inner: any Forecaster

  /// `inner` in place of the model called `wanted`; `reason` is a sentence without a full stop.
  public init(for wanted: String, reason: String, inner: any Forecaster) {
    modelNames = [wanted] + inner.modelNames
    self.reason = reason
    self.inner = inner
  }

  /// Why the wanted model does not answer.
  public var standInReason: String? { reason }
  /// Number of series followed.
  public var seriesCount: Int { inner.seriesCount }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) { inner.observe(values) }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) {
    inner.forecast(into: &batch)
    for series in batch.modelIndex.indices { batch.modelIndex[series] += 1 }
  }
}

extension ForecastModel {
  /// Days of values, of all series together, that a model with seasons is trained on at least: one
  /// to see a day and one to see it come back.
  static let seasonsNeeded = 2

  /// Smoothing in place of `wanted`.
  static func standIn(
    for wanted: String, because reason: String, _ history: TrainingSeries,
    _ settings: ForecastSettings
  ) -> any Forecaster {
    StandInForecaster(
      for: wanted, reason: reason,
      inner: smoothed(history, settings))
  }

  /// A model that learns from all series together: smoothing stands in for it while there are
  /// fewer values than two days of one series, or when the training fails.
  static func learned(
    _ name: String,
    train:
      @escaping @Sendable (TrainingSeries, ForecastSettings) throws(LearnedModelError)
      -> any Forecaster
  ) -> ForecastModel {
    ForecastModel(name: name, learnsAcrossSeries: true) { history, settings in
      let found = history.values.count { !$0.isNaN }
      let needed = seasonsNeeded * history.calendar.stepsPerDay
      guard found >= needed else {
        return standIn(
          for: name, because: "it learns from at least \(needed) values (two days), not \(found)",
          history, settings)
      }
      do {
        return try train(history, settings)
      } catch {
        return standIn(for: name, because: "training: \(error)", history, settings)
      }
    }
  }
}

extension StandInForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try inner.archive(&archive)
  }
}
