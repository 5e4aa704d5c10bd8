// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Exponential smoothing at several fixed speeds, each with quantiles of its own past errors.
///
/// With α = 1 it is the naive forecast. The speed that suits a series and horizon is not chosen in
/// advance: the ensemble finds it. Errors are kept densely while there are few, then one in
/// `thinning` steps, so that a small pool spans a week of five-minute steps.
public struct SmoothingExperts: QuantileExperts {
  /// Errors kept per series, horizon and speed.
  static let capacity = 252
  /// Steps between kept errors once a pool is full: 252 × 8 steps are a week of five minutes.
  static let thinning = 8
  /// Forecasts waiting for their value are sampled so that no more than this many wait.
  static let mostPending = 36

  /// `ses(α)` for each speed.
  public let expertNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  private let speeds: [Double]
  private let horizons: [Int]
  /// `[speed, series]`; NaN before the first value.
  private var levels: ContiguousArray<Double>
  /// Cells `[series, horizon, speed]`.
  private var pool: QuantilePool
  /// Per horizon a ring `[slot, speed, series]` of levels that await their value.
  private var pending: [ContiguousArray<Float>]
  private var step = 0

  /// Experts that have seen nothing.
  public init(seriesCount: Int, horizons: [Int], speeds: [Double] = [1, 0.2, 0.05]) {
    self.seriesCount = seriesCount
    self.horizons = horizons
    self.speeds = speeds
    expertNames = speeds.map { "ses(\($0))" }
    levels = ContiguousArray(repeating: .nan, count: speeds.count * seriesCount)
    pool = QuantilePool(
      cellCount: seriesCount * horizons.count * speeds.count, capacity: Self.capacity)
    pending = horizons.map {
      let slots = $0 / Self.pendingStride($0) + 1
      return ContiguousArray(repeating: .nan, count: slots * speeds.count * seriesCount)
    }
  }

  private static func pendingStride(_ horizon: Int) -> Int {
    max(1, (horizon + mostPending - 1) / mostPending)
  }

  /// Books errors, moves the levels, and files the new forecasts.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    for index in horizons.indices { settle(index, values) }
    for (speed, alpha) in speeds.enumerated() {
      let row = speed * seriesCount
      for series in 0..<seriesCount {
        let value = values[series]
        let level = levels[row + series]
        let next = level.isNaN ? value : level + alpha * (value - level)
        levels[row + series] = value.isNaN ? level : next
      }
    }
    for (index, horizon) in horizons.enumerated() {
      let stride = Self.pendingStride(horizon)
      guard step % stride == 0 else { continue }
      let slot = step / stride % (horizon / stride + 1) * levels.count
      for cell in levels.indices { pending[index][slot + cell] = Float(levels[cell]) }
    }
    step += 1
  }

  private mutating func settle(_ index: Int, _ values: UnsafeBufferPointer<Double>) {
    let stride = Self.pendingStride(horizons[index])
    let issued = step - horizons[index]
    guard issued >= 0, issued % stride == 0 else { return }
    let turn = issued / stride
    let slot = turn % (horizons[index] / stride + 1) * levels.count
    let isKept = turn % max(1, Self.thinning / stride) == 0
    for series in 0..<seriesCount {
      let value = Float(values[series])
      for speed in speeds.indices {
        let error = value - pending[index][slot + speed * seriesCount + series]
        let cell = (series * horizons.count + index) * speeds.count + speed
        guard error.isFinite, isKept || pool.count(cell) < Self.capacity else { continue }
        pool.insert(error, cell: cell)
      }
    }
  }

  /// Level plus quantiles of past errors.
  public func write(into table: ExpertTable) {
    for horizon in table.horizons.indices {
      let fitted = table.fitted[horizon]
      for series in table.series {
        for speed in speeds.indices {
          let cell = (series * horizons.count + fitted) * speeds.count + speed
          pool.writeQuantiles(
            cell: cell, offset: Float(levels[speed * seriesCount + series]),
            into: table.quantiles(horizon: horizon, series: series, expert: speed))
        }
      }
    }
  }
}

extension SmoothingExperts {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&levels)
    try archive.state(&pool)
    try archive.state(&pending)
    try archive.state(&step)
  }
}
