// SPDX-License-Identifier: Apache-2.0
import Numerics
public import StateArchive

/// A point forecaster with quantiles of its own past errors.
///
/// At every step the forecasts that were made for it are compared with the value that came; the
/// last `residualCapacity` errors of each series and horizon form a pool, and
/// `quantile(τ) = prediction + τ-quantile of the pool`. No distribution is assumed, bias corrects
/// itself, and drift is followed at the speed of the window. (The `+emp` methods of the forecast
/// protocol; split-conformal prediction with a sliding window.)
///
/// A pool with fewer than ``minimumResiduals`` errors is not believed: the quantiles are then
/// those of a normal distribution with a deliberately wide spread (`SpreadTracker`), and the
/// batch names the model `…+wide`.
public struct EmpiricalForecaster<Point: PointForecaster>: Forecaster {
  /// Errors needed before their quantiles are used. With fewer, a 90 % interval rests on the
  /// extreme one or two errors.
  public static var minimumResiduals: Int { 20 }

  /// The model's names with `+emp`, then its simplest stand-in with `+wide`.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// The model that predicts.
  public private(set) var point: Point
  private let settings: ForecastSettings
  /// Errors of each series, a pool per horizon.
  private var pools: [ResidualPool]
  private var spread: SpreadTracker
  /// Predictions whose value has not come yet: per horizon h a ring `[step mod h, series]`.
  private var pending: [ContiguousArray<Float>]
  private var step = 0
  private let warmUp: Int
  /// The model whose errors the pools of each series hold.
  private var answering: ContiguousArray<Int32>
  private var scratch: ContiguousArray<Double>
  private var checked: ContiguousArray<Double>

  /// A forecaster that has seen nothing and keeps `residualCapacity` errors per series and horizon
  /// (8 bytes each, taken as they come). Forecasts made in the first `warmUp` steps are not judged.
  public init(
    point: Point, settings: ForecastSettings, residualCapacity: Int = 2016, warmUp: Int = 0
  ) {
    self.point = point
    self.settings = settings
    seriesCount = point.seriesCount
    modelNames = point.modelNames.map { $0 + "+emp" } + [(point.modelNames.last ?? "") + "+wide"]
    let count = point.seriesCount
    pools = settings.horizons.map { _ in
      ResidualPool(cellCount: count, capacity: residualCapacity)
    }
    spread = SpreadTracker(seriesCount: count)
    pending = settings.horizons.map { ContiguousArray(repeating: .nan, count: $0 * count) }
    scratch = ContiguousArray(repeating: 0, count: count)
    checked = scratch
    self.warmUp = warmUp
    answering = ContiguousArray(repeating: 0, count: count)
    for series in 0..<count { answering[series] = Int32(point.modelIndex(series: series)) }
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) {
    precondition(values.count == seriesCount, "\(values.count) values, \(seriesCount) series")
    for series in 0..<seriesCount { checked[series] = ForecastSettings.sane(values[series]) }
    for (index, horizon) in settings.horizons.enumerated() { settle(index, horizon) }
    checked.withUnsafeBufferPointer { buffer in
      point.observe(buffer)
      spread.observe(buffer)
    }
    forgetErrorsOfOtherModels()
    for (index, horizon) in settings.horizons.enumerated() {
      scratch.withUnsafeMutableBufferPointer { buffer in
        point.predict(horizon: horizon, fitted: index, into: buffer)
      }
      let slot = step % horizon * seriesCount
      for series in 0..<seriesCount {
        pending[index][slot + series] =
          spread.count(series) > 0 && step >= warmUp ? Float(scratch[series]) : .nan
      }
    }
    step += 1
  }

  /// Books the errors of the predictions that were made for this step.
  private mutating func settle(_ index: Int, _ horizon: Int) {
    let slot = step % horizon * seriesCount
    for series in 0..<seriesCount {
      let error = Float(checked[series]) - pending[index][slot + series]
      if error.isFinite { pools[index].insert(error, cell: series) }
    }
  }

  /// A model that takes over from its stand-in starts with a pool of its own.
  private mutating func forgetErrorsOfOtherModels() {
    for series in 0..<seriesCount {
      let index = Int32(point.modelIndex(series: series))
      guard index != answering[series] else { continue }
      answering[series] = index
      for (position, horizon) in settings.horizons.enumerated() {
        pools[position].removeAll(cell: series)
        for slot in 0..<horizon { pending[position][slot * seriesCount + series] = .nan }
      }
    }
  }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) {
    precondition(batch.seriesCount == seriesCount, "a batch of another number of series")
    let normal = batch.levels.map(StandardNormal.quantile)
    for (position, horizon) in batch.horizons.enumerated() {
      let fitted = settings.fittedIndex(for: horizon)
      scratch.withUnsafeMutableBufferPointer { buffer in
        point.predict(horizon: horizon, fitted: fitted, into: buffer)
      }
      write(horizon: position, fitted: fitted, normal: normal, into: &batch)
    }
    for series in 0..<seriesCount { batch.modelIndex[series] = modelIndex(series) }
  }

  private func modelIndex(_ series: Int) -> Int {
    pools[0].count(series) < Self.minimumResiduals
      ? modelNames.count - 1 : point.modelIndex(series: series)
  }

  private func write(
    horizon: Int, fitted: Int, normal: [Double], into batch: inout ForecastBatch
  ) {
    let count = seriesCount
    for series in 0..<count {
      batch.mean[horizon * count + series] = settings.clipped(scratch[series])
    }
    for level in batch.levels.indices {
      let row = batch.quantileIndex(horizon: horizon, level: level, series: 0)
      for series in 0..<count {
        let offset =
          pools[fitted].count(series) < Self.minimumResiduals
          ? normal[level] * spread.wide(series, bounds: settings.bounds)
          : pools[fitted].quantile(batch.levels[level], cell: series)
        let value = settings.clipped(scratch[series] + offset)
        // Rounding can turn two nearly equal quantiles around.
        batch.quantiles[row + series] =
          level > 0 ? max(value, batch.quantiles[row - count + series]) : value
      }
    }
  }
}

extension EmpiricalForecaster {
  /// A forecaster that has lived through `history`.
  public init(
    point: Point, settings: ForecastSettings, residualCapacity: Int = 2016, warmUp: Int = 0,
    history: TrainingSeries
  ) {
    self.init(
      point: point, settings: settings, residualCapacity: residualCapacity, warmUp: warmUp)
    history.replay { observe($0) }
  }
}

extension EmpiricalForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try point.archive(&archive)
    try archive.state(&pools)
    try archive.state(&spread)
    try archive.state(&pending)
    try archive.state(&step)
    try archive.state(&answering)
  }
}
